"""Bounds the process it is called in: its memory, its time, and its life by that of its parent.

Imports nothing that a start would feel. Where the system cannot do it, says so.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, NoReturn

from autodiff.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLLOW = 0.5  # seconds between two looks at whether the parent still lives


class TimeUp(BaseException):
    """The time that was allowed has passed. No `Exception`: nothing on the way may handle it."""


def memory(most: int) -> None:
    """Have what would make this process larger than ``most`` bytes fail with MemoryError.

    Counted is address space, as by ``ulimit -v``: somewhat more than what is in use. Raises
    UsageError where the system has no such bound.
    """
    try:
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    except (ImportError, AttributeError, ValueError, OSError) as error:
        raise UsageError(
            "--max-memory: this system cannot bound the memory of a process"
        ) from error


def seconds(most: float) -> None:
    """Raise `TimeUp` in the main thread after so many seconds, once it is in Python code."""

    def up(*_: object) -> NoReturn:
        raise TimeUp

    signal.signal(signal.SIGALRM, up)
    signal.setitimer(signal.ITIMER_REAL, most)


@contextlib.contextmanager
def deaf() -> Iterator[None]:
    """Processes started meanwhile do not hear Ctrl-C, from their first moment on.

    It is for who starts them, and will also end them. Here it is heard a moment later.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def life(parent: int) -> None:
    """End with the process ``parent``, which started this one, also if it could not say so."""
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(FOLLOW)
    os._exit(1)
