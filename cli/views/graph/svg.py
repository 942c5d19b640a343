"""A picture as SVG: text as text, colours by names that a page can change, nothing to load.

Every vertex is a ``<g>`` with ``data-name`` and one of the classes ``leaf``, ``node``, ``output``,
``folded``; every edge one with ``data-edge="source target"``. What lies on a lit path has the class
``lit``; a row that ends with a number has ``data-shows``; the strands of path k and its row in the caption have ``data-path="k"``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from cli.views import walk, words
from cli.views.graph import layout
from cli.views.graph.text import clipped, edge_lines, lit_edges, vertex_lines, width
from cli.views.words import UNICODE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from autodiff.picture import Edge, Picture, Sum, Vertex
    from cli.views.graph.layout import Box, Layout, Point

FONT = 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace'
SIZE, SMALL = 14.0, 12.0  # of names and of what stands below them, in pixels
LINE = 18.0
PAD_X, PAD_Y = 12.0, 8.0
MARGIN = 24.0
CORNER = 10.0
HEAD = 8.0  # length of an arrow's head
THIN, THICK = 2.0, 9.0  # of a strand with none and with all of a sum

LIGHT = {
    "paper": "#ffffff",
    "ink": "#1f2933",
    "quiet": "#5b6673",
    "line": "#9aa5b1",
    "node": "#f7f8fa",
    "leaf": "#eef6ee",
    "leaf-line": "#6a9a6d",
    "output": "#fdf3dc",
    "output-line": "#b98a1d",
    "plus": "#0b62a8",
    "minus": "#d1570a",
}
DARK = {
    "paper": "#12171d",
    "ink": "#e6eaee",
    "quiet": "#a3adb8",
    "line": "#626d79",
    "node": "#1c232b",
    "leaf": "#19271d",
    "leaf-line": "#6fa673",
    "output": "#2c2411",
    "output-line": "#d0a340",
    "plus": "#5fb0f2",
    "minus": "#ff9450",
}

RULES = """
.gradpath-graph text { font-family: %s; font-size: 12px; fill: var(--ink); white-space: pre; }
.gradpath-graph .paper { fill: var(--paper); }
.gradpath-graph .name { font-size: 14px; font-weight: bold; }
.gradpath-graph .title { font-size: 14px; font-weight: bold; }
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
.gradpath-graph .plus .strand, .gradpath-graph .strand.plus { stroke: var(--plus); }
.gradpath-graph .minus .strand, .gradpath-graph .strand.minus { stroke: var(--minus); }
.gradpath-graph .head.plus { fill: var(--plus); }
.gradpath-graph .head.minus { fill: var(--minus); }
.gradpath-graph text.plus { fill: var(--plus); }
.gradpath-graph text.minus { fill: var(--minus); }
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
    return _Drawing(picture, backward).svg(style() if sheet is None else sheet)


class Row(NamedTuple):
    """A line of the caption: at x, of a class, its text."""

    x: float
    classes: str
    text: str


