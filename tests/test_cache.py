"""A result is found again while nothing it depends on has changed, and only then."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import autodiff
from autodiff.batch import Plan, check_files
from autodiff.cache import Cache
from autodiff.checking import CheckOptions
from autodiff.errors import UsageError
from autodiff.report import FileResult
from autodiff.work import Task

OPTIONS = CheckOptions()
Run = Callable[..., list[bool]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Checks files with a cache; for each, whether it was an earlier result."""
    monkeypatch.chdir(tmp_path)
    Path("a.grad").write_text("x = 3\nL = x**2\n")
    Path("data").mkdir()
    np.save("data/x.npy", np.array([1.0, 2.0]))
    Path("d.grad").write_text('x = load("data/x.npy")\nL = sum(x*x)\n')
    Path("claims.txt").write_text("dL/dx == 2*x\n")

    def call(*names: str, plan: Plan = Plan(1), **options: object) -> list[bool]:  # noqa: B008
        return [result.cached for result in checked(*names, plan=plan, **options)]

    return call


def checked(*names: str, plan: Plan = Plan(1), **options: object) -> list[FileResult]:  # noqa: B008
    asked = OPTIONS._replace(**options)  # type: ignore[arg-type]
    return list(check_files([Task(name) for name in names], asked, plan, Cache("cache", asked)))


def entries() -> list[Path]:
    return sorted(Path("cache").glob("*/*.json"))


def test_what_has_not_changed_is_found(run: Run) -> None:
    assert run("a.grad", "d.grad") == [False, False]
    assert run("d.grad", "a.grad") == [True, True]


def test_an_earlier_result_says_the_same(run: Run) -> None:
    Path("bad.grad").write_text("x = 1\nx = 2\n")
    names = ("a.grad", "d.grad", "bad.grad")
    first, second = checked(*names), checked(*names)
    for one, two in zip(first, second, strict=True):
        assert two == two._replace(cached=True, seconds=0.0)
        assert two._replace(cached=False, seconds=one.seconds).to_json() == one.to_json()


def test_a_changed_model_is_checked_again(run: Run) -> None:
    run("a.grad")
    Path("a.grad").write_text("x = 4\nL = x**2\n")
    assert run("a.grad") == [False]
    assert run("a.grad") == [True]
    assert len(entries()) == 1  # the folder does not grow with every change


def test_changed_data_is_checked_again(run: Run) -> None:
    run("d.grad")
    np.save("data/x.npy", np.array([1.0, 3.0]))
    assert run("d.grad") == [False]
    assert run("d.grad") == [True]
    os.remove("data/x.npy")
    assert run("d.grad") == [False]


def test_data_that_could_not_be_read_is_looked_for_again(run: Run) -> None:
    os.rename("data/x.npy", "data/y.npy")
    (first,) = checked("d.grad")
    assert first.status == "error"
    os.rename("data/y.npy", "data/x.npy")
    (second,) = checked("d.grad")
    assert second.status == "ok"


def test_other_options_are_told_apart(run: Run) -> None:
    run("a.grad")
    assert run("a.grad", seed=1) == [False]
    assert run("a.grad", strict=True) == [False]
    assert run("a.grad", only="gradients") == [False]
    assert run("a.grad", rtol=1e-9) == [False]
    assert run("a.grad") == [True]


def test_changed_claims_are_checked_again(run: Run) -> None:
    assert run("a.grad", claims="claims.txt") == [False]
    assert run("a.grad", claims="claims.txt") == [True]
    Path("claims.txt").write_text("dL/dx == 3*x\n")
    (found,) = checked("a.grad", claims="claims.txt")
    assert (found.cached, found.status) == (False, "failed")


def test_another_version_checks_again(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("a.grad")
    monkeypatch.setattr(autodiff, "__version__", "99")
    assert run("a.grad") == [False]


def test_it_does_not_matter_who_does_the_work(run: Run) -> None:
    assert run("a.grad", "d.grad", plan=Plan(2)) == [False, False]
    assert run("a.grad", "d.grad", plan=Plan(1, 60.0)) == [True, True]


def test_standard_input_is_not_kept(run: Run) -> None:
    task = Task("-", b"x = 1\nL = x\n")
    for _ in range(2):
        (found,) = check_files([task], OPTIONS, Plan(1), Cache("cache", OPTIONS))
        assert not found.cached
    assert entries() == []


def test_a_timeout_and_a_bug_are_not_kept(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    plan = Plan(1, 0.3, check="misbehaving:check")
    tasks = [Task("hang.grad"), Task("raise.grad"), Task("fine.grad")]
    for _ in range(2):
        found = list(check_files(tasks, OPTIONS, plan, Cache("cache", OPTIONS)))
        assert [r.status for r in found] == ["timeout", "bug", "ok"]
        assert not any(r.cached for r in found)


# ---- a folder that somebody else has written to


DAMAGE = {
    "empty": b"",
    "cut": b'{"result": {"schema": "gradp',
    "binary": bytes(range(256)),
    "pickle": b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x8c\x07builtin\x94.",
    "list": b"[]",
    "null": b"null",
    "no reads": b'{"result": {}, "reads": 3}',
    "deep": b"[" * 100_000,
    "huge number": b'{"reads": [], "result": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("content", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_entry_is_no_entry(run: Run, content: bytes) -> None:
    run("a.grad")
    (entry,) = entries()
    entry.write_bytes(content)
    assert run("a.grad") == [False]
    assert run("a.grad") == [True]


def test_an_entry_of_another_file_is_no_entry(run: Run) -> None:
    Path("b.grad").write_text("x = 3\nL = x**3\n")
    run("a.grad")
    (of_a,) = entries()
    run("b.grad")
    (of_b,) = [entry for entry in entries() if entry != of_a]
    of_b.write_bytes(of_a.read_bytes())
    assert run("b.grad") == [False]


def test_an_entry_cannot_have_files_read_outside(run: Run) -> None:
    run("d.grad")
    (entry,) = entries()
    data = json.loads(entry.read_text())
    data["reads"][1][0] = "../../../etc/hostname"
    entry.write_text(json.dumps(data))
    assert run("d.grad") == [False]


def test_nothing_half_written_is_left(run: Run) -> None:
    run("a.grad", "d.grad")
    kinds = {path.suffix for path in Path("cache").rglob("*") if path.is_file()}
    assert kinds == {".json", ".TAG"}


@pytest.mark.parametrize("folder", ["a.grad", "a.grad/x", "a\0b"])
def test_a_folder_that_cannot_be_is_told_at_once(run: Run, folder: str) -> None:
    with pytest.raises(UsageError, match="--cache"):
        Cache(folder, OPTIONS)
