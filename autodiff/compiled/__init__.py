"""Value and gradient as one list of NumPy calls, written once and run again and again.

    trace     the sweeps run over a namespace that writes down what they do
    writer    that namespace
    algebra   what need not be done: steps that are others in disguise
    values    what is written: steps, each a function of earlier ones
    schedule  in which order, and what is done in blocks that stay in the cache
    memory    which steps share an array, and how long it is read
    layout    where every result is kept, and the calls
    blocks    a call for several steps, which goes through large arrays block by block
    program   the calls, run

No operation is named here: a row that NumPy's functions do not say is one call of its own rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autodiff.compiled.layout import program
from autodiff.compiled.trace import trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.compiled.program import Program
    from autodiff.tape import Tape


def value_and_gradients(
    tape: Tape, of: int, targets: Sequence[int], active: Sequence[int]
) -> Program:
    """A program for the value of a node and its derivatives with respect to others.

    Called, it gives the value and, one after the other, the gradients: a float or a new array,
    None where the output does not depend on it. ``active`` are the nodes that do on one of them
    (see `autodiff.sweep.activity`).
    """
    traced = trace(tape, of, targets, active)
    return program([traced.output, *traced.gradients])
