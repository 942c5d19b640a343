"""Random points around the file's own, on both sides of what branches.

A point is a value for each leaf that matters. Values keep their signs, so that what is defined
at the file's point (a logarithm, a root) is defined around it; a leaf of 0 may take either
sign. Where a `where`, a comparison or a kink has been seen on one side only, a point is moved
across it along the gradient.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autodiff import sweep
from autodiff.backends import eager
from autodiff.claims.world import World, evaluate, finite
from autodiff.ops.base import Op, spread, unbroadcast
from autodiff.tape import spaces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from autodiff.tape import Tape

FEW = 3  # points with which a claim is verified at least
SPREADS = (0.5, 1.0, 0.2, 0.05)  # of the logarithm of a value, in turn
ATTEMPTS = 4  # candidates for each point wanted, before the spread is narrowed
NARROWED = (1e-2, 1e-4)
LOOKING = 2_000_000  # operations, in float64
ASIDE = 1e-3  # of a kink: where a branch should be
STEPS = 8  # of a walk across a branch
SWITCHES = 24  # branches that are looked for on their other side
FIRSTS, SECONDS = 6, 6  # points across one branch, and branches that are crossed from there
AROUND = 1  # points drawn around one that was moved across a branch

Point = dict[int, Any]  # per leaf (a statement) its value, float64


class Switch(NamedTuple):
    """What decides between branches: where ``margin`` changes sign.

    node  : an operation with a kink (`abs`, `max`), or a comparison
    slots : the operand, or the two whose difference is the margin; () for a reduction, where
            the margin is how far each element is from the one that is taken
    """

    node: int
    slots: tuple[int, ...]


class Field:
    """The model as a function of its leaves, in float64: what points are looked for with.

    Attributes
    ----------
    leaves : the leaves that claims depend on
    nodes  : the tape's nodes that are evaluated, in order
    """

    def __init__(self, tape: Tape, wanted: Sequence[int], every: Sequence[int]) -> None:
        """``wanted`` are the statements that claims mention, ``every`` those to evaluate."""
        self.tape = tape
        self.nodes = live(tape, every)
        needed = set(live(tape, wanted))
        self.leaves = [s for s in tape.leaves if tape.vertex[s] in needed]
        self.wanted = wanted
        self.runs = 0
        self.own: Point = {s: tape.values[tape.vertex[s]] for s in self.leaves}
        self.constants = {n: tape.values[n] for n in self.nodes if tape.ops[n] is None}
        self.active = sweep.activity(tape, [tape.vertex[s] for s in self.leaves])
        self.switches = [s for n in sorted(needed) for s in _switches(tape, n) if self.active[n]][
            :SWITCHES
        ]

    def run(self, point: Mapping[int, Any]) -> sweep.Run:
        """All values at a point."""
        self.runs += 1
        given = self.constants | {self.tape.vertex[s]: x for s, x in point.items()}
        return evaluate(self.tape, self.nodes, given, exact=False)

    @property
    def tired(self) -> bool:
        """Whether looking for points has cost enough."""
        return self.runs * len(self.nodes) > LOOKING

    def defined(self, run: sweep.Run) -> bool:
        """Whether all that claims mention has a finite value."""
        return all(finite(run.values[self.tape.vertex[s]]) for s in self.wanted)

    def margin(self, run: sweep.Run, switch: Switch) -> Any:
        """How far a switch is from changing, signed; in the shape of the operation."""
        args = self.tape.args[switch.node]
        if not switch.slots:
            return _behind(self.tape, run, switch.node)
        xs = [run.values[args[slot]] for slot in switch.slots]
        return xs[0] if len(xs) == 1 else np.subtract(xs[0], xs[1])

    def state(self, run: sweep.Run) -> tuple[Any, ...]:
        """Which side every switch is on: equal where the model takes the same branches."""
        return tuple([np.sign(self.margin(run, s)).tobytes() for s in self.switches])


def live(tape: Tape, wanted: Sequence[int]) -> list[int]:
    """The nodes that some statements depend on, in the order of evaluation."""
    if not wanted:
        return []
    needed = bytearray(max(tape.vertex[s] for s in wanted) + 1)
    for s in wanted:
        needed[tape.vertex[s]] = 1
    for node in range(len(needed) - 1, -1, -1):
        if needed[node]:
            for arg in tape.args[node]:
                needed[arg] = 1
    return [node for node, flag in enumerate(needed) if flag]


def _switches(tape: Tape, node: int) -> Iterator[Switch]:
    op = tape.ops[node]
    if not isinstance(op, Op) or op.kink is None:
        return
    if op.weight is not None and tape.kinds[node]:
        yield Switch(node, ())
    if not op.partials:
        return
    first, *others = range(len(op.partials))
    # leaky_relu(x, slope) has its kink at x = 0, maximum(x, y) at x = y, clip two of them; and
    # x**2 has none, although x**0.5 has.
    for slots in ((first,), *((first, other) for other in others)):
        if eager.quietly(_bends, tape, node, op, slots):
            yield Switch(node, slots)


def _bends(tape: Tape, node: int, op: Op, slots: tuple[int, ...]) -> bool:
    """Whether an operation has its kink where the margin of ``slots`` is 0, and both sides.

    sqrt has a kink at 0, and nothing to the left of it.
    """
    array = spaces().array
    static = tape.static[node] or {}
    xs = [array.asarray(tape.values[n]) for n in tape.args[node]]
    edge = 0 * xs[slots[0]] + (xs[slots[1]] if len(slots) > 1 else 0.0)
    assert op.kink is not None

    def value(x: Any) -> Any:
        xs[slots[0]] = x
        return op.value(array, *xs, **static)

    if not all(eager.any_true(np.isfinite(value(edge + step))) for step in (-ASIDE, ASIDE)):
        return False
    return eager.any_true(op.kink.at(array, value(edge), *xs, **static))


def _behind(tape: Tape, run: sweep.Run, node: int) -> Any:
    """How far the elements of a reduction with ties are from its result."""
    x, static = run.values[tape.args[node][0]], tape.static[node] or {}
    axis, keepdims = static.get("axis"), static.get("keepdims", False)
    y = spread(run.spaces.array, run.values[node], np.shape(x), axis, keepdims)
    return np.subtract(x, y)


def draw(
    field: Field,
    count: int,
    rng: np.random.Generator,
    shape: Callable[[Point, np.random.Generator], Point] | None = None,
) -> list[Point]:
    """Up to ``count`` points where everything is defined, then some across branches.

    ``shape`` may give a drawn point back what is special about the file's (see `assumptions`).
    """
    found: list[Point] = []
    sides = _Sides(field)
    sides.see(field.run(field.own))
    for width in _spreads(count):
        if len(found) == count or (field.tired and len(found) >= FEW):
            break
        point = _moved(field.own, rng, width)
        if shape is not None:
            point = shape(point, rng)
        run = field.run(point)
        if field.defined(run):
            found.append(point)
            sides.see(run)
    crossed = [
        point
        for switch in field.switches
        for side in (1, -1)
        if side not in sides.seen[switch] and not field.tired
        for point in _first_across(field, [field.own, *found[:3]], switch, side, rng)
    ]
    # Across a second one from there: `abs(x) <= k` has a far side where x is negative, too.
    for start in crossed[:FIRSTS]:
        for switch in field.switches[:SECONDS]:
            if field.tired:
                break
            run = field.run(start)
            for side in {1, -1} - set(np.sign(np.ravel(field.margin(run, switch))).tolist()):
                crossed += _first_across(field, [start], switch, side, rng)
    for start in crossed:
        for width in (0.0, *SPREADS[:AROUND]):
            near = start if not width else _moved(start, rng, width)
            near = near if shape is None else shape(near, rng)
            if field.defined(field.run(near)):
                found.append(near)
    return found


def _first_across(
    field: Field, homes: Sequence[Point], switch: Switch, side: int, rng: np.random.Generator
) -> list[Point]:
    """The first point across a switch that is found from one of ``homes``, if any."""
    for start in homes:
        point = _cross(field, start, switch, side, rng)
        if point is not None and field.defined(field.run(point)):
            return [point]
    return []


def _spreads(count: int) -> Iterator[float]:
    for k in range(ATTEMPTS * count):
        yield SPREADS[k % len(SPREADS)]
    for narrow in NARROWED:
        for _ in range(count):
            yield narrow


def _moved(point: Point, rng: np.random.Generator, width: float) -> Point:
    return {s: moved(value, rng, width) for s, value in point.items()}


def moved(value: Any, rng: np.random.Generator, width: float) -> Any:
    """A value near another: its elements times a log-normal factor, zeros by a normal term."""
    if value.__class__ is float:
        noise = float(rng.standard_normal())
        return width * noise if value == 0 else value * math.exp(width * noise)
    x = np.asarray(value)
    nonzero = x[x != 0]
    size = float(np.sqrt(np.mean(nonzero**2))) if nonzero.size else 1.0
    away = rng.standard_normal(x.shape)
    return np.where(x == 0, width * size * away, x * np.exp(width * away))


class _Sides:
    """Which sides of each switch have been seen, in any element."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.seen: dict[Switch, set[int]] = {s: set() for s in field.switches}

    def see(self, run: sweep.Run) -> None:
        for switch, seen in self.seen.items():
            seen.update(np.unique(np.sign(self.field.margin(run, switch))).tolist())


