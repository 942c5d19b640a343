"""Where floats are not what the model means: each finding with its line, and no false alarm."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from engine import report
from hypothesis import given
from hypothesis import strategies as st

from autodiff import doubts


@pytest.fixture(autouse=True)
def _at_home(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("on") is not None:
        pytest.skip("of arrays on a device only literals are looked at")


QUIET = {"literal", "underflow", "nan", "digits", "overflow"}


def notes(text: str, **options: Any) -> list[tuple[str, int | None]]:
    """Code and line of each note about numbers."""
    found = report(text, **options).notes
    return [(note.code, note.line) for note in found if note.code in QUIET]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 9007199254740993\nL = x", [("literal", 1)]),
        ("x = 2\nL = x + 9007199254740993\nM = 9007199254740993", [("literal", 2)]),
        ("f(z) = z + 9007199254740993\nx = 2\nL = f(x)", [("literal", 3)]),
        ("x = 1e-400\nL = x", [("literal", 1)]),
        ("x = 2\nL = where(x > 1e400, x, 1)", [("literal", 2)]),
        # Decimals are rounded, as everybody knows; these are what they say.
        ("x = 0.1\ny = 9007199254740992\nz = 0.0\nL = x*y + 0e5 + z + 12345678901234567890e0", []),
        ("x = 2\nL = where(x < inf, x, 1)", []),
    ],
)
def test_literals(text: str, expected: list[tuple[str, int]]) -> None:
    assert notes(text) == expected


def test_literals_of_float32() -> None:
    text = "x = 16777217\ny = 1e-50\nz = 0.1\nL = x + y + z"
    assert notes(text, dtype="float32") == [("literal", 1), ("literal", 2)]
    assert notes(text) == []


@given(st.integers(0, 10**40))
def test_an_integer_is_told_if_and_only_if_floats_have_another(number: int) -> None:
    told = doubts._misread(str(number), float(number))
    assert bool(told) == (Decimal(number) != Decimal(float(number)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1e-200\nb = x * 2\nL = x * b + 1", [("underflow", 3)]),
        ("x = -800\nb = exp(x)\nL = b * 3", [("underflow", 2), ("underflow", 2)]),
        ("x = 1e200\nL = 1 / x", [("underflow", 2)]),  # its slope is −1e-400
        ("x = 1e-200\nb = 1e-200 * x\nL = b * 1e300", [("underflow", 2)]),
        ("x = 800\nL = sigmoid(-x)", [("underflow", 2), ("underflow", 2)]),
        ("x = [1e-200, 2, -3]\nL = sum(x * x * relu(x))", [("underflow", 2)] * 2),
        # Zeros that are zeros.
        ("x = 1.5\nL = x - x + relu(-x) + floor(0.5 * x) + 0 * x + sin(0 * x)", []),
        ("x = [0, 1.5, -2]\nL = sum(relu(x)) + sum(x * 0) + sum(clip(x, 0, 1))", []),
        ("x = 2\nb = exp(-800 * x)\nL = x", []),  # nothing uses it
    ],
)
def test_what_vanishes(text: str, expected: list[tuple[str, int]]) -> None:
    assert notes(text) == expected


def test_what_vanishes_in_float32_only() -> None:
    text = "x = 1e-30\nL = x * x"
    assert ("underflow", 2) in notes(text, dtype="float32")
    assert notes(text) == []


def test_a_gradient_that_vanished_is_not_called_zero() -> None:
    for check in (False, True):
        found = report("x = 1e200\nL = 1 / x", check=check).gradients["x"]
        assert (found.value, found.relation) == (0.0, "")
    assert report("x = 2\nL = 0 * x").gradients["x"].relation == "zero"


def test_a_nan_names_its_operation_and_the_way_to_it() -> None:
    found = report("x = 800\nb = exp(x)\nc = b - b\nd = c * 2\ne = 1\nL = d + e")
    assert [(n.code, n.line) for n in found.notes if n.code in QUIET] == [
        ("overflow", 2),
        ("nan", 3),
    ]
    (note,) = [n for n in found.notes if n.code == "nan"]
    assert note.message == "inf - inf is nan, on the way L → d → c"
    check = found.gradients["x"].check
    assert check is not None
    assert (check.verdict, check.line) == ("undefined", 2)
    assert check.reason.endswith("is inf, on the way L → d → c → b")


def test_the_first_nan_of_arrays() -> None:
    found = report("x = [1, 2]\nb = x * inf\nc = b - b\nL = sum(c[0:1]) + x[0]")
    (note,) = [n for n in found.notes if n.code == "nan"]
    assert (note.line, note.message) == (3, "subtract is nan, on the way L → c")
    check = found.gradients["x"].check
    assert check is not None
    assert check.verdict == "undefined"


@pytest.mark.parametrize("value", ["nan", "inf - inf", "0 * inf"])
def test_nan_agrees_with_nothing(value: str) -> None:
    text = f"x = 2\nz = {value.replace('nan', 'inf / inf')} * x\nL = z\ndL/dx == dL/dx\nL == L"
    found = report(text, check=True)
    check = found.gradients["x"].check
    assert check is not None
    assert check.verdict == "undefined"
    assert {claim.status for claim in found.claims}.isdisjoint({"proved", "verified", "value"})


def test_where_digits_are_lost_first() -> None:
    text = "x = 1\na = x + 1\nb = a + 1e20\nc = b - 1e20\nL = c * 2"
    assert notes(text, check=True) == [("digits", 4)]
    # An output that is not finite, or underflows, has another note.
    assert ("digits", 2) not in notes("x = 1e-200\nL = x * x", check=True)
    assert ("digits", 2) not in notes("x = 1e200\nL = x * x", check=True)


def test_where_digits_of_float32_are_lost_first() -> None:
    text = "x = 1\na = x / 3\nb = a + 1e10\nc = b - 1e10\nL = c * 2"
    assert notes(text, check=True, dtype="float32") == [("digits", 4)]


def test_more_digits_need_no_such_notes() -> None:
    text = "x = 9007199254740993\ny = 1e-400\nL = x * y * y + exp(-800 * x)"
    assert notes(text, precision=40) == []
