"""How one path is written: its vertices, its weights as formulas and as numbers.

Of a long path some vertices are only counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cli.views import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.report import Path
    from cli.views.words import Signs

WHOLE = 12  # vertices of a path that is named from end to end
HEAD, TAIL = 5, 3  # vertices that are named of a longer one
SKIPPED = "…"  # the engine's name for vertices of a very long path that it left out
EDGES = 12  # edges explained for one array, unless all are asked for


class Edge(NamedTuple):
    """One edge of the paths of an array: ``dz/dh``, its formula, its weight's number or size."""

    name: str
    formula: str
    size: str


def derivative(of: str, wrt: str, signs: Signs) -> str:
    return f"d{words.safe(of, signs)}/d{words.safe(wrt, signs)}"


def derivatives(path: Path, signs: Signs, *, alone: bool) -> str:
    """``dL/dd · dd/dc · dc/da``."""
    if len(path.nodes) == 2 and not alone:
        # dL/dx = dL/dx + dL/dy · dy/dx would be false: this one is L's own slope.
        return signs.partial.format(*(words.safe(name, signs) for name in path.nodes))
    pairs = zip(path.nodes, path.nodes[1:], strict=False)
    return f" {signs.dot} ".join(derivative(a, b, signs) for a, b in pairs)


def vertices(path: Path, signs: Signs, full: bool, like: Path | None = None) -> str:
    """``L → d → c → a``; ``like`` as for `chain`."""
    return f" {signs.arrow} ".join(chain(path, signs, full, like))


def formulas(
    path: Path, signs: Signs, full: bool, like: Path | None = None, *, tight: bool = False
) -> str:
    """The weights as formulas, as one product; "" where none of them could be written."""
    if not any(path.formulas):
        return ""
    end = len(path.formulas) - 1
    items = [
        as_factor(
            words.formula(formula or SKIPPED, signs),
            first=place == 0,
            last=place == end,
            tight=tight,
        )
        for place, formula in enumerate(path.formulas)
    ]
    dot = signs.dot if tight else f" {signs.dot} "
    return dot.join(factors(items, path, signs, full, like))


def numbers(path: Path, signs: Signs, full: bool, like: Path | None = None) -> str:
    """The weights as numbers, as one product."""
    digits = 17 if full else 4
    items = [
        signs.ellipsis if weight is None else words.number(weight, digits)
        for weight in path.weights
    ]
    return f" {signs.times} ".join(factors(items, path, signs, full, like))


def edges(shown: Sequence[Path], signs: Signs, full: bool) -> tuple[list[Edge], int]:
    """Each edge of the paths shown, once, in order; and how many are left out."""
    rows: dict[tuple[str, str, str], str] = {}
    for path in shown:
        for place, formula in enumerate(path.formulas):
            if path.weight_shapes[place] is None:
                continue  # to or from vertices that the engine left out
            edge = (path.nodes[place], path.nodes[place + 1], formula)
            if edge not in rows:
                rows[edge] = _size(path, place, signs, full)
    listed = [
        Edge(derivative(a, b, signs), words.formula(formula, signs), size)
        for (a, b, formula), size in rows.items()
    ]
    kept = listed if full else listed[:EDGES]
    return kept, len(listed) - len(kept)


def _size(path: Path, place: int, signs: Signs, full: bool) -> str:
    """A scalar edge's number; of a linear map the shape, and the norm where it is known."""
    shape, weight, norm = (
        path.weight_shapes[place],
        path.weights[place],
        path.weight_norms[place],
    )
    if shape is None:
        return ""
    if shape == () and weight is not None:
        return words.number(weight, 17 if full else 4)
    text = signs.by.join(map(str, shape or ()))
    return text if norm is None else f"{text}, norm {words.number(norm, 4)}"


def chain(path: Path, signs: Signs, full: bool, like: Path | None = None) -> list[str]:
    """The vertices of a path, output first; of a long one some are only counted.

    ``like`` is the heaviest path: of another long one, what is shown is where it parts from
    that, since 2^60 paths begin and end alike.
    """
    named = [False] * len(path.nodes)
    for start, stop in _windows(path, full, like):
        named[start:stop] = [True] * (stop - start)
    out: list[str] = []
    left_out = 0
    for name, shown in zip(path.nodes, named, strict=True):
        if name == SKIPPED or not shown:
            left_out += path.skipped if name == SKIPPED else 1
            continue
        if left_out:
            out.append(f"{signs.ellipsis} {left_out:,} more {signs.ellipsis}")
            left_out = 0
        out.append(words.safe(name, signs))
    return out  # a path begins and ends with a name


def factors(
    items: Sequence[str], path: Path, signs: Signs, full: bool, like: Path | None = None
) -> list[str]:
    """The factors along a path: those of the edges that `chain` shows."""
    out: list[str] = []
    end = 0
    for start, stop in _windows(path, full, like):
        found = [*([signs.ellipsis] if start > end else []), *items[start : stop - 1]]
        for item in found:
            if item != signs.ellipsis or out[-1:] != [item]:  # one … for all that is left out
                out.append(item)
        end = stop - 1
    return out


def _windows(path: Path, full: bool, like: Path | None) -> list[tuple[int, int]]:
    """Which vertices are named, as ranges of their positions."""
    nodes = path.nodes
    n = len(nodes)
    if full or n <= WHOLE:
        return [(0, n)]
    # Two may also differ only in what the engine has left out.
    if like is None or nodes == like.nodes:
        return [(0, HEAD), (n - TAIL, n)]
    same = 0
    for a, b in zip(nodes, like.nodes, strict=False):
        if a != b:
            break
        same += 1
    tail = 0
    for a, b in zip(reversed(nodes[same:]), reversed(like.nodes[same:]), strict=False):
        if a != b:
            break
        tail += 1
    first = max(same - 1, 0)
    last = min(n - tail + 1, first + HEAD, n)
    windows = [(0, 1), (first, last), (n - 1, n)]
    joined: list[tuple[int, int]] = []
    for start, stop in windows:
        if joined and start <= joined[-1][1] + 1:  # naming one vertex is as short as counting it
            joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
        else:
            joined.append((start, stop))
    return joined


def as_factor(formula: str, *, first: bool, last: bool, tight: bool) -> str:
    """``formula`` in brackets where a product would tear it apart.

    Formulas write sums and matrix products with spaces and products without, so outside of
    all brackets a space, a leading minus or a slash tells. A fraction needs none where
    spaces set it apart, or where it ends the product.
    """
    if first and last:
        return formula
    splitting = " /" if tight and not last else " "
    depth = 0
    for place, char in enumerate(formula):
        if char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif not depth and (char in splitting or (char in "-−" and place == 0 and not first)):
            return f"({formula})"
    return formula


def is_scalar(path: Path) -> bool:
    """Whether every edge of the path is a number."""
    return not any(path.weight_shapes)
