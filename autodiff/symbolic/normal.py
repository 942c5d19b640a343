"""Normal forms: whether a formula is 0, decided by SymPy's polynomials.

A formula is written as a quotient of polynomials in *generators*: symbols, and what is not
algebraic in them. Functions are broken down until few kinds of generators are left: exp, of one
term each; log|·|, of one irreducible factor each; sin and cos; roots. What is piecewise is
decided by cases. Two formulas whose difference has the numerator 0 are equal wherever both have
a value, but perhaps for a set of measure 0. The converse does not hold: what is not seen to be 0
may be 0.

Work is counted, not timed, so that the answer does not depend on the machine.
"""

from __future__ import annotations

from math import lcm
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Integer
from sympy.core.symbol import Str

from autodiff.symbolic import functions
from autodiff.symbolic.functions import EQUAL, LESS, LESS_EQUAL
from autodiff.symbolic.powers import HIGHEST_MULTIPLE, Powers
from autodiff.symbolic.quotients import (
    COS,
    EXP,
    LOG,
    LOGARITHM,
    OTHER,
    ROOT,
    SIN,
    Atom,
    Empty,
    Narrow,
    Poly,
    Quotient,
    primitive,
)
from autodiff.symbolic.raw import Beyond

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTHS = (12, 40)  # how many generators there may be; the second is tried after the first
MOST_CASES = 40


class Split(Exception):
    """The sign of ``of`` decides, and is not known: two cases."""

    def __init__(self, of: Any) -> None:
        super().__init__(of)
        self.of = of


def vanishes(formula: Any, generic: Callable[[Any], bool]) -> bool:
    """Whether a formula is seen to be 0 wherever it has a value, but for a set of measure 0.

    ``generic(a)`` says whether ``a`` is known to be 0 on a set of measure 0 alone; then a < 0
    and a <= 0 are the same. Raises Beyond where that is too much work.
    """
    cases: list[dict[Any, bool]] = [{}]
    met = 1
    while cases:
        facts = cases.pop()
        try:
            if not _case(formula, generic, facts):
                return False
        except Split as split:
            met += 2
            if met > MOST_CASES:
                raise Beyond("too many cases") from split
            cases += [{**facts, split.of: True}, {**facts, split.of: False}]
    return True


def _case(formula: Any, generic: Callable[[Any], bool], facts: dict[Any, bool]) -> bool:
    for width in WIDTHS:
        try:
            first = Forms(formula, generic, facts, width)
            if not first.of(formula).num:
                return True
            # Roots and logarithms say where the formula has a value: sqrt(x)·sqrt(y) needs
            # x > 0, so it is sqrt(x·y).
            if not first.inside:
                return False
            second = Forms(formula, generic, facts, width)
            second.learn(sorted(set(first.inside), key=sympy.default_sort_key))
            return not second.of(formula).num
        except Narrow:
            continue
        except Empty:
            return True
    raise Beyond("too many generators")


