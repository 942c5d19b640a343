"""The tape run again in high precision: the same rows, on mpmath.

It tells a wrong rule from too few digits: where float64 and SymPy differ, and this run agrees
with SymPy, the rule is right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autodiff.sweep import Run, reverse
from autodiff.tape import Spaces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.tape import Tape


def high_precision(tape: Tape) -> Run:
    """The tape's values in mpmath, from the exact binary values of its leaves.

    The caller sets the precision (``mpmath.workdps``). A value that mpmath cannot have (a
    pole on a branch not taken) is nan.
    """
    from autodiff.backends import mp

    values: list[Any] = []
    for node, op in enumerate(tape.ops):
        if op is None:
            values.append(mp.asarray(tape.values[node]))
            continue
        xs = [values[n] for n in tape.args[node]]
        try:
            values.append(op.value(mp, *xs, **(tape.static[node] or {})))
        except (ZeroDivisionError, ValueError, OverflowError):
            values.append(mp.nan)
    return Run(Spaces(mp, mp), values, True)


def replay(tape: Tape, of: int, active: Sequence[int], digits: int) -> list[Any]:
    """Adjoints of all nodes (see `sweep.reverse`) to ``digits`` digits, cancellation aside."""
    import mpmath

    with mpmath.workdps(digits):
        run = high_precision(tape)
        return reverse(tape, run, of, active, seed=mpmath.mpf(1)).adjoints
