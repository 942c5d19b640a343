"""Looks for texts that break gradpath, for as long as it is let.

    python -m tests.fuzz parser --seconds 3600      coverage-guided, by atheris
    python -m tests.fuzz grad --seconds 3600
    python -m tests.fuzz grad --count 50000         drawn from the table

Each bug is printed with the text that shows it, and the exit status is 1. Coverage-guided search
stops at the first, keeps what it finds in ``--folder`` (by default a new one), and goes on there.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fuzz.targets import TARGETS, corpus


def guided(name: str, seconds: int, folder: Path) -> None:
    """libFuzzer's search, by the branches of the engine that a text reaches."""
    import atheris

    with atheris.instrument_imports(include=["autodiff.lexer", "autodiff.parser", "autodiff.calls",
                                             "autodiff.expressions", "autodiff.claimtext",
                                             "autodiff.tape"]):  # fmt: skip
        import autodiff.api  # noqa: F401  # instrumented by being imported here

    target = TARGETS[name]
    for number, text in enumerate(corpus()):
        (folder / f"seed-{number}").write_text(text, encoding="utf-8")

    def one(data: bytes) -> None:
        target(data.decode("utf-8", "replace"))

    limits = [f"-max_total_time={seconds}", "-max_len=400", "-timeout=60", "-rss_limit_mb=4096"]
    atheris.Setup([sys.argv[0], *limits, str(folder)], one)
    atheris.Fuzz()


def drawn(name: str, count: int, seed: int) -> dict[str, float]:
    """``count`` texts: models of the table's rows, broken ones, and mutations of the corpus."""
    from fuzz.drawing import texts

    target, started, slowest, bugs = TARGETS[name], time.monotonic(), 0.0, 0
    for text in texts(random.Random(seed), count, corpus()):  # no secret: a search
        before = time.monotonic()
        try:
            target(text)
        except Exception as error:
            bugs += 1
            sys.stderr.write(f"\n---- {error!r:.2000}:\n{text}\n----\n")
        slowest = max(slowest, time.monotonic() - before)
    return {
        "inputs": count,
        "bugs": bugs,
        "seconds": round(time.monotonic() - started, 1),
        "slowest": round(slowest, 2),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    """Parse the call and search."""
    ask = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    ask.add_argument("target", choices=sorted(TARGETS))
    how = ask.add_mutually_exclusive_group(required=True)
    how.add_argument("--seconds", type=int, help="search guided by coverage for so long")
    how.add_argument("--count", type=int, help="try so many drawn texts")
    ask.add_argument("--seed", type=int, default=0, help="of the drawn texts")
    ask.add_argument("--folder", type=Path, help="where guided search keeps what it finds")
    call = ask.parse_args()
    if call.count is not None:
        told = drawn(call.target, call.count, call.seed)
        sys.stdout.write(json.dumps(told) + "\n")
        sys.exit(1 if told["bugs"] else 0)
    if call.folder is not None:
        call.folder.mkdir(parents=True, exist_ok=True)
        guided(call.target, call.seconds, call.folder)
    else:
        with tempfile.TemporaryDirectory() as folder:
            guided(call.target, call.seconds, Path(folder))


if __name__ == "__main__":
    main()
