"""From text to model: names, order, claims, settings, and that both ways through agree."""

from __future__ import annotations

from typing import Any

import pytest
from engine import MODEL, codes, problems, report, slopes, value
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff
from autodiff import parser
from autodiff.errors import ModelErrors
from autodiff.source import Source
from autodiff.syntax import Derivative, Model

# ---- names


@pytest.mark.parametrize(
    "name",
    [
        *["gamma", "beta", "zeta", "S", "N", "E", "I", "O", "Q", "C", "oo", "zoo", "nan"],
        *["lambda", "in", "is", "if", "for", "def", "class", "not", "and", "or", "import", "del"],
        *["sin", "exp", "sum", "norm", "load", "close", "where", "list", "print", "eval", "exec"],
        *["__class__", "__builtins__", "_", "__", "d", "dx", "T", "L1", "x2e", "e1", "E5", "pi2"],
        *["α", "λ", "Δt", "θ_1", "потеря", "变量", "é", "self", "m", "y", "x", "seed", "weight"],
    ],
)
def test_any_other_name_is_an_ordinary_variable(name: str) -> None:
    assert slopes(f"{name} = 3\nL = {name} * {name} + 2 * {name}") == {name: 8.0}


@pytest.mark.parametrize("name", ["None", "True", "False"])
def test_three_names_cannot_be_assigned(name: str) -> None:
    assert problems(f"{name} = 3") == [("NameProblem", "reserved-name", (1, 1, len(name) + 1))]


def test_constants_hold_until_they_are_assigned() -> None:
    assert slopes("x = 1\nL = x * pi") == {"x": pytest.approx(3.141592653589793, rel=1e-16)}
    assert slopes("pi = 3\nx = 1\nL = x * pi") == {"pi": 1.0, "x": 3.0}
    assert slopes("x = 2\ny = x * e\ne = 10\nL = y * e") == {
        "x": pytest.approx(27.18281828459045),
        "e": pytest.approx(5.43656365691809),
    }
    assert value("x = 1\nL = x / inf", wrt=["x"]) == 0.0


@pytest.mark.parametrize(
    ("first", "then"), [("ﬁ", "fi"), ("é", "e\u0301"), ("ｘ", "x"), ("µ", "μ")]
)
def test_a_name_is_its_normal_form(first: str, then: str) -> None:
    (only,) = slopes(f"{first} = 3\nL = {then} * {first}").values()
    assert only == 6.0


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("х = 2\nx = 3\nL = x", (2, 1, 2)),
        ("x = 2\nх = 3\nL = x", (2, 1, 2)),
        ("ο = 2\no = 3\nL = o", (2, 1, 2)),
    ],
)
def test_two_names_that_look_the_same(text: str, place: tuple[int, int, int]) -> None:
    assert problems(text) == [("CharacterProblem", "lookalike", place)]


def test_a_lookalike_of_a_known_name_is_named_in_the_hint() -> None:
    with pytest.raises(ModelErrors) as caught:
        autodiff.loads("x = 2\nL = х")
    (problem,) = caught.value.problems
    assert problem.code == "unknown-name"
    assert "CYRILLIC" in problem.hint
    assert "'x'" in problem.hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("weight = 1\nL = wieght", "'weight'"),
        ("x = 1\nL = sinn(x)", "'sin'"),
        ("loss(z) = z\nx = 1\nL = lost(x)", "'loss'"),
        ("x = 1\nL = sin", "sin(…)"),
        ("f(z) = z\nL = f", "f(…)"),
        ("x = 1\ny = 2\nL = x(y)", "*"),
        ("x = 1\nL = x.sum()", "sum(x)"),
        ("x = 1\nL = x // 2", "floor"),
        ("x = 1\nL = x if x else 2", "where"),
        ("x = 1\nL = x and x", "c1 * c2"),
        ("x = 1\nL = qqqqqq", "--set qqqqqq="),
    ],
)
def test_hints(text: str, hint: str) -> None:
    with pytest.raises(ModelErrors) as caught:
        autodiff.loads(text)
    assert hint in caught.value.problems[0].hint


# ---- order and repetition


def test_a_second_assignment_shows_the_first() -> None:
    with pytest.raises(ModelErrors) as caught:
        autodiff.loads("a = 1\n\nb = 2\na = 3  # again\nL = a + b")
    (problem,) = caught.value.problems
    assert (problem.code, problem.span) == ("assigned-twice", (4, 1, 2))
    assert "line 1" in problem.hint
    assert "a = 1" in problem.hint


