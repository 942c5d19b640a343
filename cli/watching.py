"""Waits for files to be saved. The only importer of watchfiles.

The folders are watched, not the files: many editors replace a file by another of its name.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from autodiff.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

SETTLED = 50  # milliseconds without a further change, and a save is taken to be over
PATIENCE = 1000  # milliseconds between two looks at the files, should the system not tell
ABSENT = 0.3  # seconds that a file may be gone while an editor replaces it

Signature = tuple[int, int, int] | None


class Files:
    """Files that are waited for. Raises UsageError where watchfiles is not installed."""

    def __init__(self) -> None:
        try:
            from watchfiles import watch
        except ImportError as error:
            hint = "pip install 'gradpath[watch]'"
            raise UsageError("gradpath watch needs the package watchfiles", hint) from error
        self._watch = watch
        self._seen: dict[str, Signature] = {}

    def remember(self, paths: Iterable[str]) -> None:
        """How the files are now, before they are read: what is saved meanwhile is a change."""
        self._seen = {os.path.abspath(path): _signature(path) for path in paths}

    def add(self, paths: Iterable[str]) -> None:
        """Wait for these too, and no more for those that are not among them."""
        known = self._seen
        self.remember(paths)
        self._seen |= {path: known[path] for path in self._seen if path in known}

    def changed(self) -> list[str]:
        """Wait until any of them is not as it was, and say which. Raises UsageError."""
        folders = {folder for path in self._seen if (folder := _standing(os.path.dirname(path)))}
        try:
            for _ in self._watch(
                *sorted(folders),
                watch_filter=None,
                step=SETTLED,
                rust_timeout=PATIENCE,
                yield_on_timeout=True,
                recursive=False,
            ):
                if found := self._differing():
                    return found
        except OSError as error:
            raise UsageError(f"cannot watch {', '.join(sorted(folders))}: {error}") from error
        raise KeyboardInterrupt  # the only other end there is

    def _differing(self) -> list[str]:
        deadline = time.monotonic() + ABSENT
        while True:
            found = [path for path, seen in self._seen.items() if _signature(path) != seen]
            gone = any(_signature(path) is None for path in found)
            if not gone or time.monotonic() > deadline:
                return found
            time.sleep(SETTLED / 1000)


def _signature(path: str) -> Signature:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _standing(folder: str) -> str:
    """The innermost folder on the way to ``folder`` that is there."""
    while not os.path.isdir(folder) and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
    return folder
