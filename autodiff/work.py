"""One file as a unit of work that can travel between processes: what to check, what came out.

Whatever happens to a file becomes its result; it never stops the others.
"""

from __future__ import annotations

import importlib
import os
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from autodiff.errors import NO_MEMORY
from autodiff.report import ErrorEntry, FileResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from autodiff.checking import CheckOptions
    from autodiff.report import FileStatus

CHECK = "autodiff.checking:check_file"  # by name: a process imports it, nothing is unpickled


class Task(NamedTuple):
    """A file to check; ``content`` where it has been read already, as from standard input."""

    path: str
    content: bytes | None = None

    def to_json(self) -> dict[str, Any]:
        text = None if self.content is None else self.content.decode("latin-1")
        return {"path": self.path, "content": text}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Task:
        content = data["content"]
        return cls(data["path"], None if content is None else content.encode("latin-1"))


class Outcome(NamedTuple):
    """What came of a file, and what it was made of.

    reads : the files that were read, the model first, each with the SHA-256 of its content
    """

    result: FileResult
    reads: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"result": self.result.to_json(), "reads": [list(pair) for pair in self.reads]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Outcome:
        """Raises ValueError."""
        return cls(
            FileResult.from_json(data["result"]),
            tuple([(str(name), str(digest)) for name, digest in data["reads"]]),
        )


def attempt(task: Task, options: CheckOptions, check: Callable[..., FileResult]) -> Outcome:
    """Check one file. An error in the program is that file's result."""
    reads: list[tuple[str, str]] = []

    def witness(name: str, content: bytes) -> None:
        reads.append((name, digest(content)))

    try:
        result = check(task.path, options, content=task.content, witness=witness)
    except MemoryError:
        message, hint, code = NO_MEMORY
        return Outcome(trouble(task, "error", message, hint, code))
    except Exception as error:
        return Outcome(trouble(task, "bug", said(error), "please report it with the model file"))
    return Outcome(result, tuple(reads))


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def trouble(
    task: Task, status: FileStatus, message: str, hint: str = "", code: str = ""
) -> FileResult:
    """The result of a file that was not checked to its end; ``code`` is the status's own."""
    name = "<stdin>" if task.path == "-" else task.path
    return FileResult(
        name, status, None, (ErrorEntry(code or status, None, None, None, message, hint),)
    )


def said(error: BaseException) -> str:
    """An exception in one line, with its place in the program."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    text = f"{type(error).__name__}: {str(error)[:500]}".rstrip(": ")
    if place is None:
        return text
    folder, file = os.path.split(place.tb_frame.f_code.co_filename)
    return f"{text} ({os.path.basename(folder)}/{file}:{place.tb_lineno})"


def resolve(check: str) -> Callable[..., FileResult]:
    """The function called ``module:name``."""
    module, _, name = check.partition(":")
    found: Callable[..., FileResult] = getattr(importlib.import_module(module), name)
    return found


def warm(check: str) -> None:
    """Have the module of a check import what it needs, if it says how."""
    module = importlib.import_module(check.partition(":")[0])
    getattr(module, "warm", lambda: None)()