def test_a_use_before_the_assignment_shows_the_line() -> None:
    with pytest.raises(ModelErrors) as caught:
        autodiff.loads("a = 1\nL = a * late\nlate = 2")
    (problem,) = caught.value.problems
    assert (problem.code, problem.span) == ("used-before-assigned", (2, 9, 13))
    assert "line 3" in problem.hint


def test_a_name_in_its_own_assignment() -> None:
    assert problems("x = x + 1") == [("NameProblem", "used-before-assigned", (1, 5, 6))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3 = x", ("SyntaxProblem", "target", (1, 1, 2))),
        ("x + 1 = 3", ("SyntaxProblem", "target", (1, 1, 6))),
        ("x[0] = 3", ("SyntaxProblem", "target", (1, 1, 5))),
        ("= 3", ("SyntaxProblem", "target", None)),
        ("x = y = 3", ("SyntaxProblem", "two-equals", (1, 7, 8))),
        ("x == 1 = 2", ("SyntaxProblem", "target", (1, 1, 7))),
        ("x", ("SyntaxProblem", "statement", (1, 1, 2))),
        ("x > 1", ("SyntaxProblem", "statement", (1, 1, 6))),
        ("import os", ("SyntaxProblem", "statement", (1, 1, 10))),
        ("x = ", ("SyntaxProblem", "incomplete", None)),
    ],
)
def test_what_is_not_a_statement(text: str, found: tuple[str, str, Any]) -> None:
    (problem,) = problems(text)
    assert problem[:2] == found[:2]
    if found[2] is not None:
        assert problem[2] == found[2]


@pytest.mark.parametrize(
    "text",
    [
        "x = 2\nL = x * x",
        "x = 2\r\nL = x * x\r\n",
        "x = 2\rL = x * x",
        "\ufeffx = 2\nL = x * x",
        "\n\n# first\n  x = 2   # two\n\n\tL = x * x\n\n",
        "x = (2\n)\nL = (x\n  *   # times\n\n  x)\n",
        "x=2\nL=x*x",
        "\fx = 2\nL = x\t*\tx",
    ],
)
def test_layout_does_not_matter(text: str) -> None:
    assert slopes(text) == {"x": 4.0}


def test_all_errors_of_a_file_are_reported_together_in_order() -> None:
    text = "\n".join(
        [
            "a = 2",
            "b = a +",
            "c = a * q",
            "a = 3",
            "d = (1 +",
            "e1 = b + c + d",
            "???",
            "f(z) = z +* 2",
            "g = f(a)",
            "h = 1 − a",
            "L = e1 + g + h + nosuch(a)",
        ]
    )
    assert [(code, span[0] if span else None) for _, code, span in problems(text)] == [
        ("incomplete", 2),
        ("unknown-name", 3),
        ("assigned-twice", 4),
        ("unclosed", 5),
        ("character", 7),
        ("syntax", 8),
        ("character", 10),
        ("unknown-function", 11),
    ]


def test_errors_of_shape_are_reported_together_too() -> None:
    text = "a = [1, 2]\nb = [1, 2, 3]\nc = a + b\nd = c * 2\nf = a @ b\nL = sum(d)"
    assert [(code, span[0] if span else None) for _, code, span in problems(text)] == [
        ("shape", 3),
        ("shape", 5),
    ]


@pytest.mark.parametrize("line", ["?", "x = (", "((", "3 = 4", "y = q"])
def test_a_file_of_errors_is_cut_short(line: str) -> None:
    assert len(codes("\n".join([line] * 20_000))) == parser.MAX_PROBLEMS


def test_an_open_bracket_does_not_swallow_the_file() -> None:
    assert problems("a = (1 +\nb = 2\nL = b * q") == [
        ("Unclosed", "unclosed", (1, 5, 6)),
        ("NameProblem", "unknown-name", (3, 9, 10)),
    ]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["d = (a +", "  b −", "  c)"], [("character", 3)]),
        (["d = (a −", "  b)", "???"], [("character", 2), ("character", 4)]),
        (["d = [a,", "  a)"], [("unopened", 3)]),
        (["d = (a −", "  # (", "  (b)"], [("character", 2)]),
        (["d = (a −", "e1 = ?"], [("character", 2), ("character", 3)]),
        (["d = (a − a)", "f(x) = ?"], [("character", 2), ("character", 3)]),
        (["d = sin(", "e1 = a", "???"], [("character", 4)]),
    ],
)
def test_an_error_inside_brackets_is_one_error(
    lines: list[str], found: list[tuple[str, int]]
) -> None:
    text = "\n".join(["a = 2", *lines, "L = q"])
    expected = [*found, ("unknown-name", len(lines) + 2)]
    assert [(code, span[0] if span else None) for _, code, span in problems(text)] == expected


