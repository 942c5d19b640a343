"""Views: a Report in, text out. Imported when asked for: JSON must not pay for rich."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from autodiff.limits import LIMITS
from cli import terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.limits import Limits
    from autodiff.report import Note, Report

FOR_READING = ("text", "markdown")  # formats whose signs follow the terminal; others are fixed


def show(report: Report, format: str, *, ascii: bool, full: bool, limits: Limits = LIMITS) -> None:
    """Write ``report`` to stdout, and to stderr what belongs beside the result.

    Raises UsageError where that would be more than ``limits.output`` numbers.
    """
    if full or format not in FOR_READING:
        limits.written(report.numbers)
    if format == "json":
        from cli.views import json

        terminal.write(json.render(report, ascii=terminal.ascii_only(sys.stdout)))
        return
    if format == "markdown":
        from cli.views import markdown

        terminal.write(markdown.render(report, ascii=ascii, full=full))
        return
    if format == "csv":
        from cli.views import csv

        terminal.write(csv.render(report))
    else:
        from cli.views import text

        text.show(report, terminal.console(sys.stdout), ascii=ascii, full=full)
    notes(report.notes)


def notes(found: Sequence[Note]) -> None:
    """A result's notes, after it, on stderr."""
    if not found:
        return
    from autodiff.source import printable

    sys.stdout.flush()
    stream = terminal.tolerant(sys.stderr)
    for note in found:
        line = f"line {note.line}: " if note.line is not None else ""
        stream.write(f"note[{note.code}]: {line}{printable(note.message)}\n")


def show_devices(format: str) -> None:
    """Write what devices there are, and why not, to stdout."""
    from autodiff.placement import devices
    from cli.views import devices as view

    ascii = terminal.ascii_only(sys.stdout)
    found = devices()
    terminal.write(view.as_json(found, ascii=ascii) if format == "json" else view.as_text(found))


def show_operations(name: str | None, format: str) -> None:
    """Write the table of operations, or the row called ``name``, to stdout."""
    from cli.views import operations

    ascii = format in FOR_READING and terminal.ascii_only(sys.stdout)
    rows = operations.rows(name, ascii=ascii)
    if format == "json":
        terminal.write(operations.as_json(rows, ascii=terminal.ascii_only(sys.stdout)))
    elif format == "markdown":
        terminal.write(operations.as_markdown(rows))
    else:
        operations.show(rows, terminal.console(sys.stdout), whole=name is not None)
