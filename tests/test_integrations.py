"""What brings gradpath into other people's places: pre-commit, GitHub Actions, a shell loop.

Without a network: the action's scripts run in bash as the runner would run them, with programs
of this test in place of what they would install.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
SAMPLE = ROOT / "samples" / "batch_check.sh"
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}

bash = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")

GOOD = "a = 2.0\nL = a**2\ndL/da == 2*a\n"
BAD = "a = 2.0\nL = a**2 + 3*a\ndL/da == 2*a\n"
WRONG = "a = 2\na = 3\nL = a\n"

# Text that would do something if a shell read it.
SHELL = [
    "$(touch owned)",
    "`touch owned`",
    "; touch owned",
    "&& touch owned #",
    "' ; touch owned ; '",
    '" ; touch owned ; "',
    "\n touch owned",
    "${IFS}touch${IFS}owned",
    ">owned",
    "--help",
    "*",
    "a b  c",
]


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def ours(tmp_path):
    """A folder with a ``gradpath`` that runs this checkout."""
    call = f'exec {shlex.quote(sys.executable)} -m cli "$@"'
    program(tmp_path / "ours" / "gradpath", f"#!/bin/sh\n{call}\n")
    return tmp_path / "ours"


def environment(**more: str) -> dict[str, str]:
    known = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    return known | more


def execute(arguments, *, cwd, env, check=False):
    return subprocess.run(
        arguments,
        cwd=cwd,
        env=env,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=check,
        stdin=subprocess.DEVNULL,
    )


# ---- pre-commit


def test_the_hook_says_what_pre_commit_demands():
    [hook] = HOOKS
    assert {"id", "name", "entry", "language"} <= set(hook)
    assert set(hook) <= {"id", "name", "description", "entry", "language", "files"}
    assert (hook["id"], hook["entry"], hook["language"]) == (
        "gradpath-check",
        "gradpath check",
        "python",
    )
    chosen = re.compile(hook["files"])
    assert chosen.search("models/a b.grad")
    assert not chosen.search("models/a.grad.bak")
    assert not chosen.search("gradual.txt")


@pytest.mark.skipif(
    importlib.util.find_spec("pre_commit") is None, reason="pre-commit is not installed"
)
def test_pre_commit_takes_the_manifest(tmp_path):
    done = execute(
        [sys.executable, "-m", "pre_commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml"],
        cwd=tmp_path,
        env=environment(PRE_COMMIT_HOME=str(tmp_path), HOME=str(tmp_path)),
    )
    assert done.returncode == 0, done.stderr + done.stdout


def test_the_hook_fails_where_a_staged_file_fails(tmp_path, ours):
    [hook] = HOOKS
    (tmp_path / "good.grad").write_text(GOOD)
    (tmp_path / "not good.grad").write_text(BAD)
    env = environment()
    env["PATH"] = f"{ours}{os.pathsep}{env['PATH']}"
    entry = shlex.split(hook["entry"])
    assert execute([*entry, "good.grad"], cwd=tmp_path, env=env).returncode == 0
    done = execute([*entry, "good.grad", "not good.grad"], cwd=tmp_path, env=env)
    assert done.returncode == 1
    assert "not good.grad:3:1: claim-fails" in done.stdout


# ---- the action


def test_the_action_is_composite_and_its_inputs_are_documented():
    assert ACTION["runs"]["using"] == "composite"
    assert set(ACTION["inputs"]) == {"paths", "args", "version", "python-version"}
    for given in ACTION["inputs"].values():
        assert set(given) == {"description", "default"}
        assert isinstance(given["default"], str)  # 3.10 would be a number, and become 3.1
    for step in ACTION["runs"]["steps"]:
        assert "uses" in step or step["shell"] == "bash"


def test_no_input_of_the_action_is_part_of_a_script():
    used = set()
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
        for value in (*step.get("env", {}).values(), *step.get("with", {}).values()):
            used |= set(re.findall(r"^\$\{\{ inputs\.([a-z-]+) \}\}$", value))
    assert used == set(ACTION["inputs"])


RECORD = """\
#!/bin/sh
for word in "$@"; do printf '%s\\0' "$word"; done >> "$RECORD"
printf '\\n' >> "$RECORD"
"""


class Runner:
    """Runs a step's script as GitHub's runner does, recording what it calls."""

    def __init__(self, folder: Path) -> None:
        self.work = folder / "work space"
        self.work.mkdir()
        self.temp = folder / "temp"
        self.record = folder / "record"

    def step(self, name: str, **env: str) -> subprocess.CompletedProcess[str]:
        script = self.work.parent / "script.sh"
        script.write_text(STEPS[name]["run"], encoding="utf-8")
        assert set(STEPS[name]["env"]) <= set(env)
        self.record.write_text("")
        known = environment(RUNNER_TEMP=str(self.temp), RECORD=str(self.record))
        shell = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script]
        done = execute(shell, cwd=self.work, env=known | env)
        assert not list(self.work.parent.rglob("owned"))
        return done

    @property
    def calls(self) -> list[list[str]]:
        lines = self.record.read_text(encoding="utf-8").split("\0\n")
        return [line.split("\0") for line in lines if line]


@pytest.fixture
def runner(tmp_path):
    return Runner(tmp_path)


@pytest.fixture
def recording(runner):
    """A runner whose gradpath only writes down how it was called."""
    program(runner.temp / "gradpath" / "bin" / "gradpath", RECORD)
    return runner


@bash
def test_the_action_passes_paths_by_lines_and_options_by_words(recording):
    done = recording.step(
        "Check",
        GRADPATH_PATHS="models\n\n  \nmore models/*.grad\n",
        GRADPATH_ARGS="--strict  --points 32\n--seed 1",
    )
    assert done.returncode == 0, done.stderr
    options = ["--strict", "--points", "32", "--seed", "1"]
    paths = ["models", "more models/*.grad"]
    assert recording.calls == [["check", "--format", "github", *options, "--", *paths]]


@bash
def test_the_action_checks_the_current_folder_where_no_path_is_given(recording):
    recording.step("Check", GRADPATH_PATHS="\n", GRADPATH_ARGS="")
    assert recording.calls == [["check", "--format", "github", "--", "."]]


@bash
@pytest.mark.parametrize("text", SHELL)
def test_the_action_runs_no_input(recording, text):
    done = recording.step("Check", GRADPATH_PATHS=text, GRADPATH_ARGS=text)
    assert done.returncode == 0, done.stderr
    paths = [line for line in text.split("\n") if line.strip()]
    assert recording.calls == [["check", "--format", "github", *text.split(), "--", *paths]]


@bash
def test_the_action_installs_itself_or_the_version_that_is_asked_for(runner, tmp_path):
    # python -m venv FOLDER makes one that records what it is told to install
    fake = program(
        tmp_path / "fake" / "python",
        '#!/bin/sh\nmkdir -p "$3/bin"\ncp "$FAKE_PYTHON" "$3/bin/python"\n',
    )
    record = program(tmp_path / "record-python", RECORD)
    path = f"{fake.parent}{os.pathsep}{os.environ['PATH']}"
    env = {"PATH": path, "FAKE_PYTHON": str(record), "GITHUB_ACTION_PATH": "/the action/v1"}

    def install(version):
        return runner.step("Install gradpath", GRADPATH_VERSION=version, **env)

    assert install("").returncode == 0
    [[*_, package]] = runner.calls
    assert package == "/the action/v1"
    assert install("1.2.0rc1").returncode == 0
    [[*_, package]] = runner.calls
    assert package == "gradpath==1.2.0rc1"
    for text in [*SHELL, "1.0 --index-url x", "@ file:///x", "../x"]:
        done = install(text)
        assert done.returncode == 2
        assert "not a version" in done.stderr
        assert runner.calls == []


@bash
def test_the_action_annotates_and_summarises(runner, ours):
    program(runner.temp / "gradpath" / "bin" / "gradpath", (ours / "gradpath").read_text())
    models = runner.work / "sub dir"
    models.mkdir()
    (models / "good.grad").write_text(GOOD)
    (models / "bad.grad").write_text(BAD)
    summary = runner.work / "summary.md"
    done = runner.step(
        "Check",
        GRADPATH_PATHS="sub dir",
        GRADPATH_ARGS="--strict",
        GITHUB_ACTIONS="true",
        GITHUB_WORKSPACE=str(runner.work),
        GITHUB_STEP_SUMMARY=str(summary),
    )
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert [line for line in lines if not line.startswith("::")] == []
    [line] = lines
    assert line.startswith("::error file=sub dir/bad.grad,line=3,")
    text = summary.read_text(encoding="utf-8")
    assert "**1 of 2 files fails.**" in text
    assert "`sub dir/bad.grad:3`" in text


@pytest.mark.parametrize("format", ["text", "github", "jsonl"])
def test_the_summary_is_written_once_whatever_is_printed(tmp_path, ours, format):
    (tmp_path / "bad.grad").write_text(BAD)
    summary = tmp_path / "summary.md"
    command = [ours / "gradpath", "check", "bad.grad", "--format", format]
    env = environment(GITHUB_STEP_SUMMARY=str(summary))
    done = execute([*command, "--report", "github=log.txt"], cwd=tmp_path, env=env)
    assert done.returncode == 1
    assert summary.read_text(encoding="utf-8").count("## gradpath check") == 1


# ---- what docs/ci.md tells people to copy

PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")


def block(name):
    found = re.search(rf"^```yaml {re.escape(name)}\n(.*?)^```$", PAGE, re.M | re.S)
    assert found, name
    return yaml.safe_load(found[1])


def test_the_workflow_of_the_page_fits_the_action():
    [job] = block("workflow.yml")["jobs"].values()
    given = job["steps"][-1]["with"]
    assert set(given) <= set(ACTION["inputs"])
    [upload] = block("upload.yml")
    assert f"sarif={upload['with']['sarif_file']}" in given["args"]


def test_the_inputs_of_the_action_are_on_the_page():
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| .*? \| (?:`(.*?)` )?\|$", PAGE, re.M))
    assert {name: rows[name] for name in ACTION["inputs"]} == {
        name: given["default"] for name, given in ACTION["inputs"].items()
    }


def test_the_hook_of_the_page_is_in_the_manifest():
    [repository] = block("pre-commit-config.yaml")["repos"]
    assert [hook["id"] for hook in repository["hooks"]] == [hook["id"] for hook in HOOKS]


def test_the_reports_of_the_gitlab_job_are_those_it_keeps():
    job = block("gitlab-ci.yml")["derivations"]
    kept = job["artifacts"]["reports"]
    assert (
        f"--report gitlab={kept['codequality']} --report junit={kept['junit']}" in job["script"][1]
    )


def test_the_formats_of_the_page_are_all_there_are():
    from cli.views.checks import FORMATS

    table = PAGE[PAGE.index("| format |") :]
    table = table[: table.index("\n\n")]
    rows = [line.split("|")[1] for line in table.splitlines()[2:]]
    assert {name for row in rows for name in re.findall(r"`(.+?)`", row)} == set(FORMATS)


# ---- the shell sample

needs_jq = pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")


def batch(folder, ours, *arguments):
    env = environment()
    env["PATH"] = f"{ours}{os.pathsep}{env['PATH']}"
    return execute(["bash", SAMPLE, *arguments], cwd=folder, env=env)


@pytest.fixture
def models(tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


@bash
@needs_jq
def test_the_batch_sample_says_what_fails(models, ours):
    (models / "a good one.grad").write_text(GOOD)
    (models / "b\nad.grad").write_text(BAD)
    done = batch(models, ours)
    assert done.stderr == ""
    first, second, claim, why, _, last = done.stdout.splitlines()
    assert first == "ok      ./a\\ good\\ one.grad"
    assert second == "FAILED  $'./b\\nad.grad'"
    assert claim == "  line 3: dL/da == 2*a"
    assert why.startswith("    fails: ")
    assert last == "2 checked, worst exit code 1"
    assert done.returncode == 1


@bash
@needs_jq
def test_the_batch_sample_ends_with_the_worst_code(models, ours):
    (models / "a.grad").write_text(GOOD)
    assert batch(models.parent, ours, models).returncode == 0
    (models / "b.grad").write_text(BAD)
    (models / "-w.grad").write_text(WRONG)
    done = batch(models, ours, ".")
    assert done.returncode == 2
    assert "  line 2: error[assigned-twice]: 'a' is assigned twice" in done.stdout.splitlines()


@bash
@needs_jq
def test_the_batch_sample_says_when_there_is_nothing(models, ours):
    done = batch(models, ours)
    assert done.returncode == 5
    assert done.stdout == "\n0 checked, worst exit code 0\n"


@bash
@needs_jq
def test_the_batch_sample_survives_a_gradpath_that_fails(models, tmp_path):
    program(tmp_path / "dead" / "gradpath", "#!/bin/sh\nexit 127\n")
    (models / "a.grad").write_text(GOOD)
    done = batch(models, tmp_path / "dead")
    assert done.returncode == 3
    assert done.stdout.startswith("BUG     ./a.grad\n")


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
@pytest.mark.parametrize("name", ["batch_check.sh", *(n for n, s in STEPS.items() if "run" in s)])
def test_scripts_satisfy_shellcheck(name, tmp_path):
    script = tmp_path / "script.sh"
    if name == SAMPLE.name:
        script.write_text(SAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    else:
        script.write_text(f"#!/usr/bin/env bash\n{STEPS[name]['run']}", encoding="utf-8")
    done = execute(["shellcheck", "--format=json", script], cwd=tmp_path, env=environment())
    assert json.loads(done.stdout) == []
