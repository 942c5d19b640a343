"""Random models, whatever the table can be made to say, against a separate reader and PyTorch."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest
from fuzz import drawing

import autodiff

pytest.importorskip("torch")

from peer import Peer  # after the skip, for it imports PyTorch

COUNT = 1500


def compare(text: str) -> bool:
    """Whether both could read, evaluate and differentiate a model; asserts that they agree."""
    try:
        program = autodiff.loads(text)
        found = program.gradient(check=False)
    except autodiff.ModelErrors:
        return False
    if not math.isfinite(found.value) or any(note.code == "kink" for note in found.notes):
        return False  # conventions differ there
    try:
        peer = Peer(text)
        point = peer.run(peer.point)
        output = float(point["L"])
        slopes = {name: peer.derivative(point, "L", name, False) for name in found.gradients}
    except Exception:  # what PyTorch lacks, or takes otherwise: broadcasting, axes, integers
        return False
    assert output == pytest.approx(found.value, rel=1e-9, abs=1e-12), text
    for name, theirs in slopes.items():
        ours = found.gradients[name]
        assert ours.paths is not None
        scale = float(np.max(np.abs(ours.paths.absolute_sum), initial=0.0))
        if not (math.isfinite(scale) and np.isfinite(theirs.numpy()).all()):
            continue  # an infinite slope on the way: PyTorch multiplies 0 by it
        close = {"rtol": 1e-8, "atol": 1e-10 * (1 + scale)}
        np.testing.assert_allclose(ours.value, theirs.numpy(), **close, err_msg=f"{name}\n{text}")
    return True


def test_random_models_against_pytorch() -> None:
    r = Random(11)  # a search
    compared = 0
    for _ in range(COUNT):
        text = "\n".join(line for line in drawing.model(r).split("\n") if "==" not in line)
        compared += compare(text)
    assert compared > COUNT / 12
