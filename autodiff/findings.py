"""What a `FileResult` says, one finding for each gradient, claim and error.

The report formats (JUnit, SARIF, annotations, …) and the pytest plugin all read findings, so
that what passes, what fails and in which words is decided once.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from autodiff.source import Span, excerpt_line, printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from autodiff.report import ClaimResult, FileResult, Gradient

Outcome: TypeAlias = Literal["passed", "doubtful", "failed", "error"]

OUTCOMES: dict[str, Outcome] = {
    # verdicts on gradients
    "agrees": "passed",
    "kink": "passed",
    "inexact": "doubtful",
    "unchecked": "doubtful",
    "undefined": "failed",
    "differs": "failed",
    # statuses of claims
    "proved": "passed",
    "verified": "passed",
    "value": "passed",
    "undecided": "doubtful",
    "point-only": "failed",
    "fails": "failed",
}


class Finding(NamedTuple):
    """One thing that was checked, or went wrong.

    kind    : ``gradient``, ``claim`` or ``error``
    name    : what was checked: ``dL/da``, the claim's text, the error's code
    rule    : a stable identifier: ``gradient-differs``, ``claim-fails``, ``error-syntax``
    outcome : ``doubtful`` passes, and fails under ``--strict``
    line, column, end : its place in ``path``, columns from 1; None for the file as a whole
    message : one line
    details : more lines, for a person
    excerpt : the line of its place, and carets below it where the columns are known; safe to print
    hint    : what to do about it, or ""
    """

    path: str
    kind: Literal["gradient", "claim", "error"]
    name: str
    rule: str
    outcome: Outcome
    line: int | None
    column: int | None
    end: int | None
    message: str
    details: tuple[str, ...] = ()
    excerpt: tuple[str, ...] = ()
    hint: str = ""


def findings(result: FileResult) -> list[Finding]:
    """Everything a result says, in the order of gradients, claims, errors."""
    found = []
    if result.report is not None:
        of = result.report.output
        lines = dict(result.lines)
        found += [_gradient(result.path, of, g, lines) for g in result.report.gradients.values()]
        if result.report.gradients and not math.isfinite(result.report.value):
            message = f"{of} is {result.report.value}, which is not finite"
            place = (None, None, None)
            found.append(
                Finding(result.path, "error", "output", "error-output", "failed", *place, message)
            )
        found += [_claim(result.path, claim, lines) for claim in result.report.claims]
    for e in result.errors:
        rule = f"error-{e.code}"
        found.append(
            Finding(
                *(result.path, "error", e.code, rule, "error"),
                *(e.line, e.column, e.end, e.message, tuple(e.excerpt.splitlines())),
                hint=e.hint,
            )
        )
    return found


def describe(finding: Finding) -> list[str]:
    """A finding as a person reads it: its place, what it says, the line, details, a hint.

    ``file:line:column: rule: message``; every line is safe to print. An error of the model is
    shown as `gradpath grad` shows it.
    """
    if finding.kind == "error" and finding.details:
        return [printable(line) for line in finding.details]
    place = ":".join(str(part) for part in (finding.line, finding.column) if part is not None)
    head = f"{finding.path}:{place}" if place else finding.path
    message = finding.message
    if finding.excerpt:  # it shows the claim, and the rule says its status
        message = message.removeprefix(f"{finding.name}: ")
        message = message.removeprefix(finding.rule.removeprefix("claim-")).removeprefix(": ")
    rows = [printable(f"{head}: {finding.rule}" + (f": {message}" if message else ""))]
    rows += [f"  {line}" for line in (*finding.excerpt, *map(printable, finding.details))]
    if finding.hint:
        rows.append(f"  hint: {printable(finding.hint)}")
    return rows


def fails(finding: Finding, *, strict: bool) -> bool:
    """Whether a finding makes its file fail."""
    return finding.outcome in {"failed", "error"} or (strict and finding.outcome == "doubtful")


def _gradient(path: str, of: str, gradient: Gradient, lines: Mapping[int, str]) -> Finding:
    name = f"d{of}/d{gradient.name}"
    check = gradient.check
    verdict = check.verdict if check is not None else "unchecked"
    reason = check.reason if check is not None else "not asked for"
    details = []
    if check is not None and verdict in {"differs", "inexact"}:
        details += _wrapped("gradpath ", gradient.value)
        details += _wrapped("SymPy    ", check.reference)
    line = check.line if check is not None and check.line is not None else gradient.line
    return Finding(
        *(path, "gradient", name, f"gradient-{verdict}", OUTCOMES[verdict]),
        *(line, None, None, f"{name} {verdict}" + (f": {reason}" if reason else "")),
        details=tuple(details),
        excerpt=_excerpt(lines, line, None, None),
    )


def _wrapped(label: str, value: object) -> list[str]:
    """A value after its label; an array takes several lines."""
    rows = str(value).splitlines()
    return [label + rows[0], *(" " * len(label) + row for row in rows[1:])]


def _excerpt(
    lines: Mapping[int, str], line: int | None, column: int | None, end: int | None
) -> tuple[str, ...]:
    """The line of a place, and carets below it where the columns are known."""
    if line is None or line not in lines:
        return ()
    text, carets = excerpt_line(lines[line], Span(line, column or 1, end or 2))
    return (text,) if column is None else (text, carets)


def explained(claim: ClaimResult) -> list[str]:
    """Why a claim fails, and where: a line each."""
    rows = []
    if claim.diagnosis is not None:
        rows.append(claim.diagnosis.message)
    counter = claim.counterexample
    if counter is not None:
        at = ", ".join(f"{name} = {value}" for name, value in counter.settings.items())
        where = f"with {at}" if at else "at the file's values"
        element = f", element {list(counter.index)}" if counter.index else ""
        rows.append(f"{where}{element}: {_two(counter.left, counter.right)}")
    return rows


def _two(left: float, right: float) -> str:
    """Two sides with the digits it takes to tell them apart, and a few more."""
    for digits in (6, 9, 12):
        one, two = f"{left:.{digits}g}", f"{right:.{digits}g}"
        if f"{left:.{digits - 2}g}" != f"{right:.{digits - 2}g}":
            break
    else:
        one, two = repr(left), repr(right)
    return f"left {one}, right {two}"


def _claim(path: str, claim: ClaimResult, lines: Mapping[int, str]) -> Finding:
    said = f"{claim.text}: {claim.status}" + (f": {claim.message}" if claim.message else "")
    return Finding(
        *(claim.source or path, "claim", claim.text, f"claim-{claim.status}"),
        OUTCOMES[claim.status],
        *(claim.line, claim.column, claim.end, said),
        details=tuple(explained(claim)),
        excerpt=_excerpt({} if claim.source else lines, claim.line, claim.column, claim.end),
    )
