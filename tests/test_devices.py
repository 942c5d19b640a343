"""Models on a device: the same report as on the CPU, and arrays that stay where they are."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from cases import arrays, scalars
from standins import cupylike

import autodiff
from autodiff import placement
from autodiff.backends import gpu
from autodiff.backends.devices import OnDevice
from autodiff.report import Report

EVERY = (*arrays.CASES, *scalars.CASES)
MIXED = """
X = randn(40, 5, seed=1)
w = randn(5, seed=2)
b = 0.3
t = where(X[:, 0] > 0, 1, 0)
z = X @ w + b
p = sigmoid(z)
loss = -mean(t*log(p) + (1 - t)*log(1 - p))
s = sqrt(sum(w**2))
L = loss + 0.1*s*b
"""


@pytest.fixture
def on_device(library: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``autodiff.loads`` with device="gpu" on a library."""

    def place(device: str) -> placement.Place:
        assert device == "gpu"
        return placement.Place(OnDevice(library))

    monkeypatch.setattr(placement, "place", place)

    def loads(text: str) -> autodiff.Program:
        return autodiff.loads(text, name="model.grad", device="gpu")

    return loads


def same(found: Report, wanted: Report, rel: float = 1e-9) -> None:
    """Two reports but for their last digits: another order of sums rounds in other places."""

    def close(a: Any, b: Any, scale: Any = 1.0) -> None:
        assert type(a) is type(b)
        size = np.max(np.abs(scale), initial=1e-300)
        np.testing.assert_allclose(a, b, rtol=rel, atol=rel * size if np.isfinite(size) else 0)

    close(found.value, wanted.value)
    assert list(found.gradients) == list(wanted.gradients)
    for name, theirs in wanted.gradients.items():
        ours = found.gradients[name]
        assert (ours.shape, ours.relation, ours.line) == (
            theirs.shape,
            theirs.relation,
            theirs.line,
        )
        assert theirs.paths is not None
        assert ours.paths is not None
        scale = theirs.paths.absolute_sum
        close(ours.value, theirs.value, scale)
        close(ours.paths.sum, theirs.paths.sum, scale)
        assert ours.paths.count == theirs.paths.count
        ours_shown = {path.nodes: path for path in ours.paths.shown}
        for path in theirs.paths.shown:
            if path.nodes in ours_shown:  # paths of one weight may come in another order
                close(ours_shown[path.nodes].contribution, path.contribution, scale)
                assert ours_shown[path.nodes].formulas == path.formulas
        assert (ours.check and ours.check.verdict) == (theirs.check and theirs.check.verdict)
    assert {note.code for note in found.notes} - {"device"} == {note.code for note in wanted.notes}


@pytest.mark.parametrize("text", [row[1] for row in EVERY], ids=[row[0] for row in EVERY])
def test_reports_are_the_cpus(text: str, on_device: Any) -> None:
    found = on_device(text).gradient(check=False)
    same(found, autodiff.loads(text, name="model.grad").gradient(check=False))
    assert found.device == "gpu"


@pytest.mark.parametrize("nodes", ["names", "all"])
@pytest.mark.parametrize(
    "text",
    [
        MIXED,
        "x = [0, 1, -2]\nL = sum(abs(x)) + sum(relu(x))",  # at a kink
        "x = [[2, 1], [1, 3]]\nL = logdet(x) + sum(inv(x)*x)",
        "x = [1e200, 1]\nL = sum(exp(x))",  # an overflow
        "x = [4, 0]\ny = sqrt(x)\nL = y[0]",  # an infinite slope where nothing leads
        "a = 2\nL = a**3",
    ],
)
def test_checked_reports_are_the_cpus(text: str, nodes: str, on_device: Any) -> None:
    found = on_device(text).gradient(nodes=nodes, closed=False)
    same(found, autodiff.loads(text, name="model.grad").gradient(nodes=nodes, closed=False))


def test_float32_on_a_device(on_device: Any) -> None:
    program = on_device(MIXED)
    found = program.gradient(dtype="float32", closed=False)
    same(found, autodiff.loads(MIXED).gradient(dtype="float32", closed=False), 1e-5)
    assert (found.dtype, found.device) == ("float32", "gpu")
    assert found.gradients["w"].value.dtype == np.float32


def test_errors_are_the_cpus(on_device: Any) -> None:
    for text in (
        "x = [1, 2]\ny = [1, 2, 3]\nL = sum(x*y)",
        "x = [1, 2]\nL = x[5]",
        "x = [1, -2]\nL = sum(log(x))",
        "x = [1, 2]\nL = x",
        "x = zeros(10, 10)\nL = sum(x @ ones(3))",
    ):
        problems = []
        for load in (on_device, autodiff.loads):
            with pytest.raises(autodiff.ModelErrors) as caught:
                load(text).gradient()
            problems.append([(type(p), p.code, p.span) for p in caught.value.problems])
        assert problems[0] == problems[1]


