"""Times whole processes, text file in and gradients out, against other programs.

    python benchmarks/whole_process.py [--row WORD]... [--rounds N] [--json]

Prints each row's medians and its targets. The exit status is 1 if a target is missed, 2 if one
could not be measured. Peers that are not installed are named and left out.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from subprocess import DEVNULL
from typing import NamedTuple

from measure import Cost, Process, cost, in_turn, installed, machine, run

HERE = Path(__file__).resolve().parent
PYTHON = sys.executable
PEERS = {"CasADi": "casadi", "PyTorch": "torch", "autograd": "autograd", "SymPy": "sympy"}
AGREE = 1e-6  # relative; programs round differently, and a long model amplifies that

Costs = Mapping[str, Cost]


class Target(NamedTuple):
    """A figure that must not exceed ``limit``; computed from the costs of one row."""

    text: str
    limit: float
    figure: Callable[[Costs], float]


class Row(NamedTuple):
    """Programs timed in turn on one task, the first of which is what is judged."""

    title: str
    rounds: int
    commands: dict[str, list[str]]
    targets: tuple[Target, ...] = ()


class Outcome(NamedTuple):
    """A target with its figure, or with the program whose absence leaves it open."""

    target: Target
    figure: float | None
    missing: str = ""

    @property
    def verdict(self) -> str:
        """One of three: met, MISSED, not measured."""
        if self.figure is None:
            return f"not measured, without {self.missing}"
        return "met" if self.figure <= self.target.limit else "MISSED"


class Result(NamedTuple):
    """What came of one row."""

    row: Row
    costs: dict[str, Cost]
    absent: dict[str, str]
    outcomes: list[Outcome]
    disagreement: float | None


# ── The rows ─────────────────────────────────────────────────────────────────────────────


def time_over(peer: str, limit: float) -> Target:
    """gradpath's time as a share of a peer's."""
    return Target(f"time over {peer}'s", limit, lambda m: m["gradpath"].seconds / m[peer].seconds)


def memory(limit: float) -> Target:
    """gradpath's peak memory."""
    return Target("peak memory, MiB", limit, lambda m: m["gradpath"].mebibytes)


def statement_cost(m: Costs) -> float:
    """Time for each statement at 10^6 over that at 10^4, both without the start-up."""
    start = m["gradpath, two statements"].seconds
    large = (m["gradpath"].seconds - start) / 10**6
    small = (m["gradpath, 10^4"].seconds - start) / 10**4
    return large / small


def check_cost(m: Costs) -> float:
    """Seconds that the check takes besides SymPy's import."""
    sympy_import = m["import sympy"].seconds - m["bare Python"].seconds
    return m["gradpath"].seconds - m["gradpath --no-check"].seconds - sympy_import


def rows(gradpath: list[str], folder: Path) -> Iterator[Row]:
    """All rows; a generator, so that the larger models are written only when reached."""
    json_format = ["--format", "json"]
    unchecked = ["--no-check", *json_format]
    no_paths = ["--paths", "none", *unchecked]

    def grad(model: Path, *options: str) -> list[str]:
        return [*gradpath, "grad", str(model), *options]

    def peer(script: str, *arguments: str) -> list[str]:
        return [PYTHON, str(HERE / "peers" / script), *arguments]

    def models_by(model: Path, *names: str) -> dict[str, list[str]]:
        return {name: peer(f"model_{PEERS[name]}.py", str(model)) for name in names}

    two_paths = HERE.parent / "samples" / "two_paths.grad"
    yield Row(
        "four statements, no check",
        20,
        {"gradpath": grad(two_paths, *unchecked), "autograd": peer("two_paths_autograd.py")},
        (time_over("autograd", 0.6),),
    )
    yield Row(
        "four statements, checked",
        10,
        {"gradpath": grad(two_paths, *json_format), "SymPy": peer("two_paths_sympy.py")},
        (time_over("SymPy", 1.2),),
    )

    small = written(10**4, folder)
    yield Row(
        "10^4 statements, no paths, no check",
        10,
        {"gradpath": grad(small, *no_paths)} | models_by(small, "CasADi", "PyTorch", "autograd"),
    )
    yield Row(
        "10^4 statements, no paths, checked",
        5,
        {
            "gradpath": grad(small, "--paths", "none", *json_format),
            "gradpath --no-check": grad(small, *no_paths),
            "import sympy": [PYTHON, "-c", "import sympy"],
            "bare Python": [PYTHON, "-c", "pass"],
        },
        (Target("seconds over unchecked and SymPy's import", 0.5, check_cost),),
    )

    medium = written(10**5, folder)
    yield Row(
        "10^5 statements, no paths, no check",
        5,
        {"gradpath": grad(medium, *no_paths)} | models_by(medium, "CasADi", "PyTorch", "autograd"),
        (time_over("CasADi", 0.25), time_over("PyTorch", 0.25), memory(200)),
    )
    yield Row(
        "10^5 statements, default paths, no check",
        5,
        {"gradpath": grad(medium, *unchecked)} | models_by(medium, "CasADi", "PyTorch"),
        (time_over("CasADi", 0.5), time_over("PyTorch", 0.5)),
    )

    large = written(10**6, folder)
    tiny = folder / "tiny.grad"
    tiny.write_text("x = 1.5\nL = sin(x)\n", encoding="utf-8")
    yield Row(
        "10^6 statements, no paths, no check",
        3,
        {
            "gradpath": grad(large, *no_paths),
            "gradpath, 10^4": grad(small, *no_paths),
            "gradpath, two statements": grad(tiny, *no_paths),
        }
        | models_by(large, "CasADi", "PyTorch"),
        (Target("cost of a statement over that at 10^4", 1.5, statement_cost), memory(1536)),
    )


