"""Claims: statements ``lhs == rhs``, with derivative terms ``dY/dX`` on either side.

Reads them; does not verify them.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Protocol

from autodiff.errors import NameProblem, SyntaxProblem
from autodiff.expressions import Scope, parse_expression
from autodiff.lexer import Token
from autodiff.source import Span
from autodiff.syntax import Claim, Derivative, Side

RTOL = 1e-9  # of close(lhs, rhs) without a third argument


class Names(Scope, Protocol):
    """What a claim may refer to: an expression's scope, and which names there are."""

    def is_name(self, name: str) -> bool:
        """Whether a variable of that name has been assigned."""

    def unknown(self, token: Token) -> NameProblem:
        """The error for a name that has not been assigned."""


def is_claim(tokens: list[Token]) -> bool:
    """Whether a statement without ``=`` is a claim."""
    return bool(top_level(tokens, "==")) or (tokens[0].text == "close" and tokens[1].text == "(")


def read_claim(tokens: list[Token], text: str, names: Names, origin: int = 0) -> list[Claim]:
    """The claims of one statement: ``a == b == c`` makes two. Raises the first Problem met."""
    joined = join_derivatives(tokens, names)
    first, end = tokens[0], len(joined) - 1
    last = max(token.end for token in tokens[:-1] if token.line == first.line)
    written = (text, first.line, first.column, last)

    def side(start: int, stop: int) -> Side:
        parsed = parse_expression(joined, start, stop, names)
        return Side(parsed.form, parsed.operands + parsed.captured)

    if joined[0].text != "close":
        bounds = [-1, *top_level(joined, "=="), end]
        sides = [side(a + 1, b) for a, b in pairwise(bounds)]
        return [
            Claim(*written, a, b, None, origin, link) for link, (a, b) in enumerate(pairwise(sides))
        ]
    cuts = top_level(joined, ",", depth=1)
    if len(cuts) not in {1, 2} or joined[end - 1].text != ")":
        raise SyntaxProblem(
            "close takes two sides and a relative tolerance",
            joined[0].span,
            "write close(lhs, rhs, 1e-6)",
            code="close",
        )
    rtol = RTOL
    if len(cuts) == 2:
        given = joined[cuts[1] + 1 : end - 1]
        if len(given) != 1 or given[0].kind != "number":
            place = given[0].span if given else joined[end - 1].span
            raise SyntaxProblem("the tolerance is a number", place, code="close")
        rtol = float(given[0].text)
    lhs, rhs = [side(a + 1, b) for a, b in pairwise([1, *cuts, end - 1][:3])]
    return [Claim(*written, lhs, rhs, rtol, origin)]


def is_ambiguous(above: str, below: str, names: Names) -> bool:
    """Whether ``dY/dX`` may be read as a derivative and as a quotient of names."""
    return all(map(names.is_name, (above, below, above[1:], below[1:])))


def join_derivatives(tokens: list[Token], names: Names) -> list[Token]:
    """``tokens`` with every ``dY/dX`` made one token of kind ``derivative``."""
    joined = []
    k = 0
    while k < len(tokens):
        if derivative_at(tokens, k):
            above, below = tokens[k], tokens[k + 2]
            if is_ambiguous(above.text, below.text, names):
                raise ambiguous(above, below)
            # Where dY and dX are names and Y and X are not, it is their quotient.
            if not (names.is_name(above.text) and names.is_name(below.text)):
                text = f"{above.text}/{below.text}"
                joined.append(Token("derivative", text, above.line, above.column, below.end))
                k += 3
                continue
        joined.append(tokens[k])
        k += 1
    return joined


def read_derivative(token: Token, names: Names) -> Derivative:
    """A token of kind ``derivative``; raises NameProblem for a name that is not assigned."""
    above, _, below = token.text.partition("/")
    start = token.column + 1
    for name in (above[1:], below[1:]):
        if not names.is_name(name):
            raise names.unknown(Token("name", name, token.line, start, start + len(name)))
        start += len(above) + 1
    return Derivative(above[1:], below[1:], above[0] == "∂")


def top_level(tokens: list[Token], text: str, depth: int = 0) -> list[int]:
    """Where an operator stands at bracket depth ``depth``."""
    found, level = [], 0
    for k, token in enumerate(tokens):
        if token.kind == "op":
            if token.text in "([":
                level += 1
            elif token.text in ")]":
                level -= 1
            elif level == depth and token.text == text:
                found.append(k)
    return found


def derivative_at(tokens: list[Token], k: int) -> bool:
    """Whether ``dY/dX``, written without spaces, starts at token ``k``."""
    if k + 2 >= len(tokens):
        return False
    above, slash, below = tokens[k : k + 3]
    return (
        above.kind == below.kind == "name"
        and slash.text == "/"
        and above.end == slash.column
        and slash.end == below.column
        and len(above.text) > 1
        and len(below.text) > 1
        and above.text[0] == below.text[0]
        and above.text[0] in "d∂"
    )


def ambiguous(above: Token, below: Token) -> NameProblem:
    return NameProblem(
        f"{above.text}/{below.text} is ambiguous: {above.text!r} and {below.text!r} are names too",
        Span(above.line, above.column, below.end),
        f"write {above.text} / {below.text} with spaces for the quotient; "
        "rename one of them to claim the derivative",
        code="ambiguous-derivative",
    )
