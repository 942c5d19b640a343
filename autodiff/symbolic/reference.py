"""The two questions that are put to SymPy: what is dL/dx, and what is it just beside x."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from mpmath import libmp, mp
from mpmath.libmp import fzero

from autodiff.symbolic import raw
from autodiff.symbolic.chain import BITS_PER_DIGIT, OUTPUT, adjoints, agree, sweep
from autodiff.symbolic.closed import ClosedForms
from autodiff.symbolic.expand import DEFAULT, Expansion, Limits
from autodiff.symbolic.raw import Beyond, Singular, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from autodiff.tape import Tape

SIDE = 150  # the step aside is 2**-150 of the smallest difference there can be
SIDE_WORK = 2_000_000  # applications times bits that a one-sided derivative may cost


class Reference(NamedTuple):
    """What SymPy says of dL/dx.

    adjoints   : per statement asked for, an mpf, or an object array of mpf in the value's
                 shape; None where nothing is known
    expressions: per statement its closed form as text, where the model is small
    coverage   : per statement, the share of elements that is known
    reason     : why something is not known: the first cause met
    line       : the line of that cause, or None
    notes      : what SymPy hides here
    value      : the output's own value, an mpf, or None where it is not known
    """

    adjoints: dict[int, Any]
    expressions: dict[int, str]
    coverage: dict[int, float]
    reason: str = ""
    line: int | None = None
    notes: tuple[str, ...] = ()
    value: Any = None


def reference(
    tape: Tape,
    of: int,
    wrt: Sequence[int],
    *,
    digits: int = 34,
    ascii: bool = False,
    closed: bool = True,
    limits: Limits = DEFAULT,
) -> Reference:
    """The derivatives of statement ``of`` with respect to the statements ``wrt``.

    A statement that is no leaf is taken as an independent input. Numbers are right to
    ``digits`` digits at least; what cannot be made so is None. Without ``closed`` there are no
    closed forms, but where they tell more than text: where something is singular, whether SymPy
    cancels it.
    """
    try:
        expansion = Expansion(tape, of, wrt, limits)
    except Trouble as trouble:
        return Reference(
            dict.fromkeys(wrt), {}, dict.fromkeys(wrt, 0.0), trouble.reason, _line(tape, trouble)
        )
    elements = {s: expansion.elements.get(s) for s in wrt if s not in expansion.lost}
    # Elements that nothing reads have no adjoint: of a table's millions, maybe a few have.
    read = expansion.graph.read()
    wanted = [i for ids in elements.values() if ids is not None for i in _each(ids) if i in read]
    with _no_collection():
        known = adjoints(expansion.graph, [*wanted, OUTPUT], digits)
    value = known.pop(OUTPUT)
    first = expansion.trouble or next(
        (known[i] for i in wanted if isinstance(known[i], Trouble)), None
    )
    whole = ClosedForms(tape, of, digits, ascii=ascii)
    if closed or any(known[i].__class__ is Singular for i in wanted):
        whole.find(
            expansion.live,
            {s: known.get(i, fzero) for s, i in elements.items() if i.__class__ is int},
        )
    for s in whole.differing:
        doubt = Beyond("two routes through SymPy, statement by statement and whole, differ")
        doubt.where = s
        known[_each(elements[s])[0]] = doubt
        first = first or doubt
    out: dict[int, Any] = dict.fromkeys(wrt)
    coverage = dict.fromkeys(wrt, 0.0)
    for s, ids in elements.items():
        out[s], coverage[s] = _collect(tape, s, ids, known)
    return Reference(
        out,
        whole.expressions,
        coverage,
        first.reason if first is not None else "",
        _line(tape, first) if first is not None else None,
        tuple(whole.notes),
        mp.make_mpf(value) if value.__class__ is tuple else None,
    )


def one_sided(
    tape: Tape,
    of: int,
    wrt: int,
    element: int | None,
    sign: int,
    *,
    digits: int = 34,
    limits: Limits = DEFAULT,
) -> Any:
    """SymPy's derivative just beside the point: an mpf (±inf too), or None where it does not say.

    ``element`` is a position in the flattened array; None means the number, or all elements of
    an array, as an object array. ``sign`` is 1 to come from above, -1 from below. The one-sided
    derivative of the output with respect to that element is the limit of the derivative; it is
    read off at two tiny steps.
    """
    value = tape.values[tape.vertex[wrt]]
    sides: _Sides | None
    try:
        sides = _Sides(Expansion(tape, of, [wrt], limits), digits)
        if wrt in sides.expansion.lost:  # all that is known of it is that nothing is
            sides = None
    except Trouble:
        sides = None
    ids = sides.ids(wrt) if sides is not None else None
    if not hasattr(value, "shape") or element is not None:
        if sides is None:
            return None
        if ids is None:
            return mp.mpf(0)
        return sides.slope(_each(ids)[element or 0], sign)
    import numpy as np

    out = np.full(value.size, None if sides is None else mp.mpf(0), dtype=object)
    if sides is not None and ids is not None:
        for k, i in enumerate(_each(ids)):
            out[k] = sides.slope(i, sign)
    return out.reshape(value.shape)


class _Sides:
    """One-sided derivatives along the elements of one expansion."""

    def __init__(self, expansion: Expansion, digits: int) -> None:
        self.expansion = expansion
        self.graph = graph = expansion.graph
        self.digits = digits
        graph.settle()
        self.read = graph.read()
        # Smaller than any difference of the numbers of the model, so that no kink is passed.
        finest = min((x[2] for x in graph.base if x.__class__ is tuple and x[1]), default=0)
        self.step = SIDE - min(finest, 0)
        self.slow = any(p.slow for p in graph.programs()) and self.step > 3 * SIDE

    def ids(self, wrt: int) -> Any:
        """The elements of a statement; None if the output does not depend on it."""
        return self.expansion.elements.get(wrt)

    def slope(self, i: int, sign: int) -> Any:
        """The derivative beside the i-th element, in the limit."""
        graph = self.graph
        at = graph.base[i]
        if i not in self.read:
            return mp.mpf(0)
        bits = 4 * self.step + SIDE
        if at.__class__ is not tuple or len(graph.applications) * bits > SIDE_WORK or self.slow:
            return None
        slopes = []
        for step in (self.step, 2 * self.step):
            beside = libmp.mpf_add(at, (int(sign < 0), 1, -step, 1), 0)
            slope = sweep(graph, 2 * step + SIDE, moved={i: beside}).adjoints[i]
            if isinstance(slope, Trouble):
                return None
            slopes.append(fzero if slope is None else slope)
        near, nearer = slopes
        if agree(near, nearer, int(self.digits * BITS_PER_DIGIT)):
            return mp.make_mpf(nearer)
        # x**1.5 at 0 has slope 0: at the smaller step it is smaller by a power of the step.
        share = self.step // 4
        if not nearer[1] or raw.magnitude(nearer) < min(raw.magnitude(near), 0) - share:
            return mp.mpf(0)
        if near[1] and raw.magnitude(nearer) > max(raw.magnitude(near), 0) + share:
            return mp.make_mpf(libmp.fninf if nearer[0] else libmp.finf)
        return None


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without garbage collection: it would go through millions of tuples, none in a cycle."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _each(ids: Any) -> list[int]:
    return [ids] if ids.__class__ is int else list(ids.ravel().tolist())


def _collect(tape: Tape, s: int, ids: Any, known: dict[int, Any]) -> tuple[Any, float]:
    """One statement's adjoint in its shape, and the share of it that is known."""
    value = tape.values[tape.vertex[s]]
    if not hasattr(value, "shape"):
        adjoint = known.get(ids, fzero)
        found = adjoint.__class__ is tuple
        return (mp.make_mpf(adjoint), 1.0) if found else (None, 0.0)
    import numpy as np

    out = np.full(value.size, mp.mpf(0), dtype=object)
    missing = 0
    for k, i in enumerate(() if ids is None else _each(ids)):
        if i in known:
            adjoint = known[i]
            missing += adjoint.__class__ is not tuple
            out[k] = mp.make_mpf(adjoint) if adjoint.__class__ is tuple else None
    return out.reshape(value.shape), (value.size - missing) / value.size if value.size else 1.0


def _line(tape: Tape, trouble: Trouble) -> int | None:
    return tape.model.statements[trouble.where].line if trouble.where >= 0 else None
