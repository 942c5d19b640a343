"""Reverse against forward, intermediates, second evaluations, and what the sweeps leave out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cases import arrays, scalars
from engine import MODEL, gradient, report, slopes

import autodiff
from autodiff import sweep
from autodiff.backends import eager
from autodiff.parser import parse
from autodiff.source import Source
from autodiff.tape import Tape, record, spaces

ROWS = scalars.OPTIMISATION + scalars.PHYSICS + scalars.BINARY + arrays.CASES


def tape_of(text: str) -> Tape:
    return record(parse(Source(text, MODEL)))


@pytest.mark.parametrize("text", [row[1] for row in ROWS], ids=[row[0] for row in ROWS])
def test_forward_and_reverse_agree(text: str) -> None:
    tape = tape_of(text)
    of = tape.vertex[tape.model.index["L"]]
    run = sweep.Run.of(tape)
    leaves = [tape.vertex[s] for s in tape.leaves]
    masks = eager.quietly(sweep.touched, tape, run._replace(spaces=spaces()), of, selectors=False)
    active = sweep.activity(tape, leaves)
    back = eager.quietly(sweep.reverse, tape, run, of, active, masks=masks).adjoints
    rng = np.random.default_rng(1)
    for leaf in leaves:
        value = tape.values[leaf]
        shape = np.shape(value)
        direction: Any = rng.uniform(-1, 1, shape) if shape else 0.7
        dot = eager.quietly(sweep.forward, tape, run, of, {leaf: direction})[of]
        if back[leaf] is None:
            assert dot is None
            continue
        scale = float(np.sum(np.abs(back[leaf] * direction)))
        assert float(dot) == pytest.approx(
            float(np.sum(back[leaf] * direction)), rel=1e-11, abs=1e-13 * scale + 1e-300
        )


@pytest.mark.parametrize("text", [row[1] for row in ROWS[::5]])
def test_evaluating_again_gives_the_same_bits(text: str) -> None:
    program = autodiff.loads(text)
    value, gradients = program.value_and_gradient()
    found = program.gradient(check=False, paths=None)
    assert value == found.value
    for name, g in found.gradients.items():
        np.testing.assert_array_equal(gradients[name], g.value)


CHAIN = "a = 0.8\nw = 0.3\nb = w * a\nc = a**2\nd = b * c\ne1 = tanh(d)\nL = e1 * d"


@pytest.mark.parametrize(
    ("of", "wrt", "expected"),
    [
        ("d", "b", 0.64),
        ("d", "c", 0.24),
        ("d", "a", 3 * 0.3 * 0.64),
        ("c", "b", 0.0),
        ("d", "d", 1.0),
        ("b", "L", 0.0),
        ("c", "a", 1.6),
    ],
)
def test_any_two_names(of: str, wrt: str, expected: float) -> None:
    found = gradient(CHAIN, wrt, of=of, wrt=[wrt])
    assert found.value == pytest.approx(expected, rel=1e-15)
    assert (found.relation == "no path") == (expected == 0.0)


@pytest.mark.parametrize("nodes", ["names", "all"])
@pytest.mark.parametrize(
    "text", ["x = 2\nL = x * x", "x = [1, 2]\nL = x @ x", "x = 2\nL = x", "L = 3"]
)
def test_an_output_by_itself_is_one(text: str, nodes: str) -> None:
    found = gradient(text, "L", wrt=["L"], nodes=nodes)
    assert found.value == 1.0
    assert found.paths is not None
    assert found.paths.count == 1


def test_an_intermediate_stops_what_lies_behind_it() -> None:
    # By b and a together, a's gradient still counts what goes through b.
    found = slopes(CHAIN, wrt=["a", "b"])
    assert found["a"] == slopes(CHAIN, wrt=["a"])["a"]
    assert found["b"] == slopes(CHAIN, wrt=["b"])["b"]


def test_intermediate_arrays() -> None:
    text = "x = [1, 2, 3]\ny = x * 2\nz = y**2\nL = sum(z)"
    assert slopes(text, wrt=["x", "y", "z"]) == {
        "x": [8.0, 16.0, 24.0],
        "y": [4.0, 8.0, 12.0],
        "z": [1.0, 1.0, 1.0],
    }
    assert slopes(text, of="L", wrt=["y"]) == {"y": [4.0, 8.0, 12.0]}


def test_unused_leaves_are_told_from_zeros() -> None:
    text = "a = 2\nb = 3\nc = 4\nd = 5\nu = 7 * c\nv = -7 * c\nL = a * 0 + (b - b) + u + v"
    relations = {name: g.relation for name, g in report(text).gradients.items()}
    assert relations == {
        "a": "zero",
        "b": "zero",
        "c": "cancels to zero",
        "d": "no path",
    }


def test_the_default_output() -> None:
    assert report("a = 2\nL = a\nM = 2 * a").output == "L"
    assert report("a = 2\nb = a\nM = 2 * a").output == "M"
    assert report("a = 2").output == "a"
    assert list(report("a = 2\nb = 3\nL = b").gradients) == ["a", "b"]


@pytest.mark.parametrize("text", ["", "# nothing", "\n\n", "f(x) = x"])
def test_a_model_of_nothing(text: str) -> None:
    with pytest.raises(autodiff.ModelErrors) as caught:
        report(text)
    assert [p.code for p in caught.value.problems] == ["output"]


def test_an_array_output_says_how_to_reduce_it() -> None:
    with pytest.raises(autodiff.ModelErrors) as caught:
        report("x = [1, 2]\nL = x * 2")
    (problem,) = caught.value.problems
    assert (problem.code, problem.span) == ("output", (2, 1, 2))
    assert "sum(L)" in problem.hint


@pytest.mark.parametrize(("of", "wrt"), [("nosuch", None), (None, ["nosuch"]), ("L", ["a", "bb"])])
def test_names_that_are_not_there(of: str | None, wrt: list[str] | None) -> None:
    with pytest.raises(autodiff.UsageError):
        report("a = 2\nL = a", of=of, wrt=wrt)


# ---- where: only the chosen operand has an edge


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = -1\nL = where(x > 0, log(x), 2*x)", {"x": 2.0}),
        ("x = 0\ny = 3\nL = where(y > 0, y**2, 1/x)", {"x": 0.0, "y": 6.0}),
        ("x = 1000\nL = where(x < 10, exp(x), x)", {"x": 1.0}),
        ("x = [-4, 0.25, 9]\nL = sum(where(x > 0, sqrt(x), 0))", {"x": [0.0, 1.0, 1 / 6]}),
        ("x = [-1, 0.5, 2]\nL = sum(where(x > 0, log(x), x))", {"x": [1.0, 2.0, 0.5]}),
        ("x = [1, 800]\nL = sum(where(x < 10, exp(x), x))", {"x": [np.e, 1.0]}),
        (
            "x = [0, 4]\ny = [1, -1]\nL = sum(where(y < 0, sqrt(x), x))",
            {"x": [1, 0.25], "y": [0, 0]},
        ),
        (
            "x = [0, 4]\ny = [1, -1]\nL = sum(where(y < 0, 1/x, x))",
            {"x": [1, -1 / 16], "y": [0, 0]},
        ),
        ("a = 0\nx = [1, 2]\nL = sum(where(x > 0, x, 1/a))", {"a": 0.0, "x": [1, 1]}),
        ("a = 0\nx = [1, 2]\nL = sum(where(x > 0, x, x / a))", {"a": 0.0, "x": [1, 1]}),
        ("x = -1\ny = log(x)\nL = where(x > 0, y, 1) * x", {"x": 1.0}),
        ("x = [-1, 1]\ny = log(x)\nL = sum(where(x > 0, y, 1) * x)", {"x": [1.0, 1.0]}),
        ("x = -2\nL = where(x > 0, where(x > 1, log(x), sqrt(x)), x**2)", {"x": -4.0}),
        ("x = [-1, 2]\ny = sqrt(x)\nL = y[1]", {"x": [0.0, 0.5**1.5]}),
    ],
)
def test_a_branch_not_taken_never_puts_nan_into_a_gradient(
    text: str, expected: dict[str, Any]
) -> None:
    for nodes in ("names", "all"):
        found = report(text, nodes=nodes)
        assert found.status == "ok"
        for name, want in expected.items():
            np.testing.assert_allclose(found.gradients[name].value, want, rtol=1e-14)
            paths = found.gradients[name].paths
            assert paths is not None
            np.testing.assert_allclose(paths.sum, want, rtol=1e-14, err_msg=f"paths of {name}")


def test_the_condition_has_no_edge() -> None:
    found = report("x = 2\nc = x > 1\nL = where(c, 5*x, x)")
    paths = found.gradients["x"].paths
    assert paths is not None
    assert [p.nodes for p in paths.shown] == [("L", "x")]


# ── adjoints written in place ────────────────────────────────────────────────────────

SHARED = [
    "L = sum(A + A)",  # one seed, passed on twice
    "B = A + 0\nC = B + B\nL = sum(C * B)",
    "B = -A\nL = sum(B * B) + sum(B)",
    "B = exp(A)\nC = B - A\nL = sum(B * C) + sum(C)",
    "B = A.T\nL = sum(B @ A) + sum(B * A)",
    "B = reshape(A, (9,))\nC = B + B\nL = sum(C * B) + sum(C)",
    "L = sum(A[0] * A[1]) + sum(A[:, 1]) + sum(A[[0, 0, 2]] ** 2)",
    "B = where(A > 1, A, A**2)\nL = sum(B) + sum(B * A)",
    "B = sum(A, 0)\nC = A - B\nL = sum(C**2) + sum(C) + sum(B * B)",
    "B = 2 * A\nC = B - v\nL = sum(C / B) + sum(C @ v) + v @ v",
    "B = (A @ v) * v\nC = tanh(B) + B\nL = C @ (A @ C) + sum(v @ A)",
]


@pytest.mark.parametrize("text", SHARED)
@pytest.mark.parametrize("wrt", [None, ["A"], "every"])
def test_adjoints_in_place_are_those_of_fresh_arrays(text, wrt, monkeypatch):
    from autodiff.backends import array

    A = np.arange(1.0, 10.0).reshape(3, 3) / 4
    values = {"A": A, "v": np.array([0.5, -1.0, 2.0])}

    def swept():
        program = autodiff.loads(text, values=values)
        names = [n for n in program.names if n != "L"] if wrt == "every" else wrt
        return program, names, program.value_and_gradient(wrt=names)

    program, names, (value, found) = swept()
    again, compiled = program.value_and_gradient(wrt=names)  # nothing of the tape was written to
    monkeypatch.delattr(array, "owned")
    _, _, (wanted_value, wanted) = swept()
    assert value == wanted_value == pytest.approx(again, rel=1e-14)
    for name in wanted:
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-15)
        np.testing.assert_allclose(compiled[name], wanted[name], rtol=1e-14)
