"""A claim as a small tape of its own: two sides, over names and derivatives of the model."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np

from autodiff.backends.precise import exactly
from autodiff.claims.world import evaluate, finite
from autodiff.exact import settled
from autodiff.syntax import Derivative, Form, Given, Model, Statement
from autodiff.tape import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from autodiff.claims.world import World
    from autodiff.syntax import Claim, Load, Side
    from autodiff.tape import Tape

_NAME = Form(1, (), 0)

Sides = tuple[Any, Any]


class Sheet:
    """One claim, recorded at one point and ready to be evaluated at others.

    Attributes
    ----------
    claim  : what was recorded
    inputs : per statement of the little tape that stands for something of the model, what:
             a statement, or a Derivative
    """

    def __init__(
        self, model: Model, claim: Claim, world: World, load: Callable[[Load], Any] | None
    ) -> None:
        """Record ``claim`` with what it mentions as it is in ``world``.

        Raises ModelErrors where operands do not fit, and TooLarge.
        """
        self.claim = claim
        self.inputs: list[int | Derivative] = list(
            dict.fromkeys(o for o in operands(claim) if isinstance(o, Derivative) or o >= 0)
        )
        place = {o: k for k, o in enumerate(self.inputs)}
        statements: list[Statement] = []
        constants: list[object] = []
        for k, o in enumerate(self.inputs):
            constants.append(Given("", _plain(at(world, model, o))))
            statements.append(Statement(f"{k}", _NAME, (~k,), claim.line, claim.origin))
        for name, side in (("lhs", claim.lhs), ("rhs", claim.rhs)):
            own = []
            for o in side.operands:
                if isinstance(o, Derivative) or o >= 0:
                    own.append(place[o])
                else:
                    constants.append(model.constants[~o])
                    own.append(~(len(constants) - 1))
            statements.append(Statement(name, side.form, tuple(own), claim.line, claim.origin))
        sheet = Model(
            model.sources,
            statements,
            constants,
            {s.name: i for i, s in enumerate(statements)},
            {},
            (),
            limits=model.limits,
        )
        self.tape: Tape = record(sheet, load)
        self.model = model
        self._known: dict[int, dict[int, Any]] = {}  # by precision in bits, 0 for float64

    def sides(
        self, world: World, instead: Mapping[int | Derivative, Any] = MappingProxyType({})
    ) -> Sides:
        """Both sides, as numbers or arrays; ``instead`` has other values for what they mention."""
        tape, exact = self.tape, world.run.exact
        given = dict(self._constants(exact))
        for k, o in enumerate(self.inputs):
            given[tape.vertex[k]] = instead[o] if o in instead else at(world, self.model, o)
        values = evaluate(tape, range(len(tape.ops)), given, exact=exact).values
        return values[tape.vertex[-2]], values[tape.vertex[-1]]

    def _constants(self, exact: bool) -> dict[int, Any]:
        """The nodes that are numbers, in float64, or exactly at the present precision."""
        key = mpmath.mp.prec if exact else 0
        if key not in self._known:
            tape, known = self.tape, {}
            inputs = set(tape.vertex[: len(self.inputs)])
            ends = {tape.vertex[k]: tape.model.statements[k] for k in (-2, -1)}
            for node, op in enumerate(tape.ops):
                if op is not None or node in inputs:
                    continue
                value = tape.values[node]
                if exact and node in ends:
                    value = settled(tape, ends[node].form, ends[node].operands, value)
                elif exact:
                    value = exactly(value)
                known[node] = value
            self._known[key] = known
        return self._known[key]


def operands(claim: Claim) -> Iterator[int | Derivative]:
    """The operands of both sides."""
    yield from claim.lhs.operands
    yield from claim.rhs.operands


def numeric(side: Side) -> bool:
    """Whether a side is made of numbers alone."""
    return all(not isinstance(o, Derivative) and o < 0 for o in side.operands)


def about_the_point(claim: Claim) -> bool:
    """Whether a claim speaks of the file's point alone: of a number, or to a tolerance."""
    return claim.rtol is not None or numeric(claim.lhs) or numeric(claim.rhs)


def bare(side: Side) -> int | Derivative | None:
    """The name or derivative that a side is, and nothing else; None otherwise."""
    return side.operands[0] if not side.form.code and len(side.operands) == 1 else None


def at(world: World, model: Model, operand: int | Derivative) -> Any:
    """A name's value, or a derivative, in a world."""
    if not isinstance(operand, Derivative):
        return world.value(operand)
    of, wrt = model.index[operand.of], model.index[operand.wrt]
    return world.derivative(of, wrt, partial=operand.partial)


def _plain(value: Any) -> Any:
    """A value to record with: floats; where it is not finite, ones will do for the shapes."""
    plain = np.asarray(value, dtype=float)
    if not finite(plain):
        plain = np.where(np.isfinite(plain), plain, 1.0)
    return plain if plain.ndim else float(plain)
