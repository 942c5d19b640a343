"""Formulas as text that knows its structure: numbers, products and sums, lightly tidied.

Constants are folded while exact, 0 and 1 dropped, equal factors and terms collected. Nothing
else is rearranged. A formula longer than `LIMIT` is written ``…``, so shared subexpressions
cannot blow up.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LIMIT = 200  # characters of one formula
SHORT = 6  # digits of a folded constant; a longer one is left as the product it is

# How tightly a formula binds.
COMPARISON, SUM, PRODUCT, POWER, ATOM = 4, 5, 6, 8, 9

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_BAR = "\u0304"  # combining macron

Shape: TypeAlias = tuple[int, ...]


class Style:
    """Which signs formulas are written with; where ``exact``, also axes of length 1."""

    __slots__ = ("ascii", "dot", "ellipsis", "exact", "infinity", "minus", "names", "pi")

    def __init__(self, ascii: bool, exact: bool = False) -> None:
        self.ascii, self.exact = ascii, exact
        self.dot = "*" if ascii else "·"
        self.minus = "-" if ascii else "−"
        self.ellipsis = "..." if ascii else "…"
        self.infinity = "inf" if ascii else "∞"
        self.pi = "pi" if ascii else "π"
        self.names = {} if ascii else {"sqrt": "√"}

    def power(self, exponent: int) -> str:
        return f"**{exponent}" if self.ascii else str(exponent).translate(_SUPERSCRIPT)

    def bar(self, name: str) -> str:
        """The cotangent of a name: z̄, and h̄1 rather than a bar over the 1."""
        if self.ascii:
            return f"{name}_bar"
        return name[0] + _BAR + name[1:] if name[1:].isdigit() else name + _BAR


class Formula:
    """A product ``coefficient · Π base^exponent``, a sum of formulas, or text.

    Attributes
    ----------
    text, precedence : as written, and how tightly it binds
    coefficient      : of a product or a number; None for a sum or text
    factors          : of a product: (base, exponent) in order, exponents are nonzero ints
    terms            : of a sum
    shape            : as an array
    varies           : per axis whether the text extends along it, or is only broadcast
    made             : how a call came about, ("where", c, a, b) or ("sqrt", x), for folding
    """

    __slots__ = (
        *("style", "text", "precedence", "coefficient", "factors", "terms"),
        *("shape", "varies", "made"),
    )
    __hash__ = None  # type: ignore[assignment]  # == makes a formula, as in SymPy's Eq

    style: Style
    text: str
    precedence: int
    coefficient: Number | None
    factors: tuple[tuple[Formula, int], ...]
    terms: tuple[Formula, ...]
    shape: Shape
    varies: tuple[bool, ...]
    made: tuple[Any, ...]

    def __repr__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        raise TypeError("a formula is neither true nor false")

    def __add__(self, other: Any) -> Formula:
        return _sum(self.style, [self, lift(self.style, other)])

    def __radd__(self, other: Any) -> Formula:
        return _sum(self.style, [lift(self.style, other), self])

    def __sub__(self, other: Any) -> Formula:
        return _sum(self.style, [self, -lift(self.style, other)])

    def __rsub__(self, other: Any) -> Formula:
        return _sum(self.style, [lift(self.style, other), -self])

    def __mul__(self, other: Any) -> Formula:
        return product(self.style, [(self, 1), (lift(self.style, other), 1)])

    def __rmul__(self, other: Any) -> Formula:
        return product(self.style, [(lift(self.style, other), 1), (self, 1)])

    def __truediv__(self, other: Any) -> Formula:
        return product(self.style, [(self, 1), (lift(self.style, other), -1)])

    def __rtruediv__(self, other: Any) -> Formula:
        return product(self.style, [(lift(self.style, other), 1), (self, -1)])

    def __neg__(self) -> Formula:
        return product(self.style, [(number(self.style, -1), 1), (self, 1)])

    def __pow__(self, other: Any) -> Formula:
        return power(self.style, self, lift(self.style, other))

    def __rpow__(self, other: Any) -> Formula:
        return power(self.style, lift(self.style, other), self)

    def __lt__(self, other: Any) -> Formula:
        return compare(self, "<", other)

    def __le__(self, other: Any) -> Formula:
        return compare(self, "<=", other)

    def __gt__(self, other: Any) -> Formula:
        return compare(self, ">", other)

    def __ge__(self, other: Any) -> Formula:
        return compare(self, ">=", other)

    def __eq__(self, other: object) -> Formula:  # type: ignore[override]  # see __hash__
        return compare(self, "==", other)

    def __ne__(self, other: object) -> Formula:  # type: ignore[override]  # see __hash__
        return compare(self, "!=", other)


# ── numbers ────────────────────────────────────────────────────────────────────────────


class Number:
    """An exact rational p/q; ``decimal`` where it came from one, and 1/2 is written 0.5.

    Not a Fraction: importing that costs a small model 3 % of its time.
    """

    __slots__ = ("decimal", "p", "q")

    def __init__(self, p: int, q: int = 1, decimal: bool = False) -> None:
        divisor = math.gcd(p, q)
        self.p, self.q = p // divisor, q // divisor
        self.decimal = decimal

    def times(self, other: Number, exponent: int = 1) -> Number | None:
        """The product with ``other`` to a power, or None where that is long to write."""
        size = abs(exponent)
        p, q = (other.p, other.q) if exponent > 0 else (other.q, other.p)
        if size > 8 or not q:
            return None
        if q < 0:
            p, q = -p, -q
        made = Number(self.p * p**size, self.q * q**size, self.decimal or other.decimal)
        return made if self._one() or other._one() or made.short() else None

    def plus(self, other: Number) -> Number | None:
        made = Number(
            self.p * other.q + other.p * self.q, self.q * other.q, self.decimal or other.decimal
        )
        return made if made.short() or not self.p or not other.p else None

    def is_one(self) -> bool:
        return self.p == self.q

    def _one(self) -> bool:
        return self.q == 1 and abs(self.p) == 1

    def short(self) -> bool:
        if not self.decimal:
            return len(str(max(abs(self.p), self.q))) <= SHORT
        p, q = _decimal(f"{self.p / self.q:.{SHORT}g}")
        exact: bool = p * self.q == self.p * q
        return exact

    def ratio(self) -> tuple[str, int]:
        """|value| as a numerator's text and a denominator: 1/3 is ("1", 3), 0.5 is ("0.5", 1)."""
        p = abs(self.p)
        if self.q == 1 and p < 10**15:
            return str(p), 1
        if self.decimal or self.q == 1:
            return repr(p / self.q), 1
        return str(p), self.q


