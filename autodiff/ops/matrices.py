"""Functions of square matrices: determinants, inverses, factors, powers; each on stacks too.

Derivatives: Giles, *Collected matrix derivative results for forward and reverse mode algorithmic
differentiation* (2008); Murray, *Differentiation of the Cholesky decomposition* (2016).
"""

from __future__ import annotations

from typing import Any

from autodiff.ops.base import Domain, Op, Sample, unbroadcast
from autodiff.ops.linalg import swapped

WRITTEN_OUT = 16  # a larger matrix has no formula for each element of its inverse
HIGHEST_POWER = 10_000


def square(m: Any, name: str, x: Any) -> int:
    """The side of the matrices; ValueError where they are none, or not square."""
    shape = m.shape(x)
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise ValueError(f"{name} takes a square matrix, not an array of shape {shape}")
    if not shape[-1]:
        raise ValueError(f"{name} of a matrix without elements")
    return int(shape[-1])


def symmetric(m: Any, x: Any) -> Any:
    """The symmetric part of x: what is not symmetric has no say in x = xᵀ."""
    return (x + swapped(m, x)) / 2


def _per_matrix(m: Any, x: Any) -> Any:
    """One number for each matrix, ready to broadcast over it."""
    return m.reshape(x, (*m.shape(x), 1, 1))


def _trace(m: Any, x: Any, n: int) -> Any:
    return m.sum(m.getitem(x, (Ellipsis, list(range(n)), list(range(n)))), axis=-1)


def _det_written_out(m: Any, x: Any) -> Any:
    """The determinant without a division, so that singular matrices need no cases (Bird, 2011)."""
    n = square(m, "det", x)
    shape, places = m.shape(x), list(range(n))
    y = x
    for _ in range(n - 1):
        diagonal = m.getitem(y, (Ellipsis, places[1:], places[1:]))
        later = m.flip(m.cumsum(m.flip(diagonal, -1), -1), -1)
        below = m.scatter(-later, (Ellipsis, places[:-1], places[:-1]), shape)
        y = m.matmul(m.triu(y, 1) + below, x)
    corner = m.getitem(y, (Ellipsis, 0, 0))
    return corner if n % 2 else -corner


def _inverse_written_out(m: Any, x: Any) -> Any:
    """The adjugate over the determinant, both polynomials (Faddeev and LeVerrier)."""
    n = square(m, "inv", x)
    if n > WRITTEN_OUT:
        return m.inv(x)
    one = m.broadcast_to(m.eye(n, n), m.shape(x))
    y, factor = one, -_trace(m, x, n)
    for k in range(2, n + 1):
        y = m.matmul(x, y) + _per_matrix(m, factor) * one
        factor = -_trace(m, m.matmul(x, y), n) / k
    return -(y / _per_matrix(m, factor))


def _regular(m: Any, x: Any) -> Any:
    total = m.sum(m.inv(x), axis=(-2, -1))
    return m.min(m.where(total == total, 1, 0)) > 0


def _inv(m: Any, x: Any) -> Any:
    square(m, "inv", x)
    return m.inv(x)


def _inv_vjp(m: Any, seed: Any, y: Any, xs: Any, slot: int) -> Any:
    back = swapped(m, y)
    return -m.matmul(m.matmul(back, seed), back)


def _inv_bound(m: Any, seed: Any, y: Any, xs: Any, slot: int) -> Any:
    back = swapped(m, m.abs(y))
    return m.matmul(m.matmul(back, seed), back)


def _det(m: Any, x: Any) -> Any:
    square(m, "det", x)
    return m.det(x)


def _logdet(m: Any, x: Any) -> Any:
    square(m, "logdet", x)
    sign, size = m.slogdet(x)
    return m.where(sign > 0, size, m.nan)


# ---- solve: x is a matrix, y a vector or (a stack of) matrices


