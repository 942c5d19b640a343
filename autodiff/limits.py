"""What a model may ask for: every limit that a user can set, by name, in one place.

Model files may come from strangers. What a model asks for is compared with these numbers before it
is done; what is beyond one is refused, with the limit's name, or left `unchecked`. All are counts,
not seconds, so that a result does not depend on the machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from autodiff.errors import UsageError, closest

if TYPE_CHECKING:
    from collections.abc import Iterable


class Limits(NamedTuple):
    """One number for each thing that a model can have too much of. See docs/limits.md.

    file       : bytes of a model file
    data       : bytes of a data file, and of what it unpacks to
    statements : of a model
    tokens     : of one statement
    nesting    : brackets open at once
    name       : characters of a name
    number     : characters of a number
    operations : of one statement, functions written out
    elements   : of one array
    paths      : of one leaf that are given, whatever ``--paths`` asks for
    kinks      : operations on numbers by which all gradients may be judged at kinks, where each
                 step of the tape counts for 1,000 besides its elements
    sympy      : statements that SymPy is asked about
    partials   : partial derivatives between elements that SymPy is asked about
    output     : numbers that a result may be written with
    """

    file: int = 500_000_000
    data: int = 800_000_000
    statements: int = 5_000_000
    tokens: int = 2_000_000
    nesting: int = 1_000_000
    name: int = 255
    number: int = 20_000
    operations: int = 1_000_000
    elements: int = 100_000_000
    paths: int = 10_000
    kinks: int = 300_000_000
    sympy: int = 200_000
    partials: int = 200_000
    output: int = 10_000_000

    def with_changes(self, changes: Iterable[tuple[str, int]]) -> Limits:
        """These limits, but for some; raises UsageError for a name that is none."""
        wanted = dict(changes)
        for name in wanted:
            if name not in self._fields:
                close = closest(name, self._fields)
                hint = f"did you mean {close!r}?" if close else f"limits: {', '.join(self._fields)}"
                raise UsageError(f"there is no limit called {name!r}", hint)
        return self._replace(**wanted)

    def written(self, numbers: int) -> None:
        """Raise UsageError for a result of more numbers than may be written."""
        if numbers > self.output:
            message = f"the result has {numbers:,} numbers; the limit is {self.output:,}"
            raise UsageError(message, more("output"), "limit")


LIMITS = Limits()


def more(name: str) -> str:
    """The hint of a refusal: how to raise the limit called ``name``."""
    return f"--limit {name}=N allows more"
