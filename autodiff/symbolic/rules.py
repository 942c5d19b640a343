"""What SymPy is asked to differentiate: forms, rows, single functions; each once.

Literal exponents are told to SymPy; other constants are parameters, so that 2·x and 3·x are
one formula.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy

from autodiff.symbolic import namespace
from autodiff.symbolic.namespace import Formula
from autodiff.symbolic.program import Program
from autodiff.symbolic.raw import Beyond
from autodiff.syntax import Form, Instruction

if TYPE_CHECKING:
    from collections.abc import Sequence

JOINT_SIZE = 150  # nodes of a form's formula, written out as a tree: more is taken in parts
LITERAL = 64  # exponents up to that, by halves, are part of the formula
KEPT = 4096  # programs


class Rule(NamedTuple):
    """What a program is built of: a form, a row, or one of the namespace's own functions.

    ``arity`` is the number of operands. ``static`` configures a function (n of polygamma).
    """

    what: Any
    arity: int
    static: tuple[Any, ...] = ()

    def __call__(self, xs: Sequence[Formula]) -> Formula:
        """The formula at the formulas ``xs``."""
        if isinstance(self.what, str):
            return namespace.lift(getattr(namespace, self.what)(*self.static, *xs))
        if not hasattr(self.what, "code"):
            return namespace.apply(self.what, xs)
        regs: list[Formula] = list(xs)
        for op, args, _, _ in self.what.code:
            regs.append(namespace.apply(op, [regs[a] for a in args]))
            if regs[-1].size > JOINT_SIZE:
                raise Beyond("too large a formula")
        result: Formula = regs[self.what.result]
        return result


def shared(form: Form) -> Form:
    """One form for all that compute the same, of whatever model: SymPy is asked once."""
    steps = tuple([(op, args) for op, args, _, _ in form.code])
    return _form(form.slots, steps, form.result)


@lru_cache(maxsize=KEPT)
def _form(slots: int, steps: tuple[tuple[Any, tuple[int, ...]], ...], result: int) -> Form:
    return Form(slots, tuple([Instruction(op, args, (), 0) for op, args in steps]), result)


@lru_cache(maxsize=1024)
def symbol(i: int) -> Any:
    """The symbol of the i-th operand."""
    return sympy.Symbol(f"s{i}", real=True)


@lru_cache(maxsize=KEPT)
def exponents(rule: Rule) -> tuple[int, ...]:
    """The operands that stand in an exponent. Where they are small numbers SymPy is told:

    it cannot differentiate x**p at 0 without knowing p.
    """
    formula = rule([Formula(symbol(i)) for i in range(rule.arity)]).expr
    found = set()
    for power in formula.atoms(sympy.Pow):
        found |= power.exp.free_symbols
    return tuple(i for i in range(rule.arity) if symbol(i) in found)


def hides(rule: Rule, xs: Sequence[Formula]) -> bool:
    """Whether SymPy may cancel a singularity of a form as it builds it: sqrt(x)**2, exp(log(x)).

    So it is where something singular of one operation is not found in the whole.
    """
    regs = list(xs)
    needed: set[Any] = set()
    for op, args, _, _ in rule.what.code:
        operands = [regs[a].expr for a in args]
        alone = [x if x.is_number else symbol(-1 - k) for k, x in enumerate(operands)]
        given = dict(zip(alone, operands, strict=True))
        formula = namespace.apply(op, [Formula(x) for x in alone]).expr
        for kind, part in _singular(formula):
            needed |= _kept(kind, part.xreplace(given))
        regs.append(namespace.apply(op, [regs[a] for a in args]))
    return not needed <= _singular(regs[rule.what.result].expr)


def _singular(formula: Any) -> set[tuple[str, Any]]:
    """Where a formula is singular: poles, by their factors; roots; log, abs and their like."""
    found: set[tuple[str, Any]] = set()
    for part in formula.atoms(sympy.Pow, sympy.Function):
        if part.is_Function:
            found |= _kept("function", part)
        else:
            if part.exp.could_extract_minus_sign():
                found |= _kept("pole", part.base**-part.exp)
            if not part.exp.is_Integer:
                found |= _kept("root", part.base)
    return found


def _kept(kind: str, part: Any) -> set[tuple[str, Any]]:
    """A singular part in one way of writing: the pole of (x·y)**2 is that of x and of y."""
    if kind == "function":
        return {(kind, part)} if part.is_Function and part.func not in ENTIRE else set()
    if kind == "pole":
        factors = part.args if part.is_Mul else (part,)
        bases = [f.base if f.is_Pow and f.exp.is_number else f for f in factors]
        return {(kind, base) for base in bases if not base.is_number}
    return set() if part.is_number else {(kind, part)}


ENTIRE = (
    sympy.exp, sympy.sin, sympy.cos, sympy.sinh, sympy.cosh, sympy.tanh, sympy.atan, sympy.asinh,
    sympy.erf, sympy.erfc,
)  # fmt: skip


@lru_cache(maxsize=KEPT)
def program(
    rule: Rule, literals: tuple[tuple[int, float], ...], active: tuple[int, ...]
) -> Program:
    """SymPy's partials of a rule. Cached: the models of one process share their forms.

    Raises Trouble for a form that is better taken operation by operation.
    """
    xs = [Formula(symbol(i)) for i in range(rule.arity)]
    for i, value in literals:
        xs[i] = Formula(namespace.exact(value))
    if hasattr(rule.what, "code") and len(rule.what.code) > 1 and hides(rule, xs):
        raise Beyond("SymPy may cancel a singularity")
    return Program(rule(xs).expr, [symbol(i) for i in range(rule.arity)], active, rule)


def literals(
    rule: Rule, operands: Sequence[int], constants: Sequence[object]
) -> tuple[tuple[int, float], ...]:
    """The operands that SymPy is to see as numbers."""
    return tuple(
        [
            (i, constants[~operands[i]])  # type: ignore[misc]  # `literal` means it is a float
            for i in exponents(rule)
            if operands[i] < 0 and literal(constants[~operands[i]])
        ]
    )


def literal(value: object) -> bool:
    """Whether a constant is short enough to be part of a formula."""
    return isinstance(value, float) and abs(value) <= LITERAL and (2 * value).is_integer()
