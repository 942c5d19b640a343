"""Mistakes of writing that a glance at one token does not mend.

Two names have changed places, an argument is not what the model has, a number is off.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, islice
from typing import TYPE_CHECKING, Any

import numpy as np

from autodiff.claims.tokens import Edit, closing, inside_derivatives
from autodiff.errors import ModelErrors
from autodiff.parser import tokens_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from autodiff.claims.case import Case
    from autodiff.lexer import Token
    from autodiff.syntax import Claim

    Variant = Callable[["Edit"], Claim | None]

STATEMENTS = 60  # of the model whose expressions are looked at
LONGEST = 12  # tokens of an expression that may be meant in place of a name
SECANTS = 12  # steps on the way to the number that is meant
SETTLED = 1e-12  # relative: the number is found
SMALL = 64  # denominators of numbers that are named as fractions


def exchanges(case: Case, own: Sequence[Token]) -> Iterator[Edit]:
    """Two names, or two elements or slices, change places wherever they stand."""
    tape, index = case.ground.tape, case.ground.tape.model.index
    inside = inside_derivatives(own)
    places: dict[tuple[str, ...], list[int]] = {}
    shapes: dict[tuple[str, ...], Any] = {}
    for k, token in enumerate(own):
        if token.kind != "name" or k in inside or token.text not in index:
            continue
        follows = own[k + 1].text if k + 1 < len(own) else ""
        if follows == "(":
            continue
        stop = closing(own, k + 1) + 1 if follows == "[" else k + 1
        text = tuple([t.text for t in own[k:stop]])
        places.setdefault(text, []).append(k)
        value = tape.values[tape.vertex[index[token.text]]]
        shapes[text] = np.shape(value) if len(text) == 1 else token.text
    for one, two in combinations(places, 2):
        if shapes[one] != shapes[two]:
            continue
        starts = dict.fromkeys(places[one], two) | dict.fromkeys(places[two], one)
        texts: list[str] = []
        k = 0
        while k < len(own):
            if k in starts:
                texts += starts[k]
                k += len(two if starts[k] is one else one)
            else:
                texts.append(own[k].text)
                k += 1
        told = f"{''.join(one)} and {''.join(two)} have changed places"
        yield Edit("edit", 0, len(own), tuple(texts), told)


def arguments(case: Case, own: Sequence[Token]) -> Iterator[Edit]:
    """``tanh(c)`` for c, ``s/tau`` for s, where the model has it so; and c for ``tanh(c)``."""
    inside = inside_derivatives(own)
    expressions = list(dict.fromkeys(_expressions(case)))
    for k, token in enumerate(own):
        if token.kind != "name" or k in inside:
            continue
        if k + 1 < len(own) and own[k + 1].text == "(":
            last = closing(own, k + 1)
            told = f"{token.text} is too many: its argument is meant"
            yield Edit("edit", k, last + 1, tuple([t.text for t in own[k + 1 : last + 1]]), told)
            continue
        for texts in expressions:
            if token.text in texts:
                told = f"{_spaced(texts)} is meant in place of {token.text}"
                yield Edit("edit", k, k + 1, ("(", *texts, ")"), told)


def _expressions(case: Case) -> Iterator[tuple[str, ...]]:
    """Calls of the model, and what stands in their brackets, as tokens' texts."""
    model = case.ground.tape.model
    for s in islice(case.ground.shapes, STATEMENTS):
        statement = model.statements[s]
        if statement.origin or all(o < 0 for o in statement.operands):
            continue
        body = tokens_of(model, statement)[2:-1]
        for k, token in enumerate(body):
            if token.text != "(":
                continue
            last = closing(body, k)
            texts = tuple([t.text for t in body[k + 1 : last]])
            if not 0 < len(texts) <= LONGEST:
                continue
            if "," not in texts:
                yield texts
            if k and body[k - 1].kind == "name":
                yield (body[k - 1].text, "(", *texts, ")")


def _spaced(texts: Sequence[str]) -> str:
    """Tokens as a person writes them: ``t1 + t2``, ``s/tau``."""
    return "".join(f" {t} " if t in {"+", "-"} and i else t for i, t in enumerate(texts))


def numbers(case: Case, own: Sequence[Token], variant: Variant) -> Iterator[Edit]:
    """Another number in place of one: the one that makes the claim true at one point."""
    for k, token in enumerate(own):
        if token.kind != "number":
            continue
        meant = _solved(case, k, float(token.text), variant)
        if meant is None:
            continue
        fraction = Fraction(meant).limit_denominator(SMALL)
        is_fraction = fraction and abs(float(fraction) - meant) <= SETTLED * abs(meant)
        shown = str(abs(fraction)) if is_fraction else f"{abs(meant):.10g}"
        minus = "-" if meant < 0 else ""
        top, _, bottom = shown.partition("/")
        texts = ("(", *minus, top, *(("/", bottom) if bottom else ()), ")")
        told = f"{minus}{shown} is meant in place of {token.text}"
        yield Edit("edit", k, k + 1, texts, told)


def _solved(case: Case, k: int, value: float, variant: Variant) -> float | None:
    """The number in place of token ``k`` at which the two sides meet, by secants in float64."""
    world = case.ground.quick(case.points[0])
    worst: list[int] = []

    def gap(number: float) -> float | None:
        sign = ("-",) if number < 0 else ()
        changed = variant(Edit("", k, k + 1, ("(", *sign, f"{abs(number):.17g}", ")"), ""))
        if changed is None:
            return None
        try:
            left, right = case.ground.sheet(changed).sides(world)
        except ModelErrors:
            return None
        if np.shape(left) != np.shape(right):
            return None
        gaps = np.ravel(np.subtract(left, right)).astype(float)
        if not worst:
            worst.append(int(np.argmax(np.abs(gaps))))
        return float(gaps[worst[0]])

    x, y = value, value * 1.1 + 0.1
    fx, fy = gap(x), gap(y)
    for _ in range(SECANTS):
        if fx is None or fy is None or not np.isfinite([fx, fy]).all() or fx == fy:
            return None
        x, y, fx = y, y - fy * (y - x) / (fy - fx), fy
        if not np.isfinite(y):
            return None
        if abs(y - x) <= SETTLED * abs(y):
            return y
        fy = gap(y)
        if fy == 0:
            return y
    return None
