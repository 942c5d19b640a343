"""The rows' namespace ``m`` whose values are formulas.

Broadcasting and axes of length 1 are not written, as in print: a formula knows its shape
and along which axes its text extends. An exact style writes them, as the language needs them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from autodiff.backends import terms
from autodiff.backends.terms import Formula, Shape, Style

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Namespace:
    """``m`` of the rows. A function that is not named here is written as a call."""

    def __init__(self, ascii: bool = False, exact: bool = False) -> None:
        self.style = Style(ascii, exact)
        self.pi = self.symbol(self.style.pi)
        self.inf = self.number(math.inf)
        self.nan = self.number(math.nan)

    def symbol(self, name: str, shape: Shape = ()) -> Formula:
        return terms.write(self.style, name, terms.ATOM, shape)

    def number(self, value: Any) -> Formula:
        return terms.lift(self.style, value)

    def __getattr__(self, name: str) -> Callable[..., Formula]:
        if name.startswith("_"):
            raise AttributeError(name)
        shown = self.style.names.get(name, name)

        def call(*args: Any) -> Formula:
            formulas = [terms.lift(self.style, arg) for arg in args]
            shape, varies = terms.broadcast(formulas)
            text = f"{shown}({', '.join(f.text for f in formulas)})"
            return terms.write(self.style, text, terms.ATOM, shape, varies, (name, *formulas))

        return call

    # What a function means where that shortens it.

    def power(self, x: Any, y: Any) -> Formula:
        return terms.power(self.style, self.number(x), self.number(y))

    def times(self, x: Any, y: Any) -> Formula:
        return self.number(x) * self.number(y)

    def ratio(self, x: Any, y: Any) -> Formula:
        return self.number(x) / self.number(y)

    def where(self, c: Any, a: Any, b: Any) -> Formula:
        c, a, b = self.number(c), self.number(a), self.number(b)
        truth = terms.literal(c)
        shape, varies = terms.broadcast([c, a, b])
        if truth is not None:
            chosen = a if truth.p else b
            return terms.spread(
                chosen, shape, (False,) * (len(shape) - len(chosen.shape)) + chosen.varies
            )
        if c.made and c.made[0] == "where":  # where(where(c, 1, 0), a, b)
            inner = c.made
            if terms.equals(inner[2], 1) and terms.equals(inner[3], 0):
                return self.where(inner[1], a, b)
            if terms.equals(inner[2], 0) and terms.equals(inner[3], 1):
                return self.where(inner[1], b, a)
        if a.text == b.text:
            return terms.spread(a, shape, varies)
        text = f"where({c.text}, {a.text}, {b.text})"
        return terms.write(self.style, text, terms.ATOM, shape, varies, ("where", c, a, b))

    def logical_and(self, x: Any, y: Any) -> Formula:
        return self._joined("and", x, y)

    def logical_or(self, x: Any, y: Any) -> Formula:
        return self._joined("or", x, y)

    def _joined(self, word: str, x: Any, y: Any) -> Formula:
        x, y = self.number(x), self.number(y)
        left, right = (terms.bracketed(side, terms.COMPARISON) for side in (x, y))
        text = f"({left} {word} {right})"
        return terms.write(self.style, text, terms.ATOM, *terms.broadcast([x, y]))

    # Arrays.

    def shape(self, x: Any) -> Shape:
        return x.shape if isinstance(x, Formula) else self.number(x).shape

    def ones_like(self, x: Any) -> Formula:
        return terms.number(self.style, 1, self.shape(x))

    def zeros_like(self, x: Any) -> Formula:
        return terms.number(self.style, 0, self.shape(x))

    def full(self, shape: Shape, value: Any) -> Formula:
        return self.broadcast_to(self.number(value), shape)

    def broadcast_to(self, x: Any, shape: Shape) -> Formula:
        x = self.number(x)
        return terms.spread(x, shape, (False,) * (len(shape) - len(x.shape)) + x.varies)

    def sum(self, x: Any, axis: Any = None, keepdims: bool = False) -> Formula:
        x = self.number(x)
        if x.coefficient is not None and x.factors and not x.coefficient.is_one():
            # Constants before the sum: -sum(labels)/4.
            bare = terms.make_product(self.style, terms.ONE, x.factors, x.shape, x.varies)
            return terms.constant(self.style, x.coefficient, ()) * self.sum(bare, axis, keepdims)
        axes = _axes(axis, len(x.shape))
        # What does not vary along an axis is only counted there.
        count = math.prod(x.shape[a] for a in axes if not x.varies[a])
        summed = [a for a in axes if x.varies[a]]
        # d̄ that was counted once is d̄·n; a constant needs no sum at all.
        flat = _drop(x, axes, keepdims)
        if summed:
            flat = self._reduced("sum", x, axis, keepdims, summed)
        return flat * count if count != 1 else flat

    def max(self, x: Any, axis: Any = None, keepdims: bool = False) -> Formula:
        return self._extreme("max", x, axis, keepdims)

    def min(self, x: Any, axis: Any = None, keepdims: bool = False) -> Formula:
        return self._extreme("min", x, axis, keepdims)

    def prod(self, x: Any, axis: Any = None, keepdims: bool = False) -> Formula:
        return self._extreme("prod", x, axis, keepdims)

    def norm(self, x: Any, axis: Any = None, keepdims: bool = False) -> Formula:
        return self._extreme("norm", x, axis, keepdims)

    def _extreme(self, name: str, x: Any, axis: Any, keepdims: bool) -> Formula:
        x = self.number(x)
        return self._reduced(name, x, axis, keepdims, _axes(axis, len(x.shape)))

    def _reduced(
        self, name: str, x: Formula, axis: Any, keepdims: bool, summed: Sequence[int]
    ) -> Formula:
        """``sum(x)``, or ``sum(x, 0)`` where an axis along which x extends is left."""
        dropped = _drop(x, _axes(axis, len(x.shape)), keepdims)
        left = [a for a, extends in enumerate(x.varies) if extends and a not in summed]
        where = (
            f", {configuration(tuple(summed) if len(summed) > 1 else summed[0])}" if left else ""
        )
        if keepdims and left and self.style.exact:
            where += ", keepdims=True"
        text = f"{name}({x.text}{where})"
        return terms.write(self.style, text, terms.ATOM, dropped.shape, dropped.varies)

    def cumsum(self, x: Any, axis: int) -> Formula:
        return self._along("cumsum", x, axis)

    def cumprod(self, x: Any, axis: int) -> Formula:
        return self._along("cumprod", x, axis)

    def flip(self, x: Any, axis: int) -> Formula:
        return self._along("flip", x, axis)

    def argsort(self, x: Any, axis: int) -> Formula:
        return self._along("argsort", x, axis)

    def take_along(self, x: Any, order: Formula, axis: int) -> Formula:
        x = self.number(x)
        where = "" if len(order.shape) < 2 else f", {axis}"
        text = f"take_along({x.text}, {order.text}{where})"
        return terms.write(self.style, text, terms.ATOM, order.shape)

    def tril(self, x: Any, k: int = 0) -> Formula:
        return self._triangle("tril", x, k)

    def triu(self, x: Any, k: int = 0) -> Formula:
        return self._triangle("triu", x, k)

    def _triangle(self, name: str, x: Any, k: int) -> Formula:
        x = self.number(x)
        where = f", {k}" if k else ""
        return terms.write(self.style, f"{name}({x.text}{where})", terms.ATOM, x.shape)

    def _along(self, name: str, x: Any, axis: int) -> Formula:
        x = self.number(x)
        where = "" if len(x.shape) < 2 else f", {axis}"
        return terms.write(self.style, f"{name}({x.text}{where})", terms.ATOM, x.shape)

    def matmul(self, x: Any, y: Any) -> Formula:
        x, y = self.number(x), self.number(y)
        shape = _matmul_shape(x.shape, y.shape)
        if x.shape[-1:] == (1,) and len(x.shape) > 1 and len(y.shape) > 1:
            return self.broadcast_to(x * y, shape)  # a column times a row
        if terms.equals(x, 0) or terms.equals(y, 0):
            return terms.number(self.style, 0, shape)
        if len(x.shape) == len(y.shape) == 2:
            # A matrix of one number on either side only sums: ones @ X.T is sum(X, 1).
            if not any(x.varies):
                total = self.sum(y, axis=0, keepdims=True)
                return self.broadcast_to(terms.spread(x, (), ()) * total, shape)
            if not any(y.varies):
                total = self.sum(x, axis=1, keepdims=True)
                return self.broadcast_to(total * terms.spread(y, (), ()), shape)
        # Left-associative; a product on the left needs no brackets for its value but for its
        # reader.
        left = x.text if x.made[:1] == ("matmul",) else terms.bracketed(x, terms.PRODUCT + 1)
        text = f"{left} @ {terms.bracketed(y, terms.PRODUCT + 1)}"
        return terms.write(self.style, text, terms.PRODUCT, shape, made=("matmul",))

    def einsum(self, subscripts: str, *xs: Any) -> Formula:
        items = [self.number(x) for x in xs]
        left, _, result = subscripts.partition("->")
        if any(terms.equals(item, 1) and not item.shape for item in items):
            # A scalar's cotangent is left out.
            pairs = [
                (letters, item)
                for letters, item in zip(left.split(","), items, strict=True)
                if letters or not terms.equals(item, 1)
            ]
            if not pairs:
                return self.number(1)
            left, items = ",".join(p for p, _ in pairs), [item for _, item in pairs]
            if len(pairs) == 1 and left == result:
                return items[0]
        lengths: dict[str, int] = {}
        for letters, item in zip(left.split(","), items, strict=True):
            lengths.update(zip(letters, item.shape, strict=True))
        text = f'einsum("{left}->{result}", {", ".join(item.text for item in items)})'
        return terms.write(self.style, text, terms.ATOM, tuple(lengths[c] for c in result))

    def solve(self, a: Any, b: Any) -> Formula:
        a, b = self.number(a), self.number(b)
        return terms.write(self.style, f"solve({a.text}, {b.text})", terms.ATOM, b.shape)

    def transpose(self, x: Any, axes: Sequence[int]) -> Formula:
        x = self.number(x)
        shape = tuple(x.shape[a] for a in axes)
        varies = tuple(x.varies[a] for a in axes)
        if sum_(varies) < 2 or list(axes) == sorted(axes):
            return terms.spread(x, shape, varies)
        if x.made[:1] == ("outer",) and len(axes) == 2:
            _, a, b = x.made
            text = f"outer({b.text}, {a.text})"
            return terms.write(self.style, text, terms.ATOM, shape, made=("outer", b, a))
        if x.made[:1] == ("transpose",) and tuple(x.made[2][a] for a in axes) == tuple(
            range(len(axes))
        ):
            return x.made[1]  # type: ignore[no-any-return]  # put there below
        plain = tuple(axes) == tuple(reversed(range(len(axes))))
        order = configuration(tuple(axes))
        text = f"{terms.bracketed(x, terms.ATOM)}.T" if plain else f"transpose({x.text}, {order})"
        return terms.write(
            self.style, text, terms.ATOM, shape, varies, ("transpose", x, tuple(axes))
        )

    def reshape(self, x: Any, shape: Shape) -> Formula:
        x = self.number(x)
        shape = _without_unknown(tuple(shape), x.shape)
        # An axis of length 1 before the others changes nothing.
        written = self.style.exact and any(x.varies) and _tail(x.shape) != _tail(shape)
        if [n for n in x.shape if n != 1] == [n for n in shape if n != 1] and not written:
            extends = iter([v for n, v in zip(x.shape, x.varies, strict=True) if n != 1])
            return terms.spread(x, shape, tuple(n != 1 and next(extends) for n in shape))
        if not any(x.varies) or x.text == self.style.ellipsis:
            return terms.spread(x, shape, x.varies[:1] * len(shape))
        text = f"reshape({x.text}, {configuration(shape)})"
        return terms.write(self.style, text, terms.ATOM, shape)

    def stack(self, xs: Sequence[Any], axis: int = 0) -> Formula:
        items = [self.number(x) for x in xs]
        shape = list(terms.broadcast(items)[0])
        shape.insert(axis, len(items))
        where = "" if axis == 0 else f", {axis}"
        listed = "[" + ", ".join(item.text for item in items) + "]"
        text = listed if axis == 0 else f"stack({listed}{where})"
        return terms.write(self.style, text, terms.ATOM, tuple(shape))

    def concat(self, xs: Sequence[Any], axis: int = 0) -> Formula:
        items = [self.number(x) for x in xs]
        shape = list(items[0].shape)
        shape[axis] = sum_(item.shape[axis] for item in items)
        where = "" if axis == 0 else f", {axis}"
        text = "concat([" + ", ".join(item.text for item in items) + f"]{where})"
        return terms.write(self.style, text, terms.ATOM, tuple(shape))

    def getitem(self, x: Any, index: Any) -> Formula:
        x = self.number(x)
        shape = _indexed(x.shape, index)
        if not any(x.varies) or x.text == self.style.ellipsis:
            return terms.spread(x, shape, (any(x.varies),) * len(shape))
        return terms.write(
            self.style,
            f"{terms.bracketed(x, terms.ATOM)}[{_written_index(index)}]",
            terms.ATOM,
            shape,
        )

    def scatter(self, x: Any, index: Any, shape: Shape) -> Formula:
        """Zeros of ``shape`` with x at ``index``."""
        x = self.number(x)
        if terms.equals(x, 0):
            return terms.number(self.style, 0, shape)
        text = f"scatter({x.text}, [{_written_index(index)}])"
        return terms.write(self.style, text, terms.ATOM, tuple(shape))

    def eye(self, n: int, m: int | None = None) -> Formula:
        text = f"eye({n})" if m is None or m == n else f"eye({n}, {m})"
        return terms.write(self.style, text, terms.ATOM, (n, n if m is None else m))

    def asarray(self, x: Any) -> Formula:
        return self.number(x)


sum_ = sum  # the built-in, inside a class that has its own


def _axes(axis: Any, rank: int) -> list[int]:
    if axis is None:
        return list(range(rank))
    return sorted({a % rank for a in (axis if isinstance(axis, tuple) else (axis,))})


def _drop(x: Formula, axes: Sequence[int], keepdims: bool) -> Formula:
    """x without ``axes``, as text that does not show them."""
    keep = [a for a in range(len(x.shape)) if a not in axes]
    if keepdims:
        shape = tuple(1 if a in axes else n for a, n in enumerate(x.shape))
        return terms.spread(x, shape, tuple(a not in axes and v for a, v in enumerate(x.varies)))
    return terms.spread(x, tuple(x.shape[a] for a in keep), tuple(x.varies[a] for a in keep))


def _tail(shape: Shape) -> Shape:
    """``shape`` without the axes of length 1 that it begins with."""
    first = next((k for k, n in enumerate(shape) if n != 1), len(shape))
    return shape[first:]


def _without_unknown(shape: Shape, old: Shape) -> Shape:
    """``shape`` with its -1, of which there is at most one, worked out."""
    if -1 not in shape:
        return shape
    known = -math.prod(shape)
    return tuple(math.prod(old) // known if n == -1 else n for n in shape)


def _matmul_shape(x: Shape, y: Shape) -> Shape:
    batch, _ = _broadcast_shapes(x[:-2], y[:-2])
    rows = x[-2:-1] if len(x) > 1 else ()
    columns = y[-1:] if len(y) > 1 else ()
    return (*batch, *rows, *columns)


def _broadcast_shapes(x: Shape, y: Shape) -> tuple[Shape, int]:
    rank = max(len(x), len(y))
    a, b = (1,) * (rank - len(x)) + x, (1,) * (rank - len(y)) + y
    return tuple(m if n == 1 else n for m, n in zip(a, b, strict=True)), rank


def _indexed(shape: Shape, index: Any) -> Shape:
    """The shape of x[index], from an array of that shape that takes no memory."""
    from autodiff.backends.array import broadcast_to

    return tuple(broadcast_to(0.0, shape)[index].shape)


def _written_index(index: Any) -> str:
    parts = index if isinstance(index, tuple) else (index,)
    return ", ".join(map(configuration, parts)) or "()"


def configuration(value: Any) -> str:
    """Configuration as a model writes it: ``1:``, ``(2, 3)``, ``0``."""
    if isinstance(value, slice):
        start, stop, step = (
            "" if v is None else configuration(v) for v in (value.start, value.stop, value.step)
        )
        return f"{start}:{stop}" + (f":{step}" if step else "")
    if value is Ellipsis:
        return "..."
    if isinstance(value, tuple):
        return "(" + ", ".join(map(configuration, value)) + ("," if len(value) == 1 else "") + ")"
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return "[" + ", ".join(map(configuration, value)) + "]"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
