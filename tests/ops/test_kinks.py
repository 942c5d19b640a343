"""Kinks: where each row says it has one, the convention there, and the one-sided slopes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from row_cases import cases_of

from autodiff.backends import array, mp, scalar
from autodiff.ops import TABLE, base

inf, nan, pi = math.inf, math.nan, math.pi

# op, operands, slopes by convention, and one-sided rates: direction -> rate. Directions give
# one number per operand; None is an operand that does not vary.
SCALAR = [
    ("abs", (0.0,), (0,), {(1,): 1, (-2,): 2, (0,): 0}),
    ("relu", (0.0,), (0,), {(1,): 1, (-1,): 0}),
    ("leaky_relu", (0.0, 0.1), (0.1, 0), {(1, 0): 1, (-1, 0): -0.1, (None, 1): 0}),
    ("leaky_relu", (0.0, 3.0), (1, 0), {(1, None): 1, (-1, None): -3}),
    ("leaky_relu", (0.0, -1.0), (0, 0), {(1, None): 1, (-1, None): 1}),
    ("elu", (0.0, 2.0), (1, 0), {(1, None): 1, (-1, None): -2, (None, 1): 0}),
    ("maximum", (1.0, 1.0), (0.5, 0.5), {(1, None): 1, (-1, None): 0, (1, 2): 2, (-1, -3): -1}),
    ("minimum", (1.0, 1.0), (0.5, 0.5), {(1, None): 0, (-1, None): -1, (1, 2): 1}),
    (
        "clip",
        (0.0, 0.0, 1.0),
        (0, 0, 0),
        {(1, None, None): 1, (-1, None, None): 0, (None, 1, 0): 1},
    ),
    (
        "clip",
        (1.0, 0.0, 1.0),
        (0, 0, 0),
        {(1, None, None): 0, (-1, None, None): -1, (0, 0, -1): -1},
    ),
    ("hypot", (0.0, 0.0), (0, 0), {(1, None): 1, (-1, None): 1, (3, -4): 5}),
    ("sqrt", (0.0,), (inf,), {(1,): inf, (-1,): nan, (0,): nan}),
    ("cbrt", (0.0,), (inf,), {(1,): inf, (-1,): -inf, (0,): nan}),
    ("asin", (1.0,), (inf,), {(-1,): -inf, (1,): nan}),
    ("asin", (-1.0,), (inf,), {(1,): inf, (-1,): nan}),
    ("acos", (1.0,), (-inf,), {(-1,): inf, (1,): nan}),
    ("acos", (-1.0,), (-inf,), {(1,): -inf, (-1,): nan}),
    ("acosh", (1.0,), (inf,), {(1,): inf, (-1,): nan}),
    ("power", (0.0, 0.5), (inf, 0), {(1, None): inf, (-1, None): nan, (None, 1): 0}),
    (
        "power",
        (0.0, 0.0),
        (0, -inf),
        {(1, None): 0, (-1, None): 0, (None, 1): -inf, (None, -1): nan},
    ),
    ("entr", (0.0,), (inf,), {(1,): inf, (-1,): nan}),
    (
        "xlogy",
        (0.0, 0.0),
        (-inf, 0),
        {(1, None): -inf, (-1, None): inf, (None, 1): 0, (None, -1): nan, (1, 1): -inf},
    ),
    ("atan2", (0.0, -2.0), (-0.5, 0), {(1, None): -0.5, (-1, None): -inf, (None, 1): 0}),
    ("atan2", (-0.0, -2.0), (-0.5, 0), {(1, None): inf, (-1, None): 0.5, (None, 1): 0}),
]

# The same for rows of several arrays that make one number: slopes and directions per operand.
TOGETHER = [
    (
        "kl_div",
        ([0.0, -1.0], [0.0, 1.0]),
        ([0.0, -1.0], [-inf, 2.0]),
        [
            (([1.0, 1.0], None), -1.0),
            ((None, [0.0, 1.0]), 2.0),
            ((None, [1.0, 0.0]), -inf),
            ((None, [-1.0, 0.0]), nan),
        ],
    ),
]

# op, operands, the value just off the point: direction -> limit.
JUMPS = [
    ("sign", (0.0,), {(1,): 1, (-1,): -1, (0,): 0}),
    ("floor", (2.0,), {(1,): 2, (-1,): 1, (0,): 2}),
    ("floor", (-2.0,), {(1,): -2, (-1,): -3}),
    ("ceil", (2.0,), {(1,): 3, (-1,): 2, (0,): 2}),
    ("round", (0.5,), {(1,): 1, (-1,): 0, (0,): 0}),
    ("round", (1.5,), {(1,): 2, (-1,): 1, (0,): 2}),
    ("greater", (1.0, 1.0), {(1, None): 1, (-1, None): 0, (None, 1): 0, (1, 1): 0}),
    ("greater_equal", (1.0, 1.0), {(1, None): 1, (-1, None): 0, (1, 1): 1}),
    ("less", (1.0, 1.0), {(1, None): 0, (-1, None): 1, (1, 1): 0}),
    ("less_equal", (1.0, 1.0), {(1, None): 0, (-1, None): 1, (1, 1): 1}),
    ("equal", (1.0, 1.0), {(1, None): 0, (-1, None): 0, (1, 1): 1}),
    ("not_equal", (1.0, 1.0), {(1, None): 1, (-1, None): 1, (1, 1): 0}),
]

X = [[1.0, 3.0, 3.0], [0.0, 0.0, 0.0]]
D = [[5.0, 1.0, 2.0], [-3.0, 0.0, 4.0]]
ONE = [[1.0, 0.0], [0.0, 1.0]]
TOP = 3.5 + 12.5**0.5  # the larger eigenvalue of the symmetric part of D2, whose trace is 7
D2 = [[1.0, 2.0], [3.0, 6.0]]  # of determinant 0, and of norm 50**0.5
SIZE = 50**0.5
# op, operand, configuration, where it is on a kink, slopes, one-sided rates along D and −D
# (None where the row is not on a kink).
REDUCED = [
    ("max", X, {"axis": 1}, [1, 1], [[0, 0.5, 0.5], [1 / 3] * 3], [2, 4], [-1, 3]),
    ("max", X, {}, 1, [[0, 0.5, 0.5], [0] * 3], 2, -1),
    ("max", X, {"axis": 0, "keepdims": True}, [[0, 0, 0]], [[1, 1, 1], [0] * 3], None, None),
    ("min", X, {"axis": 1}, [0, 1], [[1, 0, 0], [1 / 3] * 3], [5, -3], [-5, -4]),
    (
        "min",
        X,
        {"axis": -1, "keepdims": True},
        [[0], [1]],
        [[1, 0, 0], [1 / 3] * 3],
        [[5], [-3]],
        [[-5], [-4]],
    ),
    (
        "norm",
        X,
        {"axis": 1},
        [0, 1],
        [[1 / 19**0.5, 3 / 19**0.5, 3 / 19**0.5], [0] * 3],
        [None, 5],
        [None, 5],
    ),
    ("norm", X[1], {}, 1, [0] * 3, 5, 5),
    ("sort", X, {"axis": 1}, [[0, 1, 1], [1] * 3], [[1] * 3] * 2, [[None, 1, 2], [-3, 0, 4]], None),
    (
        "sort",
        X,
        {"axis": None},
        [1, 1, 1, 0, 1, 1],
        [[1] * 3] * 2,
        [-3, 0, 4, None, 1, 2],
        [-4, 0, 3, None, -2, -1],
    ),
    ("norm", X, {"axis": 1, "ord": 1}, [0, 1], [[1, 1, 1], [0] * 3], [None, 7], [None, 7]),
    (
        "norm",
        X,
        {"axis": 1, "ord": inf},
        [1, 1],
        [[0, 0.5, 0.5], [0] * 3],
        [2, 4],
        [-1, 4],
    ),
    ("norm", X, {"axis": 1, "ord": -inf}, [0, 1], [[1, 0, 0], [0] * 3], [None, 0], [None, 0]),
    ("norm", X, {"axis": 1, "ord": 3}, [0, 1], None, [None, 91 ** (1 / 3)], [None, 91 ** (1 / 3)]),
    ("norm", X, {"ord": 1}, 1, [[0, 0.5, 0.5], [0] * 3], 6, 2),
    ("norm", X, {"ord": inf}, 0, [[1, 1, 1], [0] * 3], None, None),
    ("norm", X, {"ord": -inf}, 1, [[0] * 3, [0] * 3], 7, 7),
    ("norm", ONE, {"ord": 2}, 1, [[0.5, 0], [0, 0.5]], TOP, TOP - 7),
    ("norm", ONE, {"ord": -2}, 1, [[0.5, 0], [0, 0.5]], 7 - TOP, -TOP),
    ("norm", [[2.0, 0.0], [0.0, 0.0]], {"ord": "nuc"}, 1, [[1, 0], [0, 0]], 1 + 6, -1 + 6),
    ("norm", [[2.0, 0.0], [0.0, 0.0]], {"ord": -2}, 1, [[0, 0], [0, 0]], 6, 6),
    ("norm", [[2.0, 0.0], [0.0, 0.0]], {"ord": 2}, 0, [[1, 0], [0, 0]], None, None),
    ("eigvalsh", ONE, {}, [1, 1], ONE, [7 - TOP, TOP], [-TOP, TOP - 7]),
    ("eigvalsh", [[2.0, 0.0], [0.0, 1.0]], {}, [0, 0], ONE, [None, None], [None, None]),
    ("svdvals", ONE, {}, [1, 1], ONE, [TOP, 7 - TOP], [TOP - 7, -TOP]),
    ("svdvals", [[2.0, 0.0], [0.0, 0.0]], {}, [0, 1], [[1, 0], [0, 0]], [None, 6], [None, 6]),
    ("norm", np.zeros((2, 2)), {"ord": "nuc"}, 1, np.zeros((2, 2)), SIZE, SIZE),
    ("norm", np.zeros((2, 2)), {"ord": 2}, 1, np.zeros((2, 2)), SIZE, SIZE),
    ("sort", X[1], {}, [1] * 3, [1] * 3, [-3, 0, 4], [-4, 0, 3]),
    ("std", X[1], {}, 1, [0] * 3, np.std(D[1]), np.std(D[1])),
    (
        "std",
        X,
        {"axis": 1, "ddof": 1},
        [0, 1],
        None,
        [None, np.std(D[1], ddof=1)],
        [None, np.std(D[1], ddof=1)],
    ),
]


def in_numpy(xs):
    return [array.asarray(x) for x in xs]


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"):
        yield


def test_every_kink_is_in_a_table():
    listed = {row[0] for row in (*SCALAR, *JUMPS, *REDUCED, *TOGETHER)}
    assert listed == {name for name, op in TABLE.items() if op.kink is not None}
    assert {row[0] for row in JUMPS} == {n for n, op in TABLE.items() if op.kink and op.kink.limit}


def test_a_kink_has_one_rule():
    for op in TABLE.values():
        if op.kink is not None:
            assert (op.kink.side is None) != (op.kink.limit is None)
            assert op.kink.text


@pytest.mark.parametrize(("name", "xs", "slopes", "sides"), SCALAR, ids=lambda v: str(v)[:24])
def test_conventions_and_sides(name, xs, slopes, sides):
    op = TABLE[name]
    for m, operands in ((array, in_numpy(xs)), (array, [np.array([x, x]) for x in xs])):
        y = op.value(m, *operands)
        assert np.all(op.kink.at(m, y, *operands))
        got = [np.broadcast_to(p(m, y, *operands), np.shape(y)) for p in op.partials]
        for one, slope in zip(got, slopes, strict=True):
            np.testing.assert_allclose(one, slope)
        for direction, rate in sides.items():
            dxs = [None if d is None else np.full(np.shape(y), float(d))[()] for d in direction]
            np.testing.assert_allclose(op.kink.side(m, y, operands, dxs), rate)
    y = float(op.value(array, *in_numpy(xs)))
    assert op.kink.at(scalar, y, *xs)


@pytest.mark.parametrize(("name", "xs", "slopes", "sides"), TOGETHER, ids=lambda v: str(v)[:24])
def test_conventions_and_sides_of_several_arrays(name, xs, slopes, sides):
    op, xs = TABLE[name], [np.array(x) for x in xs]
    y = op.value(array, *xs)
    assert op.kink.at(array, y, *xs)
    for slot, slope in enumerate(slopes):
        np.testing.assert_allclose(base.pull(op, array, 1.0, y, xs, slot, {}), slope)
    for direction, rate in sides:
        dxs = [None if d is None else np.array(d) for d in direction]
        np.testing.assert_allclose(op.kink.side(array, y, xs, dxs), rate)


@pytest.mark.parametrize(("name", "xs", "limits"), JUMPS, ids=lambda v: str(v)[:24])
def test_jumps(name, xs, limits):
    op = TABLE[name]
    for operands in (in_numpy(xs), [np.array([x, x]) for x in xs]):
        y = op.value(array, *operands)
        assert np.all(op.kink.at(array, y, *operands))
        for partial in op.partials:
            assert np.all(np.asarray(partial(array, y, *operands)) == 0)
        for direction, limit in limits.items():
            dxs = [None if d is None else np.full(np.shape(y), float(d))[()] for d in direction]
            got = op.kink.limit(array, y, operands, dxs)
            np.testing.assert_array_equal(got, np.full(np.shape(y), limit))
            if any(direction):  # and it is the value there
                moved = [x + 1e-9 * (d or 0) for x, d in zip(xs, direction, strict=True)]
                assert limit == op.value(scalar, *moved)


@pytest.mark.parametrize(
    ("name", "x", "static", "at", "slopes", "forward", "backward"),
    REDUCED,
    ids=[f"{row[0]}-{row[2]}" for row in REDUCED],
)
def test_reductions(name, x, static, at, slopes, forward, backward):
    op, x = TABLE[name], np.array(x)
    d = np.array(D2 if x.shape == (2, 2) else D if x.ndim == 2 else D[1])
    y = op.value(array, x, **static)
    assert np.shape(op.kink.at(array, y, x, **static)) == np.shape(y)
    np.testing.assert_array_equal(op.kink.at(array, y, x, **static), np.array(at, dtype=bool))
    if slopes is not None:
        seed = np.ones(np.shape(y))[()]
        np.testing.assert_allclose(base.pull(op, array, seed, y, [x], 0, static), slopes)
    for direction, expected in ((d, forward), (-d, backward)):
        side = op.kink.side(array, y, [x], [direction], **static)
        assert np.shape(side) == np.shape(y)
        got = np.where(np.equal(np.array(expected, dtype=object), None), np.nan, side)
        if expected is not None:
            np.testing.assert_allclose(
                np.array(got, dtype=float), np.array(expected, dtype=float), rtol=1e-12
            )
            moved = op.value(array, x + 1e-6 * direction, **static)
            np.testing.assert_allclose(
                np.where(np.isnan(np.array(expected, dtype=float)), np.nan, (moved - y) / 1e-6),
                np.array(expected, dtype=float),
                rtol=1e-5,
            )


@pytest.mark.parametrize(
    "case",
    [case for op in TABLE.values() if op.kink and op.kink.side for case in cases_of(op)],
    ids=lambda case: case.id,
)
def test_sides_have_the_shape_of_the_result_and_run_in_mpmath(case):
    op, xs = case.op, case.xs
    y = op.value(array, *xs, **case.static)
    dxs = [np.ones(np.shape(x))[()] for x in xs]
    for m in (array, mp):
        ours = [m.asarray(x) for x in xs]
        value = op.value(m, *ours, **case.static)
        side = op.kink.side(m, value, ours, [m.asarray(d) for d in dxs], **case.static)
        at = op.kink.at(m, value, *ours, **case.static)
        push = base.push(op, m, [m.asarray(d) for d in dxs], value, ours, case.static)
        assert np.shape(m.where(at, side, push)) == np.shape(y)
