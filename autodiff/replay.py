"""The tape run again on the same rows: in high precision, or with its rounding varied.

High precision (mpmath) tells a wrong rule from too few digits: where float64 and SymPy differ,
and this run agrees with SymPy, the rule is right. Where that would take too long, `varied` tells
how much rounding matters: what changes when each rounding falls otherwise has no more digits
(Parker, *Monte Carlo Arithmetic*, 1997).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autodiff.sweep import Run, operands, reverse
from autodiff.tape import Spaces

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from autodiff.ops import Op
    from autodiff.tape import Tape

EPSILON = 2.0**-52


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
        return reverse(tape, run, of, active).adjoints


def varied(
    tape: Tape, run: Run, of: int, active: Sequence[int], masks: Mapping[int, Any] | None, seed: int
) -> list[Any]:
    """Adjoints of all nodes of a model of arrays, in float64, after every value that was rounded
    has been moved by up to one unit in its last place, at random but by a fixed ``seed``.

    Values alone are varied, not the cotangents: a cotangent's own sums are judged on their scale.
    """
    array = run.spaces.array
    values = list(tape.values[: of + 1])
    for node in range(of + 1):
        op = tape.ops[node]
        if op is None:
            continue
        xs = operands(array, values, tape.args[node])
        value = op.value(array, *xs, **(tape.static[node] or {}))
        if op.family != "shape" and op.kink is None and not op.selects:
            draw = array.rand(array.shape(value), seed + node)
            moved = value * (1 + EPSILON * (2 * draw - 1))
            value = array.where(_whole(op, array, value, xs), value, moved)
        values[node] = float(value) if tape.values[node].__class__ is float else value
    return reverse(tape, run._replace(values=values), of, active, masks=masks).adjoints


def _whole(op: Op, m: Any, y: Any, xs: Sequence[Any]) -> Any:
    """Where integers come of integers, as a rule without rounding: counts, one-hot labels."""
    whole = m.floor(y) == y
    for x in xs:
        own = m.floor(x) == x
        whole = whole & (own if op.partials else own.all())
    return whole
