"""The table of operations: what a model may call, for a person, a script or a reference page."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from autodiff.errors import UsageError
from autodiff.ops import TABLE
from autodiff.ops.base import REQUIRED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from autodiff.ops import Op


@dataclass(frozen=True)
class Row:
    """One operation as it is printed; ``derivative`` has one part per differentiable operand."""

    name: str
    signature: str
    family: str
    derivative: str
    domain: str
    kink: str
    aliases: tuple[str, ...]


def rows(name: str | None, *, ascii: bool) -> list[Row]:
    """Every operation a model may use, or the one called ``name``; raises UsageError."""
    if name is None:
        return [_row(op, ascii) for op in TABLE.values() if not op.hidden]
    for op in TABLE.values():
        if not op.hidden and name in (op.name, op.symbol, *op.aliases):
            return [_row(op, ascii)]
    raise UsageError(f"no operation is called {name!r}", _closest(name))


def _closest(name: str) -> str:
    from difflib import get_close_matches

    names = [n for op in TABLE.values() if not op.hidden for n in (op.name, *op.aliases)]
    found = get_close_matches(name, names, n=3)
    return f"did you mean {' or '.join(found)}?" if found else "gradpath ops lists them all"


def _row(op: Op, ascii: bool) -> Row:
    from cli.views import words

    signs = words.ASCII if ascii else words.UNICODE
    return Row(
        op.name,
        signature(op),
        op.family,
        words.formula(op.text, signs),
        words.formula(op.domain.text, signs) if op.domain else "",
        words.formula(op.kink.text, signs) if op.kink else "",
        op.aliases,
    )


def signature(op: Op) -> str:
    """As a user writes it: ``sum(x, axis=None, keepdims=False)``, ``x + y``."""
    names = [p.name for p in op.parameters]
    if op.symbol and len(names) == 2:
        return f"{names[0]} {op.symbol} {names[1]}"
    if op.symbol and len(names) == 1:
        return f"{op.symbol}{names[0]}"
    parts = []
    for parameter in op.parameters:
        text = f"[{parameter.name}]" if parameter.listed else parameter.name
        if parameter.many:
            text = f"*{text}"
        if parameter.default is not REQUIRED:
            text += f"={parameter.default}"
        parts.append(text)
    return f"{op.name}({', '.join(parts)})"


def as_json(rows: Iterable[Row], *, ascii: bool) -> str:
    """One object, ``operations`` in the order of the table."""
    return json.dumps(
        {"schema": "gradpath/1", "operations": [asdict(row) for row in rows]}, ensure_ascii=ascii
    )


def as_markdown(rows: Iterable[Row]) -> str:
    """A table per family."""
    from cli.views.markdown import code, plain

    lines: list[str] = []
    family = None
    for row in rows:
        if row.family != family:
            family = row.family
            lines += ["", f"## {family}", ""] if lines else [f"## {family}", ""]
            lines += ["| operation | derivative | defined where | kink |", "|:---|:---|:---|:---|"]
        names = code(row.signature, cell=True)
        if row.aliases:
            names += ", also " + ", ".join(code(alias) for alias in row.aliases)
        formulas = [code(text, cell=True) if text else "" for text in (row.derivative, row.domain)]
        cells = [names, *formulas, plain(row.kink)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def show(rows: list[Row], console: Console, *, whole: bool) -> None:
    """Print the list, family by family; ``whole`` prints all that is known of each."""
    from rich.text import Text

    if whole:
        for row in rows:
            for line in _whole(row):
                console.print(line, soft_wrap=True)
        return
    family = None
    wide = max(len(row.signature) for row in rows if len(row.signature) <= 34)
    for row in rows:
        if row.family != family:
            if family is not None:
                console.print()
            family = row.family
            console.print(Text(row.family, "bold"))
        line = Text("  ").append(row.signature)
        if row.derivative:
            line.append(" " * max(0, wide - len(row.signature)))
            line.append(f"  {row.derivative}")
        console.print(line, soft_wrap=True)
        limits = [f"where {row.domain}"] * bool(row.domain) + [f"kink {row.kink}"] * bool(row.kink)
        if limits:
            below = f"{' ' * (wide + 4)}{'; '.join(limits)}"
            console.print(Text(below, "dim"), soft_wrap=True)


def _whole(row: Row) -> list[object]:
    from rich.text import Text

    lines: list[object] = [Text(row.signature, "bold")]
    for label, value in (
        ("derivative", row.derivative),
        ("defined", row.domain and f"where {row.domain}"),
        ("kink", row.kink),
        ("also", ", ".join(row.aliases)),
        ("family", row.family),
    ):
        if value:
            lines.append(Text.assemble("  ", (label.ljust(12), "dim"), value))
    return lines
