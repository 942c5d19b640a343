"""Keeps Python's cycle collector away while a tape is made."""

from __future__ import annotations

import contextlib
import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Without the collector: a tape of 10^6 statements is millions of tuples and no cycle.

    It would walk them again and again, a third of the whole time, and find nothing.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.freeze()  # or the first collection to come would walk them all the same
            gc.enable()
