"""NumPy float32: the namespace for numbers and arrays of half the digits.

Every function is `autodiff.backends.array`'s, whose result is rounded where it is wider: on float32
NumPy's own functions are not, and give what NumPy gives.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from autodiff.backends import ARRAY, CREATE, ELEMENTWISE, MATRICES, array

if TYPE_CHECKING:
    from collections.abc import Callable

    from autodiff.ops import Op

pi = np.float32(np.pi)
inf = np.float32(np.inf)
nan = np.float32(np.nan)

NARROW = np.float32


def rounded(value: Any) -> Any:
    """A result as float32; shapes, truths and positions as they are."""
    if isinstance(value, tuple):
        return tuple([rounded(item) for item in value]) if _wide(value) else value
    if isinstance(value, float) and not isinstance(value, np.generic):
        return NARROW(value)
    if isinstance(value, np.ndarray | np.generic) and value.dtype == np.float64:
        return value.astype(NARROW)
    return value


def _wide(items: tuple[Any, ...]) -> bool:
    return any(isinstance(item, np.ndarray | np.generic) for item in items)


def _narrow(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*xs: Any, **settings: Any) -> Any:
        return rounded(function(*xs, **settings))

    return call


globals().update(
    {
        name: _narrow(getattr(array, name))
        for name in (*ELEMENTWISE, *ARRAY, *MATRICES, *CREATE)
        if name != "shape"
    }
)
shape = array.shape


def norm(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    # In float32, squares overflow above 1e19 and vanish below 1e-23.
    return rounded(array.norm(np.asarray(x, dtype=np.float64), axis=axis, keepdims=keepdims))


def whole(op: Op, *xs: Any) -> Any:
    return rounded(op.value(sys.modules[__name__], *xs))


def asarray(x: Any) -> Any:
    return np.asarray(x, dtype=NARROW)[()]
