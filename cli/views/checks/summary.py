"""What a run of `gradpath check` comes to: how many files of each kind, and the exit code."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, get_args

from autodiff.report import FileStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autodiff.report import FileResult

SCHEMA = "gradpath-check/1"
NOTHING = 5

# A timeout is a failure: the file was not found to be right, and nothing says that it is wrong.
CODES: dict[FileStatus, int] = {
    "ok": 0,
    "nothing": 0,  # among others; if there is nothing else, NOTHING
    "failed": 1,
    "timeout": 1,
    "error": 2,
    "bug": 3,
}
WORDS = {0: "ok", 1: "failed", 2: "error", 3: "bug", NOTHING: "nothing"}


class Tally:
    """Counts results as they come."""

    def __init__(self, results: Iterable[FileResult] = ()) -> None:
        self.statuses: Counter[FileStatus] = Counter()
        self.cached = 0
        self.seconds = 0.0
        for result in results:
            self.add(result)

    def add(self, result: FileResult) -> None:
        self.statuses[result.status] += 1
        self.cached += result.cached
        self.seconds += result.seconds

    @property
    def files(self) -> int:
        return self.statuses.total()

    @property
    def code(self) -> int:
        """The worst outcome: a bug, then an error, then a failure. Without any check, NOTHING."""
        if self.statuses["nothing"] == self.files:
            return NOTHING
        return max(CODES[status] for status in self.statuses)

    def to_json(self) -> dict[str, Any]:
        """The last lines of the JSON forms. ``seconds`` is what the files took, one by one."""
        counts = {status: self.statuses[status] for status in get_args(FileStatus)}
        return {
            "summary": {"files": self.files, **counts, "cached": self.cached}
            | {"seconds": self.seconds},
            "status": WORDS[self.code],
        }
