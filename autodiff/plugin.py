"""pytest plugin: collects ``*.grad``, one item for each gradient and each claim.

It is loaded in every run of every project that has gradpath installed, so it imports nothing
before a model file is collected, and collects none unless it is asked to: other programs keep
other things in files of that name.
"""

from __future__ import annotations

import argparse
import math
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from autodiff.checking import CheckOptions
    from autodiff.findings import Finding
    from autodiff.report import FileResult

LONGEST = 100  # characters of an item's name


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gradpath", "derivations checked by gradpath")
    group.addoption(
        "--gradpath",
        action="store_true",
        help="Collect *.grad: one item for each gradient and each claim.",
    )
    group.addoption(
        "--gradpath-strict",
        action="store_true",
        help="Fail what could not be decided, too: inexact, unchecked, undecided.",
    )
    group.addoption(
        "--gradpath-points",
        type=_count,
        metavar="N",
        help="How many random points a claim is tried at.",
    )
    group.addoption("--gradpath-seed", type=int, metavar="N", help="Seed of these points.")
    group.addoption(
        "--gradpath-rtol",
        type=_tolerance,
        metavar="X",
        help="The relative error that a claim may have.",
    )
    parser.addini("gradpath", "Collect *.grad, as with --gradpath.", type="bool", default=False)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A collector for a model file, where that is wanted."""
    if file_path.suffix != ".grad" or not _wanted(parent.config):
        return None
    found: ModelFile = ModelFile.from_parent(parent, path=file_path)
    return found


class CheckFailed(Exception):
    """A gradient or a claim failed; ``lines`` is what a person is shown."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


class Part(NamedTuple):
    """Something of a file to check: a gradient, a claim, or the model as a whole."""

    kind: Literal["gradient", "claim", "model"]
    name: str
    line: int | None


class ModelFile(pytest.File):
    """A model file. Collecting evaluates it; it is checked when the first of its items runs."""

    result: FileResult | None = None

    def collect(self) -> Iterator[ModelItem]:
        """Items for what the file says, or a single one that fails where it is no model.

        With pytest-xdist every worker collects every file, and each item runs on one of them:
        so SymPy is left to the items.
        """
        names: set[str] = set()
        counts = {"gradient": 0, "claim": 0, "model": 0}
        for part in self.parts():
            name = _unique(_short(part.name), names)
            names.add(name)
            item: ModelItem = ModelItem.from_parent(self, name=name)
            item.part, item.index = part, counts[part.kind]
            counts[part.kind] += 1
            yield item

    def parts(self) -> list[Part]:
        """What there is to check, found out without SymPy."""
        from autodiff.api import load
        from autodiff.errors import ModelErrors

        with _quiet():
            try:
                program = load(shown(self.path))
                report = program.gradient(paths=None, check=False, claims=False)
            except ModelErrors as error:
                span = error.problems[0].span
                return [Part("model", "model", span.line if span else None)]
        of, gradients = report.output, report.gradients.values()
        parts = [Part("gradient", f"d{of}/d{g.name}", g.line) for g in gradients]
        claims = program.model.claims
        parts += [Part("claim", f"line {c.line}: {c.text}", c.line) for c in claims]
        if not math.isfinite(report.value):
            parts.append(Part("model", "model", None))
        return parts

    def check(self) -> list[Finding]:
        """What the file's one check found."""
        from autodiff.checking import check_file
        from autodiff.findings import findings
        from autodiff.work import Task, attempt

        if self.result is None:
            with _quiet():
                task = Task(shown(self.path))
                self.result = attempt(task, options(self.config), check_file).result
        return findings(self.result)


class ModelItem(pytest.Item):
    """One gradient or claim; or the model as a whole, where it has errors.

    part, index : which of the file's findings it stands for
    """

    parent: ModelFile
    part: Part
    index: int

    def runtest(self) -> None:
        """Raise `CheckFailed` where the finding fails, or the check came to no end."""
        from autodiff.findings import describe, fails

        found = self.parent.check()
        errors = [finding for finding in found if finding.kind == "error"]
        mine = [finding for finding in found if finding.kind == self.part.kind]
        # A check that was broken off has errors, and no finding for this item.
        mine = mine[self.index : self.index + 1] or errors
        strict = options(self.config).strict
        failing = [finding for finding in mine if fails(finding, strict=strict)]
        if failing:
            raise CheckFailed([line for finding in failing for line in describe(finding)])
        if not mine:
            raise CheckFailed([f"{shown(self.path)}: the check says nothing about {self.name}"])
        if mine[0].outcome == "doubtful":
            self.add_report_section("call", "gradpath", "\n".join(describe(mine[0])))

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: object = None,  # of tracebacks, of which there is none
    ) -> str:
        """A failed check as `gradpath check` shows it, without a traceback."""
        if isinstance(excinfo.value, CheckFailed):
            return "\n".join(excinfo.value.lines)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the item stands; pytest counts lines from 0."""
        return self.path, None if self.part.line is None else self.part.line - 1, self.name


def options(config: pytest.Config) -> CheckOptions:
    """What the command line asks for; the rest as in `gradpath check`."""
    from autodiff.checking import CheckOptions

    given = {
        name: config.getoption(f"gradpath_{name}") for name in ("points", "seed", "rtol", "strict")
    }
    known = {name: value for name, value in given.items() if value is not None}
    return CheckOptions()._replace(**known)


def shown(path: Path) -> str:
    """``path`` as it is said from the current folder."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _wanted(config: pytest.Config) -> bool:
    return bool(config.getoption("gradpath") or config.getini("gradpath"))


def _quiet() -> warnings.catch_warnings[None]:
    # A project that makes warnings errors means its own, not those of the check's libraries.
    return warnings.catch_warnings(action="ignore")


def _short(text: str) -> str:
    from autodiff.source import printable

    text = printable(" ".join(text.split()))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _unique(name: str, names: set[str]) -> str:
    """``name``, or ``name (2)`` where it is taken: --last-failed goes by names."""
    count, free = 1, name
    while free in names:
        count += 1
        free = f"{name} ({count})"
    return free


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of points")
    return int(text)


def _tolerance(text: str) -> float:
    value = float(text)
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a relative error from 0 to 1")
    return value
