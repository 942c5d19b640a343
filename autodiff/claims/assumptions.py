"""What is special about the file's leaves, and may be what makes a claim true.

``dL/dz == p - y`` holds where y sums to 1, ``2*A@x`` where A is symmetric, ``1/n`` where n is
the length of x. A claim that fails at any old point is tried where such things still hold; the
report then says on which of them it rests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autodiff.ops.base import Op
from autodiff.parser import tokens_of
from autodiff.syntax import Given, Load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from autodiff.claims.points import Field, Point
    from autodiff.syntax import Statement
    from autodiff.tape import Tape

    Keep = Callable[[Any, Any, np.random.Generator], Any]  # drawn, the file's -> a value

CONSTANT = {"zeros", "ones", "eye", "full", "arange", "linspace"}  # data that means a constant
CLOSE = 1e-9


class Assumption(NamedTuple):
    """One property of one leaf.

    leaf : the statement
    text : as a sentence goes on after "given that"
    keep : gives a drawn value the property
    """

    leaf: int
    text: str
    keep: Keep

    @property
    def fixes(self) -> bool:
        """Whether nothing of the leaf is left to vary."""
        return self.keep is _own


def find(field: Field) -> dict[int, list[Assumption]]:
    """The properties of the leaves that claims depend on, for each leaf the strongest last."""
    found = {}
    for leaf, value in field.own.items():
        statement = field.tape.model.statements[leaf]
        if np.ndim(value):
            options = _of_array(field.tape, leaf, statement, np.asarray(value))
        else:
            options = _of_number(field, leaf, statement, float(value))
        if len(options) > 1 and not options[-1].fixes:
            options.append(_all(tuple(options)))
        if options:
            found[leaf] = options
    return found


def wishes(field: Field) -> list[Assumption]:
    """What is often assumed of arrays, and is not so of these: symmetry, a sum of 1."""
    found = []
    for leaf, value in field.own.items():
        name, x = field.tape.model.statements[leaf].name, np.asarray(value)
        square = x.ndim == 2 and x.shape[0] == x.shape[1] > 1
        if square and not np.array_equal(x, x.T):
            found.append(Assumption(leaf, f"{name} is symmetric", _symmetric))
        if x.ndim and x.size > 1 and (x >= 0).all() and not _simplex_axes(x):
            found.append(Assumption(leaf, f"{name} sums to 1", _simplex(x.ndim - 1)))
    return found


def _all(options: Sequence[Assumption]) -> Assumption:
    def keep(drawn: Any, own: Any, rng: np.random.Generator) -> Any:
        for option in options:
            drawn = option.keep(drawn, own, rng)
        return drawn

    return Assumption(options[0].leaf, " and ".join(o.text for o in options), keep)


def shaped(assumptions: Sequence[Assumption], field: Field) -> Any:
    """A function for `points.draw` that keeps all of ``assumptions``."""

    def shape(point: Point, rng: np.random.Generator) -> Point:
        kept = dict(point)
        for a in assumptions:
            kept[a.leaf] = a.keep(kept[a.leaf], field.own[a.leaf], rng)
        return kept

    return shape


def _own(drawn: Any, own: Any, rng: np.random.Generator) -> Any:
    return own


def _of_number(field: Field, leaf: int, statement: Statement, value: float) -> list[Assumption]:
    name = statement.name
    if _computed(field.tape, statement):
        return [Assumption(leaf, f"{name} is {value:.6g}, as computed in the file", _own)]
    lengths = {n for x in field.own.values() for n in (*np.shape(x), int(np.size(x))) if n > 1}
    if value in lengths and _counts(field.tape, statement):
        return [Assumption(leaf, f"{name} is {value:g}, the length of an array", _own)]
    return []


def _counts(tape: Tape, statement: Statement) -> bool:
    """Whether a number is typed as a count is: ``n = 4``, not ``c = 4.0``."""
    tokens = tokens_of(tape.model, statement)
    return tokens[-2].text.isdecimal()


def _computed(tape: Tape, statement: Statement) -> bool:
    """Whether a leaf is a calculation (``sqrt(2*pi)``), or pi or e, not just a number."""
    code = statement.form.code
    constants = [tape.model.constants[~o] for o in statement.operands]
    if any(isinstance(c, Load | Given) for c in constants):
        return False
    if not code:
        return constants[0] in {np.pi, np.e}
    return any(i.op.name not in {"negative", "array"} for i in code)


def _of_array(tape: Tape, leaf: int, statement: Statement, x: Any) -> list[Assumption]:
    name = statement.name
    found = []
    ops = {i.op.name for i in statement.form.code}
    if ops & CONSTANT and not ops & {"rand", "randn"}:
        return [Assumption(leaf, f"{name} is as in the file", _own)]
    for axis in _simplex_axes(x):
        over = (
            "" if x.ndim == 1 else " in every row" if axis == x.ndim - 1 else f" over axis {axis}"
        )
        found.append(Assumption(leaf, f"{name} sums to 1{over}", _simplex(axis)))
        break
    if x.ndim == 2 and x.shape[0] == x.shape[1] > 1:
        if np.allclose(x @ x.T, np.eye(len(x)), rtol=0, atol=CLOSE):
            found.append(Assumption(leaf, f"{name} is orthogonal", _orthogonal))
        elif np.array_equal(x, x.T):
            found.append(Assumption(leaf, f"{name} is symmetric", _symmetric))
    unit = x.ndim == 1 and x.size > 1 and abs(float(x @ x) - 1) < CLOSE
    if unit and not _divided_by_length(tape, leaf):
        found.append(Assumption(leaf, f"{name} has length 1", _unit))
    if _is_neutral(tape, leaf, x):
        return found
    if np.isin(x, (-1.0, 0.0, 1.0)).all():
        found.append(Assumption(leaf, f"{name} is as in the file", _own))
    elif (x == 0).any():
        found.append(Assumption(leaf, f"{name} is 0 where it is in the file", _zeros))
    return found


def _is_neutral(tape: Tape, leaf: int, x: Any) -> bool:
    """Whether an operation does nothing at the leaf's value, which is then one of many.

    ``gamma = [1, 1]`` and ``beta = [0, 0]`` of ``gamma * x + beta`` are where training starts. A
    claim that rests on them lacks a factor, or a term.
    """
    if not x.size or not ((x == 1).all() or (x == 0).all()):
        return False
    names = {"multiply", "divide"} if x.flat[0] else {"add", "subtract"}
    return any(op.name in names for op in _uses(tape, tape.vertex[leaf]))


def _divided_by_length(tape: Tape, leaf: int) -> bool:
    """Whether the model takes the norm of a leaf: of v/norm(v), v need not have length 1."""
    return any(op.name == "norm" for op in _uses(tape, tape.vertex[leaf]))


def _uses(tape: Tape, vertex: int) -> Iterator[Op]:
    """The operations that have a node for an operand."""
    for op, args in zip(tape.ops, tape.args, strict=True):
        if isinstance(op, Op) and vertex in args:
            yield op


def _simplex_axes(x: Any) -> list[int]:
    if x.size < 2 or (x < 0).any():
        return []
    return [
        axis
        for axis in range(x.ndim - 1, -1, -1)
        if x.shape[axis] > 1 and np.allclose(x.sum(axis), 1.0, rtol=0, atol=CLOSE)
    ]


def _simplex(axis: int) -> Keep:
    def keep(drawn: Any, own: Any, rng: np.random.Generator) -> Any:
        # Twelve binary digits each: then the sum is 1 exactly, not to 16 digits.
        weights = np.floor(np.abs(drawn) / np.abs(drawn).sum(axis, keepdims=True) * 4096)
        last = [slice(None)] * drawn.ndim
        last[axis] = slice(-1, None)
        weights[tuple(last)] += 4096 - weights.sum(axis, keepdims=True)
        return weights / 4096

    return keep


def _symmetric(drawn: Any, own: Any, rng: np.random.Generator) -> Any:
    return np.triu(drawn) + np.triu(drawn, 1).T


def _zeros(drawn: Any, own: Any, rng: np.random.Generator) -> Any:
    return np.where(own == 0, 0.0, drawn)


def _orthogonal(drawn: Any, own: Any, rng: np.random.Generator) -> Any:
    # The 34 digits of an exact rotation are not to be had in floats: signs and order are.
    order = rng.permutation(len(own))
    return own[order] * rng.choice([-1.0, 1.0], (len(own), 1))


def _unit(drawn: Any, own: Any, rng: np.random.Generator) -> Any:
    order = rng.permutation(len(own))
    return own[order] * rng.choice([-1.0, 1.0], len(own))
