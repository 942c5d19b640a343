"""What the tape needs of NumPy besides the rows' namespace: keeping, checking, silencing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable


P = ParamSpec("P")
T = TypeVar("T")


def settle(value: Any) -> Any:
    """A result as the tape keeps it: a Python float, or a read-only float64 array.

    Raises TypeError for what is not real numbers, ValueError for ragged nested lists.
    """
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{array.dtype} is not a real number type")
    if array.ndim == 0:
        return float(array)
    array = array.astype(np.float64, copy=False)
    if array.flags.writeable:
        array = array.view()
        array.flags.writeable = False
    return array


def quietly(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """``call(…)`` with IEEE results in place of NumPy's warnings."""
    with np.errstate(all="ignore"):
        return call(*args, **kwargs)


def all_finite(value: Any) -> bool:
    """Whether no element is infinite or NaN."""
    return bool(np.isfinite(value).all())


def finite(value: Any) -> Any:
    """Per element whether it is finite."""
    return np.isfinite(value)


def any_true(value: Any) -> bool:
    """Whether any element is true."""
    return bool(np.any(value))


def filled(value: Any, shape: tuple[int, ...]) -> Any:
    """``value`` spread over ``shape``."""
    return np.broadcast_to(np.asarray(value, dtype=np.float64), shape)


def gap(a: Any, b: Any) -> float:
    """The largest |a − b|, where equal infinities (and NaN beside NaN) do not differ."""
    a, b = np.broadcast_arrays(np.asarray(a), np.asarray(b))
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    return float(np.max(np.where(same, 0.0, np.abs(a - b)), initial=0.0))


LARGEST_BLOCK = 2**25 - 2**13  # bytes: from 32 MiB on, the C library does not learn


def keep_memory() -> None:
    """Have the allocator keep what is freed for the next call, up to 64 MiB.

    Else every call is given its pages anew by the system, which takes as long as the arithmetic.
    The C library of Linux sets its thresholds by the largest block that it has been given back.
    """
    np.empty(LARGEST_BLOCK // 8)
