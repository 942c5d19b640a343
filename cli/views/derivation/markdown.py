"""A derivation as Markdown with formulas between dollar signs, as GitHub and notebooks set them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autodiff.typeset import clashing, latex
from cli.views import words
from cli.views.derivation import blocks, mathematics
from cli.views.markdown import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from autodiff.derivation import Derivation


def render(found: Sequence[blocks.Block], derivation: Derivation, *, ascii: bool) -> str:
    """The blocks as a document."""
    signs = words.ASCII if ascii else words.UNICODE
    same = clashing(derivation.names)
    return "\n".join(line for block in found for line in _lines(block, signs, same)).lstrip() + "\n"


def _lines(block: blocks.Block, signs: words.Signs, same: frozenset[str]) -> Iterator[str]:
    yield ""
    match block:
        case blocks.Heading(level, parts):
            yield "#" * level + " " + _sentence(parts, signs, same)
        case blocks.Prose(parts):
            yield _sentence(parts, signs, same)
        case blocks.Matrix(rows):
            yield from ("```text", *rows, "```")
        case blocks.Equations():
            yield from ("$$", mathematics.aligned(block, same), "$$")


def _sentence(parts: blocks.Parts, signs: words.Signs, same: frozenset[str]) -> str:
    return "".join(
        f"${latex(part, same)}$"
        if isinstance(part, blocks.Math)
        else plain(words.safe(part, signs))
        for part in parts
    )
