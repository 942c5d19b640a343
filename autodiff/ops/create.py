"""Constructors. All but ``full`` are data: nothing in them has a derivative."""

from __future__ import annotations

import math
from typing import Any

from autodiff.ops.base import Op, unbroadcast
from autodiff.ops.copies import whole_numbers
from autodiff.ops.shape import dims


def _sized(shape: Any) -> tuple[int, ...]:
    """``shape`` as a tuple."""
    sides = dims(shape)
    if any(not isinstance(side, int) or side < 0 for side in sides):
        raise ValueError(f"a shape is made of whole numbers from 0 on, not {sides}")
    return sides


def _size(*_: Any, shape: Any, **__: Any) -> int:
    return math.prod(_sized(shape))


def _arange_size(start: Any, stop: Any = None, step: Any = 1) -> float:
    if stop is None:
        start, stop = 0, start
    steps = (stop - start) / step if step else 0.0
    return math.ceil(steps) if math.isfinite(steps) else steps


def _one_hot_size(labels: Any, num_classes: Any) -> int:
    flat, _ = _flattened(whole_numbers("labels", labels))
    return len(flat) * math.prod(_sized(num_classes))


def _arange(m: Any, start: Any, stop: Any = None, step: Any = 1) -> Any:
    if stop is None:
        start, stop = 0, start
    if step == 0:
        raise ValueError("arange: step is 0")
    return m.arange(start, stop, step)


def _linspace(m: Any, start: Any, stop: Any, num: Any = 50) -> Any:
    return m.linspace(start, stop, *_sized(num))


def _eye(m: Any, n: Any, columns: Any = None) -> Any:
    return m.eye(*_sized((n, n if columns is None else columns)))


def _one_hot(m: Any, labels: Any, num_classes: Any) -> Any:
    classes = whole_numbers("labels", labels)
    (n,) = _sized(num_classes)
    flat, sides = _flattened(classes)
    if any(not 0 <= label < n for label in flat):
        raise ValueError(f"labels are from 0 to {n - 1}, and {max(flat, key=abs)} is among them")
    rows = m.full((len(flat), n), 0)
    if flat:
        rows = m.scatter(m.full((len(flat),), 1), (list(range(len(flat))), flat), (len(flat), n))
    return m.reshape(rows, (*sides, n))


def _flattened(nested: Any) -> tuple[list[int], tuple[int, ...]]:
    """Nested lists (of one length at each depth) as one list, and their shape."""
    sides: list[int] = []
    flat = [nested]
    while flat and isinstance(flat[0], list):
        lengths = {len(item) if isinstance(item, list) else -1 for item in flat}
        if len(lengths) > 1:
            raise ValueError("labels are not of one shape")
        sides.append(*lengths)
        flat = [inner for item in flat for inner in item]
    return flat, tuple(sides)


ROWS = (
    Op("zeros", "*@shape", value=lambda m, shape: m.full(_sized(shape), 0), size=_size),
    Op("ones", "*@shape", value=lambda m, shape: m.full(_sized(shape), 1), size=_size),
    Op(
        "eye",
        "@n, @columns=None",
        value=_eye,
        size=lambda n, columns=None: math.prod(_sized((n, n if columns is None else columns))),
    ),
    Op(
        "full",
        "@shape, value",
        value=lambda m, value, shape: m.broadcast_to(value, _sized(shape)),
        vjp=lambda m, seed, y, xs, slot, shape: unbroadcast(m, seed, m.shape(xs[0])),
        jvp=lambda m, dxs, y, xs, shape: m.broadcast_to(dxs[0], m.shape(y)),
        size=_size,
        text="the seed, summed over the copies",
    ),
    Op("one_hot", "@labels, @num_classes", value=_one_hot, size=_one_hot_size),
    Op("arange", "@start, @stop=None, @step=1", value=_arange, size=_arange_size),
    Op(
        "linspace",
        "@start, @stop, @num=50",
        value=_linspace,
        size=lambda start, stop, num=50: math.prod(_sized(num)),
    ),
    Op(
        "randn",
        "*@shape, @seed",
        value=lambda m, shape, seed: m.randn(_sized(shape), seed),
        size=_size,
    ),
    Op(
        "rand",
        "*@shape, @seed",
        value=lambda m, shape, seed: m.rand(_sized(shape), seed),
        size=_size,
    ),
)
