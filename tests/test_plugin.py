"""The pytest plugin, in runs of pytest of its own.

The plugin may be installed, or be only a file of this checkout: `run` works with both. Most runs
are in this process. What they import is forgotten after each, so that SymPy and NumPy, which
cannot be imported twice, are imported before.
"""

from __future__ import annotations

import re
import subprocess
import sys
import warnings
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from autodiff.checking import check_file, warm
from autodiff.findings import describe, fails, findings

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parent.parent
INSTALLED = bool(entry_points(group="pytest11", name="gradpath"))
LOAD = () if INSTALLED else ("-p", "autodiff.plugin")

GOOD = """\
a = 2.0
x = [1, 2]
L = a**2 * sum(x)
dL/da == 2*a*sum(x)
dL/dx == [4, 4]
"""
BAD = """\
a = 2.0
L = a**2 + 3*a
dL/da == 2*a
dL/da == 2*a + 3
"""
DOUBT = "x = 1e-8\nL = (1 - cos(x)) / x**2\n"  # 1 − cos(x) rounds to 0
WRONG = "a = 2\na = 3\nL = alpha * 2\n"
SPLIT = "dL/da == 2*a == 2.0*a"


@pytest.fixture(autouse=True)
def own_runs(monkeypatch):
    warm()
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)


@pytest.fixture
def run(pytester):
    def call(*arguments, files=None):
        for name, text in (files or {}).items():
            path = pytester.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return pytester.runpytest_inprocess(*LOAD, *arguments)

    return call


def names(result):
    return [line.split("::", 1)[1] for line in result.outlines if "::" in line]


def test_nothing_is_collected_unless_it_is_asked_for(run, pytester):
    files = {"a.grad": GOOD, "energy.grad": "not a model at all\n"}
    assert run(files=files).ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert run("a.grad").ret != pytest.ExitCode.OK  # nor when it is named
    (pytester.path / "a.txt").write_text(GOOD)
    (pytester.path / "energy.grad").unlink()
    run("--gradpath").assert_outcomes(passed=4)  # and then only models


def test_one_item_for_each_gradient_and_claim(run):
    result = run("--gradpath", "--collect-only", "-q", files={"d/good.grad": GOOD})
    assert names(result) == [
        "dL/da",
        "dL/dx",
        "line 4: dL/da == 2*a*sum(x)",
        "line 5: dL/dx == [4, 4]",
    ]
    run("--gradpath").assert_outcomes(passed=4)


def test_the_setting_does_what_the_option_does(run):
    run(files={"pytest.ini": "[pytest]\ngradpath = true\n", "a.grad": GOOD}).assert_outcomes(
        passed=4
    )
    run(files={"pytest.ini": "[pytest]\ngradpath = false\n"}).assert_outcomes()
    run("--gradpath").assert_outcomes(passed=4)


def test_it_stands_beside_ordinary_tests(run):
    files = {"a.grad": GOOD, "test_it.py": "def test_one():\n    assert True\n"}
    run("--gradpath", files=files).assert_outcomes(passed=5)
    run().assert_outcomes(passed=1)


def test_a_failure_is_shown_as_check_shows_it(run, pytester, monkeypatch):
    result = run("--gradpath", files={"bad.grad": BAD})
    result.assert_outcomes(passed=2, failed=1)
    monkeypatch.chdir(pytester.path)
    [failing] = [f for f in findings(check_file("bad.grad")) if fails(f, strict=False)]
    assert failing.line == 3
    shown = describe(failing)
    assert shown[0].startswith("bad.grad:3:1: claim-fails")
    start = result.outlines.index(shown[0])
    assert result.outlines[start : start + len(shown)] == shown
    assert not [line for line in result.outlines if "Traceback" in line or "plugin.py" in line]


def test_a_model_with_errors_fails_once_and_shows_all_of_them(run):
    result = run("--gradpath", files={"wrong.grad": WRONG, "a.grad": GOOD})
    result.assert_outcomes(passed=4, failed=1)
    assert [line for line in names(result) if line.startswith("model")]
    result.stdout.fnmatch_lines(
        ["wrong.grad:2:1: error[[]assigned-twice[]]*", "wrong.grad:3:5: error[[]unknown-name[]]*"]
    )


