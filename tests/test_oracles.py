"""Values and gradients of many models against programs that share nothing with the engine.

Scalar models: central differences of the same formula in 50-digit arithmetic. Models of arrays:
HIPS autograd, and PyTorch where it is there.
"""

from __future__ import annotations

from typing import Any

import autograd
import autograd.numpy as anp
import mpmath
import numpy as np
import pytest
from cases import arrays, scalars
from engine import report

import autodiff

DIGITS = 60
STEP = mpmath.mpf(10) ** -18  # the differences' own error is about its square
RELATIVE = 1e-10


def differences(f: Any, point: dict[str, float]) -> tuple[Any, dict[str, Any]]:
    """f and its central differences, at the exact binary values of the point."""
    exact = {name: mpmath.mpf(x) for name, x in point.items()}
    found = {}
    for name, x in exact.items():
        h = STEP * max(1, abs(x)) if x == 0 or abs(x) > 1e-6 else STEP * abs(x)
        up, down = f(mpmath.mp, **(exact | {name: x + h})), f(mpmath.mp, **(exact | {name: x - h}))
        found[name] = (up - down) / (2 * h)
    return f(mpmath.mp, **exact), found


@pytest.mark.parametrize(
    ("text", "formula"), [row[1:] for row in scalars.CASES], ids=[row[0] for row in scalars.CASES]
)
def test_scalar_models_against_differences_in_50_digits(text: str, formula: Any) -> None:
    program = autodiff.loads(text)
    found = program.gradient(check=False)
    with mpmath.workdps(DIGITS):
        value, expected = differences(formula, {name: program[name] for name in program.leaves})
        value, expected = float(value), {name: float(d) for name, d in expected.items()}
    assert found.value == pytest.approx(value, rel=RELATIVE, abs=1e-300)
    for name, want in expected.items():
        gradient = found.gradients[name]
        assert gradient.paths is not None
        # What cancels among the paths was rounded on their scale.
        slack = 1e-13 * gradient.paths.absolute_sum
        assert gradient.value == pytest.approx(want, rel=RELATIVE, abs=slack + 1e-300), name
        assert gradient.paths.sum == pytest.approx(gradient.value, rel=1e-12, abs=slack)


@pytest.mark.parametrize(
    ("text", "formula"), [row[1:] for row in arrays.CASES], ids=[row[0] for row in arrays.CASES]
)
def test_models_of_arrays_against_autograd(text: str, formula: Any) -> None:
    program = autodiff.loads(text)
    found = program.gradient(check=False)
    names = program.leaves
    point = [np.asarray(program[name]) for name in names]
    value = float(formula(anp, *point))
    assert found.value == pytest.approx(value, rel=RELATIVE)
    expected = autograd.grad(lambda *xs: formula(anp, *xs), tuple(range(len(names))))(*point)
    for name, want in zip(names, expected, strict=True):
        got = found.gradients[name]
        np.testing.assert_allclose(got.value, want, rtol=RELATIVE, atol=1e-12, err_msg=name)
        assert got.paths is not None
        np.testing.assert_allclose(got.paths.sum, got.value, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize(
    ("text", "formula"),
    [row[1:] for row in arrays.TORCH],
    ids=[row[0] for row in arrays.TORCH],
)
def test_models_of_arrays_against_pytorch(text: str, formula: Any) -> None:
    torch = pytest.importorskip("torch")
    program = autodiff.loads(text)
    found = program.gradient(check=False)
    leaves = {
        name: torch.tensor(np.array(program[name]), dtype=torch.float64, requires_grad=True)
        for name in program.leaves
    }
    value = formula(torch, **leaves)
    value.backward()
    assert found.value == pytest.approx(float(value.detach()), rel=RELATIVE)
    for name, leaf in leaves.items():
        np.testing.assert_allclose(
            found.gradients[name].value, leaf.grad.numpy(), rtol=RELATIVE, atol=1e-13, err_msg=name
        )


@pytest.mark.parametrize("text", [row[1] for row in arrays.CASES[::7]])
def test_nodes_all_gives_the_same_gradients_and_sums(text: str) -> None:
    names, nodes = report(text), report(text, nodes="all", paths=4)
    for name, gradient in names.gradients.items():
        other = nodes.gradients[name]
        np.testing.assert_array_equal(gradient.value, other.value)
        assert other.paths is not None
        np.testing.assert_allclose(other.paths.sum, other.value, rtol=1e-11, atol=1e-13)
