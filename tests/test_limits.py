"""Every limit: what is just within it, and what is refused just beyond it, by its name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from engine import problems, report

import autodiff
from autodiff.errors import ModelErrors, UsageError
from autodiff.limits import LIMITS, Limits, more
from autodiff.symbolic.expand import DEFAULT

TWICE = "f0(z) = z * z\n" + "".join(f"f{i}(z) = f{i - 1}(z) * f{i - 1}(z)\n" for i in range(1, 31))
PATHS = "a = 1\nb = 2 * a\nc = 3 * a\nd = b * c\ne = b + c\nL = d * e"  # 4 of them
KINK = "A = [0, 1, 2]\nL = abs(sum(A) - 3)"  # 2 · 3 directions over 5 operations

# Per limit: a model, how much of it the model needs, and what comes of one less.
MODELS: dict[str, tuple[str, int, str]] = {
    "statements": ("a = 1\nb = 2\nL = a + b", 3, "limit"),
    "tokens": ("a = 1\nL = a + a + a", 7, "limit"),
    "nesting": ("a = 1\nL = ((a) + (a))", 2, "limit"),
    "name": ("abc = 1\nabd = 1\nL = abc", 3, "limit"),
    "number": ("a = 1.25\nL = a", 4, "limit"),
    "operations": ("a = 1\nf(z) = z * z\nL = f(f(a))", 2, "limit"),
    "elements": ("a = zeros(4, 5)\nL = sum(a)", 20, "limit"),
    "data": ('a = load("a.npy")\nL = sum(a)', 168, "load"),
    "paths": (PATHS, 4, "listed"),
    "kinks": (KINK, 6 * (4 * 1000 + 1 + 1 + 1 + 3), "unchecked"),
    "sympy": ("a = 1\nb = a\nL = b", 3, "unchecked"),
    "partials": ("a = [1, 2]\nL = sum(a * a)", 6, "sampled"),
}


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("a.npy", np.zeros(5))


def outcome(text: str, limits: Limits) -> str:
    """``ok``, the code of the one error, or that of what the report says."""
    try:
        found = report(text, limits=limits, check=True, paths="all")
    except ModelErrors as errors:
        for problem in errors.problems:
            assert problem.hint.endswith(more(changed(limits)))
        return errors.problems[0].code
    notes = {note.code: note.message for note in found.notes}
    if "listed" in notes:
        assert notes["listed"].endswith(more("paths"))
        return "listed"
    checks = [g.check for g in found.gradients.values() if g.check is not None]
    if any("a sample: " in check.reason for check in checks):
        return "sampled"
    return "unchecked" if any(check.verdict == "unchecked" for check in checks) else "ok"


def changed(limits: Limits) -> str:
    (name,) = [n for n in Limits._fields if getattr(limits, n) != getattr(LIMITS, n)]
    return name


@pytest.mark.parametrize("name", MODELS)
def test_a_limit_is_where_it_says(name: str) -> None:
    text, needed, refusal = MODELS[name]
    assert outcome(text, LIMITS) == "ok"
    assert outcome(text, LIMITS._replace(**{name: needed})) == "ok"
    assert outcome(text, LIMITS._replace(**{name: needed - 1})) == refusal


def test_there_is_no_limit_without_a_test() -> None:
    assert MODELS.keys() | {"file", "output"} == set(Limits._fields)


def test_the_bytes_of_a_file(tmp_path: Path) -> None:
    Path("m.grad").write_text("x = 2\nL = x")
    autodiff.load("m.grad", limits=Limits(file=11))
    with pytest.raises(ModelErrors) as caught:
        autodiff.load("m.grad", limits=Limits(file=10))
    assert caught.value.problems[0].hint == more("file")


def test_the_numbers_of_a_result() -> None:
    found = report("a = [1, 2]\nb = a * a\nL = sum(b) + sum(a)", paths=8)
    shown = found.gradients["a"].paths
    assert shown is not None
    assert shown.count == 2
    # The gradient, Σ, Σ|·|, the remainder and two paths; weights of 2, of 2 and 2×2 elements.
    assert found.numbers == 2 * (1 + 3 + 2) + 2 + (2 + 4)
    Limits(output=found.numbers).written(found.numbers)
    with pytest.raises(UsageError) as caught:
        Limits(output=found.numbers - 1).written(found.numbers)
    assert (caught.value.code, caught.value.hint) == ("limit", more("output"))


def test_limits_are_changed_by_name() -> None:
    assert LIMITS.with_changes([("name", 3), ("name", 4)]) == Limits(name=4)
    with pytest.raises(UsageError) as caught:
        LIMITS.with_changes([("elemnts", 3)])
    assert caught.value.hint == "did you mean 'elements'?"


def test_sympy_has_the_limits_of_the_model() -> None:
    assert (DEFAULT.statements, DEFAULT.partials) == (LIMITS.sympy, LIMITS.partials)


@pytest.mark.parametrize(
    "text",
    [
        "x = zeros(10**12)\nL = sum(x)",
        "x = eye(10**6)\nL = sum(x)",
        "x = ones(10**5, 1)\nL = sum(x * x.T)",
        "x = ones(10**5, 1)\nL = sum(x @ x.T)",
        "x = arange(0, 1, 1e-12)\nL = sum(x)",
        "x = arange(inf)\nL = sum(x)",
        "x = linspace(0, 1, 10**9)\nL = sum(x)",
        "x = one_hot([1, 2], 10**9)\nL = sum(x)",
        "x = full((10**5, 10**5), 1)\nL = sum(x)",
        "x = randn(10**5, 10**5, seed=1)\nL = sum(x)",
        "x = 2\ny = full((10**5, 10**5), x)\nL = sum(y)",
        f"{TWICE}x = 1\nL = f30(x)",
    ],
)
def test_monsters_are_refused_before_they_are_made(text: str) -> None:
    limits = Limits(operations=10_000)
    assert [code for _, code, _ in problems(text, limits=limits)] == ["limit"]


@pytest.mark.parametrize(
    "text",
    [
        "x = 2\nL = 9**9**9**9 + x",
        "x = 2\nL = x**9**9**9**9",
        "x = 2\nL = x**(9**9)",
        "x = 1\nL = x**(9**9**9) * x",
        "x = 2\nL = (x**(10**9))**(10**9)",
        "x = 2\nL = gamma(10**9 * x)",
        "x = 2\nL = exp(exp(exp(x * 10)))",
        "x = 0.5\nL = sin(10**300 * x) * 2**1000",
        "x = 2\nL = 3**(7**(x + 20)) * 0",
    ],
)
def test_towers_of_powers_end(text: str) -> None:
    found = report(text, check=True)
    assert found.gradients["x"].check is not None
