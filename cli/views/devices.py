"""What devices there are: a block of lines for each, or JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from autodiff.report import SCHEMA
from autodiff.source import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autodiff.placement import Entry

READY = "ready"


def as_text(entries: Iterable[Entry]) -> str:
    """A line for each device and what is known of it, then what is missing and what helps."""
    lines = []
    for entry in entries:
        name = f"  {printable(entry.name)}" if entry.name else ""
        known = ", ".join(f"{name} {value}" for name, value in entry.facts.items())
        status = READY if entry.status == READY else f"not there: {printable(entry.reason)}"
        lines.append(f"{entry.device}  {status}{name}")
        if known:
            lines.append(f"     {known}")
        if entry.hint:
            lines.append(f"     hint: {printable(entry.hint)}")
    return "\n".join(lines) + "\n"


def as_json(entries: Iterable[Entry], *, ascii: bool) -> str:
    """One object with a list of the devices."""
    found = [entry._asdict() for entry in entries]
    return json.dumps({"schema": SCHEMA, "devices": found}, ensure_ascii=ascii) + "\n"
