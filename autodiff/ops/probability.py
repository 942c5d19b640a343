"""The normal distribution, error functions, and logarithms of probabilities."""

from __future__ import annotations

from typing import Any

from autodiff.ops.base import ANY, POSITIVE, UNIT, Domain, Kink, Op, Sample, or_zero

PROBABILITY = Sample(0.05, 0.95)


def normal_cdf(m: Any, x: Any) -> Any:
    # Not 1 + erf: at x = -9 that is 0, and 1e-19 is meant.
    return m.erfc(-x / m.sqrt(2)) / 2


def _normal_pdf(m: Any, x: Any) -> Any:
    return m.exp(-x * x / 2) / m.sqrt(2 * m.pi)


def _scaled(rule: Any) -> Any:
    """A value of x, loc and scale, which is NaN where scale is not above 0."""
    return lambda m, x, loc, scale: m.where(scale > 0, rule(m, x, loc, scale), m.nan)


def _pdf(m: Any, x: Any, loc: Any, scale: Any) -> Any:
    return _normal_pdf(m, (x - loc) / scale) / scale


def _cdf(m: Any, x: Any, loc: Any, scale: Any) -> Any:
    return normal_cdf(m, (x - loc) / scale)


def _logpdf(m: Any, x: Any, loc: Any, scale: Any) -> Any:
    z = (x - loc) / scale
    return -z * z / 2 - m.log(scale) - m.log(2 * m.pi) / 2


def _logit(m: Any, p: Any) -> Any:
    # Near 1/2, where the two logarithms cancel, 2p - 1 is exact; elsewhere it loses p's digits.
    near = m.abs(p - 0.5) < 0.25
    middle = m.where(near, 2 * p - 1, 0)
    return m.where(near, 2 * m.atanh(middle), m.log(p) - m.log1p(-p))


def _xlogy_side(m: Any, v: Any, xs: Any, dxs: Any) -> Any:
    """At x = y = 0: along x = 0 it stays 0, and elsewhere x·log(y) falls with an infinite slope."""
    dx, dy = or_zero(dxs[0]), or_zero(dxs[1])
    falls = m.where(dy < 0, m.nan, m.where(dx > 0, -m.inf, m.inf))
    return m.where(dx == 0, m.where(dy < 0, m.nan, 0), falls)


_LOC_SCALE = (ANY, ANY, POSITIVE)
_NEEDS_SCALE = Domain("scale > 0", lambda m, x, loc, scale: scale > 0)

