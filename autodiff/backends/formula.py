"""Writes formulas: the number system whose values are text.

The rules of the table, run on it, say what an edge weight looks like: ``1 − tanh(d)²``. Values
are written as the model writes them, by a row's name or symbol and never by its ``value``
(which may be a stable rearrangement); then the rows' rules are run backwards, and the products
and sums they make are tidied lightly: constants folded while exact, 0 and 1 dropped, equal
factors and terms collected. Nothing else is rearranged.

A formula longer than `LIMIT` is written ``…``, so shared subexpressions cannot blow up.

For scalars a formula is the local derivative. Where an operand or the result is an array it is
the pull-back, with ``z̄`` for the cotangent of z: for ``z = W @ h`` that of W is
``outer(z̄, h)``. Broadcasting and axes of length 1 are not written, as in print.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from autodiff.ops.base import pull

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from autodiff.ops import Op
    from autodiff.tape import Tape

LIMIT = 200  # characters of one formula
NAMED = 12  # a statement's value longer than this is written by its name: 1 − hidden²
SHORT = 6  # digits of a folded constant; a longer one is left as the product it is

_COMPARISON, _SUM, _PRODUCT, _POWER, _ATOM = 4, 5, 6, 8, 9
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_BAR = "\u0304"  # combining macron
_SLOTS = 0xF0000  # private-use characters: operands in a formula that is kept for reuse
_MANY = 0x1FFFC  # that many there are

# A formula is a comment on the result: where a rule asks for what text cannot do, the formula
# is left out, and must not cost the result.
_UNWRITTEN = (TypeError, ValueError, IndexError, AttributeError, AssertionError)

Shape = tuple[int, ...]


class Style:
    """Which signs formulas are written with."""

    __slots__ = ("ascii", "dot", "ellipsis", "infinity", "minus", "names")

    def __init__(self, ascii: bool) -> None:
        self.ascii = ascii
        self.dot = "*" if ascii else "·"
        self.minus = "-" if ascii else "−"
        self.ellipsis = "..." if ascii else "…"
        self.infinity = "inf" if ascii else "∞"
        self.names = {} if ascii else {"sqrt": "√", "pi": "π", "inf": "∞"}

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
        return _sum(self.style, [self, _formula(self.style, other)])

    def __radd__(self, other: Any) -> Formula:
        return _sum(self.style, [_formula(self.style, other), self])

    def __sub__(self, other: Any) -> Formula:
        return _sum(self.style, [self, -_formula(self.style, other)])

    def __rsub__(self, other: Any) -> Formula:
        return _sum(self.style, [_formula(self.style, other), -self])

    def __mul__(self, other: Any) -> Formula:
        return _product(self.style, [(self, 1), (_formula(self.style, other), 1)])

    def __rmul__(self, other: Any) -> Formula:
        return _product(self.style, [(_formula(self.style, other), 1), (self, 1)])

    def __truediv__(self, other: Any) -> Formula:
        return _product(self.style, [(self, 1), (_formula(self.style, other), -1)])

    def __rtruediv__(self, other: Any) -> Formula:
        return _product(self.style, [(_formula(self.style, other), 1), (self, -1)])

    def __neg__(self) -> Formula:
        return _product(self.style, [(_number(self.style, -1), 1), (self, 1)])

    def __pow__(self, other: Any) -> Formula:
        return _power(self.style, self, _formula(self.style, other))

    def __rpow__(self, other: Any) -> Formula:
        return _power(self.style, _formula(self.style, other), self)

    def __lt__(self, other: Any) -> Formula:
        return _compare(self, "<", other)

    def __le__(self, other: Any) -> Formula:
        return _compare(self, "<=", other)

    def __gt__(self, other: Any) -> Formula:
        return _compare(self, ">", other)

    def __ge__(self, other: Any) -> Formula:
        return _compare(self, ">=", other)

    def __eq__(self, other: object) -> Formula:  # type: ignore[override]  # see __hash__
        return _compare(self, "==", other)

    def __ne__(self, other: object) -> Formula:  # type: ignore[override]  # see __hash__
        return _compare(self, "!=", other)


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
            return max(abs(self.p), self.q) < 10**SHORT
        p, q = _decimal(f"{self.p / self.q:.{SHORT}g}")
        return p * self.q == self.p * q

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
    return (p * 10**power, 1) if power >= 0 else (p, 10**-power)


_ONE: Final = Number(1)


def _number(style: Style, value: float, shape: Shape = ()) -> Formula:
    """A constant. What has no short exact form is text."""
    value = value if isinstance(value, int) else float(value)
    if not math.isfinite(value):
        sign = style.minus if value < 0 else ""
        name = "nan" if value != value else sign + style.infinity
        return _text(style, name, _ATOM if not sign else _PRODUCT, shape, (False,) * len(shape))
    if value and not 1e-30 < abs(value) < 1e30:
        sign = style.minus if value < 0 else ""
        digits = repr(abs(float(value)))
        return _text(style, sign + digits, _ATOM if not sign else _PRODUCT, shape)
    p, q = _decimal(repr(value))
    exact = Number(p, q)
    exact.decimal = exact.q != 1
    return _constant(style, exact, shape)


def _constant(style: Style, number: Number, shape: Shape) -> Formula:
    return _make_product(style, number, (), shape, (False,) * len(shape))


def _formula(style: Style, value: Any) -> Formula:
    if isinstance(value, Formula):
        return value
    if isinstance(value, bool | int | float):
        return _number(style, value)
    shape = getattr(value, "shape", None)
    if shape == ():
        return _number(style, float(value))
    if shape is None:
        raise TypeError(f"{value!r} cannot be written as a formula")
    return _array_constant(style, value)


def _array_constant(style: Style, value: Any) -> Formula:
    """An array that has no name, as a list while that is short."""
    shape = tuple(value.shape)
    if value.size > 12:
        return _text(style, style.ellipsis, _ATOM, shape)

    def write(item: Any) -> str:
        if isinstance(item, list):
            return "[" + ", ".join(map(write, item)) + "]"
        return _number(style, item).text

    return _text(style, write(value.tolist()), _ATOM, shape)


# ── making formulas ────────────────────────────────────────────────────────────────────


def _text(
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
        text, precedence, made = style.ellipsis, _ATOM, ()
    formula.text, formula.precedence = text, precedence
    formula.coefficient, formula.factors, formula.terms = None, (), ()
    formula.shape = shape
    formula.varies = tuple(n > 1 for n in shape) if varies is None else varies
    formula.made = made
    return formula


def _is(formula: Formula, value: int) -> bool:
    """Whether it is that constant."""
    number = _literal(formula)
    return number is not None and number.q == 1 and number.p == value


def _literal(formula: Formula) -> Number | None:
    """Its value where it is a constant."""
    return None if formula.factors else formula.coefficient


def _bracketed(formula: Formula, tighter: int) -> str:
    """Its text, in brackets unless it binds at least as tightly as ``tighter``."""
    return formula.text if formula.precedence >= tighter else f"({formula.text})"


def _broadcast(formulas: Sequence[Formula]) -> tuple[Shape, tuple[bool, ...]]:
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


def _product(style: Style, items: Iterable[tuple[Formula, int]]) -> Formula:
    """Π formula^exponent, flat: constants folded, equal bases collected."""
    items = list(items)
    shape, varies = _broadcast([f for f, _ in items])
    if len(items) == 2:
        outer = _outer(style, items[0], items[1], shape)
        if outer is not None:
            return outer
    coefficient = _ONE
    powers: dict[str, list[Any]] = {}
    for formula, exponent in items:
        if formula.coefficient is None:
            parts = [(formula, 1)]
        else:
            parts = list(formula.factors)
            folded = coefficient.times(formula.coefficient, exponent)
            if folded is not None:
                coefficient = folded
            else:
                kept = _constant(style, formula.coefficient, ())
                # As text, lest it be folded again with every factor that joins.
                parts.append((_text(style, kept.text, kept.precedence, ()), 1))
        for base, power in parts:
            entry = powers.setdefault(base.text, [base, 0])
            entry[1] += power * exponent
    for base, _ in list(powers.values()):
        if base.made[:1] == ("sqrt",):
            _fold_root(powers, base)
    if not coefficient.p:
        return _constant(style, Number(0), shape)
    factors = tuple((base, power) for base, power in powers.values() if power)
    return _make_product(style, coefficient, factors, shape, varies)


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
    return _text(style, f"outer({a.text}, {b.text})", _ATOM, shape, made=("outer", a, b))


def _make_product(
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
    formula = _text(style, text, precedence, shape, varies)
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
            text = _bracketed(base, _PRODUCT + 1)
            precedence = max(base.precedence, _PRODUCT + 1)
        else:
            text = _bracketed(base, _ATOM) + style.power(size)
            precedence = _POWER
        (above if power > 0 else below).append((text, precedence))
    numbers = [] if lead == "1" and above else [(lead, _ATOM)]
    top = [*numbers, *above]
    bottom = [*([(str(divisor), _ATOM)] if divisor != 1 else []), *below]
    sign = style.minus if coefficient.p < 0 else ""
    text = sign + style.dot.join(t for t, _ in top)
    precedence = top[0][1] if len(top) == 1 and not sign else _PRODUCT
    if bottom:
        under = style.dot.join(t for t, _ in bottom)
        text += f"/{under}" if len(bottom) == 1 else f"/({under})"
        precedence = _PRODUCT
    return text, precedence


def _place(factor: tuple[Formula, int]) -> int:
    base = factor[0]
    if base.precedence < _PRODUCT:
        return 2
    return 1 if base.text.endswith(")") else 0


def _sum(style: Style, items: Sequence[Formula]) -> Formula:
    """A sum, flat: constants added, equal terms collected."""
    shape, varies = _broadcast(items)
    slots: dict[str, list[Any]] = {}  # key of a term -> [coefficient, factors or text]
    for item in items:
        for term in item.terms or (item,):
            coefficient, factors = term.coefficient, term.factors
            if coefficient is None:
                key, coefficient, factors = term.text, _ONE, ((term, 1),)
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
            made.append(_make_product(style, number, factors, *_extent(factors)))
    if not made:
        return _constant(style, Number(0), shape)
    if len(made) == 1:
        return _spread(made[0], shape, varies)
    pieces = [made[0].text if made[0].precedence >= _SUM else f"({made[0].text})"]
    for term in made[1:]:
        negative = term.text.startswith(style.minus)
        text = term.text[len(style.minus) :] if negative else _bracketed(term, _SUM)
        pieces.append(f" {style.minus if negative else '+'} {text}")
    text = "".join(pieces)
    formula = _text(style, text, _SUM, shape, varies)
    if formula.text == text:
        formula.terms = tuple(made)
    return formula


def _extent(factors: tuple[tuple[Formula, int], ...]) -> tuple[Shape, tuple[bool, ...]]:
    return _broadcast([base for base, _ in factors]) if factors else ((), ())


def _spread(formula: Formula, shape: Shape, varies: tuple[bool, ...]) -> Formula:
    """The same text as an array of another shape."""
    if formula.shape == shape and formula.varies == varies:
        return formula
    out = Formula()
    out.style, out.text, out.precedence = formula.style, formula.text, formula.precedence
    out.coefficient, out.factors, out.terms = formula.coefficient, formula.factors, formula.terms
    out.shape, out.varies, out.made = shape, varies, formula.made
    return out


def _power(style: Style, base: Formula, exponent: Formula) -> Formula:
    shape, varies = _broadcast([base, exponent])
    value = _literal(exponent)
    if value is not None:
        if value.q == 1 and abs(value.p) < 1000:
            if not value.p:
                return _constant(style, Number(1), shape)
            return _product(style, [(base, value.p)])
        if value.p < 0:
            return 1 / _power(style, base, -exponent)
    under = _bracketed(base, _ATOM)
    if base.precedence == _ATOM and under[:1].isdigit() and value is None:
        under = base.text
    # Right-associative, and a unary minus may follow: 2**−x.
    over = _bracketed(exponent, _ATOM)
    return _text(style, f"{under}**{over}", _POWER, shape, varies)


def _compare(left: Formula, sign: str, right: Any) -> Formula:
    style = left.style
    other = _formula(style, right)
    shape, varies = _broadcast([left, other])
    a, b = _literal(left), _literal(other)
    # A formula stands for finite numbers: rules guard against inf, print need not.
    if other.text == style.infinity and sign in ("<", "<=", "!="):
        return _number(style, 1, shape)
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
        return _number(style, int(truth[sign]), shape)
    text = f"{_bracketed(left, _SUM)} {sign} {_bracketed(other, _SUM)}"
    return _text(style, text, _COMPARISON, shape, varies)


# ── the namespace ──────────────────────────────────────────────────────────────────────


class Namespace:
    """``m`` of the rows. A function that is not named here is written as a call."""

    def __init__(self, ascii: bool = False) -> None:
        self.style = Style(ascii)
        self.pi = self.symbol(self.style.names.get("pi", "pi"))
        self.inf = self.number(math.inf)
        self.nan = self.number(math.nan)

    def symbol(self, name: str, shape: Shape = ()) -> Formula:
        return _text(self.style, name, _ATOM, shape)

    def number(self, value: Any) -> Formula:
        return _formula(self.style, value)

    def __getattr__(self, name: str) -> Callable[..., Formula]:
        if name.startswith("_"):
            raise AttributeError(name)
        shown = self.style.names.get(name, name)

        def call(*args: Any) -> Formula:
            formulas = [_formula(self.style, arg) for arg in args]
            shape, varies = _broadcast(formulas)
            text = f"{shown}({', '.join(f.text for f in formulas)})"
            return _text(self.style, text, _ATOM, shape, varies, (name, *formulas))

        return call

    # What a function means where that shortens it.

    def power(self, x: Any, y: Any) -> Formula:
        return _power(self.style, self.number(x), self.number(y))

    def times(self, x: Any, y: Any) -> Formula:
        return self.number(x) * self.number(y)

    def ratio(self, x: Any, y: Any) -> Formula:
        return self.number(x) / self.number(y)

    def where(self, c: Any, a: Any, b: Any) -> Formula:
        c, a, b = self.number(c), self.number(a), self.number(b)
        truth = _literal(c)
        shape, varies = _broadcast([c, a, b])
        if truth is not None:
            chosen = a if truth.p else b
            return _spread(
                chosen, shape, (False,) * (len(shape) - len(chosen.shape)) + chosen.varies
            )
        if c.made and c.made[0] == "where":  # where(where(c, 1, 0), a, b)
            inner = c.made
            if _is(inner[2], 1) and _is(inner[3], 0):
                return self.where(inner[1], a, b)
            if _is(inner[2], 0) and _is(inner[3], 1):
                return self.where(inner[1], b, a)
        if a.text == b.text:
            return _spread(a, shape, varies)
        text = f"where({c.text}, {a.text}, {b.text})"
        return _text(self.style, text, _ATOM, shape, varies, ("where", c, a, b))

    def logical_and(self, x: Any, y: Any) -> Formula:
        return self._joined("and", x, y)

    def logical_or(self, x: Any, y: Any) -> Formula:
        return self._joined("or", x, y)

    def _joined(self, word: str, x: Any, y: Any) -> Formula:
        x, y = self.number(x), self.number(y)
        text = f"({_bracketed(x, _COMPARISON)} {word} {_bracketed(y, _COMPARISON)})"
        return _text(self.style, text, _ATOM, *_broadcast([x, y]))

    # Arrays.

    def shape(self, x: Any) -> Shape:
        return x.shape if isinstance(x, Formula) else self.number(x).shape

    def ones_like(self, x: Any) -> Formula:
        return _number(self.style, 1, self.shape(x))

    def zeros_like(self, x: Any) -> Formula:
        return _number(self.style, 0, self.shape(x))

    def full(self, shape: Shape, value: Any) -> Formula:
        return self.broadcast_to(self.number(value), shape)

    def broadcast_to(self, x: Any, shape: Shape) -> Formula:
        x = self.number(x)
        return _spread(x, shape, (False,) * (len(shape) - len(x.shape)) + x.varies)

    def sum(self, x: Any, axis: Any = None, keepdims: bool = False) -> Formula:
        x = self.number(x)
        if x.coefficient is not None and x.factors and not x.coefficient.is_one():
            # Constants before the sum: -sum(labels)/4.
            bare = _make_product(self.style, _ONE, x.factors, x.shape, x.varies)
            return _constant(self.style, x.coefficient, ()) * self.sum(bare, axis, keepdims)
        axes = _axes(axis, len(x.shape))
        # What does not vary along an axis is only counted there.
        count = math.prod(x.shape[a] for a in axes if not x.varies[a])
        summed = [a for a in axes if x.varies[a]]
        # d̄ that was counted once is d̄·n; a constant needs no sum at all.
        flat = _drop(x, axes, keepdims)
        if summed:
            flat = self._reduced("sum", x, axis, keepdims, summed)
        return flat * count if count != 1 else flat

    def max(self, x: Any, axis: Any = None, keepdims: bool = False) -> Formula:
        return self._extreme("max", x, axis, keepdims)

    def min(self, x: Any, axis: Any = None, keepdims: bool = False) -> Formula:
        return self._extreme("min", x, axis, keepdims)

    def prod(self, x: Any, axis: Any = None, keepdims: bool = False) -> Formula:
        return self._extreme("prod", x, axis, keepdims)

    def _extreme(self, name: str, x: Any, axis: Any, keepdims: bool) -> Formula:
        x = self.number(x)
        return self._reduced(name, x, axis, keepdims, _axes(axis, len(x.shape)))

    def _reduced(
        self, name: str, x: Formula, axis: Any, keepdims: bool, summed: Sequence[int]
    ) -> Formula:
        """``sum(x)``, or ``sum(x, 0)`` where an axis along which x extends is left."""
        dropped = _drop(x, _axes(axis, len(x.shape)), keepdims)
        left = [a for a, extends in enumerate(x.varies) if extends and a not in summed]
        where = f", {_written(tuple(summed) if len(summed) > 1 else summed[0])}" if left else ""
        text = f"{name}({x.text}{where})"
        return _text(self.style, text, _ATOM, dropped.shape, dropped.varies)

    def cumsum(self, x: Any, axis: int) -> Formula:
        return self._along("cumsum", x, axis)

    def flip(self, x: Any, axis: int) -> Formula:
        return self._along("flip", x, axis)

    def _along(self, name: str, x: Any, axis: int) -> Formula:
        x = self.number(x)
        where = "" if len(x.shape) < 2 else f", {axis}"
        return _text(self.style, f"{name}({x.text}{where})", _ATOM, x.shape)

    def matmul(self, x: Any, y: Any) -> Formula:
        x, y = self.number(x), self.number(y)
        shape = _matmul_shape(x.shape, y.shape)
        if x.shape[-1:] == (1,) and len(x.shape) > 1 and len(y.shape) > 1:
            return self.broadcast_to(x * y, shape)  # a column times a row
        if _is(x, 0) or _is(y, 0):
            return _number(self.style, 0, shape)
        # Left-associative; a product on the left needs no brackets for its value but for its
        # reader.
        left = x.text if x.made[:1] == ("matmul",) else _bracketed(x, _PRODUCT + 1)
        text = f"{left} @ {_bracketed(y, _PRODUCT + 1)}"
        return _text(self.style, text, _PRODUCT, shape, made=("matmul",))

    def transpose(self, x: Any, axes: Sequence[int]) -> Formula:
        x = self.number(x)
        shape = tuple(x.shape[a] for a in axes)
        varies = tuple(x.varies[a] for a in axes)
        if sum_(varies) < 2 or list(axes) == sorted(axes):
            return _spread(x, shape, varies)
        if x.made[:1] == ("outer",) and len(axes) == 2:
            _, a, b = x.made
            text = f"outer({b.text}, {a.text})"
            return _text(self.style, text, _ATOM, shape, made=("outer", b, a))
        if x.made[:1] == ("transpose",) and tuple(x.made[2][a] for a in axes) == tuple(
            range(len(axes))
        ):
            return x.made[1]  # type: ignore[no-any-return]  # put there below
        plain = tuple(axes) == tuple(reversed(range(len(axes))))
        order = _written(tuple(axes))
        text = f"{_bracketed(x, _ATOM)}.T" if plain else f"transpose({x.text}, {order})"
        return _text(self.style, text, _ATOM, shape, varies, ("transpose", x, tuple(axes)))

    def reshape(self, x: Any, shape: Shape) -> Formula:
        x = self.number(x)
        shape = _without_unknown(tuple(shape), x.shape)
        if [n for n in x.shape if n != 1] == [n for n in shape if n != 1]:
            extends = iter([v for n, v in zip(x.shape, x.varies, strict=True) if n != 1])
            return _spread(x, shape, tuple(n != 1 and next(extends) for n in shape))
        if not any(x.varies) or x.text == self.style.ellipsis:
            return _spread(x, shape, x.varies[:1] * len(shape))
        text = f"reshape({x.text}, {_written(shape)})"
        return _text(self.style, text, _ATOM, shape)

    def stack(self, xs: Sequence[Any], axis: int = 0) -> Formula:
        items = [self.number(x) for x in xs]
        shape = list(_broadcast(items)[0])
        shape.insert(axis, len(items))
        where = "" if axis == 0 else f", {axis}"
        listed = "[" + ", ".join(item.text for item in items) + "]"
        text = listed if axis == 0 else f"stack({listed}{where})"
        return _text(self.style, text, _ATOM, tuple(shape))

    def concat(self, xs: Sequence[Any], axis: int = 0) -> Formula:
        items = [self.number(x) for x in xs]
        shape = list(items[0].shape)
        shape[axis] = sum_(item.shape[axis] for item in items)
        where = "" if axis == 0 else f", {axis}"
        text = "concat([" + ", ".join(item.text for item in items) + f"]{where})"
        return _text(self.style, text, _ATOM, tuple(shape))

    def getitem(self, x: Any, index: Any) -> Formula:
        x = self.number(x)
        shape = _indexed(x.shape, index)
        if not any(x.varies) or x.text == self.style.ellipsis:
            return _spread(x, shape, (any(x.varies),) * len(shape))
        return _text(self.style, f"{_bracketed(x, _ATOM)}[{_written_index(index)}]", _ATOM, shape)

    def scatter(self, x: Any, index: Any, shape: Shape) -> Formula:
        """Zeros of ``shape`` with x at ``index``."""
        x = self.number(x)
        if _is(x, 0):
            return _number(self.style, 0, shape)
        text = f"scatter({x.text}, [{_written_index(index)}])"
        return _text(self.style, text, _ATOM, tuple(shape))

    def eye(self, n: int, m: int | None = None) -> Formula:
        text = f"eye({n})" if m is None or m == n else f"eye({n}, {m})"
        return _text(self.style, text, _ATOM, (n, n if m is None else m))

    def asarray(self, x: Any) -> Formula:
        return self.number(x)


sum_ = sum  # the built-in, inside a class that has its own


def _axes(axis: Any, rank: int) -> list[int]:
    if axis is None:
        return list(range(rank))
    return sorted({a % rank for a in (axis if isinstance(axis, tuple) else (axis,))})


def _drop(x: Formula, axes: Sequence[int], keepdims: bool) -> Formula:
    """x without ``axes``, as text that does not show them."""
    keep = [a for a in range(len(x.shape)) if a not in axes]
    if keepdims:
        shape = tuple(1 if a in axes else n for a, n in enumerate(x.shape))
        return _spread(x, shape, tuple(a not in axes and v for a, v in enumerate(x.varies)))
    return _spread(x, tuple(x.shape[a] for a in keep), tuple(x.varies[a] for a in keep))


def _without_unknown(shape: Shape, old: Shape) -> Shape:
    """``shape`` with its -1, of which there is at most one, worked out."""
    if -1 not in shape:
        return shape
    known = -math.prod(shape)
    return tuple(math.prod(old) // known if n == -1 else n for n in shape)


def _matmul_shape(x: Shape, y: Shape) -> Shape:
    batch, _ = _broadcast_shapes(x[:-2], y[:-2])
    rows = x[-2:-1] if len(x) > 1 else ()
    columns = y[-1:] if len(y) > 1 else ()
    return (*batch, *rows, *columns)


def _broadcast_shapes(x: Shape, y: Shape) -> tuple[Shape, int]:
    rank = max(len(x), len(y))
    a, b = (1,) * (rank - len(x)) + x, (1,) * (rank - len(y)) + y
    return tuple(m if n == 1 else n for m, n in zip(a, b, strict=True)), rank


def _indexed(shape: Shape, index: Any) -> Shape:
    """The shape of x[index], from an array of that shape that takes no memory."""
    from autodiff.backends.array import broadcast_to

    return tuple(broadcast_to(0.0, shape)[index].shape)


def _written_index(index: Any) -> str:
    parts = index if isinstance(index, tuple) else (index,)
    return ", ".join(map(_written, parts)) or "()"


def _written(value: Any) -> str:
    """Configuration as a model writes it: ``1:``, ``(2, 3)``, ``0``."""
    if isinstance(value, slice):
        start, stop, step = (
            "" if v is None else _written(v) for v in (value.start, value.stop, value.step)
        )
        return f"{start}:{stop}" + (f":{step}" if step else "")
    if value is Ellipsis:
        return "..."
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_written, value)) + ("," if len(value) == 1 else "") + ")"
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


# ── statements ─────────────────────────────────────────────────────────────────────────


def written(m: Namespace, op: Op, xs: Sequence[Formula], static: Any, shape: Shape) -> Formula:
    """The result of an operation as a model writes it, by the row's name or symbol."""
    if op.symbol and op.partials:
        return _operator(m, op, xs)
    settings = dict(static or {})
    if op.symbol or op.hidden or op.family == "shape":
        # A hidden row has no name to call it by: x[0], [a, b]. What only moves elements reads
        # best as what it does: x.T.
        return m.number(op.value(m, *xs, **settings))
    parts: list[str] = []
    rest = list(xs)
    bare = True  # an argument may go by position as long as none before it was left out
    for parameter in op.parameters:
        if not parameter.static:
            taken = rest if parameter.many or parameter.listed else rest[:1]
            texts = [x.text for x in taken]
            rest = rest[len(taken) :]
            parts.extend(["[" + ", ".join(texts) + "]"] if parameter.listed else texts)
        elif parameter.name in settings and settings[parameter.name] != parameter.default:
            if parameter.name != "keepdims":
                value = _written(settings[parameter.name])
                parts.append(value if bare else f"{parameter.name}={value}")
        else:
            bare = False
    name = m.style.names.get(op.name, op.name)
    made = (op.name, *xs) if op.partials else ()
    return _text(m.style, f"{name}({', '.join(parts)})", _ATOM, shape, made=made)


