"""Models that nobody would write, drawn from the table of operations, and broken ones.

Every draw is from a ``random.Random``: a search draws a million of them from one seed, and
Hypothesis supplies one that it can shrink by (`st.randoms`). Well-formed models that stay in
every domain are in `ops/test_random_chains`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random

from autodiff.ops import TABLE
from autodiff.ops.base import REQUIRED

ROWS = [op for op in TABLE.values() if not op.hidden]
NUMBERS = ["2", "0.5", "-1.5", "3", "0", "1", "1e-3", "1/3", "pi", "-0.7"]
STATIC = ["0", "1", "-1", "None", "(2, 2)"]
VAST = ["1e308", "9**9**9**9", "1e400", "5e-324", "9" * 400, "inf", "9007199254740993", "1e"]
ARRAYS = ["[1, 2, 3]", "[0.5, -1, 2]", "[[1, 2], [3, 4.5]]", "zeros(3)", "eye(2)", "zeros(0)"]
ODD = ["\x00", "\x1b[31m", "\u200b", "\u202e", "²", "é", "\u2028", "\r", "\ufeff", "𝐱", "::error::"]
SIGNS = ["(", ")", "[", "]", ",", ":", "=", "==", "+", "-", "**", "@", ".", "#", '"', "\n", " "]
PYTHON = ["lambda", "import", "__class__", "f'{x}'", "x := 1", "for", "load('../x.npy')", "x.real"]
OPERATORS = ["+", "-", "*", "/", "**", "@", "<"]
SUFFIXES = [".T", "[0]", "[-1]", "[1:]", "[None]", "[::-1]"]
TOKENS = re.compile(r"[^\W\d]\w*|\d+\.?\d*|\s+|[=<>*]=|\*\*|.", re.S)


def expression(r: Random, names: Sequence[str], depth: int = 0) -> str:
    """A number, a name, an operation or a call, three deep at most."""
    kind = r.randrange(10 if depth < 3 else 2)
    if kind < 3:
        return r.choice(names if kind else NUMBERS)
    if kind < 6:
        left, right = expression(r, names, depth + 1), expression(r, names, depth + 1)
        return f"({left} {r.choice(OPERATORS)} {right})"
    if kind == 6:
        return expression(r, names, depth + 1) + r.choice(SUFFIXES)
    op = r.choice(ROWS)
    arguments = []
    for p in op.parameters:
        if p.default is not REQUIRED and r.random() < 0.5:
            continue
        value = r.choice(STATIC) if p.static else expression(r, names, depth + 1)
        value = f"[{value}, {expression(r, names, depth + 1)}]" if p.listed else value
        arguments.append(value if p.default is REQUIRED or p.many else f"{p.name}={value}")
    return f"{op.name}({', '.join(arguments)})"


def side(r: Random, names: Sequence[str]) -> str:
    """A side of a claim: a derivative, an expression, or a product of the two."""
    kind = r.randrange(4)
    if kind == 0:
        return expression(r, names, 1)
    d = r.choice("d∂")
    slope = f"{d}{r.choice(names)}/{d}{r.choice(names)}"
    return f"{slope} * {r.choice(names)}" if kind == 1 else slope


def model(r: Random) -> str:
    """Leaves, up to three statements, an output and up to three claims."""
    lines, names = [], []
    for name in r.choice([["x"], ["x", "y"], ["x", "A", "b"]]):
        lines.append(f"{name} = {r.choice(NUMBERS + ARRAYS)}")
        names.append(name)
    for k in range(r.randrange(4)):
        lines.append(f"n{k} = {expression(r, names)}")
        names.append(f"n{k}")
    lines.append(f"L = sum({expression(r, names)})")
    names.append("L")
    lines += [f"{side(r, names)} == {side(r, names)}" for _ in range(r.randrange(1, 4))]
    return "\n".join(lines)


def mutation(r: Random, text: str | None = None) -> str:
    """A model with tokens, characters and lines dropped, doubled, swapped or put in."""
    text = model(r) if text is None else text
    for _ in range(r.randrange(1, 4)):
        by_line = r.randrange(4) == 0
        parts = text.split("\n") if by_line else TOKENS.findall(text)
        if not parts:
            return text
        i, j = r.randrange(len(parts)), r.randrange(len(parts))
        how = r.choice(["drop", "double", "swap", "put"])
        if how == "drop":
            del parts[i]
        elif how == "double":
            parts[i:i] = [parts[i]] * r.choice([1, 1, 30])
        elif how == "swap":
            parts[i], parts[j] = parts[j], parts[i]
        else:
            parts[i] = r.choice(VAST + ODD + SIGNS + PYTHON)
        text = ("\n" if by_line else "").join(parts)
    return text


def texts(r: Random, count: int, corpus: Sequence[str] = ()) -> Iterator[str]:
    """``count`` texts: models, broken ones, mutations of a corpus, and noise."""
    alphabet = [*"xyLW=+-*/()[],.:0123e# \n\"'", *VAST, *ODD, *SIGNS, *PYTHON]
    short = [text for text in corpus if len(text) < 2000]
    for _ in range(count):
        kind = r.randrange(8)
        if kind < 2:
            yield model(r)
        elif kind < 5:
            yield mutation(r)
        elif kind < 7 and short:
            yield mutation(r, r.choice(short))
        else:
            yield "".join(r.choices(alphabet, k=r.randrange(40)))
