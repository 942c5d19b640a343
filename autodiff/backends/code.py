"""What number systems share that write a program instead of computing: C and JavaScript.

Rows run on their expressions as on numbers. An operator, and a function that others of the
protocol make up, is here; how one is spelled is the language's own.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autodiff.ops import Op


class Operators:
    """A value that is not there yet. Python's operators say what is to be done with it."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # == is one of them

    def __bool__(self) -> bool:
        raise TypeError("what this is, only the program will know")

    def operator(self, sign: str, a: Any, b: Any) -> Any:
        """``a sign b``, the sign as Python has it; one of the two is this."""
        raise NotImplementedError

    def negative(self) -> Any:
        """−this."""
        raise NotImplementedError

    def __add__(self, other: Any) -> Any:
        return self.operator("+", self, other)

    def __radd__(self, other: Any) -> Any:
        return self.operator("+", other, self)

    def __sub__(self, other: Any) -> Any:
        return self.operator("-", self, other)

    def __rsub__(self, other: Any) -> Any:
        return self.operator("-", other, self)

    def __mul__(self, other: Any) -> Any:
        return self.operator("*", self, other)

    def __rmul__(self, other: Any) -> Any:
        return self.operator("*", other, self)

    def __truediv__(self, other: Any) -> Any:
        return self.operator("/", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.operator("/", other, self)

    def __pow__(self, other: Any) -> Any:
        return self.operator("**", self, other)

    def __neg__(self) -> Any:
        return self.negative()

    def __eq__(self, other: Any) -> Any:
        return self.operator("==", self, other)

    def __ne__(self, other: Any) -> Any:
        return self.operator("!=", self, other)

    def __lt__(self, other: Any) -> Any:
        return self.operator("<", self, other)

    def __le__(self, other: Any) -> Any:
        return self.operator("<=", self, other)

    def __gt__(self, other: Any) -> Any:
        return self.operator(">", self, other)

    def __ge__(self, other: Any) -> Any:
        return self.operator(">=", self, other)


class Expression(Operators):
    """What a program will compute. ``text`` is closed: a name, a number, a call, or in brackets."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __pow__(self, other: Any) -> Any:
        if other == 2 and self.text.isidentifier():
            return self * self
        return self.operator("**", self, other)


class Writing:
    """What the namespaces of such languages have in common."""

    pi, inf, nan = math.pi, math.inf, math.nan

    def held(self, x: Any) -> Any:
        """An operand that is used several times; a number may become an expression."""
        return x

    def where(self, c: Any, a: Any, b: Any) -> Any:
        raise NotImplementedError

    def logical_and(self, a: Any, b: Any) -> Any:
        raise NotImplementedError

    def logical_or(self, a: Any, b: Any) -> Any:
        raise NotImplementedError

    def whole(self, op: Op, *xs: Any) -> Any:
        return op.value(self, *xs)

    def times(self, a: Any, b: Any) -> Any:
        a = self.held(a)
        return self.where(a == 0, 0, a * b)

    def ratio(self, a: Any, b: Any) -> Any:
        a, b = self.held(a), self.held(b)
        return a / self.where(self.logical_and(b == 0, a == 0), 1, b)

    # As NumPy has them, a NaN on either side comes through; C's fmax and fmin lose it.
    def maximum(self, a: Any, b: Any) -> Any:
        a = self.held(a)
        return self.where(self.logical_or(a >= b, a != a), a, b)

    def minimum(self, a: Any, b: Any) -> Any:
        a = self.held(a)
        return self.where(self.logical_or(a <= b, a != a), a, b)

    def logaddexp(self, a: Any, b: Any) -> Any:
        m: Any = self  # abs, exp and log1p are the language's
        a, b = self.held(a), self.held(b)
        low = m.log1p(m.exp(-m.abs(a - b)))
        # Equal infinities have no difference.
        return self.where(a == b, a + math.log(2), self.maximum(a, b) + low)
