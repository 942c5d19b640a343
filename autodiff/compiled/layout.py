"""Where every result is kept, and the calls that put it there.

What a run gives away is in arrays of that run. Everything else is laid out once and for all, in as
few arrays as can be: what is not read any more is written over.
"""

from __future__ import annotations

from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from autodiff.compiled.blocks import Blocks
from autodiff.compiled.functions import filling
from autodiff.compiled.memory import Memory
from autodiff.compiled.program import Call, Program
from autodiff.compiled.schedule import Group, schedule
from autodiff.compiled.values import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autodiff.compiled.values import Value


def program(outputs: Sequence[Value | None]) -> Program:
    """The calls that compute outputs: a number as a float, an array as one that nobody shares."""
    asked = [x for x in outputs if x is not None]
    layout = _Layout(asked)
    layout.write()
    given: set[int] = set()
    results = [None if x is None else layout.result(x, given) for x in outputs]
    return Program(layout.registers, layout.calls, results, layout.passing)


class _Layout:
    def __init__(self, outputs: Sequence[Value]) -> None:
        self.items = schedule(outputs)
        self.memory = Memory(self.items, outputs)
        self.registers: list[Any] = []
        self.calls: list[Call] = []
        self.passing: list[int] = []  # registers of what is given away
        self._register: dict[int, int] = {}  # by step
        self._buffers: dict[int, Any] = {}  # by root, what can be used again
        self._free: dict[int, list[Any]] = {}  # by size in bytes
        self._over: dict[float, list[int]] = {}  # by item, the roots that are not read after it
        for root, position in self.memory.last.items():
            self._over.setdefault(position, []).append(root)

    def write(self) -> None:
        for position, item in enumerate(self.items):
            if isinstance(item, Group):
                self._group(item, position)
            else:
                self._step(item, position)
            for root in self._over.get(position, ()):
                buffer = self._buffers.pop(root, None)
                if buffer is not None:
                    self._free.setdefault(buffer.nbytes, []).append(buffer)

    def result(self, output: Value, given: set[int]) -> Callable[[list[Any]], Any]:
        """What a run gives of an output; ``given`` are the roots that others have given away."""
        register, root = self._register[output.index], self.memory.root[output.index]
        if not output.shape:
            return lambda registers: float(registers[register])
        if root.kind is Kind.NUMBER:
            return itemgetter(register)  # spread, and not to be written to
        if root.kind is Kind.GIVEN or root.index in given:
            return lambda registers: registers[register].copy()
        given.add(root.index)
        return itemgetter(register)

    # ---- registers and calls

    def _hold(self, step: Value | None, held: Any) -> int:
        """A new register; of a step, if of one."""
        self.registers.append(held)
        register = len(self.registers) - 1
        if step is not None:
            self._register[step.index] = register
            if self.memory.root[step.index].index in self.memory.fresh:
                self.passing.append(register)
        return register

    def _call(self, call: Callable[..., Any], *registers: int, target: int | None = None) -> None:
        several = len(registers) > 1  # of one register, itemgetter makes no tuple
        operands: Any = itemgetter(*registers) if several else partial(_those, registers)
        self.calls.append(Call(call, operands, target))

    def _array(self, step: Value, buffer: Any = None) -> int:
        """The register of an array for a result, in a memory that is free."""
        if step.index in self.memory.fresh:
            cleared = step.kind is Kind.ZEROS and step.index not in self.memory.stores
            register = self._hold(step, None)
            make = partial(np.zeros if cleared else np.empty, step.shape, step.dtype)
            self._call(make, target=register)
            return register
        if buffer is None:
            size = step.size * step.dtype.itemsize
            waiting = self._free.get(size)
            buffer = waiting.pop() if waiting else np.empty(size, np.uint8)
        self._buffers[step.index] = buffer
        return self._hold(step, buffer.view(step.dtype).reshape(step.shape))

    def _spare(self, step: Value, position: int, others: Sequence[Value] = ()) -> Any:
        """An operand's memory, if a function of NumPy's may write to it while it reads.

        ``others`` are the steps of the same group. None is to need the operand afterwards, and none
        another view of it, of which the next block may read what this one has written.
        """
        ours = step.kind is not Kind.MAP or not isinstance(step.call, np.ufunc)
        if ours or step.index in self.memory.fresh:
            return None
        root = self.memory.root
        for x in step.operands:
            same = root.get(x.index) is x and x.shape == step.shape and x.dtype == step.dtype
            needed = any(
                root.get(operand.index) is x
                and (operand is not x or other.index > step.index or other.kind is Kind.ADD)
                for other in others
                for operand in other.operands
            )
            if same and not needed and self.memory.last[x.index] == position:
                return self._buffers.pop(x.index, None)
        return None

    # ---- by kind

    def _step(self, step: Value, position: int) -> None:
        operands = [self._register[x.index] for x in step.operands]
        if step.kind is Kind.GIVEN:
            self._hold(step, step.detail)
        elif step.kind is Kind.NUMBER:
            self._hold(step, np.asarray(step.detail, step.dtype))
        elif step.kind is Kind.VIEW:
            self._view(step, operands[0])
        elif step.kind is Kind.ZEROS:
            self._zeros(step)
        elif step.kind is Kind.ADD:
            self._total(step)
            self._call(_called(step), self._register[step.index], *operands[1:])
        elif step.kind is Kind.FOLD:
            out = self._array(step)
            axes, none, true = (self._hold(None, x) for x in (step.detail, None, True))
            reduce = getattr(_called(step), "reduce")  # noqa: B009  # of a ufunc, which mypy has not seen
            self._call(reduce, *operands, axes, none, out, true)
        else:
            out = self._array(step, self._spare(step, position))
            self._call(filling(step.call), *operands, out)

    def _view(self, step: Value, operand: int) -> None:
        call = _called(step)
        if step.index in self.memory.copied:
            self._call(partial(_copied, call), operand, self._array(step))
        elif self.memory.root[step.index].index in self.memory.fresh:
            self._call(call, operand, target=self._hold(step, None))
        else:
            self._hold(step, call(self.registers[operand]))

    def _zeros(self, step: Value) -> None:
        out, store = self._array(step), self.memory.stores.get(step.index)
        if store is not None:
            first = store.detail.first(step.shape[0])
            self._call(partial(_cleared, first, first + store.operands[1].shape[0]), out)
        elif step.index not in self.memory.fresh:
            self._call(partial(_cleared, 0, 0), out)

    def _total(self, step: Value) -> None:
        """The array that is added to: a copy, where others still need what is there."""
        total = self._register[step.operands[0].index]
        if step.index in self.memory.copied:
            self._call(np.copyto, self._array(step), total)
        else:
            self._register[step.index] = total

    def _group(self, group: Group, position: int) -> None:
        kept = {step.index for step in group.steps} & self.memory.outside
        for step in group.steps:
            if step.kind is Kind.ADD:
                self._total(step)
            elif step.index in kept:
                self._array(step, self._spare(step, position, group.steps))
        stores = {store.index for store in self.memory.stores.values()}
        blocks = Blocks(group, kept, stores)
        self._call(blocks, *[self._register[index] for index in blocks.arrays])


def _called(step: Value) -> Callable[..., Any]:
    assert step.call is not None, step
    return step.call


def _those(which: tuple[int, ...], registers: list[Any]) -> tuple[Any, ...]:
    return tuple(registers[register] for register in which)


def _copied(call: Callable[[Any], Any], x: Any, out: Any) -> None:
    np.copyto(out, call(x))


def _cleared(start: int, stop: int, total: Any) -> None:
    """Zeros before and behind what will be stored."""
    total[:start] = 0.0
    total[stop:] = 0.0
