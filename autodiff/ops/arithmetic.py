"""Operators, comparisons, and the piecewise functions: rounding, choosing, clipping.

Conventions at kinks are those of minimum norm: of all slopes that a kink allows, the one
nearest to 0; ties share equally.
"""

from __future__ import annotations

from typing import Any

from autodiff.ops.base import ANY, POSITIVE, Domain, Kink, Op, Sample, or_zero


def _power_side(m: Any, v: Any, xs: Any, dxs: Any) -> Any:
    """At x = 0, 0 <= y < 1. To the left of 0 there is nothing, unless y = 0."""
    dx, dy = or_zero(dxs[0]), or_zero(dxs[1])
    # 0**y is 1 at y = 0 and 0 to its right.
    jump = m.where(dy > 0, -m.inf, m.where(dy < 0, m.nan, 0))
    rise = 0 if dxs[0] is None else m.where(dx > 0, m.inf, m.nan)
    return m.where(xs[1] == 0, jump, rise)


def _max_side(m: Any, x: Any, y: Any, dx: Any, dy: Any) -> Any:
    return m.where(x == y, m.maximum(dx, dy), m.where(x > y, dx, dy))


def _min_side(m: Any, x: Any, y: Any, dx: Any, dy: Any) -> Any:
    return m.where(x == y, m.minimum(dx, dy), m.where(x < y, dx, dy))


def _clip_side(m: Any, v: Any, xs: Any, dxs: Any) -> Any:
    x, low, high = xs
    dx, dlow, dhigh = map(or_zero, dxs)
    raised = _max_side(m, x, low, dx, dlow)
    return _min_side(m, m.maximum(x, low), high, raised, dhigh)


def _comparison(name: str, symbol: str, test: Any, alias: str = "") -> Op:
    """Its value is 1 or 0, so that ``sum(x > 0)`` counts; its slope is 0 where it has one."""
    return Op(
        name,
        "x, y",
        value=lambda m, x, y: m.where(test(x, y), 1, 0),
        partials=(lambda m, v, x, y: 0, lambda m, v, x, y: 0),
        kink=Kink(
            f"at x = y, {symbol} jumps",
            at=lambda m, v, x, y: x == y,
            limit=lambda m, v, xs, dxs: m.where(test(or_zero(dxs[0]) - or_zero(dxs[1]), 0), 1, 0),
        ),
        symbol=symbol,
        precedence=4,
        aliases=(alias,) if alias else (),
        text="0",
    )


