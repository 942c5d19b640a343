"""SymPy expressions -> straight-line code. Each distinct subexpression is computed once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sympy
from mpmath import libmp
from mpmath.libmp import finf, fninf, fone

from autodiff.symbolic import branches, functions, raw
from autodiff.symbolic.functions import STEPS
from autodiff.symbolic.raw import Beyond, Number, Singular

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    sympy.sign: branches.sign_off_0,
    functions.Magnitude: raw.magnitude_of,
    functions.Loggamma: raw.lgamma,
    sympy.gamma: raw.gamma,
    sympy.erfinv: raw.erfinv,
    functions.Sinc: raw.sinc,
    functions.SincSlope: raw.sinc_slope,
    functions.Ndtri: raw.ndtri,
}
MANY: dict[Any, Any] = {
    sympy.atan2: raw.atan2,
    functions.Fork: branches.fork,
    functions.Larger: branches.larger,
    functions.Smaller: branches.smaller,
    functions.Lean: branches.lean,
    functions.Both: branches.both,
    functions.Either: branches.either,
}
COMPARE = (branches.less, branches.less_equal, branches.equal)
STEP = (branches.sign, branches.floor, branches.ceil, branches.nearest)
HELD = (raw.add, raw.multiply, raw.power)
CONSTANTS: dict[Any, Any] = {
    sympy.pi: libmp.mpf_pi,
    sympy.E: libmp.mpf_e,
    sympy.EulerGamma: libmp.mpf_euler,
}
SLOW = (raw.lgamma, raw.gamma, raw.erfinv, raw.ndtri)

# How an instruction takes its operands, in place of the second one.
ONE, MORE = -1, -2


class Node:
    """One instruction before registers are numbered."""

    __slots__ = ("arity", "constant", "function", "operands")

    def __init__(self, function: Any, operands: Any, arity: int, constant: bool) -> None:
        self.function = function
        self.operands = operands
        self.arity = arity
        self.constant = constant


class Compiler:
    """SymPy expressions -> nodes, each distinct subexpression once."""

    def __init__(self, symbols: Sequence[Any]) -> None:
        self.inputs = len(symbols)
        self.nodes: list[Node] = [Node(None, i, 0, False) for i in range(self.inputs)]
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
            self.nodes.append(Node(function, operands, len(operands), constant))
            self.made[key] = len(self.nodes) - 1
        return self.made[key]

    def number(self, value: Number) -> int:
        key = (None, value)
        if key not in self.made:
            self.nodes.append(Node(None, value, 0, True))
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
        if kind is functions.Step:
            return self.emit(STEP[int(expr.args[0])], self.visit(expr.args[1]))
        if kind is functions.Flat:
            name = STEPS[int(expr.args[0])]
            return self.emit(FLAT[name], self.visit(expr.args[1]))
        if kind is functions.Compare:
            return self.emit(COMPARE[int(expr.args[0])], *map(self.visit, expr.args[1:]))
        if kind is functions.Held:
            return self.emit(HELD[int(expr.args[0])], *map(self.visit, expr.args[1:]))
        if kind is functions.Select:
            return self.emit(branches.choose, *map(self.visit, expr.args[:3]))
        if kind is functions.Slope:
            c, *rest = expr.args
            return self.emit(branches.step, self.visit(c), self.edge(c), *map(self.visit, rest))
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
        if condition.func is functions.Compare:
            return self.emit(branches.equal, *map(self.visit, condition.args[1:]))
        if condition.func in (functions.Both, functions.Either):
            return self.emit(branches.either, *map(self.edge, condition.args))
        if condition.is_Add and len(condition.args) == 2:  # 1 - c: `!=`
            inner = [-term for term in condition.args if (-term).func is functions.Compare]
            if inner:
                return self.edge(inner[0])
        return self.number(libmp.fzero)


FLAT = {name: branches.flat(name) for name in STEPS}

# What may give `raw.NO_EDGE`, and what passes it on.
BRANCHES = (
    branches.choose,
    branches.step,
    branches.lean,
    branches.fork,
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
