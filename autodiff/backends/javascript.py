"""Writes JavaScript: what a row does to numbers, as statements that a page can run again.

The rows of the table run on a `Script`; each operation they ask for becomes one line,
``const t7 = t2 * t5;``, and the same operation on the same operands only ever one. Numbers that
Python knows stay numbers until something unknown meets them.

What is written consists of the names t0, t1, …, of number literals, of operators and of the
functions named here. No text of a model can get into it: a `Script` takes none.

JavaScript's ``Math`` has most functions of the protocol. The others are in ``runtime.js`` beside
this module, each a function of its own; `runtime` gives those that are needed.
"""

from __future__ import annotations

import contextlib
import math
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autodiff.backends import scalar
from autodiff.backends.code import Expression, Writing

if TYPE_CHECKING:
    from collections.abc import Iterable

# fmt: off
MATH = frozenset({
    "abs", "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "cbrt",
    "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
    "floor", "ceil", "sign", "atan2", "hypot",
})
OWN = frozenset({
    "round", "erf", "erfc", "lgamma", "digamma", "gamma", "erfinv", "ndtri", "sinc", "sinc_slope",
    "beta", "lbeta", "power", "polygamma",
})
# fmt: on
_TRUTHS = {"==": "===", "!=": "!==", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_FOLDED = MATH | {"round", "power"}  # computed here where operands are known


class Unwritable(Exception):
    """A rule asks for what a script cannot do; the message says for what."""


class Code(Expression):
    """A value that the script computes, by its name. ``truth`` tells a boolean from a number."""

    __slots__ = ("script", "truth")

    def __init__(self, script: Script, text: str, truth: bool = False) -> None:
        super().__init__(text)
        self.script, self.truth = script, truth

    def operator(self, sign: str, a: Any, b: Any) -> Any:
        return self.script.operator(sign, a, b)

    def negative(self) -> Any:
        return self.script.write(f"-{self.script.number(self)}")


class Script(Writing):
    """``m`` of the rows, over numbers of a script that is written as they run.

    lines : the statements so far
    needs : the functions of ``runtime.js`` that they call
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.needs: set[str] = set()
        self._known: dict[str, Code] = {}

    # ---- writing

    def argument(self, index: int) -> Code:
        """The ``index``-th number that the script is given, in an array called x."""
        return self.write(f"x[{index}]")

    def write(self, expression: str, truth: bool = False) -> Code:
        """A new line for an expression, or the value of the line that has it."""
        found = self._known.get(expression)
        if found is None:
            found = Code(self, f"t{len(self.lines)}", truth)
            self.lines.append(f"const {found.text} = {expression};")
            self._known[expression] = found
        return found

    def constant(self, value: Any) -> Code:
        """A number as a value of the script."""
        return value if isinstance(value, Code) else self.write(literal(value))

    def text(self, value: Any) -> str:
        """A value as an operand."""
        if isinstance(value, Code):
            return value.text
        return literal(value)

    def operator(self, sign: str, a: Any, b: Any) -> Any:
        if sign == "**":
            return self.call("power", a, b)
        if sign == "*" and (_is_one(a) or _is_one(b)):
            return b if _is_one(a) else a
        theirs = _TRUTHS.get(sign)
        return self.write(f"{self.number(a)} {theirs or sign} {self.number(b)}", theirs is not None)

    def number(self, value: Any) -> str:
        """A value as an operand of arithmetic: a boolean as 1 or 0."""
        if isinstance(value, Code) and value.truth:
            return self.write(f"{value.text} ? 1 : 0").text
        return self.text(value)

    def call(self, name: str, *xs: Any) -> Any:
        if name in _FOLDED and not any(isinstance(x, Code) for x in xs):
            with contextlib.suppress(ValueError, ArithmeticError):
                return getattr(scalar, name)(*xs)
        function = f"Math.{name}" if name in MATH else name
        if name not in MATH:
            self.needs.add(name)
        return self.write(f"{function}({', '.join(map(self.number, xs))})")

    def __getattr__(self, name: str) -> Any:
        if name in MATH or name in OWN:
            return lambda *xs: self.call(name, *xs)
        if name.startswith("__"):
            raise AttributeError(name)
        raise Unwritable(f"{name} is for arrays")

    # ---- what is no plain call

    def where(self, c: Any, a: Any, b: Any) -> Any:
        if not isinstance(c, Code):
            return a if c else b
        if not isinstance(a, Code) and not isinstance(b, Code) and literal(a) == literal(b):
            return a
        return self.write(f"{self.truth(c)} ? {self.number(a)} : {self.number(b)}")

    def only_if(self, c: Any, a: Any) -> Any:
        """``a`` where c holds, else null."""
        return self.write(f"{c.text} ? {self.text(a)} : null") if isinstance(c, Code) else a

    def truth(self, value: Any) -> str:
        """A value as a condition. Any number but 0 is true, NaN among them, which it is not in
        JavaScript."""
        if not isinstance(value, Code):
            return "true" if value else "false"
        return value.text if value.truth else self.write(f"{value.text} !== 0", True).text

    def logical_and(self, a: Any, b: Any) -> Any:
        for one, other in ((a, b), (b, a)):
            if not isinstance(one, Code):
                return other if one else False
        return self.write(f"{self.truth(a)} && {self.truth(b)}", True)

    def logical_or(self, a: Any, b: Any) -> Any:
        for one, other in ((a, b), (b, a)):
            if not isinstance(one, Code):
                return True if one else other
        return self.write(f"{self.truth(a)} || {self.truth(b)}", True)

    def negation(self, value: Any) -> Any:
        """Whether a condition does not hold."""
        if not isinstance(value, Code):
            return not value
        return self.write(f"!{self.truth(value)}", True)

    # ---- arrays of no axes

    def shape(self, x: Any) -> tuple[int, ...]:
        return ()

    def ones_like(self, x: Any) -> float:
        return 1.0

    def zeros_like(self, x: Any) -> float:
        return 0.0

    def broadcast_to(self, x: Any, shape: tuple[int, ...]) -> Any:
        return self._scalar(x, shape)

    def reshape(self, x: Any, shape: tuple[int, ...]) -> Any:
        return self._scalar(x, shape)

    def full(self, shape: tuple[int, ...], value: Any) -> Any:
        return self._scalar(value, shape)

    def _scalar(self, x: Any, shape: tuple[int, ...]) -> Any:
        if shape != ():
            raise Unwritable("arrays are not numbers")
        return x

    def sum(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return self._reduced(x, axis)

    def prod(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return self._reduced(x, axis)

    def max(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return self._reduced(x, axis)

    def min(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return self._reduced(x, axis)

    def norm(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return self.abs(self._reduced(x, axis))

    def _reduced(self, x: Any, axis: Any) -> Any:
        if axis is not None:
            raise Unwritable("a number has no axes")
        return x

    def asarray(self, x: Any) -> Any:
        return x


def literal(value: Any) -> str:
    """A number as JavaScript writes it; raises Unwritable for anything else."""
    if value is True or value is False:
        return "1" if value else "0"
    if not isinstance(value, int | float):
        raise Unwritable(f"a {type(value).__name__} is no number")
    number = float(value)
    if not math.isfinite(number):
        return "NaN" if number != number else "Infinity" if number > 0 else "(-Infinity)"
    text = repr(number).removesuffix(".0")
    return f"({text})" if text.startswith("-") else text


def _is_one(value: Any) -> bool:
    return not isinstance(value, Code) and value == 1


_HEADING = re.compile(r"^// @(\w+)((?: \w+)*)$", re.M)


@cache
def _parts() -> dict[str, tuple[tuple[str, ...], str]]:
    """The functions of ``runtime.js`` by name: which others each calls, and its text."""
    text = (Path(__file__).parent / "runtime.js").read_text(encoding="utf-8")
    _, *pieces = _HEADING.split(text)
    return {
        name: (tuple(needs.split()), body.strip())
        for name, needs, body in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True)
    }


def runtime(names: Iterable[str]) -> str:
    """The definitions of these functions of ``runtime.js``, and of those that they call."""
    parts = _parts()
    wanted: dict[str, None] = {}
    stack = sorted(names, reverse=True)
    while stack:
        name = stack.pop()
        if name not in wanted:
            wanted[name] = None
            stack.extend(parts[name][0])
    return "\n".join(parts[name][1] for name in parts if name in wanted)
