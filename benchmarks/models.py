"""Writes random scalar models, the same text for every program that is timed on them.

    python benchmarks/models.py COUNT [--seed N] > model.grad

Ten leaves, then statements of one or two operations on earlier names. Three properties make
the comparison fair and the numbers finite, by construction:

* every statement is an ancestor of L, so no program gains by leaving out dead ones;
* one statement in five adds to a running total, so that L is near every statement and its
  derivatives neither vanish nor explode however long the model is;
* a statement is drawn again if its value would leave [-1.5, 1.5] or the operation's comfortable
  domain.

The number of paths from L still doubles about every fifty statements.
"""

import argparse
import math
import random
import sys
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

LEAVES = 10
WINDOW = 100  # second operands are drawn from so many latest names
ADDED_UP = 0.2  # the share of statements that add a name to the running total
LIMIT = 1.5


class Form(NamedTuple):
    """How a statement is written, and what it computes; ``value`` raises where it should not."""

    text: str
    value: Callable[[float, float, float], float]


def reciprocal(x: float) -> float:
    """1/x, refused near 0."""
    if abs(x) < 0.5:
        raise ValueError
    return 1 / x


def root(x: float) -> float:
    """The square root, refused near 0, where its slope grows without bound."""
    if x < 0.25:
        raise ValueError
    return math.sqrt(x)


# peers/reader.py reads these shapes and no others: f(a) or a∘b, then perhaps one more ∘c.
FORMS = (
    Form("{a} + {b}", lambda a, b, c: a + b),
    Form("{a} - {b}", lambda a, b, c: a - b),
    Form("{a} * {b}", lambda a, b, c: a * b),
    Form("{a} / {b}", lambda a, b, c: a * reciprocal(b)),
    Form("sin({a})", lambda a, b, c: math.sin(a)),
    Form("cos({a})", lambda a, b, c: math.cos(a)),
    Form("exp({a})", lambda a, b, c: math.exp(a)),
    Form("tanh({a})", lambda a, b, c: math.tanh(a)),
    Form("sqrt({a})", lambda a, b, c: root(a)),
    Form("{a} * {b} - {c}", lambda a, b, c: a * b - c),
    Form("sin({a}) * {b}", lambda a, b, c: math.sin(a) * b),
    Form("tanh({a}) / {b}", lambda a, b, c: math.tanh(a) * reciprocal(b)),
)


def statements(count: int, seed: int = 0) -> Iterator[str]:
    """Yields ``count`` statements, the last of which assigns L."""
    if count < 2 * LEAVES + 1:
        raise ValueError(f"a model of this kind has at least {2 * LEAVES + 1} statements")
    draw = random.Random(seed)
    leaves = [(f"x{i}", round(draw.uniform(0.3, 1.5), 3)) for i in range(LEAVES)]
    for name, value in leaves:
        yield f"{name} = {value}"

    window = deque(leaves, WINDOW)
    unused = deque(leaves)  # each name is the first operand of some statement: none is dead
    total = ""
    for i in range(count - 2 * LEAVES):
        if total and draw.random() < ADDED_UP:
            name, _ = unused.popleft()
            yield f"t{i} = {total} + {name}"
            total = f"t{i}"
            unused.append(draw.choice(leaves))  # where a new chain begins
            continue
        first = unused.popleft()
        text, value = statement(draw, first, window)
        yield f"v{i} = {text}"
        total = total or f"v{i}"
        window.append((f"v{i}", value))
        unused.append((f"v{i}", value))

    for i, (name, _) in enumerate(unused, 1):
        target = "L" if i == len(unused) else f"s{i}"
        yield f"{target} = {total} + {name}"
        total = target


def statement(
    draw: random.Random, first: tuple[str, float], window: deque[tuple[str, float]]
) -> tuple[str, float]:
    """A right-hand side that begins with ``first``, and its value. sin and cos always fit."""
    while True:
        form = draw.choice(FORMS)
        (a, x), (b, y), (c, z) = first, draw.choice(window), draw.choice(window)
        try:
            value = form.value(x, y, z)
        except ValueError:
            continue
        if abs(value) <= LIMIT:
            return form.text.format(a=a, b=b, c=c), value


def main() -> None:
    """Writes one model to standard output."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int, help="how many statements")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for line in statements(options.count, options.seed):
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
