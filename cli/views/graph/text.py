"""What stands in a drawing's boxes and on its edges, and how wide it is. Draws nothing."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from cli.views import walk, words

if TYPE_CHECKING:
    from autodiff.picture import Edge, Picture, Vertex
    from cli.views.words import Signs

WIDE = 34  # characters of a line in a box; more are wrapped
ROWS = 3  # lines of one statement
ADVANCE = 0.62  # of a monospaced character, in its size: what the widest such font takes


def width(text: str, size: float, *, bold: bool = False) -> float:
    """At least what ``text`` takes, in pixels, in any monospaced font of this size."""
    return size * sum(map(_advance, text))


def _advance(char: str) -> float:
    if unicodedata.combining(char):
        return 0.0
    if unicodedata.east_asian_width(char) in "WF":
        return 1.25
    return ADVANCE if ord(char) < 0x2400 else 1.1


def wrapped(text: str, wide: int = WIDE, rows: int = ROWS) -> list[str]:
    """``text`` in lines, broken at spaces where there are some; what is too long ends with …"""
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > wide:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    lines = [clipped(line, wide) for line in lines]
    if len(lines) > rows:
        lines = [*lines[: rows - 1], clipped(lines[rows - 1] + " …", wide)]
    return lines


def clipped(text: str, wide: int) -> str:
    return text if len(text) <= wide else text[: wide - 1] + "…"


def quantity(value, shape, norm, signs: Signs, digits: int = 4) -> str:
    """A number; of an array its shape and norm."""
    if not shape:
        return words.number(value, digits)
    text = signs.by.join(map(str, shape))
    return text if norm is None else f"{text}, norm {words.number(norm, digits)}"


def vertex_lines(picture: Picture, vertex: Vertex, backward: bool, signs: Signs) -> list[str]:
    name = words.safe(vertex.name, signs)
    if vertex.kind == "folded":
        return [clipped(name, WIDE), f"{vertex.folded:,} folded"]
    lines = [clipped(name, WIDE)]
    if vertex.statement and not backward:
        lines += wrapped(f"= {words.formula(vertex.statement, signs)}")
    lines.append(f"= {quantity(vertex.value, vertex.shape, vertex.norm, signs)}")
    if backward and vertex.adjoint is not None:
        of = walk.derivative(picture.output, vertex.name, signs)
        lines.append(f"{clipped(of, WIDE)} = {quantity(vertex.adjoint, vertex.shape, vertex.adjoint_norm, signs)}")
    return lines


def edge_lines(edge: Edge, backward: bool, signs: Signs) -> list[str]:
    if not backward or not edge.live:
        return []
    if edge.folded > 1:
        return [f"{edge.folded:,} edges"]
    formula = clipped(words.formula(edge.formula, signs), WIDE)
    number = quantity(edge.weight, edge.shape, edge.norm, signs)
    if formula == number or not formula:
        return [number]
    if len(formula) + len(number) <= 12:
        return [f"{formula} = {number}"]
    return [formula, f"= {number}"]


def lit_edges(picture: Picture) -> dict[int, list[int]]:
    """Per lit edge the paths that use it."""
    found: dict[int, list[int]] = {}
    for i, lit in enumerate(picture.lit):
        for k in lit.edges:
            found.setdefault(k, []).append(i)
    return found
