"""Runs checks one at a time in a process of its own, which may hang or die.

`Guard` is the side that watches, `serve` the process that works. They speak JSON, a line each
way, over pipes. The process is killed from outside, so that it need not be in a state to notice
that its time is up: it may be in C code that never comes back.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from typing import IO, TYPE_CHECKING, Any

from autodiff import confine
from autodiff.work import Outcome, Task, attempt, resolve, trouble, warm

if TYPE_CHECKING:
    from autodiff.checking import CheckOptions
    from autodiff.report import FileResult

START = 300.0  # seconds that a process may take to start: a busy machine, a slow disk
# -P and the path: neither a module of the folder one works in, nor `cli`, gets in by chance.
PROGRAM = """\
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from autodiff.guard import serve
serve()"""


class NotStarted(Exception):
    """The process that checks could not be started; says why."""


class Guard:
    """A process that checks files, started when it is first needed and whenever it has died.

    check  : the function to call, as ``module:name``
    limit  : seconds that each file may take; None for as long as it likes
    memory : bytes that the process may have; None for as many as there are
    folder : where paths start from; None for the current folder
    """

    def __init__(
        self,
        check: str,
        options: CheckOptions,
        limit: float | None = None,
        folder: str | None = None,
        memory: int | None = None,
    ) -> None:
        self.check, self.options, self.limit, self.folder = check, options, limit, folder
        self.memory = memory
        self._process: subprocess.Popen[bytes] | None = None
        self._replies: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._reader: threading.Thread | None = None
        self._refused: NotStarted | None = None

    def run(self, task: Task) -> Outcome:
        """Check one file, whatever it does to the process. Raises NotStarted."""
        if self._refused is not None:  # as it is now, so it will be for the next thousand files
            raise self._refused
        request = _line(task.to_json())
        try:
            if not self._asked(request) and not self._asked(request):
                raise NotStarted("the worker ends before it is given a file")
        except NotStarted as error:
            self._refused = error
            raise
        try:
            reply = self._replies.get(timeout=self.limit)
        except queue.Empty:
            self.close()
            after = f"no result after {self.limit:g} s"
            return Outcome(trouble(task, "timeout", after, "--timeout allows a file more time"))
        if reply is None:
            return Outcome(self._died(task))
        return Outcome.from_json(json.loads(reply))

    def _died(self, task: Task) -> FileResult:
        message = f"the worker died: {self._cause()}"
        if self.memory is None:
            return trouble(task, "bug", message, "please report it with the model file")
        message = f"{message}, perhaps for want of memory"
        return trouble(task, "error", message, "--max-memory allows more", code="memory")

    def close(self) -> None:
        """End the process, now. There is nothing in it that is worth waiting for."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        if self._reader is not None:
            self._reader.join()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was not written is for nobody
                    pipe.close()

    def _asked(self, request: bytes) -> bool:
        """Whether a process has been given the request. One may have died since its last."""
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._start()
        try:
            self._send(request)
        except BrokenPipeError:
            return False
        return True

    def _start(self) -> None:
        path = json.dumps([os.path.abspath(entry) for entry in sys.path])
        try:
            with confine.deaf():
                process = subprocess.Popen(
                    [sys.executable, "-P", "-c", PROGRAM, path],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    cwd=self.folder,
                )
        except OSError as error:
            raise NotStarted(f"cannot start in {self.folder!r}: {error.strerror}") from error
        self._process, self._replies = process, queue.SimpleQueue()
        assert process.stdout is not None
        self._reader = threading.Thread(
            target=_read, args=(process.stdout, self._replies), daemon=True
        )
        self._reader.start()
        options = self.options.to_json()
        hello = {"check": self.check, "options": options, "memory": self.memory}
        with contextlib.suppress(BrokenPipeError):  # then there is no reply either
            self._send(_line(hello))
        try:
            reply = self._replies.get(timeout=START)
        except queue.Empty:
            self.close()
            raise NotStarted(f"the worker is not ready after {START:g} s") from None
        if reply is None:
            raise NotStarted(f"the worker did not start: {self._cause()}")

    def _send(self, line: bytes) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(line)
        self._process.stdin.flush()

    def _cause(self) -> str:
        """How the process ended, in words."""
        assert self._process is not None
        code = self._process.wait()
        self.close()
        if code >= 0:
            return f"exit code {code}"
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = str(-code)
        return f"signal {name}" + (" (out of memory?)" if name == "SIGKILL" else "")


def _line(data: dict[str, Any]) -> bytes:
    return json.dumps(data).encode("ascii") + b"\n"


def _read(stream: IO[bytes], replies: queue.SimpleQueue[bytes | None]) -> None:
    # In a thread: pipes cannot be waited for with a time limit on every system.
    for line in stream:
        replies.put(line if line.endswith(b"\n") else None)
    replies.put(None)


# ---- the process


def serve() -> None:
    """Check what is asked for on standard input until it ends."""
    import warnings

    warnings.simplefilter("ignore")
    with contextlib.suppress(ValueError):  # not the main thread, in a test
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # where signals cannot be blocked
    requests, replies = _streams()
    asked: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(requests, asked), daemon=True).start()

    from autodiff.checking import CheckOptions

    hello = json.loads(asked.get())
    check, options = resolve(hello["check"]), CheckOptions.from_json(hello["options"])
    if hello["memory"] is not None:
        confine.memory(hello["memory"])
    with contextlib.suppress(Exception):  # the first file will tell, with its name
        warm(hello["check"])
    replies.write(_line({"ready": hello["check"]}))
    while True:
        replies.flush()
        task = Task.from_json(json.loads(asked.get()))
        replies.write(_line(attempt(task, options, check).to_json()))


def _streams() -> tuple[IO[bytes], IO[bytes]]:
    """Standard input and output for ourselves: what a library prints is no reply."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, replies


def _receive(requests: IO[bytes], asked: queue.SimpleQueue[bytes]) -> None:
    for line in requests:
        asked.put(line)
    os._exit(0)  # whoever watched us has gone, also if we are busy
