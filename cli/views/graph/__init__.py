"""Drawings of a picture: SVG, PNG, DOT, Mermaid, and lines for a terminal.

Each is imported when it is asked for.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

from autodiff.errors import UsageError
from cli import options, terminal, views
from cli.outputs import File
from cli.views import words

if TYPE_CHECKING:
    from autodiff.picture import Picture


def chosen(format: str | None, output: str | None) -> str:
    """The format: the one that was asked for, else by the file's ending. Raises UsageError."""
    if format is not None:
        return format
    if output is None or output == "-":
        return "text"
    ending = os.path.splitext(output)[1].lower()
    for name, endings in options.GRAPH_FORMATS.items():
        if ending in endings:
            return name
    known = ", ".join(ending for endings in options.GRAPH_FORMATS.values() for ending in endings)
    raise UsageError(
        f"--output: the ending of {output!r} names no format",
        f"end it in {known}, or give --format",
    )


class Target(contextlib.ExitStack):
    """Where one drawing goes: a file, which appears whole or not at all, or standard output."""

    def __init__(self, output: str | None, format: str) -> None:
        super().__init__()
        self.format = format
        self.file = File(output, "--output") if output not in (None, "-") else None
        self.ascii = self.file is None and format == "text" and terminal.ascii_only(sys.stdout)

    def __enter__(self) -> Target:
        if self.file is not None:
            self.enter_context(self.file)
        elif self.format == "png" and sys.stdout.isatty():
            raise UsageError("a PNG is not for a terminal", "give --output FILE.png")
        return self

    def write(self, picture: Picture, *, backward: bool) -> None:
        """Draw, and write what is drawn."""
        if self.file is not None:
            self.file.write(content(picture, self.format, backward=backward))
        elif self.format == "text":
            from cli.views.graph import lanes

            console = terminal.console(sys.stdout)
            signs = words.ASCII if self.ascii else words.UNICODE
            for line in lanes.render(picture, signs, console.width - 1, backward=backward):
                console.print(line, soft_wrap=True)
            views.notes(picture.notes)
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(content(picture, self.format, backward=backward))


def content(picture: Picture, format: str, *, backward: bool) -> bytes:
    """The drawing as a file has it. Raises UsageError where a library for it is missing."""
    if format == "png":
        from cli.views.graph import png

        return png.render(picture, backward=backward)
    if format == "svg":
        from cli.views.graph import svg

        text = svg.render(picture, backward=backward)
    elif format == "dot":
        from cli.views.graph import dot

        text = dot.render(picture, backward=backward)
    elif format == "mermaid":
        from cli.views.graph import mermaid

        text = mermaid.render(picture, backward=backward)
    else:
        from cli.views.graph import lanes

        lines = lanes.render(picture, words.UNICODE, terminal.WIDTH - 1, backward=backward)
        text = "".join(f"{line.plain.rstrip()}\n" for line in lines)
    return text.encode("utf-8", "backslashreplace")
