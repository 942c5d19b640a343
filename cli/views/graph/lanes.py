"""A picture for a terminal: a row per vertex, a row per edge, and lanes that join them.

The output is on top, as on a path. A lane leads down to one vertex; edges to the same vertex
share it. Where there is no room for another lane an edge is written by name alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text

from cli.views import walk, words
from cli.views.graph import labels
from cli.views.graph.palette import sign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autodiff.picture import Picture, Vertex
    from cli.views.words import Signs

MOST = 14  # lanes side by side
COLOURS = {"plus": "bold blue", "minus": "bold yellow"}


class Pieces(NamedTuple):
    """The parts of lanes: an edge goes right to ``new`` or ``join``, left to the others."""

    lane: str
    across: str
    out: str  # of a lane that goes on, to the right
    out_left: str
    last: str  # of one that ends here, to the right
    last_left: str
    new: str
    new_left: str
    join: str
    join_left: str


LIGHT = Pieces("│", "─", "├", "┤", "╰", "╯", "╮", "╭", "┤", "├")
HEAVY = Pieces("┃", "━", "┣", "┫", "┗", "┛", "┓", "┏", "┫", "┣")
ASCII = Pieces("|", "-", "+", "+", "`", "'", ".", ".", "+", "+")
ASCII_HEAVY = Pieces("#", "=", "#", "#", "#", "#", "#", "#", "#", "#")
MARKS = {"output": "◆", "node": "●", "leaf": "○", "folded": "◌"}
ASCII_MARKS = {"output": "@", "node": "*", "leaf": "o", "folded": "~"}


class Lane(NamedTuple):
    """Leads to a vertex; the style of the heaviest lit path in it, "" without one."""

    target: int
    style: str


def render(picture: Picture, signs: Signs, width: int, *, backward: bool) -> Iterator[Text]:
    """The drawing, line by line, in ``width`` columns where names are not too long for that."""
    rows = list(_Drawing(picture, signs, backward).rows())
    margin = max(len(lanes.plain.rstrip()) for lanes, *_ in rows) + 2
    name = f"{words.safe(picture.output, signs)} = {words.number(picture.value, labels.DIGITS)}"
    yield Text(f"{words.safe(picture.model, signs)}    {name}", "bold")
    yield Text()
    for lanes, left, right, style in rows:
        line = lanes.copy()
        line.rstrip()
        if left:
            line.pad_right(margin - line.cell_len)
            room = width - margin - (len(right) + 2 if right else 0)
            line.append(_clipped(left, max(room, 12), signs), style)
        if right:
            line.pad_right(max(width - line.cell_len - len(right), 2))
            line.append(right, style)
        yield line
    for text in labels.below(picture, signs, width, notes=False):
        yield Text(text)


def _clipped(text: str, room: int, signs: Signs) -> str:
    return text if len(text) <= room else text[: room - len(signs.ellipsis)] + signs.ellipsis


class _Drawing:
    def __init__(self, picture: Picture, signs: Signs, backward: bool) -> None:
        self.picture, self.signs, self.backward = picture, signs, backward
        self.marks = MARKS if signs.power else ASCII_MARKS
        self.pieces = (LIGHT, HEAVY) if signs.power else (ASCII, ASCII_HEAVY)
        self.edges: dict[int, list[int]] = {k: [] for k in range(len(picture.vertices))}
        self.waiting = [0] * len(picture.vertices)  # edges to a vertex that are not drawn yet
        for k, edge in enumerate(picture.edges):
            self.edges[edge.source].append(k)
            self.waiting[edge.target] += 1
        self.lit = labels.lit_edges(picture)
        self.lanes: list[Lane | None] = []

    def rows(self) -> Iterator[tuple[Text, str, str, str]]:
        """Lanes, what stands beside them, what at the margin, and how it is styled."""
        ready = [k for k, count in enumerate(self.waiting) if not count]
        while ready:
            vertex = ready.pop()
            column = self.column_of(vertex)
            yield self.row_of(vertex, column)
            edges = self.ordered(vertex)
            for place, k in enumerate(edges):
                yield self.edge_row(k, column, last=place == len(edges) - 1)
            if not edges and column is not None:
                self.lanes[column] = None
            while self.lanes and self.lanes[-1] is None:
                self.lanes.pop()
            freed = []
            for k in reversed(edges):
                target = self.picture.edges[k].target
                self.waiting[target] -= 1
                if not self.waiting[target]:
                    freed.append(target)
            # Leaves at once: they end their lanes.
            ready += sorted(freed, key=lambda target: not self.edges[target])

    def ordered(self, vertex: int) -> list[int]:
        """The edges of a vertex; the one that goes on in its lane comes last."""
        edges = self.edges[vertex]
        targets = {lane.target for lane in self.lanes if lane is not None}
        fresh = [k for k in edges if self.picture.edges[k].target not in targets]
        inner = [k for k in fresh if self.edges[self.picture.edges[k].target]]
        on = (inner or fresh or edges)[:1]
        return [*(k for k in edges if k not in on), *on]

    def column_of(self, vertex: int) -> int | None:
        for column, lane in enumerate(self.lanes):
            if lane is not None and lane.target == vertex:
                return column
        if vertex == 0:
            self.lanes = [Lane(vertex, "")]
            return 0
        # Its edges were written by name. It has a lane of its own where there is room.
        return self.free(Lane(vertex, ""))

    def free(self, lane: Lane) -> int | None:
        """A column for a new lane."""
        for column, known in enumerate(self.lanes):
            if known is None:
                self.lanes[column] = lane
                return column
        if len(self.lanes) == MOST:
            return None
        self.lanes.append(lane)
        return len(self.lanes) - 1

    # ---- rows

    def row_of(self, vertex: int, column: int | None) -> tuple[Text, str, str, str]:
        shown = self.picture.vertices[vertex]
        cells = self.cells()
        if column is not None:
            lane = self.lanes[column]
            cells[2 * column] = (self.marks[shown.kind], lane.style if lane else "")
            self.lanes[column] = Lane(vertex, "")
        left, right = self.words_of(shown)
        return _text(cells), left, right, "bold"

    def words_of(self, vertex: Vertex) -> tuple[str, str]:
        signs = self.signs
        name = words.safe(vertex.name, signs)
        if vertex.kind == "folded":
            return f"{name}: {vertex.folded:,} folded into one", ""
        value = labels.quantity(vertex.value, vertex.shape, vertex.norm, signs)
        statement = words.formula(vertex.statement, signs)
        if not self.backward:
            made = f"{name} = {statement}" if statement else name
            return (made, value) if statement else (_said(made, value), "")
        if vertex.adjoint is None:
            return _said(name, value), ""
        of = walk.derivative(self.picture.output, vertex.name, signs)
        adjoint = labels.quantity(vertex.adjoint, vertex.shape, vertex.adjoint_norm, signs)
        return _said(name, value), _said(of, adjoint)

    def edge_row(self, k: int, column: int | None, *, last: bool) -> tuple[Text, str, str, str]:
        """One edge, from the lane of its vertex to that of its operand."""
        edge = self.picture.edges[k]
        style = self.style_of(k)
        old = [c for c, lane in enumerate(self.lanes) if lane and lane.target == edge.target]
        passing = self.cells()
        to: int | None
        if old:
            to, joins = old[0], True
            lane = self.lanes[to]
            assert lane is not None
            self.lanes[to] = Lane(edge.target, lane.style or style)
        elif last and column is not None:
            to, joins = column, False
            self.lanes[column] = Lane(edge.target, style)
        else:
            to, joins = self.free(Lane(edge.target, style)), False
        if last and column is not None and to != column:
            self.lanes[column] = None
        cells = self.drawn(passing, column, to, joins=joins, last=last, style=style)
        return _text(cells), self.weight_of(k, named=to is None or column is None), "", style

    def drawn(
        self,
        cells: list[tuple[str, str]],
        column: int | None,
        to: int | None,
        *,
        joins: bool,
        last: bool,
        style: str,
    ) -> list[tuple[str, str]]:
        if column is None or to is None:
            return cells
        pieces = self.pieces[bool(style)]
        if column == to:
            cells[2 * column] = (pieces.lane, style)
            return cells
        right = to > column
        while len(cells) <= 2 * max(column, to):
            cells.append((" ", ""))
        if last:
            start = pieces.last if right else pieces.last_left
        else:
            start = pieces.out if right else pieces.out_left
        if joins:
            end = pieces.join if right else pieces.join_left
        else:
            end = pieces.new if right else pieces.new_left
        low, high = sorted((2 * column, 2 * to))
        for x in range(low + 1, high):
            if cells[x][0] == " ":  # a lane in between goes on: the edge passes behind it
                cells[x] = (pieces.across, style)
        cells[2 * column], cells[2 * to] = (start, style), (end, style)
        return cells

    def cells(self) -> list[tuple[str, str]]:
        """Every lane as it goes straight on."""
        out: list[tuple[str, str]] = []
        for lane in self.lanes:
            if lane is None:
                out.append((" ", ""))
            else:
                out.append((self.pieces[bool(lane.style)].lane, lane.style))
            out.append((" ", ""))
        return out

    def style_of(self, k: int) -> str:
        """The colour of the heaviest lit path along an edge."""
        if k not in self.lit:
            return ""
        heaviest = max((self.picture.lit[i] for i in self.lit[k]), key=lambda lit: lit.share)
        return COLOURS[sign(heaviest.path)]

    def weight_of(self, k: int, *, named: bool) -> str:
        edge, signs = self.picture.edges[k], self.signs
        target = words.safe(self.picture.vertices[edge.target].name, signs)
        if not self.backward or not edge.live:
            return f"{signs.arrow} {target}" if named else ""
        if edge.folded > 1:
            return f"{signs.arrow} {target}: {edge.folded:,} edges"
        formula = words.formula(edge.formula, signs)
        number = labels.quantity(edge.weight, edge.shape, edge.norm, signs)
        if number.removeprefix("= ") == formula:
            number = ""
        weight = _said(formula, number) if formula else number
        return f"{signs.arrow} {target}   {weight}"


def _said(name: str, quantity: str) -> str:
    """``a = 2``, or ``W: 2×2, norm 0.5``."""
    if not quantity:
        return name
    return f"{name} {quantity}" if quantity.startswith("=") else f"{name}: {quantity}"


def _text(cells: list[tuple[str, str]]) -> Text:
    return Text.assemble(*cells)
