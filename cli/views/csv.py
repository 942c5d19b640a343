"""CSV: one row per element of each gradient, for spreadsheets and awk."""

from __future__ import annotations

import csv
import io
from itertools import product
from typing import TYPE_CHECKING, Any

from autodiff.report import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autodiff.report import Array, Gradient, Report

COLUMNS = (
    *("model", "output", "name", "index", "value"),
    *("verdict", "error", "paths", "sum", "absolute_sum"),
)


def render(report: Report) -> str:
    """A header, then a row per element; ``index`` is empty for scalars, ``[i, j]`` for arrays."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    start = [text(report.model), text(report.output)]
    for gradient in report.gradients.values():
        writer.writerows([*start, text(gradient.name), *row] for row in _rows(gradient))
    return out.getvalue()


def text(value: str) -> str:
    """``value`` as a cell no spreadsheet takes for a formula, on one line."""
    from autodiff.source import printable

    value = printable(value)
    return "'" + value if value[:1] in ("=", "+", "-", "@") else value


def _rows(gradient: Gradient) -> Iterator[list[Any]]:
    check, paths = gradient.check, gradient.paths
    verdict = [check.verdict, plain(check.error)] if check else ["unchecked", None]
    count = None
    if paths is not None:
        count = paths.count if paths.count is not None else f"1e{paths.exponent}"
    values = _elements(gradient.value, gradient.shape)
    sums = _elements(paths.sum if paths else None, gradient.shape)
    absolute = _elements(paths.absolute_sum if paths else None, gradient.shape)
    places = product(*map(range, gradient.shape))
    for place, value, total, size in zip(places, values, sums, absolute, strict=True):
        index = str(list(place)) if gradient.shape else ""
        yield [index, value, *verdict, count, total, size]


def _elements(value: Array | None, shape: tuple[int, ...]) -> Iterator[Any]:
    """The elements in the order of their indices; a number stands for all of them."""
    items = plain(value)
    if not isinstance(items, list):
        return iter([items] * _size(shape))
    for _ in shape[1:]:
        items = [item for row in items for item in row]
    return iter(items)


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for n in shape:
        size *= n
    return size