def test_value_and_gradient(on_device: Any, library: Any) -> None:
    program = on_device(MIXED)
    value, found = program.value_and_gradient()
    wanted_value, wanted = autodiff.loads(MIXED).value_and_gradient()
    assert value == pytest.approx(wanted_value, rel=1e-13)
    for name, gradient in wanted.items():
        assert type(found[name]) is type(gradient)
        np.testing.assert_allclose(found[name], gradient, rtol=1e-11, atol=1e-13)
    _, there = program.value_and_gradient(host=False)
    assert isinstance(there["w"], library.array)
    assert isinstance(there["b"], float)


def test_claims_and_values_are_at_home(on_device: Any) -> None:
    program = on_device("x = [1, 2, 3]\nL = sum(x**2)\ndL/dx == 2*x\ndL/dx == 3*x")
    assert [claim.status for claim in program.claims()] == ["proved", "fails"]
    assert program["x"].tolist() == [1, 2, 3]


def test_digits_are_the_cpus(on_device: Any) -> None:
    with pytest.raises(autodiff.UsageError, match="on the CPU"):
        on_device("x = [1, 2]\nL = sum(x)").gradient(precision=20)


# ---- what moves between host and device


@pytest.fixture
def cupy() -> Any:
    with cupylike.installed() as module:
        yield module


def arrays_fetched(cupy: Any) -> list[tuple[int, ...]]:
    return [shape for shape in cupy.fetched if shape]


def test_arrays_come_back_once(cupy: Any) -> None:
    program = autodiff.loads(MIXED, device="gpu")
    cupy.fetched.clear()
    program.gradient(check=False, paths=None)
    assert len(arrays_fetched(cupy)) == 1


def test_a_loop_fetches_the_gradients_alone(cupy: Any) -> None:
    program = autodiff.loads(MIXED, device="gpu")
    cupy.fetched.clear()
    program.value_and_gradient(wrt=["w", "b"])
    assert arrays_fetched(cupy) == [(5,)]
    cupy.fetched.clear()
    program.value_and_gradient(wrt=["w", "b"], host=False)
    assert arrays_fetched(cupy) == []


# ---- what is missing


class Failing(cupylike.Runtime):
    def __init__(self, said: str = "", driver: int = 12090, version: int = 12090) -> None:
        self.said, self.driver, self.version = said, driver, version

    def getDeviceCount(self) -> int:
        if self.said:
            raise RuntimeError(self.said)
        return 1


@pytest.mark.parametrize(
    ("runtime", "status", "word"),
    [
        (Failing(driver=0), "no-driver", "driver"),
        (Failing("cudaErrorNoDevice: no CUDA-capable device is detected"), "no-device", "device"),
        (
            Failing(
                "cudaErrorInsufficientDriver: CUDA driver version is insufficient", 12040, 13000
            ),
            "no-runtime",
            "CUDA 13.0, the driver supports 12.4",
        ),
        (Failing("libnvrtc.so.12: cannot open shared object file"), "no-runtime", "libnvrtc"),
    ],
)
def test_what_is_missing_is_told_apart(runtime: Any, status: str, word: str) -> None:
    with cupylike.installed(runtime):
        found = gpu.probe()
        assert found.status == status
        assert word in found.reason
        assert found.hint
        with pytest.raises(autodiff.UsageError) as caught:
            autodiff.loads("x = 1\nL = x", device="gpu")
        assert caught.value.code == status
        program = autodiff.loads("x = [1, 2]\nL = sum(x)", device="auto")
        (note,) = program.gradient(check=False).notes
        assert (note.code, word in note.message) == ("device", True)


def test_no_kernel_is_no_gpu(cupy: Any) -> None:
    def refuse(shape: Any) -> Any:
        raise RuntimeError("CuPy failed to load libnvrtc.so.12")

    cupy.ones = refuse
    assert gpu.probe().status == "no-runtime"


def test_a_library_that_does_not_import(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.machinery
    import sys

    class Broken:
        def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
            if name == "cupy":
                return importlib.machinery.ModuleSpec(name, self)
            return None

        def create_module(self, spec: Any) -> None:
            return None

        def exec_module(self, module: Any) -> None:
            raise ImportError("libcudart.so.12: cannot open shared object file")

    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    monkeypatch.delitem(sys.modules, "cupy", raising=False)
    found = gpu.probe()
    assert (found.status, "libcudart" in found.reason) == ("no-runtime", True)


def test_auto_takes_what_is_there(cupy: Any) -> None:
    found = autodiff.loads("x = [1, 2]\nL = sum(x)", device="auto").gradient(check=False)
    assert (found.device, found.hardware, found.notes) == ("gpu", "Stand-in", ())
    assert json.loads(json.dumps(found.to_json()))["hardware"] == "Stand-in"


def test_a_model_of_numbers_runs_on_the_host_and_says_so(cupy: Any) -> None:
    found = autodiff.loads("x = 2\nL = x**2", device="gpu").gradient(check=False)
    assert [note.code for note in found.notes] == ["device"]


def test_unknown_devices_are_refused() -> None:
    with pytest.raises(autodiff.UsageError, match="tpu"):
        autodiff.loads("x = 1\nL = x", device="tpu")
