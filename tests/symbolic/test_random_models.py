"""Random models: statement by statement, as a whole, and by differences. Every row, too."""

from __future__ import annotations

from typing import Any

import mpmath
import pytest
from asking import ask, close, difference
from hypothesis import given, settings
from hypothesis import strategies as st

from autodiff import symbolic
from autodiff.backends import mp
from autodiff.ops import TABLE

# A grammar of our own, evaluated by mpmath directly: it shares nothing with the engine.
UNARY = {
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "exp": mpmath.exp,
    "tanh": mpmath.tanh,
    "atan": mpmath.atan,
    "erf": mpmath.erf,
    "asinh": mpmath.asinh,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "square": lambda x: x * x,
    "-": lambda x: -x,
}
EDGE = 0.12345678901  # no model sits on it
BINARY = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / (1 + y * y),
    "maximum": lambda x, y: x if x > y else y,
    "hypot": lambda x, y: mpmath.sqrt(x * x + y * y),
    "where": lambda x, y: x if x > y + EDGE else x * y,
}

LEAVES = ("a", "b", "c")
TREES = st.recursive(
    st.sampled_from([*LEAVES, "v0", "v1", "2", "0.3", "-1.5"]),
    lambda inner: (
        st.tuples(st.sampled_from(sorted(UNARY)), inner)
        | st.tuples(st.sampled_from(sorted(BINARY)), inner, inner)
    ),
    max_leaves=5,
)
POINTS = st.tuples(*[st.floats(-2, 2).filter(lambda x: abs(x) > 1e-3)] * 3)


def text_of(tree: Any) -> str:
    if isinstance(tree, str):
        return f"({tree})"
    name, *parts = tree
    x, *rest = map(text_of, parts)
    if not rest:
        return f"(-{x})" if name == "-" else f"{name}({x})"
    (y,) = rest
    if name == "/":
        return f"({x} / (1 + {y} * {y}))"
    if name == "where":
        return f"where({x} > {y} + {EDGE}, {x}, {x} * {y})"
    return f"({x} {name} {y})" if name in "+-*" else f"{name}({x}, {y})"


def value_of(tree: Any, known: dict[str, Any]) -> Any:
    if isinstance(tree, str):
        return known[tree] if tree in known else mpmath.mpf(float(tree))
    name, *parts = tree
    xs = [value_of(part, known) for part in parts]
    return UNARY[name](*xs) if len(xs) == 1 else BINARY[name](*xs)


@given(st.lists(TREES, min_size=3, max_size=3), POINTS)
def test_three_routes_agree(trees: list[Any], point: tuple[float, ...]) -> None:
    first, second, last = trees
    # A name is used only once it is assigned.
    lines = [f"{name} = {x!r}" for name, x in zip(LEAVES, point, strict=True)]
    lines += [f"v0 = {text_of(renamed(first, {'v0': 'a', 'v1': 'b'}))} + 0 * a"]
    lines += [f"v1 = {text_of(renamed(second, {'v1': 'v0'}))} + 0 * b"]
    lines += [f"L = {text_of(last)} * v1 + v0"]

    def model(*xs: Any) -> Any:
        known = dict(zip(LEAVES, xs, strict=True))
        known["v0"] = value_of(renamed(first, {"v0": "a", "v1": "b"}), known)
        known["v1"] = value_of(renamed(second, {"v1": "v0"}), known)
        return value_of(last, known) * known["v1"] + known["v0"]

    asked = ask("\n".join(lines))
    parts = ask("\n".join(lines), limits=symbolic.Limits(forms=0))
    for k, name in enumerate(asked.index):
        if asked[name] is None:
            assert "differ" not in asked.found.reason
            continue  # on a kink: maximum(a, a)
        with mpmath.workdps(130):
            wanted = difference(model, point, k)
        assert close(asked[name], wanted, 28)
        if parts[name] is not None:
            assert close(asked[name], parts[name], 32)


def renamed(tree: Any, names: dict[str, str]) -> Any:
    if isinstance(tree, str):
        return names.get(tree, tree)
    return (tree[0], *(renamed(part, names) for part in tree[1:]))


ROWS = [
    row
    for row in TABLE.values()
    if row.partials and not row.hidden and not row.symbol and row.name != "where"
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
@settings(max_examples=10)
@given(data=st.data())
def test_every_elementwise_row(row: Any, data: Any) -> None:
    """Its derivative is that of its value, by differences on mpmath."""
    arity = len(row.partials)
    samples = row.sample * arity if len(row.sample) == 1 else row.sample
    # 998.5: none of these is an integer or 0, where the kinks are.
    shares = st.lists(st.integers(1, 997), min_size=arity, max_size=arity, unique=True)
    drawn = data.draw(shares)
    point = [s.low + (s.high - s.low) * k / 998.5 for s, k in zip(samples, drawn, strict=True)]
    names = "pqr"[:arity]
    lines = [f"{name} = {x!r}" for name, x in zip(names, point, strict=True)]
    asked = ask("\n".join([*lines, f"L = {row.name}({', '.join(names)})"]))

    def value(*xs: Any) -> Any:
        return row.value(mp, *xs)

    for k, name in enumerate(names):
        assert close(asked[name], difference(value, point, k), 28), (name, point)
