"""Counts, sums and the heaviest paths against enumeration by brute force."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from engine import gradient, report
from hypothesis import given, settings
from hypothesis import strategies as st

from autodiff.paths import ENDS, LONG, Count, as_count
from autodiff.report import Paths

Edges = dict[int, dict[int, float]]


def paths(text: str, name: str, **options: Any) -> Paths:
    found = gradient(text, name, **options).paths
    assert found is not None
    return found


# ---- random graphs: vertex k is a sum of weights times earlier vertices

WEIGHTS = st.sampled_from([1.0, -1.0, 2.0, 0.5, -3.0, 0.25, 7.0, 0.0])


@st.composite
def graphs(draw: st.DrawFn) -> Edges:
    size = draw(st.integers(2, 8))
    found: Edges = {}
    for vertex in range(1, size):
        operands = draw(st.sets(st.integers(0, vertex - 1), min_size=1, max_size=4))
        found[vertex] = {k: draw(WEIGHTS) for k in sorted(operands)}
    return found


def model(edges: Edges, leaf: str = "1.5") -> str:
    lines = [f"v0 = {leaf}"]
    for vertex, operands in edges.items():
        terms = [f"{weight!r} * v{k}" for k, weight in operands.items()]
        lines.append(f"v{vertex} = {' + '.join(terms)}")
    return "\n".join(lines)


def enumerate_paths(edges: Edges, to: int) -> list[tuple[tuple[int, ...], float]]:
    found = []

    def follow(vertex: int, walked: tuple[int, ...], product: float) -> None:
        if vertex == to:
            found.append((walked, product))
        for k, weight in edges.get(vertex, {}).items():
            follow(k, (*walked, k), product * weight)

    follow(max(edges), (max(edges),), 1.0)
    return found


@settings(max_examples=150)
@given(graphs(), st.integers(0, 12))
def test_counts_sums_and_the_k_heaviest(edges: Edges, k: int) -> None:
    text = model(edges)
    everything = enumerate_paths(edges, 0)
    found = paths(text, "v0", of=f"v{max(edges)}", paths=k)
    contributions = [c for _, c in everything]
    assert found.count == len(everything)
    assert found.sum == pytest.approx(math.fsum(contributions), rel=1e-12, abs=1e-12)
    assert found.absolute_sum == pytest.approx(math.fsum(map(abs, contributions)), rel=1e-12)
    assert found.difference <= 1e-12 * max(1.0, found.absolute_sum)
    assert found.exact
    heaviest = sorted((abs(c) for c in contributions), reverse=True)[:k]
    assert [abs(p.contribution) for p in found.shown] == pytest.approx(heaviest, rel=1e-12)
    by_walk = {tuple(f"v{n}" for n in walk): c for walk, c in everything}
    assert len({p.nodes for p in found.shown}) == len(found.shown)
    for path in found.shown:
        assert path.contribution == pytest.approx(by_walk[path.nodes], rel=1e-12)
        assert math.prod(path.weights) == pytest.approx(path.contribution, rel=1e-12)
    shown = math.fsum(p.contribution for p in found.shown)
    assert found.remainder == pytest.approx(found.sum - shown, rel=1e-12, abs=1e-11)


@settings(max_examples=60)
@given(graphs())
def test_all_paths_to_every_vertex(edges: Edges) -> None:
    names = [f"v{k}" for k in range(max(edges))]
    found = report(model(edges), of=f"v{max(edges)}", wrt=names, paths="all")
    for k, name in enumerate(names):
        expected = enumerate_paths(edges, k)
        here = found.gradients[name].paths
        assert here is not None
        assert here.count == len(expected)
        assert sorted(p.nodes for p in here.shown) == sorted(
            tuple(f"v{n}" for n in walk) for walk, _ in expected
        )
        sizes = [abs(p.contribution) for p in here.shown]
        assert sizes == sorted(sizes, reverse=True)


@settings(max_examples=60)
@given(graphs())
def test_arrays_have_the_same_paths(edges: Edges) -> None:
    text = model(edges, "[1.5, -2]") + f"\nL = sum(v{max(edges)} * [1, 3])"
    everything = enumerate_paths(edges, 0)
    found = paths(text, "v0", paths="all")
    assert found.count == len(everything)
    assert found.exact
    by_walk = {("L", *(f"v{n}" for n in walk)): c for walk, c in everything}
    total = math.fsum(by_walk.values())
    np.testing.assert_allclose(found.sum, [total, 3 * total], rtol=1e-12, atol=1e-12)
    for path in found.shown:
        np.testing.assert_allclose(
            path.contribution, [by_walk[path.nodes], 3 * by_walk[path.nodes]]
        )
        assert path.norm == pytest.approx(abs(by_walk[path.nodes]) * math.sqrt(10))
    norms = [p.norm for p in found.shown]
    assert norms == sorted(norms, reverse=True)


# ---- large graphs


def diamonds(n: int, leaf: str = "1", a: float = 0.5, b: float = 0.25) -> str:
    lines = [f"x0 = {leaf}"]
    for k in range(n):
        lines += [f"a{k} = x{k} * {a}", f"b{k} = x{k} * {b}", f"x{k + 1} = a{k} + b{k}"]
    return "\n".join(lines)


def test_sixty_diamonds() -> None:
    found = paths(diamonds(60), "x0", of="x60")
    assert (found.count, found.exponent) == (None, 18)  # 2^60 is 1.15e18
    assert found.sum == pytest.approx(0.75**60, rel=1e-12)
    assert found.exact
    sizes = [p.contribution for p in found.shown]
    assert sizes == pytest.approx([0.5**60] + [0.5**59 * 0.25] * 7, rel=1e-12)
    assert len({p.nodes for p in found.shown}) == 8
    assert found.remainder == pytest.approx(found.sum - sum(sizes), rel=1e-12)


@pytest.mark.parametrize(("n", "exact"), [(10, 2**10), (59, 2**59)])
def test_counts_are_exact_up_to_ten_to_the_18(n: int, exact: int) -> None:
    found = paths(diamonds(n), "x0", of=f"x{n}")
    assert (found.count, found.exponent) == (exact, None)


@pytest.mark.parametrize("n", [61, 100, 1000, 3000])
def test_beyond_that_the_exponent_is_exact(n: int) -> None:
    found = paths(diamonds(n), "x0", of=f"x{n}", paths=1)
    assert (found.count, found.exponent) == (None, len(str(2**n)) - 1)


def test_fibonacci_counts() -> None:
    lines = ["x0 = 1", "x1 = x0 * 1"]
    lines += [f"x{k} = x{k - 1} + x{k - 2}" for k in range(2, 200)]
    text = "\n".join(lines)
    a, b = 1, 1
    for k in range(1, 200):
        if k in {5, 30, 80, 86, 87, 88, 150, 199}:
            found = paths(text, "x0", of=f"x{k}", paths=1)
            if b <= 10**18:
                assert (found.count, found.exponent) == (b, None)
            else:
                assert (found.count, found.exponent) == (None, len(str(b)) - 1)
        a, b = b, a + b


@pytest.mark.parametrize(
    ("number", "count"),
    [
        (1, Count(1, None)),
        (10**18, Count(10**18, None)),
        (10**18 + 1, Count(None, 18)),
        (math.log(3e40), Count(None, 40)),
    ],
)
def test_as_count(number: float, count: Count) -> None:
    assert as_count(number) == count


def test_a_chain_of_many_vertices_is_shown_by_its_ends() -> None:
    n = 3000
    text = "x0 = 1\n" + "\n".join(f"x{k} = x{k - 1} * 1.0" for k in range(1, n))
    (path,) = paths(text, "x0").shown
    assert path.contribution == 1.0
    assert len(path.nodes) <= LONG
    assert path.nodes[:2] == (f"x{n - 1}", f"x{n - 2}")
    assert path.nodes[-2:] == ("x1", "x0")
    assert len(path.nodes) >= 2 * ENDS
    (path,) = paths(text, "x0", full=True).shown
    assert len(path.nodes) == n


def test_products_beyond_the_range_of_floats_keep_their_order() -> None:
    # Both ways underflow to 0; which is heavier is still known.
    lines = ["x = 1", "a0 = x * 1e-300", "b0 = x * 1e-200"]
    for k in range(1, 4):
        lines += [f"a{k} = a{k - 1} * 1e-300", f"b{k} = b{k - 1} * 1e-200"]
    found = paths("\n".join([*lines, "L = a3 + b3"]), "x", paths=1)
    assert found.shown[0].nodes[1] == "b3"


def test_arrays_with_too_many_paths_are_told_as_inexact() -> None:
    text = diamonds(30, "[1, 2]") + "\nL = sum(x30)"
    found = paths(text, "x0")
    assert found.count == 2**30
    assert not found.exact
    np.testing.assert_allclose(found.sum, 0.75**30, rtol=1e-12)
    assert len(found.shown) == 8
    np.testing.assert_allclose(found.shown[0].contribution, 0.5**30, rtol=1e-12)
    rest = found.sum - sum(p.contribution for p in found.shown)
    np.testing.assert_allclose(found.remainder, rest, rtol=1e-9, atol=1e-18)


# ---- cancellation and 0·∞


def test_paths_that_cancel() -> None:
    found = report("x = 3\na = 1e8 * x\nb = -1e8 * x\nL = a + b + x")
    here = found.gradients["x"].paths
    assert here is not None
    assert here.sum == 1.0
    assert here.absolute_sum == 2e8 + 1
    assert here.cancellation == pytest.approx(2e8, rel=1e-6)
    assert "cancellation" in {note.code for note in found.notes}


def test_paths_that_cancel_to_zero() -> None:
    found = gradient("x = 3\na = 2 * x\nb = -2 * x\nL = a + b", "x")
    assert found.relation == "cancels to zero"
    assert found.paths is not None
    assert found.paths.cancellation == math.inf


def test_nothing_cancels_in_a_single_path() -> None:
    assert paths("x = 3\nL = x * 2", "x").cancellation == 1.0
    assert paths("x = 3\nL = x * 0", "x").cancellation == 1.0


def test_zero_times_infinity_is_named() -> None:
    found = report("x = 0\ny = sqrt(x)\nL = y * 0 + x")
    here = found.gradients["x"].paths
    assert here is not None
    assert here.count == 2
    (worst, other) = here.shown
    assert (worst.nodes, worst.meets) == (("L", "y", "x"), "0·∞")
    assert math.isnan(worst.contribution)
    assert (other.nodes, other.meets) == (("L", "x"), "")
    assert found.gradients["x"].check is not None
    assert found.gradients["x"].check.verdict == "undefined"


def test_an_infinite_contribution_comes_first() -> None:
    found = paths("x = 0\ny = sqrt(x)\nL = y + 5 * x", "x")
    assert [p.nodes for p in found.shown] == [("L", "y", "x"), ("L", "x")]
    assert found.shown[0].contribution == math.inf


@pytest.mark.parametrize("request_", [0, 1, 2, 100, "all"])
@pytest.mark.parametrize(
    "text",
    ["x = 2\na = x * 3\nb = x**2\nL = a + b", "x = [1, 2]\na = x * 3\nb = x**2\nL = sum(a + b)"],
)
def test_how_many_are_shown(text: str, request_: Any) -> None:
    found = paths(text, "x", paths=request_)
    assert found.count == 2
    assert len(found.shown) == (2 if request_ == "all" else min(request_, 2))
    shown = sum((p.contribution for p in found.shown), 0 * found.sum)
    np.testing.assert_allclose(found.remainder, found.sum - shown, rtol=1e-14)


def test_huge_contributions_have_their_own_norm() -> None:
    found = paths("x = [3e200, 4e200]\ny = [1, 1]\nL = x @ y / 1e200", "y")
    assert found.shown[0].norm == pytest.approx(5.0)
    found = paths("x = [3e200, 4e200]\ny = [1, 1]\nL = x @ y", "y")
    assert found.shown[0].norm == pytest.approx(5e200)
    assert found.shown[0].weight_norms == (pytest.approx(5e200),)
