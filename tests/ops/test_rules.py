"""Every row's rules against its own value, in 60-digit arithmetic and in float64."""

from __future__ import annotations

import warnings

import mpmath
import numpy as np
import pytest
from row_cases import BUILDERS, CASES, DATA, cases_of

from autodiff.backends import array, mp, scalar
from autodiff.limits import LIMITS
from autodiff.ops import TABLE, base, lookup

DIGITS = 60

# Their bounds take the terms of an entry of the Jacobian apart, and so are larger.
APART = {
    "softmax",
    "log_softmax",
    "cross_entropy",
    "binary_cross_entropy",
    "cosine_similarity",
    "einsum",  # of three operands: an entry is a sum
    "cholesky",
    "matrix_power",
}

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
STEP = mpmath.mpf(10) ** -20  # central differences err by its square


@pytest.fixture(autouse=True)
def precision():
    with mpmath.workdps(DIGITS):
        yield


# A central difference is right to the square of its step.
HALF = STEP**2 * 10**5


def close(a, b, tolerance=HALF):
    a, b = np.asarray(a, dtype=object), np.asarray(b, dtype=object)
    assert a.shape == b.shape
    for x, y in zip(a.flat, b.flat, strict=True):
        assert mpmath.fabs(x - y) <= tolerance * (1 + mpmath.fabs(y)), (x, y)


def exact(xs):
    return [mp.asarray(x) for x in xs]


def directions(case, rng):
    drawn = [rng.standard_normal(np.shape(x)) for x in case.xs]
    if case.op.selects:  # a condition of 0, moved, is another branch
        drawn[0] = np.zeros(np.shape(drawn[0]))
    return drawn


@pytest.fixture
def rng():
    return np.random.default_rng(20)


def run(case, m, xs):
    return case.op.value(m, *xs, **case.static)


@every_case
def test_push_is_the_central_difference(case, rng):
    xs = exact(case.xs)
    dxs = exact(directions(case, rng))
    y = run(case, mp, xs)
    above = run(case, mp, [x + STEP * dx for x, dx in zip(xs, dxs, strict=True)])
    below = run(case, mp, [x - STEP * dx for x, dx in zip(xs, dxs, strict=True)])
    close(base.push(case.op, mp, dxs, y, xs, case.static), (above - below) / (2 * STEP))


@every_case
def test_push_along_one_operand_is_the_central_difference(case, rng):
    xs = exact(case.xs)
    y = run(case, mp, xs)
    for slot, dx in enumerate(exact(directions(case, rng))):
        dxs = [dx if k == slot else None for k in range(len(xs))]
        above = run(case, mp, [*xs[:slot], xs[slot] + STEP * dx, *xs[slot + 1 :]])
        below = run(case, mp, [*xs[:slot], xs[slot] - STEP * dx, *xs[slot + 1 :]])
        close(base.push(case.op, mp, dxs, y, xs, case.static), (above - below) / (2 * STEP))


@every_case
def test_pull_is_the_adjoint_of_push(case, rng):
    xs = exact(case.xs)
    y = run(case, mp, xs)
    seed = mp.asarray(rng.standard_normal(mp.shape(y)))
    for slot, dx in enumerate(exact(directions(case, rng))):
        dxs = [dx if k == slot else None for k in range(len(xs))]
        pulled = base.pull(case.op, mp, seed, y, xs, slot, case.static)
        assert mp.shape(pulled) == mp.shape(xs[slot])
        pushed = base.push(case.op, mp, dxs, y, xs, case.static)
        close(mp.sum(pulled * dx), mp.sum(seed * pushed), mpmath.mpf(10) ** -50)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.op.meaning], ids=lambda case: case.id
)
def test_value_is_what_it_means(case):
    xs = exact(case.xs)
    close(run(case, mp, xs), case.op.meaning(mp, *xs, **case.static), mpmath.mpf(10) ** -50)


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.op.textbook and case.op.weight],
    ids=lambda case: case.id,
)
def test_the_textbooks_weight_is_the_weight(case):
    xs = exact(case.xs)
    axis, keepdims = case.static.get("axis"), case.static.get("keepdims", False)
    y = base.spread(mp, run(case, mp, xs), mp.shape(xs[0]), axis, keepdims)
    (textbook,) = case.op.textbook
    weight = case.op.weight(mp, y, xs[0], **case.static)
    close(textbook(mp, y, xs[0], **case.static), weight, mpmath.mpf(10) ** -50)


