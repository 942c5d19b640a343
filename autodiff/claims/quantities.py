"""Mistakes by a quantity of the model: a factor too few, a term left out, a constant off.

What the claim lacks is compared with what there is: names, functions of them, adjoints, and
products of two such things. It is found in float64 and confirmed in fifty digits everywhere.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import mpmath
import numpy as np

from autodiff.claims.case import written
from autodiff.report import Diagnosis
from autodiff.syntax import Derivative

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from autodiff.claims.case import Case
    from autodiff.claims.world import World

NAMES = 24  # of the model that are looked at
FOUND = 1e-9  # relative: a product of floats may be the one that is looked for
CONSTANTS = (1.0, -1.0, 2.0, 0.5, -2.0, -0.5, 3.0, 4.0, 0.25)
PAIRED = (1, -1, 2, -2)
POWERS = (*PAIRED, 3, -3)


class Quantity(NamedTuple):
    """Something that a claim may lack: how it is called, and what it is in a world.

    instead : where it is a quotient: what the claim has, and what it should have in its place
    """

    told: str
    of: Callable[[World], Any]
    instead: tuple[str, str] | None = None


def left_out(case: Case) -> Diagnosis | None:
    """A factor too few or too many: one quantity."""
    if not _comparable(case):
        return None
    for quantity in _quantities(case):
        if case.explains(_divided(quantity)):
            return Diagnosis("missing-factor", f"the factor {quantity.told} is left out")
        if case.explains(_multiplied(quantity)):
            told = quantity.told
            return Diagnosis(
                "missing-factor",
                f"the claim is {told} times the right value: 1/{told} is left out, "
                f"or {told} is too many",
            )
    return None


def proportion(case: Case) -> Diagnosis | None:
    """A constant times powers of up to two quantities is left out."""
    if not _comparable(case):
        return None
    for product in _products(case, lambda true, claimed: true / claimed):
        if case.explains(_divided(product)):
            if product.instead:
                has, meant = product.instead
                return Diagnosis("wrong-weight", f"{meant} is meant in place of {has}")
            return Diagnosis("missing-factor", f"the factor {product.told} is left out")
    return None


def term(case: Case) -> Diagnosis | None:
    """A constant, or a constant times a quantity or two, is missing from a sum."""
    if not _comparable(case):
        return None
    one = Quantity("1", lambda world: world.m.asarray(1.0))
    for quantity in (one, *_quantities(case)):
        times = _constant_times(case, quantity)
        if times is not None:
            size = mpmath.nstr(abs(times), 12, strip_zeros=True).removesuffix(".0")
            by = size if quantity is one else f"{size}·{quantity.told}"
            told = f"the claim is too {'large' if times > 0 else 'small'} by {by}"
            return Diagnosis("offset" if quantity is one else "missing-path", told)
    for product in _products(case, lambda true, claimed: true - claimed):
        if case.explains(_less(product)):
            return Diagnosis("missing-path", f"the term {product.told} is left out")
    return None


def _comparable(case: Case) -> bool:
    """Whether there are points enough that no coincidence fits them all, and one shape.

    0 is any number of quantities times what is right, none of which explains it.
    """
    true, claimed = case.sides(case.points[0])
    one_shape = np.shape(true) == np.shape(claimed)
    return len(case.points) > 1 and one_shape and not case.claims_nothing()


def _constant_times(case: Case, quantity: Quantity) -> Any:
    """claimed - true over a quantity, where that is one number everywhere."""
    found = None
    for point in case.points:
        case.ground.spend(0)
        true, claimed = case.sides(point)
        ratio = (claimed - true) * _inverse(case.world(point), quantity)
        for here in np.ravel(np.asarray(ratio, dtype=object)):
            if not mpmath.isfinite(here) or here == 0:
                return None
            if found is not None and not case.alike(here, found):
                return None
            found = here
    return found


# ---- what there is


def _quantities(case: Case) -> Iterator[Quantity]:
    """Names and functions of them, then adjoints: numbers, or in the shape of the claim."""
    shape = np.shape(case.sides(case.points[0])[0])
    tape = case.ground.tape
    fits = [s for s, own in case.ground.shapes.items() if own in {(), shape}]
    fitting = [(case.name(s), s) for s in fits[:NAMES]]
    for name, s in fitting:
        for told, function in FUNCTIONS:
            yield Quantity(told.format(name), _value(s, function))
    ends = case.ends()
    if ends is None or case.target is None or case.world(None).shape(ends[0]):
        return
    for name, s in fitting:
        if s not in ends and case.ground.active[tape.vertex[s]]:
            yield Quantity(written(Derivative(case.target.of, name, False)), _adjoint(ends[0], s))


FUNCTIONS: tuple[tuple[str, Callable[[World, Any], Any]], ...] = (
    ("{}", lambda m, v: v),
    ("{}²", lambda m, v: v * v),
    ("(1 − {}²)", lambda m, v: 1 - v * v),
    ("(1 − {})", lambda m, v: 1 - v),
    ("log({})", lambda m, v: m.m.log(v)),
    ("exp({})", lambda m, v: m.m.exp(v)),
    ("sqrt({})", lambda m, v: m.m.sqrt(v)),
)


def _value(s: int, function: Callable[[World, Any], Any]) -> Callable[[World], Any]:
    return lambda world: function(world, world.value(s))


def _adjoint(of: int, s: int) -> Callable[[World], Any]:
    return lambda world: world.derivative(of, s)


def _inverse(world: World, quantity: Quantity) -> Any:
    factor = quantity.of(world)
    return world.m.ratio(world.m.ones_like(factor), factor)


def _divided(quantity: Quantity) -> Callable[[World, Any], Any]:
    return lambda world, right: right * _inverse(world, quantity)


def _multiplied(quantity: Quantity) -> Callable[[World, Any], Any]:
    return lambda world, right: right * quantity.of(world)


def _less(quantity: Quantity) -> Callable[[World, Any], Any]:
    return lambda world, right: right - quantity.of(world)


# ---- products of two


def _products(case: Case, lack: Callable[[Any, Any], Any]) -> Iterator[Quantity]:
    """Products that may be what the claim lacks, by one element at each of two points."""
    names = list(_named(case))
    tables = []
    for point in case.points[:2]:
        found = _one_element(case, point, lack)
        if found is None:
            return
        world = case.world(point)
        values = [_float(q.of(world), found[1]) for q in names]
        tables.append((found[0], [v if math.isfinite(v) else 0.0 for v in values]))
    for told, factors in _combinations(len(names), tables):
        yield _product(told, factors, names)


def _combinations(
    count: int, tables: Sequence[tuple[float, Sequence[float]]]
) -> Iterator[tuple[float, Sequence[tuple[int, int]]]]:
    """Constants and powers whose product is what is wanted, in all tables; simple ones first."""
    columns = [(i, p) for p in POWERS for i in range(count)]
    few = len(PAIRED) * count
    alone: Any = np.ones((len(CONSTANTS), len(columns)), dtype=bool)
    paired: Any = np.ones((len(CONSTANTS), few, few), dtype=bool)
    plain = np.ones(len(CONSTANTS), dtype=bool)
    for wanted, values in tables:
        known = np.where(np.equal(values, 0.0), np.nan, values)
        powers = np.concatenate([known ** float(p) for p in POWERS])
        target = wanted / np.asarray(CONSTANTS)
        plain &= _near(1.0, target)
        alone &= _near(powers[None, :], target[:, None])
        both = powers[:few, None] * powers[None, :few]
        paired &= _near(both[None], target[:, None, None])
    for c in np.flatnonzero(plain):
        yield CONSTANTS[c], []
    for k, c in np.argwhere(alone.T):
        yield CONSTANTS[c], [columns[k]]
    for k, n, c in np.argwhere(np.moveaxis(paired, 0, -1)):
        if columns[k][0] < columns[n][0]:
            yield CONSTANTS[c], [columns[k], columns[n]]


def _near(product: Any, wanted: Any) -> Any:
    return np.abs(product - wanted) <= FOUND * np.abs(wanted)


def _product(
    constant: float, factors: Sequence[tuple[int, int]], names: Sequence[Quantity]
) -> Quantity:
    parts = [] if abs(constant) == 1 and factors else [f"{abs(constant):g}"]
    for i, power in factors:
        parts.append(names[i].told if power == 1 else f"{names[i].told}**{power}")
    told = ("−" if constant < 0 else "") + "·".join(parts)

    def of(world: World) -> Any:
        total = world.m.asarray(constant)
        for i, power in factors:
            value = names[i].of(world)
            value = value if power > 0 else world.m.ratio(world.m.ones_like(value), value)
            for _ in range(abs(power)):
                total = total * value
        return total

    instead = None
    if len(factors) == 2 and constant == 1 and factors[0][1] == -factors[1][1]:
        above, below = sorted(factors, key=lambda f: -f[1])
        raised = f"**{above[1]}" if above[1] > 1 else ""
        instead = (f"{names[below[0]].told}{raised}", f"{names[above[0]].told}{raised}")
    return Quantity(told, of, instead)


def _named(case: Case) -> Iterator[Quantity]:
    """Names alone, and 1 − x², and adjoints."""
    for quantity in _quantities(case):
        if not quantity.told.startswith(("log(", "exp(", "sqrt(")) and "²" not in quantity.told[-1]:
            yield quantity


def _one_element(
    case: Case, point: Any, lack: Callable[[Any, Any], Any]
) -> tuple[float, tuple[int, ...]] | None:
    """What the claim lacks in the first element where it lacks something."""
    true, claimed = (np.asarray(x, dtype=object) for x in case.sides(point))
    for place in np.ndindex(*true.shape):
        t, c = true[place], claimed[place]
        if t != c and c != 0:
            return float(lack(t, c)), place
    return None


def _float(value: Any, place: tuple[int, ...]) -> float:
    return float(value[place]) if np.ndim(value) else float(value)
