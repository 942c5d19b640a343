"""A tape as a table of 80 columns. Arrays are told by their shape and norm."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from cli.views import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from autodiff.listing import Entry, Listing
    from autodiff.report import Array

CHUNK = 1000  # rows that are aligned together
OPERANDS = 4  # that are shown of one node
WIDEST = (None, 16, 26, 20, 20, None)  # of a column; what is wider stands out
COLUMNS = ("node", "name", "operation", "value", "adjoint", "line")
_RIGHT = (0, 3, 4, 5)  # columns of numbers


def render(listing: Listing, *, ascii: bool, full: bool) -> Iterator[str]:
    """A line about the output, a header, then a row for each node."""
    signs = words.ASCII if ascii else words.UNICODE
    digits = 17 if full else 6
    output = f"{words.safe(listing.output, signs)} = {words.number(listing.value, digits)}"
    nodes = words.plural(listing.size, "node")
    title = f"{words.safe(listing.model, signs)}    {output}    {nodes}"
    yield f"{title}    {listing.device}, {listing.dtype}\n\n"
    widths = [len(column) for column in COLUMNS]
    head = True
    while chunk := list(islice(listing.entries, CHUNK)):
        rows: list[Sequence[str]] = [_row(entry, signs, full, digits) for entry in chunk]
        if head:
            rows.insert(0, COLUMNS)
            head = False
        for k, most in enumerate(WIDEST):
            # Columns only grow, so that a long table stays one.
            wide = max(len(row[k]) for row in rows)
            widths[k] = max(widths[k], wide if most is None else min(wide, most))
        yield "".join(_line(row, widths) for row in rows)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        cell.rjust(wide) if k in _RIGHT else cell.ljust(wide)
        for k, (cell, wide) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip() + "\n"


def _row(entry: Entry, signs: words.Signs, full: bool, digits: int) -> list[str]:
    operands = entry.operands
    shown = operands if full or len(operands) <= OPERANDS else operands[: OPERANDS - 1]
    items = [str(operand) for operand in shown]
    if len(shown) < len(operands):
        items.append(f"{signs.ellipsis} {len(operands) - len(shown)} more")
    operation = entry.operation
    if items:
        operation += " " + ", ".join(items)
    if entry.configuration:
        operation += f" ({words.safe(entry.configuration, signs)})"
    return [
        str(entry.node),
        words.safe(entry.name, signs),
        operation,
        _value(entry.value, entry.shape, signs, digits),
        "" if entry.adjoint is None else _value(entry.adjoint, entry.shape, signs, digits),
        "" if entry.line is None else str(entry.line),
    ]


def _value(value: Array, shape: tuple[int, ...], signs: words.Signs, digits: int) -> str:
    if not shape:
        return words.number(value, digits)
    return f"{signs.by.join(map(str, shape))}: {words.number(words.norm(value), min(digits, 6))}"
