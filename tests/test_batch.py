"""Many files: the same results however they are spread, and none lost whatever happens."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autodiff import batch
from autodiff.batch import Plan, check_files
from autodiff.checking import CheckOptions
from autodiff.errors import UsageError
from autodiff.report import FileResult
from autodiff.work import Task

ROOT = Path(__file__).parent.parent
OPTIONS = CheckOptions(only="gradients")
MISBEHAVING = "misbehaving:check"


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers take the path of imports over from this process."""
    monkeypatch.syspath_prepend(str(ROOT / "tests"))


def results(names: list[str], plan: Plan, **more: Any) -> list[FileResult]:
    return list(check_files([Task(name) for name in names], OPTIONS, plan, **more))


def told(found: list[FileResult]) -> dict[str, tuple[str, str]]:
    """Of every file that is not well: status and message."""
    return {r.path: (r.status, r.errors[0].message) for r in found if r.status != "ok"}


def same(found: list[FileResult]) -> list[dict[str, Any]]:
    """What must not depend on how the work was done."""
    return [result._replace(seconds=0.0).to_json() for result in found]


@pytest.fixture
def mixed(tmp_path: Path) -> list[str]:
    """Models of all kinds, garbage among them."""
    texts = [
        "x = 1\nL = x**2",
        "x = 0\nL = sqrt(x)",
        "x = [1, 2]\nL = sum(x*x)",
        "x = 0\nL = abs(x)",
        "x = 1\nL = x*(",
        "",
        "\0\1\2",
        "x = load('missing.npy')\nL = sum(x)",
        "x = 1\nx = 2",
        "x = 1e200\nL = x*x*x",
    ]
    names = []
    for k, text in enumerate(texts * 2):
        path = tmp_path / f"{k}.grad"
        path.write_text(text)
        names.append(str(path))
    return [*names, str(tmp_path / "nosuch.grad"), str(tmp_path)]


# ---- the same results


PLANS = [Plan(1, 60.0), Plan(2), Plan(3, 60.0)]


@pytest.mark.parametrize("plan", PLANS, ids=["one-guarded", "two", "three-guarded"])
def test_results_do_not_depend_on_who_does_the_work(mixed: list[str], plan: Plan) -> None:
    expected = results(mixed, Plan(1))
    assert [result.path for result in expected] == mixed
    assert {result.status for result in expected} == {"ok", "failed", "error"}
    assert same(results(mixed, plan)) == same(expected)


def test_no_file_is_no_result() -> None:
    assert results([], Plan(4)) == []


def test_standard_input_travels(tmp_path: Path) -> None:
    task = Task("-", b"x = 3\nL = x**2 \xc3\xa9")
    for plan in (Plan(1), Plan(1, 60.0)):
        (found,) = check_files([task], OPTIONS, plan)
        assert (found.path, found.status) == ("<stdin>", "error")
        assert found.errors[0].line == 2


def test_workers_do_not_import_cli(tmp_path: Path) -> None:
    names = [f"cli{k}.grad" for k in range(4)]
    for plan in (Plan(2, check=MISBEHAVING), Plan(1, 60.0, check=MISBEHAVING)):
        assert told(results(names, plan)) == {}


