"""One model file in, one `FileResult` out: every gradient against SymPy, every claim.

Nothing that is wrong with a model raises here: among hundreds of files the rest go on.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal, NamedTuple

from autodiff.api import load
from autodiff.errors import ModelErrors, UsageError
from autodiff.findings import fails, findings
from autodiff.report import ErrorEntry, FileResult
from autodiff.source import render

if TYPE_CHECKING:
    from autodiff.report import FileStatus


class CheckOptions(NamedTuple):
    """What `gradpath check` is asked for; the same for every file.

    only   : ``gradients`` or ``claims``; None for both
    points : how many random points a claim is tried at
    seed   : of those points
    rtol   : the relative error a claim may have; None: as good as none
    strict : whether doubt (``inexact``, ``undecided``, ``unchecked``) fails
    claims : a second file of claims, or None
    """

    only: Literal["gradients", "claims"] | None = None
    points: int = 16
    seed: int = 0
    rtol: float | None = None
    strict: bool = False
    claims: str | None = None


def check_file(path: str, options: CheckOptions = CheckOptions()) -> FileResult:  # noqa: B008  # a NamedTuple: immutable
    """Check one model file; ``-`` is standard input."""
    begin = time.perf_counter()
    try:
        report = load(path).gradient(paths=None, closed=False)
    except ModelErrors as error:
        entries = tuple(entry(problem, error) for problem in error.problems)
        return FileResult(path, "error", None, entries, time.perf_counter() - begin)
    except UsageError as error:
        entries = (ErrorEntry(error.code, None, None, None, error.message, error.hint),)
        return FileResult(path, "error", None, entries, time.perf_counter() - begin)
    result = FileResult(path, "ok", report)
    found = findings(result)
    status: FileStatus = "ok" if found else "nothing"
    if any(fails(finding, strict=options.strict) for finding in found):
        status = "failed"
    return result._replace(status=status, seconds=time.perf_counter() - begin)


def entry(problem: object, error: ModelErrors) -> ErrorEntry:
    """A problem of a model, rendered."""
    from autodiff.errors import Problem

    assert isinstance(problem, Problem)
    span = problem.span
    return ErrorEntry(
        problem.code,
        span.line if span else None,
        span.column if span else None,
        span.end if span else None,
        problem.message,
        problem.hint,
        render(problem, error.source),
    )
