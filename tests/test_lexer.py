"""Tokens, logical lines, and the characters that may not stand in a model."""

from __future__ import annotations

import pytest

from autodiff.errors import CharacterProblem, LimitProblem, Problem, SyntaxProblem
from autodiff.lexer import (
    Unclosed,
    describe,
    first_lookalike,
    logical_line,
    skeleton,
)
from autodiff.limits import LIMITS


def texts(line: str) -> list[str]:
    tokens, _ = logical_line(line.split("\n"), 1)
    return [token.text for token in tokens[:-1]]


def refused(line: str) -> Problem:
    with pytest.raises(Problem) as caught:
        logical_line(line.split("\n"), 1)
    return caught.value


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ("", []),
        ("  \t # all comment = 3", []),
        ("x=1", ["x", "=", "1"]),
        ("x =1# c", ["x", "=", "1"]),
        ("a**b^-c", ["a", "**", "b", "^", "-", "c"]),
        ("a*-b", ["a", "*", "-", "b"]),
        (
            "a==b!=c<=d>=e<f>g",
            ["a", "==", "b", "!=", "c", "<=", "d", ">=", "e", "<", "f", ">", "g"],
        ),
        ("W@x.T", ["W", "@", "x", ".", "T"]),
        ("X[1:-1,::2]", ["X", "[", "1", ":", "-", "1", ",", ":", ":", "2", "]"]),
        ("load('a#b.npy', \"k\")", ["load", "(", "'a#b.npy'", ",", '"k"', ")"]),
        ("dL/dx", ["dL", "/", "dx"]),
        ("∂L/∂x", ["∂L", "/", "∂x"]),
        ("x_1 + _y + e1 + x2e", ["x_1", "+", "_y", "+", "e1", "+", "x2e"]),
        ("α*β̂", ["α", "*", "β̂"]),
    ],
)
def test_tokens(line: str, tokens: list[str]) -> None:
    assert texts(line) == tokens


@pytest.mark.parametrize(
    "number",
    ["0", "7", "007", "1.5", "1.", ".5", "1e5", "1E5", "1e+5", "1e-5", ".5e-3", "1.e2", "0.0"],
)
def test_numbers_are_one_token_with_python_s_value(number: str) -> None:
    (token, end), following = logical_line([number], 1)
    assert (token.kind, float(token.text), end.kind, following) == (
        "number",
        float(number),
        "end",
        2,
    )


@pytest.mark.parametrize(
    "text",
    ["1_000", "0x10", "0b1", "1e", "1e+", "1.2.3", "1..2", "2x", "3e4e5", "1j", "1e5x", "2α"],
)
def test_what_is_not_a_number(text: str) -> None:
    problem = refused(f"x = {text}")
    assert isinstance(problem, SyntaxProblem)
    assert problem.code in {"number", "syntax"}
    assert problem.span is not None
    assert (problem.span.line, problem.span.column) == (1, 5)


def test_a_factor_and_a_name_say_how_a_product_is_written() -> None:
    assert "2*x" in refused("y = 2x").hint


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        ("x = 1 − 2", 7, 0x2212),
        ("x = 2 × 3", 7, 0xD7),
        ("x = y²", 6, 0xB2),
        ("x = “a”", 5, 0x201C),
        ("x = 1; y = 2", 6, 0x3B),
        ("x = y % 2", 7, 0x25),
        ("x = a & b", 7, 0x26),
        ("x = a ? b", 7, 0x3F),
        ("x = 1\\", 6, 0x5C),
        ("x = $a", 5, 0x24),
        ("x\u00a0= 1", 2, 0xA0),
        ("x\u200b = 1", 2, 0x200B),
        ("x\u200d = 1", 2, 0x200D),
        ("\ufeffx = 1", 1, 0xFEFF),
        ("x = 1\x00", 6, 0),
        ("x = \x1b[0m1", 5, 0x1B),
        ("x = 1\u2028y = 2", 6, 0x2028),
        ("x = ١", 5, 0x661),
        ("x = 1 # see \u202ethere", 13, 0x202E),
        ("x = 1 # \u2066", 9, 0x2066),
        ("x₁ = 1", 2, 0x2081),
        ("😀 = 1", 1, 0x1F600),
    ],
)
def test_characters_without_meaning_are_named(line: str, column: int, code: int) -> None:
    problem = refused(line)
    assert isinstance(problem, CharacterProblem)
    assert problem.code == "character"
    assert problem.span == (1, column, column + 1)
    assert f"U+{code:04X}" in problem.message


