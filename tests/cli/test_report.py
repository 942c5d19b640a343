"""`gradpath report`: what is written where, exit codes, and pages as text. Browsers: tests/page."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import html

from cli.main import gradpath

MODEL = "a = 2\nb = a**2\nL = b * a\ndL/da == 3*a**2\n"


def report(*args: object, text: str | None = None):
    return CliRunner().invoke(gradpath, ["report", *map(str, args)], input=text)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "m.grad"
    path.write_text(MODEL)
    return path


def test_to_a_file(model, tmp_path):
    page = tmp_path / "page.html"
    result = report(model, "-o", page)
    assert (result.exit_code, result.output) == (0, "")
    assert "m.grad" in page.read_text(encoding="utf-8")
    assert sorted(os.listdir(tmp_path)) == ["m.grad", "page.html"]


def test_to_stdout_and_from_stdin(model):
    assert report(model).stdout.startswith("<!DOCTYPE html>")
    assert "&lt;stdin&gt;" in report("-", text=MODEL).stdout


def test_the_same_page_every_time(model):
    assert report(model).stdout == report(model).stdout


def test_a_wrong_model_writes_nothing(tmp_path):
    path = tmp_path / "wrong.grad"
    path.write_text("L = y\n")
    result = report(path, "-o", tmp_path / "page.html")
    assert result.exit_code == 2
    assert "wrong.grad:1:5: error[unknown-name]" in result.stderr
    assert os.listdir(tmp_path) == ["wrong.grad"]


def test_without_the_layout_library_there_is_a_page_without_a_drawing(model, monkeypatch):
    monkeypatch.setitem(sys.modules, "graphlay", None)
    result = report(model)
    assert result.exit_code == 0
    page = html.fromstring(result.stdout.encode())
    (graph,) = page.xpath("//section[h2[@id='graph']]")
    assert "graphlay" in graph.text_content()
    assert page.xpath("//table[@class='paths']")


def test_a_failing_claim_is_1_and_has_its_page(model, tmp_path):
    model.write_text(MODEL.replace("3*a", "2*a"))
    page = tmp_path / "page.html"
    assert report(model, "-o", page).exit_code == 1
    (row,) = html.parse(page).xpath("//section[h2[@id='claims']]//tbody/tr")
    assert "fails" in row.text_content()
    assert "dL/da == 2*a**2" in row.text_content()


def test_paths_that_cannot_be_written_are_told_before_the_work(model, tmp_path):
    missing = tmp_path / "nowhere" / "page.html"
    for wrong in (missing, tmp_path):
        result = report("-", "-o", wrong, text="this is no model")
        assert result.exit_code == 2
        assert "--output" in result.stderr
    blocked = tmp_path / "file"
    blocked.write_text("")
    result = report(model, model, "-o", blocked / "pages")
    assert (result.exit_code, "--output" in result.stderr) == (2, True)


def test_a_folder_gives_pages_and_an_index(tmp_path):
    models = tmp_path / "models"
    (models / "deep er").mkdir(parents=True)
    (models / "index.grad").write_text(MODEL)
    (models / "deep er" / "b&w.grad").write_text(MODEL.replace("3*a", "2*a"))
    (models / "wrong.grad").write_text("L = <script>\n")
    result = report(models, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert "wrong.grad:1:5: error[syntax]" in result.stderr
    index = html.parse(tmp_path / "out" / "index.html")
    assert index.xpath("//tbody//a/@href") == ["index-2.html", "deep%20er/b%26w.html"]
    assert [row.text_content() for row in index.xpath("//tbody/tr/td[3]")] == [
        "✓ 1 claim: 1 proved",
        "✗ 1 claim: 1 fails",
    ]
    page = html.parse(tmp_path / "out" / "deep er" / "b&w.html")
    assert page.xpath("//nav/a/@href") == ["../index.html"]


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("m.grad", "m.grad", "-o", "out", "--set", "a=1"),
        (".", "-o", "-"),
        (".",),
        ("empty", "-o", "out"),
        ("m.grad", "--of", "nothing"),
    ],
    ids=" ".join,
)
def test_calls_that_make_no_sense(model, args, monkeypatch):
    monkeypatch.chdir(model.parent)
    Path("empty").mkdir()
    result = report(*args)
    assert result.exit_code == 2
    assert "error:" in result.stderr
    assert "bug" not in result.stderr
    assert sorted(os.listdir()) == ["empty", "m.grad"]


def test_a_page_of_200_statements_stays_small(tmp_path):
    lines = ["x0 = 0.3", "x1 = 0.7", "x2 = 1.1"]
    lines += [f"x{k} = tanh(x{k - 1}*0.9) + x{k - 2}*sin(x{k - 3})" for k in range(3, 200)]
    narrow = tmp_path / "narrow.grad"
    narrow.write_text("\n".join(lines))
    wide = tmp_path / "wide.grad"
    lines = [f"p{k} = {0.1 + k / 100}" for k in range(100)]
    lines += [f"q{k} = exp(-p{k}**2) * p{k + 1}" for k in range(99)]
    lines.append("L = " + " + ".join(f"q{k}" for k in range(99)))
    wide.write_text("\n".join(lines))
    for path in (narrow, wide):
        assert len(report(path, "--no-check").stdout.encode()) < 1_000_000
