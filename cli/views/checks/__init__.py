"""What `gradpath check` found, as text, as data, and as the reports that CI systems read.

One module for each format, imported when asked for. Each defines
``render(results, *, strict) -> str``; what passes and in which words is for `autodiff.findings`
to say.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autodiff.report import FileResult

FORMATS = ("text", "json", "jsonl", "tap", "github", "gitlab", "sarif", "junit", "markdown")


def render(format: str, results: Sequence[FileResult], *, strict: bool) -> str:
    """All results in one of ``FORMATS``; ends with a newline unless it is empty."""
    module = importlib.import_module(f"cli.views.checks.{format}")
    call = cast("Callable[..., str]", module.render)
    text = call(results, strict=strict)
    return text if not text or text.endswith("\n") else text + "\n"
