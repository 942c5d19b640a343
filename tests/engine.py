"""Short ways to ask the engine, for tests that state a model and what must come of it."""

from __future__ import annotations

from typing import Any

import autodiff
from autodiff.report import Gradient, Report

MODEL = "model.grad"


def report(text: str, of: str | None = None, wrt: Any = None, **options: Any) -> Report:
    """The report on a model's text; without SymPy unless ``check=True``."""
    options.setdefault("check", False)
    given = {
        key: options.pop(key) for key in ("set", "values", "folder", "limits") if key in options
    }
    return autodiff.loads(text, name=MODEL, **given).gradient(of, wrt, **options)


def gradient(text: str, name: str, **options: Any) -> Gradient:
    """What is known of d(output)/d(name)."""
    return report(text, **options).gradients[name]


def slopes(text: str, **options: Any) -> dict[str, Any]:
    """Every gradient's value, arrays as nested lists."""
    return {
        name: g.value if isinstance(g.value, float) else g.value.tolist()
        for name, g in report(text, **options).gradients.items()
    }


def value(text: str, **options: Any) -> float:
    """The output's value."""
    return report(text, **options).value


def problems(text: str, **options: Any) -> list[tuple[str, str, tuple[int, int, int] | None]]:
    """Class, code and span of everything wrong with a model, in order."""
    try:
        report(text, **options)
    except autodiff.ModelErrors as errors:
        return [
            (type(p).__name__, p.code, None if p.span is None else tuple(p.span))
            for p in errors.problems
        ]
    return []


def codes(text: str, **options: Any) -> list[str]:
    """The codes of everything wrong with a model."""
    return [code for _, code, _ in problems(text, **options)]
