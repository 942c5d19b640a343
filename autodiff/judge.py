"""The verdict on each gradient: which comparison applies, and what it says.

Reads what an `Analysis` has found; decides, and computes nothing that others could use.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from autodiff import doubts, sweep
from autodiff.limits import more
from autodiff.report import SMALL, Check

if TYPE_CHECKING:
    from autodiff.analysis import Analysis
    from autodiff.kinks import Judged
    from autodiff.symbolic.sampling import Fault

CONVENTION = "each operation's slope nearest to 0; ties share, and where takes its branch"
SIDES_AGREE = 1e-9  # relative: SymPy's one-sided derivatives, taken a little off the point


def judge(a: Analysis, statement: int, value: Any, connected: bool) -> Check:
    """The verdict on one gradient."""
    judged = a.judged.get(statement)
    if statement in a.unjudged:
        reason = f"the model sits on a kink; judging it would take {a.unjudged[statement]}"
        reason += f" ({more('kinks')})"
        return Check("unchecked", reason, convention=CONVENTION, coverage=0.0)
    if judged is not None and not judged.exists:
        return at_kink(a, statement, judged)
    finite = a.numbers.finite
    if not finite(value) or not finite(a.tape.values[a.node]):
        return undefined(a, statement)
    if not a.options.check:
        return Check("unchecked", "not asked for", coverage=0.0)
    if not connected:
        none = a.numbers.magnitude(0.0)
        return Check("agrees", "no path leads there", reference="0.0", error=none, ulps=none)
    if judged is not None:
        return across_kink(a, statement, judged)
    return against_sympy(a, statement, value)


def against_sympy(a: Analysis, statement: int, value: Any) -> Check:
    from autodiff import verdict

    reference = a.reference.adjoints.get(statement)
    if reference is None:
        reason = a.reference.reason or "SymPy gives no value at this point"
        if a.tape.has_arrays and a.numbers.plain:
            return by_sample(a, statement, value, reason)
        return Check("unchecked", reason, coverage=0.0)
    covered = a.reference.coverage.get(statement, 1.0)
    scale = a.absolute.get(a.vertex(statement), 0.0)
    shape = a.numbers.shape(value)
    if shape and a.numbers.is_number(scale):
        scale = a.numbers.zero(shape) + scale
    steps = min(len(a.graph.edges) if a.graph is not None else 0, 10_000)
    return verdict.decide(
        value,
        reference,
        scale,
        steps,
        lambda: a.replayed(statement),
        a.numbers,
        expression=a.reference.expressions.get(statement, ""),
        coverage=covered,
        reason=a.reference.reason if covered < 1 else "",
    )


def by_sample(a: Analysis, statement: int, value: Any, why: str) -> Check:
    """An array too large to expand: by a sample of its elements, and of all steps on the way."""
    from autodiff import verdict

    sampled, target = a.sampled, a.tape.vertex[statement]
    way = downstream(a, target)
    # A wrong value may be wrong for everyone; a wrong adjoint, for what lies behind it.
    faults = [f for n, f in sampled.faults.items() if f.what == "value" or n in way]
    size = 1 if value.__class__ is float else value.size
    count = len(sampled.places.get(target, ()))
    known: dict[str, Any] = {"error": sampled.errors.get(target), "coverage": count / max(1, size)}
    fault = next((f for f in faults if not f.digits), None)
    if fault is not None:
        error = abs(float(fault.found - fault.wanted))
        return Check("differs", told(a, fault), line=a.line(fault.node), **known | {"error": error})
    unknown = next((n for n in way if n in sampled.reasons), next(iter(sampled.unvalued), None))
    if unknown is not None:
        name = a.label(a.tape.statement_of(unknown))
        reason = sampled.reasons.get(unknown) or sampled.unvalued[unknown]
        return Check("unchecked", f"{why}; nor sampled: in {name}, {reason}", coverage=0.0)
    reason = "a sample: " + (f"{count:,} of {size:,} elements, and " if size > 1 else "")
    reason += f"some of each of the {len(way) - 1:,} operations on the way"
    # The steps are right. Whether their rounding adds up to too much, they do not tell.
    unsteady = [verdict.unsteady(value, adjoints[target]) for adjoints in a.varied]
    lost = max(*unsteady, *(f.digits for f in faults))
    if lost:
        reason = f"digits vary with how each step is rounded; {reason}"
        return Check("inexact", reason, digits_lost=round(lost, 1), **known)
    return Check("agrees", reason, **known)


def downstream(a: Analysis, target: int) -> dict[int, None]:
    """The nodes by which a node reaches the output, and itself, from the output on."""
    found = {target}
    for node in range(target + 1, a.node + 1):
        if a.reverse.adjoints[node] is not None and not found.isdisjoint(a.tape.args[node]):
            found.add(node)
    return dict.fromkeys(sorted(found, reverse=True))


def told(a: Analysis, fault: Fault) -> str:
    """A fault in words."""
    from autodiff import verdict

    def named(node: int) -> str:
        statement = a.tape.statement_of(node)
        name = a.label(statement)
        return name if a.tape.vertex[statement] == node else f"(a part of {name})"

    name = named(fault.node)
    if fault.what != "value":
        name = f"d{a.label(a.of) if fault.user < 0 else named(fault.user)}/d{name}"
    at = str(list(fault.place)) if fault.place else ""
    return f"{name}{at} is {fault.found:.12g} here; SymPy has {verdict.short(fault.wanted)}"


def at_kink(a: Analysis, statement: int, judged: Judged) -> Check:
    """One-sided derivatives differ, or are infinite, or are not told by first order."""
    line = a.line(judged.kink)
    told: dict[str, Any] = {**both_sides(a, judged), "line": line}
    if not judged.decided:
        slope, place = infinite_slope(a)
        reason = slope or "first-order rules do not decide whether the derivative exists"
        return Check("undefined", reason, **(told | {"line": place or line}))
    if not (a.numbers.finite(judged.left) and a.numbers.finite(judged.right)):
        jump = f"{a.label(a.of)} jumps here"
        reason = jump if judged.jumps else "a one-sided derivative is infinite"
        return Check("undefined", reason, **told)
    if not a.options.check:
        return Check("kink", convention=CONVENTION, **told)
    sides = sides_by_sympy(a, statement, judged)
    if sides.differ:
        return Check("differs", sides.reason, **told)
    return Check("kink", sides.reason, convention=CONVENTION, **told)


def across_kink(a: Analysis, statement: int, judged: Judged) -> Check:
    """The derivative exists although the point sits on a kink of some operation."""
    sides = sides_by_sympy(a, statement, judged)
    told = both_sides(a, judged)
    if sides.differ:
        return Check("differs", sides.reason, **told)
    if sides.reference is None:
        return Check("unchecked", sides.reason, coverage=0.0, **told)
    reason = f"the one-sided derivatives agree across the kink; {sides.reason}"
    ulps = None if sides.error else 0.0
    return Check("agrees", reason, sides.reference, sides.error, ulps, **told)


def both_sides(a: Analysis, judged: Judged) -> dict[str, Any]:
    """The one-sided derivatives, as a Check has them."""
    return {"left": a.numbers.told(judged.left), "right": a.numbers.told(judged.right)}


class Sides(NamedTuple):
    """SymPy's word on both one-sided derivatives; ``reference`` is that on the right, as text."""

    reason: str
    reference: Any = None
    error: float | None = None
    differ: bool = False


