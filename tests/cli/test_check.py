"""`gradpath check`: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from autodiff.report import FileResult
from cli.main import gradpath
from cli.views import checks
from cli.views.checks import text
from cli.views.checks.summary import CODES, Tally

ROOT = Path(__file__).parent.parent.parent

FILES = {
    "good.grad": "x = 3\nL = x**2\ndL/dx == 2*x\n",
    "root.grad": "x = 0\nL = sqrt(x)\n",
    "wrong.grad": "a = 2\nb = 3\nL = a*b\ndL/da == a   # by the wrong name\n",
    "broken.grad": "x = 1\nL = x*(\n",
    "plain.grad": "x = 1\ny = 2\nL = x + y\n",
}


@pytest.fixture(autouse=True)
def _models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    for name, content in FILES.items():
        Path(name).write_text(content)


def check(*arguments: str, input: str | bytes | None = None) -> Result:
    result = CliRunner().invoke(gradpath, ["check", *arguments], input=input)
    assert "this is a bug" not in result.output
    return result


def untimed(output: str) -> str:
    return re.sub(r"\d+\.\d s$", "N s", output, flags=re.M)


def process(*arguments: str, **how: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", "check", *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        **how,
    )


# ---- text


def test_the_whole_of_it() -> None:
    result = check(".")
    assert (
        untimed(result.stdout)
        == """\
