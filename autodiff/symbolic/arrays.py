"""Arrays, element by element: NumPy moves element numbers about, and what is computed with
them is recorded as applications of scalar formulas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autodiff.backends import CONSTANTS, ELEMENTWISE
from autodiff.backends.array import lower
from autodiff.limits import more
from autodiff.ops import TABLE
from autodiff.symbolic.expand import taken
from autodiff.symbolic.operators import Operators
from autodiff.symbolic.raw import NO_FORMULA, Beyond
from autodiff.symbolic.rules import Rule, exponents, literal, program

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autodiff.ops import Op
    from autodiff.symbolic.expand import Expansion
    from autodiff.syntax import Statement

CHUNK = 8  # terms of a sum that are one formula: more would cost SymPy, fewer the sweep


class Block(Operators):
    """An array (or a number) of elements, with Python's operators.

    ids    : their numbers in the graph, an array of ints
    active : whether any depends on what is differentiated with respect to
    number : the number it is, where it is one constant of the model
    """

    __slots__ = ("active", "ids", "number", "space")

    def __init__(self, space: Arrays, ids: Any, active: bool, number: Any = None) -> None:
        self.space = space
        self.ids = np.asarray(ids)
        self.active = active
        self.number = number


class Arrays:
    """The namespace ``m`` on which a row of arrays is recorded element by element."""

    def __init__(self, expansion: Expansion) -> None:
        self.expansion = expansion

    def __getattr__(self, name: str) -> Any:
        """The elementwise functions, by SymPy's meaning of them."""
        if name in CONSTANTS:
            return getattr(np, name)
        if name not in ELEMENTWISE:
            raise Beyond(NO_FORMULA.get(name) or f"{name} of arrays is not expanded")
        rule = f"{name}"
        return lambda *xs: self.elementwise(rule, xs)

    # ---- statements

    def statement(self, s: int, statement: Statement) -> Any:
        """Expand one statement; its elements, in the shape of its value."""
        expansion = self.expansion
        tape = expansion.tape
        nodes = [k for k in range(tape.start[s], tape.start[s + 1]) if tape.ops[k] is not None]
        pending = iter(nodes)
        regs: list[Any] = [
            Block(self, expansion.elements[o], bool(expansion.active[o])) if o >= 0 else o
            for o in statement.operands
        ]
        for op, args, _, _ in statement.form.code:
            if op.builds:
                regs.append(None)
                continue
            node = next(pending)
            xs = []
            for place, a in enumerate(args):
                if regs[a].__class__ is int:  # a constant: its value stands on the tape
                    regs[a] = self.block(tape.values[tape.args[node][place]])
                xs.append(regs[a])
            regs.append(self.operation(op, xs, tape.static[node] or {}, tape.values[node]))
        result = regs[statement.form.result]
        ids = result.ids if isinstance(result, Block) else self.block_of(result, s).ids
        return int(ids) if not ids.shape else ids

    def operation(self, op: Op, xs: Sequence[Block], static: dict[str, Any], value: Any) -> Block:
        """One operation of a statement."""
        if not xs:
            return self.block(value)  # zeros, linspace, randn: data
        if op.partials:
            return self.elementwise(op, xs)
        rule = op.meaning or op.value
        out: Block = rule(self, *xs, **static)
        if out.ids.shape != np.shape(value):
            raise Beyond(f"{op.name} has the shape {out.ids.shape} here")
        return out

    def block(self, value: Any) -> Block:
        """A constant or data as a block of elements."""
        if isinstance(value, int | float) or hasattr(value, "_mpf_"):
            return Block(self, self.expansion.number(value), False, float(value))
        return Block(self, self.given(value), False)

    def block_of(self, operand: int, s: int) -> Block:
        return self.block(self.expansion.tape.values[self.expansion.tape.vertex[s]])

    def given(self, value: Any) -> Any:
        """New elements for an array of floats."""
        base = self.expansion.graph.base
        first = len(base)
        items = value.ravel().tolist()
        base.extend(map(taken, items) if value.dtype == object else items)
        return np.arange(first, len(base)).reshape(value.shape)

    def filled(self, element: int, value: Any) -> Any:
        """One element in place of every one of a value."""
        return np.full(value.shape, element) if hasattr(value, "shape") else element

    # ---- what computes

    def spend(self, applications: int, partials: int) -> None:
        """Count element partials; too many are Trouble, before they are made."""
        expansion = self.expansion
        wanted = max(applications * partials, applications)
        if expansion.partials + wanted > expansion.limits.partials:
            raise Beyond(
                f"too large to expand: {expansion.partials + wanted:,} partials up to here, "
                f"the limit is {expansion.limits.partials:,} ({more('partials')})"
            )
        expansion.partials += wanted

    def by_name(self, name: str, *xs: Any) -> Block:
        """An operator: the row of that name."""
        return self.elementwise(TABLE[name], xs)

    def elementwise(self, what: Any, xs: Sequence[Any], static: tuple[Any, ...] = ()) -> Block:
        """One scalar formula at every element, operands broadcast."""
        blocks = [x if isinstance(x, Block) else self.block(x) for x in xs]
        rule = Rule(what, len(blocks), static)
        exponent = exponents(rule)
        known = tuple(
            (i, b.number) for i, b in enumerate(blocks) if i in exponent and literal(b.number)
        )
        wanted = tuple(i for i, b in enumerate(blocks) if b.active)
        shape = np.broadcast_shapes(*[b.ids.shape for b in blocks])
        size = int(np.prod(shape, dtype=np.int64))
        self.spend(size, len(wanted))
        made = program(rule, known, wanted)
        columns = [np.broadcast_to(b.ids, shape).ravel().tolist() for b in blocks]
        return self.record(made, zip(*columns, strict=True), size, shape, bool(wanted))

    def record(self, made: Any, inputs: Any, size: int, shape: Any, active: bool) -> Block:
        graph = self.expansion.graph
        first = len(graph.base)
        graph.applications.extend([(made, row, out) for out, row in enumerate(inputs, first)])
        graph.statements.extend([self.expansion.statement] * size)
        graph.base.extend([None] * size)
        return Block(self, np.arange(first, first + size).reshape(shape), active)

    def rows(self, name: str, ids: Any, active: bool, width: int) -> Any:
        """One formula at every row of a matrix of elements: a vector of elements."""
        rule = Rule(name, ids.shape[1], (width,))
        self.spend(ids.shape[0], ids.shape[1])
        made = program(rule, (), tuple(range(ids.shape[1])) if active else ())
        rows = list(map(tuple, ids.tolist()))
        return self.record(made, rows, len(rows), (len(rows),), active).ids

    def total(self, ids: Any, active: bool) -> Any:
        """The sum of every row of a matrix of elements, `CHUNK` terms at a time."""
        while ids.shape[1] > 1:
            whole = ids.shape[1] // CHUNK * CHUNK
            parts = []
            if whole:
                folded = self.rows("sum_of", ids[:, :whole].reshape(-1, CHUNK), active, CHUNK)
                parts.append(folded.reshape(ids.shape[0], -1))
            if whole < ids.shape[1]:
                rest = ids[:, whole:]
                if rest.shape[1] > 1:
                    rest = self.rows("sum_of", rest, active, rest.shape[1]).reshape(-1, 1)
                parts.append(rest)
            ids = np.concatenate(parts, axis=1)
        if not ids.shape[1]:
            return np.full(ids.shape[0], self.expansion.number(0.0))
        return ids[:, 0]

    def fold(self, x: Block, axis: Any, keepdims: bool, along: Callable[[Any], Any]) -> Block:
        """A reduction: ``along`` takes a matrix of elements to one element for each row."""
        ids = x.ids
        axes = tuple(range(ids.ndim)) if axis is None else axis
        axes = tuple(a % ids.ndim for a in (axes if isinstance(axes, tuple) else (axes,)))
        kept = [a for a in range(ids.ndim) if a not in axes]
        shape = tuple(ids.shape[a] for a in kept)
        n = int(np.prod([ids.shape[a] for a in axes], dtype=np.int64))
        matrix = ids.transpose(*kept, *axes).reshape(int(np.prod(shape, dtype=np.int64)), n)
        out = along(matrix)
        if keepdims:
            shape = tuple(1 if a in axes else n for a, n in enumerate(ids.shape))
        return Block(self, out.reshape(shape), x.active)

    def pairs(self, name: str, active: bool) -> Callable[[Any], Any]:
        """``f(f(a, b), f(c, d))`` along the rows, for an associative f."""

        def along(matrix: Any) -> Any:
            if not matrix.shape[1]:
                raise Beyond("a reduction of nothing")
            while matrix.shape[1] > 1:
                n = matrix.shape[1] // 2 * 2
                left, right = (Block(self, matrix[:, k:n:2], active) for k in (0, 1))
                folded = self.elementwise(name, (left, right)).ids
                matrix = np.concatenate([folded, matrix[:, n:]], axis=1)
            return matrix[:, 0]

        return along

    def sum(self, x: Any, axis: Any = None, keepdims: bool = False) -> Block:
        x = self.lift(x)
        return self.fold(x, axis, keepdims, lambda matrix: self.total(matrix, x.active))

    def prod(self, x: Any, axis: Any = None, keepdims: bool = False) -> Block:
        x = self.lift(x)
        return self.fold(x, axis, keepdims, self.pairs("times", x.active))

    def max(self, x: Any, axis: Any = None, keepdims: bool = False) -> Block:
        x = self.lift(x)
        return self.fold(x, axis, keepdims, self.pairs("maximum", x.active))

    def min(self, x: Any, axis: Any = None, keepdims: bool = False) -> Block:
        x = self.lift(x)
        return self.fold(x, axis, keepdims, self.pairs("minimum", x.active))

    def norm(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return self.sqrt(self.sum(x * x, axis=axis, keepdims=keepdims))

    def cumsum(self, x: Block, axis: int) -> Block:
        columns = np.moveaxis(x.ids, axis, 0)
        n, rest = len(columns), columns.shape[1:]
        if n < 2 or not columns.size:
            return x
        # All sums at once: each reads the one before it, whose number is known beforehand.
        before = len(self.expansion.graph.base) + np.arange((n - 1) * columns[0].size)
        sums = before.reshape(n - 1, -1)
        previous = np.concatenate([columns[:1].reshape(1, -1), sums[:-1]]).ravel().tolist()
        terms = columns[1:].ravel().tolist()
        self.spend(len(terms), 2)
        made = program(Rule(TABLE["add"], 2), (), (0, 1) if x.active else ())
        inputs = zip(previous, terms, strict=True)
        out = self.record(made, inputs, len(terms), (n - 1, *rest), x.active).ids
        return Block(self, np.moveaxis(np.concatenate([columns[:1], out]), 0, axis), x.active)

    def matmul(self, x: Any, y: Any) -> Block:
        x, y = self.lift(x), self.lift(y)
        a, b = x.ids, y.ids
        left, right = a.ndim == 1, b.ndim == 1
        a = a[None, :] if left else a
        b = b[:, None] if right else b
        n = a.shape[-1]
        batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        shape = (*batch, a.shape[-2], b.shape[-1])
        size = int(np.prod(shape, dtype=np.int64))
        self.spend(size * n, 0)  # before the table of all products is made
        self.expansion.partials -= size * n
        one = np.broadcast_to(a[..., :, None, :], (*shape, n)).reshape(size, n)
        two = np.broadcast_to(np.swapaxes(b, -1, -2)[..., None, :, :], (*shape, n))
        two = two.reshape(size, n)
        sums = []
        for first in range(0, n, CHUNK):
            part = slice(first, first + CHUNK)
            width = one[:, part].shape[1]
            sums.append(self.dots(one[:, part], two[:, part], x.active, y.active, width))
        active = x.active or y.active
        ids = self.total(np.stack(sums, 1) if sums else np.empty((size, 0), int), active)
        ids = ids.reshape(shape)
        ids = ids[..., 0, :] if left else ids
        ids = ids[..., 0] if right else ids
        return Block(self, ids, active)

    def dots(self, a: Any, b: Any, first: bool, second: bool, width: int) -> Any:
        """The scalar products of the rows of two matrices of elements."""
        rule = Rule("dot_of", 2 * width, (width,))
        wanted = (tuple(range(width)) if first else ()) + (
            tuple(range(width, 2 * width)) if second else ()
        )
        self.spend(len(a), len(wanted))
        made = program(rule, (), wanted)
        rows = list(map(tuple, np.concatenate([a, b], axis=1).tolist()))
        return self.record(made, rows, len(rows), (len(rows),), bool(wanted)).ids

    def whole(self, op: Op, *xs: Any) -> Block:
        return self.elementwise(op, xs)

    def polygamma(self, n: int, x: Any) -> Block:
        return self.elementwise("polygamma", (x,), (int(n),))

    # ---- what moves elements

    def lift(self, x: Any) -> Block:
        """A Python number, an array of NumPy's or a block, as a block."""
        return x if isinstance(x, Block) else self.block(x)

    def shape(self, x: Any) -> tuple[int, ...]:
        return tuple(x.ids.shape) if isinstance(x, Block) else np.shape(x)

    def ones_like(self, x: Any) -> Block:
        return self.full(self.shape(x), 1.0)

    def zeros_like(self, x: Any) -> Block:
        return self.full(self.shape(x), 0.0)

    def full(self, shape: tuple[int, ...], value: float) -> Block:
        return Block(self, np.full(shape, self.expansion.number(float(value))), False)

    def eye(self, n: int, columns: int) -> Block:
        return Block(self, self.given(np.eye(n, columns)), False)

    def broadcast_to(self, x: Any, shape: tuple[int, ...]) -> Block:
        x = self.lift(x)
        return Block(self, np.broadcast_to(x.ids, shape), x.active)

    def reshape(self, x: Any, shape: tuple[int, ...]) -> Block:
        x = self.lift(x)
        return Block(self, x.ids.reshape(shape), x.active)

    def transpose(self, x: Block, axes: Any) -> Block:
        return Block(self, x.ids.transpose(axes), x.active)

    def tril(self, x: Block, k: int = 0) -> Block:
        zero = self.expansion.number(0.0)
        return Block(self, np.where(lower(x.ids.shape, k), x.ids, zero), x.active)

    def triu(self, x: Block, k: int = 0) -> Block:
        zero = self.expansion.number(0.0)
        return Block(self, np.where(lower(x.ids.shape, k - 1), zero, x.ids), x.active)

    def flip(self, x: Block, axis: int) -> Block:
        return Block(self, np.flip(x.ids, axis), x.active)

    def stack(self, xs: Sequence[Any], axis: int = 0) -> Block:
        blocks = [self.lift(x) for x in xs]
        return Block(self, np.stack([b.ids for b in blocks], axis), any(b.active for b in blocks))

    def concat(self, xs: Sequence[Any], axis: int = 0) -> Block:
        blocks = [self.lift(x) for x in xs]
        ids = np.concatenate([b.ids for b in blocks], axis)
        return Block(self, ids, any(b.active for b in blocks))

    def getitem(self, x: Block, index: Any) -> Block:
        return Block(self, x.ids[index], x.active)

    def scatter(self, x: Block, index: Any, shape: tuple[int, ...]) -> Block:
        ids = np.full(shape, self.expansion.number(0.0))
        places = np.arange(ids.size).reshape(shape)[index]
        if len(np.unique(places)) != places.size:
            raise Beyond("scatter to repeated positions is not expanded")
        ids[index] = x.ids
        return Block(self, ids, x.active)
