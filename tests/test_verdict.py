"""The verdicts: their borders by constructed numbers, and a wrong rule that must be caught."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import mpmath
import numpy as np
import pytest
from cases import arrays, scalars
from engine import gradient, report

from autodiff import verdict
from autodiff.ops import TABLE
from autodiff.report import Check

EPS = verdict.EPSILON
mpf = mpmath.mpf


def never() -> Any:
    raise AssertionError("high precision was asked for without need")


def decide(
    value: Any, reference: Any, scale: Any = None, exact: Any = never, steps: int = 0
) -> Check:
    scale = abs(value) if scale is None else scale
    with mpmath.workdps(50):
        return verdict.decide(value, reference, scale, steps, exact)


# ---- borders


def test_equal_is_agreed_without_a_question() -> None:
    check = decide(2.0, mpf(2))
    assert (check.verdict, check.error, check.ulps, check.reference) == ("agrees", 0.0, 0.0, "2.0")


@pytest.mark.parametrize("ulps", [1, 10, 100, 250])
def test_a_few_roundings_are_rounding(ulps: int) -> None:
    check = decide(1.0 + ulps * EPS, mpf(1))
    assert check.verdict == "agrees"
    assert check.ulps == pytest.approx(ulps)
    assert check.error == pytest.approx(ulps * EPS)


@pytest.mark.parametrize(("steps", "agrees"), [(0, False), (1000, True)])
def test_more_operations_may_round_more(steps: int, agrees: bool) -> None:
    value = 1.0 + 2000 * EPS
    found = decide(value, mpf(1), exact=lambda: None, steps=steps).verdict
    assert found == ("agrees" if agrees else "differs")


@pytest.mark.parametrize("error", [1e-12, 1e-9, 1e-3, 1.0])
def test_an_error_beyond_rounding_is_inexact_or_differs(error: float) -> None:
    value = 1.0 + error
    assert decide(value, mpf(1), exact=lambda: mpf(1)).verdict == "inexact"
    assert decide(value, mpf(1), exact=lambda: mpf(value)).verdict == "differs"
    assert decide(value, mpf(1), exact=lambda: None).verdict == "differs"
    # High precision must agree to some twenty digits: half of it is not enough.
    assert decide(value, mpf(1), exact=lambda: 1 + mpf("1e-15")).verdict == "differs"


def test_digits_lost_are_counted() -> None:
    check = decide(1.0 + 1e-6, mpf(1), exact=lambda: mpf(1))
    assert check.digits_lost == pytest.approx(9.7, abs=0.1)


@pytest.mark.parametrize(
    ("error", "expected"), [(1e-14, "agrees"), (9e-11, "agrees"), (2e-10, "inexact")]
)
def test_cancellation_is_measured_on_the_scale_of_the_terms_but_ten_digits_are_kept(
    error: float, expected: str
) -> None:
    # 1 is what is left of terms of size 1e6.
    check = decide(1.0 + error, mpf(1), scale=1e6, exact=lambda: mpf(1))
    assert check.verdict == expected


def test_what_cancels_to_zero_has_no_digits_to_lose() -> None:
    assert decide(1e-17, mpf(0), scale=1.0).verdict == "agrees"
    assert decide(1e-9, mpf(0), scale=1.0, exact=lambda: mpf(1e-9)).verdict == "differs"


@pytest.mark.parametrize("value", [0.0, -0.0])
def test_zero_is_zero(value: float) -> None:
    assert decide(value, mpf(0), scale=0.0).verdict == "agrees"


def test_a_zero_that_should_not_be_one_differs() -> None:
    assert decide(0.0, mpf("1e-3"), scale=0.0, exact=lambda: mpf(0)).verdict == "differs"


@pytest.mark.parametrize("size", [1e-300, 1e-30, 1e30, 1e300])
def test_borders_do_not_depend_on_the_unit(size: float) -> None:
    assert decide(size * (1 + 50 * EPS), mpf(size)).verdict == "agrees"
    assert decide(size * (1 + 1e-8), mpf(size), exact=lambda: mpf(size)).verdict == "inexact"
    assert decide(-size, mpf(size), exact=lambda: mpf(-size)).verdict == "differs"


def test_arrays_are_judged_by_their_worst_element() -> None:
    value = np.array([1.0, 2.0, 3.0])
    good = np.array([mpf(1), mpf(2), mpf(3)], dtype=object)
    bad = np.array([mpf(1), mpf(2), mpf("3.001")], dtype=object)
    assert decide(value, good).verdict == "agrees"
    found = decide(value, bad, exact=lambda: good)
    assert found.verdict == "differs"
    assert found.error == pytest.approx(1e-3)
    assert decide(value, bad, exact=lambda: bad).verdict == "inexact"


def test_elements_that_were_not_sampled_are_passed_over() -> None:
    value = np.array([1.0, 2.0])
    assert decide(value, np.array([None, mpf(2)], dtype=object)).verdict == "agrees"
    assert decide(value, np.array([None, mpf(2)], dtype=object)).reference == [None, "2.0"]


# ---- a wrong rule


@pytest.fixture
def wrong() -> Iterator[Callable[..., None]]:
    changed: list[tuple[Any, Any]] = []

    def change(name: str, *partials: Any) -> None:
        op = TABLE[name]
        changed.append((op, op.partials))
        object.__setattr__(op, "partials", partials)

    yield change
    for op, partials in changed:
        object.__setattr__(op, "partials", partials)


@pytest.mark.parametrize(
    ("name", "partials", "model"),
    [
        ("sin", (lambda m, y, x: -m.cos(x),), "x = 0.7\nL = sin(x)"),
        ("sin", (lambda m, y, x: m.cos(x) * (1 + 1e-9),), "x = 0.7\nL = sin(x) * 2"),
        ("exp", (lambda m, y, x: y + 1e-6,), "x = 0.7\ny = exp(x)\nL = y * x"),
        ("tanh", (lambda m, y, x: 1 - y,), "x = [0.1, 0.2]\nL = sum(tanh(x))"),
        ("multiply", (lambda m, v, x, y: x, lambda m, v, x, y: y), "x = 2\ny = 3\nL = x * y"),
        ("power", (lambda m, v, x, y: y * x, lambda m, v, x, y: 0), "x = 2\nL = x**3"),
        ("divide", (lambda m, v, x, y: 1 / y, lambda m, v, x, y: v / y), "x = 2\ny = 3\nL = x / y"),
    ],
)
def test_a_wrong_rule_differs(
    wrong: Callable[..., None], name: str, partials: tuple[Any, ...], model: str
) -> None:
    wrong(name, *partials)
    found = report(model, check=True)
    assert found.status == "failed"
    assert "differs" in {g.check.verdict for g in found.gradients.values() if g.check}


def test_without_the_check_nothing_is_said(wrong: Callable[..., None]) -> None:
    wrong("sin", lambda m, y, x: m.cos(x) + 1)
    found = report("x = 0.7\nL = sin(x)")
    assert found.status == "ok"
    assert found.gradients["x"].check is not None
    assert found.gradients["x"].check.verdict == "unchecked"


# ---- whole models


@pytest.mark.parametrize(
    "text",
    [row[1] for row in scalars.OPTIMISATION + scalars.PHYSICS + scalars.BINARY],
    ids=[row[0] for row in scalars.OPTIMISATION + scalars.PHYSICS + scalars.BINARY],
)
def test_sympy_agrees_with_scalar_models(text: str) -> None:
    found = report(text, check=True)
    for name, g in found.gradients.items():
        assert g.check is not None
        assert g.check.verdict in {"agrees", "inexact"}, (name, g.check)
        if g.check.verdict == "agrees" and g.check.reference is not None:
            assert g.value == pytest.approx(float(g.check.reference), rel=1e-9, abs=1e-290)


@pytest.mark.parametrize("text", [row[1] for row in arrays.CASES[::6]])
def test_sympy_agrees_with_models_of_arrays(text: str) -> None:
    found = report(text, check=True)
    for name, g in found.gradients.items():
        assert g.check is not None
        # Of a variance, the middle element may be a rounding error and nothing else.
        assert g.check.verdict in {"agrees", "inexact"}, (name, g.check)
        assert g.check.error == pytest.approx(0, abs=1e-12 * np.max(np.abs(g.value)) + 1e-300)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1e-8\nL = (1 - cos(x)) / x**2", "inexact"),
        ("x = 1e-8\nL = (1 - cos(x)) / x", "inexact"),
        ("x = 1e-9\nL = (exp(x) - 1 - x) / x**2", "inexact"),
        ("x = 1e8\nL = sqrt(x + 1) - sqrt(x)", "inexact"),
        ("x = 0.5\nL = x - x / 1", "agrees"),
        ("x = 2\nL = x / x", "agrees"),
        ("x = 2\nL = sqrt(x)**2", "agrees"),
        ("x = 2\nL = log(exp(x))", "agrees"),
        ("x = -2\nL = sqrt(x**2)", "agrees"),
        ("x = -2\nL = (x**2)**0.5", "agrees"),
        ("x = 0\ny = 2\nL = x**y", "agrees"),
        ("x = 0\nL = x**2", "agrees"),
        ("x = 3\ny = 2\nL = maximum(x, y)", "agrees"),
        ("x = 3\nL = sign(x) * x", "agrees"),
        ("x = 3.5\nL = floor(x) * x", "agrees"),
        ("x = 2\nL = where(x > 1, x**2, 1 / (x - 2))", "agrees"),
        ("x = 0\nL = abs(x)", "kink"),
        ("x = 0\nL = x * abs(x)", "agrees"),
        ("x = 0\nL = relu(x) - relu(-x)", "agrees"),
        ("x = 0\nL = sqrt(x)", "undefined"),
        ("x = 1000\nL = exp(x)", "undefined"),
        ("x = 0\nL = floor(x)", "undefined"),
        ("x = [0, 1]\nL = sum(abs(x))", "kink"),
        ("x = [0, 1]\nL = sum(x * abs(x))", "agrees"),
    ],
)
def test_verdicts_at_nasty_points(text: str, expected: str) -> None:
    found = gradient(text, "x", check=True)
    assert found.check is not None
    assert found.check.verdict == expected, found.check


def test_an_inexact_gradient_shows_the_truth() -> None:
    check = gradient("x = 1e-8\nL = (1 - cos(x)) / x**2", "x", check=True).check
    assert check is not None
    # -x/12 and the series' next term, x³/180
    assert float(check.reference) == pytest.approx(-1e-8 / 12, rel=1e-12)
    assert check.digits_lost is not None
    assert check.digits_lost > 15


def test_a_leaf_without_a_path_agrees_at_zero() -> None:
    check = gradient("x = 1\ny = 2\nL = y", "x", check=True).check
    assert check is not None
    assert (check.verdict, check.reference) == ("agrees", "0.0")


def test_the_reference_has_thirty_digits_of_the_binary_point() -> None:
    check = gradient("x = 0.1\nL = x**3", "x", check=True).check
    assert check is not None
    with mpmath.workdps(50):
        assert abs(mpf(check.reference) / (3 * mpf(0.1) ** 2) - 1) < mpf("1e-29")
    assert len(check.reference.replace("0.", "").lstrip("0")) >= 29
    assert math.isclose(float(check.reference), 0.03)
