"""Formulas as text, as a text book sets them: products with ·, powers raised, √.

(w1·w3 + w2·w4)·(1 − tanh(a·w1·w3 + a·w2·w4)²)
(w1*w3 + w2*w4)*(1 - tanh(a*w1*w3 + a*w2*w4)**2)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy

from autodiff.symbolic import functions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SUM, PRODUCT, POWER, ATOM = range(4)

_NAMES: dict[Any, str] = {
    functions.Loggamma: "lgamma",
    functions.Larger: "maximum",
    functions.Smaller: "minimum",
    functions.Sinc: "sinc",
    functions.Ndtri: "ndtri",
}
_SIGNS = ("<", "<=", "==")
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def written(expr: Any, names: Mapping[Any, str], *, ascii: bool = False) -> str:
    """``expr`` as text; ``names`` says how its symbols are called."""
    return _Writer(names, ascii).text(expr, SUM)


class _Writer:
    def __init__(self, names: Mapping[Any, str], plain: bool) -> None:
        self.names = names
        self.plain = plain
        self.times, self.minus = ("*", "-") if plain else ("·", "−")

    def text(self, expr: Any, least: int) -> str:
        """``expr``, in parentheses if it binds less tightly than ``least``."""
        text, binds = self.bound(expr)
        return f"({text})" if binds < least else text

    def bound(self, expr: Any) -> tuple[str, int]:
        """A formula's text, and how tightly it binds."""
        if expr in self.names:
            name = self.names[expr]
            return name, ATOM if name[0] != "-" and "e-" not in name else PRODUCT
        if expr.is_Integer and expr >= 0:
            return str(expr), ATOM
        if expr.is_Rational:
            return self.product(expr)
        if expr.is_Add:
            return self.sum(expr), SUM
        if expr.is_Mul:
            return self.product(expr)
        if expr.is_Pow:
            return self.power(expr)
        return self.call(expr)

    def sum(self, expr: Any) -> str:
        terms = list(expr.as_ordered_terms())
        first = next((k for k, t in enumerate(terms) if not t.could_extract_minus_sign()), 0)
        terms.insert(0, terms.pop(first))
        out = self.text(terms[0], SUM)
        for term in terms[1:]:
            if _is_negative(term):
                out += f" {self.minus} {self.text(-term, PRODUCT)}"
            else:
                out += f" + {self.text(term, PRODUCT)}"
        return out

    def product(self, expr: Any) -> tuple[str, int]:
        sign = ""
        if _is_negative(expr):
            sign, expr = self.minus, -expr
        above: list[Any] = []
        below: list[Any] = []
        for factor in _factors(expr):
            if factor.is_Rational and not factor.is_Integer:
                if factor.p != 1:
                    above.insert(0, sympy.Integer(factor.p))
                below.insert(0, sympy.Integer(factor.q))
            elif factor.is_Pow and _is_negative(factor.exp):
                below.append(sympy.Pow(factor.base, -factor.exp, evaluate=False))
            else:
                above.append(factor)
        if not below and len(above) == 1:
            text, binds = self.bound(above[0])
            if not sign:
                return text, binds
            return sign + (f"({text})" if binds < PRODUCT else text), PRODUCT
        text = self.times.join(self.text(f, PRODUCT) for f in above) or "1"
        if below:
            text += "/" + (
                self.text(_plain_power(below[0]), POWER)
                if len(below) == 1
                else f"({self.times.join(self.text(_plain_power(f), PRODUCT) for f in below)})"
            )
        return sign + text, PRODUCT

    def power(self, expr: Any) -> tuple[str, int]:
        base, exponent = expr.args
        if _is_negative(exponent):
            return self.product(expr)
        if exponent == sympy.Rational(1, 2):
            inner = self.text(base, SUM)
            if self.plain:
                return f"sqrt({inner})", ATOM
            bare = base.is_Integer or base is sympy.pi or base in self.names
            return (f"√{inner}" if bare else f"√({inner})"), POWER
        text = self.text(base, ATOM)
        if exponent.is_Integer:
            return (f"{text}**{exponent}" if self.plain else text + raised(int(exponent))), POWER
        return f"{text}**{self.text(exponent, ATOM)}", POWER

    def call(self, expr: Any) -> tuple[str, int]:
        kind, args = expr.func, expr.args
        if kind in (functions.Magnitude, sympy.Abs):
            inner = self.text(args[0], SUM)
            return (f"abs({inner})" if self.plain else f"|{inner}|"), ATOM
        if kind is functions.Step:
            return self.listing(functions.STEPS[int(args[0])], args[1:])
        if kind is functions.Select:
            return self.listing("where", (_condition(args[0]), *args[1:3]))
        if kind is functions.Lean:
            a, b, da, db = args
            smaller = functions.Compare(sympy.Integer(functions.LESS), b, a)
            return self.listing("where", (smaller, da, db))
        if kind is functions.Compare:
            sign = _SIGNS[int(args[0])]
            left, right = self.text(args[1], PRODUCT), self.text(args[2], PRODUCT)
            if args[1].is_number:
                return f"{right} {sign.replace('<', '>')} {left}", SUM
            return f"{left} {sign} {right}", SUM
        if kind in (functions.Both, functions.Either):
            word = "and" if kind is functions.Both else "or"
            return f" {word} ".join(self.text(a, PRODUCT) for a in args), SUM
        if kind is functions.Held:
            sign = (" + ", self.times, "**")[int(args[0])]
            return sign.join(self.text(a, ATOM) for a in args[1:]), SUM
        if kind is sympy.polygamma and args[0] == 0:
            return self.listing("digamma", args[1:])
        if kind is functions.SincSlope:
            x = args[0]
            off = (sympy.cos(sympy.pi * x) - functions.Sinc(x)) / x
            zero = sympy.Integer(0)
            at_zero = functions.Compare(sympy.Integer(functions.EQUAL), x, zero)
            return self.listing("where", (at_zero, zero, off))
        if kind in _NAMES:
            return self.listing(_NAMES[kind], args)
        if expr is sympy.pi:
            return ("pi" if self.plain else "π"), ATOM
        if expr is sympy.E:
            return "e", ATOM
        return self.listing(kind.__name__, args) if args else (str(expr), ATOM)

    def listing(self, name: str, args: Sequence[Any]) -> tuple[str, int]:
        return f"{name}({', '.join(self.text(a, SUM) for a in args)})", ATOM


def raised(n: int) -> str:
    """An integer as superscript digits."""
    return str(n).translate(_RAISED)


def _is_negative(expr: Any) -> bool:
    coefficient = expr.as_coeff_Mul()[0]
    return bool(coefficient.is_Rational and coefficient.is_negative)


def _factors(expr: Any) -> Sequence[Any]:
    """Numbers first, then names, functions, sums; within these as SymPy has them."""
    if not expr.is_Mul:
        return [expr]
    factors: Sequence[Any] = expr.as_ordered_factors()
    return sorted(factors, key=_rank)


def _rank(factor: Any) -> int:
    if factor.is_Number:
        return 0
    base = factor.base if factor.is_Pow and factor.exp.is_number else factor
    if not base.is_Add:
        return 1 if base.is_Symbol else 2
    return 4 if base.has(sympy.Function) else 3


def _condition(c: Any) -> Any:
    """``where(a < b, 1, 0)``, which is what a comparison is, as a condition."""
    if c.func is functions.Select and c.args[1] == 1 and c.args[2] == 0:
        return c.args[0]
    return c


def _plain_power(expr: Any) -> Any:
    """x**1, as it comes of 1/x, is x."""
    return expr.base if expr.is_Pow and expr.exp == 1 else expr
