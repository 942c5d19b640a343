"""Runs `gradpath check`: a request in; results on stdout and in report files, and a code, out."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from autodiff.batch import Plan, check_files
from autodiff.checking import CheckOptions
from autodiff.errors import UsageError
from autodiff.limits import LIMITS, Limits
from autodiff.selection import STDIN, Selection, select
from autodiff.work import Task, trouble
from cli import terminal
from cli.progress import watch
from cli.views import checks
from cli.views.checks.summary import NOTHING, Tally

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from rich.console import Console

    from autodiff.cache import Cache
    from autodiff.report import FileResult
    from cli.boundary import Call
    from cli.outputs import Outputs

SUMMARY = "GITHUB_STEP_SUMMARY"  # a file that GitHub shows on the page of the job


class Request(NamedTuple):
    """What was asked for, by whom it concerns; ``fail_fast`` stops at the first file that fails."""

    options: CheckOptions
    plan: Plan
    format: str
    quiet: bool
    fail_fast: bool

    @classmethod
    def of(cls, asked: dict[str, Any]) -> Request:
        """From the options of the command, by their names."""
        if asked["scheduler"] is not None and asked["jobs"] is not None:
            raise UsageError("--jobs is for this machine, --scheduler for a cluster: give one")
        given = {name: asked[name] for name in CheckOptions._fields}
        given["limits"] = LIMITS.with_changes(asked["limits"])
        plan = Plan(asked["jobs"], asked["timeout"], asked["scheduler"], memory=asked["max_memory"])
        options = CheckOptions(**given)
        return cls(options, plan, asked["format"], asked["quiet"], asked["fail_fast"])


class Show(Protocol):
    """Shows results as they come, on ``console`` if that is a terminal."""

    console: Console | None

    def file(self, result: FileResult) -> None: ...

    def end(self, results: Sequence[FileResult], left: int) -> None: ...


def run(
    call: Call, chosen: Selection, request: Request, folder: str | None, outputs: Outputs
) -> int:
    """Check what was chosen; the exit code. ``folder`` is that of ``--cache``."""
    cache = None
    if folder is not None:
        from autodiff.cache import Cache

        cache = Cache(folder, request.options)
    begin = time.perf_counter()
    results: list[FileResult] = []
    tally, reader, total = Tally(), _Reader(), len(chosen.files)
    show = _show(request, chosen, begin)
    with (
        watch(show.console) as progress,
        contextlib.closing(_results(chosen, request, cache)) as coming,
    ):
        for result in coming:
            results.append(result)
            tally.add(result)
            reader.does(show.file, result)
            if progress is not None:
                progress("checking", len(results), total)
            if request.fail_fast and tally.code not in (0, NOTHING):
                break
    call.code = tally.code
    outputs.write(results, strict=request.options.strict)
    reader.does(show.end, results, total - len(results))
    if SUMMARY in os.environ:
        from cli.views.checks import github

        github.step_summary(results, strict=request.options.strict)
    if reader.gone is not None:
        raise reader.gone
    return call.code


def choose(paths: Sequence[str], lists: Sequence[str]) -> Selection:
    """The files that are meant; none is told on stderr, and is an exit code of its own."""
    if not paths and not lists:
        raise UsageError("name files or folders to check, or give --from-file", "gradpath check .")
    chosen = select(paths, lists)
    if not chosen.files:
        from autodiff.source import printable

        named = ", ".join([*paths, *(f"--from-file {name}" for name in lists)])
        terminal.tolerant(sys.stderr).write(
            f"gradpath: nothing to check: no *.grad file in {printable(named)}\n"
        )
    return chosen


def _results(
    chosen: Selection, request: Request, cache: Cache | None
) -> Generator[FileResult, None, None]:
    """One result for each file chosen, those that nobody can open among them."""
    readable = [path for path in chosen.files if path not in chosen.problems]
    tasks = [_task(path, request.options.limits) for path in readable]
    with contextlib.closing(check_files(tasks, request.options, request.plan, cache)) as found:
        for path in chosen.files:
            if path in chosen.problems:
                problem = trouble(Task(path), "error", chosen.problems[path])
                yield problem._replace(errors=(problem.errors[0]._replace(code="load"),))
            else:
                yield next(found)


def _task(path: str, limits: Limits) -> Task:
    if path != STDIN:
        return Task(path)
    from autodiff.files import read_stream

    # Read here: other processes have another standard input. One byte more than is allowed.
    return Task(path, read_stream(sys.stdin.buffer, limits.file))


class _Reader:
    """Who reads stdout may go away (`… | head -1`): then the rest is checked for its exit code."""

    def __init__(self) -> None:
        self.gone: BrokenPipeError | None = None

    def does(self, show: Any, *what: Any) -> None:
        if self.gone is not None:
            return
        try:
            show(*what)
            sys.stdout.flush()
        except BrokenPipeError as error:
            self.gone = error


# ---- what shows results


def _show(request: Request, chosen: Selection, begin: float) -> Show:
    if request.format == "text":
        return _Text(request, chosen, begin)
    if request.format == "jsonl":
        return _Lines()
    return _Whole(request.format, request.options.strict)


class _Text:
    """Lines for a person, in colour on a terminal."""

    def __init__(self, request: Request, chosen: Selection, begin: float) -> None:
        from cli.views.checks import text

        self.begin = begin
        self.view = text.View(
            chosen.files,
            strict=request.options.strict,
            quiet=request.quiet,
            ascii=terminal.ascii_only(sys.stdout),
        )
        self.console = terminal.console(sys.stdout) if sys.stdout.isatty() else None

    def file(self, result: FileResult) -> None:
        for line in self.view.file(result):
            self.write(line)

    def end(self, results: Sequence[FileResult], left: int) -> None:
        if results:
            took = time.perf_counter() - self.begin
            self.write(self.view.last(Tally(results), left=left, seconds=took))

    def write(self, line: Any) -> None:
        if self.console is None:
            terminal.write(line.text)
            return
        from rich.text import Text

        from cli.views.text import TONES

        text = Text(line.text)
        if line.tone is not None:
            text.stylize(TONES[line.tone], *line.marked)
        self.console.print(text, soft_wrap=True)


class _Lines:
    """JSON lines."""

    console: Console | None = None

    def file(self, result: FileResult) -> None:
        from cli.views.checks import jsonl

        terminal.write(jsonl.line(result))

    def end(self, results: Sequence[FileResult], left: int) -> None:
        from cli.views.checks import jsonl

        terminal.write(jsonl.last(Tally(results)))


class _Whole:
    """A format that is written when all results are known."""

    console: Console | None = None

    def __init__(self, format: str, strict: bool) -> None:
        self.format, self.strict = format, strict

    def file(self, result: FileResult) -> None:
        pass

    def end(self, results: Sequence[FileResult], left: int) -> None:
        text = checks.render(self.format, results, strict=self.strict)
        if text:
            terminal.write(text)
