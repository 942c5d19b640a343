"""A program in a loop: when it is written, and whose its results are."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import autodiff
from autodiff import loop


def test_a_program_is_written_for_who_calls_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from autodiff import compiled

    written = []
    real = compiled.value_and_gradients
    monkeypatch.setattr(
        compiled, "value_and_gradients", lambda *given: written.append(given) or real(*given)
    )
    program = autodiff.loads("x = [1, 2, 3]\nL = sum(sin(x) * x)")
    found = [program.value_and_gradient() for _ in range(4)]
    assert len(written) == 1
    for value, gradients in found:
        assert value == pytest.approx(found[0][0], rel=1e-15)
        np.testing.assert_allclose(gradients["x"], found[0][1]["x"], rtol=1e-15)
    program.value_and_gradient(wrt=["x"])  # another question
    assert len(written) == 1


def test_a_program_for_large_arrays_is_written_at_once() -> None:
    program = autodiff.loads("L = sum(sin(x) * x)", values={"x": np.ones(100_000)})
    first, second = program.value_and_gradient(), program.value_and_gradient()
    assert first[0] == second[0]
    np.testing.assert_array_equal(first[1]["x"], second[1]["x"])
    (asked,) = program._loops.values()
    assert asked.program is not None


@pytest.mark.parametrize(
    ("text", "longest"), [("x = 3\nL = x**2", 10), ("x = [1, 2]\nL = sum(x**2)", 1)]
)
def test_numbers_and_long_tapes_are_swept(
    text: str, longest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autodiff import compiled

    monkeypatch.setattr(loop, "LONGEST", longest)
    monkeypatch.delattr(compiled, "value_and_gradients")
    program = autodiff.loads(text)
    first, second = program.value_and_gradient(), program.value_and_gradient()
    assert first[0] == second[0]
    np.testing.assert_array_equal(first[1]["x"], second[1]["x"])


def repeated(text: str, **values: Any) -> list[tuple[float, dict[str, Any]]]:
    program = autodiff.loads(text, values=values)
    return [program.value_and_gradient() for _ in range(3)]


def test_results_belong_to_who_asked() -> None:
    text = "y = x[1:] * x[:-1]\nL = sum(y) + sum(A @ A.T) + sum(b) + c"
    program = autodiff.loads(
        text, values={"x": np.arange(5.0), "A": np.ones((3, 3)), "b": np.ones(4), "c": 2.0}
    )
    program.value_and_gradient()
    _, first = program.value_and_gradient()
    kept = {name: np.array(gradient) for name, gradient in first.items()}
    for gradient in first.values():
        if np.ndim(gradient) and gradient.flags.writeable:
            gradient[:] = np.nan
    _, second = program.value_and_gradient()
    for name, gradient in second.items():
        np.testing.assert_array_equal(gradient, kept[name])
        assert not np.may_share_memory(gradient, np.asarray(program[name]))
    arrays = [g for g in second.values() if np.ndim(g) and g.flags.writeable]
    for i, one in enumerate(arrays):
        assert not any(np.may_share_memory(one, other) for other in arrays[:i])


def test_one_cotangent_for_two_leaves_is_two_arrays() -> None:
    *_, (_, found) = repeated("L = sum((a + b) * (a + b))", a=np.ones(3), b=np.ones(3))
    found["a"][:] = 7
    assert found["b"].tolist() == [4, 4, 4]


def test_a_gradient_that_is_a_leaf_is_a_copy_of_it() -> None:
    b = np.arange(3.0)
    *_, (_, found) = repeated("L = sum(a * b)", a=np.ones(3), b=b)
    assert found["a"].tolist() == [0, 1, 2]
    assert not np.may_share_memory(found["a"], b)


def test_threads_do_not_meet() -> None:
    x = np.random.default_rng(0).uniform(0.1, 1, 200_000)
    program = autodiff.loads("y = sin(x) * exp(x)\nL = sum(y * y)", values={"x": x})
    program.value_and_gradient()
    _, wanted = program.value_and_gradient()
    found: list[Any] = []

    def ask() -> None:
        found.extend(program.value_and_gradient()[1]["x"] for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 20
    for gradient in found:
        np.testing.assert_array_equal(gradient, wanted["x"])
