"""Formulas as presentation MathML, in the elements that every browser sets.

``mrow mi mo mn mtext mfrac msup msub msqrt mover``, all of MathML Core, and no attribute that
carries text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from autodiff.typeset.names import spelling
from autodiff.typeset.reader import typeset
from autodiff.typeset.signs import PRODUCT

if TYPE_CHECKING:
    from collections.abc import Sequence

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


def mathml(
    text: str,
    verbatim: frozenset[str] = frozenset(),
    *,
    display: bool = False,
    large: bool = False,
) -> str:
    """A formula as a ``<math>`` element. Never raises; nothing in the text acts as markup.

    Parameters
    ----------
    verbatim  : names that are spelled out: see `names.clashing`
    display   : as a line of its own
    large     : with fractions as large as on a line of its own
    """
    opening = "<math"
    if display:
        opening += ' display="block"'
    if large:
        opening += ' displaystyle="true"'
    return f"{opening}>{typeset(text, _MathML(verbatim))}</math>"


def _element(tag: str, text: str) -> str:
    # What no document may hold (control characters) is shown as a replacement character.
    safe = "".join(c if c.isprintable() or c == " " else "\ufffd" for c in text)
    return f"<{tag}>{safe.translate(_ESCAPES)}</{tag}>"


class _MathML:
    def __init__(self, verbatim: frozenset[str]) -> None:
        self.verbatim = verbatim

    def number(self, digits: str, exponent: str) -> str:
        if not exponent:
            return _element("mn", digits)
        ten = f"<msup><mn>10</mn>{_signed(exponent)}</msup>"
        return f"<mrow>{_element('mn', digits)}<mo>·</mo>{ten}</mrow>"

    def name(self, name: str, mark: str = "") -> str:
        word = spelling(name, name in self.verbatim)
        text = _element("mi", word.base)
        if word.barred:
            text = f"<mover>{text}<mo>¯</mo></mover>"
        if word.indices:
            marks = [_element("mn" if i.isdigit() else "mi", i) for i in word.indices]
            text = f"<msub>{text}{_one('<mo>,</mo>'.join(marks))}</msub>"
        return f"<mi>{mark}</mi>{text}" if mark else text

    def function(self, name: str) -> str:
        return _element("mi", name)

    def text(self, text: str) -> str:
        return _element("mtext", text)

    def sign(self, pair: tuple[str, str]) -> str:
        if pair[1] == PRODUCT:  # has no width of its own: X W would be XW
            return f'<mo rspace="0.25em">{PRODUCT}</mo>'
        return _element("mo", pair[1])

    def row(self, pieces: Sequence[str]) -> str:
        return "".join(pieces)

    def fenced(self, opening: str, inside: str, closing: str, tall: bool) -> str:
        return f"<mrow><mo>{opening}</mo>{inside}<mo>{closing}</mo></mrow>"

    def barred(self, bar: tuple[str, str], inside: str) -> str:
        return f"<mrow><mo>{bar[1]}</mo><mrow>{inside}</mrow><mo>{bar[1]}</mo></mrow>"

    def fraction(self, above: str, below: str) -> str:
        return f"<mfrac>{_one(above)}{_one(below)}</mfrac>"

    def power(self, base: str, exponent: str) -> str:
        return f"<msup>{_one(base)}{_one(exponent)}</msup>"

    def root(self, inside: str) -> str:
        return f"<msqrt>{inside}</msqrt>"

    def transposed(self, base: str) -> str:
        return f"<msup>{_one(base)}<mi>T</mi></msup>"

    def indexed(self, base: str, index: str) -> str:
        return f"<mrow>{base}<mo>[</mo>{index}<mo>]</mo></mrow>"


_LEAF = re.compile(r"<(m[ino])>[^<]*</\1>")


def _one(piece: str) -> str:
    """A piece as one element, where its place takes no more."""
    return piece if _LEAF.fullmatch(piece) else f"<mrow>{piece}</mrow>"


def _signed(digits: str) -> str:
    if digits.startswith("-"):
        return f"<mrow><mo>−</mo><mn>{digits[1:]}</mn></mrow>"
    return f"<mn>{digits}</mn>"
