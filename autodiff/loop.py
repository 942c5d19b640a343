"""Value and gradient again and again: what is the same in every call is found out once.

Of arrays of NumPy's a program is written (`autodiff.compiled`): of large ones at once, which takes
less time than it spares in one call; of small ones when a second call shows that it is worth it.
Numbers alone, a device's arrays and very long tapes are always swept.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from autodiff import sweep
from autodiff.analysis import Analysis
from autodiff.backends.numbers import FLOATS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autodiff.tape import Tape

LONGEST = 10_000  # nodes of a tape that is compiled, which takes some 50 µs for each
WORTH = 16_384  # elements of a node, on average, from which on a sweep takes longer than that


class Loop:
    """d(of)/d(wrt) on one tape, to be called repeatedly."""

    def __init__(self, tape: Tape, of: str | None, wrt: Sequence[str] | None) -> None:
        asked = Analysis(tape, "", of, wrt)
        self.tape, self.node = tape, asked.node
        self.names = [asked.label(statement) for statement in asked.wrt]
        self.targets = [tape.vertex[statement] for statement in asked.wrt]
        self.active = sweep.activity(tape, self.targets)
        self.run = sweep.Run.of(tape)
        self.calls = 0
        self.program: Callable[[], list[Any]] | None = None

    def __call__(self, host: bool) -> tuple[Any, dict[str, Any]]:
        """The output and the gradients; see `autodiff.api.Program.value_and_gradient`."""
        tape, numbers = self.tape, self.tape.numbers
        self.calls += 1
        if self.program is None and self._worth_it():
            self._write()
        if not tape.has_arrays:
            output, *found = self._swept()
        else:
            output, *found = numbers.quietly(self.program or self._swept)
            if not numbers.all_finite([x for x in (output, *found) if x is not None]):
                # An infinite slope where nothing leads, perhaps: a branch that was not taken.
                output, found = tape.values[self.node], numbers.quietly(self._masked)
        if host:
            numbers, found = numbers.home, numbers.fetched(found)
        for k, node in enumerate(self.targets):
            if found[k] is None:
                found[k] = numbers.spread(0.0, tape.numbers.shape(tape.values[node]))
        return output, dict(zip(self.names, found, strict=True))

    def _worth_it(self) -> bool:
        """Whether a program can be written, and this is the call to do so."""
        tape, shape = self.tape, self.tape.numbers.shape
        if self.calls > 2 or len(tape.ops) > LONGEST:
            return False
        if not tape.has_arrays or tape.numbers is not FLOATS:
            return False
        elements = sum(math.prod(shape(x)) for x in tape.values)
        return self.calls == 2 or elements >= WORTH * len(tape.values)

    def _write(self) -> None:
        from autodiff.backends import eager
        from autodiff.compiled import value_and_gradients

        eager.keep_memory()
        self.program = value_and_gradients(self.tape, self.node, self.targets, self.active)

    def _swept(self) -> list[Any]:
        """The output, evaluated again, and what a reverse sweep finds."""
        values = sweep.evaluate(self.tape, self.run, self.node)
        run = self.run._replace(values=values)
        adjoints = sweep.reverse(self.tape, run, self.node, self.active).adjoints
        return [values[self.node], *self._of(adjoints)]

    def _masked(self) -> list[Any]:
        """The gradients where elements that do not touch the output contribute nothing."""
        tape, of = self.tape, self.node
        live = sweep.touched(tape, self.run, of, selectors=False)
        return self._of(sweep.reverse(tape, self.run, of, self.active, masks=live).adjoints)

    def _of(self, adjoints: Sequence[Any]) -> list[Any]:
        return [adjoints[node] if node <= self.node else None for node in self.targets]
