"""Times subjects in turn and reduces the timings. Knows nothing of what it times.

Only the standard library is imported here and by whole_process.py: on Linux a child's peak
memory is counted from before its exec, so it is never reported below its parent's.
"""

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from statistics import median
from typing import NamedTuple, TypeVar

T = TypeVar("T")

# A package that is installed has its bytecode; a checkout gets it on the first run, if it may.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

# ru_maxrss is in KiB, on macOS in bytes.
MAXRSS_PER_MIB = 1024**2 if sys.platform == "darwin" else 1024


class Process(NamedTuple):
    """What one run of a command cost, and what it said."""

    seconds: float
    mebibytes: float
    status: int
    stdout: str
    stderr: str


class Cost(NamedTuple):
    """The medians over several runs."""

    seconds: float
    mebibytes: float


def run(command: Sequence[str]) -> Process:
    """Runs a command to its end, with its wall time and peak resident memory."""
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr
        )
        # wait4 and not Popen.wait: it gives this child's own usage, not that of all children.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        stdout.seek(0)
        stderr.seek(0)
        return Process(
            seconds,
            usage.ru_maxrss / MAXRSS_PER_MIB,
            process.returncode,
            stdout.read().decode(),
            stderr.read().decode(),
        )


def in_turn(subjects: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    """Calls A B C A B C …, so that a drift of the machine's speed meets all of them alike.

    Whoever calls this has called each subject once before, which warmed the caches.
    """
    results: dict[str, list[T]] = {name: [] for name in subjects}
    for _ in range(rounds):
        for name, call in subjects.items():
            results[name].append(call())
    return results


def cost(runs: Sequence[Process]) -> Cost:
    """The medians of time and memory, each by itself."""
    return Cost(median(run.seconds for run in runs), median(run.mebibytes for run in runs))


def installed(distribution: str) -> str | None:
    """The version of a distribution, or None: peers are optional."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def machine(distributions: Sequence[str]) -> str:
    """What the figures depend on besides the code: one line to print above them."""
    versions = ", ".join(f"{name} {installed(name) or 'missing'}" for name in distributions)
    python = f"Python {platform.python_version()}"
    return f"{python}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}; {versions}"
