"""float32 as a number system: half of float64's digits, and verdicts that ask for no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autodiff.backends import eager, single
from autodiff.backends.numbers import Floats

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from autodiff.syntax import Model


class Singles(Floats):
    """float32: NumPy's numbers and arrays. A report is told Python floats, and float32 arrays."""

    name = "float32"
    digits = 7
    epsilon = 2.0**-23
    least = 2.0**-149
    right = epsilon**0.64  # the share of its digits that float64 is asked for
    slopes = 4500 * epsilon
    warns = 420.0
    plain = False
    reach = "float32"
    kept = np.float32
    one = np.float32(1)

    def namespaces(self, arrays: bool) -> tuple[Any, Any]:
        return single, single

    def context(self) -> AbstractContextManager[Any]:
        return np.errstate(all="ignore")  # its numbers warn, where Python's do not

    def literal(self, model: Model, operand: int) -> Any:
        value: Any = model.constants[~operand]
        return np.float32(value)

    def is_number(self, value: Any) -> bool:
        return not isinstance(value, np.ndarray)

    number = staticmethod(np.float32)

    def narrow(self) -> Floats:
        return self

    def narrowed(self, value: Any) -> Any:
        """A value of float64 in float32: rounded, or infinite."""
        with np.errstate(over="ignore"):
            return single.asarray(value)

    def settle(self, value: Any) -> Any:
        value = single.asarray(value)
        if isinstance(value, np.ndarray) and value.flags.writeable:
            value = value.view()
            value.flags.writeable = False
        return value

    def shape(self, value: Any) -> tuple[int, ...]:
        return np.shape(value)

    def zero(self, shape: tuple[int, ...]) -> Any:
        return self.spread(0.0, shape)

    def spread(self, value: Any, shape: tuple[int, ...]) -> Any:
        return np.broadcast_to(single.asarray(value), shape)[()]

    def gathered(self, items: list[Any], shape: tuple[int, ...]) -> Any:
        return np.reshape(single.asarray(items), shape)[()]

    def finite(self, value: Any) -> bool:
        return eager.all_finite(value)

    def size(self, value: Any) -> Any:
        return float(eager.quietly(single.norm, value)) if np.ndim(value) else abs(float(value))

    def gap(self, a: Any, b: Any) -> Any:
        return 0.0 if b is None else eager.quietly(eager.gap, a, b)

    def ulp(self, value: Any) -> Any:
        return float(np.spacing(np.float32(abs(value))))

    def told(self, value: Any) -> Any:
        if not isinstance(value, np.ndarray):
            return float(value)
        value = value.view()
        value.flags.writeable = False
        return value

    def wide(self) -> Floats:
        return Widened()


class Widened(Floats):
    """What float32 holds, as float64 has it exactly: for routes that start from exact numbers."""

    def literal(self, model: Model, operand: int) -> Any:
        value = model.constants[~operand]
        return float(np.float32(value)) if isinstance(value, float) else value


def widened(value: Any) -> Any:
    """A value of float32 in float64."""
    return value.astype(np.float64) if isinstance(value, np.ndarray) else float(value)
