"""A tape as a list of entries, one for each node, in order (a Wengert list).

Reads what an analysis has swept; makes one entry at a time, so that no tape is too long for it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autodiff.analysis import Analysis
    from autodiff.ops import Op
    from autodiff.report import Array, Note


class Entry(NamedTuple):
    """One node.

    node      : its number; operands are told by theirs
    name      : the name whose value it is, or ""
    operation : a row's name, "leaf", or "constant"
    operands  : the nodes it is computed from, by slot
    configuration : axis=0; "" where there is none
    value     : a number or an array
    adjoint   : dL/d(node); None where L does not depend on it, and of constants
    line      : in the model file; None for what was given from outside
    """

    node: int
    name: str
    operation: str
    operands: tuple[int, ...]
    configuration: str
    value: Array
    adjoint: Array | None
    shape: tuple[int, ...]
    line: int | None


class Listing(NamedTuple):
    """A tape, evaluated and swept in reverse.

    size    : how many nodes there are
    entries : made as they are read, once
    """

    model: str
    device: str
    dtype: str
    output: str
    value: float
    size: int
    notes: tuple[Note, ...]
    entries: Iterator[Entry]

    @property
    def finite(self) -> bool:
        """Whether the output is a finite number."""
        return math.isfinite(self.value)


def listing(analysis: Analysis) -> Listing:
    """Sweep the tape of an analysis, and list it. Raises ModelErrors as its report does."""
    analysis.find_trouble()
    analysis.find_adjoints()
    tape, numbers = analysis.tape, analysis.numbers
    return Listing(
        analysis.name,
        numbers.device,
        numbers.name,
        analysis.label(analysis.of),
        numbers.told(tape.values[analysis.node]),
        len(tape.ops),
        tuple(dict.fromkeys(analysis.notes)),
        _entries(analysis),
    )


def _entries(analysis: Analysis) -> Iterator[Entry]:
    tape, numbers = analysis.tape, analysis.numbers
    told, shape_of, spread = numbers.told, numbers.shape, numbers.spread
    adjoints = analysis.reverse.adjoints
    swept = len(adjoints)
    for number, statement in enumerate(tape.model.statements):
        line = None if statement.origin else statement.line
        last = tape.vertex[number]
        for node in range(tape.start[number], tape.start[number + 1]):
            op, value, static = tape.ops[node], tape.values[node], tape.static[node]
            shape = shape_of(value)
            adjoint = adjoints[node] if node < swept else None
            yield Entry(
                node,
                statement.name if node == last else "",
                op.name if op is not None else "leaf" if node == last else "constant",
                tape.args[node],
                _configuration(op, static) if static else "",
                told(value),
                None if adjoint is None else told(spread(adjoint, shape)),
                shape,
                line,
            )


def _configuration(op: Op | None, static: dict[str, Any]) -> str:
    from autodiff.backends.notation import configuration

    defaults = {p.name: p.default for p in op.parameters} if op is not None else {}
    return ", ".join(
        f"{name}={configuration(value)}"
        for name, value in static.items()
        if name not in defaults or not _same(value, defaults[name])
    )


def _same(value: Any, default: Any) -> bool:
    return value.__class__ is default.__class__ and bool(value == default)