class Forms(Powers):
    """The normal forms of one case: ``facts`` says, of some formulas, whether they are positive."""

    def __init__(
        self, formula: Any, generic: Callable[[Any], bool], facts: dict[Any, bool], width: int
    ) -> None:
        super().__init__(width, *_denominators(formula))
        self.generic = generic
        self.facts = facts
        self._forms: dict[Any, Quotient] = {}
        for key, holds in facts.items():
            if key.func is not functions.Compare:
                poly = self.of(key).num
                self.know(poly if holds else -poly)
            elif holds and key.args[0] == LESS:
                self.know(self.of(key.args[2]).num)

    def learn(self, bases: Sequence[Any]) -> None:
        """Take it that ``bases`` are positive."""
        for base in bases:
            form = self.of(base)
            if not form.num:
                continue  # sqrt(0), of a branch
            rest = self.ring.one
            sign = -1 if form.num.LC < 0 else 1
            for poly, power in [*self.factors(form.num)[1], *form.den.items()]:
                if power % 2 and self.positive(-poly):
                    sign = -sign
                elif power % 2 and not self.positive(poly):
                    rest *= poly
            if rest == 1 and sign < 0:
                raise Empty
            if rest != 1:
                self.know(rest * sign)

    # ---- formulas

    def of(self, e: Any) -> Quotient:
        """The normal form of an expression."""
        form = self._forms.get(e)
        if form is None:
            self.spend(3)
            form = self._forms[e] = self._of(e)
        return form

    def _of(self, e: Any) -> Quotient:
        if e.is_Symbol:
            return self.single(self.generator(e, above=bool(e.is_positive)))
        if e.is_Rational:
            return self.number(e)
        if e.is_Add:
            return self.add([self.of(x) for x in e.args])
        if e.is_Mul:
            out = self.of(e.args[0])
            for x in e.args[1:]:
                if not out.num:
                    break
                out = self.multiply(out, self.of(x))
            return out
        if e.is_Pow and e.base is not sympy.E:
            return self.raised(e.base, e.exp)
        if e is sympy.E:
            return self.exp(self.number(Integer(1)))
        if e.is_NumberSymbol:
            return self.single(self.generator(e, above=True))
        if e.func is Atom:
            return self.named(e)
        rule = RULES.get(e.func)
        if rule is None:
            raise Beyond("a function without a normal form")
        found: Quotient = rule(self, *e.args)
        return found

    def named(self, atom: Any) -> Quotient:
        """The generator of an `Atom` that another case has named."""
        kind, *args = atom.args
        if kind == ROOT:
            return self.single(self.root(self.of(args[0]).num, int(args[1])))
        if kind in (SIN, COS):
            return self.circle(args[0])[int(kind == COS)]
        for arg in args[1:] if kind == OTHER else args:
            self.of(arg)
        above = kind == EXP and not any(a.args[0] == LOGARITHM for a in args[0].atoms(Atom))
        return self.single(self.generator(atom, above=above))

    def opaque(self, name: str, *args: Any, odd: bool = False) -> Quotient:
        """A function of which nothing is known, but perhaps that it is odd."""
        forms = [self.of(a) for a in args]
        sign = 1
        if odd:
            if not forms[0].num:
                return self.zero
            if forms[0].num.LC < 0:
                sign, forms = -1, [forms[0]._replace(num=-forms[0].num)]
        atom = Atom(OTHER, Str(name), *map(self.expr, forms))
        return self.single(self.generator(atom) * sign)

    # ---- cases

    def above(self, a: Any) -> bool:
        """Whether a > 0, in this case."""
        form = self.of(a)
        poly = form.num
        for factor, n in form.den.items():
            if n % 2:
                poly = self.product(poly, factor)
        if not poly:
            return False
        poly = primitive(poly)[1]
        if self.constant(poly):
            return bool(poly.LC > 0)
        if not self.generic(plain(self.poly(poly))):
            return self.decided(functions.Compare(Integer(LESS), Integer(0), self.poly(poly)))
        number, parts = self.split(poly)
        poly = self.ring.one * (1 if number > 0 else -1)
        for part, n in parts.items():
            if self.positive(-part):
                poly = poly * (-1) ** (n % 2)
            elif n % 2 and not self.positive(part):
                poly = poly * primitive(part)[1]
        if self.constant(poly):
            return bool(poly.LC > 0)
        return self.signed_above(poly)

    def signed_above(self, poly: Poly) -> bool:
        if self.positive(poly):
            return True
        if self.positive(-poly):
            return False
        key = self.poly(poly)  # its sign must not depend on the order of the generators
        if key.could_extract_minus_sign():
            return not self.decided(self.poly(-poly))
        return self.decided(key)

    def decided(self, key: Any) -> bool:
        if key not in self.facts:
            raise Split(key)
        return self.facts[key]

    def true(self, c: Any) -> bool:
        """Whether a condition holds: whether it is not 0."""
        return not self.zero_at(c)

    def zero_at(self, a: Any) -> bool:
        """Whether a = 0, in this case."""
        form = self.of(a)
        if not form.num or self.constant(form.num):
            return not form.num
        key = self.poly(primitive(form.num)[1])
        if self.generic(plain(key)):
            return False
        return self.decided(functions.Compare(Integer(EQUAL), Integer(0), key))

    def compare(self, kind: Any, a: Any, b: Any) -> Quotient:
        if kind == LESS:
            holds = self.above(b - a)
        elif kind == LESS_EQUAL:
            holds = not self.above(a - b)
        else:
            holds = self.zero_at(a - b)
        return self.number(Integer(int(holds)))

    def signed(self, a: Any, slope: Any) -> Quotient:
        """sign(a)·slope"""
        if self.above(a):
            return self.of(slope)
        if self.above(-a):
            return self.negative(self.of(slope))
        return self.zero

    def magnitude(self, a: Any) -> Quotient:
        return self.of(a) if self.above(a) else self.negative(self.of(a))

    def step(self, kind: Any, a: Any) -> Quotient:
        if kind == 0:
            return self.signed(a, Integer(1))
        return self.opaque(functions.STEPS[int(kind)], a)

    def choose(self, c: Any, a: Any, b: Any, *rest: Any) -> Quotient:
        return self.of(a) if self.true(c) else self.of(b)

    def logical(self, c: bool) -> Quotient:
        return self.number(Integer(int(c)))


def plain(e: Any) -> Any:
    """An expression in the names of generators as what it stands for."""
    return e.replace(lambda part: part.func is Atom, _unnamed)


def _unnamed(atom: Any) -> Any:
    kind, *args = atom.args
    if kind == ROOT:
        return sympy.Pow(args[0], 1 / args[1])
    if kind == LOG:
        return sympy.log(sympy.Abs(args[0]))
    if kind == OTHER:
        return sympy.erf(args[1]) if args[0].name == "erf" else atom
    return FUNCTIONS[kind](args[0])


