"""Tokens of one expression -> straight-line code (a `Form`), without recursion.

An operator-precedence parser (Dijkstra's shunting yard) with one explicit stack of open
brackets, so that depth is bounded by memory alone: 100,000 nested parentheses parse.

While an expression is read, a value is a reference: ``k >= 0`` is the result of instruction
``k``; below 0 stand the operands, odd for those in the text (in order), even for those that
are captured (numbers of function bodies, defaults). `_seal` turns references into registers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from autodiff.calls import Items, Value, bind_function, bind_row
from autodiff.errors import CallProblem, LimitProblem, NameProblem, SyntaxProblem
from autodiff.limits import Limits, more
from autodiff.ops import TABLE, Op, lookup
from autodiff.source import Span
from autodiff.syntax import Derivative, Form, Function, Instruction, Load

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autodiff.lexer import Token

_BINARY = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
    "@": "matmul",
    "**": "power",
    "^": "power",
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
    "==": "equal",
    "!=": "not_equal",
}
# What people write from Python, and what the language has instead.
_INSTEAD = {
    "if": "a choice is written where(condition, a, b)",
    "and": "both conditions are written c1 * c2",
    "or": "either condition is written maximum(c1, c2)",
}
_BINARY_OPS = {symbol: TABLE[name] for symbol, name in _BINARY.items()}
_NEGATIVE = TABLE["negative"]
_GETITEM, _TRANSPOSE, _ARRAY = TABLE["getitem"], TABLE["transpose"], TABLE["array"]
_TUPLE, _LIST, _SLICE = TABLE["tuple"], TABLE["list"], TABLE["slice"]
_COMPARISON = _BINARY_OPS["<"].precedence
_UNARY = _NEGATIVE.precedence
_BEFORE_NOTHING = {"(", "[", ",", ":"}  # behind these, an operand may be left out

KEYWORD_CONSTANTS = {"True": True, "False": False, "None": None}


class Scope(Protocol):
    """What an expression may refer to: the parser's names, constants and functions."""

    functions: dict[str, Function]
    limits: Limits

    def unknown_function(self, token: Token) -> NameProblem:
        """The error for a call of something that is not a function."""

    def operand(self, token: Token) -> int | Derivative:
        """The operand a name stands for; raises NameProblem."""

    def number(self, token: Token) -> int:
        """The constant a number stands for."""

    def constant(self, value: object) -> int:
        """A constant made by the parser."""


class Frame:
    """An open bracket: what it opens, and what has been read inside it."""

    __slots__ = ("base", "colons", "function", "items", "keywords", "kind", "token")

    def __init__(self, kind: str, token: int, base: int, function: str = "") -> None:
        self.kind = kind  # group, call, index or list
        self.token = token
        self.base = base  # height of the operator stack below this bracket
        self.function = function
        self.items: list[tuple[str, Value | None, int]] = []
        self.keywords: str = ""
        self.colons: list[Value | None] | None = None


class Operator(NamedTuple):
    op: Op
    precedence: int
    unary: bool
    token: int


class Parsed(NamedTuple):
    """An expression: its form, and the operands that fill the form's slots.

    ``texts`` are the operands as written: where they are all the names and numbers that the
    text has, another text with the same separators has the same form.
    """

    form: Form
    operands: tuple[int | Derivative, ...]
    captured: tuple[int, ...]
    texts: list[str]


def parse_expression(
    tokens: list[Token], start: int, end: int, scope: Scope, params: tuple[str, ...] = ()
) -> Parsed:
    """Parse ``tokens[start:end]``; ``tokens[end]`` is where an unexpected end is reported.

    Raises the first Problem met. ``params`` are names that stand for a function's parameters:
    they become the first slots.
    """
    return _Expression(tokens, start, end, scope, params).parse()


