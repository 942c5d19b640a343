"""mpmath's linear algebra, on stacks of matrices; NaN where a matrix is outside the domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

_mp = mpmath.mp
_ERRORS = (ZeroDivisionError, ValueError, RuntimeError)  # singular, not definite, no convergence


def stacked(
    function: Callable[..., tuple[Any, ...]], shapes: tuple[tuple[int, ...], ...], *xs: Any
) -> tuple[Any, ...]:
    """``function`` of each matrix of a stack; its results have ``shapes``."""
    stack = np.broadcast_shapes(*(x.shape[:-2] for x in xs))
    xs = tuple(np.broadcast_to(x, (*stack, *x.shape[-2:])) for x in xs)
    out = [np.full((*stack, *shape), _mp.nan, dtype=object) for shape in shapes]
    for place in np.ndindex(*stack):
        each = [np.asarray(x[place]) for x in xs]
        if not all(_mp.isfinite(item) for x in each for item in x.flat):
            continue
        try:
            found = function(*[_mp.matrix(x.tolist()) for x in each])
        except _ERRORS:
            continue
        for whole, part, shape in zip(out, found, shapes, strict=True):
            listed = part.tolist() if hasattr(part, "tolist") else part
            whole[place] = np.array(listed, dtype=object).reshape(shape)[()]
    return tuple(out)


def _inverse(a: Any) -> Any:
    """The inverse, rows scaled to one size before: mpmath takes diag(1, 1e-60) as singular."""
    scales = [max(map(abs, row)) for row in a.tolist()]
    if not all(scales):
        raise ZeroDivisionError("a row of zeros")
    scaled = _mp.diag([_mp.ldexp(1, -int(_mp.mag(size))) for size in scales])
    return _mp.inverse(scaled * a) * scaled


def inv(x: Any) -> Any:
    return stacked(lambda a: (_inverse(a),), (x.shape[-2:],), x)[0]


def solve(a: Any, b: Any) -> Any:
    shape = (a.shape[-1], b.shape[-1])
    return stacked(lambda a, b: (_inverse(a) * b,), (shape,), a, b)[0]


def slogdet(x: Any) -> tuple[Any, Any]:
    def both(a: Any) -> tuple[Any, ...]:
        value = _mp.det(a)
        size = _mp.log(_mp.fabs(value)) if value else -_mp.inf
        return [_mp.sign(value)], [size]

    sign, size = stacked(both, ((), ()), x)
    return sign, size


def det(x: Any) -> Any:
    return stacked(lambda a: ([_mp.det(a)],), ((),), x)[0]


def cofactor(x: Any) -> Any:
    def cofactors(a: Any) -> tuple[Any, ...]:
        n = a.rows
        rows = a.tolist()
        out = []
        for i in range(n):
            for j in range(n):
                minor = [row[:j] + row[j + 1 :] for k, row in enumerate(rows) if k != i]
                out.append((-1) ** (i + j) * (_mp.det(_mp.matrix(minor)) if minor else _mp.one))
        return (out,)

    return stacked(cofactors, (x.shape[-2:],), x)[0]


def cholesky(x: Any) -> Any:
    return stacked(lambda a: (_mp.cholesky(a),), (x.shape[-2:],), x)[0]


def eigh(x: Any) -> tuple[Any, Any]:
    w, v = stacked(lambda a: _mp.eigsy(a), (x.shape[-1:], x.shape[-2:]), x)
    return w, v


def svd(x: Any, full: bool) -> tuple[Any, Any, Any]:
    rows, columns = x.shape[-2:]
    k = min(rows, columns)
    shapes = ((rows, rows if full else k), (k,), (columns if full else k, columns))
    u, s, vt = stacked(lambda a: _mp.svd_r(a, full_matrices=full), shapes, x)
    return u, s, np.swapaxes(vt, -1, -2)
