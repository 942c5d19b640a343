"""NumPy float64: the namespace for arrays, and for scalars where IEEE arithmetic is wanted.

Its values are read-only-safe: no function here writes to an operand. Warnings are left to
the caller's ``np.errstate``. SciPy is imported when one of its functions is called.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from autodiff.backends import portable
from autodiff.backends.matrices import Matrices

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.ops import Op

LARGEST_PRODUCT = 10_000_000  # elements of what einsum makes on the way

pi = np.float64(np.pi)
inf = np.float64(np.inf)
nan = np.float64(np.nan)

abs = np.absolute
exp = np.exp
expm1 = np.expm1
log = np.log
log1p = np.log1p
log2 = np.log2
log10 = np.log10
sqrt = np.sqrt
cbrt = np.cbrt
sin = np.sin
cos = np.cos
tan = np.tan
asin = np.arcsin
acos = np.arccos
atan = np.arctan
sinh = np.sinh
cosh = np.cosh
tanh = np.tanh
asinh = np.arcsinh
acosh = np.arccosh
atanh = np.arctanh
floor = np.floor
ceil = np.ceil
round = np.rint
sign = np.sign
atan2 = np.arctan2
hypot = np.hypot
maximum = np.maximum
minimum = np.minimum
logaddexp = np.logaddexp
logical_and = np.logical_and
logical_or = np.logical_or
matmul = np.matmul


def transpose(x: Any, axes: tuple[int, ...]) -> Any:
    return x.transpose(axes) if isinstance(x, np.ndarray) else np.transpose(x, axes)


def reshape(x: Any, shape: tuple[int, ...]) -> Any:
    # The method: np.reshape spends four times that on finding it.
    return x.reshape(shape) if isinstance(x, np.ndarray) else np.reshape(x, shape)


def power(x: Any, y: Any) -> Any:
    # These two are right to the last digit, and a tenth of the time.
    if isinstance(y, float | int) and isinstance(x, np.ndarray):
        if y == 2:
            return np.square(x)
        if y == 1:
            return x
    return np.power(x, y)


_matrices = Matrices(np)
inv = _matrices.inv
solve = _matrices.solve
det = _matrices.det
slogdet = _matrices.slogdet
cofactor = _matrices.cofactor
cholesky = _matrices.cholesky
eigh = _matrices.eigh
svd = _matrices.svd


def erf(x: Any) -> Any:
    from scipy.special import erf

    return erf(x)


def erfc(x: Any) -> Any:
    from scipy.special import erfc

    return erfc(x)


def lgamma(x: Any) -> Any:
    from scipy.special import gammaln

    near = np.abs(x) < 1e-300
    if not np.any(near):
        return gammaln(x)
    return np.where(near, -np.log(np.abs(x)), gammaln(x))[()]  # SciPy's is inf of a subnormal


def gamma(x: Any) -> Any:
    from scipy.special import gamma

    return np.where((x <= 0) & (x == np.floor(x)), np.nan, gamma(x))[()]


def beta(x: Any, y: Any) -> Any:
    from scipy.special import beta

    return beta(x, y)


def lbeta(x: Any, y: Any) -> Any:
    from scipy.special import betaln

    return betaln(x, y)


def erfinv(x: Any) -> Any:
    from scipy.special import erfinv

    return erfinv(x)


def ndtri(p: Any) -> Any:
    from scipy.special import ndtri

    return ndtri(p)


def sinc(x: Any) -> Any:
    return portable.sinc(sys.modules[__name__], x)


def sinc_slope(x: Any) -> Any:
    from scipy.special import spherical_jn

    m, x = sys.modules[__name__], np.asarray(x)
    near = -np.pi * spherical_jn(1, np.pi * np.where(np.abs(x) < 0.5, x, 0.0))
    # Nearer to 0 the next term is below rounding; SciPy's own goes to 0 too early.
    near = np.where(np.abs(x) < 1e-9, 0.0 - (np.pi**2 / 3) * x, near)
    away = np.where(np.abs(x) < 0.5, 1.0, x)
    return np.where(np.abs(x) < 0.5, near, (portable.half_turns(m, away)[0] - sinc(away)) / away)[
        ()
    ]


def digamma(x: Any) -> Any:
    from scipy.special import digamma

    if not np.any(x < 0):
        return digamma(x)
    # SciPy's own reflection has no digits left near a pole: at -(1 - 2**-53) it is 40% off.
    # x - rint(x) is exact.
    reflected = digamma(1 - x) - np.pi / np.tan(np.pi * (x - np.rint(x)))
    return np.where(x < 0, reflected, digamma(x))[()]


def polygamma(n: int, x: Any) -> Any:
    from scipy.special import polygamma

    if n == 0:
        return digamma(x)
    if n != 1 or not np.any(x < 0):
        return polygamma(n, x)[()]
    reflected = np.square(np.pi / np.sin(np.pi * (x - np.rint(x)))) - polygamma(1, 1 - x)
    return np.where(x < 0, reflected, polygamma(1, x))[()]


def times(a: Any, b: Any) -> Any:
    if isinstance(a, float | int) and a != 0:
        return a * b
    return np.where(a == 0, 0.0, a * b)[()]


def ratio(a: Any, b: Any) -> Any:
    return a / np.where((b == 0) & (a == 0), 1.0, b)[()]


def where(c: Any, a: Any, b: Any) -> Any:
    # The indicator of a comparison, where(x > 0, 1, 0), is a cast: a fifth of the time. Of
    # numbers it is not: where([2.0, 0.0], 1, 0) is [1, 0].
    indicator = type(a) is int and type(b) is int and (a, b) == (1, 0)
    if indicator and isinstance(c, (np.ndarray, np.bool)) and c.dtype.kind == "b":
        return c.astype(np.float64)
    # [()] makes a 0-d array a number. Two int constants would make an int64 array.
    return np.where(c, float(a) if type(a) is int else a, b)[()]


# ---- what the reverse sweep asks where it is there: see `autodiff.sweep.reverse`


def owned(x: Any, held: Sequence[Any]) -> bool:
    """Whether an array that a rule gave may be written to: it is none of ``held``, and no view."""
    if type(x) is not np.ndarray or x.base is not None or not x.flags.writeable:
        return False
    return all(x is not other for other in held)


def accumulate(total: Any, term: Any) -> Any:
    """``total + term``, in the place of ``total``."""
    return np.add(total, term, out=total)


def accumulate_outer(total: Any, column: Any, row: Any) -> Any:
    """``total`` with the outer product of two vectors added in place: BLAS' rank-1 update, which
    makes no matrix of it. Recurrent weights get one a step."""
    from scipy.linalg.blas import dger

    if total.flags.c_contiguous:  # BLAS has columns where NumPy has rows
        dger(1.0, row, column, a=total.T, overwrite_a=True)
    else:
        total += column[:, None] * row
    return total


def accumulate_at(total: Any, index: Any, term: Any) -> Any:
    """``total`` with ``term`` added at an index, in place."""
    if picks(index):
        np.add.at(total, index, term)
    else:
        total[index] += term
    return total


def whole(op: Op, *xs: Any) -> Any:
    return op.value(sys.modules[__name__], *xs)


def shape(x: Any) -> tuple[int, ...]:
    return x.shape if isinstance(x, (np.ndarray, np.float64)) else np.shape(x)


def ones_like(x: Any) -> Any:
    return np.ones(np.shape(x))[()]


def zeros_like(x: Any) -> Any:
    return np.zeros(np.shape(x))[()]


def broadcast_to(x: Any, shape: tuple[int, ...]) -> Any:
    if np.shape(x) == shape:
        return x
    return np.broadcast_to(x, shape)


# The ufuncs' own reduce: np.sum and its like spend more than that on checking arguments.
_add: Any = np.add.reduce
_multiply: Any = np.multiply.reduce
_maximum: Any = np.maximum.reduce
_minimum: Any = np.minimum.reduce


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _add(x, axis=axis, keepdims=keepdims)


def prod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _multiply(x, axis=axis, keepdims=keepdims)


def max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _maximum(x, axis=axis, keepdims=keepdims)


def min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _minimum(x, axis=axis, keepdims=keepdims)


def norm(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    plain = np.sqrt(_add(np.square(x), axis=axis, keepdims=keepdims))
    if np.all((plain > 1e-140) & (plain < 1e150)):
        return plain
    # Squares overflow above 1e154 and lose digits below 1e-146. The scale is a power of two,
    # so that it adds no rounding; 0, inf and NaN stay as they are.
    top = _maximum(np.abs(x), axis=axis, keepdims=True, initial=0.0)
    usable = (top > 0) & (top < np.inf)
    scale = np.ldexp(1.0, np.frexp(np.where(usable, top, 1.0))[1] - 1)
    scaled = np.sqrt(_add(np.square(x / scale), axis=axis, keepdims=keepdims))
    return scaled * (scale if keepdims else _add(scale, axis=axis))


def cumsum(x: Any, axis: int) -> Any:
    return np.add.accumulate(x, axis=axis)


def cumprod(x: Any, axis: int) -> Any:
    return np.multiply.accumulate(x, axis=axis)


def sort(x: Any, axis: int) -> Any:
    return np.sort(x, axis)


def argsort(x: Any, axis: int) -> Any:
    return np.argsort(x, axis, stable=True)


def take_along(x: Any, order: Any, axis: int) -> Any:
    return np.take_along_axis(x, order, axis)


def tied_mean(x: Any, keys: Any, axis: int, tolerance: Any) -> Any:
    if not np.size(x):
        return x
    keys = np.moveaxis(keys, axis, -1)
    rows = np.moveaxis(x, axis, -1)
    starts = np.ones(keys.shape, dtype=bool)
    starts[..., 1:] = ~(np.abs(keys[..., 1:] - keys[..., :-1]) <= tolerance)
    if starts.all():
        return x
    runs = np.cumsum(starts.ravel()) - 1
    means = np.bincount(runs, weights=rows.ravel()) / np.bincount(runs)
    return np.moveaxis(means[runs].reshape(rows.shape), -1, axis)


def lower(shape: tuple[int, ...], k: int) -> Any:
    """Where a matrix (the last two sides of ``shape``) is on or below its k-th diagonal."""
    return np.tri(shape[-2], shape[-1], k) > 0


def tril(x: Any, k: int = 0) -> Any:
    return np.tril(x, k)


def triu(x: Any, k: int = 0) -> Any:
    return np.triu(x, k)


def flip(x: Any, axis: int) -> Any:
    return np.flip(x, axis)


def einsum(subscripts: str, *xs: Any) -> Any:
    # Of several operands the order of the products matters: by sizes, in bounded memory.
    path: Any = ("greedy", LARGEST_PRODUCT) if len(xs) > 2 else False
    return np.einsum(subscripts, *xs, optimize=path)[()]


def stack(xs: Sequence[Any], axis: int = 0) -> Any:
    # np.stack makes an array of every item first: 40 times slower for a list of numbers.
    if axis == 0 and all(isinstance(x, float) for x in xs):
        return np.array(xs, dtype=np.float64)
    return np.stack(xs, axis)


def concat(xs: Sequence[Any], axis: int = 0) -> Any:
    return np.concatenate(xs, axis)


def getitem(x: Any, index: Any) -> Any:
    return x[index]


def scatter(x: Any, index: Any, shape: tuple[int, ...]) -> Any:
    out = np.zeros(shape)
    if picks(index):
        np.add.at(out, index, x)
    else:
        out[index] = x
    return out


def picks(index: Any) -> bool:
    """Whether an index picks elements one by one, the same one twice perhaps, and is no view."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(part, (list, np.ndarray)) for part in parts)


def asarray(x: Any) -> Any:
    return np.asarray(x, dtype=np.float64)[()]


def full(shape: tuple[int, ...], value: Any) -> Any:
    return np.full(shape, value, dtype=np.float64)[()]


def eye(n: int, m: int | None = None) -> Any:
    return np.eye(n, m)


def arange(start: float, stop: float, step: float) -> Any:
    return np.arange(start, stop, step, dtype=np.float64)


def linspace(start: float, stop: float, num: int) -> Any:
    return np.linspace(start, stop, num)


def randn(shape: tuple[int, ...], seed: int) -> Any:
    return np.float64(np.random.default_rng(seed).standard_normal(shape))


def rand(shape: tuple[int, ...], seed: int) -> Any:
    return np.float64(np.random.default_rng(seed).random(shape))
