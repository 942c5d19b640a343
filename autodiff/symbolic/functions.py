"""Functions that SymPy lacks, or whose derivatives it makes unusable.

It differentiates abs into re and im of what it does not know to be real, maximum into
Heaviside (½ at 0), sign into DiracDelta, and leaves floor as it is. Here SymPy differentiates
the branches, and on the edge between two the derivative is none (see `branches`).
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Function, Integer

# The classes below derive from SymPy's, which mypy does not know.


class Magnitude(Function):  # type: ignore[misc]
    """abs(a)"""

    nargs = 1
    is_real = True

    def _eval_derivative(self, s: Any) -> Any:
        (a,) = self.args
        return Fork(a, a.diff(s)) if a.has(s) else Integer(0)


class Fork(Function):  # type: ignore[misc]
    """sign(a)·da"""

    nargs = 2
    is_real = True


class Step(Function):  # type: ignore[misc]
    """sign, floor, ceil and round, in that order by the first argument."""

    nargs = 2
    is_real = True

    def _eval_derivative(self, s: Any) -> Any:
        return Flat(*self.args) if self.args[1].has(s) else Integer(0)


STEPS = ("sign", "floor", "ceil", "round")


class Flat(Function):  # type: ignore[misc]
    """The derivative of a `Step`: 0, but nothing where it jumps."""

    nargs = 2
    is_real = True


class Larger(Function):  # type: ignore[misc]
    """maximum(a, b)"""

    nargs = 2
    is_real = True

    def _eval_derivative(self, s: Any) -> Any:
        a, b = self.args
        return Lean(a, b, a.diff(s), b.diff(s)) if self.has(s) else Integer(0)


class Smaller(Function):  # type: ignore[misc]
    """minimum(a, b)"""

    nargs = 2
    is_real = True

    def _eval_derivative(self, s: Any) -> Any:
        a, b = self.args
        return Lean(b, a, a.diff(s), b.diff(s)) if self.has(s) else Integer(0)


class Lean(Function):  # type: ignore[misc]
    """da where a > b, db where a < b: for a minimum, a and b are swapped."""

    nargs = 4
    is_real = True


class Compare(Function):  # type: ignore[misc]
    """a < b, a <= b or a == b by the first argument: 1 or 0."""

    nargs = 3
    is_real = True


LESS, LESS_EQUAL, EQUAL = 0, 1, 2


class Both(Function):  # type: ignore[misc]
    """Logical and."""

    nargs = 2
    is_real = True


class Either(Function):  # type: ignore[misc]
    """Logical or."""

    nargs = 2
    is_real = True


class Select(Function):  # type: ignore[misc]
    """where(c, a, b). With ``ruled`` 1 it is part of a rule, and its edge is a kink."""

    nargs = 4
    is_real = True

    def _eval_derivative(self, s: Any) -> Any:
        c, a, b, ruled = self.args
        da, db = a.diff(s), b.diff(s)
        if not ruled:
            return da if da == db else Select(c, da, db, ruled)
        return Slope(c, da, db, a, b) if self.has(s) else Integer(0)


class Slope(Function):  # type: ignore[misc]
    """where(c, da, db), the derivative of where(c, a, b)."""

    nargs = 5
    is_real = True


class Held(Function):  # type: ignore[misc]
    """A number too large to be worked out exactly: a + b, a·b or a**b by the first argument."""

    nargs = 3
    is_real = True


class Loggamma(Function):  # type: ignore[misc]
    """log|Γ(x)|: SymPy's own loggamma is complex below 0."""

    nargs = 1
    is_real = True

    def fdiff(self, argindex: int = 1) -> Any:
        return sympy.polygamma(0, self.args[0])


class Sinc(Function):  # type: ignore[misc]
    """sin(πx)/(πx), and 1 at 0. SymPy's own sinc has no derivative at 0."""

    nargs = 1
    is_real = True

    def fdiff(self, argindex: int = 1) -> Any:
        return SincSlope(*self.args)


class SincSlope(Function):  # type: ignore[misc]
    """(cos(πx) − sinc(x))/x, and 0 at 0."""

    nargs = 1
    is_real = True


class Ndtri(Function):  # type: ignore[misc]
    """sqrt(2)·erfinv(2p − 1), where 2p − 1 is kept apart from −1 however small p is."""

    nargs = 1
    is_real = True

    def fdiff(self, argindex: int = 1) -> Any:
        return sympy.sqrt(2 * sympy.pi) * sympy.exp(self**2 / 2)
