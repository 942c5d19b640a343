"""Values and gradients against autograd and PyTorch in float64: at random points, and at the
kinks and edges where the conventions are the same."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from peers import AUTOGRAD, JAX, TORCH, autograd_takes, jax_pull, jax_takes, torch_pull, torch_takes
from row_cases import CASES, DATA

from autodiff.backends import array, single
from autodiff.ops import TABLE, base

inf = math.inf


def ours(op, xs, static, seed):
    with np.errstate(all="ignore"):
        y = op.value(array, *xs, **static)
        return y, [base.pull(op, array, seed, y, xs, slot, static) for slot in range(len(xs))]


def agree(case, theirs):
    shape = np.shape(case.op.value(array, *case.xs, **case.static))
    seed = np.random.default_rng(5).standard_normal(shape)
    y, pulled = ours(case.op, case.xs, case.static, seed)
    value, gradients = theirs(seed)
    np.testing.assert_allclose(np.broadcast_to(value, shape), y, rtol=1e-12, atol=1e-14)
    for slot, (got, expected) in enumerate(zip(pulled, gradients, strict=True)):
        if case.op.name != "huber" or slot < 2:  # PyTorch has no derivative by delta
            np.testing.assert_allclose(got, expected, rtol=1e-11, atol=1e-13)


# ── autograd ─────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def autograd():
    with warnings.catch_warnings():
        # What its import warns of is not ours.
        warnings.simplefilter("ignore")
        peer = pytest.importorskip("autograd")
        pytest.importorskip("autograd.scipy.special")
        pytest.importorskip("autograd.scipy.stats")
    return peer


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.op.name in AUTOGRAD and autograd_takes(case)],
    ids=lambda case: case.id,
)
def test_against_autograd(case, autograd):
    function = AUTOGRAD[case.op.name]

    def theirs(seed):
        gradients = []
        for slot in range(len(case.xs)):
            pull, y = autograd.make_vjp(lambda *xs: function(autograd, *xs, **case.static), slot)(
                *case.xs
            )
            gradients.append(pull(seed if np.ndim(seed) else float(seed)))
        return y, gradients

    agree(case, theirs)


# ── PyTorch ──────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.op.name in TORCH and torch_takes(case)],
    ids=lambda case: case.id,
)
def test_against_torch(case, torch):
    agree(case, lambda seed: torch_pull(torch, case.op.name, case.xs, case.static, seed))


# Where the conventions and the digits are the same. (Not: torch's gelu at -30 is 0, its
# softplus is x from 20 on, its gradient of logsumexp over [-inf, -inf] is NaN.)
SHARED = [
    ("abs", [0.0]),
    ("relu", [0.0]),
    ("maximum", [1.0, 1.0]),
    ("minimum", [1.0, 1.0]),
    ("max", [[3.0, 1.0, 3.0]]),
    ("min", [[1.0, 1.0, 3.0]]),
    ("sign", [0.0]),
    ("floor", [2.0]),
    ("prod", [[2.0, 0.0, 3.0]]),
    ("prod", [[0.0, 0.0, 3.0]]),
    ("norm", [[0.0, 0.0]]),
    ("cumprod", [[2.0, 0.0, 3.0, 0.0, 5.0]]),
    ("logsumexp", [[1000.0, 1000.0]]),
    ("logsumexp", [[-inf, 1.0]]),
    ("softmax", [[1000.0, 0.0]]),
    ("log_softmax", [[1000.0, 0.0]]),
    ("softplus", [-700.0]),
    ("sigmoid", [-700.0]),
    ("silu", [-700.0]),
    ("power", [0.0, 2.0]),
    ("power", [-2.0, 3.0]),
    ("sqrt", [0.0]),
    ("asin", [1.0]),
]


@pytest.mark.parametrize(("name", "xs"), SHARED, ids=[f"{name}{xs}" for name, xs in SHARED])
def test_conventions_shared_with_torch(name, xs, torch):
    op, xs = TABLE[name], [array.asarray(x) for x in xs]
    seed = np.random.default_rng(5).uniform(0.5, 1, np.shape(op.value(array, *xs)))
    y, pulled = ours(op, xs, {}, seed)
    value, gradients = torch_pull(torch, name, xs, {}, seed)
    np.testing.assert_allclose(y, value, rtol=1e-13)
    for got, expected in zip(pulled, gradients, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-12)


# ── JAX ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def jax():
    peer = pytest.importorskip("jax")
    pytest.importorskip("jax.scipy.special")
    pytest.importorskip("jax.scipy.stats")
    peer.config.update("jax_enable_x64", True)
    peer.config.update("jax_platforms", "cpu")
    return peer


# One case of each row, the last that JAX takes: each is compiled, which takes a while.
LAST = {case.op.name: case for case in CASES if case.op.name in JAX and jax_takes(case)}


@pytest.mark.parametrize("case", LAST.values(), ids=lambda case: case.id)
def test_against_jax(case, jax):
    agree(case, lambda seed: jax_pull(jax, case.op.name, case.xs, case.static, seed))


# ── every row ────────────────────────────────────────────────────────────────────────

# Rows without a peer, and why.
ALONE = {
    **dict.fromkeys(("tuple", "list", "slice"), "puts a shape or an index together; no numbers"),
    **dict.fromkeys(DATA, "makes data without a derivative, compared with NumPy's in test_rules"),
}


def test_every_row_has_a_peer():
    """One that is asked at one case at least: a row that every peer refuses would not count."""
    asked = {
        case.op.name
        for case in CASES
        for table, takes in ((AUTOGRAD, autograd_takes), (TORCH, torch_takes), (JAX, jax_takes))
        if case.op.name in table and takes(case)
    }
    assert set(TABLE) - asked == set(ALONE)
    assert set(AUTOGRAD) | set(TORCH) | set(JAX) <= set(TABLE)


# ── float32 ──────────────────────────────────────────────────────────────────────────

# Of the largest element: what float32 may be off PyTorch's float64 at the same operands.
SINGLE = 64 * 2.0**-23
# The derivative of an inverse, or of what cancels, magnifies the rounding of its operand.
WORSE = {"matrix_power": 16, "inv": 8, "solve": 8, "std": 4, "lbeta": 4}


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.op.name in TORCH and torch_takes(case)],
    ids=lambda case: case.id,
)
def test_float32_against_torch_in_float64(case, torch):
    xs = [single.asarray(x) for x in case.xs]
    seed = np.random.default_rng(5).standard_normal(
        np.shape(case.op.value(single, *xs, **case.static))
    )
    seed = single.asarray(seed)
    y = case.op.value(single, *xs, **case.static)
    pulled = [base.pull(case.op, single, seed, y, xs, k, case.static) for k in range(len(xs))]
    wide = [np.asarray(x, dtype=np.float64) for x in xs]
    value, gradients = torch_pull(
        torch, case.op.name, wide, case.static, np.asarray(seed, dtype=np.float64)
    )
    bound = SINGLE * WORSE.get(case.op.name, 1)
    for slot, (got, wanted) in enumerate([(y, value), *zip(pulled, gradients, strict=True)]):
        if case.op.name == "huber" and slot == 3:
            continue  # PyTorch has no derivative by delta
        scale = np.max(np.abs(wanted), initial=0.0)
        assert np.all(np.abs(np.asarray(got, dtype=np.float64) - wanted) <= bound * scale + 1e-30)
