"""Arrays too large to expand: what a sample of them says, and what it must catch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import mpmath
import numpy as np
import pytest
from asking import close

import autodiff
from autodiff import symbolic
from autodiff.ops import TABLE, Op
from autodiff.report import Check
from autodiff.sweep import Run, activity, reverse
from autodiff.symbolic import sampling
from autodiff.symbolic.sums import exact, products


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer elements than usual: every kind of operation is here, and that they are right."""
    monkeypatch.setattr(sampling, "ELEMENTS", 12)


def checks(text: str, **values: Any) -> dict[str, Check]:
    """The verdict on every leaf."""
    report = autodiff.loads(text, values=values).gradient(paths=None)
    found = {name: g.check for name, g in report.gradients.items()}
    assert None not in found.values()
    return found  # type: ignore[return-value]  # the line above


def sample(text: str, of: str = "L", **values: Any) -> tuple[autodiff.Program, sampling.Sampled]:
    """Every node of a model, sampled, whatever its size."""
    program = autodiff.loads(text, values=values)
    tape = program.tape
    node = tape.vertex[program.model.index[of]]
    active = activity(tape, [tape.vertex[s] for s in tape.leaves])
    run = Run.of(tape)
    with np.errstate(all="ignore"):
        adjoints = reverse(tape, run, node, active).adjoints
    return program, sampling.sampled(tape, run, node, active, adjoints)


def last_line(text: str) -> str:
    return text.splitlines()[-1]


# ---- models too large to expand


def models(n: int, m: int) -> list[str]:
    """One of every kind of operation on an array of n by m numbers."""
    leaves = (
        f"X = randn({n}, {m}, seed=1)\nv = randn({m}, seed=2)\nB = randn({n}, seed=3)\nc = 0.7\n"
    )
    return [
        leaves + output
        for output in (
            "L = sum(softmax(X * c)**2)",
            "L = sum(logsumexp(X, axis=1) * B)",
            "L = logsumexp(X)",
            "L = sum(cumsum(X, axis=1)**2) + sum(cumsum(X)**2)",
            "L = sum(where(X > 0.5, X**2, exp(-X)))",
            "L = sum(max(X, axis=0)) + sum(min(X, axis=1)) + max(X)",
            f"L = sum(X[1:{n - 1}:2, -5]**2) + sum(X[:, ::-1] * v) + X[3, 4]",
            f"L = sum((X.T + B)**3) + sum(reshape(X, {m}, {n})**2)",
            "L = sum(X * c + v)",
            "L = mean((X - mean(X, axis=0))**2 / (1 + var(X, axis=0)))",
            "L = sum(sqrt(abs(X)) + std(X, axis=1, keepdims=True))",
            "L = norm(X) + sum(norm(X, axis=1)) + mean(X) * sum(X)",
            "L = sum(prod(X[:, :7], axis=1)) + sum(concat([X, X**2], axis=1) @ concat([v, v]))",
            f"L = sum(outer(B, v) * X) + trace(X[:, :{n}] @ X.T[:{n}])",
            "L = sum(log_softmax(X, axis=0) * X)",
            "L = sum(gelu(X) + softplus(X) + lgamma(abs(X) + 1))",
            f"L = sum((reshape(X, 2, {n // 2}, {m}) @ X.T)**2)",
            "L = sum(maximum(X, v) + clip(X, -1, 1) + floor(X) * X)",
            "L = sum(stack([X, X * 2])**2) + dot(B, X @ v)",
            f"L = sum(diag(B) @ X) + sum(diag(X[:, :{n}]))",
        )
    ]


WIDE = "X = randn(300, 400, seed=1)\nv = randn(400, seed=2)\nB = randn(300, seed=3)\nc = 0.7\n"


@pytest.mark.parametrize("model", models(300, 400), ids=last_line)
def test_large_models_have_no_fault(model: str) -> None:
    program, found = sample(model)
    assert (found.faults, found.reasons, found.unvalued) == ({}, {}, {})
    assert found.places[program.tape.vertex[0]]


