"""Values and slopes where naive formulas overflow, cancel or divide by zero.

The expected numbers are mpmath's, at 900 digits, from each function's definition alone: the
slopes are central differences, so nothing of the rows' rules is used. The same points run on
Python floats, on NumPy scalars and on NumPy arrays.
"""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

from autodiff.backends import array, mp, scalar
from autodiff.ops import TABLE, base

EPS = 2.0**-52
_MAGNITUDES = [
    *(1e-300, 1e-160, 1e-20, 1e-9, 1e-3, 0.25, 0.5, 1 - 2**-53, 1.0, 1 + 2**-52, 2.0, 3.7, 9.0),
    *(20.0, 26.0, 40.0, 355.0, 700.0, 710.0, 745.0, 800.0, 1e5, 1e8, 1e16, 1e155, 1e300),
]
POINTS = [0.0, -0.0, *_MAGNITUDES, *(-x for x in _MAGNITUDES)]

# A definition for what has none in mpmath; the rest is the function of that name.
DEFINITIONS = {
    "abs": mpmath.fabs,
    "negative": lambda x: -x,
    "copy": lambda x: x,
    "square": lambda x: x**2,
    "reciprocal": lambda x: 1 / x,
    "log2": lambda x: mpmath.log(x) / mpmath.log(2),
    "log1p": lambda x: mpmath.log(1 + x),
    "cbrt": lambda x: mpmath.sign(x) * mpmath.root(mpmath.fabs(x), 3),
    "round": mpmath.nint,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "silu": lambda x: x / (1 + mpmath.exp(-x)),
    "softplus": lambda x: (
        mpmath.log1p(mpmath.exp(x)) if x < 0 else x + mpmath.log1p(mpmath.exp(-x))
    ),
    "relu": lambda x: max(x, mpmath.mpf(0)),
    "gelu": lambda x: x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
    "lgamma": lambda x: mpmath.loggamma(x).real,
    "logit": lambda p: mpmath.log(p / (1 - p)),
    "entr": lambda x: -x * mpmath.log(x) if x else x,
    "ndtri": lambda p: mpmath.sqrt(2) * mpmath.erfinv(2 * p - 1),
    "sinc": lambda x: mpmath.sinpi(x) / (mpmath.pi * x) if x else mpmath.mpf(1),
}
UNARY = [op for op in TABLE.values() if len(op.partials) == 1]
# exp(-x²) is known to x² roundings of its argument, and so is what is made of it.
GAUSSIAN = {"gelu", "erf", "erfc"}
# And the slope of an inverse, which is exp(y²), to y² roundings of the result.
INVERSE = {"erfinv", "ndtri"}
# SciPy's and C's own accuracy there: absolute near their zeros (lgamma at 1 and 2).
ABSOLUTE = {"gamma": 5e-15, "lgamma": 5e-15, "digamma": 5e-15}


def define(op):
    return DEFINITIONS.get(op.name) or getattr(mpmath, op.name)


def expected(op, x):
    """The value and the slope at x as floats, inf where they exceed float64."""
    f = define(op)
    # The gamma functions are slow, and nothing cancels in them.
    with mpmath.workdps(300 if "gamma" in op.name else 900):
        at = mpmath.mpf(x)
        if op.kink is not None and op.kink.at(mp, op.value(mp, at), at):
            return float(f(at)), None
        step = mpmath.mpf(10) ** -60 * (min(mpmath.fabs(at), 1) or mpmath.mpf(10) ** -100)
        slope = (f(at + step) - f(at - step)) / (2 * step)
        return float(f(at)), float(slope)


def reachable(op, x):
    if op.domain is not None and not op.domain.test(scalar, x):
        return False
    # mpmath needs as many digits as exp(x) or gamma(x) has; beyond, nothing is left to see.
    slow = {
        "erf",
        "erfc",
        "gelu",
        "exp",
        "expm1",
        "sinh",
        "cosh",
        "tanh",
        "sigmoid",
        "softplus",
        "silu",
        "gamma",
        "lgamma",
        "digamma",
    }
    if op.name in slow and abs(x) > 1000:
        return False
    return not (op.name == "digamma" and 0 < abs(x) < 1e-150)


