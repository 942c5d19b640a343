"""The samples with claims: every derivation holds, every classic mistake gets its diagnosis."""

from __future__ import annotations

from pathlib import Path

import pytest

import autodiff

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
    report = autodiff.load(path).gradient(paths=None)
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
