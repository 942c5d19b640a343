"""Counts, sums and finds paths on the named graph. Never computes the gradient from a listing.

Everything exact comes from one pass each from the output down (vertices in topological
order): the number of paths, Σ contributions, Σ |contributions|, and the k heaviest paths. A
vertex keeps its k heaviest walks from the output, each as a link to a walk of the vertex
before: the k heaviest paths to *any* vertex extend only such walks, so the one pass serves
all leaves, and 2^60 paths cost no more than 60 vertices do.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from autodiff.graph import Graph

EXACT_COUNT = 10**18  # beyond it a number of paths is given by its decimal exponent
UNIT = 2.0**512
PULLED = 2_000  # paths of arrays that are followed one by one; beyond it a beam is
BEAM = 64  # walks kept per vertex then
LONG = 256  # vertices; a longer path is given by its first and last `ENDS`
ENDS = 16


class Count(NamedTuple):
    """A number of paths: exact, or the floor of its decimal logarithm."""

    exact: int | None
    exponent: int | None


class Walk(NamedTuple):
    """A path from the output: its vertices, the position of each edge, its contribution.

    ``skipped`` vertices of a long path are left out after the first `ENDS`.
    """

    vertices: tuple[int, ...]
    positions: tuple[int, ...]
    contribution: Any
    meets: str = ""
    skipped: int = 0


class Tally(NamedTuple):
    """Of the paths to some vertices: their number, Σ contributions and Σ |contributions|.

    A number is an int, or beyond 10^18 its logarithm, a float. The sums are those of a scalar
    graph, else empty.
    """

    counts: dict[int, float]
    sums: dict[int, float]
    absolute: dict[int, float]


def tally(graph: Graph, goals: Iterable[int]) -> Tally:
    """Count and sum the paths to each of ``goals`` that can be reached, in one pass for all.

    Integers with thousands of digits would make the pass quadratic: beyond 10^18 it goes on
    in floats, in units of `UNIT` to the power of an integer of their own.
    """
    size, scalar = graph.output + 1, graph.scalar
    total: list[float] = [0] * size
    powers = [0] * size
    signed, absolute = [0.0] * size, [0.0] * size
    total[graph.output] = 1
    signed[graph.output] = absolute[graph.output] = 1.0
    for vertex, edges in graph.edges.items():
        here, power = total[vertex], powers[vertex]
        if here > EXACT_COUNT:
            here = float(here)
            if here > UNIT:
                here, power = here / UNIT, power + 1
                total[vertex], powers[vertex] = here, power
        s, a = signed[vertex], absolute[vertex]
        for target, weight in edges:
            if scalar:
                signed[target] += s * weight
                absolute[target] += a * abs(weight)
            if powers[target] == power:
                total[target] += here
            elif powers[target] < power:  # what is smaller by a factor of 2^512 adds nothing
                total[target] = here + total[target] / UNIT
                powers[target] = power
            elif powers[target] == power + 1:
                total[target] += here / UNIT
    reached = [v for v in goals if v in graph.edges]
    numbers = {v: _count(total[v], powers[v]) for v in reached}
    if not scalar:
        return Tally(numbers, {}, {})
    return Tally(numbers, {v: signed[v] for v in reached}, {v: absolute[v] for v in reached})


def _count(number: float, power: int) -> float:
    if number.__class__ is int:
        return number
    return math.log(number) + power * math.log(UNIT)


def as_count(number: float) -> Count:
    """A count of `tally` as the report gives it."""
    if number.__class__ is int:
        exact = int(number)
        return Count(exact, None) if exact <= EXACT_COUNT else Count(None, len(str(exact)) - 1)
    return Count(None, math.floor(number / math.log(10)))


def pulled(graph: Graph) -> dict[int, Any]:
    """Σ contributions to every vertex of a graph of arrays: the seed, pulled edge by edge."""
    total: dict[int, Any] = {graph.output: graph.run.one}
    for vertex, edges in graph.edges.items():
        for (target, _), term in zip(edges, graph.pull_edges(vertex, total[vertex]), strict=True):
            total[target] = total[target] + term if target in total else term
    return total


# ---- the k heaviest, scalars


class Heaviest:
    """The k heaviest walks to every vertex of a scalar graph, as links between entries.

    Entry ``vertex * k + j`` is the j-th walk kept at a vertex. Its code tells which entry it
    extends, ``code // width``, by which edge of that entry's vertex, ``code % width``. Weights
    are compared by their logarithms: products of a thousand weights leave the range of floats
    long before their order is in doubt.
    """

    def __init__(self, graph: Graph, k: int) -> None:
        self.graph, self.k = graph, k
        self.width = width = 1 + max(map(len, graph.edges.values()), default=0)
        self.prefixes = {
            graph.output * k: Prefix(graph.run.one, 0, (graph.output,), (), False, False)
        }
        # Per vertex the heaviest walks found so far: their costs, −log|product|, in order, but
        # for a summand they share; their codes; that summand. Walks that come by one edge have
        # a range of codes: most vertices have no more to do than pass them on.
        found: list[Any] = [None] * (graph.output + 1)
        found[graph.output] = ([0.0], range(-1, 0), 0.0)
        self.codes: list[Sequence[int]] = [()] * (graph.output + 1)
        log, inf = graph.tape.numbers.log, math.inf
        for vertex, edges in graph.edges.items():
            costs, codes, shift = found[vertex]
            found[vertex] = None
            self.codes[vertex] = codes
            code = vertex * k * width
            end = code + len(costs) * width
            for target, weight in edges:
                if weight and weight - weight == 0:
                    longer, cost = costs, shift - log(abs(weight))
                else:
                    # 0·∞ is neither heavy nor light, and nan is unknown: they go first, where
                    # they are seen.
                    cost = inf if weight == 0 else -inf
                    longer = [c + shift + cost for c in costs]
                    longer, cost = [c if c == c else -inf for c in longer], 0.0
                known = found[target]
                if known is None:
                    found[target] = (longer, range(code, end, width), cost)
                else:
                    before, others, summand = known
                    # Half the time one edge has all the heaviest, and the other is passed over.
                    if len(before) < k or longer[0] + cost < before[-1] + summand:
                        if len(longer) == k and longer[-1] + cost < before[0] + summand:
                            found[target] = (longer, range(code, end, width), cost)
                        else:
                            every = [c + summand for c in before] + [c + cost for c in longer]
                            every_code = [*others, *range(code, end, width)]
                            found[target] = (*_heaviest(every, every_code, k), 0.0)
                code += 1
                end += 1

    def walks(self, vertex: int, *, full: bool = False) -> tuple[Walk, ...]:
        """The walks kept at a vertex, heaviest first; long ones by their ends unless ``full``."""
        first = vertex * self.k
        count = len(self.codes[vertex])
        return tuple([self._walk(entry, full) for entry in range(first, first + count)])

    def _link(self, entry: int) -> tuple[int, int]:
        """The entry that one extends, and the position of the edge."""
        vertex, j = divmod(entry, self.k)
        return divmod(self.codes[vertex][j], self.width)

    def _walk(self, entry: int, full: bool) -> Walk:
        prefix = self._prefix(entry)
        wanted = prefix.length if full or prefix.length < LONG else ENDS - 1
        vertices: list[int] = [entry // self.k]
        positions: list[int] = []
        for _ in range(wanted):
            entry, position = self._link(entry)
            vertices.append(entry // self.k)
            positions.append(position)
        vertices.reverse()
        positions.reverse()
        skipped = prefix.length + 1 - len(vertices)
        if skipped:
            skipped -= ENDS
            vertices[:0] = prefix.vertices
            positions[:0] = prefix.positions
        meets = "0·∞" if prefix.zero and prefix.infinite else ""
        return Walk(tuple(vertices), tuple(positions), prefix.product, meets, skipped)

    def _prefix(self, entry: int) -> Prefix:
        """What is known of the walk to an entry; the walks to one vertex share most of theirs."""
        known, chain = self.prefixes, []
        while entry not in known:
            chain.append(entry)
            entry, _ = self._link(entry)
        product, length, vertices, positions, zero, infinite = known[entry]
        for entry in reversed(chain):
            source, position = self._link(entry)
            target, weight = self.graph.edges[source // self.k][position]
            product, length = product * weight, length + 1
            zero, infinite = zero or weight == 0, infinite or abs(weight) == math.inf
            if length < ENDS:
                vertices, positions = (*vertices, target), (*positions, position)
            known[entry] = Prefix(product, length, vertices, positions, zero, infinite)
        return known[chain[0]] if chain else known[entry]


def _heaviest(costs: list[float], codes: list[int], k: int) -> tuple[list[float], list[int]]:
    """The k candidates of least cost, in order; those found first among equals."""
    # Sorting places by cost compares floats alone: twice as fast as sorting pairs.
    places = sorted(range(len(costs)), key=costs.__getitem__)[:k]
    return [costs[i] for i in places], [codes[i] for i in places]


class Prefix(NamedTuple):
    """A walk from the output, without its inner vertices: its product, length and beginning."""

    product: float
    length: int
    vertices: tuple[int, ...]
    positions: tuple[int, ...]
    zero: bool
    infinite: bool


def weigh(graph: Graph, vertices: Sequence[int], positions: Sequence[int]) -> Walk:
    """A walk of a scalar graph with the product of its weights, from the output on."""
    product, zero, infinite = graph.run.one, False, False
    for vertex, position in zip(vertices, positions, strict=False):
        weight = graph.edges[vertex][position][1]
        zero = zero or weight == 0
        infinite = infinite or abs(weight) == math.inf
        product *= weight
    meets = "0·∞" if zero and infinite else ""
    return Walk(tuple(vertices), tuple(positions), product, meets)


def ends(walk: Walk) -> Walk:
    """A long walk by its ends."""
    if len(walk.vertices) <= LONG:
        return walk
    return walk._replace(
        vertices=walk.vertices[:ENDS] + walk.vertices[-ENDS:],
        positions=walk.positions[: ENDS - 1] + walk.positions[1 - ENDS :],
        skipped=len(walk.vertices) - 2 * ENDS,
    )


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
        found.append(Walk((goal,), (), graph.run.one))
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
    norm = graph.tape.numbers.size
    exact = total.__class__ is int and total <= PULLED
    useful = reaching(graph, goals)
    keep: dict[int, list[Walk]] = {graph.output: [Walk((graph.output,), (), graph.run.one)]}
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
