"""From an analysis to the picture that a drawing shows. Draws nothing.

The graph is that of the statements (or of the operations) that the output is computed from, as
they were written; what has a derivative is taken from the analysis of the output.
"""

from __future__ import annotations

import math
import unicodedata
from functools import cached_property
from typing import TYPE_CHECKING, Any

from autodiff import paths as paths_of
from autodiff.analysis import Analysis, Options
from autodiff.backends.formula import Formulas
from autodiff.errors import UsageError
from autodiff.folding import fold, quotient
from autodiff.picture import Edge, Lit, Picture, Sum, Vertex

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from autodiff.report import Note, Verdict
    from autodiff.tape import Tape

ENDS = 6  # vertices at either end of a long path that are not folded
TROUBLED: frozenset[Verdict] = frozenset({"kink", "undefined"})
MANY = 16  # walks along the same vertices, where operations use an operand more than once


def depict(
    tape: Tape,
    name: str,
    of: str | None,
    lit: tuple[Sequence[Sequence[str]], str | None, int],
    all_nodes: bool,
    most: int,
    ascii: bool,
    notes: Sequence[Note],
) -> Picture:
    """See `autodiff.api.Program.picture`; ``lit`` is its ``path``, ``leaf`` and ``paths``."""
    return _Maker(tape, name, of, lit, all_nodes, ascii, notes).made(most)


