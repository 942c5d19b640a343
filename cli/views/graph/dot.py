"""A picture in DOT, Graphviz's language: for those who have Graphviz, or a viewer of its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.views.graph import labels
from cli.views.graph.palette import LIGHT, sign, stroke
from cli.views.words import UNICODE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autodiff.picture import Picture

NARROW = 2.0  # points

HEAD = """digraph {{
  graph [rankdir={rankdir}, fontname="monospace", labelloc=b, labeljust=l, label={label}];
  node [shape=box, style="rounded,filled", fontname="monospace", fontsize=12, fillcolor="{node}"];
  edge [fontname="monospace", fontsize=11, color="{line}"];
"""


def render(picture: Picture, *, backward: bool) -> str:
    """The whole graph; the output on top."""
    label = "".join(f"{_text(line)}\\l" for line in labels.below(picture, UNICODE))
    out = [
        HEAD.format(
            rankdir="TB" if backward else "BT",
            label=f'"{label}"',
            node=LIGHT["node"],
            line=LIGHT["line"],
        )
    ]
    for k, vertex in enumerate(picture.vertices):
        lines = labels.vertex(picture, vertex, UNICODE, backward=backward)
        kinds = {
            "leaf": f', fillcolor="{LIGHT["leaf"]}"',
            "output": f', fillcolor="{LIGHT["output"]}", penwidth=2',
            "folded": ', style="rounded,filled,dashed"',
        }
        tip = _quoted([labels.tip(vertex, UNICODE)])
        out.append(f"  n{k} [label={_quoted(lines)}, tooltip={tip}{kinds.get(vertex.kind, '')}];\n")
    lit = labels.lit_edges(picture)
    for k, edge in enumerate(picture.edges):
        ends = (edge.source, edge.target) if backward else (edge.target, edge.source)
        settings = []
        if backward and edge.live:
            settings.append(f"label={_quoted(labels.edge(edge, UNICODE))}")
        if not edge.live:
            settings.append("style=dotted" + (", arrowhead=none" if backward else ""))
        if k in lit:
            paths = [picture.lit[path] for path in lit[k]]
            # Colours in a row are strands side by side, so near that they must be thin.
            colours = ":".join(LIGHT[sign(path.path)] for path in paths)
            wide = NARROW if len(paths) > 1 else stroke(paths[0]) / 2 + 1
            settings.append(f'color="{colours}", penwidth={wide:.1f}, arrowsize=0.8')
        listed = f" [{', '.join(settings)}]" if settings else ""
        out.append(f"  n{ends[0]} -> n{ends[1]}{listed};\n")
    return "".join([*out, "}\n"])


def _quoted(lines: Iterable[str]) -> str:
    return '"' + "\\n".join(map(_text, lines)) + '"'


def _text(line: str) -> str:
    # Within quotes Graphviz reads escapes (\\N is the node's name) and HTML's entities.
    return line.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
