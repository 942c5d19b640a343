"""Which files a call means: files, folders, patterns, lists. Reads no model.

What does not exist is kept as a file: whoever opens it says so, among the results of the others.
"""

from __future__ import annotations

import glob
import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from autodiff.errors import UsageError
from autodiff.files import Refused, read_bytes, read_stream, reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SUFFIX = ".grad"
STDIN = "-"
MAX_LIST_BYTES = 200_000_000


class Selection(NamedTuple):
    """``files``, each once, in the order they were named; ``problems``: why one cannot be read."""

    files: tuple[str, ...]
    problems: dict[str, str]


def select(paths: Iterable[str], lists: Iterable[str] = ()) -> Selection:
    """The files that arguments, then lists of paths, stand for.

    paths : files (whatever their ending), folders (every ``*.grad`` below, sorted), patterns
            that the shell left alone, ``-`` for standard input
    lists : files of paths, one a line or each ended by a NUL; ``-`` for standard input. Paths
            in a list are relative to the current folder, and ``-`` is a file of that name

    Raises UsageError where a list cannot be read, or standard input is wanted twice.
    """
    named, lists = list(paths), list(lists)
    if (*named, *lists).count(STDIN) > 1:
        raise UsageError("standard input can be read only once: '-' is given twice")
    listed = [path for source in lists for path in _list(source)]
    files: dict[str, str] = {}
    problems: dict[str, str] = {}
    for path in named:
        _add(files, problems, path)
    for path in listed:
        _add(files, problems, os.path.join(".", path) if path == STDIN else path)
    return Selection(tuple(files.values()), problems)


def _add(files: dict[str, str], problems: dict[str, str], path: str) -> None:
    """Note every file that ``path`` stands for, unless another name for it was there before."""
    for found in _expand(path, problems):
        odd = found == STDIN or "\0" in found  # the second can only be refused
        files.setdefault(found if odd else os.path.realpath(found), found)


def _expand(path: str, problems: dict[str, str]) -> Iterator[str]:
    if path == STDIN:
        yield path
    elif os.path.isdir(path):
        yield from _below(path, problems)
    elif os.path.lexists(path) or not glob.has_magic(path):
        yield path
    else:
        matches = sorted(_matches(path))
        if not matches:
            problems[path] = "no file matches this pattern"
            yield path
        for match in matches:
            if os.path.isdir(match):
                # `models/**` has every folder and every file: the files are enough.
                if not path.endswith("**"):
                    yield from _below(match, problems)
            elif not path.endswith("**") or match.endswith(SUFFIX):
                yield match


def _matches(pattern: str) -> Iterator[str]:
    try:
        # In glob, too, `*` and `**` pass over what is hidden.
        yield from glob.iglob(pattern, recursive=True)
    except (OSError, ValueError):  # a NUL, say: no file is called so
        return


def _below(folder: str, problems: dict[str, str]) -> Iterator[str]:
    """Every model below a folder, in the order of their paths; nothing hidden.

    Links to folders are not followed: they may lead round in a circle, or out of the project.
    """
    unread: list[str] = []

    def refuse(error: OSError) -> None:
        unread.append(os.fspath(error.filename))
        problems[unread[-1]] = f"cannot read the folder: {reason(error)}"

    for here, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(SUFFIX) and not name.startswith("."):
                path = os.path.join(here, name)
                # As the shell's *.grad would have it, not ./a.grad.
                yield path[2:] if folder in {".", "./"} else path
    yield from unread


def _list(source: str) -> list[str]:
    """The paths in a list, without blank lines."""
    if source == STDIN:
        content = read_stream(sys.stdin.buffer, MAX_LIST_BYTES)
        if len(content) > MAX_LIST_BYTES:
            raise UsageError(f"--from-file: more than {MAX_LIST_BYTES:,} bytes on standard input")
    else:
        try:
            content = read_bytes(source, MAX_LIST_BYTES)
        except Refused as refused:
            raise UsageError(f"--from-file: {refused.message}", refused.hint) from refused
    # A list made by `find -print0`: then a line end is part of a name.
    if b"\0" in content:
        items = content.split(b"\0")
    else:
        items = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").split(b"\n")
    return [os.fsdecode(item) for item in items if item.strip()]
