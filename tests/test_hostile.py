"""Models and claims that nobody would write: a result or a clean error, always, and the same one.

Random models are drawn from the operation table, with claims about them, well-formed and
mutated. Nothing that a file holds may raise anything but the errors of the contract, give
another exit code, or run on. Below that, what a long search of this kind has found.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fuzz import drawing
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff
from autodiff.checking import CheckOptions, check_file
from autodiff.findings import findings
from cli.views import checks

ROOT = Path(__file__).resolve().parents[1]
CLAIMS = CheckOptions(only="claims", points=4)
DRAWS = st.randoms(use_true_random=False)
MODELS, MUTATIONS = st.builds(drawing.model, DRAWS), st.builds(drawing.mutation, DRAWS)
SIDES = st.builds(drawing.side, DRAWS, st.just(["x", "y", "A", "L"]))

# ---- a result or a clean error


def checked(text: str, options: CheckOptions = CLAIMS) -> Any:
    return check_file("m.grad", options, content=text.encode("utf-8", "surrogatepass"))


def statuses(text: str, **options: Any) -> list[str]:
    return [claim.status for claim in autodiff.loads(text).claims(**options)]


@settings(max_examples=80)
@given(MODELS | MUTATIONS)
def test_any_model_has_gradients_or_errors(text: str) -> None:
    try:
        autodiff.loads(text).gradient(paths=None, check=False, claims=False)
    except (autodiff.ModelErrors, autodiff.UsageError):
        return


@settings(max_examples=50)
@given(MODELS | MUTATIONS)
def test_any_claims_have_a_status_in_every_format(text: str) -> None:
    result = checked(text)
    assert result.status in {"ok", "failed", "error", "nothing"}
    findings(result)
    for form in checks.FORMATS:
        written = checks.render(form, [result], strict=True)
        assert all(char.isprintable() or char == "\n" for char in written), form


@settings(max_examples=60)
@given(MUTATIONS)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        autodiff.loads(text)
    except (autodiff.ModelErrors, autodiff.UsageError):
        return


# ---- laws

LEAVES = "x = 0.7\ny = [0.5, 1.5]\nA = [[1, 2], [3, 4.5]]\n"
TIDY = ["x", "y", "A", "sin(x)", "exp(y)", "A @ y", "sum(A)", "y * x", "x**2", "softmax(y)", "A.T"]


@settings(max_examples=20)
@given(st.sampled_from(TIDY), st.sampled_from(TIDY), st.sampled_from("+-*"))
def test_what_is_equal_to_itself_is_true(a: str, b: str, sign: str) -> None:
    try:
        autodiff.loads(f"{LEAVES}z = {a} {sign} {b}\nL = sum(z)").value_and_gradient()
    except autodiff.ModelErrors:
        return  # shapes that do not fit
    text = f"{LEAVES}z = {a} {sign} {b}\nL = sum(z)\nz == {a} {sign} {b}\ndL/dx == dL/dx"
    assert set(statuses(text)) <= {"proved", "verified"}


@settings(max_examples=10)
@given(st.lists(st.tuples(SIDES, SIDES), min_size=1))
def test_a_claim_and_its_mirror_image_are_judged_alike(pairs: list[tuple[str, str]]) -> None:
    model = f"{LEAVES}L = sum(tanh(A @ y) * x)\n"
    for a, b in pairs[:3]:
        try:
            autodiff.loads(f"{model}{a} == {b}")
        except autodiff.ModelErrors:
            continue
        assert statuses(f"{model}{a} == {b}", points=4) == statuses(f"{model}{b} == {a}", points=4)


CHAIN = """a = 0.5
w = 0.3
v = -1.1
b = w * a
c = v * a
L = tanh(b + c) * b
"""
MIXED = [
    "dL/db == tanh(b + c) + (1 - tanh(b + c)**2) * b",
    "dL/da == 2 * w * dL/db",
    "dL/dc == (1 - tanh(b + c)**2) * b",
    "dL/dv == dL/dc * a + 1e-7 * w",
    "dL/dw == 7",
    "db/da == w == b / a",
]


@given(st.permutations(MIXED))
@settings(max_examples=5)
def test_the_order_of_claims_changes_no_status(order: list[str]) -> None:
    def by_text(lines: list[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for claim in autodiff.loads(CHAIN + "\n".join(lines)).claims():
            found.setdefault(claim.text, []).append(claim.status)
        return found

    assert by_text(order) == by_text(MIXED)


def test_where_and_how_it_runs_changes_nothing(tmp_path: Path) -> None:
    models = [str(tmp_path / "m.grad"), str(tmp_path / "n.grad")]
    for model in models:
        Path(model).write_text(CHAIN + "\n".join(MIXED))
    (tmp_path / "arrays.grad").write_text(
        "A = randn(256, 256, seed=1)\nx = randn(256, seed=2)\nL = sum(tanh(A @ A @ x) * relu(x))"
    )
    checked, shown = set(), set()
    for seed, threads, language, width, folder, jobs in (
        ("0", "1", "C.UTF-8", "80", tmp_path, "1"),
        ("1", "4", "C", "20", ROOT, "2"),
        ("12345", "2", "tr_TR.UTF-8", "300", tmp_path.parent, "1"),
    ):
        given = {"PYTHONHASHSEED": seed, "LC_ALL": language, "COLUMNS": width, "TZ": f"X{seed[0]}"}
        given |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), threads)
        given |= {"PYTHONPATH": str(ROOT), "TERM": f"xterm-{width}color"}

        def gradpath(*asked: str) -> subprocess.CompletedProcess[bytes]:
            return subprocess.run(
                [sys.executable, "-m", "cli", *asked],
                capture_output=True,
                cwd=folder,  # noqa: B023  # called before the next turn
                env=os.environ | given,  # noqa: B023  # as above
                check=False,
            )

        run = gradpath("check", *models, "-j", jobs, "--format", "json")
        assert (run.returncode, run.stderr) == (1, b"")
        data = json.loads(run.stdout)
        for timed in (data["summary"], *data["files"]):
            del timed["seconds"]
        checked.add(json.dumps(data))
        run = gradpath("grad", "--no-check", str(tmp_path / "arrays.grad"))
        assert run.returncode == 0
        shown.add((run.stdout, run.stderr))
    assert len(checked) == len(shown) == 1


# ---- what the search has found


@pytest.mark.parametrize(
    "text", ["sin(+)", "[3, +]", "x[+]", "x[1 +:2]", "x[+:1]", "x[1:+]", "x[:+, 0]", "(+)", "(-)"]
)
def test_what_follows_an_operator_is_not_left_out(text: str) -> None:
    with pytest.raises(autodiff.ModelErrors) as caught:
        autodiff.loads(f"x = [1, 2, 3]\nL = sum({text})")
    assert [problem.code for problem in caught.value.problems] == ["syntax"]


@pytest.mark.parametrize(
    "text",
    [
        "x = 0.3\nn = x / (x - x)\nL = 0.5\nprod(x + 1, 1) == ∂x/∂x / ∂n/∂x",
        "x = -0.7\nn = e\nL = 1e-9\ndL/dx + ndtri(ndtri(n)) == ∂x/∂x * (sign(L) + L)",
        "A = pi\nw = eye(2)\nm = lbeta(w, A / entr(w[None]))\nL = sum(1)\ndL/dm == dm/dw",
        "x = ones(0)\ny = 2\nL = y**2\ndL/dy == 3 * y",
        "x = 2\nn = zeros(0)\nm = n + x\nL = x\ndm/dx == 2 * x\nm == dn/dx * 3",
    ],
)
def test_claims_that_are_defined_nowhere(text: str) -> None:
    assert checked(text).status in {"ok", "failed"}


def test_a_matrix_too_large_to_eliminate_element_by_element() -> None:
    text = "x = 0.3\nW = randn(120, 120, seed=1)\nL = x + logdet(W @ W.T + 200 * eye(120))"
    check = autodiff.loads(text).gradient(wrt=["x"], claims=False).gradients["x"].check
    assert check is not None
    assert check.verdict in {"agrees", "unchecked"}


def test_many_wrong_claims_share_one_search(monkeypatch: pytest.MonkeyPatch) -> None:
    # Each has its part of what the search may cost: more claims do not make it longer.
    from autodiff.claims import trial

    grounds = []
    share = trial.Ground.share
    monkeypatch.setattr(trial.Ground, "share", lambda g, n: (grounds.append(g), share(g, n)))
    monkeypatch.setattr(trial, "EXPLAINING", 30_000)
    wrong = [f"dL/da == exp({k}.37 * a) * {k}.113 + sin(v * {k}.7)" for k in range(40)]
    assert set(statuses(CHAIN + "\n".join(wrong), points=4)) == {"fails"}
    assert len(grounds) == len(wrong)
    slack = len(wrong) * 500  # each may go over its part by one trial
    assert 10_000 < grounds[0].spent < 30_000 + slack


def test_an_easy_mistake_is_explained_among_many_hard_ones() -> None:
    hard = [f"dL/da == exp({k}.37 * a) * {k}.113 + sin(v * {k}.7)" for k in range(40)]
    claims = autodiff.loads(f"{CHAIN}{chr(10).join(hard)}\ndL/dc == -(1 - tanh(b + c)**2) * b")
    found = claims.claims(points=4)[-1].diagnosis
    assert found is not None
    assert found.code == "sign"


# ---- commands to the machine that runs us


@pytest.mark.parametrize("line", ["::error::x", "   ::set-output name=a::b", "\t::stop-commands::"])
def test_no_line_is_a_command_to_the_runner(line: str) -> None:
    text = f"x = 2\n{line}\nL = x ##[error]boo\ndL/dx == 3 ##[group]boo"
    for model in (text, text.replace(line, "")):
        result = check_file("::warning::m.grad", content=model.encode())
        for form in ("text", "tap", "junit", "markdown", "github"):
            for row in checks.render(form, [result], strict=True).splitlines():
                ours = form == "github" and row.startswith(("::error file=", "::warning file="))
                assert ours or not row.lstrip().startswith("::"), (form, row)
                assert "##[" not in row, (form, row)


def test_an_escape_in_an_excerpt_moves_its_carets() -> None:
    from autodiff.source import Span, excerpt_line

    assert excerpt_line("::error::", Span(1, 3, 8)) == ("\\x3a:error::", "     ^^^^^")
    assert excerpt_line(" ::x", Span(1, 2, 3)) == (" \\x3a:x", " ^^^^")
    assert excerpt_line("x[::-1]", Span(1, 3, 5)) == ("x[::-1]", "  ^^")
    assert excerpt_line("y ##[error]", Span(1, 5, 6)) == ("y #\\x23[error]", "       ^")


# ---- the command


def test_two_reports_are_not_written_over_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner

    from cli.main import gradpath

    monkeypatch.chdir(tmp_path)
    Path("m.grad").write_text(CHAIN)
    again = str(tmp_path / "x.xml")
    for twice in ("x.xml", "./x.xml", again):
        asked = ["check", "m.grad", "--report", "junit=x.xml", "--report", f"tap={twice}"]
        result = CliRunner().invoke(gradpath, asked)
        assert result.exit_code == 2
        assert not Path("x.xml").exists()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"\x00", b"\xef\xbb\xbf# nothing", None])
def test_a_file_of_claims_that_is_none(tmp_path: Path, content: bytes | None) -> None:
    model, claims = tmp_path / "m.grad", tmp_path / "claims"
    model.write_text(CHAIN)
    if content is None:
        os.mkfifo(claims)
    else:
        claims.write_bytes(content)
    result = check_file(str(model), CheckOptions(only="claims", claims=str(claims)))
    blank = content in {b"", b"\xef\xbb\xbf# nothing"}
    assert result.status == ("nothing" if blank else "error")
