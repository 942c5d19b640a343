"""Every row of arrays: what it pulls back is SymPy's derivative of its definition, as formulas.

The row runs on small arrays of symbols, and so does its VJP; the derivative is SymPy's own, of the
sum of the results, each times a symbol of its own. The elementwise rows are in test_formulas.
"""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from row_cases import SHAPES, Case, cases_of

from autodiff.ops import TABLE, base
from autodiff.symbolic.elements import Elements, Space
from autodiff.symbolic.namespace import Formula

ROWS = [op for op in TABLE.values() if op.differentiable and not op.elementwise]

# Rows that no formula is asked of, and why. They are held to differences in high precision, to
# the forward rule, and to the peers like every other row.
EXEMPT = {
    "eigvalsh": "its slope is made of eigenvectors, which SymPy has no formula for",
    "svdvals": "its slope is made of singular vectors",
    "sort": "its slope is an order, decided at the point and not by a formula",
    "max": "its slope is 1 or 0, decided by comparisons",
    "min": "its slope is 1 or 0, decided by comparisons",
    "huber": "decides by comparisons; each piece is a formula of huber_element, which is proven",
    "cross_entropy": "subtracts the largest; its terms are those of log_softmax, which is proven",
}
# Rows whose smallest case of the table has no formula, or says too little.
SMALL = {
    "matmul": ((2, 2), (2, 2)),
    "dot": ((2, 2), (2,)),
    "inner": ((2, 2), (2,)),
    "outer": ((2,), (3,)),
    "vdot": ((2,), (2,)),
    "mse": ((2,), (2,)),
    "kl_div": ((2,), (2,)),
    "binary_cross_entropy": ((2,), (2,)),
    "cosine_similarity": ((2,), (2,)),
    "softmax": ((3,),),
    "log_softmax": ((3,),),
    "cumprod": ((3,),),
    "det": ((3, 3),),
    "logdet": ((2, 2),),
    "inv": ((2, 2),),
    "solve": ((2, 2), (2,)),
    "cholesky": ((2, 2),),
    "matrix_power": ((2, 2),),
    "einsum": ((2, 2), (2,)),
    "norm": ((3,),),
    "std": ((3,),),
    "var": ((3,),),
    "prod": ((3,),),
}
SETTINGS = {"matrix_power": {"n": 3}, "einsum": {"subscripts": "ij,j->i"}}


class Symbols(Space):
    """SymPy's arrays of formulas, with SymPy's own matrices where the engine writes none out."""

    def matrices(self, function, x):
        x = self.lift(x).array
        made = function(sympy.Matrix([[v.expr for v in row] for row in x]))
        out = np.empty(x.shape, object)
        for i in np.ndindex(x.shape):
            out[i] = Formula(made[i])
        return Elements(self, out)

    def inv(self, x):
        return self.matrices(lambda a: a.inv(), x)

    def cofactor(self, x):
        return self.matrices(lambda a: a.cofactor_matrix(), x)

    def cholesky(self, x):
        # Not SymPy's: that wants to know that the matrix is definite.
        def lower(a):
            first = sympy.sqrt(a[0, 0])
            second = sympy.sqrt(a[1, 1] - a[1, 0] ** 2 / a[0, 0])
            return sympy.Matrix([[first, 0], [a[1, 0] / first, second]])

        return self.matrices(lower, x)

    def det(self, x):
        a = sympy.Matrix([[v.expr for v in row] for row in self.lift(x).array])
        return self.lift(Formula(a.det()))

    def slogdet(self, x):
        return self.lift(1), self.map(lambda v: Formula(sympy.log(v.expr)), self.det(x))

    def solve(self, a, b):
        return self.matmul(self.inv(a), b)

    def einsum(self, subscripts, *xs):
        return self.lift(np.asarray(np.einsum(subscripts, *[self.lift(x).array for x in xs])))

    def scatter(self, x, index, shape):
        out = np.empty(shape, object)
        out[...] = Formula(sympy.Integer(0))
        np.add.at(out, index, self.lift(x).array)
        return Elements(self, out)

    def lift(self, x):
        if isinstance(x, np.ndarray) and x.dtype == object:
            return Elements(self, x)
        return super().lift(x)


def case_of(op):
    if op.name in SMALL:
        shapes = SMALL[op.name]
        return Case(op, tuple(np.ones(s) for s in shapes), SETTINGS.get(op.name, {}))
    cases = cases_of(op)
    wide = [case for case in cases if min(map(np.size, case.xs)) > 1] or cases
    return min(wide, key=lambda case: sum(map(np.size, case.xs)))


def symbols(m, name, shape):
    out = np.empty(shape, object)
    for n, i in enumerate(np.ndindex(shape)):
        out[i] = Formula(sympy.Symbol(f"{name}{n}", positive=True))
    return Elements(m, out)


def flat(x):
    return [v.expr for v in np.asarray(x.array).ravel()]


def gaps(case, rule):
    """SymPy's derivative less the row's, by each element of each operand."""
    m = Symbols()
    xs = [symbols(m, f"x{slot}_", np.shape(x)) for slot, x in enumerate(case.xs)]
    y = m.lift((case.op.meaning or case.op.value)(m, *xs, **case.static))
    seed = symbols(m, "g", y.shape)
    total = sum(g * v for g, v in zip(flat(seed), flat(y), strict=True))
    for slot, x in enumerate(xs):
        pulled = flat(m.lift(base.pull(rule, m, seed, y, xs, slot, case.static)))
        for symbol, slope in zip(flat(x), pulled, strict=True):
            yield sympy.diff(total, symbol) - slope


def vanishes(gap):
    return gap == 0 or sympy.simplify(gap) == 0


@pytest.mark.parametrize("op", [op for op in ROWS if op.name not in EXEMPT], ids=lambda op: op.name)
def test_pull_is_the_derivative(op):
    count = 0
    for gap in gaps(case_of(op), op):
        assert vanishes(gap), gap
        count += 1
    assert count


def test_exemptions_are_of_rows_that_are_there():
    names = {op.name for op in ROWS}
    assert {*EXEMPT, *SMALL, *SETTINGS} <= names <= set(SHAPES)


def test_a_wrong_pull_is_found():
    op = TABLE["softmax"]
    wrong = base.Op(
        *("softmax", op.signature),
        value=op.value,
        vjp=lambda m, seed, y, xs, slot, axis=-1: y * seed,
        jvp=op.jvp,
    )
    assert not all(map(vanishes, gaps(case_of(op), wrong)))
