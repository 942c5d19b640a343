"""Why a claim fails: the first explanation, in a fixed order, that fits every point tried."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np

from autodiff.claims import assumptions, edits, factors, points, quantities, routes, steps
from autodiff.claims.case import Case
from autodiff.claims.sheet import about_the_point
from autodiff.claims.trial import DIGITS
from autodiff.claims.world import TooLarge
from autodiff.errors import ModelErrors
from autodiff.report import Diagnosis

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autodiff.claims.points import Point
    from autodiff.claims.trial import Ground
    from autodiff.claims.verify import Verdict
    from autodiff.syntax import Claim

FEW = 2  # points that may agree by chance
LOOKED_AT = 8  # points at which an explanation must fit

_NONE: Any = object()  # None is the file's own point

# From what is seen at a glance to what takes a search. A claim that is ½ of what it should be
# because one of two equal paths is missing lacks a path: that says more.
EXPLANATIONS: tuple[Callable[[Case], Diagnosis | None], ...] = (
    factors.sign,
    factors.transposed,
    factors.diagonal,
    routes.partial_or_total,
    routes.wrong_paths,
    factors.constant,
    routes.other_name,
    routes.wrong_edges,
    quantities.left_out,
    edits.edited,
    routes.wrong_operations,
    routes.foreign_edges,
    quantities.proportion,
    quantities.term,
    edits.rewritten,
)


def diagnosed(ground: Ground, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts, with a diagnosis for each that fails where one was found."""
    with mpmath.workdps(DIGITS[0]):
        cases = {k: _case(ground, v) for k, v in enumerate(verdicts) if _fails(v)}
        chain = [case for case in cases.values() if steps.is_step(case)][: steps.MOST]
        special = _special_points(ground)
        out = list(verdicts)
        behind: dict[int, list[int]] = {}
        left = sum(v.status in {"fails", "point-only"} for v in verdicts)
        for k, case in cases.items():
            ground.share(left)
            left -= 1
            found, causes = _followed(case, chain)
            if found is None:
                found = _explained(ground, verdicts[k], case, special)
            for cause in causes:
                behind.setdefault(id(cause), []).append(case.claim.line)
            out[k] = verdicts[k]._replace(diagnosis=found or verdicts[k].diagnosis)
        for k, verdict in enumerate(verdicts):
            if verdict.status == "fails" and verdict.sheet is None:
                ground.share(left)
                left -= 1
                mended = _mended(ground, verdict.claim, special)
                out[k] = verdict._replace(diagnosis=mended or verdict.diagnosis)
        for k, case in cases.items():
            lines = behind.get(id(case))
            if lines:
                out[k] = out[k]._replace(diagnosis=_first(out[k].diagnosis, lines))
    return out


def _mended(ground: Ground, claim: Claim, special: Sequence[Point]) -> Diagnosis | None:
    """What makes a claim true that cannot even be computed: W.T in place of W."""
    for other in (claim._replace(rhs=claim.lhs), claim._replace(lhs=claim.rhs)):
        try:
            case = Case(ground, claim, ground.sheet(other), [None, *special], False)
            if not special:
                case = Case(ground, claim, case.sheet, [None, *_drawn(ground, None)], False)
            if not case.points:
                return None
            return edits.edited(case) or edits.rewritten(case)
        except (ModelErrors, TooLarge):
            continue  # that side is the one that cannot be computed
    return None


def _first(found: Diagnosis | None, lines: list[int]) -> Diagnosis:
    """The diagnosis of a step that others rest on."""
    which = f"line {lines[0]} follows" if len(lines) == 1 else f"lines {_listed(lines)} follow"
    told = f"{found.message}; {which} from it" if found else f"{which} from it"
    return Diagnosis(found.code if found else "first-wrong", told)


def _listed(lines: list[int]) -> str:
    return ", ".join(map(str, lines[:-1])) + f" and {lines[-1]}"


def _fails(verdict: Verdict) -> bool:
    return verdict.status in {"fails", "point-only"} and verdict.sheet is not None


def _case(ground: Ground, verdict: Verdict) -> Case:
    sheet = verdict.sheet
    assert sheet is not None
    claim = verdict.claim
    about_here = about_the_point(claim)
    if about_here or not verdict.tried:
        where: list[Point | None] = [None]
        if not about_here:  # misshapen: nothing has been tried yet
            where += _drawn(ground, None)
    else:
        where = _telling(ground, verdict)
    return Case(ground, claim, sheet, where, about_here)


