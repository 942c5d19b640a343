"""The command as a process: encodings, pipes, colour, start-up, signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

HOME = Path(__file__).parents[2]
MODEL = (HOME / "samples" / "two_paths.grad").read_text()


def environment(**extra):
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    return kept | {"PYTHONPATH": str(HOME), "PYTHONUTF8": "0", "LC_ALL": "C.UTF-8"} | extra


def run(*args, text=MODEL, env=None, **how):
    return subprocess.run(
        [sys.executable, "-m", "cli", *args],
        input=text.encode(),
        capture_output=True,
        env=environment(**(env or {})),
        timeout=60,
        check=False,
        **how,
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
@pytest.mark.parametrize("form", ["text", "markdown", "json", "csv"])
def test_without_utf_8_everything_is_ascii(encoding, form):
    result = run("grad", "-", "--no-check", "--format", form, env={"PYTHONIOENCODING": encoding})
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.isascii()


def test_a_name_the_terminal_lacks_is_escaped():
    result = run(
        "grad", "-", "--no-check", text="α = 2\nL = α**2\n", env={"PYTHONIOENCODING": "ascii"}
    )
    assert result.returncode == 0
    assert b"dL/d\\u03b1 = 4" in result.stdout


def test_a_file_name_that_is_not_utf_8(tmp_path):
    name = os.fsencode(tmp_path) + b"/m\xff.grad"
    Path(os.fsdecode(name)).write_text(MODEL)
    for form in ("text", "json", "csv", "markdown"):
        result = run("grad", name, "--no-check", "--format", form)
        assert (result.returncode, result.stderr) == (0, b"")
        result.stdout.decode()
        if form == "json":
            json.loads(result.stdout)


def test_nowhere_is_there_colour_or_a_cursor_without_a_terminal():
    for env in ({}, {"NO_COLOR": "1"}, {"TERM": "xterm-256color"}):
        result = run("grad", "-", "--no-check", env=env)
        assert b"\x1b" not in result.stdout + result.stderr


def test_no_color_is_honoured_on_a_terminal():
    pty = pytest.importorskip("pty")

    def shown(**env):
        leader, follower = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "grad", "-", "--no-check"],
            stdin=subprocess.PIPE,
            stdout=follower,
            stderr=subprocess.PIPE,
            env=environment(TERM="xterm", **env),
        )
        os.close(follower)
        assert process.stdin is not None
        process.stdin.write(MODEL.encode())
        process.stdin.close()
        chunks = []
        try:
            while chunk := os.read(leader, 65536):
                chunks.append(chunk)
        except OSError:  # how Linux says that the other side has closed
            pass
        os.close(leader)
        assert process.stderr is not None
        process.stderr.close()
        assert process.wait(60) == 0
        return b"".join(chunks)

    assert b"\x1b[2m" in shown()
    plain = shown(NO_COLOR="1")
    assert b"\x1b[3" not in plain
    assert b"dL/da = " in plain


@pytest.mark.parametrize("form", ["text", "json", "csv", "markdown"])
def test_a_reader_that_goes_away_is_no_failure(form):
    long = "x = 1\n" + "".join(f"x{i} = x * {i}\n" for i in range(2000)) + "L = x1\n"
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "grad", "-", "--no-check", "--full", "--format", form],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdout is not None
    process.stdout.close()  # before anything is written
    assert process.stdin is not None
    assert process.stderr is not None
    with process.stdin as stdin:
        stdin.write(long.encode())
    with process.stderr as stderr:
        assert stderr.read() == b""
    assert process.wait(60) == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full, a full disk")
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_full_disk_is_an_error_and_not_a_bug(form):
    with open("/dev/full", "wb") as full:
        process = subprocess.run(
            [sys.executable, "-m", "cli", "grad", "-", "--no-check", "--format", form],
            input=MODEL.encode(),
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            timeout=60,
            check=False,
        )
    assert process.returncode == 2
    assert process.stderr.startswith(b"gradpath: error: cannot write the result: ")


def imported(*args):
    """The modules that a call imports, by their top-level names."""
    result = run(*args, env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert result.returncode == 0, result.stderr
    lines = result.stderr.decode().splitlines()
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


@pytest.mark.parametrize(
    "args",
    [
        ("--help",),
        ("--version",),
        ("grad", "--help"),
        ("grad", "-", "--no-check", "--format", "json"),
        ("grad", "-", "--no-check", "--format", "csv"),
        ("grad", "-", "--no-check", "--format", "markdown"),
        ("ops", "--format", "json"),
        ("completion", "zsh"),
    ],
    ids=" ".join,
)
def test_nothing_heavy_is_imported_for(args):
    assert imported(*args).isdisjoint({"numpy", "scipy", "rich", "sympy", "mpmath"})


def test_text_needs_rich_and_no_more():
    assert imported("grad", "-", "--no-check").isdisjoint({"numpy", "scipy", "sympy", "mpmath"})


def test_the_output_is_one_json_object_on_one_line():
    result = run("grad", "-", "--no-check", "--format", "json")
    assert result.stdout.count(b"\n") == 1
    assert json.loads(result.stdout)["status"] == "ok"


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs POSIX signals")
def test_an_interrupted_process_ends_quietly_with_130():
    # It waits for a model on standard input, so the signal meets it at work.
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "grad", "-", "--no-check"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in stderr
    assert stdout == b""
