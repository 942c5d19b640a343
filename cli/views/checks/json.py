"""JSON: one object with all files and a summary."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cli.views.checks.summary import SCHEMA, Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.report import FileResult


def render(results: Sequence[FileResult], *, strict: bool) -> str:
    """Everything in one line. What ``strict`` changes is in each file's status already."""
    files = [result.to_json() for result in results]
    data = {"schema": SCHEMA, "files": files} | Tally(results).to_json()
    # ASCII: a file's name need not be characters, and then has no UTF-8.
    return json.dumps(data, allow_nan=False) + "\n"
