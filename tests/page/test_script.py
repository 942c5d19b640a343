"""What the rows write as JavaScript, run in a browser against the same rows in Python."""

from __future__ import annotations

import json
import math
import random
import re
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np
import pytest

import autodiff
from autodiff import backends, script
from autodiff.analysis import Analysis
from autodiff.backends import array, javascript, mp
from autodiff.ops import TABLE
from cli.views import words
from cli.views.page.shell import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.ops.base import Op

CALLED = [op for op in TABLE.values() if op.differentiable and not op.hidden and not op.builds]
ORDERS = (1, 2, 5)  # of polygamma


def models() -> list[tuple[str, list[float], str]]:
    """Per row of numbers the points to try, and the model: L is the row's value."""
    draw = random.Random(0)
    found = []
    for op in CALLED:
        wanted = [p for p in op.parameters if not p.static]
        if not (op.partials or op.name in {"polygamma", "mse", "huber", "binary_cross_entropy"}):
            continue
        for order in ORDERS if op.name == "polygamma" else ("",):
            for _ in range(6):
                samples = op.sample * len(wanted) if len(op.sample) == 1 else op.sample
                xs = [draw.uniform(s.low, s.high) for s, _ in zip(samples, wanted, strict=True)]
                names = [f"x{k}" for k in range(len(xs))]
                lines = [f"{name} = {x!r}" for name, x in zip(names, xs, strict=True)]
                arguments = ", ".join([*([str(order)] if order else []), *names])
                found.append((op.name, xs, "\n".join([*lines, f"L = {op.name}({arguments})"])))
    return found


def written(text: str) -> tuple[Any, script.Written]:
    program = autodiff.loads(text)
    return program, script.write(program.tape, Analysis(program.tape, "").of)


def run(browser: Any, definitions: str, calls: list[str]) -> list[Any]:
    """The values of expressions in a page of its own; numbers as text, which has inf and nan."""
    told = "(key, value) => typeof value === 'number' ? String(value) : value"
    body = f"{definitions}\nreturn JSON.stringify([{','.join(calls)}], {told});"
    browser.get("about:blank")
    return json.loads(browser.execute_script(body))


def number(told: str) -> float:
    return float(told.replace("Infinity", "inf"))


def test_every_row_of_numbers_gives_what_it_gives_in_python(browser):
    tried = models()
    assert {name for name, _, _ in tried} >= {op.name for op in CALLED if op.partials}
    programs = [written(text) for _, _, text in tried]
    definitions = javascript.runtime(javascript.OWN)
    calls = [
        f"(function (x) {{ {made.text} }})({json.dumps([program[name] for name in made.leaves])})"
        for program, made in programs
    ]
    for (name, xs, _), (program, made), out in zip(
        tried, programs, run(browser, definitions, calls), strict=True
    ):
        value, gradient = program.value_and_gradient()
        where = f"{name}({xs})"
        close = {"rel": 2e-12, "abs": 1e-13}
        assert number(out["values"][0]) == pytest.approx(value, **close), where
        adjoints = dict(zip(made.names, map(number, out["adjoints"]), strict=True))
        for leaf in made.leaves:
            assert adjoints[leaf] == pytest.approx(gradient[leaf], **close), where


NASTY = [
    *(0.0, -0.0, 1e-300, -1e-300, 1e-20, 0.5, -0.5, 1.0, -1.0, 1 - 2**-53, 2.5, -2.5),
    *(20.0, 710.0, -745.0, 1e8, 1e155, -1e300, math.inf, -math.inf, math.nan),
]


def slopes(op: Op, m: Any, xs: Sequence[Any]) -> list[Any]:
    """The row's value and local derivatives."""
    y = op.value(m, *xs)
    return [y, *(partial(m, y, *xs) for partial in op.partials)]


def test_every_row_where_numbers_are_nasty(browser):
    """Huge, tiny and infinite operands, as NumPy's backend has them; where it is off, mpmath's."""
    tried, calls = [], []
    for op in (op for op in CALLED if op.partials):
        grids = np.meshgrid(*[NASTY] * min(len(op.partials), 2))
        xs = [*(grid.ravel() for grid in grids), *[np.ones(grids[0].size)] * (len(op.partials) - 2)]
        made = javascript.Script()
        results = slopes(op, made, [made.argument(k) for k in range(len(xs))])
        lines = [*made.lines, f"return [{', '.join(map(made.number, results))}];"]
        points = [str([repr(float(x)) for x in at]) for at in zip(*xs, strict=True)]
        told = "x => Number(x.replace('inf', 'Infinity'))"
        body = " ".join(lines)
        calls.append(f"[{', '.join(points)}].map((s) => {{ const x = s.map({told}); {body} }})")
        tried.append((op, xs))
    found = run(browser, javascript.runtime(javascript.OWN), calls)
    for (op, xs), rows in zip(tried, found, strict=True):
        with np.errstate(all="ignore"):
            wanted = slopes(op, array, xs)
            inside = np.full(xs[0].shape, True) if op.domain is None else op.domain.test(array, *xs)
        for k, want in enumerate(wanted):
            got = np.array([number(row[k]) for row in rows])
            want = np.asarray(want, dtype=float) + np.zeros(got.shape)
            with np.errstate(all="ignore"):
                near = np.abs(got - want) <= 1e-12 * np.abs(want) + 1e-300
            # SciPy has no beta(inf, 1e155), which is 0.
            unknown = np.isnan(want) & (np.isnan(got) | np.any(np.isinf(xs), axis=0))
            same = near | (got == want) | unknown | ~inside
            for i in np.flatnonzero(~same):
                at = [float(x[i]) for x in xs]
                with mpmath.workdps(400):
                    exact = slopes(op, mp, [mpmath.mpf(x) for x in at])[k]
                    error = abs(got[i] - exact)
                assert error <= 1e-12 * abs(exact) + 1e-15, f"{op.name}, {k}: {at}"


