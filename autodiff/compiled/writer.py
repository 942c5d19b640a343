"""The namespace whose functions write steps. Rows and sweeps run on it as on any other."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from autodiff.backends import array
from autodiff.compiled import algebra, functions
from autodiff.compiled.values import BOOL, FLOAT, Kind, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autodiff.ops import Op

OPERATORS = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}

# Elementwise functions of the protocol that are no single function of NumPy's.
SPECIAL = (
    *("beta", "digamma", "erf", "erfc", "erfinv", "gamma", "lbeta", "lgamma", "ndtri", "sinc"),
    "sinc_slope",
)


class Unwritten(AttributeError):
    """A function of the protocol for which there is no step."""


class Writer:
    """Steps, in the order in which they were asked for; the same is asked for once."""

    pi, inf, nan = math.pi, math.inf, math.nan

    def __init__(self) -> None:
        self.steps: list[Value] = []
        self._known: dict[Any, Value] = {}

    # ---- how a step comes about

    def step(
        self,
        kind: Kind,
        name: str,
        call: Callable[..., Any] | None = None,
        operands: tuple[Value, ...] = (),
        shape: tuple[int, ...] = (),
        dtype: np.dtype[Any] = FLOAT,
        detail: Any = None,
        known: bool = True,
    ) -> Value:
        """A step, or the earlier one that is the same; it is a new one if it is not ``known``."""
        value = Value(self, len(self.steps), kind, name, call, operands, shape, dtype, detail)
        if known:
            key = kind, name, repr(detail), shape, tuple(x.index for x in operands)
            value = self._known.setdefault(key, value)
        if value.index == len(self.steps):
            self.steps.append(value)
        return value

    def value(self, x: Any) -> Value:
        if isinstance(x, Value):
            return x
        if isinstance(x, np.ndarray) and x.ndim:
            return self.given(x)
        return self.step(Kind.NUMBER, "number", detail=float(x))

    def given(self, x: Any) -> Value:
        """An array that is there when the steps are run."""
        x = np.asarray(x, dtype=np.float64)
        return self.step(Kind.GIVEN, "given", shape=x.shape, detail=x, known=False)

    def map(self, ufunc: Any, *xs: Any, name: str = "") -> Value:
        """A function of NumPy's, or one like it, of each element."""
        operands = tuple(self.value(x) for x in xs)
        if all(x.number is not None for x in operands):
            with np.errstate(all="ignore"):
                return self.value(ufunc(*[np.float64(x.detail) for x in operands]))
        # What is spread over an array need not be: the function spreads it, or nobody does.
        shape = np.broadcast_shapes(*[x.shape for x in operands])
        narrow = tuple(spread_from(x) for x in operands)
        if any(x is not y for x, y in zip(narrow, operands, strict=True)):
            return self.broadcast_to(self.map(ufunc, *narrow, name=name), shape)
        rule = algebra.RULES.get(ufunc)
        found = rule(self, *operands) if rule is not None else None
        if found is not None:
            return self.broadcast_to(found, shape)
        dtype = FLOAT
        if isinstance(ufunc, np.ufunc):
            dtype = ufunc.resolve_dtypes((*[x.dtype for x in operands], None))[-1]
        return self.step(Kind.MAP, name or ufunc.__name__, ufunc, operands, shape, dtype)

    def fold(self, ufunc: Any, x: Value, axes: tuple[int, ...]) -> Value:
        """``ufunc.reduce`` over axes, which stay as 1."""
        found = algebra.folded(self, ufunc, x, axes)
        if found is not None:
            return found
        shape = tuple(1 if axis in axes else n for axis, n in enumerate(x.shape))
        return self.step(Kind.FOLD, ufunc.__name__, ufunc, (x,), shape, detail=axes)

    def call(
        self,
        name: str,
        call: Callable[..., Any],
        operands: Sequence[Any],
        shape: tuple[int, ...],
        detail: Any = None,
        known: bool = True,
    ) -> Value:
        """A function of whole arrays that writes its result into the last of its arguments."""
        xs = tuple(self.value(x) for x in operands)
        return self.step(Kind.WHOLE, name, call, xs, shape, detail=detail, known=known)

    def view(
        self, name: str, call: Callable[..., Any], x: Value, shape: tuple[int, ...], detail: Any
    ) -> Value:
        return self.step(Kind.VIEW, name, call, (x,), shape, x.dtype, detail)

    def add(
        self, name: str, call: Callable[..., Any], total: Value, *xs: Any, detail: Any = None
    ) -> Value:
        operands = (total, *(self.value(x) for x in xs))
        return self.step(Kind.ADD, name, call, operands, total.shape, detail=detail)

    # ---- operators and elementwise functions

    def operator(self, sign: str, a: Any, b: Any) -> Value:
        return self.power(a, b) if sign == "**" else self.map(OPERATORS[sign], a, b)

    def __getattr__(self, name: str) -> Any:
        found: Any = getattr(array, name, None)
        if isinstance(found, np.ufunc) and found is not np.matmul:
            return partial(self.map, found)
        if name in SPECIAL:
            return partial(self.map, partial(functions.assigned, found), name=name)
        raise Unwritten(name)

    def power(self, x: Any, y: Any) -> Value:
        exponent = self.value(y).number
        if exponent == 2:
            return self.map(np.square, x)
        return self.value(x) if exponent == 1 else self.map(np.power, x, y)

    def where(self, c: Any, a: Any, b: Any) -> Value:
        c, a, b = self.value(c), self.value(a), self.value(b)
        shape = np.broadcast_shapes(c.shape, a.shape, b.shape)
        known = spread_from(c).number
        if known is not None:
            return self.broadcast_to(a if known else b, shape)
        if c.dtype != BOOL:
            c = self.map(np.not_equal, c, 0.0)
        if (a.number, b.number) == (0, 1):
            c, a, b = self.map(np.logical_not, c), b, a
        if (a.number, b.number) == (1, 0):
            return self.map(functions.as_numbers, c)
        return self.map(functions.choose, c, a, b)

    def times(self, a: Any, b: Any) -> Value:
        a = self.value(a)
        if a.number:
            return self.map(np.multiply, a, b)
        return self.where(self.map(np.equal, a, 0.0), 0.0, self.map(np.multiply, a, b))

    def ratio(self, a: Any, b: Any) -> Value:
        both = self.logical_and(self.map(np.equal, b, 0.0), self.map(np.equal, a, 0.0))
        return self.map(np.divide, a, self.where(both, 1.0, b))

    def whole(self, op: Op, *xs: Any) -> Any:
        return op.value(self, *xs)

    # ---- shapes

    def shape(self, x: Any) -> tuple[int, ...]:
        return self.value(x).shape

    def reshape(self, x: Any, shape: Any) -> Value:
        value = self.value(x)
        sides = (shape,) if isinstance(shape, int) else tuple(shape)
        if -1 in sides:
            rest = -math.prod(sides)
            sides = tuple(value.size // rest if n == -1 else n for n in sides)
        if sides == value.shape:
            return value
        source = spread_from(value)
        if value.number is not None or (source is not value and source.size == 1):
            return self.broadcast_to(self.reshape(source, ()), sides)
        if value.name == "reshape":
            return self.reshape(value.operands[0], sides)
        return self.view("reshape", partial(np.reshape, shape=sides), value, sides, sides)

    def transpose(self, x: Any, axes: tuple[int, ...]) -> Value:
        value = self.value(x)
        axes = tuple(axis % len(value.shape) for axis in axes)
        if axes == tuple(range(len(value.shape))):
            return value
        if value.name == "transpose":
            return self.transpose(value.operands[0], tuple(value.detail[axis] for axis in axes))
        shape = tuple(value.shape[axis] for axis in axes)
        return self.view("transpose", partial(np.transpose, axes=axes), value, shape, axes)

    def broadcast_to(self, x: Any, shape: tuple[int, ...]) -> Value:
        value = self.value(x)
        if value.shape == shape:
            return value
        call = partial(np.broadcast_to, shape=shape)
        return self.view("spread", call, spread_from(value), shape, shape)

    def getitem(self, x: Any, index: Any) -> Value:
        value = self.value(x)
        part = functions.item(index)
        shape = part(np.broadcast_to(False, value.shape)).shape
        if array.picks(index):
            return self.call("take", partial(functions.assigned, part), (value,), shape, index)
        return self.view("item", part, value, shape, index)

    def flip(self, x: Any, axis: int) -> Value:
        value = self.value(x)
        return self.view("flip", partial(np.flip, axis=axis), value, value.shape, axis)

    # ---- reductions and products

    def _reduced(self, ufunc: Any, x: Any, axis: Any, keepdims: bool) -> Value:
        value = self.value(x)
        shape, rank = value.shape, len(value.shape)
        if not rank:
            return value
        named = range(rank) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        axes = tuple(sorted(a % rank for a in named))
        found = self.fold(ufunc, value, axes)
        if keepdims:
            return found
        return self.reshape(found, tuple(n for a, n in enumerate(shape) if a not in axes))

    def sum(self, x: Any, axis: Any = None, keepdims: bool = False) -> Value:
        return self._reduced(np.add, x, axis, keepdims)

    def prod(self, x: Any, axis: Any = None, keepdims: bool = False) -> Value:
        return self._reduced(np.multiply, x, axis, keepdims)

    def max(self, x: Any, axis: Any = None, keepdims: bool = False) -> Value:
        return self._reduced(np.maximum, x, axis, keepdims)

    def min(self, x: Any, axis: Any = None, keepdims: bool = False) -> Value:
        return self._reduced(np.minimum, x, axis, keepdims)

    def matmul(self, a: Any, b: Any) -> Value:
        a, b = self.value(a), self.value(b)
        rows, columns = a.shape[:-1], b.shape[-1:] if len(b.shape) > 1 else ()
        stacks = np.broadcast_shapes(rows[:-1], b.shape[:-2])
        return self.call("matmul", np.matmul, (a, b), (*stacks, *rows[-1:], *columns))

    # ---- arrays that are made

    def asarray(self, x: Any) -> Value:
        return self.value(x)

    def full(self, shape: tuple[int, ...], value: Any) -> Value:
        return self.broadcast_to(value, tuple(shape))

    def ones_like(self, x: Any) -> Value:
        return self.broadcast_to(1.0, self.shape(x))

    def zeros_like(self, x: Any) -> Value:
        return self.broadcast_to(0.0, self.shape(x))

    def eye(self, n: int, m: int | None = None) -> Value:
        return self.given(array.eye(n, m))

    def stack(self, xs: Sequence[Any], axis: int = 0) -> Value:
        values = [self.value(x) for x in xs]
        sides = list(values[0].shape)
        sides.insert(axis % (len(sides) + 1), len(values))
        return self.call("stack", partial(functions.stacked, axis), values, tuple(sides), axis)

    def concat(self, xs: Sequence[Any], axis: int = 0) -> Value:
        values = [self.value(x) for x in xs]
        sides = list(values[0].shape)
        sides[axis] = sum(x.shape[axis] for x in values)
        return self.call("concat", partial(functions.joined, axis), values, tuple(sides), axis)

    def tril(self, x: Any, k: int = 0) -> Value:
        call = partial(functions.assigned, partial(np.tril, k=k))
        return self.call("tril", call, (x,), self.shape(x), k)

    def triu(self, x: Any, k: int = 0) -> Value:
        call = partial(functions.assigned, partial(np.triu, k=k))
        return self.call("triu", call, (x,), self.shape(x), k)

    def scatter(self, x: Any, index: Any, shape: tuple[int, ...]) -> Value:
        zeros = self.step(Kind.ZEROS, "zeros", shape=tuple(shape), known=False)
        return self.accumulate_at(zeros, index, x)

    # ---- what the reverse sweep asks for

    def owned(self, x: Any, held: Any) -> bool:
        return True  # a step never changes what others see

    def accumulate(self, total: Value, term: Any) -> Value:
        return self.map(np.add, total, term)

    def accumulate_at(self, total: Value, index: Any, term: Any) -> Value:
        term = self.value(term)
        if array.picks(index):
            call = partial(functions.add_at, index)
            return self.add("add at each", call, total, term, detail=index)
        c, inner = algebra.exactly_scaled(term)
        if c == -1:
            change = functions.Change(np.subtract, index)
            return self.add("subtract at", change.of, total, inner, detail=change)
        change = functions.Change(np.add, index)
        return self.add("add at", change.of, total, term, detail=change)

    def accumulate_outer(self, total: Value, column: Any, row: Any) -> Value:
        return self.add("add outer", array.accumulate_outer, total, column, row)


def spread_from(x: Value) -> Value:
    """What ``x`` has been broadcast from; itself, if from nothing."""
    return x.operands[0] if x.name == "spread" else x