# ---- derivatives and claims


def claims(text: str) -> Model:
    return parser.parse(Source(text, MODEL))


def test_claims_are_read_after_all_names() -> None:
    model = claims("dL/dx == 2 * x  # hand\nx = 2\nL = x * x")
    (claim,) = model.claims
    assert (claim.line, claim.text, claim.rtol) == (1, "dL/dx == 2 * x", None)
    assert claim.lhs.operands == (Derivative("L", "x", False),)


def test_partial_and_total() -> None:
    model = claims("x = 2\nL = x\n∂L/∂x == dL/dx")
    assert model.claims[0].lhs.operands == (Derivative("L", "x", True),)
    assert model.claims[0].rhs.operands == (Derivative("L", "x", False),)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("dL / dx == 2", "a derivative is written without spaces: dL/dx"),
        ("d(L)/d(x) == 2", "a derivative is written dL/dx"),
        ("d2L/dx2 == 2", "second derivatives cannot be claimed"),
        ("(dL/dx == 2)", "a claim has no brackets around it: lhs == rhs"),
        ("dL/dx <= 2", "only equality can be claimed: lhs == rhs"),
    ],
)
def test_what_is_almost_a_claim_is_told_how_to_be_one(text: str, hint: str) -> None:
    with pytest.raises(ModelErrors) as caught:
        claims(f"x = 2\nL = x\n{text}")
    assert caught.value.problems[0].hint == hint


def test_a_chain_of_equalities_is_a_claim_each() -> None:
    model = claims("x = 2\nL = x\nL == x == 2")
    assert len(model.claims) == 2


@pytest.mark.parametrize(
    ("text", "rtol"), [("close(dL/dx, 1)", 1e-9), ("close(dL/dx, 1, 1e-3)", 1e-3)]
)
def test_close(text: str, rtol: float) -> None:
    assert claims(f"x = 2\nL = x\n{text}").claims[0].rtol == rtol


def test_spaces_make_it_a_quotient() -> None:
    model = claims("dL = 6\ndx = 2\nL = 1\nx = 1\nq = dL / dx\nq == 3")
    assert model.claims[0].lhs.operands == (4,)
    assert value("dL = 6\ndx = 2\nL = 1\nx = 1\nq = dL / dx", of="q") == 3.0
    # Nor is it a derivative where L and x are no names.
    assert value("dL = 6\ndx = 2\nq = dL/dx", wrt=["dL"]) == 3.0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("x = 2\nL = x\ndL/dx = 1", ("SyntaxProblem", "assigned-derivative", (3, 1, 6))),
        ("x = 2\nL = x\ny = dL/dx", ("NameProblem", "derivative", (3, 5, 10))),
        ("x = 2\nL = x\ndL/dy == 1", ("NameProblem", "unknown-name", (3, 5, 6))),
        ("x = 2\nL = x\ndM/dx == 1", ("NameProblem", "unknown-name", (3, 2, 3))),
        ("dL=1\ndx=2\nL=3\nx=4\ny=dL/dx", ("NameProblem", "ambiguous-derivative", (5, 3, 8))),
        ("dL=1\ndx=2\nL=3\nx=4\ndL/dx==1", ("NameProblem", "ambiguous-derivative", (5, 1, 6))),
        ("x = 2\nL = x\nclose(1)", ("SyntaxProblem", "close", (3, 1, 6))),
        ("x = 2\nL = x\nclose(dL/dx, 1, x)", ("SyntaxProblem", "close", (3, 17, 18))),
        ("x = 2\nL = x\nclose(dL/dx, 1, 2, 3)", ("SyntaxProblem", "close", (3, 1, 6))),
        ("x = 2\nL = x\ndL/dx == ", ("SyntaxProblem", "incomplete", None)),
        ("x = 2\nL = x\n== 1", ("SyntaxProblem", "incomplete", (3, 1, 3))),
    ],
)
def test_derivatives_that_are_wrong(text: str, found: tuple[str, str, Any]) -> None:
    (problem,) = problems(text)
    assert problem[:2] == found[:2]
    if found[2] is not None:
        assert problem[2] == found[2]


# ---- values from outside

