"""Groups of steps, done block by block: which they are, and that nobody sees the blocks."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff
from autodiff import sweep
from autodiff.compiled import blocks, schedule
from autodiff.compiled.layout import program
from autodiff.compiled.memory import Memory
from autodiff.compiled.schedule import Group
from autodiff.compiled.trace import Traced, trace
from autodiff.compiled.values import Kind

N = 100_000
ROSENBROCK = "a = x[:-1]\nL = sum(100 * (x[1:] - a**2)**2 + (1 - a)**2)"


def traced(text: str, **values: Any) -> Traced:
    tape = autodiff.loads(text, values=values).tape
    leaves = [tape.vertex[leaf] for leaf in tape.leaves]
    return trace(tape, tape.vertex[-1], leaves, sweep.activity(tape, leaves))


def groups(text: str, **values: Any) -> list[list[str]]:
    """The names of the steps of each group, in the order in which they are done."""
    found = traced(text, **values)
    outputs = [x for x in (found.output, *found.gradients) if x is not None]
    items = schedule.schedule(outputs)
    return [[step.name for step in item.steps] for item in items if isinstance(item, Group)]


@pytest.fixture
def x() -> Any:
    return np.random.default_rng(0).uniform(0.2, 1.2, N)


def test_a_sum_and_its_gradient_are_one_group(x: Any) -> None:
    """The seed of a sum is known before the sum is: x is read once, and the gradient written."""
    assert groups("y = sin(x)\nL = sum(exp(y) * y)", x=x) == [
        ["sin", "exp", "multiply", "add", "multiply", "add", "cos", "multiply"]
    ]


def test_rosenbrock_is_one_group(x: Any) -> None:
    (steps,) = groups(ROSENBROCK, x=x)
    assert len(steps) == 14
    assert steps.count("add at") == 2


def test_what_needs_the_sum_is_another_group(x: Any) -> None:
    first, second = groups("L = log(sum(exp(sin(x))))", x=x)
    assert first == ["sin", "exp", "add"]
    assert second == ["multiply", "cos", "multiply"]


def test_small_arrays_are_in_no_group() -> None:
    assert groups("L = sum(sin(x) * x)", x=np.ones(1000)) == []


@pytest.mark.parametrize("block", [8, 24, 4096, 10**9])
def test_blocks_of_any_size(block: int, x: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "LARGE", 1)
    monkeypatch.setattr(blocks, "BLOCK", block)
    x = x[:1001]
    a = x[:-1]
    found = autodiff.loads(ROSENBROCK, values={"x": x})
    found.value_and_gradient()
    value, gradients = found.value_and_gradient()
    assert value == pytest.approx(np.sum(100 * (x[1:] - a**2) ** 2 + (1 - a) ** 2), rel=1e-13)
    wanted = np.zeros_like(x)
    wanted[1:] += 200 * (x[1:] - a**2)
    wanted[:-1] -= 400 * (x[1:] - a**2) * a + 2 * (1 - a)
    np.testing.assert_allclose(gradients["x"], wanted, rtol=1e-12, atol=1e-11)


def test_a_chain_takes_the_memory_of_a_few_blocks(x: Any) -> None:
    """Twenty operations on 800 kB, and the gradient by them: 8 MB, were all of them kept."""
    names = ("sin", "exp", "tanh", "cos", "log1p") * 4
    lines = ["y0 = x", *(f"y{i + 1} = {name}(y{i})" for i, name in enumerate(names))]
    found = traced("\n".join([*lines, "L = mean(y20)"]), x=x)
    written = program([found.output, *found.gradients])
    large = [a for a in written.registers if isinstance(a, np.ndarray) and a.size == N]
    assert len(large) == 1  # the leaf; the gradient is an array of each run
    (group,) = (call.call for call in written.calls if isinstance(call.call, blocks.Blocks))
    scratch = [a for a in group._locals if isinstance(a, np.ndarray)]
    assert len(scratch) <= 22  # every value is needed again, and an adjoint and a factor
    assert max(a.nbytes for a in scratch) <= blocks.BLOCK


def test_arrays_that_are_not_read_any_more_are_written_over() -> None:
    """Of matrix products no group is made; forty of them take few arrays."""
    lines = ["y0 = A", *(f"y{i + 1} = y{i} @ B" for i in range(40))]
    found = traced("\n".join([*lines, "L = sum(y40)"]), A=np.eye(50), B=np.eye(50))
    written = program([found.output])
    memory = {
        a.__array_interface__["data"][0]: a.nbytes
        for a in written.registers
        if isinstance(a, np.ndarray) and a.size == 2500
    }
    assert len(memory) <= 4  # A, B and two in turn


def test_what_others_still_read_is_copied_before_it_is_added_to() -> None:
    text = "b = x * 2\nc = b[1:]\nL = sum(b * b) + sum(c * c * c) + b[0]"
    found = traced(text, x=np.arange(1.0, 5.0))
    outputs = [x for x in (found.output, *found.gradients) if x is not None]
    items = schedule.schedule(outputs)
    memory = Memory(items, outputs)
    for item in items:
        for step in schedule.members(item):
            if step.kind is Kind.ADD and memory.root[step.index] is not step:
                total = memory.root[step.index]
                assert total.kind not in {Kind.GIVEN, Kind.NUMBER}
    _, gradient = program([found.output, *found.gradients])()
    assert gradient.tolist() == [10, 112, 240, 416]


def slices(r: Random, n: int, m: int) -> str:
    """A part of x with m rows."""
    first = r.randrange(0, n - m + 1)
    parts = [f"x[{first}:{first + m}]", f"x[{first}:{first + m}][::-1]", f"x[-{m}:]"]
    if n >= 2 * m:
        parts.append(f"x[:{2 * m}:2]")
    return r.choice(parts)


def model(r: Random, n: int) -> str:
    """Sums, differences and products of parts of one array, of those, and of numbers."""
    m, lines, names = r.randrange(2, n), [], []
    for i in range(r.randrange(1, 6)):
        one, other = (
            f"{r.choice(names)}{r.choice(['', '[::-1]'])}"
            if names and r.random() < 0.6
            else slices(r, n, m)
            for _ in "ab"
        )
        text = f"{one} {r.choice('+-*')} {other}"
        if r.random() < 0.4:
            text = f"{r.choice(['sin', 'exp', 'tanh', '-', '2*', '-3*', '0.5*'])}({text})"
        if r.random() < 0.2:
            text = f"({text}) * {r.choice(['x[0]', 'sum(x)', 'mean(x)', 'x[1:2]'])}"
        lines.append(f"t{i} = {text}")
        names.append(f"t{i}")
    ends = [
        *("sum({0})", "sum({0}**2)", "mean({0})", "-sum({0})", "sum({0}*{0}*2)", "max({0})"),
        # What comes after the blocks: products of whole arrays.
        *(
            "log(sum(exp({0}[::-1] * {0})))",
            "sum((2.5*{0}[::-1]).T @ {0})",
            "sum(({0} + 1).T @ {0})",
        ),
    ]
    terms = [r.choice(ends).format(t) for t in r.sample(names, r.randrange(1, len(names) + 1))]
    return "\n".join([*lines, f"L = {' + '.join(terms)} + {r.choice(['0', 'sum(x**2)'])}"])


@settings(max_examples=150)
@given(st.randoms(use_true_random=False), st.sampled_from([8, 16, 32, 64]), st.booleans())
def test_parts_of_one_array(r: Random, block: int, rows: bool) -> None:
    """What is added to overlapping parts, in blocks of one to eight rows, against the sweeps."""
    n = r.randrange(4, 12)
    x = np.array([r.uniform(-1, 1) for _ in range(2 * n if rows else n)])
    text = model(r, n)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schedule, "LARGE", 1)
        patch.setattr(blocks, "BLOCK", block)
        values = {"x": x.reshape(n, 2) if rows else x}
        found = autodiff.loads(text, values=values)
        value, wanted = found.value_and_gradient()
        again, gradients = found.value_and_gradient()
    assert again == pytest.approx(value, rel=1e-10, abs=1e-12)
    np.testing.assert_allclose(gradients["x"], wanted["x"], rtol=1e-9, atol=1e-11, err_msg=text)


def test_a_block_does_not_write_what_another_block_still_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """y is read for the last time, as it is and turned round: its memory is not to be had."""
    monkeypatch.setattr(schedule, "LARGE", 1)
    monkeypatch.setattr(blocks, "BLOCK", 32)
    text = "y = A @ A\nL = sum((2.5 * y[::-1]) @ B) + sum((y + 1) @ A)"
    values = {"A": np.arange(16.0).reshape(4, 4) / 7, "B": np.eye(4)}
    found = autodiff.loads(text, values=values)
    value, wanted = found.value_and_gradient()
    again, gradients = found.value_and_gradient()
    assert again == pytest.approx(value, rel=1e-14)
    np.testing.assert_allclose(gradients["A"], wanted["A"], rtol=1e-13)
