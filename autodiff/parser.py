"""Text -> model. The only module that knows what a statement is.

Two ways through. A statement whose *separators* (everything but names and numbers) have been
seen before needs one look-up: its form is known. Any other goes through the lexer and the
expression parser, which also find what is wrong with it. On 100,000 statements the first way
takes about a tenth of the second.
"""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING

from autodiff.claimtext import (
    ambiguous,
    derivative_at,
    is_ambiguous,
    is_claim,
    read_claim,
    read_derivative,
    top_level,
)
from autodiff.errors import (
    CharacterProblem,
    LimitProblem,
    ModelErrors,
    NameProblem,
    Problem,
    SyntaxProblem,
    closest,
)
from autodiff.expressions import KEYWORD_CONSTANTS, parse_expression
from autodiff.lexer import (
    NUMBER,
    Token,
    Unclosed,
    describe,
    first_lookalike,
    logical_line,
    skeleton,
)
from autodiff.limits import LIMITS, Limits, more
from autodiff.ops import TABLE, lookup
from autodiff.source import Source, Span
from autodiff.syntax import Claim, Derivative, Form, Function, Given, Model, Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MAX_PROBLEMS = 100  # one model reports so many and stops
MAX_CACHED = 10_000  # forms; a form longer than MAX_CACHED_PARTS is not worth keeping
MAX_CACHED_PARTS = 400
FLOAT_DIGITS = 16  # characters; a shorter number is the shortest decimal of its float

MODULES = {"np", "numpy", "jnp", "math", "torch", "scipy", "sp", "sympy"}  # np.sin(x), by habit

BLOCK = 1 << 20  # characters that are split at once

# Splits a text into separators and what stands between them: names that are not called, and
# numbers. It need not be exact: the careful way decides what a text means, and remembers the
# separators only if its own operands are those that were split off.
_OPERAND = re.compile(r"([\w.]++(?:(?<=[0-9.][eE])[-+][0-9]+)?(?!\())", re.ASCII)
# The same where no number has a signed exponent: the split takes a fifth less.
_UNSIGNED = re.compile(r"([\w.]++(?!\())", re.ASCII)
_SIGNS = ("e+", "e-", "E+", "E-")
_COMMENT = re.compile(r"(\"[^\"\n]*\"|'[^'\n]*')|#[^\n]*")

_NUMBER = re.compile(NUMBER)

CONSTANTS = {"pi": math.pi, "e": math.e, "inf": math.inf}


def parse(
    source: Source,
    settings: Sequence[tuple[str, str]] = (),
    values: Mapping[str, object] | None = None,
    claims: Source | None = None,
    limits: Limits = LIMITS,
) -> Model:
    """Parse a model.

    Parameters
    ----------
    source   : the file
    settings : ``--set`` pairs (name, expression), each a leaf that the file need not assign,
               or whose value replaces the file's
    values   : numbers and arrays by name, likewise
    claims   : a second text, of claims alone
    limits   : of what the texts may hold

    Raises ModelErrors with everything that is wrong, in the order of the lines.
    """
    return Parser(source, settings, values or {}, claims, limits).parse()


def reader(model: Model) -> Callable[[list[Token], Claim], Claim]:
    """Reads changed tokens of a claim of a parsed model; raises Problem as the parser does."""
    parser = _resumed(model)

    def read(tokens: list[Token], claim: Claim) -> Claim:
        return read_claim(tokens, claim.text, parser, claim.origin)[claim.link]

    return read


def further_claims(model: Model, lines: Sequence[str]) -> list[list[Claim] | Problem]:
    """Claims that are not in the text of a parsed model, by line: what each says, or its error."""
    parser = _resumed(model)
    found: list[list[Claim] | Problem] = []
    for number, line in enumerate(lines, 1):
        try:
            tokens, _ = logical_line([line], 1)
            if not is_claim(tokens):
                raise SyntaxProblem(f"{line!r} is no claim")
            found.append([c._replace(line=number) for c in read_claim(tokens, line, parser)])
        except Problem as problem:
            found.append(problem)
    return found


def _resumed(model: Model) -> Parser:
    """A parser that has read ``model``."""
    parser = Parser(model.sources[0], (), {}, limits=model.limits)
    parser.ids.update(model.index)
    parser.statements, parser.constants = model.statements, model.constants
    parser.functions = model.functions
    for name, value in CONSTANTS.items():
        if name not in model.index:
            parser.ids[name] = parser.constant(value)
    return parser


