"""Runs a command in a process of its own, which may take so much time and memory and no more.

The process is a fork of this one, made before the engine is imported, so that it costs
milliseconds. It is ended from here when its time is up and it does not end itself: it may be in C
code that never comes back.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from typing import TYPE_CHECKING, NoReturn

import click

from autodiff import confine
from autodiff.errors import UsageError
from cli import boundary

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.boundary import Call

FAILED = 1  # as a file that `gradpath check` gives up: it was not found to be right
GRACE = 1.0  # seconds to unwind in, and to remove what is half written
LOOK = 0.02  # seconds between two looks at whether it has ended
DONE, LATE = b".", b"t"  # what the process says at its end: no library ends it unnoticed


def run(call: Call, command: Callable[[], object], limit: float | None, memory: int | None) -> int:
    """The exit code of ``command``, as `boundary.guard` has it.

    limit  : seconds that it may take, or None
    memory : bytes that its process may have, or None
    """
    if not hasattr(os, "fork"):
        raise UsageError("--timeout and --max-memory need a POSIX system")
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    listen, tell = os.pipe()
    parent, child = os.getpid(), os.fork()
    if child == 0:
        os.close(listen)
        _work(call, command, limit, memory, parent, tell)
    os.close(tell)
    with os.fdopen(listen, "rb") as said:
        try:
            status = _wait(child, limit)
        except BaseException:  # Ctrl-C
            _end(child)
            raise
        last = LATE if status is None else said.read(1)
    if status is not None and last == DONE:
        return os.waitstatus_to_exitcode(status)
    if last == LATE:
        error = UsageError(f"no result after {limit:g} s", "--timeout allows more time", "timeout")
        return boundary.refused(call, error, FAILED)
    assert status is not None
    return _died(call, memory, os.waitstatus_to_exitcode(status))


def _work(
    call: Call,
    command: Callable[[], object],
    limit: float | None,
    memory: int | None,
    parent: int,
    tell: int,
) -> NoReturn:
    """The process: what `cli.main` does for a command, within bounds."""
    code, last = boundary.BUG, DONE
    try:
        confine.life(parent)
        if limit is not None:
            confine.seconds(limit)

        def bounded() -> object:
            if memory is not None:
                confine.memory(memory)
            return command()

        try:
            code = boundary.guard(call, bounded)
        except click.ClickException as error:
            error.show()
            code = error.exit_code
        except click.exceptions.Exit as end:
            code = end.exit_code
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else code
    except confine.TimeUp:
        last = LATE
    finally:
        os.write(tell, last)
        os._exit(code)


def _wait(child: int, limit: float | None) -> int | None:
    """How the process ended; None where it did not end in time, and was killed."""
    if limit is None:
        return os.waitpid(child, 0)[1]
    last = time.monotonic() + limit + GRACE
    while time.monotonic() < last:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        time.sleep(LOOK)
    _end(child)
    return None


def _end(child: int) -> None:
    with contextlib.suppress(ProcessLookupError, ChildProcessError):
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _died(call: Call, memory: int | None, code: int) -> int:
    """The process ended without a word: a library's own doing, mostly for want of memory."""
    how = f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
    if memory is None:
        return boundary.refused(call, UsageError(f"the process died: {how}"), boundary.BUG)
    message = f"the process died, perhaps for want of memory: {how}"
    error = UsageError(message, "--max-memory allows more", "memory")
    return boundary.refused(call, error, boundary.USAGE)
