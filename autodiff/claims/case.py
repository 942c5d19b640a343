"""A claim that fails: what is true, what is claimed, and the points where that is compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np

from autodiff.claims.sheet import bare
from autodiff.claims.trial import DIGITS, compare
from autodiff.claims.world import finite
from autodiff.syntax import Derivative

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autodiff.claims.points import Point
    from autodiff.claims.sheet import Sheet
    from autodiff.claims.trial import Ground
    from autodiff.claims.world import World
    from autodiff.syntax import Claim, Side

ROUGHLY = 1e-6  # relative: an explanation may fit, in float64
SAME = 1e-25  # relative: an explanation fits, at 50 digits
FASTER = 10  # so many times is float64 faster than fifty digits
FEW = 3  # points that are better than many that are not sharp
SAME_VALUE = 1e-9  # likewise for a claim that has a number on one side


class Case:
    """One failing claim.

    The side that is a derivative (or the left one) is the truth, the other what is claimed.

    Attributes
    ----------
    points  : where an explanation must fit, all of them
    target  : the derivative that the true side is or is made of; None if there is none
    numeric : whether the claim is about the file's point alone
    """

    def __init__(
        self,
        ground: Ground,
        claim: Claim,
        sheet: Sheet,
        points: Sequence[Point | None],
        numeric: bool,
    ) -> None:
        self.ground, self.claim, self.sheet = ground, claim, sheet
        self.numeric = numeric
        self.swapped = _rank(claim.rhs) > _rank(claim.lhs)
        self.true_side, self.claimed_side = (
            (claim.rhs, claim.lhs) if self.swapped else (claim.lhs, claim.rhs)
        )
        terms = [o for o in self.true_side.operands if isinstance(o, Derivative)]
        self.target = terms[0] if len(set(terms)) == 1 else None
        self.is_bare = bare(self.true_side) is not None
        self._seen: dict[int, tuple[World, tuple[Any, Any]]] = {}
        self.points = [p for p in points if self._defined(p)]
        sharp = [p for p in self.points if self._is_sharp(p)]
        if len(sharp) >= FEW:
            self.points = sharp

    def _defined(self, point: Point | None) -> bool:
        true, claimed = self.sides(point)
        return finite(true) and finite(claimed)

    def _is_sharp(self, point: Point | None) -> bool:
        """Whether fifty digits are enough here: of 1 + erf(-9), which is 1e-37, 13 are left."""
        sides = self.sides(point)
        with mpmath.workdps(DIGITS[1]):
            closer = self.sides_in(self.ground.world(point, DIGITS[1]))
            return all(same(a, b, SAME) for a, b in zip(sides, closer, strict=True))

    def world(self, point: Point | None) -> World:
        return self.ground.world(point, DIGITS[0])

    def sides(self, point: Point | None) -> tuple[Any, Any]:
        """What is true, and what is claimed, in fifty digits."""
        return self.sides_in(self.world(point))

    def sides_in(self, world: World, gradient: Any = None) -> tuple[Any, Any]:
        """What is true, and what is claimed; perhaps with another value for the target."""
        instead: dict[int | Derivative, Any] = {}
        if gradient is not None and self.target is not None:
            instead[self.target] = gradient
        elif id(world) in self._seen:
            return self._seen[id(world)][1]
        left, right = self.sheet.sides(world, instead)
        sides = (right, left) if self.swapped else (left, right)
        if not instead:
            self._seen[id(world)] = (world, sides)  # keeps the id alive
        return sides

    def alike(self, a: Any, b: Any) -> bool:
        """Whether two values are the same, shape and all, as far as can be told."""
        return same(a, b, SAME_VALUE if self.numeric else SAME)

    def explains(self, claimed: Callable[[World, Any], Any]) -> bool:
        """Whether ``claimed(world, truth)`` is what is claimed, at every point."""

        def fits(world: World, rtol: float) -> bool:
            true, said = self.sides_in(world)
            return same(claimed(world, true), said, rtol)

        return self.everywhere(fits)

    def mistaken(self, gradient: Callable[[World], Any]) -> bool:
        """Whether the claim is true of ``gradient(world)`` in place of its derivative."""

        def fits(world: World, rtol: float) -> bool:
            instead = gradient(world)
            if instead is None:
                return False
            true = instead if self.is_bare else self.sides_in(world, instead)[0]
            return same(true, self.sides_in(world)[1], rtol)

        return self.everywhere(fits)

    def claims_nothing(self) -> bool:
        """Whether what is claimed is 0 at every point."""
        return not any(np.any(self.sides(point)[1]) for point in self.points)

    def everywhere(self, fits: Callable[[World, float], bool]) -> bool:
        """Whether ``fits(world, rtol)`` at every point; in float64 at one of them first.

        Raises TooLarge when the claim's explanations have cost enough.
        """
        self.ground.spend((self.ground.cost + len(self.sheet.tape.ops)) // FASTER)
        if not self.points or not fits(self.ground.quick(self.points[0]), ROUGHLY):
            return False
        rtol = SAME_VALUE if self.numeric else SAME
        return all(fits(self.world(point), rtol) for point in self.points)

    # ---- names

    def name(self, statement: int) -> str:
        return self.ground.tape.model.statements[statement].name

    def ends(self) -> tuple[int, int] | None:
        """The statements of the target: what is differentiated, and by what."""
        if self.target is None:
            return None
        index = self.ground.tape.model.index
        return index[self.target.of], index[self.target.wrt]


def same(a: Any, b: Any, rtol: float) -> bool:
    """Whether two values are finite and the same, shape and all."""
    return np.shape(a) == np.shape(b) and compare(a, b, rtol).outcome == "equal"


def written(derivative: Derivative) -> str:
    """A derivative as a claim has it."""
    d = "∂" if derivative.partial else "d"
    return f"{d}{derivative.of}/{d}{derivative.wrt}"


def _rank(side: Side) -> int:
    """How much a side looks like the truth: a bare derivative most, numbers least."""
    if isinstance(bare(side), Derivative):
        return 3
    if any(isinstance(o, Derivative) for o in side.operands):
        return 2
    return 1 if bare(side) is not None else 0
