"""Paths as the report gives them: names, weights and formulas instead of vertices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autodiff.report import SMALL, Path

if TYPE_CHECKING:
    from autodiff.graph import Graph
    from autodiff.paths import Walk


def shaped(value: Any, shape: tuple[int, ...]) -> Any:
    """``value`` as a float, or as an array of ``shape``."""
    if not shape:
        return float(value)
    from autodiff.backends import eager

    return eager.settle(eager.filled(value, shape))


def size_of(value: Any) -> float:
    """|value|: the Frobenius norm of an array."""
    if value.__class__ is float:
        return abs(value)
    from autodiff.backends import eager

    return eager.quietly(eager.norm, value)


def gap(a: Any, b: Any) -> float:
    """|a − b|; 0 where both are the same infinity, or nothing is to be compared."""
    if b is None or (a.__class__ is float and a == b):
        return 0.0
    from autodiff.backends import eager

    return eager.quietly(eager.gap, a, b)


class PathWriter:
    """Writes walks of one graph; remembers the Jacobians and formulas of its edges."""

    def __init__(self, graph: Graph, *, ascii: bool, full: bool) -> None:
        self.graph, self.ascii, self.full = graph, ascii, full
        self._jacobians: dict[tuple[int, int], tuple[Any, tuple[int, ...], float | None]] = {}
        self._formulas: dict[int, dict[int, str]] = {}

    def path(self, walk: Walk, shape: tuple[int, ...]) -> Path:
        """A walk with its names, weights and formulas."""
        graph = self.graph
        weights, shapes, norms, formulas = [], [], [], []
        for vertex, position in zip(walk.vertices, walk.positions, strict=False):
            weight, edge_shape, norm = self.weight(vertex, position)
            weights.append(weight)
            shapes.append(edge_shape)
            norms.append(norm)
            formulas.append(self.formula(vertex, position))
        return Path(
            nodes=tuple([graph.name(v) for v in walk.vertices]),
            weights=tuple(weights),
            weight_shapes=tuple(shapes),
            weight_norms=tuple(norms),
            formulas=tuple(formulas),
            contribution=shaped(walk.contribution, shape),
            norm=size_of(walk.contribution),
            meets=walk.meets,
        )

    def weight(self, vertex: int, position: int) -> tuple[Any, tuple[int, ...], float | None]:
        """An edge's weight: a number, or a Jacobian while small, with its shape and norm."""
        graph = self.graph
        target, weight = graph.edges[vertex][position]
        if graph.scalar:
            return float(weight), (), abs(float(weight))
        key = (vertex, position)
        if key not in self._jacobians:
            from autodiff.backends import eager
            from autodiff.graph import jacobian

            value, operand = graph.value(vertex), graph.value(target)
            shape = (*getattr(value, "shape", ()), *getattr(operand, "shape", ()))
            matrix, norm = None, None
            if getattr(value, "size", 1) <= SMALL:
                found = eager.quietly(jacobian, graph, vertex, position)
                norm = eager.norm(found)
                small = found.size <= SMALL or self.full
                matrix = eager.settle(found) if small else None
            self._jacobians[key] = (matrix, shape, norm)
        return self._jacobians[key]

    def formula(self, vertex: int, position: int) -> str:
        """An edge's weight as a formula in the names of the file."""
        graph = self.graph
        if graph.all_nodes:
            return ""
        if vertex not in self._formulas:
            from autodiff.backends.formula import statement_formulas

            self._formulas[vertex] = statement_formulas(self.graph.tape, vertex, ascii=self.ascii)
        return self._formulas[vertex].get(graph.edges[vertex][position][0], "")
