"""Constructors. All but ``full`` are data: nothing in them has a derivative."""

from __future__ import annotations

import math
from typing import Any

from autodiff.errors import LimitProblem
from autodiff.ops.base import Op, unbroadcast
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
    Op("arange", "@start, @stop=None, @step=1", value=_arange),
    Op("linspace", "@start, @stop, @num=50", value=_linspace),
    Op("randn", "*@shape, @seed", value=lambda m, shape, seed: m.randn(_sized(shape), seed)),
    Op("rand", "*@shape, @seed", value=lambda m, shape, seed: m.rand(_sized(shape), seed)),
)
