"""SymPy's derivative just beside the point."""

from __future__ import annotations

from typing import Any

import mpmath
import pytest
from asking import side


def near(found: Any, wanted: Any) -> bool:
    return found == wanted or mpmath.almosteq(found, wanted, 1e-25, 1e-25)


@pytest.mark.parametrize(
    ("expression", "left", "right"),
    [
        ("abs(x)", -1, 1),
        ("x * abs(x)", 0, 0),
        ("relu(x) - relu(-x)", 1, 1),
        ("maximum(x, 0) * 3", 0, 3),
        ("floor(x)", 0, 0),
        ("where(x >= 0, x**2, -x)", -1, 0),
        ("abs(x)**1.5", 0, 0),  # the curvature is infinite
        ("cbrt(x)", mpmath.inf, mpmath.inf),
        ("abs(sin(x)) + exp(x)", 0, 2),
        ("sqrt(x**2)", -1, 1),
        ("hypot(x, 0)", -1, 1),
        ("x**2 + 3 * x", 3, 3),
        ("leaky_relu(x, 0.25)", 0.25, 1),
        ("5", 0, 0),
    ],
)
def test_at_0(expression: str, left: float, right: float) -> None:
    model = f"x = 0\nL = {expression} + 0 * x"
    assert near(side(model, "x", -1), left)
    assert near(side(model, "x", +1), right)


def test_outside_the_domain_there_is_none() -> None:
    assert side("x = 0\nL = sqrt(x)", "x", -1) is None
    assert side("x = 0\nL = sqrt(x)", "x", +1) == mpmath.inf
    assert side("x = 1\nL = asin(x)", "x", +1) is None


def test_off_0_and_across_statements() -> None:
    model = "x = 1.5\ny = 1.5\nd = x - y\nL = abs(d) * exp(x)"
    with mpmath.workdps(40):
        wanted = mpmath.exp(mpmath.mpf(1.5))
        assert near(side(model, "x", +1), wanted)
        assert near(side(model, "x", -1), -wanted)
        assert near(side(model, "y", +1), wanted)


def test_a_kink_that_the_leaf_does_not_move_says_nothing() -> None:
    assert side("x = 1\nz = 0\nL = abs(z * x) + x", "x", 1) == 1
    assert side("x = 1\nz = 0\nL = abs(z) * x + x", "x", 1) == 1


def test_elements_of_arrays() -> None:
    model = "x = [1, 3, 3]\nL = max(x) + abs(x[0] - 1)"
    assert [side(model, "x", +1, k) for k in range(3)] == [1, 1, 1]
    assert [side(model, "x", -1, k) for k in range(3)] == [-1, 0, 0]
    assert list(side(model, "x", +1)) == [1, 1, 1]
    assert list(side(model, "x", -1)) == [-1, 0, 0]


def test_no_other_kink_is_passed() -> None:
    model = "x = 0\nL = abs(x) + 2 * abs(x - 1e-300)"
    assert side(model, "x", +1) == -1
    assert side(model, "x", -1) == -3


def test_numbers_of_every_size() -> None:
    for x in ("1e300", "-1e-300", "5e-324", "0.1"):
        assert side(f"x = {x}\nL = abs(x - {x}) * 3 + 2 * x", "x", +1) == 5
