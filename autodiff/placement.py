"""Where a model's arrays are: finds the device that was asked for, or says why there is none."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from autodiff.backends.numbers import FLOATS
from autodiff.errors import UsageError
from autodiff.report import Note

if TYPE_CHECKING:
    from autodiff.backends.numbers import Floats

DEVICES = ("cpu", "gpu", "auto")


class Place(NamedTuple):
    """A number system with its arrays somewhere, and what a reader should know of the choice."""

    numbers: Floats
    notes: tuple[Note, ...] = ()


def place(device: str) -> Place:
    """Where ``device`` is.

    ``"cpu"`` asks nothing. ``"gpu"`` raises UsageError, with what is missing, where there is none;
    ``"auto"`` is the CPU then, and a note says so.
    """
    if device not in DEVICES:
        raise UsageError(f"device is 'cpu', 'gpu' or 'auto', not {device!r}")
    if device == "cpu":
        return Place(FLOATS)
    from autodiff.backends import gpu

    found = gpu.probe()
    if found.status == "ready":
        from autodiff.backends.devices import OnDevice

        return Place(OnDevice(gpu.CuPy(found.name)))
    if device == "gpu":
        raise UsageError(f"no GPU: {found.reason}", found.hint, code=found.status)
    return Place(FLOATS, (Note("device", None, f"no GPU: {found.reason}; all runs on the CPU"),))


class Entry(NamedTuple):
    """One device as `gradpath devices` lists it.

    device : ``cpu`` or ``gpu``
    status : ``ready``, or what is missing (see `autodiff.backends.gpu.Probe`)
    name   : the card's, "" where there is none
    reason, hint : why it is not ready, and what helps
    facts  : what is known of it, by name: versions, memory
    """

    device: str
    status: str
    name: str
    reason: str
    hint: str
    facts: dict[str, str]


def devices() -> tuple[Entry, ...]:
    """Every device there could be: the CPU, and what is there of a GPU."""
    from importlib.metadata import version

    from autodiff.backends import gpu

    found = gpu.probe()
    known = {"CuPy": found.cupy, "CUDA runtime": found.runtime, "CUDA of the driver": found.driver}
    facts = {name: version for name, version in known.items() if version}
    if found.memory:
        facts["memory"] = f"{found.memory / 2**30:.1f} GiB"
    cores = str(os.cpu_count() or 1)
    return (
        Entry("cpu", "ready", "", "", "", {"NumPy": version("numpy"), "cores": cores}),
        Entry("gpu", found.status, found.name, found.reason, found.hint, facts),
    )
