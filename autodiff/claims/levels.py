"""The graph in which a mistake is looked for: that of the file's names, or the tape's own.

Both have vertices and edges along which a cotangent is pulled. In the graph of names a product
``S / (K + S)`` has one edge to S; on the tape it has two, and one of them may be forgotten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from autodiff.backends.formula import Formulas
from autodiff.ops import base

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from autodiff.claims.world import World
    from autodiff.tape import Tape


class Edge(NamedTuple):
    """From a vertex to one of its operands; ``slot`` tells two edges to one operand apart."""

    outer: int
    inner: int
    slot: int = 0


class Names:
    """The named graph: vertices are statements."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self._formulas = Formulas(tape)

    def vertex(self, statement: int) -> int:
        return statement

    def edges(self, vertex: int) -> Iterator[Edge]:
        """The edges of a vertex, in the order of its operands."""
        for o in dict.fromkeys(self.tape.model.statements[vertex].operands):
            if o >= 0:
                yield Edge(vertex, o)

    def node(self, vertex: int) -> int:
        return self.tape.vertex[vertex]

    def pull(self, world: World, edge: Edge, cotangent: Any) -> Any:
        """The cotangent of the operand that one of the vertex gives rise to."""
        return world.pull(edge.outer, cotangent, edge.inner, partial=True)

    def told(self, edge: Edge, weight: str = "") -> str:
        """An edge as a person says it, with its weight as a formula, or as that number."""
        name = f"d{self.name(edge.outer)}/d{self.name(edge.inner)}"
        formula = weight and self._formulas.of_statement(edge.outer).get(edge.inner, "…")
        return f"{name} = {formula if formula != '…' else weight}" if weight else name

    def name(self, vertex: int) -> str:
        return self.tape.model.statements[vertex].name


class Operations:
    """The tape's own graph: vertices are nodes."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self._formulas = Formulas(tape)

    def vertex(self, statement: int) -> int:
        return self.tape.vertex[statement]

    def edges(self, vertex: int) -> Iterator[Edge]:
        """The edges of a node, by slot."""
        op = self.tape.ops[vertex]
        if op is None or not op.differentiable:
            return
        for slot, arg in enumerate(self.tape.args[vertex]):
            if not (op.selects and slot == 0):
                yield Edge(vertex, arg, slot)

    def node(self, vertex: int) -> int:
        return vertex

    def pull(self, world: World, edge: Edge, cotangent: Any) -> Any:
        """The cotangent of the operand that one of the node gives rise to."""
        tape, values = self.tape, world.run.values
        op = tape.ops[edge.outer]
        assert op is not None
        xs = [world.m.asarray(values[n]) for n in tape.args[edge.outer]]
        static = tape.static[edge.outer] or {}
        return base.pull(op, world.m, cotangent, values[edge.outer], xs, edge.slot, static)

    def told(self, edge: Edge, weight: str = "") -> str:
        """An edge as a person says it: its weight, and the name it is part of."""
        statement, _ = self.tape.where(edge.outer)
        place = f"in {statement.name} (line {statement.line})"
        names = {n: self._operand(n) for n in (edge.outer, *self.tape.args[edge.outer])}
        formula = "…"
        if weight and None not in names.values():
            formula = self._formulas.of_node(edge.outer, lambda n: names[n] or "")[edge.slot]
        if formula == "…":
            return f"that is the slope of {self.name(edge.outer)} {place}"
        return f"{formula} {place}"

    def _operand(self, node: int) -> str | None:
        """A node's name; "" for a constant, None for an operation within a statement."""
        statement = self.tape.statement_of(node)
        if self.tape.vertex[statement] == node:
            return self.tape.model.statements[statement].name
        return "" if self.tape.ops[node] is None else None

    def name(self, vertex: int) -> str:
        """A name of the file, or the operation."""
        tape = self.tape
        statement = tape.statement_of(vertex)
        op = tape.ops[vertex]
        if tape.vertex[statement] == vertex or op is None:
            return tape.model.statements[statement].name
        return op.symbol or op.name


Level = Names | Operations


def leading(level: Level, of: int, wrt: int) -> set[int]:
    """The vertices between two, both included, on some path."""
    leads = {wrt}
    for vertex in range(wrt + 1, of + 1):
        if any(edge.inner in leads for edge in level.edges(vertex)):
            leads.add(vertex)
    return leads


def paths(level: Level, of: int, wrt: int, limit: int) -> list[tuple[Edge, ...]]:
    """Paths from the output down to the leaf; one more than ``limit`` where there are more."""
    leads = leading(level, of, wrt)
    found: list[tuple[Edge, ...]] = []
    stack: list[tuple[Edge, ...]] = [()]
    while stack and len(found) <= limit:
        path = stack.pop()
        end = path[-1].inner if path else of
        if end == wrt:
            found.append(path)
            continue
        onward = [edge for edge in level.edges(end) if edge.inner in leads]
        stack += [(*path, edge) for edge in reversed(onward)]
    return found


def contribution(world: World, level: Level, path: Sequence[Edge], seed: Any) -> Any:
    """The seed pulled back along one path."""
    for edge in path:
        seed = level.pull(world, edge, seed)
    return seed
