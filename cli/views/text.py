"""Text for a person: each gradient as the derivation in a textbook, in 80 columns.

A gradient is laid out in the first of these that fits:

    a derivation   all paths side by side: dL/dd · dd/da, formulas, numbers, sum
    a ledger       a row per path: its vertices, weights as formulas and as numbers, contribution
    a long ledger  the same, with the weights on lines of their own
    for arrays     a row per path with its norm, then each edge's pull-back once

Structure follows the width; a line is folded only on a terminal, so that what is piped
elsewhere stays one line per thing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from rich.text import Text

from autodiff.findings import explained
from cli.views import walk, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from autodiff.report import Array, ClaimResult, Gradient, Path, Paths, Report

TONES = {"good": "green", "bad": "bold red", "doubt": "yellow", "mute": "dim"}
ABREAST = 4  # paths that a derivation sets side by side, where there is room
FORMULA = 240  # SymPy's formula beyond so many characters is left to --full


class Layout(NamedTuple):
    """How to write: the right margin, whether to fold there, which signs, how much."""

    width: int
    fold: bool
    signs: words.Signs
    full: bool
    digits: int = 6


def show(report: Report, console: Console, *, ascii: bool, full: bool) -> None:
    """Print ``report``."""
    layout = Layout(
        width=console.width - 1,  # the last column makes some terminals wrap
        fold=console.is_terminal,
        signs=words.ASCII if ascii else words.UNICODE,
        full=full,
        digits=words.digits(report, full),
    )
    for line in render(report, layout):
        console.print(line, soft_wrap=True)


def render(report: Report, layout: Layout) -> Iterator[Text]:
    """The report, line by line."""
    name = words.safe(report.output, layout.signs)
    yield Text.assemble(
        (words.safe(report.model, layout.signs), "bold"),
        "    ",
        (f"{name} = {words.number(report.value, layout.digits)}", "bold"),
        (f"    {words.device(report, layout.signs)}, {report.dtype}", "dim"),
    )
    for gradient in report.gradients.values():
        yield Text()
        yield from _gradient(gradient, report, layout)
    if report.claims:
        yield Text()
        for claim in report.claims:
            yield from _claim(claim, layout)
        tone, sentence = words.claims_summary(report.claims)
        yield _in(TONES[tone], sentence)
    if report.checked and len(report.gradients) > 1:
        tone, sentence = words.summary(report)
        yield Text()
        yield _in(TONES[tone], sentence)


def _gradient(gradient: Gradient, report: Report, layout: Layout) -> Iterator[Text]:
    yield from _head(gradient, report, layout)
    if gradient.paths is not None and gradient.paths.count != 0:
        yield from _body(gradient, gradient.paths, report, layout)
    why = words.safe(words.relation(gradient, report.output), layout.signs)
    agrees = report.checked and gradient.check is not None and gradient.check.verdict == "agrees"
    if why and agrees:
        # A formula for 0 tells nothing; that SymPy finds the same does.
        yield Text.assemble(f"  {why}; ", ("SymPy agrees", TONES["good"]))
        return
    if why:
        yield Text(f"  {why}")
    yield from _check(gradient, report, layout)


def _head(gradient: Gradient, report: Report, layout: Layout) -> Iterator[Text]:
    """``dL/da = -0.176827 … 2 paths``; an array that does not fit there follows in rows."""
    name = walk.derivative(report.output, gradient.name, layout.signs)
    right = _in("dim", words.paths_line(gradient, layout.signs))
    rows = None
    if gradient.shape == ():
        shown = words.number(next(words.flat(gradient.value)), layout.digits)
    else:
        rows = words.matrix(gradient.value, layout.signs, full=layout.full, digits=layout.digits)
        if rows is not None and len(rows) == 1 and _fits(name, rows[0], right, layout):
            shown, rows = rows[0], None
        else:
            size = words.number(words.norm(gradient.value, layout.digits), layout.digits)
            shown = f"{words.shape_text(gradient.shape, layout.signs)}, norm {size}"
    yield _apart(_in("bold", f"{name} = {shown}"), right, layout.width)
    for row in rows or ():
        yield from _folded(row, "  ", "   ", layout)


def _fits(name: str, value: str, right: Text, layout: Layout) -> bool:
    return _width(name) + 3 + len(value) + 2 + right.cell_len <= layout.width


def _body(gradient: Gradient, paths: Paths, report: Report, layout: Layout) -> Iterator[Text]:
    if gradient.shape == () and all(map(walk.is_scalar, paths.shown)):
        yield from _derivation(gradient, paths, report, layout) or _ledger(
            gradient, paths, report, layout
        )
    else:
        yield from _array_ledger(gradient, paths, report, layout)
    for line in (words.cancelling(paths, report, layout.signs), words.sides(gradient)):
        if line:
            yield from _folded(line, "  ", "    ", layout, style="yellow")


# ── all paths side by side ─────────────────────────────────────────────────────────────


def _derivation(
    gradient: Gradient, paths: Paths, report: Report, layout: Layout
) -> list[Text] | None:
    """The textbook's block, or None where it has too many terms or is too wide."""
    shown = paths.shown
    if not shown or words.hidden(paths) or len(shown) > ABREAST:
        return None
    if any(p.meets or p.skipped for p in shown):
        return None
    left = f"  {walk.derivative(report.output, gradient.name, layout.signs)} = "
    if not all(any(p.formulas) for p in shown):
        return None
    if max(len(p.weights) for p in shown) == 1:
        # dL/dx = dL/dx says nothing: begin with the formula.
        steps = [[walk.formulas(p, layout.signs, layout.full, tight=True) for p in shown]]
    else:
        steps = [
            [walk.derivatives(p, layout.signs, alone=len(shown) == 1) for p in shown],
            [walk.formulas(p, layout.signs, layout.full, tight=True) for p in shown],
            [walk.numbers(p, layout.signs, layout.full) for p in shown],
        ]
    amounts = words.column([p.contribution for p in shown], layout.digits)
    if len(shown) > 1:
        steps.append(amounts)
    wide = [max(_width(step[i]) for step in steps) for i in range(len(shown))]
    if len(left) + sum(wide) + 5 * (len(shown) - 1) > layout.width:
        return None
    lines: list[Text] = []
    for number, step in enumerate(steps):
        # Formulas are what to read; the names above and the numbers below support them.
        style = "" if (number == 1 or len(steps) <= 2) else "dim"
        line = Text(left if not lines else " " * (len(left) - 2) + "= ")
        for place, (term, room) in enumerate(zip(step, wide, strict=True)):
            line.append("  +  " if place else "", "dim")
            line.append(term, style).append(" " * (room - _width(term)))
        line.rstrip()
        lines.append(line)
    total = words.number(paths.sum, layout.digits)
    last = Text(" " * (len(left) - 2) + f"= {total}")
    sweep, style = _sweep(gradient, paths, report, layout)
    lines.append(_apart(last, _in(style, sweep), layout.width))
    return lines


