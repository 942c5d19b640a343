"""One model file in, one `FileResult` out: every gradient against SymPy, every claim.

Nothing that is wrong with a model raises here: among hundreds of files the rest go on.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from autodiff.api import load, loads
from autodiff.errors import ModelErrors, UsageError
from autodiff.findings import fails, findings
from autodiff.limits import LIMITS, Limits
from autodiff.report import ErrorEntry, FileResult
from autodiff.source import render

if TYPE_CHECKING:
    from autodiff.api import Program
    from autodiff.errors import Problem
    from autodiff.files import Witness
    from autodiff.report import FileStatus, Report
    from autodiff.source import Source


class CheckOptions(NamedTuple):
    """What `gradpath check` is asked for; the same for every file.

    only   : ``gradients`` or ``claims``; None for both
    points : how many random points a claim is tried at
    seed   : of those points
    rtol   : the relative error a claim may have; None: as good as none
    strict : whether doubt (``inexact``, ``undecided``, ``unchecked``) fails
    claims : a second file of claims, or None
    limits : what a model may ask for
    """

    only: Literal["gradients", "claims"] | None = None
    points: int = 16
    seed: int = 0
    rtol: float | None = None
    strict: bool = False
    claims: str | None = None
    limits: Limits = LIMITS

    def to_json(self) -> dict[str, Any]:
        return self._asdict() | {"limits": self.limits._asdict()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> CheckOptions:
        return cls(**data | {"limits": Limits(**data["limits"])})


def check_file(
    path: str,
    options: CheckOptions = CheckOptions(),  # noqa: B008  # a NamedTuple: immutable
    *,
    content: bytes | None = None,
    witness: Witness | None = None,
) -> FileResult:
    """Check one model file; ``-`` is standard input.

    content : the model, where it has been read already
    witness : called with the name and the content of each file that is read
    """
    begin = time.perf_counter()
    name = "<stdin>" if path == "-" else path
    try:
        program = load(
            path,
            content=content,
            claims=options.claims,
            witness=witness,
            limits=options.limits,
        )
        report = _report(program, options)
        options.limits.written(report.numbers)
    except (ModelErrors, UsageError) as error:
        return FileResult(name, "error", None, entries(error), time.perf_counter() - begin)
    result = FileResult(name, "ok", report)
    found = findings(result)
    status: FileStatus = "ok" if found else "nothing"
    if any(fails(finding, strict=options.strict) for finding in found):
        status = "failed"
    # Of what is well, nobody wants to see the line.
    doubtful = {f.line for f in found if f.line is not None and fails(f, strict=True)}
    source = program.model.sources[0]
    return result._replace(
        status=status,
        seconds=time.perf_counter() - begin,
        lines=tuple([(line, source.line(line)) for line in sorted(doubtful)]),
    )


def _report(program: Program, options: CheckOptions) -> Report:
    """What was asked for, without paths and closed forms, which nobody reads of many files."""
    gradients, claims = options.only != "claims", options.only != "gradients"
    report = program.gradient(
        wrt=None if gradients else [], paths=None, check=gradients, closed=False, claims=False
    )
    if claims:
        points, seed, rtol = options.points, options.seed, options.rtol
        report = report.with_claims(program.claims(points=points, seed=seed, rtol=rtol))
    return report


def warm() -> None:
    """Import what a check needs, SymPy above all, so that no file pays for it."""
    program = loads("x = [1.0, 2.0]\nL = sum(tanh(x))\ndL/dx == dL/dx")
    _report(program, CheckOptions())


def entries(error: ModelErrors | UsageError) -> tuple[ErrorEntry, ...]:
    """What is wrong with a model, each problem rendered; or with the call."""
    if isinstance(error, UsageError):
        return (ErrorEntry(error.code, None, None, None, error.message, error.hint),)
    return tuple([_entry(problem, error.source) for problem in error.problems])


def _entry(problem: Problem, source: Source) -> ErrorEntry:
    place: tuple[int | None, int | None, int | None] = problem.span or (None, None, None)
    return ErrorEntry(problem.code, *place, problem.message, problem.hint, render(problem, source))
