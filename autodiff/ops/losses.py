"""Losses, each one number: PyTorch's names, and the definitions of the formulas on paper.

Means are over all elements, or over the rows where a row is one prediction.
"""

from __future__ import annotations

import math
from typing import Any

from autodiff.ops.base import ANY, POSITIVE, Domain, Kink, Op, Sample, unbroadcast
from autodiff.ops.probability import PROBABILITY
from autodiff.ops.reduce import log_softmax


def _together(m: Any, *xs: Any) -> tuple[int, ...]:
    """The one shape that operands must have; an empty one has no mean."""
    shapes = {m.shape(x) for x in xs}
    if len(shapes) > 1:
        raise ValueError("both must have the same shape")
    shape: tuple[int, ...] = shapes.pop()
    if not math.prod(shape):
        raise ValueError("there is no mean of no elements")
    return shape


def _mean(m: Any, terms: Any) -> Any:
    return m.sum(terms) / math.prod(m.shape(terms))


def _mse(m: Any, x: Any, y: Any) -> Any:
    _together(m, x, y)
    return _mean(m, (x - y) * (x - y))


def _mse_vjp(m: Any, seed: Any, v: Any, xs: Any, slot: int) -> Any:
    x, y = xs
    return seed * ((x - y) if slot == 0 else (y - x)) * 2 / math.prod(m.shape(x))


def _mse_bound(m: Any, seed: Any, v: Any, xs: Any, slot: int) -> Any:
    return seed * m.abs(xs[0] - xs[1]) * 2 / math.prod(m.shape(xs[0]))


def _linear(vjp: Any) -> Any:
    """The tangent of a result that is one number: its gradients times the tangents."""

    def jvp(m: Any, dxs: Any, y: Any, xs: Any) -> Any:
        one = m.ones_like(y)
        parts = [
            m.sum(vjp(m, one, y, xs, slot) * dx) for slot, dx in enumerate(dxs) if dx is not None
        ]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total

    return jvp


def _absolute(vjp: Any) -> Any:
    return lambda m, seed, y, xs, slot: seed * m.abs(vjp(m, m.ones_like(y), y, xs, slot))


def _huber(m: Any, x: Any, y: Any, delta: Any) -> Any:
    shape = _together(m, x, y)
    terms = m.whole(_HUBER, x - y, delta)
    if m.shape(terms) != shape:
        raise ValueError("delta must broadcast to their shape")
    return _mean(m, terms)


def _huber_element(m: Any, d: Any, delta: Any) -> Any:
    inner = m.minimum(m.abs(d), delta)
    return m.where(delta > 0, inner * inner / 2 + delta * (m.abs(d) - inner), m.nan)


def _huber_pieces(m: Any, d: Any, delta: Any) -> Any:
    return m.where(m.abs(d) <= delta, d**2 / 2, delta * (m.abs(d) - delta / 2))


def _huber_vjp(m: Any, seed: Any, v: Any, xs: Any, slot: int) -> Any:
    x, y, delta = xs
    n = math.prod(m.shape(x))
    if slot == 2:
        return unbroadcast(m, seed * m.maximum(m.abs(x - y) - delta, 0) / n, m.shape(delta))
    slope = m.maximum(m.minimum(x - y, delta), -delta)
    return seed * (slope if slot == 0 else -slope) / n


def _rows(m: Any, x: Any, y: Any) -> int:
    """How many predictions there are, each along the last axis."""
    shape = _together(m, x, y)
    if len(shape) not in (1, 2):
        raise ValueError(
            "takes a row of scores for each example, and a row of probabilities of the same "
            "length: for class numbers, one_hot(labels, n)"
        )
    return math.prod(shape[:-1])


def _cross_entropy(m: Any, x: Any, y: Any) -> Any:
    n = _rows(m, x, y)
    # times: a class that has probability 0 in the target does not count, even at -inf.
    return -m.sum(m.times(y, log_softmax(m, x))) / n


def _cross_entropy_meaning(m: Any, x: Any, y: Any) -> Any:
    total = m.log(m.sum(m.exp(x), axis=-1, keepdims=True))
    return -m.sum(y * (x - total)) / _rows(m, x, y)


def _cross_entropy_vjp(m: Any, seed: Any, v: Any, xs: Any, slot: int) -> Any:
    x, y = xs
    scale = seed / _rows(m, x, y)
    if slot == 1:
        return -scale * log_softmax(m, x)
    return scale * (m.exp(log_softmax(m, x)) * m.sum(y, axis=-1, keepdims=True) - y)


