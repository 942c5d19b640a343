"""Runs of elementwise operations as one kernel: rows write their own values in C.

A row's ``value`` runs on `Code`, whose operands are texts, as it runs on numbers elsewhere; so no
operation is written twice. What is said here is what C calls the functions of the protocol. Those
without a name in C (digamma, ndtri, …) are left out, and their rows are not fused.

The code is what CUDA's C++ and a host's compiler both take: the tests compile it for the host.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from autodiff.backends.code import Expression, Writing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autodiff.backends.device import Device
    from autodiff.ops import Op
    from autodiff.tape import Tape

LONGEST = 64  # operations of one kernel: registers are few, and compiling takes long

# Functions of <math.h>, which CUDA has too, under the protocol's names.
_NAMES = {
    name: name
    for name in (
        *("exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan"),
        *("asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
        *("floor", "ceil", "erf", "erfc", "lgamma", "atan2", "hypot"),
    )
} | {"abs": "fabs", "round": "rint", "power": "pow"}


class Text(Expression):
    """An expression in C."""

    __slots__ = ()

    def operator(self, sign: str, a: Any, b: Any) -> Text:
        if sign == "**":
            return Text(f"pow({written(a)}, {written(b)})")
        return Text(f"({written(a)} {sign} {written(b)})")

    def negative(self) -> Text:
        return Text(f"(-{self.text})")


def written(x: Any) -> str:
    """An operand as C: numbers in the type of the kernel, which ``real`` names."""
    if isinstance(x, Text):
        return x.text
    x = float(x)
    if math.isfinite(x):
        return f"real({x!r})"
    return "(real(0)/real(0))" if x != x else f"({'-' if x < 0 else ''}real(1)/real(0))"


def _call(name: str) -> Callable[..., Text]:
    def call(*xs: Any) -> Text:
        return Text(f"{name}({', '.join(map(written, xs))})")

    return call


class Code(Writing):
    """The namespace of the rows; AttributeError for what has no name in C."""

    def __init__(self) -> None:
        for name, theirs in _NAMES.items():
            setattr(self, name, _call(theirs))

    def held(self, x: Any) -> Text:
        return Text(written(x))

    def where(self, c: Any, a: Any, b: Any) -> Text:
        return Text(f"({written(c)} ? {written(a)} : {written(b)})")

    def sign(self, x: Any) -> Text:
        return self.where(x > 0, 1, self.where(x < 0, -1, self.where(x == 0, 0, x)))

    def logical_and(self, a: Any, b: Any) -> Text:
        return Text(f"({written(a)} && {written(b)})")

    def logical_or(self, a: Any, b: Any) -> Text:
        return Text(f"({written(a)} || {written(b)})")


_CODE = Code()


def value(op: Op, *names: str) -> str | None:
    """An elementwise row's value in C, of operands with these names; None where C lacks it."""
    try:
        return written(op.value(_CODE, *map(Text, names)))
    except AttributeError:
        return None


class Fused(NamedTuple):
    """Nodes that one kernel evaluates, and the nodes outside that it reads."""

    nodes: range
    inputs: tuple[int, ...]
    kernel: Callable[..., Any]


def fused(tape: Tape, device: Device) -> dict[int, Fused]:
    """The runs of elementwise operations within one statement, by their first node.

    All nodes of a run have one shape, and each of them is a result: the reverse sweep needs them.
    """
    found = {}
    for first, end in zip(tape.start, tape.start[1:], strict=False):
        run: list[int] = []
        sides: tuple[int, ...] = ()  # of all results of the run
        for node in range(first, end + 1):
            fits = node < end and _fits(tape, device, node)
            shape = device.shape(tape.values[node]) if fits else ()
            if fits and len(run) < LONGEST and (not run or shape == sides):
                sides = shape
                run.append(node)
                continue
            if len(run) > 1:
                found[run[0]] = _fuse(tape, device, run)
            run, sides = ([node], shape) if fits else ([], ())
    return found


def _fits(tape: Tape, device: Device, node: int) -> bool:
    op = tape.ops[node]
    return (
        op is not None
        and op.elementwise
        and bool(device.shape(tape.values[node]))
        and value(op, *["x"] * len(tape.args[node])) is not None
    )


def _fuse(tape: Tape, device: Device, run: Sequence[int]) -> Fused:
    names = {node: f"t{k}" for k, node in enumerate(run)}
    inputs: list[int] = []
    body = []
    for node in run:
        op = tape.ops[node]
        assert op is not None
        for arg in tape.args[node]:
            if arg not in names:
                names[arg] = f"x{len(inputs)}"
                inputs.append(arg)
        text = value(op, *[names[arg] for arg in tape.args[node]])
        body.append(f"const real {names[node]} = {text}; y{names[node][1:]} = {names[node]};")
    made = device.library.kernel(
        [f"x{k}" for k in range(len(inputs))],
        [f"y{k}" for k in range(len(run))],
        " ".join(body),
        device.dtype,
    )
    return Fused(range(run[0], run[-1] + 1), tuple(inputs), made)
