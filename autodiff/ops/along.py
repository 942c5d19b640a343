"""What runs along one axis and keeps its length: running sums and products, sorting."""

from __future__ import annotations

import math
from typing import Any

from autodiff.ops.base import Kink, Op
from autodiff.ops.shape import axis_of

NETWORK = 64  # a longer axis is not sorted by comparing neighbours: n²/2 of them


def _flat(m: Any, x: Any, axis: Any) -> tuple[Any, int]:
    """x and the axis to run along, counted from the front; ``None`` runs along all elements."""
    if axis is None:
        return m.reshape(x, (-1,)), 0
    return x, axis_of(axis, len(m.shape(x)))


def _part(m: Any, x: Any, axis: int, start: Any, stop: Any, step: Any = None) -> Any:
    return m.getitem(x, (slice(None),) * axis + (slice(start, stop, step),))


def _shifted(m: Any, x: Any, axis: int, by: int, filler: int) -> Any:
    """x moved by ``by`` places towards the end of ``axis`` (below 0: the start)."""
    shape = m.shape(x)
    filled = m.full((*shape[:axis], abs(by), *shape[axis + 1 :]), filler)
    if by > 0:
        return m.concat([filled, _part(m, x, axis, None, -by)], axis)
    return m.concat([_part(m, x, axis, -by, None), filled], axis)


def _cumsum(m: Any, x: Any, axis: Any = None) -> Any:
    return m.cumsum(*_flat(m, x, axis))


def _cumsum_vjp(m: Any, seed: Any, y: Any, xs: Any, slot: int, axis: Any = None) -> Any:
    along = 0 if axis is None else axis
    back = m.flip(m.cumsum(m.flip(seed, along), along), along)
    return m.reshape(back, m.shape(xs[0])) if axis is None else back


def _cumprod(m: Any, x: Any, axis: Any = None) -> Any:
    return m.cumprod(*_flat(m, x, axis))


def _doubled_products(m: Any, x: Any, axis: Any = None) -> Any:
    """Running products by doubling: after k rounds each is one of 2^k elements."""
    y, along = _flat(m, x, axis)
    n, reach = m.shape(y)[along], 1
    while reach < n:
        y = y * _shifted(m, y, along, reach, 1)
        reach *= 2
    return y


def _recurrence(m: Any, factor: Any, term: Any, axis: int) -> Any:
    """s with s[i] = term[i] + factor[i]·s[i − 1], by doubling.

    Affine maps are composed, so nothing is divided by: products with zeros need no cases.
    """
    n, reach = m.shape(term)[axis], 1
    while reach < n:
        term = term + factor * _shifted(m, term, axis, reach, 0)
        factor = factor * _shifted(m, factor, axis, reach, 1)
        reach *= 2
    return term


def _cumprod_jvp(m: Any, dxs: Any, y: Any, xs: Any, axis: Any = None) -> Any:
    x, along = _flat(m, xs[0], axis)
    dx, _ = _flat(m, dxs[0], axis)
    # dy[i] = dx[i]·y[i-1] + x[i]·dy[i-1]
    return _recurrence(m, x, dx * _shifted(m, y, along, 1, 1), along)


def _cumprod_vjp(m: Any, seed: Any, y: Any, xs: Any, slot: int, axis: Any = None) -> Any:
    # Not cumsum(seed·y) from the end, over x: x may be 0.
    x, along = _flat(m, xs[0], axis)
    later = m.flip(_shifted(m, x, along, -1, 0), along)
    sums = m.flip(_recurrence(m, later, m.flip(seed, along), along), along)
    return m.reshape(sums * _shifted(m, y, along, 1, 1), m.shape(xs[0]))


def _cumprod_textbook(m: Any, seed: Any, y: Any, xs: Any, slot: int, axis: Any = None) -> Any:
    x, _ = _flat(m, xs[0], axis)
    return m.reshape(_cumsum_vjp(m, seed * y, y, [x], 0, axis) / x, m.shape(xs[0]))


def _sort(m: Any, x: Any, axis: Any = -1) -> Any:
    return m.sort(*_flat(m, x, axis))


