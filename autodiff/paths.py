"""Counts, sums and finds paths on the named graph. Never computes the gradient from a listing.

Everything exact comes from one pass each from the output down (vertices in topological
order): the number of paths, Σ contributions, Σ |contributions|, and the k heaviest paths. A
vertex keeps its k heaviest walks from the output, each as a link to a walk of the vertex
before: the k heaviest paths to *any* vertex extend only such walks, so the one pass serves
all leaves, and 2^60 paths cost no more than 60 vertices do.
"""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from autodiff.graph import Graph

EXACT_COUNT = 10**18  # beyond it a number of paths is given by its decimal exponent
LISTED = 10_000  # ``--paths all`` lists so many paths of one leaf
PULLED = 2_000  # paths of arrays that are followed one by one; beyond it a beam is
BEAM = 64  # walks kept per vertex then
PRUNE = 4096  # candidate walks collected at one vertex before the lightest are dropped


class Count(NamedTuple):
    """A number of paths: exact, or the floor of its decimal logarithm."""

    exact: int | None
    exponent: int | None


class Walk(NamedTuple):
    """A path from the output: its vertices, the position of each edge, its contribution."""

    vertices: tuple[int, ...]
    positions: tuple[int, ...]
    contribution: Any
    meets: str = ""


def counts(graph: Graph) -> dict[int, int | float]:
    """Paths from the output to every vertex: an int, or beyond 10^18 its log10 as a float.

    Integers with thousands of digits would make the pass quadratic.
    """
    total: dict[int, int | float] = {graph.output: 1}
    for vertex, edges in graph.edges.items():
        here = total[vertex]
        if here.__class__ is int and here > EXACT_COUNT:
            here = total[vertex] = math.log10(here)
        for target, _ in edges:
            before = total.get(target, 0)
            if here.__class__ is int and before.__class__ is int:
                total[target] = before + here
            else:
                total[target] = _add_logs(before, here)
    return total


def _add_logs(a: float, b: float) -> float:
    """log10 of a sum, of counts given as ints or as log10 (floats)."""
    if a.__class__ is int:
        a = math.log10(a) if a else -math.inf
    if b.__class__ is int:
        b = math.log10(b) if b else -math.inf
    high, low = (a, b) if a >= b else (b, a)
    return high + math.log10(1 + 10 ** (low - high))


def as_count(number: float) -> Count:
    """A count of `counts` as the report gives it."""
    if number.__class__ is not int:
        return Count(None, math.floor(number))
    number = int(number)
    if number > EXACT_COUNT:
        return Count(None, len(str(number)) - 1)
    return Count(number, None)


def sums(graph: Graph) -> tuple[dict[int, float], dict[int, float]]:
    """Σ contributions and Σ |contributions| of the paths to every vertex of a scalar graph."""
    signed: dict[int, float] = {graph.output: 1.0}
    absolute: dict[int, float] = {graph.output: 1.0}
    for vertex, edges in graph.edges.items():
        s, a = signed[vertex], absolute[vertex]
        for target, weight in edges:
            if target in signed:
                signed[target] += s * weight
                absolute[target] += a * abs(weight)
            else:
                signed[target] = s * weight
                absolute[target] = a * abs(weight)
    return signed, absolute


def pulled(graph: Graph) -> dict[int, Any]:
    """Σ contributions to every vertex of a graph of arrays: the seed, pulled edge by edge."""
    total: dict[int, Any] = {graph.output: 1.0}
    for vertex, edges in graph.edges.items():
        for (target, _), term in zip(edges, graph.pull_edges(vertex, total[vertex]), strict=True):
            total[target] = total[target] + term if target in total else term
    return total


# ---- the k heaviest, scalars


