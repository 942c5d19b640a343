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

from functools import lru_cache
from math import lcm
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import sympy
from sympy import QQ, Integer
from sympy.core.symbol import Str

from autodiff.symbolic import functions
from autodiff.symbolic.functions import EQUAL, LESS, LESS_EQUAL
from autodiff.symbolic.raw import Beyond

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTHS = (12, 40)  # how many generators there may be; the second is tried after the first
WORK = 60_000  # products of terms, for one case
MOST_CASES = 40
MOST_SPLIT = 12  # terms of an exponent that become generators of their own
MOST_ANGLES = 4  # the same for an angle, where each term doubles the number of terms
HIGHEST_MULTIPLE = 24  # n of sin(n·t), written in sin(t) and cos(t)
HIGHEST_POWER = 64
MOST_FACTORED = 12  # terms of a polynomial that is factored
HIGHEST_FACTORED = 8  # and its degree
LARGEST_FACTORED = 10**12  # a number that is taken into its primes

Poly: TypeAlias = Any  # SymPy's PolyElement


class Atom(sympy.Function):  # type: ignore[misc]  # SymPy's classes are not known to mypy
    """A generator's name: its kind, and what it is of. It evaluates nothing."""

    is_real = True


# LOG is of an absolute value. LOGARITHM is the complex one: x**y is exp(y·LOGARITHM(x)) also where
# x < 0 and y happens to be whole.
EXP, LOG, LOGARITHM, SIN, COS, ROOT, OTHER = map(Integer, range(7))


class Split(Exception):
    """The sign of ``of`` decides, and is not known: two cases."""

    def __init__(self, of: Any) -> None:
        super().__init__(of)
        self.of = of


class Narrow(Exception):
    """There are more generators than the ring has."""


class Empty(Exception):
    """No point belongs to this case."""


class Quotient(NamedTuple):
    """``num`` over the product of the monic polynomials ``den``, to their powers."""

    num: Poly
    den: dict[Poly, int]


@lru_cache(maxsize=len(WIDTHS))
def _ring(width: int) -> Any:
    return sympy.polys.rings.PolyRing([f"g{i}" for i in range(width)], QQ)


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


