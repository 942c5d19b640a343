"""Places in a text, and the one rendering of a problem."""

from __future__ import annotations

import pytest

from autodiff.errors import NameProblem, Problem, SyntaxProblem, closest
from autodiff.source import EXCERPT_WIDTH, Source, Span, excerpt, printable, render, width


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a\nb", ["a", "b"]),
        ("a\r\nb\r\n", ["a", "b", ""]),
        ("a\rb", ["a", "b"]),
        ("a\n\rb", ["a", "", "b"]),
        # Only these end a line: an editor counts no others.
        ("a\x0bb\x0cc\x85d\u2028e\u2029f", ["a\x0bb\x0cc\x85d\u2028e\u2029f"]),
    ],
)
def test_lines(text: str, lines: list[str]) -> None:
    assert Source(text, "m").lines == lines


def test_a_line_that_does_not_exist_is_empty() -> None:
    source = Source("a\nb", "m")
    assert [source.line(n) for n in (0, 1, 2, 3, -1)] == ["", "a", "b", "", ""]


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("α", 1), ("a\u0301", 1), ("変数", 4), ("Ａ", 2), ("", 0)]
)
def test_width(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain α ∂", "plain α ∂"),
        ("\t", " "),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x00", "\\x00"),
        ("\u202e", "\\u202e"),
        ("\u200b", "\\u200b"),
        ("\x85\x9b", "\\x85\\x9b"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_nothing_printed_moves_the_cursor(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_carets_stand_under_what_is_marked() -> None:
    line, carets = excerpt(Source("L = 変数 + x y", "m"), Span(1, 12, 13))
    assert line == "L = 変数 + x y"
    assert carets == " " * 13 + "^"  # two wide letters take four columns


def test_an_escaped_character_takes_its_escape_s_width() -> None:
    line, carets = excerpt(Source("x\u200b = 2", "m"), Span(1, 2, 3))
    assert line == "x\\u200b = 2"
    assert carets == " ^^^^^^"


@pytest.mark.parametrize("column", [1, 40, 5_000, 9_999, 10_000])
def test_a_long_line_is_shown_as_a_window_around_the_caret(column: int) -> None:
    text = "".join(chr(ord("a") + i % 26) for i in range(10_000))
    line, carets = excerpt(Source(text, "m"), Span(1, column, column + 1))
    assert len(line) <= EXCERPT_WIDTH + 2
    assert line[carets.index("^")] == text[column - 1]


def test_an_empty_span_at_the_end_of_a_line_still_has_a_caret() -> None:
    assert excerpt(Source("x = ", "m"), Span(1, 5, 5)) == ("x = ", "    ^")


def test_render() -> None:
    source = Source("a = 1\nL = a + bb\n", "dir/m.grad")
    problem = NameProblem("'bb' is not assigned", Span(2, 9, 11), "did you mean 'a'?")
    assert render(problem, source).splitlines() == [
        "dir/m.grad:2:9: error[unknown-name]: 'bb' is not assigned",
        "  L = a + bb",
        "          ^^",
        "  hint: did you mean 'a'?",
    ]


def test_a_problem_without_a_place_names_the_file() -> None:
    assert render(Problem("nothing there"), Source("", "m")) == "m: error[problem]: nothing there"


def test_a_problem_of_another_text_is_shown_in_that_text() -> None:
    other = Source("1 +", "--set a")
    problem = SyntaxProblem("no", Span(1, 4, 5), source=other)
    assert render(problem, Source("a = 1", "m")).startswith("--set a:1:4: error[syntax]: no\n  1 +")


def test_the_file_s_name_is_escaped_too() -> None:
    assert render(Problem("x"), Source("", "a\x1b]0;b\x07")).startswith("a\\x1b]0;b\\x07: ")


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [("wieght", ["weight", "bias"], "weight"), ("q", ["weight"], ""), ("x", [], "")],
)
def test_closest(word: str, known: list[str], found: str) -> None:
    assert closest(word, known) == found