def _columns(m: Any, x: Any, y: Any) -> Any:
    n = square(m, "solve", x)
    shape = m.shape(y)
    if not shape or shape[0 if len(shape) == 1 else -2] != n:
        raise ValueError(f"the right side has the shape {shape}, and the matrix {n} rows")
    return m.reshape(y, (n, 1)) if len(shape) == 1 else y


def _like(m: Any, solved: Any, y: Any) -> Any:
    """A result of columns in the shape that the right side asks for."""
    return m.reshape(solved, m.shape(solved)[:-1]) if len(m.shape(y)) == 1 else solved


def _solve(m: Any, x: Any, y: Any) -> Any:
    return _like(m, m.solve(x, _columns(m, x, y)), y)


def _solve_written_out(m: Any, x: Any, y: Any) -> Any:
    return _like(m, m.matmul(_inverse_written_out(m, x), _columns(m, x, y)), y)


def _solve_pulled(m: Any, seed: Any, v: Any, xs: Any, slot: int, back: Any, sign: int) -> Any:
    x, y = xs
    vector = len(m.shape(y)) == 1
    if vector:
        seed = m.reshape(seed, (*m.shape(seed), 1))
        v = m.reshape(v, (*m.shape(v), 1))
    pulled = back(seed)
    if slot == 0:
        return unbroadcast(m, sign * m.matmul(pulled, swapped(m, v)), m.shape(x))
    return m.reshape(
        unbroadcast(m, pulled, (m.shape(y)[0], 1) if vector else m.shape(y)), m.shape(y)
    )


def _solve_vjp(m: Any, seed: Any, v: Any, xs: Any, slot: int) -> Any:
    def back(seed: Any) -> Any:
        return m.solve(swapped(m, xs[0]), seed)

    return _solve_pulled(m, seed, v, xs, slot, back, -1)


def _solve_bound(m: Any, seed: Any, v: Any, xs: Any, slot: int) -> Any:
    def back(seed: Any) -> Any:
        return m.matmul(swapped(m, m.abs(m.inv(xs[0]))), seed)

    return _solve_pulled(m, seed, m.abs(v), xs, slot, back, 1)


def _solve_jvp(m: Any, dxs: Any, v: Any, xs: Any) -> Any:
    x, y = xs
    right = 0 if dxs[1] is None else _columns(m, x, dxs[1])
    if dxs[0] is not None:
        column = m.reshape(v, (*m.shape(v), 1)) if len(m.shape(y)) == 1 else v
        right = right - m.matmul(dxs[0], column)
    return _like(m, m.solve(x, right), y)


# ---- cholesky


def _cholesky(m: Any, x: Any) -> Any:
    square(m, "cholesky", x)
    return m.cholesky(symmetric(m, x))


def _cholesky_written_out(m: Any, x: Any) -> Any:
    n = square(m, "cholesky", x)
    if n > WRITTEN_OUT:
        return _cholesky(m, x)
    s = symmetric(m, x)
    rows: list[list[Any]] = []
    for i in range(n):
        row: list[Any] = []
        for j in range(i + 1):
            rest = m.getitem(s, (Ellipsis, i, j))
            for a, b in zip(row, rows[j] if j < i else row, strict=False):
                rest = rest - a * b
            row.append(m.sqrt(rest) if i == j else rest / rows[j][j])
        rows.append(row)
    nothing = m.zeros_like(rows[0][0])
    rank = len(m.shape(nothing))
    full = [m.stack([*row, *[nothing] * (n - len(row))], rank) for row in rows]
    return m.stack(full, rank)


def _half(m: Any, x: Any) -> Any:
    """The lower triangle, with half of the diagonal."""
    return (m.tril(x, 0) + m.tril(x, -1)) / 2


def _cholesky_vjp(m: Any, seed: Any, y: Any, xs: Any, slot: int) -> Any:
    back = m.inv(y)
    middle = _half(m, m.matmul(swapped(m, y), m.tril(seed, 0)))
    return symmetric(m, m.matmul(m.matmul(swapped(m, back), middle), back))


