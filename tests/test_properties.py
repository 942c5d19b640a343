"""Random models: every route to a gradient gives the same number.

A random model's text is read by Python too (the two agree on such expressions), on mpmath
numbers or on autograd's arrays: those are the references.
"""

from __future__ import annotations

import math
from typing import Any

import autograd
import autograd.numpy as anp
import mpmath
import numpy as np
import pytest
from engine import report, slopes, value
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import autodiff

Model = list[tuple[str, str]]

# Bounded everywhere, so that random chains of them stay in range.
SCALARS = [
    *["{a} + {b}", "{a} - {b}", "{a} * {b}", "{a} / ({b}**2 + 1)", "-{a}", "{a} * {a}", "{a}"],
    *["sin({a})", "cos({a} * {b})", "tanh({a})", "exp(-{a}**2)", "sqrt({a}**2 + 1)", "{a}**2"],
    *["log({a}**2 + 2)", "atan({a})", "erf({a})", "sin({a}) * {b} + {a}", "({a} + {b})**3 / 9"],
    *["sin({a} - {b}) / (2 + cos({b}))", "-{a}**2 + {b}", "2**-{a}**2", "tanh({a} + 0.5 * {b})"],
]
MP = {
    name: getattr(mpmath.mp, name) for name in ("sin", "cos", "tanh", "exp", "sqrt", "log", "atan")
} | {"erf": mpmath.mp.erf}


@st.composite
def scalar_models(draw: st.DrawFn) -> tuple[Model, list[str]]:
    leaves = draw(st.integers(1, 3))
    numbers = st.floats(-2, 2, allow_subnormal=False).map(lambda x: float(f"{x:.3g}"))
    statements = [(f"x{k}", repr(draw(numbers))) for k in range(leaves)]
    names = [name for name, _ in statements]
    for k in range(draw(st.integers(1, 8))):
        a, b = draw(st.sampled_from(names)), draw(st.sampled_from(names))
        statements.append((f"y{k}", draw(st.sampled_from(SCALARS)).format(a=a, b=b)))
        names.append(f"y{k}")
    return statements, names[:leaves]


def text_of(statements: Model) -> str:
    return "\n".join(f"{name} = {expression}" for name, expression in statements)


def run(statements: Model, functions: dict[str, Any], point: dict[str, Any]) -> Any:
    """The last name's value, by Python."""
    names = {"__builtins__": {}, **functions, **point}
    for name, expression in statements:
        if name not in point:
            names[name] = eval(expression, names)  # noqa: S307  # the test's own text
    return names[statements[-1][0]]


@settings(max_examples=150)
@given(scalar_models())
def test_scalars_against_differences_in_60_digits(drawn: tuple[Model, list[str]]) -> None:
    statements, leaves = drawn
    found = report(text_of(statements), of=statements[-1][0], wrt=leaves)
    with mpmath.workdps(60):
        point = {name: mpmath.mpf(float(text)) for name, text in statements[: len(leaves)]}
        want = float(run(statements, MP, point))
        assert found.value == pytest.approx(want, rel=1e-11, abs=1e-13)
        h = mpmath.mpf(10) ** -20
        for leaf in leaves:
            up = run(statements, MP, point | {leaf: point[leaf] + h})
            down = run(statements, MP, point | {leaf: point[leaf] - h})
            gradient = found.gradients[leaf]
            assert gradient.paths is not None
            slack = 1e-12 * (1 + gradient.paths.absolute_sum)
            assert gradient.value == pytest.approx(
                float((up - down) / (2 * h)), rel=1e-10, abs=slack
            )


@settings(max_examples=100)
@given(scalar_models())
def test_names_and_nodes_give_the_same_sums(drawn: tuple[Model, list[str]]) -> None:
    statements, leaves = drawn
    text, of = text_of(statements), statements[-1][0]
    names = report(text, of=of, wrt=leaves)
    nodes = report(text, of=of, wrt=leaves, nodes="all")
    for leaf in leaves:
        a, b = names.gradients[leaf].paths, nodes.gradients[leaf].paths
        assert a is not None
        assert b is not None
        slack = 1e-12 * (1 + b.absolute_sum)
        assert a.sum == pytest.approx(b.sum, rel=1e-10, abs=slack)
        assert a.sum == pytest.approx(names.gradients[leaf].value, rel=1e-10, abs=slack)
        # What a statement adds up cancels in its edge, never the other way round.
        assert a.absolute_sum <= b.absolute_sum * (1 + 1e-12) + 1e-300
        assert (a.count == 0) == (b.count == 0)


