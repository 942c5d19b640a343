"""What moves elements and does not compute: indexing, reshaping, joining. Copies are in `copies`.

A permutation's VJP is its inverse; a selection's puts the seed back where it came from.
"""

from __future__ import annotations

import math
from typing import Any

from autodiff.ops.base import Op


def dims(shape: Any) -> tuple[int, ...]:
    """A shape however it is written: ``3``, ``(2, 3)``, or ``((2, 3),)`` for ``*shape``."""
    if not isinstance(shape, (tuple, list)):
        return (shape,)
    if len(shape) == 1 and isinstance(shape[0], (tuple, list)):
        return dims(shape[0])
    return tuple(shape)


def axis_of(axis: Any, rank: int) -> int:
    """``axis`` counted from the front; raises ValueError where there is none such."""
    if not isinstance(axis, int) or isinstance(axis, bool) or not -rank <= axis < rank:
        raise ValueError(f"there is no axis {axis} among {rank}")
    return axis % rank


def sizes(*shapes: tuple[int, ...], **static: Any) -> int:
    """How many elements arrays have together."""
    return sum(map(math.prod, shapes))


def _order(m: Any, x: Any, axes: Any) -> tuple[int, ...]:
    n = len(m.shape(x))
    return tuple(range(n))[::-1] if axes is None else tuple(axes)


def _transpose_vjp(m: Any, seed: Any, y: Any, xs: Any, slot: int, axes: Any = None) -> Any:
    order = _order(m, xs[0], axes)
    front = [axis % len(order) for axis in order]
    return m.transpose(seed, tuple(sorted(range(len(front)), key=front.__getitem__)))


def _tangents(m: Any, dxs: Any, xs: Any) -> list[Any]:
    return [m.zeros_like(x) if dx is None else dx for dx, x in zip(dxs, xs, strict=True)]


def _at(position: Any, axis: int, n: int) -> tuple[Any, ...]:
    """The index that is ``position`` along ``axis`` of n, and everything along the others."""
    return (slice(None),) * (axis % n) + (position,)


def _stack(m: Any, *xs: Any, axis: int = 0) -> Any:
    return m.stack(xs, axis)


def _stack_vjp(m: Any, seed: Any, y: Any, xs: Any, slot: int, axis: int = 0) -> Any:
    return m.getitem(seed, _at(slot, axis, len(m.shape(y))))


def _concat(m: Any, *xs: Any, axis: Any = 0) -> Any:
    if axis is None:
        return m.concat([m.reshape(x, (-1,)) for x in xs], 0)
    return m.concat(xs, axis)


def _concat_vjp(m: Any, seed: Any, y: Any, xs: Any, slot: int, axis: Any = 0) -> Any:
    shapes = [m.shape(x) for x in xs]
    if axis is None:
        lengths = [math.prod(shape) for shape in shapes]
    else:
        lengths = [shape[axis] for shape in shapes]
    first = sum(lengths[:slot])
    part = slice(first, first + lengths[slot])
    piece = m.getitem(seed, _at(part, 0 if axis is None else axis, len(m.shape(y))))
    return m.reshape(piece, shapes[slot]) if axis is None else piece


def _swapped(m: Any, x: Any, axis1: int, axis2: int) -> Any:
    n = len(m.shape(x))
    order = list(range(n))
    first, second = axis_of(axis1, n), axis_of(axis2, n)
    order[first], order[second] = second, first
    return m.transpose(x, tuple(order))


def _expanded(m: Any, x: Any, axis: Any) -> Any:
    axes = axis if isinstance(axis, tuple) else (axis,)
    n = len(m.shape(x)) + len(axes)
    new = [axis_of(a, n) for a in axes]
    if len(set(new)) < len(new):
        raise ValueError(f"axis {axis} names one axis twice")
    old = iter(m.shape(x))
    return m.reshape(x, tuple(1 if a in new else next(old) for a in range(n)))


def _squeezed(m: Any, x: Any, axis: Any = None) -> Any:
    shape = m.shape(x)
    if axis is None:
        gone = [a for a, n in enumerate(shape) if n == 1]
    else:
        gone = [axis_of(a, len(shape)) for a in (axis if isinstance(axis, tuple) else (axis,))]
        if any(shape[a] != 1 for a in gone):
            raise ValueError(f"axis {axis} is not one of length 1")
    return m.reshape(x, tuple(n for a, n in enumerate(shape) if a not in gone))


