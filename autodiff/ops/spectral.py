"""Eigenvalues of symmetric matrices, and singular values; of stacks too.

Where values coincide they are no smooth functions: each has one-sided derivatives, the
eigenvalues of the tangent within the group (Lancaster, 1964), and the convention is their mean.
It has the smallest norm, and is the derivative where that exists: of sum(w**2), say.
"""

from __future__ import annotations

from itertools import product
from typing import Any

from autodiff.ops.base import Kink, Op, Sample
from autodiff.ops.linalg import swapped
from autodiff.ops.matrices import square, symmetric

TIE = 2.0**-44  # of the largest value: nearer ones are not told apart


def _tolerance(m: Any, w: Any) -> Any:
    return TIE * m.max(m.abs(w), axis=-1, keepdims=True)


def _scaled_columns(m: Any, v: Any, g: Any) -> Any:
    return v * m.reshape(g, (*m.shape(g)[:-1], 1, m.shape(g)[-1]))


def _gaps(m: Any, w: Any) -> Any:
    """1 where a value and the next one are told apart."""
    near = m.getitem(w, (Ellipsis, slice(None, -1)))
    return m.where(m.abs(m.getitem(w, (Ellipsis, slice(1, None))) - near) > _tolerance(m, w), 1, 0)


def _edge(m: Any, w: Any, value: int) -> Any:
    return m.full((*m.shape(w)[:-1], 1), value)


def _in_group(m: Any, w: Any) -> Any:
    """Whether a value has an equal: the one before or behind it."""
    gaps, one = _gaps(m, w), _edge(m, w, 1)
    return m.concat([one, gaps], -1) + m.concat([gaps, one], -1) < 2


def _group(m: Any, w: Any) -> Any:
    """The number of the group that each value is in, from 0 on."""
    return m.cumsum(m.concat([_edge(m, w, 0), _gaps(m, w)], -1), -1)


def _within(m: Any, tangent: Any, w: Any, sign: int) -> Any:
    """Eigenvalues of the symmetric ``tangent`` within each group of w, ascending (sign 1) or
    descending. The groups are moved apart, which keeps them in their order."""
    n = m.shape(w)[-1]
    group = _group(m, w)
    row = m.reshape(group, (*m.shape(group)[:-1], 1, n))
    blocks = m.where(row == swapped(m, row), tangent, 0)
    largest = m.max(m.max(m.abs(blocks), axis=-1), axis=-1, keepdims=True)
    apart = group * (4 * n * m.where(largest > 0, largest, 1))
    moved = blocks + sign * _scaled_columns(m, m.eye(n, n), apart)
    found = m.eigh(moved)[0]
    return (found if sign > 0 else m.flip(found, -1)) - sign * apart


# ---- eigenvalues


def _eigvalsh(m: Any, x: Any) -> Any:
    square(m, "eigvalsh", x)
    return m.eigh(symmetric(m, x))[0]


def _eigvalsh_written_out(m: Any, x: Any) -> Any:
    n = square(m, "eigvalsh", x)
    if n > 2:
        return _eigvalsh(m, x)
    a = m.getitem(x, (Ellipsis, 0, 0))
    rank = len(m.shape(a))
    if n == 1:
        return m.stack([a], rank)
    s = symmetric(m, x)
    b, d = m.getitem(s, (Ellipsis, 0, 1)), m.getitem(s, (Ellipsis, 1, 1))
    middle, radius = (a + d) / 2, m.sqrt(((a - d) / 2) ** 2 + b**2)
    return m.stack([middle - radius, middle + radius], rank)


def _eigvalsh_vjp(m: Any, seed: Any, y: Any, xs: Any, slot: int) -> Any:
    w, v = m.eigh(symmetric(m, xs[0]))
    shared = m.tied_mean(seed, w, -1, _tolerance(m, w))
    return m.matmul(_scaled_columns(m, v, shared), swapped(m, v))


def _eigvalsh_bound(m: Any, seed: Any, y: Any, xs: Any, slot: int) -> Any:
    w, v = m.eigh(symmetric(m, xs[0]))
    shared = m.tied_mean(seed, w, -1, _tolerance(m, w))
    return m.matmul(_scaled_columns(m, m.abs(v), shared), swapped(m, m.abs(v)))


def _eigvalsh_jvp(m: Any, dxs: Any, y: Any, xs: Any) -> Any:
    w, v = m.eigh(symmetric(m, xs[0]))
    moved = m.sum(v * m.matmul(symmetric(m, dxs[0]), v), axis=-2)
    return m.tied_mean(moved, w, -1, _tolerance(m, w))


def _eigvalsh_side(m: Any, y: Any, xs: Any, dxs: Any) -> Any:
    w, v = m.eigh(symmetric(m, xs[0]))
    tangent = m.matmul(m.matmul(swapped(m, v), symmetric(m, dxs[0])), v)
    return _within(m, tangent, w, 1)


# ---- singular values


def singular(m: Any, x: Any) -> tuple[Any, Any, Any]:
    """U, the singular values and V, without what belongs to none."""
    if len(m.shape(x)) < 2 or 0 in m.shape(x)[-2:]:
        raise ValueError(f"svdvals takes a matrix, not an array of shape {m.shape(x)}")
    u, s, v = m.svd(x, False)
    return u, s, v


