"""A stand-in for CuPy: its names and signatures over NumPy, and less given away than by CuPy.

An array of it cannot be converted to NumPy's, to a Python number or to a truth; every function
gives arrays, of no axes where NumPy gives scalars, and takes no array of NumPy's. `installed` puts
it in CuPy's place, so that `autodiff.backends.gpu` imports it. Every array that leaves is counted.
"""

from __future__ import annotations

import ctypes
import inspect
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import scipy.special

from autodiff.backends.gpu import CuPy

MEMORY = 80_000_000_000


class ndarray:  # CuPy's own name for it
    __array_ufunc__ = None  # NumPy's scalars leave operations to us
    __hash__ = None  # type: ignore[assignment]  # as of any array

    def __init__(self, data: Any) -> None:
        self._data = np.asarray(data)

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise TypeError("Implicit conversion to a NumPy array is not allowed.")

    __array__ = __float__ = __int__ = __bool__ = __index__ = __iter__ = __len__ = _refuse

    shape = property(lambda self: self._data.shape)
    ndim = property(lambda self: self._data.ndim)
    size = property(lambda self: self._data.size)
    dtype = property(lambda self: self._data.dtype)

    def __getitem__(self, index: Any) -> ndarray:
        parts = index if isinstance(index, tuple) else (index,)
        for part in parts:
            assert part is None or part is Ellipsis or isinstance(part, int | slice), part
        return ndarray(self._data[index])

    def __repr__(self) -> str:
        return f"cupylike({self._data!r})"


def _bare(x: Any) -> Any:
    if isinstance(x, ndarray):
        return x._data
    if isinstance(x, np.ndarray):
        raise TypeError(f"Unsupported type {type(x)}")
    return x


def _operator(name: str) -> Callable[..., ndarray]:
    def method(self: ndarray, *others: Any) -> Any:
        with np.errstate(all="ignore"):
            return ndarray(getattr(self._data, name)(*map(_bare, others)))

    return method


for _name in (
    *("add", "sub", "mul", "truediv", "pow", "matmul", "and", "or", "xor"),
    *("radd", "rsub", "rmul", "rtruediv", "rpow", "rmatmul", "rand", "ror"),
    *("eq", "ne", "lt", "le", "gt", "ge", "neg", "abs", "invert"),
):
    setattr(ndarray, f"__{_name}__", _operator(f"__{_name}__"))


def _function(theirs: Any, signature: str = "") -> Callable[..., Any]:
    """A NumPy function on arrays of ours, with CuPy's parameters where they are not a ufunc's."""
    given = None
    if signature:
        names = [part.strip() for part in signature.split(",")]
        kinds = inspect.Parameter
        given = inspect.Signature(
            [
                kinds(name.lstrip("*"), kinds.VAR_POSITIONAL)
                if name.startswith("*")
                else kinds(name, kinds.POSITIONAL_OR_KEYWORD, default=kinds.empty)
                for name in names
            ]
        )

    def call(*xs: Any, **settings: Any) -> Any:
        if given is not None:
            given.bind_partial(*xs, **settings)  # TypeError for what CuPy does not take
        listed = [[_bare(y) for y in x] if isinstance(x, list) else _bare(x) for x in xs]
        if not any(isinstance(x, ndarray) for x in xs) and not any(
            isinstance(x, list) and all(isinstance(y, ndarray) for y in x) for x in xs
        ):
            raise TypeError(f"{theirs.__name__} needs an array of the device")
        with np.errstate(all="ignore"):
            found = theirs(*listed, **settings)
        if isinstance(found, tuple):
            return tuple([ndarray(part) for part in found])
        return ndarray(found)

    call.__name__ = theirs.__name__
    return call


