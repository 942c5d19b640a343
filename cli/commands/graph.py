"""`gradpath graph`: a drawing of the graph, and of paths on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli import options

if TYPE_CHECKING:
    from autodiff.limits import Limits
    from cli.boundary import Call


@click.command()
@options.model
@options.backward
@options.path
@options.leaf
@options.lit
@options.drawn
@options.most
@options.of
@options.assignments
@options.values
@options.output
@options.graph_format
@options.bounds
@click.pass_obj
def graph(
    call: Call,
    /,
    model: str,
    assignments: list[tuple[str, str]],
    values: str | None,
    backward: bool,
    output: str | None,
    format: str | None,
    limits: Limits,
    **request: Any,
) -> None:
    """Draw the graph that computes the output of MODEL, a file of assignments.

    With --backward, the graph of its derivatives: a derivative is a sum over paths, each the
    product of the edges along it. --path and --leaf light paths up, as wide as their share.
    """
    import autodiff
    from cli.views import graph as view

    chosen = view.chosen(format, output)
    with view.Target(output, chosen) as target:
        loaded = autodiff.load(model, set=assignments, values=values, limits=limits)
        call.kept = loaded
        picture = loaded.picture(ascii=target.ascii, **request)
        target.write(picture, backward=backward)
