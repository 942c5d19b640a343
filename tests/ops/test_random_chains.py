"""Random models of the table's rows, well-formed by construction: every route, one number.

A model is a chain of cases of the table (`row_cases`): each takes its operands, scaled by what came
before, so that they stay in the row's domain. The gradient by the reverse sweep is held against the
forward sweep, the sum over paths, SymPy, and central differences of the values in 80 digits.
"""

from __future__ import annotations

import re
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from row_cases import CASES, Case

import autodiff
from autodiff import sweep
from autodiff.backends import eager, mp
from autodiff.compiled import blocks, schedule
from autodiff.ops import lookup
from autodiff.ops.base import REQUIRED

DIGITS = 80
STEP = mpmath.mpf(10) ** -30
# Rows that a model can write: others are what those are made of.
WRITABLE = [
    c
    for c in CASES
    if (c.op.symbol or c.op.name == "getitem" or lookup(c.op.name) is c.op)
    # The language has no empty tuples, and no "..." in an index.
    and not any(re.search(r"\(\)|Ellipsis", repr(value)) for value in c.static.values())
]


def text_of(value: Any) -> str:
    """A setting as a model writes it."""
    if isinstance(value, np.ndarray):
        return text_of(value.tolist())
    if isinstance(value, tuple):
        inner = ", ".join(map(text_of, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, list):
        return f"[{', '.join(map(text_of, value))}]"
    if isinstance(value, slice):
        parts = ["" if part is None else str(part) for part in (value.start, value.stop)]
        return ":".join(parts) + ("" if value.step is None else f":{value.step}")
    if isinstance(value, str):
        return f'"{value}"'
    return "..." if value is Ellipsis else str(value)


def call(case: Case, names: list[str]) -> str:
    """A row applied to names, as a model writes it."""
    op, static = case.op, case.static
    if op.name == "getitem":
        index = static["index"]
        parts = index if isinstance(index, tuple) else (index,)
        return f"{names[0]}[{', '.join(map(text_of, parts))}]"
    if op.symbol and len(names) == 2:
        return f"({names[0]} {op.symbol} {names[1]})"
    if op.symbol and len(names) == 1:
        return f"({op.symbol}{names[0]})"
    rest, arguments = list(names), []
    for p in op.parameters:
        if p.static and p.many:
            given_ = static[p.name]
            arguments += map(text_of, given_ if isinstance(given_, tuple) else (given_,))
        elif p.static:
            if p.name in static:
                name = "" if p.default is REQUIRED else f"{p.name}="
                arguments.append(f"{name}{text_of(static[p.name])}")
        elif p.listed:
            arguments.append(f"[{', '.join(rest)}]")
        elif p.many:
            arguments += rest
        else:
            arguments.append(rest.pop(0))
    return f"{op.name}({', '.join(arguments)})"


@st.composite
def chains(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A model's text, and the values of its leaves."""
    picked = draw(st.lists(st.sampled_from(WRITABLE), min_size=1, max_size=3))
    lines, values, before = ["s0 = 0.3"], {}, "s0"
    for k, case in enumerate(picked):
        names = []
        for slot, x in enumerate(case.xs):
            values[f"x{k}_{slot}"] = x if np.ndim(x) else float(x)
            # 0.95 to 1 times an operand is still one: positive, below 1, definite.
            lines.append(f"u{k}_{slot} = x{k}_{slot} * (1 - 0.05*sigmoid({before}))")
            names.append(f"u{k}_{slot}")
        lines += [
            f"y{k} = {call(case, names)}",
            f"s{k + 1} = atan(sum(y{k} * y{k})/10) + 0.1*{before}",
        ]
        before = f"s{k + 1}"
    return "\n".join([*lines, f"L = {before}**2 + sum(y{len(picked) - 1})"]), values


def at(tape: Any, of: int, moved: dict[int, Any]) -> Any:
    """The output in high precision, with other leaves: the rows' values alone."""
    values: list[Any] = []
    for node in range(of + 1):
        op = tape.ops[node]
        if op is None:
            values.append(moved.get(node, mp.asarray(tape.values[node])))
            continue
        xs = [values[n] for n in tape.args[node]]
        values.append(op.value(mp, *xs, **(tape.static[node] or {})))
    return values[of]


@settings(max_examples=60)
@given(chains(), st.integers(0, 2**32))
def test_every_route_gives_one_number(drawn: tuple[str, dict[str, Any]], seed: int) -> None:
    text, values = drawn
    program = autodiff.loads(text, values=values)
    found = program.gradient(closed=False)
    tape, rng = program.tape, np.random.default_rng(seed)
    of = tape.vertex[program.model.index["L"]]
    smooth = not any(note.code == "kink" for note in found.notes)
    for name, gradient in found.gradients.items():
        assert gradient.check is not None
        assert gradient.paths is not None
        verdict = gradient.check.verdict
        assert verdict in {"agrees", "inexact", "kink", "unchecked"}, (name, gradient.check)
        why = (gradient.check.reason, gradient.check.convention, gradient.check.digits_lost)
        assert verdict == "agrees" or any(why)
        if not smooth:
            continue
        scale = float(np.max(gradient.paths.absolute_sum, initial=0.0))
        close = {"rtol": 1e-9, "atol": 1e-11 * (1 + scale)}
        np.testing.assert_allclose(gradient.paths.sum, gradient.value, **close)
        leaf = tape.vertex[program.model.index[name]]
        direction = rng.standard_normal(gradient.shape)
        wanted = np.sum(gradient.value * direction)
        run = sweep.Run.of(tape)
        dots = eager.quietly(sweep.forward, tape, run, of, {leaf: direction[()]})
        forward = 0.0 if dots[of] is None else float(dots[of])
        np.testing.assert_allclose(forward, wanted, **close)
        with mpmath.workdps(DIGITS):
            here, step = mp.asarray(tape.values[leaf]), STEP * mp.asarray(direction)
            above, below = (at(tape, of, {leaf: here + way * step}) for way in (1, -1))
            difference = float((above - below) / (2 * STEP))
        np.testing.assert_allclose(difference, wanted, **close)


@pytest.mark.parametrize("case", WRITABLE, ids=lambda case: case.id)
@pytest.mark.parametrize("small", [False, True], ids=["whole", "blocks"])
def test_every_row_compiled(case: Case, small: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of operands on the way to the output, in a program as the sweeps have it."""
    if small:
        monkeypatch.setattr(schedule, "LARGE", 1)
        monkeypatch.setattr(blocks, "BLOCK", 16)
    names = [f"x{k}" for k in range(len(case.xs))]
    values = {n: x if np.ndim(x) else float(x) for n, x in zip(names, case.xs, strict=True)}
    lines = [f"u{n} = {n} * 1" for n in names]
    lines += [f"y = {call(case, [f'u{n}' for n in names])}", "L = sum(y * y * 3)"]
    program = autodiff.loads("\n".join(lines), values=values)
    value, wanted = program.value_and_gradient()
    for _ in range(2):
        again, found = program.value_and_gradient()
        assert again == pytest.approx(value, rel=1e-13, nan_ok=True)
        for name in names:
            np.testing.assert_allclose(found[name], wanted[name], rtol=1e-12, atol=1e-14)


def test_every_row_is_in_some_model() -> None:
    left_out = {c.op.name for c in CASES} - {c.op.name for c in WRITABLE}
    assert left_out == {"copy", "times", "ratio", "scatter", "array", "flip", "huber_element"}


@pytest.mark.parametrize("case", WRITABLE, ids=lambda case: case.id)
def test_every_case_can_be_written(case: Case) -> None:
    names = [f"x{k}" for k in range(len(case.xs))]
    values = {n: x if np.ndim(x) else float(x) for n, x in zip(names, case.xs, strict=True)}
    text = f"{call(case, names)}"
    y = autodiff.loads(f"y = {text}\nL = sum(y)", values=values)["y"]
    with np.errstate(all="ignore"):
        from autodiff.backends import array

        wanted = case.op.value(array, *case.xs, **case.static)
    np.testing.assert_allclose(y, wanted, rtol=1e-14)
