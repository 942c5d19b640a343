"""What is computed, step by step: a graph whose vertices are functions of whole arrays."""

from __future__ import annotations

import math
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np

from autodiff.backends.code import Operators

if TYPE_CHECKING:
    from collections.abc import Callable

    from autodiff.compiled.writer import Writer

FLOAT, BOOL = np.dtype(np.float64), np.dtype(np.bool_)


class Kind(Enum):
    """How a step computes.

    GIVEN  : it does not: ``detail`` is the array
    NUMBER : it does not: ``detail`` is the number, known before anything runs
    ZEROS  : an array of zeros, to be added to
    MAP    : element by element, ``call(*operands, out)``
    FOLD   : ``call.reduce`` over the axes in ``detail``, kept as 1
    WHOLE  : ``call(*operands, out)``, of whole arrays
    VIEW   : ``call(operand)`` is another view of the operand's memory (or, where there is none,
             a copy)
    ADD    : the first operand, after ``call(first, *others)`` has changed it in place
    """

    GIVEN = "given"
    NUMBER = "number"
    ZEROS = "zeros"
    MAP = "map"
    FOLD = "fold"
    WHOLE = "whole"
    VIEW = "view"
    ADD = "add"


class Value(Operators):
    """The result of a step, as an operand of others. ``index`` is its place among all steps.

    ``name`` and ``detail`` tell steps of one kind apart: two with the same ones, and the same
    operands, are one.
    """

    __slots__ = ("call", "detail", "dtype", "index", "kind", "name", "operands", "shape", "writer")

    def __init__(
        self,
        writer: Writer,
        index: int,
        kind: Kind,
        name: str,
        call: Callable[..., Any] | None,
        operands: tuple[Value, ...],
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        detail: Any,
    ) -> None:
        self.writer, self.index, self.kind, self.name = writer, index, kind, name
        self.call, self.operands, self.detail = call, operands, detail
        self.shape, self.dtype = shape, dtype

    def __repr__(self) -> str:
        operands = ", ".join(f"%{x.index}" for x in self.operands)
        detail = "" if self.kind is Kind.GIVEN or self.detail is None else f" {self.detail}"
        return f"%{self.index} = {self.name}{detail}({operands}) {self.shape}"

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def number(self) -> float | None:
        """The number that this is, where that is known."""
        return self.detail if self.kind is Kind.NUMBER else None

    def operator(self, sign: str, a: Any, b: Any) -> Any:
        return self.writer.operator(sign, a, b)

    def negative(self) -> Any:
        return self.writer.map(np.negative, self)
