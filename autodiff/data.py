"""Reads arrays from files: `load("…")` of a model, and ``--values``. Never unpickles.

A model may come from a stranger: what it loads must be a regular file below its own folder
(after links are followed), of a stated size, and is checked before it is allocated.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autodiff.errors import LoadProblem, UsageError
from autodiff.files import Refused, read_bytes, reason
from autodiff.limits import LIMITS, Limits, more

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from autodiff.files import Witness
    from autodiff.syntax import Load

SUFFIXES = (".npy", ".npz", ".csv")


def loader(
    folder: str | os.PathLike[str], witness: Witness | None = None, limits: Limits = LIMITS
) -> Callable[[Load], Any]:
    """What reads ``load("path")`` for a model in ``folder``; raises LoadProblem."""

    def seen(name: str) -> Callable[[bytes], None] | None:
        return None if witness is None else lambda content: witness(name, content)

    def load(request: Load) -> Any:
        try:
            path = inside(Path(folder), request.path)
            return read_array(path, request.key, seen(request.path), limits)
        except Refused as refused:
            raise LoadProblem(refused.message, request.span, refused.hint) from refused

    return load


def inside(folder: Path, name: str) -> Path:
    """The file ``name`` below ``folder``; refuses whatever leads out of it."""
    if "\0" in name:
        raise Refused("a file name has no NUL character")
    path = Path(name)
    if path.is_absolute() or ".." in path.parts or path.drive:
        raise Refused(
            f"{name!r} is not below the model's folder", "load takes a path relative to the model"
        )
    root = folder.resolve()
    try:
        full = (root / path).resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise Refused(f"cannot read {name!r}: {reason(error)}") from error
    if not full.is_relative_to(root):
        raise Refused(f"{name!r} leads out of the model's folder", "copy the data beside the model")
    if full.is_dir():
        raise Refused(f"{name!r} is a folder", "give a file")
    return full


def read_array(
    path: Path,
    key: str = "",
    seen: Callable[[bytes], None] | None = None,
    limits: Limits = LIMITS,
) -> Any:
    """The array in a .npy, .npz or .csv file, as float64; ``seen`` is given its content."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise Refused(f"{path.name!r} is not one of {', '.join(SUFFIXES)}")
    if key and suffix != ".npz":
        raise Refused(f"{path.name!r} holds one array; only .npz takes a second name")
    content = read_bytes(path, limits.data, more("data"))
    if seen is not None:
        seen(content)
    if suffix == ".csv":
        return _csv(content, path.name)
    if suffix == ".npy":
        return _npy(io.BytesIO(content), path.name, len(content))
    arrays = _npz(content, path.name, key, limits.data)
    if not key and len(arrays) != 1:
        names = ", ".join(sorted(arrays))
        raise Refused(f"{path.name!r} holds several arrays: {names}", "name one: load(file, name)")
    return arrays[key] if key else next(iter(arrays.values()))


def _npy(stream: Any, name: str, available: int) -> Any:
    import numpy as np
    from numpy.lib import format as npy

    try:
        version = npy.read_magic(stream)
        read_header = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
        if version not in read_header:
            raise Refused(f"{name!r} is of an unknown .npy version")
        shape, fortran, dtype = read_header[version](stream)
        if dtype.kind not in "fiub":
            raise Refused(f"{name!r} holds {dtype}, not real numbers")
        if any(side < 0 for side in shape):
            raise Refused(f"{name!r} says it has the shape {shape}")
        size = math.prod(shape) * dtype.itemsize
        if size > available:
            raise Refused(f"{name!r} says it holds {size:,} bytes, more than it has")
        content = stream.read(size)
        if len(content) < size:
            raise Refused(f"{name!r} ends too early")
        array = np.frombuffer(content, dtype=dtype, count=math.prod(shape))
        return array.reshape(shape, order="F" if fortran else "C").astype(np.float64)
    except Refused:
        raise
    except Exception as error:  # the header is read by Python's own tokenizer and parser
        raise Refused(f"{name!r} is not a .npy file") from error


def _npz(content: bytes, name: str, key: str, most: int) -> dict[str, Any]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        if key:
            if key not in members:
                known = ", ".join(sorted(members))
                raise Refused(f"{name!r} holds no {key!r}", f"it holds {known}")
            members = {key: members[key]}
        total = sum(info.file_size for info in members.values())
        if total > most:
            message = f"{name!r} unpacks to {total:,} bytes; the limit is {most:,}"
            raise Refused(message, more("data"))
        out = {}
        for member, info in members.items():
            with archive.open(info) as stream:
                out[member] = _npy(stream, f"{name}/{member}", info.file_size)
        return out
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise Refused(f"{name!r} is not a .npz file") from error
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise Refused(f"{name!r} is damaged") from error
        raise


def _csv(content: bytes, name: str) -> Any:
    import csv

    import numpy as np

    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"{name!r} is not UTF-8 text") from error
    rows: list[list[float]] = []
    for number, row in enumerate(csv.reader(io.StringIO(text)), 1):
        if not row or (len(row) == 1 and not row[0].strip()):
            continue
        try:
            rows.append([_number(cell) for cell in row])
        except ValueError as error:
            if not rows and number == 1:
                continue  # a heading
            raise Refused(f"{name!r}, row {number}: not a number") from error
        if len(row) != len(rows[0]):
            raise Refused(f"{name!r}, row {number}: {len(row)} cells, not {len(rows[0])}")
    if not rows:
        raise Refused(f"{name!r} holds no numbers")
    return np.array(rows, dtype=np.float64)


def _number(cell: str) -> float:
    # float() would take 1_000 and digits of any script.
    if "_" in cell or not cell.isascii():
        raise ValueError(cell)
    return float(cell)


def read_values(name: str | os.PathLike[str], limits: Limits = LIMITS) -> dict[str, Any]:
    """``--values FILE``: numbers and arrays by name, from .json or .npz. Raises UsageError."""
    path = Path(name)

    def content() -> bytes:
        return read_bytes(path, limits.data, more("data"))

    try:
        if path.suffix.lower() == ".npz":
            return _npz(content(), path.name, "", limits.data)
        if path.suffix.lower() != ".json":
            raise Refused(f"{path.name!r} is neither .json nor .npz")
        return _json(content(), path.name)
    except Refused as refused:
        raise UsageError(f"--values: {refused.message}", refused.hint) from refused


def _json(content: bytes, name: str) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Refused(f"{name!r} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise Refused(f"{name!r} holds no object of names", '{"x": 1.5, "W": [[1, 2], [3, 4]]}')
    return {key: as_number(value, f"{key!r} in {name!r}") for key, value in found.items()}


def as_number(value: Any, what: str) -> Any:
    """A number as a float, nested lists as a float64 array; anything else is refused."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError as error:
            raise Refused(f"{what} is beyond the range of floats") from error
    if isinstance(value, list):
        import numpy as np

        try:
            array = np.array(value)
        except (ValueError, RecursionError) as error:
            raise Refused(f"{what} is ragged") from error
        if array.dtype.kind in "fiu" and array.size:
            return array.astype(np.float64)
    raise Refused(f"{what} is not a number or an array of numbers")