def agree(got, want, x, op, y=0.0):
    got = float(got)
    if math.isnan(want):
        assert math.isnan(got)
        return
    if math.isinf(want):
        assert got == want
        return
    scale = 1 + min(x * x, 1e6) if op.name in GAUSSIAN else 1.0
    scale = 1 + y * y if op.name in INVERSE else scale
    tolerance = 8 * EPS * scale * abs(want) + ABSOLUTE.get(op.name, 0.0) + 1e-323
    if abs(want) < 1e-300:
        # Subnormals have fewer digits, and a factor of a product may be one.
        assert abs(got - want) < 1e-300
    else:
        assert abs(got - want) <= tolerance, (got, want)


def on_floats(rule, *xs):
    """What the tape does: `math` first, NumPy where `math` raises."""
    try:
        return rule(scalar, *xs)
    except (ValueError, ZeroDivisionError, OverflowError):
        with np.errstate(all="ignore"):
            return rule(array, *map(array.asarray, xs))


def on_numpy(rule, *xs):
    with np.errstate(all="ignore"):
        return rule(array, *map(array.asarray, xs))


def on_arrays(rule, *xs):
    with np.errstate(all="ignore"):
        return np.broadcast_to(rule(array, *[np.array([x, x]) for x in xs]), (2,))[1]


@pytest.mark.parametrize("op", UNARY, ids=lambda op: op.name)
def test_unary(op):
    count = 0
    for x in POINTS:
        if not reachable(op, x):
            continue
        value, slope = expected(op, x)
        for run in (on_floats, on_numpy, on_arrays):
            y = float(run(op.value, x))
            agree(y, value, x, op)
            if slope is not None:
                agree(run(op.partials[0], y, x), slope, x, op, y)
        count += 1
    assert count >= 8


def mp_power_slopes(x, y):
    x, y = mpmath.mpf(x), mpmath.mpf(y)
    return (y * mpmath.power(x, y - 1) if y else 0), mpmath.power(x, y) * mpmath.log(x)


inf, nan = math.inf, math.nan
PEAK = 1 / math.sqrt(2 * math.pi)  # of the normal density

