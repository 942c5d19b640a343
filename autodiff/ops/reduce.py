"""Reductions over all elements or along axes, and what runs along one axis."""

from __future__ import annotations

import math
from typing import Any

from autodiff.ops.base import Kink, Op, spread


def _axes(shape: tuple[int, ...], axis: Any) -> tuple[int, ...]:
    """The axes that ``axis`` names, counted from the front."""
    if axis is None:
        return tuple(range(len(shape)))
    return tuple(a % len(shape) for a in (axis if isinstance(axis, tuple) else (axis,)))


def _count(m: Any, x: Any, axis: Any, ddof: int = 0) -> int:
    """How many elements go into one of the result's, less ``ddof``."""
    shape: tuple[int, ...] = m.shape(x)
    n = math.prod(shape[a] for a in _axes(shape, axis))
    if n <= ddof:
        raise ValueError(f"needs more than {ddof} elements, and has {n}")
    return n - ddof


def _deviations(m: Any, x: Any, axis: Any) -> Any:
    return x - m.sum(x, axis=axis, keepdims=True) / _count(m, x, axis)


def _var(m: Any, x: Any, axis: Any = None, keepdims: bool = False, ddof: int = 0) -> Any:
    # Two passes: mean(x²) - mean(x)² is 0 for 1e8 + {1, 2, 3}.
    d = _deviations(m, x, axis)
    return m.sum(d * d, axis=axis, keepdims=keepdims) / _count(m, x, axis, ddof)


def _std(m: Any, x: Any, axis: Any = None, keepdims: bool = False, ddof: int = 0) -> Any:
    d = _deviations(m, x, axis)
    return m.norm(d, axis=axis, keepdims=keepdims) / m.sqrt(_count(m, x, axis, ddof))


def _tied(m: Any, y: Any, x: Any) -> Any:
    """1 at the elements that are the extreme, of which y keeps its reduced axes as 1."""
    return m.where(x == y, 1, 0)


