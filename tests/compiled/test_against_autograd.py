"""Programs of many models of arrays against HIPS autograd, which shares nothing with them."""

from __future__ import annotations

from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from cases import arrays

import autodiff
from autodiff.compiled import blocks, schedule

RELATIVE = 1e-10


@pytest.mark.parametrize("block", [16, 24, None])
@pytest.mark.parametrize(
    ("text", "formula"), [row[1:] for row in arrays.CASES], ids=[row[0] for row in arrays.CASES]
)
def test_compiled_models_of_arrays_against_autograd(
    text: str, formula: Any, block: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a loop, from the second call on; also in blocks of two and three numbers."""
    if block is not None:
        monkeypatch.setattr(schedule, "LARGE", 1)
        monkeypatch.setattr(blocks, "BLOCK", block)
    program = autodiff.loads(text)
    names = program.leaves
    point = [np.asarray(program[name]) for name in names]
    expected = autograd.grad(lambda *xs: formula(anp, *xs), tuple(range(len(names))))(*point)
    for _ in range(3):
        value, found = program.value_and_gradient()
        assert value == pytest.approx(float(formula(anp, *point)), rel=RELATIVE)
        for name, want in zip(names, expected, strict=True):
            np.testing.assert_allclose(found[name], want, rtol=RELATIVE, atol=1e-12, err_msg=name)