def _sweep(gradient: Gradient, paths: Paths, report: Report, layout: Layout) -> tuple[str, str]:
    """The other route's number, or how far off it is, with its style."""
    value = words.number(gradient.sweep, layout.digits)
    if off := words.agreement(paths, report):
        return f"reverse sweep {value} {off}", "yellow"
    return f"reverse sweep {value}", "dim"


# ── a row per path ─────────────────────────────────────────────────────────────────────


def _ledger(gradient: Gradient, paths: Paths, report: Report, layout: Layout) -> Iterator[Text]:
    shown = paths.shown
    tail = [("reverse sweep", gradient.sweep)]
    if paths.count != 1:
        label = _all(paths)
        tail.insert(0, (label, paths.sum))
    rest = _rest(paths, layout)
    if rest:
        tail.insert(0, (rest, paths.remainder))
    amounts = words.column(
        [*(p.contribution for p in shown), *(amount for _, amount in tail)],
        layout.digits,
    )
    yield from _rows(shown, amounts, layout)
    for (label, _), amount in zip(tail, amounts[len(shown) :], strict=True):
        yield _apart(_in("dim", f"  {label}"), Text(amount), layout.width)
    if off := words.agreement(paths, report):
        yield _in("yellow", f"  the reverse sweep {off}")


