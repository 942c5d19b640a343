"""What steps call, where NumPy has no function that writes its result into the last argument."""

from __future__ import annotations

from collections.abc import Callable  # a field's type
from typing import Any, NamedTuple

import numpy as np

from autodiff.backends import array


def filling(call: Callable[..., Any] | None) -> Any:
    """A function that writes its result into the last argument."""
    return _filling.get(call, call)


def _maximum(a: Any, b: Any, out: Any) -> None:
    np.maximum(a, b, out=out)


def _minimum(a: Any, b: Any, out: Any) -> None:
    np.minimum(a, b, out=out)


# NumPy's do, all but these two, of which three arguments might be meant as the largest of three.
_filling: dict[Any, Callable[..., Any]] = {np.maximum: _maximum, np.minimum: _minimum}


def choose(c: Any, a: Any, b: Any, out: Any) -> None:
    """``a`` where ``c`` is true, else ``b``."""
    np.copyto(out, b)
    np.copyto(out, a, where=c)


def as_numbers(c: Any, out: Any) -> None:
    """1 where ``c`` is true, else 0."""
    np.copyto(out, c)


def assigned(call: Callable[..., Any], *xs: Any) -> None:
    """``call`` of all but the last, which takes the result."""
    *operands, out = xs
    out[...] = call(*[x[()] for x in operands])  # what has no axes is a number to a rule


def row_products(a: Any, b: Any, out: Any) -> None:
    """Σ a·b over the last axis."""
    np.einsum("...i,...i->...", a, b, out=out)


def stacked(axis: int, *xs: Any) -> None:
    np.stack(xs[:-1], axis, out=xs[-1])


def joined(axis: int, *xs: Any) -> None:
    np.concatenate(xs[:-1], axis, out=xs[-1])


def add_at(index: Any, total: Any, term: Any) -> None:
    """A term added to what an index picks, to the same element twice perhaps."""
    array.accumulate_at(total, index, term)


def item(index: Any) -> Callable[[Any], Any]:
    """``x[index]`` as an array: of numbers too, where that is a view."""
    parts = index if isinstance(index, tuple) else (index,)
    if not array.picks(index) and Ellipsis not in parts:
        parts = (*parts, Ellipsis)  # else x[0] were a number, and no part of x
        return lambda x: x[parts]
    return lambda x: x[index]


class Change(NamedTuple):
    """How a part of an array, a view of it, is changed in place: ``ufunc`` of that and a term."""

    ufunc: Any
    index: Any

    def of(self, total: Any, term: Any) -> None:
        part = self.part(total)
        self.ufunc(part, term, part)

    @property
    def part(self) -> Callable[[Any], Any]:
        return item(self.index)

    def first(self, length: int) -> int | None:
        """Where the part begins, if it is neighbouring rows of ``length``, and them whole."""
        rows = self.index
        if isinstance(rows, tuple) and len(rows) == 1:
            rows = rows[0]
        if not isinstance(rows, slice):
            return None
        start, _, step = rows.indices(length)
        return start if step == 1 else None
