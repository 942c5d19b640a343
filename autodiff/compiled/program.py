"""A list of calls over registers that hold arrays."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Registers: TypeAlias = "list[Any]"


class Call(NamedTuple):
    """``call(*operands(registers))``, whose result is for the register ``target``; None: none."""

    call: Callable[..., Any]
    operands: Callable[[Registers], Any]
    target: int | None


class Program:
    """Calls in order. Its arrays stay, but those that are given away.

    Parameters
    ----------
    registers : every array that a call reads or writes, where it is always the same
    calls     : what is done
    results   : what a run gives, of the registers
    passing   : registers that are filled anew in every run, and belong to who has asked
    """

    def __init__(
        self,
        registers: Registers,
        calls: Sequence[Call],
        results: Sequence[Callable[[Registers], Any] | None],
        passing: Sequence[int],
    ) -> None:
        self.registers, self.calls = registers, calls
        self.results, self.passing = results, passing
        self._lock = Lock()  # NumPy lets other threads run, and the arrays are the same

    def __call__(self) -> list[Any]:
        registers = self.registers
        with self._lock:
            for call, operands, target in self.calls:
                found = call(*operands(registers))
                if target is not None:
                    registers[target] = found
            results = [None if result is None else result(registers) for result in self.results]
            for register in self.passing:
                registers[register] = None
        return results
