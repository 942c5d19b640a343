"""The truth of the corpus and of the samples, settled without the engine (see peer.py)."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import claims, more_claims, unseen_claims
from cases.corpus import Case

pytest.importorskip("torch")

from peer import Peer  # after the skip, for it imports PyTorch

SAMPLES = Path(__file__).parents[2] / "samples"

# What `Peer.fits` can compute. Other codes need a view on what was meant.
COMPUTED = {
    *("sign", "factor", "offset", "transposed"),
    *("shape", "missing-sum", "other-name", "partial-total"),
}


def _name(case: Case) -> str:
    return case.claim


@pytest.mark.parametrize("case", claims.CASES + unseen_claims.CASES, ids=_name)
def test_the_corpus_is_right(case: Case) -> None:
    peer = Peer(f"{case.model}\n{case.claim}")
    last = len(peer.claims) - 1
    word, _, far = peer.judge(last)
    assert (word in {"value", "holds"}) == case.holds
    assert bool(case.diagnosis) != case.holds
    # At one point, or on one side of a kink, any explanation would fit.
    if case.holds or far or peer.is_about_the_point(last):
        return
    fits = peer.fits(last)
    assert fits <= set(case.diagnosis)
    if case.diagnosis[0] in COMPUTED:
        assert case.diagnosis[0] in fits


@pytest.mark.parametrize("case", more_claims.CASES, ids=_name)
def test_the_third_corpus_is_true(case: Case) -> None:
    """Its codes are what people would say: often several, where the peer computes one."""
    if case.model.startswith(more_claims.DIGITS):
        pytest.skip("float64 is not enough: settled in mpmath")
    peer = Peer(f"{case.model}\n{case.claim}")
    try:
        word = peer.judge(len(peer.claims) - 1)[0]
    except RuntimeError:
        word = "fails"  # PyTorch's word on operands that do not fit
    assert (word in {"value", "holds"}) == case.holds


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("derivations/*.grad")), ids=lambda p: p.stem)
def test_derivations_are_right(path: Path) -> None:
    peer = Peer(path.read_text(encoding="utf-8"))
    for k, (text, _, _) in enumerate(peer.claims):
        assert peer.judge(k)[0] in {"value", "holds"}, text


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("broken/*.grad")), ids=lambda p: p.stem)
def test_broken_samples_are_wrong(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    peer = Peer(text)
    wrong = [k for k in range(len(peer.claims)) if peer.judge(k)[0] not in {"value", "holds"}]
    expected = text.splitlines()[0].removeprefix("# expect: ").split(", ")
    assert len(wrong) == len(expected)
