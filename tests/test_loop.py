"""Value and gradient in a loop: the report's numbers, whatever memory is used again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cases import arrays

import autodiff
from autodiff import loop, sweep
from autodiff.backends.kernels import reads
from autodiff.ops import TABLE


@pytest.fixture
def everything_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "LARGE", 1)


@pytest.mark.parametrize(
    "text", [row[1] for row in arrays.CASES], ids=[row[0] for row in arrays.CASES]
)
def test_values_that_are_let_go_of_were_not_needed(text: str, everything_large: None) -> None:
    program = autodiff.loads(text)
    wanted = program.gradient(check=False, paths=None)
    for _ in range(2):  # the second call is not to find what the first has let go of
        value, found = program.value_and_gradient()
        assert value == pytest.approx(wanted.value, rel=1e-14)
        for name, gradient in found.items():
            theirs = wanted.gradients[name].sweep
            np.testing.assert_allclose(gradient, theirs, rtol=1e-12, atol=1e-14)


def test_what_is_let_go_of() -> None:
    text = "x = zeros(200, 100)\ny = 3 * (x - 1)**2\nz = exp(y) + x\nL = sum(z)"
    tape = autodiff.loads(text).tape
    found = loop.dying(tape, tape.vertex[-1], sweep.activity(tape, [tape.vertex[0]]))
    gone = {tape.ops[n].name for nodes in found.values() for n in nodes}
    # The square reads what is squared, exp its own result; a sum reads nothing.
    assert gone == {"power", "multiply", "add"}
    assert tape.vertex[-1] not in {n for nodes in found.values() for n in nodes}


@pytest.mark.parametrize(
    ("name", "slots", "wanted"),
    [
        ("add", [0, 1], (False, set())),
        ("multiply", [0], (False, {1})),
        ("multiply", [0, 1], (False, {0, 1})),
        ("exp", [0], (True, set())),
        ("sin", [0], (False, {0})),
        ("divide", [1], (True, {1})),
        ("sum", [0], (False, set())),
    ],
)
def test_what_a_rule_reads(name: str, slots: list[int], wanted: Any) -> None:
    row = TABLE[name]
    assert reads(row, len(row.partials) or 1, slots, {}) == wanted


def test_a_row_without_words_in_c_may_read_all() -> None:
    assert reads(TABLE["matmul"], 2, [0], {}) == (True, {0, 1})
    assert reads(TABLE["digamma"], 1, [0], {}) == (True, {0})
    # However many there are: *xs is one parameter.
    assert reads(TABLE["einsum"], 3, [0], {}) == (True, {0, 1, 2})


@pytest.mark.parametrize("text", ["W @ h", "h @ W"])
def test_outer_products_are_added_in_place(text: str) -> None:
    steps = "\n".join(f"h{k + 1} = tanh({text.replace('h', f'h{k}')})" for k in range(4))
    model = f"W = [[0.1, 0.5, 1], [-0.3, 0.2, 0.4], [1, 0, -2]]\nh0 = [1, 2, 0.5]\n{steps}"
    program = autodiff.loads(f"{model}\nL = sum(h4**2)")
    wanted = program.gradient(check=False).gradients["W"].value
    np.testing.assert_allclose(program.value_and_gradient()[1]["W"], wanted, rtol=1e-13)