def above_zero(m: Any, s: Any) -> Any:
    """1 where a singular value is told from 0."""
    return m.where(s > _tolerance(m, s), 1, 0)


def singular_written_out(m: Any, x: Any) -> Any:
    """Singular values of a matrix of one or two rows (or columns), by their sum and difference."""
    rows, columns = m.shape(x)[-2:]
    if min(rows, columns) > 2:
        return singular(m, x)[1]
    squares = m.sum(x * x, axis=(-2, -1))
    rank = len(m.shape(squares))
    if min(rows, columns) == 1:
        return m.stack([m.sqrt(squares)], rank)
    if rows == columns:
        a, b = m.getitem(x, (Ellipsis, 0, 0)), m.getitem(x, (Ellipsis, 0, 1))
        c, d = m.getitem(x, (Ellipsis, 1, 0)), m.getitem(x, (Ellipsis, 1, 1))
        both = m.abs(a * d - b * c)
    else:
        tall = x if rows > columns else swapped(m, x)
        g = m.matmul(swapped(m, tall), tall)
        a, b, d = (m.getitem(g, (Ellipsis, *at)) for at in ((0, 0), (0, 1), (1, 1)))
        both = m.sqrt(a * d - b * b)
    total, gap = m.sqrt(squares + 2 * both), m.sqrt(squares - 2 * both)
    return m.stack([(total + gap) / 2, (total - gap) / 2], rank)


def _svdvals_vjp(m: Any, seed: Any, y: Any, xs: Any, slot: int) -> Any:
    u, s, v = singular(m, xs[0])
    shared = m.tied_mean(seed, s, -1, _tolerance(m, s)) * above_zero(m, s)
    return m.matmul(_scaled_columns(m, u, shared), swapped(m, v))


def _svdvals_bound(m: Any, seed: Any, y: Any, xs: Any, slot: int) -> Any:
    u, s, v = singular(m, xs[0])
    shared = m.tied_mean(seed, s, -1, _tolerance(m, s)) * above_zero(m, s)
    return m.matmul(_scaled_columns(m, m.abs(u), shared), swapped(m, m.abs(v)))


def _svdvals_jvp(m: Any, dxs: Any, y: Any, xs: Any) -> Any:
    u, s, v = singular(m, xs[0])
    moved = m.sum(u * m.matmul(dxs[0], v), axis=-2)
    return m.tied_mean(moved, s, -1, _tolerance(m, s)) * above_zero(m, s)


def singular_side(m: Any, x: Any, dx: Any) -> Any:
    """One-sided derivatives of the singular values of x along dx."""
    stack = m.shape(x)[:-2]
    if stack:
        each = [
            singular_side(m, m.getitem(x, place), m.getitem(dx, place))
            for place in product(*map(range, stack))
        ]
        return m.reshape(m.stack(each, 0), (*stack, m.shape(each[0])[-1]))
    u, s, v = m.svd(x, True)
    k = m.shape(s)[-1]
    rank = int(m.sum(above_zero(m, s)))
    tangent = m.matmul(m.matmul(swapped(m, u), dx), v)
    parts = []
    if rank:
        own = symmetric(m, m.getitem(tangent, (slice(0, rank), slice(0, rank))))
        parts.append(_within(m, own, m.getitem(s, slice(0, rank)), -1))
    if rank < k:
        # From 0 they can only rise: the singular values of what leaves the null spaces.
        rest = m.getitem(tangent, (slice(rank, None), slice(rank, None)))
        parts.append(m.svd(rest, False)[1])
    return m.concat(parts, -1)


ROWS = (
    Op(
        "eigvalsh",
        "x",
        value=_eigvalsh,
        meaning=_eigvalsh_written_out,
        vjp=_eigvalsh_vjp,
        jvp=_eigvalsh_jvp,
        bound=_eigvalsh_bound,
        textbook=(
            lambda m, seed, y, xs, slot: m.matmul(
                _scaled_columns(m, m.eigenvectors(xs[0]), seed), swapped(m, m.eigenvectors(xs[0]))
            ),
        ),
        dense=True,
        kink=Kink(
            "where eigenvalues coincide",
            at=lambda m, y, x: _in_group(m, y),
            side=_eigvalsh_side,
        ),
        sample=(Sample(-2.0, 2.0),),
        text="v·vᵀ for each eigenvalue's eigenvector v; the eigenvalues are those of (x + xᵀ)/2, "
        "ascending",
    ),
    Op(
        "svdvals",
        "x",
        value=lambda m, x: singular(m, x)[1],
        meaning=singular_written_out,
        vjp=_svdvals_vjp,
        jvp=_svdvals_jvp,
        bound=_svdvals_bound,
        textbook=(
            lambda m, seed, y, xs, slot: m.matmul(
                _scaled_columns(m, m.left_singular(xs[0]), seed),
                swapped(m, m.right_singular(xs[0])),
            ),
        ),
        dense=True,
        kink=Kink(
            "where singular values coincide or are 0",
            at=lambda m, y, x: m.logical_or(_in_group(m, y), above_zero(m, y) == 0),
            side=lambda m, y, xs, dxs: singular_side(m, xs[0], dxs[0]),
        ),
        sample=(Sample(-2.0, 2.0),),
        text="u·vᵀ for each singular value's vectors u and v; descending",
    ),
)
