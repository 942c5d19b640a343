"""Arrays on a device as a number system: numbers on the host, arrays in the device's memory."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autodiff.backends.device import Device
from autodiff.backends.numbers import FLOATS, Floats
from autodiff.backends.singles import Singles

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from autodiff.backends.device import Library
    from autodiff.syntax import Model


class OnDevice(Floats):
    """float64, or float32, with arrays on a device.

    What is asked of an array here (is it finite?) is answered there, and the answer read: a few
    bytes. Arrays come back by `fetched` alone, all at once.
    """

    plain = False

    def __init__(self, library: Library, home: Floats = FLOATS, device: str = "gpu") -> None:
        self.library, self._home = library, home
        self.device, self.hardware = device, library.name if device == "gpu" else ""
        self.dtype = "float32" if isinstance(home, Singles) else "float64"
        self.array = Device(library, self.dtype)
        for trait in (
            *("name", "kept", "digits", "epsilon", "least", "right", "same", "slopes", "warns"),
            *("exact", "reach", "reference", "replay", "shown", "one"),
        ):
            setattr(self, trait, getattr(home, trait))

    @property
    def home(self) -> Floats:
        return self._home

    def narrow(self) -> Floats:
        return OnDevice(self.library, Singles(), self.device)

    def narrowed(self, value: Any) -> Any:
        """A value of float64 in float32: rounded, or infinite."""
        m = self.array
        return m.xp.astype(value, m.real) if m.here(value) else np.float32(value)

    def wide(self) -> Floats | None:
        return self._home.wide()

    def namespaces(self, arrays: bool) -> tuple[Any, Any]:
        return self._home.namespaces(False)[0], self.array

    def context(self) -> AbstractContextManager[Any]:
        return self._home.context()

    def literal(self, model: Model, operand: int) -> Any:
        return self._home.literal(model, operand)

    # ---- to and fro

    def settle(self, value: Any) -> Any:
        m = self.array
        if not m.here(value):
            value = self._home.settle(value)
            return m.asarray(value) if np.ndim(value) else value
        if not m.shape(value):
            return self.number(value)
        return value if value.dtype == m.real else m.xp.astype(value, m.real)

    def number(self, value: Any) -> Any:
        if self.array.here(value):
            value = self.library.fetch(value)[()]
        return self._home.number(value)

    def fetched(self, values: Sequence[Any]) -> list[Any]:
        m, out = self.array, list(values)
        places = [k for k, value in enumerate(out) if m.here(value)]
        if not places:
            return out
        # One after the other each would wait for the device: together they are one transfer.
        flat = [m.xp.reshape(out[k], (-1,)) for k in places]
        every = self.library.fetch(m.xp.concat([m.xp.astype(x, m.real) for x in flat]))
        start = 0
        for k, part in zip(places, flat, strict=True):
            end = start + part.shape[0]
            out[k] = self._home.settle(every[start:end].reshape(tuple(out[k].shape)))
            start = end
        return out

    # ---- of numbers and arrays

    def is_number(self, value: Any) -> bool:
        return not self.array.here(value)

    def shape(self, value: Any) -> tuple[int, ...]:
        return self.array.shape(value)

    def spread(self, value: Any, shape: tuple[int, ...]) -> Any:
        return self.array.broadcast_to(value, shape) if shape else self.number(value)

    def finite(self, value: Any) -> bool:
        return self.all_finite([value])

    def all_finite(self, values: Sequence[Any]) -> bool:
        m = self.array
        if not all(math.isfinite(value) for value in values if not m.here(value)):
            return False
        found = [m.xp.all(m.xp.isfinite(value)) for value in values if m.here(value)]
        return not found or bool(self.library.fetch(m.xp.all(m.xp.stack(found))))

    def any_true(self, value: Any) -> bool:
        m = self.array
        return bool(self.library.fetch(m.xp.any(value)) if m.here(value) else value)

    def size(self, value: Any) -> Any:
        return float(self.number(self.array.norm(value)))
