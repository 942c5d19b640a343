"""Chains SymPy's partials: values forward, adjoints backward, in high precision.

How many digits are right is not known beforehand: 1 - cos(x) at 1e-30 loses 60 of them. So
everything is computed twice, with all directions of rounding swapped (Kahan's test), and only
what both runs agree on is believed; where they do not, the precision is doubled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mpmath import libmp
from mpmath.libmp import fone, fzero, mpf_neg, mpf_sub

from autodiff.symbolic import raw
from autodiff.symbolic.compiler import ONE
from autodiff.symbolic.program import ERRORS, OPPOSITE, ROUNDINGS
from autodiff.symbolic.raw import NO_EDGE, Beyond, Kinked, Number, Singular, Trouble, add, multiply

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from autodiff.symbolic.program import Program

BITS_PER_DIGIT = 3.3219280948873626
FIRST_BITS = 56  # more than the digits asked for need: what a long chain may round off
MOST_BITS = 6000  # float64 spans 2100 bits from end to end; a square of that, 4200
ENOUGH = 6  # times the bits that were asked for, where those are more than 34 digits'
SLOW_BITS = 800  # where the gamma family is in it: mpmath takes 20 ms for one at 680
WORK = 2_000_000  # applications times bits that a precision may cost, from the third on

# A program, the elements it reads, the element it fills.
Application = tuple["Program", tuple[int, ...], int]


class Graph:
    """Everything between leaves and output, element by element.

    base        : per element its number (a leaf, a constant), or None
    applications: in the order of evaluation
    statements  : per application, the statement it belongs to
    output      : the element that is differentiated
    seeds       : per element what its adjoint starts with: 1 at the output, unless a sum of
                  elements, each times a number, is differentiated in its place
    """

    __slots__ = ("applications", "base", "output", "seeds", "statements")

    def __init__(self) -> None:
        self.base: list[Any] = []
        self.applications: list[Application] = []
        self.statements: list[int] = []
        self.output = -1
        self.seeds: dict[int, Number] = {}

    def settle(self) -> None:
        """Take the floats among the numbers to mpmath's, exactly: only those that are read."""
        base = self.base
        for _, inputs, _ in self.applications:
            for i in inputs:
                if base[i].__class__ is float:
                    base[i] = libmp.from_float(base[i])
        if self.output >= 0 and base[self.output].__class__ is float:
            base[self.output] = libmp.from_float(base[self.output])

    def read(self) -> set[int]:
        """The elements that have an adjoint: the output's, and all that is differentiated by."""
        found = {self.output}
        for program, inputs, _ in self.applications:
            found.update([inputs[slot] for slot in program.active])
        return found

    def programs(self) -> list[Program]:
        """Each program once."""
        return list({id(p): p for p, _, _ in self.applications}.values())


class Run(NamedTuple):
    """One evaluation: per element its value and adjoint, per application its partials."""

    values: list[Any]
    weights: list[Any]
    adjoints: list[Any]


def sweep(
    graph: Graph, prec: int, second: bool = False, moved: Mapping[int, Number] | None = None
) -> Run:
    """Values forward and adjoints backward at ``prec`` bits.

    A number may be Trouble instead; an adjoint is None where there is no path. ``second``
    rounds everything the other way; ``moved`` puts elements elsewhere.
    """
    for program in graph.programs():
        program.prepare(prec)
    values = graph.base.copy()
    for i, value in (moved or {}).items():
        values[i] = value
    weights = _forward(graph, values, prec, second)
    return Run(values, weights, _backward(graph, values, weights, prec, second))


def _forward(graph: Graph, values: list[Any], prec: int, second: bool) -> list[Any]:
    """Fill ``values``; return per application its partials."""
    weights: list[Any] = []
    for n, (program, inputs, out) in enumerate(graph.applications):
        pair = (n * 2654435761 >> 13) & 3  # scattered, but the same in every run
        if second:
            pair = OPPOSITE[pair]
        regs = [values[i] for i in inputs]
        regs += program.table[pair]
        try:
            # The fast way: straight through. `Program.run` is the careful one.
            for function, i, j, rnd in program.code[pair]:
                if j >= 0:
                    regs.append(function(regs[i], regs[j], prec, rnd))
                elif j == ONE:
                    regs.append(function(regs[i], prec, rnd))
                else:
                    regs.append(function(*[regs[k] for k in i], prec, rnd))
            value = regs[program.value]
            if (value[1] or not value[2]) and not program.careful:
                values[out] = value
                weights.append([regs[k] for k in program.partials])
                continue
        except (Trouble, MemoryError, *ERRORS):
            pass
        regs = program.run([values[i] for i in inputs], prec, pair)
        for k in (program.value, *program.partials):
            if isinstance(regs[k], Trouble) and regs[k].where < 0:
                regs[k].where = graph.statements[n]
        values[out] = regs[program.value]
        weights.append([regs[k] for k in program.partials])
    return weights


