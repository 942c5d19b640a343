"""Activations of neural networks, and sinc."""

from __future__ import annotations

from typing import Any

from autodiff.ops.base import ANY, Kink, Op, Sample, or_zero
from autodiff.ops.probability import normal_cdf


def _sigmoid(m: Any, x: Any) -> Any:
    """1/(1 + exp(-x)) without overflow on either side."""
    e = m.exp(-m.abs(x))
    return m.where(x >= 0, 1, e) / (1 + e)


def _sigmoid_slope(m: Any, x: Any) -> Any:
    # Not y(1 - y): at x = 40 that is 0, and 4e-18 is meant.
    e = m.exp(-m.abs(x))
    return e / (1 + e) ** 2


def _nearest_to_0(m: Any, slope: Any) -> Any:
    """The element of smallest norm between ``slope`` and 1."""
    return m.maximum(m.minimum(slope, 1), 0)


ROWS = (
    Op(
        "sigmoid",
        "x",
        value=_sigmoid,
        partials=(lambda m, y, x: _sigmoid_slope(m, x),),
        meaning=lambda m, x: 1 / (1 + m.exp(-x)),
        textbook=(lambda m, y, x: y * (1 - y),),
        aliases=("expit",),
        text="y·(1 − y)",
    ),
    Op(
        "softplus",
        "x",
        value=lambda m, x: m.logaddexp(0, x),
        partials=(lambda m, y, x: _sigmoid(m, x),),
        meaning=lambda m, x: m.log(1 + m.exp(x)),
        textbook=(lambda m, y, x: 1 / (1 + m.exp(-x)),),
        text="1/(1 + exp(−x))",
    ),
    Op(
        "relu",
        "x",
        value=lambda m, x: m.maximum(x, 0),
        partials=(lambda m, y, x: m.where(x > 0, 1, 0),),
        kink=Kink(
            "at x = 0",
            at=lambda m, y, x: x == 0,
            side=lambda m, y, xs, dxs: m.maximum(dxs[0], 0),
        ),
        text="1 where x > 0, else 0",
    ),
    Op(
        "leaky_relu",
        "x, slope=0.01",
        value=lambda m, x, slope: m.where(x > 0, x, slope * x),
        partials=(
            lambda m, y, x, slope: m.where(
                x > 0, 1, m.where(x == 0, _nearest_to_0(m, slope), slope)
            ),
            lambda m, y, x, slope: m.minimum(x, 0),
        ),
        textbook=(
            lambda m, y, x, slope: m.where(x > 0, 1, slope),
            lambda m, y, x, slope: m.minimum(x, 0),
        ),
        kink=Kink(
            "at x = 0, unless slope = 1",
            at=lambda m, y, x, slope: m.logical_and(x == 0, slope != 1),
            side=lambda m, y, xs, dxs: m.where(
                or_zero(dxs[0]) > 0, or_zero(dxs[0]), xs[1] * or_zero(dxs[0])
            ),
        ),
        sample=(ANY, Sample(0.01, 0.9)),
        text="1 where x > 0, else slope; x where x < 0, else 0",
    ),
    Op(
        "elu",
        "x, alpha=1.0",
        # minimum: exp(x) of the branch not taken may overflow.
        value=lambda m, x, alpha: m.where(x > 0, x, alpha * m.expm1(m.minimum(x, 0))),
        partials=(
            lambda m, y, x, alpha: m.where(
                x > 0,
                1,
                m.where(x == 0, _nearest_to_0(m, alpha), alpha * m.exp(m.minimum(x, 0))),
            ),
            lambda m, y, x, alpha: m.expm1(m.minimum(x, 0)),
        ),
        textbook=(
            lambda m, y, x, alpha: m.where(x > 0, 1, alpha * m.exp(x)),
            lambda m, y, x, alpha: m.where(x > 0, 0, m.exp(x) - 1),
        ),
        meaning=lambda m, x, alpha: m.where(x > 0, x, alpha * (m.exp(x) - 1)),
        kink=Kink(
            "at x = 0, unless alpha = 1",
            at=lambda m, y, x, alpha: m.logical_and(x == 0, alpha != 1),
            side=lambda m, y, xs, dxs: m.where(
                or_zero(dxs[0]) > 0, or_zero(dxs[0]), xs[1] * or_zero(dxs[0])
            ),
        ),
        sample=(ANY, Sample(0.5, 2.0)),
        text="1 where x > 0, else alpha·exp(x); exp(x) − 1 where x < 0, else 0",
    ),
    Op(
        "gelu",
        "x",
        value=lambda m, x: x * normal_cdf(m, x),
        partials=(lambda m, y, x: normal_cdf(m, x) + x * m.exp(-x * x / 2) / m.sqrt(2 * m.pi),),
        meaning=lambda m, x: x * (1 + m.erf(x / m.sqrt(2))) / 2,
        textbook=(
            lambda m, y, x: (
                (1 + m.erf(x / m.sqrt(2))) / 2 + x * m.exp(-(x**2) / 2) / m.sqrt(2 * m.pi)
            ),
        ),
        text="Φ(x) + x·φ(x), with the normal distribution's Φ and φ",
    ),
    Op(
        "silu",
        "x",
        value=lambda m, x: x * _sigmoid(m, x),
        partials=(lambda m, y, x: _sigmoid(m, x) + x * _sigmoid_slope(m, x),),
        meaning=lambda m, x: x / (1 + m.exp(-x)),
        textbook=(lambda m, y, x: (1 + x - y) / (1 + m.exp(-x)),),
        aliases=("swish",),
        text="σ·(1 + x·(1 − σ)), with σ = sigmoid(x)",
    ),
    Op(
        "logaddexp",
        "x, y",
        value=lambda m, x, y: m.logaddexp(x, y),
        # Not exp(x - v): v at 1e3 is known to 1e-13 only.
        partials=(lambda m, v, x, y: _sigmoid(m, x - y), lambda m, v, x, y: _sigmoid(m, y - x)),
        meaning=lambda m, x, y: m.log(m.exp(x) + m.exp(y)),
        textbook=(lambda m, v, x, y: m.exp(x - v), lambda m, v, x, y: m.exp(y - v)),
        text="exp(x − v), exp(y − v)",
    ),
    Op(
        "sinc",
        "x",
        value=lambda m, x: m.sinc(x),
        # Not (cos(πx) − y)/x: at x = 1e-9 that has no digits left.
        partials=(lambda m, y, x: m.sinc_slope(x),),
        textbook=(lambda m, y, x: (m.cos(m.pi * x) - y) / x,),
        text="(cos(πx) − sinc(x))/x, with sinc(x) = sin(πx)/(πx); 0 at 0",
    ),
)