MODEL_TEXT = "x = 2\ny = x * 3\nL = y * y + z"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"set": [("z", "1")]}, 37.0),
        ({"set": [("z", "-1/2")]}, 35.5),
        ({"set": [("x", "5"), ("z", "1")]}, 226.0),
        ({"set": [("q", "3"), ("z", "q * 2")]}, 42.0),
        ({"set": [("z", "sum([1, 2])  # three")]}, 39.0),
        ({"set": [("z", "pi")]}, 36 + 3.141592653589793),
        ({"set": [("ｚ", "1")]}, 37.0),
        ({"values": {"z": 1}}, 37.0),
        ({"values": {"z": 1, "x": 5.0, "unused": 7}}, 226.0),
        ({"values": {"ｚ": 1}}, 37.0),
        ({"set": [("z", "1")], "values": {"z": 100, "x": 5}}, 226.0),
    ],
)
def test_supplied_values(given: dict[str, Any], expected: float) -> None:
    assert value(MODEL_TEXT, wrt=["x"], **given) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("given", [{"set": [("pi", "3")]}, {"values": {"pi": 3}}])
@pytest.mark.parametrize("text", ["L = a * pi", "pi = 10\nL = a * pi"])
def test_a_constant_can_be_supplied(given: dict[str, Any], text: str) -> None:
    assert slopes(f"a = 2\n{text}", **given) == {"a": 3.0, "pi": 2.0}


def test_a_supplied_leaf_is_a_leaf_like_any_other() -> None:
    found = report(MODEL_TEXT, set=[("z", "1"), ("unused", "2")])
    assert {name: g.value for name, g in found.gradients.items()} == {
        "x": 36.0,
        "z": 1.0,
        "unused": 0.0,
    }
    assert ("no-path", None) in {(note.code, note.line) for note in found.notes}


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ([("y", "5"), ("z", "1")], "override"),
        ([("z", "1"), ("z", "2")], "assigned-twice"),
        ([("z", "1\n2")], "syntax"),
        ([("z", "")], "incomplete"),
        ([("z", "(")], "unclosed"),
        ([("z", "1 = 2")], "syntax"),
        ([("z", "x")], "unknown-name"),
        ([("z", "q"), ("q", "1")], "unknown-name"),
        ([("z", "1/0")], "leaf"),
        ([("z", "inf")], "leaf"),
        ([("z", "\x1b")], "character"),
        ([("z", "zeros(1e9)")], "limit"),
        ([("1z", "1"), ("z", "1")], "unknown-name"),
        ([("None", "1"), ("z", "1")], "unknown-name"),
    ],
)
def test_settings_that_are_wrong(setting: list[tuple[str, str]], code: str) -> None:
    assert codes(MODEL_TEXT, set=setting) == [code]


def test_a_problem_of_a_setting_is_placed_in_its_own_text() -> None:
    with pytest.raises(ModelErrors) as caught:
        autodiff.loads(MODEL_TEXT, set=[("z", "1 + q")])
    (problem,) = caught.value.problems
    assert problem.source is not None
    assert (problem.source.name, problem.source.text) == ("--set z", "1 + q")
    assert problem.span == (1, 5, 6)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"z": 1, "y": 3}, "override"),
        ({"z": float("nan")}, "leaf"),
        ({"z": None}, "leaf"),
        ({"z": True}, "leaf"),
        ({"z": "1"}, "leaf"),
        ({"z": 1j}, "shape"),
        ({"z": {}}, "shape"),
        ({"z": 10**400}, "shape"),
        ({"z": [[1], [1, 2]]}, "shape"),
    ],
)
def test_values_that_are_wrong(given: dict[str, Any], code: str) -> None:
    assert codes(MODEL_TEXT, values=given) == [code]


# ---- both ways through agree

