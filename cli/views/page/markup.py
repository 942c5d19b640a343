"""HTML in which nothing of a model can become markup: every child is text unless made here."""

from __future__ import annotations

from html import escape
from typing import TypeAlias

from autodiff.source import printable


class Html(str):
    """Markup that is finished: made by `element`, or by a writer that escapes for itself."""

    __slots__ = ()


Child: TypeAlias = "Html | str | None"
_VOID = frozenset({"br", "hr", "input", "link", "meta"})


def text(words: str) -> Html:
    """Words as text: no markup, no control characters."""
    return Html(escape(printable(words)))


def join(*children: Child) -> Html:
    """Children one after the other; None is nothing."""
    return Html("".join(c if isinstance(c, Html) else text(c) for c in children if c is not None))


def element(tag: str, *children: Child, **attributes: str | bool | None) -> Html:
    """``<tag …>children</tag>``.

    An attribute's name is written with _ for -, and ``cls`` for class; None and False leave it
    out, True gives it without a value.
    """
    written = ""
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        written += " " + ("class" if name == "cls" else name.rstrip("_").replace("_", "-"))
        if value is not True:
            written += f'="{text(value)}"'
    if tag in _VOID:
        return Html(f"<{tag}{written}>")
    return Html(f"<{tag}{written}>{join(*children)}</{tag}>")
