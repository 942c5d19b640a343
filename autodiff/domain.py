"""Where a model left the reals or the range of floats: finds the nodes, names the operands.

A node is *trouble* when its value is not finite although its operands are. Outside the row's
domain that is a domain error; inside, an overflow (or an infinite limit).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from autodiff.errors import DomainProblem
from autodiff.ops.base import Op

if TYPE_CHECKING:
    from collections.abc import Mapping

    from autodiff.sweep import Run
    from autodiff.tape import Tape


class Trouble(NamedTuple):
    """One node whose value is not finite. ``domain``: whether it is outside its row's domain."""

    node: int
    domain: bool
    live: bool
    message: str


def suspicious(tape: Tape) -> bool:
    """Whether any value on the tape is not finite: one cheap look, for the usual case."""
    if not tape.has_arrays and tape.numbers.plain:
        return not all(map(math.isfinite, tape.values))
    return not tape.numbers.all_finite(tape.values)


def troubles(tape: Tape, run: Run, live: Mapping[int, Any]) -> list[Trouble]:
    """Every node that is the first to be not finite, in the order of evaluation.

    ``live`` tells which nodes, and which of their elements, the output uses.
    """
    from autodiff.backends import eager

    numbers = tape.numbers
    array = numbers.namespaces(True)[1]
    found = []
    for node, op in enumerate(tape.ops):
        if op is None or numbers.finite(tape.values[node]):
            continue
        xs = [array.asarray(tape.values[n]) for n in tape.args[node]]
        y = array.asarray(tape.values[node])
        found += eager.quietly(_judge, tape, node, op, array, y, xs, live.get(node))
    return found


def _judge(
    tape: Tape, node: int, op: Op, array: Any, y: Any, xs: list[Any], live: Any
) -> list[Trouble]:
    import numpy as np

    numbers = tape.numbers
    bad = ~np.asarray(numbers.finite_each(y))
    if op.partials:
        fine = [numbers.finite_each(x) for x in xs]
        bad = bad & np.logical_and.reduce(np.broadcast_arrays(*fine))
    else:
        bad = bad & all(map(numbers.finite, xs))
    if op.domain is not None and op.partials:
        outside = bad & ~np.asarray(op.domain.test(array, *xs), dtype=bool)
    elif op.domain is not None:
        static = tape.static[node] or {}
        outside = bad & ~np.asarray(op.domain.test(array, *xs, **static), dtype=bool)
    else:
        outside = bad & (y != y) if op.partials else bad & False
    found = []
    for mask, domain in ((outside, True), (bad & ~outside, False)):
        if not mask.any():
            continue
        alive = mask if live is True else mask & live if live is not None else mask & False
        chosen = alive if alive.any() else mask
        index = tuple(int(i) for i in np.argwhere(chosen)[0]) if chosen.ndim else ()
        found.append(
            Trouble(
                node, domain, bool(alive.any()), _describe(tape, node, op, y, xs, index, domain)
            )
        )
    return found


def _describe(
    tape: Tape, node: int, op: Op, y: Any, xs: list[Any], index: tuple[int, ...], domain: bool
) -> str:
    import numpy as np

    numbers = tape.numbers

    def pick(x: Any) -> str:
        return numbers.short(np.broadcast_to(x, np.shape(y))[index], 6)

    shown = call(op, [pick(x) for x in xs]) if op.partials else op.name
    where = f" at index {list(index)}" if index else ""
    if domain:
        rule = f": defined for {op.domain.text}" if op.domain is not None else ""
        return f"{shown} is outside the real domain{where}{rule}"
    return f"{shown} is {pick(y)}{where}: beyond the range of {numbers.reach}"


def call(op: Op, operands: list[str]) -> str:
    """An elementwise operation on some numbers, as a person writes it."""
    if op.symbol and len(operands) == 2:
        return f" {op.symbol} ".join(operands)
    return f"{op.name}({', '.join(operands)})"


def refuse(tape: Tape, found: list[Trouble]) -> list[DomainProblem]:
    """The model errors among the troubles: outside a domain, on the part the output uses."""
    problems = []
    for trouble in found:
        if trouble.domain and trouble.live:
            statement, span = tape.where(trouble.node)
            source = tape.model.sources[statement.origin]
            problems.append(DomainProblem(trouble.message, span, source=source))
    return problems
