"""What is done with a fuzzed text, and what must come of it: a result or a clean error.

`parser` reads and records a model. `grad` runs the command on it, in this process. Any exception
but the errors of the contract, any exit code but 0, 1 and 2, a traceback, a NaN that agrees, or a
run longer than `SLOW` seconds is a bug; `Slow` says so of the last.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click.testing

import autodiff
from cli.main import gradpath

CORPUS = Path(__file__).parent / "corpus"
SLOW = 20.0  # seconds of the processor, which a busy machine does not lengthen
CODES = {0, 1, 2}


class Slow(Exception):
    """An input took longer than `SLOW`."""


def parser(text: str) -> None:
    """A model, or ModelErrors with a place for each of them."""
    problems = []
    try:
        autodiff.loads(text)
    except autodiff.ModelErrors as errors:
        problems = errors.problems
    assert all(problem.message and problem.code for problem in problems)


def grad(text: str) -> None:
    """One JSON object, an exit code of the contract, and no verdict that cannot be."""
    started = time.process_time()
    call = ["grad", "-", "--format", "json", "--paths", "3"]
    result = click.testing.CliRunner().invoke(gradpath, call, input=text.encode("utf-8", "replace"))
    assert result.exit_code in CODES, (result.exit_code, result.output[-2000:])
    report = json.loads(result.stdout, parse_constant=_no_constant)
    assert report["status"] == {0: "ok", 1: "failed", 2: "error"}[result.exit_code]
    for gradient in report.get("gradients", {}).values():
        if gradient["check"]["verdict"] == "agrees":
            assert all(map(math.isfinite, numbers(gradient["value"])))
    took = time.process_time() - started
    if took > SLOW:
        raise Slow(f"{took:.1f} s")


def _no_constant(name: str) -> float:
    raise AssertionError(f"{name} is no JSON")


def numbers(value: object) -> Iterator[float]:
    """The numbers of nested lists; "nan" and "inf" are texts in a report."""
    if isinstance(value, list):
        for item in value:
            yield from numbers(item)
    else:
        assert isinstance(value, float | int | str)
        yield float(value)


TARGETS: dict[str, Callable[[str], None]] = {"parser": parser, "grad": grad}


def corpus() -> list[str]:
    """The texts to start from: what was found before, and models of every kind."""
    samples = Path(__file__).parents[2] / "samples"
    files = [*sorted(CORPUS.glob("*.grad")), *sorted(samples.rglob("*.grad"))]
    return [file.read_text(encoding="utf-8", errors="replace") for file in files]
