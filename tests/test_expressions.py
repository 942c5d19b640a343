"""Expressions: what binds how, calls, indices, functions; values worked out by hand or Python."""

from __future__ import annotations

import math

import pytest
from engine import codes, problems, slopes, value
from hypothesis import given
from hypothesis import strategies as st

from autodiff.limits import Limits

X, Y, Z = 3.0, 2.0, 5.0
POINT = f"x = {X}\ny = {Y}\nz = {Z}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x + y * z", X + Y * Z),
        ("(x + y) * z", (X + Y) * Z),
        ("x - y - z", X - Y - Z),
        ("x - (y - z)", X - (Y - Z)),
        ("x / y / z", X / Y / Z),
        ("x / y * z", X / Y * Z),
        ("1/2*x", 1.5),
        ("-x**2", -9.0),
        ("(-x)**2", 9.0),
        ("2**-1 * x", 1.5),
        ("x**-y", 1 / 9),
        ("x**-y**2", 3**-4.0),
        ("x**y**3", 3.0**8),
        ("(x**y)**3", 3.0**6),
        ("-x**-y", -1 / 9),
        ("2**-x**2", 2.0**-9),
        ("x^y^3", 3.0**8),
        ("-x^2", -9.0),
        ("x^-1", 1 / 3),
        ("+x", 3.0),
        ("+-+-x", 3.0),
        ("- - x", 3.0),
        ("x*-y", -6.0),
        ("x*+y", 6.0),
        ("x--y", 5.0),
        ("x-+-y", 5.0),
        ("-x*y", -6.0),
        ("-x/y", -1.5),
        ("-(x)", -3.0),
        ("((((x))))", 3.0),
        ("x < y", 0.0),
        ("x > y", 1.0),
        ("x <= 3", 1.0),
        ("x >= z", 0.0),
        ("x == 3", 1.0),
        ("x != 3", 0.0),
        ("x + 1 < y * 2", 0.0),
        ("(x > y) * z + (x < y)", 5.0),
        ("(x > y) == (z > y)", 1.0),
        ("-x < y", 1.0),
        ("pi * x", math.pi * 3),
        ("log(e) * x", 3.0),
        ("exp(-x * inf)", 0.0),
        ("maximum(x, y) - minimum(x, z)", 0.0),
        ("hypot(y=x, x=4)", 5.0),
        ("hypot(x, y=4)", 5.0),
        ("clip(x, hi=2, lo=1)", 2.0),
        ("leaky_relu(-x, slope=0.5)", -1.5),
        ("leaky_relu(-x, 0.5)", -1.5),
        ("where(x > y, x, y)", 3.0),
        ("arcsin(x / 4) - asin(x / 4)", 0.0),
        ("pow(x, 2) - power(x, 2) + x.T", 3.0),
        ("sqrt (x)**2 - x + 1 . T", 1.0),
        ("sum([x, y, z])", 10.0),
        ("sum([x, y, z,])", 10.0),
        ("[x, y, z][1]", 2.0),
        ("[x, y, z][-1]", 5.0),
        ("-[x, y][0]**2", -9.0),
        ("[x, y]@[y, z]", 16.0),
        ("[[x, 1], [y, 2]]@[1, 1]@[1, 1]", 8.0),
        ("-[x]@[x]", -9.0),
        ("2*[x]@[x]", 18.0),
        ("[[x, y], [z, 1]].T[1][0]", 2.0),
        ("[[x, y], [z, 1]][1, 0]", 5.0),
        ("sum([[x, y], [z, 1]][:, 0])", 8.0),
        ("sum([[x, y], [z, 1]][1:, :])", 6.0),
        ("sum([x, y, z][::-1] * [1, 10, 100])", 325.0),
        ("sum([x, y, z][1:])", 7.0),
        ("sum([x, y, z][:-1])", 5.0),
        ("sum([x, y, z][0:3:2])", 8.0),
        ("sum([x, y, z][(y == 2)*1:])", 7.0),
        ("sum([x, y, z][:, None] * [1, 2])", 30.0),
        ("sum([x, y, z][None])", 10.0),
        ("sum(reshape([x, y, z, 1], 2, 2)[0])", 5.0),
        ("sum(reshape([x, y, z, 1], (2, 2))[:, 1])", 3.0),
        ("sum(reshape([x, y, z, 1], [2, -1])[:, 1])", 3.0),
        ("sum([[x, y], [z, 1]], axis=0)[0]", 8.0),
        ("sum([[x, y], [z, 1]], 1)[0]", 5.0),
        ("sum([[x, y], [z, 1]], axis=(0, 1))", 11.0),
        ("sum([[x, y], [z, 1]], -1, True)[0, 0]", 5.0),
        ("max([x, y, z])", 5.0),
        ("sum(stack([[x, y], [z, 1]], axis=1)[0])", 8.0),
        ("concat([[x], [y, z]])[2]", 5.0),
        ("sum(full((2, 3), x))", 18.0),
        ("sum(ones(2, 3) * x)", 18.0),
        ("sum(zeros(4)) + x", 3.0),
        ("trace(eye(3) * x)", 9.0),
        ("sum(arange(4) * x)", 18.0),
        ("sum(linspace(0, 1, 3) * x)", 4.5),
    ],
)
def test_values(text: str, expected: float) -> None:
    assert value(f"{POINT}L = {text}", wrt=["x"]) == pytest.approx(expected, rel=1e-15, abs=1e-300)


