"""What a `FileResult` says, one finding for each gradient, claim and error.

The report formats (JUnit, SARIF, annotations, …) and the pytest plugin all read findings, so
that what passes, what fails and in which words is decided once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
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


def findings(result: FileResult) -> list[Finding]:
    """Everything a result says, in the order of gradients, claims, errors."""
    found = []
    if result.report is not None:
        of = result.report.output
        found += [_gradient(result.path, of, g) for g in result.report.gradients.values()]
        found += [_claim(result.path, claim) for claim in result.report.claims]
    for e in result.errors:
        lines = tuple(e.excerpt.splitlines())
        rule = f"error-{e.code}"
        found.append(
            Finding(
                *(result.path, "error", e.code, rule, "error"),
                *(e.line, e.column, e.end, e.message, lines),
            )
        )
    return found


def fails(finding: Finding, *, strict: bool) -> bool:
    """Whether a finding makes its file fail."""
    return finding.outcome in {"failed", "error"} or (strict and finding.outcome == "doubtful")


def _gradient(path: str, of: str, gradient: Gradient) -> Finding:
    name = f"d{of}/d{gradient.name}"
    check = gradient.check
    verdict = check.verdict if check is not None else "unchecked"
    reason = check.reason if check is not None else "not asked for"
    details = []
    if check is not None and verdict in {"differs", "inexact"}:
        details.append(f"gradpath {gradient.value}")
        details.append(f"SymPy    {check.reference}")
    line = check.line if check is not None and check.line is not None else gradient.line
    return Finding(
        *(path, "gradient", name, f"gradient-{verdict}", OUTCOMES[verdict]),
        *(line, None, None, f"{name} {verdict}" + (f": {reason}" if reason else "")),
        details=tuple(details),
    )


def _claim(path: str, claim: ClaimResult) -> Finding:
    details = []
    if claim.diagnosis is not None:
        details.append(claim.diagnosis.message)
    counter = claim.counterexample
    if counter is not None:
        at = ", ".join(f"{name} = {value}" for name, value in counter.settings.items())
        where = f"with {at}" if at else "at the file's values"
        element = f", element {list(counter.index)}" if counter.index else ""
        details.append(f"{where}{element}: left {counter.left:.12g}, right {counter.right:.12g}")
    said = f"{claim.text}: {claim.status}" + (f": {claim.message}" if claim.message else "")
    return Finding(
        *(claim.source or path, "claim", claim.text, f"claim-{claim.status}"),
        OUTCOMES[claim.status],
        *(claim.line, claim.column, claim.end, said),
        details=tuple(details),
    )
