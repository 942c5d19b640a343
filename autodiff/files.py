"""Reads the bytes of one file, or says why not. Imports nothing that a start would feel."""

from __future__ import annotations

import os
import stat
from typing import IO, TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    # Is told the name and the content of each file that a model is made of, as it is read.
    Witness: TypeAlias = Callable[[str, bytes], None]


PIECE = 1 << 20  # bytes read at a time


class Refused(Exception):
    """Why a file is not read; its caller knows the place and makes a problem of it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def reason(error: BaseException) -> str:
    """What the system says, in a few words."""
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()


def read_bytes(path: str | os.PathLike[str], limit: int, hint: str = "") -> bytes:
    """The content of a regular file of at most ``limit`` bytes.

    Raises Refused; with ``hint``, where the file is larger.
    """
    name = os.path.basename(path)
    try:
        # Not blocking: opening a FIFO would wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if stat.S_ISDIR(status.st_mode):
                raise Refused(f"{name!r} is a folder", "give a file")
            if not stat.S_ISREG(status.st_mode):
                raise Refused(f"{name!r} is not a regular file")
            if status.st_size > limit:
                raise _larger(name, f"{status.st_size:,}", limit, hint)
            content = read_stream(file, limit)
            if len(content) > limit:  # it grows, or a file system does not tell sizes
                raise _larger(name, f"more than {limit:,}", limit, hint)
            return content
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise Refused(f"cannot read {name!r}: {reason(error)}") from error


def read_stream(stream: IO[bytes], limit: int) -> bytes:
    """What a stream has, but at most one byte more than ``limit``.

    By pieces: `read` allocates all that it is asked for, and here that is what may be refused.
    """
    pieces, left = [], limit + 1
    while left > 0 and (piece := stream.read(min(left, PIECE))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _larger(name: str, size: str, limit: int, hint: str) -> Refused:
    return Refused(f"{name!r} has {size} bytes; the limit is {limit:,}", hint)
