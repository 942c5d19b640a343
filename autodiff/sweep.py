"""Sweeps over a tape: reverse (VJP), forward (JVP), absolute, and what touches what.

No operation is named here: everything comes from the rows. A sweep returns its results and
writes nothing into the tape. Griewank & Walther, *Evaluating Derivatives* (SIAM 2008), ch. 3.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from autodiff.backends import scalar
from autodiff.ops import base
from autodiff.tape import SCALAR_ERRORS, Spaces, ieee

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from autodiff.ops.base import Rule
    from autodiff.tape import Tape


class Run(NamedTuple):
    """A tape's values in one number system.

    ``exact`` runs (mpmath) use one namespace for everything and have no float to fall back on.
    Numbers are of the class ``kept``, and what has no axes is made one by ``number``: from a
    device, that is a read of 8 bytes.
    """

    spaces: Spaces
    values: Sequence[Any]
    exact: bool
    kept: type = float
    number: Callable[[Any], Any] = float

    @classmethod
    def of(cls, tape: Tape) -> Run:
        """The run that was made while recording."""
        numbers = tape.numbers
        spaces = Spaces(*numbers.namespaces(tape.has_arrays))
        return cls(spaces, tape.values, numbers.exact, numbers.kept, numbers.number)

    @property
    def one(self) -> Any:
        """The cotangent of an output: a float 1 divided by 3 would stay a float."""
        return 1.0 if self.spaces.scalar is scalar else self.spaces.scalar.asarray(1.0)


def evaluate(tape: Tape, run: Run, of: int) -> list[Any]:
    """The values of all nodes up to ``of``, computed again from the leaves and constants."""
    (m, array), _, _, kept, number = run
    ops, args, kinds, static = tape.ops, tape.args, tape.kinds, tape.static
    values = list(tape.values[: of + 1])
    # A device's kernels for whole runs of nodes; elsewhere there are none.
    fused = array.fused(tape) if hasattr(array, "fused") else {}
    done = -1
    for node in range(of + 1):
        op = ops[node]
        if op is None or node <= done:
            continue
        group = fused.get(node)
        if group is not None and group.nodes[-1] <= of:
            xs = operands(array, values, group.inputs, kept)
            values[node : group.nodes.stop] = group.kernel(*xs)
            done = group.nodes[-1]
            continue
        if kinds[node]:
            xs = operands(array, values, args[node], kept)
            value = op.value(array, *xs, **(static[node] or {}))
            values[node] = number(value) if tape.values[node].__class__ is kept else value
        else:
            try:
                values[node] = op.value(m, *[values[n] for n in args[node]])
            except SCALAR_ERRORS:
                values[node] = tape.values[node]  # the leaves are the same: so is what came out
    return values


def activity(tape: Tape, wrt: Iterable[int]) -> bytearray:
    """Per node 1 where it depends on (or is) one of the nodes ``wrt``."""
    wrt = set(wrt)
    if len(wrt) == len(tape.leaves) == tape.ops.count(None) and all(
        tape.vertex[leaf] in wrt for leaf in tape.leaves
    ):
        return bytearray(b"\1") * len(tape.ops)  # every leaf, and no constant in sight
    active = bytearray(len(tape.ops))
    for node in wrt:
        active[node] = 1
    for node, args in enumerate(tape.args):
        for arg in args:
            if active[arg]:
                active[node] = 1
                break
    return active


def ancestors(tape: Tape, of: int) -> list[int]:
    """The nodes that ``of`` is computed from, and itself, in order."""
    needed = bytearray(of + 1)
    needed[of] = 1
    for node in range(of, -1, -1):
        if needed[node]:
            for arg in tape.args[node]:
                needed[arg] = 1
    return [node for node in range(of + 1) if needed[node]]


def _nothing() -> None:
    return None


class Reverse(NamedTuple):
    """Adjoints per node (None where the output does not depend on it), and edge weights.

    ``weights[i]`` holds, for a node of scalars, the local derivative per slot (None: no edge);
    for a node of arrays it is None: there the weight is a linear map, applied by its row.
    """

    adjoints: list[Any]
    weights: list[tuple[Any, ...] | None]


def reverse(
    tape: Tape,
    run: Run,
    of: int,
    active: Sequence[int],
    *,
    seed: Any = None,
    stop: int = 0,
    masks: Mapping[int, Any] | None = None,
    weights: Sequence[tuple[Any, ...] | None] | None = None,
) -> Reverse:
    """Adjoints of all nodes from ``of`` down to ``stop``, in one pass.

    Parameters
    ----------
    active  : nodes that get an adjoint (see `activity`)
    seed    : the cotangent of ``of``, in its shape; None for 1
    masks   : per node, where it touches the output (see `touched`): elsewhere an infinite
              slope times a zero seed is no contribution (a branch of ``where`` not taken)
    weights : those of an earlier sweep over the same run, to be used again
    """
    (m, array), values, exact, kept, number = run
    ops, args, kinds, static = tape.ops, tape.args, tape.kinds, tape.static
    # A sweep over one statement of a long tape touches few nodes; a whole sweep, most.
    adjoints: Any = [None] * (of + 1) if not stop else defaultdict(_nothing)
    adjoints[of] = run.one if seed is None else seed
    # Arrays that nobody else holds: what comes in later is added in place, where a namespace can.
    own: set[int] = set()
    owned = getattr(array, "owned", None)
    plain = masks is None and not hasattr(array, "again")  # where rules do not raise
    known = weights is not None
    table: Any = weights if known else None if stop else [None] * (of + 1)
    for node in range(of, stop - 1, -1):
        cotangent = adjoints[node]
        op = ops[node]
        if cotangent is None or op is None:
            continue
        slots = args[node]
        if kinds[node]:
            y, *xs = operands(array, values, (node, *slots), kept)
            if cotangent.__class__ is kept:
                cotangent = array.asarray(cotangent)
            settings = static[node] or {}
            for slot, arg in enumerate(slots):
                if not active[arg] or (op.selects and slot == 0):
                    continue
                before = adjoints[arg]
                if arg in own and op.into is not None:
                    adjoints[arg] = op.into(array, before, cotangent, xs, slot, **settings)
                    continue
                if plain:
                    term = base.pull(op, array, cotangent, y, xs, slot, settings)
                else:
                    term = pull(op, array, cotangent, y, xs, slot, settings, masks, node)
                if values[arg].__class__ is kept:
                    term = number(term)
                elif arg in own:
                    adjoints[arg] = array.accumulate(before, term)
                    continue
                elif owned is not None and (before is not None or owned(term, (cotangent, y, *xs))):
                    own.add(arg)
                adjoints[arg] = term if before is None else before + term
            continue
        if masks is not None and not masks.get(node, True):
            for arg in slots:  # not 0·∞: where(x > 0, x, 1/a) at a = 0
                if active[arg] and adjoints[arg] is None:
                    adjoints[arg] = 0.0
            continue
        weight = table[node] if known else None
        if weight is None:
            # One and two operands, written out: this is the loop that large models spend
            # their time in.
            try:
                if len(slots) == 1:
                    (arg,) = slots
                    if active[arg]:
                        factor = op.partials[0](m, values[node], values[arg])
                        before = adjoints[arg]
                        term = cotangent * factor
                        adjoints[arg] = term if before is None else before + term
                        if table is not None:
                            table[node] = (factor,)
                    continue
                if len(slots) == 2:
                    a, b = slots
                    y, x0, x1 = values[node], values[a], values[b]
                    first = op.partials[0](m, y, x0, x1) if active[a] else None
                    second = op.partials[1](m, y, x0, x1) if active[b] else None
                    if first is not None:
                        before = adjoints[a]
                        term = cotangent * first
                        adjoints[a] = term if before is None else before + term
                    if second is not None:
                        before = adjoints[b]
                        term = cotangent * second
                        adjoints[b] = term if before is None else before + term
                    if table is not None:
                        table[node] = (first, second)
                    continue
            except SCALAR_ERRORS:
                pass  # nothing was added yet: the partials come before the sums
            weight = local(op, m, values, node, slots, active, exact)
            if not known and not stop:
                table[node] = weight
        for slot, arg in enumerate(slots):
            factor = weight[slot]
            if factor is not None:
                before = adjoints[arg]
                adjoints[arg] = (
                    cotangent * factor if before is None else before + cotangent * factor
                )
    return Reverse(adjoints, table)


def operands(m: Any, values: Sequence[Any], slots: Sequence[int], kept: type = float) -> list[Any]:
    """The operands of a node of arrays; numbers too as the namespace has them: 1 / 0.0 raises."""
    xs = [values[n] for n in slots]
    return [m.asarray(x) if x.__class__ is kept else x for x in xs]


def local(
    op: base.Op,
    m: Any,
    values: Sequence[Any],
    node: int,
    slots: tuple[int, ...],
    active: Sequence[int],
    exact: bool = False,
) -> tuple[Any, ...]:
    """The local derivatives of a node of scalars, per slot; None where there is no edge."""
    y = values[node]
    partials = op.partials
    try:
        if len(slots) == 1:
            return (partials[0](m, y, values[slots[0]]),)
        if len(slots) == 2:
            a, b = slots
            x0, x1 = values[a], values[b]
            return (
                partials[0](m, y, x0, x1) if active[a] else None,
                partials[1](m, y, x0, x1) if active[b] else None,
            )
    except SCALAR_ERRORS:
        pass
    return tuple(
        [
            carefully(op, m, slot, y, [values[n] for n in slots], exact) if active[arg] else None
            for slot, arg in enumerate(slots)
        ]
    )


def carefully(op: base.Op, m: Any, slot: int, y: Any, xs: Sequence[Any], exact: bool) -> Any:
    """One local derivative where `math` may raise; None where the row selects against it."""
    try:
        weight = op.partials[slot](m, y, *xs)
    except SCALAR_ERRORS:
        weight = precisely(op.partials[slot], y, *xs) if exact else ieee(op.partials[slot], y, *xs)
    return None if op.selects and weight == 0 else weight


def precisely(rule: Rule, *xs: Any) -> Any:
    from autodiff.backends import precise

    return precise.ieee(rule, *xs)


def pull(
    op: base.Op,
    m: Any,
    seed: Any,
    y: Any,
    xs: Sequence[Any],
    slot: int,
    static: Mapping[str, Any],
    masks: Mapping[int, Any] | None,
    node: int,
) -> Any:
    """The row's VJP; under a mask, elements that touch nothing contribute nothing."""

    def rule(y: Any, xs: Sequence[Any]) -> Any:
        if masks is None or node not in masks or not op.partials:
            return base.pull(op, m, seed, y, xs, slot, static)
        return masked(m, masks[node], seed * op.partials[slot](m, y, *xs), y, xs[slot])

    return attempt(rule, op, m, y, xs, xs[slot])


