"""
Prints the polynomials of src/autodiff/primitives/errorFunction.ts, interpolated at Chebyshev nodes with 60 digits:

    /usr/bin/python3 scripts/errorFunction.py

Needs mpmath 1.2 or later.
"""

from mpmath import mp, mpf, cos, erf, erfc, exp, fsum, log, pi, sqrt

mp.dps = 60


def interpolate(f, low, high, degree):
    """Coefficients of the powers of x − (low + high)/2."""
    middle, half = (mpf(low) + high) / 2, (mpf(high) - low) / 2
    angles = [pi * (2 * k + 1) / (2 * degree + 2) for k in range(degree + 1)]
    values = [f(middle + half * cos(angle)) for angle in angles]
    chebyshev = [
        2 * fsum(v * cos(j * a) for v, a in zip(values, angles)) / (degree + 1) for j in range(degree + 1)
    ]
    chebyshev[0] /= 2
    basis = [[mpf(1)], [mpf(0), mpf(1)]]
    while len(basis) <= degree:
        row = [mpf(0)] + [2 * c for c in basis[-1]]
        for i, c in enumerate(basis[-2]):
            row[i] -= c
        basis.append(row)
    powers = [mpf(0)] * (degree + 1)
    for c, row in zip(chebyshev, basis):
        for i, r in enumerate(row):
            powers[i] += c * r
    return [p / half**i for i, p in enumerate(powers)]


def near_zero(u):
    """erf(x)/x − 1 as a function of u = x²."""
    return erf(sqrt(u)) / sqrt(u) - 1


def near_one(v):
    """erf(1 + v) − 0.845."""
    return erf(1 + v) - mpf('0.845')


def tail(s):
    """log(x e^(x²) erfc x) + 0.5625 as a function of s = 1/x."""
    return log(erfc(1 / s) / s * exp(1 / s**2)) + mpf('0.5625')


def show(name, *arguments):
    print(f'const {name} = [')
    for c in interpolate(*arguments):
        print(f'  {float(c)!r},')
    print('];')


show('NEAR_ZERO', near_zero, 0, mpf('0.75'), 12)
show('NEAR_ONE', near_one, mpf('-0.25'), mpf('0.25'), 14)
show('MIDDLE', tail, mpf('0.35'), mpf('0.8'), 18)
show('TAIL', tail, mpf(1) / 32, mpf('0.35'), 20)
