"""JSON lines: an object for each file as soon as it is known, at the end one that sums up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cli.views.checks.summary import SCHEMA, Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.report import FileResult


def render(results: Sequence[FileResult], *, strict: bool) -> str:
    """All lines. What ``strict`` changes is in each file's status already."""
    return "".join([*map(line, results), last(Tally(results))])


def line(result: FileResult) -> str:
    return json.dumps(result.to_json(), allow_nan=False) + "\n"


def last(tally: Tally) -> str:
    return json.dumps({"schema": SCHEMA} | tally.to_json(), allow_nan=False) + "\n"