def _cholesky_bound(m: Any, seed: Any, y: Any, xs: Any, slot: int) -> Any:
    back = m.abs(m.inv(y))
    middle = _half(m, m.matmul(swapped(m, m.abs(y)), m.tril(seed, 0)))
    return symmetric(m, m.matmul(m.matmul(swapped(m, back), middle), back))


def _cholesky_jvp(m: Any, dxs: Any, y: Any, xs: Any) -> Any:
    back = m.inv(y)
    middle = m.matmul(m.matmul(back, symmetric(m, dxs[0])), swapped(m, back))
    return m.matmul(y, _half(m, middle))


def _definite(m: Any, x: Any) -> Any:
    total = m.sum(_cholesky(m, x), axis=(-2, -1))
    return m.min(m.where(total == total, 1, 0)) > 0


# ---- matrix_power


def _raised(m: Any, x: Any, n: int) -> Any:
    """x to a power from 0 on, by squaring."""
    result = None
    while n:
        if n % 2:
            result = x if result is None else m.matmul(result, x)
        n //= 2
        x = m.matmul(x, x) if n else x
    side = m.shape(x)[-1]
    return m.broadcast_to(m.eye(side, side), m.shape(x)) if result is None else result


def _power_of(inverse: Any) -> Any:
    def value(m: Any, x: Any, n: Any) -> Any:
        square(m, "matrix_power", x)
        if not isinstance(n, int) or isinstance(n, bool) or abs(n) > HIGHEST_POWER:
            raise ValueError(f"n is a whole number up to ±{HIGHEST_POWER:,}, not {n}")
        return _raised(m, inverse(m, x) if n < 0 else x, abs(n))

    return value


def _frechet(m: Any, x: Any, dx: Any, n: int) -> Any:
    """The derivative of xⁿ along dx: the corner of [[x, dx], [0, x]]ⁿ."""
    side = m.shape(x)[-1]
    upper = m.concat([x, dx], -1)
    lower = m.concat([m.zeros_like(x), x], -1)
    whole = _raised(m, m.concat([upper, lower], -2), n)
    return m.getitem(whole, (Ellipsis, slice(0, side), slice(side, None)))


def _power_vjp(m: Any, seed: Any, y: Any, xs: Any, slot: int, n: int) -> Any:
    # The adjoint of the derivative at x is the derivative at xᵀ.
    if n >= 0:
        return _frechet(m, swapped(m, xs[0]), seed, n)
    inverse = m.inv(xs[0])
    return _inv_vjp(m, _frechet(m, swapped(m, inverse), seed, -n), inverse, xs, 0)


def _power_bound(m: Any, seed: Any, y: Any, xs: Any, slot: int, n: int) -> Any:
    if n >= 0:
        return _frechet(m, swapped(m, m.abs(xs[0])), seed, n)
    inverse = m.abs(m.inv(xs[0]))
    return _inv_bound(m, _frechet(m, swapped(m, inverse), seed, -n), inverse, xs, 0)


def _power_jvp(m: Any, dxs: Any, y: Any, xs: Any, n: int) -> Any:
    if n >= 0:
        return _frechet(m, xs[0], dxs[0], n)
    inverse = m.inv(xs[0])
    return _frechet(m, inverse, -m.matmul(m.matmul(inverse, dxs[0]), inverse), -n)


def _power_textbook(m: Any, seed: Any, y: Any, xs: Any, slot: int, n: int) -> Any:
    """The sum of (xᵏ)ᵀ·G·(xⁿ⁻¹⁻ᵏ)ᵀ over k."""
    x = m.inv(xs[0]) if n < 0 else xs[0]
    total = m.zeros_like(x)
    for k in range(abs(n)):
        term = seed
        for _ in range(k):
            term = m.matmul(swapped(m, x), term)
        for _ in range(abs(n) - 1 - k):
            term = m.matmul(term, swapped(m, x))
        total = total + term
    return _inv_vjp(m, total, x, xs, 0) if n < 0 else total