FUNCTIONS = {EXP: sympy.exp, LOGARITHM: sympy.log, SIN: sympy.sin, COS: sympy.cos}


def _denominators(formula: Any) -> tuple[int, int]:
    """By what exponents and angles are divided, so that exp(x/2)**2 and exp(x) are known."""
    found = []
    for kinds in (
        (sympy.exp, sympy.sinh, sympy.cosh, sympy.tanh),
        (sympy.sin, sympy.cos, sympy.tan),
    ):
        parts = [f.args[0] for f in formula.atoms(*kinds)]
        whole = lcm(*[int(r.q) for part in parts for r in part.atoms(sympy.Rational)])
        found.append(whole if whole <= 720 else 1)
    return found[0], found[1] if found[1] <= HIGHEST_MULTIPLE else 1


# ---- what each function is


def _tanh(f: Forms, x: Any) -> Quotient:
    one = f.number(Integer(1))
    square = f.exp(f.multiply(f.number(Integer(2)), f.of(x)))
    return f.multiply(f.add([square, f.negative(one)]), f.inverse(f.add([square, one])))


def _half(f: Forms, x: Any, sign: int) -> Quotient:
    """(exp(x) ± exp(-x))/2"""
    e = f.exp(f.of(x))
    both = f.add([e, f.multiply(f.number(Integer(sign)), f.inverse(e))])
    return f.multiply(f.number(sympy.Rational(1, 2)), both)


def _tan(f: Forms, x: Any) -> Quotient:
    sin, cos = f.sine(f.of(x))
    return f.multiply(sin, f.inverse(cos))


def _log(f: Forms, x: Any) -> Quotient:
    if not x.is_number:
        f.inside.append(x)
    return f.log(f.of(x))


def _as(build: Callable[..., Any]) -> Callable[..., Quotient]:
    """A function by an expression for it."""
    return lambda f, *xs: f.of(build(*xs))


def _opaque(name: str, *, odd: bool = False) -> Callable[..., Quotient]:
    return lambda f, *xs: f.opaque(name, *xs, odd=odd)


RULES: dict[Any, Callable[..., Quotient]] = {
    sympy.exp: lambda f, x: f.exp(f.of(x)),
    sympy.log: _log,
    sympy.sin: lambda f, x: f.sine(f.of(x))[0],
    sympy.cos: lambda f, x: f.sine(f.of(x))[1],
    sympy.tan: _tan,
    sympy.sinh: lambda f, x: _half(f, x, -1),
    sympy.cosh: lambda f, x: _half(f, x, 1),
    sympy.tanh: _tanh,
    sympy.asin: _opaque("asin", odd=True),
    sympy.acos: _as(lambda x: sympy.pi / 2 - sympy.asin(x)),
    sympy.atan: _opaque("atan", odd=True),
    sympy.atan2: _opaque("atan2"),
    sympy.asinh: _as(lambda x: sympy.log(x + sympy.sqrt(x**2 + 1))),
    sympy.acosh: _as(lambda x: sympy.log(x + sympy.sqrt(x - 1) * sympy.sqrt(x + 1))),
    sympy.atanh: _as(lambda x: (sympy.log(1 + x) - sympy.log(1 - x)) / 2),
    sympy.erf: _opaque("erf", odd=True),
    sympy.erfc: _as(lambda x: 1 - sympy.erf(x)),
    sympy.erfinv: _opaque("erfinv", odd=True),
    functions.Ndtri: _as(lambda p: sympy.sqrt(2) * sympy.erfinv(2 * p - 1)),
    functions.Sinc: _as(lambda x: sympy.sin(sympy.pi * x) / (sympy.pi * x)),
    functions.SincSlope: _as(
        lambda x: sympy.cos(sympy.pi * x) / x - sympy.sin(sympy.pi * x) / (sympy.pi * x**2)
    ),
    sympy.gamma: _opaque("gamma"),
    sympy.polygamma: _opaque("polygamma"),
    functions.Loggamma: _opaque("loggamma"),
    functions.Held: _opaque("held"),
    sympy.Abs: Forms.magnitude,
    functions.Magnitude: Forms.magnitude,
    sympy.sign: lambda f, x: f.signed(x, Integer(1)),
    functions.Fork: Forms.signed,
    functions.Step: Forms.step,
    functions.Flat: lambda f, kind, x: f.zero,
    functions.Larger: lambda f, a, b: f.of(a if f.above(a - b) else b),
    functions.Smaller: lambda f, a, b: f.of(b if f.above(a - b) else a),
    functions.Lean: lambda f, a, b, da, db: f.of(da if f.above(a - b) else db),
    functions.Compare: Forms.compare,
    functions.Both: lambda f, a, b: f.logical(f.true(a) and f.true(b)),
    functions.Either: lambda f, a, b: f.logical(f.true(a) or f.true(b)),
    functions.Select: Forms.choose,
    functions.Slope: Forms.choose,
}  # fmt: skip
