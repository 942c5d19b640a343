"""`gradpath ops`: what a model may call, with derivatives, domains and kinks."""

from __future__ import annotations

import click

from cli import options, views


@click.command()
@click.argument("name", required=False)
@options.ops_format
def ops(name: str | None, format: str) -> None:
    """List the operations a model may use, or show NAME in full.

    Each with its signature as in a model file, its derivative, where it is defined, and where
    it has a kink.
    """
    views.show_operations(name, format)