def _rows(shown: Sequence[Path], amounts: Sequence[str], layout: Layout) -> Iterator[Text]:
    like = shown[0] if shown else None
    chains = [walk.vertices(p, layout.signs, layout.full, like) for p in shown]
    formulas = [walk.formulas(p, layout.signs, layout.full, like) for p in shown]
    numbers = [
        walk.numbers(p, layout.signs, layout.full, like) if len(p.weights) > 1 else ""
        for p in shown
    ]
    wide = [max(map(_width, texts), default=0) for texts in (chains, formulas, numbers, amounts)]
    abreast = 2 + sum(wide) + 3 + 4 + 2 <= layout.width
    for path, names, formula, figures, amount in zip(
        shown, chains, formulas, numbers, amounts, strict=False
    ):
        if abreast:
            line = Text(f"  {names}{' ' * (wide[0] - _width(names))}   {formula}")
            gap = " " * (wide[1] - _width(formula) + (4 if wide[1] else 0))
            line.append(f"{gap}{figures}", "dim")
            yield _apart(line, Text(amount), layout.width)
        else:
            yield from _long_row(names, formula, figures, amount, layout)
        if path.meets:
            yield _in("yellow", f"      meets {words.safe(path.meets, layout.signs)}")


def _long_row(
    names: str, formula: str, figures: str, amount: str, layout: Layout
) -> Iterator[Text]:
    """A path whose weights stand below it. The last line of the names carries the amount."""
    lines = list(_folded(names, "  ", "    ", layout, reserve=len(amount) + 2))
    yield from lines[:-1]
    yield _apart(lines[-1], Text(amount), layout.width)
    if formula:
        yield from _folded(formula, "      ", "        ", layout)
    if figures:
        yield from _folded(f"= {figures}", "      ", "        ", layout, style="dim")


def _all(paths: Paths) -> str:
    return "sum of all paths" if paths.count is None else f"sum of {paths.count:,} paths"


def _rest(paths: Paths, layout: Layout) -> str:
    """A name for the paths that are not shown, or "" where there are none."""
    if not paths.shown or not words.hidden(paths):
        return ""
    if paths.count is None:
        return "all other paths"
    return words.plural(paths.count - len(paths.shown), "more path")


# ── arrays ─────────────────────────────────────────────────────────────────────────────


def _array_ledger(
    gradient: Gradient, paths: Paths, report: Report, layout: Layout
) -> Iterator[Text]:
    shown = paths.shown
    # Of an array its norm; a scalar reached through arrays has its number.
    label_of = "norm " if gradient.shape else ""

    def measure(value: Array) -> Any:
        return words.measure(value, gradient.shape, layout.digits)

    tail = []
    if rest := _rest(paths, layout):
        tail.append((rest, measure(paths.remainder)))
    if paths.count != 1:
        tail.append((_all(paths), measure(paths.sum)))
    tail.append(("reverse sweep", measure(gradient.sweep)))
    amounts = words.column(
        [*(measure(p.contribution) for p in shown), *(a for _, a in tail)], layout.digits
    )
    room = max(map(len, amounts))
    for path, amount in zip(shown, amounts, strict=False):
        names = walk.vertices(path, layout.signs, layout.full, shown[0])
        right = Text.assemble((label_of, "dim"), amount.rjust(room))
        lines = list(_folded(names, "  ", "    ", layout, reserve=len(right) + 2))
        yield from lines[:-1]
        yield _apart(lines[-1], right, layout.width)
        if path.meets:
            yield _in("yellow", f"      meets {words.safe(path.meets, layout.signs)}")
    for (label, _), amount in zip(tail, amounts[len(shown) :], strict=True):
        right = Text.assemble((label_of, "dim"), amount.rjust(room))
        yield _apart(_in("dim", f"  {label}"), right, layout.width)
    if off := words.agreement(paths, report):
        yield _in("yellow", f"  the reverse sweep {off}")
    if shown:
        yield from _edges(shown, report, layout)


