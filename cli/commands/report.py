"""`gradpath report`: a model as a page to open in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli import options

if TYPE_CHECKING:
    from cli.boundary import Call


@click.command()
@options.files
@options.of
@options.wrt
@options.assignments
@options.values
@options.paths
@options.most
@options.check
@options.claims_file
@options.page_output
@options.bounds
@click.pass_obj
def report(call: Call, /, files: tuple[str, ...], output: str, **request: Any) -> int:
    """Write MODEL as one HTML file that opens in any browser, offline."""
    from cli import pages

    return pages.run(call, files, output, request)
