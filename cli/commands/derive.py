"""`gradpath derive`: the derivation of every dL/dx, written out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from cli import options, terminal
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
@options.style
@options.paths
@options.nodes
@options.check
@options.full
@options.ascii
@options.derive_format
@options.output
@options.bounds
@click.pass_obj
def derive(
    call: Call,
    /,
    model: str,
    assignments: list[tuple[str, str]],
    values: str | None,
    style: str | None,
    format: str,
    full: bool,
    ascii: bool,
    output: str | None,
    limits: Limits,
    **request: Any,
) -> int:
    """Write out how every dL/dx of MODEL comes about, as a person would.

    By path: the chain rule in symbols, the local derivatives, their numbers, the simplified
    form. Or backward: each adjoint from those before it; as --format claims this is a file that
    `gradpath check --claims` proves. Exits with 1 if a gradient differs from SymPy's or is
    undefined, with 2 if the model or the call is wrong.
    """
    import autodiff
    from cli.outputs import result
    from cli.views import derivation

    plain = format == "text" and (ascii or (output is None and terminal.ascii_only(sys.stdout)))
    if format == "claims":
        _only_backward(style, request["nodes"])
    with result(output) as write, watch() as progress:
        program = autodiff.load(model, set=assignments, values=values, limits=limits)
        call.kept = program
        if format == "claims":
            steps = program.derivation_claims(request["of"], request["wrt"], prove=False)
            write(derivation.claims(steps, program.name))
            return 0
        found = program.derivation(ascii=plain, full=full, progress=progress, **request)
        call.code = 0 if found.report.status == "ok" else 1
        write(derivation.render(found, format, style or "paths", ascii=plain, full=full))
    return call.code


def _only_backward(style: str | None, nodes: str) -> None:
    if style == "paths":
        raise click.UsageError("claims are a backward pass: leave --style out, or say backward")
    if nodes == "all":
        raise click.UsageError("claims are about names: leave --nodes out")
