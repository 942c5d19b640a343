"""How a name of a model is set: ``w1`` as w with index 1, ``alpha`` as the letter, ``z̄`` barred."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from autodiff.typeset.signs import GREEK

if TYPE_CHECKING:
    from collections.abc import Iterable

BAR = "\u0304"  # combining macron: z̄ is the cotangent of z
_WORD = re.compile(r"([^\W\d_]+)(\d*)((?:_[^\W_]+)*)")
_OPERATION = re.compile(r"(.*)\.(\d+)", re.DOTALL)


class Spelling(NamedTuple):
    """A name taken apart: a base, with or without a bar, and its indices in order.

    A base that is a Greek letter's name is that letter.
    """

    base: str
    barred: bool
    indices: tuple[str, ...]


def clashing(names: Iterable[str]) -> frozenset[str]:
    """Those of ``names`` that would look like another: w1 and w_1, alpha and α."""
    names = set(names)
    count = Counter(map(spelling, names))
    return frozenset(name for name in names if count[spelling(name)] > 1)


@lru_cache(maxsize=4096)
def spelling(name: str, verbatim: bool = False) -> Spelling:
    """``w1`` and ``w_1`` are w with index 1, ``x_hat_2`` x with "hat" and 2, ``c.3`` c with .3."""
    barred = BAR in name
    name = name.replace(BAR, "")
    place: tuple[str, ...] = ()
    if operation := _OPERATION.fullmatch(name):
        name, place = operation[1], (f".{operation[2]}",)
    found = None if verbatim else _WORD.fullmatch(name)
    if found is None:  # _x, x__y, x1y
        return Spelling(name, barred, place)
    base, digits, rest = found.groups()
    base = GREEK[base][1] if base in GREEK else base
    return Spelling(
        base, barred, ((digits,) if digits else ()) + tuple(rest.split("_")[1:]) + place
    )
