"""The corpus, drawn texts, and, where atheris is installed, some seconds of its search."""

from __future__ import annotations

import importlib.util
import random
import subprocess
import sys
from pathlib import Path

import pytest
from fuzz import targets
from fuzz.drawing import texts

ROOT = Path(__file__).resolve().parents[2]
NAMED = [(path.stem, path.read_text("utf-8", "replace")) for path in targets.CORPUS.glob("*.grad")]


@pytest.mark.parametrize("name", sorted(targets.TARGETS))
@pytest.mark.parametrize("text", [text for _, text in NAMED], ids=[name for name, _ in NAMED])
def test_what_was_found_before(text: str, name: str) -> None:
    targets.TARGETS[name](text)


def test_drawn_texts_through_the_parser() -> None:
    for text in texts(random.Random(3), 3000, targets.corpus()):
        targets.parser(text)


def test_drawn_texts_through_grad() -> None:
    for text in texts(random.Random(4), 150, targets.corpus()):
        targets.grad(text)


@pytest.mark.parametrize("name", sorted(targets.TARGETS))
def test_search_by_coverage(name: str, tmp_path: Path) -> None:
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("atheris is not installed: it has wheels for Linux on x86-64")
    call = [sys.executable, "-m", "tests.fuzz", name, "--seconds", "4", "--folder", str(tmp_path)]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "BINGO" not in done.stderr
    assert "Done" in done.stderr
