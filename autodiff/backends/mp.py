"""mpmath, at its current working precision: the namespace for high precision.

Scalars are ``mpmath.mpf``; arrays are NumPy arrays of them. The caller sets the precision
(``with mpmath.workdps(50): …``) and keeps it for a whole run. There is no −0 here, and no
overflow short of exponents of 2**62, where ``exp`` and ``power`` answer inf or 0: an exponent
with a billion digits (9**9**9**9) would fill the memory.

Outside a function's real domain the result is NaN, never complex. Array division follows
IEEE (1/0 is inf, 0/0 NaN), so that an element nobody uses cannot stop a run; two numbers
divide by mpmath's rule, which raises ZeroDivisionError.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np

from autodiff.backends import array, mp_matrices

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autodiff.ops import Op

_mp = mpmath.mp
_mpf = mpmath.mpf


def again(rule: Callable[..., Any], elementwise: bool, y: Any, xs: Sequence[Any], like: Any) -> Any:
    """A rule that raised where IEEE has inf or NaN (see above), once more in IEEE's way."""
    from autodiff.backends import precise

    return precise.again(rule, elementwise, y, xs, like)


pi = _mp.pi  # evaluated at the precision of its use
inf = _mpf("inf")
nan = _mpf("nan")

_HUGE = _mpf(2) ** 62
_max, _min, _sum, _round = max, min, sum, round


class _Array(np.ndarray[Any, Any]):
    """An array of mpf. It differs from its base in division by zero alone."""

    def __truediv__(self, other: Any) -> Any:
        return _own(_divide(self, other))

    def __rtruediv__(self, other: Any) -> Any:
        return _own(_divide(other, self))


def _quotient(a: Any, b: Any) -> Any:
    if b == 0:
        return nan if a == 0 or a != a else (inf if a > 0 else -inf)
    return a / b


_divide = np.frompyfunc(_quotient, 2, 1)


def _own(x: Any) -> Any:
    """A result as an array of ours, or as a number."""
    if not isinstance(x, np.ndarray):
        return x
    return x.view(_Array) if x.ndim else x[()]


def _objects(x: Any) -> Any:
    return x if isinstance(x, np.ndarray) else np.asarray(x, dtype=object)


def _truth(x: Any) -> Any:
    return x.astype(bool) if isinstance(x, np.ndarray) else bool(x)


def _elementwise(function: Callable[..., Any], arity: int = 1) -> Callable[..., Any]:
    ufunc = np.frompyfunc(lambda *xs: function(*map(_mpf, xs)), arity, 1)

    def call(*xs: Any) -> Any:
        if any(isinstance(x, np.ndarray) for x in xs):
            return _own(ufunc(*xs))
        return function(*map(_mpf, xs))

    return call


def _inside(test: Callable[[Any], bool], function: Callable[[Any], Any]) -> Callable[..., Any]:
    """``function`` where ``test`` is true, NaN elsewhere."""
    return _elementwise(lambda x: function(x) if test(x) else nan)


def _exp(x: Any) -> Any:
    if x > _HUGE:
        return inf
    return _mpf(0) if x < -_HUGE else _mp.exp(x)


def _log(x: Any) -> Any:
    return -inf if x == 0 else _mp.log(x) if x > 0 else nan


def _log1p(x: Any) -> Any:
    return -inf if x == -1 else _mp.log1p(x) if x > -1 else nan


def _atanh(x: Any) -> Any:
    return x * inf if _mp.fabs(x) == 1 else _mp.atanh(x) if _mp.fabs(x) < 1 else nan


def _reducible(x: Any) -> bool:
    # Finite, and its digits before the point fit in memory.
    return bool(_mp.isfinite(x)) and (x == 0 or _mp.mag(x) < 1_000_000)


def _integral(function: Callable[[Any], Any]) -> Callable[..., Any]:
    """Rounding to integers; what has no integer near it stays as it is."""
    return _elementwise(lambda x: function(x) if _mp.isfinite(x) else x)


def _sign(x: Any) -> Any:
    return _mpf((x > 0) - (x < 0)) if x == x else x


def _pole(x: Any) -> bool:
    return bool(x <= 0 and _mp.isint(x))


def _lgamma(x: Any) -> Any:
    return inf if _pole(x) or _mp.isinf(x) else _mp.loggamma(x).real