def _cross_entropy_bound(m: Any, seed: Any, v: Any, xs: Any, slot: int) -> Any:
    x, y = xs
    if slot == 1:
        return m.abs(_cross_entropy_vjp(m, seed, v, xs, 1))
    total = m.sum(m.abs(y), axis=-1, keepdims=True)
    return seed / _rows(m, x, y) * (m.exp(log_softmax(m, x)) * total + m.abs(y))


def _cross_entropy_textbook(m: Any, seed: Any, v: Any, xs: Any, slot: int) -> Any:
    x, y = xs
    scale = seed / _rows(m, x, y)
    e = m.exp(x)
    softmax = e / m.sum(e, axis=-1, keepdims=True)
    if slot == 1:
        return -scale * m.log(softmax)
    return scale * (softmax * m.sum(y, axis=-1, keepdims=True) - y)


def _binary(m: Any, p: Any, y: Any) -> Any:
    _together(m, p, y)
    return -_mean(m, m.times(y, m.log(p)) + m.times(1 - y, m.log1p(-p)))


def _binary_vjp(m: Any, seed: Any, v: Any, xs: Any, slot: int) -> Any:
    p, y = xs
    scale = seed / math.prod(m.shape(p))
    if slot == 1:
        return scale * (m.log1p(-p) - m.log(p))
    return scale * (m.ratio(1 - y, 1 - p) - m.ratio(y, p))


def _binary_bound(m: Any, seed: Any, v: Any, xs: Any, slot: int) -> Any:
    p, y = xs
    scale = seed / math.prod(m.shape(p))
    if slot == 1:
        return scale * (m.abs(m.log1p(-p)) + m.abs(m.log(p)))
    return scale * (m.abs(m.ratio(1 - y, 1 - p)) + m.abs(m.ratio(y, p)))


def _binary_defined(m: Any, p: Any, y: Any) -> Any:
    low = m.logical_or(p > 0, m.logical_and(p == 0, y == 0))
    high = m.logical_or(p < 1, m.logical_and(p == 1, y == 1))
    return m.min(m.where(m.logical_and(low, high), 1, 0)) > 0


def _kl(m: Any, x: Any, y: Any) -> Any:
    _together(m, x, y)
    return m.sum(m.times(y, m.log(y) - x))


def _kl_vjp(m: Any, seed: Any, v: Any, xs: Any, slot: int) -> Any:
    x, y = xs
    return -seed * y if slot == 0 else seed * (m.log(y) + 1 - x)


def _kl_bound(m: Any, seed: Any, v: Any, xs: Any, slot: int) -> Any:
    x, y = xs
    return seed * (m.abs(y) if slot == 0 else m.abs(m.log(y) + 1 - x))


def _kl_side(m: Any, v: Any, xs: Any, dxs: Any) -> Any:
    """Where a target is 0: y·log(y) falls from there with an infinite slope."""
    x, y = xs
    dx, dy = (dx if dx is not None else m.zeros_like(at) for dx, at in zip(dxs, xs, strict=True))
    inner = m.times(dy, m.log(m.where(y > 0, y, 1)) + 1 - x) - y * dx
    edge = m.where(dy > 0, -m.inf, m.where(dy < 0, m.nan, 0))
    return m.sum(m.where(y == 0, edge, inner))


def _units(m: Any, x: Any, y: Any) -> tuple[Any, Any, Any, Any]:
    """Both vectors, scaled to length 1, and their lengths; along the last axis."""
    _together(m, x, y)
    if not m.shape(x):
        raise ValueError("takes vectors, not numbers")
    a, b = m.norm(x, axis=-1, keepdims=True), m.norm(y, axis=-1, keepdims=True)
    return x / a, y / b, a, b


def _cosine(m: Any, x: Any, y: Any) -> Any:
    u, w, _, _ = _units(m, x, y)
    return m.sum(u * w, axis=-1)


def _cosine_meaning(m: Any, x: Any, y: Any) -> Any:
    squares = m.sum(x * x, axis=-1) * m.sum(y * y, axis=-1)
    return m.sum(x * y, axis=-1) / m.sqrt(squares)


def _cosine_vjp(m: Any, seed: Any, v: Any, xs: Any, slot: int) -> Any:
    u, w, a, b = _units(m, *xs)
    own, other, length = (u, w, a) if slot == 0 else (w, u, b)
    kept = (*m.shape(v), 1)
    return m.reshape(seed, kept) * (other - m.reshape(v, kept) * own) / length


def _cosine_bound(m: Any, seed: Any, v: Any, xs: Any, slot: int) -> Any:
    u, w, a, b = _units(m, *xs)
    own, other, length = (u, w, a) if slot == 0 else (w, u, b)
    kept = (*m.shape(v), 1)
    return m.reshape(seed, kept) * (m.abs(other) + m.abs(m.reshape(v, kept)) * m.abs(own)) / length


