"""JSON: one object, floats that round-trip, non-finite numbers as strings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autodiff.report import Report


def render(report: Report, *, ascii: bool) -> str:
    """The report as one line of JSON; with ``ascii``, other characters as ``\\uXXXX``."""
    # allow_nan=False: `NaN` is not JSON, and the report has spelt such numbers as strings.
    return json.dumps(report.to_json(), ensure_ascii=ascii, allow_nan=False)