def _edges(shown: Sequence[Path], report: Report, layout: Layout) -> Iterator[Text]:
    """What each edge of the paths shown does to a cotangent."""
    rows, more = walk.edges(shown, layout.signs, layout.full)
    output = words.safe(report.output, layout.signs)
    yield _in("dim", f"  edge by edge, {layout.signs.bar} for d{output}/dz along the path:")
    wide = max(_width(row.name) for row in rows)
    for row in rows:
        lead = f"    {row.name}{' ' * (wide - _width(row.name))}  "
        size = _in("dim", row.size)
        if _width(lead) + _width(row.formula) + 2 + len(row.size) <= layout.width:
            yield _apart(Text(lead + row.formula), size, layout.width)
        else:
            yield _apart(Text(lead.rstrip()), size, layout.width)
            yield from _folded(row.formula, "        ", "          ", layout)
    if more:
        left_out = f"{layout.signs.ellipsis} {words.plural(more, 'more edge')} (--full)"
        yield _in("dim", f"    {left_out}")


# ── SymPy's word, claims ───────────────────────────────────────────────────────────────


def _check(gradient: Gradient, report: Report, layout: Layout) -> Iterator[Text]:
    check = words.judged(gradient, report)
    if check is None:
        return
    said = words.verdict(check, report, layout.signs)
    style = TONES[said.tone]
    formula = words.formula(check.expression, layout.signs)
    if not formula:
        yield from _folded(said.sentence, "  ", "    ", layout, style=style)
    else:
        line = _in(style, f"  {said.sentence}:")
        if len(formula) > FORMULA and not layout.full:
            left_out = f"a formula of {len(formula):,} characters (--full)"
            yield line.append(f" {left_out}", "dim")
        elif _width(line.plain) + 1 + _width(formula) <= layout.width:
            yield line.append(f" {formula}")
        else:
            yield from _folded(f"{said.sentence}:", "  ", "    ", layout, style=style)
            yield from _folded(formula, "      ", "        ", layout)
    for detail in said.details:
        yield from _folded(detail, "    ", "      ", layout, style="dim")


def _claim(claim: ClaimResult, layout: Layout) -> Iterator[Text]:
    """The claim, its status at the right margin, and under it what there is to say."""
    place = f"line {claim.line}" if not claim.source else f"{claim.source}:{claim.line}"
    lead = f"{words.safe(place, layout.signs)}  "
    status = _in(TONES[words.claim_tone(claim)], claim.status)
    text = words.safe(claim.text, layout.signs)
    rows = list(_folded(text, lead, " " * (_width(lead) + 2), layout, reserve=12))
    yield _apart(rows[0], status, layout.width)
    yield from rows[1:]
    for said in (claim.message, *explained(claim)):
        if said:
            told = words.formula(said, layout.signs)
            yield from _folded(told, " " * _width(lead), " " * (_width(lead) + 2), layout)


# ── pieces ─────────────────────────────────────────────────────────────────────────────


def _in(style: str, text: str) -> Text:
    """``text`` in a style that what is appended does not take on, as a Text's own would be."""
    return Text().append(text, style)


def _width(text: str) -> int:
    """Columns on a terminal: z̄ takes one."""
    return Text(text).cell_len


def _apart(left: Text, right: Text, width: int) -> Text:
    """``left``, and ``right`` at the right margin, or two spaces on where there is no room."""
    if not right.plain:
        return left
    gap = max(2, width - left.cell_len - right.cell_len)
    return left.append(" " * gap).append_text(right)


def _folded(
    text: str, first: str, then: str, layout: Layout, *, reserve: int = 0, style: str = ""
) -> Iterator[Text]:
    """``text`` after ``first``, continued after ``then`` where a terminal's line ends.

    Breaks at spaces only, so that a factor or a term stays whole; what is longer than a line
    is left to the terminal.
    """
    room = layout.width - reserve
    if not layout.fold or _width(first) + _width(text) <= room:
        yield Text(first).append(text, style)
        return
    lead, line = first, ""
    for word in text.split(" "):
        if line and _width(lead) + _width(line) + 1 + _width(word) > room:
            yield Text(lead).append(line, style)
            lead, line = then, word
        else:
            line = f"{line} {word}" if line else word
    yield Text(lead).append(line, style)
