"""Reads a formula that is written as text, and has a target set it, piece by piece.

An operator-precedence reader: it keeps stacks of its own, so no nesting is too deep for it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Protocol

from autodiff.typeset import signs

if TYPE_CHECKING:
    from collections.abc import Sequence

LIMIT = 20_000  # characters; what is longer is set as text


class Target(Protocol):
    """What sets the pieces. Pieces are strings of markup; texts are not, and get escaped."""

    def number(self, digits: str, exponent: str) -> str:
        """``digits``·10^``exponent``; the exponent may be ""."""

    def name(self, name: str, mark: str = "") -> str:
        """A variable, after ``mark``: the d or ∂ of a derivative."""

    def function(self, name: str) -> str:
        """The name of a function."""

    def text(self, text: str) -> str:
        """Words, as they are."""

    def sign(self, pair: tuple[str, str]) -> str:
        """A sign of `signs`."""

    def row(self, pieces: Sequence[str]) -> str:
        """Pieces beside each other."""

    def fenced(self, opening: str, inside: str, closing: str, tall: bool) -> str:
        """Something in brackets, which grow if it is tall."""

    def barred(self, bar: tuple[str, str], inside: str) -> str:
        """|x|."""

    def fraction(self, above: str, below: str) -> str: ...

    def power(self, base: str, exponent: str) -> str: ...

    def root(self, inside: str) -> str: ...

    def transposed(self, base: str) -> str: ...

    def indexed(self, base: str, index: str) -> str:
        """x[i, j]."""


class Piece(NamedTuple):
    """Something set.

    bare : what it is without its own brackets, "" where it has none
    tall : whether it is higher than a line
    atom : whether it is one name, and needs no brackets before an exponent
    loose: whether it needs brackets there though the text has none: 1·10⁻⁵ for 1e-05
    """

    text: str
    bare: str = ""
    tall: bool = False
    atom: bool = False
    loose: bool = False

    @property
    def inside(self) -> str:
        return self.bare or self.text


class _Open(NamedTuple):
    """An open bracket on the stack of operators, and how many operands lie below it."""

    kind: str  # "(", "[", "|", "call", "index"
    depth: int
    name: str = ""


class Unreadable(Exception):
    """The text is not a formula."""


# A name of a model, an operation of it (c.2), or the cotangent of either (c̄).
RAISED = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"  # its digits are letters to a regular expression
NAME = rf"[^\W\dᵀ{RAISED}](?:[^\Wᵀ{RAISED}]|[\u0300-\u036f])*(?:\.[0-9]+\u0304?)?"

_TOKEN = re.compile(
    rf"""\s*(?:
    (?P<number>(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?![^\W\d_]))
  | (?P<derivative>(?<![\w)\]])[d∂]{NAME}/[d∂]{NAME}
    (?!\s*[(\w]))
  | (?P<name>{NAME})
  | (?P<raised>[{RAISED}]+)
  | (?P<transpose>\.T\b|ᵀ)
  | (?P<string>"[^"\n]*")
  | (?P<sign>\*\*|->|==|!=|<=|>=|\.\.\.|[-+*/@<>=(),\[\]:|√∞…−·×→^])
    )""",
    re.VERBOSE,
)
_LOWERED = str.maketrans(RAISED, "-0123456789")

_LEVELS = (("=",), (":",), ("or",), ("and",), ("==", "!=", "<", ">", "<=", ">=", "→"), ("+", "−"))
BINDS = {sign: level for level, row in enumerate(_LEVELS, 1) for sign in row}
MINUS, PRODUCT, POWER, ROOT = 7, 8, 9, 10
BINDS |= dict.fromkeys(("·", "×", "@", "/"), PRODUCT) | {"**": POWER}
_NOT = 4  # looser than comparisons


def typeset(text: str, target: Target) -> str:
    """``text`` as ``target`` sets it; as plain text where it is not a formula."""
    if len(text) <= LIMIT:
        try:
            return _Reader(text, target).read()
        except Unreadable:
            pass
    return target.text(text)


class _Reader:
    def __init__(self, text: str, target: Target) -> None:
        self.source, self.target = text, target
        self.operands: list[Piece] = []
        self.operators: list[tuple[str, int] | _Open] = []
        self.wanted = True  # whether an operand comes next

    def read(self) -> str:
        source = self.source.rstrip()
        end = 0
        while end < len(source):
            found = _TOKEN.match(source, end)
            if found is None:
                raise Unreadable
            kind = found.lastgroup or ""
            token = found[kind]
            end = found.end()
            if kind == "sign":
                self.sign(signs.SAME.get(token, token).replace("^", "**"))
            elif kind == "name" and token in {"and", "or"} and not self.wanted:
                self.infix(token)
            elif kind == "name" and token == "not" and self.wanted:
                self.operators.append((token, _NOT))
            elif kind == "name" and source.startswith("(", end):
                self.want()
                self.operators.append(_Open("call", len(self.operands), token))
                end += 1
            elif kind in {"raised", "transpose"}:
                self.postfix(kind, token)
            else:
                self.atom(kind, token)
        self.reduce(0)
        if self.operators or self.wanted:
            raise Unreadable
        return self.listed(self.operands).text

    def want(self) -> None:
        """An operand may begin here."""
        if not self.wanted:
            raise Unreadable

    def push(self, text: str, bare: str = "", *, tall: bool = False, atom: bool = False) -> None:
        """An operand, which a root before it takes at once."""
        self.operands.append(Piece(text, bare, tall, atom))
        self.wanted = False
        while self.operators and self.operators[-1] == ("√", ROOT):
            self.operators.pop()
            inside = self.operands.pop()
            self.operands.append(Piece(self.target.root(inside.inside), tall=inside.tall))

    def atom(self, kind: str, token: str) -> None:
        self.want()
        target = self.target
        if kind == "number":
            digits, _, exponent = token.partition("e")
            exponent = str(int(exponent)) if exponent else ""
            self.push(target.number(digits, exponent))
            self.operands[-1] = self.operands[-1]._replace(loose=bool(exponent))
        elif kind == "derivative":
            above, _, below = token.partition("/")
            parts = (target.name(part[1:], part[0]) for part in (above, below))
            self.push(target.fraction(*parts), tall=True)
        elif kind == "string":
            self.push(target.text(token))
        elif token in signs.ATOMS:
            self.push(target.sign(signs.ATOMS[token]))
        else:
            self.push(target.name(token), atom=True)

    def sign(self, token: str) -> None:
        if token in signs.ATOMS:
            self.atom("sign", token)
        elif token == "√":
            self.want()
            self.operators.append((token, ROOT))
        elif token == "|":
            if self.wanted:
                self.operators.append(_Open("|", len(self.operands)))
            else:
                self.close("|")
        elif token in "([":
            kind = token
            if token == "[" and not self.wanted:
                kind = "index"
            elif not self.wanted:
                raise Unreadable
            self.operators.append(_Open(kind, len(self.operands)))
            self.wanted = True
        elif token in ")]":
            self.close(token)
        elif token == ",":
            self.fill()
            if self.wanted:
                raise Unreadable
            self.reduce(0)
            self.wanted = True
        elif token == ":":
            if self.wanted:
                self.push("")
            self.infix(token)
        elif self.wanted and token in signs.PREFIX:
            self.operators.append((f"prefix {token}", MINUS))
        else:
            self.infix(token)

    def fill(self) -> None:
        """A slice may end with its colon: ``x[1:]``."""
        if self.wanted and self.operators and self.operators[-1] == (":", BINDS[":"]):
            self.push("")

    def infix(self, token: str) -> None:
        if self.wanted or token not in BINDS:
            raise Unreadable
        binds = BINDS[token]
        self.reduce(binds + 1 if token == "**" else binds)
        self.operators.append((token, binds))
        self.wanted = True

    def postfix(self, kind: str, token: str) -> None:
        if self.wanted:
            raise Unreadable
        base = self.operands.pop()
        if kind == "transpose":
            text = self.target.transposed(base.text)
        else:
            exponent = token.translate(_LOWERED)
            if not exponent.removeprefix("-").isdigit():
                raise Unreadable
            pieces = [self.target.number(exponent.removeprefix("-"), "")]
            if exponent.startswith("-"):
                pieces.insert(0, self.target.sign(signs.PREFIX["−"]))
            text = self.target.power(self.base(base), self.target.row(pieces))
        self.operands.append(Piece(text, tall=base.tall))

    def base(self, piece: Piece) -> str:
        """What an exponent is put on."""
        return self.target.fenced("(", piece.text, ")", False) if piece.loose else piece.text

    def reduce(self, binds: int) -> None:
        """Apply the operators on the stack that bind at least as tightly, down to a bracket."""
        target, operands = self.target, self.operands
        while self.operators and not isinstance(self.operators[-1], _Open):
            sign, level = self.operators[-1]
            if level < binds:
                return
            self.operators.pop()
            if self.wanted:
                raise Unreadable
            right = operands.pop()
            if sign == "not" or sign.startswith("prefix"):
                lead = target.sign(signs.PREFIX[sign.removeprefix("prefix ")])
                operands.append(Piece(target.row([lead, right.text]), tall=right.tall))
                continue
            left = operands.pop()
            if sign == "/":
                operands.append(Piece(target.fraction(left.inside, right.inside), tall=True))
            elif sign == "**":
                operands.append(Piece(target.power(self.base(left), right.inside), tall=left.tall))
            else:
                row = [left.text, target.sign(signs.OPERATORS[sign]), right.text]
                operands.append(Piece(target.row(row), tall=left.tall or right.tall))

    def close(self, token: str) -> None:
        self.fill()
        self.reduce(0)
        if not self.operators:
            raise Unreadable
        opening = self.operators.pop()
        assert isinstance(opening, _Open)
        ends = {"(": ")", "call": ")", "[": "]", "index": "]", "|": "|"}
        inside = self.operands[opening.depth :]
        if ends[opening.kind] != token:
            raise Unreadable
        if opening.kind == "index":
            self.index(inside)
            return
        del self.operands[opening.depth :]
        self.wanted = True
        if opening.kind == "call":
            self.call(opening.name, inside)
        elif opening.kind == "|":
            bare = self.one(inside)
            self.push(self.target.barred(signs.BARS["abs"], bare.text), tall=bare.tall)
        else:
            self.group(opening.kind, token, inside)

    def one(self, pieces: Sequence[Piece]) -> Piece:
        if len(pieces) != 1:
            raise Unreadable
        return pieces[0]

    def listed(self, pieces: Sequence[Piece]) -> Piece:
        """Pieces with commas between them."""
        row: list[str] = []
        for piece in pieces:
            row.extend(
                [self.target.sign(signs.OPERATORS[","]), piece.text] if row else [piece.text]
            )
        return Piece(self.target.row(row), tall=any(piece.tall for piece in pieces))

    def group(self, opening: str, closing: str, inside: Sequence[Piece]) -> None:
        content = self.listed(inside)
        text = self.target.fenced(opening, content.text, closing, content.tall)
        bare = content.text if opening == "(" and len(inside) == 1 else ""
        self.push(text, bare, tall=content.tall)

    def call(self, name: str, args: Sequence[Piece]) -> None:
        target = self.target
        content = self.listed(args)
        if name in signs.ROOTS and len(args) == 1:
            self.push(target.root(content.text), tall=content.tall)
        elif name in signs.BARS and len(args) == 1:
            self.push(target.barred(signs.BARS[name], content.text), tall=content.tall)
        elif name == signs.INVERSE and len(args) == 1:
            base = content.text if args[0].atom else target.fenced("(", content.text, ")", False)
            minus_one = [target.sign(signs.PREFIX["−"]), target.number("1", "")]
            self.push(target.power(base, target.row(minus_one)), tall=content.tall)
        else:
            inside = target.fenced("(", content.text, ")", content.tall)
            self.push(target.row([target.function(name), inside]), tall=content.tall)

    def index(self, inside: Sequence[Piece]) -> None:
        if not inside:
            raise Unreadable
        base = self.operands[-len(inside) - 1]
        del self.operands[-len(inside) - 1 :]
        self.wanted = True
        self.push(self.target.indexed(base.text, self.listed(inside).text), tall=base.tall)
