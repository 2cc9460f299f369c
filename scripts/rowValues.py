"""
Prints true values of the elementwise rows of src/autodiff/primitives as pairs [x, y], to be pinned in them:

    /usr/bin/python3 scripts/rowValues.py [name]

Needs mpmath 1.2 or later; computed with 400 digits, printed as the nearest doubles.
"""

import re
import sys

from mpmath import mp, mpf

mp.dps = 400


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def sigmoid_slope(x):
    e = mp.exp(-abs(x))
    return e / (1 + e) ** 2


def softplus(x):
    return max(x, mpf(0)) + mp.log1p(mp.exp(-abs(x)))


ROWS = {
    'exp': (mp.exp, [-30, -1, 0, 0.5, 3], [-700, -1e-300, 1e-9, 40, 700]),
    'expm1': (mp.expm1, [-30, -1, 0, 1e-9, 3], [-700, -1e-300, 1e-17, 700]),
    'log': (mp.log, [0.01, 0.5, 1, 30], [5e-324, 1e-300, 0.9999999999999999, 1e300]),
    'log1p': (mp.log1p, [-0.9, 0, 1e-9, 2], [-0.999999999999, -1e-300, 1e-17, 1e300]),
    'sigmoid': (sigmoid, [-40, -2, 0.3, 1.5, 40], [-700, -1e-300, 0, 1e-9, 700]),
    'sigmoidSlope': (sigmoid_slope, [-40, -2, 1e-9, 0.3, 40], [-700, 0, 700]),
    'softplus': (softplus, [-40, -2, 0, 1.5, 40], [-700, 1e-300, 700]),
    'tanh': (mp.tanh, [-20, -2, 0.3, 1.5, 20], [-1e-300, 1e-9, 700]),
    'sinh': (mp.sinh, [-3, 0, 0.5], [-700, -1e-300, 1e-9, 20]),
    'cosh': (mp.cosh, [-3, 0, 0.5], [-700, 1e-300, 20]),
    'sin': (mp.sin, [-2, 0, 1], [-1e-300, 3.141592653589793, 355, 1e22, 1e300]),
    'cos': (mp.cos, [-2, 0, 1], [1e-9, 1.5707963267948966, 355, 1e22, 1e300]),
    'tan': (mp.tan, [-1, 0, 1.2], [-1e-300, 1.5707963267948966, 3.141592653589793, 1e22]),
    'atan': (mp.atan, [-3, 0, 0.5], [-1e300, 1e-300, 1e-9, 1e6]),
    'asin': (mp.asin, [-0.9, 0, 0.5], [-1, 1e-300, 1e-9, 0.999999999999]),
    'acos': (mp.acos, [-0.9, 0, 0.5], [-1, 1e-9, 0.999999999999]),
    'asinh': (mp.asinh, [-3, 0, 0.5], [-1e300, 1e-300, 1e-9, 1e9]),
    'acosh': (mp.acosh, [1.5, 3], [1.0000000001, 1e9, 1e300]),
    'atanh': (mp.atanh, [-0.9, 0, 0.5], [1e-300, 1e-9, 0.999999999999]),
    'asinSlope': (lambda x: 1 / mp.sqrt(1 - x * x), [-0.9, 0, 1e-9, 0.5], [0.999999999999]),
    'asinhSlope': (lambda x: 1 / mp.sqrt(1 + x * x), [-3, 0, 1e-9, 0.5], [1e300]),
    'acoshSlope': (lambda x: 1 / mp.sqrt(x * x - 1), [1.5, 3], [1.0000000001, 1e300]),
    'atanhSlope': (lambda x: 1 / (1 - x * x), [-0.9, 0, 1e-9, 0.5], [0.999999999999]),
    'erf': (mp.erf, [-3, -0.4, 0, 1e-9, 2.4, 2.6], [-1e-300, 0.8, 1, 1.3, 5.9, 7]),
    'erfc': (mp.erfc, [-3, -0.4, 0, 0.3, 1, 2.4, 3.1], [-7, 1e-300, 0.7, 6, 10, 20, 26]),
    'gauss': (lambda x: mp.exp(-x * x), [-2.1, -0.4, 0, 0.9, 3], [1e-9, 10.1, 26.3]),
    'sqrt': (mp.sqrt, [0.01, 1, 9], [5e-324, 1e-300, 2, 1e300]),
    'reciprocal': (lambda x: 1 / x, [-2, 0.01, 9], [-1e300, 1e-300, 3]),
    'softsign': (lambda x: x / (1 + abs(x)), [-3, 0.25, 9], [-1e300, 1e-300]),
    # samples of rows with attributes are written by hand from these
    'power 2.5': (lambda x: x ** mpf(2.5), [0.5, 1, 2], [1e-100, 1e100]),
    'power -0.75': (lambda x: x ** mpf(-0.75), [0.5, 1, 2], [1e-300, 1e300]),
    'power 1/3 less 1': (lambda x: x ** (mpf(1 / 3) - 1), [0.01, 1, 2], [1e-300, 1e300]),
}


def number(v):
    v = float(v)
    return str(int(v)) if v == int(v) and abs(v) < 1e15 else re.sub(r'e([+-])0?', r'e\1', repr(v)).replace('e+', 'e')


def show(pairs):
    return '[' + ', '.join(f'[{number(x)}, {number(y)}]' for x, y in pairs) + '],'


for name, (f, values, tails) in ROWS.items():
    if len(sys.argv) > 1 and name != sys.argv[1]:
        continue
    print(name)
    print('  values:', show([(x, f(mpf(x))) for x in values]))
    print('  tails:', show([(x, f(mpf(x))) for x in tails]))
