"""Tape -> the graph a person would draw: one vertex per name, local derivatives on the edges.

An edge leads from a name to an operand of its statement; its weight is the total local
derivative of the statement with respect to that operand: a number between scalars, a linear
map between arrays. With ``nodes="all"`` the vertices are the tape's own nodes instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autodiff.sweep import reverse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from autodiff.sweep import Run
    from autodiff.tape import Tape

Edge = tuple[int, Any]


class Graph:
    """The part of the named graph between an output and what it is differentiated by.

    Attributes
    ----------
    output : the vertex all paths start from
    edges  : per vertex its edges (operand vertex, weight), in the order of the operands; the
             vertices come output first, each before its operands. Weights are numbers where
             ``scalar``, else None: there `pull` applies them
    scalar : whether every vertex is a scalar
    """

    def __init__(
        self,
        tape: Tape,
        run: Run,
        of: int,
        active: Sequence[int],
        weights: Sequence[tuple[Any, ...] | None],
        *,
        masks: Mapping[int, Any] | None = None,
        all_nodes: bool = False,
    ) -> None:
        self.tape, self.run, self.active, self.weights = tape, run, active, weights
        self.masks, self.all_nodes = masks, all_nodes
        self.output = tape.vertex[of] if all_nodes else of
        self._vertex_of = None if all_nodes else _inverse(tape)
        self.scalar = not tape.has_arrays or self._is_scalar()
        self.edges = self._find_edges()

    def node(self, vertex: int) -> int:
        """The tape's node of a vertex."""
        return vertex if self.all_nodes else self.tape.vertex[vertex]

    def value(self, vertex: int) -> Any:
        """The value at a vertex."""
        return self.run.values[self.node(vertex)]

    def name(self, vertex: int) -> str:
        """The file's name, or ``name.k`` for the k-th operation of its statement."""
        tape = self.tape
        if not self.all_nodes:
            return tape.model.statements[vertex].name
        statement = tape.statement_of(vertex)
        name = tape.model.statements[statement].name
        if tape.vertex[statement] == vertex:
            return name
        own = [k for k in range(tape.start[statement], vertex + 1) if tape.ops[k] is not None]
        return f"{name}.{len(own)}"

    def operand_name(self, node: int) -> str:
        """The name of a node; "" for a constant, which is written as a number."""
        tape = self.tape
        if tape.ops[node] is None and tape.vertex[tape.statement_of(node)] != node:
            return ""
        return self.name(node)

    def slots(self, node: int) -> list[int]:
        """The argument slots that the edges of a node stand for, in their order."""
        tape, op = self.tape, self.tape.ops[node]
        weights = None if tape.kinds[node] else self.weights[node]
        return [
            slot
            for slot, arg in enumerate(tape.args[node])
            if self.active[arg]
            and not (op is not None and op.selects and slot == 0)
            and (weights is None or weights[slot] is not None)
        ]

    def pull(self, vertex: int, cotangent: Any) -> dict[int, Any]:
        """The cotangents of a vertex's operands that ``cotangent`` gives rise to."""
        tape, node = self.tape, self.node(vertex)
        assert not self.all_nodes  # there, slots are told apart: see `pull_edges`
        start = tape.start[vertex]
        found = reverse(
            tape,
            self.run,
            node,
            self.active,
            seed=cotangent,
            stop=max(start, 1),
            masks=self.masks,
            weights=self.weights,
        ).adjoints
        assert self._vertex_of is not None
        vertex_of = self._vertex_of
        return {
            vertex_of[arg]: found[arg]
            for arg in sorted(found)
            if arg < start and self.active[arg] and found[arg] is not None
        }

    def pull_edges(self, vertex: int, cotangent: Any) -> list[Any]:
        """Per edge of ``vertex`` the cotangent of its operand."""
        if not self.all_nodes:
            pulled = self.pull(vertex, cotangent)
            return [pulled[target] for target, _ in self.edges[vertex]]
        return self._pull_slots(vertex, cotangent)

    def _pull_slots(self, node: int, cotangent: Any) -> list[Any]:
        from autodiff.sweep import local, operands, pull

        tape, (spaces, values, exact, kept, number) = self.tape, self.run
        op, slots = tape.ops[node], tape.args[node]
        if op is None:
            return []
        if not tape.kinds[node]:
            if self.masks is not None and not self.masks.get(node, True):
                return [0.0] * len(self.slots(node))
            weights: Sequence[Any] = self.weights[node] or local(
                op, spaces.scalar, values, node, slots, self.active, exact
            )
            return [cotangent * weights[slot] for slot in self.slots(node)]
        y, *xs = operands(spaces.array, values, (node, *slots), kept)
        if cotangent.__class__ is kept:
            cotangent = spaces.array.asarray(cotangent)
        found = []
        for slot, arg in enumerate(slots):
            if self.active[arg] and not (op.selects and slot == 0):
                term = pull(
                    op,
                    spaces.array,
                    cotangent,
                    y,
                    xs,
                    slot,
                    tape.static[node] or {},
                    self.masks,
                    node,
                )
                found.append(number(term) if values[arg].__class__ is kept else term)
        return found

    # ---- how edges are found

    def _find_edges(self) -> dict[int, Sequence[Edge]]:
        """The edges of every vertex that a path from the output leads to."""
        tape, active, weights = self.tape, self.active, self.weights
        vertex_of, start, args = self._vertex_of or [], tape.start, tape.args
        named = self.scalar and not self.all_nodes
        nodes: Sequence[int] = range(self.output + 1) if self.all_nodes else tape.vertex
        edges_of = self._scalar_edges if named else self._edges
        reached = bytearray(self.output + 1)
        reached[self.output] = 1
        found: dict[int, Sequence[Edge]] = {}
        for vertex in range(self.output, -1, -1):
            node = nodes[vertex]
            if not reached[vertex] or not active[node]:
                continue
            # Most names of a large model are one operation, whose weights are the edges'.
            factors = weights[node] if named and start[vertex] == node else None
            if factors is not None and None not in factors:
                operands = args[node]
                if len(operands) == 1:
                    target = vertex_of[operands[0]]
                    found[vertex] = ((target, factors[0]),)
                    reached[target] = 1
                    continue
                if len(operands) == 2 and operands[0] != operands[1]:
                    a, b = vertex_of[operands[0]], vertex_of[operands[1]]
                    found[vertex] = ((a, factors[0]), (b, factors[1]))
                    reached[a] = reached[b] = 1
                    continue
            found[vertex] = edges = edges_of(vertex)
            for target, _ in edges:
                reached[target] = 1
        return found

    def _is_scalar(self) -> bool:
        """Whether no array stands between the output and what it is differentiated by."""
        reached = {self.output}
        for vertex in range(self.output, -1, -1):
            node = self.node(vertex)
            if vertex not in reached or not self.active[node]:
                continue
            if not self.tape.numbers.is_number(self.run.values[node]):
                return False
            reached.update(self._operands(vertex))
        return True

    def _operands(self, vertex: int) -> list[int]:
        """Active operands of a vertex, in the order of the text."""
        tape, active = self.tape, self.active
        if self.all_nodes:
            return [tape.args[vertex][slot] for slot in self.slots(vertex)]
        # Only operands that an edge really leads to: where(c, a, b) leaves one out.
        reached = {tape.vertex[vertex]}
        start = tape.start[vertex]
        found: set[int] = set()
        for node in range(tape.vertex[vertex], start - 1, -1):
            op = tape.ops[node]
            if node not in reached or op is None or not op.differentiable:
                continue
            for slot, arg in enumerate(tape.args[node]):
                if not active[arg] or (op.selects and slot == 0) or self._unchosen(node, slot):
                    continue
                (reached if arg >= start else found).add(arg)
        assert self._vertex_of is not None
        operands = {self._vertex_of[arg] for arg in found}
        ordered = dict.fromkeys(tape.model.statements[vertex].operands)
        return [operand for operand in ordered if operand in operands]

    def _unchosen(self, node: int, slot: int) -> bool:
        """Whether a scalar ``where`` decided against this operand."""
        tape = self.tape
        op = tape.ops[node]
        if op is None or not op.selects or tape.kinds[node]:
            return False
        values = self.run.values
        xs = [values[n] for n in tape.args[node]]
        return bool(op.partials[slot](self.run.spaces.scalar, values[node], *xs) == 0)

    def _edges(self, vertex: int) -> Sequence[Edge]:
        """The edges of a vertex: in a graph of arrays, or between the tape's own nodes."""
        targets = self._operands(vertex)
        if not self.scalar:
            return [(target, None) for target in targets]
        return list(zip(targets, self._pull_slots(vertex, self.run.one), strict=True))

    def _scalar_edges(self, vertex: int) -> Sequence[Edge]:
        """The edges of a named vertex in a graph of scalars: a sweep over its statement alone."""
        tape, weights, vertex_of = self.tape, self.weights, self._vertex_of
        assert vertex_of is not None
        node, start = tape.vertex[vertex], tape.start[vertex]
        if 1 in tape.kinds[start : node + 1]:  # arrays inside: sum(w * X)
            found = self.pull(vertex, self.run.one)
        else:
            found = {}
            inner = {node: 1.0}
            for k in range(node, start - 1, -1):
                here, factors = inner.pop(k, None), weights[k]
                if here is None or factors is None:
                    continue
                for arg, factor in zip(tape.args[k], factors, strict=True):
                    if factor is None:
                        continue
                    if arg >= start:
                        inner[arg] = inner.get(arg, 0.0) + here * factor
                    else:
                        operand = vertex_of[arg]
                        term = here * factor
                        found[operand] = found[operand] + term if operand in found else term
        if len(found) < 2:
            return list(found.items())
        operands = dict.fromkeys(tape.model.statements[vertex].operands)
        return [(operand, found[operand]) for operand in operands if operand in found]


def _inverse(tape: Tape) -> list[int]:
    """Per node the statement whose value it is, or -1."""
    found = [-1] * (len(tape.ops) + 1)
    for statement, node in enumerate(tape.vertex):
        found[node] = statement
    return found


def jacobian(graph: Graph, vertex: int, position: int) -> Any:
    """The edge weight between arrays as a matrix of shape (*out, *in), one row per pull.

    Costs one local sweep per element of the vertex.
    """
    import numpy as np

    m = graph.run.spaces.array
    target = graph.edges[vertex][position][0]
    value, operand = graph.value(vertex), graph.value(target)
    out_shape, in_shape = m.shape(value), m.shape(operand)
    rows = []
    for index in np.ndindex(*out_shape):
        seed: Any = np.zeros(out_shape)
        seed[index] = 1.0
        seed = m.asarray(seed) if out_shape else graph.run.one
        pulled = graph.pull_edges(vertex, seed)[position]
        rows.append(m.broadcast_to(m.asarray(pulled), in_shape))
    if not rows:
        return m.full(out_shape + in_shape, 0.0)
    return m.reshape(m.stack(rows), out_shape + in_shape)
