"""A picture as SVG: text as text, colours by names that a page can change, nothing to load.

Every vertex is a ``<g>`` with ``data-name`` and one of the classes ``leaf``, ``node``, ``output``,
``folded``; every edge, and the label of every edge, one with ``data-edge="source target"``. What
lies on a lit path has the class ``lit``; a row that ends with a number says in ``data-shows``
which; the strands of path k and its row in the caption have ``data-path="k"``.
"""

from __future__ import annotations

import math
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from cli.views import words
from cli.views.graph import labels, layout
from cli.views.graph.palette import DARK, LIGHT, sign, stroke
from cli.views.words import UNICODE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.picture import Picture, Sum, Vertex
    from cli.views.graph.layout import Layout, Point

FONT = 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace'
SIZE, SMALL = 14.0, 12.0  # of names and of what stands below them, in pixels
LINE = 18.0
PAD_X, PAD_Y = 12.0, 8.0
MARGIN = 24.0
CORNER = 12.0
HEAD = 8.0  # length of an arrow's head
GAP = 5.0  # between strands, so that their heads stand side by side
SWATCH = 36.0  # length of a strand in the caption
REMARK = 96  # characters of a line below the drawing
ADVANCE = 0.62  # of a monospaced character, in its size: what the widest such font takes
WIDTHS = "Blue adds, orange subtracts; the wider, the larger a path's share."

RULES = """
.gradpath-graph text { font-family: %s; font-size: 12px; fill: var(--ink); white-space: pre; }
.gradpath-graph .paper { fill: var(--paper); }
.gradpath-graph .name { font-size: 14px; font-weight: bold; }
.gradpath-graph .title { font-size: 14px; font-weight: bold; }
.gradpath-graph .strong, .gradpath-graph .weight.lit text { font-weight: bold; }
.gradpath-graph .quiet { fill: var(--quiet); }
.gradpath-graph .box { fill: var(--node); stroke: var(--line); stroke-width: 1.2; }
.gradpath-graph .leaf .box { fill: var(--leaf); stroke: var(--leaf-line); }
.gradpath-graph .output .box { fill: var(--output); stroke: var(--output-line); stroke-width: 2; }
.gradpath-graph .folded .box { stroke-dasharray: 5 4; }
.gradpath-graph .label { fill: var(--paper); }
.gradpath-graph .way { fill: none; stroke: var(--line); stroke-width: 1.4; }
.gradpath-graph .head { fill: var(--line); stroke: none; }
.gradpath-graph .dead .way { stroke-dasharray: 2 4; }
.gradpath-graph .strand { fill: none; stroke-linejoin: round; }
.gradpath-graph .strand.plus { stroke: var(--plus); }
.gradpath-graph .strand.minus { stroke: var(--minus); }
.gradpath-graph .head.plus { fill: var(--plus); }
.gradpath-graph .head.minus { fill: var(--minus); }
.gradpath-graph .lit .box { stroke: var(--ink); stroke-width: 1.6; }
.gradpath-graph .rule { stroke: var(--quiet); stroke-width: 1; }
"""


def style() -> str:
    """The stylesheet of every drawing, light and, where the reader asks for it, dark."""

    def named(colours: dict[str, str]) -> str:
        return " ".join(f"--{name}: {colour};" for name, colour in colours.items())

    return (
        f".gradpath-graph {{ {named(LIGHT)} }}\n"
        f"@media (prefers-color-scheme: dark) {{ .gradpath-graph {{ {named(DARK)} }} }}"
        + RULES.replace("%s", FONT)
    )


def plain_style() -> str:
    """The same in light colours only, for a renderer without custom properties."""
    rules = RULES.replace("%s", '"DejaVu Sans Mono"')
    for name, colour in LIGHT.items():
        rules = rules.replace(f"var(--{name})", colour)
    return rules


def render(picture: Picture, *, backward: bool, sheet: str | None = None) -> str:
    """The whole drawing; ``sheet`` replaces the stylesheet, "" leaves it out."""
    return Drawing(picture, backward=backward).svg(style() if sheet is None else sheet)