class _Drawing:
    def __init__(self, picture: Picture, backward: bool) -> None:
        self.picture, self.backward = picture, backward
        self.lit = lit_edges(picture)
        self.texts = [vertex_lines(picture, v, backward, UNICODE) for v in picture.vertices]
        self.labels = [edge_lines(e, backward, UNICODE) for e in picture.edges]
        self.layout: Layout = layout.arrange(
            [self._size(lines) for lines in self.texts],
            [(e.source, e.target) for e in picture.edges],
            [self._label(lines) for lines in self.labels],
        )

    def _size(self, lines: Sequence[str]) -> tuple[float, float]:
        wide = max(width(line, SIZE if not k else SMALL, bold=not k) for k, line in enumerate(lines))
        return max(wide + 2 * PAD_X, 56.0), len(lines) * LINE + 2 * PAD_Y

    def _label(self, lines: Sequence[str]) -> tuple[float, float] | None:
        if not lines:
            return None
        return max(width(line, SMALL) for line in lines) + 10, len(lines) * 15.0 + 4

    def svg(self, sheet: str) -> str:
        picture = self.picture
        caption, caption_width, caption_height = self.caption()
        wide = max(self.layout.width, caption_width) + 2 * MARGIN
        high = self.layout.height + 2 * MARGIN + caption_height
        dx = (wide - self.layout.width) / 2
        what = "gradient graph" if self.backward else "graph"
        title = f"{what} of {words.safe(picture.output, UNICODE)} in {words.safe(picture.model, UNICODE)}"
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="gradpath-graph" role="img"'
            f' width="{_n(wide)}" height="{_n(high)}" viewBox="0 0 {_n(wide)} {_n(high)}"'
            f" aria-label={_q(title)}>",
            f"<title>{_e(title)}</title>",
            f"<style>\n{sheet}</style>" if sheet else "",
            f'<rect class="paper" width="{_n(wide)}" height="{_n(high)}"/>',
            f'<g transform="translate({_n(dx)} {_n(MARGIN)})">',
            *(self.edge(k) for k in self.order()),
            *(self.label(k) for k in range(len(picture.edges))),
            *(self.vertex(k) for k in range(len(picture.vertices))),
            "</g>",
            f'<g class="caption" transform="translate({_n(MARGIN)} {_n(self.layout.height + 2 * MARGIN)})">',
            *caption,
            "</g>",
            "</svg>",
        ]
        return "\n".join(part for part in parts if part) + "\n"

    def order(self) -> list[int]:
        """Edges as they are painted: what is lit last."""
        return sorted(range(len(self.picture.edges)), key=lambda k: k in self.lit)

    # ---- edges

    def edge(self, k: int) -> str:
        edge = self.picture.edges[k]
        points = list(self.layout.ways[k])
        if not self.backward:
            points.reverse()
        strands = self.lit.get(k, ())
        names = [self.picture.vertices[v].name for v in (edge.source, edge.target)]
        classes = "edge" + (" lit" if strands else "") + ("" if edge.live else " dead")
        out = [f'<g class="{classes}" data-edge={_q(" ".join(names))}>']
        if not strands:
            end, head = _arrow(points, HEAD, 3.6)
            arrow = edge.live or not self.backward
            out.append(f'<path class="way" d="{_path(end if arrow else points)}"/>')
            if arrow:
                out.append(f'<path class="head" d="{head}"/>')
            return "".join([*out, "</g>"])
        thick = [THIN + (THICK - THIN) * self.picture.lit[i].share for i in strands]
        whole = sum(thick) + 2.0 * (len(thick) - 1)
        at = -whole / 2
        for i, stroke in zip(strands, thick, strict=True):
            sign = _sign(self.picture.lit[i].path.contribution)
            shifted = _shift(points, at + stroke / 2)
            at += stroke + 2.0
            size = HEAD + stroke * 0.8
            end, head = _arrow(shifted, size, stroke / 2 + 3.0)
            out.append(
                f'<g data-path="{i}"><path class="strand {sign}" stroke-width="{_n(stroke)}"'
                f' d="{_path(end)}"/><path class="head {sign}" d="{head}"/></g>'
            )
        return "".join([*out, "</g>"])

    def label(self, k: int) -> str:
        box, lines = self.layout.labels[k], self.labels[k]
        if box is None:
            return ""
        middle = box.x + box.width / 2
        last = len(lines) - 1
        edge = self.picture.edges[k]
        number = ' data-shows="weight"' if edge.weight is not None else ""
        names = " ".join(self.picture.vertices[v].name for v in (edge.source, edge.target))
        texts = "".join(
            f'<text{number if row == last else ""} x="{_n(middle)}" y="{_n(box.y + 13 + 15 * row)}" text-anchor="middle">{_e(line)}</text>'
            for row, line in enumerate(lines)
        )
        lit = " lit" if k in self.lit else ""
        return (
            f'<g class="weight{lit}" data-edge={_q(names)}><rect class="label" x="{_n(box.x)}" y="{_n(box.y)}"'
            f' width="{_n(box.width)}" height="{_n(box.height)}" rx="4"/>{texts}</g>'
        )

    # ---- vertices

    def vertex(self, k: int) -> str:
        vertex, box, lines = self.picture.vertices[k], self.layout.vertices[k], self.texts[k]
        lit = any(k in (e.source, e.target) for e in map(self.picture.edges.__getitem__, self.lit))
        out = [
            f'<g class="{vertex.kind}{" lit" if lit else ""}" data-name={_q(vertex.name)}>',
            f"<title>{_e(self.tip(vertex))}</title>",
            f'<rect class="box" x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}"'
            f' height="{_n(box.height)}" rx="8"/>',
        ]
        for row, line in enumerate(lines):
            classes = ' class="name"' if not row else ""
            y = box.y + PAD_Y + 14 + row * LINE
            shows = _shows(vertex, lines, row, self.backward)
            out.append(
                f'<text{classes}{shows} x="{_n(box.x + box.width / 2)}" y="{_n(y)}"'
                f' text-anchor="middle">{_e(line)}</text>'
            )
        return "".join([*out, "</g>"])

    def tip(self, vertex: Vertex) -> str:
        line = f"line {vertex.line}: " if vertex.line is not None else ""
        return f"{line}{vertex.name}" + (f" = {vertex.statement}" if vertex.statement else "")

    # ---- caption

    def caption(self) -> tuple[list[str], float, float]:
        rows: list[str] = []
        wide, y = 0.0, 6.0

        def put(x: float, classes: str, text: str, size: float = SMALL, bold: bool = False) -> None:
            nonlocal wide
            wide = max(wide, x + width(text, size, bold=bold))
            rows.append(f'<text x="{_n(x)}" y="{_n(y)}"{_class(classes)}>{_e(text)}</text>')

        for found in self.picture.sums:
            name = walk.derivative(self.picture.output, found.wrt, UNICODE)
            put(0, "title", heading(self.picture, found, name), SIZE, True)
            y += 24
            shown = [(i, self.picture.lit[i]) for i in found.shown]
            for i, lit in shown:
                path, sign = lit.path, _sign(lit.path.contribution)
                stroke = THIN + (THICK - THIN) * lit.share
                rows.append(
                    f'<path class="strand {sign}" stroke-width="{_n(stroke)}" d="M0 {_n(y - 4)}H34"/>'
                )
                chain = " → ".join(walk.chain(path, UNICODE, False))
                put(44, "", chain)
                y += 17
                product = _product(path)
                put(44, "quiet", product)
                y += 22
        for line in remarks(self.picture):
            put(0, "quiet", line)
            y += 17
        return rows, wide, y + 4 if rows else 0.0


