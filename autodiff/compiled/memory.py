"""Which steps share an array, and how long it is read.

A view, and what is added to in place, has the memory of another step: its *root*. A root's array
is free for others once no step that shares it is read any more.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autodiff.compiled.schedule import Group, members
from autodiff.compiled.values import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.compiled.schedule import Item
    from autodiff.compiled.values import Value

ALWAYS = math.inf  # when an output is read
THERE = {Kind.GIVEN, Kind.NUMBER}  # what is not computed, and never written to


class Memory:
    """What steps do with each other's arrays.

    Attributes
    ----------
    root    : by step, whose memory it has
    last    : by root, after which item it is not read any more
    outside : the steps that others than those of their own group read
    copied  : views that are none, but copies; and additions before which a copy is to be made
    fresh   : the roots that are given away
    stores  : by array of zeros, the addition that can just as well store its term
    """

    def __init__(self, items: Sequence[Item], outputs: Sequence[Value]) -> None:
        self.root: dict[int, Value] = {}
        self.last: dict[int, float] = {}
        self.outside = {x.index for x in outputs}
        self.copied: set[int] = set()
        self._read: dict[int, float] = {}  # by step
        self._shadows: dict[int, Any] = {}
        for position, item in enumerate(items):
            inside = {step.index for step in members(item)}
            for step in members(item):
                self._read |= {x.index: position for x in step.operands}
                self.outside |= {x.index for x in step.operands} - inside
        self._read |= {x.index: ALWAYS for x in outputs}
        for position, item in enumerate(items):
            for step in members(item):
                root = self.root[step.index] = self._root(step, item, position)
                read = self._read.get(step.index, position)
                self.last[root.index] = max(self.last.get(root.index, position), read)
        self._shadows.clear()
        roots = [self.root[x.index] for x in outputs if x.shape]
        self.fresh = {root.index for root in roots if root.kind not in THERE}
        self.stores: dict[int, Value] = {}
        for item in items:
            if isinstance(item, Group):
                self.stores |= self._stored(item)

    def _root(self, step: Value, item: Item, position: int) -> Value:
        if step.kind is Kind.VIEW:
            if not self._copies(step):
                return self.root[step.operands[0].index]
            self.copied.add(step.index)
        elif step.kind is Kind.ADD:
            root = self.root[step.operands[0].index]
            if self._changeable(root, step.operands[0], item, position):
                return root
            self.copied.add(step.index)
        return step

    def _changeable(self, root: Value, total: Value, item: Item, position: int) -> bool:
        """Whether a total can be added to where it is."""
        operands = [x for step in members(item) for x in step.operands[step.kind is Kind.ADD :]]
        return (
            root.kind not in THERE
            and root.size == total.size  # not one element that is spread
            and self.last[root.index] <= position
            and all(self.root.get(x.index) is not root for x in operands)
        )

    def _stored(self, group: Group) -> dict[int, Value]:
        """Of several additions to one array, the one to the hindmost part.

        What the others add to in a block has been stored by then, or is before that part.
        """
        found: dict[int, Value] = {}
        start: dict[int, int] = {}
        blocked: set[int] = set()
        additions = [step for step in group.steps if step.kind is Kind.ADD]
        for step in additions:
            root = self.root[step.index]
            first = step.detail.first(step.shape[0])
            if root.kind is not Kind.ZEROS or first is None:
                blocked.add(root.index)
            elif first > start.get(root.index, -1):
                found[root.index], start[root.index] = step, first
        untouched = {step.operands[0].index for step in additions}
        return {index: found[index] for index in found.keys() & untouched - blocked}

    def _copies(self, step: Value) -> bool:
        """Whether what is asked as a view cannot be one: a transposed matrix, made flat."""
        if step.name != "reshape":
            return False
        assert step.call is not None
        operand = self._shadow(step.operands[0])
        return not np.may_share_memory(operand, step.call(operand))

    def _shadow(self, step: Value) -> Any:
        """An array with the strides that a step's result will have; nobody has written to it."""
        if step.index not in self._shadows:
            if step.kind is Kind.GIVEN:
                shadow = step.detail
            elif step.kind is Kind.VIEW:
                assert step.call is not None
                shadow = step.call(self._shadow(step.operands[0]))
            else:
                shadow = np.empty(step.shape, step.dtype)
            self._shadows[step.index] = shadow
        return self._shadows[step.index]
