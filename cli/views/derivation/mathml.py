"""A derivation as a page whose formulas are MathML: self-contained, no script, no style sheet."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from autodiff.source import printable
from autodiff.typeset import clashing, mathml
from cli.views.derivation import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from autodiff.derivation import Derivation

_STYLE = "body{max-width:60em;margin:2em auto;padding:0 1em;font-family:serif}td{padding:.2em .3em}"


def render(found: Sequence[blocks.Block], derivation: Derivation, *, ascii: bool) -> str:
    """The blocks as an HTML page, in ASCII: right whatever encoding it is written in."""
    same = clashing(derivation.names)
    title = escape(printable(derivation.report.model))
    page = "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            f'<head><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style></head>',
            "<body>",
            *[line for block in found for line in _lines(block, same)],
            "</body>",
            "</html>",
            "",
        ]
    )
    return page.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _lines(block: blocks.Block, same: frozenset[str]) -> Iterator[str]:
    match block:
        case blocks.Heading(level, parts):
            yield f"<h{level}>{_sentence(parts, same)}</h{level}>"
        case blocks.Prose(parts):
            yield f"<p>{_sentence(parts, same)}</p>"
        case blocks.Matrix(rows):
            yield "<pre>" + escape("\n".join(rows)) + "</pre>"
        case blocks.Equations(rows):
            yield "<table>"
            for row in rows:
                left = mathml(row.left, same, large=True) if row.left else ""
                right = " ".join(f"= {mathml(right, same, large=True)}" for right in row.rights)
                aside = escape(printable(row.aside))
                yield f"<tr><td>{left}</td><td>{right}</td><td>{aside}</td></tr>"
            yield "</table>"


def _sentence(parts: blocks.Parts, same: frozenset[str]) -> str:
    return "".join(
        mathml(part, same) if isinstance(part, blocks.Math) else escape(printable(part))
        for part in parts
    )
