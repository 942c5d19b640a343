"""SymPy as a number system, on the one smooth piece of a function that a point lies on.

A piecewise row is a formula on each piece: at x = −2, relu is 0 and abs is −x. Whatever a
row decides by (a comparison, a sign, the larger of two) is decided at the point; all else
stays symbolic.
"""

from __future__ import annotations

from typing import Any

import sympy

# fmt: off
_SAME = (
    "exp", "log", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh",
    "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "digamma", "polygamma", "gamma", "erfinv",
)
# fmt: on


class Region:
    def __init__(self, point: tuple[sympy.Rational, ...]) -> None:
        # The sign is told to the symbol, so that sqrt(x**2) is x and log(x**y) is y*log(x).
        self.symbols = [
            sympy.Symbol(f"x{i}", positive=True)
            if at > 0
            else sympy.Symbol(f"x{i}", negative=True if at < 0 else None)
            for i, at in enumerate(point)
        ]
        self.at = dict(zip(self.symbols, point, strict=True))
        self.pi, self.inf, self.nan = sympy.pi, sympy.oo, sympy.nan
        for name in _SAME:
            setattr(self, name, getattr(sympy, name))
        self.lgamma = sympy.loggamma

    def beta(self, x: Any, y: Any) -> Any:
        return sympy.gamma(x) * sympy.gamma(y) / sympy.gamma(x + y)

    def lbeta(self, x: Any, y: Any) -> Any:
        return sympy.loggamma(x) + sympy.loggamma(y) - sympy.loggamma(x + y)

    def ndtri(self, p: Any) -> Any:
        return sympy.sqrt(2) * sympy.erfinv(2 * p - 1)

    def sinc(self, x: Any) -> Any:
        return sympy.sin(sympy.pi * x) / (sympy.pi * x)

    def sinc_slope(self, x: Any) -> Any:
        return (sympy.cos(sympy.pi * x) - self.sinc(x)) / x

    def logical_and(self, x: Any, y: Any) -> Any:
        return bool(self.number(x)) and bool(self.number(y))

    def number(self, x: Any) -> Any:
        return sympy.sympify(x).subs(self.at)

    def where(self, c: Any, a: Any, b: Any) -> Any:
        return sympy.sympify(a if bool(self.number(c)) else b)

    def sign(self, x: Any) -> Any:
        return sympy.sign(self.number(x))

    def abs(self, x: Any) -> Any:
        return self.sign(x) * x

    def floor(self, x: Any) -> Any:
        return sympy.floor(self.number(x))

    def ceil(self, x: Any) -> Any:
        return sympy.ceiling(self.number(x))

    def round(self, x: Any) -> Any:
        return sympy.Integer(round(self.number(x)))

    def maximum(self, x: Any, y: Any) -> Any:
        return self.where(self.number(x) > self.number(y), x, y)

    def minimum(self, x: Any, y: Any) -> Any:
        return self.where(self.number(x) < self.number(y), x, y)

    def times(self, a: Any, b: Any) -> Any:
        return a * b

    def ratio(self, a: Any, b: Any) -> Any:
        return sympy.sympify(a) / b

    def power(self, x: Any, y: Any) -> Any:
        return sympy.Pow(x, y)

    def hypot(self, x: Any, y: Any) -> Any:
        return sympy.sqrt(sympy.sympify(x) ** 2 + y**2)

    def expm1(self, x: Any) -> Any:
        return sympy.exp(x) - 1

    def log1p(self, x: Any) -> Any:
        return sympy.log(1 + x)

    def log2(self, x: Any) -> Any:
        return sympy.log(x) / sympy.log(2)

    def log10(self, x: Any) -> Any:
        return sympy.log(x) / sympy.log(10)

    def cbrt(self, x: Any) -> Any:
        return self.sign(x) * self.abs(x) ** sympy.Rational(1, 3)

    def logaddexp(self, x: Any, y: Any) -> Any:
        return sympy.log(sympy.exp(x) + sympy.exp(y))