def test_an_error_of_evaluation_is_one_of_the_model(run):
    files = {"log.grad": "a = -1\nL = log(a)\ndL/da == 1/a\n"}
    result = run("--gradpath", files=files)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["log.grad:2:5: error[[]domain[]]*"])


def test_an_output_that_is_not_finite_fails(run):
    result = run("--gradpath", files={"inf.grad": "a = 1e308\nb = 2\nL = a * 10 - b\n"})
    assert result.parseoutcomes()["failed"] >= 1
    assert any(line.startswith("model FAILED") for line in names(run("--gradpath", "-v")))


def test_an_empty_file_is_no_model(run):
    result = run("--gradpath", files={"empty.grad": "# nothing yet\n"})
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["empty.grad: error[[]output[]]*"])


def test_doubt_fails_under_strict_only(run):
    result = run("--gradpath", "-rP", files={"doubt.grad": DOUBT})
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*gradient-inexact*"])
    result = run("--gradpath", "--gradpath-strict")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["doubt.grad:*gradient-inexact*"])


def test_options_reach_the_check(run, monkeypatch):
    from autodiff import checking

    seen = []

    def spy(path, options, **more):
        seen.append(options)
        return check_file(path, options, **more)

    monkeypatch.setattr(checking, "check_file", spy)
    run("--gradpath", files={"a.grad": GOOD}).assert_outcomes(passed=4)
    given = (
        "--gradpath-points",
        "5",
        "--gradpath-seed=7",
        "--gradpath-rtol=1e-3",
        "--gradpath-strict",
    )
    run("--gradpath", *given).assert_outcomes(passed=4)
    default = checking.CheckOptions()
    assert seen == [default, default._replace(points=5, seed=7, rtol=1e-3, strict=True)]


@pytest.mark.parametrize(
    "wrong",
    [
        ["points", "0"],
        ["points", "many"],
        ["seed", "x"],
        ["rtol", "-1"],
        ["rtol", "nan"],
        ["rtol", "1"],
    ],
)
def test_options_that_cannot_be_read_are_told(run, wrong):
    result = run("--gradpath", f"--gradpath-{wrong[0]}={wrong[1]}", files={"a.grad": GOOD})
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_a_file_is_checked_once(run, monkeypatch):
    from autodiff import checking

    seen = []

    def spy(path, options, **more):
        seen.append(path)
        return check_file(path, options, **more)

    monkeypatch.setattr(checking, "check_file", spy)
    run("--gradpath", files={"a.grad": GOOD, "b.grad": BAD}).assert_outcomes(passed=6, failed=1)
    assert seen == ["a.grad", "b.grad"]
    run("--gradpath", "--collect-only").assert_outcomes()
    assert len(seen) == 2


def test_a_bug_fails_every_item_of_its_file_and_no_other(run, monkeypatch):
    from autodiff import checking

    def broken(path, options, **more):
        if path == "a.grad":
            raise ZeroDivisionError("oh no")
        return check_file(path, options, **more)

    monkeypatch.setattr(checking, "check_file", broken)
    result = run("--gradpath", files={"a.grad": GOOD, "b.grad": GOOD})
    result.assert_outcomes(passed=4, failed=4)
    result.stdout.fnmatch_lines(["a.grad: error-bug: ZeroDivisionError: oh no*"])


def test_items_can_be_chosen_by_name(run):
    run("--gradpath", "a.grad::dL/da", files={"a.grad": GOOD}).assert_outcomes(passed=1)
    run("--gradpath", "-k", "line").assert_outcomes(passed=2, deselected=2)


def test_names_are_unique_printable_and_short(run):
    claim = "dL/da == " + " + ".join(["a"] * 60) + " - 58*a"
    text = f"a = 2\nL = a**2\n{SPLIT}\n{claim}\ndL/da == (2 *\n   a)\n"
    result = run("--gradpath", "--collect-only", "-q", files={"a.grad": text})
    found = names(result)
    assert len(set(found)) == len(found) == 5
    assert found[2] == f"{found[1]} (2)"
    assert found[3].endswith("…")
    assert found[4] == "line 5: dL/da == (2 * a)"
    assert all(len(name) <= 110 and name.isprintable() for name in found)


