"""norm, with NumPy's orders of vectors and matrices that have a derivative."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from autodiff.ops.base import Kink, Op, spread
from autodiff.ops.linalg import swapped
from autodiff.ops.spectral import above_zero, singular, singular_side, singular_written_out

TIE = 2.0**-44  # as in `spectral`


class Norm(NamedTuple):
    """Which norm is meant: ``kind`` is two, sum, power, sums, singular or nuclear.

    ``p`` is the exponent of a power; for the others 1 where the largest is taken, and -1 where
    the smallest is. Of ``axes`` a sum over the first comes before the choice along the second.
    """

    kind: str
    p: float
    axes: tuple[int, ...]


def _meant(shape: tuple[int, ...], ord: Any, axis: Any) -> Norm:
    """ValueError for an order that NumPy does not have, or that has no derivative."""
    named = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(a % len(shape) for a in named)
    if ord is None:
        return Norm("two", 2, axes)
    number = isinstance(ord, int | float) and not isinstance(ord, bool)
    if len(axes) == 1 and number:
        if ord == 2:
            return Norm("two", 2, axes)
        if ord == 1:
            return Norm("sum", 1, axes)
        if abs(ord) == math.inf:
            return Norm("largest", math.copysign(1, ord), axes)
        if ord > 1:
            return Norm("power", ord, axes)
        raise ValueError(f"norm: ord={ord} of a vector is none below 1 but -inf")
    if len(axes) == 2:
        rows, columns = axes
        if ord == "fro":
            return Norm("two", 2, axes)
        if ord == "nuc":
            return Norm("nuclear", 1, axes)
        if number and abs(ord) == 2:
            return Norm("singular", math.copysign(1, ord), axes)
        if number and abs(ord) == 1:
            return Norm("sums", math.copysign(1, ord), (rows, columns))
        if number and abs(ord) == math.inf:
            return Norm("sums", math.copysign(1, ord), (columns, rows))
        raise ValueError(f"norm: ord={ord} of a matrix is none of ±1, ±2, ±inf, 'fro', 'nuc'")
    if len(axes) < 2:
        raise ValueError(f"norm: ord={ord} is for matrices")
    raise ValueError(f"norm: ord={ord} is for vectors and matrices, not for {len(axes)} axes")


def _extreme(m: Any, p: float) -> Any:
    return m.max if p > 0 else m.min


def _matrices(m: Any, x: Any, axes: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    """x with the two axes last, and the order that puts them back."""
    rest = [a for a in range(len(m.shape(x))) if a not in axes]
    order = (*rest, *axes)
    return m.transpose(x, order), tuple(sorted(range(len(order)), key=order.__getitem__))


def _finished(m: Any, y: Any, x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    """A result without its reduced axes, in the shape that is asked for."""
    if not keepdims:
        return y
    return m.reshape(y, tuple(1 if a in axes else n for a, n in enumerate(m.shape(x))))


def _from_singular(m: Any, s: Any, norm: Norm) -> Any:
    if norm.kind == "nuclear":
        return m.sum(s, axis=-1)
    return m.getitem(s, (Ellipsis, 0 if norm.p > 0 else -1))


def _value(m: Any, x: Any, norm: Norm, keepdims: bool, values: Any) -> Any:
    kind, p, axes = norm
    if kind == "two":
        return m.norm(x, axis=axes, keepdims=keepdims)
    if kind == "sum":
        return m.sum(m.abs(x), axis=axes, keepdims=keepdims)
    if kind == "largest":
        return _extreme(m, p)(m.abs(x), axis=axes, keepdims=keepdims)
    if kind == "power":
        # By the largest element: its p-th power may be infinite, or 0.
        size = m.abs(x)
        top = m.max(size, axis=axes, keepdims=True)
        total = m.sum(m.power(m.ratio(size, top), p), axis=axes, keepdims=True)
        y = m.times(top, m.power(total, m.ratio(1, p)))
        return y if keepdims else m.sum(y, axis=axes)  # drops axes of length 1
    if kind == "sums":
        sums = m.sum(m.abs(x), axis=axes[0], keepdims=True)
        return _extreme(m, p)(sums, axis=axes, keepdims=keepdims)
    last, _ = _matrices(m, x, axes)
    return _finished(m, _from_singular(m, values(m, last), norm), x, axes, keepdims)


def _norm(m: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    norm = _meant(m.shape(x), ord, axis)
    return _value(m, x, norm, keepdims, lambda m, x: singular(m, x)[1])


def _defined(m: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    norm = _meant(m.shape(x), ord, axis)
    if norm.kind == "two":
        return m.sqrt(m.sum(x * x, axis=norm.axes, keepdims=keepdims))
    if norm.kind == "power":
        total = m.sum(m.power(m.abs(x), norm.p), axis=norm.axes, keepdims=keepdims)
        return m.power(total, m.ratio(1, norm.p))
    return _value(m, x, norm, keepdims, singular_written_out)


def _tied(m: Any, y: Any, x: Any, norm: Norm) -> Any:
    """1 where an element (or its row or column) is the extreme; y keeps its axes as 1."""
    if norm.kind == "sums":
        return m.where(m.sum(m.abs(x), axis=norm.axes[0], keepdims=True) == y, 1, 0)
    return m.where(m.abs(x) == y, 1, 0)


def _top(m: Any, s: Any, p: float) -> Any:
    """1 at the singular values that are the largest, or the smallest."""
    limit = TIE * m.max(s, axis=-1, keepdims=True)
    return m.where(m.abs(s - _extreme(m, p)(s, axis=-1, keepdims=True)) <= limit, 1, 0)


def _weight(
    m: Any, y: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False
) -> Any:
    norm = _meant(m.shape(x), ord, axis)
    kind, p, axes = norm
    if kind == "two":
        return m.ratio(x, y)
    if kind == "sum":
        return m.sign(x)
    if kind == "power":
        return m.sign(x) * m.power(m.ratio(m.abs(x), y), p - 1)
    if kind in ("largest", "sums"):  # ties share equally
        tied = _tied(m, y, x, norm)
        return m.sign(x) * (tied / m.sum(tied, axis=axes, keepdims=True))
    last, back = _matrices(m, x, axes)
    u, s, v = singular(m, last)
    share = above_zero(m, s)
    if kind == "singular":
        top = _top(m, s, p)
        share = share * (top / m.sum(top, axis=-1, keepdims=True))
    columns = u * m.reshape(share, (*m.shape(share)[:-1], 1, m.shape(share)[-1]))
    return m.transpose(m.matmul(columns, swapped(m, v)), back)


def _at(m: Any, y: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    norm = _meant(m.shape(x), ord, axis)
    kind, p, axes = norm
    if kind in ("two", "power"):
        return y == 0
    if kind == "sum":
        return m.sum(m.where(x == 0, 1, 0), axis=axes, keepdims=keepdims) > 0
    if kind in ("largest", "sums"):
        tied = _tied(m, spread(m, y, m.shape(x), axes, keepdims), x, norm)
        # One of several, or with an element of its own at 0.
        bent = m.max(m.where(x == 0, tied, 0), axis=axes, keepdims=keepdims)
        return m.sum(tied, axis=axes, keepdims=keepdims) + bent > 1
    s = singular(m, _matrices(m, x, axes)[0])[1]
    zero = 1 - above_zero(m, s)
    if kind == "singular":
        top = _top(m, s, p)
        bends = m.sum(top, axis=-1) + m.max(zero * top, axis=-1) > 1
    else:
        bends = m.max(zero, axis=-1) > 0
    return _finished(m, bends, x, axes, keepdims)


def _side(
    m: Any, y: Any, xs: Any, dxs: Any, ord: Any = None, axis: Any = None, keepdims: bool = False
) -> Any:
    (x,), (dx,) = xs, dxs
    norm = _meant(m.shape(x), ord, axis)
    kind, p, axes = norm
    if kind in ("two", "power"):
        return _norm(m, dx, ord, axis, keepdims)
    if kind in ("singular", "nuclear"):
        sides = singular_side(m, _matrices(m, x, axes)[0], _matrices(m, dx, axes)[0])
        return _finished(m, _from_singular(m, sides, norm), x, axes, keepdims)
    rise = m.where(x == 0, m.abs(dx), m.sign(x) * dx)
    if kind == "sum":
        return m.sum(rise, axis=axes, keepdims=keepdims)
    tied = _tied(m, spread(m, y, m.shape(x), axes, keepdims), x, norm)
    if kind == "sums":
        rise = m.sum(rise, axis=axes[0], keepdims=True)
    beaten = -m.inf if p > 0 else m.inf
    return _extreme(m, p)(m.where(tied, rise, beaten), axis=axes, keepdims=keepdims)


ROWS = (
    Op(
        "norm",
        "x, $ord=None, @axis=None, @keepdims=False",
        value=_norm,
        meaning=_defined,
        weight=_weight,
        kink=Kink("at 0; for other orders than 2 also at ties and zeros", at=_at, side=_side),
        text="x/norm(x); sign(x) for ord=1, sign(x)·(|x|/norm(x))**(p − 1) for ord=p, sign(x) at "
        "the extreme for ±inf and a matrix's ±1; u·vᵀ of singular vectors for ±2 and 'nuc'",
    ),
)
