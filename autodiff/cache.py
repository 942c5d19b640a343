"""Keeps results in a folder, and finds them again while nothing they depend on has changed.

There is one entry for each path and set of options. It names every file that was read for it,
with a hash of what was read, and counts only while all of them still hold just that.

The folder may have been written by somebody else: entries are JSON, never unpickled, and one
that is not as it should be is no entry. Whoever can write there can say that a file is well.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import autodiff
from autodiff.data import inside
from autodiff.errors import UsageError
from autodiff.files import Refused, read_bytes, reason
from autodiff.work import Outcome, Task, digest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autodiff.checking import CheckOptions
    from autodiff.report import FileResult

FORMAT = 1
KEPT = frozenset({"ok", "failed", "error", "nothing"})  # a timeout may end well another day
MAX_ENTRY_BYTES = 50_000_000
LIBRARIES = ("sympy", "mpmath", "numpy", "scipy")  # a verdict may change with their versions
TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of gradpath; it may be deleted.\n"


class Cache:
    """Results of earlier checks with these options, in a folder. Raises UsageError if it cannot be.

    folder  : made where there is none
    options : of every check; results with others are told apart
    """

    def __init__(self, folder: str, options: CheckOptions) -> None:
        self.folder, self.options = Path(folder), options
        versions = {name: metadata.version(name) for name in LIBRARIES}
        self._basis = [FORMAT, autodiff.__version__, versions, options.to_json()]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            tag = self.folder / "CACHEDIR.TAG"
            if not tag.exists():
                _write(tag, TAG)
            if not os.access(self.folder, os.W_OK | os.X_OK):
                raise PermissionError(None, "permission denied")
        except (OSError, ValueError) as error:
            raise UsageError(f"--cache: cannot write to {folder!r}: {reason(error)}") from error

    def find(self, task: Task) -> FileResult | None:
        """The result of an earlier run, if it would be the same now."""
        if task.content is not None or task.path == "-":
            return None
        try:
            entry = json.loads(read_bytes(self._entry(task), MAX_ENTRY_BYTES))
            outcome = Outcome.from_json(entry)
        except (Refused, ValueError, KeyError, TypeError, RecursionError):
            return None
        names = [name for name, _ in outcome.reads]
        if outcome.result.path != task.path or outcome.result.status not in KEPT or not names:
            return None
        if list(outcome.reads) != self._reads(task, names):
            return None
        return outcome.result._replace(cached=True, seconds=0.0)

    def keep(self, task: Task, outcome: Outcome) -> None:
        """Remember what came of a file, where that depends on nothing else than what was read."""
        result = outcome.result
        if task.content is not None or task.path == "-" or result.status not in KEPT:
            return
        if any(error.code == "load" for error in result.errors):
            return  # something could not be read: that may change without a trace
        path = self._entry(task)
        # What cannot be kept is checked again the next time.
        with contextlib.suppress(OSError):
            path.parent.mkdir(exist_ok=True)
            _write(path, json.dumps(outcome.to_json()))

    def _entry(self, task: Task) -> Path:
        key = json.dumps([*self._basis, task.path], sort_keys=True)
        name = sha256(key.encode("ascii")).hexdigest()
        return self.folder / name[:2] / f"{name[2:]}.json"

    def _reads(self, task: Task, names: Iterable[str]) -> list[tuple[str, str]] | None:
        """The same files as they are now, or None where one cannot be read."""
        plain = [task.path] if self.options.claims is None else [task.path, self.options.claims]
        folder = Path(os.path.dirname(task.path) or ".")
        found: list[tuple[str, str]] = []
        try:
            for place, name in enumerate(names):
                # First the model, then the claims; all others it loads from below its folder.
                if place < len(plain):
                    path: Any = plain[place]
                    if name != path:
                        return None
                else:
                    path = inside(folder, name)
                found.append((name, digest(read_bytes(path, self.options.limits.data))))
        except Refused:
            return None
        return found


def _write(path: Path, text: str) -> None:
    """Replace a file in one step: a run beside this one sees all of it or nothing."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
