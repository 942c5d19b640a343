"""The colours and widths of drawings: told apart by those who are colour-blind, and in grey."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autodiff.picture import Lit
    from autodiff.report import Path

THIN, THICK = 2.0, 9.0  # of a path with none and with all of a sum, in pixels

LIGHT = {
    "paper": "#ffffff",
    "ink": "#1f2933",
    "quiet": "#5b6673",
    "line": "#9aa5b1",
    "node": "#f7f8fa",
    "leaf": "#eef6ee",
    "leaf-line": "#6a9a6d",
    "output": "#fdf3dc",
    "output-line": "#b98a1d",
    "plus": "#0b62a8",
    "minus": "#d1570a",
}
DARK = {
    "paper": "#12171d",
    "ink": "#e6eaee",
    "quiet": "#a3adb8",
    "line": "#626d79",
    "node": "#1c232b",
    "leaf": "#19271d",
    "leaf-line": "#6fa673",
    "output": "#2c2411",
    "output-line": "#d0a340",
    "plus": "#5fb0f2",
    "minus": "#ff9450",
}


def sign(path: Path) -> str:
    """Which colour a path has: ``plus`` or ``minus``; arrays have no sign."""
    negative = not any(path.weight_shapes) and path.contribution < 0
    return "minus" if negative else "plus"


def stroke(lit: Lit) -> float:
    """How wide a path is drawn, in pixels."""
    return THIN + (THICK - THIN) * lit.share
