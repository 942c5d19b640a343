"""Writes formulas: what the edge weights of a model look like.

The rules of the table, run on text, say it: ``1 − tanh(d)²``. Values are written as the model
writes them, by a row's name or symbol and never by its ``value`` (which may be a stable
rearrangement); then the rows' own rules are run backwards.

For scalars a formula is the local derivative. Where an operand or the result is an array it is
the pull-back, with ``z̄`` for the cotangent of z: for ``z = W @ h`` that of W is
``outer(z̄, h)``.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from autodiff.backends import terms
from autodiff.backends.notation import Namespace, configuration
from autodiff.backends.terms import LIMIT, Formula, Shape
from autodiff.ops.base import pull

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autodiff.ops import Op
    from autodiff.tape import Tape

NAMED = 10  # a statement's value longer than this is written by its name: 1 − hidden²

_SLOTS = 0xF0000  # private-use characters: operands in a formula that is kept for reuse
_MANY = 0x1FFFC  # that many there are

# A formula is a comment on the result: where a rule asks for what text cannot do, the formula
# is left out, and must not cost the result.
_UNWRITTEN = (TypeError, ValueError, IndexError, AttributeError, AssertionError)


def written(m: Namespace, op: Op, xs: Sequence[Formula], static: Any, shape: Shape) -> Formula:
    """The result of an operation as a model writes it, by the row's name or symbol."""
    if op.symbol and op.partials:
        return _operator(m, op, xs)
    settings = dict(static or {})
    if op.symbol or op.hidden or op.family == "shape":
        # A hidden row has no name to call it by: x[0], [a, b]. What only moves elements reads
        # best as what it does: x.T.
        return m.number(op.value(m, *xs, **settings))
    parts: list[str] = []
    rest = list(xs)
    bare = True  # an argument may go by position as long as none before it was left out
    for parameter in op.parameters:
        if not parameter.static:
            taken = rest if parameter.many or parameter.listed else rest[:1]
            texts = [x.text for x in taken]
            rest = rest[len(taken) :]
            parts.extend(["[" + ", ".join(texts) + "]"] if parameter.listed else texts)
        elif parameter.name in settings and settings[parameter.name] != parameter.default:
            if parameter.name != "keepdims" or m.style.exact:
                value = configuration(settings[parameter.name])
                parts.append(value if bare else f"{parameter.name}={value}")
        else:
            bare = False
    name = m.style.names.get(op.name, op.name)
    made = (op.name, *xs) if op.partials else ()
    return terms.write(m.style, f"{name}({', '.join(parts)})", terms.ATOM, shape, made=made)


def _operator(m: Namespace, op: Op, xs: Sequence[Formula]) -> Formula:
    """``x + y``, ``−x``: Python's own operator, which the formula overloads."""
    import operator

    functions: dict[tuple[str, int], Callable[..., Any]] = {
        ("+", 2): operator.add,
        ("-", 2): operator.sub,
        ("-", 1): operator.neg,
        ("*", 2): operator.mul,
        ("/", 2): operator.truediv,
        ("**", 2): operator.pow,
    }
    function = functions.get((op.symbol, len(xs)))
    if function is not None:
        made = function(*xs)
        assert isinstance(made, Formula)
        return made
    return terms.compare(xs[0], op.symbol, xs[1])


