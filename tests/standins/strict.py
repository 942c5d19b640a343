"""array-api-strict as a device: the standard to the letter, and no conversion to NumPy.

Its ``device1`` refuses every NumPy function; only `Strict.fetch` leads back. What the standard
lacks is computed by SciPy and NumPy on the host, explicitly.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import array_api_strict as xp
import numpy as np

DEVICE = xp.Device("device1")
HOST = xp.Device("CPU_DEVICE")


class Strict:
    name = "array-api-strict"
    xp = xp
    array = type(xp.asarray(0.0))
    fuses = False

    def asarray(self, x: Any, dtype: str) -> Any:
        return xp.asarray(np.array(x), dtype=getattr(xp, dtype), device=DEVICE)

    def fetch(self, x: Any) -> Any:
        return np.array(x.to_device(HOST))

    def full(self, shape: tuple[int, ...], value: float, dtype: str) -> Any:
        return xp.full(shape, value, dtype=getattr(xp, dtype), device=DEVICE)

    def argsort(self, x: Any, axis: int) -> Any:
        return xp.argsort(x, axis=axis, stable=True)

    def _on_host(self, function: Any, *xs: Any) -> Any:
        found = np.asarray(function(*map(self.fetch, xs)))
        return self.asarray(found, str(found.dtype))

    def einsum(self, subscripts: str, *xs: Any) -> Any:
        return self._on_host(lambda *xs: np.einsum(subscripts, *xs), *xs)

    def add_at(self, out: Any, places: Any, x: Any) -> Any:
        def added(out: Any, places: Any, x: Any) -> Any:
            np.add.at(out, places, x)
            return out

        return self._on_host(added, out, places, x)

    def special(self, name: str) -> Any:
        import scipy.special

        function = getattr(scipy.special, name)
        if name == "polygamma":  # its order is a number
            return lambda n, x: self._on_host(lambda x: function(n, x), x)
        return lambda *xs: self._on_host(function, *xs)

    def raising(self) -> AbstractContextManager[Any]:
        return nullcontext()
