"""gradpath's engine: a library that reads models and differentiates them, and prints nothing.

    import autodiff

    program = autodiff.load("two_paths.grad")
    report = program.gradient()
    report.gradients["a"].value

The names below are imported when they are first used, so that ``import autodiff`` is free.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autodiff.api import Program, load, loads
    from autodiff.errors import GradpathError, ModelErrors, Problem, UsageError
    from autodiff.report import Report

__version__ = "0.1.0"

_HOME = {
    "load": "api",
    "loads": "api",
    "Program": "api",
    "Report": "report",
    "GradpathError": "errors",
    "ModelErrors": "errors",
    "Problem": "errors",
    "UsageError": "errors",
}

__all__ = [
    "GradpathError",
    "ModelErrors",
    "Problem",
    "Program",
    "Report",
    "UsageError",
    "__version__",
    "load",
    "loads",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'autodiff' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"autodiff.{_HOME[name]}"), name)