def attempt(
    rule: Callable[..., Any], op: base.Op, m: Any, y: Any, xs: Sequence[Any], like: Any
) -> Any:
    """``rule(y, xs)``; where a namespace raises, in IEEE's way, in the shape of ``like``."""
    try:
        return rule(y, xs)
    except SCALAR_ERRORS:
        again = getattr(m, "again", None)
        if again is None:
            raise
        return again(rule, bool(op.partials), y, xs, like)


def masked(m: Any, mask: Any, term: Any, y: Any, x: Any) -> Any:
    """A cotangent in the shape of ``y``, where the mask allows it, in the shape of ``x``."""
    kept = m.broadcast_to(m.where(mask, term, 0.0), m.shape(y))
    return base.unbroadcast(m, kept, m.shape(x))


def forward(
    tape: Tape,
    run: Run,
    of: int,
    tangents: Mapping[int, Any],
    weights: Sequence[tuple[Any, ...] | None] | None = None,
) -> list[Any]:
    """Tangents of all nodes up to ``of`` (None: does not depend), given those of some."""
    (m, array), values, exact, kept, number = run
    ops, args, kinds, static = tape.ops, tape.args, tape.kinds, tape.static
    dots: list[Any] = [None] * (of + 1)
    for node in range(of + 1):
        if node in tangents:
            dots[node] = tangents[node]
            continue
        slots = args[node]
        op = ops[node]
        if op is None:
            continue
        dxs = [dots[n] for n in slots]
        if all(dx is None for dx in dxs):
            continue
        if kinds[node]:
            y, *xs = operands(array, values, (node, *slots), kept)
            dxs = [array.asarray(dx) if dx.__class__ is kept else dx for dx in dxs]
            if op.selects:
                dot = chosen(op, array, dxs, y, xs)
            else:
                dot = base.push(op, array, dxs, y, xs, static[node] or {})
            dots[node] = number(dot) if values[node].__class__ is kept else dot
            continue
        weight = weights[node] if weights is not None else None
        if weight is None:
            flags = {n: dx is not None for n, dx in zip(slots, dxs, strict=True)}
            weight = local(op, m, values, node, slots, flags, exact)  # type: ignore[arg-type]  # indexed alike
        terms = [
            w * dx for w, dx in zip(weight, dxs, strict=True) if w is not None and dx is not None
        ]
        if terms:
            dots[node] = sum(terms[1:], terms[0])
    return dots


