"""Arrays of formulas: the namespace ``m`` on which any row builds SymPy expressions.

NumPy moves the elements about; what is computed with them goes through `namespace`, one element
at a time. For small arrays only: a product of matrices writes out every element.
"""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy

from autodiff.backends import CONSTANTS, ELEMENTWISE
from autodiff.backends.array import lower
from autodiff.symbolic import namespace
from autodiff.symbolic.namespace import Formula
from autodiff.symbolic.operators import Operators
from autodiff.symbolic.raw import NO_FORMULA, Beyond

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autodiff.ops import Op

MOST_ELEMENTS = 4_000  # made for one claim, all operations together
LARGEST = 4_000  # nodes of one element's formula, written out as a tree


def decimal(x: float) -> Any:
    """A number as it was typed: 0.1 is 1/10, and the closest float to π is π."""
    if x == math.pi:
        return sympy.pi
    if x == math.e:
        return sympy.E
    if not math.isfinite(x):
        raise Beyond("an infinite number")
    return sympy.Rational(repr(x))


OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "power": operator.pow,
    "negative": operator.neg,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "equal": operator.eq,
    "not_equal": operator.ne,
}


class Elements(Operators):
    """An array (or, with the shape (), a number) of formulas, with Python's operators."""

    __slots__ = ("array", "space")

    def __init__(self, space: Space, array: Any) -> None:
        self.space = space
        self.array = array

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.array.shape)