def sides_by_sympy(a: Analysis, statement: int, judged: Judged) -> Sides:
    """Compare with SymPy's derivative just off the point, on both sides."""
    from autodiff import symbolic, verdict

    silent = Sides("SymPy gives no value just off the kink")
    if math.prod(a.numbers.shape(judged.left)) > SMALL:
        return silent
    found, error = None, a.numbers.number(0.0)
    for values, sign in ((judged.left, -1), (judged.right, +1)):
        found = symbolic.one_sided(a.wide, a.of, statement, None, sign)
        if found is None:
            return silent
        for want, value in zip(verdict.flat(found), verdict.flat(values), strict=True):
            if want is None:
                return silent
            error = max(error, a.numbers.measure(abs(want - value)))
            if abs(want - value) > SIDES_AGREE * max(1.0, abs(value)):
                side = "left" if sign < 0 else "right"
                reason = f"SymPy differs from the {side} derivative: {verdict.short(want)}"
                return Sides(reason, differ=True)
    told, size = verdict.text(found, a.numbers.shown), a.numbers.magnitude(error)
    return Sides("SymPy, just off the point, agrees on both sides", told, size)


def undefined(a: Analysis, statement: int) -> Check:
    """A gradient that is not a number: where that arose, and what SymPy has in its place."""
    reason, line = infinite_slope(a)
    if not reason:
        output = a.tape.values[a.node]
        reason = (
            f"{a.label(a.of)} is {a.numbers.short(output)}"
            if not a.numbers.finite(output)
            else "the products along its paths leave the range of floats"
        )
        line = next((n.line for n in a.notes if n.code in {"overflow", "nan"}), None)
    reference = a.reference.adjoints.get(statement) if a.options.check else None
    told = None
    if reference is not None:
        from autodiff.verdict import text

        told = text(reference, a.numbers.shown)
    return Check("undefined", reason, told, line=line, coverage=0.0)


def infinite_slope(a: Analysis) -> tuple[str, int | None]:
    """The first edge, from the output down, whose local derivative is not finite."""
    tape = a.tape
    for node in range(a.node, -1, -1):
        op = tape.ops[node]
        if op is None or a.reverse.adjoints[node] is None or not a.active[node]:
            continue
        for arg, slope in zip(tape.args[node], slopes(a, node), strict=True):
            if slope is None or a.numbers.finite(slope):
                continue
            operand = tape.statement_of(arg)
            name = a.label(tape.statement_of(node))
            inner = a.label(operand) if tape.vertex[operand] == arg else f"part of {name}"
            shown = a.numbers.short(slope) if a.numbers.is_number(slope) else "not finite"
            way = doubts.route(tape, doubts.way_to(tape, a.node, node))
            reason = f"the slope of {op.name} in {name} by {inner} is {shown}{way}"
            return reason, a.line(node)
    return "", None


def slopes(a: Analysis, node: int) -> list[Any]:
    """A node's local derivatives per slot: numbers, arrays, or None where not elementwise."""
    tape, op = a.tape, a.tape.ops[node]
    args = tape.args[node]
    if not tape.kinds[node]:
        return list(a.reverse.weights[node] or [None] * len(args))
    if op is None or not op.partials:
        return [None] * len(args)
    from autodiff.backends import eager

    array = a.with_arrays().spaces.array
    y, *xs = sweep.operands(array, a.home.values, (node, *args))
    return [
        eager.quietly(partial, array, y, *xs) if a.active[arg] else None
        for partial, arg in zip(op.partials, args, strict=True)
    ]