def absolute(
    tape: Tape,
    run: Run,
    of: int,
    active: Sequence[int],
    masks: Mapping[int, Any] | None = None,
) -> list[Any]:
    """Like `reverse`, with every local derivative taken absolutely: the scale of rounding.

    For arrays this counts every product along every chain of elements once, by its size.
    """
    (m, array), values, exact, kept, number = run
    bounds: list[Any] = [None] * (of + 1)
    bounds[of] = run.one
    for node in range(of, -1, -1):
        op, cotangent = tape.ops[node], bounds[node]
        if cotangent is None or op is None:
            continue
        slots = tape.args[node]
        if tape.kinds[node]:
            y, *xs = operands(array, values, (node, *slots), kept)
            if cotangent.__class__ is kept:
                cotangent = array.asarray(cotangent)
            terms = [
                bound(op, array, cotangent, y, xs, slot, tape.static[node], masks, node)
                if active[arg]
                else None
                for slot, arg in enumerate(slots)
            ]
        elif masks is not None and not masks.get(node, True):
            terms = [0.0] * len(slots)
        else:
            weight = local(op, m, values, node, slots, active, exact)
            terms = [None if w is None else cotangent * abs(w) for w in weight]
        for arg, term in zip(slots, terms, strict=True):
            if term is not None and active[arg]:
                term = number(term) if values[arg].__class__ is kept else term
                bounds[arg] = term if bounds[arg] is None else bounds[arg] + term
    return bounds


