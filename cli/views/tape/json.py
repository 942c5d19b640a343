"""A tape as one JSON object: see docs/json.md."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from autodiff.report import SCHEMA, SMALL, plain
from cli.views import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autodiff.listing import Entry, Listing
    from autodiff.report import Array

CHUNK = 1 << 16  # characters, about


def render(listing: Listing, *, ascii: bool, full: bool) -> Iterator[str]:
    """The object on one line, in pieces."""
    write = json.JSONEncoder(ensure_ascii=ascii, allow_nan=False).encode
    notes = [{"code": n.code, "line": n.line, "message": n.message} for n in listing.notes]
    head: dict[str, Any] = {
        "schema": SCHEMA,
        "model": listing.model,
        "device": listing.device,
        "dtype": listing.dtype,
        "output": {"name": listing.output, "value": plain(listing.value)},
        "notes": notes,
        "status": "ok" if listing.finite else "failed",
    }
    pieces = [write(head)[:-1], ', "tape": [']
    size = 0
    comma = ""
    for entry in listing.entries:
        pieces.append(comma + write(_entry(entry, full)))
        comma = ", "
        size += len(pieces[-1])
        if size > CHUNK:
            yield "".join(pieces)
            pieces, size = [], 0
    yield "".join([*pieces, "]}\n"])


def _entry(entry: Entry, full: bool) -> dict[str, Any]:
    return {
        "node": entry.node,
        "name": entry.name,
        "operation": entry.operation,
        "operands": list(entry.operands),
        "configuration": entry.configuration,
        "line": entry.line,
        "shape": list(entry.shape),
        "value": _value(entry.value, entry.shape, full),
        "adjoint": _value(entry.adjoint, entry.shape, full),
    }


def _value(value: Array | None, shape: tuple[int, ...], full: bool) -> Any:
    """A number, or a nested list; of a large array its shape and norm."""
    if value is None or not shape or full or math.prod(shape) <= SMALL:
        return plain(value)
    return {"shape": list(shape), "norm": plain(words.norm(value))}
