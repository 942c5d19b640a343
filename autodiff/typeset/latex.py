"""Formulas as LaTeX for math mode, in what LaTeX with amsmath, MathJax and GitHub all understand.

No command is a backslash before a sign (``\\,``, ``\\_``): where LaTeX stands in Markdown, that
would be read as Markdown's own escape.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from autodiff.typeset.names import spelling
from autodiff.typeset.reader import RAISED, typeset
from autodiff.typeset.signs import COMMANDS, GREEK

if TYPE_CHECKING:
    from collections.abc import Sequence

_LINE = r"\rule{0.4em}{0.4pt}"  # an underscore, which is no text in math mode
_RUN = re.compile(r"[A-Za-z0-9 .,;:!?()\[\]/=+*'|\"@<>-]+")
_SIGNS = {
    "_": _LINE,
    "−": "-",
    "·": r"\cdot ",
    "×": r"\times ",
    "…": r"\ldots ",
    "√": r"\surd ",
    "∞": r"\infty ",
    "→": r"\to ",
    "∂": r"\partial ",
    "π": r"\pi ",
    "ᵀ": r"{}^{\top}",
} | {char: f"{{}}^{{{digit}}}" for char, digit in zip(RAISED, "-0123456789", strict=True)}


def latex(text: str, verbatim: frozenset[str] = frozenset()) -> str:
    """A formula as LaTeX, for math mode. Never raises.

    Names in ``verbatim`` are spelled out: see `names.clashing`.
    """
    return typeset(text, _Latex(verbatim)).strip()


def words(text: str) -> str:
    """Words within a formula, as LaTeX for math mode."""
    return _Latex(frozenset()).text(text)


def preamble(document: str) -> str:
    """What makes a LaTeX of 8 bits (pdfLaTeX) accept the letters of ``document``.

    A letter that its fonts lack is set by its number: U+4E2D. XeLaTeX and LuaLaTeX show it.
    """
    lines = []
    for char in sorted({char for char in document if ord(char) > 127}):
        code = f"{ord(char):04X}"
        lines.append(
            f"  \\ifcsname u8:\\detokenize{{{char}}}\\endcsname\\else"
            f"\\DeclareUnicodeCharacter{{{code}}}{{\\ensuremath{{\\mathrm{{U{{+}}{code}}}}}}}\\fi"
        )
    if not lines:
        return ""
    return "\n".join(["\\ifdefined\\DeclareUnicodeCharacter", *lines, "\\fi", ""])


def _word(word: str, font: str) -> str:
    """Letters and digits in a font: a single letter needs none."""
    if len(word) == 1 and word.isascii() and font == "mathit":
        return word
    if word.isdigit():
        return word
    if not word.isascii():
        # Accents are commands of text, and wrong in math mode.
        plain = unicodedata.normalize("NFC", word)
        return "".join(
            _LINE if part == "_" else f"\\text{font.removeprefix('math')}{{{part}}}"
            for part in re.split("(_)", plain)
            if part
        )
    letters = word.replace("_", _LINE)
    return f"\\{font}{{{letters}}}"


class _Latex:
    def __init__(self, verbatim: frozenset[str]) -> None:
        self.verbatim = verbatim

    def number(self, digits: str, exponent: str) -> str:
        return f"{digits} \\cdot 10^{{{exponent}}}" if exponent else digits

    def name(self, name: str, mark: str = "") -> str:
        word = spelling(name, name in self.verbatim)
        base = GREEK[word.base][0] if word.base in GREEK else _word(word.base, "mathit")
        if word.barred:
            accent = "bar" if len(word.base) == 1 else "overline"
            base = f"\\{accent}{{{base}}}"
        if word.indices:
            indices = ",".join(_word(index, "mathrm") for index in word.indices)
            base = f"{base}_{{{indices}}}"
        return {"": "", "d": "d", "∂": r"\partial "}[mark] + base

    def function(self, name: str) -> str:
        if name in COMMANDS:
            return f"\\{name}"
        words = name.replace("_", r"\thinspace ")
        return f"\\mathrm{{{words}}}"

    def text(self, text: str) -> str:
        found = []
        end = 0
        while end < len(text):
            run = _RUN.match(text, end)
            if run is not None:
                found.append(f"\\text{{{run[0]}}}")
                end = run.end()
                continue
            char = text[end]
            end += 1
            if char in _SIGNS:
                found.append(_SIGNS[char])
            elif not char.isascii() and char.isalpha():
                found.append(f"\\text{{{char}}}")
            else:
                found.append(f"\\mathrm{{U{{+}}{ord(char):04X}}}")
        return "".join(found)

    def sign(self, pair: tuple[str, str]) -> str:
        return pair[0]

    def row(self, pieces: Sequence[str]) -> str:
        return "".join(pieces)

    def fenced(self, opening: str, inside: str, closing: str, tall: bool) -> str:
        if tall:
            return f"\\left{opening}{inside.strip()}\\right{closing}"
        return f"{opening}{inside.strip()}{closing}"

    def barred(self, bar: tuple[str, str], inside: str) -> str:
        bar_of = bar[0].strip()
        return f"\\left{bar_of} {inside.strip()}\\right{bar_of} "

    def fraction(self, above: str, below: str) -> str:
        return f"\\frac{{{above.strip()}}}{{{below.strip()}}}"

    def power(self, base: str, exponent: str) -> str:
        base = base.strip()
        # A second exponent on the same base is an error of LaTeX's.
        base = f"{{{base}}}" if "^" in base else base
        return f"{base}^{{{exponent.strip()}}}"

    def root(self, inside: str) -> str:
        return f"\\sqrt{{{inside.strip()}}}"

    def transposed(self, base: str) -> str:
        return self.power(base, r"\top")

    def indexed(self, base: str, index: str) -> str:
        return f"{base.strip()}[{index.strip()}]"
