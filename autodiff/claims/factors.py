"""Mistakes of size and shape: a sign, a constant, a factor left out, a transpose, a sum."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np

from autodiff.claims.case import written
from autodiff.report import Diagnosis

if TYPE_CHECKING:
    from collections.abc import Callable

    from autodiff.claims.case import Case

SMALL = 64  # numerators and denominators of constants that are named as fractions
PLAIN = 12  # likewise where there is one point alone
AXES = 4
LENGTH = 3  # a factor of 2 is seldom the length of anything


def sign(case: Case) -> Diagnosis | None:
    """The claim is minus the truth."""
    if case.explains(lambda world, true: -true):
        return Diagnosis("sign", "the sign is wrong: the claim is minus the right value")
    return None


def constant(case: Case) -> Diagnosis | None:
    """The claim is a constant times the truth."""
    ratios = [_ratio(*case.sides(point)) for point in case.points]
    if not ratios or any(r is None for r in ratios):
        return None
    first = ratios[0]
    if not all(case.alike(r, first) for r in ratios) or first == 1:
        return None
    fraction = Fraction(str(mpmath.nstr(first, 20))).limit_denominator(SMALL)
    nice = (
        fraction
        and abs(fraction.numerator) <= SMALL
        and case.alike(mpmath.mpf(fraction.numerator) / fraction.denominator, first)
    )
    largest = max(abs(fraction.numerator), fraction.denominator)
    if len(case.points) < 2 and not (nice and largest <= PLAIN):
        return None  # at one point any two numbers are in some proportion
    shown = str(fraction) if nice else mpmath.nstr(first, 12)
    length = _length(case, fraction) if nice else ""
    told = f"the claim is {shown} times the right value"
    return Diagnosis("factor", told + (f"; {length}" if length else ""))


def _ratio(true: Any, claimed: Any) -> Any:
    """claimed / true, if that is one number for all elements that are not 0."""
    if np.shape(true) != np.shape(claimed):
        return None
    ratio = None
    pairs = zip(
        np.ravel(np.asarray(true, dtype=object)),
        np.ravel(np.asarray(claimed, dtype=object)),
        strict=True,
    )
    for t, c in pairs:
        if t == 0 or c == 0:
            if t != c:
                return None
            continue
        here = c / t
        if ratio is not None and abs(here - ratio) > 1e-25 * abs(ratio):
            return None
        ratio = here if ratio is None else ratio
    return ratio


def _length(case: Case, fraction: Fraction) -> str:
    """Whose length a constant may be, where it is one."""
    for count in (fraction.numerator, fraction.denominator):
        if count < LENGTH:
            continue
        for leaf, value in case.ground.field.own.items():
            if count in np.shape(value) or (np.ndim(value) > 1 and count == np.size(value)):
                return (
                    f"{case.name(leaf)} has {count} elements along an axis"
                    if count in np.shape(value)
                    else f"{case.name(leaf)} has {count} elements"
                )
    return ""


def transposed(case: Case) -> Diagnosis | None:
    """The claim is the transpose of the truth."""
    if np.ndim(case.sides(case.points[0])[0]) == 2 and case.explains(lambda world, true: true.T):
        return Diagnosis("transposed", "the claim is the transpose of the right value")
    return None


def shapes(case: Case) -> Diagnosis | None:
    """Why the two shapes differ."""
    true, claimed = (np.shape(x) for x in case.sides(case.points[0]))
    if true == claimed:
        return None
    if len(true) == 2 and claimed == true[::-1]:
        if case.explains(lambda world, right: right.T):
            return Diagnosis("transposed", "the claim is the transpose of the right value")
        return Diagnosis("transposed", f"claimed {claimed}, not {true}: transposed?")
    found = _sum_missing(case, true, claimed)
    if found is not None:
        return found
    if len(true) == 2 and true == claimed * 2 and _explained(case, np.diagonal):
        term = "the right value"
        if case.target is not None and case.is_bare:
            term = written(case.target)
        told = f"{term} is the Jacobian, of shape {true}; the claim is its diagonal: diag(…)"
        return Diagnosis("shape", told)
    if _explained(case, np.ravel, np.ravel):
        return Diagnosis("shape", f"these are the right numbers in the shape {claimed}, not {true}")
    if _explained(case, np.sum):
        return Diagnosis("shape", "the claim is the sum of the right value's elements")
    return None


def _sum_missing(case: Case, true: tuple[int, ...], claimed: tuple[int, ...]) -> Diagnosis | None:
    """The axes over which the claim should have been summed, where that makes it right."""
    for count in range(1, min(len(claimed), AXES) + 1):
        for axes in combinations(range(len(claimed)), count):
            for keep in (False, True):

                def summed(claim: Any, axes: Any = axes, keep: bool = keep) -> Any:
                    return np.sum(claim, axis=axes, keepdims=keep)

                if _explained(case, lambda right: right, summed):
                    over = axes[0] if count == 1 else axes
                    kept = ", keepdims=True" if keep else ""
                    all_of_it = count == len(claimed) and not keep
                    call = "sum(…)" if all_of_it else f"sum(…, axis={over}{kept})"
                    return Diagnosis("missing-sum", f"a sum is missing: {call}")
    return None


def _explained(
    case: Case, right: Callable[[Any], Any], claim: Callable[[Any], Any] = lambda x: x
) -> bool:
    """Whether the two are the same once both are changed, at every point."""
    for point in case.points:
        true, claimed = case.sides(point)
        if not case.alike(right(true), claim(claimed)):
            return False
    return bool(case.points)


def diagonal(case: Case) -> Diagnosis | None:
    """The claim is the diagonal of a Jacobian, with zeros beside it."""
    true = case.sides(case.points[0])[0]
    square = np.ndim(true) == 2 and np.shape(true)[0] == np.shape(true)[1] > 1
    if square and case.explains(lambda world, right: right * world.m.eye(len(right))):
        return Diagnosis("wrong-weight", "of the Jacobian only the diagonal is claimed")
    return None
