"""The samples with claims: every derivation holds, every classic mistake gets its diagnosis."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

import autodiff
from autodiff.report import Report

SAMPLES = Path(__file__).parents[2] / "samples"
DERIVATIONS = sorted(SAMPLES.glob("derivations/*.grad"))
BROKEN = sorted(SAMPLES.glob("broken/*.grad"))
EXPECT = "# expect: "


def _stem(path: Path) -> str:
    return path.stem


def test_there_are_samples() -> None:
    assert len(DERIVATIONS) >= 13
    assert len(BROKEN) >= 20


@pytest.mark.parametrize("path", DERIVATIONS, ids=_stem)
def test_a_derivation_holds(path: Path) -> None:
    report = autodiff.load(path).gradient(paths=None)
    assert report.claims
    for claim in report.claims:
        assert claim.status in {"proved", "verified", "value"}, (claim.text, claim.message)
    for name, gradient in report.gradients.items():
        assert gradient.check is not None
        assert gradient.check.verdict == "agrees", (name, gradient.check.reason)


@pytest.mark.parametrize("path", BROKEN, ids=_stem)
def test_a_broken_sample_gets_its_diagnosis(path: Path) -> None:
    """The first line names the code of each claim that fails, in order; ``a | b``: either."""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith(EXPECT)
    expected = [codes.split(" | ") for codes in first.removeprefix(EXPECT).split(", ")]
    claims = autodiff.load(path).gradient(paths=None, check=False).claims
    failed = [claim for claim in claims if claim.status in {"point-only", "fails"}]
    assert len(failed) == len(expected)
    for claim, codes in zip(failed, expected, strict=True):
        assert claim.diagnosis is not None, claim.text
        assert claim.diagnosis.code in codes, (claim.text, claim.diagnosis.message)


@pytest.mark.parametrize("path", BROKEN, ids=_stem)
def test_a_broken_sample_has_right_gradients(path: Path) -> None:
    """What is wrong is the hand derivation, never the program."""
    report = autodiff.load(path).gradient(paths=None, claims=False)
    for name, gradient in report.gradients.items():
        assert gradient.check is not None
        assert gradient.check.verdict == "agrees", (name, gradient.check.reason)


@pytest.mark.parametrize("path", DERIVATIONS, ids=_stem)
def test_a_derivation_says_what_to_try(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert "Then try:" in text


@pytest.mark.parametrize("path", BROKEN, ids=_stem)
def test_a_broken_sample_names_its_mistake(path: Path) -> None:
    assert path.read_text(encoding="utf-8").splitlines()[1].startswith("# Mistake: ")


@pytest.mark.parametrize("path", DERIVATIONS, ids=_stem)
def test_what_a_derivation_suggests_works(path: Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:5] == "#   -"]
    assert lines
    for line in lines:
        report = suggested(path, line, claims=False)
        assert report.gradients


def suggested(path: Path, line: str, *, claims: bool) -> Report:
    """What the command says with the options on a line of a sample's first comment."""
    words = shlex.split(line.removeprefix("#   ").split("   ")[0])
    options = dict(zip(words[::2], words[1::2], strict=False))
    leaf, _, value = options.get("--set", "").partition("=")
    wrt = options["--wrt"].split(",") if "--wrt" in options else None
    program = autodiff.load(path, set=[(leaf, value)] if leaf else ())
    return program.gradient(of=options.get("--of"), wrt=wrt, check=False, claims=claims)


def test_a_distribution_is_needed_where_the_sample_says_so() -> None:
    path = SAMPLES / "derivations" / "softmax_cross_entropy.grad"
    report = suggested(path, '#   --set "y=[0, 0.5, 0]"', claims=True)
    failed = [claim.text for claim in report.claims if claim.status in {"fails", "point-only"}]
    assert failed == ["dL/dz == p - y", "L == logsumexp(z) - dot(y, z)"]


def test_symmetry_is_needed_where_the_sample_says_so() -> None:
    path = SAMPLES / "derivations" / "matrix_cookbook_forms.grad"
    report = suggested(path, '#   --set "W=[[2, 0.3], [0.1, 1]]"', claims=True)
    failed = [claim.text for claim in report.claims if claim.status in {"fails", "point-only"}]
    assert [text.split(" ==")[0] for text in failed] == [
        *("df84/ds", "df85/dx", "df85/ds", "df84/dx", "df84/dA")
    ]


def test_a_longer_quaternion_has_the_same_loss_and_half_the_gradient() -> None:
    path = SAMPLES / "derivations" / "quaternion_normalisation.grad"
    one = autodiff.load(path).gradient(check=False, claims=False)
    two = suggested(path, '#   --set "q=[1, -0.4, 0.6, 1.6]"', claims=False)
    assert two.value == pytest.approx(one.value, rel=1e-12)
    assert list(2 * two.gradients["q"].value) == pytest.approx(list(one.gradients["q"].value))


def test_delta_and_vega_grow_with_time() -> None:
    path = SAMPLES / "derivations" / "black_scholes_greeks.grad"
    one = autodiff.load(path).gradient(check=False, claims=False).gradients
    two = suggested(path, "#   --set T=2", claims=False).gradients
    assert two["S"].value > one["S"].value
    assert two["v"].value > one["v"].value
