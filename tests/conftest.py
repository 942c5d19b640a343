"""What all tests share: Hypothesis without a clock, the same examples on every run, and devices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

LIBRARIES = ("strict", "cupylike", pytest.param("gpu", marks=pytest.mark.gpu))


@contextmanager
def library_of(name: str) -> Iterator[Any]:
    """A library of arrays on a device, by its name; skips where there is no GPU."""
    if name == "strict":
        from standins.strict import Strict

        yield Strict()
        return
    from autodiff.backends import gpu

    if name == "cupylike":
        from standins import cupylike

        with cupylike.installed():
            yield gpu.CuPy("Stand-in")
        return
    found = gpu.probe()
    if found.status != "ready":
        pytest.skip(f"no GPU: {found.reason}")
    yield gpu.CuPy(found.name)


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Each library of arrays on a device: two stand-ins, and a GPU where there is one."""
    with library_of(request.param) as made:
        yield made


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--on",
        choices=["strict", "cupylike", "gpu"],
        help="run the engine's tests with the arrays of their models on this device",
    )


@pytest.fixture(autouse=True)
def _on(request: pytest.FixtureRequest) -> Iterator[None]:
    """With ``--on``, models that a test loads on no device in particular are loaded on that one."""
    name = request.config.getoption("on")
    if name is None:
        yield
        return
    from autodiff import api
    from autodiff.backends.devices import OnDevice

    with library_of(name) as library, pytest.MonkeyPatch.context() as patch:
        # What a report says of its device is not what is tried here.
        patch.setattr(api, "FLOATS", OnDevice(library, device="cpu"))
        yield


_counts = {"passed": 0, "skipped": 0, "failed": 0}  # of tests marked ``gpu``


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if "gpu" in report.keywords and (report.when == "call" or report.outcome == "skipped"):
        _counts[report.outcome] += 1


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How the leg on a real GPU went: tests that were skipped are not tests that passed."""
    if any(_counts.values()):
        told = ", ".join(f"{count} {outcome}" for outcome, count in _counts.items() if count)
        terminalreporter.write_line(f"on a GPU: {told}")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """``pytest -m gpu`` without a GPU has shown nothing, and does not end well."""
    asked = "gpu" in session.config.option.markexpr.split()
    if asked and exitstatus == 0 and not _counts["passed"]:
        session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED
