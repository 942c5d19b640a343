"""`gradpath watch` as a process that files are saved under."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from autodiff.report import Report
from cli.views import changes

pytest.importorskip("watchfiles")

HOME = Path(__file__).parents[2]
MODEL = "a = 2\nx = load('x.npy')\nL = a*sum(x)\ndL/da == sum(x)\n"


class Watched:
    """The process, and what it has printed so far."""

    def __init__(self, folder: Path, *args: str) -> None:
        self.out = folder.parent / f"{folder.name}.out"
        env = os.environ | {"PYTHONPATH": str(HOME), "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
        with self.out.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cli", "watch", *args],
                cwd=folder,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=env,
            )
        self.seen = 0

    def until(self, text: str) -> str:
        """What has been printed since, up to where ``text`` is."""
        end = time.monotonic() + 50
        while time.monotonic() < end:
            printed = self.out.read_text(encoding="utf-8")[self.seen :]
            place = printed.find(text)
            if place >= 0:
                self.seen += place + len(text)
                return printed[: place + len(text)]
            assert self.process.poll() is None, printed
            time.sleep(0.02)
        raise AssertionError(f"no {text!r} in {printed!r}")

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "m.grad").write_text(MODEL)
    np.save(folder / "x.npy", np.array([1.0, 2.0]))
    return folder


def test_it_follows_its_files(folder):
    watched = Watched(folder, "m.grad", "--paths", "none", "--no-check")
    try:
        watched.until("1 claim: 1 verified\n")
        (folder / "m.grad").write_text(MODEL.replace("a = 2", "a = 3"))
        printed = watched.until("changed:\n")
        assert "\n--- m.grad ---\n\nm.grad    L = 9" in printed
        printed = watched.until("dL/dx: ")
        assert printed == "  a: 2 → 3\n  L: 6 → 9\n  dL/dx: "

        # Data, and a file that an editor replaces by another of its name.
        np.save(folder / "y.npy", np.array([1.0, 4.0]))
        (folder / "y.npy").replace(folder / "x.npy")
        assert "--- x.npy ---" in watched.until("changed:\n")
        assert "dL/da: 3 → 5" in watched.until("dL/da: 3 → 5")
        (folder / "new").write_text(MODEL.replace("== sum(x)", "== 2*sum(x)"))
        (folder / "new").replace(folder / "m.grad")
        watched.until("fails")
        watched.until("changed:\n")
        watched.until("claim dL/da == 2*sum(x): new, fails\n")

        # Errors are printed and waited out; the last good report is what is compared with.
        (folder / "m.grad").write_text("a = (\n")
        assert "m.grad:1:5: error[unclosed]" in watched.until("'(' is never closed")
        (folder / "m.grad").write_text(MODEL)
        watched.until("claim dL/da == 2*sum(x): gone\n")
        (folder / "x.npy").unlink()
        watched.until("cannot read 'x.npy'")
        np.save(folder / "x.npy", np.array([1.0, 4.0]))
        watched.until("no number, verdict or claim has changed")
        assert watched.interrupt() == 130
    finally:
        watched.process.kill()
        watched.process.wait()
    assert "Traceback" not in watched.out.read_text(encoding="utf-8")


def test_a_model_that_was_never_there(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "cli", "watch", "no/m.grad"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(HOME)},
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert "cannot read 'm.grad'" in done.stderr


def report(**extra: object) -> Report:
    fields = {
        "model": "m",
        "device": "cpu",
        "dtype": "float64",
        "output": "L",
        "value": 1.0,
        "point": {},
        "gradients": {},
        "claims": (),
        "notes": (),
        "checked": True,
        "status": "ok",
    }
    return Report(**(fields | extra))


def test_changes():
    old = report(point={"a": 1.0, "X": np.ones((2, 2)), "gone": 1.0, "n": float("nan")})
    new = report(
        value=1 + 1e-12, point={"a": 2.0, "X": np.zeros((2, 2)), "b": 3.0, "n": float("nan")}
    )
    assert changes.lines(old, new, ascii=True) == [
        "changed:",
        "  a: 1 -> 2",
        "  X: 2x2 of norm 2 -> 2x2 of norm 0",
        "  b: new, 3",
        "  L: 1 -> 1.000000000001",
        "  gone: gone",
    ]
    assert changes.lines(old, old, ascii=True) == ["no number, verdict or claim has changed"]
