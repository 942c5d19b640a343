"""`gradpath devices` and `--device`, with CuPy's stand-in, and with nothing at all."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from click.testing import CliRunner
from standins import cupylike

from autodiff.backends import gpu
from cli.main import gradpath

MODEL = "x = [1, 2]\nL = sum(x**2)\n"
CPU = f"cpu  ready\n     NumPy {np.__version__}, cores {os.cpu_count()}\n"


def run(*args, text=None):
    return CliRunner().invoke(gradpath, list(args), input=text)


@pytest.fixture
def nothing(monkeypatch):
    monkeypatch.setattr(gpu.importlib.util, "find_spec", lambda name: None)


def test_nothing_is_there(nothing):
    result = run("devices")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        f"{CPU}gpu  not there: CuPy is not installed\n"
        "     hint: pip install 'gradpath[cuda12]' (or cuda13: nvidia-smi shows which)\n"
    )


def test_a_card_is_there():
    with cupylike.installed():
        assert run("devices").stdout == (
            f"{CPU}gpu  ready  Stand-in\n"
            "     CuPy 14.2.0, CUDA runtime 12.9, CUDA of the driver 12.9, memory 74.5 GiB\n"
        )
        found = json.loads(run("devices", "--format", "json").stdout)
    assert [(d["device"], d["status"], d["name"]) for d in found["devices"]] == [
        ("cpu", "ready", ""),
        ("gpu", "ready", "Stand-in"),
    ]


def test_an_explicit_gpu_that_is_not_there_is_an_error(nothing):
    result = run("grad", "-", "--device", "gpu", text=MODEL)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("gradpath: error: no GPU: CuPy is not installed\n  hint: ")
    result = run("grad", "-", "--device", "gpu", "--format", "json", text=MODEL)
    (error,) = json.loads(result.stdout)["errors"]
    assert (result.exit_code, error["code"]) == (2, "no-cupy")


def test_auto_falls_back_and_says_so(nothing):
    result = run("grad", "-", "--device", "auto", "--no-check", text=MODEL)
    assert result.exit_code == 0
    assert result.stdout.startswith("<stdin>    L = 5    cpu, float64\n")
    assert result.stderr == ("note[device]: no GPU: CuPy is not installed; all runs on the CPU\n")


def test_the_report_names_the_device():
    with cupylike.installed():
        result = run("grad", "-", "--device", "gpu", text=MODEL)
        assert result.exit_code == 0
        assert result.stdout.startswith("<stdin>    L = 5    gpu (Stand-in), float64\n")
        assert "SymPy agrees" in result.stdout
        narrow = run("grad", "-", "--device", "auto", "--dtype", "float32", text=MODEL)
        assert narrow.stdout.startswith("<stdin>    L = 5    gpu (Stand-in), float32\n")
        both = run("grad", "-", "--device", "gpu", "--precision", "20", text=MODEL)
        assert both.exit_code == 2
