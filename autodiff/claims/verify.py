"""Decides what may be said of a claim: proved, verified, right at the file's point only, wrong.

SymPy can only acquit, and is asked first, because it is quick; random points can only convict.
What SymPy acquits is tried at a few points all the same.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autodiff import sweep
from autodiff.backends import eager
from autodiff.claims import assumptions, counterexample, points
from autodiff.claims.points import FEW
from autodiff.claims.sheet import about_the_point, bare, numeric, operands
from autodiff.claims.trial import DIGITS, Ground, Seen, compare
from autodiff.claims.world import TooLarge, finite
from autodiff.errors import ModelErrors
from autodiff.kinks import Judge, Judged, at_kinks
from autodiff.report import ClaimResult, Diagnosis
from autodiff.syntax import Derivative
from autodiff.tape import Spaces

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autodiff.claims.points import Point
    from autodiff.claims.sheet import Sheet
    from autodiff.report import ClaimStatus
    from autodiff.syntax import Claim, Load
    from autodiff.tape import Tape

ROUGH = 1e-6  # relative: more than float64 loses in a model that loses no digits
VALUE = 1e-9  # relative: a number in a claim is right
POINTS = 16
PROVABLE = 1_500  # operations of a model that SymPy is asked for proofs about


class Settings(NamedTuple):
    """How claims are tried.

    points : how many random points
    seed   : of those points
    rtol   : the relative error that is allowed; None: as good as none
    prove  : whether to ask SymPy for a proof
    explain: whether to look for what is wrong with a claim that fails
    """

    points: int = POINTS
    seed: int = 0
    rtol: float | None = None
    prove: bool = True
    explain: bool = True


class Verdict(NamedTuple):
    """What became of one claim, before it is diagnosed.

    tried : the points it was tried at, and what was seen there
    """

    claim: Claim
    sheet: Sheet | None
    status: ClaimStatus
    message: str = ""
    tried: Tried = ()
    diagnosis: Diagnosis | None = None


Tried = tuple[tuple["Point | None", Seen], ...]


def verify(
    tape: Tape,
    claims: Sequence[Claim],
    settings: Settings = Settings(),  # noqa: B008  # a NamedTuple: immutable
    load: Callable[[Load], Any] | None = None,
) -> tuple[ClaimResult, ...]:
    """Verify and diagnose the claims of a recorded model, in their order."""
    if not claims:
        return ()
    ground = Ground(tape, claims, load)
    verifier = _Verifier(ground, settings)
    verdicts = [eager.quietly(verifier.verdict, claim) for claim in claims]
    if settings.explain and any(v.status in {"fails", "point-only"} for v in verdicts):
        from autodiff.claims.diagnosis import diagnosed

        verdicts = eager.quietly(diagnosed, ground, verdicts)
    return tuple([_result(ground, verdict, settings.explain) for verdict in verdicts])


def _result(ground: Ground, verdict: Verdict, explain: bool) -> ClaimResult:
    claim, sheet = verdict.claim, verdict.sheet
    example = None
    if explain and verdict.status in {"fails", "point-only"} and sheet is not None:
        own = next((seen for point, seen in verdict.tried if point is None), None)
        if own is not None and own.outcome == "different":
            example = counterexample.here(own)
        else:
            bad = [(p, s) for p, s in verdict.tried if p is not None and s.outcome == "different"]
            if bad:
                example = eager.quietly(counterexample.find, ground, sheet, *bad[0])
    return ClaimResult(
        claim.line,
        claim.text,
        verdict.status,
        verdict.message,
        verdict.diagnosis,
        example,
        claim.column,
        claim.end,
        sum(seen.outcome != "undefined" for _, seen in verdict.tried),
        ground.tape.model.sources[claim.origin].name if claim.origin else "",
    )


class _Verifier:
    def __init__(self, ground: Ground, settings: Settings) -> None:
        self.ground, self.settings = ground, settings
        self.count = ground.affordable(settings.points)
        self.judges: dict[int, Judge] = {}  # by the node that is differentiated

    @cached_property
    def points(self) -> list[Point]:
        """The random points, the same for all claims of a file."""
        return self._drawn(self.count)

    @cached_property
    def few(self) -> list[Point]:
        """Some random points, where the many are not needed."""
        return self._drawn(min(FEW, self.count))

    def _drawn(self, count: int) -> list[Point]:
        rng = np.random.default_rng(self.settings.seed)
        return points.draw(self.ground.field, count, rng)

    def verdict(self, claim: Claim) -> Verdict:
        try:
            sheet = self.ground.sheet(claim)
            left, right = self.ground.sides(sheet, None)
        except ModelErrors as errors:
            problem = errors.problems[0]
            said = f"it cannot be computed: {problem.message}"
            return Verdict(claim, None, "fails", said, diagnosis=_unfit(problem.hint))
        except TooLarge as large:
            return self.roughly(claim, str(large))
        shapes = np.shape(left), np.shape(right)
        if () not in shapes and shapes[0] != shapes[1]:
            return Verdict(claim, sheet, "fails", _misshapen(claim, *shapes))
        if about_the_point(claim):
            try:
                return self.at_the_point(claim, sheet)
            except TooLarge as large:
                return Verdict(claim, sheet, "undecided", str(large))
        return self.everywhere(claim, sheet)

    def roughly(self, claim: Claim, reason: str) -> Verdict:
        """A model too large for fifty digits: float64 can still convict, but not acquit."""
        try:
            sheet = self.ground.sheet(claim, exact=False)
            for point in (None, *(() if about_the_point(claim) else self.few)):
                seen = compare(*sheet.sides(self.ground.quick(point)), claim.rtol or ROUGH)
                if seen.outcome == "different":
                    said = f"in float64, left {seen.left:.9g}, right {seen.right:.9g}"
                    return Verdict(claim, None, "fails", said, ((point, seen),))
        except TooLarge as larger:
            reason = str(larger)
        return Verdict(claim, None, "undecided", f"{reason}; in float64 no difference is seen")

    # ---- claims about the file's point

    def at_the_point(self, claim: Claim, sheet: Sheet) -> Verdict:
        """A side is a number, or a tolerance is given: the file's own point counts."""
        rtol = claim.rtol or self.settings.rtol or VALUE
        seen = self.ground.see(sheet, None, rtol)
        tried = ((None, seen),)
        note = ""
        kink = self.kink(claim)
        if kink is not None:
            seen, note = self.beside(claim, sheet, rtol, seen)
            tried = ((None, seen),)
        if seen.outcome == "undefined":
            return Verdict(claim, sheet, "fails", f"a side is not finite here{note}", tried)
        if seen.outcome == "equal":
            return Verdict(claim, sheet, "value", note.removeprefix("; "), tried)
        size = max(abs(seen.left), abs(seen.right))
        if not size:  # as floats
            said = f"the sides differ, and both are too small for floats{note}"
            return Verdict(claim, sheet, "fails", said, tried)
        relative = abs(seen.left - seen.right) / size
        said = f"left {seen.left:.12g}, right {seen.right:.12g}{note}"
        if claim.rtol is None and relative < 1e-2:
            said += f"; they agree to {relative:.1g}: close(lhs, rhs, rtol) allows for that"
        return Verdict(claim, sheet, "fails", said, tried)

    @cached_property
    def kinks(self) -> dict[int, Any]:
        """The nodes that sit on a kink at the file's point, the same for all claims of a file."""
        tape = self.ground.tape
        return at_kinks(tape, sweep.Run.of(tape), self.ground.active)

    def judged(self, of: int, leaf: int) -> Judged | None:
        """The one-sided derivatives of a node; raises TooLarge."""
        tape, active = self.ground.tape, self.ground.active
        run = sweep.Run.of(tape)._replace(spaces=Spaces(*tape.numbers.namespaces(True)))
        if of not in self.judges:
            self.judges[of] = Judge(tape, run, of, self.kinks)
        adjoints = eager.quietly(sweep.reverse, tape, run, of, active).adjoints
        try:
            return self.judges[of].sides(leaf, adjoints[leaf] if leaf <= of else None)
        except ValueError as error:
            raise TooLarge(f"the model sits on a kink: {error}") from error

    def kink(self, claim: Claim) -> int | None:
        """The first node of a derivative of the claim that sits on a kink at the file's point."""
        tape, at = self.ground.tape, self.kinks
        if not at:
            return None
        index = tape.model.index
        for o in operands(claim):
            if isinstance(o, Derivative):
                under = set(points.live(tape, [index[o.of]]))
                found = next((n for n in at if n in under), None)
                if found is not None:
                    return found
        return None

    def beside(self, claim: Claim, sheet: Sheet, rtol: float, seen: Seen) -> tuple[Seen, str]:
        """At a kink: where the one-sided derivatives agree, theirs is the value that counts."""
        ground, index = self.ground, self.ground.tape.model.index
        tape = ground.tape
        convention = "; at a kink: the gradient by convention"
        for side, other in ((claim.lhs, claim.rhs), (claim.rhs, claim.lhs)):
            derivative = bare(side)
            if not isinstance(derivative, Derivative) or not numeric(other):
                continue
            of, wrt = index[derivative.of], index[derivative.wrt]
            if tape.values[tape.vertex[of]].__class__ is not float or derivative.partial:
                continue
            node = tape.vertex[of]
            judged = self.judged(node, tape.vertex[wrt])
            if judged is None:
                return seen, ""
            if judged.exists:
                left, right = ground.sides(sheet, None)
                claimed = right if side is claim.lhs else left
                return compare(judged.right, claimed, rtol), ""
            return seen, convention
        return seen, convention

    # ---- identities

    def everywhere(self, claim: Claim, sheet: Sheet) -> Verdict:
        """Both sides are expressions: they are equal at every point, or the claim is wrong."""
        ground, rtol = self.ground, self.settings.rtol
        own = ground.see(sheet, None, rtol)
        kink = self.kink(claim)
        worth = kink is not None or own.outcome == "equal"
        proved = worth and rtol is None and self.settings.prove and self.proved(claim)
        if proved and kink is None:
            # A proof needs no sixteen points; a few guard against what is wrong with the proof.
            brief = [(None, own), *((point, ground.see(sheet, point)) for point in self.few)]
            met = [each.outcome for _, each in brief]
            if "different" not in met and (met.count("equal") >= FEW or not ground.field.leaves):
                return Verdict(claim, sheet, "proved", "", tuple(brief))
        tried: list[tuple[Point | None, Seen]] = []
        if kink is None:
            tried.append((None, own))
        tried += [(point, ground.see(sheet, point, rtol)) for point in self.points]
        outcomes = [seen.outcome for _, seen in tried]
        said = ""
        if kink is not None:
            op = ground.tape.ops[kink]
            assert op is not None
            said = f"the file's point is on a kink of {op.name}, and was left out"
        if own.outcome == "undefined" and kink is None:
            return self.undefined(claim, sheet, tuple(tried))
        if "different" not in outcomes:
            if outcomes.count("equal") < FEW and ground.field.leaves:
                few = f"only {outcomes.count('equal')} points where both sides are defined"
                return Verdict(claim, sheet, "undecided", few, tuple(tried))
            if proved:
                return Verdict(claim, sheet, "proved", "", tuple(tried))
            return Verdict(claim, sheet, "verified", said, tuple(tried))
        if outcomes[0] == "different" and kink is None:
            return Verdict(claim, sheet, "fails", said, tuple(tried))
        assumed = self.assumed(sheet)
        if assumed is not None:
            text, more = assumed
            return Verdict(claim, sheet, "verified", f"given that {text}", more)
        if kink is not None:
            return Verdict(claim, sheet, "fails", said, tuple(tried))
        said = "it holds at the file's point, and not around it"
        return Verdict(claim, sheet, "point-only", said, tuple(tried))

    def undefined(self, claim: Claim, sheet: Sheet, tried: Tried) -> Verdict:
        """A side is not finite at the file's point: a claim is wrong if it is only one."""
        sides = self.ground.sides(sheet, None)
        if finite(sides[0]) == finite(sides[1]):
            return Verdict(
                claim, sheet, "undecided", "neither side is finite at the file's point", tried
            )
        side = "right" if finite(sides[0]) else "left"
        return Verdict(
            claim, sheet, "fails", f"the {side} side is not finite at the file's point", tried
        )

    def proved(self, claim: Claim) -> bool:
        from autodiff import symbolic

        if len(self.ground.field.nodes) > PROVABLE:
            return False
        return bool(symbolic.prove(self.ground.tape, claim.lhs, claim.rhs))

    def assumed(self, sheet: Sheet) -> tuple[str, Tried] | None:
        """What a claim rests on that is special about the file's leaves; None: nothing helps."""
        found = assumptions.find(self.ground.field)
        if not found:
            return None
        chosen, tried = self._strongest(sheet, found)
        if tried is None:
            return None
        for leaf, options in found.items():  # the weakest that will do
            others = [a for other, a in chosen.items() if other != leaf]
            for option in (None, *options):
                if option is chosen[leaf]:
                    break
                wanted = others if option is None else [*others, option]
                fewer = self._tried_given(sheet, wanted)
                if fewer is None:
                    continue
                tried = fewer
                del chosen[leaf]
                if option is not None:
                    chosen[leaf] = option
                break
        return " and ".join(a.text for a in chosen.values()), tried

    def _strongest(
        self, sheet: Sheet, found: dict[int, list[assumptions.Assumption]]
    ) -> tuple[dict[int, assumptions.Assumption], Tried | None]:
        """All that can be assumed; where that would leave nothing to vary, a little less."""
        for back in range(1, 1 + max(map(len, found.values()))):
            chosen = {leaf: options[-min(back, len(options))] for leaf, options in found.items()}
            tried = self._tried_given(sheet, list(chosen.values()))
            if tried is not None:
                break
        return chosen, tried

    def _tried_given(self, sheet: Sheet, wanted: Sequence[assumptions.Assumption]) -> Tried | None:
        """What was seen where some assumptions hold; None where the claim failed even so."""
        field = self.ground.field
        if {a.leaf for a in wanted if a.fixes} >= set(field.leaves):
            return None  # nothing is left to vary
        rng = np.random.default_rng(self.settings.seed)
        drawn = points.draw(field, min(self.count, 8), rng, assumptions.shaped(wanted, field))
        tried: list[tuple[Point | None, Seen]] = []
        for point in drawn:
            seen = self.ground.see(sheet, point, self.settings.rtol)
            if seen.outcome == "different":
                return None
            tried.append((point, seen))
        enough = sum(seen.outcome == "equal" for _, seen in tried) >= FEW
        return tuple(tried) if enough else None


def _unfit(hint: str) -> Diagnosis | None:
    return Diagnosis("shape", hint) if hint else None


def _misshapen(claim: Claim, left: tuple[int, ...], right: tuple[int, ...]) -> str:
    def what(side: Any) -> str:
        term = bare(side)
        if isinstance(term, Derivative):
            d = "∂" if term.partial else "d"
            return f"{d}{term.of}/{d}{term.wrt}"
        return "a side"

    if isinstance(bare(claim.rhs), Derivative) and not isinstance(bare(claim.lhs), Derivative):
        return f"claimed {left}, {what(claim.rhs)} is {right}"
    return f"claimed {right}, {what(claim.lhs)} is {left}"


__all__ = ["DIGITS", "Settings", "Verdict", "verify"]
