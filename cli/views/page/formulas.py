"""Formulas on the page, as MathML; those along a path marked so that it can light up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autodiff.typeset import mathml
from cli.views import walk, words
from cli.views.page.markup import Html, element, join

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.report import Path

SIGNS = words.UNICODE
LONG = 400  # characters of a formula; a longer one is left to `gradpath grad --full`


class Formulas:
    """Sets formulas of one model. ``same`` are its names that are to be spelled out."""

    def __init__(self, same: frozenset[str]) -> None:
        self.same = same

    def inline(self, text: str) -> Html:
        """A formula within a line."""
        return Html(mathml(text, self.same))

    def _inner(self, text: str) -> Html:
        return Html(mathml(text, self.same).removeprefix("<math>").removesuffix("</math>"))

    def derivative(self, of: str, wrt: str) -> Html:
        """dL/da, as a fraction."""
        return self.inline(f"d{of}/d{wrt}")

    def chain(self, left: str, terms: Sequence[tuple[int, Path]], more: bool) -> Html:
        """dL/da as the sum of its paths, each a term of its own."""
        pieces = [self._inner(left), element("mo", "=")]
        for k, (number, path) in enumerate(terms):
            if k:
                pieces.append(element("mo", "+"))
            text = walk.derivatives(path, SIGNS, alone=len(terms) == 1)
            pieces.append(element("mrow", self._inner(text), data_path=str(number)))
        if more:
            pieces += [element("mo", "+"), element("mo", SIGNS.ellipsis)]
        return element("math", *pieces)

    def product(self, path: Path, like: Path) -> Html | None:
        """The weights along a path, as one product; None where they could not be written."""
        if not any(path.formulas):
            return None
        end = len(path.formulas) - 1
        items = [
            walk.as_factor(
                words.formula(formula or walk.SKIPPED, SIGNS),
                first=place == 0,
                last=place == end,
                tight=False,
            )
            for place, formula in enumerate(path.formulas)
        ]
        pieces: list[Html] = []
        for item in walk.factors(items, path, SIGNS, False, like):
            if pieces:
                pieces.append(element("mo", SIGNS.dot))
            pieces.append(element("mrow", self._inner(item)))
        return element("math", *pieces)

    def closed(self, text: str) -> Html:
        """SymPy's formula, or how long it is."""
        if len(text) > LONG:
            return join(f"a formula of {len(text):,} characters (gradpath grad --full)")
        return self.inline(words.formula(text, SIGNS))