NAMES = [
    "x",
    "y",
    "x1",
    "x_1",
    "e",
    "e1",
    "x2e",
    "pi",
    "in",
    "d",
    "dx",
    "dL",
    "α",
    "xα",
    "αe1",
    "L",
]
NUMBERS = ["1", "2.5", ".5", "3.", "1e3", "1E-3", "1.e+2", "2e-7", "10", "0", "1e", "1.2.3", "1_0"]
TEMPLATES = [
    *["{t} = {n}", "{t}={n}", "{t} = {a}", "{t} = -{a}", "{t}={a}+{b}", "{t} = {a} - {b}*{n}"],
    *["{t}=sin({a})", "{t} = sin ({a})", "{t} = sin( {a} )", "{t}={a}**-{n}", "{t}={a}-{n}"],
    *["{t} = {a}/{b}", "{t} = {a} / {b}", "{t}={a}/({b})", "{t} = [{a}, {b}]", "{t} = {a}.T"],
    *["{t} = sum({a}, axis=0)", "{t} = ({a}\n + {b})", "{t} = ({a} # no\n\n + {b})", "{t}=({n})"],
    *["{t} = hypot(x={a}, y={b})", "f(z) = z*{a}", "g({a}) = {a}+{n}", "{t}=f({a})", "{t}=g({n})"],
    *[
        "{t}=where({a}>{b},{a},{n})",
        "{t} = {n}{a}",
        "{t} = {a}{n}",
        "{t} = {a}.{n}",
        "{t}={a}\t+ {a}",
    ],
    *[
        "{t} = {a} {b}",
        "{t} = (",
        ")",
        "???",
        "",
        "   ",
        "# {a}",
        "{t} = {n} # {b} = (",
        "{t} = '#'",
    ],
    *[
        "{a}",
        "{a} == {b}",
        "{a}=={n}",
        "{t} = None",
        "{t} = {a}*True",
        "{t} = {a}[0]",
        "{t}={a}[:, None]",
    ],
    *[
        "{t} = load('{a}')",
        "{t}=+{n}",
        "{t} = {n}.{n}",
        "{t}={n}e-3",
        "{t} = {a}\u00a0+ {b}",
        "{t} =",
    ],
    *[
        "d{t}/d{a} == {b}",
        "{t} = d{a}/d{b}",
        "{t}= {a}^{n}",
        "  {t} = {a}",
        "{t}\t=\t{n}",
        "{t}={a}#",
    ],
]
LINES = st.builds(
    lambda template, t, a, b, n: template.format(t=t, a=a, b=b, n=n),
    st.sampled_from(TEMPLATES),
    st.sampled_from(NAMES) | st.integers(0, 30).map(lambda k: f"v{k}"),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.sampled_from(NUMBERS),
)


def outcome(text: str) -> Any:
    """The model with its constants in place, or everything that is wrong with it."""
    try:
        model = parser.parse(Source(text, MODEL), [("y", "1")], {"x": 2.0})
    except ModelErrors as errors:
        return [(type(p), p.code, p.span, p.message, p.hint) for p in errors.problems]

    def resolved(operand: Any) -> Any:
        if isinstance(operand, Derivative) or operand >= 0:
            return operand
        return ("constant", model.constants[~operand])

    return (
        [
            (s.name, s.line, s.form.slots, s.form.code, s.form.result, *map(resolved, s.operands))
            for s in model.statements
        ],
        model.index,
        [(c.text, c.line, c.rtol, c.lhs.form.code, c.rhs.form.code) for c in model.claims],
        sorted(model.functions),
    )


def carefully(text: str) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parser, "MAX_CACHED", 0)
        return outcome(text)


@settings(max_examples=400)
@given(st.lists(LINES, min_size=2, max_size=14), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_known_forms_mean_what_the_careful_way_reads(lines: list[str], end: str) -> None:
    text = end.join(["e2 = 1", *lines])
    assert outcome(text) == carefully(text)


PLAIN = [t for t in TEMPLATES[:25] if "f(" not in t and "g(" not in t]


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(st.sampled_from(PLAIN), st.sampled_from(NUMBERS[:10]), st.integers(0, 99)),
        max_size=30,
    ),
    st.integers(1, 200),
)
def test_blocks_may_end_anywhere(rows: list[tuple[str, str, int]], block: int) -> None:
    lines = ["v0 = 1", "v1 = 2"]
    for k, (template, n, pick) in enumerate(rows, 2):
        names = {"a": f"v{pick % k}", "b": f"v{pick % 7 % k}"}
        lines.append(template.format(t=f"v{k}", n=n, **names))
    text = "\n".join(lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parser, "BLOCK", block)
        assert outcome(text) == carefully(text)


def test_a_known_form_is_parsed_once() -> None:
    text = "v0 = 1\n" + "".join(f"v{k} = v{k - 1} * 0.5 + v0\n" for k in range(1, 2000))
    model = parser.parse(Source(text, MODEL))
    assert len({id(statement.form) for statement in model.statements}) == 2


@pytest.mark.parametrize("size", [10, 1_000_000])
def test_blank_lines_and_long_lines(size: int) -> None:
    assert slopes("x = 1" + "\n" * size + "L = x") == {"x": 1.0}
    assert slopes("x = 1\nL = x +" + " " * size + "x") == {"x": 2.0}
    assert slopes("x = 1  # " + "é" * size + "\nL = x") == {"x": 1.0}
