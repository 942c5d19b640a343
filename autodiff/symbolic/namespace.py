"""SymPy as a number system: the namespace ``m`` on which a row builds its formula.

Values are `Formula`: a SymPy expression and its size as a tree. Symbols are real and ours; no
name and no text of a model ever reaches SymPy.
"""

from __future__ import annotations

import math
from typing import Any

import sympy
from sympy import Integer, Pow, Rational

from autodiff.symbolic.functions import (
    EQUAL,
    LESS,
    LESS_EQUAL,
    Both,
    Compare,
    Either,
    Held,
    Larger,
    Loggamma,
    Magnitude,
    Ndtri,
    Select,
    Sinc,
    Smaller,
    Step,
)
from autodiff.symbolic.raw import Beyond

FOLDED_BITS = 512  # numbers larger than that are not worked out exactly: 9**9**9**9


class Formula:
    """A SymPy expression with Python's operators, comparisons included."""

    __hash__ = None  # type: ignore[assignment]  # == builds a formula
    __slots__ = ("expr", "size")

    def __init__(self, expr: Any, size: int = 1) -> None:
        self.expr = expr
        self.size = size

    def __add__(self, other: Any) -> Formula:
        return _combined(0, self, lift(other))

    def __radd__(self, other: Any) -> Formula:
        return _combined(0, lift(other), self)

    def __sub__(self, other: Any) -> Formula:
        return _combined(0, self, -lift(other))

    def __rsub__(self, other: Any) -> Formula:
        return _combined(0, lift(other), -self)

    def __mul__(self, other: Any) -> Formula:
        return _combined(1, self, lift(other))

    def __rmul__(self, other: Any) -> Formula:
        return _combined(1, lift(other), self)

    def __truediv__(self, other: Any) -> Formula:
        return _combined(1, self, power(lift(other), -1))

    def __rtruediv__(self, other: Any) -> Formula:
        return _combined(1, lift(other), power(self, -1))

    def __pow__(self, other: Any) -> Formula:
        return power(self, other)

    def __rpow__(self, other: Any) -> Formula:
        return power(other, self)

    def __neg__(self) -> Formula:
        return Formula(-self.expr, self.size + 1)

    def __pos__(self) -> Formula:
        return self

    def __lt__(self, other: Any) -> Formula:
        return _compared(LESS, self, lift(other))

    def __le__(self, other: Any) -> Formula:
        return _compared(LESS_EQUAL, self, lift(other))

    def __gt__(self, other: Any) -> Formula:
        return _compared(LESS, lift(other), self)

    def __ge__(self, other: Any) -> Formula:
        return _compared(LESS_EQUAL, lift(other), self)

    def __eq__(self, other: object) -> Any:
        return _compared(EQUAL, self, lift(other))

    def __ne__(self, other: object) -> Any:
        return 1 - _compared(EQUAL, self, lift(other))

    def __bool__(self) -> bool:
        raise TypeError("a formula is neither true nor false")


def lift(x: Any) -> Formula:
    """A Python number, or a formula, as a formula."""
    if isinstance(x, Formula):
        return x
    if isinstance(x, int):
        return Formula(Integer(int(x)))
    if math.isfinite(x):
        return Formula(exact(x))
    return nan if x != x else inf if x > 0 else Formula(-sympy.oo)


def tree_size(expr: Any, limit: int) -> int:
    """The nodes of an expression's tree, counted up to a limit."""
    count, todo = 0, [expr]
    while todo and count < limit:
        count += 1
        todo.extend(todo.pop().args)
    return count


def exact(x: float) -> Any:
    """A float as the rational number it is."""
    return Rational(*x.as_integer_ratio())


def _bits(number: Any) -> int:
    return int(number.p).bit_length() + int(number.q).bit_length()


def _combined(kind: int, a: Formula, b: Formula) -> Formula:
    x, y = a.expr, b.expr
    size = a.size + b.size + 1
    if x.is_Rational and y.is_Rational and _bits(x) + _bits(y) > FOLDED_BITS:
        return Formula(Held(Integer(kind), x, y), size)
    return Formula(x * y if kind else x + y, size)


def _compared(kind: int, a: Formula, b: Formula) -> Formula:
    return Formula(Compare(Integer(kind), a.expr, b.expr), a.size + b.size + 1)


def power(x: Any, y: Any) -> Formula:
    a, b = lift(x), lift(y)
    base, exponent = a.expr, b.expr
    size = a.size + b.size + 1
    if exponent.is_Rational:
        # Also of the 9 in (9·x)**n: SymPy would work out 9**n.
        number = base if base.is_Rational else base.as_coeff_Mul()[0]
        if (
            number.is_Rational
            and _bits(number) * max(exponent, -exponent) > FOLDED_BITS
            and number != 1
        ):
            if not base.is_Rational:
                raise Beyond("a formula with too large a number in it")
            return Formula(Held(Integer(2), base, exponent), size)
        if base.is_Rational and not exponent.is_Integer and _bits(exponent) > 16:
            return Formula(Held(Integer(2), base, exponent), size)
    elif base.is_number and exponent.is_number:
        return Formula(Held(Integer(2), base, exponent), size)
    return Formula(Pow(base, exponent), size)


