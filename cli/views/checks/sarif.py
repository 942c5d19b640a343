"""SARIF 2.1.0: one run, one rule for each kind of finding, one result for each that is not well."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from autodiff import __version__
from autodiff.source import printable
from cli.views.checks.entries import STDIN, entries, fingerprints, level, uri
from cli.views.checks.rules import RULES, rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from autodiff.findings import Finding
    from autodiff.report import FileResult

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
FINGERPRINT = "gradpath/v1"  # a new way to make them is a new key: readers compare like with like


def render(results: Sequence[FileResult], *, strict: bool) -> str:
    """One log. What is well has no result: readers show every result as a fault."""
    every = [finding for result in results for finding in entries(result)]
    faults = [
        (finding, mark)
        for finding, mark in zip(every, fingerprints(every), strict=True)
        if level(finding, strict=strict) is not None
    ]
    # Every rule is listed, not only those broken: the list should not change with the files.
    names = list(dict.fromkeys([*RULES, *(finding.rule for finding, _ in faults)]))
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(names)},
                "columnKind": "unicodeCodePoints",
                "invocations": [
                    {"executionSuccessful": all(result.status != "bug" for result in results)}
                ],
                "results": [_result(finding, mark, names, strict) for finding, mark in faults],
            }
        ],
    }
    return json.dumps(log, indent=2) + "\n"


def _driver(names: Iterable[str]) -> dict[str, Any]:
    return {
        "name": "gradpath",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(name) for name in names],
    }


def _rule(name: str) -> dict[str, Any]:
    words = rule(name)
    doubt = name in {"gradient-inexact", "gradient-unchecked", "claim-undecided"}
    return {
        "id": name,
        "name": "".join(part.capitalize() for part in name.split("-")),
        "shortDescription": {"text": words.short},
        "fullDescription": {"text": words.full},
        "help": {"text": words.help},
        "defaultConfiguration": {"level": "warning" if doubt else "error"},
    }


def _result(finding: Finding, mark: str, names: Sequence[str], strict: bool) -> dict[str, Any]:
    text = "\n".join(map(printable, (finding.message, *finding.details)))
    # `[text](target)` is a link even in what SARIF calls plain text; a file must not place one.
    text = text.replace("](", "] (")
    result = {
        "ruleId": finding.rule,
        "ruleIndex": names.index(finding.rule),
        "level": level(finding, strict=strict),
        "message": {"text": text},
        "partialFingerprints": {FINGERPRINT: mark},
    }
    if finding.path not in STDIN:
        result["locations"] = [{"physicalLocation": _place(finding)}]
    return result


def _place(finding: Finding) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": uri(finding.path)}}
    if not place["artifactLocation"]["uri"].startswith("file:"):
        place["artifactLocation"]["uriBaseId"] = "%SRCROOT%"
    # What concerns the file as a whole is shown at its top: code scanning demands a line.
    region = place["region"] = {"startLine": finding.line or 1}
    if finding.column is not None:
        region["startColumn"] = finding.column
        if finding.end is not None and finding.end > finding.column:
            region["endColumn"] = finding.end
    return place