class _Expression:
    def __init__(
        self, tokens: list[Token], start: int, end: int, scope: Scope, params: tuple[str, ...]
    ) -> None:
        self.tokens, self.start, self.end, self.scope = tokens, start, end, scope
        self.most = scope.limits.operations
        self.params = {name: i for i, name in enumerate(params)}
        self.code: list[tuple[Op, tuple[int, ...], tuple[tuple[str, int], ...], int]] = []
        self.operands: list[int | Derivative] = []
        self.captured: list[int] = []
        self.frames: list[Frame] = []
        self.operators: list[Operator] = []
        self.values: list[Value] = []
        self.texts: list[str] = []
        self.strings: dict[Value, Token] = {}  # texts in quotes, which only some settings take

    # ---- references

    def text_operand(self, token: Token, operand: int | Derivative) -> int:
        self.texts.append(token.text)
        self.operands.append(operand)
        return -2 * len(self.operands) + 1

    def capture(self, constant: int) -> int:
        self.captured.append(constant)
        return -2 * len(self.captured)

    def emit(
        self, op: Op, args: Iterable[int], token: int, static: tuple[tuple[str, int], ...] = ()
    ) -> int:
        self.code.append((op, tuple(args), static, token))
        if len(self.code) > self.most:
            raise LimitProblem(
                f"this statement expands to more than {self.most:,} operations",
                self.tokens[token].span,
                f"functions that call each other twice double at every level; {more('operations')}",
            )
        return len(self.code) - 1

    def _seal(self, result: int) -> Parsed:
        params, texts = len(self.params), len(self.operands)
        base = params + texts + len(self.captured)

        def register(ref: int) -> int:
            if ref >= 0:
                return base + ref
            if ref % 2:
                return params + (-ref - 1) // 2
            index = -ref // 2 - 1
            return index - _PARAMETER if index >= _PARAMETER else params + texts + index

        code = tuple(
            Instruction(
                op,
                tuple([register(a) for a in args]),
                tuple([(name, register(ref)) for name, ref in static]),
                token - self.start,
            )
            for op, args, static, token in self.code
        )
        return Parsed(
            Form(base, code, register(result)),
            tuple(self.operands),
            tuple(self.captured),
            self.texts,
        )

    # ---- the loop

    def parse(self) -> Parsed:
        tokens = self.tokens
        position = self.start
        expect_operand = True
        while position < self.end:
            token = tokens[position]
            if expect_operand:
                position, expect_operand = self.read_operand(position, token)
            else:
                position, expect_operand = self.read_operator(position, token)
        if self.frames:
            raise self.unexpected(self.end)
        if expect_operand:
            raise self.unexpected(self.end)
        self.reduce(0, -1)
        return self._seal(self.single(self.values.pop(), self.start))

    def read_operand(self, position: int, token: Token) -> tuple[int, bool]:
        kind, text = token.kind, token.text
        following = self.tokens[position + 1] if position + 1 <= self.end else token
        if kind == "derivative":
            self.values.append(self.text_operand(token, self.scope.operand(token)))
            return position + 1, False
        if kind == "number":
            self.values.append(self.text_operand(token, self.scope.number(token)))
            return position + 1, False
        if kind == "name":
            if following.text == "(" and following.kind == "op" and position + 1 < self.end:
                if text == "load":
                    return self.read_load(position), False
                self.frames.append(Frame("call", position, len(self.operators), text))
                return position + 2, True
            if (
                following.text == "="
                and self.frames
                and self.frames[-1].kind == "call"
                and not self.frames[-1].keywords
                and position + 1 < self.end
            ):
                self.frames[-1].keywords = text
                return position + 2, True
            if text in KEYWORD_CONSTANTS:
                constant = self.scope.constant(KEYWORD_CONSTANTS[text])
                self.values.append(self.capture(constant))
            elif text in self.params:
                self.values.append(-2 * (self.params[text] + _PARAMETER + 1))
            else:
                self.values.append(self.text_operand(token, self.scope.operand(token)))
            return position + 1, False
        if kind == "op":
            if text == "-":
                self.operators.append(Operator(_NEGATIVE, _UNARY, True, position))
                return position + 1, True
            if text == "+":
                return position + 1, True
            if text == "(":
                self.frames.append(Frame("group", position, len(self.operators)))
                return position + 1, True
            if text == "[":
                self.frames.append(Frame("list", position, len(self.operators)))
                return position + 1, True
            # sin(+) and x[1 +:2]: what follows an operator is never left out.
            if not self.frames or self.tokens[position - 1].text not in _BEFORE_NOTHING:
                raise self.unexpected(position)
            if text in ")]" and self.may_close_empty(text):
                self.close(position)
                return position + 1, False
            if text == ":" and self.frames[-1].kind == "index":
                self.colon(None)
                return position + 1, True
            if text == "," and self.frames[-1].colons is not None:
                self.item(position)
                return position + 1, True
        if kind == "string":
            if not (following.text in {",", ")"} and self.may_be_text()):
                raise self.no_text(token)
            self.values.append(self.capture(self.scope.constant(text[1:-1])))
            self.strings[self.values[-1]] = token
            return position + 1, False
        raise self.unexpected(position)

    def may_be_text(self) -> bool:
        """Whether a text in quotes may stand here: alone, as an argument of a row that takes one.

        Which argument it is will be known at the closing bracket; see `call`.
        """
        if not self.frames or self.frames[-1].kind != "call":
            return False
        frame = self.frames[-1]
        if len(self.operators) > frame.base or frame.function in self.scope.functions:
            return False
        op = lookup(frame.function)
        return op is not None and any(p.worded for p in op.parameters)

    def no_text(self, token: Token) -> SyntaxProblem:
        return SyntaxProblem(
            "a string has no value here",
            token.span,
            'strings name files, and settings: load("x.npy"), einsum("ij,j->i", A, x)',
            code="string",
        )

    def may_close_empty(self, text: str) -> bool:
        """Whether a bracket may close where an operand could stand: ``f()``, ``[1, ]``."""
        frame = self.frames[-1]
        if frame.keywords or len(self.operators) > frame.base:
            return False
        if frame.colons is not None:
            return True
        if frame.kind == "index" and not frame.items:
            return False
        return bool(frame.items) or frame.kind in {"call", "list"}

    def read_operator(self, position: int, token: Token) -> tuple[int, bool]:
        text = token.text if token.kind == "op" else ""
        op = _BINARY_OPS.get(text)
        if op is not None:
            precedence = op.precedence
            # ** groups to the right: only what binds tighter is reduced before it.
            self.reduce(precedence + (text in {"**", "^"}), position)
            if precedence == _COMPARISON and self.pending_comparison():
                raise SyntaxProblem(
                    "comparisons cannot be chained",
                    token.span,
                    "write (a < b) * (b < c)",
                    code="chained-comparison",
                )
            self.operators.append(Operator(op, precedence, False, position))
            return position + 1, True
        if text == ".":
            return self.read_attribute(position), False
        if text == "[":
            self.frames.append(Frame("index", position, len(self.operators)))
            return position + 1, True
        if text and self.frames:
            if text in ")]":
                self.close(position)
                return position + 1, False
            if text == ",":
                self.item(position)
                return position + 1, True
            if text == ":" and self.frames[-1].kind == "index":
                self.reduce(0, position, self.frames[-1].base)
                self.colon(self.values.pop())
                return position + 1, True
        raise self.unexpected(position)

    def pending_comparison(self) -> bool:
        base = self.frames[-1].base if self.frames else 0
        return len(self.operators) > base and self.operators[-1].precedence == _COMPARISON

    def reduce(self, precedence: int, position: int, base: int | None = None) -> None:
        """Apply the operators on the stack that bind at least as tightly as ``precedence``."""
        operators, values = self.operators, self.values
        if base is None:
            base = self.frames[-1].base if self.frames else 0
        comparison = precedence == _COMPARISON
        while len(operators) > base and operators[-1].precedence >= precedence:
            if comparison and operators[-1].precedence == _COMPARISON:
                return  # left for read_operator to refuse
            op, _, unary, token = operators.pop()
            right = self.single(values.pop(), token)
            if unary:
                values.append(self.emit(op, (right,), token))
            else:
                left = self.single(values.pop(), token)
                values.append(self.emit(op, (left, right), token))

    # ---- brackets

    def item(self, position: int) -> None:
        """A comma: finish the item before it."""
        frame = self.frames[-1]
        self.reduce(0, position, frame.base)
        self.finish_item(frame, position)

    def finish_item(self, frame: Frame, position: int) -> None:
        if frame.colons is not None:
            pending = self.tokens[position - 1]
            has_value = not (pending.kind == "op" and pending.text in {":", ",", "["})
            frame.colons.append(self.values.pop() if has_value else None)
            if len(frame.colons) > 3:
                raise self.unexpected(position - 1)
            frame.items.append(("", self.slice(frame.colons, position), position))
            frame.colons = None
        else:
            frame.items.append((frame.keywords, self.values.pop(), position))
        frame.keywords = ""

    def colon(self, value: Value | None) -> None:
        frame = self.frames[-1]
        if frame.colons is None:
            frame.colons = []
        frame.colons.append(value)

    def slice(self, parts: list[Value | None], position: int) -> int:
        padded = [*parts, None, None][:3]
        nothing = self.capture(self.scope.constant(None))
        values = [nothing if p is None else self.static_value(p, position) for p in padded]
        return self.emit(_SLICE, values, position - 1)

    def close(self, position: int) -> None:
        frame = self.frames[-1]
        before = self.tokens[position - 1]
        empty = before.kind == "op" and before.text in {"(", "[", ","}
        comma = before.text == "," and frame.colons is None
        if not empty or frame.colons is not None:
            self.reduce(0, position, frame.base)
            self.finish_item(frame, position)
        self.frames.pop()
        items = [value for _, value, _ in frame.items if value is not None]
        if frame.kind == "group":
            if not comma and len(items) == 1:
                self.values.append(items[0])
            else:
                self.values.append(Items("tuple", tuple(items), frame.token))
        elif frame.kind == "list":
            self.values.append(Items("list", tuple(items), frame.token))
        elif frame.kind == "index":
            target = self.single(self.values.pop(), frame.token)
            whole: Value = (
                items[0]
                if len(items) == 1 and not comma
                else Items("tuple", tuple(items), frame.token)
            )
            index = self.static_value(whole, frame.token)
            self.values.append(self.emit(_GETITEM, (target,), frame.token, (("index", index),)))
        else:
            self.values.append(self.call(frame))

    # ---- values

    def single(self, value: Value, token: int) -> int:
        """A value as one array or number: a list literal becomes an array."""
        if isinstance(value, int):
            return value
        if value.kind == "tuple":
            raise SyntaxProblem(
                "a tuple has no value here",
                self.tokens[value.token].span,
                "tuples only give shapes, axes and indices; write [a, b] for an array",
                code="tuple",
            )
        # Nested lists become arrays from the inside out; an explicit stack, not recursion.
        return self.build(value, _ARRAY, token)

    def static_value(self, value: Value, token: int) -> int:
        """A value as configuration: a Python tuple or list."""
        return value if isinstance(value, int) else self.build(value, _TUPLE, token)

    def build(self, value: Items, op: Op, token: int) -> int:
        pending: list[tuple[Items, list[int]]] = [(value, [])]
        while True:
            items, done = pending[-1]
            if len(done) < len(items.values):
                item = items.values[len(done)]
                if isinstance(item, int):
                    done.append(item)
                elif op is _ARRAY and item.kind == "tuple":
                    self.single(item, token)
                else:
                    pending.append((item, []))
                continue
            pending.pop()
            if not done and op is _ARRAY:
                raise SyntaxProblem(
                    "an empty list has no shape", self.tokens[items.token].span, code="empty-list"
                )
            builder = _LIST if op is _TUPLE and items.kind == "list" else op
            made = self.emit(builder, done, items.token)
            if not pending:
                return made
            pending[-1][1].append(made)

    # ---- names with brackets

    def read_load(self, position: int) -> int:
        """``load("path")`` or ``load("path", "key")``: a constant, read later."""
        tokens = self.tokens
        arguments = []
        at = position + 2
        while at < self.end and tokens[at].kind == "string":
            arguments.append(tokens[at].text[1:-1])
            at += 1
            if tokens[at].text != ",":
                break
            at += 1
        if not 1 <= len(arguments) <= 2 or tokens[at].text != ")" or tokens[at].kind != "op":
            raise CallProblem(
                "load takes a file name in quotes, and for .npz the array's name",
                tokens[position].span,
                'write load("x.npy") or load("data.npz", "x")',
            )
        first, last = tokens[position], tokens[at]
        end = last.end if last.line == first.line else first.end
        span = Span(first.line, first.column, end)
        path, key = arguments[0], arguments[1] if len(arguments) > 1 else ""
        self.values.append(self.capture(self.scope.constant(Load(path, key, span))))
        return at + 1

    def read_attribute(self, position: int) -> int:
        name = self.tokens[position + 1] if position + 1 < self.end else None
        dot = self.tokens[position]
        if name is not None and name.kind == "name" and name.text == "T":
            value = self.single(self.values.pop(), position)
            self.values.append(self.emit(_TRANSPOSE, (value,), position))
            return position + 2
        text = name.text if name is not None and name.kind == "name" else ""
        hint = f"write {text}(x)" if lookup(text) else "the only one is .T, the transpose"
        raise SyntaxProblem(
            f"values have no attribute {text!r}" if text else "nothing can follow this dot",
            Span(dot.line, dot.column, name.end if text and name else dot.end),
            hint,
            code="attribute",
        )

    def call(self, frame: Frame) -> int:
        name = frame.function
        function = self.scope.functions.get(name)
        if function is not None:
            return self.inline(function, frame)
        op = lookup(name)
        token = self.tokens[frame.token]
        if op is None:
            raise self.scope.unknown_function(token)
        operands: list[int] = []
        static: list[tuple[str, int]] = []
        given = bind_row(op, token, frame.items)
        for parameter in op.parameters:
            value = given.get(parameter.name)
            if self.strings and not parameter.worded:
                self.refuse_text(value)
            if parameter.static:
                if value is not None:
                    static.append((parameter.name, self.static_value(value, frame.token)))
            elif parameter.many or parameter.listed:
                assert isinstance(value, Items)
                operands += [self.single(item, frame.token) for item in value.values]
            elif value is not None:
                operands.append(self.single(value, frame.token))
            else:
                operands.append(self.capture(self.scope.constant(float(parameter.default))))
        return self.emit(op, operands, frame.token, tuple(static))

    def refuse_text(self, value: Value | None) -> None:
        """Raise SyntaxProblem where an argument that takes none is a text in quotes."""
        for item in value.values if isinstance(value, Items) else (value,):
            if item is not None and item in self.strings:
                raise self.no_text(self.strings[item])

    def inline(self, function: Function, frame: Frame) -> int:
        """The body of a function of the model, with its arguments in place."""
        given = bind_function(function, self.tokens[frame.token], frame.items)
        registers = [self.single(value, frame.token) for value in given]
        registers += [self.capture(operand) for operand in function.captured]
        for op, args, static, _ in function.form.code:
            registers.append(
                self.emit(
                    op,
                    [registers[a] for a in args],
                    frame.token,
                    tuple([(name, registers[r]) for name, r in static]),
                )
            )
        return registers[function.form.result]

    def unexpected(self, position: int) -> SyntaxProblem:
        token = self.tokens[position]
        if token.kind == "end" or position >= self.end:
            if not position:
                return SyntaxProblem("there is no expression", token.span, code="incomplete")
            before = self.tokens[position - 1]
            return SyntaxProblem(
                "the expression ends too early",
                Span(before.line, before.end, before.end + 1),
                f"something is missing after {before.text!r}",
                code="incomplete",
            )
        hint = ""
        if token.kind in {"name", "number"} or token.text == "(":
            hint = "a product is written with *"
        if token.text == "/" == self.tokens[position - 1].text:
            hint = "x // y is written floor(x / y)"
        if token.text == "=":
            hint = "equality is written =="
        hint = _INSTEAD.get(token.text, hint)
        return SyntaxProblem(f"{token.text!r} is not expected here", token.span, hint)


# Captured references from here on stand for a function's parameters (see _seal).
_PARAMETER = 1 << 40
