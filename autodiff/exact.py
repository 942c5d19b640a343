"""A tape taken over into numbers of more digits: the same operations on the decimals of its text.

0.1 is a tenth here and pi is π: whoever asks for 50 digits means the number that was typed, not
the float next to it. What was read from files, or given by ``--values``, is the shortest decimal
that has its float.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from autodiff.backends import mp
from autodiff.backends.precise import MATH_ERRORS, MOST_DIGITS, Precise, again, exactly
from autodiff.errors import UsageError
from autodiff.syntax import Given, Load
from autodiff.tape import resolve, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from autodiff.ops import Op
    from autodiff.syntax import Form
    from autodiff.tape import Tape


@contextmanager
def in_digits(tape: Tape, digits: int) -> Iterator[Tape]:
    """``tape`` in so many digits, while mpmath is set to them. Raises UsageError."""
    if not (isinstance(digits, int) and 1 <= digits <= MOST_DIGITS):
        limit = f"{MOST_DIGITS:,}"
        raise UsageError(f"precision is a number of digits from 1 to {limit}, not {digits!r}")
    numbers = Precise(digits)
    with numbers.context():
        yield precise(tape, numbers)


def precise(tape: Tape, numbers: Precise) -> Tape:
    """``tape`` in other numbers, from its leaves on. The caller is in their context."""
    values: list[Any] = [None] * len(tape.ops)
    for operand, node in tape.literals.items():
        values[node] = _constant(numbers, tape, operand, tape.values[node])
    for s in tape.leaves:
        form, operands = tape.model.statements[s].form, tape.model.statements[s].operands
        node = tape.vertex[s]
        values[node] = settled(tape, form, operands, tape.values[node], numbers)
    for node, op in enumerate(tape.ops):
        if op is not None:
            xs = [values[n] for n in tape.args[node]]
            static = tape.static[node] or {}
            try:
                value = mp.asarray(op.value(mp, *xs, **static))
            except MATH_ERRORS:
                value = _again(op, xs, static, tape.values[node])
            values[node] = value
    return tape.in_numbers(numbers, values)


def _again(op: Op, xs: Sequence[Any], static: Mapping[str, Any], recorded: Any) -> Any:
    def rule(_: Any, xs: Sequence[Any]) -> Any:
        return op.value(mp, *xs, **static)

    return again(rule, bool(op.partials), mp.asarray(recorded), xs, recorded)


def _constant(numbers: Precise | None, tape: Tape, operand: int, recorded: Any) -> Any:
    """A constant exactly; ``recorded`` is its float64 value."""
    if numbers is not None and operand in tape.model.digits:
        return numbers.literal(tape.model, operand)
    return exactly(recorded)


def settled(
    tape: Tape,
    form: Form,
    operands: Sequence[int],
    recorded: Any,
    numbers: Precise | None = None,
) -> Any:
    """A statement of constants only, worked out exactly: ``sqrt(2*pi)`` to all digits.

    ``recorded`` is its float64 value, taken where it is data (``load``, ``--values``). With
    ``numbers``, literals have all the digits that were typed.
    """
    constants = [tape.model.constants[~o] for o in operands]
    if any(isinstance(c, Load | Given) for c in constants):
        return exactly(recorded)
    regs: list[Any] = [
        _constant(numbers, tape, o, c) if c.__class__ is float else c
        for o, c in zip(operands, constants, strict=True)
    ]
    plain: list[Any] = list(constants)  # the same as Python has them: shapes, axes, seeds
    for op, args, config, _ in form.code:
        static = resolve(op, {name: plain[r] for name, r in config})
        if op.builds:
            value = op.value(None, *[whole(plain[a]) for a in args])
            regs.append(value)
            plain.append(value)
            continue
        try:
            regs.append(op.value(mp, *[regs[a] for a in args], **static))
        except MATH_ERRORS:
            return exactly(recorded)
        plain.append(_float(regs[-1]))
    return mp.asarray(regs[form.result])


def _float(value: Any) -> Any:
    return value if np.shape(value) else float(value)
