"""Steps that need not be done, or can be done by less.

Scaling by a power of two and changing a sign round nothing, so they may go before a rounding or
after it: but for the sign of a zero, and for numbers within `WIDEST` of the largest or the smallest
float, such rules give the very same number. Sums alone are taken in another order.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autodiff.compiled.functions import row_products
from autodiff.compiled.values import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from autodiff.compiled.values import Value
    from autodiff.compiled.writer import Writer


WIDEST = 2.0**16


def exact(c: float) -> bool:
    """Whether multiplying by ``c`` is exact: ± a power of two, and not one of the extreme ones."""
    return 1 / WIDEST <= abs(c) <= WIDEST and abs(math.frexp(c)[0]) == 0.5


def scaled(x: Value) -> tuple[float, Value]:
    """The number and the other factor, where ``x`` is a product with a number; else 1 and it."""
    if x.kind is Kind.MAP and x.call is np.multiply:
        c = x.operands[0].number
        if c is not None:
            return c, x.operands[1]
    return 1.0, x


def exactly_scaled(x: Value) -> tuple[float, Value]:
    """`scaled`, by numbers alone that round nothing."""
    c, inner = scaled(x)
    return (c, inner) if exact(c) else (1.0, x)


def multiply(w: Writer, a: Value, b: Value) -> Value | None:
    """One number at most, in front; exact ones outermost, and so is the sign of another."""
    if b.number is not None:
        return w.map(np.multiply, b, a)
    if a.number is None:
        (c, a_inner), (d, b_inner) = exactly_scaled(a), exactly_scaled(b)
        if b_inner is b and (a_inner is a or a.size < b.size):
            return None
        if a_inner is a and b.size < a.size:
            return None
        if a.size < b.size:  # the fewer are scaled
            return w.map(np.multiply, w.map(np.multiply, c * d, a_inner), b_inner)
        if b.size < a.size:
            return w.map(np.multiply, a_inner, w.map(np.multiply, c * d, b_inner))
        return w.map(np.multiply, c * d, w.map(np.multiply, a_inner, b_inner))
    if a.number == 1 and b.dtype.kind == "f":
        return b
    c, inner = scaled(b)
    if inner is not b and (exact(a.number) or exact(c)):
        product = a.number * c
        whole = product / a.number == c if exact(a.number) else product / c == a.number
        if not whole or (a.number == -1 and c > 0 and not exact(c)):
            return None  # too large or too small a number; or a sign, which stays outermost
        return w.map(np.multiply, product, inner)
    if a.number < 0 and not exact(a.number):
        return w.map(np.multiply, -1.0, w.map(np.multiply, -a.number, b))
    return None


def negative(w: Writer, x: Value) -> Value | None:
    return w.map(np.multiply, -1.0, x)


def add(w: Writer, a: Value, b: Value) -> Value | None:
    """2a ± 2b is 2(a ± b), and so on."""
    (c, a_inner), (d, b_inner) = exactly_scaled(a), exactly_scaled(b)
    if c == -1 != d:
        return w.map(np.subtract, b, a_inner)
    if d == -1 != c:
        return w.map(np.subtract, a, b_inner)
    if abs(c) == abs(d) != 1 or c == d == -1:
        ufunc = np.add if c == d else np.subtract
        return w.map(np.multiply, c, w.map(ufunc, a_inner, b_inner))
    return None


def subtract(w: Writer, a: Value, b: Value) -> Value | None:
    (c, a_inner), (d, b_inner) = exactly_scaled(a), exactly_scaled(b)
    if d == -1 != c:
        return w.map(np.add, a, b_inner)
    if abs(c) == abs(d) and (c, d) != (1, 1):
        ufunc = np.subtract if c == d else np.add
        return w.map(np.multiply, c, w.map(ufunc, a_inner, b_inner))
    return None


def divide(w: Writer, a: Value, b: Value) -> Value | None:
    (c, a_inner), (d, b_inner) = exactly_scaled(a), exactly_scaled(b)
    if b.number is not None and exact(b.number):
        return w.map(np.multiply, 1 / b.number, a)
    if a.number is None and (c, d) != (1, 1) and exact(c / d):
        return w.map(np.multiply, c / d, w.map(np.divide, a_inner, b_inner))
    return None


def not_equal(w: Writer, a: Value, b: Value) -> Value | None:
    """The condition that was made 1 and 0, and is a condition again."""
    if b.number == 0 and a.kind is Kind.MAP and a.name == "as_numbers":
        return a.operands[0]
    return None


RULES: dict[Any, Callable[..., Value | None]] = {
    np.multiply: multiply,
    np.negative: negative,
    np.add: add,
    np.subtract: subtract,
    np.divide: divide,
    np.not_equal: not_equal,
}


def folded(w: Writer, ufunc: Any, x: Value, axes: tuple[int, ...]) -> Value | None:
    """A reduction, of which the axes are kept as 1. Sums may be taken in another order."""
    if all(x.shape[axis] == 1 for axis in axes):
        return x
    if ufunc is not np.add:
        return None
    c, inner = exactly_scaled(x)
    if inner is not x:
        return w.map(np.multiply, c, w.fold(ufunc, inner, axes))
    rank = len(x.shape)
    if len(axes) > 1 or rank < 2 or axes[0] < rank - 2:
        return None
    rows = axes[0] == rank - 2
    if rows and x.call is np.matmul and len(x.operands[0].shape) == rank:
        left, right = x.operands  # Σᵢ (A B)ᵢ = (Σᵢ Aᵢ) B
        return w.matmul(w.fold(ufunc, left, axes), right)
    return _product_sum(w, x, rows)


def _product_sum(w: Writer, x: Value, rows: bool) -> Value | None:
    """Σ a·b over the last axis, or that of the rows, where that is a product of matrices.

    It is one if a or b does not vary along the other of the two. If both do, over a short last axis
    it is still one call, which sums no worse than NumPy's own: that adds up 128 at a time.
    """
    if x.kind is not Kind.MAP or x.call not in (np.multiply, np.square):
        return None
    a, b = x.operands * 2 if x.call is np.square else x.operands
    other = -1 if rows else -2
    for one, two in ((a, b), (b, a)):
        full = len(one.shape) == len(two.shape) == len(x.shape) and two.shape == x.shape
        if full and one.shape[other] == 1 < x.shape[other]:
            turned = w.transpose(one, (*range(len(x.shape) - 2), -1, -2))
            return w.matmul(turned, two) if rows else w.matmul(two, turned)
    if rows or a.shape != b.shape or x.shape[-1] > 128:
        return None
    found = w.call("row products", row_products, (a, b), x.shape[:-1])
    return w.reshape(found, (*x.shape[:-1], 1))
