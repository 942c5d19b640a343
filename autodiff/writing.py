"""Paths as the report gives them: names, weights and formulas instead of vertices."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from autodiff.backends.formula import Formulas
from autodiff.paths import ENDS, ends
from autodiff.report import SMALL, Path

if TYPE_CHECKING:
    from autodiff.graph import Graph
    from autodiff.paths import Walk


FORMULAS = 1000  # statements whose edges are written as formulas in one report


class PathWriter:
    """Writes walks of one graph; remembers the Jacobians and formulas of its edges."""

    def __init__(self, graph: Graph, *, ascii: bool, full: bool) -> None:
        self.graph, self.ascii, self.full = graph, ascii, full
        self.numbers = graph.tape.numbers.home
        self._jacobians: dict[tuple[int, int], tuple[Any, tuple[int, ...], float | None]] = {}
        self._formulas: dict[int, dict[int, str]] = {}
        self._notation = Formulas(graph.tape.recorded, ascii=ascii)

    def path(self, walk: Walk, shape: tuple[int, ...]) -> Path:
        """A walk with its names, weights and formulas."""
        graph, numbers = self.graph, self.numbers
        if not self.full:
            walk = ends(walk)
        names = [graph.name(v) for v in walk.vertices]
        sources = list(walk.vertices[:-1])
        if walk.skipped:
            del sources[ENDS - 1]  # its edge leads to a vertex that is left out
        edges: list[Any] = [
            (*self.weight(vertex, position), "" if walk.skipped else self.formula(vertex, position))
            for vertex, position in zip(sources, walk.positions, strict=True)
        ]
        if walk.skipped:
            names.insert(ENDS, "…")
            edges[ENDS - 1 : ENDS - 1] = [(None, None, None, "")] * 2
        weights, shapes, norms, formulas = zip(*edges, strict=True) if edges else ((),) * 4
        return Path(
            nodes=tuple(names),
            weights=weights,
            weight_shapes=shapes,
            weight_norms=norms,
            formulas=formulas,
            contribution=numbers.told(numbers.spread(walk.contribution, shape)),
            norm=numbers.magnitude(numbers.size(walk.contribution)),
            meets=walk.meets,
            skipped=walk.skipped,
        )

    def weight(self, vertex: int, position: int) -> tuple[Any, tuple[int, ...], float | None]:
        """An edge's weight: a number, or a Jacobian while small, with its shape and norm."""
        graph = self.graph
        target, weight = graph.edges[vertex][position]
        numbers = self.numbers
        if graph.scalar:
            return self._number(weight)
        key = (vertex, position)
        if key not in self._jacobians:
            from autodiff.graph import jacobian

            value, operand = graph.value(vertex), graph.value(target)
            shape = (*graph.tape.numbers.shape(value), *graph.tape.numbers.shape(operand))
            matrix, norm = None, None
            if getattr(value, "size", 1) <= SMALL:
                found = numbers.quietly(jacobian, graph, vertex, position)
                (found,) = graph.tape.numbers.fetched([found])
                norm = numbers.magnitude(numbers.size(found))
                small = math.prod(shape) <= SMALL or self.full
                matrix = numbers.told(numbers.spread(found, shape)) if small else None
            self._jacobians[key] = (matrix, shape, norm)
        return self._jacobians[key]

    def _number(self, weight: Any) -> tuple[Any, tuple[int, ...], Any]:
        numbers = self.numbers
        if not numbers.exact:  # one call less for each of 10^5 edges
            return float(weight), (), abs(float(weight))
        return numbers.told(weight), (), numbers.magnitude(abs(weight))

    def formula(self, vertex: int, position: int) -> str:
        """An edge's weight as a formula in the names of the file."""
        graph = self.graph
        if vertex not in self._formulas:
            if len(self._formulas) >= FORMULAS:
                return ""
            self._formulas[vertex] = self._write(vertex)
        found = self._formulas[vertex]
        return found.get(position if graph.all_nodes else graph.edges[vertex][position][0], "")

    def _write(self, vertex: int) -> dict[int, str]:
        """The formulas of a vertex's edges, by operand, or between nodes by position."""
        graph = self.graph
        if not graph.all_nodes:
            return self._notation.of_statement(vertex)
        formulas = self._notation.of_node(vertex, graph.operand_name)
        return dict(enumerate([formulas[slot] for slot in graph.slots(vertex)]))
