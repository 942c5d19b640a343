"""Matches the arguments of a call to parameters, as Python would."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from autodiff.errors import CallProblem, closest
from autodiff.ops.base import REQUIRED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.lexer import Token
    from autodiff.ops import Op
    from autodiff.syntax import Function


class Items(NamedTuple):
    """A list literal or tuple that nothing has consumed yet."""

    kind: str
    values: tuple[Value, ...]
    token: int


# A value is a reference to an operand or an instruction (see `autodiff.expressions`).
Value = int | Items


def signature(op: Op) -> str:
    """A row's parameters as a user writes them: ``x, axis=None, keepdims=False``."""
    parts = []
    for p in op.parameters:
        name = f"[{p.name}, …]" if p.listed else f"{p.name}…" if p.many else p.name
        parts.append(name if p.default is REQUIRED else f"{name}={p.default}")
    return ", ".join(parts)


def bind_row(
    op: Op, token: Token, arguments: Sequence[tuple[str, Value | None, int]]
) -> dict[str, Value]:
    """The arguments of a call of a row (``token`` is its name), by parameter.

    Raises CallProblem where one is missing, unknown, given twice or too many.
    """

    def wrong(message: str) -> CallProblem:
        usage = f"{token.text}({signature(op)})"
        return CallProblem(f"{token.text} {message}", token.span, f"it is called {usage}")

    positional, keywords = _split(arguments)
    if positional is None:
        raise wrong("has a positional argument after a keyword")
    given: dict[str, Value] = {}
    for parameter in op.parameters:
        if parameter.many:
            rest, positional = positional, []
            if len(rest) == 1 and isinstance(rest[0], Items):
                rest = list(rest[0].values)
            if rest:
                given[parameter.name] = Items("tuple", tuple(rest), arguments[0][2])
        elif positional:
            value = positional.pop(0)
            if parameter.listed and not (isinstance(value, Items) and value.values):
                raise wrong("takes a list of arrays")
            given[parameter.name] = value
    if positional:
        raise wrong(f"is given {len(arguments)} arguments")
    known = {p.name for p in op.parameters}
    for keyword, value in keywords:
        if keyword not in known:
            close = closest(keyword, known)
            raise wrong(f"has no parameter {keyword!r}" + (f"; {close!r}?" if close else ""))
        if keyword in given:
            raise wrong(f"is given {keyword!r} twice")
        listed = isinstance(value, Items) and value.values
        if not listed and any(p.name == keyword and (p.many or p.listed) for p in op.parameters):
            raise wrong(f"takes a list as {keyword!r}")
        given[keyword] = value
    for parameter in op.parameters:
        if parameter.name not in given and (parameter.default is REQUIRED or parameter.listed):
            raise wrong(f"needs {parameter.name!r}")
    return given


def bind_function(
    function: Function, token: Token, arguments: Sequence[tuple[str, Value | None, int]]
) -> list[Value]:
    """The arguments of a call of the model's own function, in the order of its parameters."""
    hint = f"it is defined as {function.name}({', '.join(function.params)})"
    positional, keywords = _split(arguments)
    if positional is None or len(arguments) != len(function.params):
        message = f"{function.name} takes {len(function.params)} argument(s), not {len(arguments)}"
        raise CallProblem(message, token.span, hint)
    by_name = dict(keywords)
    rest = function.params[len(positional) :]
    if set(by_name) != set(rest):
        raise CallProblem(f"{function.name} is called with the wrong names", token.span, hint)
    return positional + [by_name[name] for name in rest]


def _split(
    arguments: Sequence[tuple[str, Value | None, int]],
) -> tuple[list[Value] | None, list[tuple[str, Value]]]:
    """Positional and keyword arguments; None for the first where a keyword comes before one."""
    positional: list[Value] | None = []
    keywords: list[tuple[str, Value]] = []
    for keyword, value, _ in arguments:
        assert value is not None
        if keyword:
            keywords.append((keyword, value))
        elif keywords:
            positional = None
        elif positional is not None:
            positional.append(value)
    return positional, keywords