@pytest.mark.parametrize(
    "text",
    [
        "x = 0\nL = where(x > 0, sqrt(x), 2*x) + where(x < 0, 1/x, x)",
        "x = 0\ns = 1/x\nL = where(x > 0, s, 3*x)",
        "c = 0\nx = 2\ny = 3\nL = where(c, x*y, x/y)",
        "x = -2\nL = where(x > 0, log(x), x**2)",
        "a = 2\nL = a * a + a",
        "x = 2\nz = 3*4\nL = x*z + (x > 1)*x",
        "x = 1\nL = x",
        "x = 2\nL = where(x > 0, x, x/0 + norm_pdf(x, 0, 0) + beta(x, 0) + power(x, -inf))",
        "f(z) = z**2 + sin(z)\nx = 2\ny = f(x)\nL = f(f(y))",
        "x = [1.0]\ny = 2\nL = y*3",
    ],
)
def test_models_of_all_kinds(browser, text):
    program, made = written(text)
    point = json.dumps([program[name] for name in made.leaves])
    call = f"(function (x) {{ {made.text} }})({point})"
    (out,) = run(browser, made.needs, [call])
    value, gradient = program.value_and_gradient()
    assert number(out["values"][0]) == pytest.approx(value, rel=1e-14)
    adjoints = dict(zip(made.names, map(number, out["adjoints"]), strict=True))
    swept = program.gradient(check=False, wrt=list(made.leaves)).gradients
    for leaf in made.leaves:
        assert adjoints[leaf] == pytest.approx(swept[leaf].sweep, rel=1e-14)
    assert gradient.keys() >= adjoints.keys() & set(program.leaves)


def test_edges_of_the_branch_not_taken_are_not_there(browser):
    _, made = written("x = 2\ns = x**2\nt = x**3\nL = where(x > 1, s, t)")
    call = f"(function (x) {{ {made.text} }})"
    one, other = run(browser, made.needs, [f"{call}([2])", f"{call}([0.5])"])
    edges = [(made.names[a], made.names[b]) for a, b in made.edges]
    taken = [dict(zip(edges, out["weights"], strict=True)) for out in (one, other)]
    assert [(t["L", "s"], t["L", "t"]) for t in taken] == [("1", None), (None, "1")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x = [1.0, 2.0]\nL = sum(x)", "x has arrays (line 1)"),
        ("a = 1\nb = 2\nL = sum([a, b])", "L has arrays (line 3)"),
        ("x = 2\nL = x" + " * x" * script.MOST_OPERATIONS, "operations; a page recomputes up to"),
    ],
)
def test_what_cannot_be_written_is_told(text, reason):
    with pytest.raises(javascript.Unwritable, match=re.escape(reason)):
        written(text)


def test_nothing_of_a_model_gets_into_the_script():
    names = ("alert", "constructor", "__proto__", "Ω", "eval")
    text = "\n".join(f"{name} = {k}.5" for k, name in enumerate(names))
    text += f"\nL = {' * '.join(names)} - alert / eval\n"
    _, made = written(text)
    tokens = set(re.findall(r"[^\W\d]\w*", made.text))
    known = {"const", "return", "x", "values", "adjoints", "weights", "remarks"}
    assert {token for token in tokens - known if not re.fullmatch(r"t\d+", token)} == set()


# ---- the functions that JavaScript lacks


def test_every_function_of_the_protocol_is_there():
    names = {*backends.ELEMENTWISE, "whole"}
    assert {name for name in names if not hasattr(javascript.Script(), name)} == set()
    assert set(javascript.OWN) <= set(javascript._parts())


def spread(low: float, high: float, *, geometric: bool = False) -> list[float]:
    draw = random.Random(f"{low} {high}")
    if geometric:
        ends = math.log(low), math.log(high)
        return [math.exp(draw.uniform(*ends)) for _ in range(25)]
    return [draw.uniform(low, high) for _ in range(25)]