_NAMES = st.sampled_from(["x", "y", "z", "1.5", "2", "0.25"])
_TREES = st.recursive(
    _NAMES,
    lambda inner: (
        st.tuples(inner, st.sampled_from(["+", "-", "*", " - ", "* "]), inner).map("".join)
        | inner.map(lambda t: f"({t})")
        | inner.map(lambda t: f"-({t})")
        | inner.map(lambda t: f"-{t}")
        | inner.map(lambda t: f"+ {t}")
        | inner.map(lambda t: f"({t})**2")
        | inner.map(lambda t: f"2**-({t})**2")
        | st.tuples(inner, inner).map(lambda p: f"({p[0]}) / (({p[1]})**2 + 1)")
        | inner.map(lambda t: f"sin({t})")
    ),
    max_leaves=12,
)


@given(_TREES)
def test_grouping_is_python_s(text: str) -> None:
    names = {"x": X, "y": Y, "z": Z, "sin": math.sin, "__builtins__": {}}
    expected = eval(text, names)  # noqa: S307  # the test's own text: Python is the oracle
    assert value(f"{POINT}L = {text} + 0*x", wrt=["x"]) == expected


@pytest.mark.parametrize(
    ("text", "code", "columns"),
    [
        ("x +", "incomplete", (8, 9)),
        ("", "incomplete", (4, 5)),
        ("* x", "syntax", (5, 6)),
        ("x * / y", "syntax", (9, 10)),
        ("x // y", "syntax", (8, 9)),
        ("x y", "syntax", (7, 8)),
        ("2 x", "syntax", (7, 8)),
        ("(x)(y)", "syntax", (8, 9)),
        ("x if y else z", "syntax", (7, 9)),
        ("x and y", "syntax", (7, 10)),
        ("x < y < z", "chained-comparison", (11, 12)),
        ("x == y == z", "chained-comparison", (12, 14)),
        ("x, y", "syntax", (6, 7)),
        ("(x, y)", "tuple", (5, 6)),
        ("(x, y) + 1", "tuple", (5, 6)),
        ("[]", "empty-list", (5, 6)),
        ("[x, []]", "empty-list", (9, 10)),
        ("()", "syntax", (6, 7)),
        ("(x", "unclosed", (5, 6)),
        ("sin(x", "unclosed", (8, 9)),
        ("x)", "unopened", (6, 7)),
        ("x.foo", "attribute", (6, 10)),
        ("x.", "attribute", (6, 7)),
        ("x.sum()", "attribute", (6, 10)),
        ("x[]", "syntax", (7, 8)),
        ("x[1:2:3:4]", "syntax", None),
        ("'text'", "string", (5, 11)),
        ("sin('x')", "string", (9, 12)),
        ("sum(x, 'i')", "string", (12, 15)),
        ("norm('fro')", "string", (10, 15)),
        ("norm([x], axis='fro')", "string", (20, 25)),
        ("['i']", "string", (6, 9)),
        ("einsum(x, 'i,i')", "string", (15, 20)),
        ("einsum('i' + 'j', x)", "string", (12, 15)),
        ("einsum('i', 'j', x)", "string", (17, 20)),
        ("einsum(['i'], x)", "string", (13, 16)),
        ("einsum(('i'), x)", "string", (13, 16)),
        ("einsum('i')[0]", "call", (5, 11)),
        ("einsum('i'[0], x)", "string", (12, 15)),
        ("x: y", "syntax", (6, 7)),
        ("sin()", "call", (5, 8)),
        ("sin(x, y)", "call", (5, 8)),
        ("sin(y=x)", "call", (5, 8)),
        ("hypot(x, x=y)", "call", (5, 10)),
        ("hypot(x=x, y)", "call", (5, 10)),
        ("clip(x, 1)", "call", (5, 9)),
        ("stack(x, y)", "call", (5, 10)),
        ("stack(xs=x)", "call", (5, 10)),
        ("einsum(subscripts='i', xs=x)", "call", (5, 11)),
        ("randn(3)", "call", (5, 10)),
        ("sum(x, axes=0)", "call", (5, 8)),
        ("load()", "call", (5, 9)),
        ("load(x)", "call", (5, 9)),
        ("load('a', 'b', 'c')", "call", (5, 9)),
        ("nosuch(x)", "unknown-function", (5, 11)),
        ("x(y)", "unknown-function", (5, 6)),
        ("logical_and(x, 1)", "unknown-function", (5, 16)),
        ("getitem(x, 0)", "unknown-function", (5, 12)),
        ("eval('1')", "string", (10, 13)),
        ("__import__(x)", "unknown-function", (5, 15)),
        ("q", "unknown-name", (5, 6)),
        ("sin", "unknown-name", (5, 8)),
        ("x + None", "call", (7, 8)),
        ("x * True", "call", (7, 8)),
    ],
)
def test_errors(text: str, code: str, columns: tuple[int, int] | None) -> None:
    found = problems(f"{POINT}L = {text}")
    assert [c for _, c, _ in found] == [code]
    assert found[0][2] is not None
    assert found[0][2][0] == 4
    if columns is not None:
        assert found[0][2][1:] == columns


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[x, [y, z]]", "shape"),
        ("[x, y][2]", "shape"),
        ("einsum('ij->i', [x, y])", "shape"),
        ("einsum(x, x)", "shape"),
        ("[x, y][0.5]", "shape"),
        ("[x, y][0, 0]", "shape"),
        ("[x, y][1e300]", "shape"),
        ("sum([x, y][::0])", "shape"),
        ("x[0]", "shape"),
        ("x @ y", "shape"),
        ("[x, y] @ [x, y, z]", "shape"),
        ("sum([x, y] + [x, y, z])", "shape"),
        ("sum([x, y], axis=1)", "shape"),
        ("sum([x, y], axis=0.5)", "shape"),
        ("sum(x, axis=0)", "shape"),
        ("softmax(x)", "shape"),
        ("max(x, 0)", "shape"),
        ("sum(reshape([x, y], 3))", "shape"),
        ("trace([x, y])", "shape"),
        ("norm([x, y], 0.5)", "shape"),
        ("norm([x, y], 'fro')", "shape"),
        ("norm([[x, y]], 'max')", "shape"),
        ("var([x, y], ddof=2)", "shape"),
        ("concat([[x], y])", "shape"),
        ("sum(zeros(-1))", "shape"),
        ("sum(zeros(0.5))", "shape"),
        ("sum(randn(2, seed=0.5))", "call"),
        ("sum(randn(2, seed=None))", "call"),
        ("sum(rand(2, seed=-1))", "shape"),
        ("sum(arange(1, 2, 0))", "shape"),
        ("sum(zeros(1e6, 1e6))", "limit"),
        ("sum(eye(1e6))", "limit"),
        ("sum(arange(1e12))", "limit"),
        ("sum(linspace(0, 1, 1e12))", "limit"),
        ("sum(full((1e5, 1e5), x))", "limit"),
        ("sum(ones(20000, 1) @ ones(1, 20000))", "limit"),
        ("sum(ones(20000, 1) + ones(20000))", "limit"),
        ("sum(outer(ones(20000), ones(20000)))", "limit"),
        ("sum(diag(ones(20000)))", "limit"),
        ("sum(diag(ones(2), 1e9))", "limit"),
        ("sum(kron(ones(20000), ones(20000)))", "limit"),
        ("sum(tile(ones(2), 1e9))", "limit"),
        ("sum(tile(x, (1e5, 1e5)))", "limit"),
        ("sum(repeat(ones(2), 1e9))", "limit"),
        ("sum(broadcast_to(x, (1e5, 1e5)))", "limit"),
        ("sum(one_hot([0, 1], 1e9))", "limit"),
        ("sum(einsum('i,j->ij', ones(20000), ones(20000)))", "limit"),
        ("sum(inner(ones(20000, 1), ones(20000, 1)))", "limit"),
        ("sum(tile(ones(2), 0.5))", "shape"),
        ("sum(one_hot([0, 2], 2))", "shape"),
        ("take([x, y], 2)", "shape"),
        ("take([x, y], 0.5)", "shape"),
        ("sum(rand(1e9, 9, seed=1))", "limit"),
        ("[" * 33 + "x" + "]" * 33, "limit"),
    ],
)
def test_operands_that_do_not_fit(text: str, code: str) -> None:
    assert codes(f"{POINT}L = {text}") == [code]


