"""The gradients on a page: all in a table, then each as a sum of paths, with SymPy's word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.views import walk, words
from cli.views.page.cells import Cells, columns, signed
from cli.views.page.formulas import SIGNS, Formulas
from cli.views.page.markup import Html, element, join, text
from cli.views.page.pieces import badge, heads, left_out, measured, scrolled, signed_sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from autodiff.report import Array, Gradient, Path, Paths, Report

TERMS = 4  # of a sum of paths that is written on one line
LISTED, DETAILED = 2_000, 200  # gradients in the table, and with their paths


class Gradients:
    """Writes the gradients of one report."""

    def __init__(self, report: Report, cells: Cells, formulas: Formulas) -> None:
        self.report, self.cells, self.formulas = report, cells, formulas
        self.output = report.output

    def section(self) -> Html:
        """The table of all gradients, then each of them."""
        report = self.report
        heading = element("h2", "Gradients", id="gradients")
        if not report.gradients:
            return element(
                "section", heading, element("p", "There is nothing to differentiate by.")
            )
        rows, articles = [], []
        for k, gradient in enumerate(report.gradients.values()):
            if k < LISTED:
                rows.append(self.row(gradient, k))
            if k < DETAILED:
                articles.append(self.article(gradient, k))
        count = len(report.gradients)
        more = left_out(count - LISTED, "more gradient", "more gradients")
        rest = left_out(count - DETAILED, "more gradient without its paths", "more without theirs")
        head = heads("derivative", ">value", ">paths", "verdict")
        table = element("table", head, element("tbody", *rows), cls="list")
        return element("section", heading, scrolled(table, "Gradients"), more, *articles, rest)

    def row(self, gradient: Gradient, place: int) -> Html:
        name = walk.derivative(self.output, gradient.name, SIGNS)
        link = element("a", name, href=f"#g{place}") if place < DETAILED else name
        paths = gradient.paths
        count = "" if paths is None else words.how_many(paths, SIGNS).partition(" path")[0]
        return element(
            "tr",
            element("th", link, scope="row"),
            element("td", self.shown(gradient), cls="n"),
            element("td", count, cls="n"),
            element("td", self.word(gradient)),
        )

    def shown(self, gradient: Gradient) -> Html | str:
        """The value, or of an array its shape and norm."""
        if gradient.shape == ():
            return self.cells.adjoint(gradient.name, gradient.value)
        return measured(gradient.value, gradient.shape)

    def word(self, gradient: Gradient) -> Html | None:
        check = words.judged(gradient, self.report)
        if check is None:
            return None
        tone = words.verdict(check, self.report, SIGNS).tone
        return badge(tone, check.verdict)

    def article(self, gradient: Gradient, place: int) -> Html:
        """One gradient: its paths as a sum, one by one, and SymPy's word."""
        name = self.formulas.derivative(self.output, gradient.name)
        heading = element("h3", name, " = ", self.shown(gradient), id=f"g{place}")
        parts: list[Html | None] = [heading]
        if (line := words.paths_line(gradient, SIGNS)) and gradient.paths is not None:
            parts.append(element("p", line, cls="aside fixed"))
        if gradient.shape:
            parts.append(self.matrix(gradient.value))
        if gradient.paths is not None and gradient.paths.count != 0:
            parts.extend(self.paths(gradient, gradient.paths))
        said = (words.relation(gradient, self.output), words.sides(gradient))
        parts.extend(element("p", f"{s[0].upper()}{s[1:]}.", cls="fixed") for s in said if s)
        parts.append(self.check(gradient))
        return element("article", *parts, aria_labelledby=f"g{place}")

    def matrix(self, value: Array) -> Html | None:
        rows = words.matrix(value, SIGNS, full=False, digits=6)
        if rows is None:
            return None
        lines = Html("\n".join(text(signed(row)) for row in rows))  # a line end is no text
        return scrolled(element("pre", lines), "Value")

    def paths(self, gradient: Gradient, paths: Paths) -> Iterator[Html]:
        shown = paths.shown
        number = self.cells.gradient(gradient)
        numbers = [self.cells.path(path) for path in shown]
        scalar = gradient.shape == () and all(map(walk.is_scalar, shown))
        if shown and len(shown) <= TERMS and not any(p.skipped for p in shown):
            left = walk.derivative(self.output, gradient.name, SIGNS)
            terms = list(zip(numbers, shown, strict=True))
            if scalar and (len(shown) > 1 or len(shown[0].nodes) > 2):
                chain = self.formulas.chain(left, terms, words.hidden(paths))
                yield scrolled(element("p", chain, cls="chain"), "The chain rule")
        yield self.ledger(gradient, paths, number, numbers, scalar)
        if cancelling := words.cancelling(paths, self.report, SIGNS):
            yield element("p", badge("doubt", cancelling))
        if off := words.agreement(paths, self.report):
            yield element("p", badge("doubt", f"the reverse sweep {off}"))
        if shown and not scalar:
            yield self.edges(shown)

    def ledger(
        self, gradient: Gradient, paths: Paths, number: int, numbers: Sequence[int], scalar: bool
    ) -> Html:
        """A row for each path, then what they add up to."""
        shown = paths.shown

        def measure(value: Array) -> Any:
            return words.measure(value, gradient.shape, 6)

        hidden, several = bool(shown) and words.hidden(paths), paths.count != 1
        tail = [measure(paths.remainder)] if hidden else []
        tail += [measure(paths.sum)] if several else []
        tail += [measure(gradient.sweep)]
        amounts = columns([*(measure(p.contribution) for p in shown), *tail])
        rest = iter(amounts[len(shown) :])
        rows = []
        for path, k, amount in zip(shown, numbers, amounts, strict=False):
            button = element(
                "button",
                walk.vertices(path, SIGNS, False, shown[0]),
                type="button",
                aria_pressed="false",
                data_path=str(k),
            )
            meets = element("small", f" meets {path.meets}") if path.meets else None
            cells = [
                element("th", button, scope="row"),
                element("td", self.cells.contribution(k, amount), meets, cls="n"),
            ]
            if scalar:
                formula = self.formulas.product(path, shown[0])
                cells.append(element("td", formula, self.factors(path, shown[0])))
            rows.append(element("tr", *cells, data_path=str(k)))
        foot = []
        if hidden:
            more = "all other paths"
            if paths.count is not None:
                more = words.plural(paths.count - len(shown), "more path")
            foot.append((more, self.cells.rest(number, next(rest))))
        if several:
            foot.append(("sum of all paths", self.cells.sum(number, next(rest))))
        swept = next(rest)
        if gradient.shape == ():
            foot.append(("reverse sweep", self.cells.column_adjoint(gradient.name, swept)))
        else:
            foot.append(("reverse sweep", Html(signed(swept))))
        feet = [
            element(
                "tr",
                element("th", label, scope="row"),
                element("td", cell, cls="n"),
                element("td") if scalar else None,
            )
            for label, cell in foot
        ]
        amount = ">contribution" if gradient.shape == () else ">norm of the contribution"
        products = ["local derivatives"] if scalar else []
        table = element(
            "table",
            element("caption", f"Paths from {self.output} to {gradient.name}", cls="hidden"),
            heads("path", amount, *products),
            element("tbody", *rows),
            element("tfoot", *feet),
            cls="paths",
        )
        return scrolled(table, f"Paths to {gradient.name}")

    def factors(self, path: Path, like: Path) -> Html | None:
        """The weights along a path as numbers."""
        if len(path.weights) < 2:
            return None
        pairs = zip(path.nodes, path.nodes[1:], path.weights, strict=False)
        items = [
            Html(SIGNS.ellipsis) if w is None else self.cells.weight(a, b, w) for a, b, w in pairs
        ]
        chosen = walk.factors(items, path, SIGNS, False, like)
        pieces = [piece for item in chosen for piece in (" × ", Html(item))][1:]
        return element("div", "= ", *pieces, cls="quiet")

    def edges(self, shown: Sequence[Path]) -> Html:
        """Of arrays: what each edge does to a cotangent."""
        listed, more = walk.edges(shown, SIGNS, False)
        rows = [
            element(
                "tr",
                element("th", edge.name, scope="row"),
                element("td", self.formulas.inline(edge.formula)),
                element("td", signed(edge.size), cls="n quiet"),
            )
            for edge in listed
        ]
        head = heads("edge", f"pulled back, with {SIGNS.bar} for d{self.output}/dz", ">weight")
        table = scrolled(element("table", head, element("tbody", *rows)), "Edges")
        return join(table, left_out(more, "more edge", "more edges"))

    def check(self, gradient: Gradient) -> Html | None:
        """SymPy's word."""
        check = words.judged(gradient, self.report)
        if check is None:
            return None
        said = words.verdict(check, self.report, SIGNS)
        lines = [element("p", badge(said.tone, signed_sentence(said.sentence)))]
        if check.expression and not gradient.relation:
            closed = element("p", self.formulas.closed(check.expression))
            lines.append(scrolled(closed, "SymPy's formula"))
        lines += [element("p", detail, cls="aside fixed") for detail in said.details]
        return element("div", *lines, cls="check fixed")
