"""Arrays on a device: the namespace over any library of the Python array API standard (2024.12).

Numbers stay on the host, as Python floats, and are computed there; arrays never leave the device:
nothing here asks for an element, a truth or a NumPy array of one. What the standard lacks comes
from a `Library`, which is one class for each such library: CuPy's is in `autodiff.backends.gpu`.

A `Device` is the namespace ``m`` of the rows, as a module is elsewhere: it has a state, the library
and the type of its elements.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

import numpy as np

from autodiff.backends import array, portable, single
from autodiff.backends.matrices import Matrices

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from autodiff.backends.kernels import Fused
    from autodiff.ops import Op
    from autodiff.tape import Tape


class Library(Protocol):
    """A library of arrays on a device, and what the standard leaves out.

    Attributes
    ----------
    name  : what it is called
    xp    : its namespace, after the array API standard
    array : the class of its arrays
    fuses : whether it makes kernels
    """

    name: str
    xp: Any
    array: type
    fuses: bool

    def asarray(self, x: Any, dtype: str) -> Any:
        """A NumPy array on the device."""

    def fetch(self, x: Any) -> Any:
        """An array of the device as NumPy's: the one way back."""

    def full(self, shape: tuple[int, ...], value: float, dtype: str) -> Any:
        """A new array of one number."""

    def argsort(self, x: Any, axis: int) -> Any:
        """A stable order."""

    def einsum(self, subscripts: str, *xs: Any) -> Any:
        """NumPy's, with ``->`` and letters alone."""

    def add_at(self, out: Any, places: Any, x: Any) -> Any:
        """``out`` with ``x`` added at those of its places, repeated ones and all; flat arrays."""

    def special(self, name: str) -> Callable[..., Any]:
        """An elementwise function by SciPy's name: those of `SPECIAL`, ``gamma``, ``digamma``,
        and ``polygamma``, whose order is a number."""

    def kernel(
        self, inputs: Sequence[str], outputs: Sequence[str], body: str, dtype: str
    ) -> Callable[..., Any]:
        """A function of arrays and numbers, by these names, whose results are those of ``body``,
        in C++ with ``real`` for the type of all, at each of their elements, broadcast."""

    def raising(self) -> AbstractContextManager[Any]:
        """Where linear algebra raises NumPy's LinAlgError for a matrix it cannot take."""