@pytest.mark.parametrize("join", ["concat([x, x])", "stack([x, x])", "[x, x]"])
def test_big_joins_are_refused_before_they_are_made(join: str) -> None:
    assert codes(f"x = ones(600)\nL = sum({join})", limits=Limits(elements=1000)) == ["limit"]


def test_deep_lists_are_arrays_up_to_numpy_s_dimensions() -> None:
    assert slopes("x = " + "[" * 32 + "1" + "]" * 32 + "\nL = sum(x)")["x"] is not None


# ---- functions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f(z) = z * z\nx = 3\nL = f(x)", {"x": 6.0}),
        ("f(z) = z * z\nx = 3\nL = f(x + 1)", {"x": 8.0}),
        ("a = 2\nf(z) = a * z\nx = 3\nL = f(x)", {"a": 3.0, "x": 2.0}),
        # A parameter hides a name of the file; a captured name is the file's.
        ("x = 3\nf(x) = x * x\ny = 5\nL = f(y) + x", {"x": 1.0, "y": 10.0}),
        ("a = 2\nf(z) = a * z\ng(a) = f(a) + a\nx = 3\nL = g(x)", {"a": 3.0, "x": 3.0}),
        ("f(x, y) = x - 2 * y\na = 1\nb = 1\nL = f(y=a, x=b)", {"a": -2.0, "b": 1.0}),
        ("f(x, y) = x - 2 * y\na = 1\nb = 1\nL = f(a, y=b)", {"a": 1.0, "b": -2.0}),
        ("sin(x) = x * x\nx = 3\nL = sin(x)", {"x": 6.0}),  # it shadows the table's
        ("x = 3\ny = sin(x)\nsin(x) = x * x\nL = sin(x) + 0 * y", {"x": 6.0}),
        ("f(x) = 7\nx = 3\nL = f(x) + x", {"x": 1.0}),
        ("f(x) = x\nx = 3\nL = f(x)", {"x": 1.0}),
        ("f(x, i) = x[i]\nx = [1, 2]\nL = f(x, 1)", {"x": [0.0, 1.0]}),
        ("f(x) = sum(x, axis=0)\nx = [1, 2]\nL = f(x)", {"x": [1.0, 1.0]}),
        ("f(x) = [x, x**2]\nx = 3\nL = sum(f(x))", {"x": 7.0}),
        ("f(x) = f2(x)\nx = 1\nL = x", None),
        ("f(gamma) = gamma * pi\ngamma = 2\nL = f(gamma)", {"gamma": math.pi}),
    ],
)
def test_functions(text: str, expected: dict[str, float] | None) -> None:
    if expected is None:
        assert codes(text) == ["unknown-function"]
    else:
        assert slopes(text) == expected


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("f(z) = f(z)\nL = 1", ("SyntaxProblem", "recursive", (1, 8, 9))),
        ("f(x, x) = x\nL = 1", ("NameProblem", "assigned-twice", (1, 1, 2))),
        ("f() = 1\nL = f()", ("SyntaxProblem", "function", (1, 1, 2))),
        ("f(2) = 1\nL = 1", ("SyntaxProblem", "function", (1, 1, 2))),
        ("f(x,) = 1\nL = 1", ("SyntaxProblem", "function", (1, 1, 2))),
        ("f(x) = x\nL = f(1, 2)", ("CallProblem", "call", (2, 5, 6))),
        ("f(x) = x\nL = f()", ("CallProblem", "call", (2, 5, 6))),
        ("f(x) = x\nL = f(y=1)", ("CallProblem", "call", (2, 5, 6))),
        ("f(x) = x\nL = f", ("NameProblem", "unknown-name", (2, 5, 6))),
        ("f(x) = x\nf(x) = 2\nL = 1", ("NameProblem", "assigned-twice", (2, 1, 2))),
        ("load(x) = x\nL = 1", ("NameProblem", "reserved-name", (1, 1, 5))),
        ("f(z) = a * z\na = 2\nL = f(a)", ("NameProblem", "used-before-assigned", (1, 8, 9))),
    ],
)
def test_functions_that_are_wrong(text: str, found: tuple[str, str, tuple[int, int, int]]) -> None:
    assert problems(text) == [found]


