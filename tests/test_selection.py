"""Which files a call means."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from autodiff.errors import UsageError
from autodiff.selection import select


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """b.grad  a.grad  notes.txt  .hidden.grad  .git/x.grad  sub/c.grad  sub/deep/d.grad"""
    monkeypatch.chdir(tmp_path)
    for name in (
        "b.grad",
        "a.grad",
        "notes.txt",
        ".hidden.grad",
        ".git/x.grad",
        "sub/c.grad",
        "sub/deep/d.grad",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")
    return tmp_path


def chosen(*paths: str, lists: tuple[str, ...] = ()) -> list[str]:
    return list(select(paths, lists).files)


def test_files_stay_in_the_order_they_are_named(tree: Path) -> None:
    assert chosen("b.grad", "a.grad") == ["b.grad", "a.grad"]


def test_a_named_file_is_taken_whatever_its_ending(tree: Path) -> None:
    assert chosen("notes.txt", ".hidden.grad") == ["notes.txt", ".hidden.grad"]


def test_a_folder_is_every_model_below_it_sorted_and_nothing_hidden(tree: Path) -> None:
    assert chosen(".") == ["a.grad", "b.grad", "sub/c.grad", "sub/deep/d.grad"]
    assert chosen("sub") == ["sub/c.grad", "sub/deep/d.grad"]
    assert chosen("sub/") == ["sub/c.grad", "sub/deep/d.grad"]


def test_a_hidden_folder_that_is_named_is_taken(tree: Path) -> None:
    assert chosen(".git") == [".git/x.grad"]


def test_each_file_once_under_the_name_that_came_first(tree: Path) -> None:
    os.symlink("a.grad", "link.grad")
    assert chosen("./a.grad", "a.grad", ".", str(tree / "b.grad")) == [
        "./a.grad",
        "b.grad",
        "sub/c.grad",
        "sub/deep/d.grad",
    ]


def test_links_to_folders_are_not_followed(tree: Path) -> None:
    os.symlink(tree, tree / "sub" / "loop")
    os.symlink("/", tree / "root")
    assert chosen("sub") == ["sub/c.grad", "sub/deep/d.grad"]
    assert chosen("sub/loop")[:2] == ["sub/loop/a.grad", "sub/loop/b.grad"]  # named: meant


@pytest.mark.parametrize(
    ("pattern", "files"),
    [
        ("*.grad", ["a.grad", "b.grad"]),
        ("*", ["a.grad", "b.grad", "notes.txt", "sub/c.grad", "sub/deep/d.grad"]),
        ("**/*.grad", ["a.grad", "b.grad", "sub/c.grad", "sub/deep/d.grad"]),
        ("**", ["a.grad", "b.grad", "sub/c.grad", "sub/deep/d.grad"]),
        ("sub/**/[cd].grad", ["sub/c.grad", "sub/deep/d.grad"]),
        ("s*", ["sub/c.grad", "sub/deep/d.grad"]),
    ],
)
def test_patterns_that_the_shell_left_alone(tree: Path, pattern: str, files: list[str]) -> None:
    assert chosen(pattern) == files


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tree: Path) -> None:
    (tree / "[ab].grad").write_text("x = 1\n")
    assert chosen("[ab].grad") == ["[ab].grad"]


def test_what_does_not_exist_is_kept_for_its_reader_to_refuse(tree: Path) -> None:
    found = select(["a.grad", "nosuch.grad", "q*.grad", "b.grad"])
    assert found.files == ("a.grad", "nosuch.grad", "q*.grad", "b.grad")
    assert list(found.problems) == ["q*.grad"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every folder")
def test_a_folder_that_cannot_be_read_is_told(tree: Path) -> None:
    (tree / "sub" / "deep").chmod(0)
    found = select(["sub"])
    (tree / "sub" / "deep").chmod(0o755)
    assert found.files == ("sub/c.grad", "sub/deep")
    assert "cannot read" in found.problems["sub/deep"]


def test_a_folder_without_models_is_nothing(tree: Path) -> None:
    (tree / "empty").mkdir()
    assert chosen("empty") == []


# ---- lists


@pytest.mark.parametrize(
    "content",
    [
        b"b.grad\na.grad\n",
        b"\xef\xbb\xbfb.grad\r\n\r\n   \r\na.grad",
        b"b.grad\0a.grad\0",
        b"\0b.grad\0\0a.grad",
    ],
)
def test_a_list_of_lines_or_of_nul_ended_names(tree: Path, content: bytes) -> None:
    (tree / "list").write_bytes(content)
    assert chosen(lists=("list",)) == ["b.grad", "a.grad"]


def test_a_name_with_a_line_end_comes_through_a_list_with_nuls(tree: Path) -> None:
    (tree / "two\nlines.grad").write_text("x = 1\n")
    (tree / "list").write_bytes(b"two\nlines.grad\0a.grad\0")
    assert chosen(lists=("list",)) == ["two\nlines.grad", "a.grad"]


def test_a_name_that_is_not_utf8(tree: Path) -> None:
    name = os.fsdecode(b"\xff.grad")
    (tree / name).write_text("x = 1\n")
    (tree / "list").write_bytes(b"\xff.grad\n")
    assert chosen(lists=("list",)) == [name]


def test_a_list_comes_after_what_is_named_and_may_hold_folders(tree: Path) -> None:
    (tree / "list").write_text("sub\na.grad\n")
    assert chosen("b.grad", "a.grad", lists=("list",)) == [
        "b.grad",
        "a.grad",
        "sub/c.grad",
        "sub/deep/d.grad",
    ]


def test_a_list_on_standard_input(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"a.grad\0b.grad\0")))
    assert chosen(lists=("-",)) == ["a.grad", "b.grad"]


def test_in_a_list_a_dash_is_a_file(tree: Path) -> None:
    (tree / "list").write_text("-\n")
    assert chosen(lists=("list",)) == ["./-"]


@pytest.mark.parametrize(("paths", "lists"), [(["-", "-"], []), (["-"], ["-"]), ([], ["-", "-"])])
def test_standard_input_is_read_once(tree: Path, paths: list[str], lists: list[str]) -> None:
    with pytest.raises(UsageError, match="only once"):
        select(paths, lists)


def test_a_list_that_cannot_be_read_is_an_error_of_the_call(tree: Path) -> None:
    with pytest.raises(UsageError, match="nosuch"):
        select([], ["nosuch"])


def test_a_name_with_a_nul_is_no_crash(tree: Path) -> None:
    assert chosen("a\0*.grad") == ["a\0*.grad"]
