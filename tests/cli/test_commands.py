"""The commands in process: options, exit codes, what goes to which stream."""

from __future__ import annotations

import json
import sys

import pytest
from click.testing import CliRunner

import autodiff
from autodiff.ops import TABLE
from cli.main import COMMANDS, gradpath
from cli.views.operations import signature

MODEL = "a = 2\nb = 3 * a\nL = sin(b)**2\n"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run gradpath beside a file m.grad; the result has exit_code, stdout and stderr."""
    (tmp_path / "m.grad").write_text(MODEL)
    monkeypatch.chdir(tmp_path)

    def call(*args, text=None):
        return CliRunner().invoke(gradpath, list(args), input=text)

    return call


def grad(run, *args, **kwargs):
    return run("grad", "--no-check", *args, **kwargs)


def test_every_command_is_importable_and_documented(run):
    text = run("--help").stdout
    for name in COMMANDS:
        assert f"\n  {name} " in text
        assert run(name, "--help").exit_code == 0


def test_the_result_is_on_stdout_and_well(run):
    result = grad(run, "m.grad")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("m.grad    L = 0.0780")
    assert "  dL/da = dL/db · db/da\n        = 2·sin(b)·cos(b)·3\n" in result.stdout


def test_standard_input(run):
    result = grad(run, "-", "--format", "json", text=MODEL)
    assert json.loads(result.stdout)["model"] == "<stdin>"


def test_of_and_wrt(run):
    found = json.loads(grad(run, "m.grad", "--of", "b", "--format", "json").stdout)
    assert found["output"]["name"] == "b"
    found = json.loads(grad(run, "m.grad", "--wrt", "b,a", "--wrt", "a", "--format=json").stdout)
    assert list(found["gradients"]) == ["b", "a"]


def test_set_takes_expressions(run):
    found = json.loads(grad(run, "m.grad", "--set", "a = 1 + 1/2", "--format", "json").stdout)
    assert found["gradients"]["a"]["paths"]["shown"][0]["weights"][1] == 3.0
    assert grad(run, "-", "--set", "k=2", "--format", "json", text="L = k**2").exit_code == 0


def test_values_from_a_file(run, tmp_path):
    (tmp_path / "v.json").write_text('{"k": 5}')
    found = json.loads(
        grad(run, "-", "--values", "v.json", "--format", "json", text="L = k**2").stdout
    )
    assert found["gradients"]["k"]["value"] == 10.0


@pytest.mark.parametrize(("asked", "shown"), [("1", 1), ("all", 2)])
def test_paths(run, asked, shown):
    text = "a = 2\nb = 3*a\nc = 4*a\nL = b*c"
    result = grad(run, "-", "--paths", asked, "--format", "json", text=text)
    paths = json.loads(result.stdout)["gradients"]["a"]["paths"]
    assert (paths["count"], paths["sum"], len(paths["shown"])) == (2, 48.0, shown)


def test_no_paths(run):
    result = grad(run, "m.grad", "--paths", "none", "--format", "json")
    assert "paths" not in json.loads(result.stdout)["gradients"]["a"]


def test_no_path_listed_but_counted(run):
    result = grad(run, "m.grad", "--paths", "0", "--format", "json")
    paths = json.loads(result.stdout)["gradients"]["a"]["paths"]
    assert (paths["count"], paths["shown"]) == (1, [])
    assert "→" not in grad(run, "m.grad", "--paths", "none").stdout


@pytest.mark.parametrize(
    "args",
    [
        ("m.grad", "--paths", "some"),
        ("m.grad", "--paths", "-1"),
        ("m.grad", "--set", "a"),
        ("m.grad", "--set", "=1"),
        ("m.grad", "--wrt", "a,,b"),
        ("m.grad", "--wrt", "nobody"),
        ("m.grad", "--of", "nobody"),
        ("m.grad", "--nodes", "some"),
        ("m.grad", "--format", "xml"),
        ("m.grad", "--bogus"),
        ("no-such-file.grad",),
        (".",),
        (),
    ],
)
def test_usage_errors_exit_with_2_and_print_no_result(run, args):
    result = grad(run, *args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr


def test_all_model_errors_are_rendered_with_carets(run):
    result = grad(run, "-", text="a = 1\nb = a * c\nL = sinn(b)\n")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "<stdin>:2:9: error[unknown-name]:" in result.stderr
    assert "<stdin>:3:5: error[unknown-function]:" in result.stderr
    assert "  b = a * c\n          ^\n" in result.stderr


def test_model_errors_as_json(run):
    result = grad(run, "-", "--format", "json", text="L = nobody + 1\n")
    assert (result.exit_code, result.stderr) == (2, "")
    found = json.loads(result.stdout)
    assert (found["schema"], found["model"], found["status"]) == ("gradpath/1", "<stdin>", "error")
    assert set(found["errors"][0]) == {"code", "line", "column", "message", "hint"}
    assert (found["errors"][0]["line"], found["errors"][0]["column"]) == (1, 5)


def test_usage_errors_of_the_engine_as_json(run):
    result = grad(run, "m.grad", "--wrt", "nobody", "--format", "json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["model"]) == (2, "m.grad")
    assert found["errors"][0]["code"] == "usage"


def test_notes_go_to_stderr(run):
    text = "a = 0\nL = abs(a)"
    for form in ("text", "csv"):
        result = grad(run, "-", "--format", form, text=text)
        assert result.stderr.startswith("note[kink]: line 2: ")
        assert "note" not in result.stdout
    for form in ("json", "markdown"):
        assert grad(run, "-", "--format", form, text=text).stderr == ""


def fails_with(monkeypatch, error):
    def load(*args, **kwargs):
        raise error

    monkeypatch.setattr(autodiff, "load", load, raising=False)


def test_a_bug_is_called_one_and_shows_no_traceback(run, monkeypatch):
    fails_with(monkeypatch, RuntimeError("surprise"))
    result = grad(run, "m.grad")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "this is a bug in gradpath: RuntimeError: surprise" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_bug_shows_its_traceback_on_request(run, monkeypatch):
    fails_with(monkeypatch, RuntimeError("surprise"))
    result = run("--traceback", "grad", "m.grad")
    assert result.exit_code == 3
    assert "Traceback" in result.stderr
    monkeypatch.setenv("GRADPATH_DEBUG", "1")
    assert "Traceback" in grad(run, "m.grad").stderr


def test_interrupted(run, monkeypatch):
    fails_with(monkeypatch, KeyboardInterrupt())
    assert grad(run, "m.grad").exit_code == 130


def test_an_undefined_gradient_exits_with_1(run):
    result = grad(run, "-", text="x = 0\nL = sqrt(x)\n")
    assert result.exit_code == 1
    assert "undefined" in result.stdout


def test_ops_lists_the_table_without_marks(run):
    text = run("ops").stdout
    for row in TABLE.values():
        assert (signature(row) in text) == (not row.hidden), row
    assert "@" not in text.replace("x @ y", "")


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_ops_shows_one_by_name_alias_or_symbol(run, form):
    for name, row in (("tanh", "tanh"), ("arcsin", "asin"), ("**", "power")):
        text = run("ops", name, "--format", form).stdout
        assert signature(TABLE[row]) in text


def test_ops_as_json(run):
    found = json.loads(run("ops", "--format", "json").stdout)
    assert found["schema"] == "gradpath/1"
    log = next(row for row in found["operations"] if row["name"] == "log")
    assert (log["signature"], log["derivative"], log["domain"]) == ("log(x)", "1/x", "x > 0")


def test_an_unknown_operation_gets_a_suggestion(run):
    result = run("ops", "tanhh")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "did you mean tanh" in result.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(run, shell):
    result = run("completion", shell)
    assert result.exit_code == 0
    assert "_GRADPATH_COMPLETE" in result.stdout
    assert shell in run("completion").stdout


def test_the_cycle_collector_is_given_back(run):
    import gc

    assert gc.isenabled()
    grad(run, "m.grad")
    assert gc.isenabled()


def test_no_module_of_the_engine_imports_the_command_line():
    # A user's own project may have a package called cli.
    for name, module in list(sys.modules.items()):
        if name.startswith("autodiff"):
            assert not any(
                getattr(value, "__name__", "").split(".")[0] == "cli"
                for value in vars(module).values()
            ), name
