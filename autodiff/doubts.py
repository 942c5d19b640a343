"""Where floats are not what the model means: in literals, in what vanishes, NaN, lost digits.

Each finding has the node where it first arose; what to make of it is the report's matter. Overflow
and values outside a domain are found by `autodiff.domain`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from autodiff.backends.numbers import FLOATS
from autodiff.domain import call
from autodiff.sweep import ancestors, operands

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from autodiff.ops import Op
    from autodiff.sweep import Reverse, Run
    from autodiff.tape import Tape

PROBES = 200  # zeros of one report that are computed again in high precision
PLACES = 3  # of an array
DIGITS = 30
MOST = 10  # findings of a kind that are told
SHOWN = 24  # characters of a number in a message


class Doubt(NamedTuple):
    """What is wrong, and at which node it arose."""

    node: int
    message: str


# ---- literals


def literals(tape: Tape) -> Iterator[tuple[int, str]]:
    """Numbers of the text that are others on the tape: the statement that has one, what it is.

    That decimals are rounded is known to everybody. Told are integers that are, and what became
    0 or infinite.
    """
    numbers, model = tape.numbers, tape.model
    if numbers.exact:
        return
    found = {}
    texts = dict(model.digits)
    if numbers.digits < FLOATS.digits:  # where short ones are rounded too
        for place, value in enumerate(model.constants):
            if value.__class__ is float and math.isfinite(value):
                texts.setdefault(~place, repr(value).removesuffix(".0"))
    for operand, text in texts.items():
        if told := _misread(text, float(numbers.literal(model, operand))):
            found[operand] = f"{_short(text)} is {told} in {numbers.name}"
    if not found:
        return
    for number, statement in enumerate(model.statements):
        for operand in statement.operands:
            if operand in found:
                yield number, found.pop(operand)


def _misread(text: str, value: float) -> str:
    """What a number's text has become, where that is worth telling; else ""."""
    if math.isinf(value):
        return "inf"
    if value == 0:
        return "0" if text.lower().partition("e")[0].strip("0.") else ""
    if not text.isdecimal():
        return ""
    exact = f"{value:.0f}"
    return _short(exact) if text.lstrip("0") != exact else ""


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 8]}…{text[-7:]}"


# ---- what vanishes


