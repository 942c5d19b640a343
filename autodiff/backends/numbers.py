"""A number system as everything beyond the rows sees it: what a number is, and how far to trust it.

`Floats` is the one that tapes are recorded in; `autodiff.backends.precise` has the others' place.
Imports no NumPy until an array is met.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from autodiff.backends import scalar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.syntax import Model

P = ParamSpec("P")
T = TypeVar("T")


class Floats:
    """float64: Python floats for numbers, NumPy's float64 for arrays.

    Attributes
    ----------
    name     : what a report calls it
    device   : where its arrays are: ``"cpu"``, or ``"gpu"``
    kept     : the class of its numbers on a tape, which are on the host whatever the device
    digits   : significant ones
    epsilon  : relative size of a rounding error
    least    : the smallest number there is: an error of that size is rounding
    right    : the relative error above which a gradient has too few right digits
    same     : that below which two results of more digits than this system's are one
    slopes   : that below which two one-sided derivatives are one
    warns    : Σ|contributions| / |Σ| that deserves a note
    exact    : whether numbers of the model are the decimals that were typed
    plain    : whether numbers are Python's floats, which warn of nothing
    reach    : whose range an overflow has left
    reference, replay, shown : digits of SymPy's word, of the tape's in high precision, of a text
    """

    name = "float64"
    device = "cpu"
    hardware = ""
    kept: type = float
    digits = 16
    epsilon: Any = 2.0**-52
    least: Any = 2.0**-1074
    right: Any = 1e-10
    same: Any = 1e-20
    slopes: Any = 1e-12
    warns = 1e6
    exact = False
    plain = True
    reach = "floats"
    reference, replay, shown = 34, 60, 30
    one: Any = 1.0

    def namespaces(self, arrays: bool) -> tuple[Any, Any]:
        """The namespaces for numbers and for arrays; without arrays NumPy is not imported."""
        if not arrays:
            return scalar, None
        from autodiff.backends import array

        return scalar, array

    def context(self) -> AbstractContextManager[Any]:
        """What computing in this system happens in."""
        return nullcontext()

    def literal(self, model: Model, operand: int) -> Any:
        """The number that a negative operand of a statement stands for."""
        return model.constants[~operand]

    def is_number(self, value: Any) -> bool:
        """Whether a value is a number, not an array."""
        return value.__class__ is float

    # A result without axes as a number. No method: sweeps call it once a node.
    number: Callable[[Any], Any] = staticmethod(float)

    def shape(self, value: Any) -> tuple[int, ...]:
        return () if value.__class__ is float else value.shape

    def zero(self, shape: tuple[int, ...]) -> Any:
        return self.spread(0.0, shape) if shape else 0.0

    def spread(self, value: Any, shape: tuple[int, ...]) -> Any:
        """``value`` as a number, or as an array of ``shape``."""
        if not shape:
            return float(value)
        from autodiff.backends import eager

        return eager.settle(eager.filled(value, shape))

    def gathered(self, items: list[Any], shape: tuple[int, ...]) -> Any:
        """Numbers, in order, as the number or the array of ``shape`` that they are."""
        if not shape:
            return items[0]
        from autodiff.backends import array, eager

        return eager.settle(array.reshape(array.asarray(items), shape))

    def lifted(self, xs: Sequence[Any], shape: tuple[int, ...]) -> list[Any]:
        """Operands of an elementwise rule that gives a ``shape``, so that none raises on 1/0."""
        return list(xs)

    def lowered(self, value: Any, shape: tuple[int, ...]) -> Any:
        """What a rule gives of `lifted` operands, in its own shape."""
        return value

    def wide(self) -> Floats | None:
        """The system that has these numbers exactly and more digits, where another is asked."""
        return None

    def narrow(self) -> Floats:
        """float32, where this system has its arrays."""
        from autodiff.backends.singles import Singles

        return Singles()

    # ---- a device's memory: here there is none but the host's

    @property
    def home(self) -> Floats:
        """The system of the same numbers with arrays on the host."""
        return self

    def fetched(self, values: Sequence[Any]) -> list[Any]:
        """Values as `home` has them, in one transfer."""
        return list(values)

    def settle(self, value: Any) -> Any:
        """A result as the tape keeps it: a number, or a read-only array.

        Raises TypeError for what is not real numbers, ValueError for ragged nested lists.
        """
        from autodiff.backends import eager

        return eager.settle(value)

    # ---- questions

    def finite(self, value: Any) -> bool:
        """Whether no element is infinite or NaN."""
        if value.__class__ is float:
            return math.isfinite(value)
        from autodiff.backends import eager

        return eager.all_finite(value)

    def all_finite(self, values: Sequence[Any]) -> bool:
        """Whether no element of any of them is infinite or NaN."""
        return all(map(self.finite, values))

    def any_true(self, value: Any) -> bool:
        """Whether any element is true."""
        from autodiff.backends import eager

        return eager.any_true(value)

    def finite_each(self, value: Any) -> Any:
        """Per element of an array whether it is finite."""
        from autodiff.backends import eager

        return eager.finite(value)

    def size(self, value: Any) -> Any:
        """|value|: the Frobenius norm of an array."""
        if value.__class__ is float:
            return abs(value)
        from autodiff.backends import array, eager

        return float(eager.quietly(array.norm, value))  # scaled: 1e200 has a square no float has

    def gap(self, a: Any, b: Any) -> Any:
        """|a − b|; 0 where both are the same infinity, or nothing is to be compared."""
        if b is None or (a.__class__ is float and a == b):
            return 0.0
        if a.__class__ is b.__class__ is float:
            return 0.0 if a != a and b != b else abs(a - b)
        from autodiff.backends import eager

        return eager.quietly(eager.gap, a, b)

    def ulp(self, value: Any) -> Any:
        """The unit in the last place of a number."""
        return math.ulp(value)

    log = staticmethod(math.log)

    def measure(self, value: Any) -> Any:
        """A number of more digits, as one that is compared with this system's."""
        return float(value)

    # ---- what is told

    def told(self, value: Any) -> Any:
        """A value as a report holds it: a Python number, or a read-only array of them."""
        return value

    def magnitude(self, value: Any) -> Any:
        """The size of something, an error say, as a report holds it."""
        return float(value)

    def short(self, value: Any, digits: int = 12) -> str:
        """A number as a person reads it in a sentence."""
        return f"{float(value):.{digits}g}"

    def quietly(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """``call(…)`` without NumPy's warnings."""
        from autodiff.backends import eager

        return eager.quietly(call, *args, **kwargs)


FLOATS = Floats()
