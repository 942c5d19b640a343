"""Exponentials, logarithms, roots and angles, in few kinds of generators.

exp of one term each, log|·| of one irreducible factor each, sin and cos of one term each, roots.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import sympy
from sympy import QQ, Integer

from autodiff.symbolic.quotients import (
    COS,
    EXP,
    HIGHEST_POWER,
    LOG,
    LOGARITHM,
    ROOT,
    SIN,
    Atom,
    Poly,
    Quotient,
    Quotients,
    primitive,
)
from autodiff.symbolic.raw import Beyond

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_SPLIT = 12  # terms of an exponent that become generators of their own
MOST_ANGLES = 4  # the same for an angle, where each term doubles the number of terms
HIGHEST_MULTIPLE = 24  # n of sin(n·t), written in sin(t) and cos(t)
HIGHEST_MONOMIAL = 10**6
LARGEST_FACTORED = 10**12  # a number that is taken into its primes


class Powers(Quotients, ABC):
    """Quotients, and what is transcendental.

    inside : what roots and logarithms were taken of
    """

    def __init__(self, width: int, scale: int, pitch: int) -> None:
        super().__init__(width)
        self.inside: list[Any] = []
        self._scale, self._pitch = scale, pitch  # what exponents and angles are divided by

    @abstractmethod
    def of(self, e: Any) -> Quotient:
        """The normal form of an expression."""

    @abstractmethod
    def signed_above(self, poly: Poly) -> bool:
        """Whether a polynomial that is not 0 is positive, in this case."""

    # ---- exponentials

    def terms(self, form: Quotient) -> list[tuple[Any, Quotient]]:
        """A form as numbers times terms without a number."""
        found = []
        for monomial, c in form.num.terms():
            term = self.ring.from_dict({monomial: QQ(1)})
            found.append((c, self.reduced(term, form.den)))
        return found

    def whole(self, form: Quotient) -> tuple[Any, Quotient]:
        """A form as one number times one term."""
        content, num = primitive(form.num)
        sign = -1 if num.LC < 0 else 1
        return sign * content, Quotient(sign * num, form.den)

    def exp(self, form: Quotient) -> Quotient:
        """exp(Σ c·t) is the product of exp(t)**c."""
        if not form.num:
            return self.number(Integer(1))
        parts = self.terms(form)
        if len(parts) > MOST_SPLIT:
            parts = [self.whole(form)]
        out = self.number(Integer(1))
        for c, unit in parts:
            out = self.multiply(out, self._exp_of(c, unit))
        return out

    def _exp_of(self, c: Any, unit: Quotient) -> Quotient:
        name = self.expr(unit)
        if name.func is Atom and name.args[0] == LOG:
            base = self.of(name.args[1])
            if c.denominator == 1 and c % 2 == 0:
                return self.power(base, int(c))  # |base|²
            return self.fractional(base.num * (1 if self.signed_above(base.num) else -1), c)
        positive = not name.has(Atom) or not any(a.args[0] == LOGARITHM for a in name.atoms(Atom))
        if name.func is Atom and name.args[0] == LOGARITHM and c.denominator == 1:
            return self.power(self.of(name.args[1]), int(c))
        scale = self._scale if self._scale % c.denominator == 0 else c.denominator
        gen = self.generator(Atom(EXP, name / int(scale)), above=positive)
        return self.lifted(gen, int(c * scale))

    def lifted(self, gen: Poly, n: int) -> Quotient:
        """A generator to a power of any size."""
        if n >= 0:
            return self.single(self.settled(gen**n))
        return Quotient(self.ring.one, {gen: -n})

    def log(self, form: Quotient) -> Quotient:
        """log|∏ f**n| is Σ n·log|f|."""
        if not form.num:
            raise Beyond("log of 0")
        number, found = self.factors(form.num)
        parts = [self._log_number(abs(number))]
        for poly, n in found:
            parts.append(self._log_of(poly, n))
        for poly, n in form.den.items():
            number, inner = self.factors(poly)
            parts.append(self._log_number(1 / abs(number) ** n))
            parts += [self._log_of(p, -n * m) for p, m in inner]
        return self.add(parts)

    def _log_number(self, number: Any) -> Quotient:
        gens = [(self.generator(Atom(LOG, Integer(p))), n) for p, n in _primes(number)]
        return self.add([self.single(gen * n) for gen, n in gens])

    def _log_of(self, poly: Poly, n: int) -> Quotient:
        name = self.poly(poly)
        if name.func is Atom and name.args[0] == EXP:
            return self.multiply(self.number(Integer(n)), self.of(name.args[1]))
        if name.func is Atom and name.args[0] == ROOT:
            share = self.number(sympy.Rational(n, int(name.args[2])))
            return self.multiply(share, self.log(self.of(name.args[1])))
        if name is sympy.E:
            return self.number(Integer(n))
        return self.single(self.generator(Atom(LOG, name)) * n)

    def raised(self, base: Any, exponent: Any) -> Quotient:
        if exponent.is_Integer:
            form = self.of(base)
            if len(form.num) == 1 and not form.den and abs(exponent) <= HIGHEST_MONOMIAL:
                return self._monomial(form.num, int(exponent))
            return self.power(form, int(exponent))
        if exponent.is_Rational:
            return self.root_of(base, exponent)
        form = self.of(base)
        if form.num and self.positive(form.num) and all(map(self.positive, form.den)):
            log = self.log(form)
        else:
            log = self.single(self.generator(Atom(LOGARITHM, self.expr(form))))
        return self.exp(self.multiply(self.of(exponent), log))

    def _monomial(self, poly: Poly, n: int) -> Quotient:
        ((monomial, c),) = poly.terms()
        if abs(n) > HIGHEST_POWER and abs(c) != 1:
            raise Beyond("too high a power")
        out = self.ring.from_dict({tuple(e * abs(n) for e in monomial): c ** abs(n)})
        form = self.single(self.settled(out))
        return form if n >= 0 else self.inverse(form)

    def root_of(self, base: Any, exponent: Any) -> Quotient:
        """base**(p/q): factors that are positive each by themselves, the others together."""
        form = self.of(base)
        if not base.is_number:
            self.inside.append(base)
        if not form.num:
            if exponent < 0:
                raise Beyond("a pole")
            return self.zero
        number, found = self.factors(form.num)
        for poly, n in form.den.items():
            content, inner = self.factors(poly)
            number /= content**n
            found += [(p, -n * m) for p, m in inner]
        p, q = int(exponent.p), int(exponent.q)
        c = QQ(p, q)
        for k, (poly, n) in enumerate(found):
            if not self.positive(poly) and self.positive(-poly):
                found[k] = (-poly, n)
                number *= (-1) ** (n % 2)
        out = self._root_number(abs(number), c)
        rest = self.ring.one * (1 if number > 0 else -1)
        for poly, n in found:
            if self.positive(poly):
                out = self.multiply(out, self.fractional(poly, n * c))
                continue
            # (v/u)**(1/2) is (v·u³)**(1/2)/u²: over u, and it would be over |u|.
            if n < 0:
                lift = -(n // q)
                lift += lift % 2
                out = self.multiply(out, self.power(self.single(poly), -lift * p))
                n += lift * q
            for _ in range(n):
                rest = self.product(rest, poly)
        if rest == 1:
            return out
        if self.positive(rest):
            return self.multiply(out, self.fractional(rest, c))
        if self.constant(rest):
            raise Beyond("a root of a negative number")
        gen = self.root(rest, q)
        if p < 0:
            return self.multiply(out, Quotient(self.ring.one, {gen: -p}))
        return self.multiply(out, self.power(self.single(gen), p))

    def _root_number(self, number: Any, c: Any) -> Quotient:
        """A positive number to the power c, by the roots of its primes."""
        out = self.number(Integer(1))
        for p, n in _primes(number):
            out = self.multiply(out, self.fractional(self.ring(p), c * n))
        return out

    def fractional(self, poly: Poly, c: Any) -> Quotient:
        """A positive polynomial to a power."""
        p, q = int(c.numerator), int(c.denominator)
        whole, left = divmod(p, q)
        out = self.power(self.single(poly), whole)
        if not left:
            return out
        return self.multiply(out, self.single(self.settled(self.root(poly, q) ** left)))

    # ---- angles

    def sine(self, form: Quotient) -> tuple[Quotient, Quotient]:
        """sin and cos, by the terms of the angle."""
        parts = self.terms(form) if form.num else []
        if len(parts) > MOST_ANGLES:
            parts = [self.whole(form)]
        sin, cos = self.zero, self.number(Integer(1))
        for c, unit in parts:
            s, k = self._angle(c, unit)
            sin, cos = (
                self.add([self.multiply(sin, k), self.multiply(cos, s)]),
                self.add([self.multiply(cos, k), self.negative(self.multiply(sin, s))]),
            )
        return sin, cos

    def _angle(self, c: Any, unit: Quotient) -> tuple[Quotient, Quotient]:
        name = self.expr(unit)
        if name is sympy.pi and c.denominator in {1, 2, 3, 4, 6}:
            angle = QQ.to_sympy(c) * sympy.pi
            return self.of(sympy.sin(angle)), self.of(sympy.cos(angle))
        scale = self._pitch if self._pitch % c.denominator == 0 else c.denominator
        times = int(c * scale)
        if abs(times) > HIGHEST_MULTIPLE:
            raise Beyond("too high a multiple of an angle")
        s, k = self.circle(name / int(scale))
        sines, cosines = [self.zero, s], [self.number(Integer(1)), k]
        for _ in range(abs(times) - 1):
            for row in (sines, cosines):
                double = self.multiply(self.number(Integer(2)), self.multiply(k, row[-1]))
                row.append(self.add([double, self.negative(row[-2])]))
        sin, cos = sines[abs(times)], cosines[abs(times)]
        return (self.negative(sin) if times < 0 else sin), cos

    def circle(self, angle: Any) -> tuple[Quotient, Quotient]:
        """The generators sin and cos of an angle."""
        cos = self.generator(Atom(COS, angle))
        name = Atom(SIN, angle)
        sin = self.generator(name)
        self._powers.setdefault(self._index[name], (2, 1 - cos**2))
        return self.single(sin), self.single(cos)


def _primes(number: Any) -> Iterator[tuple[int, int]]:
    """The primes of a positive fraction, and their powers; a large number as it is."""
    for whole, sign in ((int(number.numerator), 1), (int(number.denominator), -1)):
        small = whole <= LARGEST_FACTORED
        for p, n in (sympy.factorint(whole) if small else {whole: 1}).items():
            if p != 1:
                yield int(p), sign * int(n)
