"""Constructors. All but ``full`` are data: nothing in them has a derivative."""

from __future__ import annotations

import math
from typing import Any

from autodiff.errors import LimitProblem
from autodiff.ops.base import Op, unbroadcast
from autodiff.ops.copies import whole_numbers
from autodiff.ops.shape import dims

# 800 MB of float64. A model is untrusted input: zeros(1e6, 1e6) is refused, not tried.
MAX_ELEMENTS = 100_000_000


def _sized(shape: Any) -> tuple[int, ...]:
    """``shape`` as a tuple, refused if it would hold more than `MAX_ELEMENTS` elements."""
    sides = dims(shape)
    if any(not isinstance(side, int) or side < 0 for side in sides):
        raise ValueError(f"a shape is made of whole numbers from 0 on, not {sides}")
    _bounded(math.prod(sides))
    return sides


def _bounded(n: float) -> None:
    if n > MAX_ELEMENTS:
        raise LimitProblem(f"an array of {n:,.0f} elements; the limit is {MAX_ELEMENTS:,}")


def _arange(m: Any, start: Any, stop: Any = None, step: Any = 1) -> Any:
    if stop is None:
        start, stop = 0, start
    if step == 0:
        raise ValueError("arange: step is 0")
    _bounded((stop - start) / step)
    return m.arange(start, stop, step)


def _linspace(m: Any, start: Any, stop: Any, num: Any = 50) -> Any:
    _sized(num)
    return m.linspace(start, stop, num)


def _eye(m: Any, n: Any, columns: Any = None) -> Any:
    return m.eye(*_sized((n, n if columns is None else columns)))


def _one_hot(m: Any, labels: Any, num_classes: Any) -> Any:
    classes = whole_numbers("labels", labels)
    (n,) = _sized(num_classes)
    flat, sides = _flattened(classes)
    if any(not 0 <= label < n for label in flat):
        raise ValueError(f"labels are from 0 to {n - 1}, and {max(flat, key=abs)} is among them")
    _sized((*sides, n))
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
    Op("zeros", "*@shape", value=lambda m, shape: m.full(_sized(shape), 0)),
    Op("ones", "*@shape", value=lambda m, shape: m.full(_sized(shape), 1)),
    Op("eye", "@n, @columns=None", value=_eye),
    Op(
        "full",
        "@shape, value",
        value=lambda m, value, shape: m.broadcast_to(value, _sized(shape)),
        vjp=lambda m, seed, y, xs, slot, shape: unbroadcast(m, seed, m.shape(xs[0])),
        jvp=lambda m, dxs, y, xs, shape: m.broadcast_to(dxs[0], m.shape(y)),
        text="the seed, summed over the copies",
    ),
    Op("one_hot", "@labels, @num_classes", value=_one_hot),
    Op("arange", "@start, @stop=None, @step=1", value=_arange),
    Op("linspace", "@start, @stop, @num=50", value=_linspace),
    Op("randn", "*@shape, @seed", value=lambda m, shape, seed: m.randn(_sized(shape), seed)),
    Op("rand", "*@shape, @seed", value=lambda m, shape, seed: m.rand(_sized(shape), seed)),
)