def test_uses_of_a_function_with_an_error_are_no_errors() -> None:
    text = "f(x) = sin(x) +\ng(x) = f(x) * 2\ny = 2\nL = g(y)\nz = q"
    assert [(code, span[0]) for _, code, span in problems(text) if span] == [
        ("incomplete", 1),
        ("unknown-name", 5),
    ]


# ---- sizes


@pytest.mark.parametrize(
    ("expression", "slope"),
    [
        ("(" * 100_000 + "x" + ")" * 100_000, 1.0),
        ("x" + "+x" * 99_999, 100_000.0),
        ("-" * 100_000 + "x", 1.0),
        ("+" * 100_000 + "x", 1.0),
        ("abs(" * 20_000 + "x" + ")" * 20_000, 1.0),
        ("x" + ".T" * 10_000, 1.0),
        ("x" + "**1" * 20_000, 1.0),
    ],
    ids=["parentheses", "sum", "minus", "plus", "calls", "attributes", "powers"],
)
def test_depth_is_bounded_by_memory_alone(expression: str, slope: float) -> None:
    assert slopes(f"x = 2\nL = {expression}", paths=None) == {"x": slope}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("L = " + "(" * 100_000, "unclosed"),
        ("L = " + "[" * 100_000, "unclosed"),
        ("L = " + ")" * 100_000, "unopened"),
        ("L = " + "sin(" * 100_000, "unclosed"),
        ("L = " + "[" * 2_000 + "1" + "]" * 2_000, "limit"),
        ("L = " + "1" * 1_000_000, "limit"),
        ("a" * 1_000_000 + " = 1", "limit"),
        ("L = 1<" * 10_000 + "2", "two-equals"),
        ("L = " + "1<" * 10_000 + "2", "chained-comparison"),
        ("L = '" + "a" * 1_000_000, "syntax"),
    ],
    ids=lambda text: text[:12],
)
def test_monsters_are_refused_politely(text: str, code: str) -> None:
    assert code in codes(text)


def test_identity_functions_do_not_double() -> None:
    text = "f0(x) = x\n" + "".join(f"f{i}(x) = f{i - 1}(f{i - 1}(x))\n" for i in range(1, 31))
    assert slopes(f"{text}x = 1\nL = f30(x)") == {"x": 1.0}