class Forms:
    """The normal forms of one case.

    names  : per generator the symbol or `Atom` it stands for
    inside : what roots and logarithms were taken of
    """

    def __init__(
        self, formula: Any, generic: Callable[[Any], bool], facts: dict[Any, bool], width: int
    ) -> None:
        self.ring = _ring(width)
        self.width = width
        self.generic = generic
        self.facts = facts
        self.names: list[Any] = []
        self.inside: list[Any] = []
        self._index: dict[Any, int] = {}
        self._above: set[int] = set()  # generators that are positive
        self._powers: dict[int, tuple[int, Poly]] = {}  # generator**n is a polynomial
        self._known: set[Poly] = set()  # polynomials that are positive, in this case
        self._forms: dict[Any, Quotient] = {}
        self._work = 0
        self._scale, self._pitch = _denominators(formula)
        for key, holds in facts.items():
            if key.func is not functions.Compare:
                poly = self.of(key).num
                self.know(poly if holds else -poly)
            elif holds and key.args[0] == LESS:
                self.know(self.of(key.args[2]).num)

    def know(self, poly: Poly) -> None:
        """Take it that a polynomial is positive."""
        poly = _primitive(poly)[1]
        if -poly in self._known:
            raise Empty
        self._known.add(poly)

    def learn(self, bases: Sequence[Any]) -> None:
        """Take it that ``bases`` are positive."""
        for base in bases:
            form = self.of(base)
            rest = self.ring.one
            for poly, power in [*self.factors(form.num)[1], *form.den.items()]:
                if power % 2 and not self.positive(poly):
                    rest *= poly
            if rest != 1:
                self.know(rest * (-1 if form.num.LC < 0 else 1))

    # ---- generators

    def generator(self, name: Any, *, above: bool = False) -> Poly:
        """The generator of that name."""
        i = self._index.get(name)
        if i is None:
            i = self._index[name] = len(self.names)
            if i >= self.width:
                raise Narrow
            self.names.append(name)
            if above:
                self._above.add(i)
        return self.ring.gens[i]

    def expr(self, form: Quotient) -> Any:
        """A form as an expression in the names of its generators."""
        below = [sympy.Pow(self.poly(p), -n) for p, n in form.den.items()]
        return sympy.Mul(self.poly(form.num), *below)

    def poly(self, poly: Poly) -> Any:
        """A polynomial as an expression."""
        return sympy.Add(
            *[
                sympy.Mul(
                    QQ.to_sympy(c), *[self.names[i] ** e for i, e in enumerate(monomial) if e]
                )
                for monomial, c in poly.terms()
            ]
        )

    def root(self, poly: Poly, n: int) -> Poly:
        """The n-th root of a polynomial that is not negative."""
        name = Atom(ROOT, self.poly(poly), Integer(n))
        gen = self.generator(name, above=True)
        self._powers.setdefault(self._index[name], (n, poly))
        return gen

    # ---- arithmetic

    def spend(self, work: int) -> None:
        self._work += work
        if self._work > WORK:
            raise Beyond("too much work for a normal form")

    def product(self, a: Poly, b: Poly) -> Poly:
        """a·b, with powers of roots and sines worked out."""
        self.spend(len(a) * len(b) + 1)
        return self.settled(a * b)

    def settled(self, poly: Poly) -> Poly:
        """s**n of every root s replaced by what it is the root of; sin² by 1 - cos²."""
        for i in sorted(self._powers, reverse=True):
            n, base = self._powers[i]
            while any(monomial[i] >= n for monomial in poly):
                parts: dict[int, Poly] = {}
                for monomial, c in poly.items():
                    times, left = divmod(monomial[i], n)
                    rest = (*monomial[:i], left, *monomial[i + 1 :])
                    part = parts.setdefault(times, self.ring.zero.copy())
                    part[rest] = part.get(rest, 0) + c
                poly = self.ring.zero
                for times, part in parts.items():
                    part.strip_zero()
                    self.spend(len(part) * max(len(base), 1) ** times)
                    poly = poly + part * base**times
        return poly

    def number(self, value: Any) -> Quotient:
        return Quotient(self.ring.ground_new(QQ.from_sympy(value)), {})

    def add(self, forms: Sequence[Quotient]) -> Quotient:
        """The sum, over the least common denominator of what is seen to be common."""
        den: dict[Poly, int] = {}
        for form in forms:
            for poly, n in form.den.items():
                den[poly] = max(den.get(poly, 0), n)
        total = self.ring.zero
        for form in forms:
            num = form.num
            for poly, n in den.items():
                for _ in range(n - form.den.get(poly, 0)):
                    num = self.product(num, poly)
            total = total + num
        return self.reduced(total, den)

    @property
    def zero(self) -> Quotient:
        return Quotient(self.ring.zero, {})

    def multiply(self, a: Quotient, b: Quotient) -> Quotient:
        return self.reduced(self.product(a.num, b.num), _merged(a.den, b.den))

    def reduced(self, num: Poly, den: dict[Poly, int]) -> Quotient:
        """num/den without those factors of the denominator that divide the numerator."""
        if not num:
            return self.zero
        left = {}
        for poly, n in den.items():
            while n and len(poly) <= len(num):
                self.spend(len(num))
                quotient, rest = num.div(poly)
                if rest:
                    break
                num, n = quotient, n - 1
            if n:
                left[poly] = n
        return Quotient(num, left)

    def inverse(self, a: Quotient) -> Quotient:
        if not a.num:
            raise Beyond("division by 0")
        number, den = self.split(a.num)
        num = self.ring.ground_new(1 / number)
        for poly, n in a.den.items():
            for _ in range(n):
                num = self.product(num, poly)
        return self.reduced(num, den)

    def split(self, poly: Poly) -> tuple[Any, dict[Poly, int]]:
        """A number, and the other factors that are seen at once: generators, and the rest."""
        number, poly = _primitive(poly)
        if poly.LC < 0:
            number, poly = -number, -poly
        found = {}
        lowest = tuple(map(min, zip(*poly, strict=True)))
        for i, n in enumerate(lowest):
            if n:
                found[self.ring.gens[i]] = n
        if any(lowest):
            poly = self.ring.from_dict(
                {tuple(a - b for a, b in zip(m, lowest, strict=True)): c for m, c in poly.items()}
            )
        if poly != 1:
            number, poly = number * poly.LC, poly.monic()
            found[poly] = 1
        return number, found

    def power(self, a: Quotient, n: int) -> Quotient:
        if n < 0:
            a, n = self.inverse(a), -n
        if n > HIGHEST_POWER:
            raise Beyond("too high a power")
        out = Quotient(self.ring.one, {})
        for _ in range(n):
            out = self.multiply(out, a)
        return out

    def factors(self, poly: Poly) -> tuple[Any, list[tuple[Poly, int]]]:
        """A number, and irreducible factors as far as that is cheap; primitive, LC > 0."""
        number, parts = self.split(poly)
        found = []
        for part, n in parts.items():
            content, part = _primitive(part)
            number *= content**n
            small = len(part) <= MOST_FACTORED and max(part.degrees()) <= HIGHEST_FACTORED
            if small and len(part) > 1 and max(map(sum, part)) > 1:
                self.spend(500)
                more, irreducible = part.factor_list()
                number *= QQ(more) ** n
                for factor, m in irreducible:
                    if factor.LC < 0:
                        factor, number = -factor, number * (-1) ** (m * n)
                    found.append((factor, m * n))
            else:
                found.append((part, n))
        return number, found

    def positive(self, poly: Poly) -> bool:
        """Whether a polynomial is seen to be positive, but for a set of measure 0."""
        if poly in self._known or _primitive(poly)[1] in self._known:
            return True
        return all(
            c > 0
            and all(
                e % 2 == 0 or i in self._above or self.ring.gens[i] in self._known
                for i, e in enumerate(monomial)
                if e
            )
            for monomial, c in poly.items()
        )

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

    def single(self, poly: Poly) -> Quotient:
        return Quotient(poly, {})

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

    # ---- exponentials, logarithms and powers

    def terms(self, form: Quotient) -> list[tuple[Any, Quotient]]:
        """A form as numbers times terms without a number."""
        found = []
        for monomial, c in form.num.terms():
            term = self.ring.from_dict({monomial: QQ(1)})
            found.append((c, self.reduced(term, form.den)))
        return found

    def whole(self, form: Quotient) -> tuple[Any, Quotient]:
        """A form as one number times one term."""
        content, num = _primitive(form.num)
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
            if self.positive(base.num):
                return self.fractional(base.num, c)
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
        parts = []
        for whole, sign in ((int(number.numerator), 1), (int(number.denominator), -1)):
            small = whole <= LARGEST_FACTORED
            for p, n in (sympy.factorint(whole) if small else {whole: 1}).items():
                if p != 1:
                    gen = self.generator(Atom(LOG, Integer(p)))
                    parts.append(self.single(gen * (sign * n)))
        return self.add(parts)

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
            if len(form.num) == 1 and not form.den and abs(exponent) <= 10**6:
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
        for whole, sign in ((int(number.numerator), 1), (int(number.denominator), -1)):
            small = whole <= LARGEST_FACTORED
            for p, n in (sympy.factorint(whole) if small else {whole: 1}).items():
                if p != 1:
                    out = self.multiply(out, self.fractional(self.ring(p), c * n * sign))
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

    def negative(self, form: Quotient) -> Quotient:
        return Quotient(-form.num, form.den)

    def _angle(self, c: Any, unit: Quotient) -> tuple[Quotient, Quotient]:
        name = self.expr(unit)
        if name is sympy.pi and c.denominator in {1, 2, 3, 4, 6}:
            angle = QQ.to_sympy(c) * sympy.pi
            return self.of(sympy.sin(angle)), self.of(sympy.cos(angle))
        scale = self._pitch if self._pitch % c.denominator == 0 else c.denominator
        times = int(c * scale)
        if abs(times) > HIGHEST_MULTIPLE:
            scale, times = abs(c.denominator), int(c.numerator)
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
        poly = _primitive(poly)[1]
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
                poly = poly * _primitive(part)[1]
        if self.constant(poly):
            return bool(poly.LC > 0)
        key = self.poly(poly)  # its sign must not depend on the order of the generators
        if key.could_extract_minus_sign():
            return not self.decided(self.poly(-poly))
        return self.decided(key)

    def constant(self, poly: Poly) -> bool:
        return bool(poly.degrees().count(0) == self.width)

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
        key = self.poly(_primitive(form.num)[1])
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


def _primitive(poly: Poly) -> tuple[Any, Poly]:
    content, part = poly.primitive()
    return QQ(content), part


def _merged(a: dict[Poly, int], b: dict[Poly, int]) -> dict[Poly, int]:
    if not a or not b:
        return a or b
    out = dict(a)
    for poly, n in b.items():
        out[poly] = out.get(poly, 0) + n
    return out


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