def _operator(m: Namespace, op: Op, xs: Sequence[Formula]) -> Formula:
    """``x + y``, ``−x``: Python's own operator, which the formula overloads."""
    import operator

    functions: dict[tuple[str, int], Callable[..., Any]] = {
        ("+", 2): operator.add,
        ("-", 2): operator.sub,
        ("-", 1): operator.neg,
        ("*", 2): operator.mul,
        ("/", 2): operator.truediv,
        ("**", 2): operator.pow,
    }
    function = functions.get((op.symbol, len(xs)))
    if function is not None:
        made = function(*xs)
        assert isinstance(made, Formula)
        return made
    return _compare(xs[0], op.symbol, xs[1])


class Formulas:
    """The edge weights of a tape's statements, as text.

    Keeps the formulas of each form of scalar statement: a tape of 10^5 statements has a dozen.
    """

    def __init__(self, tape: Tape, *, ascii: bool = False) -> None:
        self.tape = tape
        self.m = Namespace(ascii)
        self._kept: dict[Any, dict[int, str]] = {}
        self._books: dict[int, Op] = {}

    def of_node(self, node: int, names: Callable[[int], str]) -> list[str]:
        """Per slot of one operation the weight of its edge; ``names`` are those of the nodes."""
        tape, m = self.tape, self.m
        op, args = tape.ops[node], tape.args[node]
        if op is None:
            return []
        xs = [
            m.number(tape.values[arg])
            if tape.ops[arg] is None and not names(arg)
            else m.symbol(names(arg), _shape_of(tape.values[arg]))
            for arg in args
        ]
        shape = _shape_of(tape.values[node])
        try:
            y = written(m, op, xs, tape.static[node], shape)
            if len(y.text) > NAMED:
                y = m.symbol(names(node), shape)
            seed = m.symbol(m.style.bar(names(node)), shape) if shape else m.number(1)
            return [
                m.number(pull(self._book(op), m, seed, y, xs, slot, tape.static[node] or {})).text
                for slot in range(len(args))
            ]
        except _UNWRITTEN:
            return [m.style.ellipsis] * len(args)

    def of_statement(self, statement: int) -> dict[int, str]:
        """Per operand (a statement's index) the weight of its edge from ``statement``."""
        record = self.tape.model.statements[statement]
        operands = list(dict.fromkeys(o for o in record.operands if o >= 0))
        if not operands:
            return {}
        if len(operands) >= _MANY:
            return dict.fromkeys(operands, self.m.style.ellipsis)
        # A template first: operand k is one private-use character, then come the statement
        # itself and its cotangent.
        slots = {o: chr(_SLOTS + k) for k, o in enumerate(operands)}
        own, bar = chr(_SLOTS + len(operands)), chr(_SLOTS + len(operands) + 1)
        key = self._key(statement, slots)
        formulas = self._kept.get(key) if key is not None else None
        if formulas is None:
            formulas = self._derive(statement, slots, own, bar)
            if key is not None:
                self._kept[key] = formulas
        statements = self.tape.model.statements
        names = {ord(slot): statements[o].name for o, slot in slots.items()}
        names[ord(own)], names[ord(bar)] = record.name, self.m.style.bar(record.name)
        out = {}
        for place, o in enumerate(operands):
            text = formulas[place].translate(names)
            out[o] = text if len(text) <= LIMIT else self.m.style.ellipsis
        return out

    def _key(self, statement: int, slots: dict[int, str]) -> Any:
        """What makes two scalar statements alike, or None where an array is involved."""
        tape = self.tape
        record = tape.model.statements[statement]
        first, last = tape.start[statement], tape.vertex[statement]
        if any(tape.kinds[first : last + 1]) or any(tape.kinds[tape.vertex[o]] for o in slots):
            return None
        constants = tape.model.constants
        pattern: list[Any] = []
        for o in record.operands:
            constant = None if o >= 0 else constants[~o]
            if o < 0 and not isinstance(constant, float):
                return None
            pattern.append(slots[o] if o >= 0 else constant)
        return id(record.form), tuple(pattern)

    def _derive(self, statement: int, slots: dict[int, str], own: str, bar: str) -> dict[int, str]:
        tape, m = self.tape, self.m
        last = tape.vertex[statement]
        shape = _shape_of(tape.values[last])
        inputs = {
            tape.vertex[o]: m.symbol(slot, _shape_of(tape.values[tape.vertex[o]]))
            for o, slot in slots.items()
        }
        try:
            values = self._forward(statement, inputs)
            if len(values[last].text) > NAMED:
                values[last] = m.symbol(own, shape)
            # A scalar's own cotangent is a factor of everything, and left out.
            seed = m.symbol(bar, shape) if shape else m.number(1)
            adjoints = self._backward(statement, values, inputs, seed)
        except _UNWRITTEN:
            return dict.fromkeys(range(len(slots)), m.style.ellipsis)
        found = {}
        for place, o in enumerate(slots):
            adjoint = adjoints.get(tape.vertex[o])
            found[place] = "0" if adjoint is None else adjoint.text
        return found

    def _forward(self, statement: int, inputs: dict[int, Formula]) -> dict[int, Formula]:
        """The nodes of a statement, as text; others' constants among them."""
        tape, m = self.tape, self.m
        values = dict(inputs)
        for node in range(tape.start[statement], tape.vertex[statement] + 1):
            op = tape.ops[node]
            if op is None:
                continue
            xs = [self._operand(values, arg) for arg in tape.args[node]]
            shape = _shape_of(tape.values[node])
            values[node] = written(m, op, xs, tape.static[node], shape)
        return values

    def _operand(self, values: dict[int, Formula], node: int) -> Formula:
        if node not in values:  # a constant of the text, wherever it was first met
            values[node] = self.m.number(self.tape.values[node])
        return values[node]

    def _backward(
        self,
        statement: int,
        values: dict[int, Formula],
        inputs: dict[int, Formula],
        seed: Formula,
    ) -> dict[int, Formula]:
        """The cotangents of the operands: the rows' own rules, in reverse order."""
        tape, m = self.tape, self.m
        last = tape.vertex[statement]
        wanted = set(inputs)
        for node in range(tape.start[statement], last + 1):
            if tape.ops[node] is not None and not wanted.isdisjoint(tape.args[node]):
                wanted.add(node)
        adjoints = {last: seed}
        for node in range(last, tape.start[statement] - 1, -1):
            op = tape.ops[node]
            adjoint = adjoints.get(node)
            if op is None or adjoint is None or node in inputs:
                continue
            args = tape.args[node]
            xs = [values[arg] for arg in args]
            for slot, arg in enumerate(args):
                if arg not in wanted or not op.differentiable:
                    continue
                part = pull(
                    self._book(op), m, adjoint, values[node], xs, slot, tape.static[node] or {}
                )
                part = m.number(part)
                before = adjoints.get(arg)
                adjoints[arg] = part if before is None else before + part
        return adjoints

    def _book(self, op: Op) -> Op:
        """The row with its textbook derivatives in place of the stable ones."""
        book = self._books.get(id(op))
        if book is None:
            book = op
            if op.textbook and op.partials:
                book = replace(op, partials=op.textbook)
            elif op.textbook:
                book = replace(op, weight=op.textbook[0])
            elif op.weight is not None:
                book = replace(op, weight=_described(op))
            self._books[id(op)] = book
        return book


def _described(op: Op) -> Callable[..., Formula]:
    """A reduction's weight, in the row's own words where its formula is too long to write."""

    def weight(m: Namespace, y: Formula, x: Formula, **static: Any) -> Formula:
        assert op.weight is not None
        made = m.number(op.weight(m, y, x, **static))
        if m.style.ellipsis in made.text and op.text:
            return _text(m.style, op.text, _SUM, x.shape, x.varies)
        return made

    return weight


def statement_formulas(tape: Tape, statement: int, *, ascii: bool = False) -> dict[int, str]:
    """Per operand (a statement's index) the weight of its edge from ``statement``, as text.

    For many statements of one tape, `Formulas` is faster.
    """
    return Formulas(tape, ascii=ascii).of_statement(statement)


def row_derivatives(op: Op, *, ascii: bool = False) -> list[str]:
    """A row's derivative for each operand, in the names of its signature."""
    m = Namespace(ascii)
    names = [p.name for p in op.parameters if not p.static]
    xs = [m.symbol(name) for name in names]
    y = written(m, op, xs, None, ())
    return [m.number(rule(m, y, *xs)).text for rule in op.textbook or op.partials]


def _shape_of(value: Any) -> Shape:
    return () if value.__class__ is float else tuple(value.shape)
