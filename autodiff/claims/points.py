"""Random points around the file's own, on both sides of what branches.

A point is a value for each leaf that matters. Values keep their signs, so that what is defined
at the file's point (a logarithm, a root) is defined around it; a leaf of 0 may take either
sign. Where a `where`, a comparison or a kink has been seen on one side only, a point is moved
across it along the gradient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autodiff import sweep
from autodiff.claims.world import World, evaluate, finite
from autodiff.ops.base import Op, unbroadcast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from autodiff.tape import Tape

SPREADS = (0.5, 1.0, 0.2, 0.05)  # of the logarithm of a value, in turn
ATTEMPTS = 4  # candidates for each point wanted, before the spread is narrowed
NARROWED = (1e-2, 1e-4)
STEPS = 8  # of a walk across a branch
CROSSINGS = 24  # branches that are looked for on their other side

Point = dict[int, Any]  # per leaf (a statement) its value, float64


class Switch(NamedTuple):
    """What decides between branches: where ``margin`` changes sign.

    node  : an operation with a kink (`abs`), or a comparison
    slots : the operand, or the two whose difference is the margin
    """

    node: int
    slots: tuple[int, ...]


class Field:
    """The model as a function of its leaves, in float64: what points are looked for with.

    Attributes
    ----------
    leaves : the leaves that claims depend on
    nodes  : the tape's nodes that claims depend on, in order
    """

    def __init__(self, tape: Tape, wanted: Sequence[int]) -> None:
        """``wanted`` are the statements that claims mention."""
        self.tape = tape
        self.nodes = live(tape, wanted)
        needed = set(self.nodes)
        self.leaves = [s for s in tape.leaves if tape.vertex[s] in needed]
        self.wanted = wanted
        self.own: Point = {s: tape.values[tape.vertex[s]] for s in self.leaves}
        self.constants = {n: tape.values[n] for n in self.nodes if tape.ops[n] is None}
        self.active = sweep.activity(tape, [tape.vertex[s] for s in self.leaves])
        self.switches = [s for n in self.nodes for s in _switches(tape, n) if self.active[n]]

    def run(self, point: Mapping[int, Any]) -> sweep.Run:
        """All values at a point."""
        given = self.constants | {self.tape.vertex[s]: x for s, x in point.items()}
        return evaluate(self.tape, self.nodes, given, exact=False)

    def defined(self, run: sweep.Run) -> bool:
        """Whether all that claims mention has a finite value."""
        return all(finite(run.values[self.tape.vertex[s]]) for s in self.wanted)

    def margin(self, run: sweep.Run, switch: Switch) -> Any:
        """How far a switch is from changing, signed; in the shape of the operation."""
        args = self.tape.args[switch.node]
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
    if not isinstance(op, Op) or op.kink is None or not op.partials:
        return
    first, *others = range(len(op.partials))
    if not others:
        yield Switch(node, (first,))
    for other in others:  # clip has two thresholds
        yield Switch(node, (first, other))


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
    for spread in _spreads(count):
        if len(found) == count:
            break
        point = _moved(field, rng, spread)
        if shape is not None:
            point = shape(point, rng)
        run = field.run(point)
        if field.defined(run):
            found.append(point)
            sides.see(run)
    for switch, side in sides.missing():
        for start in (field.own, *found[:3]):
            crossed = _cross(field, start, switch, side, rng)
            if crossed is not None and shape is not None:
                crossed = shape(crossed, rng)
            if crossed is not None and field.defined(field.run(crossed)):
                found.append(crossed)
                sides.see(field.run(crossed))
    return found


def _spreads(count: int) -> Iterator[float]:
    for k in range(ATTEMPTS * count):
        yield SPREADS[k % len(SPREADS)]
    for narrow in NARROWED:
        for _ in range(count):
            yield narrow


def _moved(field: Field, rng: np.random.Generator, spread: float) -> Point:
    return {s: moved(value, rng, spread) for s, value in field.own.items()}


def moved(value: Any, rng: np.random.Generator, spread: float) -> Any:
    """A value near another: its elements times a log-normal factor, zeros by a normal term."""
    x = np.asarray(value)
    away = x[x != 0]
    size = float(np.sqrt(np.mean(away**2))) if away.size else 1.0
    noise = rng.standard_normal(x.shape)
    out = np.where(x == 0, spread * size * noise, x * np.exp(spread * noise))
    return out if x.ndim else float(out)


class _Sides:
    """Which sides of each switch have been seen, in any element."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.seen: dict[Switch, set[int]] = {s: set() for s in field.switches[:CROSSINGS]}

    def see(self, run: sweep.Run) -> None:
        for switch, seen in self.seen.items():
            seen.update(np.unique(np.sign(self.field.margin(run, switch))).tolist())

    def missing(self) -> Iterator[tuple[Switch, int]]:
        for switch, seen in self.seen.items():
            for side in (1, -1):
                if side not in seen:
                    yield switch, side


def _cross(
    field: Field, start: Point, switch: Switch, side: int, rng: np.random.Generator
) -> Point | None:
    """A point where one element of a switch's margin has the sign ``side``; None if not found.

    Newton's step to the branch, and as far again: exact for a linear margin.
    """
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
