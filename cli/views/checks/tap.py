"""TAP 14: a test point for each gradient, claim and error, with a YAML block where it matters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from autodiff.findings import fails
from autodiff.source import printable
from cli.views.checks.entries import entries, title

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from autodiff.findings import Finding
    from autodiff.report import FileResult


def render(results: Sequence[FileResult], *, strict: bool) -> str:
    """The whole run as one stream of test points, in the order of the files."""
    points: list[list[str]] = []
    for result in results:
        for finding in entries(result):
            bad = fails(finding, strict=strict)
            head = f"{'not ok' if bad else 'ok'} {len(points) + 1} - "
            head += description(f"{result.path}: {title(finding)}")
            block = _block(finding, bad) if bad or finding.outcome == "doubtful" else ()
            points.append([head, *block])
        if result.status == "nothing":
            head = f"ok {len(points) + 1} - {description(result.path)} # SKIP nothing to check"
            points.append([head])
    plan = f"1..{len(points)}" if points else "1..0 # SKIP nothing to check"
    return "\n".join(["TAP version 14", plan, *(line for point in points for line in point)]) + "\n"


def description(text: str) -> str:
    """``text`` on one line, without what a reader could take for a directive.

    TAP 14 writes ``#`` as ``\\#``, but readers of version 13 do not know that, and take the rest
    of the file's name in ``a # SKIP.grad`` for a reason not to fail. So it is an escape here.
    """
    return printable(text).replace("\\", "\\\\").replace("#", "\\\\x23")


def _block(finding: Finding, bad: bool) -> Iterator[str]:
    yield "  ---"
    yield f"  message: {_text(finding.message)}"
    yield f"  severity: {_text('fail' if bad else 'comment')}"
    yield f"  rule: {_text(finding.rule)}"
    yield "  at:"
    yield f"    file: {_text(finding.path)}"
    if finding.line is not None:
        yield f"    line: {finding.line}"
    if finding.column is not None:
        yield f"    column: {finding.column}"
    if finding.details:
        yield "  details:"
        for line in finding.details:
            yield f"    - {_text(line)}"
    yield "  ..."


def _text(text: str) -> str:
    # A JSON string is a YAML string. Not as ASCII: YAML has no pairs of surrogates.
    return json.dumps(printable(text), ensure_ascii=False)
