"""Python's operators on arrays whose namespace knows each operation by its row's name."""

from __future__ import annotations

from typing import Any


class Operators:
    """An array with operators; ``space.by_name(name, …)`` computes.

    ``space`` is a slot of each subclass.
    """

    __hash__ = None  # type: ignore[assignment]  # == computes
    __slots__ = ()
    __array_ufunc__ = None  # an array of NumPy's on the left leaves the operation to us

    space: Any

    def __add__(self, other: Any) -> Any:
        return self.space.by_name("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return self.space.by_name("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return self.space.by_name("subtract", self, other)

    def __rsub__(self, other: Any) -> Any:
        return self.space.by_name("subtract", other, self)

    def __mul__(self, other: Any) -> Any:
        return self.space.by_name("multiply", self, other)

    def __rmul__(self, other: Any) -> Any:
        return self.space.by_name("multiply", other, self)

    def __truediv__(self, other: Any) -> Any:
        return self.space.by_name("divide", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.space.by_name("divide", other, self)

    def __pow__(self, other: Any) -> Any:
        return self.space.by_name("power", self, other)

    def __neg__(self) -> Any:
        return self.space.by_name("negative", self)

    def __lt__(self, other: Any) -> Any:
        return self.space.by_name("less", self, other)

    def __le__(self, other: Any) -> Any:
        return self.space.by_name("less_equal", self, other)

    def __gt__(self, other: Any) -> Any:
        return self.space.by_name("greater", self, other)

    def __ge__(self, other: Any) -> Any:
        return self.space.by_name("greater_equal", self, other)

    def __eq__(self, other: object) -> Any:
        return self.space.by_name("equal", self, other)

    def __ne__(self, other: object) -> Any:
        return self.space.by_name("not_equal", self, other)

    def __bool__(self) -> bool:
        raise TypeError("elements are neither true nor false")
