"""Arrays that know which of their elements depend on one that is free, and compute few of them.

One class for each way in which a row's definition makes an array of others: elements that are
asked for are recorded in the graph, and what they need of the operands is asked for in turn.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from autodiff.backends import array
from autodiff.ops import TABLE
from autodiff.symbolic.compiler import MORE, ONE
from autodiff.symbolic.operators import Operators
from autodiff.symbolic.places import NONE, joined, mesh, narrowed, reach, starts_of
from autodiff.symbolic.raw import Beyond
from autodiff.symbolic.rules import Rule, exponents, literal, program
from autodiff.symbolic.sums import products

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.symbolic.cone import Cone
    from autodiff.symbolic.program import Program


class Part(Operators):
    """An array of elements that are recorded when they are asked for.

    shape    : its shape; a place is a position in the flattened array
    affected : the places that depend on the free element
    """

    __slots__ = ("affected", "known", "number", "shape", "space")

    def __init__(self, space: Cone, shape: tuple[int, ...], affected: Any) -> None:
        self.space = space
        self.shape = tuple(shape)
        self.affected = affected
        self.number: Any = None
        self.known: tuple[dict[int, int], ...] = ({}, {})

    def elements(self, places: Any, valued: bool) -> Any:
        """The graph's elements at ``places``.

        Without ``valued`` their numbers may be anything: only what leads through them counts.
        """
        unique, inverse = np.unique(places, return_inverse=True)
        known = self.known[valued]
        wanted = unique.tolist()
        missing = [i for i in wanted if i not in known]
        if missing:
            made = self.make(np.array(missing, dtype=np.intp), valued)
            known.update(zip(missing, made.tolist(), strict=True))
        return np.array([known[i] for i in wanted], dtype=np.intp)[inverse]

    def make(self, places: Any, valued: bool) -> Any:
        raise NotImplementedError

    def terms(self, places: Any) -> Any:
        """Floats whose exact sum is that of the elements at ``places``; None where unknown."""
        return None

    def floats(self, places: Any) -> Any:
        """The elements at ``places`` in float64; None where that would not be simple."""
        return None


class Given(Part):
    """Numbers of the tape, one of them maybe free."""

    __slots__ = ("free", "values")

    def __init__(self, space: Cone, value: Any, element: int | None, free: int) -> None:
        self.values = np.asarray(value)
        self.free = free
        affected = NONE if element is None else np.array([element], dtype=np.intp)
        super().__init__(space, self.values.shape, affected)
        if element is None and not self.shape:
            self.number = float(value)

    def make(self, places: Any, valued: bool) -> Any:
        base = self.space.graph.base
        out = np.arange(len(base), len(base) + len(places))
        base.extend(self.values.ravel()[places].tolist())
        out[np.isin(places, self.affected)] = self.free
        return out

    def terms(self, places: Any) -> Any:
        return self.values.ravel()[places]

    floats = terms


class Applied(Part):
    """One scalar formula at every element, operands broadcast."""

    __slots__ = ("literals", "parts", "rule")

    def __init__(self, space: Cone, rule: Rule, parts: Sequence[Part]) -> None:
        self.rule, self.parts = rule, parts
        read = exponents(rule)
        self.literals = tuple(
            (i, p.number) for i, p in enumerate(parts) if i in read and literal(p.number)
        )
        shape = np.broadcast_shapes(*[p.shape for p in parts])
        reached = [reach(p.affected, p.shape, shape) for p in parts if p.affected.size]
        super().__init__(space, shape, joined(reached))

    def make(self, places: Any, valued: bool) -> Any:
        sources = [narrowed(places, self.shape, p.shape) for p in self.parts]
        actives = [np.isin(s, p.affected) for s, p in zip(sources, self.parts, strict=True)]
        pattern = sum(active.astype(int) << k for k, active in enumerate(actives))
        out = np.empty(len(places), dtype=np.intp)
        for code in np.unique(pattern).tolist():
            here = pattern == code
            wanted = tuple(k for k in range(len(self.parts)) if code >> k & 1)
            made = program(self.rule, self.literals, wanted)
            reads = inputs_read(made, self.rule.arity)
            columns = []
            for k, (part, source) in enumerate(zip(self.parts, sources, strict=True)):
                if valued or k in reads or k in wanted:
                    columns.append(part.elements(source[here], valued or k in reads))
                else:
                    columns.append(np.full(int(here.sum()), self.space.anything))
            out[here] = self.space.record(made, np.stack(columns, axis=1))
        return out

    def terms(self, places: Any) -> Any:
        if self.rule.what is not TABLE["multiply"]:
            return None
        factors = [
            p.terms(narrowed(places, self.shape, p.shape)) if p.__class__ is Given else None
            for p in self.parts
        ]
        return None if factors[0] is None or factors[1] is None else products(*factors)

    def floats(self, places: Any) -> Any:
        xs = []
        for part in self.parts:
            source = narrowed(places, self.shape, part.shape)
            if source is places:
                x = part.floats(source)
            else:  # each of the few once
                source, inverse = np.unique(source, return_inverse=True)
                x = part.floats(source)
                x = None if x is None else x[inverse]
            if x is None:
                return None
            xs.append(x)
        what = self.rule.what
        if isinstance(what, str):
            return getattr(array, what)(*self.rule.static, *xs)
        return (what.meaning or what.value)(array, *xs)


class Moved(Part):
    """Elements of other arrays: ``source`` has their places, counted through all of them."""

    __slots__ = ("parts", "source", "starts")

    def __init__(self, space: Cone, parts: Sequence[Part], source: Any) -> None:
        self.parts, self.source = parts, source.ravel()
        self.starts = starts_of(parts)
        moved = [start + p.affected for start, p in zip(self.starts, parts, strict=False)]
        marks = np.concatenate(moved)
        affected = np.flatnonzero(np.isin(self.source, marks)) if marks.size else NONE
        super().__init__(space, source.shape, affected)

    def make(self, places: Any, valued: bool) -> Any:
        found = self.source[places]
        out = np.full(len(places), self.space.zero, dtype=np.intp)
        for part, start, end in zip(self.parts, self.starts, self.starts[1:], strict=False):
            here = (found >= start) & (found < end)
            if here.any():
                out[here] = part.elements(found[here] - start, valued)
        return out

    def floats(self, places: Any) -> Any:
        found = self.source[places]
        return self.parts[0].floats(found) if len(self.parts) == 1 and (found >= 0).all() else None


class Reshaped(Part):
    """The same elements in another shape."""

    __slots__ = ("part",)

    def __init__(self, part: Part, shape: tuple[int, ...]) -> None:
        super().__init__(part.space, shape, part.affected)
        self.part = part

    def make(self, places: Any, valued: bool) -> Any:
        return self.part.elements(places, valued)

    def terms(self, places: Any) -> Any:
        return self.part.terms(places)

    def floats(self, places: Any) -> Any:
        return self.part.floats(places)


class Folded(Part):
    """A reduction along axes: ``how`` is add, times, maximum or minimum.

    The elements of one fibre stand at ``starts[place] + offsets``.
    """

    __slots__ = ("how", "offsets", "part", "starts")

    def __init__(self, how: str, part: Part, axes: tuple[int, ...], shape: Any) -> None:
        self.how, self.part = how, part
        strides = np.cumprod([1, *part.shape[:0:-1]], dtype=np.intp)[::-1][: len(part.shape)]
        ranges = [np.arange(n) * s for n, s in zip(part.shape, strides, strict=True)]
        kept = [a for a in range(len(part.shape)) if a not in axes]
        self.offsets, self.starts = mesh([ranges[a] for a in axes]), mesh([ranges[a] for a in kept])
        affected = NONE
        if part.affected.size:
            sides = tuple(part.shape[a] for a in kept)
            reached = np.zeros(1, dtype=np.intp)
            if kept:  # a number, sum(norm(x)), has no index
                index = np.unravel_index(part.affected, part.shape)
                reached = np.ravel_multi_index(tuple(index[a] for a in kept), sides)
            affected = np.unique(reached)
        super().__init__(part.space, shape, affected)

    def fibre(self, place: int) -> Any:
        return self.starts[place] + self.offsets

    def make(self, places: Any, valued: bool) -> Any:
        part = self.part
        if self.how == "add" and not valued and len(part.affected) == 1:
            # d(Σ)/dx is 1, whatever the other terms are.
            return np.full(len(places), part.elements(part.affected, False)[0])
        return np.array([self.one(self.fibre(p), valued) for p in places.tolist()], dtype=np.intp)

    def floats(self, places: Any) -> Any:
        if self.how != "add":
            return None
        terms = [self.part.floats(self.fibre(p)) for p in places.tolist()]
        return None if any(t is None for t in terms) else np.array([math.fsum(t) for t in terms])

    def one(self, fibre: Any, valued: bool) -> int:
        """The element of one fibre."""
        active = np.isin(fibre, self.part.affected)
        if self.how == "add":
            summed: int = self.space.added(self.part, fibre[active], fibre[~active], valued)
            return summed
        fixed: Any = self.part.terms(fibre[~active]) if self.how != "times" else None
        if fixed is not None and len(fixed):
            extreme = np.max(fixed) if self.how == "maximum" else np.min(fixed)
            known = self.space.constant(float(extreme))
        else:
            known = self.pairs(None, fibre[~active], False)
        folded = self.pairs(known, fibre[active], True)
        if folded is None:
            raise Beyond("a reduction of nothing")
        return folded

    def pairs(self, start: int | None, places: Any, active: bool) -> int | None:
        """``start`` and the elements at ``places``, folded in one after the other."""
        rule, moving, folded = Rule(self.how, 2), False, start
        for element in self.part.elements(places, True).tolist():
            if folded is not None:
                wanted = ((0, 1) if moving else (1,)) if active else ()
                made = program(rule, (), wanted)
                element = int(self.space.record(made, np.array([[folded, element]]))[0])
            folded, moving = element, active
        return folded


class Running(Folded):
    """The sum along one axis up to each element."""

    __slots__ = ("step",)

    def __init__(self, part: Part, axis: int) -> None:
        super().__init__("add", part, (), part.shape)
        self.step = int(np.prod(part.shape[axis + 1 :], dtype=np.intp))
        length = part.shape[axis]
        after = []
        for place in part.affected.tolist():
            at = place // self.step % length
            after.append(place + self.step * np.arange(length - at))
        self.affected = joined(after)
        self.offsets = length

    def fibre(self, place: int) -> Any:
        return place - self.step * np.arange(place // self.step % self.offsets + 1)


class Product(Part):
    """A product of matrices, or of stacks of them; vectors come as matrices of one row or column.

    ``sides`` is its shape with those rows and columns still there: places are the same.
    """

    __slots__ = ("a", "b", "inner", "sides")

    def __init__(self, space: Cone, a: Part, b: Part, sides: Any, shape: Any) -> None:
        self.a, self.b, self.sides, self.inner = a, b, sides, a.shape[-1]
        reached = []
        if a.affected.size:
            rows = (*a.shape[:-2], a.shape[-2], 1)
            reached.append(reach(a.affected // self.inner, rows, sides))
        if b.affected.size:
            columns, n = (*b.shape[:-2], 1, b.shape[-1]), b.shape[-1]
            batch = b.affected // (self.inner * n)
            reached.append(reach(batch * n + b.affected % n, columns, sides))
        super().__init__(space, shape, joined(reached))

    def factors(self, places: Any, k: Any) -> tuple[Any, Any]:
        """Where the k-th factors of the sums at ``places`` stand."""
        index = np.unravel_index(places, self.sides)
        found = []
        for part, own in ((self.a, (index[-2], k)), (self.b, (k, index[-1]))):
            lead = len(part.shape) - 2
            batch = index[len(self.sides) - 2 - lead : len(self.sides) - 2]
            clipped = [np.where(n > 1, i, 0) for i, n in zip(batch, part.shape, strict=False)]
            found.append(
                np.ravel_multi_index(tuple(np.broadcast_arrays(*clipped, *own)), part.shape)
            )
        return found[0], found[1]

    def make(self, places: Any, valued: bool) -> Any:
        multiply = self.space.products_of(self.a, self.b)
        moving = [p for p in (self.a, self.b) if p.affected.size]
        if not valued and len(moving) == 1 and moving[0].affected.size == 1:
            # One factor is free, and so one product of each sum.
            (at,) = moving[0].affected.tolist()
            last = self.b.shape[-1]
            k = at % self.inner if moving[0] is self.a else at // last % self.inner
            return multiply(*self.factors(places, k), False)
        out = []
        for place in places.tolist():
            ones, others = self.factors(place, np.arange(self.inner))
            free = np.isin(ones, self.a.affected) | np.isin(others, self.b.affected)
            products = Pairs(self.space, self.a, self.b, ones, others)
            every = np.arange(self.inner)
            out.append(self.space.added(products, every[free], every[~free], valued))
        return np.array(out, dtype=np.intp)


class Pairs(Part):
    """The products whose sum is one element of a product of matrices."""

    __slots__ = ("a", "b", "ones", "others")

    def __init__(self, space: Cone, a: Part, b: Part, ones: Any, others: Any) -> None:
        self.a, self.b, self.ones, self.others = a, b, ones, others
        free = np.isin(ones, a.affected) | np.isin(others, b.affected)
        super().__init__(space, ones.shape, np.flatnonzero(free))

    def make(self, places: Any, valued: bool) -> Any:
        multiply = self.space.products_of(self.a, self.b)
        return multiply(self.ones[places], self.others[places], valued)

    def terms(self, places: Any) -> Any:
        one, other = self.a.terms(self.ones[places]), self.b.terms(self.others[places])
        return None if one is None or other is None else products(one, other)


@lru_cache(maxsize=4096)
def inputs_read(made: Program, arity: int) -> frozenset[int]:
    """The inputs that a program's partials are computed from."""
    code = made.code[0]
    first = arity + len(made._constants)
    needed = set(made.partials)
    for k in range(len(code) - 1, -1, -1):
        if first + k in needed:
            _, i, j, _ = code[k]
            needed.update((i,) if j == ONE else i if j == MORE else (i, j))
    return frozenset(k for k in needed if 0 <= k < arity)