# op, operands, value, slopes: worked out by hand where float64 has no room for mistakes.
SPECIAL = [
    ("power", (0.0, 0.0), 1.0, (0.0, -inf)),
    ("power", (0.0, 1.0), 0.0, (1.0, 0.0)),
    ("power", (0.0, 2.0), 0.0, (0.0, 0.0)),
    ("power", (0.0, 3.5), 0.0, (0.0, 0.0)),
    ("power", (0.0, 0.5), 0.0, (inf, 0.0)),
    ("power", (-2.0, 3.0), -8.0, (12.0, nan)),
    ("power", (-2.0, 2.0), 4.0, (-4.0, nan)),
    ("power", (-2.0, -1.0), -0.5, (-0.25, nan)),
    ("power", (-2.0, 0.0), 1.0, (0.0, nan)),
    ("power", (1.0, 1e300), 1.0, (1e300, 0.0)),
    ("power", (1e200, 2.0), inf, (2e200, inf)),
    ("power", (1e-200, 2.0), 0.0, (2e-200, 0.0)),
    ("power", (-8.0, 1 / 3), nan, (nan, nan)),
    ("divide", (1e200, 1e200), 1.0, (1e-200, -1e-200)),
    ("divide", (1e-200, 1e-200), 1.0, (1e200, -1e200)),
    ("divide", (0.0, 3.0), 0.0, (1 / 3, 0.0)),
    ("divide", (1.0, 0.0), inf, (inf, -inf)),
    ("divide", (0.0, 0.0), nan, (inf, nan)),
    ("hypot", (3e200, 4e200), 5e200, (0.6, 0.8)),
    ("hypot", (3e-200, 4e-200), 5e-200, (0.6, 0.8)),
    ("hypot", (0.0, 0.0), 0.0, (0.0, 0.0)),
    ("hypot", (-2.0, 0.0), 2.0, (-1.0, 0.0)),
    ("atan2", (1e200, 1e200), math.pi / 4, (0.5e-200, -0.5e-200)),
    ("atan2", (1e-200, 1e-200), math.pi / 4, (0.5e200, -0.5e200)),
    ("atan2", (0.0, -1.0), math.pi, (-1.0, 0.0)),
    ("atan2", (-0.0, -1.0), -math.pi, (-1.0, 0.0)),
    ("atan2", (2.0, 0.0), math.pi / 2, (0.0, -0.5)),
    ("logaddexp", (1000.0, 1000.0), 1000 + math.log(2), (0.5, 0.5)),
    ("logaddexp", (1000.0, 0.0), 1000.0, (1.0, 0.0)),
    (
        "logaddexp",
        (-1000.0, -1001.0),
        -1000 + math.log1p(1 / math.e),
        (1 / (1 + 1 / math.e), 1 / (1 + math.e)),
    ),
    ("logaddexp", (0.0, -50.0), 1.9287498479639178e-22, (1.0, 1.9287498479639178e-22)),
    ("logaddexp", (-inf, 0.0), 0.0, (0.0, 1.0)),
    ("maximum", (nan, 1.0), nan, None),
    ("maximum", (1.0, nan), nan, None),
    ("minimum", (nan, 1.0), nan, None),
    ("minimum", (1.0, nan), nan, None),
    ("maximum", (inf, 1.0), inf, (1.0, 0.0)),
    ("clip", (5.0, 0.0, 1.0), 1.0, (0.0, 0.0, 1.0)),
    ("clip", (-5.0, 0.0, 1.0), 0.0, (0.0, 1.0, 0.0)),
    ("clip", (0.5, 1.0, 0.0), 0.0, (0.0, 0.0, 1.0)),
    ("clip", (-5.0, 1.0, 0.0), 0.0, (0.0, 0.0, 1.0)),
    ("clip", (0.5, 0.0, inf), 0.5, (1.0, 0.0, 0.0)),
    ("elu", (800.0, 2.0), 800.0, (1.0, 0.0)),
    ("elu", (-800.0, 2.0), -2.0, (0.0, -1.0)),
    ("elu", (-1e-20, 2.0), -2e-20, (2.0, -1e-20)),
    ("leaky_relu", (-1e300, 0.1), -1e299, (0.1, -1e300)),
    ("where", (0.0, 1.0, nan), nan, (0.0, 0.0, 1.0)),
    ("where", (2.0, 1.0, nan), 1.0, (0.0, 1.0, 0.0)),
    ("greater", (nan, 0.0), 0.0, (0.0, 0.0)),
    ("not_equal", (nan, 0.0), 1.0, (0.0, 0.0)),
    ("sqrt", (-1.0,), nan, None),
    ("log", (0.0,), -inf, (inf,)),
    ("log", (-1.0,), nan, None),
    ("asin", (1.5,), nan, None),
    ("acosh", (0.5,), nan, None),
    ("atanh", (1.0,), inf, (inf,)),
    ("sin", (inf,), nan, None),
    ("tanh", (inf,), 1.0, (0.0,)),
    ("exp", (inf,), inf, (inf,)),
    ("exp", (-inf,), 0.0, (0.0,)),
    ("sigmoid", (inf,), 1.0, (0.0,)),
    ("sigmoid", (-inf,), 0.0, (0.0,)),
    ("softplus", (-inf,), 0.0, (0.0,)),
    ("round", (0.5,), 0.0, (0.0,)),
    ("round", (1.5,), 2.0, (0.0,)),
    ("round", (-2.5,), -2.0, (0.0,)),
    ("cbrt", (-8.0,), -2.0, (1 / 12,)),
    ("xlogy", (0.0, 0.0), 0.0, (-inf, 0.0)),
    ("xlogy", (0.0, 3.0), 0.0, (math.log(3), 0.0)),
    ("xlogy", (2.0, 0.0), -inf, (-inf, inf)),
    ("xlogy", (2.0, -1.0), nan, (nan, -2.0)),
    ("entr", (-1.0,), nan, None),
    ("logit", (0.0,), -inf, (inf,)),
    ("logit", (1.0,), inf, (inf,)),
    ("logit", (1.5,), nan, None),
    ("logit", (0.5 + 2**-53,), 2**-51, (4.0,)),
    ("erfinv", (1.0,), inf, (inf,)),
    ("erfinv", (-1.0,), -inf, (inf,)),
    ("erfinv", (1.5,), nan, None),
    ("ndtri", (0.0,), -inf, (inf,)),
    ("ndtri", (0.5,), 0.0, (math.sqrt(2 * math.pi),)),
    ("norm_pdf", (1e200, 0.0, 1.0), 0.0, (0.0, 0.0, 0.0)),
    ("norm_pdf", (0.0, 0.0, -1.0), nan, None),
    ("norm_pdf", (0.0, 0.0, 0.0), nan, None),
    ("norm_cdf", (-1e200, 0.0, 1.0), 0.0, (0.0, 0.0, 0.0)),
    ("norm_cdf", (1e200, 0.0, 1.0), 1.0, (0.0, 0.0, 0.0)),
    ("norm_cdf", (3.0, 3.0, 2.0), 0.5, (PEAK / 2, -PEAK / 2, 0.0)),
    ("norm_cdf", (0.0, 0.0, -1.0), nan, None),
    ("norm_logpdf", (1e6, 0.0, 1.0), -5e11 - math.log(2 * math.pi) / 2, (-1e6, 1e6, 1e12 - 1)),
    ("norm_logpdf", (0.0, 0.0, -1.0), nan, None),
    ("gamma", (0.0,), nan, None),
    ("gamma", (-2.0,), nan, None),
    ("gamma", (-2.5,), -8 * math.sqrt(math.pi) / 15, None),
    ("gamma", (200.0,), inf, (inf,)),
    ("gamma", (-200.5,), 0.0, (0.0,)),
    ("beta", (-0.5, 2.0), nan, None),
    ("beta", (2.0, 3.0), 1 / 12, (-13 / 144, -7 / 144)),
    ("beta", (1e200, 1e200), 0.0, (0.0, 0.0)),
    ("lbeta", (0.0, 1.0), nan, None),
    ("lbeta", (2.0, 3.0), -math.log(12), (-13 / 12, -7 / 12)),
    ("sinc", (3.0,), 0.0, (-1 / 3,)),
    ("sinc", (-1e15,), 0.0, (-1e-15,)),
    ("times", (0.0, inf), 0.0, None),
    ("times", (0.0, nan), 0.0, None),
    ("ratio", (0.0, 0.0), 0.0, (0.0, 0.0)),
    ("ratio", (1.0, 0.0), inf, None),
]


