"""Python floats: the namespace for models without arrays. Does not import NumPy
(but for what only SciPy has, such as digamma, when it is called).

It is called once per node of 100,000-statement models, so its names are the functions of
``math`` themselves wherever those return floats. They raise where IEEE has inf or NaN
(``math.log(0)``, ``1.0 / 0.0``); the caller then asks `autodiff.backends.array`.
"""

from __future__ import annotations

import math
from typing import Any

pi = math.pi
inf = math.inf
nan = math.nan

abs = math.fabs
exp = math.exp
expm1 = math.expm1
log = math.log
log1p = math.log1p
log2 = math.log2
log10 = math.log10
sqrt = math.sqrt
cbrt = math.cbrt
sin = math.sin
cos = math.cos
tan = math.tan
asin = math.asin
acos = math.acos
atan = math.atan
sinh = math.sinh
cosh = math.cosh
tanh = math.tanh
asinh = math.asinh
acosh = math.acosh
atanh = math.atanh
erf = math.erf
erfc = math.erfc
lgamma = math.lgamma
gamma = math.gamma
atan2 = math.atan2
hypot = math.hypot
# Not **: (-8.0) ** (1/3) is a complex number in Python.
power = math.pow

_round = round


def floor(x: float) -> float:
    return float(math.floor(x))


def ceil(x: float) -> float:
    return float(math.ceil(x))


def round(x: float) -> float:
    return float(_round(x))


def sign(x: float) -> float:
    if x > 0:
        return 1.0
    if x < 0:
        return -1.0
    return 0.0 if x == 0 else x


def maximum(x: float, y: float) -> float:
    # As NumPy has it, a NaN on either side comes through.
    return float(x if x >= y or x != x else y)  # relu(x) is maximum(x, 0)


def minimum(x: float, y: float) -> float:
    return float(x if x <= y or x != x else y)


def logaddexp(x: float, y: float) -> float:
    if x == y:
        return x + 0.6931471805599453
    high, low = (x, y) if x > y else (y, x)
    return high + math.log1p(math.exp(low - high))


def digamma(x: float) -> float:
    return _by_numpy("digamma", x)


def polygamma(n: int, x: float) -> float:
    return _by_numpy("polygamma", n, x)


def erfinv(x: float) -> float:
    return _by_numpy("erfinv", x)


def ndtri(p: float) -> float:
    return _by_numpy("ndtri", p)


def beta(x: float, y: float) -> float:
    return _by_numpy("beta", x, y)


def lbeta(x: float, y: float) -> float:
    return _by_numpy("lbeta", x, y)


def sinc(x: float) -> float:
    if x == 0:
        return 1.0
    whole = _round(x)  # x - whole is exact: π times a large x has no digits left
    return (-1.0 if whole % 2 else 1.0) * math.sin(math.pi * (x - whole)) / (math.pi * x)


def sinc_slope(x: float) -> float:
    return _by_numpy("sinc_slope", x)


def _by_numpy(name: str, *xs: float) -> float:
    import numpy as np

    from autodiff.backends import array

    with np.errstate(all="ignore"):
        return float(getattr(array, name)(*xs))


def times(a: float, b: float) -> float:
    return a * b if a else 0.0


def ratio(a: float, b: float) -> float:
    return a / b if a or b else 0.0


def logical_and(a: Any, b: Any) -> bool:
    return bool(a) and bool(b)


def logical_or(a: Any, b: Any) -> bool:
    return bool(a) or bool(b)


def where(c: Any, a: float, b: float) -> float:
    return float(a if c else b)


def shape(x: float) -> tuple[int, ...]:
    return ()


def ones_like(x: float) -> float:
    return 1.0


def zeros_like(x: float) -> float:
    return 0.0


def broadcast_to(x: float, shape: tuple[int, ...]) -> float:
    assert shape == ()
    return x


def asarray(x: float) -> float:
    return float(x)
