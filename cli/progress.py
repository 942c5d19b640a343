"""A progress display on stderr, for a person, and only when the work takes a while.

The engine reports stages by a callback; a timer draws them once a second has passed, so that
quick work neither imports rich nor flickers.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

PATIENCE = 1.0  # seconds without a display


class Callback(Protocol):
    """How the engine says what it is doing: ``done`` of ``total``, 0 where that is unknown."""

    def __call__(self, stage: str, done: int = 0, total: int = 0) -> None: ...


@contextlib.contextmanager
def watch(results: Console | None = None) -> Iterator[Callback | None]:
    """A callback that is displayed, or None where no person is looking.

    results : where results are printed meanwhile, if that is a terminal. The display is then
              drawn there, and they appear above it; two consoles on one screen would clash.
    """
    if not sys.stderr.isatty():
        yield None
        return
    display = _Display(results)
    timer = threading.Timer(PATIENCE, display.start)
    timer.daemon = True
    timer.start()
    try:
        yield display
    finally:
        timer.cancel()
        display.stop()


class _Display:
    """One line: a spinner, the stage, a bar where the total is known, the time so far."""

    def __init__(self, console: Console | None) -> None:
        self._console = console
        self._stage, self._done, self._total = "working", 0, 0
        self._progress: Any = None
        self._task: Any = None
        self._over = False
        self._lock = threading.Lock()

    def __call__(self, stage: str, done: int = 0, total: int = 0) -> None:
        self._stage, self._done, self._total = stage, done, total
        with self._lock:
            if self._progress is not None:
                self._update()

    def start(self) -> None:
        """Begin to draw, in the timer's thread, unless the work has ended meanwhile."""
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        from cli.terminal import ascii_only, console

        spinner = "line" if ascii_only(sys.stderr) else "dots"
        with self._lock:
            if self._over:
                return
            self._progress = Progress(
                SpinnerColumn(spinner),
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=30),
                TimeElapsedColumn(),
                console=self._console or console(sys.stderr),
                transient=True,
                # What is printed meanwhile belongs on stdout, which rich would move to stderr.
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._task = self._progress.add_task(self._stage, total=None)
            self._update()
            self._progress.start()

    def stop(self) -> None:
        with self._lock:
            self._over = True
            if self._progress is not None:
                self._progress.stop()
                self._progress = None

    def _update(self) -> None:
        self._progress.update(
            self._task,
            description=self._stage,
            completed=self._done,
            total=self._total or None,
        )
