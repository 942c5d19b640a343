"""`gradpath check`: many files, every gradient and claim of each, in brief."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli import options

if TYPE_CHECKING:
    from cli.boundary import Call


@click.command()
@options.files
@options.from_file
@options.only
@options.claims_file
@options.points
@options.seed
@options.rtol
@options.strict
@options.fail_fast
@options.quiet
@options.jobs
@options.limits
@options.max_memory
@options.timeout
@options.scheduler
@options.cache
@options.reports
@options.check_format
@click.pass_obj
def check(
    call: Call,
    /,
    files: tuple[str, ...],
    lists: tuple[str, ...],
    reports: list[tuple[str, str]],
    cache: str | None,
    **asked: Any,
) -> int:
    """Check every gradient of the model files PATH… against SymPy, and every claim.

    PATH is a file, a folder (every *.grad in it and below), a pattern, or - for a model on
    standard input. Exits with 1 if something is wrong with what a file says, with 2 if one
    is no model, with 5 if there is nothing to check.
    """
    from cli import checks, outputs

    chosen = checks.choose(files, lists)
    request = checks.Request.of(asked)
    with outputs.Outputs(reports) as written:
        return checks.run(call, chosen, request, cache, written)