def bound(
    op: base.Op,
    m: Any,
    seed: Any,
    y: Any,
    xs: Sequence[Any],
    slot: int,
    static: Mapping[str, Any] | None,
    masks: Mapping[int, Any] | None,
    node: int,
) -> Any:
    """The row's VJP with absolute local derivatives; under a mask as `pull` is."""

    def rule(y: Any, xs: Sequence[Any]) -> Any:
        if masks is None or node not in masks or not op.partials:
            return base.bound(op, m, seed, y, xs, slot, static or {})
        return masked(m, masks[node], seed * m.abs(op.partials[slot](m, y, *xs)), y, xs[slot])

    return attempt(rule, op, m, y, xs, xs[slot])


def touched(
    tape: Tape,
    run: Run,
    of: int,
    *,
    selectors: bool,
    seeds: Mapping[int, Any] | None = None,
) -> dict[int, Any]:
    """Per node the output depends on: True for a scalar, for an array a mask of its elements.

    ``selectors`` also follows what ``where`` decides by: it has no edge, but its value counts.
    ``seeds`` asks for what some elements depend on instead: masks by node, ``of`` the last.
    """
    (m, array), values, _, kept, number = run
    whole = 1.0 if values[of].__class__ is kept else array.ones_like(values[of])
    marks: dict[int, Any] = {of: whole} if seeds is None else dict(seeds)
    for node in range(of, -1, -1):
        op, mark = tape.ops[node], marks.get(node)
        if mark is None or op is None:
            continue
        slots = tape.args[node]
        kind = tape.kinds[node]
        every = (node, *slots)
        y, *xs = operands(array, values, every, kept) if kind else [values[n] for n in every]
        for slot, arg in enumerate(slots):
            if op.selects and slot == 0:
                if selectors:
                    marks[arg] = array.ones_like(xs[0]) if tape.kinds[arg] else 1.0
                continue
            if not op.differentiable:
                marks[arg] = array.ones_like(xs[slot]) if tape.kinds[arg] else 1.0
                continue
            if tape.kinds[node]:
                term = base.touch(op, array, mark, y, xs, slot, tape.static[node] or {})
                if values[arg].__class__ is kept:
                    term = number(term)
            else:
                term = mark
                if op.selects and op.partials[slot](m, y, *xs) == 0:
                    continue
            marks[arg] = term if arg not in marks else marks[arg] + term
    return {node: mark > 0 for node, mark in marks.items()}


def chosen(op: base.Op, m: Any, dxs: Sequence[Any], y: Any, xs: Sequence[Any]) -> Any:
    """The tangent of a row that selects: only the chosen operand's; another's may be 0·∞."""
    total = m.zeros_like(y)
    for slot, dx in enumerate(dxs):
        if slot and dx is not None:
            total = total + m.where(op.partials[slot](m, y, *xs) != 0, dx, 0.0)
    return total