@pytest.mark.parametrize(
    "case",
    # Those of eigenvalues name the vectors, which no number system has a function for.
    [
        case
        for case in CASES
        if case.op.textbook and case.op.vjp and case.op.name not in {"eigvalsh", "svdvals"}
    ],
    ids=lambda case: case.id,
)
def test_the_textbooks_pull_is_the_pull(case, rng):
    xs = exact(case.xs)
    y = run(case, mp, xs)
    seed = mp.asarray(rng.standard_normal(mp.shape(y)))
    (textbook,) = case.op.textbook
    for slot in range(len(xs)):
        pulled = base.pull(case.op, mp, seed, y, xs, slot, case.static)
        shown = textbook(mp, seed, y, xs, slot, **case.static)
        close(shown, pulled, mpmath.mpf(10) ** -45)


@every_case
def test_float64_is_the_exact_result_rounded(case, rng):
    xs, dxs = case.xs, directions(case, rng)
    y, exact_y = run(case, array, xs), run(case, mp, exact(xs))
    assert isinstance(y, (np.ndarray, np.float64))
    assert y.dtype == np.float64
    close(y, exact_y, 1e-14)
    seed = rng.standard_normal(np.shape(y))
    close(
        base.push(case.op, array, dxs, y, xs, case.static),
        base.push(case.op, mp, exact(dxs), exact_y, exact(xs), case.static),
        1e-13,
    )
    for slot, x in enumerate(xs):
        pulled = base.pull(case.op, array, seed, y, xs, slot, case.static)
        assert np.shape(pulled) == np.shape(x)
        again = base.pull(case.op, mp, mp.asarray(seed), exact_y, exact(xs), slot, case.static)
        close(pulled, again, 1e-13)


@every_case
def test_bound_is_at_least_the_pull(case, rng):
    xs = case.xs
    y = run(case, array, xs)
    seed = rng.standard_normal(np.shape(y))
    for slot, x in enumerate(xs):
        pulled = base.pull(case.op, array, seed, y, xs, slot, case.static)
        bound = base.bound(case.op, array, np.abs(seed), y, xs, slot, case.static)
        assert np.shape(bound) == np.shape(x)
        assert np.all(bound >= np.abs(pulled) * (1 - 1e-13))


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.op.name not in APART],
    ids=lambda case: case.id,
)
def test_bound_is_the_product_with_the_absolute_jacobian(case, rng):
    xs = case.xs
    y = run(case, array, xs)
    seed = rng.uniform(0.1, 1.0, np.shape(y))
    for slot, x in enumerate(xs):
        total = np.zeros(np.shape(x))
        for k in np.ndindex(np.shape(y)):
            unit = np.zeros(np.shape(y))
            unit[k] = seed[k] if np.ndim(y) else seed
            row = base.pull(case.op, array, unit[()], y, xs, slot, case.static)
            total = total + np.abs(row)
        bound = base.bound(case.op, array, seed, y, xs, slot, case.static)
        np.testing.assert_allclose(bound, total, rtol=1e-12, atol=1e-15)


@every_case
def test_touch_marks_what_depends_on_what(case):
    """Against the Jacobian: no slope without a mark; no mark, by a lone seed, without a row."""
    xs = case.xs
    y = run(case, array, xs)
    shape = np.shape(y)
    for slot in range(len(xs)):
        for k in np.ndindex(shape):
            unit = np.zeros(shape)
            unit[k] = 1.0
            slope = base.pull(case.op, array, unit[()], y, xs, slot, case.static)
            mark = base.touch(case.op, array, unit[()], y, xs, slot, case.static)
            assert np.shape(mark) == np.shape(xs[slot])
            assert np.all(np.asarray(mark) >= 0)
            assert np.all((np.asarray(mark) > 0) | (np.asarray(slope) == 0))


@every_case
def test_operands_stay_as_they_are(case):
    # They are read-only, so a write would raise; a result must not be a writable view either.
    y = run(case, array, case.xs)
    assert all(not x.flags.writeable for x in case.xs if isinstance(x, np.ndarray))
    for x in case.xs:
        assert not (np.may_share_memory(y, x) and np.ndim(y) and y.flags.writeable)


@every_case
def test_sampling_ranges_lie_inside_the_domain(case):
    if case.op.domain is not None:
        assert np.all(case.op.domain.test(array, *case.xs, **case.static))


@every_case
def test_samples_are_off_the_kinks(case):
    if case.op.kink is not None:
        at = case.op.kink.at(array, run(case, array, case.xs), *case.xs, **case.static)
        # A reduction over one element cannot tie, but its deviation is always 0.
        assert not np.any(at)


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.op.elementwise and not any(map(np.shape, case.xs))],
    ids=lambda case: case.id,
)
def test_elementwise_rows_run_on_python_floats(case):
    xs = [float(x) for x in case.xs]
    y = case.op.value(scalar, *xs)
    assert type(y) is float
    close(y, run(case, mp, exact(xs)), 1e-14)
    for partial in case.op.partials:
        close(partial(scalar, y, *xs), partial(mp, run(case, mp, exact(xs)), *exact(xs)), 1e-14)


