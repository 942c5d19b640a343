"""`gradpath derive` and `gradpath tape`: exact output, all formats, hostile names, wrong calls."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from cli.main import gradpath

SAMPLES = Path(__file__).parents[2] / "samples"
FORMATS = ("text", "latex", "markdown", "mathml", "claims")


def run(*args: object, code: int = 0) -> str:
    result = CliRunner().invoke(gradpath, [str(arg) for arg in args])
    assert result.exit_code == code, result.output
    return result.output if code == 2 else result.stdout


@pytest.fixture
def model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(SAMPLES / "two_paths.grad", tmp_path)
    return "two_paths.grad"


BY_PATH = """\
dL/da
  a acts on L along 2 paths, through c and b. A small change of a moves L along
  each of them, by the product of the local derivatives on the way, and the
  moves add up. So dL/da is a sum of products, one for each path:

  L → d → c → a
    ∂L/∂d·∂d/∂c·∂c/∂a = (1 − tanh(d)²) · w4 · w2
                      = 0.285205 × 0.7 × (-1.1)
                      = -0.219608

  L → d → b → a
    ∂L/∂d·∂d/∂b·∂b/∂a = (1 − tanh(d)²) · w3 · w1
                      = 0.285205 × 0.5 × 0.3
                      = 0.0427807

  Together
    dL/da = ∂L/∂d·∂d/∂c·∂c/∂a + ∂L/∂d·∂d/∂b·∂b/∂a
          = (1 − tanh(d)²)·w4·w2 + (1 − tanh(d)²)·w3·w1
          = (w1·w3 + w2·w4)·(1 − tanh(a·w1·w3 + a·w2·w4)²)  (in the leaves)
          = -0.219608 + 0.0427807
          = -0.176827
"""

BACKWARD = """\
    dL/dL  = 1
    dL/dd  = 1 − tanh(d)² = 0.285205
    dL/dc  = dL/dd·w4 = 0.199643
    dL/db  = dL/dd·w3 = 0.142602
    dL/dw4 = dL/dd·c = -0.627451
    dL/dw3 = dL/dd·b = 0.171123
    dL/dw2 = dL/dc·a = 0.399287
    dL/dw1 = dL/db·a = 0.285205
    dL/da  = dL/dc·w2 + dL/db·w1 = -0.176827
"""


def test_by_path(model):
    assert BY_PATH in run("derive", model, "--wrt", "a")


def test_backward(model):
    assert BACKWARD in run("derive", model, "--style", "backward", "--no-check")


@pytest.mark.parametrize("style", ["paths", "backward"])
@pytest.mark.parametrize("name", ["two_paths", "network"])
def test_ascii(name, style):
    text = run("derive", SAMPLES / f"{name}.grad", "--ascii", "--style", style, "--no-check")
    assert text.isascii()


def test_claims_are_valid_input(model):
    run("derive", model, "--format", "claims", "-o", "c.grad")
    assert "8 claims: 8 proved" in run("grad", model, "--claims", "c.grad", "--paths", "none")
    run("check", model, "--strict")


@pytest.mark.parametrize("style", ["paths", "backward"])
@pytest.mark.parametrize("name", ["two_paths", "rnn", "mixture", "kink"])
def test_a_page_is_well_formed(name, style):
    page = run("derive", SAMPLES / f"{name}.grad", "--format", "mathml", "--style", style)
    assert page.isascii()
    page = page.replace('<meta charset="utf-8">', "")
    tags = {element.tag for element in ElementTree.fromstring(page).iter()}
    assert {"math", "mfrac", "mi"} <= tags
    assert "mtext" not in tags  # every formula could be read


def test_hostile_names_stay_text(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = "<b>$x$ &_*`\\|.grad"
    (tmp_path / name).write_text("w_1 = 2\nw1 = 3\nlambda = 0\nL = w_1*w1*exp(lambda)\n")
    page = run("derive", name, "--format", "mathml")
    assert "<b>" not in page
    assert ElementTree.fromstring(page.replace('<meta charset="utf-8">', "")) is not None
    markdown = run("derive", name, "--format", "markdown")
    assert markdown.startswith(r"# \<b\>\$x\$ &\_\*\`\\\|.grad: $L = 6$")
    # Two names that would look alike are spelled out.
    assert r"w\rule" in markdown
    assert r"\textless{}b\textgreater{}\$x\$" in run("derive", name, "--format", "latex")
    for form in ("text", "json", "csv"):
        run("tape", name, "--format", form)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex here")
@pytest.mark.parametrize("name", ["two_paths", "rnn", "kink"])
def test_latex_compiles(name, tmp_path):
    run("derive", SAMPLES / f"{name}.grad", "--format", "latex", "-o", tmp_path / "d.tex")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "d.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


def test_markdown_has_no_escape_in_its_formulas(model):
    text = run("derive", model, "--format", "markdown")
    formulas = text.split("$$\n")[1::2]
    assert len(formulas) > 5
    for formula in formulas:
        assert formula.startswith("\\begin{aligned}")
        assert all(after[:1].isalpha() for after in formula.split("\\")[1:])


def test_many_paths_are_told_by_what_is_left(tmp_path):
    lines = ["x = 1.1"]
    lines += ["a0 = x", *[f"a{k} = sin(a{k - 1}) + cos(a{k - 1})*a{k - 1}" for k in range(1, 4)]]
    lines += [f"b{k} = a3*{k}" for k in range(1, 12)]
    lines.append("L = " + " + ".join(f"b{k}" for k in range(1, 12)))
    (tmp_path / "m.grad").write_text("\n".join(lines))
    text = run("derive", tmp_path / "m.grad", "--paths", "2", "--no-check")
    assert "along 11 paths." in text
    assert "These are the heaviest; the other 9 add" in text


def test_what_does_not_depend(tmp_path):
    (tmp_path / "m.grad").write_text("a = 1\nb = 2\nL = a\n")
    text = run("derive", tmp_path / "m.grad", "--no-check")
    assert "  L does not depend on b.\n    dL/db = 0\n" in text


@pytest.mark.parametrize(
    "args",
    [
        ("derive", "two_paths.grad", "--format", "claims", "--style", "paths"),
        ("derive", "two_paths.grad", "--format", "claims", "--nodes", "all"),
        ("derive", "two_paths.grad", "-o", "no/such/folder/x"),
        ("derive", "two_paths.grad", "--of", "nobody"),
        ("tape", "two_paths.grad", "--of", "nobody"),
        ("tape", "missing.grad"),
        ("watch", "-"),
    ],
)
def test_wrong_calls(args, model):
    assert "rror" in run(*args, code=2)


TAPE = """\
two_paths.grad    L = -0.845456    11 nodes    cpu, float64

