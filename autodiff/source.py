"""Text with a name, places in it, and the one rendering of a problem.

Lines and columns count from 1; columns count characters, not bytes.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from autodiff.errors import Problem

# GitHub's runner obeys ``::name`` at the start of a line, after any spaces, and ``##[name]``
# anywhere in it: of each the one character that is written as an escape.
_COMMAND = re.compile(r"^\s*(:):|#(#)\[")

EXCERPT_WIDTH = 100  # longer lines are shown as a window around the caret


class Span(NamedTuple):
    """Characters ``column`` to ``end`` (exclusive) of one line."""

    line: int
    column: int
    end: int


class Source:
    """The text of one model and the name it is reported under."""

    __slots__ = ("_lines", "name", "text")

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self._lines: list[str] | None = None

    @property
    def lines(self) -> list[str]:
        """Physical lines without their ends. Only LF, CRLF and CR end a line."""
        if self._lines is None:
            text = self.text
            if "\r" in text:
                text = text.replace("\r\n", "\n").replace("\r", "\n")
            self._lines = text.split("\n")
        return self._lines

    def line(self, number: int) -> str:
        """Line ``number`` (from 1), or "" where there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


def width(text: str) -> int:
    """Terminal columns that ``text`` takes: wide characters two, combining marks none."""
    total = 0
    for char in text:
        if unicodedata.combining(char):
            continue
        total += 2 if unicodedata.east_asian_width(char) in "WF" else 1
    return total


def printable(text: str) -> str:
    """``text`` with every control or invisible character written as an escape.

    A model file is untrusted: its lines must neither move the cursor of whoever reads the error
    nor give orders to the machine that runs us.
    """
    return _inert(_visible(text))[0]


def _visible(text: str) -> str:
    return "".join(
        char
        if char.isprintable()
        else " "
        if char == "\t"
        else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def _inert(*pieces: str) -> list[str]:
    """The pieces of one line, so that it is no command to GitHub's runner."""
    whole = "".join(pieces)
    found = {max(match.start(1), match.start(2)) for match in _COMMAND.finditer(whole)}
    if not found:
        return list(pieces)
    made, at = [], 0
    for piece in pieces:
        chars = [f"\\x{ord(c):02x}" if at + i in found else c for i, c in enumerate(piece)]
        made.append("".join(chars))
        at += len(piece)
    return made


def excerpt(source: Source, span: Span) -> tuple[str, str]:
    """The line of ``span`` and a line of carets under it, both safe to print."""
    return excerpt_line(source.line(span.line), span)


def excerpt_line(line: str, span: Span) -> tuple[str, str]:
    """`excerpt`, where the line is at hand and its source is not."""
    start, end = span.column - 1, max(span.end - 1, span.column)
    left = max(0, start - EXCERPT_WIDTH // 2) if len(line) > EXCERPT_WIDTH else 0
    right = min(len(line), left + EXCERPT_WIDTH)
    stop = min(end, right)
    cut = (line[left:start], line[start:stop], line[stop:right])
    lead, tail = "…" if left else "", "…" if right < len(line) else ""
    _, before, marked, after = _inert(lead, *map(_visible, cut))
    carets = " " * (len(lead) + width(before)) + "^" * max(1, width(marked))
    return f"{lead}{before}{marked}{after}{tail}", carets


def render(problem: Problem, source: Source) -> str:
    """``file:line:column: error[CODE]: message``, the line, a caret, the hint."""
    source = problem.source or source
    name = printable(source.name)
    span = problem.span
    if span is None:
        head = f"{name}: error[{problem.code}]: {printable(problem.message)}"
        rows = [head]
    else:
        head = f"{name}:{span.line}:{span.column}: error[{problem.code}]: "
        line, carets = excerpt(source, span)
        rows = [head + printable(problem.message), f"  {line}", f"  {carets}"]
    if problem.hint:
        rows.append(f"  hint: {printable(problem.hint)}")
    return "\n".join(rows)
