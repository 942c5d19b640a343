"""Rules run on recorded nodes, and what they record is differentiated again.

The gradient of a row is computed on a record; sweeping the record once more gives second
derivatives. They are compared with central differences of the first, in 60 digits, and with
SymPy. No row was written with this in mind: derivatives of derivatives need no second table.
"""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import sympy

from autodiff.backends import array, mp
from autodiff.backends.record import Record
from autodiff.ops import TABLE, base

RNG = np.random.default_rng(3)
X = RNG.uniform(0.2, 0.9, (2, 3))
Y = RNG.uniform(0.2, 0.9, (3, 2))
V = RNG.uniform(0.2, 0.9, 3)
Z = np.array([[0.0, 2.0, 3.0], [0.0, 0.0, 5.0]])

ROWS = [
    ("multiply", (0.7, -1.2), {}),
    ("multiply", (X, V), {}),
    ("divide", (X, V), {}),
    ("power", (0.7, 2.5), {}),
    ("power", (X, V), {}),
    ("sin", (X,), {}),
    ("tanh", (X,), {}),
    ("sigmoid", (X,), {}),
    ("softplus", (X - 0.5,), {}),
    ("gelu", (X,), {}),
    ("atan2", (X, V), {}),
    ("hypot", (X, V), {}),
    ("digamma", (X,), {}),
    ("abs", (X - 0.5,), {}),
    ("maximum", (X, V), {}),
    ("where", (X - 0.5, X, V), {}),
    ("sum", (X,), {"axis": 1}),
    ("mean", (X,), {}),
    ("prod", (X,), {"axis": 0}),
    ("prod", (Z,), {"axis": 1}),  # y/x would be 0/0, and so would its derivative
    ("max", (X,), {"axis": 1}),
    ("var", (X,), {"axis": 1}),
    ("std", (X,), {}),
    ("norm", (X,), {"axis": 0}),
    ("logsumexp", (X,), {"axis": 1, "keepdims": True}),
    ("softmax", (X,), {}),
    ("log_softmax", (X,), {"axis": 0}),
    ("cumsum", (X,), {"axis": 1}),
    ("cumprod", (Z,), {"axis": 1}),
    ("inv", (X @ Y,), {}),
    ("det", (X @ Y,), {}),
    ("solve", (X @ Y, X), {}),
    ("logdet", (X @ Y + np.eye(2),), {}),
    ("cholesky", (X @ X.T,), {}),
    ("matrix_power", (X @ Y,), {"n": 3}),
    ("tile", (X,), {"reps": (2, 2)}),
    ("einsum", (X, Y), {"subscripts": "ij,jk->ki"}),
    ("einsum", (X @ Y,), {"subscripts": "ii"}),
    ("kron", (X, Y), {}),
    ("cross", (X, V), {}),
    ("inner", (X, V), {}),
    ("repeat", (X,), {"repeats": 2}),
    ("take", (X,), {"indices": (0, 2, 2), "axis": 1}),
    ("swapaxes", (X,), {"axis1": 0, "axis2": 1}),
    ("tril", (X,), {"k": 0}),
    ("matmul", (X, Y), {}),
    ("matmul", (X, V), {}),
    ("outer", (V, V + 1), {}),
    ("trace", (X,), {}),
    ("diag", (V,), {"k": 1}),
    ("getitem", (X,), {"index": ([0, 0, 1], [1, 1, 2])}),
    ("transpose", (X,), {}),
    ("stack", (V, V), {}),
    ("concat", (X, X), {"axis": 1}),
    ("full", (0.3,), {"shape": (2,)}),
]


def gradient(m, op, xs, static, seed, weights):
    """A number made of all of a row's cotangents: its derivative holds every second one."""
    y = op.value(m, *xs, **static)
    total = 0
    for slot, weight in enumerate(weights):
        total = total + m.sum(base.pull(op, m, seed, y, xs, slot, static) * weight)
    return total


@pytest.mark.parametrize(("name", "xs", "static"), ROWS, ids=[f"{r[0]}-{r[2]}" for r in ROWS])
def test_second_derivatives_are_differences_of_the_first(name, xs, static):
    op = TABLE[name]
    rng = np.random.default_rng(11)
    with mpmath.workdps(60):
        xs = [mp.asarray(np.asarray(x)[()]) for x in xs]
        y = op.value(mp, *xs, **static)
        seed = mp.asarray(rng.standard_normal(mp.shape(y)))
        weights = [mp.asarray(rng.standard_normal(mp.shape(x))) for x in xs]
        directions = [mp.asarray(rng.standard_normal(mp.shape(x))) for x in xs]

        record = Record(mp)
        nodes = [record.leaf(x) for x in xs]
        first = gradient(record, op, nodes, static, seed, weights)
        adjoints = record.pullback(first, mp.asarray(1.0))
        got = mpmath.mpf(0)
        for node, direction in zip(nodes, directions, strict=True):
            if adjoints[node.index] is not None:
                assert mp.shape(adjoints[node.index]) == mp.shape(direction)
                got += mp.sum(adjoints[node.index] * direction)

        step = mpmath.mpf(10) ** -20
        above, below = (
            gradient(
                mp,
                op,
                [x + s * d for x, d in zip(xs, directions, strict=True)],
                static,
                seed,
                weights,
            )
            for s in (step, -step)
        )
        want = (above - below) / (2 * step)
        assert mpmath.fabs(got - want) < mpmath.mpf(10) ** -35 * (1 + mpmath.fabs(want))


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("sin", "sin(x)"),
        ("tanh", "tanh(x)"),
        ("exp", "exp(x)"),
        ("sqrt", "sqrt(x)"),
        ("sigmoid", "1/(1 + exp(-x))"),
        ("gelu", "x*(1 + erf(x/sqrt(2)))/2"),
        ("lgamma", "loggamma(x)"),
        ("asin", "asin(x)"),
    ],
)
def test_second_derivatives_are_sympys(name, formula):
    x = sympy.Symbol("x")
    want = sympy.diff(sympy.sympify(formula), x, 2).subs(x, sympy.Float(0.625, 40)).evalf(30)
    record = Record(array)
    node = record.leaf(np.float64(0.625))
    y = TABLE[name].value(record, node)
    first = base.pull(TABLE[name], record, 1.0, y, [node], 0, {})
    got = record.pullback(first, 1.0)[node.index]
    np.testing.assert_allclose(float(got), float(want), rtol=1e-13)


def test_a_record_computes_what_it_records():
    record = Record(array)
    a, b = record.leaf(np.float64(2.0)), record.leaf(np.float64(3.0))
    c = 1 / (a - b * 2) ** 2 + (4 - a)
    assert float(c.value) == 1 / 16 + 2
    assert float((a < b).value) == 1
    assert float((a == b).value) == 0
    adjoints = record.pullback(c, 1.0)
    np.testing.assert_allclose(adjoints[a.index], -2 * (2 - 6) ** -3 - 1)
    np.testing.assert_allclose(adjoints[b.index], 4 * (2 - 6) ** -3)


def test_unknown_functions_are_attribute_errors():
    with pytest.raises(AttributeError):
        Record(array).no_such_function  # noqa: B018  the access is what is tested