def _network(m: Any, x: Any, axis: Any = -1) -> Any:
    """Sorting by maximum and minimum alone: neighbours in turn (odd-even transposition)."""
    x, along = _flat(m, x, axis)
    n = m.shape(x)[along]
    if n > NETWORK:
        return m.sort(x, along)
    for turn in range(n if math.prod(m.shape(x)) else 0):
        start = turn % 2
        stop = start + (n - start) // 2 * 2
        if stop == start:
            continue
        a = _part(m, x, along, start, stop, 2)
        b = _part(m, x, along, start + 1, stop, 2)
        pair = m.stack([m.minimum(a, b), m.maximum(a, b)], along + 1)
        shape = m.shape(x)
        middle = m.reshape(pair, (*shape[:along], stop - start, *shape[along + 1 :]))
        x = m.concat([_part(m, x, along, 0, start), middle, _part(m, x, along, stop, None)], along)
    return x


def _sort_vjp(m: Any, seed: Any, y: Any, xs: Any, slot: int, axis: Any = -1) -> Any:
    # Ties share equally: of all orders a tie allows, the average has the smallest norm.
    x, along = _flat(m, xs[0], axis)
    back = m.argsort(m.argsort(x, along), along)
    shared = m.tied_mean(seed, m.sort(x, along), along, 0)
    return m.reshape(m.take_along(shared, back, along), m.shape(xs[0]))


def _sort_textbook(m: Any, seed: Any, y: Any, xs: Any, slot: int, axis: Any = -1) -> Any:
    x, along = _flat(m, xs[0], axis)
    back = m.argsort(m.argsort(x, along), along)
    return m.reshape(m.take_along(seed, back, along), m.shape(xs[0]))


def _sort_jvp(m: Any, dxs: Any, y: Any, xs: Any, axis: Any = -1) -> Any:
    x, along = _flat(m, xs[0], axis)
    dx, _ = _flat(m, dxs[0], axis)
    return m.tied_mean(m.take_along(dx, m.argsort(x, along), along), y, along, 0)


def _sort_tied(m: Any, y: Any, x: Any, axis: Any = -1) -> Any:
    along = 0 if axis is None else axis_of(axis, len(m.shape(x)))
    if not math.prod(m.shape(y)):
        return m.zeros_like(y) > 0
    before = m.where(_shifted(m, y, along, 1, 0) == y, 1, 0)
    first = m.full(m.shape(_part(m, y, along, 0, 1)), 0)
    same = m.concat([first, _part(m, before, along, 1, None)], along)  # as the one before it
    return same + _shifted(m, same, along, -1, 0) > 0


def _sort_side(m: Any, y: Any, xs: Any, dxs: Any, axis: Any = -1) -> Any:
    """Among equals the tangents are sorted: just off the point they decide the order."""
    x, along = _flat(m, xs[0], axis)
    dx, _ = _flat(m, dxs[0], axis)
    order = m.argsort(dx, along)
    x, dx = m.take_along(x, order, along), m.take_along(dx, order, along)
    return m.take_along(dx, m.argsort(x, along), along)


ROWS = (
    Op(
        "cumsum",
        "x, @axis=None",
        value=_cumsum,
        vjp=_cumsum_vjp,
        jvp=lambda m, dxs, y, xs, axis=None: _cumsum(m, dxs[0], axis),
        text="1 on and below the diagonal",
    ),
    Op(
        "cumprod",
        "x, @axis=None",
        value=_cumprod,
        vjp=_cumprod_vjp,
        jvp=_cumprod_jvp,
        meaning=_doubled_products,
        textbook=(_cumprod_textbook,),
        text="the product of all others up to there",
    ),
    Op(
        "sort",
        "x, @axis=-1",
        value=_sort,
        vjp=_sort_vjp,
        jvp=_sort_jvp,
        bound=_sort_vjp,
        dense=True,
        meaning=_network,
        textbook=(_sort_textbook,),
        kink=Kink("where two elements tie", at=_sort_tied, side=_sort_side),
        text="the seed, sorted back; ties share equally",
    ),
)
