"""A derivation as a LaTeX document, for pdfLaTeX as well as for XeLaTeX and LuaLaTeX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autodiff.source import printable
from autodiff.typeset import clashing, latex, preamble
from cli.views.derivation import blocks, mathematics

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from autodiff.derivation import Derivation

_HEADINGS = ("section*", "subsection*", "subsubsection*")

_TEXT = {char: f"\\{char}" for char in "#$%&_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "×": r"$\times$",
    "Σ": r"$\Sigma$",
    "·": r"$\cdot$",
    "−": r"$-$",
    "∞": r"$\infty$",
    "…": r"\ldots{}",
}
_ESCAPES = str.maketrans(_TEXT)


def render(found: Sequence[blocks.Block], derivation: Derivation, *, ascii: bool) -> str:
    """The blocks as a document of their own."""
    same = clashing(derivation.names)
    body = "\n".join(line for block in found for line in _lines(block, same))
    return "\n".join(
        [
            r"\documentclass{article}",
            r"\usepackage{amsmath}",
            r"\allowdisplaybreaks",
            preamble(body) + r"\begin{document}",
            body,
            r"\end{document}",
            "",
        ]
    )


def _lines(block: blocks.Block, same: frozenset[str]) -> Iterator[str]:
    match block:
        case blocks.Heading(level, parts):
            yield f"\n\\{_HEADINGS[level - 1]}{{{_sentence(parts, same)}}}"
        case blocks.Prose(parts):
            yield "\n" + _sentence(parts, same)
        case blocks.Matrix(rows):
            yield from (r"\begin{verbatim}", *rows, r"\end{verbatim}")
        case blocks.Equations():
            yield from (r"\[", mathematics.aligned(block, same), r"\]")


def _sentence(parts: blocks.Parts, same: frozenset[str]) -> str:
    return "".join(
        f"${latex(part, same)}$"
        if isinstance(part, blocks.Math)
        else printable(part).translate(_ESCAPES)
        for part in parts
    )
