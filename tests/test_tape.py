"""Recording: nodes in order, leaves, constants, aliases, and what cannot be recorded."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from engine import MODEL, problems, slopes, value

import autodiff
from autodiff.parser import parse
from autodiff.source import Source
from autodiff.tape import Tape, record, whole


def tape_of(text: str) -> Tape:
    return record(parse(Source(text, MODEL)))


def names(tape: Tape) -> list[str | None]:
    return [op.name if op else None for op in tape.ops]


def test_operands_come_before_their_operation() -> None:
    tape = tape_of("a = 2\nb = a * 3 + a\nc = [a, b]\nL = sum(c * b)")
    assert names(tape) == [None, None, "multiply", "add", "array", "multiply", "sum"]
    for node, args in enumerate(tape.args):
        assert all(arg < node for arg in args)
    assert [tape.statement_of(n) for n in range(len(tape.ops))] == [0, 1, 1, 1, 2, 3, 3]
    assert tape.start == [0, 1, 4, 5, 7]
    assert [tape.values[v] if k != 2 else None for k, v in enumerate(tape.vertex)] == [
        2,
        8,
        None,
        80,
    ]


def test_a_square_has_two_edges() -> None:
    tape = tape_of("x = 3\nL = x * x")
    assert tape.args[-1] == (0, 0)


def test_leaves_are_what_mentions_no_other_name() -> None:
    text = "a = 1\nb = 2 * pi + sqrt(2)\nc = [1, 2]\nd = ones(2) * 3\nf(z) = z + 1\ng = f(2)\nL = a"
    assert autodiff.loads(text).leaves == ["a", "b", "c", "d", "g"]
    # A leaf is one node, however it was computed.
    assert names(tape_of(text))[:5] == [None] * 5


def test_an_alias_is_a_vertex_of_its_own() -> None:
    tape = tape_of("a = 2\nb = a\nL = b * a")
    assert len(set(tape.vertex)) == 3
    assert slopes("a = 2\nb = a\nc = b\nL = c * b * a") == {"a": 12.0}
    assert slopes("a = 2\nb = a\nL = b * a", wrt=["a", "b"]) == {"a": 4.0, "b": 2.0}


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("x = 2\nL = x * x", [0, 0]),
        ("x = [1, 2]\nL = sum(x * 2)", [1, 0, 1, 1]),
        # The first array may appear in the middle of a statement.
        ("a = 2\nL = sum([1, 2] * a)", [0, 0, 0, 1, 1, 1]),
        ("a = 2\nL = (arange(3) * a)[1]", [0, 1, 1, 1]),
    ],
)
def test_what_is_or_comes_from_an_array_is_marked(text: str, kinds: list[int]) -> None:
    tape = tape_of(text)
    own = [kind for kind, op in zip(tape.kinds, tape.ops, strict=True) if op is not None]
    expected = [kind for kind, op in zip(kinds, tape.ops, strict=False) if op is not None]
    assert own[-1] == kinds[-1]
    assert len(own) >= len(expected) - 1
    for node, found in enumerate(tape.values):
        assert tape.kinds[node] or found.__class__ is float


@pytest.mark.parametrize(
    "text",
    [
        "a = 2\nx = [1, 2] * a\nL = sum(x)",
        "a = 2\nx = a * [1, 2]\nL = sum(x)",
        "a = 2\nL = sum(a * ones(2)) * 1.5",
        "a = 2\nx = (ones(3) + a)[1:] * a\nL = sum(x) * 0.5",
        "a = 2\nL = sum(linspace(0, 1, 3) * a) * 2",
        "a = 2\nL = sum(a * eye(2) * a) - a / 2 * 2",
    ],
)
def test_an_array_made_inside_a_statement_needs_no_array_before(text: str) -> None:
    for nodes in ("names", "all"):
        h = 1e-6
        up, down = (
            value(text.replace("a = 2", f"a = {2 + s * h!r}"), nodes=nodes) for s in (1, -1)
        )
        assert slopes(text, nodes=nodes)["a"] == pytest.approx((up - down) / (2 * h), rel=1e-8)


def test_recorded_arrays_are_read_only() -> None:
    given = np.array([1.0, 2.0])
    program = autodiff.loads("y = x * 2\nL = sum(y)", values={"x": given})
    for name in ("x", "y"):
        with pytest.raises(ValueError, match="read-only"):
            program[name][0] = 5.0
    given[0] = 7.0  # the caller's own array stays the caller's
    np.testing.assert_array_equal(program["x"], [1.0, 2.0])


def test_given_numbers_of_any_kind_become_floats() -> None:
    for one in (1, 1.0, np.float32(1), np.int64(1), np.array(1.0)):
        program = autodiff.loads("L = x * 2", values={"x": one})
        assert program["x"].__class__ is float
    for many in ([1, 2], (1, 2), np.array([1, 2], dtype=np.int8), np.array([True, False])):
        program = autodiff.loads("L = sum(x)", values={"x": many})
        assert program["x"].dtype == np.float64


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 2\nL = exp(x * 1000)", float("inf")),
        ("x = 2\nL = x**5000", float("inf")),
        ("x = -2\nL = x**5001", float("-inf")),
        ("x = 1e308\nL = x * 10", float("inf")),
        ("x = 1e-308\nL = x / 1e308", 0.0),
        ("x = 1e308\nL = lgamma(x)", float("inf")),
        ("x = 800\nL = cosh(x)", float("inf")),
        ("x = -800\nL = sinh(x)", float("-inf")),
    ],
)
def test_scalars_overflow_as_ieee_has_it(text: str, expected: float) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("x = 1e400\nL = x", "leaf", 1),
        ("x = 1/0\nL = 2", "leaf", 1),
        ("x = 0/0\nL = 2", "leaf", 1),
        ("x = log(-1)\nL = 2", "leaf", 1),
        ("x = exp(1000)\nL = 2", "leaf", 1),
        ("x = 9**9**9**9\nL = 2", "leaf", 1),
        ("x = inf\nL = 2", "leaf", 1),
        ("x = [1, inf]\nL = 2", "leaf", 1),
        ("x = [1, 0/0]\nL = 2", "leaf", 1),
        ("x = None\nL = 2", "leaf", 1),
        ("x = True\nL = 2", "leaf", 1),
        ("L = load('x.npy')", "load", 1),
    ],
)
def test_a_leaf_is_a_finite_number(text: str, code: str, line: int) -> None:
    (found,) = problems(text, folder="/nonexistent")
    assert found[1] == code
    assert found[2] is not None
    assert found[2][0] == line


def test_what_uses_a_name_with_an_error_is_passed_over() -> None:
    text = "x = 1/0\ny = [1, 2] + [1, 2, 3]\nz = x + y\nL = sum(z) + x"
    assert [code for _, code, _ in problems(text)] == ["leaf", "shape"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a = [1, 2]\nL = sum(a * a + a @ [1, 2, 3])", (2, 19, 20)),
        ("a = [1, 2]\nL = sum(a +\n  [1, 2, 3])", (2, 11, 12)),
        ("a = [1, 2]\nf(x) = x @ [1, 2, 3]\nL = f(a)", (3, 5, 6)),
        ("a = [1, 2]\nL = a[0] + a[0] + a[7]", (2, 20, 21)),
    ],
)
def test_a_misfit_points_at_its_operation(text: str, place: tuple[int, int, int]) -> None:
    assert [span for _, _, span in problems(text)] == [place]


@pytest.mark.parametrize(
    ("given", "expected"),
    [(2.0, 2), (2.5, 2.5), ((1.0, (2.0, None)), (1, (2, None))), (None, None), (True, True)],
)
def test_whole(given: Any, expected: Any) -> None:
    assert whole(given) == expected
    assert repr(whole(given)) == repr(expected)


def test_two_runs_record_the_same() -> None:
    text = "x = randn(3, seed=7)\ny = rand(3, seed=7)\nL = sum(x * y)"
    assert value(text) == value(text)
    assert value(text) != value(text.replace("seed=7", "seed=8"))
    expected = np.random.default_rng(7).standard_normal(3)
    np.testing.assert_array_equal(autodiff.loads(text)["x"], expected)


def test_a_long_chain_keeps_its_order() -> None:
    text = "v0 = 0.5\n" + "".join(f"v{k} = sin(v{k - 1}) + v{k // 2}\n" for k in range(1, 3000))
    tape = tape_of(text)
    assert all(a < b for a, b in pairwise(tape.vertex))
