"""The judge at kinks: one-sided derivatives along each leaf, and what follows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from autodiff.backends import eager
from autodiff.sweep import activity, one_sided

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.tape import Tape

WORK = 50_000_000  # nodes times directions that the judge looks at for one gradient
SAME_SLOPE = 1e-12  # relative: the two one-sided derivatives are one


class Judged(NamedTuple):
    """One-sided derivatives of the output along one leaf, in the leaf's shape.

    ``exists`` says whether they are finite and equal in every element; ``decided`` whether
    first order told at all; ``jumps`` whether the output's value jumps in some direction.
    ``kink`` is the node of the first kink that the leaf reaches.
    """

    left: Any
    right: Any
    exists: bool
    decided: bool
    jumps: bool
    kink: int


def judge(tape: Tape, of: int, leaf: int, kinks: Sequence[int]) -> Judged | None:
    """The one-sided derivatives along ``leaf`` (a node); None if it reaches no kink.

    Raises ValueError when that would be more than `WORK`.
    """
    reach = activity(tape, [leaf])
    kink = next((node for node in kinks if reach[node]), None)
    if kink is None:
        return None
    import numpy as np

    value = np.asarray(tape.values[leaf])
    if 2 * value.size * of > WORK:
        raise ValueError(f"{2 * value.size:,} directions over {of:,} operations")
    left, right = np.empty(value.shape), np.empty(value.shape)
    here, jumps = tape.values[of], False
    for index in np.ndindex(*value.shape):
        direction = np.zeros(value.shape)
        direction[index] = 1.0
        forth = eager.quietly(one_sided, tape, of, {leaf: direction})
        back = eager.quietly(one_sided, tape, of, {leaf: -direction})
        left[index], right[index] = -back.slope, forth.slope
        jumps = jumps or not (forth.limit == back.limit == here)
    decided = not (np.isnan(left).any() or np.isnan(right).any())
    finite = np.isfinite(left) & np.isfinite(right)
    with np.errstate(invalid="ignore"):
        close = np.abs(left - right) <= SAME_SLOPE * np.maximum(np.abs(left), np.abs(right))
    exists = bool((finite & close).all())
    return Judged(eager.settle(left), eager.settle(right), exists, decided, jumps, kink)