@pytest.mark.parametrize("text", ["# naïve − × 変数 😀 \u00a0", '# "', "# ((("])
def test_a_comment_may_hold_anything_that_can_be_seen(text: str) -> None:
    assert texts(text) == []


@pytest.mark.parametrize(
    ("written", "name"),
    [("ﬁ", "fi"), ("ℓ", "l"), ("ｘ", "x"), ("µ", "μ"), ("é", "é"), ("e\u0301", "é"), ("𝐱", "x")],
)
def test_names_are_spelled_as_python_does(written: str, name: str) -> None:
    assert texts(written) == [name]


@pytest.mark.parametrize(
    ("line", "column"), [("lоss = 1", 2), ("x = pаth", 6), ("Ηidden = 1", 1), ("y = sсale", 6)]
)
def test_a_lookalike_among_latin_letters_is_an_error(line: str, column: int) -> None:
    problem = refused(line)
    assert isinstance(problem, CharacterProblem)
    assert problem.code == "lookalike"
    assert problem.span == (1, column, column + 1)


@pytest.mark.parametrize("name", ["потеря", "ΑΒΓ", "변수", "משקל", "وزن", "重み"])
def test_names_of_one_script_are_fine(name: str) -> None:
    assert texts(name) == [name]


def test_lookalikes() -> None:
    assert skeleton("хy") == "xy"
    assert first_lookalike("aх") == "х"
    assert first_lookalike("ax") == ""
    assert describe("х") == "'х' (U+0445 CYRILLIC SMALL LETTER HA)"
    assert describe("\u200b") == "U+200B ZERO WIDTH SPACE"
    assert describe("\x00").startswith("U+0000")


def test_brackets_continue_a_line() -> None:
    lines = ["x = [1,  # one", "", "   # nothing", "     2]", "y = 3"]
    tokens, following = logical_line(lines, 1)
    assert [t.text for t in tokens] == ["x", "=", "[", "1", ",", "2", "]", ""]
    assert [t.line for t in tokens] == [1, 1, 1, 1, 1, 4, 4, 4]
    assert following == 5


def test_a_keyword_may_start_a_continued_line_and_an_assignment_may_not() -> None:
    tokens, _ = logical_line(["x = sum(y,", "axis=0)"], 1)
    assert [t.text for t in tokens][-5:-1] == ["axis", "=", "0", ")"]
    with pytest.raises(Unclosed) as caught:
        logical_line(["x = [1,", "y = 2"], 1)
    assert caught.value.resume == 2
    assert caught.value.span == (1, 5, 6)


def test_an_open_bracket_at_the_end_of_the_text() -> None:
    with pytest.raises(Unclosed) as caught:
        logical_line(["x = (1 + [2,", "3"], 1)
    assert (caught.value.resume, caught.value.span) == (None, (1, 10, 11))


@pytest.mark.parametrize(
    ("line", "column"), [("x = 1)", 6), ("x = (1]", 7), ("x = [1)", 7), ("x = ]", 5)]
)
def test_brackets_that_do_not_match(line: str, column: int) -> None:
    problem = refused(line)
    assert (problem.code, problem.span) == ("unopened", (1, column, column + 1))


@pytest.mark.parametrize("line", ["x = 'abc", 'x = "abc', "x = 'abc\""])
def test_a_string_ends_on_its_line(line: str) -> None:
    problem = refused(line)
    assert isinstance(problem, SyntaxProblem)
    assert problem.span == (1, 5, len(line) + 1)


def test_the_longest_name() -> None:
    assert texts("a" * LIMITS.name) == ["a" * LIMITS.name]
    problem = refused("a" * (LIMITS.name + 1))
    assert isinstance(problem, LimitProblem)
    assert isinstance(refused("a" * 1_000_000), LimitProblem)


def test_columns_count_characters_not_bytes() -> None:
    tokens, _ = logical_line(["αβ = γδ"], 1)
    assert [(t.column, t.end) for t in tokens] == [(1, 3), (4, 5), (6, 8), (8, 8)]
