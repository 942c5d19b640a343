"""At kinks: one-sided derivatives against one-sided differences in 80 digits."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from engine import gradient, report

m = mpmath.mp


def relu(x: Any) -> Any:
    return max(x, 0)


def sign(x: Any) -> Any:
    return m.sign(x)


# A model in x at 0 (or as given), and the same function written in Python.
CASES: list[tuple[str, float, Callable[[Any], Any]]] = [
    ("abs(x)", 0, lambda x: abs(x)),
    ("-abs(x)", 0, lambda x: -abs(x)),
    ("3 * abs(x) + 2 * x", 0, lambda x: 3 * abs(x) + 2 * x),
    ("x * abs(x)", 0, lambda x: x * abs(x)),
    ("abs(x)**2", 0, lambda x: abs(x) ** 2),
    ("abs(x)**3", 0, lambda x: abs(x) ** 3),
    ("abs(abs(x))", 0, lambda x: abs(x)),
    ("abs(sin(x))", 0, lambda x: abs(m.sin(x))),
    ("sin(abs(x))", 0, lambda x: m.sin(abs(x))),
    ("cos(abs(x))", 0, lambda x: m.cos(x)),
    ("exp(abs(x))", 0, lambda x: m.exp(abs(x))),
    ("abs(x) * exp(x)", 0, lambda x: abs(x) * m.exp(x)),
    ("abs(x - 1) * abs(x + 1)", 1, lambda x: abs(x - 1) * abs(x + 1)),
    ("abs(x**3)", 0, lambda x: abs(x**3)),
    ("abs(x) - abs(-x)", 0, lambda x: 0 * x),
    ("abs(x) - abs(2*x)/2 + x", 0, lambda x: x),
    ("relu(x)", 0, relu),
    ("relu(-x)", 0, lambda x: relu(-x)),
    ("relu(x) - relu(-x)", 0, lambda x: x),
    ("relu(x) + relu(-x)", 0, lambda x: abs(x)),
    ("relu(x) * relu(-x)", 0, lambda x: 0 * x),
    ("relu(x)**2", 0, lambda x: relu(x) ** 2),
    ("relu(relu(x) - x)", 0, lambda x: relu(relu(x) - x)),
    ("leaky_relu(x, 0.1)", 0, lambda x: x if x > 0 else x * m.mpf(0.1)),
    ("leaky_relu(x, 1)", 0, lambda x: x),
    ("elu(x)", 0, lambda x: x if x > 0 else m.exp(x) - 1),
    ("elu(x, 2)", 0, lambda x: x if x > 0 else 2 * (m.exp(x) - 1)),
    ("maximum(x, -x)", 0, lambda x: abs(x)),
    ("maximum(x, 2*x)", 0, lambda x: max(x, 2 * x)),
    ("minimum(x, x**2)", 0, lambda x: min(x, x * x)),
    ("maximum(x, x)", 5, lambda x: x),
    ("maximum(x, 3) + minimum(x, 3)", 3, lambda x: x + 3),
    ("maximum(x, 3) * minimum(x, 3)", 3, lambda x: 3 * x),
    ("clip(x, 0, 1)", 0, lambda x: min(max(x, 0), 1)),
    ("clip(x, 0, 1)", 1, lambda x: min(max(x, 0), 1)),
    ("clip(x, 0, 0)", 0, lambda x: 0 * x),
    ("clip(x, x, 1)", 0.5, lambda x: x),
    ("where(x > 0, x, 0)", 0, relu),
    ("where(x >= 0, x, 0)", 0, relu),
    ("where(x > 0, x, -x)", 0, lambda x: abs(x)),
    ("where(x > 0, x**2, -x**2)", 0, lambda x: x * abs(x)),
    ("where(x >= 1, x**2, 2*x - 1)", 1, lambda x: x**2 if x >= 1 else 2 * x - 1),
    ("where(x < 1, sin(x), 3*x)", 0.5, lambda x: m.sin(x)),
    ("(x > 0) * x", 0, relu),
    ("(x > 0) * x + (x <= 0) * x", 0, lambda x: x),
    ("(x != 0) * x", 0, lambda x: x),
    ("sign(x) * x", 0, lambda x: abs(x)),
    ("sign(x) * x**2", 0, lambda x: x * abs(x)),
    ("floor(x) * (x - 1)", 1, lambda x: m.floor(x) * (x - 1)),
    ("x - floor(x) + floor(x)", 2, lambda x: x),
    ("norm([x, x])", 0, lambda x: m.sqrt(2) * abs(x)),
    ("norm([x, 2*x])**2", 0, lambda x: 5 * x * x),
    ("norm([x, 1])", 0, lambda x: m.sqrt(x * x + 1)),
    ("hypot(x, 2*x)", 0, lambda x: m.sqrt(5) * abs(x)),
    ("std([x, -x])", 0, lambda x: abs(x)),
    ("max([x, -x, 0*x])", 0, lambda x: abs(x)),
    ("max([x, 2*x]) + min([x, 2*x])", 0, lambda x: 3 * x),
    ("min([x, x**2, 3])", 0, lambda x: min(x, x * x, m.mpf(3))),
    ("max([abs(x), x**2])", 0, lambda x: abs(x)),
    ("sum(abs([x, 2*x, x - 1]))", 0, lambda x: 3 * abs(x) + abs(x - 1)),
    ("sum(relu([x, -x]) * [1, -1])", 0, lambda x: x),
    ("abs(x) + abs(x - 1)", 0, lambda x: abs(x) + abs(x - 1)),
    ("log(1 + abs(x))", 0, lambda x: m.log(1 + abs(x))),
    ("1 / (1 + abs(x))", 0, lambda x: 1 / (1 + abs(x))),
    ("sqrt(1 + abs(x))", 0, lambda x: m.sqrt(1 + abs(x))),
    ("(1 + abs(x))**x", 0, lambda x: (1 + abs(x)) ** x),
    ("abs(x)**1.5", 0, lambda x: abs(x) ** m.mpf(1.5)),
    ("softplus(abs(x))", 0, lambda x: m.log(1 + m.exp(abs(x)))),
]


def one_sided(f: Callable[[Any], Any], at: float, direction: int) -> float:
    """A one-sided difference, extrapolated once (Richardson)."""
    with mpmath.workdps(80):
        x, h = m.mpf(at), m.mpf(10) ** -25

        def slope(step: Any) -> Any:
            return (f(x + direction * step) - f(x)) / (direction * step)

        return float(2 * slope(h / 2) - slope(h))


@pytest.mark.parametrize(("text", "at", "f"), CASES, ids=[f"{t} at {x}" for t, x, _ in CASES])
def test_one_sided_derivatives(text: str, at: float, f: Callable[[Any], Any]) -> None:
    found = gradient(f"x = {at}\nL = {text}", "x")
    left, right = one_sided(f, at, -1), one_sided(f, at, +1)
    check = found.check
    assert check is not None
    if left == pytest.approx(right, rel=1e-12, abs=1e-12):
        # The derivative exists, and no convention replaces it.
        assert check.verdict == "unchecked"
        assert found.value == pytest.approx(right, rel=1e-12, abs=1e-12)
    else:
        assert check.verdict == "kink"
        assert (check.left, check.right) == (
            pytest.approx(left, rel=1e-12, abs=1e-12),
            pytest.approx(right, rel=1e-12, abs=1e-12),
        )
        low, high = sorted((left, right))
        assert low - 1e-12 <= found.value <= high + 1e-12
        assert check.convention
        assert check.line == 2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("abs(x)", 0.0),
        ("relu(x)", 0.0),
        ("relu(-x)", 0.0),
        ("norm([x, x])", 0.0),
        ("hypot(x, x)", 0.0),
        ("clip(x, 0, 1)", 0.0),
        ("clip(x, -1, 0)", 0.0),
        ("maximum(x, 0)", 0.5),
        ("minimum(x, 0)", 0.5),
        ("max([x, 0, 0*x, -1])", 1 / 3),
        ("leaky_relu(x, 0.1)", 0.1),
    ],
)
def test_the_convention_is_the_smallest_norm_and_ties_share(text: str, value: float) -> None:
    found = gradient(f"x = 0\nL = {text}", "x")
    assert found.value == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("floor(x)", 1),
        ("ceil(x)", 1),
        ("round(x)", 0.5),
        ("round(x)", 1.5),
        ("round(x)", 2.5),
        ("sign(x)", 0),
        ("x > 0", 0),
        ("x >= 0", 0),
        ("x == 0", 0),
        ("where(x > 0, 1, 2) + x", 0),
        ("where(x > 0, x + 1, x)", 0),
        ("floor(x) * x", 1),
        ("exp(sign(x))", 0),
        ("atan2(x, -1)", 0),
    ],
)
def test_a_jump_has_no_derivative(text: str, at: float) -> None:
    found = report(f"x = {at}\nL = {text}")
    check = found.gradients["x"].check
    assert check is not None
    assert check.verdict == "undefined"
    assert found.status == "failed"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("floor(x)", 1.5),
        ("ceil(x)", -0.5),
        ("round(x)", 1),
        ("round(x)", 0.4),
        ("sign(x)", -3),
        ("x > 0", 1),
        ("sum([x, 2] > 1)", 3),
        ("where(x > 0, 1, 2)", -1),
    ],
)
def test_away_from_its_jumps_a_step_is_flat(text: str, at: float) -> None:
    found = report(f"x = {at}\nL = {text}")
    assert found.gradients["x"].value == 0.0
    assert found.status == "ok"
    assert "kink" not in {note.code for note in found.notes}


@pytest.mark.parametrize(
    "text",
    [
        "sqrt(x)",
        "x**0.5",
        "x**(1/3)",
        "cbrt(x)",
        "sqrt(abs(x))",
        "abs(x)**0.5",
        "acosh(x + 1)",
        "asin(x + 1)",
        "acos(x - 1)",
        "sqrt(x) + 3*x",
    ],
)
def test_an_infinite_slope_is_undefined(text: str) -> None:
    found = report(f"x = 0\nL = {text}")
    check = found.gradients["x"].check
    assert check is not None
    assert (check.verdict, found.status) == ("undefined", "failed")
    assert check.line == 2


def test_the_first_bad_edge_is_named() -> None:
    found = report("x = 0\ny = sqrt(x)\nz = y * 2\nL = exp(z)")
    check = found.gradients["x"].check
    assert check is not None
    assert (check.verdict, check.line) == ("undefined", 2)
    assert "sqrt" in check.reason


def test_a_kink_on_a_part_that_is_not_used_does_not_matter() -> None:
    for text in (
        "x = 0\ny = abs(x)\nL = x * 2",
        "x = 0\nL = where(x + 1 > 0, x * 2, abs(x))",
        "x = [0, 3]\ny = abs(x)\nL = y[1] * 2",
        "x = 2\nc = 0\nL = x * 2 + abs(c) * 0 + abs(c - c)",
    ):
        found = report(text, wrt=["x"])
        assert found.gradients["x"].check is not None
        assert found.gradients["x"].check.verdict == "unchecked", text


def test_arrays_are_judged_element_by_element() -> None:
    found = gradient("x = [0, 2, -1, 0]\nL = sum(abs(x) * [1, 1, 1, 3])", "x")
    assert found.check is not None
    assert found.check.verdict == "kink"
    np.testing.assert_array_equal(found.value, [0, 1, -1, 0])
    np.testing.assert_array_equal(found.check.left, [-1, 1, -1, -3])
    np.testing.assert_array_equal(found.check.right, [1, 1, -1, 3])


def test_tied_maxima_of_an_array() -> None:
    found = gradient("x = [1, 3, 3, 3]\nL = max(x)", "x")
    assert found.check is not None
    np.testing.assert_allclose(found.value, [0, 1 / 3, 1 / 3, 1 / 3])
    np.testing.assert_array_equal(found.check.left, [0, 0, 0, 0])
    np.testing.assert_array_equal(found.check.right, [0, 1, 1, 1])


def test_a_derivative_that_exists_element_by_element() -> None:
    found = gradient("x = [0, 2]\nL = sum(relu(x) - relu(-x))", "x")
    np.testing.assert_array_equal(found.value, [1, 1])
    np.testing.assert_array_equal(found.sweep, [0, 1])
    assert found.check is not None
    assert found.check.verdict == "unchecked"


def test_leaves_are_judged_apart() -> None:
    found = report("x = 0\ny = 2\nL = abs(x) * y + y**2")
    verdicts = {name: g.check.verdict for name, g in found.gradients.items() if g.check}
    assert verdicts == {"x": "kink", "y": "unchecked"}
    assert found.gradients["y"].value == 4.0
    assert found.status == "ok"


def test_a_note_names_the_operation_and_line() -> None:
    found = report("x = 0\n\ny = abs(x)\nL = y")
    (note,) = [note for note in found.notes if note.code == "kink"]
    assert note.line == 3
    assert "abs" in note.message


@pytest.mark.parametrize("step", [1e-300, 5e-324, -1e-300])
def test_just_off_a_kink_there_is_none(step: float) -> None:
    found = report(f"x = {step!r}\nL = abs(x)")
    assert found.gradients["x"].value == math.copysign(1, step)
    assert not [note for note in found.notes if note.code == "kink"]
