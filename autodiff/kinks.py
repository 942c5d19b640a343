"""The judge at kinks: one-sided derivatives along each leaf, and what follows from them.

A one-sided directional derivative obeys the chain rule even at kinks (Griewank & Walther,
*Evaluating Derivatives*, SIAM 2008, ch. 14).
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from autodiff.ops import base
from autodiff.sweep import activity, chosen, operands, touched

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from autodiff.sweep import Run
    from autodiff.tape import Tape

STEP = 1_000  # what an operation costs, in operations on single numbers, whatever its arrays


def at_kinks(tape: Tape, run: Run, active: Sequence[int]) -> dict[int, Any]:
    """The active nodes whose operands sit on a kink of their row; for arrays, with a mask."""
    m, array = run.spaces
    values, any_true = run.values, tape.numbers.any_true
    found = {}
    for node, op in enumerate(tape.ops):
        if op is None or op.kink is None or not active[node]:
            continue
        every = (node, *tape.args[node])
        if tape.kinds[node]:
            y, *xs = operands(array, values, every, run.kept)
            at = op.kink.at(array, y, *xs, **(tape.static[node] or {}))
        else:
            at = op.kink.at(m, *[values[n] for n in every])
        if at is True or (at is not False and any_true(at)):
            found[node] = at
    return found


class OneSided(NamedTuple):
    """The output just off the point in one direction: its limit, and its slope there."""

    limit: Any
    slope: Any


def one_sided(tape: Tape, of: int, direction: Mapping[int, Any]) -> OneSided:
    """The directional derivative of ``of`` along ``direction`` (node -> tangent), one-sided.

    Every node carries its limit as the point is approached from that direction, and the slope
    there. At a kink the row's own one-sided rule replaces its partials; a jump changes the
    limit. A directional derivative obeys the chain rule even at kinks; where first order does
    not decide (an infinite slope times a zero tangent), the slope is nan.
    """
    from autodiff.backends import eager

    numbers = tape.numbers
    array, number = numbers.namespaces(True)[1], numbers.number
    limits: list[Any] = [None] * (of + 1)
    dots: list[Any] = [None] * (of + 1)
    for node in range(of + 1):
        limits[node] = value = tape.values[node]
        if node in direction:
            dots[node] = array.asarray(direction[node])
            continue
        op, slots = tape.ops[node], tape.args[node]
        dxs = [dots[n] for n in slots]
        if op is None or all(dx is None for dx in dxs) or not op.differentiable:
            continue
        static = tape.static[node] or {}
        xs = [array.asarray(limits[n]) for n in slots]
        moved = any(limits[n] is not tape.values[n] for n in slots)
        shape = array.shape(array.asarray(value))
        if op.partials:
            xs, dxs = numbers.lifted(xs, shape), numbers.lifted(dxs, shape)
            value = numbers.lifted([value], shape)[0]
        y = op.value(array, *xs, **static) if moved else array.asarray(value)
        if op.selects:
            dots[node] = numbers.lowered(chosen(op, array, dxs, y, xs), shape)
            limits[node] = numbers.lowered(y, shape)
            continue
        dot = base.push(op, array, dxs, y, xs, static)
        kink = op.kink
        if kink is not None:
            at = kink.at(array, y, *xs, **static)
            if eager.any_true(at):
                if kink.side is not None:
                    dot = array.where(at, kink.side(array, y, xs, dxs, **static), dot)
                if kink.limit is not None:
                    y_off = array.where(at, kink.limit(array, y, xs, dxs, **static), y)
                    moved = moved or eager.any_true(y_off != y)
                    y = y_off
        if moved:
            limits[node] = numbers.lowered(y, shape)
        dots[node] = numbers.lowered(dot, shape)
    limit, dot = number(limits[of]), dots[of]
    here = tape.values[of]
    if limit != here:
        return OneSided(limit, number(array.inf if limit > here else -array.inf))
    return OneSided(limit, number(0.0 if dot is None else dot))


class Judged(NamedTuple):
    """One-sided derivatives of the output along one leaf, in the leaf's shape.

    ``exists`` says whether they are finite and equal in every element; ``decided`` whether
    first order told at all; ``jumps`` whether the output's value jumps in some direction.
    ``kink`` is the node of the first kink that the leaf reaches.
    """

    left: Any
    right: Any
    exists: bool
    decided: bool
    jumps: bool
    kink: int


class Judge:
    """Judges leaves one after another, until that has taken ``limits.kinks`` operations.

    kinks : the nodes on a kink, in order, each with a mask of its elements that are
    """

    def __init__(self, tape: Tape, run: Run, of: int, kinks: Mapping[int, Any]) -> None:
        self.tape, self.run, self.of = tape, run, of
        self.kinks = {node: mask for node, mask in kinks.items() if node <= of}
        self.left = tape.model.limits.kinks

    @cached_property
    def behind(self) -> dict[int, Any]:
        """Per node the elements that some kink depends on."""
        from autodiff.backends import eager

        tape, array = self.tape, self.run.spaces.array
        seeds = {}
        for node, mask in self.kinks.items():
            shape = tape.numbers.shape(tape.values[node])
            # A reduction's mask is that of what it reduces: then any element of it will do.
            fits = getattr(mask, "shape", ()) == shape
            seeds[node] = mask * 1.0 if fits else array.full(shape, 1.0) if shape else 1.0
        asked: dict[str, Any] = {"selectors": True, "seeds": seeds}
        return eager.quietly(touched, tape, self.run, max(seeds), **asked)

    def sides(self, leaf: int, adjoint: Any) -> Judged | None:
        """The one-sided derivatives along ``leaf`` (a node); None if it reaches no kink.

        ``adjoint`` is what the reverse sweep has: right for elements on which no kink depends.
        Raises ValueError when this would be too much work.
        """
        reach = activity(self.tape, [leaf])
        kink = next((node for node in self.kinks if reach[node]), None)
        if kink is None:
            return None
        import numpy as np

        from autodiff.backends import eager

        tape, of, numbers = self.tape, self.of, self.tape.numbers
        shape = numbers.shape(tape.values[leaf])
        known = np.asarray(numbers.spread(0.0 if adjoint is None else adjoint, shape))
        doubtful = np.ones(shape, dtype=bool)
        if shape:
            behind = np.broadcast_to(self.behind.get(leaf, False), shape)
            doubtful = behind | ~np.asarray(numbers.finite_each(known))
            if not doubtful.any():
                return None
        self._spend(reach, 2 * int(doubtful.sum()))
        left = list(known.ravel())
        right = list(left)
        here, jumps = tape.values[of], False
        for place, index in enumerate(np.ndindex(*shape)):
            if not doubtful[index]:
                continue
            direction = np.zeros(shape)
            direction[index] = 1.0
            forth = eager.quietly(one_sided, tape, of, {leaf: direction})
            back = eager.quietly(one_sided, tape, of, {leaf: -direction})
            left[place], right[place] = -back.slope, forth.slope
            jumps = jumps or not (forth.limit == back.limit == here)
        decided = all(a == a and b == b for a, b in zip(left, right, strict=True))
        exists = all(
            numbers.finite(a)
            and numbers.finite(b)
            and abs(a - b) <= numbers.slopes * max(abs(a), abs(b))
            for a, b in zip(left, right, strict=True)
        )
        gathered = (numbers.gathered(left, shape), numbers.gathered(right, shape))
        return Judged(*gathered, exists, decided, jumps, kink)

    def _spend(self, reach: Sequence[int], directions: int) -> None:
        """Take the cost of so many directions from what is left. Raises ValueError."""
        shape, values = self.tape.numbers.shape, self.tape.values
        steps = [node for node in range(self.of + 1) if reach[node]]
        cost = directions * sum(STEP + math.prod(shape(values[node])) for node in steps)
        if cost > self.left:
            raise ValueError(f"{directions:,} directions over {len(steps):,} operations")
        self.left -= cost
