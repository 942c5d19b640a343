"""Reads a `FileResult` back from its JSON form. Trusts nothing: what is amiss is a ValueError.

What a check does not use is not written, and so not read: the leaves' values and the paths.
"""

from __future__ import annotations

import math
from typing import Any, TypeVar, get_args

from autodiff.report import (
    SCHEMA,
    Check,
    ClaimResult,
    ClaimStatus,
    Counterexample,
    Diagnosis,
    ErrorEntry,
    FileResult,
    FileStatus,
    Gradient,
    Note,
    Report,
    Verdict,
)

T = TypeVar("T")

NUMBERS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def file_result(data: Any) -> FileResult:
    """The inverse of `FileResult.to_json`. Raises ValueError."""
    found = _dict(data)
    if found.get("schema") != SCHEMA:
        raise ValueError(f"schema {found.get('schema')!r}")
    try:
        return FileResult(
            path=_text(found["model"]),
            status=_one_of(found["status"], FileStatus),
            report=_report(found) if "gradients" in found else None,
            errors=tuple([_error(_dict(e)) for e in _list(found.get("errors", []))]),
            seconds=float(_number(found["seconds"])),
            cached=_typed(found["cached"], bool),
            lines=tuple(
                [(int(line), _text(text)) for line, text in _dict(found.get("lines", {})).items()]
            ),
        )
    except KeyError as error:
        raise ValueError(f"no {error}") from error


def _report(found: dict[str, Any]) -> Report:
    output = _dict(found["output"])
    gradients = {
        name: _gradient(name, _dict(entry)) for name, entry in _dict(found["gradients"]).items()
    }
    return Report(
        model=_text(found["model"]),
        device=_text(found["device"]),
        dtype=_text(found["dtype"]),
        output=_text(output["name"]),
        value=float(_number(output["value"])),
        point={},
        gradients=gradients,
        claims=tuple([_claim(_dict(claim)) for claim in _list(found["claims"])]),
        notes=tuple([_note(_dict(note)) for note in _list(found["notes"])]),
        checked=bool(gradients),
        status="ok" if found["status"] == "ok" else "failed",
        hardware=_text(found.get("hardware") or ""),
    )


def _gradient(name: str, entry: dict[str, Any]) -> Gradient:
    shape = _shape(entry["shape"])
    value = _array(entry["value"], shape)
    check = entry.get("check")
    return Gradient(
        name=name,
        value=value,
        sweep=value,
        shape=shape,
        relation=_text(entry["relation"]),
        paths=None,
        check=None if check is None else _check(_dict(check), shape),
        line=_maybe(entry["line"], int),
    )


def _check(entry: dict[str, Any], shape: tuple[int, ...]) -> Check:
    return Check(
        verdict=_one_of(entry["verdict"], Verdict),
        reason=_text(entry["reason"]),
        reference=_reference(entry["reference"]),
        error=_maybe_number(entry["error"]),
        ulps=_maybe_number(entry["ulps"]),
        expression=_text(entry["expression"]),
        coverage=_number(entry["coverage"]),
        digits_lost=_maybe_number(entry.get("digits_lost")),
        left=_maybe_array(entry.get("left"), shape),
        right=_maybe_array(entry.get("right"), shape),
        convention=_text(entry.get("convention", "")),
        line=_maybe(entry.get("line"), int),
    )


def _reference(value: Any) -> Any:
    """Text, or nested lists of texts. Recursion goes no deeper than what read the JSON."""
    if value is None or isinstance(value, str):
        return value
    return [_reference(item) for item in _list(value)]


def _claim(entry: dict[str, Any]) -> ClaimResult:
    diagnosis, counter = entry["diagnosis"], entry["counterexample"]
    return ClaimResult(
        line=_typed(entry["line"], int),
        text=_text(entry["text"]),
        status=_one_of(entry["status"], ClaimStatus),
        message=_text(entry["message"]),
        diagnosis=None if diagnosis is None else _diagnosis(_dict(diagnosis)),
        counterexample=None if counter is None else _counterexample(_dict(counter)),
        column=_typed(entry["column"], int),
        end=_typed(entry["end"], int),
        points=_typed(entry["points"], int),
        source=_text(entry["source"]),
    )


def _diagnosis(entry: dict[str, Any]) -> Diagnosis:
    return Diagnosis(_text(entry["code"]), _text(entry["message"]))


def _counterexample(entry: dict[str, Any]) -> Counterexample:
    settings = {name: _text(value) for name, value in _dict(entry["set"]).items()}
    left, right = _number(entry["left"]), _number(entry["right"])
    return Counterexample(settings, _shape(entry["index"]), left, right)


def _note(entry: dict[str, Any]) -> Note:
    return Note(_text(entry["code"]), _maybe(entry["line"], int), _text(entry["message"]))


def _error(entry: dict[str, Any]) -> ErrorEntry:
    return ErrorEntry(
        code=_text(entry["code"]),
        line=_maybe(entry["line"], int),
        column=_maybe(entry["column"], int),
        end=_maybe(entry["end"], int),
        message=_text(entry["message"]),
        hint=_text(entry["hint"]),
        excerpt=_text(entry["excerpt"]),
    )


# ---- numbers and arrays


def _number(value: Any) -> float:
    if isinstance(value, str) and value in NUMBERS:
        return NUMBERS[value]
    if isinstance(value, float | int) and not isinstance(value, bool):
        return value
    raise ValueError(f"{value!r} is not a number")


def _maybe_number(value: Any) -> float | None:
    return None if value is None else _number(value)


def _maybe_array(value: Any, shape: tuple[int, ...]) -> Any:
    return None if value is None else _array(value, shape)


def _array(value: Any, shape: tuple[int, ...]) -> Any:
    """A float, or a read-only array of this shape."""
    if not shape:
        return float(_number(value))
    import numpy as np

    items = [value]
    for side in shape:
        rows = [_list(item) for item in items]
        if any(len(row) != side for row in rows):
            raise ValueError(f"not of the shape {shape}")
        items = [item for row in rows for item in row]
    array = np.array([_number(item) for item in items], dtype=np.float64).reshape(shape)
    array.flags.writeable = False
    return array


def _shape(value: Any) -> tuple[int, ...]:
    return tuple([_typed(side, int) for side in _list(value)])


# ---- types


def _typed(value: Any, kind: type[T]) -> T:
    # bool is an int to Python, not here
    if type(value) is not kind:
        raise ValueError(f"{value!r} is not of type {kind.__name__}")
    return value


def _maybe(value: Any, kind: type[T]) -> T | None:
    return None if value is None else _typed(value, kind)


def _text(value: Any) -> str:
    return _typed(value, str)


def _list(value: Any) -> list[Any]:
    return _typed(value, list)


def _dict(value: Any) -> dict[str, Any]:
    return _typed(value, dict)


def _one_of(value: Any, literal: Any) -> Any:
    if value not in get_args(literal):
        raise ValueError(f"{value!r} is none of {get_args(literal)}")
    return value