def _digamma(x: Any) -> Any:
    return nan if _pole(x) else _mp.digamma(x)


def _gamma(x: Any) -> Any:
    if _pole(x) or x == -inf:
        return nan
    if _mp.fabs(x) > _HUGE:
        return inf if x > 0 else _mpf(0)
    return _mp.gamma(x)


def _lbeta(x: Any, y: Any) -> Any:
    with _mp.extraprec(_max(0, _mp.mag(x), _mp.mag(y)) + 20):
        found = _mp.loggamma(x) + _mp.loggamma(y) - _mp.loggamma(x + y)
    return +found


def _erfinv(x: Any) -> Any:
    return x * inf if _mp.fabs(x) == 1 else _mp.erfinv(x) if _mp.fabs(x) < 1 else nan


TAIL = -40  # binary exponent of a p for which 2p − 1 would take as many bits more


def _tail(p: Any) -> Any:
    """The normal quantile of a small p: Newton's steps on log Φ(x) = log p, a parabola nearly."""
    with _mp.extraprec(30):
        wanted, root = _mp.log(p), _mp.sqrt(2)
        x = -_mp.sqrt(-2 * wanted - _mp.log(-4 * _mp.pi * wanted))
        step = x
        while _mp.fabs(step) > _mp.ldexp(
            _mp.fabs(x), -_mp.prec // 2
        ):  # the next has twice the digits
            area = _mp.erfc(-x / root) / 2
            step = (_mp.log(area) - wanted) * area / _mp.npdf(x)
            x -= step
    return +x


def _ndtri(p: Any) -> Any:
    if not 0 < p < 1:
        return -inf if p == 0 else inf if p == 1 else nan
    if _mp.mag(p) < TAIL:
        return _tail(p)
    # 2p − 1 keeps the digits of a small p if there is room for the 1.
    with _mp.extraprec(_max(0, -_mp.mag(p)) + 10):
        found = _mp.sqrt(2) * _mp.erfinv(2 * p - 1)
    return +found


def _sinc(x: Any) -> Any:
    return _mpf(1) if x == 0 else _mp.sinpi(x) / (_mp.pi * x)


def _sinc_slope(x: Any) -> Any:
    if x == 0 or _mp.mag(x) < -_mp.prec:
        return -(_mp.pi**2) * x / 3  # the next term is below rounding
    with _mp.extraprec(_max(0, -2 * _mp.mag(x)) + 10):
        found = (_mp.cospi(x) - _sinc(x)) / x
    return +found


def _power(x: Any, y: Any) -> Any:
    if y == 2:  # as most are
        return x * x
    if y == 1:
        return +x
    if y == 0 or x == 1:
        return _mpf(1)
    if x == 0 and y == y:
        return _mpf(0) if y > 0 else inf
    if x < 0 and not _mp.isint(y):
        return nan
    # Also of 0.6 to a power that no float reaches: mpmath would square on for hours.
    vast = y == y and not _mp.isinf(y) and _mp.mag(y) > 1100 and _mp.fabs(x) != 1
    if _mp.isfinite(x) and (vast or _mp.fabs(y) * _mp.fabs(_mp.mag(x)) > _HUGE):
        size = inf if (y > 0) == (_mp.fabs(x) > 1) else _mpf(0)
        return -size if x < 0 and _mp.floor(y / 2) * 2 != y else size
    return _mp.power(x, y)


def _maximum(x: Any, y: Any) -> Any:
    return x if x >= y or x != x else y


def _minimum(x: Any, y: Any) -> Any:
    return x if x <= y or x != x else y


def _logaddexp(x: Any, y: Any) -> Any:
    if x == y:
        return x + _mp.ln2
    low, high = (x, y) if x < y else (y, x)
    return high + _mp.log1p(_exp(low - high))