def claim_tokens(model: Model, claim: Claim) -> list[Token]:
    """The tokens of a claim, read again."""
    lines = model.sources[claim.origin].lines
    tokens, _ = logical_line(lines, claim.line, limits=model.limits)
    return tokens


def tokens_of(model: Model, statement: Statement) -> list[Token]:
    """The tokens of one statement, read again. `Instruction.token` indexes its right side."""
    lines = model.sources[statement.origin].lines
    tokens, _ = logical_line(lines, statement.line, limits=model.limits)
    return tokens


def locate(model: Model, statement: Statement, token: int) -> Span:
    """Where the ``token``-th token of a statement's right-hand side stands."""
    tokens = tokens_of(model, statement)
    start = 0 if statement.origin else 2  # after `name =`
    return tokens[min(start + token, len(tokens) - 1)].span


class Parser:
    """The state of one parse: names, constants, functions, and the forms met so far."""

    def __init__(
        self,
        source: Source,
        settings: Sequence[tuple[str, str]],
        values: Mapping[str, object],
        claims: Source | None = None,
        limits: Limits = LIMITS,
    ) -> None:
        # Names from outside are spelled as those of the text are.
        settings = [(unicodedata.normalize("NFKC", name), text) for name, text in settings]
        values = {unicodedata.normalize("NFKC", str(k)): value for k, value in values.items()}
        self.source = source
        self.limits = limits
        self.settings = settings
        self.values = values
        self.setting = False  # whether a --set is being read
        self.broken: set[str] = set()  # functions with an error of their own
        self.sources = [source]
        self.statements: list[Statement] = []
        self.constants: list[object] = []
        self.digits: dict[int, str] = {}
        # Every operand text met: names map to their statement, numbers below 0.
        self.ids: dict[str, int] = {}
        self.functions: dict[str, Function] = {}
        self.claims = claims
        self.claim_tokens: list[tuple[list[Token], int]] = []  # and the text they stand in
        self.problems: list[Problem] = []
        # By separators: the form, what it captures, and how many lines it ends.
        self.forms: dict[tuple[str, ...], tuple[Form, tuple[int, ...], int]] = {}
        self.interned: dict[object, Form] = {}
        self.overrides: dict[str, int] = {}  # names that --set or --values supply
        self.reserved = {*KEYWORD_CONSTANTS, *values, *(name for name, _ in settings)}
        self.skeletons: dict[str, str] = {}
        self.differentials = False  # whether a name like dx has been assigned
        self.joins = True
        self.next_line = 1  # where the statement after the one being read starts
        self.constant_texts: list[str] = []  # those of `ids` that are no names
        for name, value in CONSTANTS.items():
            if name not in values:
                self.ids[name] = self.constant(value)
                self.constant_texts.append(name)

    # ---- the whole file

    def parse(self) -> Model:
        self.read_settings()
        text = self.source.text
        if "\r" in text:
            text = "\n".join(self.source.lines)
        if "#" in text:
            text = _COMMENT.sub(lambda found: found[1] or "", text)
        line, position = 1, 0
        while position < len(text) and len(self.problems) < MAX_PROBLEMS:
            end = text.find("\n", position + BLOCK)
            end = len(text) if end < 0 else end
            line = self.block(text[position:end], line)
            position = end + 1
            if len(self.statements) > self.limits.statements:
                self.problems.append(self.too_many())
                break
        if self.claims is not None:
            self.read_second_text(self.claims)
        claims = self.read_claims()
        if self.problems:
            self.problems.sort(key=lambda p: p.span or Span(0, 0, 0))
            raise ModelErrors(self.problems, self.source)
        return Model(
            tuple(self.sources),
            self.statements,
            self.constants,
            self.names(),
            self.functions,
            tuple(claims),
            self.digits,
            self.limits,
        )

    def too_many(self) -> LimitProblem:
        """The problem of the first statement beyond the limit."""
        most = self.limits.statements
        line = self.statements[most].line
        message = f"this is statement {most + 1:,}; the limit is {most:,}"
        return LimitProblem(message, Span(line, 1, 2), more("statements"))

    def names(self) -> dict[str, int]:
        """The statement of every assigned name: `ids` without numbers and constants."""
        for text in self.constant_texts:
            if self.ids[text] < 0:
                del self.ids[text]
        return self.ids

    def block(self, text: str, line: int) -> int:
        """Read whole lines, the first of which is line ``line``; returns the line after them.

        The lines are split all at once, which costs a third of splitting them one by one:
        ``separators[k]`` stands before ``texts[k]``, and a new line is inside a separator.
        """
        signed = any(sign in text for sign in _SIGNS)
        parts = (_OPERAND if signed else _UNSIGNED).split(f"\n{text}\n")
        separators, texts = parts[::2], parts[1::2]
        ids, forms, reserved, statements = self.ids, self.forms, self.reserved, self.statements
        append, new, new_tuple = statements.append, Statement, tuple.__new__
        known_id = ids.__getitem__  # a list comprehension is a call in CPython 3.11; map is not
        ends = [k for k, separator in enumerate(separators) if "\n" in separator]
        first = ends[0]
        line = self.between(separators[first], line - 1)
        next_line, differentials = self.next_line, self.differentials
        longest = self.limits.name
        for last in ends[1:]:
            key = tuple(separators[first : last + 1])
            known = forms.get(key)
            start, first = first, last
            if known is not None and line >= next_line:
                form, captured, lines = known
                target = texts[start]
                operands: tuple[int, ...] | None
                try:
                    operands = tuple(map(known_id, texts[start + 1 : last]))
                except KeyError:
                    operands = self.operands(texts[start + 1 : last])
                if (
                    operands is not None
                    and ids.get(target, -1) < 0
                    and target not in reserved
                    and target.isidentifier()
                    and len(target) <= longest
                    and not (differentials and "/" in key)
                ):
                    ids[target] = len(statements)
                    if target[0] == "d" and len(target) > 1:
                        self.differentials = differentials = True
                    if captured:
                        operands += captured
                    # Statement(…) would check its arguments by name: twice the time.
                    append(new_tuple(new, (target, form, operands, line, 0)))
                    line += lines
                    continue
            if line >= next_line:  # else inside a statement that was read the careful way
                self.careful(line, key, texts[start:last])
            line = self.between(separators[last], line)
            next_line, differentials = self.next_line, self.differentials
        return line

    def between(self, separator: str, line: int) -> int:
        """The line after a separator that starts on ``line``.

        Lines without a name or a number ("???") are inside a separator: they are read too.
        """
        inner = separator.split("\n")[1:-1]
        for number, text in enumerate(inner, line + 1):
            if number >= self.next_line and text and not text.isspace():
                self.careful(number, (), [])
        return line + len(inner) + 1

    def operands(self, texts: list[str]) -> tuple[int, ...] | None:
        """What names and numbers stand for, new numbers too; None where a name is not known."""
        ids = self.ids
        for text in texts:
            if text not in ids:
                if not _NUMBER.fullmatch(text) or len(text) > self.limits.number:
                    return None
                ids[text] = self.numeral(text)
        return tuple([ids[text] for text in texts])

    def careful(self, number: int, separators: tuple[str, ...], texts: list[str]) -> None:
        """Read the logical line that starts on line ``number`` by the lexer and the parser."""
        lines = self.source.lines
        self.next_line = number + 1
        if len(self.problems) >= MAX_PROBLEMS:
            return
        try:
            tokens, self.next_line = logical_line(
                lines, number, joins=self.joins, limits=self.limits
            )
            if len(tokens) > 1:
                self.statement(tokens, separators, texts)
        except Unclosed as problem:
            # The lines after it are read as statements of their own: they may be sound. Where
            # the bracket stayed open to the end of the text, lines do not join any more, or a
            # file of "(((" lines would be read over and over.
            self.joins = self.joins and problem.resume is not None
            self.next_line = problem.resume or number + 1
            self.problem(problem, number)
        except Problem as problem:
            self.next_line = problem.resume or self.next_line
            self.problem(problem, number)

    def problem(self, problem: Problem, number: int) -> None:
        """Note a problem, and define the statement's name so that its uses are not errors too."""
        span = problem.span
        called = self.source.line(span.line)[span.column - 1 : span.end - 1] if span else ""
        if problem.code != "unknown-function" or called not in self.broken:
            self.problems.append(problem)
        found = re.match(r"\s*([^\W\d]\w*)\s*(\([^()]*\)\s*)?=(?!=)", self.source.line(number))
        if found and found[2]:
            self.broken.add(found[1])
        elif found and self.ids.get(found[1], -1) < 0:
            self.define(found[1], _NOTHING, (), number)

    # ---- statements

    def statement(self, tokens: list[Token], separators: tuple[str, ...], texts: list[str]) -> None:
        first, second = tokens[0], tokens[1]
        equals = top_level(tokens, "=")
        if not equals:
            self.claim_or_nothing(tokens)
        elif len(equals) > 1:
            raise SyntaxProblem(
                "a statement has one '='",
                tokens[equals[1]].span,
                "equality is written ==",
                code="two-equals",
            )
        elif first.kind == "name" and equals[0] == 1:
            self.assignment(tokens, separators, texts)
        elif first.kind == "name" and second.text == "(" and tokens[equals[0] - 1].text == ")":
            self.function(tokens, equals[0])
        else:
            span = Span(first.line, first.column, tokens[equals[0] - 1].end)
            if derivative_at(tokens, 0):
                raise SyntaxProblem(
                    "a derivative is not assigned",
                    span,
                    "to claim what it is, write == instead of =",
                    code="assigned-derivative",
                )
            raise SyntaxProblem(
                "only a name can stand left of '='", span, "write name = expression", code="target"
            )

    def assignment(
        self, tokens: list[Token], separators: tuple[str, ...], texts: list[str]
    ) -> None:
        target = tokens[0]
        name = target.text
        self.check_target(target)
        for k in range(2, len(tokens) - 1):
            if derivative_at(tokens, k):
                above, below = tokens[k], tokens[k + 2]
                if is_ambiguous(above.text, below.text, self):
                    raise ambiguous(above, below)
                if not (self.is_name(above.text) or self.is_name(below.text)):
                    raise NameProblem(
                        f"{above.text}/{below.text} is a derivative: it cannot be computed with",
                        Span(above.line, above.column, below.end),
                        f"derivatives stand in claims: {above.text}/{below.text} == …",
                        code="derivative",
                    )
        parsed = parse_expression(tokens, 2, len(tokens) - 1, self)
        form, operands = self.intern(parsed.form), parsed.operands + parsed.captured
        assert not any(isinstance(operand, Derivative) for operand in operands)
        plain: tuple[int, ...] = operands  # type: ignore[assignment]  # see the assert above
        is_leaf = all(operand < 0 for operand in plain)
        if name in self.overrides or name in self.values:
            if not is_leaf:
                raise NameProblem(
                    f"{name!r} is computed here, and a value is given for it from outside",
                    target.span,
                    "--set and --values can only supply or replace leaves",
                    code="override",
                )
            if name in self.overrides:
                if self.overrides[name]:
                    self.overrides[name] = 0
                    return
            else:
                self.supply(name, target.line)
                return
        previous = self.ids.get(name, -1)
        if previous >= 0:
            raise self.already(target, self.statements[previous])
        self.define(name, form, plain, target.line)
        if (
            texts == [name, *parsed.texts]
            and len(separators) <= MAX_CACHED_PARTS
            and len(self.forms) < MAX_CACHED
            and "".join(separators).isascii()
            and not "".join(separators[-1].split("\n")[1:-1]).strip()
        ):
            lines = separators[-1].count("\n")
            self.forms[separators] = (form, parsed.captured, lines)

    def check_target(self, token: Token) -> None:
        name = token.text
        if name in KEYWORD_CONSTANTS or name.startswith("∂"):
            raise NameProblem(f"{name!r} cannot be assigned", token.span, code="reserved-name")
        if not name.isascii() or self.skeletons:
            twin = self.skeletons.setdefault(skeleton(name), name)
            if twin == name and skeleton(name) in self.ids and skeleton(name) != name:
                twin = skeleton(name)
            if twin != name:
                char = first_lookalike(name) or first_lookalike(twin)
                raise CharacterProblem(
                    f"{name!r} looks like {twin!r}: {describe(char)}",
                    token.span,
                    "give one of them another name",
                    code="lookalike",
                )

    def already(self, token: Token, previous: Statement) -> NameProblem:
        line = self.sources[previous.origin].line(previous.line).strip()
        if len(line) > 60:
            line = line[:57] + "..."
        return NameProblem(
            f"{token.text!r} is assigned twice",
            token.span,
            f"line {previous.line} has it first: {line}",
            code="assigned-twice",
        )

    def define(
        self, name: str, form: Form, operands: tuple[int, ...], line: int, origin: int = 0
    ) -> None:
        self.ids[name] = len(self.statements)
        self.statements.append(Statement(name, form, operands, line, origin))
        if name[0] == "d" and len(name) > 1:
            self.differentials = True

    def intern(self, form: Form) -> Form:
        """One form for the same code, however it is spaced."""
        code = tuple((i.op, i.args, i.static, i.token) for i in form.code)
        return self.interned.setdefault((form.slots, code, form.result), form)

    def function(self, tokens: list[Token], equals: int) -> None:
        name = tokens[0]
        inner = tokens[2 : equals - 1]
        params = inner[::2]
        commas = inner[1::2]
        if (
            not params
            or len(inner) % 2 == 0
            or any(t.kind != "name" for t in params)
            or any(t.text != "," for t in commas)
        ):
            raise SyntaxProblem(
                "a function is defined by names in brackets",
                name.span,
                "write f(x, y) = expression",
                code="function",
            )
        names = tuple(t.text for t in params)
        if len(set(names)) < len(names):
            raise NameProblem("a parameter stands twice", name.span, code="assigned-twice")
        if name.text in self.functions:
            line = self.functions[name.text].line
            raise NameProblem(
                f"the function {name.text!r} is defined twice",
                name.span,
                f"line {line} has it first",
                code="assigned-twice",
            )
        if name.text in {"load", "close"}:
            raise NameProblem(f"{name.text!r} cannot be redefined", name.span, code="reserved-name")
        for k in range(equals + 1, len(tokens) - 1):
            if tokens[k].text == name.text and tokens[k + 1].text == "(":
                raise SyntaxProblem(
                    f"{name.text!r} calls itself",
                    tokens[k].span,
                    "a function is one expression and cannot be recursive",
                    code="recursive",
                )
        parsed = parse_expression(tokens, equals + 1, len(tokens) - 1, self, names)
        captured = parsed.operands + parsed.captured
        self.functions[name.text] = Function(
            name.text,
            names,
            parsed.form,
            captured,  # type: ignore[arg-type]  # no derivatives outside claims
            name.line,
        )
        # A form met before may call a row of the same name.
        self.forms.clear()

    # ---- claims

    def claim_or_nothing(self, tokens: list[Token]) -> None:
        if is_claim(tokens):
            # Claims may use names assigned below them, so they are read last.
            self.claim_tokens.append((tokens, 0))
            return
        first, last = tokens[0], tokens[-2]
        end = last.end if last.line == first.line else first.end
        hint = "write name = expression, or lhs == rhs"
        operators = {token.text for token in tokens if token.kind == "op"}
        if "==" in operators:
            hint = "a claim has no brackets around it: lhs == rhs"
        elif operators & {"<", ">", "<=", ">=", "!="}:
            hint = "only equality can be claimed: lhs == rhs"
        raise SyntaxProblem(
            "this is neither an assignment nor a claim",
            Span(first.line, first.column, end),
            hint,
            code="statement",
        )

    def read_second_text(self, source: Source) -> None:
        """The claims of a file of claims; anything else in it is an error."""
        origin = len(self.sources)
        self.sources.append(source)
        number = 1
        while number <= len(source.lines) and len(self.problems) < MAX_PROBLEMS:
            following = number + 1
            try:
                tokens, following = logical_line(source.lines, number, limits=self.limits)
                if len(tokens) > 1:
                    if not is_claim(tokens):
                        raise SyntaxProblem(
                            "this is not a claim",
                            tokens[0].span,
                            "a file of claims holds lhs == rhs; names are assigned in the model",
                            code="statement",
                        )
                    self.claim_tokens.append((tokens, origin))
            except Problem as problem:
                problem.source = source
                following = problem.resume or following
                self.problems.append(problem)
            number = following

    def read_claims(self) -> list[Claim]:
        found: list[Claim] = []
        for tokens, origin in self.claim_tokens:
            source = self.sources[origin]
            lines = source.lines[tokens[0].line - 1 : tokens[-2].line]
            text = " ".join(line.partition("#")[0].strip() for line in lines)
            try:
                found += read_claim(tokens, text, self, origin)
            except Problem as problem:
                problem.source = source if origin else None
                self.problems.append(problem)
        return found

    # ---- names and constants (what an expression may refer to)

    def constant(self, value: object) -> int:
        self.constants.append(value)
        return -len(self.constants)

    def number(self, token: Token) -> int:
        known = self.ids.get(token.text)
        if known is None:
            known = self.ids[token.text] = self.numeral(token.text)
        return known

    def numeral(self, text: str) -> int:
        """The constant of a number that is met for the first time."""
        value = float(text)
        operand = self.constant(value)
        self.constant_texts.append(text)
        if len(text) >= FLOAT_DIGITS or not value or value == math.inf:  # 1e-400 is 0 in floats
            self.digits[operand] = text
        return operand

    def operand(self, token: Token) -> int | Derivative:
        name = token.text
        if token.kind == "derivative":
            return read_derivative(token, self)
        known = self.ids.get(name)
        if known is not None:
            return known
        if name in self.values:
            return self.supply(name, token.line)
        raise self.unknown(token)

    def unknown(self, token: Token) -> NameProblem:
        name = token.text
        if self.setting:
            hint = "a --set sees what stands in a --set before it, not the file"
            return NameProblem(f"{name!r} is not assigned", token.span, hint)
        later = re.search(rf"^[ \t]*{re.escape(name)}[ \t]*=(?!=)", self.source.text, re.MULTILINE)
        if later:
            line = self.source.text.count("\n", 0, later.start()) + 1
            here = line == token.line
            return NameProblem(
                f"{name!r} is used in its own assignment"
                if here
                else f"{name!r} is used before it is assigned",
                token.span,
                "every name has one value" if here else f"it is assigned on line {line}",
                code="used-before-assigned",
            )
        char = first_lookalike(name)
        close = closest(skeleton(name), [n for n in self.ids if n.isidentifier()])
        hint = f"did you mean {close!r}?" if close else f"supply it with --set {name}=…"
        if char and close:
            hint = f"{describe(char)} is not {skeleton(char)!r}; {hint}"
        if name in self.functions or lookup(name):
            hint = f"it is a function: write {name}(…)"
        if name in MODULES:
            hint = "functions are called by their names alone: sin(x)"
        if name[0] in "d∂" and self.is_name(name[1:]):
            hint = f"a derivative is written without spaces: {name}/{name[0]}x"
        if name[0].isdigit():
            hint = "second derivatives cannot be claimed"
        return NameProblem(f"{name!r} is not assigned", token.span, hint)

    def supply(self, name: str, line: int) -> int:
        """Define a name that ``--values`` gives, where the file first mentions it."""
        if name not in self.ids or self.ids[name] < 0:
            constant = self.constant(Given(name, self.values[name]))
            self.define(name, self.intern(Form(1, (), 0)), (constant,), line)
        return self.ids[name]

    def read_settings(self) -> None:
        """``--set`` assignments come before the file, each in a text of its own."""
        self.setting = True
        for name, text in self.settings:
            source = Source(text, f"--set {name}")
            self.sources.append(source)
            origin = len(self.sources) - 1
            try:
                if not name.isidentifier() or name in KEYWORD_CONSTANTS:
                    raise NameProblem(f"{name!r} is not a name", None, "write --set name=value")
                if self.ids.get(name, -1) >= 0:
                    raise NameProblem(f"{name!r} is set twice", None, code="assigned-twice")
                tokens, following = logical_line(source.lines, 1, limits=self.limits)
                if following <= len(source.lines):
                    raise SyntaxProblem("one expression, on one line", Span(2, 1, 2))
                parsed = parse_expression(tokens, 0, len(tokens) - 1, self)
                operands = parsed.operands + parsed.captured
                self.define(name, self.intern(parsed.form), operands, 1, origin)  # type: ignore[arg-type]  # no derivatives
                self.overrides[name] = 1
            except Problem as problem:
                problem.source = source
                self.problems.append(problem)
                if name.isidentifier() and self.ids.get(name, -1) < 0:
                    self.define(name, _NOTHING, (), 1, origin)
                    self.overrides[name] = 1
        self.setting = False

    def is_name(self, name: str) -> bool:
        """Whether a variable of that name has been assigned."""
        return self.ids.get(name, -1) >= 0

    def unknown_function(self, token: Token) -> NameProblem:
        """The error for a call of something that is not a function."""
        name = token.text
        later = re.search(
            rf"^[ \t]*{re.escape(name)}[ \t]*\([^()]*\)[ \t]*=(?!=)",
            self.source.text,
            re.MULTILINE,
        )
        close = closest(name, [*self.functions, *(n for n, op in TABLE.items() if not op.hidden)])
        if name in {"d", "∂", "D"}:
            hint = "a derivative is written dL/dx"
        elif self.is_name(name):
            hint = f"{name} is a variable; a product is written {name} * (…)"
        elif later:
            line = self.source.text.count("\n", 0, later.start()) + 1
            hint = f"it is defined on line {line}: functions come before their use"
        else:
            hint = f"did you mean {close!r}?" if close else "gradpath ops lists the functions"
        return NameProblem(f"{name!r} is not a function", token.span, hint, code="unknown-function")


_NOTHING = Form(0, (), 0)  # stands in for a statement with an error; never evaluated