@pytest.mark.parametrize("run", [on_floats, on_numpy, on_arrays], ids=["math", "scalar", "array"])
@pytest.mark.parametrize(
    ("name", "xs", "value", "slopes"), SPECIAL, ids=[f"{row[0]}{row[1]}" for row in SPECIAL]
)
def test_special_points(run, name, xs, value, slopes):
    op = TABLE[name]
    y = float(run(op.value, *xs))
    np.testing.assert_allclose(y, value, rtol=4 * EPS)
    if slopes is not None:
        got = [float(run(partial, y, *xs)) for partial in op.partials]
        np.testing.assert_allclose(got, slopes, rtol=4 * EPS)


@pytest.mark.parametrize("y", [-3.0, -0.5, 0.0, 0.3, 1.0, 2.0, 7.0, 100.0])
@pytest.mark.parametrize("x", [1e-300, 1e-8, 0.3, 1 - 2**-53, 1.0, 1 + 2**-52, 2.0, 1e8, 1e150])
def test_power_has_its_digits(x, y):
    op = TABLE["power"]
    with mpmath.workdps(60):
        value = float(mpmath.power(x, mpmath.mpf(y)))
        slopes = [float(slope) for slope in mp_power_slopes(x, y)]
    for run in (on_floats, on_numpy, on_arrays):
        got = float(run(op.value, x, y))
        np.testing.assert_allclose(got, value, rtol=4 * EPS)
        if math.isfinite(got) and abs(got) > 1e-290:
            both = [float(run(partial, got, x, y)) for partial in op.partials]
            # y - 1 is rounded, and the power magnifies that by log(x).
            np.testing.assert_allclose(both, slopes, rtol=(8 + abs(math.log(x))) * EPS)


# ── reductions ───────────────────────────────────────────────────────────────────────


def reduce(name, x, **static):
    op, x = TABLE[name], np.array(x, dtype=np.float64)
    x.flags.writeable = False
    with np.errstate(all="ignore"):
        y = op.value(array, x, **static)
        seed = np.ones(np.shape(y))[()]
        return y, base.pull(op, array, seed, y, [x], 0, static)


TINY = 1.9287498479639178e-22  # exp(-50)

