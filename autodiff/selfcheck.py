"""A derivation as claims of the language, each of them tried before it is given out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from autodiff.claims import Settings, verify
from autodiff.errors import Problem
from autodiff.parser import further_claims

if TYPE_CHECKING:
    from collections.abc import Callable

    from autodiff.derivation import Derivation
    from autodiff.syntax import Load
    from autodiff.tape import Tape

HELD = frozenset({"proved", "verified", "value"})
_ELLIPSIS = ("...", "…")


class Step(NamedTuple):
    """One line of a derivation.

    text   : dL/dc == dL/dd*w4
    status : of the claim: proved, verified; "" where it is none that holds
    reason : why it is none, else ""
    """

    text: str
    status: str
    reason: str = ""


def steps(
    derivation: Derivation, tape: Tape, load: Callable[[Load], Any] | None, *, prove: bool
) -> list[Step]:
    """The backward pass as claims, in its order, tried as `gradpath check` tries them.

    ``derivation`` is one over names, written in ASCII. A formula that a reader understands need
    not be one of the language: it may leave out how axes are kept, or be described in words.
    Such a step has no status, and a reason.
    """
    output = derivation.report.output
    lines = [f"d{output}/d{a.name} == {a.formula}" for a in derivation.adjoints if a.terms]
    read = further_claims(tape.model, lines)
    claims = [claim for found in read if not isinstance(found, Problem) for claim in found]
    statuses: dict[int, tuple[str, str]] = {}
    for result in verify(tape, claims, Settings(prove=prove, explain=False), load):
        held = result.status if result.status in HELD else ""
        statuses[result.line] = (held, "" if held else _why(result.status, result.message))
    made = []
    for number, (line, found) in enumerate(zip(lines, read, strict=True), 1):
        if any(sign in line for sign in _ELLIPSIS):
            status, reason = "", "too long to write"
        elif isinstance(found, Problem):
            status, reason = "", f"not in the language of models: {found.message}"
        else:
            status, reason = statuses[number]
        made.append(Step(line, status, reason))
    return made


def _why(status: str, message: str) -> str:
    return f"{status}: {message}" if message else status
