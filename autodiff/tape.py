"""Tape: the list of operations in the order of evaluation (a Wengert list)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autodiff.ops import Op
    from autodiff.syntax import Model


class Tape:
    """A model, recorded. Node ``i`` is ``ops[i]`` applied to the nodes ``args[i]``.

    Attributes
    ----------
    model  : what was recorded
    ops    : per node its row; None for a leaf or a constant
    args   : per node its differentiable operands, as node numbers (slot order)
    static : per node its configuration (``axis`` …), resolved to Python values, or None
    values : per node a Python float or a read-only float64 NumPy array
    vertex : per statement, the node that holds its value
    start  : per statement, its first own node; ``start[-1]`` is the end
    leaves : the statements that are leaves, in the file's order
    """

    __slots__ = ("args", "leaves", "model", "ops", "start", "static", "values", "vertex")

    def __init__(self, model: Model) -> None:
        self.model = model
        self.ops: list[Op | None] = []
        self.args: list[tuple[int, ...]] = []
        self.static: list[dict[str, Any] | None] = []
        self.values: list[Any] = []
        self.vertex: list[int] = []
        self.start: list[int] = []
        self.leaves: list[int] = []
