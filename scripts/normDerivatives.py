"""
Prints the true first three derivatives of normalisations, entry by entry, for test/autodiff/othersGetWrong.test.ts:

    /usr/bin/python3 scripts/normDerivatives.py

Needs mpmath 1.2 or later; numerical derivatives with 60 digits of functions in 200.
"""

from mpmath import mp, mpf

mp.dps = 60
EPSILON = mpf(1e-5)
VALUES = [mpf(v) for v in (0.5, -1.25, 2, 0.375, 1.5, -0.75)]
WEIGHTS = [mpf(v) for v in (1, -0.5, 0.25, 2, -1.5, 0.75)]


def standardized(xs):
    mean = mp.fsum(xs) / len(xs)
    variance = mp.fsum((x - mean) ** 2 for x in xs) / len(xs)
    return [(x - mean) / mp.sqrt(variance + EPSILON) for x in xs]


# Which entries of the six are standardised together.
GROUPS = {
    'LayerNormalization [1, 6]': [[0, 1, 2, 3, 4, 5]],
    'InstanceNormalization [1, 2, 3]': [[0, 1, 2], [3, 4, 5]],
    'BatchNormalization [3, 2]': [[0, 2, 4], [1, 3, 5]],
}


def total(groups, xs):
    ys = [mpf(0)] * len(xs)
    for group in groups:
        for i, y in zip(group, standardized([xs[i] for i in group])):
            ys[i] = y
    return mp.fsum(w * y for w, y in zip(WEIGHTS, ys))


for name, groups in GROUPS.items():
    print(name)
    rows = []
    for i in range(len(VALUES)):
        f = lambda t: total(groups, [x + t if k == i else x for k, x in enumerate(VALUES)])
        rows.append(mp.taylor(f, 0, 3))
    for order in (1, 2, 3):
        print('  [' + ', '.join(repr(float(row[order] * mp.factorial(order))) for row in rows) + '],')
