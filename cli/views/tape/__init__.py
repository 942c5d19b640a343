"""A tape, node by node: as a table to read, as JSON or CSV. Written as it is made."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autodiff.listing import Listing

FORMATS = ("text", "json", "csv")


def render(listing: Listing, format: str, *, ascii: bool, full: bool) -> Iterator[str]:
    """The listing in one of `FORMATS`, in pieces that end with a line."""
    module = import_module(f"cli.views.tape.{format}")
    pieces: Iterator[str] = module.render(listing, ascii=ascii, full=full)
    return pieces
