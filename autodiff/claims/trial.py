"""Tries a claim at points, with as many digits as it takes to be sure.

Two sides that are equal differ by rounding alone, and that shrinks as digits are added. Where
it does not, they are different: (1 - cos(x))/x**2 may lose forty digits, and is still told.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import mpmath
import numpy as np

from autodiff import sweep
from autodiff.backends.precise import exactly
from autodiff.claims.points import Field
from autodiff.claims.sheet import Sheet, operands
from autodiff.claims.world import TooLarge, World, evaluate, finite
from autodiff.errors import ModelErrors
from autodiff.exact import settled
from autodiff.syntax import Derivative

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autodiff.claims.points import Point
    from autodiff.claims.sheet import Sides
    from autodiff.syntax import Claim, Load
    from autodiff.tape import Tape

DIGITS = (50, 110)  # of the first look, and of the second where the first saw a difference
EQUAL = 1e-30  # relative: two sides are the same
SHRINKS = 1e-30  # by so much does a difference that is rounding shrink at the second look
WORK = 100_000  # operations on numbers that one point may cost; mpmath does 10^5 a second
BUDGET = 100_000  # such operations that all points of a claim may cost
LEAST = 4  # points that are tried whatever they cost
EXPLAINING = 400_000  # such operations that the search for explanations may cost, of all claims
TRIAL = 20  # of them for one more explanation, whatever it is about
NAMES = 100  # of so small a model all names are evaluated: a claim may have meant another

Outcome: TypeAlias = Literal["equal", "different", "undefined"]


class Seen(NamedTuple):
    """What was seen at one point: the sides, as floats, where they differ most.

    gap : the largest difference, in the number system of the sides: a float could be infinite
    """

    outcome: Outcome
    left: float = 0.0
    right: float = 0.0
    index: tuple[int, ...] = ()  # type: ignore[assignment]  # shadows tuple.index
    gap: Any = 0.0


class Ground:
    """Where the claims of one model are tried.

    Attributes
    ----------
    tape   : the model's
    field  : the leaves that matter, and where they are
    load   : reads what a claim's own ``load`` names
    """

    def __init__(
        self, tape: Tape, claims: Sequence[Claim], load: Callable[[Load], Any] | None = None
    ) -> None:
        index = tape.model.index
        used = [o for claim in claims for o in operands(claim)]
        derivatives = [o for o in used if isinstance(o, Derivative)]
        wanted = {o for o in used if not isinstance(o, Derivative) and o >= 0}
        wanted |= {index[name] for d in derivatives for name in (d.of, d.wrt)}
        self.tape, self.load = tape, load
        every = range(len(tape.vertex)) if len(tape.vertex) <= NAMES else sorted(wanted)
        self.field = Field(tape, sorted(wanted), every)
        # Also by the leaves, for the diagnosis: what else may have been meant.
        targets = {index[d.wrt] for d in derivatives} | set(self.field.leaves)
        self.active = sweep.activity(tape, [tape.vertex[s] for s in targets])
        self._worlds: dict[tuple[int, int], tuple[Point | None, World]] = {}
        self._own: dict[int, dict[int, Any]] = {}
        self.cost = cost(tape, self.field.nodes)
        self.spent, self.allowed = 0, EXPLAINING

    def world(self, point: Point | None, digits: int) -> World:
        """The model at a point (None: the file's own); call within ``mpmath.workdps(digits)``.

        Raises TooLarge.
        """
        if self.cost > WORK:
            raise TooLarge(f"some {self.cost:,} operations at every point; the limit is {WORK:,}")
        key = (id(point), digits)
        if key not in self._worlds:
            given = dict(self._given(digits))
            if point is not None:
                for s, x in point.items():
                    if x is not self.field.own[s]:
                        given[self.tape.vertex[s]] = exactly(x)
            run = evaluate(self.tape, self.field.nodes, given, exact=True)
            self._worlds[key] = (point, World(self.tape, run, self.active))  # keeps the id alive
        return self._worlds[key][1]

    def forget(self, point: Point) -> None:
        """Drop what is kept of a point that is not needed again."""
        for digits in (0, *DIGITS):
            self._worlds.pop((id(point), digits), None)

    @cached_property
    def shapes(self) -> dict[int, tuple[int, ...]]:
        """Per name that is evaluated (a statement), the shape of its value."""
        nodes, values = set(self.field.nodes), self.tape.values
        return {s: np.shape(values[n]) for s, n in enumerate(self.tape.vertex) if n in nodes}

    def share(self, claims: int) -> None:
        """Allow one claim its part of what is left for so many of them."""
        self.allowed = self.spent + max(0, EXPLAINING - self.spent) // claims

    def affordable(self, points: int) -> int:
        """So many of some points that they cost no more than they may."""
        return min(points, max(LEAST, BUDGET // max(1, self.cost)))

    def spend(self, work: int) -> None:
        """Count one more explanation that is tried; raises TooLarge when it is too many."""
        self.spent += TRIAL + work
        if self.spent > self.allowed:
            raise TooLarge("the search for an explanation was given up")

    def quick(self, point: Point | None) -> World:
        """The model at a point in float64."""
        key = (id(point), 0)
        if key not in self._worlds:
            run = self.field.run(point if point is not None else self.field.own)
            self._worlds[key] = (point, World(self.tape, run, self.active))
        return self._worlds[key][1]

    def _given(self, digits: int) -> dict[int, Any]:
        """The file's own leaves and constants, exactly."""
        if digits not in self._own:
            tape, given = self.tape, {}
            vertices = {tape.vertex[s]: s for s in self.field.leaves}
            for node in self.field.constants:
                if node in vertices:
                    s = tape.model.statements[vertices[node]]
                    given[node] = settled(tape, s.form, s.operands, tape.values[node])
                else:
                    given[node] = exactly(tape.values[node])
            self._own[digits] = given
        return self._own[digits]

    def sides(self, sheet: Sheet, point: Point | None, digits: int = DIGITS[0]) -> Sides:
        """Both sides of a claim at a point."""
        with mpmath.workdps(digits):
            return sheet.sides(self.world(point, digits))

    def sheet(self, claim: Claim, *, exact: bool = True) -> Sheet:
        """A claim, recorded at the file's point. Raises ModelErrors and TooLarge."""
        if not exact:
            return Sheet(self.tape.model, claim, self.quick(None), self.load)
        with mpmath.workdps(DIGITS[0]):
            return Sheet(self.tape.model, claim, self.world(None, DIGITS[0]), self.load)

    def see(
        self,
        sheet: Sheet,
        point: Point | None,
        rtol: float | None = None,
        *,
        doubt: bool = True,
    ) -> Seen:
        """Whether a claim holds at a point: exactly, or to a relative error ``rtol``.

        Without ``doubt``, a difference in fifty digits is one: that the claim is wrong is known.
        """
        left, right = self.sides(sheet, point)
        seen = compare(left, right, rtol)
        if seen.outcome != "different" or not doubt:
            return seen
        closer = self.sides(sheet, point, DIGITS[1])
        with mpmath.workdps(DIGITS[1]):
            again = compare(*closer, rtol)
        if again.outcome == "different" and again.gap <= SHRINKS * seen.gap:
            return again._replace(outcome="equal")
        return again

    def holds(self, claim: Claim, points: Sequence[Point | None]) -> bool:
        """Whether a claim, such as a corrected one, can be computed and holds at all points."""
        try:
            sheet = self.sheet(claim)
            return all(self.see(sheet, p).outcome == "equal" for p in points)
        except (ModelErrors, TooLarge):
            return False


def compare(left: Any, right: Any, rtol: float | None) -> Seen:
    """Compare two sides, element by element; a number stands for every element."""
    if not (finite(left) and finite(right)):
        return Seen("undefined")
    bound = EQUAL if rtol is None else rtol
    if not (isinstance(left, np.ndarray) or isinstance(right, np.ndarray)):
        gap = abs(left - right)
        if gap <= bound * max(abs(left), abs(right)):
            return Seen("equal")
        return Seen("different", float(left), float(right), (), gap)
    broadcast = np.broadcast_arrays(np.asarray(left), np.asarray(right))
    one, two = (side.ravel() for side in broadcast)
    if not one.size:
        return Seen("equal")
    sizes = np.maximum(abs(one), abs(two))
    if rtol is not None:
        # Beside an element of 2, one that should be 0 and is 1e-17 is 0.
        sizes = np.full(sizes.shape, np.max(sizes), dtype=sizes.dtype)
    gaps = abs(one - two)
    if (gaps <= sizes * bound).all():
        return Seen("equal")
    worst = int(np.argmax(gaps / np.where(sizes == 0, 1, sizes)))
    index = tuple(int(i) for i in np.unravel_index(worst, broadcast[0].shape))
    return Seen("different", float(one[worst]), float(two[worst]), index, np.max(gaps))


def cost(tape: Tape, nodes: Sequence[int]) -> int:
    """Operations on single numbers that evaluating some nodes takes, about."""
    total = 0
    for node in nodes:
        y, op = tape.values[node], tape.ops[node]
        size = 1 if y.__class__ is float else y.size
        if op is not None and op.family == "linalg":  # (n, k) @ (k, m): n·k·m
            x, *others = (tape.values[n] for n in tape.args[node])
            wide = bool(others) and np.ndim(others[0]) > 1  # a matrix, not a vector, behind it
            size = max(size, np.size(x) * (np.shape(others[0])[-1] if wide else 1))
        elif op is not None and not op.partials:
            size = max([size, *(np.size(tape.values[n]) for n in tape.args[node])])
        total += size
    return total
