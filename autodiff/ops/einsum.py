"""Sums of products over named axes (Einstein's notation), as NumPy's einsum.

Every operand's derivative is an einsum again: of the seed and the other operands. What stands
twice in one operand is a diagonal, and the seed goes back onto it.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from autodiff.ops.base import Op


class Plan(NamedTuple):
    """Subscripts, read: the letters of each operand's axes, of the result's, and their lengths."""

    operands: tuple[str, ...]
    result: str
    lengths: dict[str, int]


def plan(subscripts: Any, shapes: tuple[tuple[int, ...], ...]) -> Plan:
    """Read subscripts against the operands' shapes; ValueError for what does not fit.

    Without ``->`` the result has the letters that stand once, in alphabetical order.
    """
    if not isinstance(subscripts, str):
        raise ValueError('takes its subscripts first, in quotes: einsum("ij,jk->ik", A, B)')
    text = subscripts.replace(" ", "")
    left, arrow, result = text.partition("->")
    operands = tuple(left.split(","))
    for letter in "".join(operands) + result:
        if not (letter.isascii() and letter.isalpha()):
            told = "; every axis needs a letter of its own" if letter == "." else ""
            raise ValueError(f"{letter!r} is no letter in {subscripts!r}{told}")
    if len(operands) != len(shapes):
        raise ValueError(f"{subscripts!r} is for {len(operands)} operands, not {len(shapes)}")
    lengths: dict[str, int] = {}
    for letters, shape in zip(operands, shapes, strict=True):
        if len(letters) != len(shape):
            raise ValueError(f"{letters!r} in {subscripts!r} does not fit the shape {shape}")
        for letter, n in zip(letters, shape, strict=True):
            if lengths.setdefault(letter, n) != n:
                raise ValueError(f"{letter!r} is both {lengths[letter]} and {n} long")
    if not arrow:
        whole = "".join(operands)
        result = "".join(sorted(letter for letter in set(whole) if whole.count(letter) == 1))
    for letter in result:
        if letter not in lengths:
            raise ValueError(f"{letter!r} of the result is in no operand of {subscripts!r}")
        if result.count(letter) > 1:
            raise ValueError(f"{letter!r} stands twice in the result of {subscripts!r}")
    return Plan(operands, result, lengths)


def _read(m: Any, subscripts: Any, xs: Any) -> Plan:
    return plan(subscripts, tuple(m.shape(x) for x in xs))


def _diagonal(letters: str, unique: str, lengths: dict[str, int]) -> tuple[Any, ...]:
    """The index that takes from an array over ``letters`` the diagonal over ``unique`` ones."""
    index = []
    for letter in letters:
        nested: Any = list(range(lengths[letter]))
        for _ in unique[unique.index(letter) + 1 :]:
            nested = _columns(nested)
        for _ in unique[: unique.index(letter)]:
            nested = [nested]
        index.append(nested)
    return tuple(index)


def _columns(nested: list[Any]) -> list[Any]:
    """Nested lists with one more axis of length 1 at their end."""
    return [_columns(item) if isinstance(item, list) else [item] for item in nested]


def _unique(letters: str) -> str:
    return "".join(dict.fromkeys(letters))


def _einsum(m: Any, *xs: Any, subscripts: Any) -> Any:
    found = _read(m, subscripts, xs)
    return m.einsum(f"{','.join(found.operands)}->{found.result}", *xs)


def _written_out(m: Any, *xs: Any, subscripts: Any) -> Any:
    """The definition: every operand over all letters, multiplied, summed over those not kept."""
    operands, result, lengths = _read(m, subscripts, xs)
    every = result + "".join(letter for letter in lengths if letter not in result)
    total: Any = None
    for letters, x in zip(operands, xs, strict=True):
        unique = _unique(letters)
        if unique != letters:
            x = m.getitem(x, _diagonal(letters, unique, lengths))
        order = sorted(range(len(unique)), key=lambda k: every.index(unique[k]))
        x = m.transpose(x, tuple(order)) if unique else x
        x = m.reshape(x, tuple(lengths[c] if c in unique else 1 for c in every))
        total = x if total is None else total * x
    total = m.broadcast_to(total, tuple(lengths[c] for c in every))
    summed = tuple(range(len(result), len(every)))
    return m.sum(total, axis=summed) if summed else total


def _vjp(m: Any, seed: Any, y: Any, xs: Any, slot: int, subscripts: Any) -> Any:
    operands, result, lengths = _read(m, subscripts, xs)
    own = operands[slot]
    unique = _unique(own)
    others = [k for k in range(len(xs)) if k != slot]
    known = set(result).union(*(operands[k] for k in others))
    kept = "".join(letter for letter in unique if letter in known)
    left = ",".join([result, *(operands[k] for k in others)])
    back = m.einsum(f"{left}->{kept}", seed, *(xs[k] for k in others))
    if kept != unique:  # summed over alone: the same for each of its elements
        back = m.reshape(back, tuple(lengths[c] if c in kept else 1 for c in unique))
        back = m.broadcast_to(back, tuple(lengths[c] for c in unique))
    if unique != own:
        back = m.scatter(back, _diagonal(own, unique, lengths), m.shape(xs[slot]))
    return back


def _jvp(m: Any, dxs: Any, y: Any, xs: Any, subscripts: Any) -> Any:
    total: Any = None
    for slot, dx in enumerate(dxs):
        if dx is not None:
            term = _einsum(m, *xs[:slot], dx, *xs[slot + 1 :], subscripts=subscripts)
            total = term if total is None else total + term
    return total


def _size(*shapes: tuple[int, ...], subscripts: Any) -> int:
    found = plan(subscripts, shapes)
    return math.prod(found.lengths[letter] for letter in found.result)


ROWS = (
    Op(
        "einsum",
        "$subscripts, *xs",
        value=_einsum,
        meaning=_written_out,
        vjp=_vjp,
        jvp=_jvp,
        size=_size,
        text="for each operand the einsum of the seed and the others",
    ),
)
