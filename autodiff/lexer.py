"""Logical lines and their tokens, and which characters may stand in a model.

Only statements that the parser has not met in the same form before come through here, and
statements with an error; see `autodiff.parser`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from autodiff.errors import CharacterProblem, LimitProblem, Problem, SyntaxProblem
from autodiff.limits import LIMITS, Limits, more
from autodiff.source import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
NAME = r"[^\W\d][\w\u0300-\u036f]*"

_TOKEN = re.compile(
    rf"""
    (?P<space>[ \t\f]+|\#.*)
  | (?P<number>{NUMBER}(?![\w.]))
  | (?P<name>∂?{NAME})
  | (?P<string>"[^"]*"|'[^']*')
  | (?P<op>\*\*|==|!=|<=|>=|[-+*/@^<>=,:.()\[\]])
    """,
    re.VERBOSE,
)
_ASSIGNMENT = re.compile(rf"[ \t]*{NAME}[ \t]*=(?!=)")
_BAD_NUMBER = re.compile(r"[0-9.][\w.]*")

# What people paste from a text book, and what the language writes instead.
_WRITTEN = {
    "−": "-",
    "–": "-",
    "—": "-",
    "×": "*",
    "·": "*",
    "⋅": "*",
    "∗": "*",
    "÷": "/",
    "∕": "/",
    "²": "**2",
    "³": "**3",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "“": '"',
    "”": '"',
    "√": "sqrt(…)",
    "∞": "inf",
    "{": "(",
    "}": ")",
    ";": "a new line",
    "&": "c1 * c2 (both conditions)",
    "|": "maximum(c1, c2) (either condition)",
    "%": "x - y * floor(x / y)",
}

# Letters of other scripts that cannot be told from a Latin one in most fonts.
_LOOKALIKES = dict(
    zip(
        "аеорсухіјѕһԁԛԝАВЕКМНОРСТУХІЈЅοΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
        "aeopcyxijshdqwABEKMHOPCTYXIJSoABEZHIKMNOPTYX",
        strict=True,
    )
)


class Token(NamedTuple):
    """``kind`` is name, number, string, op or end; ``text`` is normalised (NFKC) for names."""

    kind: str
    text: str
    line: int
    column: int
    end: int

    @property
    def span(self) -> Span:
        return Span(self.line, self.column, self.end)


class Unclosed(SyntaxProblem):
    """A bracket that is never closed.

    ``resume`` is the line where the next statement starts, or None where the bracket is open
    to the end of the text.
    """

    def __init__(self, bracket: Token, resume: int | None) -> None:
        super().__init__(f"{bracket.text!r} is never closed", bracket.span, code="unclosed")
        self.resume = resume


def describe(char: str) -> str:
    """``'−' (U+2212 MINUS SIGN)``, or only the number where the character cannot be shown."""
    label = f"U+{ord(char):04X} {unicodedata.name(char, 'unnamed character')}"
    return f"{char!r} ({label})" if char.isprintable() else label


def logical_line(
    lines: Sequence[str], number: int, *, joins: bool = True, limits: Limits = LIMITS
) -> tuple[list[Token], int]:
    """Tokens of the logical line that starts on line ``number``, and the line after it.

    Brackets continue a line; with ``joins=False`` they do not. The last token is ``end``.
    Raises the first `Problem` met.
    """
    tokens: list[Token] = []
    brackets: list[Token] = []
    while True:
        line = lines[number - 1]
        try:
            _scan(line, number, tokens, brackets, limits)
        except Problem as problem:
            if joins and problem.span is not None:
                rest = line[problem.span.column - 1 :]
                problem.resume = _after(lines, number, len(brackets), rest)
            raise
        number += 1
        if len(tokens) > limits.tokens:
            raise LimitProblem(
                f"a statement of more than {limits.tokens:,} tokens",
                tokens[0].span,
                f"split it over several names, or {more('tokens')}",
            )
        if not brackets:
            break
        if not joins or number > len(lines):
            raise Unclosed(brackets[-1], None)
        if _ASSIGNMENT.match(lines[number - 1]) and not _is_call(tokens, brackets[-1]):
            raise Unclosed(brackets[-1], number)
    column = len(line) + 1
    tokens.append(Token("end", "", number - 1, column, column))
    return tokens, number


def _after(lines: Sequence[str], number: int, depth: int, rest: str) -> int:
    """The line after a statement that cannot be read from ``rest`` of line ``number`` on.

    Without it, ``(a −`` would make an error of the ``b)`` on the next line too.
    """
    while True:
        rest = rest.partition("#")[0]
        depth += rest.count("(") + rest.count("[") - rest.count(")") - rest.count("]")
        number += 1
        if depth <= 0 or number > len(lines) or _ASSIGNMENT.match(lines[number - 1]):
            return number
        rest = lines[number - 1]


def _is_call(tokens: list[Token], bracket: Token) -> bool:
    """Whether a bracket is that of a call, where ``axis=0`` may start a line."""
    before = tokens[max(0, tokens.index(bracket) - 1)]
    return bracket.text == "(" and before.kind == "name"


def _scan(
    line: str, number: int, tokens: list[Token], brackets: list[Token], limits: Limits
) -> None:
    """Append one physical line's tokens; ``brackets`` are those open so far."""
    position, length = 0, len(line)
    match = _TOKEN.match
    while position < length:
        found = match(line, position)
        if found is None:
            raise _unreadable(line, number, position)
        kind, text = found.lastgroup or "", found.group()
        start, position = position, found.end()
        if kind == "space":
            if text[0] == "#":
                _check_comment(text, number, start)
            continue
        token = Token(kind, text, number, start + 1, position + 1)
        if kind == "name":
            if not text.isascii():
                token = token._replace(text=normalise(token))
            if len(text) > limits.name:
                raise _long("name", text, token.span, limits.name)
        elif kind == "number":
            if len(text) > limits.number:
                raise _long("number", text, token.span, limits.number)
        elif kind == "op":
            if text in "([":
                brackets.append(token)
                if len(brackets) > limits.nesting:
                    raise LimitProblem(
                        f"more than {limits.nesting:,} brackets are open here",
                        token.span,
                        more("nesting"),
                    )
            elif text in ")]":
                expected = "([)]"[(")]".index(text))]
                if not brackets:
                    raise SyntaxProblem(f"{text!r} closes nothing", token.span, code="unopened")
                if brackets[-1].text != expected:
                    opened = brackets[-1]
                    raise SyntaxProblem(
                        f"{text!r} does not close {opened.text!r} of column {opened.column}",
                        token.span,
                        code="unopened",
                    )
                brackets.pop()
        tokens.append(token)


def _long(what: str, text: str, span: Span, limit: int) -> LimitProblem:
    message = f"a {what} of {len(text):,} characters; the limit is {limit:,}"
    return LimitProblem(message, span, more(what))


def normalise(token: Token) -> str:
    """A name as Python spells it (NFKC). Raises CharacterProblem for one that misleads."""
    text = token.text.removeprefix("∂")
    if not text.isidentifier():
        for offset, char in enumerate(token.text):
            if not (char.isidentifier() or ("a" + char).isidentifier() or char == "∂"):
                raise _character(char, token.line, token.column + offset)
    if any(char in _LOOKALIKES for char in text) and any(c.isascii() and c.isalpha() for c in text):
        offset, char = next((i, c) for i, c in enumerate(token.text) if c in _LOOKALIKES)
        raise CharacterProblem(
            f"{describe(char)} looks like {_LOOKALIKES[char]!r} inside {token.text!r}",
            Span(token.line, token.column + offset, token.column + offset + 1),
            f"write it with {_LOOKALIKES[char]!r}, or use letters of one script",
            code="lookalike",
        )
    return token.text[: len(token.text) - len(text)] + unicodedata.normalize("NFKC", text)


def skeleton(name: str) -> str:
    """``name`` with every look-alike replaced by the Latin letter it resembles."""
    return "".join(_LOOKALIKES.get(char, char) for char in name)


def first_lookalike(name: str) -> str:
    """A character of ``name`` that looks like a Latin letter, or ""."""
    return next((char for char in name if char in _LOOKALIKES), "")


def _check_comment(text: str, number: int, start: int) -> None:
    # A right-to-left override in a comment can make the code beside it read as other code.
    if not text.isascii():
        for offset, char in enumerate(text):
            if unicodedata.bidirectional(char) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI"} | {
                "RLI",
                "FSI",
                "PDI",
            }:
                raise _character(char, number, start + offset + 1)


def _character(char: str, line: int, column: int) -> Problem:
    hint = f"write {_WRITTEN[char]}" if char in _WRITTEN else ""
    if not hint and not char.isprintable():
        hint = "delete it: it cannot be seen"
    return CharacterProblem(
        f"{describe(char)} has no meaning here", Span(line, column, column + 1), hint
    )


def _unreadable(line: str, number: int, position: int) -> Problem:
    char = line[position]
    column = position + 1
    if char in "\"'":
        return SyntaxProblem(
            "this string does not end on its line", Span(number, column, len(line) + 1)
        )
    bad = _BAD_NUMBER.match(line, position)
    if bad:
        text = bad.group()
        hint = "numbers are written 2, 0.5 or 1e-3"
        if "_" in text:
            hint = "digits are not grouped: 1000, or 1e3"
        elif re.fullmatch(rf"{NUMBER}{NAME}", text):
            name = re.sub(f"^{NUMBER}", "", text)
            hint = f"write {text.removesuffix(name)}*{name} for a product"
        return SyntaxProblem(
            f"{text!r} is not a number", Span(number, column, bad.end() + 1), hint, code="number"
        )
    return _character(char, number, column)
