"""A derivation as a person would write it: `blocks` says what, a module for each format how."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from cli import terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autodiff.derivation import Derivation
    from autodiff.selfcheck import Step

FORMATS = ("text", "latex", "markdown", "mathml")


def render(derivation: Derivation, format: str, style: str, *, ascii: bool, full: bool) -> str:
    """The derivation by path or as a backward pass, in one of `FORMATS`."""
    from cli.views.derivation import blocks

    made = blocks.backward if style == "backward" else blocks.by_path
    module = import_module(f"cli.views.derivation.{format}")
    found = list(made(derivation, ascii=ascii, full=full))
    text: str = module.render(found, derivation, ascii=ascii)
    return text


def claims(steps: Sequence[Step], model: str) -> str:
    """The backward pass as a file of claims; a step that is none is a comment, with the reason."""
    from autodiff.source import printable

    lines = [f"# The backward pass of {printable(model)}: each adjoint from those before it."]
    for step in steps:
        if step.status:
            lines.append(step.text)
        else:
            lines.append(f"# {printable(step.text)}")
            lines.append(f"#   no claim: {printable(step.reason)}")
    return "\n".join(lines) + "\n"


def width() -> int | None:
    """Where lines of text end; None where nobody looks, and they are left whole."""
    if not sys.stdout.isatty():
        return None
    return terminal.console(sys.stdout).width - 1