def heading(picture: Picture, found: Sum, name: str) -> str:
    return f"{name} = {words.number(found.value, 4) if not found.shape else 'array'}"


def remarks(picture: Picture) -> list[str]:
    return []


def _product(path: Path) -> str:
    """The product along a path: its formulas, its numbers, and what they make."""
    if not walk.is_scalar(path):
        product = walk.derivatives(path, UNICODE, alone=True)
        return f"{product}: norm {words.number(path.norm, 4)}"
    parts = [walk.formulas(path, UNICODE, False), walk.numbers(path, UNICODE, False)]
    parts.append(words.number(path.contribution, 4))
    return " = ".join(dict.fromkeys(part for part in parts if part))


def _shows(vertex: Vertex, lines: Sequence[str], row: int, backward: bool) -> str:
    """Marks the rows that end with a number: a page that computes others writes them again."""
    if vertex.shape or vertex.kind == "folded":
        return ""
    value = 1 if backward else len(lines) - 1
    kind = "value" if row == value else "adjoint" if backward and row == value + 1 else ""
    return f' data-shows="{kind}"' if kind else ""


def _sign(contribution) -> str:
    return "minus" if contribution.__class__ is float and contribution < 0 else "plus"


def _class(classes: str) -> str:
    return f' class="{classes}"' if classes else ""


