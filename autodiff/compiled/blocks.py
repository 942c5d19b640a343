"""A group of steps, done block by block."""

from __future__ import annotations

import math
from collections import Counter
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autodiff.compiled.functions import filling
from autodiff.compiled.values import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Set

    from autodiff.compiled.schedule import Group
    from autodiff.compiled.values import Value

BLOCK = 131_072  # bytes of one array that are worked on at a time: with a few others, within the L2


class Given(NamedTuple):
    """An array that the group is called with, and where it goes.

    ``part`` is what of it is gone through; None if every block sees it whole.
    """

    place: int
    part: Callable[[Any], Any] | None


class Partial(NamedTuple):
    """A reduction along the axis that is cut: ``each`` block's result, then of all of them one."""

    place: int
    each: Any
    ufunc: Any
    whole: int


class Blocks:
    """The steps of one group. Called with whole arrays, it fills those that are its results.

    Parameters
    ----------
    group  : elementwise steps, reductions of those, and additions to parts of an array
    kept   : the steps, by index, whose results are asked for
    stores : the additions, by index, that store their term: what was there before does not count

    Attributes
    ----------
    arrays : the steps, by index, whose arrays it is called with: operands from outside, and results
    """

    def __init__(self, group: Group, kept: Set[int], stores: Set[int]) -> None:
        self.length = group.shape[0]
        self.rows = max(1, min(self.length, BLOCK // (8 * math.prod(group.shape[1:]))))
        self.arrays: list[int] = []
        self._kept, self._stores = kept, stores
        self._shape = (self.rows, *group.shape[1:])
        self._given: list[Given] = []
        self._locals: list[Any] = []
        self._body: list[tuple[Callable[..., Any], Callable[[Any], Any]]] = []
        self._scratch: dict[int, Any] = {}
        self._partials: list[Partial] = []
        self._write(group)

    # ---- once

    def _write(self, group: Group) -> None:
        additions = [step for step in group.steps if step.kind is Kind.ADD]
        terms = Counter(step.operands[1].index for step in additions)
        last = {x.index: step.index for step in group.steps for x in step.operands}
        last |= dict.fromkeys(terms, -1)  # read at the end, when all else is done
        # What will be stored, and is used for nothing else, is computed there.
        inside = {step.index for step in group.steps} - self._kept
        homes = {
            step.operands[1].index: step
            for step in additions
            if step.index in self._stores and step.detail.ufunc is np.add
        }
        homes = {term: step for term, step in homes.items() if terms[term] == 1 and term in inside}
        places: dict[int, int] = {}
        free: dict[Any, list[int]] = {}

        def operand(x: Value) -> int:
            if x.index not in places:
                places[x.index] = self._outside(x)
            return places[x.index]

        def let_go(step: Value) -> None:
            for x in {x.index: x for x in step.operands}.values():
                if last[x.index] == step.index and places[x.index] in self._scratch:
                    free.setdefault(x.dtype, []).append(places[x.index])

        for step in group.steps:
            if step.kind is Kind.ADD:
                continue
            operands = [operand(x) for x in step.operands]
            if step.kind is Kind.FOLD:
                self._fold(step, operands[0])
                let_go(step)
                continue
            # A function of NumPy's may write to its operands' place; ours read them twice.
            early = isinstance(step.call, np.ufunc)
            if early:
                let_go(step)
            if step.index in self._kept:
                out = self._array(step, _itself)
            elif step.index in homes:
                home = homes[step.index]
                out = self._array(home, home.detail.part)
            elif free.get(step.dtype):
                out = free[step.dtype].pop()
            else:
                out = self._place(np.empty(self._shape, step.dtype))
                self._scratch[out] = self._locals[out]
            if not early:
                let_go(step)
            places[step.index] = out
            self._body.append((filling(step.call), itemgetter(*operands, out)))
        for step in sorted(additions, key=lambda step: step.index not in self._stores):
            term = step.operands[1]
            if term.index not in homes:
                self._add(step, operand(term))

    def _place(self, held: Any) -> int:
        self._locals.append(held)
        return len(self._locals) - 1

    def _array(self, step: Value, part: Callable[[Any], Any] | None) -> int:
        """A place for an array that the group is called with."""
        place = self._place(None)
        self.arrays.append(step.index)
        self._given.append(Given(place, part))
        return place

    def _outside(self, x: Value) -> int:
        """A place for an operand that is no step of the group."""
        if x.number is not None:
            return self._place(np.float64(x.number))
        cut = len(x.shape) == len(self._shape) and x.shape[0] == self.length > 1
        return self._array(x, _itself if cut else None)

    def _fold(self, step: Value, operand: int) -> None:
        assert isinstance(step.call, np.ufunc)
        if 0 in step.detail:
            each = np.empty((-(-self.length // self.rows), *step.shape[1:]))
            out = self._place(None)
            self._partials.append(Partial(out, each, step.call, self._array(step, None)))
        else:
            out = self._array(step, _itself)
        axes, none, true = map(self._place, (step.detail, None, True))
        self._body.append((step.call.reduce, itemgetter(operand, axes, none, out, true)))

    def _add(self, step: Value, term: int) -> None:
        place = self._array(step, step.detail.part)
        if step.index not in self._stores:
            self._body.append((step.detail.ufunc, itemgetter(place, term, place)))
        elif step.detail.ufunc is np.add:
            self._body.append((np.positive, itemgetter(term, place)))
        else:
            self._body.append((np.negative, itemgetter(term, place)))

    # ---- again and again

    def __call__(self, *arrays: Any) -> None:
        here, cuts = self._locals, []
        for (place, part), array in zip(self._given, arrays, strict=True):
            if part is None:
                here[place] = array
            else:
                cuts.append((place, part(array)))
        for place, array in self._scratch.items():
            here[place] = array
        for block, start in enumerate(range(0, self.length, self.rows)):
            stop = start + self.rows
            if stop > self.length:
                for place, array in self._scratch.items():
                    here[place] = array[: self.length - start]
            for place, array in cuts:
                here[place] = array[start:stop]
            for place, each, _, _ in self._partials:
                here[place] = each[block : block + 1]
            for call, operands in self._body:
                call(*operands(here))
        for _, each, ufunc, whole in self._partials:
            ufunc.reduce(each, 0, None, here[whole], True)
        for place, _ in self._given:  # nobody's arrays are kept
            here[place] = None


def _itself(x: Any) -> Any:
    return x
