"""Mistakes on the graph: paths left out or counted twice, edge weights wrong or left out."""

from __future__ import annotations

import math
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from autodiff.claims.case import written
from autodiff.report import Diagnosis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from autodiff.claims.case import Case
    from autodiff.claims.world import World
    from autodiff.tape import Tape

    Weight = Callable[[World, Any, int, int], Any]

PATHS = 40  # that are tried one by one
TOGETHER = 3  # so many paths left out at once
SETS = 200  # sets of paths that are tried
EDGES = 80


def paths_between(tape: Tape, of: int, wrt: int, limit: int) -> list[tuple[int, ...]]:
    """Up to ``limit`` paths of the named graph, each from the output down to the leaf."""
    statements = tape.model.statements
    leads = _leading(tape, of, wrt)
    found: list[tuple[int, ...]] = []
    stack: list[tuple[int, ...]] = [(of,)]
    while stack and len(found) <= limit:
        path = stack.pop()
        if path[-1] == wrt:
            found.append(path)
            continue
        operands = dict.fromkeys(statements[path[-1]].operands)
        stack += [(*path, o) for o in reversed(operands) if o >= 0 and o in leads]
    return found


def _leading(tape: Tape, of: int, wrt: int) -> set[int]:
    """The statements between two, both included, on some path."""
    leads = {wrt}
    for s in range(wrt + 1, of + 1):
        if any(o in leads for o in tape.model.statements[s].operands if o >= 0):
            leads.add(s)
    return leads


def wrong_paths(case: Case) -> Diagnosis | None:
    """A path (or a few) that the claim lacks, counts twice, or takes with the wrong sign."""
    ends = _scalar_ends(case)
    if ends is None:
        return None
    of, wrt = ends
    paths = paths_between(case.ground.tape, of, wrt, PATHS)
    if not 1 < len(paths) <= PATHS:
        return None
    for code, times, verb in (
        ("missing-path", -1, "lacks"),
        ("double-path", 1, "counts twice"),
        ("path-sign", -2, "has the wrong sign on"),
    ):
        for path in paths:
            if case.mistaken(_shifted(of, wrt, [path], times)):
                return Diagnosis(code, f"the claim {verb} {_told(case, path)}")
    tried = 0
    for size in range(2, min(TOGETHER, len(paths) - 1) + 1):
        for some in combinations(paths, size):
            tried += 1
            if tried > SETS:
                return None
            if case.mistaken(_shifted(of, wrt, some, -1)):
                told = " and ".join(_told(case, path) for path in some)
                return Diagnosis("missing-path", f"the claim lacks {told}")
    return None


def _shifted(of: int, wrt: int, paths: Any, times: int) -> Callable[[World], Any]:
    def gradient(world: World) -> Any:
        total = world.derivative(of, wrt)
        for path in paths:
            total = total + times * contribution(world, path)
        return total

    return gradient


def contribution(world: World, path: tuple[int, ...]) -> Any:
    """The seed pulled back along one path."""
    cotangent = world.derivative(path[0], path[0])
    for outer, inner in pairwise(path):
        cotangent = world.pull(outer, cotangent, inner, partial=True)
    return cotangent


def _told(case: Case, path: tuple[int, ...]) -> str:
    """``L → d → c → a, which contributes -0.22`` (at the file's point)."""
    arrows = " → ".join(case.name(s) for s in path)
    value = contribution(case.world(None), path)
    if np.ndim(value):
        return arrows
    return f"{arrows}, which contributes {float(value):.6g}"


def wrong_edges(case: Case) -> Diagnosis | None:
    """One edge whose weight the claim leaves out, inverts, or squares."""
    return _wrong_edge(case, WEIGHTS)


def foreign_edges(case: Case) -> Diagnosis | None:
    """One edge in whose place the claim has something else of the model."""
    return _wrong_edge(case, FOREIGN)


