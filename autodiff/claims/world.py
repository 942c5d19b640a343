"""The model at one point: the values of its names, and derivatives of any of them.

A world is exact (mpmath, at mpmath's current precision) or quick (float64, to look for points).
Numbers in an exact world are the decimals that were typed: 0.1 is a tenth, and pi is π, or the
identity ``cos(x + pi) == -cos(x)`` would fail in the 17th digit.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np

from autodiff import sweep
from autodiff.backends import eager, mp, scalar
from autodiff.backends.precise import MATH_ERRORS
from autodiff.tape import SCALAR_ERRORS, Spaces, ieee, spaces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from autodiff.tape import Tape

JACOBIAN = 4_096  # elements of a derivative of an array that are worked out


class TooLarge(Exception):
    """More work than a claim may cost."""


class World:
    """One point.

    Attributes
    ----------
    tape   : the model's
    run    : its values here, per node; None for nodes that no claim needs
    active : the nodes that depend on what is differentiated by
    """

    def __init__(self, tape: Tape, run: sweep.Run, active: Sequence[int]) -> None:
        self.tape, self.run, self.active = tape, run, active
        self.m = run.spaces.array
        self._adjoints: dict[tuple[int, bool], Any] = {}
        self._derivatives: dict[tuple[int, int, bool], Any] = {}

    def value(self, statement: int) -> Any:
        """The value of a name."""
        return self.run.values[self.tape.vertex[statement]]

    def shape(self, statement: int) -> tuple[int, ...]:
        return np.shape(self.value(statement))

    def derivative(self, of: int, wrt: int, *, partial: bool = False) -> Any:
        """d(of)/d(wrt), of shape (*of, *wrt); ``partial`` through the statement of ``of`` alone.

        Raises TooLarge for a Jacobian of too many elements.
        """
        key = (of, wrt, partial)
        if key not in self._derivatives:
            self._derivatives[key] = self._derivative(of, wrt, partial)
        return self._derivatives[key]

    def pull(self, of: int, cotangent: Any, wrt: int, *, partial: bool = False) -> Any:
        """The cotangent of ``wrt`` that a cotangent of ``of`` gives rise to, in its shape."""
        if of == wrt:
            return cotangent
        return self.shaped(self._through(of, cotangent, partial), wrt)

    def _derivative(self, of: int, wrt: int, partial: bool) -> Any:
        outer, inner = self.shape(of), self.shape(wrt)
        if not outer:
            if of == wrt:
                return self._number(1.0)
            return self.shaped(self._adjoints_of(of, partial), wrt)
        if math.prod(outer) * math.prod(inner) > JACOBIAN:
            size = math.prod(outer) * math.prod(inner)
            raise TooLarge(f"a Jacobian of {size:,} elements; the limit is {JACOBIAN:,}")
        return self.rows(of, lambda seed: self.pull(of, seed, wrt, partial=partial))

    def rows(self, of: int, pulled: Callable[[Any], Any]) -> Any:
        """``pulled(seed)`` for the cotangent 1 of each element of a name, as one array."""
        outer = self.shape(of)
        if not outer:
            return pulled(self._number(1.0))
        if 0 in outer:
            inner = np.shape(pulled(self.m.asarray(np.zeros(outer))))
            return self.m.asarray(np.zeros(outer + inner))
        rows = []
        for index in np.ndindex(*outer):
            seed = np.zeros(outer)
            seed[index] = 1.0
            rows.append(self.m.asarray(pulled(self.m.asarray(seed))))
        return self.m.reshape(self.m.stack(rows), outer + np.shape(rows[0]))

    def _adjoints_of(self, of: int, partial: bool) -> Any:
        key = (of, partial)
        if key not in self._adjoints:
            self._adjoints[key] = self._through(of, self._number(1.0), partial)
        return self._adjoints[key]

    def _through(self, of: int, seed: Any, partial: bool) -> Any:
        stop = max(self.tape.start[of], 1) if partial else 0
        return self.adjoints(self.tape.vertex[of], seed, stop)

    def adjoints(self, node: int, seed: Any, stop: int = 0) -> Any:
        """Per node what a cotangent of ``node`` gives rise to (see `sweep.reverse`)."""
        tape = self.tape
        swept = eager.quietly(
            sweep.reverse, tape, self.run, node, self.active, seed=seed, stop=stop
        ).adjoints
        if not tape.has_arrays or stop or all(self._fine(a) for a in swept) or not finite(seed):
            return swept
        # An infinite slope where nothing leads, such as a branch not taken.
        masks = eager.quietly(sweep.touched, tape, self.run, node, selectors=False)
        return eager.quietly(
            sweep.reverse, tape, self.run, node, self.active, seed=seed, masks=masks
        ).adjoints

    def _fine(self, value: Any) -> bool:
        return value is None or finite(value)

    def shaped(self, adjoints: Any, statement: int) -> Any:
        """A statement's adjoint in its shape; zeros where no path leads there."""
        node, shape = self.tape.vertex[statement], self.shape(statement)
        short = not isinstance(adjoints, dict) and node >= len(adjoints)
        adjoint = None if short else adjoints[node]
        if adjoint is None:
            adjoint = self._number(0.0)
        return adjoint if np.shape(adjoint) == shape else self.m.broadcast_to(adjoint, shape)

    def _number(self, x: float) -> Any:
        return mp.asarray(x) if self.run.exact else x


def evaluate(
    tape: Tape, nodes: Iterable[int], given: Mapping[int, Any], *, exact: bool
) -> sweep.Run:
    """The values of ``nodes`` (in order), from those of the leaves and constants among them."""
    return eager.quietly(_evaluate, tape, nodes, given, exact)


def _evaluate(tape: Tape, nodes: Iterable[int], given: Mapping[int, Any], exact: bool) -> sweep.Run:
    values: list[Any] = [None] * len(tape.ops)
    here = Spaces(mp, mp) if exact else Spaces(scalar, spaces().array)
    array = here.array
    for node in nodes:
        op = tape.ops[node]
        if op is None:
            values[node] = given[node]
        elif exact:
            xs = [values[n] for n in tape.args[node]]
            try:
                values[node] = op.value(mp, *xs, **(tape.static[node] or {}))
            except MATH_ERRORS:
                # In its shape: what follows reshapes and broadcasts it.
                values[node] = mp.full(np.shape(tape.values[node]), mp.nan)
        elif tape.kinds[node]:
            xs = sweep.operands(array, values, tape.args[node])
            value = op.value(array, *xs, **(tape.static[node] or {}))
            values[node] = float(value) if tape.values[node].__class__ is float else value
        else:
            xs = [values[n] for n in tape.args[node]]
            try:
                values[node] = op.value(scalar, *xs)
            except SCALAR_ERRORS:
                values[node] = ieee(op.value, *xs)
    return sweep.Run(here, values, exact)


def finite(value: Any) -> bool:
    """Whether a number, or every element of an array, is finite; of any number system."""
    if value.__class__ is float:
        return math.isfinite(value)
    if not isinstance(value, np.ndarray):
        return bool(mpmath.isfinite(value))
    if value.dtype != object:
        return bool(np.isfinite(value).all())
    return all(map(mpmath.isfinite, value.ravel()))