def test_places_are_those_of_the_file(run, pytester):
    items, _ = pytester.inline_genitems(*LOAD, "--gradpath", make(pytester, GOOD))
    assert [item.reportinfo()[1] for item in items] == [0, 1, 3, 4]
    assert {item.reportinfo()[0].name for item in items} == {"a.grad"}


def make(pytester, text):
    path = pytester.path / "a.grad"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_data_is_looked_for_beside_the_model(run):
    files = {"deep/d.grad": 'x = load("x.csv")\nL = sum(x**2)\n', "deep/x.csv": "1,2\n3,4\n"}
    run("--gradpath", files=files).assert_outcomes(passed=1)


def test_warnings_of_others_are_not_the_projects(run, monkeypatch):
    from autodiff import api, checking

    def warning(call):
        def warn(*arguments, **more):
            warnings.warn("a library of the check is old", DeprecationWarning, stacklevel=2)
            return call(*arguments, **more)

        return warn

    monkeypatch.setattr(checking, "check_file", warning(check_file))
    monkeypatch.setattr(api, "load", warning(api.load))
    files = {"a.grad": GOOD, "pytest.ini": "[pytest]\nfilterwarnings = error\n"}
    run("--gradpath", files=files).assert_outcomes(passed=4)


def test_workers_of_xdist_share_the_items(pytester):
    for n in range(3):
        (pytester.path / f"{n}.grad").write_text(BAD, encoding="utf-8")
    result = pytester.runpytest_subprocess(*LOAD, "--gradpath", "-n", "2")
    result.assert_outcomes(passed=6, failed=3)
    result.stdout.fnmatch_lines(["2.grad:3:1: claim-fails*"])


def test_a_junit_report_of_pytest_names_the_claims(run, pytester):
    import junitparser

    run("--gradpath", "--junitxml=out.xml", files={"bad.grad": BAD})
    read = junitparser.JUnitXml.fromfile(str(pytester.path / "out.xml"))
    cases = [case for suite in read for case in suite]
    assert [case.name for case in cases] == [
        "dL/da",
        "line 3: dL/da == 2*a",
        "line 4: dL/da == 2*a + 3",
    ]
    assert [len(case.result) for case in cases] == [0, 1, 0]


def test_the_page_shows_what_pytest_prints(run):
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    models = re.findall(r"^```grad\n(# (\S+)\n.*?)^```$", page, re.M | re.S)
    [shown] = re.findall(r"^```text\n(collected .*?)^```$", page, re.M | re.S)
    [command] = re.findall(r"^pytest (.*)$", page, re.M)
    result = run(*command.split(), files={name: text for text, name in models})
    start = result.outlines.index("collected 5 items")
    assert result.outlines[start : start + len(shown.splitlines())] == shown.splitlines()


def test_pytest_pays_nothing_for_a_plugin_that_is_not_used():
    code = (
        "import sys, pytest, argparse, warnings, pathlib, math, typing\n"
        "before = set(sys.modules)\n"
        "import autodiff.plugin\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.split() == ["autodiff", "autodiff.plugin"]


def test_a_run_without_models_imports_nothing(pytester):
    conftest = (
        "import sys\n"
        "def pytest_unconfigure():\n"
        "    heavy = {'numpy', 'sympy', 'cli', 'autodiff.api', 'autodiff.checking'}\n"
        "    print('imported', sorted(heavy & set(sys.modules)))\n"
    )
    (pytester.path / "conftest.py").write_text(conftest)
    (pytester.path / "test_it.py").write_text("def test_one():\n    assert True\n")
    (pytester.path / "a.grad").write_text(GOOD)
    result = pytester.runpytest_subprocess(*LOAD, "-p", "no:hypothesispytest", "-s")
    result.stdout.fnmatch_lines(["*imported []"])
    result = pytester.runpytest_subprocess(*LOAD, "--gradpath", "-s")
    result.stdout.fnmatch_lines(["*imported *'autodiff.checking'*"])
    assert not [line for line in result.outlines if line.startswith("imported") and "'cli'" in line]