abs = _elementwise(_mp.fabs)
exp = _elementwise(_exp)
expm1 = _elementwise(lambda x: inf if x > _HUGE else _mp.expm1(_max(x, -_HUGE)) if x == x else x)
log = _elementwise(_log)
log1p = _elementwise(_log1p)
log2 = _elementwise(lambda x: _log(x) / _mp.ln2)
log10 = _elementwise(lambda x: _log(x) / _mp.ln10)
sqrt = _inside(lambda x: x >= 0, _mp.sqrt)
cbrt = _elementwise(lambda x: -_mp.cbrt(-x) if x < 0 else _mp.cbrt(x))
sin = _inside(_reducible, _mp.sin)
cos = _inside(_reducible, _mp.cos)
tan = _inside(_reducible, _mp.tan)
asin = _inside(lambda x: _mp.fabs(x) <= 1, _mp.asin)
acos = _inside(lambda x: _mp.fabs(x) <= 1, _mp.acos)
atan = _elementwise(_mp.atan)
sinh = _elementwise(lambda x: x * inf if _mp.fabs(x) > _HUGE else _mp.sinh(x))
cosh = _elementwise(lambda x: inf if _mp.fabs(x) > _HUGE else _mp.cosh(x))
tanh = _elementwise(lambda x: _sign(x) if _mp.fabs(x) > _HUGE else _mp.tanh(x))
asinh = _elementwise(_mp.asinh)
acosh = _inside(lambda x: x >= 1, _mp.acosh)
atanh = _elementwise(_atanh)
floor = _integral(_mp.floor)
ceil = _integral(_mp.ceil)
round = _integral(_mp.nint)
sign = _elementwise(_sign)
erf = _elementwise(_mp.erf)
erfc = _elementwise(_mp.erfc)
lgamma = _elementwise(_lgamma)
digamma = _elementwise(_digamma)
gamma = _elementwise(_gamma)
beta = _elementwise(lambda x, y: _mp.beta(x, y) if x > 0 and y > 0 else nan, 2)
lbeta = _elementwise(lambda x, y: _lbeta(x, y) if x > 0 and y > 0 else nan, 2)
erfinv = _elementwise(_erfinv)
ndtri = _elementwise(_ndtri)
sinc = _inside(_reducible, _sinc)
sinc_slope = _inside(_reducible, _sinc_slope)
atan2 = _elementwise(_mp.atan2, 2)
hypot = _elementwise(_mp.hypot, 2)
power = _elementwise(_power, 2)
maximum = _elementwise(_maximum, 2)
minimum = _elementwise(_minimum, 2)
logaddexp = _elementwise(_logaddexp, 2)
times = _elementwise(lambda a, b: a * b if a != 0 else _mpf(0), 2)
ratio = _elementwise(lambda a, b: _mpf(0) if a == 0 and b == 0 else _quotient(a, b), 2)


def polygamma(n: int, x: Any) -> Any:
    return _elementwise(lambda x: nan if _pole(x) else _mp.polygamma(int(n), x))(x)


def logical_and(a: Any, b: Any) -> Any:
    return _truth(a) & _truth(b)


def logical_or(a: Any, b: Any) -> Any:
    return _truth(a) | _truth(b)


def where(c: Any, a: Any, b: Any) -> Any:
    a, b = asarray(a), asarray(b)
    if isinstance(c, np.ndarray):
        return _own(np.where(_truth(c), a, b))
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return _own(np.broadcast_arrays(_objects(a), _objects(b))[0 if c else 1])
    return a if c else b


def whole(op: Op, *xs: Any) -> Any:
    return op.value(sys.modules[__name__], *xs)


def shape(x: Any) -> tuple[int, ...]:
    return x.shape if isinstance(x, np.ndarray) else ()


def ones_like(x: Any) -> Any:
    return full(shape(x), 1)


def zeros_like(x: Any) -> Any:
    return full(shape(x), 0)


def broadcast_to(x: Any, shape: tuple[int, ...]) -> Any:
    return _own(np.broadcast_to(_objects(x), shape))