node  name  operation          value    adjoint  line
   0  a     leaf                   2  -0.176827    18
   1  w1    leaf                 0.3   0.285205    19
   2  w2    leaf                -1.1   0.399287    20
   3  w3    leaf                 0.5   0.171123    21
   4  w4    leaf                 0.7  -0.627451    22
   5  b     multiply 1, 0        0.6   0.142602    26
   6  c     multiply 2, 0       -2.2   0.199643    27
   7        multiply 3, 5        0.3   0.285205    28
   8        multiply 4, 6      -1.54   0.285205    28
   9  d     add 7, 8           -1.24   0.285205    28
  10  L     tanh 9         -0.845456          1    29
"""


def test_tape(model):
    assert run("tape", model) == TAPE


def test_tape_in_all_formats_agrees(tmp_path):
    path = SAMPLES / "network.grad"
    entries = json.loads(run("tape", path, "--format", "json"))["tape"]
    rows = list(csv.DictReader(run("tape", path, "--format", "csv").splitlines()))
    lines = run("tape", path, "--ascii").splitlines()[3:]
    assert len(entries) == len(rows) == len(lines)
    for entry, row, line in zip(entries, rows, lines, strict=True):
        assert row["node"] == str(entry["node"]) == line.split()[0]
        assert (row["name"], row["operation"]) == (entry["name"], entry["operation"])
        assert row["operands"].split() == list(map(str, entry["operands"]))
        assert row["shape"] == "x".join(map(str, entry["shape"]))
        assert (row["value"] == "") == bool(entry["shape"])
        assert row["line"] == str(entry["line"])


def test_a_tape_is_safe_in_a_spreadsheet_and_whole(tmp_path):
    (tmp_path / "m.grad").write_text("x = [1, 2]\nL = sum(reshape(x, (2, 1)))\n")
    rows = list(csv.reader(run("tape", tmp_path / "m.grad", "--format", "csv").splitlines()))
    assert len({len(row) for row in rows}) == 1
    assert not any(cell[:1] in ("=", "+", "@") for row in rows for cell in row)


def test_a_tape_of_an_infinite_output_fails(tmp_path):
    (tmp_path / "m.grad").write_text("x = 800\nL = exp(x)\n")
    assert "inf" in run("tape", tmp_path / "m.grad", code=1)
    found = json.loads(run("tape", tmp_path / "m.grad", "--format", "json", code=1))
    assert (found["status"], found["output"]["value"]) == ("failed", "inf")
    assert [note["code"] for note in found["notes"]] == ["overflow"]