@settings(max_examples=40)
@given(scalar_models())
def test_sympy_never_differs(drawn: tuple[Model, list[str]]) -> None:
    statements, leaves = drawn
    found = report(text_of(statements), of=statements[-1][0], wrt=leaves, check=True)
    for gradient in found.gradients.values():
        assert gradient.check is not None
        assert gradient.check.verdict in {"agrees", "inexact"}, gradient.check


@settings(max_examples=60)
@given(scalar_models(), st.data())
def test_the_chain_rule_between_any_three_names(
    drawn: tuple[Model, list[str]], data: st.DataObject
) -> None:
    # Cut at y: dL/dx = (dL/dx with y held) + dL/dy · dy/dx.
    statements, leaves = drawn
    y = data.draw(st.sampled_from([name for name, _ in statements[len(leaves) :]]))
    x, of, text = leaves[0], statements[-1][0], text_of(statements)
    total = slopes(text, of=of, wrt=[x])[x]
    inner = slopes(text, of=y, wrt=[x])[x]
    outer = slopes(text, of=of, wrt=[y])[y]
    cut = [(n, e if n != y else repr(autodiff.loads(text)[y])) for n, e in statements]
    held = slopes(text_of(cut), of=of, wrt=[x])[x]
    assert total == pytest.approx(held + outer * inner, rel=1e-9, abs=1e-9)


@settings(max_examples=60)
@given(scalar_models(), st.integers(-3, 3))
def test_gradients_are_linear_in_the_output(drawn: tuple[Model, list[str]], c: int) -> None:
    statements, leaves = drawn
    text, of = text_of(statements), statements[-1][0]
    plain = slopes(text, of=of, wrt=leaves)
    scaled = slopes(f"{text}\nL = {c} * {of} + {of}", of="L", wrt=leaves)
    for leaf in leaves:
        assert scaled[leaf] == pytest.approx((c + 1) * plain[leaf], rel=1e-9, abs=1e-9)


@settings(max_examples=60)
@given(scalar_models())
def test_a_model_written_by_functions_is_the_same_model(drawn: tuple[Model, list[str]]) -> None:
    statements, leaves = drawn
    lines = []
    for k, (name, expression) in enumerate(statements):
        if name in leaves:
            lines.append(f"{name} = {expression}")
            continue
        lines += [f"f{k}(u) = {expression} + 0 * u", f"{name} = f{k}({leaves[0]})"]
    plain = slopes(text_of(statements), of=statements[-1][0], wrt=leaves)
    other = slopes("\n".join(lines), of=statements[-1][0], wrt=leaves)
    assert other == pytest.approx(plain, rel=1e-12, abs=1e-12)


# ---- arrays

SHAPES: dict[str, list[str]] = {  # result -> templates over names of shapes: s (), v (3,), m (2, 3)
    "s": [
        "sum({v})",
        "{v} @ {v2}",
        "sum({m})",
        "{m}[1, 2]",
        "{v}[0] * {s}",
        "mean({m})",
        "tanh({s})",
    ],
    "v": [
        *["{v} * {v2}", "{v} + {s}", "sum({m}, axis=0)", "{m}[0]", "sin({v})", "{v}[::-1]"],
        *[
            "{v} @ {m}.T @ {m} / 9",
            "{s} * {v}",
            "concat([{v}[1:], {v2}[:1]])",
            "{v} / ({s}**2 + 1)",
        ],
    ],
    "m": [
        *[
            "{m} * {m2}",
            "{m} + {v}",
            "{m} - {s}",
            "tanh({m})",
            "{m} * {v}",
            "{m} @ outer({v}, {v2})",
        ],
        *["stack([{v}, {v2}])", "{m} / (1 + {m2}**2)", "reshape({m}, (3, 2)).T", "{m}[::-1]"],
    ],
}
ANP = {
    **{name: getattr(anp, name) for name in ("sum", "mean", "tanh", "sin", "outer", "reshape")},
    "concat": anp.concatenate,
    "stack": anp.stack,
}