def _telling(ground: Ground, verdict: Verdict) -> list[Point | None]:
    """Points on every side of what branches, where the claim fails and where it does not.

    Of ``maximum(a, b) + abs(a - b)``, ``sign(a - b)`` is ½ of the slope by a where a > b, and
    all of it where a < b: it lacks a term, not a factor.
    """
    field = ground.field
    groups: dict[Any, list[Point | None]] = {}
    for point, seen in sorted(verdict.tried, key=lambda t: t[1].outcome != "different"):
        if seen.outcome != "undefined":
            side = field.state(field.run(field.own if point is None else point))
            groups.setdefault((seen.outcome, side), []).append(point)
    rounds = itertools.zip_longest(*groups.values(), fillvalue=_NONE)
    return [point for some in rounds for point in some if point is not _NONE][
        : ground.affordable(LOOKED_AT)
    ]


def _drawn(ground: Ground, shape: Any) -> list[Point]:
    rng = np.random.default_rng(0)
    count = ground.affordable(LOOKED_AT)
    return points.draw(ground.field, count - 1, rng, shape)[:count]


def _special_points(ground: Ground) -> list[Point]:
    """Points where what is special about the file's leaves still holds."""
    found = assumptions.find(ground.field)
    if not found:
        return []
    strongest = [options[-1] for options in found.values()]
    return _drawn(ground, assumptions.shaped(strongest, ground.field))


def _followed(case: Case, cases: Sequence[Case]) -> tuple[Diagnosis | None, list[Case]]:
    try:
        found = steps.follows(case, cases)
    except TooLarge:
        return None, []
    return (found[1], found[0]) if found is not None else (None, [])


def _explained(
    ground: Ground, verdict: Verdict, case: Case, special: Sequence[Point]
) -> Diagnosis | None:
    try:
        if not case.points:
            return None
        branch = _branch(ground, verdict)
        if branch is not None:
            return branch
        found = _misshapen(case) or _first_of(case)
        if found is None and special and not case.numeric:
            # Right but for the mistake only where y still sums to 1, A is still symmetric.
            rested = Case(ground, case.claim, case.sheet, [None, *special], False)
            if rested.points:
                found = _misshapen(rested)
                if found is None and _wrong(rested):
                    found = _first_of(rested)
        if found is None and not case.numeric:
            found = _assumed(ground, case)
    except TooLarge:
        return None
    return found


def _misshapen(case: Case) -> Diagnosis | None:
    """Why the two shapes differ, if they do."""
    true, claimed = (np.shape(side) for side in case.sides(case.points[0]))
    if true == claimed:
        return None
    found = factors.shapes(case) or routes.other_shape(case)
    # A number where an array is meant fits any shape: what is said of it is said elsewhere.
    return found or (edits.edited(case) if true and claimed else None)


def _assumed(ground: Ground, case: Case) -> Diagnosis | None:
    """The claim is right of a symmetric matrix, or where something sums to 1: not here."""
    for wish in assumptions.wishes(ground.field):
        there = _drawn(ground, assumptions.shaped([wish], ground.field))
        wished = Case(ground, case.claim, case.sheet, there, False)
        if len(wished.points) > FEW and not _wrong(wished):
            return Diagnosis("assumption", f"right where {wish.text}, which is not so in the file")
    return None


def _wrong(case: Case) -> bool:
    """Whether the claim fails at any of the points: else whatever changes nothing explains it."""
    return any(not case.alike(*case.sides(point)) for point in case.points)


def _first_of(case: Case) -> Diagnosis | None:
    shapes = {np.shape(side) for side in case.sides(case.points[0])}
    if len(shapes) > 1 and () not in shapes:
        return None
    return next((found for explain in EXPLANATIONS if (found := explain(case))), None)


def _branch(ground: Ground, verdict: Verdict) -> Diagnosis | None:
    """The claim holds wherever the model takes the file's branches, and fails elsewhere."""
    field = ground.field
    if verdict.status != "point-only" or not field.switches:
        return None
    home = field.state(field.run(field.own))
    here, away, changed = 0, 0, set(range(len(field.switches)))
    for point, seen in verdict.tried:
        if seen.outcome == "undefined" or point is None:
            continue
        state = field.state(field.run(point))
        if seen.outcome == "equal":
            here += state == home
        elif state == home:
            return None
        else:
            away += 1
            changed &= {k for k, (a, b) in enumerate(zip(state, home, strict=True)) if a != b}
    if not away or not here:
        return None
    switch = field.switches[min(changed)] if changed else field.switches[0]
    op = ground.tape.ops[switch.node]
    statement, _ = ground.tape.where(switch.node)
    assert op is not None
    told = (
        f"right on the file's side of {op.name} in {statement.name} (line {statement.line}), "
        "wrong on the other"
    )
    return Diagnosis("wrong-branch", told)
