"""Bounds on a whole run, and its end at any moment: time, memory, Ctrl-C, closed streams."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_process import HOME, MODEL, environment, run

from autodiff import confine
from cli.main import gradpath

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs POSIX")
TRAP = """\
import os, signal, sys
from importlib.abc import MetaPathFinder

module, number = sys.argv[1], int(sys.argv[2])

class Trap(MetaPathFinder):
    def find_spec(self, name, *_):
        if name == module:
            os.kill(os.getpid(), number)

sys.meta_path.insert(0, Trap())
import cli.start
sys.argv[0:3] = ["gradpath"]
cli.start.main()
"""


def trapped(module: str, number: signal.Signals, *args: str) -> subprocess.CompletedProcess[bytes]:
    """The command, which sends itself a signal when it is about to import a module."""
    return subprocess.run(
        [sys.executable, "-c", TRAP, module, str(int(number)), *args],
        input=MODEL.encode(),
        capture_output=True,
        env=environment(),
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "module", ["cli.main", "click.core", "cli.commands.grad", "autodiff.api", "sympy", "rich.text"]
)
def test_an_interrupt_in_the_middle_of_an_import(module: str) -> None:
    result = trapped(module, signal.SIGINT, "grad", "-")
    assert (result.returncode, result.stdout, result.stderr) == (130, b"", b"")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_check_leaves_no_report(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    (tmp_path / "m.grad").write_text(MODEL)
    report = f"json={tmp_path / 'out.json'}"
    result = trapped("sympy", number, "check", str(tmp_path / "m.grad"), "--report", report)
    assert (result.returncode, result.stdout, result.stderr) == (code, b"", b"")
    assert os.listdir(tmp_path) == ["m.grad"]


def test_processes_are_started_deaf() -> None:
    ask = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"
    with confine.deaf():
        heard = subprocess.check_output([sys.executable, "-c", ask], text=True)
    assert heard == "True\n"
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


# ---- time and memory


def test_a_run_that_takes_too_long() -> None:
    # Not a wait for the clock: starting takes longer than this.
    result = run("grad", "-", "--timeout", "1e-6")
    assert (result.returncode, result.stdout) == (1, b"")
    assert result.stderr == (
        b"gradpath: error: no result after 1e-06 s\n  hint: --timeout allows more time\n"
    )
    result = run("grad", "-", "--timeout", "1e-6", "--format", "json")
    assert (result.returncode, result.stderr) == (1, b"")
    assert json.loads(result.stdout)["errors"][0]["code"] == "timeout"


def test_a_run_that_needs_too_much_memory() -> None:
    text = "x = ones(5 * 10**7)\nL = sum(x * x)"
    result = run("grad", "-", "--no-check", "--max-memory", "400M", text=text)
    assert (result.returncode, result.stdout) == (2, b"")
    assert b"memory]" in result.stderr or b"not enough memory" in result.stderr
    assert b"hint: --max-memory allows more" in result.stderr


def test_within_its_bounds_a_run_is_as_ever() -> None:
    for form in ("text", "json"):
        asked = ("grad", "-", "--format", form)
        free, bound = run(*asked), run(*asked, "--timeout", "60", "--max-memory", "1G")
        assert free.returncode == bound.returncode == 0
        assert (free.stdout, free.stderr) == (bound.stdout, bound.stderr)
    assert run("grad", "-", "--of", "nope", "--timeout", "60").returncode == 2


def test_files_of_a_check_that_need_too_much_memory(tmp_path: Path) -> None:
    (tmp_path / "a.grad").write_text("x = ones(5 * 10**7)\nL = sum(x * x)")
    (tmp_path / "b.grad").write_text(MODEL)
    result = run("check", str(tmp_path), "--max-memory", "400M", "--format", "json")
    assert result.returncode == 2
    first, second = json.loads(result.stdout)["files"]
    assert (first["status"], first["errors"][0]["code"]) == ("error", "memory")
    assert second["status"] == "ok"


MISBEHAVING = """\
import os, signal, sys, time
from cli.boundary import Call
from cli.confined import run

def stubborn():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})  # as C code that never comes back
    while True:
        pass

def leaves():
    os._exit(0)  # as a library may, for want of memory

def dies():
    os.kill(os.getpid(), signal.SIGKILL)

codes = [
    run(Call(), stubborn, 0.05, None),
    run(Call(), leaves, None, 1 << 30),
    run(Call(), dies, None, 1 << 30),
    run(Call(), dies, 60, None),
    run(Call(), lambda: 7, 60, None),
]
print(codes)
"""


def test_a_process_that_does_not_end_or_ends_without_a_word() -> None:
    result = subprocess.run(
        [sys.executable, "-c", MISBEHAVING],
        capture_output=True,
        text=True,
        cwd=HOME,
        env=environment(),
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stdout) == (0, "[1, 2, 2, 3, 7]\n")
    lines = [line for line in result.stderr.splitlines() if "hint" not in line]
    assert [line.removeprefix("gradpath: error: ") for line in lines] == [
        "no result after 0.05 s",
        "the process died, perhaps for want of memory: exit code 0",
        "the process died, perhaps for want of memory: signal SIGKILL",
        "the process died: signal SIGKILL",
    ]


@pytest.mark.parametrize("size", ["1", "255M", "2X", "1.5G", "-1", ""])
def test_sizes_that_are_none(size: str) -> None:
    assert CliRunner().invoke(gradpath, ["grad", "-", "--max-memory", size]).exit_code == 2


# ---- limits


@pytest.mark.parametrize("limit", ["elements=10", "elements=1e1"])
@pytest.mark.parametrize("command", ["grad", "check"])
def test_limits_are_set_by_name(command: str, limit: str) -> None:
    text = "x = zeros(11)\nL = sum(x)"
    result = CliRunner().invoke(gradpath, [command, "-", "--limit", limit], text)
    assert result.exit_code == 2
    assert "hint: --limit elements=N allows more\n" in result.output
    raised = CliRunner().invoke(gradpath, [command, "-", "--limit", "elements=1,1"], text)
    assert raised.exit_code == 0


@pytest.mark.parametrize("limit", ["elements", "elements=", "elements=x", "elements=-1", "nope=1"])
def test_limits_that_are_none(limit: str) -> None:
    assert CliRunner().invoke(gradpath, ["grad", "-", "--limit", limit], MODEL).exit_code == 2


def test_the_limit_of_a_result() -> None:
    asked = ["grad", "-", "--format", "json", "--no-check", "--limit", "output=3"]
    result = CliRunner().invoke(gradpath, asked, MODEL)
    assert json.loads(result.stdout)["errors"][0]["code"] == "limit"


# ---- streams


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("grad m.grad >&-", 0),
        ("grad m.grad 2>&-", 0),
        ("grad nope.grad 2>&-", 2),
        ("grad - <&-", 2),
        ("check m.grad >&- 2>&-", 0),
        ("check nope.grad --format json >&-", 2),
        ("--help | true", 0),
        ("grad --help | true", 0),
        ("--help > /dev/full", 2),
        ("grad nope.grad 2> /dev/full", 2),
        ("check m.grad > /dev/full", 2),
    ],
)
def test_streams_that_are_closed_or_full(call: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "m.grad").write_text(MODEL)
    script = f"{sys.executable} -m cli {call}; exit ${{PIPESTATUS[0]}}"
    result = subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        cwd=tmp_path,
        env=environment(),
        timeout=60,
        check=False,
    )
    assert result.returncode == code
    assert b"Traceback" not in result.stderr
