"""Value and gradient again and again: what is the same in every call is found out once.

A call evaluates the tape and sweeps it in reverse, and nothing else. Of a large array whose
values no rule will read, only the shape is kept once its last user is evaluated, so that the
next one finds its memory free: what arrays of that size cost is the memory they touch.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from autodiff import sweep
from autodiff.analysis import Analysis
from autodiff.backends.kernels import reads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.tape import Tape

LARGE = 16_384  # elements: 128 KiB, beyond which memory is what takes time


class Loop:
    """d(of)/d(wrt) on one tape, to be called repeatedly."""

    def __init__(self, tape: Tape, of: str | None, wrt: Sequence[str] | None) -> None:
        asked = Analysis(tape, "", of, wrt)
        self.tape, self.node = tape, asked.node
        self.names = [asked.label(statement) for statement in asked.wrt]
        self.targets = [tape.vertex[statement] for statement in asked.wrt]
        self.active = sweep.activity(tape, self.targets)
        self.only = frozenset(self.targets)
        self.run = sweep.Run.of(tape)
        self.dying = dying(tape, self.node, self.active)
        if self.dying and tape.numbers.device == "cpu":
            from autodiff.backends import eager

            eager.keep_memory()

    def __call__(self, host: bool) -> tuple[Any, dict[str, Any]]:
        """The output and the gradients; see `autodiff.api.Program.value_and_gradient`."""
        tape, numbers = self.tape, self.tape.numbers
        if tape.has_arrays:
            output, adjoints = numbers.quietly(self._sweep)
        else:
            output, adjoints = self._sweep()
        found = self._of(adjoints)
        if tape.has_arrays and not numbers.all_finite([x for x in found if x is not None]):
            # An infinite slope where nothing leads, perhaps: a branch that was not taken.
            found = self._of(numbers.quietly(self._masked))
        if host:
            numbers, found = numbers.home, numbers.fetched(found)
        for k, node in enumerate(self.targets):
            if found[k] is None:
                found[k] = numbers.spread(0.0, tape.numbers.shape(tape.values[node]))
        return output, dict(zip(self.names, found, strict=True))

    def _of(self, adjoints: Sequence[Any]) -> list[Any]:
        return [adjoints[node] if node <= self.node else None for node in self.targets]

    def _masked(self) -> list[Any]:
        """The adjoints where elements that do not touch the output contribute nothing."""
        tape, of = self.tape, self.node
        live = sweep.touched(tape, self.run, of, selectors=False)
        return sweep.reverse(tape, self.run, of, self.active, masks=live).adjoints

    def _sweep(self) -> tuple[Any, list[Any]]:
        values = sweep.evaluate(self.tape, self.run, self.node, self.dying)
        output, run = values[self.node], self.run._replace(values=values)
        swept = sweep.reverse(self.tape, run, self.node, self.active, only=self.only)
        return output, swept.adjoints


def dying(tape: Tape, of: int, active: Sequence[int]) -> dict[int, list[int]]:
    """By node, which large values are needed no more once it is evaluated, but for their shape."""
    shape = tape.numbers.shape
    large = {
        node
        for node in range(of)
        if tape.kinds[node]
        and tape.ops[node] is not None  # leaves and constants stay
        and math.prod(shape(tape.values[node])) >= LARGE
    }
    if not large:
        return {}
    last: dict[int, int] = {}
    for node in range(of + 1):
        op, slots = tape.ops[node], tape.args[node]
        if op is None:
            continue
        last.update(dict.fromkeys(slots, node))
        if active[node] and (node in large or not large.isdisjoint(slots)):
            live = [slot for slot, arg in enumerate(slots) if active[arg]]
            read, operands = reads(op, len(slots), live, tape.static[node] or {})
            large -= {arg for slot, arg in enumerate(slots) if slot in operands}
            if read:
                large.discard(node)
    found: dict[int, list[int]] = {}
    for node in sorted(large & last.keys()):
        found.setdefault(last[node], []).append(node)
    return found