class Space:
    """The namespace; counts what it makes, and refuses (`Beyond`) what is too large."""

    def __init__(self) -> None:
        self.made = 0

    def __getattr__(self, name: str) -> Any:
        """The elementwise functions."""
        if name in CONSTANTS:
            return getattr(namespace, name)
        if name not in ELEMENTWISE:
            raise Beyond(NO_FORMULA.get(name) or f"{name} of arrays is not written out")
        function = getattr(namespace, name)
        return lambda *xs: self.map(function, *xs)

    def spend(self, elements: int) -> None:
        self.made += elements
        if self.made > MOST_ELEMENTS:
            raise Beyond("too many elements to write out")

    def lift(self, x: Any) -> Elements:
        """Elements, a formula, a number or an array of numbers, as elements."""
        if isinstance(x, Elements):
            return x
        if isinstance(x, np.ndarray) and x.shape:
            self.spend(x.size)
            out = np.empty(x.shape, object)
            out.ravel()[:] = [
                v if isinstance(v, Formula) else Formula(decimal(float(v))) for v in x.ravel()
            ]
            return Elements(self, out)
        if not isinstance(x, Formula | int):
            x = Formula(decimal(float(x)))
        out = np.empty((), object)
        out[()] = namespace.lift(x)
        return Elements(self, out)

    def by_name(self, name: str, *xs: Any) -> Elements:
        """One of Python's operators, by the name of its row."""
        return self.map(OPERATORS[name], *xs)

    def map(self, function: Callable[..., Any], *xs: Any) -> Elements:
        """A function of formulas at every element, operands broadcast."""
        arrays = np.broadcast_arrays(*[self.lift(x).array for x in xs])
        out = np.empty(arrays[0].shape, object)
        self.spend(out.size)
        flat = [
            namespace.lift(function(*row)) for row in zip(*[a.flat for a in arrays], strict=True)
        ]
        if any(formula.size > LARGEST for formula in flat):
            raise Beyond("too large a formula")
        out.ravel()[:] = flat
        return Elements(self, out)

    def operation(self, op: Op, xs: Sequence[Any], static: dict[str, Any]) -> Elements:
        """One operation of a form, by its definition."""
        if op.partials:
            return self.map(lambda *row: namespace.apply(op, row), *xs)
        if not xs:  # zeros, eye, linspace: data
            from autodiff.backends import array

            return self.lift(np.asarray(op.value(array, **static)))
        rule = op.meaning or op.value
        return self.lift(rule(self, *[self.lift(x) for x in xs], **static))

    # ---- what computes with several elements

    def fold(
        self, x: Any, axis: Any, keepdims: bool, along: Callable[[list[Any]], Any]
    ) -> Elements:
        """A reduction: ``along`` takes a list of formulas to one."""
        array = self.lift(x).array
        axes = tuple(range(array.ndim)) if axis is None else axis
        axes = tuple(a % array.ndim for a in (axes if isinstance(axes, tuple) else (axes,)))
        kept = [a for a in range(array.ndim) if a not in axes]
        shape = tuple(array.shape[a] for a in kept)
        width = math.prod(array.shape[a] for a in axes)
        rows = array.transpose(*kept, *axes).reshape(math.prod(shape), width)
        self.spend(rows.size)
        out = np.empty(len(rows), object)
        for k, row in enumerate(rows):
            out[k] = along(list(row))
        if keepdims:
            shape = tuple(1 if a in axes else n for a, n in enumerate(array.shape))
        return Elements(self, out.reshape(shape))

    def sum(self, x: Any, axis: Any = None, keepdims: bool = False) -> Elements:
        return self.fold(x, axis, keepdims, _sum)

    def prod(self, x: Any, axis: Any = None, keepdims: bool = False) -> Elements:
        return self.fold(x, axis, keepdims, lambda row: _chain(namespace.times, row))

    def max(self, x: Any, axis: Any = None, keepdims: bool = False) -> Elements:
        return self.fold(x, axis, keepdims, lambda row: _chain(namespace.maximum, row))

    def min(self, x: Any, axis: Any = None, keepdims: bool = False) -> Elements:
        return self.fold(x, axis, keepdims, lambda row: _chain(namespace.minimum, row))

    def norm(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return self.sqrt(self.sum(x * x, axis=axis, keepdims=keepdims))

    def cumsum(self, x: Any, axis: int) -> Elements:
        columns = np.moveaxis(self.lift(x).array, axis, 0).copy()
        self.spend(columns.size)
        for k in range(1, len(columns)):
            # [()]: of a vector, the formula itself and no array around it.
            columns[k] = self.map(lambda a, b: a + b, columns[k - 1], columns[k]).array[()]
        return Elements(self, np.moveaxis(columns, 0, axis))

    def matmul(self, x: Any, y: Any) -> Elements:
        a, b = self.lift(x).array, self.lift(y).array
        left, right = a.ndim == 1, b.ndim == 1
        a = a[None, :] if left else a
        b = b[:, None] if right else b
        pairs = self.map(lambda p, q: p * q, a[..., :, :, None], b[..., None, :, :])
        out = self.sum(pairs, axis=-2).array
        out = out[..., 0, :] if left else out
        return Elements(self, out[..., 0] if right else out)

    def whole(self, op: Op, *xs: Any) -> Elements:
        return self.map(lambda *row: namespace.apply(op, row), *xs)

    def polygamma(self, n: int, x: Any) -> Elements:
        return self.map(lambda a: namespace.polygamma(n, a), x)

    # ---- what moves elements

    def shape(self, x: Any) -> tuple[int, ...]:
        return x.shape if isinstance(x, Elements) else tuple(np.shape(x))

    def full(self, shape: tuple[int, ...], value: float) -> Elements:
        return self.lift(np.full(shape, float(value)))

    def eye(self, n: int, columns: int) -> Elements:
        return self.lift(np.eye(n, columns))

    def ones_like(self, x: Any) -> Elements:
        return self.full(self.shape(x), 1.0)

    def zeros_like(self, x: Any) -> Elements:
        return self.full(self.shape(x), 0.0)

    def broadcast_to(self, x: Any, shape: tuple[int, ...]) -> Elements:
        self.spend(math.prod(shape))
        return Elements(self, np.broadcast_to(self.lift(x).array, shape))

    def reshape(self, x: Any, shape: tuple[int, ...]) -> Elements:
        return Elements(self, self.lift(x).array.reshape(shape))

    def transpose(self, x: Any, axes: Any) -> Elements:
        return Elements(self, self.lift(x).array.transpose(axes))

    def tril(self, x: Any, k: int = 0) -> Elements:
        array = self.lift(x).array
        return Elements(self, np.where(lower(array.shape, k), array, self.lift(0).array))

    def triu(self, x: Any, k: int = 0) -> Elements:
        array = self.lift(x).array
        return Elements(self, np.where(lower(array.shape, k - 1), self.lift(0).array, array))

    def flip(self, x: Any, axis: int) -> Elements:
        return Elements(self, np.flip(self.lift(x).array, axis))

    def stack(self, xs: Sequence[Any], axis: int = 0) -> Elements:
        return Elements(self, np.stack([self.lift(x).array for x in xs], axis))

    def concat(self, xs: Sequence[Any], axis: int = 0) -> Elements:
        return Elements(self, np.concatenate([self.lift(x).array for x in xs], axis))

    def getitem(self, x: Any, index: Any) -> Elements:
        taken = self.lift(x).array[index]
        return self.lift(taken) if isinstance(taken, Formula) else Elements(self, taken)

    def scatter(self, x: Any, index: Any, shape: tuple[int, ...]) -> Elements:
        out = self.full(shape, 0.0).array
        places = np.arange(out.size).reshape(shape)[index]
        if len(np.unique(places)) != places.size:
            raise Beyond("scatter to repeated positions is not written out")
        out[index] = self.lift(x).array
        return Elements(self, out)


def _sum(row: list[Any]) -> Formula:
    return Formula(sympy.Add(*[x.expr for x in row]), sum(x.size + 1 for x in row))


def _chain(function: Any, row: list[Any]) -> Any:
    """``f(f(a, b), c)`` of an associative f."""
    if not row:
        raise Beyond("a reduction of nothing")
    out = row[0]
    for x in row[1:]:
        out = function(out, x)
    return out