def test_the_report_says_how_much_was_covered() -> None:
    found = checks("X = randn(300, 400, seed=1)\nv = randn(400, seed=2)\nL = sum(tanh(X) @ v)")
    assert found["X"] == found["X"]._replace(
        verdict="agrees",
        coverage=12 / 120_000,
        reason="a sample: 12 of 120,000 elements, and some of each of the 3 operations on the way",
    )
    assert found["v"].coverage == 12 / 400


LONG = "x = randn(1000000, seed=1)\nt = randn(1000000, seed=2)\na = 0.7\nb = 0.1\n"


@pytest.mark.parametrize(
    "model",
    [
        "L = mean((t - (a * x + b))**2)",
        "L = logsumexp(x)",
        # The worst of rounding: each of a million steps rounds the same way.
        "L = sum(cumsum(full(1000000, 0.1) * a))",
        "A = reshape(x, 200000, 5)\nw = randn(5, seed=3)\nL = mean((A @ w - t[:200000])**2)",
    ],
)
def test_sums_of_a_million_terms_raise_no_alarm(model: str) -> None:
    assert {check.verdict for check in checks(LONG + model).values()} == {"agrees"}


def network() -> tuple[str, dict[str, Any]]:
    draw = np.random.default_rng(0)
    sides = (784, 256, 256, 10)
    values: dict[str, Any] = {
        "X": draw.random((256, 784)),
        "Y": np.eye(10)[draw.integers(10, size=256)],
    }
    for i, (inputs, outputs) in enumerate(pairwise(sides), 1):
        values[f"W{i}"] = draw.standard_normal((inputs, outputs)) * math.sqrt(2 / inputs)
        values[f"b{i}"] = draw.standard_normal(outputs) * 0.1
    text = (
        "h1 = relu(X @ W1 + b1)\nh2 = relu(h1 @ W2 + b2)\n"
        "L = -mean(sum(Y * log_softmax(h2 @ W3 + b3, axis=1), axis=1))\n"
    )
    return text, values


def test_a_network_of_ordinary_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "ELEMENTS", 64)
    text, values = network()
    found = checks(text, **values)
    assert {check.verdict for check in found.values()} == {"agrees"}
    assert found["W1"].coverage == 64 / (784 * 256)
    assert found["W1"].reason.startswith("a sample: 64 of 200,704 elements")
    assert found["b3"].coverage == 1.0


def test_what_no_sample_can_say_is_unchecked() -> None:
    # Every element of x goes into every deviation from the mean.
    check = checks("x = randn(300000, seed=1)\nL = var(x)")["x"]
    assert (check.verdict, check.coverage) == ("unchecked", 0.0)
    assert "too large to expand" in check.reason
    assert "one element takes more than" in check.reason


def test_the_sample_is_the_same_in_every_run() -> None:
    text = models(300, 400)[0]
    assert sample(text)[1] == sample(text)[1]


# ---- float64 without enough digits


@pytest.mark.parametrize(
    ("model", "lost"),
    [("L = sum((1 - cos(x)) / x**2)", 12), ("L = sum(2 * (sin(x / 2) / x)**2)", 7)],
)
def test_digits_lost_on_the_way_are_told(model: str, lost: float) -> None:
    # Each operation is right to the last digit; what they make of each other is not.
    check = checks(f"x = linspace(1e-4, 1e-3, 100000)\n{model}")["x"]
    assert check.verdict == "inexact"
    assert check.digits_lost is not None
    assert check.digits_lost > lost


def test_a_row_that_loses_digits_is_inexact_and_not_wrong(spoil: Callable[..., None]) -> None:
    # 1 − tanh² in float64 is 0 from 20 on; with more digits the rule is right.
    spoil("tanh", partials=(lambda m, y, x: 1 - y * y,))
    check = checks("x = linspace(15, 18, 300000)\nL = sum(tanh(x) * exp(x))")["x"]
    assert check.verdict in {"inexact", "agrees"}
    check = checks("x = linspace(15, 15, 300000)\nL = sum(tanh(x))")["x"]
    assert check.verdict == "inexact"


def test_exact_integers_are_not_varied() -> None:
    model = "A = randn(300, 300, seed=1)\nB = floor(A * 10)\nL = sum((B + 1e8 - 1e8) * A @ A)"
    assert checks(model)["A"].verdict == "agrees"


