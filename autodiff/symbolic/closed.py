"""Closed forms: the whole model as one formula, its derivatives, and their text.

A second route through SymPy: evaluated before anything is tidied, it must give what the chain
gives. Only small models of numbers have one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy

from autodiff.symbolic import functions, namespace
from autodiff.symbolic.chain import BITS_PER_DIGIT, Graph, adjoints, agree
from autodiff.symbolic.expand import taken
from autodiff.symbolic.namespace import Formula
from autodiff.symbolic.printing import written
from autodiff.symbolic.program import Program
from autodiff.symbolic.raw import Beyond, Singular, Trouble

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from autodiff.tape import Tape

MOST_STATEMENTS = 12
MOST_OPERATIONS = 60
MOST_NAMES = 24  # with respect to which closed forms are given
LARGEST = 200  # nodes of the formula, written out as a tree
LARGEST_DERIVATIVE = 300
LARGEST_TIDIED = 120  # nodes of a derivative that is looked at for a shorter form
LONGEST_TEXT = 200
SIMPLE = 10_000  # numerators up to that, over 1, 2, 4 or 8, are numbers; 0.1 is a symbol "0.1"


class ClosedForms:
    """The closed forms of one output.

    expressions: per statement, its derivative as text
    differing  : statements of which the two routes give different numbers
    notes      : what SymPy hides
    """

    def __init__(self, tape: Tape, of: int, digits: int, *, ascii: bool = False) -> None:
        self.tape, self.of, self.digits, self.ascii = tape, of, digits, ascii
        self.expressions: dict[int, str] = {}
        self.differing: list[int] = []
        self.notes: list[str] = []
        self.names: dict[Any, str] = {}  # per symbol, how it is printed
        self._constants: dict[Any, Any] = {}

    def find(self, live: Sequence[int], known: Mapping[int, Any]) -> None:
        """Differentiate with respect to each statement of ``known``, and compare.

        ``live`` is what the output depends on; ``known`` holds the chain's answers.
        """
        if not self._small(live) or len(known) > MOST_NAMES:
            return
        leaves = [s for s in known if s in self.tape.leaves]
        wholes: list[tuple[Sequence[int], dict[int, Any]]] = [(leaves, self._symbols(live, -1))]
        wholes += [([s], self._symbols(live, s)) for s in known if s not in self.tape.leaves]
        for wrt, symbols in wholes:
            try:
                formula = self._whole(live, symbols)
                partials = {s: formula.diff(symbols[s]) for s in wrt if s in symbols}
                self._compare(formula, partials, symbols, known)
            except (Trouble, RecursionError):
                continue
            for s, partial in partials.items():
                text = self._text(partial)
                if text and known[s].__class__ is tuple:
                    self.expressions[s] = text

    def _small(self, live: Sequence[int]) -> bool:
        tape = self.tape
        leaves = set(tape.leaves)
        inner = [s for s in live if s not in leaves]
        if len(inner) > MOST_STATEMENTS or len(live) > 5 * MOST_STATEMENTS:
            return False
        forms = [tape.model.statements[s].form for s in inner]
        return sum(len(f.code) for f in forms) <= MOST_OPERATIONS and not any(
            1 in tape.kinds[tape.start[s] : tape.start[s + 1]] for s in live
        )

    def _symbols(self, live: Sequence[int], cut: int) -> dict[int, Any]:
        """A symbol for each leaf, and for the statement ``cut``. SymPy sorts by their names."""
        symbols = {}
        for s in live:
            if s in self.tape.leaves or s == cut:
                symbols[s] = sympy.Symbol(f"x{s:09d}", real=True)
                self.names[symbols[s]] = self.tape.model.statements[s].name
        return symbols

    def _whole(self, live: Sequence[int], symbols: Mapping[int, Any]) -> Any:
        """The output as one expression in ``symbols``."""
        model = self.tape.model
        formulas: dict[int, Formula] = {s: Formula(symbol) for s, symbol in symbols.items()}
        for s in live:
            if s in formulas:
                continue
            statement = model.statements[s]
            regs = [formulas[o] if o >= 0 else self._constant(o) for o in statement.operands]
            for op, args, _, _ in statement.form.code:
                regs.append(namespace.apply(op, [regs[a] for a in args]))
                if regs[-1].size > LARGEST:
                    raise Beyond("too large a formula")
            formulas[s] = regs[statement.form.result]
        return formulas[self.of].expr

    def _constant(self, operand: int) -> Formula:
        value: Any = self.tape.model.constants[~operand]
        given = self.tape.numbers.literal(self.tape.model, operand)
        if (8 * value).is_integer() and abs(value) <= SIMPLE and given == value:
            return Formula(namespace.exact(value))
        if given not in self._constants:
            symbol = sympy.Symbol(f"c{len(self._constants):09d}", real=True)
            self._constants[given] = symbol
            self.names[symbol] = _shown(value, self.ascii)
        return Formula(self._constants[given])

    def _compare(
        self,
        formula: Any,
        partials: Mapping[int, Any],
        symbols: Mapping[int, Any],
        known: Mapping[int, Any],
    ) -> None:
        """Evaluate the derivatives as SymPy left them, and hold them against the chain's."""
        tape = self.tape
        leaves = [s for s in partials if s in tape.leaves]
        if not leaves:
            return  # an inner name's value is not exact
        order = [*symbols.values(), *self._constants.values()]
        values = [tape.values[tape.vertex[s]] for s in symbols] + list(self._constants)
        active = [order.index(symbols[s]) for s in leaves]
        graph = Graph()
        graph.base = [*map(taken, values), None]
        graph.output = len(values)
        made = Program.of_parts(formula, [partials[s] for s in leaves], order, active)
        graph.applications = [(made, tuple(range(len(values))), len(values))]
        graph.statements = [self.of]
        found = adjoints(graph, active, self.digits)
        need = int((self.digits - 2) * BITS_PER_DIGIT)
        for s, i in zip(leaves, active, strict=True):
            chained, whole = known[s], found[i]
            if whole.__class__ is not tuple:
                continue
            if chained.__class__ is Singular:
                name = tape.model.statements[s].name
                self.notes.append(
                    f"SymPy cancels a singularity: the whole formula's derivative by {name} is "
                    f"finite here, although an operation's is not"
                )
            elif chained.__class__ is tuple and not agree(chained, whole, need):
                self.differing.append(s)

    def _text(self, partial: Any) -> str:
        """The shortest of a few cheap forms; "" if it is too long to read."""
        shown = _displayed(partial)
        size = namespace.tree_size(shown, LARGEST_DERIVATIVE)
        if size >= LARGEST_DERIVATIVE:
            return ""
        candidates = [shown]
        if size <= LARGEST_TIDIED:
            if any(not (p.exp.is_number or p.base.is_number) for p in shown.atoms(sympy.Pow)):
                shown = sympy.powsimp(shown, combine="exp")  # y·x**(y − 1), not x**y·y/x
                candidates = [shown]
            candidates.append(sympy.factor_terms(shown))
        texts = [written(c, self.names, ascii=self.ascii) for c in dict.fromkeys(candidates)]
        best = min(texts, key=len)
        return best if len(best) <= LONGEST_TEXT else ""


def _shown(value: float, ascii: bool) -> str:
    import math

    if value == math.pi:
        return "pi" if ascii else "π"
    return "e" if value == math.e else repr(value)


def _displayed(expr: Any) -> Any:
    """The derivative off its kinks and jumps, for the eye only."""
    shown = expr.replace(
        lambda e: e.func in (functions.Flat, functions.Fork, functions.Slope), _off_kinks
    )
    return shown.replace(
        lambda e: e.is_Pow and e.base.func is functions.Step and e.base.args[0] == 0, _off_kinks
    )


def _off_kinks(e: Any) -> Any:
    if e.func is functions.Flat:
        return sympy.Integer(0)
    if e.is_Pow:
        return e if e.exp.is_odd else sympy.Integer(1)
    if e.func is functions.Fork:
        return functions.Step(sympy.Integer(0), e.args[0]) * e.args[1]
    c, da, db = e.args[:3]
    return da if da == db else functions.Select(c, da, db, sympy.Integer(0))
