"""Where a model leaves the reals or the floats: an error where it matters, else a note."""

from __future__ import annotations

import math

import numpy as np
import pytest
from engine import problems, report


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("x = -1\nL = log(x)", (5, 8)),
        ("x = 0\nL = log(x)", (5, 8)),
        ("x = 0\nL = 3 + x * log(x)", (13, 16)),
        ("x = -1\nL = log2(x)", (5, 9)),
        ("x = -1\nL = log10(x)", (5, 10)),
        ("x = -1\nL = log1p(x)", (5, 10)),
        ("x = -2\nL = log1p(x)", (5, 10)),
        ("x = -1\nL = sqrt(x)", (5, 9)),
        ("x = 0\nL = 1 / x", (7, 8)),
        ("x = 0\nL = x / x", (7, 8)),
        ("x = 0\nL = 0 / x", (7, 8)),
        ("x = 1\nL = x / 0", (7, 8)),
        ("x = 0\nL = reciprocal(x)", (5, 15)),
        ("x = 0\nL = x**-1", (6, 8)),
        ("x = 0\nL = x**-0.5", (6, 8)),
        ("x = -8\nL = x**(1/3)", (6, 8)),
        ("x = -8\nL = x^0.5", (6, 7)),
        ("x = 2\nL = asin(x)", (5, 9)),
        ("x = -2\nL = acos(x)", (5, 9)),
        ("x = 0.5\nL = acosh(x)", (5, 10)),
        ("x = 1\nL = atanh(x)", (5, 10)),
        ("x = 0\nL = lgamma(x)", (5, 11)),
        ("x = -3\nL = lgamma(x)", (5, 11)),
        ("x = 0\nL = digamma(x)", (5, 12)),
        ("x = [1, -1]\nL = sum(log(x))", (9, 12)),
        ("x = [[1, 2], [0, 4]]\nL = sum(1 / x)", (11, 12)),
        ("x = [-1, 2]\nL = log(x)[0]", (5, 8)),
        ("x = -1\nf(z) = log(z)\nL = f(x)", (5, 6)),
        ("x = 0\nL = exp(-1 / x**2)", (12, 13)),
        ("x = -1\nL = 0 * log(x)", (9, 12)),
        ("x = -1\nL = where(x < 0, log(x), 1)", (18, 21)),
        ("x = -1\nL = where(log(x) > 0, 1, x)", (11, 14)),
    ],
)
def test_outside_a_domain_where_it_matters(text: str, columns: tuple[int, int]) -> None:
    (found,) = problems(text)
    assert found[:2] == ("DomainProblem", "domain")
    assert found[2] is not None
    assert found[2][0] == text.count("\n") + 1
    assert found[2][1:] == columns


def test_every_place_is_reported() -> None:
    text = "x = -1\ny = log(x)\nz = sqrt(x)\nw = y + 1 / (x + 1)\nL = w + z"
    assert [span[0] if span else None for _, _, span in problems(text)] == [2, 3, 4]


def test_a_consequence_is_not_a_second_error() -> None:
    text = "x = 0\ny = log(x)\nz = y * 0\nL = exp(z) + sqrt(z)"
    assert [span[0] if span else None for _, _, span in problems(text)] == [2]


@pytest.mark.parametrize(
    "text",
    [
        "x = -1\ny = log(x)\nL = x * 2",
        "x = -1\nL = where(x > 0, log(x), x * 2)",
        "x = 0\nL = where(x > 1, 1 / x, x * 2)",
        "x = -1\ny = sqrt(x)\nz = y + 1\nL = where(x > 0, z, x * 2)",
        "x = -1\ny = log(x)\nM = y\nL = 2 * x",
        "x = -1\na = [log(x), 2 * x]\nL = a[1]",
    ],
)
def test_elsewhere_it_is_a_note(text: str) -> None:
    found = report(text, of="L")
    assert found.gradients["x"].value == 2.0
    assert found.status == "ok"
    notes = [note for note in found.notes if note.code == "domain"]
    assert notes
    assert notes[0].line in {2, 3}


