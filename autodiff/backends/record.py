"""Nodes on a tape of their own: what rules do to them is recorded, so it can be differentiated.

A `Record` is a namespace over another one. Rows that run on its nodes compute their values
there and then, and leave a program behind; `Record.pullback` sweeps that program in reverse.
Rules run on a record give derivatives of derivatives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from autodiff.ops import TABLE
from autodiff.ops.base import pull

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from autodiff.ops import Op


class Step(NamedTuple):
    """One recorded operation. ``op`` is None for a leaf or a constant; ``varies`` is False
    for a constant and for what is made of constants alone."""

    op: Op | None
    args: tuple[int, ...]
    static: Mapping[str, Any]
    value: Any
    varies: bool


class Node:
    """A value on a record. Its operators are rows."""

    __slots__ = ("index", "record")
    __hash__ = None  # type: ignore[assignment]  # == compares values elementwise, as NumPy's does
    __array_ufunc__ = None  # so that array + node asks the node

    def __init__(self, record: Record, index: int) -> None:
        self.record = record
        self.index = index

    @property
    def value(self) -> Any:
        return self.record.steps[self.index].value

    def __add__(self, other: Any) -> Node:
        return self.record.apply("add", self, other)

    def __radd__(self, other: Any) -> Node:
        return self.record.apply("add", other, self)

    def __sub__(self, other: Any) -> Node:
        return self.record.apply("subtract", self, other)

    def __rsub__(self, other: Any) -> Node:
        return self.record.apply("subtract", other, self)

    def __mul__(self, other: Any) -> Node:
        return self.record.apply("multiply", self, other)

    def __rmul__(self, other: Any) -> Node:
        return self.record.apply("multiply", other, self)

    def __truediv__(self, other: Any) -> Node:
        return self.record.apply("divide", self, other)

    def __rtruediv__(self, other: Any) -> Node:
        return self.record.apply("divide", other, self)

    def __pow__(self, other: Any) -> Node:
        return self.record.apply("power", self, other)

    def __neg__(self) -> Node:
        return self.record.apply("negative", self)

    def __gt__(self, other: Any) -> Node:
        return self.record.apply("greater", self, other)

    def __ge__(self, other: Any) -> Node:
        return self.record.apply("greater_equal", self, other)

    def __lt__(self, other: Any) -> Node:
        return self.record.apply("less", self, other)

    def __le__(self, other: Any) -> Node:
        return self.record.apply("less_equal", self, other)

    def __eq__(self, other: object) -> Node:  # type: ignore[override]  # elementwise, see __hash__
        return self.record.apply("equal", self, other)

    def __ne__(self, other: object) -> Node:  # type: ignore[override]  # likewise
        return self.record.apply("not_equal", self, other)


class Record:
    """A namespace whose values are nodes; ``m`` is the one they are computed in."""

    def __init__(self, m: Any) -> None:
        self.m = m
        self.steps: list[Step] = []
        self.pi, self.inf, self.nan = m.pi, m.inf, m.nan

    def leaf(self, value: Any) -> Node:
        """A node to differentiate with respect to."""
        return self._append(Step(None, (), {}, value, True))

    def apply(self, name: str, *xs: Any, **static: Any) -> Node:
        """Run a row and record it; operands that are not nodes become constants."""
        op = TABLE[name]
        args = tuple((x if isinstance(x, Node) else self._constant(x)).index for x in xs)
        value = op.value(self.m, *[self.steps[arg].value for arg in args], **static)
        varies = op.differentiable and any(self.steps[arg].varies for arg in args)
        return self._append(Step(op, args, static, value, varies))

    def _constant(self, value: Any) -> Node:
        return self._append(Step(None, (), {}, self.m.asarray(value), False))

    def _append(self, step: Step) -> Node:
        self.steps.append(step)
        return Node(self, len(self.steps) - 1)

    def pullback(self, of: Node, seed: Any) -> list[Any]:
        """The cotangent of every step (None: not reached), from that of ``of``."""
        adjoints: list[Any] = [None] * len(self.steps)
        adjoints[of.index] = seed
        for index in range(of.index, -1, -1):
            op, args, static, y, varies = self.steps[index]
            if op is None or adjoints[index] is None or not varies:
                continue
            xs = [self.steps[arg].value for arg in args]
            for slot, arg in enumerate(args):
                if not self.steps[arg].varies:
                    continue
                term = pull(op, self.m, adjoints[index], y, xs, slot, static)
                adjoints[arg] = term if adjoints[arg] is None else adjoints[arg] + term
        return adjoints

    def __getattr__(self, name: str) -> Callable[..., Node]:
        # The elementwise functions: `exp` is the row "exp".
        if name not in TABLE:
            raise AttributeError(name)
        return lambda *xs: self.apply(name, *xs)

    def polygamma(self, n: int, x: Any) -> Any:
        return self.apply("polygamma", x, n=n)

    def whole(self, op: Op, *xs: Any) -> Any:
        return self.apply(op.name, *xs)

    def logical_and(self, a: Any, b: Any) -> Any:
        return self.m.logical_and(_plain(a), _plain(b))

    def logical_or(self, a: Any, b: Any) -> Any:
        return self.m.logical_or(_plain(a), _plain(b))

    def shape(self, x: Any) -> tuple[int, ...]:
        return tuple(self.m.shape(_plain(x)))

    def ones_like(self, x: Any) -> Any:
        return self.m.ones_like(_plain(x))

    def zeros_like(self, x: Any) -> Any:
        return self.m.zeros_like(_plain(x))

    def full(self, shape: tuple[int, ...], value: Any) -> Any:
        return self.m.full(shape, _plain(value))

    def eye(self, n: int, m: int | None = None) -> Any:
        return self.m.eye(n, m)

    def asarray(self, x: Any) -> Any:
        return x if isinstance(x, Node) else self.m.asarray(x)

    def broadcast_to(self, x: Any, shape: tuple[int, ...]) -> Any:
        return self.apply("broadcast_to", x, shape=shape)

    def reshape(self, x: Any, shape: tuple[int, ...]) -> Any:
        return self.apply("reshape", x, shape=shape)

    def transpose(self, x: Any, axes: tuple[int, ...]) -> Any:
        return self.apply("transpose", x, axes=axes)

    def stack(self, xs: Sequence[Any], axis: int = 0) -> Any:
        return self.apply("stack", *xs, axis=axis)

    def concat(self, xs: Sequence[Any], axis: int = 0) -> Any:
        return self.apply("concat", *xs, axis=axis)

    def getitem(self, x: Any, index: Any) -> Any:
        return self.apply("getitem", x, index=index)

    def scatter(self, x: Any, index: Any, shape: tuple[int, ...]) -> Any:
        return self.apply("scatter", x, index=index, shape=shape)

    def flip(self, x: Any, axis: int) -> Any:
        return self.apply("flip", x, axis=axis)

    def cumsum(self, x: Any, axis: int) -> Any:
        return self.apply("cumsum", x, axis=axis)

    def einsum(self, subscripts: str, *xs: Any) -> Any:
        return self.apply("einsum", *xs, subscripts=subscripts)

    def inv(self, x: Any) -> Any:
        return self.apply("inv", x)

    def solve(self, a: Any, b: Any) -> Any:
        return self.apply("solve", a, b)

    def det(self, x: Any) -> Any:
        return self.apply("det", x)

    def slogdet(self, x: Any) -> Any:
        det = self.apply("det", x)
        return self.sign(det), self.log(self.abs(det))

    def cofactor(self, x: Any) -> Any:
        """Of regular matrices: det(x)·inv(x)ᵀ."""
        n = len(self.shape(x))
        det = self.apply("det", x)
        inverse = self.transpose(self.inv(x), (*range(n - 2), n - 1, n - 2))
        return self.reshape(det, (*self.shape(det), 1, 1)) * inverse

    def cumprod(self, x: Any, axis: int) -> Any:
        return self.apply("cumprod", x, axis=axis)

    def sort(self, x: Any, axis: int) -> Any:
        return self.apply("sort", x, axis=axis)

    def tril(self, x: Any, k: int = 0) -> Any:
        return self.apply("tril", x, k=k)

    def triu(self, x: Any, k: int = 0) -> Any:
        return self.apply("triu", x, k=k)

    def sum(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return self.apply("sum", x, axis=axis, keepdims=keepdims)

    def prod(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return self.apply("prod", x, axis=axis, keepdims=keepdims)

    def max(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return self.apply("max", x, axis=axis, keepdims=keepdims)

    def min(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return self.apply("min", x, axis=axis, keepdims=keepdims)

    def norm(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return self.apply("norm", x, axis=axis, keepdims=keepdims)


def _plain(x: Any) -> Any:
    return x.value if isinstance(x, Node) else x