class Heaviest:
    """The k heaviest walks to every vertex of a scalar graph, as links between entries.

    Weights are compared by their logarithms: products of a thousand weights leave the range
    of floats long before their order is in doubt.
    """

    def __init__(self, graph: Graph, k: int) -> None:
        self.graph = graph
        self.parent = array("q", [-1])
        self.position = array("q", [-1])
        self.vertex = array("q", [graph.output])
        self.first: dict[int, tuple[int, int]] = {}
        log = math.log
        pending: dict[int, list[tuple[float, int, int]]] = {}
        for vertex, edges in graph.edges.items():
            if vertex == graph.output:
                sizes, base = [0.0], 0
            else:
                sizes, base = self._settle(vertex, pending.pop(vertex), k)
            for position, (target, weight) in enumerate(edges):
                if weight == 0:
                    size = -math.inf
                elif weight - weight == 0:
                    size = log(abs(weight))
                else:
                    size = math.inf
                candidates = pending.setdefault(target, [])
                if size - size == 0:
                    candidates += [(s + size, base + j, position) for j, s in enumerate(sizes)]
                else:
                    # 0·∞ is neither: it goes first, where it is seen.
                    candidates += [
                        (math.inf if s == -size else s + size, base + j, position)
                        for j, s in enumerate(sizes)
                    ]
                if len(candidates) > PRUNE + k:
                    candidates.sort(key=_by_size)
                    del candidates[k:]
        for vertex in list(pending):
            self._settle(vertex, pending.pop(vertex), k)
        if graph.output not in self.first:
            self.first[graph.output] = (0, 1)

    def _settle(
        self, vertex: int, candidates: list[tuple[float, int, int]], k: int
    ) -> tuple[list[float], int]:
        """Keep the k heaviest of a vertex; returns their sizes and their first entry."""
        if len(candidates) > 1:
            candidates.sort(key=_by_size)
            del candidates[k:]
        base = len(self.parent)
        sizes, parents, positions = zip(*candidates, strict=True)
        self.parent.extend(parents)
        self.position.extend(positions)
        self.vertex.extend([vertex] * len(parents))
        self.first[vertex] = (base, len(parents))
        return sizes, base  # type: ignore[return-value]  # a tuple serves as well as a list

    def walks(self, vertex: int) -> tuple[Walk, ...]:
        """The walks kept at a vertex, heaviest first."""
        base, count = self.first.get(vertex, (0, 0))
        return tuple(self._walk(entry) for entry in range(base, base + count))

    def _walk(self, entry: int) -> Walk:
        vertices, positions = [], []
        while entry >= 0:
            vertices.append(self.vertex[entry])
            positions.append(self.position[entry])
            entry = self.parent[entry]
        vertices.reverse()
        positions.reverse()
        return weigh(self.graph, vertices, positions[1:])


def _by_size(candidate: tuple[float, int, int]) -> float:
    return -candidate[0]


def weigh(graph: Graph, vertices: Sequence[int], positions: Sequence[int]) -> Walk:
    """A walk of a scalar graph with the product of its weights, from the output on."""
    product, zero, infinite = 1.0, False, False
    for vertex, position in zip(vertices, positions, strict=False):
        weight = graph.edges[vertex][position][1]
        zero = zero or weight == 0
        infinite = infinite or math.isinf(weight)
        product *= weight
    meets = "0·∞" if zero and infinite else ""
    return Walk(tuple(vertices), tuple(positions), product, meets)


# ---- listing


def reaching(graph: Graph, goals: Iterable[int]) -> set[int]:
    """The vertices from which one of ``goals`` can be reached."""
    found = set(goals)
    for vertex in reversed(list(graph.edges)):
        if any(target in found for target, _ in graph.edges[vertex]):
            found.add(vertex)
    return found


def listing(graph: Graph, goal: int, limit: int) -> list[Walk]:
    """Up to ``limit`` paths to one vertex of a scalar graph, in the order of the text."""
    useful = reaching(graph, [goal])
    found: list[Walk] = []
    vertices, positions = [graph.output], [0]
    if graph.output == goal:
        found.append(Walk((goal,), (), 1.0))
    while vertices and len(found) < limit:
        vertex, position = vertices[-1], positions[-1]
        edges = graph.edges.get(vertex, ())
        if position >= len(edges):
            vertices.pop()
            positions.pop()
            continue
        positions[-1] += 1
        target = edges[position][0]
        if target not in useful:
            continue
        if target == goal:
            taken = [p - 1 for p in positions]
            found.append(weigh(graph, [*vertices, goal], taken))
        if graph.edges.get(target):
            vertices.append(target)
            positions.append(0)
    return found


def pulled_walks(
    graph: Graph, goals: Sequence[int], total: float
) -> tuple[dict[int, list[Walk]], bool]:
    """Paths of a graph of arrays to ``goals``, each with the seed pulled back along it.

    All of them where there are at most `PULLED` (``total`` tells); beyond that, `BEAM` walks
    are kept at every vertex, the largest by Frobenius norm, and the second result is False:
    a light walk may yet meet a heavy edge.
    """
    from autodiff.backends.eager import norm

    exact = total.__class__ is int and total <= PULLED
    useful = reaching(graph, goals)
    keep: dict[int, list[Walk]] = {graph.output: [Walk((graph.output,), (), 1.0)]}
    for vertex, edges in graph.edges.items():
        if vertex not in useful:
            continue
        walks = keep[vertex]
        if not exact and len(walks) > BEAM:
            walks.sort(key=lambda w: -_order(norm(w.contribution)))
            del walks[BEAM:]
        for walk in walks:
            terms = graph.pull_edges(vertex, walk.contribution)
            for position, ((target, _), term) in enumerate(zip(edges, terms, strict=True)):
                if target in useful:
                    keep.setdefault(target, []).append(
                        Walk((*walk.vertices, target), (*walk.positions, position), term)
                    )
        if vertex not in goals:
            del keep[vertex]  # the cotangents are arrays: let go of what is behind
    out = {}
    for goal in goals:
        walks = keep.get(goal, [])
        walks.sort(key=lambda w: -_order(norm(w.contribution)))
        out[goal] = walks
    return out, exact


def _order(size: float) -> float:
    """A size to sort by: what is not a number goes first, where it is seen."""
    return math.inf if size != size else size