def _cosine_jvp(m: Any, dxs: Any, v: Any, xs: Any) -> Any:
    u, w, a, b = _units(m, *xs)
    kept = m.reshape(v, (*m.shape(v), 1))
    total = 0
    for dx, own, other, length in ((dxs[0], u, w, a), (dxs[1], w, u, b)):
        if dx is not None:
            total = total + m.sum((other - kept * own) / length * dx, axis=-1)
    return total


def _nonzero(m: Any, x: Any, y: Any) -> Any:
    return m.logical_and(m.norm(x, axis=-1) > 0, m.norm(y, axis=-1) > 0)


# One element. Both pieces meet at delta, and so do their slopes: there is no kink.
_HUBER = Op(
    "huber_element",
    "d, delta",
    value=_huber_element,
    meaning=_huber_pieces,
    partials=(
        lambda m, v, d, delta: m.maximum(m.minimum(d, delta), -delta),
        lambda m, v, d, delta: m.maximum(m.abs(d) - delta, 0),
    ),
    domain=Domain("delta > 0", lambda m, d, delta: delta > 0),
    sample=(ANY, Sample(0.8, 1.6)),
    text="clip(d, −delta, delta), max(|d| − delta, 0)",
    hidden=True,
)

ROWS = (
    _HUBER,
    Op(
        "mse",
        "x, y",
        value=_mse,
        vjp=_mse_vjp,
        jvp=_linear(_mse_vjp),
        bound=_mse_bound,
        dense=True,
        text="2·(x − y)/n, 2·(y − x)/n: the mean over all n elements of (x − y)²",
        aliases=("mse_loss",),
    ),
    Op(
        "huber",
        "x, y, delta=1.0",
        value=_huber,
        vjp=_huber_vjp,
        jvp=_linear(_huber_vjp),
        bound=_absolute(_huber_vjp),
        dense=True,
        domain=Domain("delta > 0", lambda m, x, y, delta: m.min(delta) > 0),
        sample=(ANY, ANY, Sample(0.8, 1.6)),
        text="clip(d, −delta, delta)/n with d = x − y, its negative, max(|d| − delta, 0)/n: the "
        "mean over all n elements of d²/2 where |d| <= delta, else delta·(|d| − delta/2)",
        aliases=("huber_loss",),
    ),
    Op(
        "cross_entropy",
        "x, y",
        value=_cross_entropy,
        meaning=_cross_entropy_meaning,
        vjp=_cross_entropy_vjp,
        jvp=_linear(_cross_entropy_vjp),
        bound=_cross_entropy_bound,
        dense=True,
        textbook=(_cross_entropy_textbook,),
        sample=(ANY, POSITIVE),
        text="(softmax(x)·sum(y) − y)/n, −log_softmax(x)/n: of scores x and probabilities y along "
        "the last axis −sum(y·log_softmax(x)), the mean over the n rows",
    ),
    Op(
        "binary_cross_entropy",
        "p, y",
        value=_binary,
        meaning=lambda m, p, y: -_mean(m, y * m.log(p) + (1 - y) * m.log(1 - p)),
        vjp=_binary_vjp,
        jvp=_linear(_binary_vjp),
        bound=_binary_bound,
        dense=True,
        domain=Domain("0 < p < 1, or p = y", _binary_defined),
        sample=(PROBABILITY, PROBABILITY),
        text="((1 − y)/(1 − p) − y/p)/n, (log(1 − p) − log(p))/n: the mean over all n elements of "
        "−y·log(p) − (1 − y)·log(1 − p)",
    ),
    Op(
        "kl_div",
        "x, y",
        value=_kl,
        vjp=_kl_vjp,
        jvp=_linear(_kl_vjp),
        bound=_kl_bound,
        dense=True,
        domain=Domain("y >= 0", lambda m, x, y: m.min(y) >= 0),
        kink=Kink(
            "where y = 0 the slope is -inf",
            at=lambda m, v, x, y: m.min(m.abs(y)) == 0,
            side=_kl_side,
        ),
        sample=(ANY, POSITIVE),
        text="−y, log(y) + 1 − x: of log-probabilities x from probabilities y the sum over all "
        "elements of y·(log(y) − x)",
    ),
    Op(
        "cosine_similarity",
        "x, y",
        value=_cosine,
        meaning=_cosine_meaning,
        vjp=_cosine_vjp,
        jvp=_cosine_jvp,
        bound=_cosine_bound,
        dense=True,
        domain=Domain("neither vector is 0", _nonzero),
        text="(w − c·u)/|x|, (u − c·w)/|y|, with u = x/|x|, w = y/|y|, c = u·w: along the last "
        "axis",
    ),
)
