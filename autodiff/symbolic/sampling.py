"""SymPy's word on arrays too large to expand: the adjoint equation, at a sample of elements.

The reverse sweep claims of every node x that is used by the nodes c

    x̄[e]  =  Σ_c Σ_j  c̄[j] · ∂c[j]/∂x[e]

If that holds for all elements of all nodes, and every value is what its operation says, then
the gradient is right. Here both are checked at a sample of the elements of *every* node between
the leaves and the output: the sweep's own cotangents c̄ and the tape's own values are taken as
the exact numbers they are, the partials are SymPy's (`cone`), in high precision, and the sum is
compared with what the sweep has. So a wrong rule is met where it stands, whatever the size of
the model, at a cost that is linear in the number of nodes.

Why not the whole model, for a few elements of the leaf? Because a single weight of a network
reaches every later neuron: in high precision that is the model again, minutes for each element.

What no such check can see is how rounding adds up from node to node: `replay.varied` does.
The sample is the same in every run: see `picked`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from mpmath import libmp, mp
from mpmath.libmp import fone

from autodiff import sweep
from autodiff.backends import mp as mp_space
from autodiff.ops import base
from autodiff.symbolic.chain import Graph, adjoints
from autodiff.symbolic.cone import WIDE, Cone
from autodiff.symbolic.places import reach
from autodiff.symbolic.raw import Beyond, Trouble
from autodiff.symbolic.sums import exact, products

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from autodiff.tape import Tape

DIGITS = 30
ELEMENTS = 64  # of each node's adjoint, and fewer where one of them takes many partials
VALUES = 4  # of each node's value
SHARE = 200_000  # partials, shared out among the nodes
SINGLE = 100_000  # partials that one element may take
NODES = 20_000  # nodes between leaves and output
COLUMN = 16  # of very many dependents of one element, so many are looked at
COST = 16  # dependents that are summed exactly cost one partial
ROUNDING = 256  # rounding errors on the scale of the sum, besides one for each of its terms
SAME = 1e-20  # relative: two results in high precision agree
EPSILON = 2.0**-52


class Fault(NamedTuple):
    """Where the tape and SymPy differ by more than rounding: ``node[place]``.

    ``digits`` is 0 for a wrong rule; else the rule is right with more digits than float64 has,
    and so many are lost.
    """

    node: int
    place: tuple[int, ...]
    what: str  # "adjoint" or "value"; "slope" of the node ``user`` by this one
    found: float
    wanted: Any
    digits: float = 0.0
    user: int = -1


class Sampled(NamedTuple):
    """What a sample of every node tells.

    places  : per node, the places of its adjoint that were compared
    errors  : per node, the largest |difference| among them
    faults  : per node, the first that was more than rounding, from the output on
    reasons : per node of whose adjoint nothing is known, why
    unvalued: per node of whose value nothing is known, why
    """

    places: dict[int, tuple[int, ...]]
    errors: dict[int, float]
    faults: dict[int, Fault]
    reasons: dict[int, str]
    unvalued: dict[int, str]


def sampled(
    tape: Tape,
    run: sweep.Run,
    of: int,
    active: Sequence[int],
    found: Sequence[Any],
    masks: Mapping[int, Any] | None = None,
) -> Sampled:
    """Check the adjoints ``found`` (see `sweep.reverse`) of the node ``of`` at a sample."""
    return _Sampler(tape, run, of, active, found, masks).all()


class _Sampler:
    def __init__(
        self,
        tape: Tape,
        run: sweep.Run,
        of: int,
        active: Sequence[int],
        found: Sequence[Any],
        masks: Mapping[int, Any] | None,
    ) -> None:
        self.tape, self.run, self.of = tape, run, of
        self.active, self.found, self.masks = active, found, masks
        self.live = sweep.ancestors(tape, of)
        self.users: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for node in self.live:
            op = tape.ops[node]
            if op is None or found[node] is None:
                continue
            for slot, arg in enumerate(tape.args[node]):
                if active[arg] and not (op.selects and slot == 0):
                    self.users[arg].append((node, slot))
        self.share = max(1, SHARE // max(1, len(self.live)))
        self.out = Sampled({}, {}, {}, {}, {})

    def all(self) -> Sampled:
        """Every node."""
        out = self.out
        if len(self.live) > NODES:
            reason = f"{len(self.live):,} operations are too many"
            return out._replace(reasons=dict.fromkeys(self.live, reason))
        with np.errstate(all="ignore"):
            for node in reversed(self.live):
                for check, reasons in ((self.adjoint, out.reasons), (self.value, out.unvalued)):
                    try:
                        check(node)
                    except Trouble as trouble:
                        reasons[node] = trouble.reason
                    except RecursionError:  # the elimination of 120 rows: elements of elements
                        reasons[node] = "its elements come of too many steps one after another"
        return out

    # ---- one node

    def adjoint(self, node: int) -> None:
        """The adjoint equation of one node."""
        if node == self.of or self.found[node] is None:
            return
        value = np.asarray(self.tape.values[node])
        have = np.broadcast_to(np.asarray(self.found[node], dtype=float), value.shape).ravel()
        scale, terms = self.scale(node, value)
        budget, places, error, reason = self.share, [], 0.0, ""
        for place in picked(have):
            equation = _Equation(self, SINGLE)
            for user, slot in self.users[node]:
                equation.use(user, slot, place)
            if equation.fault is not None:
                self.out.faults[node] = equation.fault
                break
            want = equation.solve()
            if isinstance(want, Trouble):  # a kink of no consequence, a pole under a mask
                reason = want.reason
                continue
            places.append(place)
            error = max(error, abs(float(have[place] - want)))
            if self.differ(node, "adjoint", place, have, want, float(scale[place]), terms):
                break
            budget -= equation.cost
            if budget <= 0:
                break
        if places or not have.size:
            self.out.places[node], self.out.errors[node] = tuple(places), error
        elif node not in self.out.faults:
            self.out.reasons[node] = reason

    def value(self, node: int) -> None:
        """The value of one node, from those of its operands."""
        tape, op = self.tape, self.tape.ops[node]
        if op is None or not tape.args[node]:
            return
        have = np.asarray(tape.values[node]).ravel()
        xs = [tape.values[n] for n in tape.args[node]]
        terms = max(np.size(x) for x in xs)
        budget = self.share
        for place in picked(have)[:VALUES]:
            if budget <= 0 or not math.isfinite(have[place]):
                continue
            cone = Cone(Graph(), SINGLE)
            row = cone.row(op, [cone.given(x) for x in xs], tape.static[node] or {})
            (element,) = row.elements(np.array([place]), True).tolist()
            want = solved(cone, cone.valued(element))
            budget -= len(cone.graph.applications)
            if isinstance(want, Trouble) or not beyond(have[place], want, 0.0, 0.0, terms):
                continue
            scale = self.condition(node, place)
            if self.differ(node, "value", place, have, want, scale, terms):
                return

    def differ(
        self, node: int, what: str, place: int, have: Any, want: Any, scale: float, terms: int
    ) -> bool:
        """Whether an element is wrong; noted as a fault."""
        got = float(have[place])
        if not beyond(got, want, scale, float(np.max(np.abs(have))), terms):
            return False
        at = tuple(map(int, np.unravel_index(place, np.shape(self.tape.values[node]))))
        digits = 0.0
        if what == "adjoint" and self.right(node, place, want):
            relative = abs(float((want - got) / want)) if want else math.inf
            digits = min(16.0, max(0.1, math.log10(relative / EPSILON)))
        self.out.faults[node] = Fault(node, at, what, got, want, digits)
        return True

    def right(self, node: int, place: int, want: Any) -> bool:
        """Whether the rules themselves give ``want``, run in high precision at this element.

        Asked where all that uses the node is elementwise: there one element needs no others.
        """
        total = mp.mpf(0)
        with mp.workdps(2 * DIGITS):
            for user, slot in self.users[node]:
                op, y, xs = self.operands(user)
                at = reach(np.array([place]), xs[slot].shape, y.shape)
                if not op.partials or at.size > WIDE:
                    return False
                seeds = np.broadcast_to(np.asarray(self.found[user], dtype=float), y.shape)
                for k in at[seeds.ravel()[at] != 0].tolist():
                    cut = [mp.mpf(float(np.broadcast_to(x, y.shape).flat[k])) for x in xs]
                    slope = op.partials[slot](mp_space, op.value(mp_space, *cut), *cut)
                    total += mp.mpf(float(seeds.flat[k])) * slope
            return bool(abs(total - want) <= SAME * abs(want))

    # ---- how much rounding is allowed

    def scale(self, node: int, value: Any) -> tuple[Any, int]:
        """Per element the sum of |c̄·∂c/∂x|, and how many terms there are at most."""
        total, terms = np.zeros(value.shape), 0
        for user, slot in self.users[node]:
            op, y, xs = self.operands(user)
            seed = np.abs(np.asarray(self.found[user], dtype=float))
            static = self.tape.static[user]
            bound = sweep.bound(
                op, self.run.spaces.array, seed, y, xs, slot, static, self.masks, user
            )
            total = total + bound
            terms = max(terms, y.size, *(x.size for x in xs))
        total = np.where(np.isfinite(total), total, 0.0)
        return np.broadcast_to(total, value.shape).ravel(), terms

    def condition(self, node: int, place: int) -> float:
        """The sum of |∂y/∂x·x| over all operands: what one rounding of each does to y."""
        op, y, xs = self.operands(node)
        seed = np.zeros(y.shape)
        seed.flat[place] = 1.0
        total = 0.0
        for slot, x in enumerate(xs):
            if op.differentiable and not (op.selects and slot == 0):
                array, static = self.run.spaces.array, self.tape.static[node]
                pulled = sweep.bound(op, array, seed, y, xs, slot, static, None, node)
                total += float(np.sum(pulled * np.abs(x)))
        return total if math.isfinite(total) else 0.0

    def operands(self, node: int) -> tuple[Any, Any, list[Any]]:
        op, values = self.tape.ops[node], self.tape.values
        assert op is not None
        xs = [np.asarray(values[n]) for n in self.tape.args[node]]
        return op, np.asarray(values[node]), xs


class _Equation:
    """The right-hand side of one adjoint equation, as a graph whose one free element is x[e]."""

    def __init__(self, sampler: _Sampler, limit: int) -> None:
        self.sampler = sampler
        self.graph = Graph()
        self.cone = Cone(self.graph, limit)
        self.free = self.cone.constant(0.0)
        self.limit = limit
        self.floats: list[Any] = []  # terms that were summed as floats, exactly
        self.wide = 0
        self.fault: Fault | None = None

    @property
    def cost(self) -> int:
        return len(self.graph.applications) + self.wide

    def use(self, node: int, slot: int, place: int) -> None:
        """Add the terms by which x[place] goes into ``node``."""
        sampler, tape = self.sampler, self.sampler.tape
        op, y, xs = sampler.operands(node)
        self.graph.base[self.free] = float(xs[slot].ravel()[place])
        parts = [
            self.cone.given(x, *((place, self.free) if k == slot else ())) for k, x in enumerate(xs)
        ]
        row = self.cone.row(op, parts, tape.static[node] or {})
        seeds = np.broadcast_to(np.asarray(sampler.found[node], dtype=float), y.shape).ravel()
        # No contribution where nothing comes from, however steep: a branch not taken.
        reached = row.affected[seeds[row.affected] != 0]
        if not reached.size:
            return
        if reached.size > WIDE:
            self.column(node, slot, place, reached, seeds)
            return
        ids = row.elements(reached, False)
        order = np.argsort(ids, kind="stable")
        unique, first = np.unique(ids[order], return_index=True)
        for element, some in zip(
            unique.tolist(), np.split(seeds[reached][order], first[1:]), strict=True
        ):
            known = self.graph.seeds.get(element)
            total = exact(some) if known is None else libmp.mpf_add(known, exact(some))
            self.graph.seeds[element] = total

    def column(self, node: int, slot: int, place: int, reached: Any, seeds: Any) -> None:
        """Very many dependents: the forward rule's slopes, checked at a few, summed exactly."""
        sampler = self.sampler
        op, y, xs = sampler.operands(node)
        tangent = np.zeros(xs[slot].shape)
        tangent.flat[place] = 1.0
        dxs = [tangent if k == slot else None for k in range(len(xs))]
        static = sampler.tape.static[node] or {}
        pushed = base.push(op, sampler.run.spaces.array, dxs, y, xs, static)
        slopes = np.broadcast_to(pushed, y.shape).ravel()
        for k in picked(slopes[reached])[:COLUMN]:
            one = _Equation(sampler, self.limit)
            one.slope(node, slot, place, reached[k])
            want = one.solve()
            self.wide += one.cost
            if isinstance(want, Trouble):
                raise want
            got, largest = float(slopes[reached[k]]), float(np.max(np.abs(slopes)))
            if beyond(got, want, 0.0, largest, max(x.size for x in xs)):
                at = tuple(map(int, np.unravel_index(reached[k], y.shape)))
                arg = sampler.tape.args[node][slot]
                self.fault = Fault(arg, at, "slope", got, want, user=node)
                return
        terms = products(seeds[reached], slopes[reached])
        if terms is None:
            raise Beyond("numbers too large or too small to be summed exactly")
        self.floats.append(terms)
        self.wide += reached.size // COST

    def slope(self, node: int, slot: int, place: int, target: int) -> None:
        """Make this the derivative of ``node[target]`` alone."""
        op, _, xs = self.sampler.operands(node)
        self.graph.base[self.free] = float(xs[slot].ravel()[place])
        parts = [
            self.cone.given(x, *((place, self.free) if k == slot else ())) for k, x in enumerate(xs)
        ]
        row = self.cone.row(op, parts, self.sampler.tape.static[node] or {})
        (element,) = row.elements(np.array([target]), False).tolist()
        self.graph.seeds[element] = fone

    def solve(self) -> Any:
        """The sum, an mpf; or Trouble."""
        total = mp.make_mpf(exact(np.concatenate(self.floats))) if self.floats else mp.mpf(0)
        if not self.graph.seeds:
            return total
        found = solved(self.cone, self.free)
        if isinstance(found, Trouble):
            return found
        with mp.workdps(2 * DIGITS):
            return total + found


