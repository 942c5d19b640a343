"""Mistakes on the graph: paths left out or counted twice, edge weights wrong or left out."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from autodiff.claims import factors
from autodiff.claims.case import written
from autodiff.claims.levels import Names, Operations, contribution, leading, paths
from autodiff.report import Diagnosis

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autodiff.claims.case import Case
    from autodiff.claims.levels import Edge, Level
    from autodiff.claims.world import World

    Weight = Callable[[World, Any, Level, Edge], Any]  # the cotangent above -> that below

SMALL = 64  # denominators of what a path is taken times
PATHS = 40  # that are tried one by one
TOGETHER = 3  # so many paths left out at once
SETS = 200  # sets of paths that are tried
EDGES = 80
ROWS = 16  # elements of what is differentiated


def wrong_paths(case: Case) -> Diagnosis | None:
    """A path (or a few) that the claim lacks, counts twice, or takes with the wrong sign."""
    return _wrong_paths(case, Names(case.ground.tape))


def wrong_operations(case: Case) -> Diagnosis | None:
    """The same on the tape's own graph: one of the ways that a name enters a statement."""
    level = Operations(case.ground.tape)
    return _wrong_paths(case, level) or _wrong_edge(case, level, WEIGHTS)


def _wrong_paths(case: Case, level: Level) -> Diagnosis | None:
    ends = _ends(case)
    if ends is None:
        return None
    of, wrt = map(level.vertex, ends)
    known = paths(level, of, wrt, PATHS)
    if not 1 < len(known) <= PATHS:
        return None
    for code, times, verb in (
        ("missing-path", -1, "lacks"),
        ("double-path", 1, "counts twice"),
        ("path-sign", -2, "has the wrong sign on"),
    ):
        if times > 0 and (found := factors.constant(case)) is not None:
            return found  # twice all of it says more than a path that happens to be as large
        for path in known:
            if case.mistaken(_shifted(ends, level, [path], times)):
                return Diagnosis(code, f"the claim {verb} {_told(case, level, path)}")
    for path in known if case.is_bare else ():
        scale = _scale(case, ends, level, path)
        if scale is not None and case.mistaken(_shifted(ends, level, [path], scale - 1)):
            told = f"the claim takes {scale} times {_told(case, level, path)}"
            return Diagnosis("factor", told)
    tried = 0
    for size in range(2, min(TOGETHER, len(known) - 1) + 1):
        for some in combinations(known, size):
            tried += 1
            if tried > SETS:
                return None
            if case.mistaken(_shifted(ends, level, some, -1)):
                told = " and ".join(_told(case, level, path) for path in some)
                return Diagnosis("missing-path", f"the claim lacks {told}")
    return None


def _shifted(
    ends: tuple[int, int],
    level: Level,
    some: Sequence[Sequence[Edge]],
    times: int | Fraction,
) -> Callable[[World], Any]:
    """The derivative, with some paths counted otherwise."""
    of, wrt = ends

    def gradient(world: World) -> Any:
        total = world.derivative(of, wrt)
        for path in some:
            part = world.rows(of, partial(contribution, world, level, path))
            total = total + part * times.numerator / times.denominator
        return total

    return gradient


def _scale(
    case: Case, ends: tuple[int, int], level: Level, path: Sequence[Edge]
) -> Fraction | None:
    """What the claim takes a path times, by one element at one point in float64."""
    world = case.ground.quick(case.points[0])
    part = np.ravel(world.rows(ends[0], partial(contribution, world, level, path)))
    true, claimed = map(np.ravel, case.sides_in(world))
    if part.shape != true.shape or true.shape != claimed.shape:
        return None
    k = int(np.argmax(np.abs(part)))
    if not part[k]:
        return None
    times = float((claimed[k] - true[k]) / part[k])
    return 1 + Fraction(times).limit_denominator(SMALL) if math.isfinite(times) else None


def _told(case: Case, level: Level, path: Sequence[Edge]) -> str:
    """``L → d → c → a, which contributes -0.22`` (at the file's point)."""
    arrows = " → ".join(
        [level.name(path[0].outer), *(level.name(edge.inner) for edge in path)],
    )
    world = case.world(None)
    if np.ndim(world.run.values[level.node(path[0].outer)]):
        return arrows
    value = contribution(world, level, path, world.m.asarray(1.0))
    return arrows if np.ndim(value) else f"{arrows}, which contributes {float(value):.6g}"


def wrong_edges(case: Case) -> Diagnosis | None:
    """One edge whose weight the claim leaves out, inverts, or squares."""
    return _wrong_edge(case, Names(case.ground.tape), WEIGHTS)


