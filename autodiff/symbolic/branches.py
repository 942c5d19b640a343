"""What has branches, jumps and kinks, on mpmath's raw numbers; and the derivatives of that.

On the edge between two branches a derivative raises `Kinked`, or `Jumping` where the value
itself jumps.
"""

from __future__ import annotations

from typing import Any

from mpmath import libmp
from mpmath.libmp import fone, fzero, mpf_sub

from autodiff.symbolic.raw import NO_EDGE, Jumping, Kinked, Number, Trouble, magnitude, negative


def sign(x: Number, prec: int, rnd: str) -> Number:
    return libmp.from_int(libmp.mpf_sign(x))


def sign_off_0(x: Number, prec: int, rnd: str) -> Number:
    """SymPy's derivative of Abs, which it takes to be 0 at 0."""
    if not x[1]:
        raise Kinked("abs at 0")
    return sign(x, prec, rnd)


def floor(x: Number, prec: int, rnd: str) -> Number:
    return libmp.mpf_floor(x)


def ceil(x: Number, prec: int, rnd: str) -> Number:
    return libmp.mpf_ceil(x)


def nearest(x: Number, prec: int, rnd: str) -> Number:
    return libmp.mpf_nint(x)


def flat(kind: str) -> Any:
    """The derivative of a step function: 0, except where it jumps."""

    def evaluate(x: Number, prec: int, rnd: str) -> Number:
        if kind == "sign":
            jumps = not x[1]
        elif kind == "round":
            jumps = x[2] == -1
        else:
            jumps = not x[1] or x[2] >= 0
        if jumps:
            raise Jumping(f"{kind} jumps here")
        return NO_EDGE

    return evaluate


def fork(x: Number, slope: Number, prec: int, rnd: str) -> Number:
    """The derivative of abs: ``slope`` is that of its argument x."""
    if not x[1] and slope[1]:
        raise Kinked("abs at 0")
    return negative(slope, prec, rnd) if x[0] else slope


def larger(a: Number, b: Number, prec: int, rnd: str) -> Number:
    return a if libmp.mpf_gt(a, b) else b


def smaller(a: Number, b: Number, prec: int, rnd: str) -> Number:
    return a if libmp.mpf_lt(a, b) else b


def lean(a: Number, b: Number, da: Number, db: Number, prec: int, rnd: str) -> Number:
    """The derivative of maximum(a, b)."""
    order = libmp.mpf_cmp(a, b)
    if order == 0 and not near(da, db, prec):
        raise Kinked("a tie of maximum or minimum")
    return db if order < 0 else da


def less(a: Number, b: Number, prec: int, rnd: str) -> Number:
    return fone if libmp.mpf_lt(a, b) else fzero


def less_equal(a: Number, b: Number, prec: int, rnd: str) -> Number:
    return fone if libmp.mpf_le(a, b) else fzero


def equal(a: Number, b: Number, prec: int, rnd: str) -> Number:
    return fone if libmp.mpf_eq(a, b) else fzero


def both(a: Number, b: Number, prec: int, rnd: str) -> Number:
    return fone if a[1] and b[1] else fzero


def either(a: Number, b: Number, prec: int, rnd: str) -> Number:
    return fone if a[1] or b[1] else fzero


def choose(c: Any, a: Any, b: Any, prec: int, rnd: str) -> Any:
    """where: the branch not taken may be anything, a `Trouble` too."""
    if isinstance(c, Trouble):
        raise c
    return a if c[1] or c[2] else b


def step(c: Any, edge: Any, da: Any, db: Any, a: Any, b: Any, prec: int, rnd: str) -> Any:
    """The derivative of a piecewise rule; on its edge only where both pieces agree."""
    if isinstance(edge, Trouble):
        raise edge
    if edge[1]:
        if any(isinstance(x, Trouble) for x in (a, b, da, db)) or not near(a, b, prec):
            raise Jumping("on the edge of a piecewise function")
        if not near(da, db, prec):
            raise Kinked("on the edge of a piecewise function")
    return choose(c, da, db, prec, rnd)


LAZY = (choose, step)


def near(a: Number, b: Number, prec: int) -> bool:
    """Whether a and b are equal but for rounding."""
    difference = mpf_sub(a, b, prec, "n")
    if not difference[1]:
        return not difference[2]
    return max(magnitude(a), magnitude(b)) - magnitude(difference) > prec // 2
