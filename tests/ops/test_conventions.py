"""The table of conventions: every kink is in it, and the peers still say what is kept of them."""

from __future__ import annotations

import pytest
from conventions import CASES, PEERS, installed, kept, ours, theirs

from autodiff.ops import TABLE


def test_every_kink_is_compared_and_every_case_is_kept():
    compared = {case.row for case in CASES}
    assert {name for name, op in TABLE.items() if op.kink is not None} <= compared
    assert compared <= set(TABLE)
    assert len({case.id for case in CASES}) == len(CASES)
    assert {case.id: set(PEERS) for case in CASES} == {
        name: set(answers) for name, answers in kept()["answers"].items()
    }


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_a_peer_says_is_what_is_kept_of_it(case, peer):
    data = kept()
    there = installed(peer)
    if there is None:
        pytest.skip(f"{PEERS[peer]} is not installed")
    if there.partition("+")[0] != data["versions"][peer]:
        pytest.skip(f"the table is of {PEERS[peer]} {data['versions'][peer]}, not of {there}")
    assert theirs(peer, case) == data["answers"][case.id][peer]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_ours_is_the_nearest_to_zero_of_those_that_differ(case):
    """Where peers give other finite slopes, ours is no longer than any: that is the convention."""
    if case.row in {"det", "binary_cross_entropy"}:
        pytest.skip("no choice: there is a derivative, which a peer's formula misses")
    own = size(ours(case))
    for answer in kept()["answers"][case.id].values():
        if answer not in (None, "error") and size(answer) == size(answer):
            assert own <= size(answer) * (1 + 1e-9) or own == float("inf")


def size(value):
    if isinstance(value, list):
        return sum(size(item) ** 2 for item in value) ** 0.5
    return abs(float(value))