@every_case
def test_push_adds_only_the_operands_that_vary(case, rng):
    y = run(case, array, case.xs)
    dxs = directions(case, rng)
    together = base.push(case.op, array, dxs, y, case.xs, case.static)
    apart = [
        base.push(
            case.op,
            array,
            [d if k == i else None for k, d in enumerate(dxs)],
            y,
            case.xs,
            case.static,
        )
        for i in range(len(dxs))
    ]
    np.testing.assert_allclose(together, sum(apart), rtol=1e-12, atol=1e-12)


# ── the table itself ─────────────────────────────────────────────────────────────────


def test_every_row_has_cases():
    for name, op in TABLE.items():
        assert cases_of(op) if op.differentiable else name in DATA or name in BUILDERS


@pytest.mark.parametrize("m", [array, mp], ids=["array", "mp"])
@pytest.mark.parametrize(
    ("name", "static", "expected"),
    [(name, static, expected) for name, rows in DATA.items() for static, expected in rows],
)
def test_constructors_give_the_same_data_everywhere(m, name, static, expected):
    made = TABLE[name].value(m, **static)
    assert np.shape(made) == np.shape(expected)
    assert np.all(np.asarray(made, dtype=np.float64) == expected)


def test_builders_make_shapes_and_indices():
    assert TABLE["tuple"].value(array, 1, None, 2) == (1, None, 2)
    assert TABLE["list"].value(array, 0, 2) == [0, 2]
    assert TABLE["slice"].value(array, None, 3, None) == slice(None, 3, None)


@pytest.mark.parametrize("name", ["zeros", "ones", "randn", "rand"])
def test_huge_arrays_are_refused_before_they_are_made(name):
    static = {"shape": (1_000_000, 1_000_000)} | ({"seed": 1} if "rand" in name else {})
    assert TABLE[name].size(**static) > LIMITS.elements  # the tape asks before it evaluates


@pytest.mark.parametrize(
    ("name", "static"),
    [
        ("arange", {"start": 1e12}),
        ("arange", {"start": 0, "stop": 1, "step": 1e-12}),
        ("linspace", {"start": 0, "stop": 1, "num": 10**12}),
        ("one_hot", {"labels": (0, 1), "num_classes": 10**9}),
        ("eye", {"n": 10**6}),
    ],
)
def test_huge_ranges_are_refused_before_they_are_made(name, static):
    assert TABLE[name].size(**static) > LIMITS.elements  # the tape asks before it evaluates