def _unary(function: Any) -> Any:
    def build(x: Any) -> Formula:
        a = lift(x)
        return Formula(function(a.expr), a.size + 1)

    return build


pi = Formula(sympy.pi)
inf = Formula(sympy.oo)
nan = Formula(sympy.nan)

abs = _unary(Magnitude)
exp = _unary(sympy.exp)
expm1 = _unary(lambda x: sympy.exp(x) - 1)
log = _unary(sympy.log)
log1p = _unary(lambda x: sympy.log(1 + x))
log2 = _unary(lambda x: sympy.log(x) / sympy.log(2))
log10 = _unary(lambda x: sympy.log(x) / sympy.log(10))
sin = _unary(sympy.sin)
cos = _unary(sympy.cos)
tan = _unary(sympy.tan)
asin = _unary(sympy.asin)
acos = _unary(sympy.acos)
atan = _unary(sympy.atan)
sinh = _unary(sympy.sinh)
cosh = _unary(sympy.cosh)
tanh = _unary(sympy.tanh)
asinh = _unary(sympy.asinh)
acosh = _unary(sympy.acosh)
atanh = _unary(sympy.atanh)
erf = _unary(sympy.erf)
erfc = _unary(sympy.erfc)
lgamma = _unary(Loggamma)
gamma = _unary(sympy.gamma)
erfinv = _unary(sympy.erfinv)
ndtri = _unary(Ndtri)
sinc = _unary(Sinc)
sign = _unary(lambda x: Step(Integer(0), x))
floor = _unary(lambda x: Step(Integer(1), x))
ceil = _unary(lambda x: Step(Integer(2), x))
round = _unary(lambda x: Step(Integer(3), x))


def sqrt(x: Any) -> Formula:
    return power(x, Formula(Rational(1, 2)))


def cbrt(x: Any) -> Formula:
    return lift(sign(x)) * power(abs(x), Formula(Rational(1, 3)))


def digamma(x: Any) -> Formula:
    return polygamma(0, x)


def polygamma(n: int, x: Any) -> Formula:
    a = lift(x)
    return Formula(sympy.polygamma(int(n), a.expr), a.size + 1)


def _binary(function: Any) -> Any:
    def build(x: Any, y: Any) -> Formula:
        a, b = lift(x), lift(y)
        return Formula(function(a.expr, b.expr), a.size + b.size + 1)

    return build


atan2 = _binary(sympy.atan2)
maximum = _binary(Larger)
minimum = _binary(Smaller)
logical_and = _binary(Both)
logical_or = _binary(Either)


def beta(x: Any, y: Any) -> Formula:
    return gamma(x) * gamma(y) / gamma(lift(x) + y)  # type: ignore[no-any-return]  # as built above


def lbeta(x: Any, y: Any) -> Formula:
    return lgamma(x) + lgamma(y) - lgamma(lift(x) + y)  # type: ignore[no-any-return]  # as above


def hypot(x: Any, y: Any) -> Formula:
    return sqrt(lift(x) ** 2 + lift(y) ** 2)


def logaddexp(x: Any, y: Any) -> Formula:
    return lift(log(exp(x) + exp(y)))


def times(x: Any, y: Any) -> Formula:
    return _combined(1, lift(x), lift(y))


def ratio(x: Any, y: Any) -> Formula:
    return _combined(1, lift(x), power(y, -1))


def where(c: Any, a: Any, b: Any) -> Formula:
    return _select(c, a, b, 1)


def _select(c: Any, a: Any, b: Any, ruled: int) -> Formula:
    c, a, b = lift(c), lift(a), lift(b)
    size = c.size + a.size + b.size + 1
    return Formula(Select(c.expr, a.expr, b.expr, Integer(ruled)), size)


def shape(x: Any) -> tuple[int, ...]:
    return ()


def ones_like(x: Any) -> Formula:
    return lift(1)


def zeros_like(x: Any) -> Formula:
    return lift(0)


def broadcast_to(x: Any, shape: tuple[int, ...]) -> Formula:
    return lift(x)


class Chosen:
    """This namespace for rows that *select*: there an edge is no kink but the model's wish."""

    def __getattr__(self, name: str) -> Any:
        return globals()[name]

    @staticmethod
    def where(c: Any, a: Any, b: Any) -> Formula:
        return _select(c, a, b, 0)


chosen = Chosen()


def apply(op: Any, xs: Any) -> Formula:
    """An elementwise row's definition at the formulas ``xs``."""
    import sys

    rule = op.meaning or op.value
    return lift(rule(chosen if op.selects else sys.modules[__name__], *xs))


def sum_of(width: int, *xs: Any) -> Formula:
    """Several terms at once, for `arrays`."""
    return Formula(sympy.Add(*[x.expr for x in xs]), 2 * width)


def dot_of(width: int, *xs: Any) -> Formula:
    """The scalar product of the first and the second half of the operands."""
    terms = [a.expr * b.expr for a, b in zip(xs[:width], xs[width:], strict=True)]
    return Formula(sympy.Add(*terms), 4 * width)
