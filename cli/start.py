"""The way in: ready for Ctrl-C, SIGTERM and closed streams before anything else is imported.

For the `gradpath` script and `python -m cli` alone: to import it is to take over Ctrl-C.
"""

from __future__ import annotations

import os
import signal
import sys

TYPE_CHECKING = False  # as in typing, which takes a tenth of the time until here
if TYPE_CHECKING:
    from typing import NoReturn

# Whoever started us may have wished that we do not, as a shell does of what runs in the background.
HEARS = signal.getsignal(signal.SIGINT) is not signal.SIG_IGN

# A product of matrices has other last digits with another number of threads, and a result would
# depend on the machine's load, on -j and on these variables. BLAS reads them once, as it is loaded.
THREADS = (
    *("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "OMP_NUM_THREADS"),
    "VECLIB_MAXIMUM_THREADS",
)


def main() -> NoReturn:
    """Run the command and exit with its code."""
    os.environ.update(dict.fromkeys(THREADS, "1"))
    _open_streams()
    from cli.main import main

    signal.signal(signal.SIGTERM, _unwind)
    if HEARS:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    main()


def _leave(*_: object) -> NoReturn:
    os._exit(130)  # in the middle of an import, where an exception might be swallowed


if HEARS:
    signal.signal(signal.SIGINT, _leave)


def _unwind(*_: object) -> NoReturn:
    sys.exit(128 + signal.SIGTERM)  # by the way out that removes what is half written


def _open_streams() -> None:
    """Have closed streams be empty ones: the next file opened would have their number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  # as long as we live
