"""A tape of scalars -> a JavaScript function that evaluates and differentiates it again.

Everything in it is written by the rows of the table, run on `autodiff.backends.javascript`:
values forwards, then edge weights statement by statement, then the reverse sweep, and the tests
for domains and kinks. No operation is named here, and no text of the model is copied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from autodiff.backends.javascript import Code, Script, Unwritable, runtime
from autodiff.ops.base import pull

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from autodiff.ops import Op
    from autodiff.ops.base import Rule
    from autodiff.tape import Tape

MOST_OPERATIONS = 20_000  # of a model that is written; a page of more would be slow to open


class Remark(NamedTuple):
    """What to say when a condition of the script holds.

    kind : ``domain`` or ``kink``
    line : of the operation; None for what was given from outside
    """

    kind: str
    line: int | None
    message: str


class Written(NamedTuple):
    """A script, and what its numbers are.

    text   : the body of a function of x, the leaves' values in an array. It returns an object of
             the arrays ``values`` and ``adjoints`` (as ``names``), ``weights`` (as ``edges``; null
             where a ``where`` chose the other) and ``remarks`` (booleans, as the remarks)
    needs  : the definitions that it calls
    leaves : names, in the order of x
    names  : of the output and what it depends on, each before what it is computed from
    edges  : (name, operand) as positions in ``names``, both branches of a ``where`` among them
    """

    text: str
    needs: str
    leaves: tuple[str, ...]
    names: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]
    remarks: tuple[Remark, ...]


def write(tape: Tape, of: int) -> Written:
    """The script for the output ``of``, a statement. Raises Unwritable with the reason."""
    return _Writer(tape, of).write()


class _Writer:
    def __init__(self, tape: Tape, of: int) -> None:
        self.tape = tape
        self.script = Script()
        self.root = tape.vertex[of]
        self.statements = self._statements(of)
        self.leaves = [s for s in tape.leaves if s in self.statements]
        self.nodes = self._nodes()
        self.values: dict[int, Any] = {}
        self.live: dict[int, Any] = {}

    def write(self) -> Written:
        tape, script = self.tape, self.script
        self._evaluate()
        self.live = self._live(self.nodes, self.root)
        edges: list[tuple[int, int]] = []
        weights: list[Any] = []
        place = {s: k for k, s in enumerate(self.statements)}
        for statement in self.statements:
            for operand, weight in self._weights(statement):
                edges.append((place[statement], place[operand]))
                weights.append(weight)
        swept = self._sweep(self.nodes, self.root, self.live)
        remarks, conditions = self._remarks()
        vertices = [tape.vertex[s] for s in self.statements]
        returned = {
            "values": [self.values[v] for v in vertices],
            "adjoints": [swept.get(v, 0) for v in vertices],
            "weights": weights,
            "remarks": conditions,
        }
        arrays = [
            f"{name}: [{', '.join(map(script.text, items))}]" for name, items in returned.items()
        ]
        lines = [*script.lines, f"return {{ {', '.join(arrays)} }};"]
        named = [tape.model.statements[s].name for s in self.statements]
        leaves = [tape.model.statements[s].name for s in self.leaves]
        return Written(
            "\n".join(lines),
            runtime(script.needs),
            tuple(leaves),
            tuple(named),
            tuple(edges),
            tuple(remarks),
        )

    # ---- what is written

    def _statements(self, of: int) -> list[int]:
        """The output and every statement it depends on, the later of the file first."""
        statements = self.tape.model.statements
        reached = {of}
        stack = [of]
        while stack:
            for operand in statements[stack.pop()].operands:
                if operand >= 0 and operand not in reached:
                    reached.add(operand)
                    stack.append(operand)
        return sorted(reached, reverse=True)

    def _nodes(self) -> list[int]:
        """The nodes of these statements that the output depends on, last first."""
        tape = self.tape
        reached = {self.root}
        stack = [self.root]
        while stack:
            for arg in tape.args[stack.pop()]:
                if arg not in reached:
                    reached.add(arg)
                    stack.append(arg)
        if len(reached) > MOST_OPERATIONS:
            raise Unwritable(
                f"it has {len(reached):,} operations; a page recomputes up to {MOST_OPERATIONS:,}"
            )
        for node in sorted(reached):
            if tape.values[node].__class__ is not float:
                statement, _ = tape.where(node)
                raise Unwritable(f"{statement.name} has arrays (line {statement.line})")
        return sorted(reached, reverse=True)

    def _evaluate(self) -> None:
        """Forwards. What depends on no leaf is the number that it was."""
        tape, script, values = self.tape, self.script, self.values
        leaf = {tape.vertex[s]: k for k, s in enumerate(self.leaves)}
        for node in reversed(self.nodes):
            op = tape.ops[node]
            xs = [values[arg] for arg in tape.args[node]]
            if node in leaf:
                values[node] = script.argument(leaf[node])
            elif op is None or not any(isinstance(x, Code) for x in xs):
                values[node] = tape.values[node]
            else:
                values[node] = self._asked(op.value, *xs, **(tape.static[node] or {}))

    def _asked(self, rule: Rule, *xs: Any, **static: Any) -> Any:
        """What a rule of a row writes.

        Numbers that are known meet in Python, where 1/0 raises; then the script is to find out.
        """
        try:
            return rule(self.script, *xs, **static)
        except ArithmeticError:
            return rule(self.script, *map(self.script.constant, xs), **static)

    def _weights(self, statement: int) -> list[tuple[int, Any]]:
        """Per operand of a statement the slope by it: the sweep over this statement alone."""
        tape = self.tape
        node, start = tape.vertex[statement], tape.start[statement]
        if tape.ops[node] is None:
            return []
        nodes = range(node, start - 1, -1)
        live = self._live(nodes, node)
        found = self._sweep(nodes, node, live)
        weights = []
        for operand in dict.fromkeys(tape.model.statements[statement].operands):
            vertex = tape.vertex[operand] if operand >= 0 else -1
            if vertex in found:
                weights.append((operand, self.script.only_if(live[vertex], found[vertex])))
        return weights

    def _sweep(self, nodes: Iterable[int], root: int, live: dict[int, Any]) -> dict[int, Any]:
        """In reverse, over these nodes: what a cotangent of 1 at the root becomes elsewhere."""
        tape, script, values = self.tape, self.script, self.values
        adjoints: dict[int, Any] = {root: 1}
        for node in nodes:
            op, seed = tape.ops[node], adjoints.get(node)
            if op is None or seed is None or not op.differentiable:
                continue
            xs = [values[arg] for arg in tape.args[node]]
            for slot, arg in enumerate(tape.args[node]):
                if not isinstance(values[arg], Code) or (op.selects and slot == 0):
                    continue
                static = tape.static[node] or {}
                term = self._pulled(op, seed, values[node], xs, slot, static)
                # Not 0·∞: where(x > 0, x, 1/a) at a = 0.
                term = script.where(live.get(node, True), term, 0)
                adjoints[arg] = adjoints[arg] + term if arg in adjoints else term
        return adjoints

    def _pulled(
        self, op: Op, seed: Any, y: Any, xs: Sequence[Any], slot: int, static: dict[str, Any]
    ) -> Any:
        """The cotangent of an operand."""

        def rule(m: Script, y: Any, *xs: Any) -> Any:
            return pull(op, m, seed, y, xs, slot, static)

        return self._asked(rule, y, *xs)

    # ---- where an operation is not defined, or has a kink

    def _remarks(self) -> tuple[list[Remark], list[Any]]:
        tape, script, values = self.tape, self.script, self.values
        live = self.live
        remarks: list[Remark] = []
        conditions: list[Any] = []
        for node in reversed(self.nodes):
            op, static = tape.ops[node], tape.static[node] or {}
            if op is None or not isinstance(values[node], Code):
                continue
            xs = [values[arg] for arg in tape.args[node]]
            asked = []
            if op.domain is not None:
                inside = self._asked(op.domain.test, *xs, **static)
                message = f"{op.name} is defined for {op.domain.text}"
                asked.append(("domain", message, script.negation(inside)))
            if op.kink is not None:
                at = self._asked(op.kink.at, values[node], *xs, **static)
                asked.append(("kink", f"{op.name}: {op.kink.text}", at))
            for kind, message, condition in asked:
                holds = script.logical_and(live.get(node, False), condition)
                if isinstance(holds, Code):
                    statement, span = tape.where(node)
                    line = None if statement.origin else span.line
                    remarks.append(Remark(kind, line, message))
                    conditions.append(holds)
        return remarks, conditions

    def _live(self, nodes: Iterable[int], root: int) -> dict[int, Any]:
        """Per node whether the root uses it: not so the branch that a ``where`` leaves out."""
        tape, script, values = self.tape, self.script, self.values
        live: dict[int, Any] = {root: True}
        for node in nodes:
            op, here = tape.ops[node], live.get(node, False)
            if op is None or here is False:
                continue
            xs = [values[arg] for arg in tape.args[node]]
            for slot, arg in enumerate(tape.args[node]):
                used = here
                if op.selects and slot:
                    weight = self._asked(op.partials[slot], values[node], *xs)
                    used = script.logical_and(here, weight != 0)
                live[arg] = script.logical_or(live.get(arg, False), used)
        return live
