"""Folds a large graph until a person can read it: some vertices stand for many. Draws nothing.

Folding never makes a cycle: what is folded together are vertices with the same uses and operands,
chains, or vertices of neighbouring levels between which no vertex of its own stands.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

CROWD = 100

Operands = dict[int, list[int]]  # per vertex, each before its operands


def fold(operands: Mapping[int, Sequence[int]], kept: Collection[int], most: int) -> dict[int, int]:
    """Per vertex the one that stands for it: itself, unless it is folded.

    Parameters
    ----------
    operands : the graph: per vertex its operands, each vertex before its operands
    kept     : vertices that stand for themselves alone
    most     : how many may be left; there are more only where ``kept`` or the levels ask for it
    """
    # A hundred boxes in a row are read by nobody, however many may be drawn.
    stands = _alike(quotient(operands, {vertex: vertex for vertex in operands}), kept, CROWD)
    for step in (_alike, _chains):
        if len(set(stands.values())) <= most:
            return stands
        stands = _then(stands, step(quotient(operands, stands), kept))
    if len(set(stands.values())) <= most:
        return stands
    graph = quotient(operands, stands)
    levels = _levels(graph)
    for whole in (False, True):
        height = 1
        while height < 2 * len(graph):
            found = _bands(graph, levels, kept, height, whole=whole)
            if len(set(found.values())) <= most:
                return _then(stands, found)
            height *= 2
    return _then(stands, found)


def quotient(operands: Mapping[int, Sequence[int]], stands: Mapping[int, int]) -> Operands:
    """The graph of those that stand for others, each before its operands."""
    edges: dict[int, dict[int, None]] = {stands[vertex]: {} for vertex in operands}
    for vertex, targets in operands.items():
        for target in targets:
            if stands[vertex] != stands[target]:
                edges[stands[vertex]][stands[target]] = None
    waiting: dict[int, int] = defaultdict(int)
    for targets_of in edges.values():
        for target in targets_of:
            waiting[target] += 1
    ready = [vertex for vertex in edges if not waiting[vertex]]
    order: Operands = {}
    for vertex in ready:  # grows as it is read
        order[vertex] = list(edges[vertex])
        for target in edges[vertex]:
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    assert len(order) == len(edges), "folding has made a cycle"
    return order


def _then(first: Mapping[int, int], second: Mapping[int, int]) -> dict[int, int]:
    return {vertex: second[other] for vertex, other in first.items()}


def _together(vertices: Iterable[int], groups: Iterable[Sequence[int]]) -> dict[int, int]:
    """Each vertex of a group is stood for by the group's first."""
    stands = {vertex: vertex for vertex in vertices}
    for group in groups:
        for vertex in group:
            stands[vertex] = group[0]
    return stands


def _users(graph: Operands) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {vertex: [] for vertex in graph}
    for vertex, targets in graph.items():
        for target in targets:
            found[target].append(vertex)
    return found


def _alike(graph: Operands, kept: Collection[int], above: int = 1) -> dict[int, int]:
    """Vertices that the same use, and that use the same, where they are more than ``above``."""
    groups: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = defaultdict(list)
    for vertex, users in _users(graph).items():
        if vertex not in kept:
            groups[tuple(users), tuple(graph[vertex])].append(vertex)
    return _together(graph, [group for group in groups.values() if len(group) > above])


def _chains(graph: Operands, kept: Collection[int]) -> dict[int, int]:
    """Vertices in a row, each the only operand of one that nothing else uses."""
    users = _users(graph)

    def inner(vertex: int) -> bool:
        return len(graph[vertex]) == 1 and len(users[vertex]) == 1 and vertex not in kept

    groups: dict[int, list[int]] = {}
    for vertex in graph:
        if inner(vertex):
            user = users[vertex][0]
            group = groups.get(user, [])
            group.append(vertex)
            groups[vertex] = group
    return _together(graph, [group for vertex, group in groups.items() if group[0] == vertex])


def _levels(graph: Operands) -> dict[int, int]:
    """How far each is from the output, by the longest way."""
    found = dict.fromkeys(graph, 0)
    for vertex, targets in graph.items():
        for target in targets:
            found[target] = max(found[target], found[vertex] + 1)
    return found


def _bands(
    graph: Operands, levels: Mapping[int, int], kept: Collection[int], height: int, *, whole: bool
) -> dict[int, int]:
    """What is connected within ``height`` neighbouring levels, or all of it where ``whole``.

    A band ends at each level of a kept vertex: one that stood within a band could be on a way
    out of it and back.
    """
    bounds = sorted({levels[vertex] for vertex in kept if vertex in levels})
    starts = {*bounds, *(level + 1 for level in bounds)}
    band_of, band, run = {}, 0, 0
    for level in range(max(levels.values()) + 1):
        if level in starts or run == height:
            band, run = band + 1, 0
        band_of[level] = band
        run += 1
    free = [vertex for vertex in graph if vertex not in kept]
    if whole:
        groups: dict[int, list[int]] = defaultdict(list)
        for vertex in free:
            groups[band_of[levels[vertex]]].append(vertex)
        return _together(graph, groups.values())
    root = {vertex: vertex for vertex in free}

    def find(vertex: int) -> int:
        while root[vertex] != vertex:
            root[vertex] = root[root[vertex]]
            vertex = root[vertex]
        return vertex

    for vertex in free:
        for target in graph[vertex]:
            if target in root and band_of[levels[vertex]] == band_of[levels[target]]:
                root[find(target)] = find(vertex)
    parts: dict[int, list[int]] = defaultdict(list)
    for vertex in free:
        parts[find(vertex)].append(vertex)
    return _together(graph, parts.values())