TINY = spread(1e-300, 1, geometric=True)
GAMMA = [*spread(1e-10, 1e10, geometric=True), *spread(0.1, 20), *spread(0.9, 2.1)]
POINTS: dict[str, list[tuple[float, ...]]] = {
    name: [(x,) for x in xs]
    for name, xs in {
        "erf": [*spread(-6, 6), *TINY],
        "erfc": [*spread(-6, 26), *TINY],
        "lgamma": GAMMA,
        "gamma": [*spread(1e-10, 170, geometric=True), *spread(-20, 0)],
        "digamma": GAMMA,
        "erfinv": [*spread(-1, 1), *TINY, *(1 - x for x in spread(1e-15, 0.5, geometric=True))],
        "ndtri": [*spread(0, 1), *spread(1e-250, 0.5, geometric=True)],
        "sinc": spread(-20, 20),
        "sinc_slope": [*spread(-5, 5), *spread(1e-10, 1, geometric=True)],
        "round": [*spread(-9, 9), 0.5, 1.5, 2.5, -0.5, -1.5],
    }.items()
}


def pairs(*ends: tuple[float, float], geometric: bool = False) -> list[tuple[float, ...]]:
    return list(zip(*(spread(*end, geometric=geometric) for end in ends), strict=True))


SMALL = pairs((1e-5, 300), (1e-4, 200), geometric=True)
POINTS |= {
    "lbeta": [*pairs((1e-5, 1e12), (1e-4, 1e11), geometric=True), *SMALL],
    "beta": SMALL,
    "polygamma": [(n, x) for n in (1, 2, 3, 7, 20, 60) for x in spread(0.01, 1e5, geometric=True)],
}


def test_functions_are_right_to_twelve_digits(browser):
    calls = [f"{name}(...{json.dumps(xs)})" for name, points in POINTS.items() for xs in points]
    found = iter(run(browser, javascript.runtime(javascript.OWN), calls))
    for name, points in POINTS.items():
        for xs in points:
            got = number(next(found))
            with mpmath.workdps(60):
                exact = [x if isinstance(x, int) else mpmath.mpf(x) for x in xs]
                want = getattr(mp, name)(*exact)
                error = abs(mpmath.mpf(got) - want)
            if 1e-290 < abs(want) < 1e300:
                assert error <= 1e-12 * abs(want) + 1e-15, f"{name}({xs}): {got}, not {want}"


ENDS = [
    *(("gamma(0.5) ** 2", math.pi), ("gamma(5)", 24.0), ("gamma(-2)", math.nan)),
    *(("lgamma(0)", math.inf), ("lgamma(-2.5)", -0.056243716497674), ("digamma(0)", math.nan)),
    *(("digamma(-0.5)", 0.036489973978576520559), ("polygamma(1, -0.5)", 8.93480220054467931)),
    *(("erfinv(1)", math.inf), ("erfinv(2)", math.nan), ("ndtri(0)", -math.inf)),
    *(("erf(Infinity)", 1.0), ("erfc(Infinity)", 0.0), ("erfc(-Infinity)", 2.0)),
    *(("erf(NaN)", math.nan), ("erfc(NaN)", math.nan), ("lgamma(NaN)", math.nan)),
    *(("gamma(NaN)", math.nan), ("digamma(NaN)", math.nan), ("ndtri(NaN)", math.nan)),
    *(("power(1, NaN)", 1.0), ("power(-1, Infinity)", 1.0), ("power(-8, 1/3)", math.nan)),
    *(("beta(Infinity, 2)", 0.0), ("lbeta(0.5, Infinity)", -math.inf)),
    *(("sinc(0)", 1.0), ("sinc(1e20)", 0.0), ("sinc_slope(0)", 0.0), ("round(2.5)", 2.0)),
    ("polygamma(1, NaN)", math.nan),
]


def test_functions_at_the_ends_of_their_domains(browser):
    found = run(browser, javascript.runtime(javascript.OWN), [call for call, _ in ENDS])
    for (call, want), got in zip(ENDS, found, strict=True):
        assert number(got) == pytest.approx(want, rel=1e-12, nan_ok=True), call


# ---- numbers as text


def test_numbers_are_written_as_python_writes_them(browser):
    draw = random.Random(1)
    values = [draw.choice((1, -1)) * 10 ** draw.uniform(-12, 12) for _ in range(300)]
    values += [0.0, 1.0, -2.0, 0.1, 100000.0, 1e6, 999999.5, 1000000.5, 0.00012345675, 1e-5, 5e-324]
    values += [2.5, 0.5, 1.5, 1e300, 123456.5, 1234565.0, 9.999995, 0.000099999951, -1e-7]
    columns = [draw.sample(values, draw.randint(1, 5)) for _ in range(200)]
    columns += [[0.0, -0.0], [1.0, 2.0], [0.5, 100.0], [-0.219608, 0.0427807], [9.5, 0.25]]
    calls = [f"[{x!r}, number({x!r}), number({x!r}, 4)]" for x in values]
    calls += [f"column({xs!r})" for xs in columns]
    found = run(browser, read("numbers.js"), calls)
    for x, (_, six, four) in zip(values, found, strict=False):
        assert (six, four) == (signed(words.number(x, 6)), signed(words.number(x, 4)))
    for xs, texts in zip(columns, found[len(values) :], strict=True):
        assert texts == [signed(text) for text in words.column(xs, 6)]


def signed(text: str) -> str:
    return text.replace("-", "−")
