"""Pieces that all sections of a page are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.views import words
from cli.views.page.cells import figure
from cli.views.page.formulas import SIGNS
from cli.views.page.markup import Html, element

if TYPE_CHECKING:
    from autodiff.report import Array

_MARKS = {"good": "✓", "bad": "✗", "doubt": "!", "mute": "–"}


def measured(value: Array, shape: tuple[int, ...]) -> str:
    """What stands for an array: its shape and norm."""
    return f"{words.shape_text(shape, SIGNS)}, norm {figure(words.norm(value))}"


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