def _decimal(text: str) -> tuple[int, int]:
    """``"-1.5e-05"`` as a numerator and a denominator."""
    mantissa, _, exponent = text.partition("e")
    whole, _, part = mantissa.partition(".")
    power = int(exponent or 0) - len(part)
    p = int(whole + part)
    scale: int = 10 ** abs(power)
    return (p * scale, 1) if power >= 0 else (p, scale)


ONE: Final = Number(1)


def number(style: Style, value: float, shape: Shape = ()) -> Formula:
    """A constant. What has no short exact form is text."""
    value = value if isinstance(value, int) else float(value)
    if not math.isfinite(value):
        sign = style.minus if value < 0 else ""
        name = "nan" if value != value else sign + style.infinity
        return write(style, name, ATOM if not sign else PRODUCT, shape, (False,) * len(shape))
    if value and not 1e-30 < abs(value) < 1e30:
        sign = style.minus if value < 0 else ""
        digits = repr(abs(float(value)))
        return write(style, sign + digits, ATOM if not sign else PRODUCT, shape)
    if value == math.pi or value == math.e:
        # The file says pi, not 3.141592653589793.
        return write(style, style.pi if value == math.pi else "e", ATOM, shape)
    p, q = _decimal(repr(value))
    exact = Number(p, q)
    exact.decimal = exact.q != 1
    return constant(style, exact, shape)