# ---- what is wrong must be seen


@pytest.fixture
def spoil() -> Iterator[Callable[..., None]]:
    """Changes a row of the table, until the test ends."""
    before: list[tuple[Op, str, Any]] = []

    def change(name: str, **rules: Any) -> None:
        op = TABLE[name]
        for field, rule in rules.items():
            before.append((op, field, getattr(op, field)))
            object.__setattr__(op, field, rule)

    yield change
    for op, field, rule in reversed(before):
        object.__setattr__(op, field, rule)


def swapped(m: Any, seed: Any, y: Any, xs: Any, slot: int) -> Any:
    """The product rule with a factor 1 + 1e-7 on one side."""
    product = seed @ xs[1].T if slot == 0 else xs[0].T @ seed
    return product * (1 + 1e-7) if slot else product


def shifted(m: Any, seed: Any, y: Any, xs: Any, slot: int, axis: Any = None) -> Any:
    """A cumsum that leaves out the element itself."""
    along = 0 if axis is None else axis
    return m.flip(m.cumsum(m.flip(seed, along), along), along) - seed


WRONG: dict[str, tuple[str, str, Any]] = {
    "matmul": ("matmul", "vjp", swapped),
    "softmax": ("softmax", "vjp", lambda m, seed, y, xs, slot, axis=-1: y * seed),
    "sum": ("sum", "weight", lambda m, y, x, axis=None, keepdims=False: 2),
    "mean": ("mean", "weight", lambda m, y, x, axis=None, keepdims=False: 1 / 300),
    "cumsum": ("cumsum", "vjp", shifted),
    "log_softmax": ("log_softmax", "vjp", lambda m, seed, y, xs, slot, axis=-1: seed - m.exp(y)),
    "logsumexp": (
        *("logsumexp", "weight"),
        lambda m, y, x, axis=None, keepdims=False: m.exp(x - y) + 1e-9,
    ),
    "max": ("max", "weight", lambda m, y, x, axis=None, keepdims=False: m.where(x > y - 0.1, 1, 0)),
    "tanh": ("tanh", "partials", (lambda m, y, x: 1 - y,)),
    "relu": ("relu", "partials", (lambda m, y, x: m.where(x > 0.5, 1, 0),)),
    "transpose": (
        *("transpose", "vjp"),
        lambda m, seed, y, xs, slot, axes=None: m.reshape(seed, m.shape(xs[0])),
    ),
    "getitem": (
        *("getitem", "vjp"),
        lambda m, seed, y, xs, slot, index: m.scatter(seed[::-1], index, m.shape(xs[0])),
    ),
    # One element of `c` goes into very many others, of which a few are looked at.
    "broadcast": ("multiply", "partials", (lambda m, v, x, y: y, lambda m, v, x, y: x + 1e-9)),
    # Values, of which the slopes think nothing is wrong.
    "value of cumsum": ("cumsum", "value", lambda m, x, axis=None: m.cumsum(x, axis) - x),
    "value of sum": (
        *("sum", "value"),
        lambda m, x, axis=None, keepdims=False: m.sum(x, axis, keepdims) * (1 + 1e-8),
    ),
}
USES = {
    "matmul": "L = sum(tanh(X @ W)**2)",
    "softmax": "L = sum(softmax(X)**2)",
    "sum": "L = sum(X * v)",
    "mean": "L = mean((X - mean(X, axis=0))**2)",
    "cumsum": "L = sum(cumsum(X, axis=1)**2)",
    "log_softmax": "L = sum(log_softmax(X) * X)",
    "logsumexp": "L = sum(logsumexp(X, axis=1) * B)",
    "max": "L = sum(max(X, axis=0))",
    "tanh": "L = sum(tanh(X) * v)",
    "relu": "L = sum(relu(X)**2)",
    "transpose": "L = sum((X.T + B)**3)",
    "getitem": "L = sum(X[20:] * X[20:] * v) + sum(X)",
    "broadcast": "L = sum((X * c)**2)",
    "value of cumsum": "L = sum(cumsum(X, axis=1)**2)",
    "value of sum": "L = sum(X * v)**2",
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_rule_differs(spoil: Callable[..., None], case: str) -> None:
    name, field, rule = WRONG[case]
    spoil(name, **{field: rule})
    found = checks(WIDE + "W = randn(400, 256, seed=4)\n" + USES[case])
    wrong = next(check for check in found.values() if check.verdict == "differs")
    assert "SymPy has" in wrong.reason
    assert wrong.line is not None


def test_a_wrong_rule_does_not_touch_what_does_not_use_it(spoil: Callable[..., None]) -> None:
    spoil("tanh", partials=(lambda m, y, x: 1 - y,))
    model = (
        "X = randn(300, 400, seed=1)\nY = randn(300, 400, seed=2)\nL = sum(tanh(X)) + sum(X @ Y.T)"
    )
    found = checks(model)
    assert (found["X"].verdict, found["Y"].verdict) == ("differs", "agrees")
    assert found["X"].reason.startswith("dL/dX[")


def test_a_sweep_that_loses_an_edge_is_seen() -> None:
    program = autodiff.loads("X = randn(30, 40, seed=1)\nY = exp(X)\nL = sum(Y * X) + sum(Y)")
    tape = program.tape
    node, y = tape.vertex[2], tape.vertex[1]
    active = activity(tape, [tape.vertex[0]])
    run = Run.of(tape)
    adjoints = reverse(tape, run, node, active).adjoints
    assert not sampling.sampled(tape, run, node, active, adjoints).faults
    adjoints[y] = adjoints[y] - 1
    assert y in sampling.sampled(tape, run, node, active, adjoints).faults


# ---- the sample's numbers are those of the whole


@pytest.mark.parametrize("model", models(6, 8), ids=last_line)
def test_every_element_of_a_small_model(monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    monkeypatch.setattr(sampling, "ELEMENTS", 64)
    program, found = sample(model)
    assert (found.faults, found.reasons, found.unvalued) == ({}, {}, {})
    assert max(found.errors.values()) < 1e-11
    assert len(found.places[program.tape.vertex[0]]) == 48


def test_the_sum_by_partials_is_that_of_the_expansion() -> None:
    # Of one layer the sweep's cotangents are exact, and so both routes have one number.
    text = "X = randn(6, 8, seed=1)\nw = randn(8, seed=2)\nL = sum(X @ w)"
    program = autodiff.loads(text)
    whole = symbolic.reference(program.tape, 2, [1]).adjoints[1]
    tape, run = program.tape, Run.of(program.tape)
    active = activity(tape, [tape.vertex[1]])
    adjoints = reverse(tape, run, tape.vertex[2], active).adjoints
    sampler = sampling._Sampler(tape, run, tape.vertex[2], active, adjoints, None)
    for place in range(8):
        equation = sampling._Equation(sampler, sampling.SINGLE)
        for user, slot in sampler.users[tape.vertex[1]]:
            equation.use(user, slot, place)
        assert close(equation.solve(), whole[place])


# ---- exact sums


def test_sums_of_floats_are_exact() -> None:
    draw = np.random.default_rng(5)
    for scale in (0, 5, 300):
        terms = draw.normal(size=5000) * 10.0 ** draw.uniform(-scale, scale, size=5000)
        terms = np.concatenate([terms, [5e-324, -(2.0**60), 0.0]])
        assert fraction(exact(terms)) == sum(map(Fraction, terms.tolist()))
        assert fraction(exact(terms[:7])) == sum(map(Fraction, terms[:7].tolist()))


def test_products_of_floats_are_exact() -> None:
    draw = np.random.default_rng(6)
    a, b = draw.normal(size=(2, 1000)) * 10.0 ** draw.uniform(-99, 99, size=(2, 1000))
    wanted = sum(Fraction(x) * Fraction(y) for x, y in zip(a.tolist(), b.tolist(), strict=True))
    terms = products(a, b)
    assert terms is not None
    assert fraction(exact(terms)) == wanted
    assert products(np.array([1e200]), np.array([1.0])) is None


def fraction(number: Any) -> Fraction:
    found = mpmath.mp.make_mpf(number)
    sign, man, exp, _ = found._mpf_
    return Fraction((-1) ** sign * int(man)) * Fraction(2) ** exp