REDUCED = [
    ("prod", [2.0, 0.0, 3.0], 0.0, [0.0, 6.0, 0.0]),
    ("prod", [0.0, 0.0, 3.0], 0.0, [0.0, 0.0, 0.0]),
    ("prod", [0.0], 0.0, [1.0]),
    ("prod", [1e200, 1e-200, 1e200, 1e-200], 1.0, [1e-200, 1e200, 1e-200, 1e200]),
    ("prod", [inf, 2.0], inf, [2.0, inf]),
    ("norm", [0.0, 0.0], 0.0, [0.0, 0.0]),
    ("norm", [3e200, 4e200], 5e200, [0.6, 0.8]),
    ("norm", [3e-200, -4e-200], 5e-200, [0.6, -0.8]),
    ("norm", [[3e200, 0.0], [0.0, 4e200]], 5e200, [[0.6, 0.0], [0.0, 0.8]]),
    ("var", [1e8 + 1, 1e8 + 2, 1e8 + 3], 2 / 3, [-2 / 3, 0.0, 2 / 3]),
    ("std", [2.0, 2.0], 0.0, [0.0, 0.0]),
    ("std", [-1e200, 1e200], 1e200, [-0.5, 0.5]),
    ("std", [-1e-200, 1e-200], 1e-200, [-0.5, 0.5]),
    ("max", [3.0, 1.0, 3.0], 3.0, [0.5, 0.0, 0.5]),
    ("min", [3.0, 1.0, 1.0], 1.0, [0.0, 0.5, 0.5]),
    ("max", [-inf, 1.0], 1.0, [0.0, 1.0]),
    ("max", [inf, 1.0], inf, [1.0, 0.0]),
    ("max", [nan, 1.0], nan, [nan, nan]),
    ("logsumexp", [1000.0, 1000.0], 1000 + math.log(2), [0.5, 0.5]),
    ("logsumexp", [-1000.0, -1000.0], -1000 + math.log(2), [0.5, 0.5]),
    ("logsumexp", [0.0, -50.0], TINY, [1.0, TINY]),
    ("logsumexp", [-inf, 1.0], 1.0, [0.0, 1.0]),
    ("logsumexp", [-inf, -inf], -inf, [0.0, 0.0]),
    ("logsumexp", [inf, 1.0], inf, None),
    ("softmax", [1000.0, 1000.0], [0.5, 0.5], None),
    ("softmax", [0.0, -800.0], [1.0, 0.0], None),
    ("softmax", [-inf, 0.0], [0.0, 1.0], None),
    ("softmax", [-inf, -inf], [nan, nan], None),
    ("log_softmax", [0.0, -50.0], [-TINY, -50.0], None),
    ("log_softmax", [0.0, -800.0], [0.0, -800.0], None),
    ("log_softmax", [1000.0, 1000.0], [-math.log(2), -math.log(2)], None),
    ("log_softmax", [-inf, 0.0], [-inf, 0.0], None),
    ("log_softmax", [-inf, -inf], [nan, nan], None),
]


@pytest.mark.parametrize(
    ("name", "x", "value", "slopes"), REDUCED, ids=[f"{row[0]}{row[1]}" for row in REDUCED]
)
def test_reductions(name, x, value, slopes):
    y, pulled = reduce(name, x)
    np.testing.assert_allclose(y, value, rtol=4 * EPS)
    if slopes is not None:
        np.testing.assert_allclose(pulled, slopes, rtol=8 * EPS)
    # Along an axis, beside an ordinary row that must not notice.
    if np.ndim(x) == 1:
        ordinary = np.linspace(0.3, 0.9, len(x))
        both, pulled = reduce(name, [x, ordinary], axis=1)
        np.testing.assert_allclose(both[0], value, rtol=4 * EPS)
        alone, pulled_alone = reduce(name, ordinary)
        np.testing.assert_allclose(both[1], alone, rtol=8 * EPS)
        np.testing.assert_allclose(pulled[1], pulled_alone, rtol=8 * EPS, atol=EPS)
        if slopes is not None:
            np.testing.assert_allclose(pulled[0], slopes, rtol=8 * EPS)


