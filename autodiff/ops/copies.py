"""What puts elements in several places, or some of them in one: broadcasting, tiling, taking.

The VJP of a copy is the sum over the copies.
"""

from __future__ import annotations

import math
from typing import Any

from autodiff.ops.base import Op, unbroadcast
from autodiff.ops.shape import axis_of, dims


def _times(name: str, counts: Any) -> tuple[int, ...]:
    """How often to repeat: whole numbers from 0 on."""
    found = dims(counts)
    if any(not isinstance(n, int) or isinstance(n, bool) or n < 0 for n in found):
        raise ValueError(f"{name} is a whole number from 0 on, not {counts}")
    return found


def _broadcast_shape(shape: Any) -> tuple[int, ...]:
    return _times("a side of the shape", shape)


def _tiles(shape: tuple[int, ...], reps: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """``shape`` and ``reps``, both padded with ones in front to the same length."""
    times = _times("reps", reps)
    rank = max(len(shape), len(times))
    return (1,) * (rank - len(shape)) + shape, (1,) * (rank - len(times)) + times


def _tile(m: Any, x: Any, reps: Any) -> Any:
    sides, times = _tiles(m.shape(x), reps)
    apart = m.reshape(x, tuple(n for side in sides for n in (1, side)))
    copied = m.broadcast_to(
        apart, tuple(n for pair in zip(times, sides, strict=True) for n in pair)
    )
    return m.reshape(copied, tuple(t * n for t, n in zip(times, sides, strict=True)))


def _tile_vjp(m: Any, seed: Any, y: Any, xs: Any, slot: int, reps: Any) -> Any:
    sides, times = _tiles(m.shape(xs[0]), reps)
    apart = m.reshape(seed, tuple(n for pair in zip(times, sides, strict=True) for n in pair))
    return m.reshape(m.sum(apart, axis=tuple(range(0, 2 * len(sides), 2))), m.shape(xs[0]))


def _tile_size(shape: tuple[int, ...], reps: Any) -> int:
    sides, times = _tiles(shape, reps)
    return math.prod(sides) * math.prod(times)


def _repeated(shape: tuple[int, ...], repeats: Any, axis: Any) -> tuple[Any, int, int]:
    """The shape that is copied along ``axis`` (flat where that is None), the axis, how often."""
    (times,) = _times("repeats", repeats) if not isinstance(repeats, tuple) else (None,)
    if times is None:
        raise ValueError("repeats is one number, the same for all elements")
    if axis is None:
        return (math.prod(shape),), 0, times
    return shape, axis_of(axis, len(shape)), times


def _repeat(m: Any, x: Any, repeats: Any, axis: Any = None) -> Any:
    shape, along, times = _repeated(m.shape(x), repeats, axis)
    before, n, after = shape[:along], shape[along], shape[along + 1 :]
    copied = m.broadcast_to(m.reshape(x, (*before, n, 1, *after)), (*before, n, times, *after))
    return m.reshape(copied, (*before, n * times, *after))


def _repeat_vjp(
    m: Any, seed: Any, y: Any, xs: Any, slot: int, repeats: Any, axis: Any = None
) -> Any:
    shape, along, times = _repeated(m.shape(xs[0]), repeats, axis)
    apart = m.reshape(seed, (*shape[: along + 1], times, *shape[along + 1 :]))
    return m.reshape(m.sum(apart, axis=along + 1), m.shape(xs[0]))


def whole_numbers(name: str, value: Any) -> Any:
    """Numbers, nested as they are, as ints; a ValueError for what is not whole.

    They are configuration: a Python number, a list, or an array that a model has by name.
    """
    listed = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(listed, tuple | list):
        return [whole_numbers(name, item) for item in listed]
    if isinstance(listed, bool) or not isinstance(listed, int | float) or listed != int(listed):
        raise ValueError(f"{name} are whole numbers, not {listed}")
    return int(listed)


def _taken(m: Any, x: Any, indices: Any, axis: Any) -> tuple[Any, Any]:
    """What is indexed, and by what."""
    index = whole_numbers("indices", indices)
    if axis is None:
        return m.reshape(x, (-1,)), index
    return x, (slice(None),) * axis_of(axis, len(m.shape(x))) + (index,)


def _take(m: Any, x: Any, indices: Any, axis: Any = None) -> Any:
    flat, index = _taken(m, x, indices, axis)
    return m.getitem(flat, index)


def _take_vjp(m: Any, seed: Any, y: Any, xs: Any, slot: int, indices: Any, axis: Any = None) -> Any:
    flat, index = _taken(m, xs[0], indices, axis)
    return m.reshape(m.scatter(seed, index, m.shape(flat)), m.shape(xs[0]))


ROWS = (
    Op(
        "broadcast_to",
        "x, @shape",
        value=lambda m, x, shape: m.broadcast_to(x, _broadcast_shape(shape)),
        vjp=lambda m, seed, y, xs, slot, shape: unbroadcast(m, seed, m.shape(xs[0])),
        jvp=lambda m, dxs, y, xs, shape: m.broadcast_to(dxs[0], dims(shape)),
        size=lambda old, shape: math.prod(_broadcast_shape(shape)),
        text="the seed, summed over the copies",
    ),
    Op(
        "tile",
        "x, @reps",
        value=_tile,
        vjp=_tile_vjp,
        jvp=lambda m, dxs, y, xs, reps: _tile(m, dxs[0], reps),
        size=_tile_size,
        text="the seed, summed over the copies",
    ),
    Op(
        "repeat",
        "x, @repeats, @axis=None",
        value=_repeat,
        vjp=_repeat_vjp,
        jvp=lambda m, dxs, y, xs, repeats, axis=None: _repeat(m, dxs[0], repeats, axis),
        size=lambda shape, repeats, axis=None: (
            math.prod(shape) * _repeated(shape, repeats, axis)[2]
        ),
        text="the seed, summed over the copies",
    ),
    Op(
        "take",
        "x, @indices, @axis=None",
        value=_take,
        vjp=_take_vjp,
        jvp=lambda m, dxs, y, xs, indices, axis=None: _take(m, dxs[0], indices, axis),
        text="1 at the elements taken, else 0",
    ),
)
