"""The one boundary that turns what a command raises into an exit code.

0    all well
1    a gradient differs or is undefined, or a claim fails (the command's own result)
2    usage or model error; the result could not be written
3    a bug in gradpath
130  interrupted

A reader of our output that goes away (`gradpath … | head -1`) changes nothing: the code is the
command's own.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from autodiff.errors import ModelErrors, UsageError

USAGE, BUG, INTERRUPTED = 2, 3, 130
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}  # a result that cannot be written


@dataclass
class Call:
    """What must be known of a call when it fails; options fill it in as they are parsed."""

    format: str = "text"
    model: str = ""
    traceback: bool = False
    code: int = 0  # what the command has found out, known before it is written
    kept: object = None  # what would take long to free, and the process ends before it has to


def guard(call: Call, command: Callable[[], object]) -> int:
    """The exit code of ``command``, whose result is its own code or None."""
    from autodiff.errors import NO_MEMORY, ModelErrors, UsageError

    try:
        result = command()
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except (click.ClickException, click.exceptions.Exit):
        raise  # a usage error click found, or --help: click shows it and knows its code
    except (ModelErrors, UsageError) as error:
        return refused(call, error)
    except MemoryError:
        return refused(call, UsageError(*NO_MEMORY))
    except (KeyboardInterrupt, click.Abort):
        interrupted()
    except BrokenPipeError:
        # The reader has seen enough, as in `gradpath … | head -1`: that is no failure of ours.
        _abandon_output()
        return call.code
    except Exception as error:
        if isinstance(error, OSError) and error.filename is None and error.errno in FULL:
            return unwritable(error)
        return _bug(call, error)


def interrupted() -> NoReturn:
    """End as interrupted programs do. Nothing more is written: the reader asked us to stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # once is enough
    _abandon_output()
    sys.exit(INTERRUPTED)


def refused(call: Call, error: ModelErrors | UsageError, code: int = USAGE) -> int:
    """There is no result: say where and why, as text or as one JSON object; the exit code."""
    if call.traceback:
        _traceback(error)
    if call.format == "json":
        click.echo(json.dumps(_as_json(call, error)))
    else:
        with contextlib.suppress(OSError):
            click.echo(as_text(error), err=True)
    return code


def as_text(error: ModelErrors | UsageError) -> str:
    """What is wrong, as a person is told on stderr."""
    from autodiff.errors import UsageError
    from autodiff.source import printable, render

    if isinstance(error, UsageError):
        hint = f"\n  hint: {printable(error.hint)}" if error.hint else ""
        return f"gradpath: error: {printable(error.message)}{hint}"
    return "\n".join(render(problem, error.source) for problem in error.problems)


def _as_json(call: Call, error: ModelErrors | UsageError) -> dict[str, Any]:
    from autodiff.errors import UsageError
    from autodiff.report import SCHEMA

    if isinstance(error, UsageError):
        model = "<stdin>" if call.model == "-" else call.model
        errors = [_entry(error.code, None, None, error.message, error.hint)]
    else:
        model = error.source.name
        errors = [
            _entry(
                problem.code,
                problem.span.line if problem.span else None,
                problem.span.column if problem.span else None,
                problem.message,
                problem.hint,
            )
            for problem in error.problems
        ]
    return {"schema": SCHEMA, "model": model, "status": "error", "errors": errors}


def _entry(
    code: str, line: int | None, column: int | None, message: str, hint: str
) -> dict[str, Any]:
    return {"code": code, "line": line, "column": column, "message": message, "hint": hint}


def _bug(call: Call, error: Exception) -> int:
    """Not the user's doing: say so, say where it was, and how to see more."""
    from autodiff.source import printable

    if call.traceback:
        _traceback(error)
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = ""
    if place is not None:
        file = os.path.relpath(place.tb_frame.f_code.co_filename, _home())
        where = f" ({printable(file)}:{place.tb_lineno})"
    lines = [
        f"gradpath: this is a bug in gradpath: {type(error).__name__}: "
        f"{printable(str(error)[:500])}{where}",
        "  Please report it with the model file that shows it.",
    ]
    if not call.traceback:
        lines.append("  GRADPATH_DEBUG=1 in the environment shows the whole traceback.")
    with contextlib.suppress(OSError):
        click.echo("\n".join(lines), err=True)
    return BUG


def _home() -> str:
    return os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def _traceback(error: BaseException) -> None:
    import traceback

    traceback.print_exception(error, file=sys.stderr)


def unwritable(error: OSError) -> int:
    """A full disk, say: not a bug of ours, but there is no result either."""
    _abandon_output()
    with contextlib.suppress(OSError):
        click.echo(f"gradpath: error: cannot write the result: {error.strerror}", err=True)
    return USAGE


def _abandon_output() -> None:
    """Let the interpreter's last flush go nowhere, so that it cannot fail once more."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
