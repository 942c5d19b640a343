"""Writes small models with hand derivations under them, all of them right.

    python benchmarks/derivations.py FOLDER [--count N] [--seed N]

Each file has 5 to 20 statements and two to four claims of the kinds that people write: a local
derivative, a step of the chain rule, the same with the derivative written out.
"""

import argparse
import random
import sys
from pathlib import Path
from typing import NamedTuple

FEWEST, MOST = 5, 20  # statements
CLAIMS = (2, 4)


class Form(NamedTuple):
    """A statement of one or two operands, and its derivatives by them as one writes them."""

    text: str
    by_a: str
    by_b: str = ""


FORMS = (
    Form("{a} + {b}", "1", "1"),
    Form("{a} - {b}", "1", "-1"),
    Form("{a} * {b}", "{b}", "{a}"),
    Form("{a} / (1 + {b}**2)", "1 / (1 + {b}**2)", "-2 * {a} * {b} / (1 + {b}**2)**2"),
    Form("sin({a})", "cos({a})"),
    Form("tanh({a})", "1 - {v}**2"),
    Form("exp(-{a}**2)", "-2 * {a} * {v}"),
    Form("sqrt(1 + {a}**2)", "{a} / {v}"),
    Form("log(1 + exp({a}))", "1 / (1 + exp(-{a}))"),
    Form("sigmoid({a})", "{v} * (1 - {v})"),
    Form("sin({a}) * {b}", "cos({a}) * {b}", "sin({a})"),
    Form("tanh({a} * {b} + {n})", "{b} * (1 - {v}**2)", "{a} * (1 - {v}**2)"),
    Form("({a} - {b})**2", "2 * ({a} - {b})", "2 * ({b} - {a})"),
    Form("{n} * {a} + {b}", "{n}", "1"),
    Form("{a} * exp(-{n} * {b})", "exp(-{n} * {b})", "-{n} * {v}"),
    Form("log({a}**2 + {b}**2 + 1)", "2*{a} / ({a}**2 + {b}**2 + 1)", "2*{b} / exp({v})"),
)


class Edge(NamedTuple):
    """One operand of one statement, and the derivative by it."""

    above: str
    below: str
    derivative: str


def model(seed: int) -> str:
    """One model with its claims, as text."""
    draw = random.Random(seed)
    count = draw.randint(FEWEST, MOST)
    leaves = max(2, count // 3)
    lines, names = [], []
    for i in range(leaves):
        names.append(f"x{i}")
        lines.append(f"x{i} = {round(draw.uniform(0.3, 1.5), 3)}")
    edges: list[Edge] = []
    unused = list(names)
    for i in range(leaves, count):
        form = draw.choice(FORMS)
        a = unused.pop(0)
        b = draw.choice([name for name in (unused or names) if name != a])
        v = "L" if i == count - 1 else f"v{i}"
        words = {"a": a, "b": b, "v": v, "n": str(round(draw.uniform(0.1, 2), 1))}
        lines.append(f"{v} = {form.text.format(**words)}")
        edges.append(Edge(v, a, form.by_a.format(**words)))
        if form.by_b:
            edges.append(Edge(v, b, form.by_b.format(**words)))
            unused = [name for name in unused if name != b]
        names.append(v)
        unused.append(v)
    return "\n".join([*lines, "", *claims(draw, edges)]) + "\n"


def claims(draw: random.Random, edges: list[Edge]) -> list[str]:
    """Right claims about a model of these edges."""
    found = []
    for _ in range(draw.randint(*CLAIMS)):
        edge = draw.choice(edges)
        kind = draw.randrange(3)
        if kind == 0:
            found.append(f"∂{edge.above}/∂{edge.below} == {edge.derivative}")
            continue
        terms = [
            f"dL/d{other.above} * "
            + (f"∂{other.above}/∂{edge.below}" if kind == 1 else f"({other.derivative})")
            for other in edges
            if other.below == edge.below
        ]
        found.append(f"dL/d{edge.below} == {' + '.join(terms)}")
    return list(dict.fromkeys(found))


def write(folder: Path, count: int, seed: int = 0) -> list[Path]:
    """So many files in a folder."""
    paths = []
    for k in range(count):
        path = folder / f"derivation_{k:05}.grad"
        path.write_text(model(seed + k), encoding="utf-8")
        paths.append(path)
    return paths


def main() -> None:
    """Writes the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    write(options.folder, options.count, options.seed)


if __name__ == "__main__":
    sys.exit(main())
