"""A formula and its derivatives as straight-line code on mpmath's raw numbers.

SymPy differentiates; nothing is simplified; what is shared by value and derivatives is
computed once. No text is generated and none is executed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy
from mpmath import libmp
from mpmath.libmp import ComplexResult, fnan

from autodiff.symbolic import branches, raw
from autodiff.symbolic.compiler import MORE, ONE, Compiler
from autodiff.symbolic.namespace import Formula
from autodiff.symbolic.raw import Beyond, Number, Singular, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# The directions of rounding of every other instruction. Each statement uses one pair in the
# first run and its opposite in the second. Four pairs, so that two statements of one form do
# not round alike: the errors of (1 + x) - (1 + y) would cancel, and nobody would see them.
ROUNDINGS = (("d", "u"), ("u", "d"), ("d", "d"), ("u", "u"))
OPPOSITE = (1, 0, 3, 2)

# What mpmath raises where a real function has no value.
ERRORS = (ZeroDivisionError, ComplexResult, ValueError, OverflowError, TypeError, AttributeError)


class Program:
    """The value of a formula and its partials, as code over registers.

    Registers are the inputs, then the constants, then one for each instruction
    ``(function, i, j, rnd)``: operands i and j, or i alone (j = `ONE`), or all of the tuple i
    (j = `MORE`), rounded in the direction rnd.

    Attributes
    ----------
    code    : the instructions, for each pair of roundings
    value   : the register of the value
    active  : the inputs whose partials are wanted
    partials: per active input, the register of its partial
    slow    : whether high precision takes long (the gamma family)
    careful : whether only `run` can run it
    """

    careful = False
    __slots__ = ("_constants", "active", "code", "partials", "slow", "table", "value", "what")

    def __init__(
        self, formula: Any, symbols: Sequence[Any], active: Sequence[int], what: Any = None
    ) -> None:
        """Differentiate ``formula`` with respect to ``symbols[i]``, i in ``active``.

        Raises Trouble where the derivative has something in it that cannot be evaluated.
        ``what`` is kept for `specialised`: a function of formulas that builds the formula.
        """
        derivatives = [formula.diff(symbols[i]) for i in active]
        self._build([formula, *derivatives], symbols, active)
        self.what: Callable[[Sequence[Formula]], Formula] | None = what

    def _build(self, roots: Sequence[Any], symbols: Sequence[Any], active: Sequence[int]) -> None:
        compiler = Compiler(symbols)
        nodes = [compiler.visit(root) for root in roots]
        register = compiler.registers()
        self.value = register[nodes[0]]
        self.active = tuple(active)
        self.partials = tuple(register[node] for node in nodes[1:])
        self._constants = compiler.constants
        self.code = [
            [(function, i, j, pair[bit]) for function, i, j, bit in compiler.code]
            for pair in ROUNDINGS
        ]
        self.slow = compiler.slow
        self.table: list[list[Number]] = [[], [], [], []]

    @classmethod
    def of_parts(
        cls, value: Any, partials: Sequence[Any], symbols: Sequence[Any], active: Sequence[int]
    ) -> Program:
        """A program for a value and partials that are known already."""
        self = cls.__new__(cls)
        self._build([value, *partials], symbols, active)
        self.what = None
        return self

    def prepare(self, prec: int) -> None:
        """Work the constants out at a precision: once for each pair of roundings."""
        if self._constants:
            self.table = [_constants(self._constants, prec, pair) for pair in ROUNDINGS]

    def run(self, inputs: Sequence[Any], prec: int, rounding: int) -> list[Any]:
        """All registers. Inputs and results may be `Trouble`, from which others follow."""
        regs = [*inputs, *self.table[rounding]]
        for function, i, j, rnd in self.code[rounding]:
            operands = (
                [regs[i]] if j == ONE else [regs[k] for k in i] if j == MORE else [regs[i], regs[j]]
            )
            if function not in branches.LAZY:
                trouble = next((x for x in operands if isinstance(x, Trouble)), None)
                if trouble is not None:
                    regs.append(trouble)
                    continue
            regs.append(_checked(function, operands, prec, rnd))
        return regs

    def specialised(self, inputs: Sequence[Any]) -> Program | None:
        """This program for one point, where a partial is singular in general only.

        The general derivative of x**y with respect to x is y·x**y/x, which at (0, 2) is 0/0:
        for each partial, the other inputs are made numbers, then SymPy differentiates.
        """
        if self.what is None or any(isinstance(x, Trouble) for x in inputs):
            return None
        symbols = [_symbol_like(i, x) for i, x in enumerate(inputs)]
        numbers = [_small_number(x) for x in inputs]
        try:
            partials = []
            for slot in self.active:
                xs = [
                    Formula(symbol if i == slot or number is None else number)
                    for i, (symbol, number) in enumerate(zip(symbols, numbers, strict=True))
                ]
                partials.append(self.what(xs).expr.diff(symbols[slot]))
            value = self.what([Formula(symbol) for symbol in symbols]).expr
            return _Partwise(value, partials, symbols, self.active)
        except (Trouble, *ERRORS, RecursionError):
            return None


class _Partwise(Program):
    """A program of which single parts may have no code: they are `Trouble` when it runs."""

    careful = True
    __slots__ = ("missing",)

    def __init__(
        self, value: Any, partials: Sequence[Any], symbols: Sequence[Any], active: Sequence[int]
    ) -> None:
        usable = []
        self.missing = []
        for k, partial in enumerate(partials):
            try:
                Compiler(symbols).visit(partial)
                usable.append(partial)
            except Trouble as trouble:
                usable.append(sympy.Integer(0))
                self.missing.append((k, trouble))
        self._build([value, *usable], symbols, active)
        # One register more than the code fills: whatever has no code is Trouble.
        self.partials = tuple(
            next((-1 - n for n, (m, _) in enumerate(self.missing) if m == k), register)
            for k, register in enumerate(self.partials)
        )
        self.what = None

    def run(self, inputs: Sequence[Any], prec: int, rounding: int) -> list[Any]:
        regs = super().run(inputs, prec, rounding)
        return [*regs, *(trouble for _, trouble in reversed(self.missing))]


def _checked(function: Any, operands: Sequence[Any], prec: int, rnd: str) -> Any:
    """One instruction; Trouble in place of an error, an infinity or a NaN."""
    try:
        y = function(*operands, prec, rnd)
    except Trouble as trouble:
        return trouble
    except (ZeroDivisionError, ComplexResult, ValueError):
        return Singular("SymPy's derivative is infinite or undefined here")
    except (OverflowError, MemoryError):
        return Beyond("a number too large to evaluate")
    if isinstance(y, Trouble) or not raw.is_special(y):
        return y
    # An infinity given from outside (clip(x, -inf, inf)) may pass through.
    if y != fnan and any(x == y for x in operands):
        return y
    return Singular("SymPy's derivative is infinite or undefined here")


def _constants(code: Sequence[Any], prec: int, pair: tuple[str, str]) -> list[Number]:
    regs: list[Any] = []
    for function, operands, bit in code:
        if function is None:
            regs.append(operands)
        else:
            xs = [regs[k] for k in operands]
            trouble = next((x for x in xs if isinstance(x, Trouble)), None)
            regs.append(trouble or _checked(function, xs, prec, pair[bit]))
    return regs


def _symbol_like(i: int, x: Number) -> Any:
    """A symbol of which SymPy knows the sign that x has."""
    if not x[1]:
        return sympy.Symbol(f"s{i}", real=True)
    return sympy.Symbol(f"s{i}", negative=True) if x[0] else sympy.Symbol(f"s{i}", positive=True)


def _small_number(x: Number) -> Any:
    """x as a SymPy number, if it is one of few digits."""
    if raw.is_special(x):
        return None
    if not x[1]:
        return sympy.Integer(0)
    if x[3] > 64 or abs(x[2]) > 128:
        return None
    return sympy.Rational(*libmp.to_rational(x))
