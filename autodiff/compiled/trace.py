"""From a tape to steps: its rows and the reverse sweep, run on a namespace that writes."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from autodiff import sweep
from autodiff.backends import array
from autodiff.compiled.functions import assigned
from autodiff.compiled.writer import Unwritten, Writer
from autodiff.tape import Spaces

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autodiff.compiled.values import Value
    from autodiff.ops import Op
    from autodiff.ops.base import Rule
    from autodiff.tape import Tape


class Traced(NamedTuple):
    """The steps of an output and of the gradients by some nodes; None where there is none."""

    output: Value
    gradients: list[Value | None]


class _Never:
    """No value on a traced tape is of this class: numbers are steps, too."""


def trace(tape: Tape, of: int, targets: Sequence[int], active: Sequence[int]) -> Traced:
    """Everything from the leaves to d(of)/d(targets), in arrays, numbers included."""
    writer = Writer()
    values: list[Any] = [None] * (of + 1)
    guarded = cache(_guarded)
    leaves = {tape.vertex[leaf] for leaf in tape.leaves}
    for node in sweep.ancestors(tape, of):
        op, held = tape.ops[node], tape.values[node]
        if op is None:
            values[node] = writer.given(held) if node in leaves else writer.value(held)
            continue
        xs, static = [values[arg] for arg in tape.args[node]], tape.static[node] or {}
        shape = tape.numbers.shape(held)
        call = partial(op.value, array, **static)
        rule = partial(op.value, writer, *xs, **static)
        value = _written(writer, rule, call, xs, op.name, shape)
        values[node] = writer.broadcast_to(value, shape)
    flat = tape.in_numbers(tape.numbers, values)
    flat.ops = [op and guarded(op) for op in tape.ops[: of + 1]]
    flat.kinds = bytearray(b"\1") * len(tape.kinds)
    run = sweep.Run(Spaces(writer, writer), values, False, _Never, lambda x: x)
    adjoints = sweep.reverse(flat, run, of, active).adjoints
    gradients = [
        None
        if node > of or adjoints[node] is None
        else writer.broadcast_to(adjoints[node], tape.numbers.shape(tape.values[node]))
        for node in targets
    ]
    return Traced(values[of], gradients)


def _written(
    writer: Any,
    rule: Callable[[], Any],
    call: Callable[..., Any],
    operands: Sequence[Value],
    name: str,
    shape: tuple[int, ...],
) -> Any:
    """``rule()`` in steps, or in the one step that calls the same rule on arrays."""
    try:
        return rule()
    except (Unwritten, TypeError):  # a TypeError: it asked a step for its value
        return writer.call(name, partial(assigned, call), operands, shape, known=False)


def _guarded(op: Op) -> Op:
    """The row, with rules that are one step where NumPy's functions do not say them."""

    def slope(rule: Rule) -> Rule:
        def partial_(m: Any, y: Value, *xs: Value) -> Any:
            return _written(
                m, partial(rule, m, y, *xs), partial(rule, array), (y, *xs), op.name, y.shape
            )

        return partial_

    def weight(m: Any, y: Value, x: Value, **static: Any) -> Any:
        rule = partial(cast("Rule", op.weight), **static)
        return _written(m, partial(rule, m, y, x), partial(rule, array), (y, x), op.name, x.shape)

    def vjp(m: Any, seed: Value, y: Value, xs: Sequence[Value], slot: int, **static: Any) -> Any:
        rule = partial(cast("Rule", op.vjp), **static)

        def call(seed: Any, y: Any, *xs: Any) -> Any:
            return rule(array, seed, y, xs, slot)

        operands = seed, y, *xs
        return _written(
            m, partial(rule, m, seed, y, xs, slot), call, operands, op.name, xs[slot].shape
        )

    slopes = tuple(slope(rule) for rule in op.partials)
    return replace(op, partials=slopes, weight=op.weight and weight, vjp=op.vjp and vjp)
