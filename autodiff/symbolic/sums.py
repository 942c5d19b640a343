"""Sums of floats and of products of floats, exactly, by the million."""

from __future__ import annotations

from typing import Any

import numpy as np
from mpmath import libmp

from autodiff.symbolic.raw import Number

SAFE = (1e-140, 1e140)  # factors whose product has neither over- nor underflow in its error
FEW = 32  # terms that are added one by one
MANY = 2**24  # terms whose mantissas, in halves, add up without rounding


def exact(terms: Any) -> Number:
    """The sum of finite floats."""
    if len(terms) <= FEW:
        total = libmp.fzero
        for term in terms.tolist():
            total = libmp.mpf_add(total, libmp.from_float(term))
        return total
    fractions, exponents = np.frexp(terms)
    mantissas = (fractions * 2.0**53).astype(np.int64)
    lowest = int(exponents.min())
    whole = 0
    for first in range(0, len(terms), MANY):
        some = mantissas[first : first + MANY]
        scales = exponents[first : first + MANY] - lowest
        # Mantissas of one exponent add up as integers, 26 and 27 bits of them apart.
        for half, shift in ((some >> 27, 27), (some & (2**27 - 1), 0)):
            for k, summed in enumerate(np.bincount(scales, weights=half).tolist()):
                whole += int(summed) << (k + shift)
    return libmp.from_man_exp(whole, lowest - 53)


def products(a: Any, b: Any) -> Any:
    """Floats whose exact sum is that of a·b: the products and what they round off (Dekker).

    None where numbers are so large or small that this would not be exact.
    """
    sizes = np.abs(np.concatenate([a, b]))
    if not np.all((sizes == 0) | ((sizes > SAFE[0]) & (sizes < SAFE[1]))):
        return None
    (a1, a2), (b1, b2) = halves(a), halves(b)
    p = a * b
    return np.concatenate([p, a2 * b2 - (((p - a1 * b1) - a2 * b1) - a1 * b2)])


def halves(x: Any) -> tuple[Any, Any]:
    """x as a sum of two floats of 26 bits each (Veltkamp)."""
    c = 134217729.0 * x  # 2**27 + 1
    high = c - (c - x)
    return high, x - high
