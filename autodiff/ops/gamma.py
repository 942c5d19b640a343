"""The gamma family."""

from __future__ import annotations

from typing import Any

from autodiff.ops.base import POSITIVE, Domain, Op

HIGHEST_ORDER = 100  # of polygamma: n! is beyond the range of floats soon after


def _off_poles(m: Any, x: Any) -> Any:
    return m.logical_or(x > 0, x != m.floor(x))


def _both_positive(m: Any, x: Any, y: Any) -> Any:
    return m.logical_and(x > 0, y > 0)


def _order(n: Any) -> int:
    if not isinstance(n, int) or isinstance(n, bool) or not 0 <= n <= HIGHEST_ORDER:
        raise ValueError(f"the order n is a whole number from 0 to {HIGHEST_ORDER}, not {n}")
    return n


_POLES = Domain("x is not 0, -1, -2, …", _off_poles)
_POSITIVE = Domain("x > 0, y > 0", _both_positive)

ROWS = (
    Op(
        "gamma",
        "x",
        value=lambda m, x: m.gamma(x),
        partials=(lambda m, y, x: m.times(y, m.digamma(x)),),
        textbook=(lambda m, y, x: y * m.digamma(x),),
        domain=_POLES,
        sample=(POSITIVE,),
        text="gamma(x)·digamma(x)",
    ),
    Op(
        "lgamma",
        "x",
        value=lambda m, x: m.lgamma(x),
        partials=(lambda m, y, x: m.digamma(x),),
        domain=_POLES,
        sample=(POSITIVE,),
        aliases=("gammaln",),
        text="digamma(x)",
    ),
    Op(
        "digamma",
        "x",
        value=lambda m, x: m.digamma(x),
        partials=(lambda m, y, x: m.polygamma(1, x),),
        domain=_POLES,
        sample=(POSITIVE,),
        aliases=("psi",),
        text="polygamma(1, x)",
    ),
    Op(
        "polygamma",
        "@n, x",
        value=lambda m, x, n: m.polygamma(_order(n), x),
        vjp=lambda m, seed, y, xs, slot, n: seed * m.polygamma(n + 1, xs[0]),
        jvp=lambda m, dxs, y, xs, n: dxs[0] * m.polygamma(n + 1, xs[0]),
        bound=lambda m, seed, y, xs, slot, n: seed * m.abs(m.polygamma(n + 1, xs[0])),
        domain=Domain("x is not 0, -1, -2, …", lambda m, x, n: _off_poles(m, x)),
        sample=(POSITIVE,),
        text="polygamma(n + 1, x)",
    ),
    Op(
        "beta",
        "x, y",
        value=lambda m, x, y: m.where(_both_positive(m, x, y), m.beta(x, y), m.nan),
        meaning=lambda m, x, y: m.gamma(x) * m.gamma(y) / m.gamma(x + y),
        partials=(
            lambda m, v, x, y: m.times(v, m.digamma(x) - m.digamma(x + y)),
            lambda m, v, x, y: m.times(v, m.digamma(y) - m.digamma(x + y)),
        ),
        domain=_POSITIVE,
        sample=(POSITIVE, POSITIVE),
        text="v·(digamma(x) − digamma(x + y)), v·(digamma(y) − digamma(x + y))",
    ),
    Op(
        "lbeta",
        "x, y",
        value=lambda m, x, y: m.where(_both_positive(m, x, y), m.lbeta(x, y), m.nan),
        meaning=lambda m, x, y: m.lgamma(x) + m.lgamma(y) - m.lgamma(x + y),
        partials=(
            lambda m, v, x, y: m.digamma(x) - m.digamma(x + y),
            lambda m, v, x, y: m.digamma(y) - m.digamma(x + y),
        ),
        domain=_POSITIVE,
        sample=(POSITIVE, POSITIVE),
        aliases=("betaln",),
        text="digamma(x) − digamma(x + y), digamma(y) − digamma(x + y)",
    ),
)
