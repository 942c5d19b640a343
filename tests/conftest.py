"""What all tests share: Hypothesis without a clock, the same examples on every run, devices,
a browser."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

# A shell starts what is to run in the background deaf to Ctrl-C, and so would be the processes
# that the tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _hears_interrupts() -> Iterator[None]:
    """A command that was interrupted in this process is deaf from then on; the next test is not."""
    yield
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


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
    if found.name == "Stand-in":  # with --on cupylike
        pytest.skip("no GPU: the stand-in is in its place")
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


FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--window-size=1280,1000"),
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, headless. Skips, and says so, where it or its driver is missing."""
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    if binary is None or driver is None:
        pytest.skip(
            "no browser: pages are not tested without chromium and chromedriver "
            "(apt-get install chromium chromium-driver)"
        )
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory() as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        # With its driver named, Selenium looks for none on the network.
        service = webdriver.ChromeService(executable_path=driver, log_output=os.devnull)
        made = webdriver.Chrome(options=options, service=service)
        try:
            yield made
        finally:
            made.quit()


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[[Path], Any]]:
    """Opens a file; at the end of the test the console must be empty."""

    def opened(path: Path) -> Any:
        browser.get_log("browser")  # of the page before
        browser.get(path.as_uri())
        return browser

    yield opened
    assert browser.get_log("browser") == []