class _Maker:
    """One picture in the making."""

    def __init__(
        self,
        tape: Tape,
        name: str,
        of: str | None,
        lit: tuple[Sequence[Sequence[str]], str | None, int],
        all_nodes: bool,
        ascii: bool,
        notes: Sequence[Note],
    ) -> None:
        path, leaf, paths = lit
        self.arrow, self.ellipsis = ("->", "...") if ascii else ("→", "…")
        self.tape, self.model, self.all_nodes = tape, tape.model, all_nodes
        wanted = Analysis(tape, name, of)  # which names there are is its to say
        ends = [wanted.find(leaf, "leaf")] if leaf is not None else []
        last = [unicodedata.normalize("NFKC", names[-1]) for names in path if names]
        ends += [self.model.index[name] for name in last if name in self.model.index]
        wrt = [self.model.statements[s].name for s in dict.fromkeys([*wanted.wrt, *ends])]
        options = Options(paths=0, all_nodes=all_nodes, check=False, ascii=ascii)
        self.analysis = Analysis(tape, name, of, wrt, options, notes)
        self.report = self.analysis.report()
        assert self.analysis.graph is not None
        self.graph = self.analysis.graph
        self.notation = Formulas(tape.recorded, ascii=ascii)
        self.operands = self._find_operands()
        walks = [walk for names in path for walk in self._follow(names)]
        goals = dict.fromkeys(walk.vertices[-1] for walk in walks)
        self.walks: dict[int, list[paths_of.Walk]] = {
            goal: [walk for walk in walks if walk.vertices[-1] == goal] for goal in goals
        }
        if leaf is not None:
            self._add_heaviest(ends[0], paths)

    # ---- the graph

    def _find_operands(self) -> dict[int, list[int]]:
        """Per vertex its operands, as far as the output uses them; the output first."""
        found: dict[int, list[int]] = {}
        reached = {self.graph.output}
        for vertex in range(self.graph.output, -1, -1):
            if vertex in reached:
                found[vertex] = operands = self._operands_of(vertex)
                reached.update(operands)
        return found

    def _operands_of(self, vertex: int) -> list[int]:
        tape = self.tape
        if not self.all_nodes:
            return list(dict.fromkeys(o for o in self.model.statements[vertex].operands if o >= 0))
        return [arg for arg in tape.args[vertex] if self.graph.operand_name(arg)]

    # ---- what is lit up

    def _follow(self, names: Sequence[str]) -> list[paths_of.Walk]:
        """The walks along names: several where an operation uses one operand twice."""
        vertices = [self._vertex(name) for name in names]
        shown = f" {self.arrow} ".join(names)
        if not vertices or vertices[0] != self.graph.output:
            output = self.graph.name(self.graph.output)
            raise UsageError(f"path: {shown} does not start at the output, {output}")
        end = vertices[-1]
        if self.graph.node(end) != self.tape.vertex[self.tape.statement_of(self.graph.node(end))]:
            raise UsageError(f"path: {shown} ends at an operation; end it at a name")
        ways: list[list[int]] = [[]]
        for source, target, before, after in zip(
            vertices, vertices[1:], names, names[1:], strict=False
        ):
            places = [
                k for k, edge in enumerate(self.graph.edges.get(source, ())) if edge[0] == target
            ]
            if not places:
                raise UsageError(
                    f"path: {shown} breaks after {before}: {self._broken(source, target, after)}"
                )
            ways = [[*way, place] for way in ways for place in places][:MANY]
        return [self._walk(vertices, way) for way in ways]

    def _vertex(self, name: str) -> int:
        if self.all_nodes:
            found = self._names.get(name)
            if found is not None:
                return found
        return self.analysis.vertex(self.analysis.find(name, "path"))

    @cached_property
    def _names(self) -> dict[str, int]:
        """The vertices between nodes, by name."""
        return {self.graph.name(vertex): vertex for vertex in self.operands}

    def _broken(self, source: int, target: int, name: str) -> str:
        """Why there is no edge."""
        if target in self.operands.get(source, ()):
            return f"no derivative flows from there to {name} at this point"
        operands = [self.graph.name(v) for v in dict.fromkeys(self.operands.get(source, ()))]
        if not operands:
            return "it is a leaf"
        return f"its operands are {', '.join(operands[:12])}{', …' if operands[12:] else ''}"

    def _walk(self, vertices: list[int], positions: list[int]) -> paths_of.Walk:
        graph = self.graph
        if graph.scalar:
            return paths_of.weigh(graph, vertices, positions)
        term = graph.run.one
        for vertex, position in zip(vertices, positions, strict=False):
            term = self.analysis.quietly(graph.pull_edges, vertex, term)[position]
        return paths_of.Walk(tuple(vertices), tuple(positions), term)

    def _add_heaviest(self, statement: int, count: int) -> None:
        goal = self.analysis.vertex(statement)
        if goal not in self.analysis.counts or not count:
            return
        if self.graph.scalar:
            found: Sequence[paths_of.Walk] = paths_of.Heaviest(self.graph, count).walks(
                goal, full=True
            )
        else:
            total = self.analysis.counts[goal]
            every, self.analysis.exact = self.analysis.quietly(
                paths_of.pulled_walks, self.graph, [goal], total
            )
            found = every[goal][:count]
        known = self.walks.setdefault(goal, [])
        seen = {(walk.vertices, walk.positions) for walk in known}
        known += [walk for walk in found if (walk.vertices, walk.positions) not in seen]

    # ---- putting it together

    def made(self, most: int) -> Picture:
        report, graph = self.report, self.graph
        stands = fold(self.operands, self._kept(), most)
        order = list(quotient(self.operands, stands))
        place = {vertex: k for k, vertex in enumerate(order)}
        members: dict[int, list[int]] = {vertex: [] for vertex in order}
        for vertex, other in stands.items():
            members[other].append(vertex)
        vertices = tuple([self._shown(members[vertex]) for vertex in order])
        folded = {place[vertex] for vertex in order if len(members[vertex]) > 1}
        edges, index = self._edges({v: place[other] for v, other in stands.items()}, folded)
        lit, sums = self._lit(index)
        unused = [
            statement
            for statement in range(len(self.model.statements))
            if self.analysis.vertex(statement) not in self.operands
        ]
        return Picture(
            model=report.model,
            output=graph.name(graph.output),
            value=report.value,
            vertices=vertices,
            edges=edges,
            lit=lit,
            sums=sums,
            total=len(self.operands),
            unused=len(unused),
            notes=report.notes,
        )

    def _kept(self) -> set[int]:
        """What is not folded: the output, and what is lit; of a long path its ends."""
        kept = {self.graph.output}
        for walk in (walk for walks in self.walks.values() for walk in walks):
            vertices = walk.vertices
            if len(vertices) > 2 * ENDS:
                vertices = (*vertices[:ENDS], *vertices[-ENDS:])
            kept.update(vertices)
        return kept

    def _shown(self, members: list[int]) -> Vertex:
        graph, numbers = self.graph, self.analysis.numbers
        first = members[0]
        if len(members) > 1:
            between = ", " if len(members) == 2 else f" {self.ellipsis} "
            name = between.join((graph.name(min(members)), graph.name(max(members))))
            names = tuple(map(graph.name, members))
            return Vertex(name, "folded", "", None, (), None, None, None, None, len(names), names)
        value = graph.value(first)
        adjoint = self._adjoint(first)
        shape = numbers.shape(value)
        leaf = not self.operands[first]
        return Vertex(
            name=graph.name(first),
            kind="output" if first == graph.output else "leaf" if leaf else "node",
            statement=self._statement(first),
            value=numbers.told(value),
            shape=shape,
            norm=numbers.magnitude(numbers.size(value)),
            adjoint=None if adjoint is None else numbers.told(numbers.spread(adjoint, shape)),
            adjoint_norm=None if adjoint is None else numbers.magnitude(numbers.size(adjoint)),
            line=self.analysis.line(graph.node(first)),
        )

    def _adjoint(self, vertex: int) -> Any:
        node = self.graph.node(vertex)
        known = self.report.gradients.get(self.graph.name(vertex))
        if known is not None and self.tape.vertex[self.model.index[known.name]] == node:
            # Across a kink it may exist where the sweep has but a convention.
            return None if known.relation == "no path" else known.value
        return self.analysis.reverse.adjoints[node]

    def _statement(self, vertex: int) -> str:
        if self.all_nodes:
            return self.notation.node(vertex, self.graph.operand_name)
        return self.notation.statement(vertex)

    def _edges(
        self, place: dict[int, int], folded: Collection[int]
    ) -> tuple[tuple[Edge, ...], dict[tuple[int, int], int]]:
        """The edges, and where each of the graph's, by vertex and position, is among them."""
        bundles: dict[tuple[int, int, int], list[tuple[int, int]]] = {}
        for vertex in self.operands:
            for slot, (target, position) in enumerate(self._slots(vertex)):
                ends = place[vertex], place[target]
                if ends[0] != ends[1]:
                    key = (*ends, -1 if ends[0] in folded or ends[1] in folded else slot)
                    bundles.setdefault(key, []).append((vertex, position))
        edges: list[Edge] = []
        index: dict[tuple[int, int], int] = {}
        for (source, target, _), bundle in sorted(bundles.items(), key=lambda item: item[0][0]):
            live = [known for known in bundle if known[1] >= 0]
            index |= dict.fromkeys(live, len(edges))
            if len(bundle) > 1 or not live:
                edges.append(Edge(source, target, bool(live), "", None, None, None, len(bundle)))
                continue
            writer = self.analysis.writer
            weight, shape, norm = writer.weight(*live[0])
            formula = writer.formula(*live[0])
            edges.append(Edge(source, target, True, formula, weight, shape, norm))
        return tuple(edges), index

    def _slots(self, vertex: int) -> list[tuple[int, int]]:
        """The operands of a vertex, each with its place among the edges that are live, or -1."""
        if not self.all_nodes:
            live = {edge[0]: k for k, edge in enumerate(self.graph.edges.get(vertex, ()))}
            return [(target, live.get(target, -1)) for target in self.operands[vertex]]
        places: dict[int, int] = {}
        if vertex in self.graph.edges:
            places = {slot: k for k, slot in enumerate(self.graph.slots(vertex))}
        return [
            (arg, places.get(slot, -1))
            for slot, arg in enumerate(self.tape.args[vertex])
            if self.graph.operand_name(arg)
        ]

    def _lit(self, index: dict[tuple[int, int], int]) -> tuple[tuple[Lit, ...], tuple[Sum, ...]]:
        """The paths that are lit up, heaviest first, and what they are part of."""
        analysis, numbers = self.analysis, self.analysis.numbers
        lit: list[Lit] = []
        sums: list[Sum] = []
        analysis.options = analysis.options._replace(paths="all")  # all that were asked for
        for goal, walks in self.walks.items():
            walks.sort(key=lambda walk: -numbers.magnitude(numbers.size(walk.contribution)))
            analysis.walks[goal] = walks
            statement = self.tape.statement_of(self.graph.node(goal))
            gradient = analysis.gradient(statement)
            found = gradient.paths
            assert found is not None
            check = gradient.check
            first, whole = len(lit), numbers.magnitude(numbers.size(found.absolute_sum))
            for walk, path in zip(walks, found.shown, strict=True):
                ways = zip(walk.vertices, walk.positions, strict=False)
                edges = dict.fromkeys(index[way] for way in ways if way in index)
                lit.append(Lit(path, tuple(edges), _share(path.norm, whole)))
            complete = found.count == len(found.shown)
            sums.append(
                Sum(
                    wrt=gradient.name,
                    value=gradient.value,
                    norm=numbers.magnitude(numbers.size(gradient.value)),
                    shape=gradient.shape,
                    count=found.count,
                    exponent=found.exponent,
                    shown=tuple(range(first, len(lit))),
                    rest=None if complete else found.remainder,
                    rest_norm=numbers.magnitude(numbers.size(found.remainder)),
                    check=check if check is not None and check.verdict in TROUBLED else None,
                )
            )
        return tuple(lit), tuple(sums)


def _share(norm: float, whole: float) -> float:
    """``norm`` as a share of ``whole``; where the two are no numbers, all of it."""
    if norm == 0.0:
        return 0.0
    share = norm / whole if whole else math.nan
    return min(share, 1.0) if math.isfinite(share) else 1.0
