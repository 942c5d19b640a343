"""Arrays too large to expand: a row's definition, of which only what is asked for is computed.

One element of one operand is set free, every other one is a number. A row's definition is run
on `Part`s, arrays that know their shape and which of their elements depend on the free one; an
element is recorded in the graph when it is asked for, and its number is only worked out where a
derivative reads it. So one element of dL/dX costs its own dependents, not the whole product of
matrices: of sum(X) it costs nothing, of X @ W a row.

Sums and products of matrices are taken apart here, which is their definition; all else is
SymPy's formula at an element, and all partials are SymPy's. Of a sum of very many computed terms
(the exponentials in logsumexp) a few terms are SymPy's, and the others floats by the same
definition, added exactly, if those few agree.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from mpmath.libmp import fone

from autodiff.backends import CONSTANTS, ELEMENTWISE
from autodiff.backends.array import lower
from autodiff.ops import TABLE
from autodiff.symbolic.arrays import CHUNK
from autodiff.symbolic.parts import Applied, Folded, Given, Moved, Part, Product, Reshaped, Running
from autodiff.symbolic.places import starts_of
from autodiff.symbolic.raw import NO_FORMULA, Beyond, Number
from autodiff.symbolic.rules import Rule, program
from autodiff.symbolic.sums import exact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.ops import Op
    from autodiff.symbolic.chain import Graph
    from autodiff.symbolic.program import Program

WIDE = 4_096  # terms or dependents that are all followed
SPOTS = 8  # of those of a longer sum, so many


class Cone:
    """The namespace ``m`` on which a row's definition is run.

    ``limit`` is how many applications it may record in all; beyond, it raises Beyond. What it
    took from floats stands in ``spots``, to be compared.
    """

    def __init__(self, graph: Graph, limit: int) -> None:
        self.graph = graph
        self.limit = limit
        self.spots: list[tuple[int, float]] = []  # see `valued`, and the float it should be
        self.zero = self.constant(0.0)
        self.anything = self.constant(1.0)

    def __getattr__(self, name: str) -> Any:
        """The elementwise functions, by SymPy's meaning of them."""
        if name in CONSTANTS:
            return getattr(np, name)
        if name not in ELEMENTWISE:
            raise Beyond(NO_FORMULA.get(name) or f"{name} of arrays is not sampled")
        return lambda *xs: self.elementwise(name, xs)

    # ---- what stands in the graph

    def constant(self, value: float) -> int:
        self.graph.base.append(value)
        return len(self.graph.base) - 1

    def number(self, value: Number) -> int:
        self.graph.base.append(value)
        return len(self.graph.base) - 1

    def record(self, made: Program, inputs: Any) -> Any:
        """One application for each row of ``inputs``; the elements that they fill."""
        graph, size = self.graph, len(inputs)
        if len(graph.applications) + size > self.limit:
            raise Beyond(f"one element takes more than {self.limit:,} partials")
        first = len(graph.base)
        rows = map(tuple, inputs.tolist())
        graph.applications.extend([(made, row, out) for out, row in enumerate(rows, first)])
        graph.statements.extend([0] * size)
        graph.base.extend([None] * size)
        return np.arange(first, first + size)

    def added(self, part: Part, active: Any, fixed: Any, valued: bool) -> int:
        """The sum of a part's elements at the places ``active`` and ``fixed``."""
        ids = part.elements(active, valued).tolist()
        moving = len(ids)
        if valued and len(fixed):
            terms = part.terms(fixed)
            if terms is None and len(fixed) > WIDE:
                terms = self.spotted(part, fixed)
            if terms is None:
                ids += part.elements(fixed, True).tolist()
            else:
                ids.append(self.number(exact(terms)))
        if not ids:
            return self.zero
        while len(ids) > 1:
            sums = []
            for first in range(0, len(ids), CHUNK):
                some = ids[first : first + CHUNK]
                wanted = tuple(range(min(max(moving - first, 0), len(some))))
                if len(some) > 1:
                    made = program(Rule("sum_of", len(some), (len(some),)), (), wanted)
                    some = self.record(made, np.array([some])).tolist()
                sums += some
            ids, moving = sums, -(-moving // CHUNK)
        return int(ids[0])

    def spotted(self, part: Part, places: Any) -> Any:
        """Very many terms in float64, of which a few are to be compared with SymPy's."""
        terms = part.floats(places)
        if terms is None or not np.isfinite(terms).all():
            raise Beyond(f"one element takes a sum of {len(places):,} terms")
        some = np.linspace(0, len(places) - 1, SPOTS).astype(np.intp)
        for element, term in zip(
            part.elements(places[some], True).tolist(), terms[some].tolist(), strict=True
        ):
            self.spots.append((self.valued(element), term))
        return terms

    def valued(self, element: int) -> int:
        """A free element t whose adjoint is the value of ``element``: d(t·y)/dt is y."""
        free = self.constant(1.0)
        made = program(Rule(TABLE["multiply"], 2), (), (0,))
        (out,) = self.record(made, np.array([[free, element]])).tolist()
        self.graph.seeds[out] = fone
        return free

    def products_of(self, a: Part, b: Part) -> Any:
        """What records products of elements of a and b: by their places."""
        flat = [Reshaped(p, (math.prod(p.shape),)) for p in (a, b)]

        def multiply(ones: Any, others: Any, valued: bool) -> Any:
            ones, others = (np.atleast_1d(x) for x in np.broadcast_arrays(ones, others))
            taken = [
                Moved(self, [p], places) if len(places) else p
                for p, places in zip(flat, (ones, others), strict=True)
            ]
            row = Applied(self, Rule(TABLE["multiply"], 2), taken)
            return row.elements(np.arange(len(ones)), valued)

        return multiply

    # ---- arrays

    def given(self, value: Any, element: int | None = None, free: int = -1) -> Given:
        """An operand, of which ``element`` is free, as the graph's element ``free``."""
        return Given(self, value, element, free)

    def lift(self, x: Any) -> Part:
        return x if isinstance(x, Part) else self.given(np.asarray(x, dtype=np.float64))

    def row(self, op: Op, xs: Sequence[Part], static: dict[str, Any]) -> Part:
        """An operation's result, by its definition."""
        if op.partials:
            return self.elementwise(op, xs)
        return self.lift((op.meaning or op.value)(self, *xs, **static))

    def by_name(self, name: str, *xs: Any) -> Part:
        return self.elementwise(TABLE[name], xs)

    def elementwise(self, what: Any, xs: Sequence[Any], static: tuple[Any, ...] = ()) -> Part:
        return Applied(self, Rule(what, len(xs), static), [self.lift(x) for x in xs])

    def whole(self, op: Op, *xs: Any) -> Part:
        return self.elementwise(op, xs)

    def polygamma(self, n: int, x: Any) -> Part:
        return self.elementwise("polygamma", (x,), (int(n),))

    def shape(self, x: Any) -> tuple[int, ...]:
        return x.shape if isinstance(x, Part) else np.shape(x)

    def full(self, shape: tuple[int, ...], value: float) -> Part:
        return self.lift(np.full(shape, float(value)))

    def eye(self, n: int, columns: int) -> Part:
        return self.lift(np.eye(n, columns))

    def ones_like(self, x: Any) -> Part:
        return self.full(self.shape(x), 1.0)

    def zeros_like(self, x: Any) -> Part:
        return self.full(self.shape(x), 0.0)

    def reshape(self, x: Any, shape: Any) -> Part:
        x = self.lift(x)
        return Reshaped(x, np.empty(x.shape, dtype=bool).reshape(shape).shape)

    def moved(self, parts: Sequence[Part], arrange: Any) -> Part:
        """Parts with their elements moved as ``arrange`` moves arrays of their places."""
        starts = starts_of(parts)
        places = [
            np.arange(start, end).reshape(p.shape)
            for p, start, end in zip(parts, starts, starts[1:], strict=False)
        ]
        return Moved(self, parts, arrange(*places))

    def broadcast_to(self, x: Any, shape: tuple[int, ...]) -> Part:
        return self.moved([self.lift(x)], lambda ids: np.broadcast_to(ids, shape))

    def transpose(self, x: Any, axes: Any) -> Part:
        return self.moved([self.lift(x)], lambda ids: ids.transpose(axes))

    def tril(self, x: Any, k: int = 0) -> Part:
        return self.moved([self.lift(x)], lambda ids: np.where(lower(ids.shape, k), ids, -1))

    def triu(self, x: Any, k: int = 0) -> Part:
        return self.moved([self.lift(x)], lambda ids: np.where(lower(ids.shape, k - 1), -1, ids))

    def flip(self, x: Any, axis: int) -> Part:
        return self.moved([self.lift(x)], lambda ids: np.flip(ids, axis))

    def getitem(self, x: Any, index: Any) -> Part:
        return self.moved([self.lift(x)], lambda ids: np.asarray(ids[index]))

    def stack(self, xs: Sequence[Any], axis: int = 0) -> Part:
        return self.moved([self.lift(x) for x in xs], lambda *ids: np.stack(ids, axis))

    def concat(self, xs: Sequence[Any], axis: int = 0) -> Part:
        return self.moved([self.lift(x) for x in xs], lambda *ids: np.concatenate(ids, axis))

    def scatter(self, x: Any, index: Any, shape: tuple[int, ...]) -> Part:
        def put(ids: Any) -> Any:
            out = np.full(shape, -1)
            out[index] = ids
            if np.count_nonzero(out >= 0) != ids.size:
                raise Beyond("scatter to repeated positions is not sampled")
            return out

        return self.moved([self.lift(x)], put)

    def fold(self, how: str, x: Any, axis: Any, keepdims: bool) -> Part:
        x = self.lift(x)
        n = len(x.shape)
        axes = tuple(range(n)) if axis is None else axis
        axes = tuple(a % n for a in (axes if isinstance(axes, tuple) else (axes,)))
        kept = [1 if a in axes else side for a, side in enumerate(x.shape)]
        shape = kept if keepdims else [side for a, side in enumerate(x.shape) if a not in axes]
        return Folded(how, x, axes, shape)

    def sum(self, x: Any, axis: Any = None, keepdims: bool = False) -> Part:
        return self.fold("add", x, axis, keepdims)

    def prod(self, x: Any, axis: Any = None, keepdims: bool = False) -> Part:
        return self.fold("times", x, axis, keepdims)

    def max(self, x: Any, axis: Any = None, keepdims: bool = False) -> Part:
        return self.fold("maximum", x, axis, keepdims)

    def min(self, x: Any, axis: Any = None, keepdims: bool = False) -> Part:
        return self.fold("minimum", x, axis, keepdims)

    def norm(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return self.sqrt(self.sum(x * x, axis=axis, keepdims=keepdims))

    def cumsum(self, x: Any, axis: int) -> Part:
        x = self.lift(x)
        return Running(x, axis % len(x.shape))

    def matmul(self, x: Any, y: Any) -> Part:
        a, b = self.lift(x), self.lift(y)
        left, right = len(a.shape) == 1, len(b.shape) == 1
        a = Reshaped(a, (1, *a.shape)) if left else a
        b = Reshaped(b, (*b.shape, 1)) if right else b
        sides = (*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), a.shape[-2], b.shape[-1])
        shape = (*sides[:-2], *(() if left else sides[-2:-1]), *(() if right else sides[-1:]))
        return Product(self, a, b, sides, shape)
