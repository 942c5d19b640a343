"""A derivation for a terminal: equations aligned at their first sign."""

from __future__ import annotations

import textwrap
import unicodedata
from typing import TYPE_CHECKING

from cli.views import words
from cli.views.derivation import blocks, width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from autodiff.derivation import Derivation


PROSE = 79  # columns of sentences; equations stay whole where nobody looks


def render(found: Sequence[blocks.Block], derivation: Derivation, *, ascii: bool) -> str:
    """The blocks as lines, folded at spaces where a terminal's line ends."""
    signs = words.ASCII if ascii else words.UNICODE
    lines: list[str] = []
    for block in found:
        lines.extend(_lines(block, signs, width()))
    return "\n".join(lines).strip("\n") + "\n"


def _lines(block: blocks.Block, signs: words.Signs, room: int | None) -> Iterator[str]:
    match block:
        case blocks.Heading(level, parts):
            yield ""
            yield "  " * (level - 2) + words.safe("".join(parts), signs)
        case blocks.Prose(parts):
            yield from _folded(words.safe("".join(parts), signs), "  ", "  ", room or PROSE)
        case blocks.Matrix(rows):
            yield from (f"    {row}" for row in rows)
        case blocks.Equations(rows):
            lefts = [words.safe(row.left, signs) for row in rows]
            wide = max(map(_width, lefts))
            for left, row in zip(lefts, rows, strict=True):
                rights = [words.safe(right, signs) for right in row.rights]
                aside = f"  {words.safe(row.aside, signs)}" if row.aside else ""
                lead = "    " + left + " " * (wide - _width(left)) + " = "
                rest = " " * (len(lead) + 2)
                yield from _folded(" = ".join(rights) + aside, lead, rest, room)


def _width(text: str) -> int:
    """Columns on a terminal: z̄ takes one, 中 two."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _folded(text: str, lead: str, rest: str, room: int | None) -> Iterator[str]:
    if room is None:
        yield lead + text
        return
    yield from textwrap.wrap(
        text,
        room,
        initial_indent=lead,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [lead]
