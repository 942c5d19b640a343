"""Exponentials, logarithms, roots, trigonometric and hyperbolic functions."""

from __future__ import annotations

from typing import Any

from autodiff.ops.base import ABOVE_ONE, ANY, POSITIVE, UNIT, Domain, Kink, Op, Sample, or_zero


def _from_right(m: Any, y: Any, xs: Any, dxs: Any) -> Any:
    """The slope is +inf, and to the left there is nothing. Along dx = 0, e.g. sqrt(t**2) at 0,
    first order does not say."""
    return m.where(dxs[0] > 0, m.inf, m.nan)


def _inwards(sign: int) -> Any:
    """At either end of [-1, 1]: an infinite slope of that sign, and nothing outside."""
    return lambda m, y, xs, dxs: m.where(dxs[0] * xs[0] < 0, sign * dxs[0] * m.inf, m.nan)


def _atan2_side(m: Any, v: Any, xs: Any, dxs: Any) -> Any:
    """On the cut the value is π on one side (and on it) and −π on the other."""
    y, x = xs
    dy, dx = or_zero(dxs[0]), or_zero(dxs[1])
    # v = -π is y = -0.0, which is counted to the lower side.
    crosses = m.where(v > 0, dy < 0, dy > 0)
    infinite = m.where(v > 0, -m.inf, m.inf)
    return m.where(crosses, infinite, (x * dy - y * dx) / m.where(x == 0, 1, x * x))