def _wrong_edge(case: Case, weights: Sequence[tuple[str, Weight, str]]) -> Diagnosis | None:
    ends = _scalar_ends(case)
    if ends is None:
        return None
    of, wrt = ends
    edges = list(_edges(case.ground.tape, of, wrt))
    for code, weight, told in weights:
        for outer, inner in edges[:EDGES]:
            if case.mistaken(_reweighted(of, wrt, outer, inner, weight)):
                edge = f"d{case.name(outer)}/d{case.name(inner)}"
                value = case.world(None).derivative(outer, inner, partial=True)
                size = "" if np.ndim(value) else f" = {float(value):.6g}"
                names = {"outer": case.name(outer), "inner": case.name(inner)}
                return Diagnosis(code, told.format(edge=f"{edge}{size}", **names))
    return None


def _edges(tape: Tape, of: int, wrt: int) -> Iterator[tuple[int, int]]:
    leads = _leading(tape, of, wrt)
    statements = tape.model.statements
    for outer in sorted(leads, reverse=True):
        for inner in dict.fromkeys(statements[outer].operands):
            if inner in leads and outer != wrt:
                yield outer, inner


def _reweighted(
    of: int, wrt: int, outer: int, inner: int, weight: Weight
) -> Callable[[World], Any]:
    """The derivative with another weight on one edge: elementwise, where names have one shape."""

    def gradient(world: World) -> Any:
        if world.shape(outer) != world.shape(inner):
            return None
        above = world.derivative(of, outer)
        ones = world.m.ones_like(world.value(outer))
        own = world.pull(outer, ones, inner, partial=True)
        through = world.pull(inner, world.pull(outer, above, inner, partial=True), wrt)
        instead = weight(world, own, outer, inner)
        return world.derivative(of, wrt) - through + world.pull(inner, above * instead, wrt)

    return gradient


def _diagonal(world: World, own: Any, outer: int, inner: int) -> Any:
    """The derivatives of each element by itself alone, as if the others did not matter."""
    shape = world.shape(outer)
    if not shape:
        return own
    jacobian = world.derivative(outer, inner, partial=True)
    size = math.prod(shape)
    return world.m.reshape(np.diagonal(world.m.reshape(jacobian, (size, size))), shape)


# Another weight, from the right one ``w`` and the values at both ends.
WEIGHTS: tuple[tuple[str, Weight, str], ...] = (
    ("missing-factor", lambda m, w, u, v: 1, "the factor {edge} is left out"),
    ("sign", lambda m, w, u, v: -w, "the factor {edge} has the wrong sign"),
    ("wrong-weight", lambda m, w, u, v: w * w, "the factor {edge} is taken twice"),
    (
        "wrong-weight",
        lambda m, w, u, v: m.m.ratio(m.m.ones_like(w), w),
        "the factor {edge} is inverted",
    ),
    ("wrong-weight", lambda m, w, u, v: 2 - w, "in {edge} the wrong term has the minus sign"),
    ("factor", lambda m, w, u, v: 2 * w, "the factor {edge} is doubled"),
    ("factor", lambda m, w, u, v: w / 2, "the factor {edge} is halved"),
    ("wrong-weight", _diagonal, "of the Jacobian {edge} only the diagonal is used"),
)
FOREIGN: tuple[tuple[str, Weight, str], ...] = (
    ("wrong-weight", lambda m, w, u, v: m.value(u), "in place of {edge} stands {outer} itself"),
    ("wrong-weight", lambda m, w, u, v: m.value(v), "in place of {edge} stands {inner}"),
    (
        "wrong-weight",
        lambda m, w, u, v: m.value(u) * (1 + m.value(u)),
        "in place of {edge} stands {outer}·(1 + {outer})",
    ),
)


def _scalar_ends(case: Case) -> tuple[int, int] | None:
    """The target's ends, where it is the total derivative of a number."""
    ends = case.ends()
    if ends is None or case.target is None or case.target.partial:
        return None
    of, wrt = ends
    if of <= wrt or case.ground.tape.values[case.ground.tape.vertex[of]].__class__ is not float:
        return None
    return ends


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
    of, wrt = ends
    tape, active = case.ground.tape, case.ground.active
    nodes = set(case.ground.field.nodes)
    shapes = {s: np.shape(tape.values[n]) for s, n in enumerate(tape.vertex) if n in nodes}
    between = _leading(tape, of, wrt)
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


def _derivative(of: int, wrt: int) -> Callable[[World], Any]:
    return lambda world: world.derivative(of, wrt)
