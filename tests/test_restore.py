"""A result that went through JSON says what it said before, in every word."""

from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import Any

import pytest

from autodiff.checking import CheckOptions, check_file
from autodiff.findings import describe, findings
from autodiff.report import (
    ClaimResult,
    Counterexample,
    Diagnosis,
    ErrorEntry,
    FileResult,
    Note,
)

ROOT = Path(__file__).parent.parent
SAMPLES = sorted([*ROOT.glob("samples/*.grad"), *ROOT.glob("samples/broken/*.grad")])
STRICT = CheckOptions(strict=True, points=4)


def again(result: FileResult) -> FileResult:
    return FileResult.from_json(json.loads(json.dumps(result.to_json(), allow_nan=False)))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples_come_back(path: Path) -> None:
    result = check_file(str(path), STRICT)
    back = again(result)
    assert back.to_json() == result.to_json()
    assert findings(back) == findings(result)
    assert [describe(f) for f in findings(back)] == [describe(f) for f in findings(result)]


def test_what_is_not_finite_comes_back() -> None:
    text = b"x = 0\nW = [[1, 2], [0, 4]]\nL = sqrt(x) + sum(sqrt(W))"
    result = check_file("-", STRICT, content=text)
    back = again(result)
    assert back.report is not None
    assert math.isinf(back.report.gradients["x"].value)
    assert back.report.gradients["W"].value.shape == (2, 2)
    assert not back.report.gradients["W"].value.flags.writeable
    assert back.to_json() == result.to_json()


def test_errors_come_back_with_their_excerpts() -> None:
    result = check_file("bad.grad", content=b"x = 1\nx = 2\nL = x*(")
    back = again(result)
    assert back == result
    assert len(back.errors) == 2


def test_every_field_of_a_claim_comes_back() -> None:
    claim = ClaimResult(
        line=3,
        text="dL/dx == 2",
        status="fails",
        message="no",
        diagnosis=Diagnosis("sign", "the sign is wrong"),
        counterexample=Counterexample({"x": "1.5"}, (0, 2), 1.0, -math.inf),
        column=2,
        end=9,
        points=16,
        source="claims.txt",
    )
    report = check_file("-", content=b"x = 1\nL = x").report
    assert report is not None
    report = report._replace(claims=(claim,), notes=(Note("kink", None, "so"),))
    error = ErrorEntry("load", 1, 2, 3, "gone", "look", "the excerpt")
    result = FileResult("f", "failed", report, (error,), 0.5, True, ((3, "dL/dx == 2"),))
    back = again(result)
    assert back.report is not None
    assert back.report.claims == report.claims
    assert back.report.notes == report.notes
    assert back._replace(report=None) == result._replace(report=None)


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where every value of a JSON document stands."""
    inner = data.items() if isinstance(data, dict) else enumerate(data)
    found = []
    for key, value in inner:
        found.append((*path, key))
        if isinstance(value, dict | list):
            found += places(value, (*path, key))
    return found


@pytest.mark.parametrize("wrong", [None, True, "?", -1, 1.5, [], [[]], {}, {"a": None}], ids=repr)
def test_whatever_is_wrong_is_a_value_error(wrong: Any) -> None:
    """One value after the other is replaced: it is refused, or reads as something of its type."""
    path = str(ROOT / "samples" / "broken" / "factor_two.grad")
    good = json.loads(json.dumps(check_file(path, STRICT).to_json()))
    for place in places(good):
        bad = copy.deepcopy(good)
        holder = bad
        for key in place[:-1]:
            holder = holder[key]
        holder[place[-1]] = wrong
        try:
            result = FileResult.from_json(bad)
        except ValueError:
            continue
        for finding in findings(result):
            describe(finding)
        json.dumps(result.to_json(), allow_nan=False)


@pytest.mark.parametrize("wrong", [None, [], {}, "text", {"schema": "gradpath/1"}])
def test_what_is_no_result_at_all(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        FileResult.from_json(wrong)
