"""Reports made by hand, so that views are tested on every verdict without the engine."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from autodiff.report import Check, Gradient, Path, Paths, Report
from cli.views import text


def scalar_path(nodes: str, weights: list[float], formulas: str, **extra: Any) -> Path:
    """``scalar_path("L d a", [2, 3], "x; y²")``."""
    product = math.prod(weights)
    return Path(
        nodes=tuple(nodes.split()),
        weights=tuple(map(float, weights)),
        weight_shapes=((),) * len(weights),
        weight_norms=tuple(abs(float(w)) for w in weights),
        formulas=tuple(part.strip() for part in formulas.split(";")),
        contribution=product,
        norm=abs(product),
        **extra,
    )


def scalar_gradient(
    name: str, *shown: Path, check: Check | None = None, relation: str = "", **paths: Any
) -> Gradient:
    """A gradient all of whose paths are shown, unless ``paths`` says otherwise."""
    total = math.fsum(p.contribution for p in shown)
    size = math.fsum(abs(p.contribution) for p in shown)
    fields: dict[str, Any] = {
        "count": len(shown),
        "exponent": None,
        "sum": total,
        "absolute_sum": size,
        "cancellation": (size / abs(total) if total else math.inf) if size else 1.0,
        "difference": 0.0,
        "shown": shown,
        "exact": True,
        "remainder": 0.0,
    }
    found = Paths(**(fields | paths))
    return Gradient(name, found.sum, found.sum, (), relation, found, check)


def agrees(expression: str = "", ulps: float = 1.0, **extra: Any) -> Check:
    return Check("agrees", error=1e-17, ulps=ulps, reference="0", expression=expression, **extra)


def make_report(*gradients: Gradient, model: str = "model.grad", **extra: Any) -> Report:
    fields: dict[str, Any] = {
        "model": model,
        "device": "cpu",
        "dtype": "float64",
        "output": "L",
        "value": -0.845456,
        "point": {},
        "gradients": {g.name: g for g in gradients},
        "claims": (),
        "notes": (),
        "checked": True,
        "status": "ok",
    }
    return Report(**(fields | extra))


@pytest.fixture
def two_paths() -> Report:
    """The model of the issue: a reaches L through b and through c."""
    slope = 1 - math.tanh(-1.24) ** 2
    return make_report(
        scalar_gradient(
            "a",
            scalar_path("L d c a", [slope, 0.7, -1.1], "1 − tanh(d)²; w4; w2"),
            scalar_path("L d b a", [slope, 0.5, 0.3], "1 − tanh(d)²; w3; w1"),
            check=agrees("(w1·w3 + w2·w4)·(1 − tanh(a·w1·w3 + a·w2·w4)²)"),
        ),
        model="two_paths.grad",
    )


@pytest.fixture
def draw() -> Callable[..., str]:
    """The text view of a report at a fixed width, without colour."""

    def show(
        report: Report, *, width: int = 80, ascii: bool = False, full: bool = False, **how: Any
    ) -> str:
        out = io.StringIO()
        console = Console(file=out, width=width, markup=False, highlight=False, emoji=False, **how)
        text.show(report, console, ascii=ascii, full=full)
        return out.getvalue()

    return show
