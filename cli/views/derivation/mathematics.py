"""Equations as LaTeX, for the formats that hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autodiff.typeset import latex
from autodiff.typeset.latex import words

if TYPE_CHECKING:
    from cli.views.derivation.blocks import Equations


def aligned(block: Equations, verbatim: frozenset[str]) -> str:
    """The equations below each other.

    Lines end with ``\\cr``, which means the same as a double backslash, and which Markdown
    leaves alone.
    """
    lines = []
    for row in block.rows:
        sides = [f"&= {latex(right, verbatim)}" for right in row.rights[:1]]
        sides += [f"= {latex(right, verbatim)}" for right in row.rights[1:]]
        if row.aside:
            sides.append(f"\\quad {words(row.aside)}")
        lines.append(" ".join([latex(row.left, verbatim) if row.left else "", *sides]).strip())
    body = " \\cr\n".join(lines)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"
