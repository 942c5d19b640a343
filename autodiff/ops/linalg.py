"""Products of vectors and matrices, and diagonals."""

from __future__ import annotations

import math
from typing import Any

from autodiff.ops.base import Op, broadcast_size, unbroadcast


def swapped(m: Any, x: Any) -> Any:
    """The transposes of a stack of matrices."""
    n = len(m.shape(x))
    return m.transpose(x, (*range(n - 2), n - 1, n - 2))


def _matmul_textbook(m: Any, seed: Any, y: Any, xs: Any, slot: int) -> Any:
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
        back = unbroadcast(m, m.matmul(seed, swapped(m, b)), m.shape(a))
        return m.reshape(back, rows) if len(rows) == 1 else back
    back = unbroadcast(m, m.matmul(swapped(m, a), seed), m.shape(b))
    return m.reshape(back, columns) if len(columns) == 1 else back


def _matmul_vjp(m: Any, seed: Any, y: Any, xs: Any, slot: int) -> Any:
    """The same; of a matrix and a vector an outer product, and no vector is made a matrix."""
    a, b = xs
    ranks = len(m.shape(a)), len(m.shape(b))
    if ranks == (2, 1):
        return m.reshape(seed, (-1, 1)) * b if slot == 0 else m.matmul(seed, a)
    if ranks == (1, 2):
        return m.matmul(b, seed) if slot == 0 else m.reshape(a, (-1, 1)) * seed
    return _matmul_textbook(m, seed, y, xs, slot)


def _matmul_into(m: Any, total: Any, seed: Any, xs: Any, slot: int) -> Any:
    ranks = tuple(len(m.shape(x)) for x in xs)
    if (slot, *ranks) == (0, 2, 1):
        return m.accumulate_outer(total, seed, xs[1])
    if (slot, *ranks) == (1, 1, 2):
        return m.accumulate_outer(total, xs[0], seed)
    # A seed has the result's shape.
    return m.accumulate(total, _matmul_vjp(m, seed, seed, xs, slot))


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
        return _matmul_textbook(m, seed, v, xs, slot)
    return unbroadcast(m, seed * xs[1 - slot], m.shape(xs[slot]))


def _outer(m: Any, x: Any, y: Any) -> Any:
    return m.reshape(x, (-1, 1)) * m.reshape(y, (1, -1))


def _outer_vjp(m: Any, seed: Any, v: Any, xs: Any, slot: int) -> Any:
    other = m.reshape(xs[1 - slot], (-1,))
    back = m.matmul(seed, other) if slot == 0 else m.matmul(other, seed)
    return m.reshape(back, m.shape(xs[slot]))


def _inner(m: Any, x: Any, y: Any) -> Any:
    """Sums of products over the last axis of both."""
    rows, columns = m.shape(x), m.shape(y)
    if not rows or not columns:
        return x * y
    if rows[-1] != columns[-1]:
        raise ValueError(f"last axes of {rows[-1]} and {columns[-1]} elements")
    a, b = m.reshape(x, (-1, rows[-1])), m.reshape(y, (-1, columns[-1]))
    return m.reshape(m.matmul(a, swapped(m, b)), (*rows[:-1], *columns[:-1]))


def _inner_vjp(m: Any, seed: Any, v: Any, xs: Any, slot: int) -> Any:
    rows, columns = m.shape(xs[0]), m.shape(xs[1])
    if not rows or not columns:
        return unbroadcast(m, seed * xs[1 - slot], m.shape(xs[slot]))
    a, b = m.reshape(xs[0], (-1, rows[-1])), m.reshape(xs[1], (-1, columns[-1]))
    seed = m.reshape(seed, (m.shape(a)[0], m.shape(b)[0]))
    back = m.matmul(seed, b) if slot == 0 else m.matmul(swapped(m, seed), a)
    return m.reshape(back, m.shape(xs[slot]))


def _vdot(m: Any, x: Any, y: Any) -> Any:
    if math.prod(m.shape(x)) != math.prod(m.shape(y)):
        raise ValueError("takes as many elements on both sides")
    return m.matmul(m.reshape(x, (-1,)), m.reshape(y, (-1,)))