def constant(style: Style, number: Number, shape: Shape) -> Formula:
    return make_product(style, number, (), shape, (False,) * len(shape))


def lift(style: Style, value: Any) -> Formula:
    if isinstance(value, Formula):
        return value
    if isinstance(value, bool | int | float):
        return number(style, value)
    shape = getattr(value, "shape", None)
    if shape == ():
        return number(style, float(value))
    if shape is None:
        raise TypeError(f"{value!r} cannot be written as a formula")
    return _array_constant(style, value)


def _array_constant(style: Style, value: Any) -> Formula:
    """An array that has no name, as a list while that is short."""
    shape = tuple(value.shape)
    if value.size > 12:
        return write(style, style.ellipsis, ATOM, shape)

    def nested(item: Any) -> str:
        if isinstance(item, list):
            return "[" + ", ".join(map(nested, item)) + "]"
        return number(style, item).text

    return write(style, nested(value.tolist()), ATOM, shape)


# ── making formulas ────────────────────────────────────────────────────────────────────


def write(
    style: Style,
    text: str,
    precedence: int,
    shape: Shape,
    varies: tuple[bool, ...] | None = None,
    made: tuple[Any, ...] = (),
) -> Formula:
    """A formula with no structure left. Too long a text is given up here, for every kind."""
    formula = Formula()
    formula.style = style
    if len(text) > LIMIT:
        text, precedence, made = style.ellipsis, ATOM, ()
    formula.text, formula.precedence = text, precedence
    formula.coefficient, formula.factors, formula.terms = None, (), ()
    formula.shape = shape
    formula.varies = tuple(n > 1 for n in shape) if varies is None else varies
    formula.made = made
    return formula


def equals(formula: Formula, value: int) -> bool:
    """Whether it is that constant."""
    number = literal(formula)
    return number is not None and number.q == 1 and number.p == value


def literal(formula: Formula) -> Number | None:
    """Its value where it is a constant."""
    return None if formula.factors else formula.coefficient


def bracketed(formula: Formula, tighter: int) -> str:
    """Its text, in brackets unless it binds at least as tightly as ``tighter``."""
    return formula.text if formula.precedence >= tighter else f"({formula.text})"


def broadcast(formulas: Sequence[Formula]) -> tuple[Shape, tuple[bool, ...]]:
    """The common shape, and along which of its axes any of them extends."""
    first = formulas[0]
    if all(f.shape == first.shape and f.varies == first.varies for f in formulas):
        return first.shape, first.varies
    rank = max(len(f.shape) for f in formulas)
    shape, varies = [1] * rank, [False] * rank
    for f in formulas:
        for axis, (n, extends) in enumerate(
            zip(f.shape, f.varies, strict=True), start=rank - len(f.shape)
        ):
            if n != 1:
                shape[axis] = n
            varies[axis] = varies[axis] or extends
    return tuple(shape), tuple(varies)


def product(style: Style, items: Iterable[tuple[Formula, int]]) -> Formula:
    """Π formula^exponent, flat: constants folded, equal bases collected."""
    items = list(items)
    shape, varies = broadcast([f for f, _ in items])
    if len(items) == 2:
        outer = _outer(style, items[0], items[1], shape)
        if outer is not None:
            return outer
    coefficient = ONE
    powers: dict[str, list[Any]] = {}
    for formula, exponent in items:
        if formula.coefficient is None:
            parts = [(formula, 1)]
        else:
            parts = list(formula.factors)
            folded = coefficient.times(formula.coefficient, exponent)
            if folded is not None:
                coefficient = folded
            elif exponent == 1 and not coefficient.short():
                parts.append((_kept(style, coefficient), 1))
                coefficient = formula.coefficient
            else:
                parts.append((_kept(style, formula.coefficient), 1))
        for base, power in parts:
            entry = powers.setdefault(base.text, [base, 0])
            entry[1] += power * exponent
    for base, _ in list(powers.values()):
        if base.made[:1] == ("sqrt",):
            _fold_root(powers, base)
    if not coefficient.p:
        return constant(style, Number(0), shape)
    factors = tuple((base, power) for base, power in powers.values() if power)
    return make_product(style, coefficient, factors, shape, varies)