class Formulas:
    """A tape's statements and the weights of their edges, as text.

    Keeps the formulas of each form of scalar statement: a tape of 10^5 statements has a dozen.
    """

    def __init__(self, tape: Tape, *, ascii: bool = False, exact: bool = False) -> None:
        self.tape = tape
        self.m = Namespace(ascii, exact)
        self._kept: dict[Any, dict[int, str]] = {}
        self._books: dict[str, Any] = {}

    def node(self, node: int, names: Callable[[int], str]) -> str:
        """One operation, written in the ``names`` of its operands; "" for a leaf."""
        tape, op = self.tape, self.tape.ops[node]
        if op is None:
            return ""
        xs, shape = self._named(node, names), _shape_of(tape.values[node])
        try:
            return self._within(written(self.m, op, xs, tape.static[node], shape).text)
        except _UNWRITTEN:
            return self.m.style.ellipsis

    def statement(self, statement: int) -> str:
        """What a statement assigns, with functions of the file written out; "" for a number."""
        tape, m = self.tape, self.m
        names = tape.model.statements
        operands = dict.fromkeys(o for o in names[statement].operands if o >= 0)
        if len(operands) >= _MANY:
            return m.style.ellipsis
        inputs = {
            tape.vertex[o]: m.symbol(names[o].name, _shape_of(tape.values[tape.vertex[o]]))
            for o in operands
        }
        try:
            found = self._forward(statement, inputs).get(tape.vertex[statement])
        except _UNWRITTEN:
            return m.style.ellipsis
        return "" if found is None else self._within(found.text)

    def _within(self, text: str) -> str:
        return text if len(text) <= LIMIT else self.m.style.ellipsis

    def of_node(
        self, node: int, names: Callable[[int], str], cotangent: str | None = None
    ) -> list[str]:
        """Per slot of one operation the weight of its edge; ``names`` are those of the nodes.

        With a ``cotangent`` what that becomes along the edge, as for `of_statement`.
        """
        tape, m = self.tape, self.m
        op, args = tape.ops[node], tape.args[node]
        if op is None:
            return []
        xs = self._named(node, names)
        shape = _shape_of(tape.values[node])
        try:
            y = written(m, op, xs, tape.static[node], shape)
            if _long(y):
                y = m.symbol(names(node), shape)
            seed = m.symbol(cotangent or m.style.bar(names(node)), shape) if shape else m.number(1)
            pulled = [
                m.number(pull(self._book(op), m, seed, y, xs, slot, tape.static[node] or {}))
                for slot in range(len(args))
            ]
            if cotangent is not None and not shape:
                pulled = [m.symbol(cotangent) * weight for weight in pulled]
            return [formula.text for formula in pulled]
        except _UNWRITTEN:
            return [m.style.ellipsis] * len(args)

    def _named(self, node: int, names: Callable[[int], str]) -> list[Formula]:
        """The operands of a node, by name; a constant by its number."""
        tape, m = self.tape, self.m
        return [
            m.number(tape.values[arg])
            if tape.ops[arg] is None and not names(arg)
            else m.symbol(names(arg), _shape_of(tape.values[arg]))
            for arg in tape.args[node]
        ]

    def of_statement(self, statement: int, cotangent: str | None = None) -> dict[int, str]:
        """Per operand (a statement's index) the weight of its edge from ``statement``.

        With a ``cotangent``, the text of dL/d(statement), what that becomes along the edge. Of an
        array it is part of the weight anyway, and z̄ if it is not given.
        """
        record = self.tape.model.statements[statement]
        operands = list(dict.fromkeys(o for o in record.operands if o >= 0))
        if not operands:
            return {}
        if len(operands) >= _MANY:
            return dict.fromkeys(operands, self.m.style.ellipsis)
        # A template first: operand k is one private-use character, then come the statement
        # itself and its cotangent.
        slots = {o: chr(_SLOTS + k) for k, o in enumerate(operands)}
        own, bar = chr(_SLOTS + len(operands)), chr(_SLOTS + len(operands) + 1)
        whole = cotangent is not None
        key = self._key(statement, slots, whole)
        formulas = self._kept.get(key) if key is not None else None
        if formulas is None:
            formulas = self._derive(statement, slots, own, bar, whole)
            if key is not None:
                self._kept[key] = formulas
        statements = self.tape.model.statements
        names = {ord(slot): statements[o].name for o, slot in slots.items()}
        names[ord(own)] = record.name
        names[ord(bar)] = cotangent or self.m.style.bar(record.name)
        out = {}
        for place, o in enumerate(operands):
            out[o] = self._within(formulas[place].translate(names))
        return out

    def _key(self, statement: int, slots: dict[int, str], whole: bool) -> Any:
        """What makes two scalar statements alike, or None where an array is involved."""
        tape = self.tape
        record = tape.model.statements[statement]
        first, last = tape.start[statement], tape.vertex[statement]
        if any(tape.kinds[first : last + 1]) or any(tape.kinds[tape.vertex[o]] for o in slots):
            return None
        constants = tape.model.constants
        pattern: list[Any] = []
        for o in record.operands:
            constant = None if o >= 0 else constants[~o]
            if o < 0 and not isinstance(constant, float):
                return None
            pattern.append(slots[o] if o >= 0 else constant)
        return id(record.form), whole, tuple(pattern)

    def _derive(
        self, statement: int, slots: dict[int, str], own: str, bar: str, whole: bool
    ) -> dict[int, str]:
        tape, m = self.tape, self.m
        last = tape.vertex[statement]
        shape = _shape_of(tape.values[last])
        inputs = {
            tape.vertex[o]: m.symbol(slot, _shape_of(tape.values[tape.vertex[o]]))
            for o, slot in slots.items()
        }
        try:
            values = self._forward(statement, inputs)
            if _long(values[last]):
                values[last] = m.symbol(own, shape)
            # A scalar's own cotangent is a factor of everything, and left out.
            seed = m.symbol(bar, shape) if shape else m.number(1)
            adjoints = self._backward(statement, values, inputs, seed)
        except _UNWRITTEN:
            return dict.fromkeys(range(len(slots)), m.style.ellipsis)
        found = {}
        for place, o in enumerate(slots):
            adjoint = adjoints.get(tape.vertex[o])
            if adjoint is not None and whole and not shape:
                adjoint = m.symbol(bar) * adjoint
            found[place] = "0" if adjoint is None else adjoint.text
        return found

    def _forward(self, statement: int, inputs: dict[int, Formula]) -> dict[int, Formula]:
        """The nodes of a statement, as text; others' constants among them."""
        tape, m = self.tape, self.m
        values = dict(inputs)
        for node in range(tape.start[statement], tape.vertex[statement] + 1):
            op = tape.ops[node]
            if op is None:
                continue
            xs = [self._operand(values, arg) for arg in tape.args[node]]
            shape = _shape_of(tape.values[node])
            values[node] = written(m, op, xs, tape.static[node], shape)
        return values

    def _operand(self, values: dict[int, Formula], node: int) -> Formula:
        if node not in values:  # a constant of the text, wherever it was first met
            values[node] = self.m.number(self.tape.values[node])
        return values[node]

    def _backward(
        self,
        statement: int,
        values: dict[int, Formula],
        inputs: dict[int, Formula],
        seed: Formula,
    ) -> dict[int, Formula]:
        """The cotangents of the operands: the rows' own rules, in reverse order."""
        tape, m = self.tape, self.m
        last = tape.vertex[statement]
        wanted = set(inputs)
        for node in range(tape.start[statement], last + 1):
            if tape.ops[node] is not None and not wanted.isdisjoint(tape.args[node]):
                wanted.add(node)
        adjoints = {last: seed}
        for node in range(last, tape.start[statement] - 1, -1):
            op = tape.ops[node]
            adjoint = adjoints.get(node)
            if op is None or adjoint is None or node in inputs:
                continue
            args = tape.args[node]
            xs = [values[arg] for arg in args]
            for slot, arg in enumerate(args):
                if arg not in wanted or not op.differentiable:
                    continue
                part = pull(
                    self._book(op), m, adjoint, values[node], xs, slot, tape.static[node] or {}
                )
                part = m.number(part)
                before = adjoints.get(arg)
                adjoints[arg] = part if before is None else before + part
        return adjoints

    def _book(self, op: Op) -> Any:
        """What `pull` needs of a row, with textbook derivatives in place of the stable ones."""
        book = self._books.get(op.name)
        if book is None:
            partials, weight, vjp = op.partials, op.weight, op.vjp
            if op.textbook and partials:
                partials = op.textbook
            elif op.textbook and weight is not None:
                weight = op.textbook[0]
            elif op.textbook:
                vjp = op.textbook[0]
            elif weight is not None:
                weight = _described(op)
            book = SimpleNamespace(partials=partials, weight=weight, vjp=vjp, selects=op.selects)
            self._books[op.name] = book
        return book


def _long(value: Formula) -> bool:
    """Whether to write a value by its name; the same in ASCII, where x² is longer."""
    return len(value.text.replace("**", "")) > NAMED


def _described(op: Op) -> Callable[..., Formula]:
    """A reduction's weight, in the row's own words where its formula is too long to write."""

    def weight(m: Namespace, y: Formula, x: Formula, **static: Any) -> Formula:
        assert op.weight is not None
        made = m.number(op.weight(m, y, x, **static))
        if m.style.ellipsis in made.text and op.text:
            return terms.write(m.style, op.text, terms.SUM, x.shape, x.varies)
        return made

    return weight


def _shape_of(value: Any) -> Shape:
    return () if value.__class__ is float else tuple(value.shape)
