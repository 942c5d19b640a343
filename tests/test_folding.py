"""Folding: what is kept, how much is left, and that no cycle is made."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autodiff.folding import CROWD, fold, quotient


@st.composite
def graphs(draw):
    """A graph whose vertices all lead from 0, each before its operands."""
    size = draw(st.integers(2, 120))
    graph = {k: [] for k in range(size)}
    for k in range(1, size):
        users = draw(
            st.lists(st.integers(max(0, k - 9), k - 1), min_size=1, max_size=3, unique=True)
        )
        for user in users:
            graph[user].append(k)
    return graph


@given(graphs(), st.sets(st.integers(0, 119), max_size=6), st.integers(2, 60))
def test_a_folded_graph_is_one_without_cycles(graph, chosen, most):
    kept = {0} | {k for k in chosen if k in graph}
    stands = fold(graph, kept, most)
    assert stands.keys() == graph.keys()
    assert all(stands[k] == k and list(stands.values()).count(k) == 1 for k in kept)
    folded = quotient(graph, stands)  # raises where there is a cycle
    edges = {(stands[a], stands[b]) for a, targets in graph.items() for b in targets}
    assert {(a, b) for a, targets in folded.items() for b in targets} == {
        (a, b) for a, b in edges if a != b
    }
    # Beside what is kept there is at most a group above, below and between the levels of that.
    if len(graph) > most:
        assert len(folded) <= max(most, 3 * len(kept) + 2)
    else:
        assert len(folded) == len(graph)


def test_chains_and_leaves_go_first():
    chain = {0: [1, 2], 1: [3], 2: [], 3: [4], 4: [5], 5: []}
    stands = fold(chain, {0}, 4)
    assert stands[1] == stands[3] == stands[4]
    assert stands[0] == 0
    star = {0: list(range(1, 9)), **{k: [] for k in range(1, 9)}}
    assert set(fold(star, {0}, 4).values()) == {0, 1}


def test_a_crowd_is_folded_however_many_may_be_drawn():
    star = {0: list(range(1, CROWD + 2)), **{k: [] for k in range(1, CROWD + 2)}}
    assert set(fold(star, {0}, 5000).values()) == {0, 1}


def test_a_long_chain_is_no_recursion():
    graph = {k: [k + 1] for k in range(100_000)} | {100_000: []}
    assert len(set(fold(graph, {0, 100_000}, 10).values())) == 3
