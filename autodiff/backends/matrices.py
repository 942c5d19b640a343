"""NumPy's linear algebra, on stacks of matrices: NaN for a matrix where NumPy would raise.

One that is singular, or not positive definite, is outside a domain; its neighbours in the stack
are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

# Beyond that no digit of an inverse is right. The number is unchanged when rows are scaled
# (Skeel, 1979), so diag(1, 1e-20) is as good as the identity.
SINGULAR = 2.0**52


def _each(function: Callable[..., Any], shape: tuple[int, ...], *xs: Any) -> Any:
    """``function`` of a stack; NaN in ``shape`` for the matrices it refuses."""
    try:
        return function(*xs)
    except np.linalg.LinAlgError:
        if xs[0].ndim == 2:
            return np.full(shape, np.nan)[()]
    stack = xs[0].shape[:-2]
    out = np.empty((*stack, *shape))
    for place in np.ndindex(*stack):
        out[place] = _each(function, shape, *(x[place] for x in xs))
    return out


def inv(x: Any) -> Any:
    y = _each(np.linalg.inv, x.shape[-2:], x)
    condition = np.max(np.sum(np.abs(y) @ np.abs(x), axis=-1), axis=-1, initial=0.0)
    # Not condition > SINGULAR: it may be NaN.
    return np.where((condition < SINGULAR)[..., None, None], y, np.nan)


def solve(a: Any, b: Any) -> Any:
    """a⁻¹ b for stacks of matrices both."""
    regular = np.isfinite(inv(a)).all(axis=(-1, -2))[..., None, None]
    stack = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    usable = np.where(regular, a, np.eye(a.shape[-1]))
    usable = np.broadcast_to(usable, (*stack, *a.shape[-2:]))
    b = np.broadcast_to(b, (*stack, *b.shape[-2:]))
    return np.where(regular, np.linalg.solve(usable, b), np.nan)


def det(x: Any) -> Any:
    return np.linalg.det(x)


def slogdet(x: Any) -> tuple[Any, Any]:
    sign, size = np.linalg.slogdet(x)
    return sign, size


def cofactor(x: Any) -> Any:
    # Not det(x)·inv(x)ᵀ, which singular matrices do not have. Of x = U·S·Vᵀ it is
    # det(U)·det(V)·U·cofactor(S)·Vᵀ, and cofactor(S) has the products of all others.
    u, s, v = svd(x, full=False)
    n = s.shape[-1]
    others = np.stack([np.prod(np.delete(s, k, -1), axis=-1) for k in range(n)], -1)
    sign = np.rint(np.linalg.det(u) * np.linalg.det(v))[..., None, None]
    return sign * ((u * others[..., None, :]) @ np.swapaxes(v, -1, -2))


def cholesky(x: Any) -> Any:
    return _each(np.linalg.cholesky, x.shape[-2:], x)


def eigh(x: Any) -> tuple[Any, Any]:
    try:
        w, v = np.linalg.eigh(x)
    except np.linalg.LinAlgError:
        return np.full(x.shape[:-1], np.nan), np.full(x.shape, np.nan)
    return w, v


def svd(x: Any, full: bool) -> tuple[Any, Any, Any]:
    try:
        u, s, vt = np.linalg.svd(x, full_matrices=full)
    except np.linalg.LinAlgError:
        rows, columns = x.shape[-2:]
        k = min(rows, columns)
        u, s, vt = (
            np.full((*x.shape[:-2], *sides), np.nan)
            for sides in ((rows, rows if full else k), (k,), (columns if full else k, columns))
        )
    return u, s, np.swapaxes(vt, -1, -2)
