"""Products of vectors and matrices, and diagonals."""

from __future__ import annotations

import math
from typing import Any

from autodiff.ops.base import Op, broadcast_size, unbroadcast


def _swapped(m: Any, x: Any) -> Any:
    """The transposes of a stack of matrices."""
    n = len(m.shape(x))
    return m.transpose(x, (*range(n - 2), n - 1, n - 2))


def _matmul_vjp(m: Any, seed: Any, y: Any, xs: Any, slot: int) -> Any:
    """A is G Bᵀ and B is Aᵀ G, with vectors made rows or columns and batches summed."""
    a, b = xs
    rows, columns = m.shape(a), m.shape(b)
    kept = m.shape(y)
    if len(rows) == 1:
        a = m.reshape(a, (1, *rows))
    if len(columns) == 1:
        b = m.reshape(b, (*columns, 1))
        kept = (*kept, 1)
    if len(rows) == 1:
        kept = (*kept[:-1], 1, kept[-1])
    if kept != m.shape(seed):
        seed = m.reshape(seed, kept)
    if slot == 0:
        back = unbroadcast(m, m.matmul(seed, _swapped(m, b)), m.shape(a))
        return m.reshape(back, rows) if len(rows) == 1 else back
    back = unbroadcast(m, m.matmul(_swapped(m, a), seed), m.shape(b))
    return m.reshape(back, columns) if len(columns) == 1 else back


def _bilinear(product: Any) -> Any:
    """The tangent of a product, linear in either operand: da·b + a·db."""

    def jvp(m: Any, dxs: Any, y: Any, xs: Any) -> Any:
        (a, b), (da, db) = xs, dxs
        if db is None:
            return product(m, da, b)
        return product(m, a, db) if da is None else product(m, da, b) + product(m, a, db)

    return jvp


def _matmul(m: Any, x: Any, y: Any) -> Any:
    return m.matmul(x, y)


def _dot(m: Any, x: Any, y: Any) -> Any:
    rows, columns = m.shape(x), m.shape(y)
    if not rows or not columns:
        return x * y
    if len(rows) > 2 or len(columns) > 2:
        raise ValueError("dot takes numbers, vectors and matrices; use @ for stacks of matrices")
    return m.matmul(x, y)


def _dot_vjp(m: Any, seed: Any, v: Any, xs: Any, slot: int) -> Any:
    if m.shape(xs[0]) and m.shape(xs[1]):
        return _matmul_vjp(m, seed, v, xs, slot)
    return unbroadcast(m, seed * xs[1 - slot], m.shape(xs[slot]))


def _outer(m: Any, x: Any, y: Any) -> Any:
    return m.reshape(x, (-1, 1)) * m.reshape(y, (1, -1))


def _outer_vjp(m: Any, seed: Any, v: Any, xs: Any, slot: int) -> Any:
    other = m.reshape(xs[1 - slot], (-1,))
    back = m.matmul(seed, other) if slot == 0 else m.matmul(other, seed)
    return m.reshape(back, m.shape(xs[slot]))


def _diagonal(shape: tuple[int, ...], k: int = 0) -> tuple[list[int], list[int]]:
    """Where the k-th diagonal of a matrix lies: its rows and its columns."""
    first, length = max(-k, 0), max(min(shape[0] + min(k, 0), shape[1] - max(k, 0)), 0)
    rows = list(range(first, first + length))
    return rows, [i + k for i in rows]


def _trace(m: Any, x: Any) -> Any:
    if len(m.shape(x)) != 2:
        raise ValueError(f"trace takes a matrix, not an array of shape {m.shape(x)}")
    return m.sum(m.getitem(x, _diagonal(m.shape(x))))


def _diag(m: Any, x: Any, k: int = 0) -> Any:
    shape = m.shape(x)
    if len(shape) == 2:
        return m.getitem(x, _diagonal(shape, k))
    if len(shape) != 1:
        raise ValueError(f"diag takes a vector or a matrix, not an array of shape {shape}")
    square = (shape[0] + abs(k),) * 2
    return m.scatter(x, _diagonal(square, k), square)


def _diag_vjp(m: Any, seed: Any, y: Any, xs: Any, slot: int, k: int = 0) -> Any:
    shape = m.shape(xs[0])
    if len(shape) == 2:
        return m.scatter(seed, _diagonal(shape, k), shape)
    return m.getitem(seed, _diagonal(m.shape(seed), k))


def _matmul_size(left: tuple[int, ...], right: tuple[int, ...]) -> int:
    if not left or not right:
        return 0
    stacks = broadcast_size([left[:-2], right[:-2]])
    return stacks * math.prod(left[-2:-1]) * math.prod(right[1:][-1:])


def _outer_size(left: tuple[int, ...], right: tuple[int, ...]) -> int:
    return math.prod(left) * math.prod(right)


def _diag_size(shape: tuple[int, ...], k: int = 0) -> int:
    return (shape[0] + abs(int(k))) ** 2 if len(shape) == 1 else 0


def _triangle(name: str, words: str) -> Op:
    """The part of a matrix above or below a diagonal; of a stack, of each."""

    def value(m: Any, x: Any, k: int = 0) -> Any:
        if len(m.shape(x)) < 2:
            raise ValueError(f"{name} takes a matrix, not an array of shape {m.shape(x)}")
        return getattr(m, name)(x, k)

    return Op(
        name,
        "x, @k=0",
        value=value,
        vjp=lambda m, seed, y, xs, slot, k=0: value(m, seed, k),
        jvp=lambda m, dxs, y, xs, k=0: value(m, dxs[0], k),
        text=f"1 on and {words} the k-th diagonal, else 0",
    )


ROWS = (
    Op(
        "matmul",
        "x, y",
        value=_matmul,
        vjp=_matmul_vjp,
        jvp=_bilinear(_matmul),
        size=_matmul_size,
        symbol="@",
        precedence=6,
        text="G·yᵀ, xᵀ·G, for a seed G",
    ),
    Op(
        "dot",
        "x, y",
        value=_dot,
        vjp=_dot_vjp,
        jvp=_bilinear(_dot),
        size=_matmul_size,
        text="G·yᵀ, xᵀ·G, for a seed G",
    ),
    Op(
        "outer",
        "x, y",
        value=_outer,
        vjp=_outer_vjp,
        jvp=_bilinear(_outer),
        size=_outer_size,
        text="G·y, xᵀ·G, for a seed G",
    ),
    Op(
        "trace",
        "x",
        value=_trace,
        vjp=lambda m, seed, y, xs, slot: seed * m.eye(*m.shape(xs[0])),
        jvp=lambda m, dxs, y, xs: _trace(m, dxs[0]),
        text="I",
    ),
    Op(
        "diag",
        "x, @k=0",
        value=_diag,
        vjp=_diag_vjp,
        jvp=lambda m, dxs, y, xs, k=0: _diag(m, dxs[0], k),
        size=_diag_size,
        text="the seed's diagonal, or the seed on the diagonal",
    ),
    _triangle("tril", "below"),
    _triangle("triu", "above"),
)
