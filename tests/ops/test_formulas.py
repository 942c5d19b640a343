"""Every elementwise row's slopes equal SymPy's derivative of its definition, as formulas."""

from __future__ import annotations

import itertools

import pytest
import sympy
from row_cases import ELEMENTWISE
from sympy_region import Region


def points(op):
    """Rational points of the sampling range that reach each piece the row may have."""
    arity = len(op.partials)
    samples = op.sample * arity if len(op.sample) == 1 else op.sample
    sides = []
    for k, (low, high) in enumerate(samples):
        low, width = sympy.Rational(str(low)), sympy.Rational(str(high - low))
        # Per operand other fractions, so that no two are equal.
        shares = [sympy.Rational(n, 101) + sympy.Rational(k, 211) for n in (7, 43, 87)]
        sides.append([low + share * width for share in shares])
    if op.selects:
        sides[0].append(sympy.Integer(0))
    return list(itertools.product(*sides))


def vanishes(difference):
    for attempt in (
        lambda d: sympy.expand_log(d, force=True),
        sympy.simplify,
        lambda d: sympy.simplify(d.rewrite(sympy.exp)),
        lambda d: sympy.simplify(sympy.expand_log(d.rewrite(sympy.log), force=True)),
        lambda d: sympy.simplify(sympy.expand(sympy.expand_log(d, force=True))),
        lambda d: sympy.simplify(d.rewrite(sympy.erf)),
        lambda d: sympy.radsimp(sympy.simplify(d**2)),
    ):
        difference = attempt(sympy.sympify(difference))
        if difference == 0:
            return True
    return False


RULES = [
    (op, kind, slot)
    for op in ELEMENTWISE
    for kind in ("partials", "textbook")
    for slot in range(len(getattr(op, kind)))
]


@pytest.mark.parametrize(
    ("op", "kind", "slot"), RULES, ids=[f"{op.name}-{kind}-{slot}" for op, kind, slot in RULES]
)
def test_rule_is_the_derivative(op, kind, slot):
    seen = set()
    for point in points(op):
        m = Region(point)
        value = sympy.sympify((op.meaning or op.value)(m, *m.symbols))
        result = sympy.sympify(op.value(m, *m.symbols))
        derivative = sympy.diff(value, m.symbols[slot])
        rule = sympy.sympify(getattr(op, kind)[slot](m, result, *m.symbols))
        if (derivative, rule) not in seen:
            seen.add((derivative, rule))
            assert vanishes(derivative - rule), (point, derivative, rule)


@pytest.mark.parametrize("op", [op for op in ELEMENTWISE if op.meaning], ids=lambda op: op.name)
def test_value_is_the_definition(op):
    for point in points(op):
        m = Region(point)
        assert vanishes(op.value(m, *m.symbols) - op.meaning(m, *m.symbols)), point


def test_a_wrong_rule_is_found():
    x = sympy.Symbol("x", positive=True)
    assert not vanishes(sympy.diff(sympy.tanh(x), x) - (1 - sympy.tanh(x)))