class Drawing:
    """One picture, laid out; ``size`` is its width and height in pixels."""

    def __init__(self, picture: Picture, *, backward: bool) -> None:
        self.picture, self.backward = picture, backward
        self.lit = labels.lit_edges(picture)
        self.texts = [
            labels.vertex(picture, v, UNICODE, backward=backward) for v in picture.vertices
        ]
        self.weights = [labels.edge(e, UNICODE) if backward else [] for e in picture.edges]
        self.layout: Layout = layout.arrange(
            [self._size(lines) for lines in self.texts],
            [(e.source, e.target) for e in picture.edges],
            [self._label(lines) for lines in self.weights],
        )
        self.caption = self._caption()
        below = self.caption.y + MARGIN if self.caption.parts else 0.0
        self.size = (
            max(self.layout.width, self.caption.width) + 2 * MARGIN,
            self.layout.height + 2 * MARGIN + below,
        )

    def _size(self, lines: Sequence[str]) -> tuple[float, float]:
        wide = max(width(line, SMALL if k else SIZE) for k, line in enumerate(lines))
        return max(wide + 2 * PAD_X, 56.0), len(lines) * LINE + 2 * PAD_Y

    def _label(self, lines: Sequence[str]) -> tuple[float, float] | None:
        if not lines:
            return None
        return max(width(line, SMALL) for line in lines) + 10, len(lines) * 15.0 + 4

    def svg(self, sheet: str) -> str:
        """The text of it, with a stylesheet."""
        picture, (wide, high) = self.picture, self.size
        dx = (wide - self.layout.width) / 2
        what = "gradient graph" if self.backward else "graph"
        output, model = (words.safe(text, UNICODE) for text in (picture.output, picture.model))
        title = f"{what} of {output} in {model}"
        below = self.layout.height + 2 * MARGIN
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="gradpath-graph" role="img"'
            f' width="{_n(wide)}" height="{_n(high)}" viewBox="0 0 {_n(wide)} {_n(high)}"'
            f" aria-label={quoteattr(title)}>",
            f"<title>{escape(title)}</title>",
            f"<style>\n{sheet}</style>" if sheet else "",
            f'<rect class="paper" width="{_n(wide)}" height="{_n(high)}"/>',
            f'<g transform="translate({_n(dx)} {_n(MARGIN)})">',
            *(self.edge(k) for k in self.order()),
            *(self.label(k) for k in range(len(picture.edges))),
            *(self.vertex(k) for k in range(len(picture.vertices))),
            "</g>",
            f'<g class="caption" transform="translate({_n(MARGIN)} {_n(below)})">',
            *self.caption.parts,
            "</g>",
            "</svg>",
        ]
        return "\n".join(part for part in parts if part) + "\n"

    def order(self) -> list[int]:
        """Edges as they are painted: what is lit last."""
        return sorted(range(len(self.picture.edges)), key=lambda k: k in self.lit)

    # ---- edges

    def edge(self, k: int) -> str:
        edge, sideways = self.picture.edges[k], self.layout.sideways
        points = list(self.layout.ways[k])
        if not self.backward:
            points.reverse()
        strands = self.lit.get(k, ())
        names = [self.picture.vertices[v].name for v in (edge.source, edge.target)]
        classes = "edge" + (" lit" if strands else "") + ("" if edge.live else " dead")
        out = [f'<g class="{classes}" data-edge={quoteattr(" ".join(names))}>']
        if not strands:
            end, head = headed(points, HEAD, 3.6, sideways)
            arrow = edge.live or not self.backward
            out.append(f'<path class="way" d="{curve(end if arrow else points, sideways)}"/>')
            if arrow:
                out.append(f'<path class="head" d="{head}"/>')
            return "".join([*out, "</g>"])
        thick = [stroke(self.picture.lit[i]) for i in strands]
        whole = sum(thick) + GAP * (len(thick) - 1)
        at = -whole / 2
        for i, wide in zip(strands, thick, strict=True):
            colour = sign(self.picture.lit[i].path)
            line = shifted(points, at + wide / 2, sideways)
            at += wide + GAP
            end, head = headed(line, HEAD + wide * 0.6, wide / 2 + 3.0, sideways)
            out.append(
                f'<g data-path="{i}"><path class="strand {colour}" stroke-width="{_n(wide)}"'
                f' d="{curve(end, sideways)}"/><path class="head {colour}" d="{head}"/></g>'
            )
        return "".join([*out, "</g>"])

    def label(self, k: int) -> str:
        box, lines = self.layout.labels[k], self.weights[k]
        if box is None:
            return ""
        middle = box.x + box.width / 2
        edge, last = self.picture.edges[k], len(lines) - 1
        number = ' data-shows="weight"' if edge.weight is not None and not edge.shape else ""
        names = " ".join(self.picture.vertices[v].name for v in (edge.source, edge.target))
        texts = "".join(
            f'<text{number if row == last else ""} x="{_n(middle)}" y="{_n(box.y + 13 + 15 * row)}"'
            f' text-anchor="middle">{escape(line)}</text>'
            for row, line in enumerate(lines)
        )
        lit = " lit" if k in self.lit else ""
        return (
            f'<g class="weight{lit}" data-edge={quoteattr(names)}>'
            f'<rect class="label" x="{_n(box.x)}" y="{_n(box.y)}"'
            f' width="{_n(box.width)}" height="{_n(box.height)}" rx="4"/>{texts}</g>'
        )

    # ---- vertices

    def vertex(self, k: int) -> str:
        vertex, box, lines = self.picture.vertices[k], self.layout.vertices[k], self.texts[k]
        lit = any(k in (e.source, e.target) for e in map(self.picture.edges.__getitem__, self.lit))
        out = [
            f'<g class="{vertex.kind}{" lit" if lit else ""}" data-name={quoteattr(vertex.name)}>',
            f"<title>{escape(labels.tip(vertex, UNICODE))}</title>",
            f'<rect class="box" x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}"'
            f' height="{_n(box.height)}" rx="8"/>',
        ]
        for row, line in enumerate(lines):
            classes = ' class="name"' if not row else ""
            y = box.y + PAD_Y + 14 + row * LINE
            shows = _shows(vertex, lines, row, self.backward)
            out.append(
                f'<text{classes}{shows} x="{_n(box.x + box.width / 2)}" y="{_n(y)}"'
                f' text-anchor="middle">{escape(line)}</text>'
            )
        return "".join([*out, "</g>"])

    # ---- caption

    def _caption(self) -> _Caption:
        """What stands below: per lit derivative its sum, then remarks."""
        made = _Caption()
        for found in self.picture.sums:
            made.sum(self.picture, found)
        if self.picture.lit:
            made.line(0.0, WIDTHS, "quiet")
        for remark in labels.remarks(self.picture, UNICODE):
            for line in labels.wrapped(remark, REMARK, 3):
                made.line(0.0, line, "quiet")
        return made