def _share(m: Any, y: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Ties share equally: of all the slopes a tie allows, the one of smallest norm."""
    tied = _tied(m, y, x)
    return tied / m.sum(tied, axis=axis, keepdims=True)


def _at_tie(m: Any, y: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    tied = _tied(m, spread(m, y, m.shape(x), axis, keepdims), x)
    return m.sum(tied, axis=axis, keepdims=keepdims) > 1


def _max_side(m: Any, y: Any, xs: Any, dxs: Any, axis: Any = None, keepdims: bool = False) -> Any:
    kept = spread(m, y, m.shape(xs[0]), axis, keepdims)
    return m.max(m.where(xs[0] == kept, dxs[0], -m.inf), axis=axis, keepdims=keepdims)


def _min_side(m: Any, y: Any, xs: Any, dxs: Any, axis: Any = None, keepdims: bool = False) -> Any:
    kept = spread(m, y, m.shape(xs[0]), axis, keepdims)
    return m.min(m.where(xs[0] == kept, dxs[0], m.inf), axis=axis, keepdims=keepdims)


def _product_of_others(m: Any, y: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """For each element the product of all others. Not y / x: x may be 0.

    Products are taken pairwise up a tree; on the way down each child is multiplied by what
    its sibling and everything outside their parent make. Multiplications alone, so zeros
    need no cases, and the rule's own derivative is right at zeros too.
    """
    shape = m.shape(x)
    axes = _axes(shape, axis)
    kept = tuple(i for i in range(len(shape)) if i not in axes)
    order = kept + axes
    n = math.prod(shape[a] for a in axes)
    if math.prod(shape) == 0:
        return x
    rows = m.reshape(m.transpose(x, order), (*(shape[a] for a in kept), n))
    levels = []
    while n > 1:
        if n % 2:
            one = m.full((*(shape[a] for a in kept), 1), 1)
            rows = m.concat([rows, one], axis=len(kept))
        left = m.getitem(rows, (Ellipsis, slice(0, None, 2)))
        right = m.getitem(rows, (Ellipsis, slice(1, None, 2)))
        levels.append((left, right, n))
        rows = left * right
        n = (n + 1) // 2
    outside = m.ones_like(rows)
    for left, right, size in reversed(levels):
        both = m.stack([outside * right, outside * left], axis=len(kept) + 1)
        wide = m.reshape(both, (*(shape[a] for a in kept), size + size % 2))
        outside = m.getitem(wide, (Ellipsis, slice(0, size))) if size % 2 else wide
    back = tuple(sorted(range(len(order)), key=order.__getitem__))
    return m.transpose(m.reshape(outside, tuple(shape[a] for a in order)), back)


def _finite_max(m: Any, x: Any, axis: Any) -> Any:
    """The largest element, or 0 where that is infinite: what to subtract before exp."""
    top = m.max(x, axis=axis, keepdims=True)
    return m.where(m.abs(top) < m.inf, top, 0)


def _shifted(m: Any, x: Any, axis: Any) -> tuple[Any, Any, Any]:
    """The shift c, x - c, and log(sum(exp(x - c))).

    The largest elements are left out of the sum and come back by log1p: of [0, -50] the
    result is 1.9e-22, and log(1 + 1.9e-22) is 0.
    """
    c = _finite_max(m, x, axis)
    d = x - c
    n = m.sum(m.where(d == 0, 1, 0), axis=axis, keepdims=True)
    rest = m.sum(m.where(d == 0, 0, m.exp(d)), axis=axis, keepdims=True)
    # n is 0 where c is not the largest: a row of -inf, or one with +inf in it.
    some, left = m.where(n == 0, 1, n), m.where(n == 0, rest, 1)
    return c, d, m.log(some * left) + m.where(n == 0, 0, m.log1p(rest / some))


def _logsumexp(m: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    c, _, log_sum = _shifted(m, x, axis)
    total = c + log_sum
    # The reduced axes are 1 by now: this sum only drops them.
    return total if keepdims else m.sum(total, axis=axis)


def _logsumexp_weight(m: Any, y: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    # Not exp(x - y): y at 1e3 is known to 1e-13 only. ratio: a row of -inf has slope 0.
    e = m.exp(x - _finite_max(m, x, axis))
    return m.ratio(e, m.sum(e, axis=axis, keepdims=True))


def _softmax(m: Any, x: Any, axis: Any = -1) -> Any:
    e = m.exp(x - _finite_max(m, x, axis))
    return e / m.sum(e, axis=axis, keepdims=True)


def _softmax_jvp(m: Any, dxs: Any, y: Any, xs: Any, axis: Any = -1) -> Any:
    return y * (dxs[0] - m.sum(y * dxs[0], axis=axis, keepdims=True))


def _softmax_bound(m: Any, seed: Any, y: Any, xs: Any, slot: int, axis: Any = -1) -> Any:
    """Of the two terms apart: in float64 that, not 1 - y, is what rounding is measured on."""
    return y * (seed + m.sum(y * seed, axis=axis, keepdims=True))


def log_softmax(m: Any, x: Any, axis: Any = -1) -> Any:
    _, d, log_sum = _shifted(m, x, axis)
    return d - log_sum


def _log_softmax_jvp(m: Any, dxs: Any, y: Any, xs: Any, axis: Any = -1) -> Any:
    return dxs[0] - m.sum(m.exp(y) * dxs[0], axis=axis, keepdims=True)


ROWS = (
    Op(
        "sum",
        "x, @axis=None, @keepdims=False",
        value=lambda m, x, axis=None, keepdims=False: m.sum(x, axis=axis, keepdims=keepdims),
        weight=lambda m, y, x, axis=None, keepdims=False: 1,
        text="1",
    ),
    Op(
        "mean",
        "x, @axis=None, @keepdims=False",
        value=lambda m, x, axis=None, keepdims=False: (
            m.sum(x, axis=axis, keepdims=keepdims) / _count(m, x, axis)
        ),
        weight=lambda m, y, x, axis=None, keepdims=False: m.ratio(1, _count(m, x, axis)),
        text="1/n",
    ),
    Op(
        "prod",
        "x, @axis=None, @keepdims=False",
        value=lambda m, x, axis=None, keepdims=False: m.prod(x, axis=axis, keepdims=keepdims),
        weight=_product_of_others,
        textbook=(lambda m, y, x, axis=None, keepdims=False: y / x,),
        text="the product of all others",
    ),
    Op(
        "max",
        "x, @axis=None, @keepdims=False",
        value=lambda m, x, axis=None, keepdims=False: m.max(x, axis=axis, keepdims=keepdims),
        weight=_share,
        textbook=(lambda m, y, x, axis=None, keepdims=False: m.where(x == y, 1, 0),),
        kink=Kink("where two elements tie", at=_at_tie, side=_max_side),
        aliases=("amax",),
        text="1 at the largest, else 0; ties share equally",
    ),
    Op(
        "min",
        "x, @axis=None, @keepdims=False",
        value=lambda m, x, axis=None, keepdims=False: m.min(x, axis=axis, keepdims=keepdims),
        weight=_share,
        textbook=(lambda m, y, x, axis=None, keepdims=False: m.where(x == y, 1, 0),),
        kink=Kink("where two elements tie", at=_at_tie, side=_min_side),
        aliases=("amin",),
        text="1 at the smallest, else 0; ties share equally",
    ),
    Op(
        "var",
        "x, @axis=None, @keepdims=False, @ddof=0",
        value=_var,
        weight=lambda m, y, x, axis=None, keepdims=False, ddof=0: (
            2 * _deviations(m, x, axis) / _count(m, x, axis, ddof)
        ),
        text="2·(x − mean(x))/(n − ddof)",
    ),
    Op(
        "std",
        "x, @axis=None, @keepdims=False, @ddof=0",
        value=_std,
        weight=lambda m, y, x, axis=None, keepdims=False, ddof=0: (
            m.ratio(_deviations(m, x, axis), y) / _count(m, x, axis, ddof)
        ),
        kink=Kink(
            "where all elements are equal",
            at=lambda m, y, x, axis=None, keepdims=False, ddof=0: y == 0,
            side=lambda m, y, xs, dxs, axis=None, keepdims=False, ddof=0: _std(
                m, dxs[0], axis, keepdims, ddof
            ),
        ),
        text="(x − mean(x))/((n − ddof)·std(x))",
    ),
    Op(
        "logsumexp",
        "x, @axis=None, @keepdims=False",
        value=_logsumexp,
        weight=_logsumexp_weight,
        textbook=(lambda m, y, x, axis=None, keepdims=False: m.exp(x - y),),
        meaning=lambda m, x, axis=None, keepdims=False: m.log(
            m.sum(m.exp(x), axis=axis, keepdims=keepdims)
        ),
        text="softmax(x)",
    ),
    Op(
        "softmax",
        "x, @axis=-1",
        value=_softmax,
        vjp=lambda m, seed, y, xs, slot, axis=-1: _softmax_jvp(m, (seed,), y, xs, axis),
        jvp=_softmax_jvp,
        bound=_softmax_bound,
        meaning=lambda m, x, axis=-1: m.exp(x) / m.sum(m.exp(x), axis=axis, keepdims=True),
        text="diag(y) − y·yᵀ",
    ),
    Op(
        "log_softmax",
        "x, @axis=-1",
        value=log_softmax,
        vjp=lambda m, seed, y, xs, slot, axis=-1: (
            seed - m.exp(y) * m.sum(seed, axis=axis, keepdims=True)
        ),
        jvp=_log_softmax_jvp,
        bound=lambda m, seed, y, xs, slot, axis=-1: (
            seed + m.exp(y) * m.sum(seed, axis=axis, keepdims=True)
        ),
        meaning=lambda m, x, axis=-1: x - m.log(m.sum(m.exp(x), axis=axis, keepdims=True)),
        text="I − 1·softmax(x)ᵀ",
    ),
)
