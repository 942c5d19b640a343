"""In which order steps are done, and which of them in one go through large arrays.

Elementwise steps on arrays of one shape, and the sums that end them, can be done block by block:
what one gives the next is then still in the cache, and never in memory. Such a *group* needs whole
arrays that other steps have given, and gives whole ones to those after it. So steps are put on
levels, counted from the end: as late as those that need them allow, on one level what can be one
group.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from autodiff.compiled.functions import Change
from autodiff.compiled.values import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from autodiff.compiled.values import Value

LARGE = 32_768  # elements: a quarter of a MiB; of less, a result is still in the cache anyway


class Group(NamedTuple):
    """Steps that go through arrays of one shape together, in order."""

    shape: tuple[int, ...]
    steps: list[Value]


Item: TypeAlias = "Value | Group"


def schedule(outputs: Sequence[Value]) -> list[Item]:
    """All steps that outputs need, in the order in which they are done."""
    steps = needed(outputs)
    users: dict[int, list[Value]] = {step.index: [] for step in steps}
    for step in steps:
        for operand in step.operands:
            users[operand.index].append(step)
    levels = _levels(steps, users)
    _join(steps, users, levels)
    alone: dict[int, list[Item]] = {}
    groups: dict[int, dict[tuple[int, ...], Group]] = {}
    for step in steps:
        level, shape = levels[step.index], side(step)
        if shape is None:
            alone.setdefault(level, []).append(step)
        else:
            here = groups.setdefault(level, {})
            here.setdefault(shape, Group(shape, [])).steps.append(step)
    found: list[Item] = []
    for level in sorted(alone.keys() | groups.keys(), reverse=True):
        found += alone.get(level, [])
        for group in groups.get(level, {}).values():
            found += [group] if len(group.steps) > 1 else group.steps
    return found


def members(item: Item) -> list[Value]:
    return item.steps if isinstance(item, Group) else [item]


def needed(outputs: Iterable[Value]) -> list[Value]:
    """The steps that outputs are computed by, in the order in which they were written."""
    found: dict[int, Value] = {}
    waiting = list(outputs)
    while waiting:
        step = waiting.pop()
        if step.index not in found:
            found[step.index] = step
            waiting += step.operands
    return [found[index] for index in sorted(found)]


def side(step: Value) -> tuple[int, ...] | None:
    """The shape of the group that a step can be in; None if in no group."""
    if step.kind is Kind.MAP:
        shape = step.shape
    elif step.kind is Kind.FOLD:
        shape = step.operands[0].shape
    elif isinstance(step.detail, Change):
        shape = step.operands[1].shape
    else:
        return None
    return shape if shape and math.prod(shape) >= LARGE else None


def inner(step: Value) -> bool:
    """Whether a group's own steps can use what this one gives, block by block."""
    return step.kind is Kind.MAP


def _levels(steps: Sequence[Value], users: dict[int, list[Value]]) -> dict[int, int]:
    """By step: the later, the lower. On one level groups are after everything else."""
    levels: dict[int, int] = {}
    for step in reversed(steps):
        levels[step.index] = max(
            (levels[user.index] + _apart(step, user, users) for user in users[step.index]),
            default=0,
        )
    for step in steps:
        if not users[step.index] and step.operands:  # as soon as may be: operands are let go
            levels[step.index] = min(
                levels[x.index] - _apart(x, step, users) for x in step.operands
            )
    return levels


def _apart(step: Value, user: Value, users: dict[int, list[Value]]) -> int:
    """How many levels a step must be before one that uses it."""
    shape = side(step)
    if shape is None:
        return 0
    if shape != side(user):
        return 1
    if user.kind is Kind.ADD and user.operands[0] is step:
        # Added to again, and nobody looks in between.
        return 0 if step.kind is Kind.ADD and len(users[step.index]) == 1 else 1
    return 0 if inner(step) else 1


def _join(steps: Sequence[Value], users: dict[int, list[Value]], levels: dict[int, int]) -> None:
    """Puts a group on the level of an earlier one of its shape, where nothing is in the way."""
    groups: dict[tuple[int, ...], dict[int, list[Value]]] = {}
    for step in steps:
        shape = side(step)
        if shape is not None:
            groups.setdefault(shape, {}).setdefault(levels[step.index], []).append(step)
    for by_level in groups.values():
        for level in sorted(by_level)[:-1]:
            earlier = min(other for other in by_level if other > level)
            inside = {step.index for step in by_level[level]}
            ready = all(
                x.index in inside
                or not x.operands  # there from the start
                or levels[x.index] - _apart(x, step, users) >= earlier
                for step in by_level[level]
                for x in step.operands
            )
            if ready:
                moved = by_level.pop(level)
                by_level[earlier] += moved
                for step in moved:
                    levels[step.index] = earlier
    for step in reversed(steps):
        if not step.operands and users[step.index]:
            levels[step.index] = max(levels[user.index] for user in users[step.index])
