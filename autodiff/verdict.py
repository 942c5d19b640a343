"""Compares the routes to one gradient and decides what may be said of it.

Error is measured on the scale of Σ|contributions|: what cancels in a sum was rounded on the
scale of its terms. A gradient `agrees` when its error is within a small multiple of rounding
on that scale *and* at least ten of its digits are right; where the rule is right but digits
are not (the tape run in high precision agrees with SymPy), it is `inexact`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from autodiff.backends.numbers import FLOATS, Floats
from autodiff.report import Check

if TYPE_CHECKING:
    from collections.abc import Callable

EPSILON = FLOATS.epsilon
ROUNDING = 256.0  # so many rounding errors on the scale of Σ|contributions| are rounding
LOG_10 = math.log(10)
PER_STEP = 4.0  # and so many more for every operation on the longest path


class Worst(NamedTuple):
    """The comparison of a gradient with its reference, over all elements that were checked."""

    error: Any
    ulps: Any
    agrees: bool
    digits_lost: float


def compare(value: Any, reference: Any, scale: Any, steps: int, numbers: Floats = FLOATS) -> Worst:
    """Compare numbers (or arrays) with those of more digits, element by element."""
    epsilon, measure = numbers.epsilon, numbers.measure
    error, ulps, agrees, lost = measure(0.0), measure(0.0), True, 0.0
    unit = epsilon * (ROUNDING + PER_STEP * steps)
    sizes = [abs(measure(want)) for want in flat(reference) if want is not None]
    # Beside an element of 2, one that should be 1e-17 and comes out as 3e-17 is 0: an array
    # has the digits that its largest element has.
    whole = unit * max(sizes, default=0.0) if len(sizes) > 1 else 0.0
    for got, want, size in zip(flat(value), flat(reference), flat(scale), strict=True):
        if want is None:
            continue
        difference = measure(abs(want - got))
        if difference <= numbers.least:
            continue
        target = measure(want)
        magnitude = abs(target)
        right = magnitude == 0.0 or difference <= max(numbers.right * magnitude, whole)
        fine = difference <= max(unit * max(size, magnitude), whole) and right
        # A number that is 0 by cancellation has no digits to lose: its error is rounding.
        error = max(error, difference)
        ulps = max(ulps, difference / numbers.ulp(target)) if numbers.finite(target) else math.inf
        agrees = agrees and fine
        relative = difference / magnitude if magnitude else math.inf
        if not fine:
            lost = max(
                lost, min(float(numbers.digits), max(0.0, numbers.log(relative / epsilon) / LOG_10))
            )
    return Worst(error, ulps, agrees, lost)


def unsteady(value: Any, again: Any) -> float:
    """How many digits differ between two runs in float64; 0 where `compare` would not mind."""
    from autodiff.backends import array as m

    one, two = m.asarray(value), m.asarray(again)
    size, gap = m.abs(two), m.abs(one - two)
    whole = EPSILON * ROUNDING * float(m.max(size)) if size.size > 1 else 0.0
    bad = ~((gap <= m.maximum(FLOATS.right * size, whole)) | (size == 0))
    if not bad.any():
        return 0.0
    worst = float(m.max(gap[bad] / size[bad]))
    return min(16.0, math.log10(worst / EPSILON)) if worst < math.inf else 16.0


def same(a: Any, b: Any, scale: Any, numbers: Floats = FLOATS) -> bool:
    """Whether two high-precision results agree to some 20 digits on the scale of their terms
    (of numbers of more digits than floats, to a few digits more than those).
    """
    for x, y, size in zip(flat(a), flat(b), flat(scale), strict=True):
        if x is None or y is None:
            continue
        # Not as floats: 1e-20 of 1e-304 would be 0.
        bound = max(abs(y), abs(x), size * numbers.right) * numbers.same
        if not abs(x - y) <= bound:
            return False
    return True


def flat(value: Any) -> list[Any]:
    """A number as a list of one, an array as a list of its elements."""
    if value.__class__ is float or not hasattr(value, "ravel"):
        return [value]
    return list(value.ravel().tolist() if value.dtype != object else value.ravel())


def decide(
    value: Any,
    reference: Any,
    scale: Any,
    steps: int,
    exact: Callable[[], Any],
    numbers: Floats = FLOATS,
    **told: Any,
) -> Check:
    """The verdict on a finite gradient that sits on no kink.

    ``exact()`` gives the tape's own gradient in high precision; it is asked only when float64
    alone does not agree. ``told`` is passed on to the Check (expression, coverage, …).
    """
    worst = compare(value, reference, scale, steps, numbers)
    about: dict[str, Any] = {
        "reference": text(reference, numbers.shown),
        "error": numbers.magnitude(worst.error),
        "ulps": numbers.magnitude(worst.ulps),
        **told,
    }
    if worst.agrees:
        return Check("agrees", **about)
    replay = exact()
    if replay is not None and same(replay, reference, scale, numbers):
        return Check("inexact", digits_lost=round(worst.digits_lost, 1), **about)
    return Check("differs", **about)


def short(number: Any) -> str:
    """A high-precision number as a person reads it: a dozen digits."""
    import mpmath

    return str(mpmath.nstr(number, 12))


def text(reference: Any, digits: int = FLOATS.shown) -> Any:
    """High-precision numbers as text of so many digits; arrays as nested lists."""
    import mpmath

    if hasattr(reference, "tolist"):
        reference = reference.tolist()
    if isinstance(reference, list):
        return [text(item, digits) for item in reference]
    return None if reference is None else mpmath.nstr(reference, digits)
