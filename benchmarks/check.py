"""Times `gradpath check` on many small models with hand derivations, beside plain SymPy.

    python benchmarks/check.py [--files N] [--peer-files N] [--rounds N] [--json]

gradpath checks all the files with two processes; SymPy does as many of the same files as one has
the patience for, one after the other. Both are given for one file, after start-up. The exit status
is 1 if the target is missed or something is found wrong: every file is right.
"""

import argparse
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

from derivations import write
from measure import Process, in_turn, machine, run

HERE = Path(__file__).resolve().parent
PYTHON = sys.executable
TARGET = 10.0  # milliseconds for a file, on two cores
FEW = 2  # files of which the check is all start-up


class Result(NamedTuple):
    """What was measured: milliseconds for a file."""

    files: int
    claims: int
    proved: int
    start: float  # seconds
    gradpath: float
    peer_files: int
    peer: float
    peer_proved: int

    @property
    def ratio(self) -> float:
        """gradpath's time for a file as a share of SymPy's."""
        return self.gradpath / self.peer


def measured(gradpath: list[str], files: int, peer_files: int, rounds: int) -> Result:
    """Writes the models, and times the programs in turn on them."""
    with tempfile.TemporaryDirectory() as folder:
        few, all_ = Path(folder, "few"), Path(folder, "all")
        for own, count in ((few, FEW), (all_, files)):
            own.mkdir()
            paths = write(own, count)
        check = [*gradpath, "check", "-j", "2", "--format", "json"]
        script = [PYTHON, str(HERE / "peers" / "derivations_sympy.py")]
        subjects: dict[str, Callable[[], Process]] = {
            "few": partial(run, [*check, str(few)]),
            "all": partial(run, [*check, str(all_)]),
        }
        peer = json.loads(succeeded(run([*script, *map(str, paths[:peer_files])])).stdout)
        for call in subjects.values():
            succeeded(call())  # warms the caches
        runs = in_turn(subjects, rounds)
        start = median(each.seconds for each in runs["few"])
        whole = median(each.seconds for each in runs["all"])
        found = json.loads(succeeded(runs["all"][0]).stdout)["files"]
    statuses = [claim["status"] for each in found for claim in each["claims"]]
    return Result(
        files,
        len(statuses),
        statuses.count("proved"),
        start,
        1e3 * (whole - start) / (files - FEW),
        peer_files,
        1e3 * peer["seconds"] / peer_files,
        peer["proved"],
    )


def succeeded(process: Process) -> Process:
    """A run that found everything right."""
    if process.status != 0:
        sys.exit(f"exit status {process.status}: {process.stderr or process.stdout[-2000:]}")
    return process


def text(result: Result) -> str:
    """The result for a terminal."""
    verdict = "met" if result.gradpath <= TARGET else "MISSED"
    return "\n".join(
        [
            f"{result.files} files, {result.claims} claims, {result.proved} of them proved",
            f"  start-up                {result.start:9.3f} s",
            f"  gradpath check -j 2     {result.gradpath:9.2f} ms for a file",
            f"  SymPy ({result.peer_files} files)        {result.peer:9.2f} ms for a file",
            f"  gradpath takes {result.ratio:.4f} of SymPy's time",
            f"  milliseconds for a file <= {TARGET:g}: {result.gradpath:.2f}, {verdict}",
        ]
    )


def main() -> int:
    """Measures and tells."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--peer-files", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    parser.add_argument(
        "--gradpath",
        type=shlex.split,
        default=[PYTHON, "-m", "cli"],
        metavar="COMMAND",
        help="how gradpath is started (default: this Python's -m cli)",
    )
    options = parser.parse_args()

    os.chdir(HERE.parent)  # so that -m cli is this checkout's
    about = machine(["numpy", "sympy", "joblib"])
    result = measured(options.gradpath, options.files, options.peer_files, options.rounds)
    if options.json:
        told = {"machine": about, **result._asdict(), "ratio": result.ratio, "target": TARGET}
        print(json.dumps(told, indent=1))
    else:
        print(f"{about}\n\n{text(result)}")
    return 0 if result.gradpath <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