def _backward(
    graph: Graph, values: Sequence[Any], weights: Sequence[Any], prec: int, second: bool
) -> list[Any]:
    adjoints: list[Any] = [None] * len(values)
    for i, given in graph.seeds.items() or ((graph.output, fone),):
        adjoints[i] = given
    applications = graph.applications
    for n in range(len(applications) - 1, -1, -1):
        program, inputs, out = applications[n]
        seed = adjoints[out]
        if seed is None:
            continue
        pair = (n * 2654435761 >> 13) & 3
        one, other = ROUNDINGS[OPPOSITE[pair] if second else pair]
        before = term = None
        for slot, weight in zip(program.active, weights[n], strict=True):
            i = inputs[slot]
            if weight is before:
                pass  # of a sum, or a function of one: the same product again
            elif weight.__class__ is tuple and seed.__class__ is tuple:
                if weight[1] == 1 and not weight[2]:
                    term = mpf_neg(seed) if weight[0] else seed
                elif weight is NO_EDGE:
                    continue
                elif weight[2] and not weight[1]:
                    term = Singular("SymPy's derivative is infinite or undefined here")
                else:
                    term = multiply(seed, weight, prec, one)
            elif weight is NO_EDGE:
                continue
            else:
                # 0 times the slopes of a kink is 0: they are bounded. 0·∞ is not.
                term = weight if isinstance(weight, Trouble) else seed
                if term.__class__ is Kinked and (weight == fzero or seed == fzero):
                    term = fzero
            before = weight
            have = adjoints[i]
            if have is None:
                adjoints[i] = term
            elif have.__class__ is tuple:
                both = term.__class__ is tuple
                adjoints[i] = add(have, term, prec, other) if both else term
    return adjoints


class _Answer:
    """What is known of one adjoint while the precision rises."""

    __slots__ = ("candidate", "noise", "trouble", "value")

    def __init__(self) -> None:
        self.value: Any = None  # once it is settled
        self.candidate: Any = None  # what both runs agreed on, while there is doubt
        self.noise: list[tuple[int, int]] = []  # (bits, magnitude) where they disagreed
        self.trouble: Trouble | None = None

    def take(self, one: Any, two: Any, prec: int, need: int, doubtful: bool) -> None:
        """Two runs' results at ``prec`` bits, of which ``need`` bits must agree."""
        if agree(one, two, need):
            self.candidate = one
            if not doubtful:
                self.value = one
            return
        self.candidate = None
        sizes = [raw.magnitude(x) for x in (one, two) if x.__class__ is tuple and x[1]]
        if sizes:
            self.noise.append((prec, max(sizes)))
        self.trouble = next((x for x in (one, two) if isinstance(x, Trouble)), None)

    def last(self) -> Any:
        """The answer when there are no more bits to be had."""
        if self.candidate is not None:
            return self.candidate
        if self.trouble is not None:
            return self.trouble
        (bits, before), (more_bits, after) = self.noise[0], self.noise[-1]
        if len(self.noise) > 1 and before - after > (more_bits - bits) // 2:
            return fzero  # what is left is rounding alone: it falls as the precision rises
        return Beyond(f"not settled by {more_bits} bits")


def agree(one: Any, two: Any, need: int) -> bool:
    """Whether two results are the same to ``need`` bits, or the same kind of trouble."""
    if one.__class__ is not tuple or two.__class__ is not tuple:
        return one.__class__ is two.__class__
    if one == two:
        return True
    size = max(raw.magnitude(x) for x in (one, two) if x[1])
    difference = mpf_sub(one, two, need + 8, "n")
    return not difference[1] or raw.magnitude(difference) <= size - need


OUTPUT = -1  # among the elements wanted: the output's value instead of an adjoint


def adjoints(graph: Graph, wanted: Iterable[int], digits: int) -> dict[int, Any]:
    """The adjoints of the elements ``wanted``, each right to ``digits`` digits, or Trouble."""

    def found(run: Run, i: int) -> Any:
        if i == OUTPUT:
            return run.values[graph.output]
        return fzero if run.adjoints[i] is None else run.adjoints[i]

    graph.settle()
    answers = {i: _Answer() for i in wanted}
    need = int(digits * BITS_PER_DIGIT) + 4
    prec = need + FIRST_BITS
    level = 0
    while True:
        raw.CANCELLED.clear()
        run = sweep(graph, prec)
        if level == 0 and _specialise(graph, run):
            run = sweep(graph, prec)
        open_ = [(i, answer) for i, answer in answers.items() if answer.value is None]
        firsts = [found(run, i) for i, _ in open_]
        del run  # its values and partials are most of the memory
        # Where runs agreed before, and only a doubt is left, one more run is enough.
        seconds = [answer.candidate for _, answer in open_]
        if any(not agree(a, b, need) for a, b in zip(firsts, seconds, strict=True)):
            if raw.CANCELLED and level == 0:
                level, prec = 1, 2 * prec  # the second run settles that doubt, too
                raw.CANCELLED.clear()
            other = sweep(graph, prec, second=True)
            seconds = [found(other, i) for i, _ in open_]
            del other
        last = _too_fine(graph, 2 * prec, level + 1, need)
        doubtful = bool(raw.CANCELLED) and level < 2 and not last
        for (_, answer), a, b in zip(open_, firsts, seconds, strict=True):
            answer.take(a, b, prec, need, doubtful)
        level += 1
        prec *= 2
        unsettled = [answer for answer in answers.values() if answer.value is None]
        if not unsettled or last:
            for answer in unsettled:
                answer.value = answer.last()
            return {i: answer.value for i, answer in answers.items()}


def _too_fine(graph: Graph, prec: int, level: int, need: int) -> bool:
    """Whether a precision costs too much; the second one never does."""
    slow = any(p.slow for p in graph.programs())
    if prec > (max(SLOW_BITS, 2 * need) if slow else max(MOST_BITS, ENOUGH * need)):
        return True
    return level > 1 and prec * len(graph.applications) > WORK


def _specialise(graph: Graph, run: Run) -> bool:
    """Have SymPy differentiate again, at the point, where its general partial is singular."""
    changed = False
    for n, (program, inputs, out) in enumerate(graph.applications):
        if run.adjoints[out] is None or run.values[out].__class__ is not tuple:
            continue
        if not any(weight.__class__ is Singular for weight in run.weights[n]):
            continue
        special = program.specialised([run.values[i] for i in inputs])
        if special is not None:
            graph.applications[n] = (special, inputs, out)
            changed = True
    return changed