def foreign_edges(case: Case) -> Diagnosis | None:
    """One edge in whose place the claim has something else of the model."""
    return _wrong_edge(case, Names(case.ground.tape), FOREIGN)


def _wrong_edge(
    case: Case, level: Level, weights: Sequence[tuple[str, Weight, str]]
) -> Diagnosis | None:
    ends = _ends(case)
    if ends is None:
        return None
    of, wrt = map(level.vertex, ends)
    leads = leading(level, of, wrt)
    edges = [
        edge
        for vertex in sorted(leads - {wrt}, reverse=True)
        for edge in level.edges(vertex)
        if edge.inner in leads
    ]
    for code, weight, told in weights:
        for edge in edges[:EDGES]:
            if case.mistaken(_reweighted(ends, level, edge, weight)):
                return Diagnosis(code, told.format(**_names(case, level, edge)))
    return None


def _names(case: Case, level: Level, edge: Edge) -> dict[str, str]:
    """What a sentence about an edge may say."""
    world = case.world(None)
    values = world.run.values
    told = level.told(edge)
    if not (np.ndim(values[level.node(edge.outer)]) or np.ndim(values[level.node(edge.inner)])):
        weight = level.pull(world, edge, world.m.asarray(1.0))
        told = level.told(edge, f"{float(weight):.6g}")
    return {"edge": told, "outer": level.name(edge.outer), "inner": level.name(edge.inner)}


def _reweighted(
    ends: tuple[int, int], level: Level, edge: Edge, weight: Weight
) -> Callable[[World], Any]:
    """The derivative with another weight on one edge, between names of one shape."""
    of, wrt = ends

    def gradient(world: World) -> Any:
        outer, inner = level.node(edge.outer), level.node(edge.inner)
        if np.shape(world.run.values[outer]) != np.shape(world.run.values[inner]):
            return None

        def change(seed: Any) -> Any:
            above = world.adjoints(world.tape.vertex[of], seed)[outer]
            if above is None:
                above = world.m.zeros_like(world.run.values[outer])
            through = level.pull(world, edge, above)
            instead = weight(world, above, level, edge)
            return world.shaped(world.adjoints(inner, instead - through), wrt)

        return world.derivative(of, wrt) + world.rows(of, change)

    return gradient


def _times(function: Callable[[World, Any], Any]) -> Weight:
    """A weight that acts on each element by itself: a function of the right one."""

    def weight(world: World, above: Any, level: Level, edge: Edge) -> Any:
        ones = world.m.ones_like(world.run.values[level.node(edge.outer)])
        return above * function(world, level.pull(world, edge, ones))

    return weight


def _jacobian(world: World, level: Level, edge: Edge) -> Any:
    """The edge's Jacobian as a square matrix; None between numbers, and on the tape."""
    shape = np.shape(world.run.values[level.node(edge.outer)])
    if not shape or isinstance(level, Operations):
        return None
    size = math.prod(shape)
    jacobian = world.derivative(edge.outer, edge.inner, partial=True)
    return world.m.reshape(jacobian, (size, size))


def _diagonal(world: World, above: Any, level: Level, edge: Edge) -> Any:
    """The derivatives of each element by itself alone, as if the others did not matter."""
    jacobian = _jacobian(world, level, edge)
    if jacobian is None:
        return level.pull(world, edge, above)
    return above * world.m.reshape(np.diagonal(jacobian), np.shape(above))


def _transposed(world: World, above: Any, level: Level, edge: Edge) -> Any:
    """W in place of its transpose."""
    jacobian = _jacobian(world, level, edge)
    if jacobian is None:
        return level.pull(world, edge, above)
    flat = world.m.reshape(above, (len(jacobian),))
    return world.m.reshape(world.m.matmul(jacobian, flat), np.shape(above))


def _outer(function: Callable[[Any], Any]) -> Weight:
    return lambda world, above, level, edge: (
        above * function(world.run.values[level.node(edge.outer)])
    )


def _inner(world: World, above: Any, level: Level, edge: Edge) -> Any:
    return above * world.run.values[level.node(edge.inner)]


