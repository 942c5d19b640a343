"""Runs `gradpath report`: one model to one page, many to a folder of pages and an index."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import autodiff
from autodiff.checking import entries
from autodiff.errors import ModelErrors, UsageError
from autodiff.files import reason
from autodiff.report import ErrorEntry
from autodiff.selection import STDIN, SUFFIX, Selection, select
from cli.collector import uncollected
from cli.outputs import File, result
from cli.progress import watch
from cli.views import page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.overview import Overview
    from autodiff.report import Report
    from cli.boundary import Call

ONE = {"of": "--of", "wrt": "--wrt", "assignments": "--set", "values": "--values"}
INDEX = "index.html"


class Entry(NamedTuple):
    """One model in the index: its page and what it says, or why there is none."""

    name: str
    page: str
    report: Report | None
    errors: tuple[ErrorEntry, ...] = ()


def run(call: Call, files: Sequence[str], output: str | None, request: dict[str, Any]) -> int:
    """Write the page of a model, or the pages of many; the exit code."""
    if not files:
        raise UsageError(
            "name a model, or a folder of them", "gradpath report MODEL -o report.html"
        )
    if len(files) == 1 and (files[0] == STDIN or not os.path.isdir(files[0])):
        return _one(call, files[0], output, request)
    chosen = select(files)
    return _many(call, files, chosen, output, request)


def _one(call: Call, model: str, output: str | None, request: dict[str, Any]) -> int:
    if output is None and sys.stdout.isatty():
        raise UsageError("a page is for a browser: name a file for it", "-o report.html")
    if output is not None and os.path.isdir(output):
        raise UsageError(f"--output: {output!r} is a folder", "name a file: -o report.html")
    call.model = model
    with result(output) as write, watch() as progress:
        found = _overview(call, model, request, progress)
        call.code = _code(found.derivation.report)
        write(page.render(found))
    return call.code


def _overview(call: Call, model: str, request: dict[str, Any], progress: Any) -> Overview:
    asked = dict(request)
    load = {name: asked.pop(name) for name in ("values", "claims", "limits")}
    with uncollected():
        program = autodiff.load(model, set=asked.pop("assignments"), **load)
        call.kept = program
        return program.overview(**asked, progress=progress)


def _code(report: Report) -> int:
    return 0 if report.status == "ok" else 1


# ---- many


def _many(
    call: Call,
    named: Sequence[str],
    chosen: Selection,
    output: str | None,
    request: dict[str, Any],
) -> int:
    given = [option for name, option in ONE.items() if request[name]]
    if given or request["claims"]:
        raise UsageError(f"{(given or ['--claims'])[0]} is for one model")
    if output is None or output == "-":
        raise UsageError("the pages of several models go to a folder: name it", "-o pages/")
    if not chosen.files:
        raise UsageError(f"no *{SUFFIX} file in {', '.join(named)}")
    folder = _folder(output)
    places = _places(chosen.files)
    listed: list[Entry] = []
    # The index is opened first: a folder that cannot be written to is told before the work.
    with File(os.path.join(folder, INDEX), "--output") as index, watch() as progress:
        for path in chosen.files:
            if progress is not None:
                progress("writing pages", len(listed), len(chosen.files))
            listed.append(_entry(call, path, chosen.problems.get(path), places, folder, request))
        index.write(page.index(listed))
    call.code = max((_entry_code(entry) for entry in listed), default=0)
    _tell(listed)
    return call.code


def _entry(
    call: Call,
    path: str,
    problem: str | None,
    places: dict[str, str],
    folder: str,
    request: dict[str, Any],
) -> Entry:
    """Write the page of one model among many; what is wrong with it keeps no other from its own."""
    name = "<stdin>" if path == STDIN else path
    if problem is not None:
        return Entry(name, "", None, (ErrorEntry("load", None, None, None, problem, ""),))
    try:
        found = _overview(call, path, request, None)
    except ModelErrors as error:
        return Entry(name, "", None, entries(error))
    place = places[path]
    target = os.path.join(folder, *place.split("/"))
    _folder(os.path.dirname(target))
    depth = place.count("/")
    with File(target, "--output") as file:
        file.write(page.render(found, up="../" * depth + INDEX))
    return Entry(name, place, found.derivation.report)


def _folder(path: str) -> str:
    try:
        os.makedirs(path, exist_ok=True)
    except (OSError, ValueError) as error:
        raise UsageError(f"--output: cannot make the folder {path!r}: {reason(error)}") from error
    return path


def _places(files: Sequence[str]) -> dict[str, str]:
    """Per model the place of its page below the folder, as an address: no two the same."""
    real = {path: os.path.realpath(path) for path in files if path != STDIN}
    top = os.path.commonpath([os.path.dirname(path) for path in real.values()]) if real else ""
    taken = {INDEX}
    places = {}
    for path in files:
        inside = os.path.relpath(real[path], top) if path in real else "stdin"
        parts = inside.split(os.sep)
        parts[-1] = parts[-1].removesuffix(SUFFIX)
        base = "/".join(parts)
        place, k = f"{base}.html", 1
        while place.casefold() in taken:
            k += 1
            place = f"{base}-{k}.html"
        taken.add(place.casefold())
        places[path] = place
    return places


def _entry_code(entry: Entry) -> int:
    return 2 if entry.report is None else _code(entry.report)


def _tell(listed: Sequence[Entry]) -> None:
    """What is wrong with models that have no page, on stderr."""
    from autodiff.source import printable
    from cli.terminal import tolerant

    stream = tolerant(sys.stderr)
    for entry in listed:
        for error in entry.errors:
            stream.write(f"{error.excerpt or printable(f'{entry.name}: {error.message}')}\n")
