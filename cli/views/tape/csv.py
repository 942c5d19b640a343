"""A tape as CSV: a row for each node, for spreadsheets and awk."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from autodiff.report import plain
from cli.views import words
from cli.views.csv import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autodiff.listing import Entry, Listing

COLUMNS = (
    *("node", "name", "operation", "operands", "configuration", "line", "shape"),
    *("value", "norm", "adjoint", "adjoint_norm"),
)


def render(listing: Listing, *, ascii: bool, full: bool) -> Iterator[str]:
    """A header, then a row per node. Numbers have a value, arrays a shape and a norm."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in listing.entries:
        writer.writerow(_row(entry))
        if out.tell() > 1 << 16:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def _row(entry: Entry) -> list[object]:
    start = [
        entry.node,
        text(entry.name),
        entry.operation,
        " ".join(map(str, entry.operands)),
        text(entry.configuration),
        entry.line,
    ]
    cells: list[object] = []
    for value in (entry.value, entry.adjoint):
        if value is None:
            cells += (None, None)
        elif entry.shape:
            cells += (None, plain(words.norm(value)))
        else:
            cells += (plain(value), None)
    return [*start, "x".join(map(str, entry.shape)), *cells]