def test_an_infinite_seed_does_not_reach_the_branch_not_taken():
    op = TABLE["where"]
    xs = [np.array([1.0, 0.0]), np.ones(2), np.ones(2)]
    y = op.value(array, *xs)
    seed = np.array([np.inf, np.nan])
    np.testing.assert_array_equal(base.pull(op, array, seed, y, xs, 1, {}), [np.inf, 0.0])
    np.testing.assert_array_equal(base.pull(op, array, seed, y, xs, 2, {}), [0.0, np.nan])


# ── matrices ─────────────────────────────────────────────────────────────────────────

NINE = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]  # singular, and LU does not see it
# op, operand, configuration, value, and its pulled-back ones; None is not compared.
MATRICES = [
    ("det", [[1.0, 2.0], [2.0, 4.0]], {}, 0.0, [[4.0, -2.0], [-2.0, 1.0]]),
    ("det", NINE, {}, None, [[-3.0, 6.0, -3.0], [6.0, -12.0, 6.0], [-3.0, 6.0, -3.0]]),
    ("det", np.zeros((2, 2)), {}, 0.0, np.zeros((2, 2))),
    ("det", np.zeros((1, 1)), {}, 0.0, [[1.0]]),
    ("det", [[0.0, 1.0], [1.0, 0.0]], {}, -1.0, [[0.0, -1.0], [-1.0, 0.0]]),
    ("det", np.diag([0.0, 0.0, 5.0]), {}, 0.0, np.zeros((3, 3))),
    ("logdet", np.diag([1e-200, 1e-200]), {}, math.log(1e-200) * 2, np.diag([1e200, 1e200])),
    ("logdet", [[0.0, 1.0], [1.0, 0.0]], {}, nan, None),
    ("logdet", [[1.0, 2.0], [2.0, 4.0]], {}, nan, None),
    ("inv", [[1.0, 2.0], [2.0, 4.0]], {}, np.full((2, 2), nan), None),
    ("inv", NINE, {}, np.full((3, 3), nan), None),
    ("inv", np.diag([1e-20, 1.0]), {}, np.diag([1e20, 1.0]), None),
    ("inv", [[[1.0, 1.0], [1.0, 1.0]], np.eye(2)], {}, [np.full((2, 2), nan), np.eye(2)], None),
    ("cholesky", [[1.0, 2.0], [2.0, 1.0]], {}, np.full((2, 2), nan), None),
    ("cholesky", [[4.0, 1.0], [3.0, 2.0]], {}, [[2.0, 0.0], [1.0, 1.0]], None),
    ("cholesky", [-np.eye(2), np.eye(2)], {}, [np.full((2, 2), nan), np.eye(2)], None),
    ("matrix_power", [[1.0, 2.0], [2.0, 4.0]], {"n": 0}, np.eye(2), np.zeros((2, 2))),
    ("matrix_power", [[1.0, 2.0], [2.0, 4.0]], {"n": 1}, [[1.0, 2.0], [2.0, 4.0]], np.ones((2, 2))),
    ("matrix_power", [[1.0, 2.0], [2.0, 4.0]], {"n": -1}, np.full((2, 2), nan), None),
    ("matrix_power", [[2.0, 0.0], [0.0, 1.0]], {"n": -2}, [[0.25, 0.0], [0.0, 1.0]], None),
    ("svdvals", [[0.0, 2.0], [0.0, 0.0]], {}, [2.0, 0.0], [[0.0, 1.0], [0.0, 0.0]]),
    ("svdvals", np.zeros((2, 3)), {}, [0.0, 0.0], np.zeros((2, 3))),
    ("eigvalsh", [[0.0, 4.0], [0.0, 0.0]], {}, [-2.0, 2.0], np.eye(2)),
    ("eigvalsh", 3 * np.eye(2), {}, [3.0, 3.0], np.eye(2)),
    ("norm", [3e200, 3e200], {"ord": 3}, 3e200 * 2 ** (1 / 3), [2 ** (-2 / 3)] * 2),
    ("norm", [0.0, 1e-200], {"ord": 3}, 1e-200, [0.0, 1.0]),
    ("norm", [1e200, 0.0], {"ord": 2.5}, 1e200, [1.0, 0.0]),
    ("norm", np.zeros((2, 2)), {"ord": "nuc"}, 0.0, np.zeros((2, 2))),
    ("cumprod", [2.0, 0.0, 3.0, 0.0], {}, [2.0, 0.0, 0.0, 0.0], [1.0, 8.0, 0.0, 0.0]),
    ("cumprod", [0.0, 0.0], {}, [0.0, 0.0], [1.0, 0.0]),
    ("sort", [3.0, 1.0, inf, -inf], {}, [-inf, 1.0, 3.0, inf], [1.0] * 4),
]