ROWS = (
    Op(
        "getitem",
        "x, @index",
        value=lambda m, x, index: m.getitem(x, index),
        vjp=lambda m, seed, y, xs, slot, index: m.scatter(seed, index, m.shape(xs[0])),
        into=lambda m, total, seed, xs, slot, index: m.accumulate_at(total, index, seed),
        jvp=lambda m, dxs, y, xs, index: m.getitem(dxs[0], index),
        text="1 at the elements taken, else 0",
        hidden=True,
    ),
    Op(
        "scatter",
        "x, @index, @shape",
        value=lambda m, x, index, shape: m.scatter(x, index, shape),
        vjp=lambda m, seed, y, xs, slot, index, shape: m.getitem(seed, index),
        jvp=lambda m, dxs, y, xs, index, shape: m.scatter(dxs[0], index, shape),
        text="1 from the elements put, else 0",
        hidden=True,
    ),
    Op(
        "transpose",
        "x, @axes=None",
        value=lambda m, x, axes=None: m.transpose(x, _order(m, x, axes)),
        vjp=_transpose_vjp,
        jvp=lambda m, dxs, y, xs, axes=None: m.transpose(dxs[0], _order(m, xs[0], axes)),
        aliases=("permute_dims",),
        text="the seed, transposed back",
    ),
    Op(
        "reshape",
        "x, *@shape",
        value=lambda m, x, shape: m.reshape(x, dims(shape)),
        vjp=lambda m, seed, y, xs, slot, shape: m.reshape(seed, m.shape(xs[0])),
        jvp=lambda m, dxs, y, xs, shape: m.reshape(dxs[0], m.shape(y)),
        text="the seed, in x's shape",
    ),
    Op(
        "expand_dims",
        "x, @axis",
        value=_expanded,
        vjp=lambda m, seed, y, xs, slot, axis: m.reshape(seed, m.shape(xs[0])),
        jvp=lambda m, dxs, y, xs, axis: _expanded(m, dxs[0], axis),
        text="the seed, in x's shape",
    ),
    Op(
        "squeeze",
        "x, @axis=None",
        value=_squeezed,
        vjp=lambda m, seed, y, xs, slot, axis=None: m.reshape(seed, m.shape(xs[0])),
        jvp=lambda m, dxs, y, xs, axis=None: _squeezed(m, dxs[0], axis),
        text="the seed, in x's shape",
    ),
    Op(
        "swapaxes",
        "x, @axis1, @axis2",
        value=_swapped,
        vjp=lambda m, seed, y, xs, slot, axis1, axis2: _swapped(m, seed, axis1, axis2),
        jvp=lambda m, dxs, y, xs, axis1, axis2: _swapped(m, dxs[0], axis1, axis2),
        text="the seed, its axes swapped back",
    ),
    Op(
        "flip",
        "x, @axis",
        value=lambda m, x, axis: m.flip(x, axis),
        vjp=lambda m, seed, y, xs, slot, axis: m.flip(seed, axis),
        jvp=lambda m, dxs, y, xs, axis: m.flip(dxs[0], axis),
        text="the seed, flipped back",
        hidden=True,
    ),
    Op(
        "concat",
        "[xs], @axis=0",
        value=_concat,
        vjp=_concat_vjp,
        jvp=lambda m, dxs, y, xs, axis=0: _concat(m, *_tangents(m, dxs, xs), axis=axis),
        aliases=("concatenate",),
        size=sizes,
        text="its part of the seed",
    ),
    Op(
        "stack",
        "[xs], @axis=0",
        value=_stack,
        vjp=_stack_vjp,
        jvp=lambda m, dxs, y, xs, axis=0: _stack(m, *_tangents(m, dxs, xs), axis=axis),
        size=sizes,
        text="its part of the seed",
    ),
    Op(
        "array",
        "*xs",
        value=_stack,
        vjp=_stack_vjp,
        jvp=lambda m, dxs, y, xs: _stack(m, *_tangents(m, dxs, xs)),
        size=sizes,
        text="its part of the seed",
        hidden=True,
    ),
    # These two only put configuration together: a shape, an index.
    Op("tuple", "*xs", value=lambda m, *xs: xs, hidden=True, builds=True),
    Op("list", "*xs", value=lambda m, *xs: list(xs), hidden=True, builds=True),
    Op(
        "slice",
        "start, stop, step",
        value=lambda m, *parts: slice(*parts),
        hidden=True,
        builds=True,
    ),
)