def test_elements_that_are_not_used_are_a_note() -> None:
    found = report("x = [-1, 2, 0]\ny = log(x)\nL = y[1]")
    np.testing.assert_array_equal(np.abs(found.gradients["x"].value), [0, 0.5, 0])
    assert {note.code for note in found.notes} == {"domain"}


@pytest.mark.parametrize(
    "text",
    [
        "x = 1000\nL = exp(x)",
        "x = 1e200\nL = x**2",
        "x = 1e200\nL = x * x",
        "x = 9\nL = x**9**9**9",
        "x = 1e308\nL = x * 10 - x * 10",
        "x = 1e300\nL = x * 1e300 * 0",
        "x = 30\nL = exp(exp(x))",
        "x = 1000\nL = cosh(x)",
        "x = 1000\nL = sinh(x) / cosh(x)",
        "x = 1e-320\nL = 1 / x",
        "x = 1e308\nL = lgamma(x)",
        "x = [1, 1000]\nL = sum(exp(x))",
        "x = [1e200, 1]\nL = x @ x",
        "x = [1e200, 1e200]\nL = prod(x)",
    ],
)
def test_overflow_is_undefined_not_an_error(text: str) -> None:
    found = report(text)
    check = found.gradients["x"].check
    assert check is not None
    assert (check.verdict, found.status) == ("undefined", "failed")
    assert not math.isfinite(found.value)
    assert "overflow" in {note.code for note in found.notes}


@pytest.mark.parametrize(
    ("text", "value", "slope"),
    [
        ("x = 1000\nL = tanh(x)", 1.0, 0.0),
        ("x = 1000\nL = sigmoid(x)", 1.0, 0.0),
        ("x = -1000\nL = sigmoid(x)", 0.0, 0.0),
        ("x = 1000\nL = softplus(x)", 1000.0, 1.0),
        ("x = -1000\nL = softplus(x)", 0.0, 0.0),
        ("x = 1000\nL = logsumexp([x, 0])", 1000.0, 1.0),
        ("x = 1000\nL = logsumexp([x, x]) - log(2)", 1000.0, 1.0),
        ("x = 1000\nL = softmax([x, 0])[0]", 1.0, 0.0),
        ("x = 1000\nL = log_softmax([x, 0])[1]", -1000.0, -1.0),
        ("x = 1e200\nL = norm([x, x])", math.sqrt(2) * 1e200, math.sqrt(2)),
        ("x = 3e-200\nL = norm([x, 4e-200])", 5e-200, 0.6),
        ("x = 3e200\nL = hypot(x, 4e200)", 5e200, 0.6),
        ("x = 1\nL = exp(-1000 * x) + x", 1.0, 1.0),
        ("x = 800\nL = log(1 + exp(-x)) + x", 800.0, 1.0),
        ("x = 2\nL = x / inf + x", 2.0, 1.0),
        ("x = 0\nL = x**2 + x**1 + x**0", 1.0, 1.0),
        ("x = -2\nL = x**3", -8.0, 12.0),
        ("x = -2\nL = x**-1", -0.5, -0.25),
        ("x = -2\ny = 2\nL = x**y", 4.0, -4.0),
        ("x = 0\nL = 0**x + x", None, None),
    ],
)
def test_nothing_overflows_that_need_not(
    text: str, value: float | None, slope: float | None
) -> None:
    found = report(text, wrt=["x"])
    if value is None or slope is None:
        return
    assert found.status == "ok"
    assert found.value == pytest.approx(value, rel=1e-15)
    assert found.gradients["x"].value == pytest.approx(slope, rel=1e-14)


def test_the_exponent_of_a_negative_base_has_no_derivative() -> None:
    found = report("x = -2\ny = 2\nL = x**y")
    check = found.gradients["y"].check
    assert check is not None
    assert check.verdict == "undefined"
    assert found.gradients["x"].value == -4.0
