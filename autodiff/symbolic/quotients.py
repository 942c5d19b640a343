"""Quotients of polynomials in generators, by SymPy's polynomial rings.

A generator is a symbol, or what is not algebraic in symbols, by its `Atom`. Of two kinds something
is known: the n-th power of a root, and sin² = 1 - cos².
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import sympy
from sympy import QQ, Integer

from autodiff.symbolic.raw import Beyond

if TYPE_CHECKING:
    from collections.abc import Sequence

WORK = 60_000  # products of terms, for one case
HIGHEST_POWER = 64
MOST_DIVIDED = 60  # terms of a polynomial that is divided by others
MOST_FACTORED = 12  # terms of a polynomial that is factored
HIGHEST_FACTORED = 8  # and its degree

Poly: TypeAlias = Any  # SymPy's PolyElement


class Atom(sympy.Function):  # type: ignore[misc]  # SymPy's classes are not known to mypy
    """A generator's name: its kind, and what it is of. It evaluates nothing."""

    is_real = True


# LOG is of an absolute value. LOGARITHM is the complex one: x**y is exp(y·LOGARITHM(x)) also where
# x < 0 and y happens to be whole.
EXP, LOG, LOGARITHM, SIN, COS, ROOT, OTHER = map(Integer, range(7))


class Narrow(Exception):
    """There are more generators than the ring has."""


class Empty(Exception):
    """No point belongs to this case."""


class Quotient(NamedTuple):
    """``num`` over the product of the monic polynomials ``den``, to their powers."""

    num: Poly
    den: dict[Poly, int]


@lru_cache(maxsize=4)
def _ring(width: int) -> Any:
    return sympy.polys.rings.PolyRing([f"g{i}" for i in range(width)], QQ)


class Quotients:
    """Quotients in the generators that are met.

    names : per generator the symbol or `Atom` it stands for
    """

    def __init__(self, width: int) -> None:
        self.ring = _ring(width)
        self.width = width
        self.names: list[Any] = []
        self._index: dict[Any, int] = {}
        self._above: set[int] = set()  # generators that are positive
        self._powers: dict[int, tuple[int, Poly]] = {}  # generator**n is a polynomial
        self._known: set[Poly] = set()  # polynomials that are positive, in this case
        self._work = 0

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
            if len(poly) == 1:
                num, n = self.lowered(num, poly, n)
            while n and 1 < len(poly) <= len(num) <= MOST_DIVIDED:
                self.spend(len(num))
                quotient, rest = num.div(poly)
                if rest:
                    break
                num, n = quotient, n - 1
            if n:
                left[poly] = n
        return Quotient(num, left)

    def lowered(self, num: Poly, gen: Poly, n: int) -> tuple[Poly, int]:
        """num/gen**n, as far as the generator divides; and what is left of n."""
        (place,) = [i for i, e in enumerate(gen.LM) if e]
        times = min(n, *[monomial[place] for monomial in num])
        if times:
            num = self.ring.from_dict(
                {(*m[:place], m[place] - times, *m[place + 1 :]): c for m, c in num.items()}
            )
        return num, n - times

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
        number, poly = primitive(poly)
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
            content, part = primitive(part)
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
        if not poly:
            return False
        if poly in self._known or primitive(poly)[1] in self._known:
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

    def know(self, poly: Poly) -> None:
        """Take it that a polynomial is positive."""
        poly = primitive(poly)[1]
        if -poly in self._known:
            raise Empty
        self._known.add(poly)

    def constant(self, poly: Poly) -> bool:
        return bool(poly.degrees().count(0) == self.width)

    def single(self, poly: Poly) -> Quotient:
        return Quotient(poly, {})

    def negative(self, form: Quotient) -> Quotient:
        return Quotient(-form.num, form.den)


def primitive(poly: Poly) -> tuple[Any, Poly]:
    """The content, and the polynomial without it."""
    content, part = poly.primitive()
    return QQ(content), part


def _merged(a: dict[Poly, int], b: dict[Poly, int]) -> dict[Poly, int]:
    if not a or not b:
        return a or b
    out = dict(a)
    for poly, n in b.items():
        out[poly] = out.get(poly, 0) + n
    return out