@pytest.mark.parametrize(
    ("name", "x", "static", "value", "slopes"),
    MATRICES,
    ids=[f"{k}-{row[0]}" for k, row in enumerate(MATRICES)],
)
def test_arrays(name, x, static, value, slopes):
    y, pulled = reduce(name, x, **static)
    if value is not None:
        np.testing.assert_allclose(y, value, rtol=8 * EPS, atol=EPS if np.ndim(value) else 0)
    if slopes is not None:
        np.testing.assert_allclose(pulled, slopes, rtol=64 * EPS, atol=64 * EPS)
    op = TABLE[name]
    if op.domain is not None and not np.isfinite(y).all():
        assert not op.domain.test(array, np.array(x), **static)


def test_mpmath_refuses_the_same_matrices():
    for name, x, static, value, _ in MATRICES:
        if name in {"logdet", "inv", "cholesky", "matrix_power"}:
            got = TABLE[name].value(mp, mp.asarray(np.array(x)), **static)
            refused = [bool(mpmath.isnan(v)) for v in np.ravel(got)]
            assert refused == np.isnan(np.ravel(value)).tolist(), (name, x)


def test_solve_with_a_singular_matrix_beside_a_regular_one():
    stack = np.array([np.ones((2, 2)), 2 * np.eye(2)])
    y = TABLE["solve"].value(array, stack, np.array([[1.0], [2.0]]))
    np.testing.assert_array_equal(y, [[[nan], [nan]], [[0.5], [1.0]]])
    assert not TABLE["solve"].domain.test(array, stack, np.ones(2))


LOSSES = [
    # op, operands, value, slopes
    ("huber", ([2.0, -2.0], [0.0, 0.0], 2.0), 2.0, ([1.0, -1.0], [-1.0, 1.0], 0.0)),
    ("huber", ([1e200, 0.0], [0.0, 0.0], 1.0), 5e199, ([0.5, 0.0], [-0.5, 0.0], 5e199)),
    ("huber", ([1.0], [0.0], -1.0), nan, None),
    (
        "cross_entropy",
        ([1000.0, 0.0], [1.0, 0.0]),
        0.0,
        ([0.0, 0.0], [0.0, 1000.0]),
    ),
    ("cross_entropy", ([0.0, -inf], [1.0, 0.0]), 0.0, ([0.0, 0.0], [0.0, inf])),
    ("binary_cross_entropy", ([0.0, 1.0], [0.0, 1.0]), 0.0, ([0.5, -0.5], [inf, -inf])),
    ("binary_cross_entropy", ([1e-300], [1.0]), -math.log(1e-300), ([-1e300], None)),
    ("binary_cross_entropy", ([0.0], [0.5]), inf, None),
    ("binary_cross_entropy", ([1.5], [0.5]), nan, None),
    ("kl_div", ([-1.0, -2.0], [0.0, 1.0]), 2.0, ([0.0, -1.0], [-inf, 3.0])),
    ("kl_div", ([-1.0], [-1.0]), nan, None),
    ("cosine_similarity", ([3e200, 4e200], [3e-200, 4e-200]), 1.0, None),
    ("cosine_similarity", ([0.0, 0.0], [1.0, 0.0]), nan, None),
]


@pytest.mark.parametrize(
    ("name", "xs", "value", "slopes"), LOSSES, ids=[f"{k}-{r[0]}" for k, r in enumerate(LOSSES)]
)
def test_losses(name, xs, value, slopes):
    op, xs = TABLE[name], [array.asarray(x) for x in xs]
    with np.errstate(all="ignore"):
        y = op.value(array, *xs)
        np.testing.assert_allclose(y, value, rtol=8 * EPS)
        for slot, slope in enumerate(slopes or ()):
            if slope is not None:
                pulled = base.pull(op, array, np.float64(1.0), y, xs, slot, {})
                np.testing.assert_allclose(pulled, slope, rtol=8 * EPS)
        if op.domain is not None:
            assert bool(op.domain.test(array, *xs)) == math.isfinite(value)
