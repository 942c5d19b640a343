"""Where elements of arrays stand: places are positions in the flattened array."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.symbolic.parts import Part

NONE = np.empty(0, dtype=np.intp)


def mesh(offsets: Sequence[Any]) -> Any:
    """All sums of one number of each list, the last running fastest."""
    total = np.zeros(1, dtype=np.intp)
    for some in offsets:
        total = (total[:, None] + some).ravel()
    return total


def starts_of(parts: Sequence[Part]) -> Any:
    """Where each part's places begin when they are counted through all parts; and the end."""
    return np.cumsum([0, *[math.prod(p.shape) for p in parts]])


def joined(places: Sequence[Any]) -> Any:
    """All places of some lists, each of which has none twice."""
    if len(places) < 2:
        return places[0] if places else NONE
    every = np.sort(np.concatenate(places))  # np.unique hashes, which takes ten times as long
    return every[np.concatenate([[True], every[1:] != every[:-1]])] if every.size else every


def reach(places: Any, narrow: tuple[int, ...], wide: tuple[int, ...]) -> Any:
    """Where elements at ``places`` come to stand when their array is broadcast."""
    narrow = (1,) * (len(wide) - len(narrow)) + tuple(narrow)
    if narrow == tuple(wide):
        return places
    strides = np.cumprod([1, *wide[:0:-1]], dtype=np.intp)[::-1]
    spread = [
        np.arange(n) * s if m == 1 else np.zeros(1, dtype=np.intp)
        for m, n, s in zip(narrow, wide, strides, strict=False)
    ]
    index = np.unravel_index(places, narrow)
    first = sum(
        (i * s for i, m, s in zip(index, narrow, strides, strict=False) if m > 1),
        np.zeros(len(places), dtype=np.intp),
    )
    return (first[:, None] + mesh(spread)).ravel()


def narrowed(places: Any, wide: tuple[int, ...], narrow: tuple[int, ...]) -> Any:
    """The places that elements of a broadcast array come from."""
    if tuple(narrow) == tuple(wide):
        return places
    if not narrow:
        return np.zeros_like(places)
    index = np.unravel_index(places, wide)[len(wide) - len(narrow) :]
    clipped = tuple(np.where(n > 1, i, 0) for i, n in zip(index, narrow, strict=True))
    return np.ravel_multi_index(clipped, narrow)
