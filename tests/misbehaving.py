"""A check that does what the name of the file says; it stands in for models that do such things.

Worker processes import it by name.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

from autodiff.report import FileResult


def check(path: str, options: Any, *, content: Any = None, witness: Any = None) -> FileResult:
    name = os.path.basename(path)
    if name.startswith("hang"):
        threading.Event().wait()
    if name.startswith("loop"):
        while True:
            pass
    if name.startswith("exit"):
        os._exit(7)
    if name.startswith("segv"):
        signal.signal(signal.SIGSEGV, signal.SIG_DFL)  # pytest's faulthandler has its own
        os.kill(os.getpid(), signal.SIGSEGV)
    if name.startswith("raise"):
        raise ZeroDivisionError("a bug")
    if name.startswith("print"):
        print("{}", flush=True)  # noqa: T201  # what a library may do
        os.write(1, b"not a reply\n")
    if name.startswith("cli"):
        assert not [module for module in sys.modules if module.split(".")[0] == "cli"]
    if name.startswith("worker"):
        # Four workers die of it, the number after which Dask gives up; the fifth has it easy.
        places = [f"{path}.{k}" for k in range(4) if not os.path.exists(f"{path}.{k}")]
        for place in places[:1]:
            open(place, "w").close()
            os.kill(os.getppid(), signal.SIGKILL)
            threading.Event().wait()
    return FileResult(path, "ok", None)
