"""A chain of claims, a backward pass by hand: which step is wrong first, and which only follow.

The derivative is linear in the adjoints above it, so what a later step should be, given the
reader's own earlier results, is the right value plus each earlier error pulled back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autodiff.report import Diagnosis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.claims.case import Case
    from autodiff.claims.world import World

PULLS = 50  # a sweep in float64 is so much cheaper than the model in fifty digits
MOST = 100  # failing steps that others may follow from


def follows(case: Case, steps: Sequence[Case]) -> tuple[list[Case], Diagnosis] | None:
    """The ``steps`` that make this claim fail too, if it is right given what they claim.

    Raises TooLarge.
    """
    if case.numeric or not is_step(case):
        return None
    above = sorted(
        (o for o in steps if o is not case and _before(o, case)),
        key=lambda o: -_wrt(o),
    )
    if not above or not _explained(case, above):
        return None
    needed = list(above)
    for other in above:
        fewer = [o for o in needed if o is not other]
        if fewer and _explained(case, fewer):
            needed = fewer
    terms = " and ".join(f"d{o.target.of}/d{o.target.wrt}" for o in needed if o.target)
    lines = ", ".join(str(o.claim.line) for o in needed)
    told = f"right, given {terms} as line {lines} claims it: not a mistake of its own"
    return needed, Diagnosis("follows", told)


def is_step(case: Case) -> bool:
    """Whether a claim says what an adjoint of a number is, in the right shape."""
    ends = case.ends()
    if ends is None or not case.is_bare or not case.points:
        return False
    true, claimed = case.sides(case.points[0])
    return not case.world(case.points[0]).shape(ends[0]) and np.shape(true) == np.shape(claimed)


def _wrt(case: Case) -> int:
    ends = case.ends()
    assert ends is not None
    return ends[1]


def _before(other: Case, case: Case) -> bool:
    """Whether a step comes before another in the backward pass of the same output."""
    return (
        other.target is not None
        and case.target is not None
        and other.target.of == case.target.of
        and not case.target.partial
        and _wrt(other) > _wrt(case)
    )


def _explained(case: Case, above: Sequence[Case]) -> bool:
    ends = case.ends()
    assert ends is not None
    of, wrt = ends
    case.ground.spend(len(above) ** 2 // 2 * (1 + case.ground.cost // PULLS))

    def given(world: World) -> Any:
        errors: list[tuple[int, Any]] = []
        for other in above:  # the nearest to the output first
            s = _wrt(other)
            expected = world.derivative(of, s)
            for higher, error in errors:
                expected = expected + world.pull(higher, error, s)
            errors.append((s, other.sides_in(world)[1] - expected))
        total = world.derivative(of, wrt)
        for s, error in errors:
            total = total + world.pull(s, error, wrt)
        return total

    return case.mistaken(given)