def _kept(style: Style, number: Number) -> Formula:
    """A constant as text, lest it be folded again with every factor that joins."""
    formula = constant(style, number, ())
    return write(style, formula.text, formula.precedence, ())


def _fold_root(powers: dict[str, list[Any]], root: Formula) -> None:
    """√(x)² as x, and x/√(x) as √(x): both stand for x to a number of halves."""
    under = root.made[1]
    if under.coefficient is not None and under.factors:
        return  # a product is spread over the others' factors, and not found there again
    entry = powers[root.text]
    whole = powers.get(under.text, [under, 0])
    halves = entry[1] + 2 * whole[1]
    if abs(entry[1]) > 1 or whole[1]:
        whole[1] = int(halves / 2)
        entry[1] = halves - 2 * whole[1]
        powers[under.text] = whole


def _outer(
    style: Style, left: tuple[Formula, int], right: tuple[Formula, int], shape: Shape
) -> Formula | None:
    """A column times a row, neither of which shows that it is one, is their outer product."""
    (a, p), (b, q) = left, right
    if p != 1 or q != 1 or len(a.varies) != 2 or len(b.varies) != 2:
        return None
    if a.varies == (False, True) and b.varies == (True, False):
        a, b = b, a
    if a.varies != (True, False) or b.varies != (False, True):
        return None
    return write(style, f"outer({a.text}, {b.text})", ATOM, shape, made=("outer", a, b))


def make_product(
    style: Style,
    coefficient: Number,
    factors: tuple[tuple[Formula, int], ...],
    shape: Shape,
    varies: tuple[bool, ...],
) -> Formula:
    if len(factors) == 1 and factors[0][1] == 1 and coefficient.p == coefficient.q:
        base = factors[0][0]
        if base.shape == shape and base.varies == varies:
            return base
    text, precedence = _write_product(style, coefficient, factors)
    formula = write(style, text, precedence, shape, varies)
    if formula.text == text:
        formula.coefficient, formula.factors = coefficient, factors
    return formula


def _write_product(
    style: Style, coefficient: Number, factors: tuple[tuple[Formula, int], ...]
) -> tuple[str, int]:
    """``−2·x·sin(x)/(3·y²)``: constant, names, calls, sums; all divisors behind one slash."""
    above: list[tuple[str, int]] = []
    below: list[tuple[str, int]] = []
    lead, divisor = coefficient.ratio()
    for base, power in sorted(factors, key=_place):
        size = abs(power)
        if size == 1:
            text = bracketed(base, PRODUCT + 1)
            precedence = max(base.precedence, PRODUCT + 1)
        else:
            text = bracketed(base, ATOM) + style.power(size)
            precedence = POWER
        (above if power > 0 else below).append((text, precedence))
    numbers = [] if lead == "1" and above else [(lead, ATOM)]
    top = [*numbers, *above]
    bottom = [*([(str(divisor), ATOM)] if divisor != 1 else []), *below]
    sign = style.minus if coefficient.p < 0 else ""
    text = sign + style.dot.join(t for t, _ in top)
    precedence = top[0][1] if len(top) == 1 and not sign else PRODUCT
    if bottom:
        under = style.dot.join(t for t, _ in bottom)
        text += f"/{under}" if len(bottom) == 1 else f"/({under})"
        precedence = PRODUCT
    return text, precedence


def _place(factor: tuple[Formula, int]) -> int:
    base = factor[0]
    if base.precedence < PRODUCT:
        return 2
    return 1 if base.text.endswith(")") else 0