def _cross(
    field: Field, start: Point, switch: Switch, side: int, rng: np.random.Generator
) -> Point | None:
    """A point where one element of a switch's margin has the sign ``side``; None if not found.

    Newton's step to the branch, and as far again: exact for a linear margin.
    """
    if not switch.slots:
        return None  # random points reorder the elements soon enough
    point = dict(start)
    for _ in range(STEPS):
        run = field.run(point)
        margin = np.asarray(field.margin(run, switch))
        if not np.isfinite(margin).all():
            return None
        if (np.sign(margin) == side).any():
            return point
        place = np.unravel_index(int(np.argmin(np.abs(margin))), margin.shape)
        slope = _slope(field, run, switch, margin.shape, place)
        steep = sum(float(np.sum(np.square(g))) for g in slope.values())
        if not 0.0 < steep < np.inf:
            return None
        gap = float(margin[place])
        target = side * max(abs(gap), 1e-3) * rng.uniform(0.3, 1.5)
        for s, g in slope.items():
            x = np.asarray(point[s]) + (target - gap) * g / steep
            point[s] = x if np.ndim(x) else float(x)
    return None


def _slope(
    field: Field, run: sweep.Run, switch: Switch, shape: tuple[int, ...], place: Any
) -> dict[int, Any]:
    """The gradient of one element of a margin by the leaves."""
    tape = field.tape
    world = World(tape, run, field.active)
    total: dict[int, Any] = {s: np.zeros(np.shape(x)) for s, x in field.own.items()}
    seed = np.zeros(shape)
    seed[place] = 1.0
    for sign, slot in zip((1.0, -1.0), switch.slots, strict=False):
        node = tape.args[switch.node][slot]
        cotangent = unbroadcast(world.m, sign * seed, np.shape(run.values[node]))
        adjoints = world.adjoints(node, cotangent if np.ndim(cotangent) else float(cotangent))
        for s in total:
            total[s] = total[s] + world.shaped(adjoints, s)
    return total