ROWS = (
    Op(
        "exp",
        "x",
        value=lambda m, x: m.exp(x),
        partials=(lambda m, y, x: y,),
        text="exp(x)",
    ),
    Op(
        "expm1",
        "x",
        value=lambda m, x: m.expm1(x),
        # Not y + 1: at x = -50 that is 0.
        partials=(lambda m, y, x: m.exp(x),),
        meaning=lambda m, x: m.exp(x) - 1,
        text="exp(x)",
    ),
    Op(
        "log",
        "x",
        value=lambda m, x: m.log(x),
        partials=(lambda m, y, x: 1 / x,),
        domain=Domain("x > 0", lambda m, x: x > 0),
        sample=(POSITIVE,),
        text="1/x",
    ),
    Op(
        "log1p",
        "x",
        value=lambda m, x: m.log1p(x),
        partials=(lambda m, y, x: 1 / (1 + x),),
        meaning=lambda m, x: m.log(1 + x),
        domain=Domain("x > -1", lambda m, x: x > -1),
        sample=(Sample(-0.9, 3.0),),
        text="1/(1 + x)",
    ),
    Op(
        "log2",
        "x",
        value=lambda m, x: m.log2(x),
        partials=(lambda m, y, x: 1 / (x * m.log(2)),),
        meaning=lambda m, x: m.log(x) / m.log(2),
        domain=Domain("x > 0", lambda m, x: x > 0),
        sample=(POSITIVE,),
        text="1/(x·log(2))",
    ),
    Op(
        "log10",
        "x",
        value=lambda m, x: m.log10(x),
        partials=(lambda m, y, x: 1 / (x * m.log(10)),),
        meaning=lambda m, x: m.log(x) / m.log(10),
        domain=Domain("x > 0", lambda m, x: x > 0),
        sample=(POSITIVE,),
        text="1/(x·log(10))",
    ),
    Op(
        "sqrt",
        "x",
        value=lambda m, x: m.sqrt(x),
        partials=(lambda m, y, x: 1 / (2 * y),),
        domain=Domain("x >= 0", lambda m, x: x >= 0),
        kink=Kink("at 0 the slope is +inf", at=lambda m, y, x: x == 0, side=_from_right),
        sample=(POSITIVE,),
        text="1/(2·sqrt(x))",
    ),
    Op(
        "cbrt",
        "x",
        value=lambda m, x: m.cbrt(x),
        partials=(lambda m, y, x: 1 / (3 * y**2),),
        meaning=lambda m, x: m.sign(x) * m.power(m.abs(x), m.ratio(1, 3)),
        kink=Kink(
            "at 0 the slope is +inf",
            at=lambda m, y, x: x == 0,
            side=lambda m, y, xs, dxs: dxs[0] * m.inf,
        ),
        text="1/(3·cbrt(x)²)",
    ),
    Op(
        "square",
        "x",
        value=lambda m, x: x * x,
        partials=(lambda m, y, x: 2 * x,),
        text="2·x",
    ),
    Op(
        "reciprocal",
        "x",
        value=lambda m, x: 1 / x,
        # Not 1 / x²: x² is infinite from 1e155 on.
        partials=(lambda m, y, x: -(y * y),),
        textbook=(lambda m, y, x: -1 / x**2,),
        domain=Domain("x != 0", lambda m, x: x != 0),
        sample=(POSITIVE,),
        text="−1/x²",
    ),
    Op(
        "sin",
        "x",
        value=lambda m, x: m.sin(x),
        partials=(lambda m, y, x: m.cos(x),),
        text="cos(x)",
    ),
    Op(
        "cos",
        "x",
        value=lambda m, x: m.cos(x),
        partials=(lambda m, y, x: -m.sin(x),),
        text="−sin(x)",
    ),
    Op(
        "tan",
        "x",
        value=lambda m, x: m.tan(x),
        partials=(lambda m, y, x: 1 + y**2,),
        sample=(Sample(-1.5, 1.5),),
        text="1 + tan(x)²",
    ),
    Op(
        "asin",
        "x",
        value=lambda m, x: m.asin(x),
        # Not 1 - x²: near 1 that has lost its digits, 1 - x is exact.
        partials=(lambda m, y, x: 1 / m.sqrt((1 - x) * (1 + x)),),
        textbook=(lambda m, y, x: 1 / m.sqrt(1 - x**2),),
        domain=Domain("-1 <= x <= 1", lambda m, x: m.abs(x) <= 1),
        kink=Kink("at ±1 the slope is +inf", at=lambda m, y, x: m.abs(x) == 1, side=_inwards(1)),
        sample=(UNIT,),
        aliases=("arcsin",),
        text="1/sqrt(1 − x²)",
    ),
    Op(
        "acos",
        "x",
        value=lambda m, x: m.acos(x),
        partials=(lambda m, y, x: -1 / m.sqrt((1 - x) * (1 + x)),),
        textbook=(lambda m, y, x: -1 / m.sqrt(1 - x**2),),
        domain=Domain("-1 <= x <= 1", lambda m, x: m.abs(x) <= 1),
        kink=Kink("at ±1 the slope is -inf", at=lambda m, y, x: m.abs(x) == 1, side=_inwards(-1)),
        sample=(UNIT,),
        aliases=("arccos",),
        text="−1/sqrt(1 − x²)",
    ),
    Op(
        "atan",
        "x",
        value=lambda m, x: m.atan(x),
        partials=(lambda m, y, x: 1 / (1 + x * x),),
        textbook=(lambda m, y, x: 1 / (1 + x**2),),
        aliases=("arctan",),
        text="1/(1 + x²)",
    ),
    Op(
        "atan2",
        "y, x",
        value=lambda m, y, x: m.atan2(y, x),
        # Divided twice: x² + y² is infinite from 1e155 on.
        partials=(
            lambda m, v, y, x: x / m.hypot(x, y) / m.hypot(x, y),
            lambda m, v, y, x: -y / m.hypot(x, y) / m.hypot(x, y),
        ),
        textbook=(
            lambda m, v, y, x: x / (x**2 + y**2),
            lambda m, v, y, x: -y / (x**2 + y**2),
        ),
        domain=Domain("not x = y = 0", lambda m, y, x: m.logical_or(x != 0, y != 0)),
        kink=Kink(
            "jumps by 2π across y = 0 where x < 0",
            at=lambda m, v, y, x: m.logical_and(y == 0, x < 0),
            side=_atan2_side,
        ),
        sample=(ANY, ANY),
        aliases=("arctan2",),
        text="x/(x² + y²), −y/(x² + y²)",
    ),
    Op(
        "sinh",
        "x",
        value=lambda m, x: m.sinh(x),
        partials=(lambda m, y, x: m.cosh(x),),
        text="cosh(x)",
    ),
    Op(
        "cosh",
        "x",
        value=lambda m, x: m.cosh(x),
        partials=(lambda m, y, x: m.sinh(x),),
        text="sinh(x)",
    ),
    Op(
        "tanh",
        "x",
        value=lambda m, x: m.tanh(x),
        # Not 1 - y²: at x = 20 that is 0, and 1.7e-17 is meant.
        partials=(lambda m, y, x: (1 / m.cosh(x)) ** 2,),
        textbook=(lambda m, y, x: 1 - y**2,),
        text="1 − tanh(x)²",
    ),
    Op(
        "asinh",
        "x",
        value=lambda m, x: m.asinh(x),
        # hypot: x² is infinite from 1e155 on.
        partials=(lambda m, y, x: 1 / m.hypot(1, x),),
        textbook=(lambda m, y, x: 1 / m.sqrt(1 + x**2),),
        aliases=("arcsinh",),
        text="1/sqrt(1 + x²)",
    ),
    Op(
        "acosh",
        "x",
        value=lambda m, x: m.acosh(x),
        # Two roots: x² is infinite from 1e155 on, and loses its digits near 1.
        partials=(lambda m, y, x: 1 / (m.sqrt(x - 1) * m.sqrt(x + 1)),),
        textbook=(lambda m, y, x: 1 / m.sqrt(x**2 - 1),),
        domain=Domain("x >= 1", lambda m, x: x >= 1),
        kink=Kink("at 1 the slope is +inf", at=lambda m, y, x: x == 1, side=_from_right),
        sample=(ABOVE_ONE,),
        aliases=("arccosh",),
        text="1/sqrt(x² − 1)",
    ),
    Op(
        "atanh",
        "x",
        value=lambda m, x: m.atanh(x),
        partials=(lambda m, y, x: 1 / ((1 - x) * (1 + x)),),
        textbook=(lambda m, y, x: 1 / (1 - x**2),),
        domain=Domain("-1 < x < 1", lambda m, x: m.abs(x) < 1),
        sample=(UNIT,),
        aliases=("arctanh",),
        text="1/(1 − x²)",
    ),
    Op(
        "hypot",
        "x, y",
        value=lambda m, x, y: m.hypot(x, y),
        partials=(lambda m, v, x, y: m.ratio(x, v), lambda m, v, x, y: m.ratio(y, v)),
        textbook=(lambda m, v, x, y: x / v, lambda m, v, x, y: y / v),
        kink=Kink(
            "at x = y = 0",
            at=lambda m, v, x, y: v == 0,
            side=lambda m, v, xs, dxs: m.hypot(*map(or_zero, dxs)),
        ),
        meaning=lambda m, x, y: m.sqrt(x**2 + y**2),
        text="x/hypot(x, y), y/hypot(x, y)",
    ),
)