ROWS = (
    Op(
        "add",
        "x, y",
        value=lambda m, x, y: x + y,
        partials=(lambda m, v, x, y: 1, lambda m, v, x, y: 1),
        symbol="+",
        precedence=5,
        text="1, 1",
    ),
    Op(
        "subtract",
        "x, y",
        value=lambda m, x, y: x - y,
        partials=(lambda m, v, x, y: 1, lambda m, v, x, y: -1),
        symbol="-",
        precedence=5,
        text="1, −1",
    ),
    Op(
        "multiply",
        "x, y",
        value=lambda m, x, y: x * y,
        partials=(lambda m, v, x, y: y, lambda m, v, x, y: x),
        symbol="*",
        precedence=6,
        text="y, x",
    ),
    Op(
        "divide",
        "x, y",
        value=lambda m, x, y: x / y,
        # Not -x / y²: y² is infinite from 1e155 on.
        partials=(lambda m, v, x, y: 1 / y, lambda m, v, x, y: -v / y),
        textbook=(lambda m, v, x, y: 1 / y, lambda m, v, x, y: -x / y**2),
        domain=Domain("y != 0", lambda m, x, y: y != 0),
        sample=(ANY, POSITIVE),
        symbol="/",
        precedence=6,
        aliases=("true_divide",),
        text="1/y, −x/y²",
    ),
    Op(
        "power",
        "x, y",
        value=lambda m, x, y: m.power(x, y),
        # times: d/dx of x**0 is 0, also at x = 0 where x**(0 - 1) is infinite; and d/dy of
        # x**y is 0 at x = 0 < y, where log x is infinite.
        partials=(
            lambda m, v, x, y: m.times(y, m.power(x, y - 1)),
            lambda m, v, x, y: m.times(v, m.log(x)),
        ),
        textbook=(
            lambda m, v, x, y: y * m.power(x, y - 1),
            lambda m, v, x, y: m.power(x, y) * m.log(x),
        ),
        domain=Domain(
            "x >= 0, or y an integer; x != 0 where y < 0",
            lambda m, x, y: m.logical_and(
                m.logical_or(x >= 0, y == m.floor(y)), m.logical_or(x != 0, y >= 0)
            ),
        ),
        kink=Kink(
            "at x = 0 the slope is +inf for 0 < y < 1",
            at=lambda m, v, x, y: m.logical_and(x == 0, m.logical_and(y >= 0, y < 1)),
            side=_power_side,
        ),
        sample=(POSITIVE, ANY),
        symbol="**",
        precedence=8,
        aliases=("pow", "float_power"),
        text="y·x**(y − 1), x**y·log(x)",
    ),
    Op(
        "negative",
        "x",
        value=lambda m, x: -x,
        partials=(lambda m, y, x: -1,),
        symbol="-",
        precedence=7,
        text="−1",
    ),
    _comparison("greater", ">", lambda x, y: x > y),
    _comparison("greater_equal", ">=", lambda x, y: x >= y),
    _comparison("less", "<", lambda x, y: x < y),
    _comparison("less_equal", "<=", lambda x, y: x <= y),
    _comparison("equal", "==", lambda x, y: x == y),
    _comparison("not_equal", "!=", lambda x, y: x != y),
    Op(
        "where",
        "c, a, b",
        value=lambda m, c, a, b: m.where(c, a, b),
        partials=(
            lambda m, v, c, a, b: 0,
            lambda m, v, c, a, b: m.where(c, 1, 0),
            lambda m, v, c, a, b: m.where(c, 0, 1),
        ),
        text="0, 1 if c, 1 if not c",
        selects=True,
    ),
    Op(
        "maximum",
        "x, y",
        value=lambda m, x, y: m.maximum(x, y),
        # Not (1 + sign(x - y)) / 2: inf - inf.
        partials=(
            lambda m, v, x, y: m.where(x == y, 0.5, m.where(x > y, 1, 0)),
            lambda m, v, x, y: m.where(x == y, 0.5, m.where(x > y, 0, 1)),
        ),
        textbook=(
            lambda m, v, x, y: (1 + m.sign(x - y)) / 2,
            lambda m, v, x, y: (1 + m.sign(y - x)) / 2,
        ),
        kink=Kink(
            "at x = y",
            at=lambda m, v, x, y: x == y,
            side=lambda m, v, xs, dxs: m.maximum(*map(or_zero, dxs)),
        ),
        text="1 where x > y, 1 where y > x; 1/2 each at a tie",
    ),
    Op(
        "minimum",
        "x, y",
        value=lambda m, x, y: m.minimum(x, y),
        partials=(
            lambda m, v, x, y: m.where(x == y, 0.5, m.where(x < y, 1, 0)),
            lambda m, v, x, y: m.where(x == y, 0.5, m.where(x < y, 0, 1)),
        ),
        textbook=(
            lambda m, v, x, y: (1 + m.sign(y - x)) / 2,
            lambda m, v, x, y: (1 + m.sign(x - y)) / 2,
        ),
        kink=Kink(
            "at x = y",
            at=lambda m, v, x, y: x == y,
            side=lambda m, v, xs, dxs: m.minimum(*map(or_zero, dxs)),
        ),
        text="1 where x < y, 1 where y < x; 1/2 each at a tie",
    ),
    Op(
        "clip",
        "x, lo, hi",
        value=lambda m, x, lo, hi: m.minimum(m.maximum(x, lo), hi),
        # At an end, all three are 0; where lo > hi the result is hi, as in NumPy.
        partials=(
            lambda m, v, x, lo, hi: m.where(x > lo, m.where(x < hi, 1, 0), 0),
            lambda m, v, x, lo, hi: m.where(x < lo, m.where(lo < hi, 1, 0), 0),
            lambda m, v, x, lo, hi: m.where(m.maximum(x, lo) > hi, 1, 0),
        ),
        kink=Kink(
            "at x = lo, x = hi",
            at=lambda m, v, x, lo, hi: m.logical_or(x == lo, m.maximum(x, lo) == hi),
            side=_clip_side,
        ),
        sample=(ANY, Sample(-1.5, -0.5), Sample(0.5, 1.5)),
        text="1 where lo < x < hi, 1 where x < lo, 1 where x > hi",
    ),
    Op(
        "abs",
        "x",
        value=lambda m, x: m.abs(x),
        partials=(lambda m, y, x: m.sign(x),),
        kink=Kink(
            "at x = 0",
            at=lambda m, y, x: x == 0,
            side=lambda m, y, xs, dxs: m.abs(dxs[0]),
        ),
        aliases=("absolute", "fabs"),
        text="sign(x)",
    ),
    Op(
        "sign",
        "x",
        value=lambda m, x: m.sign(x),
        partials=(lambda m, y, x: 0,),
        kink=Kink(
            "at x = 0 it jumps",
            at=lambda m, y, x: x == 0,
            limit=lambda m, y, xs, dxs: m.sign(dxs[0]),
        ),
        text="0",
    ),
    Op(
        "floor",
        "x",
        value=lambda m, x: m.floor(x),
        partials=(lambda m, y, x: 0,),
        kink=Kink(
            "at integers it jumps",
            at=lambda m, y, x: y == x,
            limit=lambda m, y, xs, dxs: m.where(dxs[0] < 0, y - 1, y),
        ),
        text="0",
    ),
    Op(
        "ceil",
        "x",
        value=lambda m, x: m.ceil(x),
        partials=(lambda m, y, x: 0,),
        kink=Kink(
            "at integers it jumps",
            at=lambda m, y, x: y == x,
            limit=lambda m, y, xs, dxs: m.where(dxs[0] > 0, y + 1, y),
        ),
        text="0",
    ),
    Op(
        "round",
        "x",
        value=lambda m, x: m.round(x),
        partials=(lambda m, y, x: 0,),
        kink=Kink(
            "half way between integers it jumps",
            at=lambda m, y, x: m.abs(x - y) == 0.5,
            limit=lambda m, y, xs, dxs: m.where(
                dxs[0] > 0, m.ceil(xs[0]), m.where(dxs[0] < 0, m.floor(xs[0]), y)
            ),
        ),
        aliases=("rint",),
        text="0",
    ),
    Op(
        "copy",
        "x",
        value=lambda m, x: x,
        partials=(lambda m, y, x: 1,),
        text="1",
        hidden=True,
    ),
    # The two that only rules call.
    Op(
        "times",
        "x, y",
        value=lambda m, x, y: m.times(x, y),
        partials=(lambda m, v, x, y: y, lambda m, v, x, y: x),
        meaning=lambda m, x, y: x * y,
        text="y, x",
        hidden=True,
    ),
    Op(
        "ratio",
        "x, y",
        value=lambda m, x, y: m.ratio(x, y),
        # At 0/0 both are 0.
        partials=(
            lambda m, v, x, y: m.ratio(m.where(y == 0, 0, 1), y),
            lambda m, v, x, y: -m.ratio(v, y),
        ),
        meaning=lambda m, x, y: x / y,
        sample=(ANY, POSITIVE),
        text="1/y, −x/y²",
        hidden=True,
    ),
)
