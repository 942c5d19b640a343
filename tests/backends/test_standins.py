"""The stand-in for CuPy gives nothing away, and is like CuPy where that is installed."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from standins import cupylike


@pytest.mark.parametrize("convert", [float, int, bool, len, list, np.asarray, np.float64])
def test_nothing_is_converted_unasked(convert: Any) -> None:
    for data in (np.float64(2.0), np.ones(3)):
        with pytest.raises(TypeError, match="Implicit conversion"):
            convert(cupylike.ndarray(data))


def test_numpys_arrays_are_not_taken() -> None:
    ours = cupylike.ndarray(np.ones(3))
    for mixed in (lambda: ours + np.ones(3), lambda: cupylike.modules()["cupy"].exp(np.ones(3))):
        with pytest.raises(TypeError):
            mixed()


def test_functions_have_cupys_parameters() -> None:
    cupy = pytest.importorskip("cupy")  # it imports without a GPU
    special = pytest.importorskip("cupyx.scipy.special")
    for name, (_, parameters) in cupylike.FUNCTIONS.items():
        theirs = list(inspect.signature(getattr(cupy, name)).parameters)
        ours = [part.strip() for part in parameters.split(",")] if parameters else theirs
        assert set(ours) <= set(theirs), name
        assert ours == theirs[: len(ours)], name
    for name in cupylike.UFUNCS:
        assert isinstance(getattr(cupy, name), cupy.ufunc)
    assert all(hasattr(cupy.linalg, name) for name in cupylike.LINALG)
    assert all(hasattr(special, name) for name in cupylike.SPECIAL)