ROWS = (
    Op(
        "erf",
        "x",
        value=lambda m, x: m.erf(x),
        partials=(lambda m, y, x: 2 * m.exp(-x * x) / m.sqrt(m.pi),),
        textbook=(lambda m, y, x: 2 * m.exp(-(x**2)) / m.sqrt(m.pi),),
        text="2·exp(−x²)/sqrt(π)",
    ),
    Op(
        "erfc",
        "x",
        value=lambda m, x: m.erfc(x),
        partials=(lambda m, y, x: -2 * m.exp(-x * x) / m.sqrt(m.pi),),
        textbook=(lambda m, y, x: -2 * m.exp(-(x**2)) / m.sqrt(m.pi),),
        text="−2·exp(−x²)/sqrt(π)",
    ),
    Op(
        "erfinv",
        "x",
        value=lambda m, x: m.erfinv(x),
        partials=(lambda m, y, x: m.sqrt(m.pi) * m.exp(y * y) / 2,),
        textbook=(lambda m, y, x: m.sqrt(m.pi) * m.exp(y**2) / 2,),
        domain=Domain("-1 < x < 1", lambda m, x: m.abs(x) < 1),
        sample=(UNIT,),
        text="sqrt(π)·exp(erfinv(x)²)/2",
    ),
    Op(
        "ndtri",
        "p",
        value=lambda m, p: m.ndtri(p),
        partials=(lambda m, y, p: m.sqrt(2 * m.pi) * m.exp(y * y / 2),),
        textbook=(lambda m, y, p: m.sqrt(2 * m.pi) * m.exp(y**2 / 2),),
        domain=Domain("0 < p < 1", lambda m, p: m.logical_and(p > 0, p < 1)),
        sample=(PROBABILITY,),
        text="1/φ(y), with the normal distribution's φ",
    ),
    Op(
        "norm_pdf",
        "x, loc=0.0, scale=1.0",
        value=_scaled(_pdf),
        meaning=_pdf,
        # times: far out the density is 0, and z² may be infinite.
        partials=(
            lambda m, y, x, loc, scale: -m.times(y, (x - loc) / scale) / scale,
            lambda m, y, x, loc, scale: m.times(y, (x - loc) / scale) / scale,
            lambda m, y, x, loc, scale: m.times(y, ((x - loc) / scale) ** 2 - 1) / scale,
        ),
        domain=_NEEDS_SCALE,
        sample=_LOC_SCALE,
        text="−z·y/scale, z·y/scale, (z² − 1)·y/scale, with z = (x − loc)/scale",
    ),
    Op(
        "norm_cdf",
        "x, loc=0.0, scale=1.0",
        value=_scaled(_cdf),
        meaning=_cdf,
        partials=(
            lambda m, y, x, loc, scale: _pdf(m, x, loc, scale),
            lambda m, y, x, loc, scale: -_pdf(m, x, loc, scale),
            lambda m, y, x, loc, scale: -m.times(_pdf(m, x, loc, scale), (x - loc) / scale),
        ),
        domain=_NEEDS_SCALE,
        sample=_LOC_SCALE,
        aliases=("ndtr",),
        text="φ(z)/scale, −φ(z)/scale, −z·φ(z)/scale, with z = (x − loc)/scale",
    ),
    Op(
        "norm_logpdf",
        "x, loc=0.0, scale=1.0",
        value=_scaled(_logpdf),
        meaning=_logpdf,
        partials=(
            lambda m, y, x, loc, scale: -(x - loc) / scale / scale,
            lambda m, y, x, loc, scale: (x - loc) / scale / scale,
            lambda m, y, x, loc, scale: (((x - loc) / scale) ** 2 - 1) / scale,
        ),
        domain=_NEEDS_SCALE,
        sample=_LOC_SCALE,
        text="−z/scale, z/scale, (z² − 1)/scale, with z = (x − loc)/scale",
    ),
    Op(
        "logit",
        "p",
        value=_logit,
        meaning=lambda m, p: m.log(p / (1 - p)),
        partials=(lambda m, y, p: 1 / (p * (1 - p)),),
        domain=Domain("0 < p < 1", lambda m, p: m.logical_and(p > 0, p < 1)),
        sample=(PROBABILITY,),
        text="1/(p·(1 − p))",
    ),
    Op(
        "xlogy",
        "x, y",
        value=lambda m, x, y: m.times(x, m.log(y)),
        partials=(lambda m, v, x, y: m.log(y), lambda m, v, x, y: m.ratio(x, y)),
        domain=Domain(
            "y > 0, or x = y = 0",
            lambda m, x, y: m.logical_or(y > 0, m.logical_and(x == 0, y == 0)),
        ),
        kink=Kink(
            "at x = y = 0 the slope by x is -inf",
            at=lambda m, v, x, y: m.logical_and(x == 0, y == 0),
            side=_xlogy_side,
        ),
        sample=(ANY, POSITIVE),
        text="log(y), x/y",
    ),
    Op(
        "entr",
        "x",
        value=lambda m, x: -m.times(x, m.log(x)),
        partials=(lambda m, y, x: -m.log(x) - 1,),
        domain=Domain("x >= 0", lambda m, x: x >= 0),
        kink=Kink(
            "at 0 the slope is +inf",
            at=lambda m, y, x: x == 0,
            side=lambda m, y, xs, dxs: m.where(dxs[0] > 0, m.inf, m.nan),
        ),
        sample=(POSITIVE,),
        text="−log(x) − 1",
    ),
)
