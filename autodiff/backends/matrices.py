"""Linear algebra on stacks of matrices: NaN for a matrix where a library would raise.

One that is singular, or not positive definite, is outside a domain; its neighbours in the stack
are not.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

# Beyond that no digit of an inverse is right. The number is unchanged when rows are scaled
# (Skeel, 1979), so diag(1, 1e-20) is as good as the identity.
SINGULAR = 2.0**52


class Matrices:
    """The matrix functions of the protocol, over a namespace of the array API standard.

    Within ``raising()`` the namespace raises NumPy's LinAlgError for what it cannot take.
    """

    def __init__(
        self, xp: Any, raising: Callable[[], AbstractContextManager[Any]] = nullcontext
    ) -> None:
        self.xp, self._raising = xp, raising

    def _try(self, function: Callable[..., Any], *xs: Any, **settings: Any) -> Any:
        """``function`` of its operands; None where it refuses them."""
        try:
            with self._raising():
                return function(*xs, **settings)
        except np.linalg.LinAlgError:
            return None

    def _nan(self, x: Any, shape: tuple[int, ...]) -> Any:
        return self.xp.broadcast_to(self.xp.sum(x) * float("nan"), shape)

    def _each(self, function: Callable[..., Any], shape: tuple[int, ...], x: Any) -> Any:
        """``function`` of a stack; NaN in ``shape`` for the matrices it refuses."""
        found = self._try(function, x)
        if found is not None:
            return found
        if x.ndim == 2:
            return self._nan(x, shape)
        stack = tuple(x.shape[:-2])
        flat = self.xp.reshape(x, (-1, *x.shape[-2:]))
        every = [self._each(function, shape, flat[k, ...]) for k in range(flat.shape[0])]
        return self.xp.reshape(self.xp.stack(every), (*stack, *shape))

    def inv(self, x: Any) -> Any:
        xp = self.xp
        y = self._each(xp.linalg.inv, tuple(x.shape[-2:]), x)
        if 0 in x.shape:
            return y
        condition = xp.max(xp.sum(xp.abs(y) @ xp.abs(x), axis=-1), axis=-1)
        # Not condition > SINGULAR: it may be NaN.
        return xp.where((condition < SINGULAR)[..., None, None], y, float("nan"))

    def solve(self, a: Any, b: Any) -> Any:
        """a⁻¹ b for stacks of matrices both."""
        xp = self.xp
        regular = xp.all(xp.isfinite(self.inv(a)), axis=(-1, -2))[..., None, None]
        stack = np.broadcast_shapes(tuple(a.shape[:-2]), tuple(b.shape[:-2]))
        usable = xp.where(regular, a, self._identity(a))
        usable = xp.broadcast_to(usable, (*stack, *a.shape[-2:]))
        b = xp.broadcast_to(b, (*stack, *b.shape[-2:]))
        return xp.where(regular, xp.linalg.solve(usable, b), float("nan"))

    def _identity(self, like: Any) -> Any:
        return self.xp.tril(self.xp.triu(self.xp.ones_like(like)))

    def det(self, x: Any) -> Any:
        return self.xp.linalg.det(x)

    def slogdet(self, x: Any) -> tuple[Any, Any]:
        sign, size = self.xp.linalg.slogdet(x)
        return sign, size

    def cofactor(self, x: Any) -> Any:
        # Not det(x)·inv(x)ᵀ, which singular matrices do not have. Of x = U·S·Vᵀ it is
        # det(U)·det(V)·U·cofactor(S)·Vᵀ, and cofactor(S) has the products of all others.
        xp = self.xp
        u, s, v = self.svd(x, full=False)
        rows = xp.broadcast_to(s[..., None, :], x.shape)
        others = xp.prod(xp.where(self._identity(rows) > 0, 1.0, rows), axis=-1)
        sign = xp.round(xp.linalg.det(u) * xp.linalg.det(v))[..., None, None]
        return sign * ((u * others[..., None, :]) @ xp.matrix_transpose(v))

    def cholesky(self, x: Any) -> Any:
        return self._each(self.xp.linalg.cholesky, tuple(x.shape[-2:]), x)

    def eigh(self, x: Any) -> tuple[Any, Any]:
        found = self._try(self.xp.linalg.eigh, x)
        if found is None:
            return self._nan(x, tuple(x.shape[:-1])), self._nan(x, tuple(x.shape))
        w, v = found
        return w, v

    def svd(self, x: Any, full: bool) -> tuple[Any, Any, Any]:
        found = self._try(self.xp.linalg.svd, x, full_matrices=full)
        if found is None:
            *stack, rows, columns = x.shape
            k = min(rows, columns)
            u, s, vt = (
                self._nan(x, (*stack, *sides))
                for sides in ((rows, rows if full else k), (k,), (columns if full else k, columns))
            )
        else:
            u, s, vt = found
        return u, s, self.xp.matrix_transpose(vt)