@pytest.mark.parametrize("plan", [["-j2"], ["-j1", "--timeout", "60"]], ids=["pool", "guard"])
def test_nothing_is_imported_from_the_folder_that_is_checked(
    tmp_path: Path, plan: list[str]
) -> None:
    for name in ("joblib", "sympy", "json", "autodiff", "cli", "numpy"):
        (tmp_path / f"{name}.py").write_text("open('imported', 'w').close()\n")
    for name in "ab":
        (tmp_path / f"{name}.grad").write_text("x = 1\nL = x\n")
    # As the installed command starts: neither -m nor -c, which put the folder on the path.
    starter = tmp_path / "bin" / "gradpath"
    starter.parent.mkdir()
    starter.write_text("from cli.main import main\nmain()\n")
    done = subprocess.run(
        [sys.executable, str(starter), "check", ".", *plan],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert not (tmp_path / "imported").exists()


# ---- files that hang or kill


def names_with(**bad: int) -> list[str]:
    """Twenty files, of which some are called as their behaviour."""
    names = [f"{k}.grad" for k in range(20)]
    for name, place in bad.items():
        names[place] = f"{name}.grad"
    return names


DEATHS = {
    "exit.grad": ("bug", "the worker died: exit code 7"),
    "segv.grad": ("bug", "the worker died: signal SIGSEGV"),
}


@pytest.mark.parametrize("plan", [Plan(2), Plan(1, 60.0), Plan(2, 60.0)], ids=repr)
def test_a_worker_that_dies_loses_no_file(plan: Plan) -> None:
    names = names_with(exit=3, segv=12)
    found = results(names, plan._replace(check=MISBEHAVING))
    assert [result.path for result in found] == names
    assert told(found) == DEATHS


def test_many_deaths_one_after_another() -> None:
    names = [f"exit{k}.grad" for k in range(8)]
    found = results(names, Plan(2, check=MISBEHAVING))
    assert [result.path for result in found] == names
    assert set(told(found).values()) == {DEATHS["exit.grad"]}


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_that_hangs_is_given_up_and_the_others_go_on(jobs: int) -> None:
    names = names_with(hang=0, loop=7, exit=8, hang2=19)
    found = results(names, Plan(jobs, 0.5, check=MISBEHAVING))
    assert [result.path for result in found] == names
    late = ("timeout", "no result after 0.5 s")
    assert told(found) == {
        "hang.grad": late,
        "loop.grad": late,
        "exit.grad": DEATHS["exit.grad"],
        "hang2.grad": late,
    }


@pytest.mark.parametrize("plan", [Plan(1), Plan(2), Plan(1, 60.0)], ids=repr)
def test_a_bug_is_the_result_of_its_file(plan: Plan) -> None:
    found = results(names_with(**{"raise": 4}), plan._replace(check=MISBEHAVING))
    (said,) = told(found).values()
    assert said[0] == "bug"
    assert said[1].startswith("ZeroDivisionError: a bug (tests/misbehaving.py:")


def test_what_a_library_prints_is_no_reply(capfd: pytest.CaptureFixture[str]) -> None:
    names = names_with(print=4)
    found = results(names, Plan(1, 60.0, check=MISBEHAVING))
    assert [result.path for result in found] == names
    assert told(found) == {}
    assert capfd.readouterr().out == ""


def test_a_worker_that_cannot_start_is_told_once_for_each_file() -> None:
    found = results(["a.grad", "b.grad"], Plan(1, 60.0, check="nosuch:check"))
    assert [result.path for result in found] == ["a.grad", "b.grad"]
    assert {result.status for result in found} == {"bug"}
    assert "did not start" in found[1].errors[0].message


def test_stopping_early_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    psutil = pytest.importorskip("psutil")
    before = {p.pid for p in psutil.Process().children(recursive=True)}
    for plan in (Plan(2, check=MISBEHAVING), Plan(2, 60.0, check=MISBEHAVING)):
        with contextlib.closing(
            check_files([Task(name) for name in names_with(hang=15)], OPTIONS, plan)
        ) as found:
            assert next(found).path == "0.grad"
        children = psutil.Process().children(recursive=True)
        left = [p for p in children if p.pid not in before and "tracker" not in str(p.cmdline())]
        assert left == []


# ---- how many processes


def test_few_files_start_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    assert batch._jobs(None, batch.FEW - 1) == 1
    monkeypatch.setattr("joblib.cpu_count", lambda: 3)
    assert batch._jobs(None, batch.FEW) == 3
    assert batch._jobs(0, 2) == 2
    assert batch._jobs(0, 9) == 3
    assert batch._jobs(8, 5) == 5


def test_chunks_hold_every_task_once() -> None:
    tasks = [Task(str(k)) for k in range(100)]
    common = batch.Chunk((), OPTIONS, MISBEHAVING, False)
    for jobs in (1, 2, 7, 64, 1000):
        chunks = batch._chunks(tasks, jobs, common)
        assert [task for chunk in chunks for task in chunk.tasks] == tasks
        assert max(len(chunk.tasks) for chunk in chunks) <= batch.CHUNK
        assert len(chunks) >= min(jobs, 100)


# ---- a cluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    distributed = pytest.importorskip("distributed")
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    with (
        pytest.MonkeyPatch.context() as patch,
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=2,
            dashboard_address=None,
            worker_dashboard_address=None,
            env={"PYTHONPATH": path},
        ) as local,
    ):
        patch.syspath_prepend(str(ROOT / "tests"))
        yield local.scheduler_address


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of distributed itself: sockets, event loops
def test_a_cluster_gives_the_same_results(cluster: str, mixed: list[str]) -> None:
    assert same(results(mixed, Plan(scheduler=cluster))) == same(results(mixed, Plan(1)))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_on_a_cluster_too_no_file_is_lost(cluster: str) -> None:
    names = names_with(exit=3, hang=7, segv=12)
    found = results(names, Plan(None, 2.0, cluster, MISBEHAVING))
    assert [result.path for result in found] == names
    assert told(found) == DEATHS | {"hang.grad": ("timeout", "no result after 2 s")}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_what_a_cluster_gives_up_is_begun_anew(cluster: str, tmp_path: Path) -> None:
    names = [str(tmp_path / f"{k}.grad") for k in range(6)]
    names[2] = str(tmp_path / "worker.grad")
    found = results(names, Plan(scheduler=cluster, check=MISBEHAVING))
    assert [result.path for result in found] == names
    assert told(found) == {}
    assert len(list(tmp_path.glob("worker.grad.*"))) == 4


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere", "gopher://x:1", ""])
def test_a_scheduler_that_is_not_there(address: str) -> None:
    pytest.importorskip("distributed")
    with pytest.raises(UsageError, match="cannot reach"):
        results(["a.grad"], Plan(scheduler=address))


def test_without_dask_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError) as caught:
        results(["a.grad"], Plan(scheduler="tcp://127.0.0.1:1"))
    assert "gradpath[dask]" in caught.value.hint
