"""The model as data: what the parser makes and everything else reads. No behaviour.

A statement is split in two. Its *form* is what remains when the operands (names and
numbers) are taken out: ``c = w2 * a`` and ``y = 3 * x`` have the same form. A form is
straight-line code over numbered registers; the operands fill the first ones. Large models
repeat a dozen forms, so a form is parsed once, and SymPy differentiates it once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from autodiff.ops import Op
    from autodiff.source import Source, Span

Static: TypeAlias = tuple[tuple[str, int], ...]


class Instruction(NamedTuple):
    """One operation of a form; it fills the next register.

    ``args`` are the registers of its differentiable operands. ``static`` names the registers
    of what is only configuration (``axis``, a shape, an index) and never gets an edge.
    ``column`` is where it stands in the statement the form was first read from.
    """

    op: Op
    args: tuple[int, ...]
    static: Static
    column: int


class Form:
    """A statement without its operands: ``slots`` of them, then ``code``."""

    __slots__ = ("code", "result", "slots")

    def __init__(self, slots: int, code: tuple[Instruction, ...], result: int) -> None:
        self.slots = slots
        self.code = code
        self.result = result


class Statement(NamedTuple):
    """``name = …``. ``operands[i] >= 0`` is a statement's index, below 0 the constant ``~i``."""

    name: str
    form: Form
    operands: tuple[int, ...]
    line: int


class Derivative(NamedTuple):
    """``dY/dX`` (total) or ``∂Y/∂X`` (the edge weight of the named graph) inside a claim."""

    of: str
    wrt: str
    partial: bool


class Claim(NamedTuple):
    """``lhs == rhs``, parsed and its names resolved; ``derivatives`` are the terms it uses."""

    text: str
    line: int
    derivatives: tuple[Derivative, ...]


class Function(NamedTuple):
    """``name(params) = expression``, for display; calls are already inlined into forms."""

    name: str
    params: tuple[str, ...]
    line: int


class Model(NamedTuple):
    """A parsed file.

    ``constants`` holds what negative operands refer to: floats, None, True, False, and the
    arrays read by ``load`` or given by ``--values``. ``index`` maps a name to its statement.
    """

    source: Source
    statements: list[Statement]
    constants: list[object]
    index: dict[str, int]
    functions: tuple[Function, ...]
    claims: tuple[Claim, ...]
    spans: dict[int, tuple[Source, Span]]
