"""Where everything of a drawing goes: boxes in layers, edges routed around them. Draws nothing.

The only importer of the layout library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from autodiff.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

Point = tuple[float, float]

INSTALL = "pip install 'gradpath[graph]'; DOT, Mermaid and text are drawn without it"
PAGE = 1000.0  # pixels; what is no wider is laid from top to bottom
PROPORTION = 1.5  # of a page that a drawing should fit
LARGE = 600  # boxes; more take the library's slanted ways too long

OPTIONS = {
    # Ports at facing sides alone: a way that enters from the side would hide its arrow's head.
    "routing": {"style": "diagonal", "port_sides": "facing_only"},
    "coords": {"branch_style": "symmetric"},
    "spacing": {"layer_gap": 30.0, "node_gap": 22.0, "dummy_gap": 18.0, "port_gap": 14.0},
}
LARGE_OPTIONS = {
    "effort": "fast",
    "routing": {"style": "orthogonal", "port_sides": "facing_only"},
}


class Box(NamedTuple):
    """A rectangle by its upper left corner."""

    x: float
    y: float
    width: float
    height: float


class Layout(NamedTuple):
    """Boxes of the vertices and of the edges' labels (None without one), and the edges' ways.

    A way leads from the source's box to the target's, through its label; it leaves and enters
    downwards, or to the right where ``sideways``.
    """

    vertices: tuple[Box, ...]
    labels: tuple[Box | None, ...]
    ways: tuple[tuple[Point, ...], ...]
    width: float
    height: float
    sideways: bool


def arrange(
    sizes: Sequence[tuple[float, float]],
    edges: Sequence[tuple[int, int]],
    labels: Sequence[tuple[float, float] | None],
) -> Layout:
    """Place vertices of these sizes, sources above targets, and route the edges between them.

    What would be wide is laid from left to right instead, if that is less so: many labels side
    by side take more room than one above the other.
    """
    down = _arrange(sizes, edges, labels, sideways=False)
    if down.width <= PAGE or len(sizes) + len(edges) > LARGE:
        return down
    across = _arrange(sizes, edges, labels, sideways=True)
    return min(down, across, key=lambda found: max(found.width / PROPORTION, found.height))


def _arrange(
    sizes: Sequence[tuple[float, float]],
    edges: Sequence[tuple[int, int]],
    labels: Sequence[tuple[float, float] | None],
    *,
    sideways: bool,
) -> Layout:
    try:
        import graphlay
    except ImportError as error:
        raise UsageError("SVG and PNG need graphlay, which is not installed", INSTALL) from error

    # A label is a vertex to the library, in a layer between its edge's ends: so it has a place
    # of its own, and nothing can lie over it.
    graph = graphlay.Graph()
    for width, height in sizes:
        graph.node(width=width, height=height)
    halves: list[tuple[int, ...]] = []
    for (source, target), label in zip(edges, labels, strict=True):
        if label is None:
            halves.append((graph.edge(source, target),))
            continue
        middle = graph.node(width=label[0], height=label[1])
        halves.append((graph.edge(source, middle), graph.edge(middle, target)))
    options = {"direction": "leftright" if sideways else "topbottom", **OPTIONS}
    if len(graph.nodes) > LARGE:
        options |= LARGE_OPTIONS
    drawn = graphlay.layout(graph, options=options).to_dict()
    boxes = [
        Box(
            node["center"]["x"] - node["size"]["width"] / 2,
            node["center"]["y"] - node["size"]["height"] / 2,
            node["size"]["width"],
            node["size"]["height"],
        )
        for node in drawn["nodes"]
    ]
    lines = [[(p["x"], p["y"]) for p in edge["points"]] for edge in drawn["edges"]]
    xs = [x for b in boxes for x in (b.x, b.x + b.width)] + [x for way in lines for x, _ in way]
    ys = [y for b in boxes for y in (b.y, b.y + b.height)] + [y for way in lines for _, y in way]
    left, top = min(xs), min(ys)
    boxes = [box._replace(x=box.x - left, y=box.y - top) for box in boxes]
    ways = [tuple([(x - left, y - top) for k in half for x, y in lines[k]]) for half in halves]
    rest = iter(boxes[len(sizes) :])
    return Layout(
        vertices=tuple(boxes[: len(sizes)]),
        labels=tuple([None if label is None else next(rest) for label in labels]),
        ways=tuple(ways),
        width=max(xs) - left,
        height=max(ys) - top,
        sideways=sideways,
    )