# ---- geometry


def _n(x: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    text = f"{x:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _q(text: str) -> str:
    return quoteattr(text)


def _e(text: str) -> str:
    return escape(text)


def _straight(points: Iterable[Point]) -> list[Point]:
    """Without points that repeat, or that lie within a straight line."""
    out: list[Point] = []
    for p in points:
        if out and math.dist(out[-1], p) < 0.01:
            continue
        if len(out) > 1:
            (ax, ay), (bx, by) = out[-2], out[-1]
            if abs((bx - ax) * (p[1] - by) - (by - ay) * (p[0] - bx)) < 1e-6:
                out.pop()
        out.append(p)
    return out


def _path(points: Sequence[Point]) -> str:
    """A line through the points, its corners rounded."""
    points = _straight(points)
    out = [f"M{_n(points[0][0])} {_n(points[0][1])}"]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(CORNER, math.dist(before, here) / 2, math.dist(here, after) / 2)
        a, b = _towards(here, before, radius), _towards(here, after, radius)
        out.append(f"L{_n(a[0])} {_n(a[1])}Q{_n(here[0])} {_n(here[1])} {_n(b[0])} {_n(b[1])}")
    out.append(f"L{_n(points[-1][0])} {_n(points[-1][1])}")
    return "".join(out)


def _towards(a: Point, b: Point, by: float) -> Point:
    far = math.dist(a, b) or 1.0
    return a[0] + (b[0] - a[0]) * by / far, a[1] + (b[1] - a[1]) * by / far


def _arrow(points: Sequence[Point], length: float, half: float) -> tuple[list[Point], str]:
    """The line, shortened to where its head begins, and the head."""
    points = _straight(points)
    tip, before = points[-1], points[-2]
    length = min(length, math.dist(tip, before))
    base = _towards(tip, before, length)
    dx, dy = (tip[0] - base[0]) / length, (tip[1] - base[1]) / length
    a, b = (base[0] - dy * half, base[1] + dx * half), (base[0] + dy * half, base[1] - dx * half)
    head = f"M{_n(tip[0])} {_n(tip[1])}L{_n(a[0])} {_n(a[1])}L{_n(b[0])} {_n(b[1])}Z"
    return [*points[:-1], base], head


def _shift(points: Sequence[Point], by: float) -> list[Point]:
    """The line beside this one."""
    points = _straight(points)
    normals = []
    for (ax, ay), (bx, by_) in zip(points, points[1:], strict=False):
        far = math.dist((ax, ay), (bx, by_)) or 1.0
        normals.append(((by_ - ay) / far, -(bx - ax) / far))
    out = []
    for k, (x, y) in enumerate(points):
        n1, n2 = normals[max(k - 1, 0)], normals[min(k, len(normals) - 1)]
        mx, my = n1[0] + n2[0], n1[1] + n2[1]
        scale = 2 / max(mx * mx + my * my, 0.5)
        out.append((x + mx * scale * by, y + my * scale * by))
    return out


def _curve(points: Sequence[Point]) -> str:
    out = [f"M{_n(points[0][0])} {_n(points[0][1])}"]
    for (ax, ay), (bx, by) in zip(points, points[1:], strict=False):
        middle = (ay + by) / 2
        if abs(ax - bx) < 0.05:
            out.append(f"L{_n(bx)} {_n(by)}")
        else:
            out.append(f"C{_n(ax)} {_n(middle)} {_n(bx)} {_n(middle)} {_n(bx)} {_n(by)}")
    return "".join(out)