def _reduction(ufunc: Any) -> Callable[..., Any]:
    def call(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        # asarray: the sum of no elements is the integer 0.
        return asarray(_own(ufunc.reduce(_objects(x), axis=axis, keepdims=keepdims)))

    return call


sum = _reduction(np.add)
prod = _reduction(np.multiply)
max = _reduction(np.maximum)
min = _reduction(np.minimum)


def norm(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return sqrt(sum(x * x, axis=axis, keepdims=keepdims))


def cumsum(x: Any, axis: int) -> Any:
    return _own(np.add.accumulate(x, axis=axis))


def cumprod(x: Any, axis: int) -> Any:
    return _own(np.multiply.accumulate(x, axis=axis))


def sort(x: Any, axis: int) -> Any:
    return _own(np.sort(x, axis))


def argsort(x: Any, axis: int) -> Any:
    return np.argsort(x, axis, stable=True)


def take_along(x: Any, order: Any, axis: int) -> Any:
    return _own(np.take_along_axis(x, order, axis))


def tied_mean(x: Any, keys: Any, axis: int, tolerance: Any) -> Any:
    if not np.size(x):
        return x
    keys, rows = np.moveaxis(keys, axis, -1), np.moveaxis(x, axis, -1)
    starts = np.ones(keys.shape, dtype=bool)
    starts[..., 1:] = ~(abs(keys[..., 1:] - keys[..., :-1]) <= tolerance).astype(bool)
    runs = np.cumsum(starts.ravel()) - 1
    sums = scatter(rows.ravel(), runs, (int(runs[-1]) + 1,)) / np.bincount(runs)
    return _own(np.moveaxis(sums[runs].reshape(rows.shape), -1, axis))


def tril(x: Any, k: int = 0) -> Any:
    return _own(np.where(array.lower(x.shape, k), x, _mpf(0)))


def triu(x: Any, k: int = 0) -> Any:
    return _own(np.where(array.lower(x.shape, k - 1), _mpf(0), x))


def flip(x: Any, axis: int) -> Any:
    return _own(np.flip(x, axis))


def matmul(x: Any, y: Any) -> Any:
    return _own(np.matmul(x, y))


def einsum(subscripts: str, *xs: Any) -> Any:
    return asarray(_own(np.asarray(np.einsum(subscripts, *map(_objects, xs)))))


def _matrices(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*xs: Any) -> Any:
        found = function(*xs)
        return tuple(map(_own, found)) if isinstance(found, tuple) else _own(found)

    return call


inv = _matrices(mp_matrices.inv)
solve = _matrices(mp_matrices.solve)
det = _matrices(mp_matrices.det)
slogdet = _matrices(mp_matrices.slogdet)
cofactor = _matrices(mp_matrices.cofactor)
cholesky = _matrices(mp_matrices.cholesky)
eigh = _matrices(mp_matrices.eigh)
svd = _matrices(mp_matrices.svd)


def reshape(x: Any, shape: tuple[int, ...]) -> Any:
    return _own(np.reshape(_objects(x), shape))


def transpose(x: Any, axes: tuple[int, ...]) -> Any:
    return _own(np.transpose(_objects(x), axes))


def stack(xs: Sequence[Any], axis: int = 0) -> Any:
    return _own(np.stack([_objects(x) for x in xs], axis))


def concat(xs: Sequence[Any], axis: int = 0) -> Any:
    return _own(np.concatenate([_objects(x) for x in xs], axis))


def getitem(x: Any, index: Any) -> Any:
    return _own(x[index])


def scatter(x: Any, index: Any, shape: tuple[int, ...]) -> Any:
    out = np.full(shape, _mpf(0), dtype=object)
    np.add.at(out, index, x)
    return _own(out)


def asarray(x: Any) -> Any:
    """Floats and float64 arrays as they are, to the last bit; what is ours unchanged."""
    if isinstance(x, np.ndarray):
        return x if isinstance(x, _Array) and x.dtype == object else _own(_convert(x))
    if isinstance(x, (list, tuple)):
        return asarray(np.array(x, dtype=object))
    return x if type(x) is _mpf else _mpf(x)


_convert = np.frompyfunc(_mpf, 1, 1)


def full(shape: tuple[int, ...], value: Any) -> Any:
    return _own(np.full(shape, _mpf(value), dtype=object))


# Constructors give data, and data are float64: the same numbers as elsewhere, exactly.


def eye(n: int, m: int | None = None) -> Any:
    return asarray(array.eye(n, m))


def arange(start: float, stop: float, step: float) -> Any:
    return asarray(array.arange(start, stop, step))


def linspace(start: float, stop: float, num: int) -> Any:
    return asarray(array.linspace(start, stop, num))


def randn(shape: tuple[int, ...], seed: int) -> Any:
    return asarray(array.randn(shape, seed))


def rand(shape: tuple[int, ...], seed: int) -> Any:
    return asarray(array.rand(shape, seed))