class _Caption:
    """Lines of text, one below the other."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.width, self.y = 0.0, 0.0

    def line(self, x: float, text: str, classes: str = "", down: float = 17.0) -> None:
        self.put(x, text, classes)
        self.y += down

    def put(self, x: float, text: str, classes: str = "", end: bool = False) -> None:
        wide = width(text, SIZE if classes == "title" else SMALL)
        self.width = max(self.width, x if end else x + wide)
        anchor = ' text-anchor="end"' if end else ""
        named = f' class="{classes}"' if classes else ""
        where = f'x="{_n(x)}" y="{_n(self.y + 12)}"'
        self.parts.append(f"<text{named} {where}{anchor}>{escape(text)}</text>")

    def sum(self, picture: Picture, found: Sum) -> None:
        """An addition as one writes it by hand: the summands, a rule, the sum."""
        self.line(0.0, labels.heading(picture, found, UNICODE), "title", 26.0)
        rows, last = labels.summands(picture, found, UNICODE), labels.total(picture, found, UNICODE)
        column = SWATCH + 14 + max(width(row.number, SMALL) for row in (*rows, last))
        for k, row in enumerate(rows):
            place = found.shown[k] if k < len(found.shown) else None
            tag = "" if place is None else f' data-path="{place}"'
            self.parts.append(f'<g class="row"{tag}>')
            if place is not None:
                lit = picture.lit[place]
                self.parts.append(
                    f'<path class="strand {sign(lit.path)}" stroke-width="{_n(stroke(lit))}"'
                    f' d="M0 {_n(self.y + 8)}H{_n(SWATCH)}"/>'
                )
            self.put(column, row.number, end=True)
            self.line(column + 16, row.what, "strong")
            for line in labels.wrapped(row.how, REMARK, 3) if row.how else ():
                self.line(column + 16, line, "quiet")
            self.y += 4
            self.parts.append("</g>")
        if len(rows) > 1:
            rule = f"M{_n(SWATCH + 6)} {_n(self.y)}H{_n(column + 4)}"
            self.parts.append(f'<path class="rule" d="{rule}"/>')
            self.y += 4
            self.put(column, last.number, "strong", end=True)
            self.line(column + 16, last.what, "strong", 22.0)
        why = labels.trouble(found, UNICODE)
        for line in labels.wrapped(why, REMARK, 3) if why else ():
            self.line(0.0, line, "strong")
        self.y += 8


def _shows(vertex: Vertex, lines: Sequence[str], row: int, backward: bool) -> str:
    """Marks the rows that end with a number: a page that computes others writes them again."""
    if vertex.shape or vertex.kind == "folded":
        return ""
    value = 1 if backward else len(lines) - 1
    kind = "value" if row == value else "adjoint" if backward and row == value + 1 else ""
    return f' data-shows="{kind}"' if kind else ""


def width(text: str, size: float) -> float:
    """At least what ``text`` takes, in pixels, in any monospaced font of this size."""
    return size * sum(map(_advance, text))


def _advance(char: str) -> float:
    if unicodedata.combining(char):
        return 0.0
    if unicodedata.east_asian_width(char) in "WF":
        return 1.25
    return ADVANCE if ord(char) < 0x2400 else 1.1


# ---- geometry


def _n(x: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    text = f"{x:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def curve(points: Sequence[Point], sideways: bool) -> str:
    """A line through the points that leaves and enters each downwards (or sideways)."""
    out = [f"M{_pair(points[0])}"]
    for k, ((ax, ay), (bx, by)) in enumerate(pairwise(points), 1):
        if abs(ax - bx) < 0.05 or abs(ay - by) < 0.05:
            if k + 1 < len(points) and _turns(points[k - 1 : k + 2]):
                before, after = (_towards((bx, by), points[j]) for j in (k - 1, k + 1))
                out.append(f"L{_pair(before)}Q{_pair((bx, by))} {_pair(after)}")
            else:
                out.append(f"L{_pair((bx, by))}")
            continue
        x, y = (ax + bx) / 2, (ay + by) / 2
        first, second = ((x, ay), (x, by)) if sideways else ((ax, y), (bx, y))
        out.append(f"C{_pair(first)} {_pair(second)} {_pair((bx, by))}")
    return "".join(out)


def _turns(points: Sequence[Point]) -> bool:
    """Whether three points make a right angle, each side along an axis."""
    (ax, ay), (bx, by), (cx, cy) = points
    across, down = abs(ax - bx) > 1, abs(ay - by) > 1
    return across != down and (abs(bx - cx) > 1) != across and (abs(by - cy) > 1) != down


def _towards(a: Point, b: Point) -> Point:
    """A point a little way from ``a`` to ``b``."""
    far = math.dist(a, b)
    by = min(CORNER, far / 2) / far
    return a[0] + (b[0] - a[0]) * by, a[1] + (b[1] - a[1]) * by


def shifted(points: Sequence[Point], by: float, sideways: bool) -> list[Point]:
    """The line beside this one."""
    return [(x, y + by) if sideways else (x + by, y) for x, y in points]


def headed(
    points: Sequence[Point], length: float, half: float, sideways: bool
) -> tuple[list[Point], str]:
    """The line, shortened to where its head begins, and the head."""
    (bx, by), (x, y) = points[-2], points[-1]
    if sideways:
        base = x - math.copysign(min(length, abs(x - bx)), x - bx)
        return [*points[:-1], (base, y)], _polygon((x, y), (base, y - half), (base, y + half))
    base = y - math.copysign(min(length, abs(y - by)), y - by)
    return [*points[:-1], (x, base)], _polygon((x, y), (x - half, base), (x + half, base))


def _polygon(*points: Point) -> str:
    return "M" + "L".join(map(_pair, points)) + "Z"


def _pair(point: Point) -> str:
    return f"{_n(point[0])} {_n(point[1])}"