_NOT_SINGULAR = "x not singular"
_ENTRIES = (Sample(-2.0, 2.0),)

ROWS = (
    Op(
        "det",
        "x",
        value=_det,
        meaning=_det_written_out,
        vjp=lambda m, seed, y, xs, slot: _per_matrix(m, seed) * m.cofactor(xs[0]),
        jvp=lambda m, dxs, y, xs: m.sum(m.cofactor(xs[0]) * dxs[0], axis=(-2, -1)),
        bound=lambda m, seed, y, xs, slot: _per_matrix(m, seed) * m.abs(m.cofactor(xs[0])),
        dense=True,
        sample=_ENTRIES,
        text="the cofactors of x: det(x)·inv(x)ᵀ, and right for singular x too",
    ),
    Op(
        "logdet",
        "x",
        value=_logdet,
        meaning=lambda m, x: m.log(_det_written_out(m, x)),
        vjp=lambda m, seed, y, xs, slot: _per_matrix(m, seed) * swapped(m, m.inv(xs[0])),
        jvp=lambda m, dxs, y, xs: m.sum(swapped(m, m.inv(xs[0])) * dxs[0], axis=(-2, -1)),
        bound=lambda m, seed, y, xs, slot: _per_matrix(m, seed) * swapped(m, m.abs(m.inv(xs[0]))),
        dense=True,
        domain=Domain("det(x) > 0", lambda m, x: m.min(m.slogdet(x)[0]) > 0),
        sample=_ENTRIES,
        text="inv(x)ᵀ",
    ),
    Op(
        "inv",
        "x",
        value=_inv,
        meaning=_inverse_written_out,
        vjp=_inv_vjp,
        jvp=lambda m, dxs, y, xs: -m.matmul(m.matmul(y, dxs[0]), y),
        bound=_inv_bound,
        dense=True,
        domain=Domain(_NOT_SINGULAR, _regular),
        sample=_ENTRIES,
        text="−yᵀ·G·yᵀ, for a seed G",
    ),
    Op(
        "solve",
        "x, y",
        value=_solve,
        meaning=_solve_written_out,
        vjp=_solve_vjp,
        jvp=_solve_jvp,
        bound=_solve_bound,
        dense=True,
        domain=Domain(_NOT_SINGULAR, lambda m, x, y: _regular(m, x)),
        sample=(*_ENTRIES, *_ENTRIES),
        text="−H·vᵀ, H, with H = solve(xᵀ, G), for a seed G",
    ),
    Op(
        "cholesky",
        "x",
        value=_cholesky,
        meaning=_cholesky_written_out,
        vjp=_cholesky_vjp,
        jvp=_cholesky_jvp,
        bound=_cholesky_bound,
        dense=True,
        domain=Domain("(x + xᵀ)/2 positive definite", _definite),
        sample=_ENTRIES,
        text="the symmetric part of y⁻ᵀ·Φ(yᵀ·G)·y⁻¹, where Φ takes the lower triangle and half of "
        "the diagonal; the factor is that of (x + xᵀ)/2",
    ),
    Op(
        "matrix_power",
        "x, @n",
        value=_power_of(lambda m, x: m.inv(x)),
        meaning=_power_of(_inverse_written_out),
        vjp=_power_vjp,
        jvp=_power_jvp,
        bound=_power_bound,
        textbook=(_power_textbook,),
        dense=True,
        domain=Domain(
            f"n >= 0, or {_NOT_SINGULAR}",
            lambda m, x, n: n >= 0 or _regular(m, x),
        ),
        sample=_ENTRIES,
        text="the sum of (xᵏ)ᵀ·G·(xⁿ⁻¹⁻ᵏ)ᵀ over k < n, for a seed G",
    ),
)