# Names in CuPy's main namespace that we use: NumPy's function, and the parameters CuPy's takes.
UFUNCS = {
    **{
        name: getattr(np, name)
        for name in (
            *("exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan"),
            *("sinh", "cosh", "tanh", "floor", "ceil", "sign", "hypot", "maximum", "minimum"),
            *("logaddexp", "logical_and", "logical_or", "isfinite", "square"),
        )
    },
    "abs": np.absolute,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "atan2": np.arctan2,
    "pow": np.power,
}
FUNCTIONS = {
    "all": (np.all, "a, axis, out, keepdims"),
    "any": (np.any, "a, axis, out, keepdims"),
    "argsort": (lambda a, axis=-1: np.argsort(a, axis, kind="stable"), "a, axis, kind"),
    "astype": (lambda x, dtype: x.astype(dtype), "x, dtype, copy"),
    "broadcast_to": (np.broadcast_to, "array, shape"),
    "concat": (np.concatenate, "tup, axis, out, dtype, casting"),
    "cumulative_prod": (np.cumprod, "x, axis, dtype, out, include_initial"),
    "cumulative_sum": (np.cumsum, "x, axis, dtype, out, include_initial"),
    "flip": (np.flip, "a, axis"),
    "matmul": (np.matmul, ""),
    "matrix_transpose": (lambda x: np.swapaxes(x, -1, -2), "x"),
    "max": (np.max, "a, axis, out, keepdims"),
    "min": (np.min, "a, axis, out, keepdims"),
    "moveaxis": (np.moveaxis, "a, source, destination"),
    "ones_like": (np.ones_like, "a, dtype, order, subok, shape"),
    "permute_dims": (np.transpose, "a, axes"),
    "prod": (np.prod, "a, axis, dtype, out, keepdims"),
    "reshape": (lambda a, newshape: np.reshape(a, newshape), "a, newshape, order"),
    "round": (np.round, "a, decimals, out"),
    "sort": (np.sort, "a, axis, kind"),
    "stack": (np.stack, "tup, axis, out, dtype, casting"),
    "sum": (np.sum, "a, axis, dtype, out, keepdims"),
    "take": (np.take, "a, indices, axis, out"),
    "take_along_axis": (np.take_along_axis, "a, indices, axis"),
    "tril": (np.tril, "m, k"),
    "triu": (np.triu, "m, k"),
    "where": (np.where, "condition, x, y"),
    "zeros_like": (np.zeros_like, "a, dtype, order, subok, shape"),
}
LINALG = ("inv", "solve", "det", "slogdet", "cholesky", "eigh", "svd")
SPECIAL = (
    *("erf", "erfc", "gammaln", "gamma", "digamma", "polygamma"),
    *("erfinv", "ndtri", "beta", "betaln"),
)


COMPILER = shutil.which("g++")


class ElementwiseKernel:
    """``cupy.ElementwiseKernel``, compiled for the host: what is written must be C++."""

    def __init__(
        self, in_params: str, out_params: str, operation: str, name: str, preamble: str = ""
    ) -> None:
        assert COMPILER is not None
        self.inputs, self.outputs = (
            [part.split() for part in params.split(", ")] for params in (in_params, out_params)
        )
        self.dtype = np.dtype(self.inputs[0][0])
        arrays = [f"const real* p_{x}" for _, x in self.inputs]
        arrays += [f"real* p_{y}" for _, y in self.outputs]
        reads = " ".join(f"const real {x} = p_{x}[i];" for _, x in self.inputs)
        results = " ".join(f"real& {y} = p_{y}[i];" for _, y in self.outputs)
        source = (
            f"#include <cmath>\nusing namespace std;\n{preamble}\n"
            f'extern "C" void run(long n, {", ".join(arrays)}) {{\n'
            f"for (long i = 0; i < n; ++i) {{ {reads} {results} {operation} }} }}\n"
        )
        with tempfile.TemporaryDirectory() as folder:
            library = f"{folder}/kernel.so"
            command = [COMPILER, "-O1", "-w", "-shared", "-fPIC", "-x", "c++", "-", "-o", library]
            subprocess.run(command, input=source, text=True, check=True)
            self.run = ctypes.CDLL(library).run

    def __call__(self, *xs: Any) -> Any:
        assert any(isinstance(x, ndarray) for x in xs)
        bare = [np.asarray(_bare(x), dtype=self.dtype) for x in xs]
        full = [np.ascontiguousarray(x) for x in np.broadcast_arrays(*bare)]
        out = [np.empty(full[0].shape, self.dtype) for _ in self.outputs]
        pointers = [ctypes.c_void_p(x.ctypes.data) for x in (*full, *out)]
        self.run(ctypes.c_long(full[0].size), *pointers)
        made = tuple(map(ndarray, out))
        return made if len(made) > 1 else made[0]


