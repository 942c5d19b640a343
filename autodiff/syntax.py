"""The model as data: what the parser makes and everything else reads. No behaviour.

A statement is split in two. Its *form* is what remains when the operands (names and
numbers) are taken out: ``c = w2 * a`` and ``y = 3 * x`` have the same form. A form is
straight-line code over numbered registers; the operands fill the first ones. Large models
repeat a dozen forms, so a form is parsed once, and SymPy differentiates it once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from autodiff.limits import LIMITS, Limits

if TYPE_CHECKING:
    from autodiff.ops import Op
    from autodiff.source import Source, Span

Static: TypeAlias = tuple[tuple[str, int], ...]


class Instruction(NamedTuple):
    """One operation of a form; it fills the next register.

    ``args`` are the registers of its differentiable operands. ``static`` names the registers
    of what is only configuration (``axis``, a shape, an index) and never gets an edge.
    ``token`` is its place among the statement's tokens, the same in every statement of a form.
    """

    op: Op
    args: tuple[int, ...]
    static: Static
    token: int


class Form:
    """A statement without its operands: ``slots`` of them, then ``code``.

    ``result`` is the register that holds the statement's value; it may be a slot (``a = b``).
    ``single`` is the row where the form is one elementwise operation on its slots in order,
    as most statements of large models are; else None.
    """

    __slots__ = ("code", "result", "single", "slots")

    def __init__(self, slots: int, code: tuple[Instruction, ...], result: int) -> None:
        self.slots = slots
        self.code = code
        self.result = result
        self.single: Op | None = None
        if len(code) == 1 and code[0].args == tuple(range(slots)) and result == slots:
            op = code[0].op
            self.single = op if op.partials and not code[0].static else None


class Statement(NamedTuple):
    """``name = …``. ``operands[i] >= 0`` is a statement's index, below 0 the constant ``~i``.

    ``origin`` is the text it stands in: 0 the model file, k the k-th ``--set``.
    """

    name: str
    form: Form
    operands: tuple[int, ...]
    line: int
    origin: int


class Load(NamedTuple):
    """A constant still to be read: ``load("x.npy")`` or ``load("d.npz", "key")``."""

    path: str
    key: str
    span: Span


class Given(NamedTuple):
    """A constant that came from outside the text (``--values``, or Python)."""

    name: str
    value: object


class Derivative(NamedTuple):
    """``dY/dX`` (total) or ``∂Y/∂X`` (the edge weight of the named graph) inside a claim."""

    of: str
    wrt: str
    partial: bool


class Side(NamedTuple):
    """One side of a claim: like a statement's right-hand side, with derivative terms."""

    form: Form
    operands: tuple[int | Derivative, ...]


class Claim(NamedTuple):
    """``lhs == rhs``; ``rtol`` is None, or the tolerance of ``close(lhs, rhs, rtol)``.

    ``column`` and ``end`` are those of its first line; ``origin`` is the text it stands in, an
    index of `Model.sources`. ``link`` counts within a chain: ``a == b == c`` is two claims.
    """

    text: str
    line: int
    column: int
    end: int
    lhs: Side
    rhs: Side
    rtol: float | None
    origin: int = 0
    link: int = 0


class Function(NamedTuple):
    """``name(params) = expression``: inlined where it is called.

    ``form`` has the parameters as its first slots, then what the body refers to (``captured``).
    """

    name: str
    params: tuple[str, ...]
    form: Form
    captured: tuple[int, ...]
    line: int


class Model(NamedTuple):
    """A parsed file.

    ``constants`` holds what negative operands refer to: floats, True, False, None, `Load` and
    `Given`. ``index`` maps a name to its statement. ``sources[0]`` is the file itself.
    ``digits`` has the text of numbers that may have more of them than a float. ``limits`` are
    those that it was read under, and that hold for whatever is done with it.
    """

    sources: tuple[Source, ...]
    statements: list[Statement]
    constants: list[object]
    index: dict[str, int]  # type: ignore[assignment]  # shadows tuple.index, which nobody needs
    functions: dict[str, Function]
    claims: tuple[Claim, ...]
    digits: dict[int, str] = {}  # by operand; nobody writes to it  # noqa: RUF012
    limits: Limits = LIMITS
