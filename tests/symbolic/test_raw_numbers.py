"""The raw numbers: roundings that enclose the truth, and mpmath's own results to the bit."""

from __future__ import annotations

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import libmp

from autodiff.symbolic import raw

PREC = 120

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
NUMBERS = st.tuples(st.integers(-(2**PREC), 2**PREC), st.integers(-300, 300)) | FLOATS.map(
    lambda x: (x, 0)
)


def number(pair: tuple[float, int]) -> raw.Number:
    x, exponent = pair
    if isinstance(x, float):
        return libmp.from_float(x)
    return libmp.from_man_exp(x, exponent, PREC, "d")


@given(NUMBERS, NUMBERS, st.sampled_from("du"))
def test_sums_and_products_are_mpmaths(a: tuple, b: tuple, rnd: str) -> None:
    x, y = number(a), number(b)
    assert raw.add(x, y, PREC, rnd) == libmp.mpf_add(x, y, PREC, rnd)
    assert raw.subtract(x, y, PREC, rnd) == libmp.mpf_sub(x, y, PREC, rnd)
    assert raw.multiply(x, y, PREC, rnd) == libmp.mpf_mul(x, y, PREC, rnd)


NAMES = (
    *("exp", "log", "sin", "cos", "tan", "asin", "acos", "atan"),
    *("sinh", "cosh", "tanh", "asinh", "atanh", "erf", "erfc"),
)
FUNCTIONS = {name: getattr(raw, name) for name in NAMES}


@pytest.mark.parametrize("name", FUNCTIONS)
@given(st.floats(-0.99, 0.99) | st.sampled_from([1e-30, -1e-30, 1e-60, 1e-200, 1e-36, 2.0**-60]))
def test_roundings_lie_on_either_side(name: str, x: float) -> None:
    if name == "log":
        x = abs(x) + 1e-10
    point = libmp.from_float(x)
    low, high = (mpmath.mp.make_mpf(FUNCTIONS[name](point, PREC, rnd)) for rnd in "du")
    with mpmath.workprec(1200):
        truth = getattr(mpmath, name)(mpmath.mpf(x))
        unit = abs(truth) * mpmath.mpf(2) ** (2 - PREC)
        assert abs(low) <= abs(truth) + unit
        assert abs(high) >= abs(truth) - unit
        assert abs(low - truth) <= unit
        assert abs(high - truth) <= unit
        if truth not in (0, 1) and x != 0:
            assert low != high  # else the second run would not see the rounding


@pytest.mark.parametrize("name", ["exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "erf"])
@pytest.mark.parametrize("x", [30.0, 1e3, 1e20, 1e100, 1e300, -1e25])
def test_large_arguments_are_right(name: str, x: float) -> None:
    low, high = (
        mpmath.mp.make_mpf(FUNCTIONS[name](libmp.from_float(x), PREC, rnd)) for rnd in "du"
    )
    with mpmath.workprec(1300):
        if abs(x) > 1e3 and name in ("sinh", "cosh"):  # mpmath's own are slow there
            sign = -1 if x < 0 and name == "sinh" else 1
            truth = sign * mpmath.exp(abs(mpmath.mpf(x)) - 0.5) * mpmath.exp(0.5) / 2
        elif name == "exp":
            truth = mpmath.exp(mpmath.mpf(x) - 0.5) * mpmath.exp(0.5)
        else:
            truth = getattr(mpmath, name)(mpmath.mpf(x))
        unit = abs(truth) * mpmath.mpf(2) ** (3 - PREC)
        assert abs(low - truth) <= unit
        assert abs(high - truth) <= unit
        assert low != high


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (2.5, 3.7),
        (0.3, 1e5 + 0.5),
        (-2.0, 7.0),
        (1.0000001, 1e9 + 0.25),
        (1e-300, -0.7),
        (3.0, -4.0),
    ],
)
def test_powers_are_right(x: float, y: float) -> None:
    got = mpmath.mp.make_mpf(raw.power(libmp.from_float(x), libmp.from_float(y), PREC, "d"))
    with mpmath.workprec(600):
        truth = mpmath.mpf(x) ** mpmath.mpf(y)
        assert abs(got - truth) <= abs(truth) * mpmath.mpf(2) ** (8 - PREC)


@pytest.mark.parametrize(
    ("x", "y", "wanted"), [(0, 0, 1), (0, 2.5, 0), (-1, 2.0**80, 1), (5, 0, 1), (1, 1e300, 1)]
)
def test_powers_at_the_edges(x: float, y: float, wanted: float) -> None:
    found = raw.power(libmp.from_float(x), libmp.from_float(y), PREC, "d")
    assert found == libmp.from_float(wanted)


@pytest.mark.parametrize(("x", "y"), [(0, -1), (0, -0.5), (-2, 0.5), (-2, 2.5)])
def test_powers_that_do_not_exist(x: float, y: float) -> None:
    with pytest.raises((raw.Singular, libmp.ComplexResult)):
        raw.power(libmp.from_float(x), libmp.from_float(y), PREC, "d")


def test_lgamma_below_0() -> None:
    for x in (-0.5, -1.5, -10.25, -1000.5):
        found = mpmath.mp.make_mpf(raw.lgamma(libmp.from_float(x), PREC, "d"))
        with mpmath.workprec(300):
            truth = mpmath.log(abs(mpmath.gamma(x)))
            assert abs(found - truth) < abs(truth) * mpmath.mpf(2) ** (12 - PREC)
