"""Reads the models that models.py writes, and no others, as fast as a regex can."""

import json
import operator
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

LEAF = re.compile(r"^(\w+) = ([0-9.]+)$", re.MULTILINE)
# name = f(a) or name = a, then up to twice an operator and an operand, read left to right.
STATEMENT = re.compile(
    r"^(\w+) = (?:([a-z]+)\()?([a-z]\w*)\)?(?: ([-+*/]) (\w+))?(?: ([-+*/]) (\w+))?$",
    re.MULTILINE,
)
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


class Model(NamedTuple):
    """The leaves by name, and the other statements as the regex's groups."""

    leaves: dict[str, float]
    statements: list[tuple[str, ...]]


def read() -> Model:
    """The model whose path is the command's only argument."""
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    leaves = {name: float(value) for name, value in LEAF.findall(text)}
    return Model(leaves, STATEMENT.findall(text))


def evaluate(model: Model, leaves: Mapping[str, Any], functions: Mapping[str, Any]) -> Any:
    """L, in the number system of ``leaves`` and ``functions``."""
    values = dict(leaves)
    for name, function, a, operator1, b, operator2, c in model.statements:
        value = values[a]
        if function:
            value = functions[function](value)
        if operator1:
            value = OPERATORS[operator1](value, values[b])
        if operator2:
            value = OPERATORS[operator2](value, values[c])
        values[name] = value
    return values["L"]


def write(value: float, names: Iterable[str], gradients: Iterable[float]) -> None:
    """The result on standard output, for the timer to compare across programs."""
    pairs = dict(zip(names, map(float, gradients), strict=True))
    print(json.dumps({"value": float(value), "gradients": pairs}))
