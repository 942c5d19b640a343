"""A formula and its derivatives as straight-line code on mpmath's raw numbers.

SymPy differentiates; nothing is simplified; what is shared by value and derivatives is
computed once. No text is generated and none is executed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sympy
from mpmath import libmp
from mpmath.libmp import ComplexResult, finf, fnan, fninf, fone

from autodiff.symbolic import namespace, raw
from autodiff.symbolic.namespace import STEPS, Formula
from autodiff.symbolic.raw import Beyond, Number, Singular, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# The directions of rounding of every other instruction. Each statement uses one pair in the
# first run and its opposite in the second. Four pairs, so that two statements of one form do
# not round alike: the errors of (1 + x) - (1 + y) would cancel, and nobody would see them.
ROUNDINGS = (("d", "u"), ("u", "d"), ("d", "d"), ("u", "u"))
OPPOSITE = (1, 0, 3, 2)

LARGEST_DERIVATIVE = 4000  # nodes of all partials of one formula, the shared ones once

UNARY: dict[Any, Any] = {
    sympy.exp: raw.exp,
    sympy.log: raw.log,
    sympy.tan: raw.tan,
    sympy.asin: raw.asin,
    sympy.acos: raw.acos,
    sympy.atan: raw.atan,
    sympy.sinh: raw.sinh,
    sympy.cosh: raw.cosh,
    sympy.tanh: raw.tanh,
    sympy.asinh: raw.asinh,
    sympy.acosh: raw.acosh,
    sympy.atanh: raw.atanh,
    sympy.erf: raw.erf,
    sympy.erfc: raw.erfc,
    sympy.Abs: raw.magnitude_of,
    sympy.sign: raw.sign_off_0,
    namespace.Magnitude: raw.magnitude_of,
    namespace.Loggamma: raw.lgamma,
}
MANY: dict[Any, Any] = {
    sympy.atan2: raw.atan2,
    namespace.Fork: raw.fork,
    namespace.Larger: raw.larger,
    namespace.Smaller: raw.smaller,
    namespace.Lean: raw.lean,
    namespace.Both: raw.both,
    namespace.Either: raw.either,
}
COMPARE = (raw.less, raw.less_equal, raw.equal)
STEP = (raw.sign, raw.floor, raw.ceil, raw.nearest)
HELD = (raw.add, raw.multiply, raw.power)
CONSTANTS: dict[Any, Any] = {
    sympy.pi: libmp.mpf_pi,
    sympy.E: libmp.mpf_e,
    sympy.EulerGamma: libmp.mpf_euler,
}
SLOW = (raw.lgamma,)

# How an instruction takes its operands, in place of the second one.
ONE, MORE = -1, -2
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
        compiler = _Compiler(symbols)
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
            if function not in raw.LAZY:
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
                _Compiler(symbols).visit(partial)
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


class _Node:
    """One instruction before registers are numbered."""

    __slots__ = ("arity", "constant", "function", "operands")

    def __init__(self, function: Any, operands: Any, arity: int, constant: bool) -> None:
        self.function = function
        self.operands = operands
        self.arity = arity
        self.constant = constant


class _Compiler:
    """SymPy expressions -> nodes, each distinct subexpression once."""

    def __init__(self, symbols: Sequence[Any]) -> None:
        self.inputs = len(symbols)
        self.nodes: list[_Node] = [_Node(None, i, 0, False) for i in range(self.inputs)]
        self.known: dict[Any, int] = {symbol: i for i, symbol in enumerate(symbols)}
        self.made: dict[Any, int] = {}
        self.slow = False
        self.constants: list[Any] = []
        self.code: list[Any] = []

    def emit(self, function: Any, *operands: int) -> int:
        key = (function, operands)
        if key not in self.made:
            if len(self.nodes) > LARGEST_DERIVATIVE:
                raise Beyond("too large a derivative")
            constant = all(self.nodes[k].constant for k in operands)
            self.nodes.append(_Node(function, operands, len(operands), constant))
            self.made[key] = len(self.nodes) - 1
        return self.made[key]

    def number(self, value: Number) -> int:
        key = (None, value)
        if key not in self.made:
            self.nodes.append(_Node(None, value, 0, True))
            self.made[key] = len(self.nodes) - 1
        return self.made[key]

    def registers(self) -> list[int]:
        """Number the registers: inputs, constants, the rest; fill ``constants`` and ``code``."""
        out = list(range(self.inputs)) + [0] * (len(self.nodes) - self.inputs)
        own = self.nodes[self.inputs :]
        constants = [k for k, node in enumerate(own, self.inputs) if node.constant]
        for register, k in enumerate(constants):
            out[k] = register
        for register, k in enumerate(constants):
            node = self.nodes[k]
            operands = (
                node.operands if node.function is None else tuple(out[i] for i in node.operands)
            )
            self.constants.append((node.function, operands, register & 1))
        for register, k in enumerate(constants, self.inputs):
            out[k] = register
        register = self.inputs + len(constants)
        for k, node in enumerate(own, self.inputs):
            if node.constant:
                continue
            out[k] = register
            args = tuple(out[i] for i in node.operands)
            bit = register & 1
            if node.arity == 2:
                self.code.append((node.function, *args, bit))
            elif node.arity == 1:
                self.code.append((node.function, args[0], ONE, bit))
            else:
                self.code.append((node.function, args, MORE, bit))
            register += 1
        return out

    def visit(self, expr: Any) -> int:
        known = self.known.get(expr)
        if known is None:
            known = self.known[expr] = self.build(expr)
        return known

    def build(self, expr: Any) -> int:
        kind = expr.func
        if expr.is_Rational:
            return self.rational(int(expr.p), int(expr.q))
        if expr.is_Add:
            return self.sum(expr)
        if expr.is_Mul:
            return self.product(expr)
        if expr.is_Pow:
            return self.power(expr.base, expr.exp)
        if kind is sympy.sin or kind is sympy.cos:
            pair = self.emit(raw.cos_and_sin, self.visit(expr.args[0]))
            return self.emit(raw.first if kind is sympy.cos else raw.second, pair)
        if kind in UNARY:
            function = UNARY[kind]
            self.slow = self.slow or function in SLOW
            return self.emit(function, self.visit(expr.args[0]))
        if kind in MANY:
            return self.emit(MANY[kind], *map(self.visit, expr.args))
        if kind is namespace.Step:
            return self.emit(STEP[int(expr.args[0])], self.visit(expr.args[1]))
        if kind is namespace.Flat:
            name = STEPS[int(expr.args[0])]
            return self.emit(FLAT[name], self.visit(expr.args[1]))
        if kind is namespace.Compare:
            return self.emit(COMPARE[int(expr.args[0])], *map(self.visit, expr.args[1:]))
        if kind is namespace.Held:
            return self.emit(HELD[int(expr.args[0])], *map(self.visit, expr.args[1:]))
        if kind is namespace.Select:
            return self.emit(raw.choose, *map(self.visit, expr.args[:3]))
        if kind is namespace.Slope:
            c, *rest = expr.args
            return self.emit(raw.step, self.visit(c), self.edge(c), *map(self.visit, rest))
        if kind is sympy.polygamma and expr.args[0].is_Integer:
            self.slow = True
            return self.emit(_polygamma(int(expr.args[0])), self.visit(expr.args[1]))
        if expr in CONSTANTS:
            return self.emit(_constant(CONSTANTS[expr]))
        if expr is sympy.oo or expr is -sympy.oo:
            return self.number(finf if expr is sympy.oo else fninf)
        if expr is sympy.nan or expr is sympy.zoo:
            raise Singular("SymPy's derivative is infinite or undefined here")
        if expr is sympy.I:
            raise Singular("SymPy's derivative is not real here")
        raise Beyond(f"SymPy's derivative has {kind} in it")

    def rational(self, p: int, q: int) -> int:
        if p == 0:
            return self.number(raw.NO_EDGE)
        if q & (q - 1) == 0:
            return self.number(libmp.from_man_exp(p, 1 - q.bit_length()))
        return self.emit(raw.divide, self.rational(p, 1), self.rational(q, 1))

    def sum(self, expr: Any) -> int:
        plus, minus = [], []
        for term in expr.args:
            coefficient = term.as_coeff_Mul()[0]
            if coefficient.is_negative and coefficient.is_Rational:
                minus.append(self.visit(-term))
            else:
                plus.append(self.visit(term))
        total = plus.pop(0) if plus else self.emit(raw.negative, minus.pop(0))
        for node in plus:
            total = self.emit(raw.add, total, node)
        for node in minus:
            total = self.emit(raw.subtract, total, node)
        return total

    def product(self, expr: Any) -> int:
        above, below = [], []
        negative = False
        for factor in expr.args:
            if factor.is_Rational:
                p, q = int(factor.p), int(factor.q)
                negative = p < 0
                if q & (q - 1) == 0:  # times 1/2 is exact, and faster than divided by 2
                    above.append(self.rational(abs(p), q))
                else:
                    above.append(self.rational(abs(p), 1))
                    below.append(self.rational(q, 1))
                if self.nodes[above[-1]].operands == fone:
                    above.pop()
            elif factor.is_Pow and factor.exp.is_Rational and factor.exp.is_negative:
                below.append(self.power(factor.base, -factor.exp))
            else:
                above.append(self.visit(factor))
        multiply, divide = raw.multiply, raw.divide
        if any(self.nodes[node].function in BRANCHES for node in above):
            multiply, divide = raw.scale, raw.unscale
        total = above.pop(0) if above else self.number(fone)
        for node in above:
            total = self.emit(multiply, total, node)
        if below:
            under = below.pop(0)
            for node in below:
                under = self.emit(raw.multiply, under, node)
            total = self.emit(divide, total, under)
        return self.emit(raw.negative, total) if negative else total

    def power(self, base: Any, exponent: Any) -> int:
        if exponent.is_Rational and exponent.is_negative:
            return self.emit(raw.divide, self.number(fone), self.power(base, -exponent))
        node = self.visit(base)
        if exponent.is_Integer:
            n = int(exponent)
            if n == 1:
                return node
            if n == 2:
                return self.emit(raw.multiply, node, node)
            return self.emit(_integer_power(n), node)
        if exponent == sympy.Rational(1, 2):
            return self.emit(raw.sqrt, node)
        return self.emit(raw.power, node, self.visit(exponent))

    def edge(self, condition: Any) -> int:
        """The node that is true where a condition is about to change."""
        if condition.func is namespace.Compare:
            return self.emit(raw.equal, *map(self.visit, condition.args[1:]))
        if condition.func in (namespace.Both, namespace.Either):
            return self.emit(raw.either, *map(self.edge, condition.args))
        if condition.is_Add and len(condition.args) == 2:  # 1 - c: `!=`
            inner = [-term for term in condition.args if (-term).func is namespace.Compare]
            if inner:
                return self.edge(inner[0])
        return self.number(libmp.fzero)


FLAT = {name: raw.flat(name) for name in STEPS}

# What may give `raw.NO_EDGE`, and what passes it on.
BRANCHES = (
    raw.choose,
    raw.step,
    raw.lean,
    raw.fork,
    raw.scale,
    raw.unscale,
    raw.negative,
    *FLAT.values(),
)


# Cached, so that the same power of the same thing is computed once.
@lru_cache(maxsize=256)
def _integer_power(n: int) -> Any:
    return lambda x, prec, rnd: raw.integer_power(x, n, prec, rnd)


@lru_cache(maxsize=256)
def _polygamma(n: int) -> Any:
    return raw.polygamma(n)


@lru_cache(maxsize=16)
def _constant(function: Any) -> Any:
    return lambda prec, rnd: function(prec, rnd)


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
