"""`gradpath grad`: every dL/dx of a model, its paths, and SymPy's word on it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from cli import options, terminal, views
from cli.collector import uncollected
from cli.progress import watch

if TYPE_CHECKING:
    from autodiff.limits import Limits
    from cli.boundary import Call


@click.command()
@options.model
@options.of
@options.wrt
@options.assignments
@options.values
@options.paths
@options.nodes
@options.check
@options.claims_file
@options.device
@options.dtype
@options.precision
@options.full
@options.format
@options.bounds
@click.pass_obj
def grad(
    call: Call,
    /,
    model: str,
    assignments: list[tuple[str, str]],
    values: str | None,
    claims: str | None,
    device: str,
    limits: Limits,
    format: str,
    full: bool,
    **request: Any,
) -> int:
    """Print every dL/dx of MODEL, a file of assignments, with its paths, checked by SymPy.

    Claims of the file (lhs == rhs) are verified, and diagnosed where they are wrong. MODEL may
    be - for standard input. Exits with 1 if a gradient differs from SymPy's or is undefined, or
    a claim fails, with 2 if the model or the call is wrong.
    """
    import autodiff

    ascii = format in views.FOR_READING and terminal.ascii_only(sys.stdout)
    with uncollected(), watch() as progress:
        loaded = autodiff.load(
            model,
            set=assignments,
            values=values,
            claims=claims,
            device=device,
            limits=limits,
        )
        call.kept = loaded
        report = loaded.gradient(ascii=ascii, full=full, progress=progress, **request)
    call.code = 0 if report.status == "ok" else 1
    views.show(report, format, ascii=ascii, full=full, limits=limits)
    return call.code
