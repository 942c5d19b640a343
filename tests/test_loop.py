"""Value and gradient in a loop: the same numbers in every call, on every device."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff


def repeated(text: str, **values: Any) -> list[tuple[float, dict[str, Any]]]:
    program = autodiff.loads(text, values=values)
    return [program.value_and_gradient() for _ in range(3)]


@pytest.mark.parametrize(
    "text",
    [
        "L = sum(where(x > 0, sqrt(abs(x)), x * x))",  # an infinite slope at 0 that is not taken
        "L = sqrt(x[0]) + x[1]**2",
        "L = sum(where(x > 0.5, log(abs(x)), x))",
    ],
)
def test_branches_that_are_not_taken(text: str) -> None:
    first, *others = repeated(text, x=np.array([1.0, 0.0]))
    for value, found in others:
        assert value == first[0]
        assert np.isfinite(found["x"]).all()
        np.testing.assert_array_equal(found["x"], first[1]["x"])


def test_nothing_overflows_that_the_sweeps_can_compute() -> None:
    """Scaling moved behind the sum: half of 1e308 four times is more than there is."""
    first, *others = repeated("L = sum(0.25 * x * 1)", x=np.full(4, 1e308))
    for value, found in others:
        assert value == first[0] == 1e308
        assert found["x"].tolist() == [0.25] * 4


@pytest.mark.parametrize("text", ["W @ h", "h @ W"])
def test_outer_products_are_added_in_place(text: str) -> None:
    steps = "\n".join(f"h{k + 1} = tanh({text.replace('h', f'h{k}')})" for k in range(4))
    model = f"W = [[0.1, 0.5, 1], [-0.3, 0.2, 0.4], [1, 0, -2]]\nh0 = [1, 2, 0.5]\n{steps}"
    program = autodiff.loads(f"{model}\nL = sum(h4**2)")
    wanted = program.gradient(check=False).gradients["W"].value
    for _ in range(2):
        np.testing.assert_allclose(program.value_and_gradient()[1]["W"], wanted, rtol=1e-13)
