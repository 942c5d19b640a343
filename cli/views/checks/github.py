"""GitHub Actions: a workflow command for each finding, and the summary of the step.

The runner reads commands from every line that is printed. What comes from a file is escaped so
that it ends neither its property nor its line: it cannot begin a command of its own.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from autodiff.errors import UsageError
from autodiff.source import printable
from cli.views.checks.entries import STDIN, entries, level, repository_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.findings import Finding
    from autodiff.report import FileResult

SUMMARY = "GITHUB_STEP_SUMMARY"


def render(results: Sequence[FileResult], *, strict: bool) -> str:
    """``::error`` for what fails, ``::warning`` for doubt, ``::notice`` for an empty file."""
    lines = []
    for result in results:
        for finding in entries(result):
            kind = level(finding, strict=strict)
            if kind is not None:
                lines.append(_annotation(kind, finding))
        if result.status == "nothing":
            lines.append(command("notice", _file(result.path), "nothing to check"))
    return "".join(f"{line}\n" for line in lines)


def step_summary(results: Sequence[FileResult], *, strict: bool) -> None:
    """Append the Markdown report to the file that ``$GITHUB_STEP_SUMMARY`` names, if it does."""
    path = os.environ.get(SUMMARY)
    if not path:
        return
    from cli.views.checks import markdown

    text = markdown.render(results, strict=strict)
    try:
        with open(path, "a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"cannot write to ${SUMMARY}, {path}: {error.strerror}") from error


def command(name: str, properties: dict[str, str | int], message: str) -> str:
    """``::name key=value,…::message``, on one line, whatever the values hold."""
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name}{' ' if listed else ''}{listed}::{_data(message)}"


def _annotation(kind: str, finding: Finding) -> str:
    properties = _file(finding.path)
    if finding.line is not None:
        properties |= {"line": finding.line, "endLine": finding.line}
        if finding.column is not None:
            properties["col"] = finding.column
        if finding.end is not None:
            properties["endColumn"] = finding.end
    properties["title"] = f"gradpath {finding.rule}"
    # Line breaks are ours alone: those of a file are made visible before the lines are joined.
    message = "\n".join(printable(line) for line in (finding.message, *finding.details))
    return command(kind, properties, message)


def _file(path: str) -> dict[str, str | int]:
    return {} if path in STDIN else {"file": printable(repository_path(path))}


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
