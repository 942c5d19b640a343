"""Files that are written: opened before the work, so that a wrong path is told first.

Each is written beside its path, which it then replaces: a reader sees all of it or the one
before. What is not written by the end leaves no trace.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from typing import IO, TYPE_CHECKING

from autodiff.errors import UsageError
from autodiff.files import reason
from cli.views import checks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from autodiff.report import FileResult


class Outputs(contextlib.ExitStack):
    """``--report FORMAT=PATH``, any number of them. Raises UsageError where a path is no good."""

    def __init__(self, wanted: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._wanted = wanted
        self._files: list[tuple[str, File]] = []

    def __enter__(self) -> Outputs:
        try:
            for format, path in self._wanted:
                self._files.append((format, self.enter_context(File(path, "--report"))))
        except BaseException:
            self.close()
            raise
        return self

    def write(self, results: Sequence[FileResult], *, strict: bool) -> None:
        """Write every report, as all results are known. Raises UsageError."""
        for format, file in self._files:
            file.write(checks.render(format, results, strict=strict))


@contextlib.contextmanager
def result(path: str | None) -> Iterator[Callable[[str], object]]:
    """What writes the result, piece by piece: to ``--output``, or to stdout for None and ``-``."""
    if path is None or path == "-":
        import sys

        from cli.terminal import tolerant

        yield tolerant(sys.stdout).write
        return
    with File(path, "--output") as file:
        yield file.add
        file.keep()


class File:
    """One file, named by an option. Raises UsageError where it cannot be written."""

    def __init__(self, path: str, option: str) -> None:
        self.path, self.option = path, option

    def __enter__(self) -> File:
        self.target = os.path.realpath(self.path)
        self.beside: str | None = None
        self.stream: IO[bytes] | None = None
        try:
            mode = os.stat(self.target).st_mode if os.path.exists(self.target) else None
            if mode is not None and not stat.S_ISREG(mode):
                descriptor = os.open(self.target, os.O_WRONLY)  # a pipe, a terminal; not a folder
            else:
                if mode is not None and not os.access(self.target, os.W_OK):
                    raise PermissionError(None, "permission denied")
                folder, name = os.path.split(self.target)
                _room(folder)
                descriptor, self.beside = tempfile.mkstemp(dir=folder, prefix=f".{name}.")
                os.chmod(self.beside, stat.S_IMODE(mode) if mode is not None else 0o666 & ~_umask())
            self.stream = open(descriptor, "wb")
        except (OSError, ValueError) as error:
            raise self.refused(error) from error
        return self

    def write(self, content: bytes | str) -> None:
        """All of it."""
        self.add(content)
        self.keep()

    def add(self, content: bytes | str) -> None:
        """A piece of it; text is written in UTF-8."""
        assert self.stream is not None
        try:
            if isinstance(content, str):
                content = content.encode("utf-8", "backslashreplace")
            self.stream.write(content)
        except OSError as error:
            raise self.refused(error) from error

    def keep(self) -> None:
        """It is whole: put it in its place."""
        assert self.stream is not None
        try:
            self.stream.close()
            if self.beside is not None:
                os.replace(self.beside, self.target)
                self.beside = None
        except OSError as error:
            raise self.refused(error) from error

    def refused(self, error: BaseException) -> UsageError:
        return UsageError(f"{self.option}: cannot write {self.path!r}: {reason(error)}")

    def __exit__(self, *_: object) -> None:
        if self.stream is not None:
            with contextlib.suppress(OSError):
                self.stream.close()
        if self.beside is not None:
            with contextlib.suppress(OSError):
                os.unlink(self.beside)


def _room(folder: str) -> None:
    """Raise OSError where a full disk has no room for any report."""
    if hasattr(os, "statvfs"):
        disk = os.statvfs(folder)
        if disk.f_blocks > 0 == disk.f_bfree:  # others, as that of /proc, have no blocks at all
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