@pytest.mark.parametrize(
    ("name", "xs", "static"),
    [
        ("matmul", (np.ones((2, 3)), np.ones((2, 3))), {}),
        ("reshape", (np.ones(3),), {"shape": (2,)}),
        ("array", (np.ones(2), np.ones(3)), {}),
        ("array", (np.float64(1), np.ones(2)), {}),
        ("concat", (np.ones((2, 2)), np.ones((3, 3))), {}),
        ("stack", (np.ones(2), np.ones(3)), {}),
        ("sum", (np.ones(3),), {"axis": 1}),
        ("mean", (np.ones(0),), {}),
        ("var", (np.ones(1),), {"ddof": 1}),
        ("max", (np.ones(0),), {}),
        ("trace", (np.ones(3),), {}),
        ("diag", (np.ones((2, 2, 2)),), {}),
        ("dot", (np.ones((2, 2, 2)), np.ones(2)), {}),
        ("norm", (np.ones(3),), {"ord": 0}),
        ("norm", (np.ones(3),), {"ord": 0.5}),
        ("norm", (np.ones(3),), {"ord": "fro"}),
        ("norm", (np.ones((3, 3)),), {"ord": 3}),
        ("norm", (np.ones((3, 3)),), {"ord": "max"}),
        ("norm", (np.ones((3, 3, 3)),), {"ord": 2}),
        ("eigvalsh", (np.ones((2, 3)),), {}),
        ("svdvals", (np.ones(3),), {}),
        ("tile", (np.ones(3),), {"reps": 1.5}),
        ("tile", (np.ones(3),), {"reps": -1}),
        ("repeat", (np.ones(3),), {"repeats": 1.5}),
        ("repeat", (np.ones(3),), {"repeats": (1, 2, 3)}),
        ("repeat", (np.ones(3),), {"repeats": 2, "axis": 1}),
        ("broadcast_to", (np.ones(3),), {"shape": (3, 2)}),
        ("expand_dims", (np.ones(3),), {"axis": 2}),
        ("expand_dims", (np.ones(3),), {"axis": (0, 0)}),
        ("squeeze", (np.ones((2, 1)),), {"axis": 0}),
        ("swapaxes", (np.ones((2, 1)),), {"axis1": 0, "axis2": 2}),
        ("tril", (np.ones(3),), {}),
        ("take", (np.ones(3),), {"indices": (0, 3)}),
        ("take", (np.ones(3),), {"indices": (0, 0.5)}),
        ("take", (np.ones(3),), {"indices": True}),
        ("take", (np.ones(3),), {"indices": 0, "axis": 1}),
        ("cumprod", (np.ones(3),), {"axis": 1}),
        ("sort", (np.ones(3),), {"axis": 1}),
        ("sort", (np.float64(3),), {}),
        ("one_hot", (), {"labels": (0, 3), "num_classes": 3}),
        ("polygamma", (np.ones(3),), {"n": 0.5}),
        ("polygamma", (np.ones(3),), {"n": -1}),
        ("polygamma", (np.ones(3),), {"n": 1000}),
        ("mse", (np.ones(3), np.ones((1, 3))), {}),
        ("inner", (np.ones(3), np.ones(2)), {}),
        ("det", (np.ones((2, 3)),), {}),
        ("det", (np.ones(4),), {}),
        ("logdet", (np.ones((2, 3)),), {}),
        ("inv", (np.ones((0, 0)),), {}),
        ("inv", (np.float64(2),), {}),
        ("solve", (np.ones((2, 2)), np.ones(3)), {}),
        ("solve", (np.ones((2, 3)), np.ones(2)), {}),
        ("solve", (np.ones((2, 2)), np.float64(1)), {}),
        ("cholesky", (np.ones((2, 3)),), {}),
        ("matrix_power", (np.ones((2, 3)),), {"n": 2}),
        ("matrix_power", (np.ones((2, 2)),), {"n": 0.5}),
        ("matrix_power", (np.ones((2, 2)),), {"n": 10**9}),
        ("vdot", (np.ones(3), np.ones(2)), {}),
        ("cross", (np.ones(4), np.ones(4)), {}),
        ("cross", (np.ones(2), np.ones(3)), {}),
        ("cross", (np.float64(1), np.ones(3)), {}),
        ("einsum", (np.ones((2, 3)), np.ones((2, 4))), {"subscripts": "ij,jk->ik"}),
        ("einsum", (np.ones((1, 3)), np.ones((2, 3))), {"subscripts": "ij,ij->"}),
        ("einsum", (np.ones((2, 3)),), {"subscripts": "i->i"}),
        ("einsum", (np.ones((2, 3)),), {"subscripts": "ij,jk->ik"}),
        ("einsum", (np.ones((2, 3)),), {"subscripts": "ij->k"}),
        ("einsum", (np.ones((2, 3)),), {"subscripts": "ij->ii"}),
        ("einsum", (np.ones((2, 3)),), {"subscripts": "...j->j"}),
        ("einsum", (np.ones((2, 3)),), {"subscripts": "i1->i"}),
        ("einsum", (np.ones((2, 3)),), {"subscripts": "ij->i->j"}),
        ("einsum", (np.ones((2, 3)),), {"subscripts": "ij-i"}),
        ("einsum", (np.ones((2, 3)),), {"subscripts": 3}),
        ("mse", (np.ones(0), np.ones(0)), {}),
        ("huber", (np.ones(3), np.float64(1), np.float64(1)), {}),
        ("huber", (np.ones(3), np.ones(3), np.ones((2, 3))), {}),
        ("cross_entropy", (np.ones((2, 3)), np.ones(2)), {}),
        ("cross_entropy", (np.ones((2, 3, 4)), np.ones((2, 3, 4))), {}),
        ("cosine_similarity", (np.float64(1), np.float64(1)), {}),
        ("one_hot", (), {"labels": (0, -1), "num_classes": 3}),
        ("one_hot", (), {"labels": (0.5,), "num_classes": 3}),
        ("one_hot", (), {"labels": ((0, 1), (1,)), "num_classes": 3}),
        ("zeros", (), {"shape": (-1,)}),
        ("zeros", (), {"shape": (1.5,)}),
        ("arange", (), {"start": 0, "stop": 1, "step": 0}),
    ],
)
def test_what_does_not_fit_is_a_value_error(name, xs, static):
    with warnings.catch_warnings(), pytest.raises((ValueError, IndexError)):
        TABLE[name].value(array, *xs, **static)


def test_names():
    for name, op in TABLE.items():
        assert op.name == name
        assert op.family
        assert lookup(name) is (None if op.hidden else op)
        assert not op.differentiable or op.text
    assert lookup("arcsin") is TABLE["asin"]
    assert lookup("pow") is TABLE["power"]
    assert lookup("getitem") is None
    assert lookup("no such") is None


def test_no_alias_hides_a_row():
    names = [n for op in TABLE.values() if not op.hidden for n in (op.name, *op.aliases)]
    assert len(names) == len(set(names))
    assert not {a for op in TABLE.values() for a in op.aliases} & set(TABLE)
