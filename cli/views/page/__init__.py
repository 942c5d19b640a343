"""A model as one HTML file to open: the graph, every gradient, and fields to try other values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.views.graph import svg
from cli.views.graph.palette import LIGHT
from cli.views.page.content import Content
from cli.views.page.shell import document, read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.overview import Overview
    from cli.pages import Entry

_DATA = 'const data = JSON.parse(document.getElementById("data").textContent);'
SCRIPTS = ("numbers.js", "paths.js", "model.js")


def render(overview: Overview, *, up: str = "") -> str:
    """The file; ``up`` is the address of the index that it belongs to, if any."""
    content = Content(overview)
    report = content.report
    body = content.body(up)
    script = overview.script
    program = "const program = null;"
    if script is not None:
        program = f"{script.needs}\nfunction program(x) {{\n{script.text}\n}}"
    source = "\n".join([_DATA, program, *map(read, SCRIPTS)])
    return document(
        f"{report.model}: gradients of {report.output}",
        body,
        style=_style(),
        script=f'(function () {{\n"use strict";\n{source}}})();\n',
        data=content.cells.data(report, overview.picture),
    )


def _style() -> str:
    """The rules of drawings, then the page's own; on paper, drawings are light."""
    light = " ".join(f"--{name}: {colour};" for name, colour in LIGHT.items())
    return f"{svg.style()}\n@media print {{ .gradpath-graph {{ {light} }} }}\n{read('page.css')}"


def index(listed: Sequence[Entry]) -> str:
    """The file that leads to those of many models."""
    from cli.views.page.models import body

    return document("gradpath: models", body(listed), style=read("page.css"))
