"""Markdown: a summary short enough for a comment on a pull request.

All that comes from a file stands in code spans. There no Markdown, no HTML, no link and no
mention of a user is interpreted, and a pipe does not end the cell of its table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autodiff.source import printable
from cli.views.checks.entries import entries, level
from cli.views.markdown import code

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from autodiff.findings import Finding
    from autodiff.report import FileResult

LONGEST = 300  # characters of one text
ROOM = 50_000  # characters of all rows: a comment on GitHub may have 65,536


def render(results: Sequence[FileResult], *, strict: bool) -> str:
    """Counts, then a table of what fails and what is in doubt, failures first."""
    return "\n".join(_document(results, strict)) + "\n"


def span(text: str, *, cell: bool = True) -> str:
    """``text`` as a code span, cut where it is long."""
    text = printable(text)
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    return code(text or " ", cell=cell)


def _document(results: Sequence[FileResult], strict: bool) -> Iterator[str]:
    every = [finding for result in results for finding in entries(result)]
    bad = [f for f in every if level(f, strict=strict) == "error"]
    doubt = [f for f in every if level(f, strict=strict) == "warning"]
    failing = sum(
        any(level(finding, strict=strict) == "error" for finding in entries(result))
        for result in results
    )
    empty = [result.path for result in results if result.status == "nothing"]
    yield "## gradpath check"
    yield ""
    yield f"**{_verdict(len(results) - len(empty), failing)}**"
    yield ""
    yield "| files | gradients | claims | failures | doubts |"
    yield "|---:|---:|---:|---:|---:|"
    gradients = sum(finding.kind == "gradient" for finding in every)
    claims = sum(finding.kind == "claim" for finding in every)
    yield f"| {len(results)} | {gradients} | {claims} | {len(bad)} | {len(doubt)} |"
    if bad or doubt:
        yield ""
        yield "| | where | what | why |"
        yield "|:---|:---|:---|:---|"
        yield from _rows(bad + doubt, len(bad))
    if empty:
        yield ""
        names = ", ".join(span(path, cell=False) for path in empty[:10])
        more = f" and {len(empty) - 10} more" if len(empty) > 10 else ""
        yield f"Nothing to check in {names}{more}."


def _verdict(files: int, failing: int) -> str:
    if not files:
        return "Nothing to check."
    if failing:
        noun, verb = "file" if files == 1 else "files", "fails" if failing == 1 else "fail"
        return f"{failing} of {files} {noun} {verb}."
    return "The file is well." if files == 1 else f"All {files} files are well."


def _rows(found: Sequence[Finding], failing: int) -> Iterator[str]:
    """A row for each finding, the first ``failing`` of which make their file fail."""
    room = ROOM
    for count, finding in enumerate(found):
        mark = "doubt"
        if count < failing:
            mark = "**error**" if finding.outcome == "error" else "**fails**"
        where = finding.path if finding.line is None else f"{finding.path}:{finding.line}"
        why = [finding.message.removeprefix(finding.name).lstrip(": ")]
        if finding.kind != "error":  # an error's details are an excerpt: in columns, or nothing
            why += finding.details
        said = "<br>".join(map(span, why))
        row = f"| {mark} | {span(where)} | {span(finding.name)} | {said} |"
        room -= len(row)
        if room < 0:
            yield f"| | | | … and {len(found) - count} more |"
            return
        yield row
