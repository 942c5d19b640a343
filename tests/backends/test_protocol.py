"""Every number system has every name, and gives the same numbers for them."""

from __future__ import annotations

import subprocess
import sys

import mpmath
import numpy as np
import pytest

from autodiff import backends
from autodiff.backends import array, mp, scalar

NUMBERS = {"shape", "ones_like", "zeros_like", "broadcast_to"}


@pytest.mark.parametrize("m", [array, mp], ids=["array", "mp"])
def test_every_name_is_there(m):
    names = (
        *backends.CONSTANTS,
        *backends.ELEMENTWISE,
        *backends.ARRAY,
        *backends.ROWS,
        *backends.CREATE,
    )
    assert [name for name in names if not hasattr(m, name)] == []


def test_scalars_have_the_elementwise_names():
    names = (*backends.CONSTANTS, *backends.ELEMENTWISE, *NUMBERS)
    assert [name for name in names if not hasattr(scalar, name)] == []


def test_scalars_import_no_numpy():
    program = (
        "import sys; from autodiff.backends import scalar as m; from autodiff.ops import TABLE\n"
        "y = TABLE['tanh'].value(m, 0.5); TABLE['tanh'].partials[0](m, y, 0.5)\n"
        "print(sorted({'numpy', 'scipy', 'mpmath', 'sympy'} & set(sys.modules)))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "[]"


def test_arrays_import_no_scipy_until_it_is_called():
    program = (
        "import sys; from autodiff.backends import array as m\n"
        "first = 'scipy' in sys.modules; m.erf(m.asarray(1.0))\n"
        "print(first, 'scipy' in sys.modules)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert shown.stdout.split() == ["False", "True"]


UNARY = [
    name
    for name in backends.ELEMENTWISE
    if name
    not in {
        "atan2",
        "hypot",
        "power",
        "maximum",
        "minimum",
        "logaddexp",
        "beta",
        "lbeta",
        "polygamma",
        "times",
        "ratio",
        "logical_and",
        "logical_or",
        "where",
    }
]
BINARY = ("atan2", "hypot", "power", "maximum", "minimum", "logaddexp", "times", "ratio")
POINTS = (0.3, 0.75, 1.0, 1.5, 2.5, -0.25, -1.0, -2.5, 0.0)


def exactly(function, *xs):
    with mpmath.workdps(40):
        return function(*map(mpmath.mpf, xs))


def same(got, want):
    if mpmath.isnan(want):
        assert got != got  # also for mpf, which np.isnan does not take
    else:
        np.testing.assert_allclose(float(got), float(want), rtol=1e-14, atol=1e-15)


def by_math(name, *xs):
    try:
        return getattr(scalar, name)(*xs)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None


@pytest.mark.parametrize("name", UNARY)
def test_unary_functions_are_the_same_everywhere(name):
    if name in {"lgamma", "digamma", "gamma"}:
        points = [x for x in POINTS if x > 0 or x != int(x)]
    else:
        points = POINTS
    vector = mp.asarray(np.array(points))
    with np.errstate(all="ignore"):
        for k, x in enumerate(points):
            want = exactly(getattr(mp, name), x)
            same(getattr(array, name)(np.float64(x)), want)
            same(getattr(array, name)(np.array([x, x]))[1], want)
            same(getattr(mp, name)(vector)[k], want)
            if (got := by_math(name, x)) is not None:
                assert type(got) is float
                same(got, want)


@pytest.mark.parametrize("name", BINARY)
def test_binary_functions_are_the_same_everywhere(name):
    with np.errstate(all="ignore"):
        for x in POINTS:
            for y in POINTS:
                want = exactly(getattr(mp, name), x, y)
                same(getattr(array, name)(np.float64(x), np.float64(y)), want)
                same(getattr(array, name)(np.array([x, x]), y)[1], want)
                same(getattr(mp, name)(mp.asarray(np.array([x])), mpmath.mpf(y))[0], want)
                if (got := by_math(name, x, y)) is not None:
                    assert type(got) is float
                    same(got, want)


def test_beta_functions_are_the_same_everywhere():
    for name in ("beta", "lbeta"):
        for x in (0.3, 1.0, 2.5, 40.0):
            for y in (0.3, 1.5, 7.0):
                want = exactly(getattr(mp, name), x, y)
                # As right as SciPy's are: its betaln is not to all digits near its zeros.
                close = {"rtol": 2e-14, "atol": 2e-14 if name == "lbeta" else 0}
                ours = getattr(array, name)(np.float64(x), np.float64(y))
                np.testing.assert_allclose(float(ours), float(want), **close)
                assert getattr(scalar, name)(x, y) == ours


def test_polygamma_also_left_of_0():
    for x in (0.3, 2.0, -0.25, -2.5):
        for n in (1, 2):
            want = exactly(lambda x, n=n: mp.polygamma(n, x), x)
            same(array.polygamma(n, np.float64(x)), want)
            same(scalar.polygamma(n, x), want)


@pytest.mark.parametrize("m", [scalar, array, mp], ids=["scalar", "array", "mp"])
def test_where_and_logic(m):
    one, two = m.asarray(1.0), m.asarray(2.0)
    assert m.where(one > two, 1, 0) == 0
    assert m.where(two, one, two) == 1  # any number but 0 is true
    assert m.where(m.asarray(0.0), one, two) == 2
    assert m.logical_and(one > 0, two > 0)
    assert not m.logical_and(one > 0, two < 0)
    assert m.logical_or(one < 0, two > 0)
    assert not isinstance(m.where(one > two, 1, 0), (int, np.integer, np.ndarray))


@pytest.mark.parametrize("m", [array, mp], ids=["array", "mp"])
def test_where_and_logic_on_arrays(m):
    x = m.asarray(np.array([1.0, 0.0, -2.0]))
    assert m.where(x, 1, 0).tolist() == [1, 0, 1]
    assert m.where(x > 0, x, 7).tolist() == [1, 7, 7]
    assert m.where(True, x, 7).tolist() == x.tolist()
    assert m.where(False, x, 7).tolist() == [7, 7, 7]
    assert m.logical_or(x > 0, x == 0).tolist() == [True, True, False]
    assert m.logical_and(x > -3, x != 0).tolist() == [True, False, True]


@pytest.mark.parametrize("m", [array, mp], ids=["array", "mp"])
def test_array_functions_are_numpys(m):
    n = np.arange(24.0).reshape(2, 3, 4) - 7
    n.flags.writeable = False
    x = m.asarray(n)

    def check(got, want):
        assert m.shape(got) == np.shape(want)
        assert np.all(np.asarray(got, dtype=np.float64) == want)

    for static in ({}, {"axis": 1}, {"axis": (0, 2), "keepdims": True}, {"axis": -1}):
        check(m.sum(x, **static), np.sum(n, **static))
        check(m.prod(x / 8, **static), np.prod(n / 8, **static))
        check(m.max(x, **static), np.max(n, **static))
        check(m.min(x, **static), np.min(n, **static))
    check(m.sum(m.asarray(2.5)), 2.5)
    check(m.sum(m.asarray(np.ones((0, 2))), axis=0), np.zeros(2))
    check(m.cumsum(x, 1), np.cumsum(n, 1))
    check(m.flip(x, -1), np.flip(n, -1))
    check(m.cumprod(x, 1), np.cumprod(n, 1))
    check(m.sort(-x, 1), np.sort(-n, 1))
    check(m.take_along(x, m.argsort(-x, 1), 1), n[:, ::-1])
    check(m.tril(x, 1), np.tril(n, 1))
    check(m.triu(x), np.triu(n))
    keys = m.asarray(np.array([[0.0, 1.0, 1.5, 3.0], [2.0, 2.0, 2.0, 4.0]]))
    check(
        m.tied_mean(x[0, :2], keys, 1, 0.5),
        np.array([[-7.0, -5.5, -5.5, -4.0], [-2.0, -2.0, -2.0, 0.0]]),
    )
    check(
        m.tied_mean(m.transpose(x[0, :2], (1, 0)), m.transpose(keys, (1, 0)), 0, 0)[:, 0], n[0, 0]
    )
    check(m.matmul(x, m.transpose(x, (0, 2, 1))), n @ n.transpose(0, 2, 1))
    check(m.matmul(x[0, 0], x[1, 1]), n[0, 0] @ n[1, 1])
    check(m.reshape(x, (-1, 2)), n.reshape(-1, 2))
    check(m.reshape(m.asarray(2.0), (1, 1)), np.full((1, 1), 2.0))
    check(m.broadcast_to(x[0], (2, 3, 4)), np.broadcast_to(n[0], (2, 3, 4)))
    check(m.broadcast_to(m.asarray(2.0), (3,)), np.full(3, 2.0))
    check(m.stack([x, x], 1), np.stack([n, n], 1))
    check(m.stack([m.asarray(1.0), m.asarray(2.0)]), np.array([1.0, 2.0]))
    check(m.concat([x, x], -1), np.concatenate([n, n], -1))
    check(m.getitem(x, (0, slice(None), [1, 1])), n[0, :, [1, 1]])
    check(m.getitem(x, (0, 1, 2)), n[0, 1, 2])
    check(m.scatter(x[0], [1, 1, 0], (2, 4)), np.stack([n[0, 2], n[0, 0] + n[0, 1]]))
    check(m.scatter(x[0, 0], (slice(None), 1), (4, 2)), np.stack([np.zeros(4), n[0, 0]], 1))
    check(m.ones_like(x), np.ones((2, 3, 4)))
    check(m.zeros_like(m.asarray(3.0)), 0.0)
    check(m.full((2,), 3), np.full(2, 3.0))
    check(m.eye(2, 3), np.eye(2, 3))
    assert type(m.sum(x)) is type(m.asarray(1.0))
    assert type(m.getitem(x, (0, 1, 2))) is type(m.asarray(1.0))


def test_mp_takes_floats_exactly_and_at_the_callers_precision():
    with mpmath.workdps(60):
        assert mp.asarray(0.1) == mpmath.mpf(0.1)
        assert mp.sqrt(mp.asarray(2.0)) ** 2 - 2 < mpmath.mpf(10) ** -58
        assert mpmath.fabs(mp.sin(mp.pi)) < mpmath.mpf(10) ** -58
        third = 1 / mp.asarray(np.array([3.0]))
        assert mpmath.fabs(third[0] * 3 - 1) < mpmath.mpf(10) ** -58


def test_mp_arrays_divide_as_ieee_has_it():
    x = mp.asarray(np.array([1.0, -1.0, 0.0]))
    zero = mp.asarray(np.zeros(3))
    for quotient in (x / zero, x / 0, x / mpmath.mpf(0)):
        assert [str(q) for q in quotient] == ["+inf", "-inf", "nan"]
    assert [str(q) for q in 1 / zero] == ["+inf"] * 3
    assert [str(q) for q in mpmath.mpf(1) / mp.reshape(mp.sum(zero, axis=0, keepdims=True), (1,))]
    with pytest.raises(ZeroDivisionError):
        mp.asarray(1.0) / mp.asarray(0.0)


def test_mp_answers_at_once_however_large():
    nine = mp.asarray(9.0)
    tower = mp.power(nine, mp.power(nine, mp.power(nine, nine)))
    assert tower == mp.inf
    assert mp.power(1 / nine, mp.power(nine, mp.power(nine, nine))) == 0
    with mpmath.workdps(50):
        assert mp.power(-nine, mp.power(10, 30) + 1) == -mp.inf
    assert mp.exp(mp.asarray(1e300)) == mp.inf
    assert mp.exp(mp.asarray(-1e300)) == 0
    assert mp.expm1(mp.asarray(-1e300)) == -1
    assert mp.tanh(mp.asarray(-1e300)) == -1
    assert mp.cosh(mp.asarray(-1e300)) == mp.inf
    assert mp.sinh(mp.asarray(-1e300)) == -mp.inf
    assert mpmath.isnan(mp.sin(mp.power(nine, mp.power(nine, nine))))


@pytest.mark.parametrize("name", ["maximum", "minimum"])
@pytest.mark.parametrize("x", [-1.0, 1.0])
def test_extremes_of_a_float_and_a_literal_are_floats(name: str, x: float) -> None:
    # relu(x) is maximum(x, 0): the int 0 as the output of a model had no shape.
    assert getattr(scalar, name)(x, 0).__class__ is float
