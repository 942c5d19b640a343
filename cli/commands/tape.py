"""`gradpath tape`: the Wengert list of a model, node by node."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from cli import options, terminal
from cli.collector import uncollected

if TYPE_CHECKING:
    from autodiff.limits import Limits
    from cli.boundary import Call


@click.command()
@options.model
@options.of
@options.assignments
@options.values
@options.full
@options.ascii
@options.tape_format
@options.output
@options.bounds
@click.pass_obj
def tape(
    call: Call,
    /,
    model: str,
    of: str | None,
    assignments: list[tuple[str, str]],
    values: str | None,
    format: str,
    full: bool,
    ascii: bool,
    output: str | None,
    limits: Limits,
) -> int:
    """Print the tape of MODEL: every operation, its operands, value, adjoint and line.

    Adjoints are those of the output by each node. Exits with 1 if the output is not finite, with
    2 if the model or the call is wrong.
    """
    import autodiff
    from cli import outputs, views
    from cli.views import tape as view

    ascii = ascii or (output is None and terminal.ascii_only(sys.stdout))
    with outputs.result(output) as write, uncollected():
        program = autodiff.load(model, set=assignments, values=values, limits=limits)
        call.kept = program
        listing = program.listing(of)
        call.code = 0 if listing.finite else 1
        for piece in view.render(listing, format, ascii=ascii, full=full):
            write(piece)
    if format != "json":
        views.notes(listing.notes)
    return call.code