@st.composite
def array_models(draw: st.DrawFn) -> Model:
    def number() -> str:
        return repr(round(draw(st.floats(-1.5, 1.5)), 2))

    row = lambda: f"[{number()}, {number()}, {number()}]"  # noqa: E731
    statements = [("s0", number()), ("v0", row()), ("m0", f"[{row()}, {row()}]")]
    known = {"s": ["s0"], "v": ["v0"], "m": ["m0"]}
    for k in range(1, draw(st.integers(2, 8))):
        kind = draw(st.sampled_from("svm"))
        pick = {a: draw(st.sampled_from(known[a[0]])) for a in ("s", "v", "m", "v2", "m2")}
        statements.append((f"{kind}{k}", draw(st.sampled_from(SHAPES[kind])).format(**pick)))
        known[kind].append(f"{kind}{k}")
    every = " + ".join(f"sum({name})" for names in known.values() for name in names)
    return [*statements, ("L", every)]


@settings(max_examples=120)
@given(array_models())
def test_arrays_against_autograd(statements: Model) -> None:
    found = report(text_of(statements))
    leaves = ["s0", "v0", "m0"]
    program = autodiff.loads(text_of(statements))
    point = [np.asarray(program[name]) for name in leaves]

    def f(*xs: Any) -> Any:
        return run(statements, ANP, dict(zip(leaves, xs, strict=True)))

    want = float(f(*point))
    assume(math.isfinite(want) and abs(want) < 1e12)
    assert found.value == pytest.approx(want, rel=1e-11, abs=1e-11)
    expected = autograd.grad(f, (0, 1, 2))(*point)
    for name, e in zip(leaves, expected, strict=True):
        gradient = found.gradients[name]
        size = 1 + float(np.max(np.abs(e)))
        np.testing.assert_allclose(gradient.value, e, rtol=1e-10, atol=1e-11 * size)
        assert gradient.paths is not None
        np.testing.assert_allclose(gradient.paths.sum, e, rtol=1e-10, atol=1e-11 * size)
        assert gradient.paths.count is not None
        if len(gradient.paths.shown) == gradient.paths.count:
            total = sum(path.contribution for path in gradient.paths.shown)
            np.testing.assert_allclose(total, e, rtol=1e-9, atol=1e-10 * size)


# ---- anything at all


@settings(max_examples=300)
@given(
    st.text(alphabet=st.sampled_from(list("xyL=+-*/()[],.:0123e# \n\t'\"^@<>!dfα")), max_size=60)
)
def test_any_text_is_a_model_or_an_error(text: str) -> None:
    try:
        report(text)
    except (autodiff.ModelErrors, autodiff.UsageError):
        return


@settings(max_examples=200)
@given(st.text(max_size=40))
def test_any_characters_are_a_model_or_an_error(text: str) -> None:
    try:
        report(text)
    except (autodiff.ModelErrors, autodiff.UsageError):
        return


@settings(max_examples=200)
@given(
    st.sampled_from(["x", "y", "z", "w"]),
    st.lists(
        st.tuples(
            st.sampled_from(["x", "y", "z", "w", "1", "[1, 2]", "None", "(1, 2)", "[[1], [2]]"]),
            st.sampled_from(["+", "*", "@", "**", "/", "<", "[0]*", "[1:]-", ".T+", "[None]*"]),
        ),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from(["sum", "max", "norm", "prod", "softmax", "trace", "diag", "cumsum", "std"]),
)
def test_shapes_fit_or_are_refused(last: str, parts: list[tuple[str, str]], function: str) -> None:
    expression = "".join(a + b for a, b in parts) + last
    leaves = "x = 2\ny = [1, -2]\nz = [[1, 2], [3, 4]]\nw = [[[1, 2]]]"
    text = f"{leaves}\nL = sum({function}({expression}))"
    try:
        report(text)
        report(text, nodes="all")
    except (autodiff.ModelErrors, autodiff.UsageError):
        return


@settings(max_examples=100)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_is_read_exactly(x: float) -> None:
    assert value(f"x = {abs(x)!r}\nL = x * 1") == abs(x)
    assert value(f"x = {x!r}\nL = x * 1") == x
