"""Numbers of more digits than floats have, as views measure and write them."""

from __future__ import annotations

import math
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


def context(digits: int) -> Context:
    """Python's own ends at 10^999999, and raises there."""
    return Context(prec=digits, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])


def largest(items: Iterable[Any]) -> Any:
    """The largest |element|; nan where there is one, 0 where there are none."""
    sizes = [abs(x) if isinstance(x, float) else x.copy_abs() for x in items]
    return next((x for x in sizes if x != x), max(sizes, default=Decimal(0)))


def norm(items: Iterable[Any], digits: int) -> Any:
    """Frobenius norm, to so many digits."""
    found = list(items)
    size = largest(found)
    if not math.isfinite(size) or not size:
        return size
    some = context(digits + 3)
    total = Decimal(0)
    for x in found:
        share = some.divide(x, size)
        total = some.add(total, some.multiply(share, share))
    return some.multiply(size, some.sqrt(total))


def exceeds(value: Any, digits: int, scale: Any) -> bool:
    """Whether a value is more than 64 units of the last of so many digits of a scale."""
    if not math.isfinite(value) or not math.isfinite(scale):
        return bool(value > scale)
    return bool(Decimal(value).scaleb(digits, context(28)) > Decimal(scale) * 64)