def written(count: int, folder: Path) -> Path:
    """A random model of so many statements, on disk."""
    model = folder / f"random_{count}.grad"
    with model.open("w", encoding="utf-8") as file:
        # Not through this process: what it holds is counted as memory of all its children.
        subprocess.run(
            [PYTHON, str(HERE / "models.py"), str(count)], stdin=DEVNULL, stdout=file, check=True
        )
    return model


# ── Measuring a row ──────────────────────────────────────────────────────────────────────


def measured(row: Row, rounds: int | None) -> Result:
    """Times the row's programs that are there and succeed; the others are given a reason."""
    absent = {
        name: f"{PEERS[name]} is not installed"
        for name in row.commands
        if name in PEERS and installed(PEERS[name]) is None
    }
    trials = {name: run(command) for name, command in row.commands.items() if name not in absent}
    absent |= {name: failure(trial) for name, trial in trials.items() if trial.status != 0}
    subjects = {name: partial(run, row.commands[name]) for name in trials if name not in absent}
    runs = in_turn(subjects, rounds or row.rounds)
    costs = {name: cost(own) for name, own in runs.items()}
    outcomes = [outcome(target, costs) for target in row.targets]
    return Result(row, costs, absent, outcomes, disagreement(trials))


def failure(trial: Process) -> str:
    """Why a program is left out, in its own words: an error's first line, a traceback's last."""
    said = trial.stderr.strip().splitlines() or ["nothing said"]
    words = said[-1] if said[0].startswith("Traceback") else said[0]
    return f"exit status {trial.status}: {words}"


def outcome(target: Target, costs: Costs) -> Outcome:
    """A target's figure, where everything that it compares was measured."""
    try:
        return Outcome(target, target.figure(costs))
    except KeyError as missing:
        return Outcome(target, None, missing.args[0])


def disagreement(trials: Mapping[str, Process]) -> float | None:
    """How far the peers' answers lie from gradpath's, relative; None with nothing to compare."""
    answers = {
        name: numbers(trial.stdout)
        for name, trial in trials.items()
        if trial.status == 0 and (name == "gradpath" or name in PEERS)
    }
    own = answers.pop("gradpath", {})
    differences = [
        abs(answer[name] - own[name]) / max(1.0, abs(own[name]))
        for answer in answers.values()
        for name in own
    ]
    return max(differences, default=None)


def numbers(stdout: str) -> dict[str, float]:
    """The output and the gradients by name, from gradpath's JSON or a peer's."""
    answer = json.loads(stdout)
    if "output" not in answer:
        return {"L": answer["value"], **answer["gradients"]}
    gradients = {name: float(entry["value"]) for name, entry in answer["gradients"].items()}
    return {"L": float(answer["output"]["value"]), **gradients}


# ── Telling ──────────────────────────────────────────────────────────────────────────────


def text(result: Result, rounds: int) -> str:
    """One row for a terminal."""
    own = result.costs.get("gradpath")
    lines = [f"{result.row.title} (rounds: {rounds})"]
    for name, (seconds, mebibytes) in result.costs.items():
        compared = own is not None and name in PEERS
        ratio = f"   gradpath takes {own.seconds / seconds:.2f} of it" if compared else ""
        lines.append(f"  {name:24}{seconds:8.3f} s{mebibytes:7.0f} MiB{ratio}")
    lines += [f"  {name:24}{reason}" for name, reason in result.absent.items()]
    if result.disagreement is not None:
        word = "agree within" if result.disagreement <= AGREE else "DIFFER by"
        lines.append(f"  the answers {word} {result.disagreement:.0e}")
    for each in result.outcomes:
        figure = "" if each.figure is None else f"{each.figure:.2f}, "
        lines.append(f"  {each.target.text} <= {each.target.limit:g}: {figure}{each.verdict}")
    return "\n".join(lines)


def plain(result: Result, rounds: int) -> dict[str, object]:
    """One row for a program."""
    return {
        "title": result.row.title,
        "rounds": rounds,
        "costs": {name: own._asdict() for name, own in result.costs.items()},
        "absent": result.absent,
        "disagreement": result.disagreement,
        "targets": [
            {
                "text": each.target.text,
                "limit": each.target.limit,
                "figure": each.figure,
                "verdict": each.verdict,
            }
            for each in result.outcomes
        ],
    }


def exit_status(results: list[Result]) -> int:
    """1 for a missed target or a wrong answer, else 2 for a target not measured, else 0."""
    if any((result.disagreement or 0) > AGREE for result in results):
        return 1
    verdicts = [each.verdict for result in results for each in result.outcomes]
    if "MISSED" in verdicts:
        return 1
    return 0 if all(verdict == "met" for verdict in verdicts) else 2


def main() -> int:
    """Measures the chosen rows; tells each as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--row", action="append", metavar="WORD", help="only titles with this")
    parser.add_argument("--rounds", type=int, help="instead of each row's own number")
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
    about = machine(["numpy", *PEERS.values()])
    if not options.json:
        print(about)
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for row in rows(options.gradpath, Path(folder)):
            if options.row and not any(word in row.title for word in options.row):
                continue
            result = measured(row, options.rounds)
            results.append(result)
            if not options.json:
                print(f"\n{text(result, options.rounds or row.rounds)}", flush=True)
    if options.json:
        plain_rows = [plain(each, options.rounds or each.row.rounds) for each in results]
        print(json.dumps({"machine": about, "rows": plain_rows}, indent=1))
    return exit_status(results)


if __name__ == "__main__":
    sys.exit(main())
