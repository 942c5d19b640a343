"""A tape taken over into float32: the same operations, each rounded to half the digits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autodiff.backends.singles import widened
from autodiff.errors import LeafProblem, ModelErrors
from autodiff.parser import locate
from autodiff.sweep import operands

if TYPE_CHECKING:
    from autodiff.tape import Tape


def narrowed(tape: Tape) -> Tape:
    """``tape`` in float32, from its leaves on. Raises ModelErrors for leaves it cannot hold."""
    model, numbers = tape.model, tape.numbers.narrow()
    values = numbers.quietly(_evaluate, tape, numbers)
    found = []
    for s in tape.leaves:
        if not numbers.finite(values[tape.vertex[s]]):
            statement = model.statements[s]
            span = locate(model, statement, 0)
            source = model.sources[statement.origin]
            message = f"{statement.name!r} is beyond the range of float32"
            found.append(LeafProblem(message, span, source=source))
    if found:
        raise ModelErrors(found, model.sources[0])
    return tape.in_numbers(numbers, values)


def _evaluate(tape: Tape, numbers: Any) -> list[Any]:
    number, array = numbers.namespaces(True)
    values: list[Any] = []
    for node, op in enumerate(tape.ops):
        if op is None:
            values.append(numbers.narrowed(tape.values[node]))
        elif tape.kinds[node]:
            xs = operands(array, values, tape.args[node], numbers.kept)
            values.append(numbers.settle(op.value(array, *xs, **(tape.static[node] or {}))))
        else:
            values.append(op.value(number, *[values[n] for n in tape.args[node]]))
    return values


def wide(tape: Tape) -> Tape:
    """A tape of float32 as one of floats, for routes that ask what those numbers are exactly."""
    numbers = tape.numbers.wide()
    if numbers is None:
        return tape
    return tape.in_numbers(numbers, [widened(value) for value in tape.values])
