"""The model, expanded into numbers: which formula reads and fills which element.

Statements on numbers are taken whole: one formula for each form, whatever names it is used
with. Statements on arrays go operation by operation: an elementwise one is its definition, at
every element; any other (a product of matrices, softmax) is run on arrays of element numbers,
and what it adds and multiplies is recorded, element by element.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from autodiff.limits import LIMITS, more
from autodiff.symbolic.chain import Graph
from autodiff.symbolic.raw import Beyond, Trouble
from autodiff.symbolic.rules import Rule, exponents, literal, literals, program, shared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.symbolic.program import Program
    from autodiff.syntax import Form, Statement
    from autodiff.tape import Tape

JOINT_CODE = 40  # operations of a statement that SymPy differentiates as a whole


class Limits(NamedTuple):
    """What is too much to check. Counts, so that the answer does not depend on the machine.

    statements : that the output depends on
    partials   : of elements, all operations together
    forms      : operations of different statements that are differentiated as a whole;
                 beyond, each operation by itself
    """

    statements: int = LIMITS.sympy
    partials: int = LIMITS.partials
    forms: int = 1_000


DEFAULT = Limits()


class Expansion:
    """Builds the `Graph` of ``of`` with respect to the statements ``wrt``."""

    def __init__(self, tape: Tape, of: int, wrt: Sequence[int], limits: Limits) -> None:
        self.tape = tape
        self.limits = limits
        self.graph = Graph()
        self.elements: dict[int, Any] = {}  # per statement its element, or array of elements
        self.statement = -1
        self.partials = 0
        self._numbers: dict[Any, int] = {}
        self._rules: dict[Form, Rule | None] = {}
        self.trouble: Trouble | None = None  # the first statement that was too much
        self.lost: set[int] = set()  # the statements of whose adjoints nothing is known for it
        self._work = 0
        self._arrays: Any = None
        self.live = live = _ancestors(tape, of)
        if len(live) > limits.statements:
            raise Beyond(
                f"the output depends on {len(live):,} statements; "
                f"the limit is {limits.statements:,} ({more('sympy')})"
            )
        self.active = self._activity(live, wrt)
        self._expand(live)
        self.graph.output = self.elements[of]

    # ---- what there is to expand

    def _activity(self, live: Sequence[int], wrt: Sequence[int]) -> bytearray:
        """Per statement, whether it depends on one of ``wrt``."""
        statements = self.tape.model.statements
        active = bytearray(len(statements))
        for s in wrt:
            active[s] = 1
        for s in live:
            if not active[s]:
                for o in statements[s].operands:
                    if o >= 0 and active[o]:
                        active[s] = 1
                        break
        return active

    def _expand(self, live: Sequence[int]) -> None:
        tape, elements, active = self.tape, self.elements, self.active
        statements, start, kinds = tape.model.statements, tape.start, tape.kinds
        leaves = set(tape.leaves)
        has_arrays = tape.has_arrays
        constants = tape.model.constants
        for s in live:
            self.statement = s
            if s in leaves:
                elements[s] = self.given(tape.values[tape.vertex[s]])
                continue
            statement = statements[s]
            if has_arrays and 1 in kinds[start[s] : start[s + 1]]:
                elements[s] = self._array_statement(s, statement)
                continue
            operands = statement.operands
            rule = self._rule(statement.form)
            if rule is not None:
                wanted = tuple([i for i, o in enumerate(operands) if o >= 0 and active[o]])
                try:
                    made = program(rule, literals(rule, operands, constants), wanted)
                except (Trouble, RecursionError):
                    self._rules[statement.form] = None
                else:
                    inputs = [elements[o] if o >= 0 else self.constant(o) for o in operands]
                    elements[s] = self.apply(made, inputs)
                    continue
            elements[s] = self._by_operations(statement)

    def _rule(self, form: Form) -> Rule | None:
        """The rule of a form; None where it is better not differentiated as a whole."""
        if form not in self._rules:
            self._work += len(form.code)
            whole = len(form.code) <= JOINT_CODE and self._work <= self.limits.forms
            self._rules[form] = Rule(shared(form), form.slots) if whole else None
        return self._rules[form]

    def _by_operations(self, statement: Statement) -> int:
        """A statement on numbers, one operation after the other."""
        constants = self.tape.model.constants
        # Per register: its element, whether it depends on `wrt`, and its constant, if it is one.
        regs: list[tuple[int, bool, Any]] = []
        for o in statement.operands:
            if o >= 0:
                regs.append((self.elements[o], bool(self.active[o]), None))
            else:
                regs.append((self.constant(o), False, constants[~o]))
        for op, args, _, _ in statement.form.code:
            rule = Rule(op, len(args))
            exponent = exponents(rule)
            known = tuple(
                [
                    (i, regs[a][2])
                    for i, a in enumerate(args)
                    if i in exponent and literal(regs[a][2])
                ]
            )
            wanted = tuple([i for i, a in enumerate(args) if regs[a][1]])
            made = program(rule, known, wanted)
            regs.append((self.apply(made, [regs[a][0] for a in args]), bool(wanted), None))
        return regs[statement.form.result][0]

    def _array_statement(self, s: int, statement: Statement) -> Any:
        """A statement on arrays; what is too much becomes one element of which nothing is known."""
        mark = len(self.graph.applications)
        try:
            return self.arrays.statement(s, statement)
        except Trouble as trouble:
            del self.graph.applications[mark:], self.graph.statements[mark:]
            trouble.where = s
            self.trouble = self.trouble or trouble
            # What lies before it and is differentiated by gets nothing through it.
            self.lost.update(_ancestors(self.tape, s))
            self.graph.base.append(trouble)
            return self.arrays.filled(
                len(self.graph.base) - 1, self.tape.values[self.tape.vertex[s]]
            )

    def apply(self, made: Program, inputs: Sequence[int]) -> int:
        """Add one application; returns the element it fills."""
        graph = self.graph
        out = len(graph.base)
        graph.applications.append((made, tuple(inputs), out))
        graph.statements.append(self.statement)
        graph.base.append(None)
        return out

    # ---- numbers

    def number(self, value: Any) -> int:
        """The element of a constant."""
        found = self._numbers.get(value)
        if found is None:
            found = self._numbers[value] = len(self.graph.base)
            self.graph.base.append(taken(value))
        return found

    def constant(self, operand: int) -> int:
        """The element of a statement's numeric operand below 0."""
        return self.number(self.tape.numbers.literal(self.tape.model, operand))

    def given(self, value: Any) -> Any:
        """Elements for a value of the tape: at its exact binary point."""
        if not hasattr(value, "shape"):
            self.graph.base.append(taken(value))
            return len(self.graph.base) - 1
        return self.arrays.given(value)

    @property
    def arrays(self) -> Any:
        """What expands arrays; NumPy is imported when the first one appears."""
        if self._arrays is None:
            from autodiff.symbolic.arrays import Arrays

            self._arrays = Arrays(self)
        return self._arrays


def taken(value: Any) -> Any:
    """A number of a tape as the graph takes it: a float, or mpmath's raw number."""
    return value._mpf_ if hasattr(value, "_mpf_") else float(value)


def _ancestors(tape: Tape, of: int) -> list[int]:
    """The statements that ``of`` depends on, and itself, in the file's order."""
    statements = tape.model.statements
    live = bytearray(of + 1)
    live[of] = 1
    for s in range(of, -1, -1):
        if live[s]:
            for o in statements[s].operands:
                if o >= 0:
                    live[o] = 1
    return [s for s in range(of + 1) if live[s]]
