"""float32: NumPy's own values, no wider number on the way, and verdicts that ask for its digits."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from cases import arrays, scalars
from engine import codes, report

import autodiff
from autodiff.analysis import Analysis
from autodiff.backends import single
from autodiff.narrow import narrowed

EPSILON = float(np.finfo(np.float32).eps)


def narrow(text: str, **options: Any) -> Any:
    return report(text, dtype="float32", **options)


def refused(text: str) -> bool:
    """Whether a model has a number that float32 has not: 1e300, or 0 for 1e-300."""
    found = codes(text, dtype="float32")
    leaves = autodiff.loads(text)
    sizes = [np.abs(leaves[name]) for name in leaves.leaves]
    assert not found or any((s > 1e38).any() or ((s < 1e-38) & (s > 0)).any() for s in sizes)
    return bool(found)


@pytest.mark.parametrize(
    ("text", "formula"), [row[1:] for row in arrays.CASES], ids=[row[0] for row in arrays.CASES]
)
def test_models_of_arrays_are_numpy_in_float32(text: str, formula: Any) -> None:
    program = autodiff.loads(text)
    found = program.gradient(dtype="float32", check=False)
    floats = program.gradient(check=False)
    with np.errstate(all="ignore"):
        want = formula(np, *(np.float32(program[name]) for name in program.leaves))
    # Another order of the same operations rounds in other places, a few times.
    assert found.value == pytest.approx(float(want), rel=16 * EPSILON, abs=16 * EPSILON)
    assert found.value == float(np.float32(found.value))
    for name, gradient in found.gradients.items():
        # Half of its digits, on the scale of what was added up.
        wide = floats.gradients[name]
        scale = np.max(np.abs(wide.paths.absolute_sum))
        np.testing.assert_allclose(gradient.value, wide.value, rtol=1e-3, atol=1e-3 * scale)
        assert gradient.shape == wide.shape


@pytest.mark.parametrize(
    "text",
    [row[1] for row in (*arrays.CASES, *scalars.CASES)],
    ids=[row[0] for row in (*arrays.CASES, *scalars.CASES)],
)
def test_nothing_on_the_way_is_wider(text: str) -> None:
    if refused(text):
        return
    tape = narrowed(autodiff.loads(text).tape)
    values = tape.at_home.values
    assert {np.asarray(value).dtype for value in values} == {np.dtype(np.float32)}
    with tape.numbers.context():
        analysis = Analysis(tape, "model")
        analysis.find_adjoints()
    adjoints = tape.numbers.fetched(analysis.reverse.adjoints)
    found = [a for a in adjoints if a is not None]
    assert {np.asarray(a).dtype for a in found} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    "text", [row[1] for row in scalars.CASES], ids=[r[0] for r in scalars.CASES]
)
def test_no_rule_is_convicted_for_its_digits(text: str) -> None:
    if refused(text):
        return
    found = narrow(text, check=True, closed=False)
    for gradient in found.gradients.values():
        assert gradient.check.verdict in {"agrees", "inexact", "undefined", "kink"}
        if gradient.check.verdict == "undefined":  # exp(100), and log at 1e-300, which is 0
            assert not np.isfinite(gradient.value)


@pytest.mark.parametrize("row", ["x = 0.1\nL = sin(x)*exp(x)", "x = [0.1, 3]\nL = sum(tanh(x)*x)"])
def test_right_is_told_as_right(row: str) -> None:
    check = narrow(row, check=True).gradients["x"].check
    assert check.verdict == "agrees"
    assert 0 <= check.ulps < 20
    assert check.error > 1e-12  # it is float32's own error, not float64's


def test_a_wrong_rule_is_convicted(monkeypatch: pytest.MonkeyPatch) -> None:
    from autodiff.ops import TABLE

    row = TABLE["sin"]
    right = row.partials[0]
    object.__setattr__(row, "partials", (lambda m, y, x: right(m, y, x) * 1.001,))
    try:
        check = narrow("x = 0.1\nL = sin(x)", check=True).gradients["x"].check
    finally:
        object.__setattr__(row, "partials", (right,))
    assert check.verdict == "differs"


def test_digits_that_cancel_are_told() -> None:
    found = narrow("x = 1e-3\nL = (1 - cos(x))/x**2", check=True)
    check = found.gradients["x"].check
    assert check.verdict == "inexact"
    assert 2 < check.digits_lost <= 7
    assert "inexact-value" in {note.code for note in found.notes}


def test_kinks_are_where_float32_has_them() -> None:
    # 0.1 is another number than in float64, and the same on both sides of the minus.
    check = narrow("x = 0.1\nL = abs(x - 0.1)", check=True).gradients["x"].check
    assert (check.verdict, check.left, check.right) == ("kink", -1, 1)


def test_an_overflow_is_one() -> None:
    found = narrow("x = 100\nL = exp(x)", check=True)
    assert found.status == "failed"
    assert found.notes[0].message == "exp(100) is inf: beyond the range of float32"
    assert report("x = 100\nL = exp(x)").status == "ok"


def test_a_leaf_beyond_its_range_is_refused() -> None:
    assert codes("x = 1\ny = 1e39\nL = x*y", dtype="float32") == ["leaf"]


def test_norms_of_large_and_small_numbers() -> None:
    for size in (1e-30, 1e30):
        found = narrow(f"x = [{3 * size}, {4 * size}]\nL = norm(x)")
        assert found.value == pytest.approx(5 * size, rel=4 * EPSILON)
        np.testing.assert_allclose(found.gradients["x"].value, [0.6, 0.8], rtol=4 * EPSILON)


def test_the_report_says_so() -> None:
    found = narrow("x = [0.1, 2]\nL = sum(x)")
    assert (found.dtype, found.digits) == ("float32", 7)
    assert found.gradients["x"].value.dtype == np.float32
    assert not found.gradients["x"].value.flags.writeable
    data = json.loads(json.dumps(found.to_json()))
    assert (data["dtype"], data["gradients"]["x"]["value"]) == ("float32", [1.0, 1.0])
    assert isinstance(found.value, float)


def test_what_excludes_each_other_is_refused() -> None:
    with pytest.raises(autodiff.UsageError, match="exclude"):
        narrow("x = 1\nL = x", precision=20)
    with pytest.raises(autodiff.UsageError, match="float16"):
        report("x = 1\nL = x", dtype="float16")


def test_results_that_are_no_numbers_are_left_alone() -> None:
    assert single.shape(np.ones((2, 3))) == (2, 3)
    assert single.argsort(np.float32([3, 1]), 0).dtype.kind == "i"
    assert single.logical_and(np.array([True]), np.array([False])).dtype == bool
    sign, size = single.slogdet(np.eye(2, dtype=np.float32))
    assert {np.asarray(sign).dtype, np.asarray(size).dtype} == {np.dtype(np.float32)}


def test_the_command_takes_one_or_the_other() -> None:
    from click.testing import CliRunner

    from cli.main import gradpath

    model = "x = 0.1\nL = sin(x)"
    run = CliRunner().invoke(gradpath, ["grad", "-", "--dtype", "float32", "--full"], input=model)
    assert run.exit_code == 0
    assert "cpu, float32" in run.output
    assert f"dL/dx = {np.cos(np.float32(0.1)):.9g}" in run.output  # so many digits round-trip
    both = ["grad", "-", "--dtype", "float32", "--precision", "9"]
    run = CliRunner().invoke(gradpath, both, input=model)
    assert run.exit_code == 2
    assert "exclude each other" in run.output
