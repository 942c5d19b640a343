"""What a row of the table is, and what follows from one. No operation is named here.

A row is written once, over ``m``, the namespace of whatever number system runs it: Python
floats, NumPy, mpmath, SymPy, formulas, recorded nodes. From its rules follow

    pull    the VJP: cotangent of the result -> cotangents of the operands (reverse sweep)
    push    the JVP: tangents of the operands -> tangent of the result (forward sweep)
    bound   the VJP with every local derivative replaced by its absolute value
    touch   the VJP with every local derivative replaced by 1: what depends on what

There are three kinds of row. An *elementwise* row gives ``partials``, one local derivative
per operand. A *reduction* gives ``weight``, the derivative of the result with respect to
each element of its one operand. Everything else gives ``vjp`` and ``jvp``.

The formulas are those of Griewank & Walther, *Evaluating Derivatives* (2nd ed., SIAM 2008),
ch. 3 (forward and reverse), and ch. 14 (one-sided derivatives at kinks).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    # A rule is a function of (m, …); what m's values are depends on the backend.
    Rule = Callable[..., Any]

REQUIRED: Any = type("Required", (), {"__repr__": lambda self: "REQUIRED"})()


class Parameter(NamedTuple):
    """One parameter of a row's signature.

    ``static`` parameters are configuration and get no edge; ``many`` ones take the rest of
    the positional arguments; ``listed`` ones take the items of one list literal; ``worded``
    ones are static and may be a text in quotes.
    """

    name: str
    static: bool
    many: bool
    listed: bool
    default: Any
    worded: bool = False


class Domain(NamedTuple):
    """Where an operation is defined over the reals: ``text`` for a person, ``test`` to decide.

    ``test(m, *operands, **static)`` is true (elementwise) inside the domain.
    """

    text: str
    test: Rule


class Kink(NamedTuple):
    """Where a derivative does not exist, or is infinite, although the value does.

    ``at(m, y, *operands, **static)`` is true (elementwise) on the kink. There,
    ``side(m, y, xs, dxs, **static)`` is the one-sided directional derivative in the direction
    ``dxs``; for a jump, ``limit(m, y, xs, dxs, **static)`` is the value just off the point in
    that direction (and the derivative there is 0). Exactly one of the two is given.
    """

    text: str
    at: Rule
    side: Rule | None = None
    limit: Rule | None = None


class Sample(NamedTuple):
    """Where the tests draw an operand from: an open interval inside the domain."""

    low: float
    high: float


ANY = Sample(-3.0, 3.0)
POSITIVE = Sample(0.2, 4.0)
UNIT = Sample(-0.95, 0.95)
ABOVE_ONE = Sample(1.1, 4.0)


@dataclass(frozen=True, slots=True, eq=False)
class Op:
    """One operation: one row.

    Attributes
    ----------
    name      : what a model calls it
    signature : its parameters, e.g. ``"x, @axis=None, @keepdims=False"``; ``@`` marks a
                static one, ``$`` a static one that may be a text in quotes, ``*`` one that
                takes the rest, ``[xs]`` one written as a list
    value     : ``(m, *operands, **static)`` -> result, by a numerically stable formula
    partials  : elementwise rows: per operand ``(m, y, *operands)`` -> local derivative
    weight    : reductions: ``(m, y, x, **static)`` -> dy/dx spread over x, where y keeps its
                reduced axes as 1
    vjp, jvp  : other rows: ``(m, seed, y, xs, slot, **static)`` -> cotangent of operand
                ``slot``; ``(m, dxs, y, xs, **static)`` -> tangent (a ``None`` in dxs is 0)
    bound     : other rows: ``vjp`` with absolute local derivatives; ``None`` where the vjp at
                absolute operands and seed is just that (sums, products, permutations)
    dense     : True where every element of the result may depend on every element of the
                operands, and neither of these says so at operands of 1 (inverses, sorting)
    size      : ``(*shapes, **static)`` -> how many elements the result has, where that may be
                more than the operands have together: it is bounded before it is made
    into      : other rows: ``(m, total, seed, xs, slot, **static)`` is the total with the cotangent
                added in place, where the vjp would fill an array of zeros (for namespaces that can)
    meaning   : the mathematical definition, where ``value`` is a rearrangement of it
    domain, kink, sample : see there; ``sample`` has one entry per operand, or one for all
    symbol    : the operator it is written with, for formulas
    precedence: of that operator; a call has the highest
    aliases   : other names it is accepted under (NumPy's)
    textbook  : the partials (or, as one entry, the weight or the vjp) as a textbook writes them,
                where the rule itself is rearranged to keep more digits: tanh' is 1 − y², but at
                x = 20 that is 0 in float64
    text      : the derivative for the listing, as a person writes it
    selects   : True where a partial of 0 means "no edge" (``where``)
    hidden    : True for rows that only other rows use
    builds    : True where the value is configuration (a tuple, a slice) and gets no node
    """

    name: str
    signature: str
    value: Rule
    partials: tuple[Rule, ...] = ()
    weight: Rule | None = None
    vjp: Rule | None = None
    jvp: Rule | None = None
    bound: Rule | None = None
    into: Rule | None = None
    meaning: Rule | None = None
    domain: Domain | None = None
    kink: Kink | None = None
    sample: tuple[Sample, ...] = (ANY,)
    symbol: str = ""
    precedence: int = 9
    aliases: tuple[str, ...] = ()
    textbook: tuple[Rule, ...] = ()
    text: str = ""
    dense: bool = False
    size: Rule | None = None
    selects: bool = False
    hidden: bool = False
    builds: bool = False
    family: str = ""
    parameters: tuple[Parameter, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", parse_signature(self.signature))

    def __repr__(self) -> str:
        return f"<op {self.name}>"

    @property
    def elementwise(self) -> bool:
        """Whether the result's elements depend on the operands' elements one to one."""
        return bool(self.partials)

    @property
    def differentiable(self) -> bool:
        """Whether any operand can get an edge."""
        return bool(self.partials or self.weight or self.vjp)


def parse_signature(text: str) -> tuple[Parameter, ...]:
    """``"x, *@shape, @seed"`` as parameters. Defaults are Python literals of the table's own."""
    found = []
    for part in text.split(", ") if text else ():
        name, equals, default = part.partition("=")
        listed = name.startswith("[")
        name = name.strip("[]")
        many = name.startswith("*")
        name = name.removeprefix("*")
        worded = name.startswith("$")
        static = worded or name.startswith("@")
        found.append(
            Parameter(
                name.lstrip("@$"),
                static,
                many,
                listed,
                _literal(default) if equals else REQUIRED,
                worded,
            )
        )
    return tuple(found)


def _literal(text: str) -> Any:
    """A default: None, True, False or a number."""
    words = {"None": None, "True": True, "False": False}
    if text in words:
        return words[text]
    return float(text) if "." in text else int(text)


def or_zero(dx: Any) -> Any:
    """A tangent, with the ``None`` of an operand that is fixed read as 0."""
    return 0 if dx is None else dx


def unbroadcast(m: Any, x: Any, shape: tuple[int, ...]) -> Any:
    """Sum ``x`` over the axes along which an operand of ``shape`` was broadcast to it."""
    have = m.shape(x)
    if have == shape:
        return x
    extra = len(have) - len(shape)
    axes = tuple(range(extra)) + tuple(
        i + extra for i, n in enumerate(shape) if n == 1 and have[i + extra] != 1
    )
    if axes:
        x = m.sum(x, axis=axes, keepdims=True)
    return m.reshape(x, shape) if extra else x


def broadcast_size(shapes: Sequence[tuple[int, ...]]) -> int:
    """How many elements arrays of these shapes make together, if they broadcast at all."""
    rank = max(map(len, shapes))
    padded = [(1,) * (rank - len(s)) + tuple(s) for s in shapes]
    return math.prod(max(dims) for dims in zip(*padded, strict=True))


def spread(m: Any, x: Any, shape: tuple[int, ...], axis: Any, keepdims: bool) -> Any:
    """A reduction's result with its reduced axes put back as 1, ready to broadcast."""
    if keepdims or m.shape(x) == (kept := kept_shape(shape, axis)):
        return x
    return m.reshape(x, kept)


def kept_shape(shape: tuple[int, ...], axis: Any) -> tuple[int, ...]:
    """``shape`` with the reduced axes as 1; ``axis=None`` reduces all."""
    if axis is None:
        return (1,) * len(shape)
    axes = {a % len(shape) for a in (axis if isinstance(axis, tuple) else (axis,))}
    return tuple(1 if i in axes else n for i, n in enumerate(shape))


def pull(
    op: Op,
    m: Any,
    seed: Any,
    y: Any,
    xs: Sequence[Any],
    slot: int,
    static: Mapping[str, Any],
) -> Any:
    """VJP: the cotangent of operand ``slot``, in its shape, from the result's cotangent."""
    if op.partials:
        weight = op.partials[slot](m, y, *xs)
        if weight.__class__ is int and weight == 1:  # x + y passes its seed on, uncopied
            return unbroadcast(m, seed, m.shape(xs[slot]))
        if op.selects:
            # An infinite seed on the branch not taken: inf * 0 would be NaN.
            return unbroadcast(m, m.where(weight, seed, 0), m.shape(xs[slot]))
        if weight.__class__ is int and weight == -1:  # the fewer are negated
            seed = unbroadcast(m, seed, m.shape(xs[slot]))
        return unbroadcast(m, seed * weight, m.shape(xs[slot]))
    if op.weight is not None:
        shape = m.shape(xs[0])
        axis, keepdims = static.get("axis"), static.get("keepdims", False)
        kept = spread(m, y, shape, axis, keepdims)
        weight = op.weight(m, kept, xs[0], **static)
        return m.broadcast_to(spread(m, seed, shape, axis, keepdims) * weight, shape)
    assert op.vjp is not None, op
    return op.vjp(m, seed, y, xs, slot, **static)


def push(
    op: Op, m: Any, dxs: Sequence[Any], y: Any, xs: Sequence[Any], static: Mapping[str, Any]
) -> Any:
    """JVP: the tangent of the result. A ``None`` among ``dxs`` is an operand that is fixed."""
    if op.partials:
        total = None
        for partial, dx in zip(op.partials, dxs, strict=True):
            if dx is not None:
                term = partial(m, y, *xs) * dx
                total = term if total is None else total + term
        # An operand narrower than the result leaves its tangent to be broadcast.
        shape = m.shape(y)
        return total if m.shape(total) == shape else m.broadcast_to(total, shape)
    if op.weight is not None:
        axis, keepdims = static.get("axis"), static.get("keepdims", False)
        kept = spread(m, y, m.shape(xs[0]), axis, keepdims)
        return m.sum(op.weight(m, kept, xs[0], **static) * dxs[0], axis=axis, keepdims=keepdims)
    assert op.jvp is not None, op
    return op.jvp(m, dxs, y, xs, **static)


def bound(
    op: Op, m: Any, seed: Any, y: Any, xs: Sequence[Any], slot: int, static: Mapping[str, Any]
) -> Any:
    """VJP of a non-negative ``seed`` with every local derivative taken absolutely."""
    if op.partials:
        weight = m.abs(op.partials[slot](m, y, *xs))
        return unbroadcast(m, seed * weight, m.shape(xs[slot]))
    if op.weight is not None:
        shape = m.shape(xs[0])
        axis, keepdims = static.get("axis"), static.get("keepdims", False)
        kept = spread(m, y, shape, axis, keepdims)
        weight = m.abs(op.weight(m, kept, xs[0], **static))
        return m.broadcast_to(spread(m, seed, shape, axis, keepdims) * weight, shape)
    if op.bound is not None:
        return op.bound(m, seed, y, xs, slot, **static)
    assert op.vjp is not None, op
    return op.vjp(m, seed, m.abs(y), [m.abs(x) for x in xs], slot, **static)


def touch(
    op: Op, m: Any, seed: Any, y: Any, xs: Sequence[Any], slot: int, static: Mapping[str, Any]
) -> Any:
    """VJP of a 0/1 ``seed`` with every local derivative 1: positive where an edge leads.

    Only where a row *selects* does a zero derivative mean that there is no edge: in
    ``where(c, a, b)`` the branch not taken is not connected, whatever its slope.
    """
    if op.partials:
        weight = op.partials[slot](m, y, *xs) if op.selects else 1.0
        spread_out = m.broadcast_to(seed * weight, m.shape(y))
        return unbroadcast(m, spread_out, m.shape(xs[slot]))
    if op.weight is not None:
        shape = m.shape(xs[0])
        axis, keepdims = static.get("axis"), static.get("keepdims", False)
        return m.broadcast_to(spread(m, seed, shape, axis, keepdims), shape)
    assert op.vjp is not None, op
    if op.dense:
        return m.sum(seed) * m.ones_like(xs[slot])
    if op.bound is not None:  # a dense row: every element of the axis touches every other
        return op.bound(m, seed, m.ones_like(y) / 2, [m.ones_like(x) for x in xs], slot, **static)
    return op.vjp(m, seed, m.ones_like(y), [m.ones_like(x) for x in xs], slot, **static)