# Functions of the protocol, by SciPy's names for those the standard lacks.
SPECIAL = {
    "cbrt": "cbrt",
    "erf": "erf",
    "erfc": "erfc",
    "lgamma": "gammaln",
    "erfinv": "erfinv",
    "ndtri": "ndtri",
    "beta": "beta",
    "lbeta": "betaln",
}
# Functions of the protocol, by the standard's names for them where those differ.
STANDARD = {
    name: name
    for name in (
        *("abs", "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "sin", "cos", "tan"),
        *("asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
        *("floor", "ceil", "round", "sign", "atan2", "hypot", "maximum", "minimum", "logaddexp"),
    )
} | {"power": "pow"}


class Device(Matrices):
    """The namespace of float64 or float32 arrays of one library."""

    pi, inf, nan = math.pi, math.inf, math.nan
    # Of the functions that __init__ adds, those that are used here.
    abs: Callable[..., Any]
    floor: Callable[..., Any]
    sqrt: Callable[..., Any]

    def __init__(self, library: Library, dtype: str = "float64") -> None:
        super().__init__(library.xp, library.raising)
        self.library, self.dtype = library, dtype
        self._fused: WeakKeyDictionary[Tape, dict[int, Fused]] = WeakKeyDictionary()
        self.real = getattr(library.xp, dtype)
        self.host = single if dtype == "float32" else array
        for name, theirs in STANDARD.items():
            setattr(self, name, self._elementwise(name, getattr(self.xp, theirs)))
        for name, theirs in SPECIAL.items():
            setattr(self, name, self._elementwise(name, self._special(theirs)))

    def _elementwise(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        on_host, here = getattr(self.host, name), self.here

        def call(*xs: Any) -> Any:
            if any(map(here, xs)):
                return function(*xs)
            return float(on_host(*map(self.host.asarray, xs)))

        return call

    def _special(self, theirs: str) -> Callable[..., Any]:
        function: Callable[..., Any] | None = None

        def call(*xs: Any) -> Any:
            nonlocal function
            if function is None:
                function = self.library.special(theirs)
            if len(xs) > 1:  # unlike the standard's, they need not take a number beside an array
                xs = tuple(map(self._lifted, xs))
            return function(*xs)

        return call

    def here(self, x: Any) -> bool:
        """Whether ``x`` is on the device; otherwise it is a number, on the host."""
        return isinstance(x, self.library.array)

    def _lifted(self, x: Any) -> Any:
        """``x`` on the device, a number without axes."""
        return x if self.here(x) else self.library.full((), float(x), self.dtype)

    def again(
        self, rule: Callable[..., Any], elementwise: bool, y: Any, xs: Sequence[Any], like: Any
    ) -> Any:
        """A rule that raised, as Python's own 1 / 0.0 does, once more with all on the device."""
        found = rule(self._lifted(y), [None if x is None else self._lifted(x) for x in xs])
        return self.broadcast_to(found, self.shape(like))

    def whole(self, op: Op, *xs: Any) -> Any:
        return op.value(self, *xs)

    def fused(self, tape: Tape) -> dict[int, Fused]:
        """Runs of elementwise nodes that one kernel evaluates, by their first node."""
        if not self.library.fuses:
            return {}
        if tape not in self._fused:
            from autodiff.backends.kernels import fused

            self._fused[tape] = fused(tape, self)
        return self._fused[tape]

    # ---- elementwise, by other functions of this namespace

    def gamma(self, x: Any) -> Any:
        if not self.here(x):
            return float(self.host.gamma(self.host.asarray(x)))
        pole = self.xp.logical_and(x <= 0, x == self.floor(x))
        return self.where(pole, self.nan, self._special("gamma")(x))

    def digamma(self, x: Any) -> Any:
        if not self.here(x):
            return float(self.host.digamma(self.host.asarray(x)))
        return portable.digamma(self, self._special("digamma"), x)

    def polygamma(self, n: int, x: Any) -> Any:
        if not self.here(x):
            return float(self.host.polygamma(n, self.host.asarray(x)))
        if n == 0:
            return self.digamma(x)

        def theirs(z: Any) -> Any:
            found = self.library.special("polygamma")(n, z)
            return self.xp.astype(found, self.real)  # SciPy's widens float32

        return portable.trigamma(self, theirs, x) if n == 1 else theirs(x)

    def sinc(self, x: Any) -> Any:
        return portable.sinc(self, x)

    def sinc_slope(self, x: Any) -> Any:
        if not self.here(x):
            return float(self.host.sinc_slope(self.host.asarray(x)))
        return portable.sinc_slope(self, x)

    def times(self, a: Any, b: Any) -> Any:
        return self.where(a == 0, 0.0, a * b)

    def ratio(self, a: Any, b: Any) -> Any:
        if not (self.here(a) or self.here(b)):
            return float(self.host.ratio(self.host.asarray(a), self.host.asarray(b)))
        return a / self.where(self.logical_and(b == 0, a == 0), 1.0, b)

    def _truth(self, c: Any) -> Any:
        if self.here(c):
            return c if c.dtype == self.xp.bool else c != 0
        return bool(c)

    def logical_and(self, a: Any, b: Any) -> Any:
        return self._truth(a) & self._truth(b)

    def logical_or(self, a: Any, b: Any) -> Any:
        return self._truth(a) | self._truth(b)

    def where(self, c: Any, a: Any, b: Any) -> Any:
        c = self._truth(c)
        if isinstance(c, bool):
            if not (self.here(a) or self.here(b)):
                return float(a if c else b)
            shape = np.broadcast_shapes(self.shape(a), self.shape(b))
            return self.broadcast_to(a if c else b, shape)
        if not (self.here(a) or self.here(b)):
            if type(a) is int and type(b) is int and (a, b) == (1, 0):
                return self.xp.astype(c, self.real)
            a = self._lifted(a)
        return self.xp.where(c, self._weak(a), self._weak(b))

    def _weak(self, x: Any) -> Any:
        """An operand beside an array, a number as Python's own: it does not widen float32."""
        return x if self.here(x) else float(x)

    # ---- shapes

    def shape(self, x: Any) -> tuple[int, ...]:
        return tuple(x.shape) if self.here(x) else ()

    def ones_like(self, x: Any) -> Any:
        return self.full(self.shape(x), 1.0)

    def zeros_like(self, x: Any) -> Any:
        return self.full(self.shape(x), 0.0)

    def broadcast_to(self, x: Any, shape: tuple[int, ...]) -> Any:
        shape = tuple(shape)
        if self.shape(x) == shape:
            return x
        return self.xp.broadcast_to(x, shape) if self.here(x) else self.full(shape, x)

    def reshape(self, x: Any, shape: tuple[int, ...]) -> Any:
        if not self.here(x):
            return self.full(tuple(1 if n == -1 else n for n in shape), x) if shape else x
        return self.xp.reshape(x, tuple(shape))

    def transpose(self, x: Any, axes: tuple[int, ...]) -> Any:
        return self.xp.permute_dims(x, tuple(axes)) if axes else x

    def stack(self, xs: Sequence[Any], axis: int = 0) -> Any:
        if not any(map(self.here, xs)):  # a list of numbers goes up at once
            return self.asarray(np.stack([np.float64(x) for x in xs], axis))
        return self.xp.stack(list(map(self._lifted, xs)), axis=axis)

    def concat(self, xs: Sequence[Any], axis: int = 0) -> Any:
        return self.xp.concat(list(xs), axis=axis)

    def flip(self, x: Any, axis: int) -> Any:
        return self.xp.flip(x, axis=axis)

    def tril(self, x: Any, k: int = 0) -> Any:
        return self.xp.tril(x, k=k)

    def triu(self, x: Any, k: int = 0) -> Any:
        return self.xp.triu(x, k=k)

    # ---- indices

    def getitem(self, x: Any, index: Any) -> Any:
        basic = _basic(index, self.shape(x))
        if basic is not None:
            return x[basic]
        places = _places(index, self.shape(x))
        flat = self.xp.reshape(x, (-1,))
        found = self.xp.take(flat, self.library.asarray(places.ravel(), "int64"), axis=0)
        return self.xp.reshape(found, places.shape)

    def scatter(self, x: Any, index: Any, shape: tuple[int, ...]) -> Any:
        places = _places(index, shape)
        out = self.library.full((math.prod(shape),), 0.0, self.dtype)
        spread = self.xp.reshape(self._lifted(self.broadcast_to(x, places.shape)), (-1,))
        at = self.library.asarray(places.ravel(), "int64")
        return self.xp.reshape(self.library.add_at(out, at, spread), shape)

    def take_along(self, x: Any, order: Any, axis: int) -> Any:
        return self.xp.take_along_axis(x, order, axis=axis)

    # ---- reductions, and what runs along an axis

    def _numbers(self, x: Any) -> Any:
        return self.xp.astype(x, self.real) if x.dtype == self.xp.bool else x

    def sum(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        if not self.here(x):
            return float(x)
        return self.xp.sum(self._numbers(x), axis=axis, keepdims=keepdims)

    def prod(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return self.xp.prod(x, axis=axis, keepdims=keepdims) if self.here(x) else float(x)

    def max(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return self.xp.max(x, axis=axis, keepdims=keepdims) if self.here(x) else float(x)

    def min(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return self.xp.min(x, axis=axis, keepdims=keepdims) if self.here(x) else float(x)

    def norm(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        if not self.here(x):
            return abs(float(x))
        if 0 in x.shape:
            return self.sum(x, axis=axis, keepdims=keepdims)
        # Always scaled: whether that is needed is a question to the device, and it would wait.
        top = self.max(self.abs(x), axis=axis, keepdims=True)
        scale = self.where((top > 0) & (top < self.inf), top, 1.0)
        scaled = self.sqrt(self.sum(self.xp.square(x / scale), axis=axis, keepdims=keepdims))
        return scaled * (scale if keepdims else self.sum(scale, axis=axis))

    def cumsum(self, x: Any, axis: int) -> Any:
        return self.xp.cumulative_sum(x, axis=axis)

    def cumprod(self, x: Any, axis: int) -> Any:
        return self.xp.cumulative_prod(x, axis=axis)

    def sort(self, x: Any, axis: int) -> Any:
        return self.xp.sort(x, axis=axis)

    def argsort(self, x: Any, axis: int) -> Any:
        return self.library.argsort(x, axis)

    def tied_mean(self, x: Any, keys: Any, axis: int, tolerance: Any) -> Any:
        if 0 in self.shape(x):
            return x
        xp = self.xp
        keys, rows = xp.moveaxis(keys, axis, -1), xp.moveaxis(x, axis, -1)
        gaps = self.abs(keys[..., 1:] - keys[..., :-1])
        first = self.full((*keys.shape[:-1], 1), 1.0)
        starts = xp.concat([first, self.where(gaps <= tolerance, 0.0, 1.0)], axis=-1)
        runs = xp.astype(xp.cumulative_sum(xp.reshape(starts, (-1,)), axis=0), xp.int64) - 1
        none = self.library.full((math.prod(rows.shape),), 0.0, self.dtype)
        sums = self.library.add_at(none, runs, xp.reshape(rows, (-1,)))
        counts = self.library.add_at(xp.zeros_like(none), runs, xp.ones_like(none))
        means = xp.take(sums, runs, axis=0) / xp.take(counts, runs, axis=0)
        return xp.moveaxis(xp.reshape(means, rows.shape), -1, axis)

    # ---- products

    def matmul(self, a: Any, b: Any) -> Any:
        return self.xp.matmul(a, b)

    def einsum(self, subscripts: str, *xs: Any) -> Any:
        return self.library.einsum(subscripts, *map(self._lifted, xs))

    # ---- constructors

    def asarray(self, x: Any) -> Any:
        """Arrays on the device; what has no axes is a number, and stays on the host."""
        if self.here(x):
            return x
        return self.library.asarray(np.asarray(x), self.dtype) if np.ndim(x) else float(x)

    def full(self, shape: tuple[int, ...], value: Any) -> Any:
        if not shape:
            return value if self.here(value) else float(value)
        if self.here(value):
            return self.xp.broadcast_to(value, tuple(shape))
        return self.library.full(tuple(shape), float(value), self.dtype)

    # What these give must be NumPy's to the last digit.

    def eye(self, n: int, m: int | None = None) -> Any:
        return self.asarray(array.eye(n, m))

    def arange(self, start: float, stop: float, step: float) -> Any:
        return self.asarray(array.arange(start, stop, step))

    def linspace(self, start: float, stop: float, num: int) -> Any:
        return self.asarray(array.linspace(start, stop, num))

    def randn(self, shape: tuple[int, ...], seed: int) -> Any:
        return self.asarray(array.randn(shape, seed))

    def rand(self, shape: tuple[int, ...], seed: int) -> Any:
        return self.asarray(array.rand(shape, seed))


def _basic(index: Any, shape: tuple[int, ...]) -> tuple[Any, ...] | None:
    """An index of integers and slices with every axis named and every end in bounds, as the
    standard asks for; None for one with lists. Raises IndexError as NumPy does."""
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(part, list | np.ndarray) for part in parts):
        return None
    named = sum(part is not None and part is not Ellipsis for part in parts)
    if named > len(shape):
        raise IndexError(f"{named} indices for {len(shape)} axes")
    if Ellipsis not in parts:
        parts = (*parts, Ellipsis)
    out: list[Any] = []
    axis = 0
    for part in parts:
        if part is Ellipsis:
            skipped = len(shape) - named
            out += [slice(None)] * skipped
            axis += skipped
        elif part is None:
            out.append(None)
        else:
            out.append(_in_bounds(part, shape[axis]))
            axis += 1
    return tuple(out)


def _in_bounds(part: Any, n: int) -> Any:
    if not isinstance(part, slice):
        place = int(part)
        if place != part or not -n <= place < n:
            raise IndexError(f"there is no element {part} among {n}")
        return place
    start, stop, step = part.indices(n)
    return slice(start, None if stop < 0 else stop, step)


def _places(index: Any, shape: tuple[int, ...]) -> Any:
    """Which elements of an array of ``shape``, counted flat, an index names. No array of that
    size is made: coordinates are views."""
    coordinates = []
    for axis, n in enumerate(shape):
        sides = tuple(n if k == axis else 1 for k in range(len(shape)))
        along = np.broadcast_to(np.arange(n).reshape(sides), shape)
        coordinates.append(along[index])
    if not coordinates:
        return np.zeros(())[index].astype(np.int64)
    return np.ravel_multi_index([np.asarray(c) for c in coordinates], shape)
