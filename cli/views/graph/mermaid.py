"""A picture in Mermaid's language, which GitHub and GitLab draw in Markdown."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from cli.views.graph import labels
from cli.views.graph.palette import LIGHT, sign, stroke
from cli.views.words import UNICODE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autodiff.picture import Picture

# What Mermaid, its Markdown, or the HTML it makes would read as something else. Outside of ASCII
# everything is text.
_SPECIAL = re.compile(r"-(?![0-9])|[^-A-Za-z0-9 .,=+/()\u0080-\U0010ffff]")


def render(picture: Picture, *, backward: bool) -> str:
    """The whole flowchart; the output on top."""
    above = labels.sentences(picture, UNICODE) + labels.remarks(picture, UNICODE, notes=False)
    out = []
    if above:
        out += ["---", f"title: {json.dumps('; '.join(above), ensure_ascii=False)}", "---"]
    out.append(f"flowchart {'TB' if backward else 'BT'}")
    for k, vertex in enumerate(picture.vertices):
        lines = labels.vertex(picture, vertex, UNICODE, backward=backward)
        out.append(f"  n{k}[{_quoted(lines)}]:::{vertex.kind}")
    lit = labels.lit_edges(picture)
    for k, edge in enumerate(picture.edges):
        ends = (edge.source, edge.target) if backward else (edge.target, edge.source)
        arrow = "-->" if edge.live else "-.-" if backward else "-.->"
        text = f"|{_quoted(labels.edge(edge, UNICODE))}|" if backward and edge.live else ""
        out.append(f"  n{ends[0]} {arrow}{text} n{ends[1]}")
        if k in lit:
            # A link has one colour: that of the heaviest path along it.
            paths = [picture.lit[path] for path in lit[k]]
            heaviest = max(paths, key=lambda path: path.share)
            colour = LIGHT[sign(heaviest.path)]
            out.append(f"  linkStyle {k} stroke:{colour},stroke-width:{stroke(heaviest):.1f}px")
    for kind in ("leaf", "node", "output", "folded"):
        fill, line = LIGHT.get(kind, LIGHT["node"]), LIGHT.get(f"{kind}-line", LIGHT["line"])
        dashed = ",stroke-dasharray:5 4" if kind == "folded" else ""
        out.append(f"  classDef {kind} fill:{fill},stroke:{line},color:{LIGHT['ink']}{dashed}")
    return "\n".join(out) + "\n"


def _quoted(lines: Iterable[str]) -> str:
    return '"' + "<br>".join(map(_text, lines)) + '"'


def _text(line: str) -> str:
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", line)
