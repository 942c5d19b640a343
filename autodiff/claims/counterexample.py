"""Finds a point where a claim fails that a person can type: the file's, with few names changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autodiff.report import Counterexample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autodiff.claims.points import Point
    from autodiff.claims.sheet import Sheet
    from autodiff.claims.trial import Ground, Seen

SIMPLE = (2.0, 3.0, 1.0, 0.5, -1.0, -2.0, 5.0, 10.0, 0.1)
VISIBLE = 1e-3  # relative: a difference that is seen in a few digits
ELEMENTS = 64  # of an array that a person would retype
TRIES = 60
AFFORDABLE = 200_000  # operations on numbers that all of them may cost


def find(ground: Ground, sheet: Sheet, failing: Point, seen: Seen) -> Counterexample:
    """The simplest point found where the sides differ; at worst the one they were seen to."""
    best: Counterexample | None = None
    for point in _candidates(ground, failing):
        found = ground.see(sheet, point)
        ground.forget(point)
        if found.outcome != "different":
            continue
        example = _written(ground, point, found)
        if abs(found.left - found.right) > VISIBLE * max(abs(found.left), abs(found.right)):
            return example
        best = best or example
    return best or _written(ground, failing, seen)


def here(seen: Seen) -> Counterexample:
    """The file's own point."""
    return Counterexample({}, seen.index, seen.left, seen.right)


def _candidates(ground: Ground, failing: Point) -> Iterator[Point]:
    field = ground.field
    tried, most = 0, min(TRIES, AFFORDABLE // max(1, ground.cost))
    for leaf, own in field.own.items():
        for value in _simple(own):
            tried += 1
            if tried > most:
                break
            point = {**field.own, leaf: value}
            if field.defined(field.run(point)):
                yield point
    rounded = {leaf: _rounded(x) for leaf, x in failing.items()}
    if field.defined(field.run(rounded)):
        yield rounded


def _simple(own: Any) -> Iterator[Any]:
    if not np.ndim(own):
        yield from (x for x in SIMPLE if x != own)
        return
    if own.size > ELEMENTS:
        return
    counting = np.arange(1.0, own.size + 1)
    yield counting.reshape(own.shape)
    yield counting[::-1].reshape(own.shape)
    yield (counting * np.where(np.arange(own.size) % 2, -1.0, 1.0)).reshape(own.shape)
    yield -counting.reshape(own.shape)


def _rounded(x: Any) -> Any:
    """To two significant digits."""
    rounded = np.vectorize(lambda v: float(f"{v:.2g}"), otypes=[float])(x)
    return rounded if np.ndim(x) else float(rounded)


def _written(ground: Ground, point: Point, seen: Seen) -> Counterexample:
    changed = {
        ground.tape.model.statements[leaf].name: literal(x)
        for leaf, x in point.items()
        if not np.array_equal(x, ground.field.own[leaf])
    }
    return Counterexample(changed, seen.index, seen.left, seen.right)


def literal(value: Any) -> str:
    """A value as an expression of the language."""
    if np.ndim(value):
        return f"[{', '.join(map(literal, value))}]"
    x = float(value)
    return str(int(x)) if x.is_integer() and abs(x) < 1e15 else repr(x)
