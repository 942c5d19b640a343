"""What the tests of SymPy's word share: models from text, and differences in 60 digits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np

import autodiff
from autodiff import symbolic

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def ask(text: str, of: str = "L", wrt: Sequence[str] | None = None, **options: Any) -> Asked:
    """SymPy's word on a model; everything in it by name."""
    program = autodiff.loads(text)
    index = program.model.index
    names = list(wrt) if wrt is not None else program.leaves
    found = symbolic.reference(program.tape, index[of], [index[n] for n in names], **options)
    return Asked(found, {n: index[n] for n in names})


class Asked:
    """A `symbolic.Reference`, by names."""

    def __init__(self, found: symbolic.Reference, index: dict[str, int]) -> None:
        self.found = found
        self.index = index

    def __getitem__(self, name: str) -> Any:
        return self.found.adjoints[self.index[name]]

    def text(self, name: str) -> str | None:
        return self.found.expressions.get(self.index[name])

    def coverage(self, name: str) -> float:
        return self.found.coverage[self.index[name]]


def side(text: str, name: str, sign: int, element: int | None = None, of: str = "L") -> Any:
    """SymPy's derivative just beside the point."""
    program = autodiff.loads(text)
    index = program.model.index
    return symbolic.one_sided(program.tape, index[of], index[name], element, sign)


def close(found: Any, wanted: Any, digits: int = 30) -> bool:
    """Whether two high-precision numbers, or arrays of them, have so many digits in common."""
    with mpmath.workdps(digits + 30):
        for a, b in zip(np.ravel(found), np.ravel(wanted), strict=True):
            if a is None or not mpmath.almosteq(
                a, b, mpmath.mpf(10) ** -digits, mpmath.mpf(10) ** (-digits - 20)
            ):
                return False
        return True


def difference(f: Callable[..., Any], point: Sequence[Any], k: int) -> Any:
    """The derivative of f by its k-th argument: a five-point central difference, 200 digits."""
    with mpmath.workdps(200):
        h = mpmath.mpf(10) ** -40
        total = mpmath.mpf(0)
        for steps, weight in ((1, 8), (-1, -8), (2, -1), (-2, 1)):
            xs = [mpmath.mpf(x) for x in point]
            xs[k] += steps * h
            total += weight * f(*xs)
        return total / (12 * h)