class Runtime:
    """``cupy.cuda.runtime``: versions, and what asking for a device gives."""

    driver, version, devices = 12090, 12090, 1

    def driverGetVersion(self) -> int:
        return self.driver

    def runtimeGetVersion(self) -> int:
        return self.version

    def getDeviceCount(self) -> int:
        return self.devices

    def getDeviceProperties(self, id: int) -> dict[str, Any]:
        return {"name": b"Stand-in", "totalGlobalMem": MEMORY}


def modules(runtime: Any = None) -> dict[str, ModuleType]:
    """CuPy and CuPyX, made anew. ``cupy.fetched`` lists the shapes of arrays that left."""
    cupy, linalg = ModuleType("cupy"), SimpleNamespace()
    fetched: list[tuple[int, ...]] = []

    def asnumpy(a: Any) -> Any:
        assert isinstance(a, ndarray)
        fetched.append(a.shape)
        return a._data.copy()

    def array_of(a: Any, dtype: Any = None) -> ndarray:
        return ndarray(np.array(_bare(a) if isinstance(a, ndarray) else a, dtype=dtype))

    def full(shape: Any, fill_value: float, dtype: Any = None) -> ndarray:
        return ndarray(np.full(shape, fill_value, dtype=dtype))

    def einsum(subscripts: str, *xs: ndarray) -> ndarray:
        return ndarray(np.einsum(subscripts, *map(_bare, xs)))

    def add_at(a: ndarray, slices: ndarray, value: ndarray) -> None:
        np.add.at(a._data, slices._data, value._data)

    for name, theirs in UFUNCS.items():
        setattr(cupy, name, _function(theirs))
    for name, (function, signature) in FUNCTIONS.items():
        setattr(cupy, name, _function(function, signature))
    for name in LINALG:
        setattr(linalg, name, _function(getattr(np.linalg, name)))
    cupy.__dict__.update(
        __version__="14.2.0",
        ndarray=ndarray,
        asnumpy=asnumpy,
        asarray=array_of,
        full=full,
        ones=lambda shape: ndarray(np.ones(shape)),
        einsum=einsum,
        add=SimpleNamespace(at=add_at),
        linalg=linalg,
        ElementwiseKernel=ElementwiseKernel,
        fetched=fetched,
        cuda=SimpleNamespace(runtime=runtime or Runtime(), Device=lambda: SimpleNamespace(id=0)),
        **{name: getattr(np, name) for name in ("bool", "float32", "float64", "int64")},
    )
    cupyx, scipy_, special = ModuleType("cupyx"), ModuleType("scipy"), ModuleType("special")
    cupyx.errstate = lambda linalg: nullcontext()  # type: ignore[attr-defined]  # a module made here
    for name in SPECIAL:
        setattr(special, name, _function(getattr(scipy.special, name)))
    cupyx.scipy, scipy_.special = scipy_, special  # type: ignore[attr-defined]  # as above
    return {
        "cupy": cupy,
        "cupyx": cupyx,
        "cupyx.scipy": scipy_,
        "cupyx.scipy.special": special,
    }


@contextmanager
def installed(runtime: Any = None) -> Iterator[ModuleType]:
    """The stand-in where an import of CuPy finds it."""
    made = modules(runtime)
    for name, module in made.items():
        module.__spec__ = SimpleNamespace(name=name)  # type: ignore[assignment]  # find_spec asks for one
    before = {name: sys.modules.get(name) for name in made}
    fuses, CuPy.fuses = CuPy.fuses, COMPILER is not None
    sys.modules.update(made)
    try:
        yield made["cupy"]
    finally:
        CuPy.fuses = fuses
        for name, module_ in before.items():
            if module_ is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module_
