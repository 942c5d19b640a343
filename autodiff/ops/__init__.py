"""The operation table: one row per operation, by family.

``TABLE`` holds every row by its name, in the order of the listing; `lookup` is what a model
may call. Adding an operation touches its row and nothing else.
"""

from __future__ import annotations

from autodiff.ops import (
    along,
    arithmetic,
    copies,
    create,
    einsum,
    elementary,
    gamma,
    linalg,
    losses,
    matrices,
    norms,
    probability,
    reduce,
    shape,
    special,
    spectral,
)
from autodiff.ops.base import REQUIRED, Domain, Kink, Op, Parameter, Sample

__all__ = ["REQUIRED", "TABLE", "Domain", "Kink", "Op", "Parameter", "Sample", "lookup"]

_FAMILIES: dict[str, tuple[Op, ...]] = {
    "arithmetic": arithmetic.ROWS,
    "elementary": elementary.ROWS,
    "special": (*special.ROWS, *gamma.ROWS, *probability.ROWS),
    "reduce": (*reduce.ROWS, *norms.ROWS, *along.ROWS),
    "losses": losses.ROWS,
    "linalg": (*linalg.ROWS, *einsum.ROWS, *matrices.ROWS, *spectral.ROWS),
    "shape": (*shape.ROWS, *copies.ROWS),
    "create": create.ROWS,
}

TABLE: dict[str, Op] = {row.name: row for rows in _FAMILIES.values() for row in rows}

for _family, _rows in _FAMILIES.items():
    for _row in _rows:
        # A row is told its family by where it stands. dataclasses.replace would build every
        # row twice, at every start.
        object.__setattr__(_row, "family", _family)

_CALLABLE: dict[str, Op] = {
    name: row for row in TABLE.values() if not row.hidden for name in (row.name, *row.aliases)
}


def lookup(name: str) -> Op | None:
    """The row that a model calls ``name``, by its own name or an alias."""
    return _CALLABLE.get(name)