broken.grad  error    1 error
  broken.grad:2:7: error[unclosed]: '(' is never closed
    L = x*(
          ^
good.grad    ok       1 gradient, 1 claim
plain.grad   ok       2 gradients
root.grad    failed   1 of 1 gradient
  root.grad:2: gradient-undefined: dL/dx undefined: the slope of sqrt in L by x is inf
    L = sqrt(x)
wrong.grad   failed   2 gradients, 1 of 1 claim
  wrong.grad:4:1: claim-fails
    dL/da == a   # by the wrong name
    ^^^^^^^^^^
    this is dL/db, the derivative by b
    at the file's values: left 3, right 2
5 files: 2 ok, 2 failed, 1 error   N s
"""
    )
    assert result.exit_code == 2
    assert result.stderr == ""


def test_quiet_shows_what_fails_and_the_summary() -> None:
    result = check("-q", "good.grad", "root.grad", "plain.grad")
    assert untimed(result.stdout).splitlines() == [
        "root.grad   failed   1 of 1 gradient",
        "  root.grad:2: gradient-undefined: dL/dx undefined: the slope of sqrt in L by x is inf",
        "    L = sqrt(x)",
        "3 files: 2 ok, 1 failed   N s",
    ]


def test_fail_fast_stops_at_the_first_that_fails() -> None:
    result = check("--fail-fast", "good.grad", "root.grad", "broken.grad", "plain.grad")
    assert untimed(result.stdout).splitlines()[-1] == "4 files: 1 ok, 1 failed, 2 not checked   N s"
    assert result.exit_code == 1


def test_strict_makes_doubt_fail() -> None:
    doubtful = FileResult("f.grad", "ok", None)
    assert Tally([doubtful]).code == 0
    Path("lost.grad").write_text("x = 1e8\nL = (x + 1e-8)**2 - x**2\n")
    assert check("lost.grad").exit_code == 0
    assert "(1 inexact)" in check("lost.grad").stdout
    assert check("lost.grad", "--strict").exit_code == 1


def test_a_long_name_pushes_only_its_own_line() -> None:
    name = "x" * 60 + ".grad"
    Path(name).write_text("x = 1\nL = x\n")
    lines = check("good.grad", name).stdout.splitlines()
    assert lines[0] == "good.grad".ljust(text.WIDEST + 2) + "ok       1 gradient, 1 claim"
    assert lines[1] == f"{name}  ok       1 gradient"


def test_names_that_move_the_cursor_do_not() -> None:
    name = "a\x1b[2Jb\n.grad"
    Path(name).write_text("x = 0\nL = sqrt(x) # \x1b[1m\n")
    result = check(name)
    assert "\x1b" not in result.stdout
    assert result.stdout.splitlines()[0].startswith("a\\x1b[2Jb\\n.grad  failed")


def test_ascii_where_that_is_all_there_is() -> None:
    Path("π.grad").write_text("π2 = 0\nL = sqrt(π2)\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "cli", "check", "π.grad"],
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.isascii()
    assert b"dL/dpi2 undefined" in done.stdout


# ---- exit codes


@pytest.mark.parametrize(
    ("files", "code"),
    [
        (["good.grad"], 0),
        (["good.grad", "root.grad"], 1),
        (["root.grad", "broken.grad"], 2),
        (["nosuch.grad", "good.grad"], 2),
        (["q*.grad", "good.grad"], 2),
        (["."], 2),
    ],
)
def test_the_worst_outcome_is_the_exit_code(files: list[str], code: int) -> None:
    assert check(*files).exit_code == code


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        ([], 5),
        (["nothing", "nothing"], 5),
        (["nothing", "ok"], 0),
        (["nothing", "failed"], 1),
        (["timeout", "ok"], 1),
        (["failed", "error"], 2),
        (["error", "bug", "failed"], 3),
    ],
)
def test_the_order_of_the_worst(statuses: list[Any], code: int) -> None:
    assert Tally([FileResult("f", status, None) for status in statuses]).code == code


def test_every_status_has_a_code() -> None:
    from typing import get_args

    from autodiff.report import FileStatus

    assert set(CODES) == set(get_args(FileStatus))


def test_nothing_is_told_and_has_a_code_of_its_own() -> None:
    Path("empty").mkdir()
    result = check("empty")
    assert (result.exit_code, result.stdout) == (5, "")
    assert result.stderr == "gradpath: nothing to check: no *.grad file in empty\n"


def test_a_file_without_anything_to_check() -> None:
    result = check("plain.grad", "--only", "claims")
    assert result.exit_code == 5
    assert untimed(result.stdout) == (
        "plain.grad  nothing to check\n1 file: 1 nothing to check   N s\n"
    )
    assert check("plain.grad", "good.grad", "--only", "claims").exit_code == 0


def test_only_one_kind() -> None:
    assert "1 gradient\n" in check("good.grad", "--only", "gradients").stdout
    assert "ok       1 claim\n" in check("good.grad", "--only", "claims").stdout


def test_no_path_is_an_error_of_the_call() -> None:
    result = check()
    assert (result.exit_code, result.stdout) == (2, "")
    assert "name files or folders" in result.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        ["-j", "many"],
        ["-j", "-1"],
        ["--timeout", "0"],
        ["--points", "0"],
        ["--rtol", "1"],
        ["--report", "junit"],
        ["--report", "pdf=x.pdf"],
        ["--report", "json=-"],
        ["--report", "json=a.json", "--report", "tap=a.json"],
        ["--scheduler", "tcp://localhost:1", "-j", "2"],
        ["--from-file", "nosuch"],
        ["--cache", "good.grad"],
    ],
    ids=" ".join,
)
def test_a_wrong_call_checks_nothing(wrong: list[str]) -> None:
    result = check("good.grad", *wrong)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr


# ---- what goes in


def test_standard_input_is_a_model() -> None:
    result = check("-", input="x = 0\nL = sqrt(x)\n")
    assert result.exit_code == 1
    assert result.stdout.startswith("<stdin>  failed")
    assert "<stdin>:2: gradient-undefined" in result.stdout


def test_a_list_on_standard_input() -> None:
    result = check("--from-file", "-", input=b"good.grad\0plain.grad\0")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()[:2]] == [
        "good.grad",
        "plain.grad",
    ]


def test_garbage_among_the_files_stops_nothing() -> None:
    Path("noise.grad").write_bytes(bytes(range(256)) * 9)
    Path("zero.grad").write_bytes(b"\0" * 99)
    Path("void.grad").write_bytes(b"")
    Path("folder.grad").mkdir()
    os.mkfifo("pipe.grad")
    os.symlink("nowhere", "dangling.grad")
    result = check(".", "--format", "json")
    found = {entry["model"]: entry["status"] for entry in json.loads(result.stdout)["files"]}
    assert found.pop("good.grad") == found.pop("plain.grad") == "ok"
    assert found.pop("root.grad") == found.pop("wrong.grad") == "failed"
    assert set(found) == {
        "broken.grad",
        "noise.grad",
        "zero.grad",
        "void.grad",
        "pipe.grad",
        "dangling.grad",
    }
    assert set(found.values()) == {"error"}
    assert result.exit_code == 2


def test_jobs_give_the_same_text() -> None:
    one, two = process(".", "-j", "1"), process(".", "-j", "2")
    assert untimed(two.stdout) == untimed(one.stdout)
    assert (one.returncode, one.stderr) == (two.returncode, two.stderr) == (2, "")


def test_a_reader_that_goes_away_changes_nothing() -> None:
    command = f'"{sys.executable}" -m cli check good.grad plain.grad root.grad | head -n 1'
    done = subprocess.run(
        ["bash", "-c", command + "; exit ${PIPESTATUS[0]}"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")


# ---- what comes out


def test_json() -> None:
    data = json.loads(check("good.grad", "broken.grad", "--format", "json").stdout)
    assert data["schema"] == "gradpath-check/1"
    assert [FileResult.from_json(entry).status for entry in data["files"]] == ["ok", "error"]
    assert data["status"] == "error"
    counts = data["summary"]
    assert counts.pop("seconds") > 0
    assert counts == {
        "files": 2,
        "ok": 1,
        "failed": 0,
        "error": 1,
        "nothing": 0,
        "timeout": 0,
        "bug": 0,
        "cached": 0,
    }


def test_json_lines_say_the_same() -> None:
    *files, last = map(json.loads, check(".", "--format", "jsonl").stdout.splitlines())
    whole = json.loads(check(".", "--format", "json").stdout)
    for data in (*files, last["summary"], *whole["files"], whole["summary"]):
        del data["seconds"]
    assert files == whole["files"]
    assert last == {key: whole[key] for key in ("schema", "summary", "status")}


@pytest.mark.parametrize("format", checks.FORMATS)
def test_every_format_renders_everything_and_nothing(format: str) -> None:
    results = [FileResult("a.grad", status, None) for status in CODES]
    for some in ([], results):
        text = checks.render(format, some, strict=True)
        assert not text or text.endswith("\n")


def test_reports_beside_the_text() -> None:
    result = check("good.grad", "root.grad", "--report", "json=r.json", "--report", "tap=r.tap")
    assert result.exit_code == 1
    assert result.stdout.startswith("good.grad  ok")
    assert json.loads(Path("r.json").read_text())["status"] == "failed"
    assert Path("r.tap").read_text().startswith("TAP version 14\n")
    mask = os.umask(0)
    os.umask(mask)
    assert Path("r.json").stat().st_mode & 0o777 == 0o666 & ~mask


def test_a_report_replaces_the_one_before_in_one_step() -> None:
    Path("real.json").write_text("old")
    os.symlink("real.json", "r.json")
    check("good.grad", "--report", "json=r.json")
    assert Path("r.json").is_symlink()
    assert json.loads(Path("real.json").read_text())["status"] == "ok"
    assert [name for name in os.listdir() if name.startswith(".")] == []


@pytest.mark.parametrize("path", ["nosuch/r.json", "."])
def test_a_report_that_cannot_be_written_is_told_before_the_work(path: str) -> None:
    result = check("good.grad", "--report", "tap=ok.tap", "--report", f"json={path}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--report: cannot write" in result.stderr
    assert not Path("ok.tap").exists()
    assert [name for name in os.listdir() if name.startswith(".")] == []


def test_a_report_to_a_device() -> None:
    assert check("good.grad", "--report", "json=/dev/null").exit_code == 0
    assert os.path.exists("/dev/null")
    assert not os.path.isfile("/dev/null")


def test_the_cache_says_how_many() -> None:
    check("good.grad", "plain.grad", "--cache", "kept")
    Path("plain.grad").write_text("x = 1\nL = x\n")
    lines = untimed(check("good.grad", "plain.grad", "--cache", "kept").stdout).splitlines()
    assert lines == [
        "good.grad   ok       1 gradient, 1 claim, cached",
        "plain.grad  ok       1 gradient",
        "2 files: 2 ok, 1 cached   N s",
    ]


def test_a_file_that_takes_too_long() -> None:
    # Not a wait for the clock: starting the first operation takes longer than this.
    result = check("good.grad", "--timeout", "1e-9")
    assert result.exit_code == 1
    assert untimed(result.stdout) == (
        "good.grad  timeout  1 error\n"
        "  good.grad: error-timeout: no result after 1e-09 s\n"
        "    hint: --timeout allows a file more time\n"
        "1 file: 1 timed out   N s\n"
    )
