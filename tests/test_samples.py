"""Every sample runs, and gives the numbers another program gave (tests/cases/samples.json)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff

SAMPLES = Path(__file__).parent.parent / "samples"
EXPECTED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "cases" / "samples.json").read_text(encoding="utf-8")
)


def test_every_sample_has_expected_numbers() -> None:
    assert {path.name for path in SAMPLES.glob("*.grad")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_sample(name: str) -> None:
    report = autodiff.load(SAMPLES / name).gradient(check=False)
    expected = EXPECTED[name]
    assert report.value == pytest.approx(expected["value"], rel=1e-10, abs=1e-15)
    assert set(report.gradients) == set(expected["gradients"])
    for leaf, want in expected["gradients"].items():
        got = report.gradients[leaf].value
        assert np.shape(got) == np.shape(want)
        np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-14, err_msg=leaf)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_begins_with_a_comment_that_says_what_to_try(name: str) -> None:
    text = (SAMPLES / name).read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert "Then try:" in text


@pytest.mark.parametrize("name", EXPECTED)
def test_the_settings_a_sample_suggests_work(name: str) -> None:
    text = (SAMPLES / name).read_text(encoding="utf-8")
    for option, quoted, plain in re.findall(
        r"^# +--(set|of|wrt) (?:[\"']([^\"']*)[\"']|(\S+))", text, re.M
    ):
        argument = quoted or plain
        if option == "set":
            leaf, _, value = argument.partition("=")
            report = autodiff.load(SAMPLES / name, set=[(leaf, value)]).gradient(check=False)
        elif option == "of":
            report = autodiff.load(SAMPLES / name).gradient(of=argument, check=False)
        else:
            report = autodiff.load(SAMPLES / name).gradient(wrt=[argument], check=False)
        assert report.gradients
