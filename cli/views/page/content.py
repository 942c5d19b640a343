"""What a page says of one model: sections of HTML, from an overview."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autodiff import __version__
from autodiff.errors import UsageError
from autodiff.findings import explained
from autodiff.typeset import clashing
from cli.views import words
from cli.views.graph import svg
from cli.views.page.cells import Cells
from cli.views.page.formulas import SIGNS, Formulas
from cli.views.page.gradients import Gradients
from cli.views.page.markup import Html, element, join
from cli.views.page.pieces import badge, heads, left_out, measured, scrolled, signed_sentence

if TYPE_CHECKING:
    from autodiff.overview import Overview
    from autodiff.report import Array, ClaimResult, Report

FIELDS = 12  # leaves whose fields are seen at once; more are folded away
MOVABLE = 200  # leaves that have a field at all
LINES = 2_000  # of the model that are shown

# Pixels of drawings that are made to fit, down to two thirds; a larger one scrolls.
_SIZES = {"small": 700.0, "medium": 1000.0, "broad": 1400.0}


class Content:
    """The sections of one page."""

    def __init__(self, overview: Overview) -> None:
        self.overview = overview
        self.report: Report = overview.derivation.report
        self.output = self.report.output
        self.cells = Cells(overview.script)
        self.formulas = Formulas(clashing(overview.derivation.names))
        self.gradients = Gradients(self.report, self.cells, self.formulas)

    def body(self, up: str) -> Html:
        """Everything but the head; ``up`` is the address of the index, or ""."""
        report = self.report
        left = [self.graph(), self.controls()]
        gradients = self.gradients.section()
        right = [gradients, self.names(), self.claims(), self.notes(), self.listing()]
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
                cls="pair",
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
                said = element("p", f"{error.message}: {error.hint}.")
                return element("section", heading, said, aria_labelledby="graph")
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
            return measured(value, shape)
        return (self.cells.value if kind == "v" else self.cells.adjoint)(name, value)

    # ---- claims, notes, the file

    def claims(self) -> Html | None:
        if not self.report.claims:
            return None
        rows = [self.claim(claim) for claim in self.report.claims]
        head = heads("line", "claim", "status")
        table = element("table", head, element("tbody", *rows), cls="claims")
        heading = element("h2", "Claims", id="claims")
        return element("section", heading, scrolled(table, "Claims"))

    def claim(self, claim: ClaimResult) -> Html:
        place: Html | str = self.line(claim.line)
        if claim.source:
            place = f"{claim.source}:{claim.line}"
        told = (claim.message, *explained(claim))
        said = [signed_sentence(words.formula(s, SIGNS)) for s in told if s]
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