def _sum(style: Style, items: Sequence[Formula]) -> Formula:
    """A sum, flat: constants added, equal terms collected."""
    shape, varies = broadcast(items)
    slots: dict[str, list[Any]] = {}  # key of a term -> [coefficient, factors or text]
    for item in items:
        for term in _addends(style, item):
            coefficient, factors = term.coefficient, term.factors
            if coefficient is None:
                key, coefficient, factors = term.text, ONE, ((term, 1),)
            else:
                key = "·".join(f"{base.text}^{power}" for base, power in factors)
                if len(factors) == 1 and factors[0][1] == 1:
                    key = factors[0][0].text
            entry = slots.get(key)
            if entry is None:
                slots[key] = [coefficient, factors]
                continue
            added = entry[0].plus(coefficient)
            if added is not None:
                entry[0] = added
            else:
                slots[f"{key} {len(slots)}"] = [coefficient, factors]
    made = []
    for number, factors in slots.values():
        if number.p:
            made.append(make_product(style, number, factors, *_extent(factors)))
    if not made:
        return constant(style, Number(0), shape)
    if len(made) == 1:
        return spread(made[0], shape, varies)
    pieces = [made[0].text if made[0].precedence >= SUM else f"({made[0].text})"]
    for term in made[1:]:
        negative = term.text.startswith(style.minus)
        text = term.text[len(style.minus) :] if negative else bracketed(term, SUM)
        pieces.append(f" {style.minus if negative else '+'} {text}")
    text = "".join(pieces)
    formula = write(style, text, SUM, shape, varies)
    if formula.text == text:
        formula.terms = tuple(made)
    return formula


def _addends(style: Style, formula: Formula) -> Sequence[Formula]:
    """The terms of a sum, also of −(x + y): in x − (x + y) they meet their like."""
    if formula.terms:
        return formula.terms
    if formula.coefficient is not None and len(formula.factors) == 1:
        base, power = formula.factors[0]
        if base.terms and power == 1 and (formula.coefficient.p, formula.coefficient.q) == (-1, 1):
            return [-term for term in base.terms]
    return (formula,)


def _extent(factors: tuple[tuple[Formula, int], ...]) -> tuple[Shape, tuple[bool, ...]]:
    return broadcast([base for base, _ in factors]) if factors else ((), ())


def spread(formula: Formula, shape: Shape, varies: tuple[bool, ...]) -> Formula:
    """The same text as an array of another shape."""
    if formula.shape == shape and formula.varies == varies:
        return formula
    out = Formula()
    out.style, out.text, out.precedence = formula.style, formula.text, formula.precedence
    out.coefficient, out.factors, out.terms = formula.coefficient, formula.factors, formula.terms
    out.shape, out.varies, out.made = shape, varies, formula.made
    return out


def power(style: Style, base: Formula, exponent: Formula) -> Formula:
    shape, varies = broadcast([base, exponent])
    value = literal(exponent)
    if value is not None:
        if value.q == 1 and abs(value.p) < 1000:
            if not value.p:
                return constant(style, Number(1), shape)
            return product(style, [(base, value.p)])
        if value.p < 0:
            return 1 / power(style, base, -exponent)
    under = bracketed(base, ATOM)
    if base.precedence == ATOM and under[:1].isdigit() and value is None:
        under = base.text
    # Right-associative, and a unary minus may follow: 2**−x.
    over = bracketed(exponent, ATOM)
    return write(style, f"{under}**{over}", POWER, shape, varies)


def compare(left: Formula, sign: str, right: Any) -> Formula:
    style = left.style
    other = lift(style, right)
    shape, varies = broadcast([left, other])
    a, b = literal(left), literal(other)
    # A formula stands for finite numbers: rules guard against inf, print need not.
    if other.text == style.infinity and sign in ("<", "<=", "!="):
        return number(style, 1, shape)
    if a is not None and b is not None:
        left_side, right_side = a.p * b.q, b.p * a.q
        truth = {
            "<": left_side < right_side,
            "<=": left_side <= right_side,
            ">": left_side > right_side,
            ">=": left_side >= right_side,
            "==": left_side == right_side,
            "!=": left_side != right_side,
        }
        return number(style, int(truth[sign]), shape)
    text = f"{bracketed(left, SUM)} {sign} {bracketed(other, SUM)}"
    return write(style, text, COMPARISON, shape, varies)
