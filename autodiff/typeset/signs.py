"""The typographic exceptions, in one place. What is not here follows from general rules."""

from __future__ import annotations

import unicodedata
from typing import Final

PRODUCT: Final = "\u2062"  # a sign that is not seen

# What a sign of the text is in print: LaTeX, and the character for MathML.
OPERATORS: Final[dict[str, tuple[str, str]]] = {
    "=": (" = ", "="),
    "==": (" = ", "="),
    "!=": (r" \ne ", "≠"),
    "<": (" < ", "<"),
    ">": (" > ", ">"),
    "<=": (r" \le ", "≤"),
    ">=": (r" \ge ", "≥"),
    "+": (" + ", "+"),
    "−": (" - ", "−"),
    "·": (r" \cdot ", "·"),
    "×": (r" \times ", "×"),
    "@": (r" \thinspace ", PRODUCT),  # a product of matrices: one beside the other
    "/": (" / ", "/"),
    "and": (r" \wedge ", "∧"),
    "or": (r" \vee ", "∨"),
    "not": (r" \neg ", "¬"),
    ",": (", ", ","),
    ":": (":", ":"),
    "→": (r" \to ", "→"),
}
SAME: Final = {"-": "−", "*": "·", "->": "→"}  # the ASCII signs
PREFIX: Final = {"−": ("-", "−"), "+": ("+", "+"), "not": (r"\neg ", "¬")}

ATOMS: Final[dict[str, tuple[str, str]]] = {
    "…": (r"\ldots ", "…"),
    "...": (r"\ldots ", "…"),
    "∞": (r"\infty ", "∞"),
    "inf": (r"\infty ", "∞"),
}

# Functions that have a form of their own: see `reader`.
ROOTS: Final = frozenset({"sqrt", "√"})
BARS: Final[dict[str, tuple[str, str]]] = {"abs": ("|", "|"), "norm": (r"\Vert ", "‖")}
INVERSE: Final = "inv"

# Functions that LaTeX has a command for; others are \mathrm{name}. (Not \operatorname: GitHub
# does not allow it.)
COMMANDS: Final = frozenset(
    {"sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "min", "max", "det"}
)

_NO_COMMAND = {"omicron": "o"}  # looks like a Latin letter, and has no command
_CAPITALS = frozenset("ΓΔΘΛΞΠΣΥΦΨΩ")  # that look like no Latin letter

# A Greek letter, by itself and by its name: what it is in LaTeX, and the character.
GREEK: Final[dict[str, tuple[str, str]]] = {"ς": (r"\varsigma", "ς")}
for _letter in "αβγδεζηθικλμνξοπρστυφχψω":
    _name = unicodedata.name(_letter).split()[-1].lower().replace("lamda", "lambda")
    GREEK[_letter] = GREEK[_name] = (_NO_COMMAND.get(_name, f"\\{_name}"), _letter)
    _capital = _letter.upper()
    if _capital in _CAPITALS:
        _name = _name.capitalize()
        GREEK[_capital] = GREEK[_name] = (f"\\{_name}", _capital)