def solved(cone: Cone, element: int) -> Any:
    """The adjoint of an element, an mpf; or Trouble."""
    spots = [spot for spot, _ in cone.spots]
    found = adjoints(cone.graph, [element, *spots], DIGITS)
    for spot, term in cone.spots:
        want = found[spot]
        if isinstance(want, Trouble) or beyond(term, mp.make_mpf(want), 0.0, 0.0, 1):
            return Beyond("float64 has too few digits for a long sum in it")
    want = found[element]
    return want if isinstance(want, Trouble) else mp.make_mpf(want)


def picked(values: Any) -> list[int]:
    """The places that are looked at: the ends, the extremes, and some by chance, many of them
    where the value is not 0: of max, an index or a branch few may be.
    """
    n = len(values)
    if n <= ELEMENTS:
        return list(range(n))
    sizes = np.abs(values)
    draw = Random(n)
    places = [0, n - 1, int(np.argmax(sizes)), int(np.argmin(sizes))]
    some = np.flatnonzero(sizes)
    if len(some) < n:
        places += some[draw.sample(range(len(some)), min(len(some), ELEMENTS // 2))].tolist()
    places += draw.sample(range(n), ELEMENTS)
    return list(dict.fromkeys(places))[:ELEMENTS]


def beyond(got: float, want: Any, scale: float, largest: float, terms: int) -> bool:
    """Whether a float is further off than rounding: of ``terms`` operations (Higham's γ) on
    their ``scale``, or of a few on that of the array's ``largest`` element.
    """
    if not math.isfinite(got):
        return True
    size = max(abs(float(want)), scale)
    allowed = EPSILON * max((ROUNDING + terms) * size, ROUNDING * largest)
    # Beneath the normal floats, rounding has a size of its own.
    return float(abs(want - got)) > allowed + 2.0**-1022
