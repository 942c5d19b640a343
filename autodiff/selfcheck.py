"""A derivation as claims of the language, each of them tried before it is given out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from autodiff.claims import Settings, verify
from autodiff.errors import Problem
from autodiff.parser import further_claims

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autodiff.derivation import Derivation
    from autodiff.syntax import Load
    from autodiff.tape import Tape

HELD = frozenset({"proved", "verified", "value"})
_ELLIPSIS = ("...", "…")
_PUT_BACK = "scatter("  # the notation's word for zeros with an array put into them


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
    spellings: Sequence[Derivation], tape: Tape, load: Callable[[Load], Any] | None, *, prove: bool
) -> list[Step]:
    """The backward pass as claims, in its order, tried as `gradpath check` tries them.

    ``spellings`` are the same derivation over names in ASCII, as print has it and exactly. Of each
    step the first that holds is taken. A formula that a reader understands need not be one of the
    language: what is put back into a larger array has no word there. Such a step has no status,
    and a reason.
    """
    made: list[Step] = []
    for derivation in spellings:
        output = derivation.report.output
        lines = [f"d{output}/d{a.name} == {a.formula}" for a in derivation.adjoints if a.terms]
        if not made:
            made = _tried(lines, tape, load, prove)
            continue
        places = [k for k, step in enumerate(made) if not step.status and step.text != lines[k]]
        again = _tried([lines[k] for k in places], tape, load, prove)
        for place, step in zip(places, again, strict=True):
            made[place] = step if step.status else made[place]
    return made


def _tried(
    lines: Sequence[str], tape: Tape, load: Callable[[Load], Any] | None, prove: bool
) -> list[Step]:
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
        elif _PUT_BACK in line:
            status, reason = "", "no function of the language puts elements back into an array"
        elif isinstance(found, Problem):
            status, reason = "", f"not in the language of models: {found.message}"
        else:
            status, reason = statuses[number]
        made.append(Step(line, status, reason))
    return made


def _why(status: str, message: str) -> str:
    return f"{status}: {message}" if message else status
