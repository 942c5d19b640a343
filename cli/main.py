"""The command `gradpath`: its group of commands, and the one way in.

Commands are imported when they are called, and the engine when a command runs, so that
``--help``, ``--version`` and shell completion answer at once.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
from typing import Any, NoReturn

import click

from autodiff import __version__
from cli.boundary import FULL, INTERRUPTED, Call, guard, unwritable

# cli/commands/NAME.py defines NAME
COMMANDS = (
    *("grad", "check", "graph", "derive", "tape", "report", "watch"),
    *("ops", "devices", "completion"),
)


class Commands(click.Group):
    """A group that knows its commands by name and runs each inside the boundary."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(f"cli.commands.{name}"), name)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        ctx.obj = call = Call(traceback=ctx.params["traceback"])
        ctx.exit(guard(call, lambda: super(Commands, self).invoke(ctx)))


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gradpath", message="%(prog)s %(version)s")
@click.option(
    "--traceback", is_flag=True, envvar="GRADPATH_DEBUG", hidden=True, help="Show tracebacks."
)
def gradpath(traceback: bool) -> None:
    """Gradients of a model file: every path of the chain rule, checked against SymPy."""


def main() -> NoReturn:
    """Run the command and exit with its code."""
    if not sys.warnoptions:
        # What a user should know is a note of the report; a library's warning names our code.
        import warnings

        warnings.simplefilter("ignore")
    _leave(_code())


def _code() -> int:
    """Run the command; its exit code."""
    try:
        code = gradpath.main(prog_name="gradpath", standalone_mode=False)
    except SystemExit as end:
        code = 0 if hasattr(sys.stdout, "wrapped") else end.code  # click's: nobody reads --help
    except click.ClickException as error:
        with contextlib.suppress(OSError):
            error.show()
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):  # while the command was still being imported
        code = INTERRUPTED
    except OSError as error:
        if error.errno not in FULL:
            raise
        code = unwritable(error)
    return code if isinstance(code, int) else 0


def _leave(code: int) -> NoReturn:
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))  # nothing is left to unwind
    if "joblib" in sys.modules:
        sys.exit(code)  # its processes share semaphores, which go in the usual way only
    # Not sys.exit: freeing a tape of 10^6 statements object by object takes a second, and
    # the process has nothing left to do.
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
