"""Markdown: a document that reads well on GitHub, and as plain text.

Everything that comes from a model is in a code span, where no Markdown is interpreted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autodiff.findings import explained
from cli.views import walk, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from autodiff.report import Gradient, Paths, Report
    from cli.views.words import Signs


def render(report: Report, *, ascii: bool, full: bool) -> str:
    """The report as a document: a table of all gradients, then a section for each."""
    signs = words.ASCII if ascii else words.UNICODE
    return "\n".join(_document(report, signs, full)) + "\n"


def code(text: str, *, cell: bool = False) -> str:
    """A code span, whatever is in it; inside a table a pipe needs a backslash even there."""
    fence = "`"
    while fence in text:
        fence += "`"
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    span = f"{fence}{padding}{text}{padding}{fence}"
    return span.replace("|", "\\|") if cell else span


def plain(text: str) -> str:
    """A sentence of ours that may quote a name: nothing in it is Markdown."""
    return "".join("\\" + char if char in "\\`*_{}[]<>#|~$" else char for char in text)


def _document(report: Report, signs: Signs, full: bool) -> Iterator[str]:
    digits = words.digits(report, full)
    yield f"# {code(words.safe(report.model, signs))}"
    yield ""
    output = code(words.safe(report.output, signs))
    value = words.number(report.value, digits)
    yield f"{output} = **{value}** ({plain(words.device(report, signs))}, {report.dtype})"
    yield ""
    yield from _overview(report, signs, digits)
    for gradient in report.gradients.values():
        yield from _section(gradient, report, signs, full)
    if report.claims:
        yield from ("", "## Claims", "")
        for claim in report.claims:
            message = f": {plain(words.safe(claim.message, signs))}" if claim.message else ""
            text = code(words.safe(claim.text, signs))
            yield f"- line {claim.line}, {text}: **{claim.status}**{message}"
            yield from (f"  - {plain(words.formula(row, signs))}" for row in explained(claim))
    if report.notes:
        yield from ("", "## Notes", "")
        for note in report.notes:
            line = f"line {note.line}: " if note.line is not None else ""
            yield f"- {code(note.code)} {line}{plain(words.safe(note.message, signs))}"


def _overview(report: Report, signs: Signs, digits: int) -> Iterator[str]:
    checked = report.checked
    yield "| gradient | value | paths |" + (" verdict |" if checked else "")
    yield "|:---|---:|---:|" + (":---|" if checked else "")
    for gradient in report.gradients.values():
        name = code(walk.derivative(report.output, gradient.name, signs), cell=True)
        value = plain(_value(gradient, signs, digits))
        count = "" if gradient.paths is None else _count(gradient.paths, signs)
        verdict = ""
        if checked:
            word = gradient.check.verdict if gradient.check else "unchecked"
            verdict = f" {word if word == 'agrees' else f'**{word}**'} |"
        yield f"| {name} | {value} | {count} |{verdict}"


def _count(paths: Paths, signs: Signs) -> str:
    if paths.count is None:
        return f"over {words.power_of_ten(paths.exponent or 18, signs)}"
    return f"{paths.count:,}"


def _value(gradient: Gradient, signs: Signs, digits: int) -> str:
    if gradient.shape == ():
        return words.number(next(words.flat(gradient.value)), digits)
    shape = words.shape_text(gradient.shape, signs)
    return f"{shape}, norm {words.number(words.norm(gradient.value, digits), digits)}"


def _section(gradient: Gradient, report: Report, signs: Signs, full: bool) -> Iterator[str]:
    name = code(walk.derivative(report.output, gradient.name, signs))
    yield ""
    digits = words.digits(report, full)
    yield f"## {name} = {plain(_value(gradient, signs, digits))}"
    if gradient.shape != ():
        rows = words.matrix(gradient.value, signs, full=full, digits=digits)
        if rows is not None:
            yield from ("", "```text", *rows, "```")
    paths = gradient.paths
    if paths is not None and paths.count != 0:
        yield ""
        if gradient.shape == () and all(map(walk.is_scalar, paths.shown)):
            yield from _paths(gradient, paths, signs, full, digits)
        else:
            yield from _array_paths(gradient, paths, report, signs, full)
        for line in (
            words.agreement(paths, report),
            words.cancelling(paths, report, signs),
            words.sides(gradient),
        ):
            if line:
                yield from ("", plain(line))
    sentences = []
    if why := words.relation(gradient, report.output):
        sentences.append(plain(words.safe(why, signs)))
    if check := words.judged(gradient, report):
        said = words.verdict(check, report, signs)
        sentence = plain("; ".join([said.sentence, *said.details]))
        formula = words.formula(check.expression, signs)
        sentences.append(f"{sentence}: {code(formula)}" if formula and not why else sentence)
    if sentences:
        yield from ("", "; ".join(sentences))


def _paths(
    gradient: Gradient, paths: Paths, signs: Signs, full: bool, digits: int
) -> Iterator[str]:
    amounts = [*(p.contribution for p in paths.shown), paths.remainder, paths.sum, gradient.sweep]
    texts = words.column(amounts, digits)
    yield "| path | local derivatives | numbers | contribution |"
    yield "|:---|:---|:---|---:|"
    like = paths.shown[0] if paths.shown else None
    for path, amount in zip(paths.shown, texts, strict=False):
        chain = code(walk.vertices(path, signs, full, like), cell=True)
        formulas = walk.formulas(path, signs, full, like)
        formulas = code(formulas, cell=True) if formulas else ""
        numbers = code(walk.numbers(path, signs, full, like), cell=True)
        meets = f" ({plain(path.meets)})" if path.meets else ""
        yield f"| {chain} | {formulas} | {numbers} | {amount}{meets} |"
    for label, amount in _totals(paths, texts[-3:]):
        yield f"| {label} | | | {amount} |"


def _totals(paths: Paths, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    remainder, total, sweep = texts
    if paths.shown and words.hidden(paths):
        count = paths.count
        rest = None if count is None else words.plural(count - len(paths.shown), "more path")
        yield rest or "all other paths", remainder
    if paths.count != 1:
        how_many = "all" if paths.count is None else f"{paths.count:,}"
        yield f"sum of {how_many} paths", total
    yield "reverse sweep", sweep


def _array_paths(
    gradient: Gradient, paths: Paths, report: Report, signs: Signs, full: bool
) -> Iterator[str]:
    digits = words.digits(report, full)
    sizes = [p.contribution for p in paths.shown]
    sizes += (paths.remainder, paths.sum, gradient.sweep)
    sizes = [words.measure(size, gradient.shape, digits) for size in sizes]
    texts = words.column(sizes, digits)
    yield f"| path | {'norm of its ' if gradient.shape else ''}contribution |"
    yield "|:---|---:|"
    like = paths.shown[0] if paths.shown else None
    for path, amount in zip(paths.shown, texts, strict=False):
        meets = f" ({plain(path.meets)})" if path.meets else ""
        yield f"| {code(walk.vertices(path, signs, full, like), cell=True)} | {amount}{meets} |"
    for label, amount in _totals(paths, texts[-3:]):
        yield f"| {label} | {amount} |"
    if paths.shown:
        rows, more = walk.edges(paths.shown, signs, full)
        bar = code(signs.bar)
        of = code(walk.derivative(report.output, "z", signs))
        yield from ("", f"Edge by edge, {bar} for {of} along the path:", "")
        yield "| edge | local derivative | weight |"
        yield "|:---|:---|---:|"
        for row in rows:
            name, formula = code(row.name, cell=True), code(row.formula, cell=True)
            yield f"| {name} | {formula} | {row.size} |"
        if more:
            yield from ("", f"{words.plural(more, 'more edge')}: `--full`")
