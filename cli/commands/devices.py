"""`gradpath devices`: what there is to compute on, and why not."""

from __future__ import annotations

import click

from cli import options, views


@click.command()
@options.devices_format
def devices(format: str) -> None:
    """List the devices that --device chooses from.

    For a GPU that cannot be used, what is missing: CuPy, CUDA's libraries, a driver, or a card.
    """
    views.show_devices(format)
