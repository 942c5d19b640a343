"""A change of a claim's text, and which of its tokens hang together: operands, brackets, dY/dX."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from autodiff.claimtext import derivative_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.lexer import Token


class Edit(NamedTuple):
    """Tokens ``[start, stop)`` of the claimed side become ``texts``."""

    code: str
    start: int
    stop: int
    texts: tuple[str, ...]
    told: str


def inside_derivatives(own: Sequence[Token]) -> set[int]:
    """The tokens that are part of a derivative."""
    tokens = list(own)
    return {j for k in range(len(tokens)) if derivative_at(tokens, k) for j in range(k, k + 3)}


def ends_operand(token: Token) -> bool:
    """Whether an operand may end with a token."""
    return token.kind in {"name", "number"} or token.text in {")", "]"}


def operand_after(own: Sequence[Token], k: int) -> int | None:
    """The end of the operand that starts after token ``k``: a name, a call, a bracket."""
    j = k + 1
    while j < len(own) and own[j].text in {"-", "+"}:
        j += 1
    if j >= len(own):
        return None
    if own[j].kind in {"name", "number"}:
        j += 1
    while j < len(own) and own[j].text in {"(", "["}:
        j = closing(own, j) + 1
    while j + 1 < len(own) and (own[j].text in {"**", "^"} or own[j].text == "."):
        j += 2
    return min(j, len(own)) if j > k + 1 else None


def operand_before(own: Sequence[Token], k: int) -> int | None:
    """The start of the operand that ends before token ``k``."""
    j = k - 1
    if j < 0:
        return None
    if own[j].text == "T" and j > 1 and own[j - 1].text == ".":
        j -= 2
    if j > 1 and own[j - 1].text in {"**", "^"}:
        j -= 2
    while j >= 0 and own[j].text in {")", "]"}:
        j = opening(own, j) - 1
        if j < 0 or own[j].kind != "name":
            return j + 1
    return j if own[j].kind in {"name", "number"} else None


def closing(own: Sequence[Token], k: int) -> int:
    """The bracket that closes the one at token ``k``."""
    depth = 0
    for j in range(k, len(own)):
        depth += (own[j].text in {"(", "["}) - (own[j].text in {")", "]"})
        if not depth:
            return j
    return len(own) - 1


def opening(own: Sequence[Token], k: int) -> int:
    """The bracket that opens the one at token ``k``."""
    depth = 0
    for j in range(k, -1, -1):
        depth += (own[j].text in {")", "]"}) - (own[j].text in {"(", "["})
        if not depth:
            return j
    return 0