def _kron_sides(m: Any, x: Any, y: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Both shapes, with a 1 after (before) each side: their broadcast product is the result."""
    left, right = m.shape(x), m.shape(y)
    rank = max(len(left), len(right))
    left, right = (1,) * (rank - len(left)) + left, (1,) * (rank - len(right)) + right
    return tuple(n for a in left for n in (a, 1)), tuple(n for b in right for n in (1, b))


def _kron(m: Any, x: Any, y: Any) -> Any:
    left, right = _kron_sides(m, x, y)
    product = m.reshape(x, left) * m.reshape(y, right)
    pairs = zip(left[::2], right[1::2], strict=True)
    return m.reshape(product, tuple(a * b for a, b in pairs))


def _kron_vjp(m: Any, seed: Any, v: Any, xs: Any, slot: int) -> Any:
    sides = _kron_sides(m, *xs)
    apart = m.reshape(seed, tuple(a * b for a, b in zip(*sides, strict=True)))
    back = unbroadcast(m, apart * m.reshape(xs[1 - slot], sides[1 - slot]), sides[slot])
    return m.reshape(back, m.shape(xs[slot]))


def _cross_parts(m: Any, x: Any, y: Any, sign: int) -> Any:
    """x[1]·y[2] − x[2]·y[1] and so on; with ``sign`` 1 the sums instead of the differences."""
    left, right = m.shape(x)[-1:], m.shape(y)[-1:]
    if left != right or left[:1] not in {(2,), (3,)}:
        raise ValueError("takes vectors of two or of three numbers, both of the same")

    def turned(v: Any, order: Any) -> Any:
        return m.getitem(v, (Ellipsis, order))

    if left == (2,):
        return turned(x, 0) * turned(y, 1) + sign * (turned(x, 1) * turned(y, 0))
    on, back = [1, 2, 0], [2, 0, 1]
    return turned(x, on) * turned(y, back) + sign * (turned(x, back) * turned(y, on))


def _cross(m: Any, x: Any, y: Any) -> Any:
    return _cross_parts(m, x, y, -1)


def _cross_pulled(m: Any, seed: Any, xs: Any, slot: int, sign: int) -> Any:
    x, y = xs
    shape = m.shape(xs[slot])
    if shape[-1] == 3:
        first, second = (y, seed) if slot == 0 else (seed, x)
        return unbroadcast(m, _cross_parts(m, first, second, sign), shape)
    a = m.getitem(xs[1 - slot], (Ellipsis, 0))
    b = m.getitem(xs[1 - slot], (Ellipsis, 1))
    # x0·y1 − x1·y0
    parts = [seed * b, sign * seed * a] if slot == 0 else [sign * seed * b, seed * a]
    rank = max(len(m.shape(part)) for part in parts)
    return unbroadcast(m, m.stack(parts, rank), shape)


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
        into=_matmul_into,
        textbook=(_matmul_textbook,),
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
        "inner",
        "x, y",
        value=_inner,
        vjp=_inner_vjp,
        jvp=_bilinear(_inner),
        size=lambda left, right: math.prod(left[:-1]) * math.prod(right[:-1]),
        text="G·y, Gᵀ·x, for a seed G",
    ),
    Op(
        "vdot",
        "x, y",
        value=_vdot,
        vjp=lambda m, seed, v, xs, slot: m.reshape(seed * xs[1 - slot], m.shape(xs[slot])),
        jvp=_bilinear(_vdot),
        text="y, x",
    ),
    Op(
        "kron",
        "x, y",
        value=_kron,
        vjp=_kron_vjp,
        jvp=_bilinear(_kron),
        size=_outer_size,
        text="the seed's blocks times y, summed; and so for x",
    ),
    Op(
        "cross",
        "x, y",
        value=_cross,
        vjp=lambda m, seed, v, xs, slot: _cross_pulled(m, seed, xs, slot, -1),
        jvp=_bilinear(_cross),
        bound=lambda m, seed, v, xs, slot: _cross_pulled(m, seed, [m.abs(x) for x in xs], slot, 1),
        text="y × G, G × x, for a seed G",
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
