"""GitLab: a Code Quality report, one entry for each finding that is not well."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from autodiff.source import printable
from cli.views.checks.entries import entries, fingerprints, level, repository_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.findings import Finding
    from autodiff.report import FileResult


def render(results: Sequence[FileResult], *, strict: bool) -> str:
    """A JSON array; GitLab takes an empty one for a run without faults."""
    found = [finding for result in results for finding in entries(result)]
    faults = [
        _fault(finding, mark, strict)
        for finding, mark in zip(found, fingerprints(found), strict=True)
        if level(finding, strict=strict) is not None
    ]
    return json.dumps(faults, indent=2) + "\n"


def _fault(finding: Finding, mark: str, strict: bool) -> dict[str, Any]:
    return {
        "description": printable(finding.message),
        "check_name": finding.rule,
        "fingerprint": mark,
        "severity": _severity(finding, strict),
        "content": {"body": "\n".join(map(printable, finding.details))},
        "location": {
            "path": printable(repository_path(finding.path)),
            # A line is demanded: what concerns the file as a whole is shown at its top.
            "lines": {"begin": finding.line or 1},
        },
    }


def _severity(finding: Finding, strict: bool) -> str:
    if finding.outcome == "error":
        return "critical"
    return "major" if level(finding, strict=strict) == "error" else "minor"
