"""Functions of the protocol made of others of it, for libraries that lack them.

``m`` is a namespace whose `where` takes arrays and numbers; ``theirs`` a library's own function.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def half_turns(m: Any, x: Any) -> tuple[Any, Any]:
    """cos(πx) and sin(πx). π times a large x has no digits left; x − round(x) is exact."""
    whole = m.round(x)
    sign = 1 - 2 * (whole - 2 * m.floor(whole / 2))
    angle = m.pi * (x - whole)
    return sign * m.cos(angle), sign * m.sin(angle)


def sinc(m: Any, x: Any) -> Any:
    # Not np.sinc: at 1, where it is 0, that is 4e-17.
    return m.where(x == 0, 1.0, half_turns(m, x)[1] / m.where(x == 0, 1.0, m.pi * x))


# −π·j₁(πx)/x, where j₁(z)/z = Σ (−z²/2)ᵏ / (k!·(2k+3)!!): below x = 1/2 these are enough.
_SLOPE_TERMS = [
    (-0.5) ** k / (math.factorial(k) * math.prod(range(1, 2 * k + 4, 2))) for k in range(12)
]


def sinc_slope(m: Any, x: Any) -> Any:
    inside = m.abs(x) < 0.5
    near = m.where(inside, x, 0.0)
    square = (m.pi * near) * (m.pi * near)
    series = 0.0 * square
    for term in reversed(_SLOPE_TERMS):
        series = series * square + term
    away = m.where(inside, 1.0, x)
    slope = (half_turns(m, away)[0] - sinc(m, away)) / away
    return m.where(inside, -(m.pi**2) * near * series, slope)


def digamma(m: Any, theirs: Callable[..., Any], x: Any) -> Any:
    """ψ(x). A library's own reflection has no digits left near a pole; x − round(x) is exact."""
    left = x < 0
    angle = m.pi * (x - m.round(x))
    reflected = theirs(m.where(left, 1 - x, 1.0)) - m.pi / m.tan(m.where(left, angle, 1.0))
    return m.where(left, reflected, theirs(m.where(left, 1.0, x)))


def trigamma(m: Any, theirs: Callable[..., Any], x: Any) -> Any:
    """ψ′(x), reflected as `digamma` is."""
    left = x < 0
    sine = m.sin(m.where(left, m.pi * (x - m.round(x)), 1.0))
    reflected = (m.pi / sine) * (m.pi / sine) - theirs(m.where(left, 1 - x, 1.0))
    return m.where(left, reflected, theirs(m.where(left, 1.0, x)))