# Another weight, from the right one ``w``: told as a sentence about the edge.
WEIGHTS: tuple[tuple[str, Weight, str], ...] = (
    ("missing-factor", _times(lambda m, w: 1), "the factor {edge} is left out"),
    ("sign", _times(lambda m, w: -w), "the factor {edge} has the wrong sign"),
    ("wrong-weight", _times(lambda m, w: w * w), "the factor {edge} is taken twice"),
    (
        "wrong-weight",
        _times(lambda m, w: m.m.ratio(m.m.ones_like(w), w)),
        "the factor {edge} is inverted",
    ),
    ("wrong-weight", _times(lambda m, w: 2 - w), "in {edge} a term has the wrong sign"),
    ("wrong-weight", _times(lambda m, w: 2 * w), "the factor {edge} is doubled"),
    ("wrong-weight", _times(lambda m, w: w / 2), "the factor {edge} is halved"),
    ("wrong-weight", _diagonal, "of the Jacobian {edge} only the diagonal is used"),
)
FOREIGN: tuple[tuple[str, Weight, str], ...] = (
    ("transposed", _transposed, "the Jacobian {edge} should be transposed"),
    ("wrong-weight", _outer(lambda u: u), "in place of {edge} stands {outer} itself"),
    ("wrong-weight", _inner, "in place of {edge} stands {inner}"),
    (
        "wrong-weight",
        _outer(lambda u: u * (1 + u)),
        "in place of {edge} stands {outer}·(1 + {outer})",
    ),
)


def _ends(case: Case) -> tuple[int, int] | None:
    """The target's ends, where it is a total derivative, and of not too many elements."""
    ends = case.ends()
    if ends is None or case.target is None or case.target.partial:
        return None
    of, wrt = ends
    tape = case.ground.tape
    return ends if of > wrt and np.size(tape.values[tape.vertex[of]]) <= ROWS else None


def partial_or_total(case: Case) -> Diagnosis | None:
    """The claim is right of the partial derivative where it has the total one, or the reverse."""
    ends = case.ends()
    if ends is None or case.target is None:
        return None
    other = case.target._replace(partial=not case.target.partial)
    if not case.mistaken(lambda world: world.derivative(*ends, partial=other.partial)):
        return None
    this, meant = written(other), written(case.target)
    if other.partial:
        told = f"this is {this}, by the statement of {other.of} alone; {meant} sums over all paths"
    else:
        told = f"this is {this}, over all paths; {meant} is one edge"
    return Diagnosis("partial-total", told)


def other_name(case: Case) -> Diagnosis | None:
    """The claim is right of the derivative by another name, or of another name."""
    ends = case.ends()
    if ends is None or case.target is None:
        return None
    if case.claims_nothing():
        return None  # 0 is the derivative by every name that plays no part
    of, wrt = ends
    tape, active = case.ground.tape, case.ground.active
    shapes = case.ground.shapes
    between = leading(Names(tape), of, wrt)
    for s, shape in shapes.items():
        fits = s not in ends and shape == shapes[wrt] and active[tape.vertex[s]]
        if fits and case.mistaken(_derivative(of, s)):
            name, this = case.name(s), f"d{case.target.of}/d{case.name(s)}"
            if s in between:
                told = f"this is {this}: the factor d{name}/d{case.target.wrt} is left out"
                return Diagnosis("missing-factor", told)
            return Diagnosis("other-name", f"this is {this}, the derivative by {name}")
    for s, shape in shapes.items():
        fits = s not in ends and s > wrt and shape == shapes[of]
        if fits and case.mistaken(_derivative(s, wrt)):
            name, this = case.name(s), f"d{case.name(s)}/d{case.target.wrt}"
            if s in between:
                told = f"this is {this}: the factor d{case.target.of}/d{name} is left out"
                return Diagnosis("missing-factor", told)
            return Diagnosis("other-name", f"this is {this}, the derivative of {name}")
    return None


def other_shape(case: Case) -> Diagnosis | None:
    """The claim stops at a name in between, whose shape it has: X.T @ is left out."""
    ends = case.ends()
    if ends is None or case.target is None or not case.is_bare:
        return None
    tape = case.ground.tape
    shape = np.shape(tape.values[tape.vertex[ends[0]]])
    claimed = np.shape(case.sides(case.points[0])[1])
    for s in sorted(leading(Names(tape), *ends) - set(ends)):
        fits = claimed == shape + np.shape(tape.values[tape.vertex[s]])
        if fits and case.explains(_constantly(_derivative(ends[0], s))):
            name = case.name(s)
            told = f"this is d{case.target.of}/d{name}: the factor d{name}/d{case.target.wrt}"
            return Diagnosis("missing-factor", f"{told} is left out")
    return None


def _constantly(gradient: Callable[[World], Any]) -> Callable[[World, Any], Any]:
    return lambda world, true: gradient(world)


def _derivative(of: int, wrt: int) -> Callable[[World], Any]:
    return lambda world: world.derivative(of, wrt)
