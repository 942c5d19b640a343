"""What differs between two reports on one model: old → new. Lays out one line for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.views import walk, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from autodiff.report import Array, Report
    from cli.views.words import Signs


def lines(old: Report, new: Report, *, ascii: bool) -> list[str]:
    """Values, gradients, verdicts and claims that changed; a line that says so if none did."""
    signs = words.ASCII if ascii else words.UNICODE
    found = [f"  {words.safe(line, signs)}" for line in _changes(old, new, signs)]
    return ["changed:", *found] if found else ["no number, verdict or claim has changed"]


def _changes(old: Report, new: Report, signs: Signs) -> Iterator[str]:
    yield from _numbers(
        {**old.point, old.output: old.value}, {**new.point, new.output: new.value}, signs
    )
    yield from _numbers(_gradients(old, signs), _gradients(new, signs), signs)
    yield from _words(_verdicts(old, signs), _verdicts(new, signs), signs, "verdict ")
    yield from _words(_claims(old), _claims(new), signs, "claim ")


def _gradients(report: Report, signs: Signs) -> dict[str, Array]:
    return {
        walk.derivative(report.output, name, signs): gradient.value
        for name, gradient in report.gradients.items()
    }


def _verdicts(report: Report, signs: Signs) -> dict[str, str]:
    return {
        walk.derivative(report.output, name, signs): check.verdict
        for name, gradient in report.gradients.items()
        if (check := words.judged(gradient, report)) is not None
    }


def _claims(report: Report) -> dict[str, str]:
    """Status by text: a claim stays the same when a line is inserted above it."""
    found: dict[str, str] = {}
    for claim in report.claims:
        text = claim.text
        while text in found:  # a chain is several claims of one text
            text += " "
        found[text] = claim.status
    return found


def _numbers(old: Mapping[str, Array], new: Mapping[str, Array], signs: Signs) -> Iterator[str]:
    for name, value in new.items():
        if name not in old:
            yield f"{name}: new, {_value(value, signs, 6)}"
        elif not _same(old[name], value):
            before, after = _value(old[name], signs, 6), _value(value, signs, 6)
            if before == after:
                before, after = _value(old[name], signs, 17), _value(value, signs, 17)
            yield f"{name}: {before} {signs.arrow} {after}"
    yield from (f"{name}: gone" for name in old if name not in new)


def _words(
    old: Mapping[str, str], new: Mapping[str, str], signs: Signs, kind: str
) -> Iterator[str]:
    for name, word in new.items():
        if name not in old:
            yield f"{kind}{name.rstrip()}: new, {word}"
        elif old[name] != word:
            yield f"{kind}{name.rstrip()}: {old[name]} {signs.arrow} {word}"
    yield from (f"{kind}{name.rstrip()}: gone" for name in old if name not in new)


def _value(value: Array, signs: Signs, digits: int) -> str:
    shape = getattr(value, "shape", ())
    if not shape:
        return words.number(value, digits)
    size = words.number(words.norm(value), digits)
    return f"{signs.by.join(map(str, shape))} of norm {size}"


def _same(old: Any, new: Any) -> bool:
    if getattr(old, "shape", ()) != getattr(new, "shape", ()):
        return False
    same = (old == new) | ((old != old) & (new != new))  # nan
    return bool(same if isinstance(same, bool) else same.all())
