"""Numbers of as many digits as were asked for: mpmath's, with a few more to compute with."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np
from mpmath import libmp

from autodiff.backends import mp
from autodiff.backends.numbers import Floats

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from autodiff.ops.base import Rule
    from autodiff.syntax import Model

# What mpmath raises where a real function has no value.
MATH_ERRORS = (ZeroDivisionError, ValueError, OverflowError)

GUARD = 10  # digits that are computed with and not shown: what a few thousand roundings cost
MOST_DIGITS = 10_000
RANGE = 2**58  # binary exponents beyond this are infinite, or 0: decimals end there


class Precise(Floats):
    """mpmath's numbers and NumPy's arrays of them, at `context`'s precision.

    A report is told Decimals, rounded to ``digits`` digits: they keep them whatever precision
    the reader's mpmath has. Infinities and NaN are told as floats, as in every report.
    """

    exact = True
    plain = False
    least: Any = 0
    reach = "numbers"
    slopes: Any
    right: Any

    def __init__(self, digits: int) -> None:
        self.digits = digits
        self.name = f"mpmath-{digits}"
        with self.context():
            self.epsilon = mpmath.mpf(10) ** -digits
            # The shares of its digits that float64 is asked for: 1e-10 of 2.2e-16, say.
            self.right = self.epsilon ** mpmath.mpf("0.64")
            self.same = self.epsilon / 10_000
            self.slopes = self.epsilon * 10_000
        self.warns = max(1e6, 10.0 ** min(0.375 * digits, 300))
        self.reference, self.replay = max(34, digits + 18), max(60, 3 * digits + 12)
        self.shown = max(30, digits + GUARD)
        self.one = mpmath.mpf(1)

    def namespaces(self, arrays: bool) -> tuple[Any, Any]:
        return mp, mp

    def context(self) -> AbstractContextManager[Any]:
        return mpmath.workdps(self.digits + GUARD)  # type: ignore[no-any-return]

    def literal(self, model: Model, operand: int) -> Any:
        text = model.digits.get(operand)
        return mpmath.mpf(text) if text else exactly(model.constants[~operand])

    def is_number(self, value: Any) -> bool:
        return not isinstance(value, np.ndarray)

    def number(self, value: Any) -> Any:
        return mp.asarray(value)

    def shape(self, value: Any) -> tuple[int, ...]:
        return mp.shape(value)

    def zero(self, shape: tuple[int, ...]) -> Any:
        return mp.full(shape, 0)

    def spread(self, value: Any, shape: tuple[int, ...]) -> Any:
        value = mp.asarray(value)
        return mp.broadcast_to(value, shape) if mp.shape(value) != shape else value

    def gathered(self, items: list[Any], shape: tuple[int, ...]) -> Any:
        return mp.reshape(mp.asarray(items), shape) if shape else items[0]

    def lifted(self, xs: Sequence[Any], shape: tuple[int, ...]) -> list[Any]:
        return lifted(xs, shape)

    def lowered(self, value: Any, shape: tuple[int, ...]) -> Any:
        return mp.reshape(value, shape) if mp.shape(value) != shape else value

    # ---- questions

    def finite(self, value: Any) -> bool:
        return bool(np.all(self.finite_each(value)))

    def finite_each(self, value: Any) -> Any:
        return _within(value)

    def size(self, value: Any) -> Any:
        value = mp.asarray(value)
        return mp.norm(value) if mp.shape(value) else abs(value)

    def gap(self, a: Any, b: Any) -> Any:
        if b is None:
            return mpmath.mpf(0)
        gaps = np.ravel(_apart(a, b))
        # NaN is larger than anything, and max would lose it.
        return next((g for g in gaps if g != g), max(gaps, default=mpmath.mpf(0)))

    def ulp(self, value: Any) -> Any:
        if value == 0:
            return self.epsilon
        return mpmath.mpf(10) ** (mpmath.floor(mpmath.log10(abs(value))) + 1 - self.digits)

    @staticmethod
    def log(value: Any) -> float:  # type: ignore[override]  # math.log takes a base, too
        return float(mpmath.log(value))

    def measure(self, value: Any) -> Any:
        return value

    # ---- what is told

    def told(self, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, np.ndarray):
            return decimal(value, self.digits)
        out = np.empty(value.shape, dtype=object)
        out.ravel()[:] = [decimal(x, self.digits) for x in value.ravel()]
        out.flags.writeable = False
        return out

    def magnitude(self, value: Any) -> Any:
        return decimal(mp.asarray(value), 17)

    def short(self, value: Any, digits: int = 12) -> str:
        found = decimal(value, digits)
        return f"{found:.{digits}g}"


def decimal(value: Any, digits: int) -> Decimal | float:
    """A number to so many significant digits; what is not finite as a float."""
    value = mp.asarray(value)
    if not _within(value):
        return math.nan if value != value else math.inf if value > 0 else -math.inf
    if value == 0 or mpmath.mag(value) < -RANGE:
        return Decimal(0)
    text = str(libmp.to_str(value._mpf_, digits))  # 1.0e+400, 100.0, 0.1
    return Decimal(text.replace(".0e", "e").removesuffix(".0"))


def _is_within(value: Any) -> bool:
    value = mp.asarray(value)
    return bool(mpmath.isfinite(value)) and (value == 0 or mpmath.mag(value) < RANGE)


_each = np.frompyfunc(_is_within, 1, 1)


def _within(value: Any) -> Any:
    found = _each(value)
    return found.astype(bool) if isinstance(found, np.ndarray) else bool(found)


def _gap(a: Any, b: Any) -> Any:
    a, b = mp.asarray(a), mp.asarray(b)
    same = a == b or (a != a and b != b)
    return mpmath.mpf(0) if same else abs(a - b)


_apart = np.frompyfunc(_gap, 2, 1)


def exactly(value: Any) -> Any:
    """A float, or an array of them, as the decimals they are written with; π and e as such."""
    if value.__class__ is float or isinstance(value, np.floating):
        return _typed(float(value))
    return mp.asarray(_each_typed(value))


def _typed(x: float) -> Any:
    if x == math.pi:
        return +mpmath.pi
    return +mpmath.e if x == math.e else mpmath.mpf(repr(x))


_each_typed = np.frompyfunc(lambda x: _typed(float(x)), 1, 1)


def ieee(rule: Rule, *xs: Any) -> Any:
    """An elementwise rule on numbers where mpmath raises: IEEE's inf, or NaN."""
    try:
        found = rule(mp, *lifted(xs, ()))
        return found[0] if isinstance(found, np.ndarray) else mp.asarray(found)
    except MATH_ERRORS:
        return mp.nan


def lifted(xs: Sequence[Any], shape: tuple[int, ...]) -> list[Any]:
    """Operands of an elementwise rule whose result has this shape, numbers as arrays: those
    divide by 0 as IEEE has it, where two numbers raise. None stays None."""
    sides = (1,) * max(1, len(shape))
    return [x if x is None or isinstance(x, np.ndarray) else mp.full(sides, x) for x in xs]


def again(rule: Callable[..., Any], elementwise: bool, y: Any, xs: Sequence[Any], like: Any) -> Any:
    """``rule(y, xs)`` that raised on arrays among numbers, once more; in the shape of ``like``."""
    try:
        if elementwise:
            y, *xs = lifted([y, *xs], mp.shape(y))
            return mp.reshape(rule(y, xs), mp.shape(like))
    except MATH_ERRORS:
        pass
    return mp.full(mp.shape(like), mp.nan)
