"""The page of many models: a row for each, with what it says in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from autodiff import __version__
from cli.views import words
from cli.views.page.cells import figure
from cli.views.page.markup import Html, element, join
from cli.views.page.pieces import badge, heads, scrolled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.pages import Entry


def body(listed: Sequence[Entry]) -> Html:
    """A table of the models, in their order."""
    wrong = sum(entry.report is None for entry in listed)
    failed = sum(entry.report is not None and entry.report.status != "ok" for entry in listed)
    counts = [words.plural(len(listed), "model")]
    counts += [f"{failed:,} failed"] if failed else []
    counts += [f"{wrong:,} with errors"] if wrong else []
    table = element(
        "table",
        heads("model", ">output", "gradients", "claims"),
        element("tbody", *map(_row, listed)),
        cls="list",
    )
    return join(
        element("header", element("h1", "gradpath"), element("p", ", ".join(counts) + ".")),
        element("main", scrolled(table, "Models")),
        element("footer", element("p", f"gradpath {__version__}")),
    )


def _row(entry: Entry) -> Html:
    report = entry.report
    if report is None:
        said = [element("p", badge("bad", f"{e.code}: {e.message}")) for e in entry.errors]
        return element(
            "tr", element("th", entry.name, scope="row"), element("td", *said, colspan="3")
        )
    address = quote(entry.page.encode("utf-8", "surrogateescape"))
    claims = badge(*words.claims_summary(report.claims)) if report.claims else None
    value = f"{report.output} = {figure(report.value)}"
    return element(
        "tr",
        element("th", element("a", entry.name, href=address), scope="row"),
        element("td", value, cls="n"),
        element("td", badge(*words.summary(report)) if report.checked else None),
        element("td", claims),
    )
