"""Values and slopes at the special values of floats: signed zeros, subnormals, infinities, NaN.

The places are those of JAX's tables for its unary functions, and of the borders of domains. The
rows run on arrays of float64 and are held against PyTorch, which differs in ways that are listed
with reasons.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from peers import TORCH

from autodiff.backends import array
from autodiff.ops import TABLE

torch = pytest.importorskip("torch")

TINY = float(np.finfo(np.float64).tiny)
FAR = float(np.finfo(np.float64).max)
PLACES = [
    *(0.0, -0.0, 5e-324, -5e-324, TINY, -TINY, np.inf, -np.inf, np.nan),
    *(1.0, -1.0, 0.5, -0.5, 1 + 2.0**-52, 1 - 2.0**-53, FAR),
]
UNARY = [op.name for op in TABLE.values() if len(op.partials) == 1 and op.name in TORCH]

# Where PyTorch has another value or slope and ours is meant: the places, and why.
VALUES: dict[str, tuple[tuple[float, ...], str]] = {
    "digamma": ((-1.0,), "at the poles it is one-sided here, as SciPy's; PyTorch says NaN"),
    "entr": ((-TINY, -5e-324, -0.5, -1.0, -np.inf), "x log x has no real value left of 0"),
    "sinc": ((FAR,), "PyTorch multiplies it by π, and overflows"),
    "sign": ((np.nan,), "the sign of NaN is NaN"),
}
SLOPES: dict[str, tuple[tuple[float, ...], str]] = {
    "cbrt": ((0.0, -0.0), "the slope is infinite; PyTorch has no cbrt, and the formula gives NaN"),
    "digamma": ((-1.0,), "as its value"),
    "lgamma": ((-1.0,), "at the poles of its slope"),
    "sinc": ((FAR,), "as its value"),
}
# Relative errors that are PyTorch's own: of its trigamma, and of sin(πx) next to whole x.
LOOSE = {"digamma": 1e-7, "lgamma": 1e-12, "sinc": 1e-12}
ABSOLUTE = {"digamma": 1e-8, "lgamma": 3e-16, "sinc": 2e-16}


def same(a: Any, b: Any, name: str) -> bool:
    close = LOOSE.get(name, 1e-12) * abs(b) + ABSOLUTE.get(name, 1e-300)
    return bool(a == b) or (a != a and b != b) or abs(a - b) <= close


@pytest.mark.parametrize("name", UNARY)
def test_slopes_are_pytorchs(name: str) -> None:
    op = TABLE[name]
    with np.errstate(all="ignore"):
        x = np.array(PLACES)
        y = op.value(array, x)
        slopes = np.broadcast_to(op.partials[0](array, y, x), x.shape)
    tensor = torch.tensor(PLACES, dtype=torch.float64, requires_grad=True)
    values = TORCH[name](torch, tensor)
    theirs = torch.zeros_like(tensor)
    if values.requires_grad:
        (theirs,) = torch.autograd.grad(values.sum(), tensor)
    found = zip(PLACES, slopes, theirs.tolist(), y, values.tolist(), strict=True)
    bad = {
        repr(place): (float(ours), other)
        for place, ours, other, here, there in found
        # A slope where there is no value means nothing: log'(-1).
        if not (np.isnan(here) and np.isnan(there)) and not same(ours, other, name)
    }
    assert set(bad) == {repr(place) for place in SLOPES.get(name, ((), ""))[0]}, bad


@pytest.mark.parametrize("name", UNARY)
def test_values_are_pytorchs(name: str) -> None:
    with np.errstate(all="ignore"):
        ours = TABLE[name].value(array, np.array(PLACES))
    theirs = TORCH[name](torch, torch.tensor(PLACES, dtype=torch.float64)).tolist()
    bad = {
        repr(place): (float(a), b)
        for place, a, b in zip(PLACES, ours, theirs, strict=True)
        if not same(a, b, name)
    }
    assert set(bad) == {repr(place) for place in VALUES.get(name, ((), ""))[0]}, bad
