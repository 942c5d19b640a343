"""What the output streams can show, and writing to them.

With no terminal: no colour, no wrapping, no progress. Without UTF-8: ASCII.
"""

from __future__ import annotations

import codecs
import errno
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 80  # of the layout where there is no terminal to ask
NARROWEST, WIDEST = 40, 100  # below, nothing fits; above, a line is hard to read


def ascii_only(stream: TextIO) -> bool:
    """Whether ``stream`` cannot be trusted with the signs of mathematics."""
    try:
        return not codecs.lookup(stream.encoding or "ascii").name.startswith("utf")
    except (LookupError, AttributeError):
        return True


def tolerant(stream: TextIO) -> TextIO:
    """``stream``, writing what its encoding lacks (a name, a file's name) as an escape."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
    return stream


def console(stream: TextIO) -> Console:
    """A console on ``stream`` that interprets nothing: no markup, no highlighting, no emoji."""
    from rich.console import Console

    class Plain(Console):
        def on_broken_pipe(self) -> None:
            # rich would exit with 1, which for us says that a gradient differs.
            raise BrokenPipeError(errno.EPIPE, "the reader went away")

    made = Plain(file=tolerant(stream), markup=False, highlight=False, emoji=False)
    # rich folds a table to the width it finds; where nobody looks, lines stay as they are.
    made.width = min(max(made.width, NARROWEST), WIDEST) if made.is_terminal else WIDTH
    return made


def write(text: str) -> None:
    """``text`` on stdout, with a newline at its end."""
    stream = tolerant(sys.stdout)
    stream.write(text if text.endswith("\n") else text + "\n")
