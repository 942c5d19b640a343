"""What a page says of one model: sections of HTML, from an overview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autodiff import __version__
from autodiff.errors import UsageError
from autodiff.findings import explained
from autodiff.typeset import clashing
from cli.views import walk, words
from cli.views.graph import svg
from cli.views.page.cells import Cells, columns, figure, signed
from cli.views.page.formulas import SIGNS, Formulas
from cli.views.page.markup import Html, element, join, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from autodiff.overview import Overview
    from autodiff.report import Array, ClaimResult, Gradient, Path, Paths, Report

TERMS = 4  # of a sum of paths that is written on one line
FIELDS = 12  # leaves whose fields are seen at once; more are folded away
MOVABLE = 200  # leaves that have a field at all
LISTED, DETAILED = 2_000, 200  # gradients in the table, and with their paths
LINES = 2_000  # of the model that are shown

# Pixels of drawings that are made to fit, down to two thirds; a larger one scrolls.
_SIZES = {"small": 700.0, "medium": 1000.0, "broad": 1400.0}
_MARKS = {"good": "✓", "bad": "✗", "doubt": "!", "mute": "–"}


class Content:
    """The sections of one page."""

    def __init__(self, overview: Overview) -> None:
        self.overview = overview
        self.report: Report = overview.derivation.report
        self.output = self.report.output
        self.cells = Cells(overview.script)
        self.formulas = Formulas(clashing(overview.derivation.names))

    def body(self, up: str) -> Html:
        """Everything but the head; ``up`` is the address of the index, or ""."""
        report = self.report
        left = [self.graph(), self.controls()]
        right = [self.gradients(), self.names(), self.claims(), self.notes(), self.listing()]
        return join(
            element("a", "Skip to the gradients", href="#gradients", cls="skip"),
            element(
                "header",
                element("nav", element("a", "All models", href=up)) if up else None,
                element("h1", element("span", report.model, cls="model"), " ", self.result()),
                self.summary(),
            ),
            element(
                "main",
                element("div", *left, cls="left"),
                element("div", *right, cls="right"),
                cls="two",
            ),
            element(
                "footer",
                element("p", f"gradpath {__version__}, {report.device}, {report.dtype}"),
            ),
        )

    # ---- the head of the page

    def result(self) -> Html:
        value = self.cells.value(self.output, self.report.value)
        return element("span", self.formulas.inline(self.output), " = ", value, cls="result")

    def summary(self) -> Html:
        """All verdicts and all claims, a line each."""
        lines = []
        if self.report.checked:
            lines.append(words.summary(self.report))
        if self.report.claims:
            lines.append(words.claims_summary(self.report.claims))
        items = [element("li", badge(tone, sentence)) for tone, sentence in lines]
        return element("ul", *items, cls="summary") if items else Html("")

    # ---- the graph

    def graph(self) -> Html | None:
        """The drawing in both directions, of which one is seen at a time."""
        picture = self.overview.picture
        if len(picture.vertices) < 2:
            return None
        heading = element("h2", "Graph", id="graph")
        choices, drawings = [], []
        for way, label in (("backward", "Backwards"), ("forward", "Forwards")):
            try:
                drawing = svg.Drawing(picture, backward=way == "backward")
            except UsageError as error:  # no layout library: the rest of the page needs none
                return element("section", heading, element("p", f"{error.message}: {error.hint}."))
            drawn = Html(drawing.svg(""))
            size = next((name for name, most in _SIZES.items() if drawing.size[0] <= most), "large")
            choices.append(
                join(
                    element(
                        "input",
                        type="radio",
                        name="way",
                        id=way,
                        checked=way == "backward",
                    ),
                    element("label", label, for_=way),
                )
            )
            region = scrolled(drawn, f"Graph: {label}")
            drawings.append(element("div", region, cls=f"drawing {way} {size}"))
        legend = element("legend", "Direction", cls="hidden")
        return element(
            "section",
            heading,
            element("fieldset", legend, *choices, *drawings, cls="ways"),
            aria_labelledby="graph",
        )

    # ---- other values

    def controls(self) -> Html:
        """A field and a slider for each leaf; or why there are none."""
        overview = self.overview
        heading = element("h2", "Other values", id="values")
        if overview.script is None:
            said = f"This page cannot compute the model again: {overview.reason}."
            hint = " Other values: gradpath report --set NAME=VALUE."
            return element("section", heading, element("p", said, hint), aria_labelledby="values")
        point = self.report.point
        rows = [self.field(name, k, point[name]) for k, name in enumerate(overview.script.leaves)]
        fixed = len(rows) - MOVABLE
        folded = rows[FIELDS:MOVABLE]
        more = (
            element("details", element("summary", f"{len(folded)} more"), *folded)
            if folded
            else None
        )
        state = element("p", "These are the file's values.", id="state", role="status")
        return element(
            "section",
            heading,
            state,
            element("ul", id="remarks", aria_live="polite"),
            element("div", *rows[:FIELDS], more, cls="fields"),
            left_out(fixed, "more leaf keeps its value", "more leaves keep theirs"),
            element("p", element("button", "Back to the file's values", type="button", id="reset")),
            aria_labelledby="values",
            cls="controls",
        )

    def field(self, name: str, place: int, value: float) -> Html:
        number, slider = f"x{place}", f"s{place}"
        return element(
            "div",
            element("label", self.formulas.inline(name), for_=number),
            element(
                "input",
                type="range",
                id=slider,
                data_leaf=str(place),
                aria_label=f"{name}, slider",
                disabled=True,
            ),
            element(
                "input",
                type="number",
                id=number,
                step="any",
                value=words.number(value, 17),
                data_leaf=str(place),
                aria_label=name,
                disabled=True,
            ),
            cls="field",
        )

    # ---- gradients

    def gradients(self) -> Html:
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
        return self.measured(gradient.value, gradient.shape)

    def measured(self, value: Array, shape: tuple[int, ...]) -> str:
        return f"{words.shape_text(shape, SIGNS)}, norm {figure(words.norm(value))}"

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

    # ---- every name

    def names(self) -> Html | None:
        """Forwards and back: each name with its formula, value and derivative, leaves first."""
        derivation = self.overview.derivation
        defined = {d.name: d for d in derivation.definitions}
        if not derivation.adjoints:
            return None
        rows = []
        for adjoint in reversed(derivation.adjoints):
            name = adjoint.name
            definition = defined.get(name)
            formula = None if definition is None else self.formulas.inline(definition.formula)
            value = definition.value if definition is not None else self.overview.values[name]
            rows.append(
                element(
                    "tr",
                    element("th", name, scope="row"),
                    element("td", formula),
                    element("td", self.number("v", name, value, adjoint.shape), cls="n"),
                    element("td", self.number("a", name, adjoint.value, adjoint.shape), cls="n"),
                )
            )
        titles = heads("name", "formula", ">value", f">d{self.output}/d…")
        table = element("table", titles, element("tbody", *rows))
        more = left_out(derivation.left_out, "more name", "more names")
        heading = element("h2", "Forwards, and back", id="names")
        return element("section", heading, scrolled(table, "Names"), more)

    def number(self, kind: str, name: str, value: Array, shape: tuple[int, ...]) -> Html | str:
        if shape:
            return self.measured(value, shape)
        return (self.cells.value if kind == "v" else self.cells.adjoint)(name, value)

    # ---- claims, notes, the file

    def claims(self) -> Html | None:
        if not self.report.claims:
            return None
        rows = [self.claim(claim) for claim in self.report.claims]
        table = element("table", heads("line", "claim", "status"), element("tbody", *rows))
        heading = element("h2", "Claims", id="claims")
        return element("section", heading, scrolled(table, "Claims"))

    def claim(self, claim: ClaimResult) -> Html:
        place: Html | str = self.line(claim.line)
        if claim.source:
            place = f"{claim.source}:{claim.line}"
        said = [words.formula(s, SIGNS) for s in (claim.message, *explained(claim)) if s]
        lines = [element("p", sentence, cls="aside") for sentence in said]
        return element(
            "tr",
            element("td", place),
            element("th", element("code", claim.text), *lines, scope="row"),
            element("td", badge(words.claim_tone(claim), claim.status)),
        )

    def line(self, number: int) -> Html:
        return element("a", f"line {number}", href=f"#line{number}")

    def notes(self) -> Html | None:
        notes = self.report.notes
        if not notes:
            return None
        items = [
            element(
                "li",
                *([self.line(note.line), ": "] if note.line is not None else []),
                note.message,
                " ",
                element("small", note.code),
            )
            for note in notes
        ]
        return element("section", element("h2", "Notes", id="notes"), element("ul", *items))

    def listing(self) -> Html:
        """The model itself, its lines numbered."""
        lines = self.overview.text.splitlines()
        items = [
            element("li", element("code", line or " "), id=f"line{k}")
            for k, line in enumerate(lines[:LINES], 1)
        ]
        more = left_out(len(lines) - LINES, "more line", "more lines")
        listing = element("ol", *items, cls="source")
        heading = element("h2", "The model", id="model")
        return element("section", heading, scrolled(listing, "The model"), more)


def left_out(count: int, one: str, many: str) -> Html | None:
    """How many things there would be more; None for none."""
    if count <= 0:
        return None
    return element("p", f"… {count:,} {one if count == 1 else many}", cls="aside")


def badge(tone: words.Tone, sentence: str, *more: Html | str) -> Html:
    """A verdict, with a mark beside its colour."""
    mark = element("span", _MARKS[tone], cls="mark", aria_hidden="true")
    return element("span", mark, " ", sentence, *more, cls=f"verdict fixed {tone}")


def signed_sentence(sentence: str) -> str:
    """A sentence whose numbers have minus signs; "one-sided" keeps its hyphen."""
    return "".join(
        "−" if char == "-" and sentence[k + 1 : k + 2].isdigit() else char
        for k, char in enumerate(sentence)
    )


def heads(*titles: str) -> Html:
    """The head of a table; > before a title puts it over numbers."""
    cells = [
        element("th", title.removeprefix(">"), scope="col", cls="n" if title[0] == ">" else None)
        for title in titles
    ]
    return element("thead", element("tr", *cells))


def scrolled(child: Html, label: str) -> Html:
    """What may be wider than a small screen, reachable by keyboard."""
    return element("div", child, cls="wide", role="group", aria_label=label, tabindex="0")
