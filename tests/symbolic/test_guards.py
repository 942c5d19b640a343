"""What SymPy gets wrong or hides, and what would never end: one case each."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import pytest
from asking import ask, close

# ---- digits


@pytest.mark.parametrize("exponent", [-2, -8, -20, -30, -60, -150, -300])
def test_cancellation_is_seen_at_every_scale(exponent: int) -> None:
    # Below 1e-20 even 1 - cos(x) with 40 digits is 0, and so with 60.
    x = float(f"1e{exponent}")
    asked = ask(f"x = {x!r}\nL = (1 - cos(x)) / x**2")
    with mpmath.workdps(1000):
        t = mpmath.mpf(x)
        wanted = mpmath.sin(t) / t**2 - 2 * (1 - mpmath.cos(t)) / t**3
    assert close(asked["x"], wanted, 33)


def test_cancellation_across_statements() -> None:
    # Of 1 + x and 1 + y nothing is left of x and y; both are rounded by one formula.
    asked = ask("x = 1e-100\ny = 3e-100\na = 1 + x\nb = 1 + y\nL = (a - b)**2")
    assert close(asked["x"], 2 * (mpmath.mpf(1e-100) - mpmath.mpf(3e-100)))


def test_absorbed_terms_count() -> None:
    asked = ask("x = 1e100\ny = 0.1\nL = sin(x + y)")
    with mpmath.workdps(300):
        wanted = mpmath.cos(mpmath.mpf(1e100) + mpmath.mpf(0.1))
    assert close(asked["y"], wanted, 33)
    asked = ask("x = 1e-100\ny = 1e100\nL = (1 + x)**y")
    with mpmath.workdps(400):
        x, y = mpmath.mpf(1e-100), mpmath.mpf(1e100)
        wanted = (1 + x) ** y * mpmath.log(1 + x)
    assert close(asked["y"], wanted, 33)


def test_exp_minus_its_series() -> None:
    # mpmath's exp(1e-30) is 1 + 1e-30 without an error that rounding would show.
    asked = ask("x = 1e-30\nL = exp(x) - 1 - x")
    with mpmath.workdps(200):
        wanted = mpmath.expm1(mpmath.mpf(1e-30))
    assert close(asked["x"], wanted, 33)


def test_what_cancels_to_0_is_0() -> None:
    asked = ask("x = 0.3\ny = sin(x)**2 + cos(x)**2\nL = y")
    assert asked["x"] == 0
    asked = ask("x = 0.3\ns = sin(x)**2\nc = cos(x)**2\nL = exp(s + c)")
    assert asked["x"] == 0


# ---- singularities


def test_sympy_cancels_a_root_on_construction() -> None:
    asked = ask("x = 0\nL = sqrt(x)**2")
    assert asked["x"] is None
    assert "infinite" in asked.found.reason
    assert asked.found.line == 2
    (note,) = asked.found.notes
    assert "cancels a singularity" in note
    assert ask("x = 0.5\nL = sqrt(x)**2")["x"] == 1


def test_a_root_cancelled_across_statements() -> None:
    asked = ask("x = 0\ny = sqrt(x)\nL = y**2")
    assert asked["x"] is None
    assert len(asked.found.notes) == 1


def test_quotients_are_not_cancelled() -> None:
    asked = ask("x = 3\nL = x / x")
    assert asked["x"] == 0
    assert asked.found.notes == ()


@pytest.mark.parametrize(
    ("x", "y", "by_x", "by_y"),
    [
        (0, 2, 0, 0),  # SymPy's own derivative by x is y·x**y/x: nan
        (0, 3.7, 0, 0),
        (0, 1, 1, 0),
        (-2, 3, 12, None),
        (2, 0, 0, math.log(2)),
    ],
)
def test_powers_at_0_and_below(x: float, y: float, by_x: float, by_y: float | None) -> None:
    asked = ask(f"x = {x}\ny = {y}\nL = x**y")
    assert asked["x"] == by_x
    assert asked["y"] is None if by_y is None else abs(asked["y"] - by_y) < 1e-15


def test_an_infinite_slope_is_no_number() -> None:
    asked = ask("x = 0\ny = 2\nL = sqrt(x) + y**2")
    assert asked["x"] is None
    assert asked["y"] == 4
    assert asked.coverage("x") == 0.0
    assert asked.coverage("y") == 1.0


def test_0_times_infinity_is_no_number() -> None:
    assert ask("x = 0\ny = sqrt(x)\nL = 0 * y")["x"] is None


def test_abs_by_sympy_of_a_square() -> None:
    # sqrt(x**2) is Abs(x) to SymPy, and its derivative sign(x), 0 at 0.
    assert ask("x = -3\nL = sqrt(x**2)")["x"] == -1
    assert ask("x = 0\nL = sqrt(x**2)")["x"] is None


# ---- branches and jumps


@pytest.mark.parametrize(
    ("model", "wanted"),
    [
        ("x = -1\nL = where(x > 0, log(x), x**2)", -2),
        ("x = -1\na = log(x)\nL = where(x > 0, a, x**2)", -2),
        ("x = 0\na = 1 / x\nb = 3 * x\nL = where(x != 0, a, b)", 3),
        ("x = 0\nz = sqrt(x)\ny = 5 * x\nL = where(x > 0, z, y)", 5),
        ("x = 0\nz = sqrt(x)\nL = where(x > 0, z, 1) * 2 + x", 1),
        ("x = 2\nL = maximum(x, 1) + minimum(x, 1) + clip(x, -inf, inf)", 2),
        ("x = 2.25\nL = floor(x) * x + ceil(x) + round(x) + sign(x)", 2),
        ("x = 2\nL = (x > 1) * x**2 + (x == 5)", 4),
    ],
)
def test_only_the_branch_taken_counts(model: str, wanted: float) -> None:
    assert ask(model)["x"] == wanted


@pytest.mark.parametrize(
    "expression",
    ["abs(x)", "relu(x)", "maximum(x, 0)", "floor(x)", "sign(x)", "leaky_relu(x)", "(x > 0) * 2"],
)
def test_kinks_and_jumps_have_no_derivative(expression: str) -> None:
    # SymPy has 0, ½ or a DiracDelta for some of them.
    assert ask(f"x = 0\nL = {expression}")["x"] is None


def test_kinks_that_are_none() -> None:
    # elu is smooth at 0, and what multiplies a kink by 0 is, too.
    assert ask("x = 0\nL = elu(x)")["x"] == 1
    assert ask("x = 0\na = abs(x)\nL = a * x")["x"] == 0


# ---- what must not run away, nor run


@pytest.mark.parametrize(
    "model",
    [
        "x = 2\nL = x * 9**9**9**9",
        "x = 9\nL = x**x**x**x",
        "x = 2\nL = exp(exp(exp(exp(exp(x)))))",
        "x = 2\nL = x + 1 / exp(exp(exp(exp(exp(x)))))",
        "x = 2\nL = sin(exp(exp(exp(exp(x)))))",
        "x = 2\nL = x * lgamma(-1e9 - 0.5 + x)",
        "x = -1e6\nL = digamma(x + 0.5)",
        "x = 1e200\nL = x * erfc(x)",
    ],
)
def test_numbers_too_large_are_told(model: str) -> None:
    asked = ask(model)
    assert asked["x"] is None
    assert asked.found.reason


@pytest.mark.parametrize(
    ("model", "wanted"),
    [
        # Constants that SymPy would work out exactly, to a million digits.
        ("f(z) = z * z\nx = 2\nL = x * " + "f(" * 20 + "3" + ")" * 20, (3, 2**20)),
        ("x = 2\nL = x * 3**100000", (3, 100000)),
        # A polynomial of degree 2**14 whose tree has as many nodes.
        ("f(z) = z * z + z\nx = 0\nL = " + "f(" * 14 + "x" + ")" * 14, 1),
        ("x = 1\nL = " + "+".join(["x"] * 3000), 3000),
        ("x = 0\nL = " + "sin(" * 3000 + "x" + ")" * 3000, 1),
    ],
)
def test_large_formulas_are_taken_in_parts(model: str, wanted: Any) -> None:
    base, exponent = wanted if isinstance(wanted, tuple) else (wanted, 1)
    assert close(ask(model)["x"], base**exponent)


def test_overflow_of_floats_is_none_here() -> None:
    asked = ask("x = 7\nL = exp(exp(x))")
    with mpmath.workdps(50):
        wanted = mpmath.exp(mpmath.exp(7)) * mpmath.exp(7)
    assert close(asked["x"], wanted)


def test_names_are_only_printed() -> None:
    names = ["S", "E", "I", "N", "lambda", "__import__", "eval", "oo", "Symbol", "x0", "s0"]
    lines = [f"{name} = {k + 2}" for k, name in enumerate(names)]
    asked = ask("\n".join([*lines, "L = " + " * ".join(names)]))
    for k, name in enumerate(names):
        assert asked[name] == math.factorial(len(names) + 1) // (k + 2)
        text = asked.text(name)
        assert text is not None
        assert set(text.split("·")) == set(names) - {name}