class Vanishing:
    """Finds what is 0 in floats and nowhere else: values, slopes, and products of those."""

    def __init__(self, tape: Tape, run: Run, of: int) -> None:
        self.tape, self.run, self.of = tape, run, of
        self.left = PROBES

    def values(self) -> Iterator[Doubt]:
        """Nodes behind the output that are 0 although their operands are not."""
        tape = self.tape
        if tape.numbers.exact or not self._zero_among(tape.values):
            return
        for node in ancestors(tape, self.of):
            op, value = tape.ops[node], tape.values[node]
            if op is None or not op.partials or _no_zero(value):
                continue
            for xs in self._zeros(value, node):
                if self._tiny(lambda m, xs, op=op: op.value(m, *xs), xs):
                    shown = call(op, [tape.numbers.short(x, 6) for x in xs])
                    yield Doubt(node, f"{shown} is 0: below the range of {tape.numbers.reach}")
                    break

    def products(self, swept: Reverse, active: Sequence[int]) -> Iterator[Doubt]:
        """Nodes through which nothing arrives, although neither adjoint nor slope is 0."""
        tape, adjoints = self.tape, swept.adjoints
        if tape.numbers.exact or not self._zero_among(adjoints):
            return
        for node in range(self.of, -1, -1):
            op, seed = tape.ops[node], adjoints[node]
            if op is None or seed is None or not op.partials:
                continue
            for slot, arg in enumerate(tape.args[node]):
                asked = active[arg] and adjoints[arg] is not None and not _no_zero(adjoints[arg])
                if asked and self._underflows(op, node, slot, seed, swept.weights[node]):
                    reach = tape.numbers.reach
                    message = f"a contribution by way of {op.name} is 0: below the range of {reach}"
                    yield Doubt(node, message)
                    break

    def _zero_among(self, values: Sequence[Any]) -> bool:
        if not self.tape.has_arrays and self.tape.numbers.plain:
            return 0.0 in values
        return not all(value is None or _no_zero(value) for value in values)

    def _underflows(self, op: Op, node: int, slot: int, seed: Any, weights: Any) -> bool:
        """Whether a cotangent times a slope is 0, and neither is."""
        tape = self.tape
        if tape.kinds[node]:
            array = self.run.spaces.array
            y, *xs = operands(array, tape.values, (node, *tape.args[node]), self.run.kept)
            slope = op.partials[slot](array, y, *xs)
        else:
            slope = None if weights is None else weights[slot]
        if slope is None:
            return False
        lost = (seed * slope == 0) & (seed != 0)
        if tape.numbers.any_true(lost & (slope != 0)):
            return True

        def partial(m: Any, xs: Sequence[Any]) -> Any:
            return op.partials[slot](m, op.value(m, *xs), *xs)

        return any(self._tiny(partial, xs) for xs in self._zeros(slope, node, lost))

    def _zeros(self, value: Any, node: int, also: Any = True) -> list[tuple[Any, ...]]:
        """The operands of a node at some places where a value is 0 and they are not."""
        xs = [self.tape.values[n] for n in self.tape.args[node]]
        if not self.tape.kinds[node]:
            fits = value == 0 and also and all(x != 0 and math.isfinite(x) for x in xs)
            return [tuple(xs)] if fits else []
        import numpy as np

        mask, value, *spread = np.broadcast_arrays(also, value, *xs)
        mask = mask & (value == 0)
        for x in spread:
            mask &= (x != 0) & np.isfinite(x)
        places = np.flatnonzero(mask)
        chosen = dict.fromkeys(places[:: max(1, len(places) // PLACES)][:PLACES].tolist())
        return [tuple(x.flat[k] for x in spread) for k in chosen]

    def _tiny(self, rule: Callable[..., Any], xs: Sequence[Any]) -> bool:
        """Whether a rule's result is below the range of the tape's numbers, and not 0."""
        if not self.left:
            return False
        self.left -= 1
        import mpmath

        from autodiff.backends import mp

        with mpmath.workdps(DIGITS):
            try:
                found = abs(rule(mp, [mp.asarray(float(x)) for x in xs]))
            except (ZeroDivisionError, ValueError, OverflowError):
                return False  # no value at all
            return bool(0 < found < self.tape.numbers.least * 2.0**64)


def _no_zero(value: Any) -> bool:
    found = value != 0
    return bool(found.all()) if hasattr(found, "all") else bool(found)


# ---- NaN


def nan(tape: Tape, of: int) -> Doubt | None:
    """The operation behind a NaN that had none among its operands, and the names up to the output.

    Values are looked at from the output down, each time the first operand that is NaN.
    """
    if not _has_nan(tape.values[of]):
        return None
    node, way = of, [of]
    while True:
        following = next((n for n in tape.args[node] if _has_nan(tape.values[n])), None)
        if following is None:
            break
        node = following
        way.append(node)
    return Doubt(node, f"{_written(tape, node)} is nan{route(tape, way)}")


def _written(tape: Tape, node: int) -> str:
    """An operation on numbers with its operands; one on arrays, or a constant, by its name."""
    op, xs = tape.ops[node], [tape.values[n] for n in tape.args[node]]
    if op is None:
        return "a constant"
    plain = op.partials and all(map(tape.numbers.is_number, xs))
    return call(op, [tape.numbers.short(x, 6) for x in xs]) if plain else op.name


def _has_nan(value: Any) -> bool:
    found = value != value
    return bool(found.any()) if hasattr(found, "any") else bool(found)


def route(tape: Tape, way: Sequence[int]) -> str:
    """``, on the way L → d → c`` for nodes from the output down, if of more than one name."""
    names = dict.fromkeys(tape.model.statements[tape.statement_of(node)].name for node in way)
    return ", on the way " + " → ".join(names) if len(names) > 1 else ""


def way_to(tape: Tape, of: int, node: int) -> list[int]:
    """Nodes from ``of`` down to ``node``, each an operand of the one before."""
    leads = {node}
    for user in range(node + 1, of + 1):
        if not leads.isdisjoint(tape.args[user]):
            leads.add(user)
    way = [of]
    while way[-1] != node:
        way.append(next(n for n in tape.args[way[-1]] if n in leads))
    return way


# ---- lost digits


def first_loss(tape: Tape, of: int, digits: int, right: float) -> Doubt | None:
    """The first operation with too few right digits whose operands have enough.

    ``tape`` is one in floats; it is run again in ``digits`` digits, from the same leaves. Too few
    are right where the relative error is above ``right``.
    """
    import mpmath
    import numpy as np

    from autodiff.replay import high_precision

    def wrong(got: Any, want: Any) -> bool:
        pairs = zip(np.ravel(got).tolist(), np.ravel(want).tolist(), strict=True)
        return any(abs(w - g) > right * abs(w) for g, w in pairs)

    with mpmath.workdps(digits):
        exact = high_precision(tape).values
        for node in ancestors(tape, of):
            op = tape.ops[node]
            if op is not None and wrong(tape.values[node], exact[node]):
                return Doubt(node, f"digits are lost first in {_written(tape, node)}")
    return None
