"""CuPy: the library of arrays on an NVIDIA GPU, and what is there of it; its only importer.

Importing CuPy proves nothing: it imports without a GPU, without a driver, and without the CUDA
libraries it compiles with. `probe` therefore allocates an array and has a kernel compiled and run.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

# CUDA's names for what it finds missing (cudaError_t).
NO_DEVICE, OLD_DRIVER = "cudaErrorNoDevice", "cudaErrorInsufficientDriver"


class Probe(NamedTuple):
    """What is there of a GPU.

    status : ``ready``, or what is missing: ``no-cupy``, ``no-runtime`` (CUDA's libraries, or
             those of another version than the wheel's), ``no-driver``, ``no-device``
    reason : the same in a sentence, with what was found; "" where ready
    hint   : what helps
    name   : the card's name; memory: its bytes
    cupy, runtime, driver : versions, "" where not known
    """

    status: str
    reason: str = ""
    hint: str = ""
    name: str = ""
    memory: int = 0
    cupy: str = ""
    runtime: str = ""
    driver: str = ""


INSTALL = "pip install 'gradpath[cuda12]' (or cuda13: nvidia-smi shows which)"


def probe() -> Probe:
    """What is there, by trying: CuPy, CUDA's libraries, a driver, a device, a kernel."""
    if importlib.util.find_spec("cupy") is None:
        return Probe("no-cupy", "CuPy is not installed", INSTALL)
    try:
        import cupy
    except Exception as error:  # whatever a library's loading may raise: it is told, not hidden
        reason = f"CuPy is installed and does not import: {_first_line(error)}"
        return Probe("no-runtime", reason, INSTALL)
    found = Probe("ready", cupy=cupy.__version__)
    try:
        runtime = cupy.cuda.runtime
        driver, built_for = runtime.driverGetVersion(), runtime.runtimeGetVersion()
        found = found._replace(driver=_version(driver), runtime=_version(built_for))
        if not found.driver:
            return found._replace(
                status="no-driver",
                reason="there is no NVIDIA driver",
                hint="install NVIDIA's driver; nvidia-smi shows whether it is there",
            )
        runtime.getDeviceCount()
        ones = cupy.ones(8)
        if cupy.asnumpy(ones + ones).sum() != 16.0:
            return found._replace(status="no-runtime", reason="a first sum on the GPU went wrong")
        card = runtime.getDeviceProperties(cupy.cuda.Device().id)
    except Exception as error:
        return _missing(found, error)
    return found._replace(name=card["name"].decode(), memory=int(card["totalGlobalMem"]))


def _missing(found: Probe, error: Exception) -> Probe:
    said = _first_line(error)
    if NO_DEVICE in said:
        return found._replace(
            status="no-device",
            reason="there is a driver, and no CUDA device",
            hint="nvidia-smi lists what there is; CUDA_VISIBLE_DEVICES may hide it",
        )
    if OLD_DRIVER in said:
        return found._replace(
            status="no-runtime",
            reason=f"CuPy is built for CUDA {found.runtime}, the driver supports {found.driver}",
            hint="install the extra of the driver's CUDA version: gradpath[cuda12] or [cuda13]",
        )
    return found._replace(
        status="no-runtime",
        reason=f"CuPy cannot compute: {said}",
        hint=f"CUDA's runtime is missing, or of another version than CuPy's wheel: {INSTALL}",
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _version(number: int) -> str:
    """12090 as 12.9; 0, which is no version, as ""."""
    return f"{number // 1000}.{number % 1000 // 10}" if number else ""


class CuPy:
    """CuPy as a `autodiff.backends.device.Library`."""

    fuses = True

    def __init__(self, name: str) -> None:
        import cupy

        self.name = name
        self.xp = cupy
        self.array: type = cupy.ndarray

    def asarray(self, x: Any, dtype: str) -> Any:
        return self.xp.asarray(x, dtype=dtype)

    def fetch(self, x: Any) -> Any:
        return self.xp.asnumpy(x)

    def full(self, shape: tuple[int, ...], value: float, dtype: str) -> Any:
        return self.xp.full(shape, value, dtype=dtype)

    def argsort(self, x: Any, axis: int) -> Any:
        return self.xp.argsort(x, axis=axis)  # CuPy's are always stable

    def einsum(self, subscripts: str, *xs: Any) -> Any:
        return self.xp.einsum(subscripts, *xs)

    def add_at(self, out: Any, places: Any, x: Any) -> Any:
        self.xp.add.at(out, places, x)
        return out

    def special(self, name: str) -> Callable[..., Any]:
        if name == "cbrt":
            return self.xp.cbrt  # type: ignore[no-any-return]  # CuPy has no types for it
        from cupyx.scipy import special

        if name == "polygamma":  # CuPy takes no number for its order
            return lambda n, x: special.polygamma(self.xp.full((), n, x.dtype), x)
        return getattr(special, name)  # type: ignore[no-any-return]  # as above

    def kernel(
        self, inputs: Sequence[str], outputs: Sequence[str], body: str, dtype: str
    ) -> Callable[..., Any]:
        def typed(names: Sequence[str]) -> str:
            return ", ".join(f"{dtype} {name}" for name in names)

        real = {"float64": "double", "float32": "float"}[dtype]
        return self.xp.ElementwiseKernel(  # type: ignore[no-any-return]  # CuPy has no types for it
            typed(inputs), typed(outputs), body, "gradpath_fused", preamble=f"typedef {real} real;"
        )

    def raising(self) -> AbstractContextManager[Any]:
        import cupyx

        return cupyx.errstate(linalg="raise")  # type: ignore[no-any-return]  # as above
