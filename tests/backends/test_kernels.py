"""What rows write in C, compiled for the host, is what they compute; and which nodes are fused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cases.floats import NASTY
from standins import cupylike

import autodiff
from autodiff.backends import array, kernels
from autodiff.backends.gpu import CuPy
from autodiff.ops import TABLE
from autodiff.ops.base import ANY

pytestmark = pytest.mark.skipif(cupylike.COMPILER is None, reason="there is no C++ compiler")

# No function of <math.h> and of CUDA's gives these.
NOT_IN_C = {"digamma", "gamma", "erfinv", "ndtri", "beta", "lbeta", "sinc"}


def names(op: Any) -> tuple[str, ...]:
    return ("a", "b", "c")[: len(op.partials)]


ROWS = [op for op in TABLE.values() if op.elementwise and kernels.value(op, *names(op))]


def test_rows_without_c_are_few_and_known() -> None:
    lacking = {op.name for op in TABLE.values() if op.elementwise} - {op.name for op in ROWS}
    assert lacking == NOT_IN_C


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_row_in_c(dtype: str) -> None:
    """All in one kernel: compiling is what takes time."""
    grids = np.meshgrid(NASTY, NASTY)
    drawn = np.random.default_rng(3).uniform(0.1, 3, (3, 200))
    xs = [np.concatenate([grid.ravel(), row]) for grid, row in zip(grids, drawn, strict=False)]
    xs.append(np.concatenate([np.ones(grids[0].size), drawn[2]]))
    with np.errstate(all="ignore"):
        xs = [x.astype(dtype) for x in xs]
    body = [f"y{k} = {kernels.value(op, *names(op))};" for k, op in enumerate(ROWS)]
    with cupylike.installed():
        outputs = [f"y{k}" for k in range(len(ROWS))]
        made = CuPy("").kernel(["a", "b", "c"], outputs, " ".join(body), dtype)
        found = [y._data for y in made(*map(cupylike.ndarray, xs))]
    rounding = np.finfo(dtype).eps
    for op, y in zip(ROWS, found, strict=True):
        with np.errstate(all="ignore"):
            # The type's own numbers, in float64: its overflow alone is different.
            own = [x.astype(np.float64) for x in xs[: len(op.partials)]]
            wanted = np.asarray(op.value(array, *own)) + np.zeros(own[0].shape)
            rounded = wanted.astype(dtype)
        if dtype == "float32":
            usable = np.isfinite(rounded) & (np.abs(rounded) > 1e-30) & np.isfinite(y)
        else:
            usable = np.ones(y.shape, dtype=bool)
        if op.name == "lgamma":  # C says inf at -inf, SciPy -inf: it has no value there
            usable &= own[0] != -np.inf
        scale = ANY.high if op.name == "lgamma" else 0.0  # as right as C's near its zeros
        np.testing.assert_allclose(
            y[usable],
            rounded[usable],
            rtol=400 * rounding,
            atol=40 * rounding * scale,
            err_msg=op.name,
        )


MODEL = """
X = randn(6, 4, seed=1)
w = randn(4, seed=2)
b = 0.5
y = tanh(X*w + b) * exp(-X**2) / (1 + abs(X))
z = sum(y, 1)
L = sum(maximum(z, 0.1)*log1p(z**2) - digamma(z**2 + 1))
"""


def test_a_statements_run_is_one_kernel() -> None:
    with cupylike.installed():
        program = autodiff.loads(MODEL, device="gpu")
        device = program.tape.numbers.namespaces(True)[1]
        runs = device.fused(program.tape)
        told = [[program.tape.ops[n].name for n in run.nodes] for run in runs.values()]
        value, found = program.value_and_gradient()
    assert told == [
        ["multiply", "add", "tanh", "power", "negative", "exp", "multiply", "abs", "add", "divide"],
        ["maximum", "power", "log1p", "multiply", "power", "add"],
    ]
    wanted_value, wanted = autodiff.loads(MODEL).value_and_gradient()
    assert value == pytest.approx(wanted_value, rel=1e-14)
    for name, gradient in wanted.items():
        np.testing.assert_allclose(found[name], gradient, rtol=1e-12, atol=1e-14)


def test_names_of_a_model_do_not_reach_the_code() -> None:
    with cupylike.installed():
        program = autodiff.loads("λ = [1, 2]\nreal = 3\nL = sum(λ*real + λ)", device="gpu")
        assert program.value_and_gradient()[0] == 12
