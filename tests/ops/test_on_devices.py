"""Every row on a device gives what it gives on NumPy: value, rules, domain and kinks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cases.floats import NASTY
from row_cases import CASES, DATA

from autodiff.backends import array
from autodiff.backends.device import Device
from autodiff.ops import TABLE, base
from autodiff.ops.base import ANY

EPSILON = {"float64": 2.0**-52, "float32": 2.0**-23}
# Of many roundings on the way; a library's own functions differ by some more.
ROUNDINGS = 4000
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)


class Side:
    """A namespace beside NumPy's: the same call on both, and the same result of both."""

    def __init__(self, library: Any, dtype: str = "float64") -> None:
        self.library, self.m, self.dtype = library, Device(library, dtype), dtype

    def up(self, xs: Any) -> list[Any]:
        return [None if x is None else self.m.asarray(np.asarray(x)) for x in xs]

    def same(self, found: Any, wanted: Any, scale: Any = 1.0) -> None:
        if self.m.here(found):
            found = self.library.fetch(found)
        assert np.shape(found) == np.shape(wanted)
        close = ROUNDINGS * EPSILON[self.dtype]
        scale = np.max(np.abs(scale), initial=1.0)
        np.testing.assert_allclose(found, wanted, rtol=close, atol=close * scale)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@every_case
def test_values_and_rules(case: Any, library: Any, rng: np.random.Generator) -> None:
    side, op, static = Side(library), case.op, case.static
    m = side.m
    with np.errstate(all="ignore"):
        xs, theirs = [array.asarray(x) for x in case.xs], side.up(case.xs)
        y, on_device = op.value(array, *xs, **static), op.value(m, *theirs, **static)
        side.same(on_device, y)
        if op.kink is not None:
            at = op.kink.at(array, y, *xs, **static)
            side.same(op.kink.at(m, on_device, *theirs, **static), at)
        if op.domain is not None:
            side.same(op.domain.test(m, *theirs, **static), op.domain.test(array, *xs, **static))
        seed = rng.standard_normal(np.shape(y))
        dxs = [rng.standard_normal(np.shape(x)) for x in xs]
        ((up,), dups) = side.up([seed]), side.up(dxs)
        wanted = base.push(op, array, [array.asarray(dx) for dx in dxs], y, xs, static)
        side.same(base.push(op, m, dups, on_device, theirs, static), wanted, y)
        ones, ones_there = array.ones_like(y), m.ones_like(on_device)
        for slot in range(len(xs)):
            for rule in (base.pull, base.bound):
                given, there = (seed, up) if rule is base.pull else (np.abs(seed), m.abs(up))
                wanted = rule(op, array, array.asarray(given), y, xs, slot, static)
                side.same(rule(op, m, there, on_device, theirs, slot, static), wanted, wanted)
            wanted = base.touch(op, array, ones, y, xs, slot, static)
            side.same(
                base.touch(op, m, ones_there, on_device, theirs, slot, static), wanted, wanted
            )


@every_case
def test_float32_stays_float32(case: Any, library: Any) -> None:
    side = Side(library, "float32")
    m, theirs = side.m, side.up(case.xs)
    y = case.op.value(m, *theirs, **case.static)
    found = [y]
    for slot in range(len(theirs)):
        seed = m.ones_like(y)
        found.append(base.pull(case.op, m, seed, y, theirs, slot, case.static))
    for value in found:
        assert not m.here(value) or value.dtype == m.real


@pytest.mark.parametrize(
    ("name", "static", "wanted"),
    [(name, *row) for name, rows in DATA.items() for row in rows],
)
def test_constructors_are_numpys_to_the_last_digit(
    name: str, static: Any, wanted: Any, library: Any
) -> None:
    found = TABLE[name].value(Device(library), **static)
    if Device(library).here(found):
        found = library.fetch(found)
    np.testing.assert_array_equal(found, TABLE[name].value(array, **static))
    assert np.shape(found) == np.shape(wanted)


ELEMENTWISE = [op for op in TABLE.values() if op.elementwise]


@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
def test_nasty_points(op: Any, library: Any) -> None:
    """Also beside every other: overflow, poles, signed zeros, infinities, NaN."""
    side = Side(library)
    grids = np.meshgrid(*[NASTY] * min(len(op.partials), 2))
    xs = [g.ravel() for g in grids] + [np.ones(grids[0].size)] * (len(op.partials) - len(grids))
    if op.name in {"beta", "lbeta"}:  # asked for positive operands only
        xs = [np.where(x > 0, x, ANY.high) for x in xs]
    with np.errstate(all="ignore"):
        theirs = side.up(xs)
        y, on_device = op.value(array, *xs), op.value(side.m, *theirs)
        side.same(on_device, y)
        for partial in op.partials:
            wanted = np.broadcast_to(partial(array, y, *xs), np.shape(y))
            found = side.m.broadcast_to(partial(side.m, on_device, *theirs), np.shape(y))
            side.same(found, wanted)
