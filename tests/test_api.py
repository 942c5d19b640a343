"""The library's two calls, what importing costs, and the report's JSON form."""

from __future__ import annotations

import io
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cases import arrays, scalars
from engine import report

import autodiff
from autodiff.report import plain

ROOT = Path(__file__).parent.parent
HEAVY = ("numpy", "scipy", "sympy", "mpmath", "rich", "click", "torch")


def python(code: str) -> list[str]:
    """Run code in a fresh interpreter; returns the lines it prints."""
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return run.stdout.split()


LOADED = f"import sys; print(*[m for m in {HEAVY!r} if m in sys.modules])"


def test_importing_the_library_imports_nothing_heavy() -> None:
    assert python(f"import autodiff; {LOADED}") == []
    # Nor its own modules, before they are used.
    code = "import autodiff, sys; print(*[m for m in sys.modules if m.startswith('autodiff.')])"
    assert python(code) == []


@pytest.mark.parametrize(
    "model",
    [
        "a = 2\\nL = a**2",
        "f(z) = tanh(z)\\na = 2\\nb = a * 3\\nL = f(b) + where(b > 1, sin(a), log(a))",
        "a = 2\\nb = maximum(a, 1) + erf(a) + gelu(a)\\nL = b + a**1.5",
    ],
)
def test_a_scalar_model_without_the_check_needs_none_of_them(model: str) -> None:
    code = f"import autodiff; r = autodiff.loads('{model}').gradient(check=False); r.to_json(); "
    assert python(code + LOADED) == []


def test_arrays_need_numpy_alone_and_the_check_needs_no_rich() -> None:
    code = "import autodiff; autodiff.loads('a = [1, 2]\\nL = sum(a)').gradient(check=False); "
    assert python(code + LOADED) == ["numpy"]
    code = "import autodiff; autodiff.loads('a = 2\\nL = a**2').gradient(); "
    assert {"rich", "click", "torch"}.isdisjoint(python(code + LOADED))


def test_public_names() -> None:
    for name in autodiff.__all__:
        assert getattr(autodiff, name) is not None
    with pytest.raises(AttributeError):
        _ = autodiff.nosuch


def test_a_program() -> None:
    program = autodiff.loads("a = 2\nb = a * [1, 2]\nL = sum(b)", name="mine")
    assert program.name == "mine"
    assert program.names == ["a", "b", "L"]
    assert program.leaves == ["a"]
    assert program["L"] == 6.0
    np.testing.assert_array_equal(program["b"], [2.0, 4.0])
    with pytest.raises(KeyError):
        program["nosuch"]


def test_loading_by_path_and_from_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "m.grad"
    path.write_text("a = 2\nL = a * x")
    for given in (path, str(path)):
        program = autodiff.load(given, values={"x": 3})
        assert (program.name, program["L"]) == (str(path), 6.0)
    stdin = io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbfa = 2\nL = a * x"))
    monkeypatch.setattr("sys.stdin", stdin)
    program = autodiff.load("-", set=[("x", "4")])
    assert program["L"] == 8.0


def test_one_program_gives_many_gradients() -> None:
    program = autodiff.loads("a = 2\nb = a**2\nL = b * a")
    first = program.gradient(check=False)
    assert program.gradient(of="b", check=False).gradients["a"].value == 4.0
    assert program.gradient(wrt=["b"], check=False).gradients["b"].value == 2.0
    assert program.gradient(check=False) == first


@pytest.mark.parametrize(
    "options",
    [
        {"nodes": "some"},
        {"paths": -1},
        {"paths": 1.5},
        {"paths": "most"},
        {"of": "nosuch"},
        {"wrt": ["nosuch"]},
    ],
)
def test_wrong_calls(options: dict[str, Any]) -> None:
    with pytest.raises(autodiff.UsageError):
        report("a = 2\nL = a", **options)


def test_names_are_asked_for_as_they_are_spelled() -> None:
    assert report("ﬁ = 2\nL = fi**2", wrt=["ﬁ"]).gradients["fi"].value == 4.0


def test_progress_is_told_and_may_stop_the_work() -> None:
    stages: list[str] = []
    report("a = 2\nL = a", progress=lambda stage, *rest, **more: stages.append(stage))
    assert stages

    def stop(*args: Any, **more: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        report("a = 2\nL = a", progress=stop)


# ---- JSON


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1.5, 1.5),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (math.nan, "nan"),
        (None, None),
        (np.float64(2.5), 2.5),
        (np.array([1.0, math.inf, math.nan]), [1.0, "inf", "nan"]),
        (np.array([[1.0], [-math.inf]]), [[1.0], ["-inf"]]),
        ((1.0, math.nan), [1.0, "nan"]),
    ],
)
def test_plain(value: Any, expected: Any) -> None:
    assert plain(value) == expected


TEXTS = [row[1] for row in (scalars.PHYSICS + arrays.CASES)[::4]]


@pytest.mark.parametrize("text", TEXTS)
def test_reports_survive_json(text: str) -> None:
    found = report(text, paths=3)
    written = json.dumps(found.to_json(), allow_nan=False)
    read = json.loads(written)
    assert read["schema"] == "gradpath/1"
    assert set(read) >= {
        *["schema", "model", "device", "dtype", "output", "gradients", "claims", "notes"],
        "status",
    }
    assert read["output"] == {"name": "L", "value": found.value}
    for name, gradient in found.gradients.items():
        here = read["gradients"][name]
        np.testing.assert_array_equal(here["value"], gradient.value)
        assert tuple(here["shape"]) == gradient.shape
        assert set(here["paths"]) >= {"count", "sum", "absolute_sum", "remainder", "shown"}
        for path in here["paths"]["shown"]:
            assert set(path) >= {"nodes", "weights", "contribution"}
            assert len(path["weights"]) == len(path["nodes"]) - 1
        assert set(here["check"]) >= {"verdict", "reference", "error", "expression", "coverage"}


@pytest.mark.parametrize(
    "text",
    [
        "x = 1000\nL = exp(x)",
        "x = 0\nL = sqrt(x)",
        "x = 0\ny = sqrt(x)\nL = y * 0 + x",
        "x = [0, 1]\nL = sum(sqrt(x))",
        "x = 0\nL = floor(x)",
        "x = 0\nL = abs(x)",
        "x = 3\na = 2 * x\nb = -2 * x\nL = a + b",
        "x = 2\nL = x\ndL/dx == 1",
    ],
)
def test_what_is_not_finite_is_text(text: str) -> None:
    json.dumps(report(text).to_json(), allow_nan=False)
    json.dumps(report(text, nodes="all").to_json(), allow_nan=False)


def test_weights_of_large_arrays_are_a_shape_and_a_norm() -> None:
    found = report("x = ones(30)\ny = x * 2\nL = sum(y)").to_json()
    weights = found["gradients"]["x"]["paths"]["shown"][0]["weights"]
    assert weights[1]["shape"] == [30, 30]
    assert weights[1]["norm"] == pytest.approx(2 * math.sqrt(30))


def test_claims_are_listed() -> None:
    found = report("x = 2\nL = x**2\ndL/dx == 2 * x").to_json()
    (claim,) = found["claims"]
    assert (claim["line"], claim["text"]) == (3, "dL/dx == 2 * x")
    assert set(claim) >= {"status", "message", "diagnosis", "counterexample"}
