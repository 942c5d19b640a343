"""Steps that need not be done: what is written of an expression, and that it is the same number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodiff.compiled.layout import program
from autodiff.compiled.schedule import needed
from autodiff.compiled.values import Kind, Value
from autodiff.compiled.writer import Writer

X, Y = np.array([[0.5, -1.5, 3.0], [2.0, 0.25, -7.0]]), np.array([1.5, -0.3, 0.7])
Expression = Callable[[Any, Any, Any], Any]


def written(expression: Expression) -> tuple[Writer, Value]:
    m = Writer()
    return m, m.value(expression(m, m.given(X), m.given(Y)))


def computed(value: Value) -> Any:
    return program([value])()[0]


def text(value: Value) -> str:
    """What is computed, in one line."""
    if value.kind is Kind.GIVEN:
        return "x" if value.detail is X else "y"
    if value.kind is Kind.NUMBER:
        return f"{value.detail:g}"
    detail = f"{value.detail}" if value.kind in {Kind.FOLD, Kind.VIEW} else ""
    return f"{value.name}{detail}({', '.join(map(text, value.operands))})"


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        (lambda m, x, y: x * 1, "x"),
        (lambda m, x, y: x**1, "x"),
        (lambda m, x, y: x / 1, "x"),
        (lambda m, x, y: x**2, "square(x)"),
        (lambda m, x, y: -(x.negative()), "x"),
        (lambda m, x, y: x - -y, "add(x, y)"),
        (lambda m, x, y: x + -y, "subtract(x, y)"),
        (lambda m, x, y: -x + y, "subtract(y, x)"),
        (lambda m, x, y: -x - y, "multiply(-1, add(x, y))"),
        (lambda m, x, y: (-x) * (-x), "multiply(x, x)"),
        (lambda m, x, y: x / 4, "multiply(0.25, x)"),
        (lambda m, x, y: x / 3, "divide(x, 3)"),
        (lambda m, x, y: 100 * (2 * x), "multiply(200, x)"),
        (lambda m, x, y: 3 * (5 * x), "multiply(3, multiply(5, x))"),
        (lambda m, x, y: 2 * x + 2 * m.exp(x), "multiply(2, add(x, exp(x)))"),
        (lambda m, x, y: 2 * x - 2 * m.exp(x), "multiply(2, subtract(x, exp(x)))"),
        (lambda m, x, y: x * (2 * y), "multiply(x, multiply(2, y))"),  # the fewer are scaled
        (lambda m, x, y: (2 * x) * y, "multiply(x, multiply(2, y))"),
        (lambda m, x, y: (2 * x) * m.exp(x), "multiply(2, multiply(x, exp(x)))"),
        (lambda m, x, y: (2 * x) / m.exp(x), "multiply(2, divide(x, exp(x)))"),
        (lambda m, x, y: m.sum(4 * x, axis=0, keepdims=True), "multiply(4, add(0,)(x))"),
        # Numbers are computed before anything runs, and so is what they decide.
        (lambda m, x, y: m.exp(m.value(0.0)) * x, "x"),
        (lambda m, x, y: m.where(m.value(2.0) > 1, x, x * y), "x"),
        (lambda m, x, y: m.times(3.0, x), "multiply(3, x)"),
        # A condition made a number is a condition again.
        (lambda m, x, y: m.where(m.where(x > 1, 1, 0), x, y), "choose(greater(x, 1), x, y)"),
        (lambda m, x, y: m.where(x > 1, 0, 1), "as_numbers(logical_not(greater(x, 1)))"),
        # What is spread over an array is not computed there.
        (
            lambda m, x, y: m.exp(m.broadcast_to(y, (2, 3))),
            "spread(2, 3)(exp(y))",
        ),
        (lambda m, x, y: x * m.ones_like(x), "x"),
        (lambda m, x, y: m.reshape(m.reshape(x, (6,)), (3, 2)), "reshape(3, 2)(x)"),
        (lambda m, x, y: m.transpose(m.transpose(x, (1, 0)), (1, 0)), "x"),
        (
            lambda m, x, y: m.sum(m.sum(x, axis=1, keepdims=True), axis=1, keepdims=True),
            "add(1,)(x)",
        ),
        # Sums in another order.
        (lambda m, x, y: m.sum(x * x, axis=1), "row products(x, x)"),
        (
            lambda m, x, y: m.sum(
                m.matmul(x, x.writer.transpose(x, (1, 0))), axis=0, keepdims=True
            ),
            "matmul(add(0,)(x), transpose(1, 0)(x))",
        ),
        (
            lambda m, x, y: m.sum(x * m.sum(x, axis=1, keepdims=True), axis=0, keepdims=True),
            "matmul(transpose(1, 0)(add(1,)(x)), x)",
        ),
    ],
)
def test_what_is_written(expression: Expression, wanted: str) -> None:
    _, value = written(expression)
    assert text(value) == wanted


def test_the_same_is_written_once() -> None:
    _, value = written(lambda m, x, y: m.exp(x * y) + m.sin(m.exp(x * y)))
    assert [step.name for step in needed([value])] == [
        *("given", "given", "multiply", "exp", "sin", "add"),
    ]


@pytest.mark.parametrize("c", [2.0**17, 2.0**-40, 3.0, 0.0, float("inf"), float("nan")])
def test_what_is_not_exact_stays_where_it_is(c: float) -> None:
    _, value = written(lambda m, x, y: (c * x) * m.exp(x))
    assert value.name == "multiply"
    assert value.operands[0].name == "multiply"


@pytest.mark.parametrize(
    ("inner", "outer"), [(5e-324, 0.5), (1.7e308, 2.0), (1e-310, 2.0**-10), (0.0, 4.0), (-3.0, 4.0)]
)
def test_numbers_that_do_not_fit_are_not_multiplied(inner: float, outer: float) -> None:
    with np.errstate(all="ignore"):
        x = np.array([1e300, 1e-300, 0.5, -2.0])
        m = Writer()
        found = computed(outer * (inner * m.given(x)))
        np.testing.assert_array_equal(found, outer * (inner * x))


operations = st.sampled_from(["+", "-", "*", "/", "scale", "negative", "spread", "square", "abs"])
numbers = st.sampled_from([1.0, -1.0, 2.0, -2.0, 0.5, 3.0, -3.0, 0.1, 4.0, 2.0**16, 2.0**20])


@given(
    st.lists(st.tuples(operations, st.integers(0, 20), st.integers(0, 20), numbers), max_size=14)
)
def test_the_rules_change_no_digit(drawn: list[tuple[str, int, int, float]]) -> None:
    """Arithmetic on arrays of several shapes, written and computed by NumPy as it stands."""
    m = Writer()
    theirs: list[Any] = [X, Y, X[:, :1], X[:1], np.full((1, 1), 0.75)]
    ours: list[Any] = [m.given(x) for x in theirs]
    for kind, i, k, c in drawn:
        (a, b), (u, v) = ([pile[i % len(pile)], pile[k % len(pile)]] for pile in (theirs, ours))
        with np.errstate(all="ignore"):
            if kind == "scale":
                theirs.append(c * a)
                ours.append(c * u)
            elif kind == "negative":
                theirs.append(-a)
                ours.append(-u)
            elif kind == "spread":
                theirs.append(np.broadcast_to(a, np.broadcast_shapes(a.shape, (2, 3))))
                ours.append(m.broadcast_to(u, theirs[-1].shape))
            elif kind in {"square", "abs"}:
                theirs.append(getattr(np, kind)(a))
                ours.append(getattr(m, kind)(u) if kind == "abs" else u**2)
            else:
                ufunc = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}[kind]
                theirs.append(ufunc(a, b))
                ours.append(m.operator(kind, u, v))
    with np.errstate(all="ignore"):
        for value, found, wanted in zip(ours, program(ours)(), theirs, strict=True):
            np.testing.assert_array_equal(found, wanted, err_msg=repr(value))
