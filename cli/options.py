"""Every option and argument, defined once."""

from __future__ import annotations

import functools
import os
import re
from typing import TYPE_CHECKING, Any, Literal

import click

from cli.boundary import Call
from cli.views.checks import FORMATS as CHECK_FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable

FORMATS = ("text", "json", "csv", "markdown")
LEAST_MEMORY = 256 << 20  # bytes of address space: below, NumPy cannot be imported
SHOWN = 8  # paths shown of each gradient, unless --paths says otherwise


def _path_count(
    ctx: click.Context, param: click.Parameter, value: str
) -> int | Literal["all"] | None:
    """``--paths``: a number, ``all``, or ``none`` (None, as is 0)."""
    if value == "all":
        return "all"
    if value == "none":
        return None
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise click.BadParameter(
            f"{value!r} is neither a number of paths nor 'all' nor 'none'.", ctx, param
        )
    return int(value)


def _assignments(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> list[tuple[str, str]]:
    """``--set NAME=EXPR`` as pairs; what the two may be is the language's to say."""
    pairs: list[tuple[str, str]] = []
    for value in values:
        name, equals, expression = (part.strip() for part in value.partition("="))
        if not equals or not name or not expression:
            raise click.BadParameter(
                f"{value!r} is not of the form NAME=EXPR, as in x=1.5.", ctx, param
            )
        pairs.append((name, expression))
    return pairs


def _names(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> list[str] | None:
    """``--wrt a --wrt b,c`` as one list, each name once; None where it was not given."""
    if not values:
        return None
    names = [name.strip() for value in values for name in value.split(",")]
    if not all(names):
        raise click.BadParameter("an empty name.", ctx, param)
    return list(dict.fromkeys(names))


def _jobs(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """``-j``: a number of processes, 0 or ``auto`` for one on each core."""
    if value is None or value == "auto":
        return None if value is None else 0
    if not (value.isascii() and value.isdigit() and len(value) < 6):
        raise click.BadParameter(
            f"{value!r} is neither a number of processes nor 'auto'.", ctx, param
        )
    return int(value)


def _reports(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> list[tuple[str, str]]:
    """``--report FORMAT=PATH`` as pairs; no path twice."""
    pairs: list[tuple[str, str]] = []
    for value in values:
        format, equals, path = value.partition("=")
        if not equals or not path or format not in CHECK_FORMATS:
            raise click.BadParameter(
                f"{value!r} is not of the form FORMAT=PATH, with a FORMAT of "
                f"{', '.join(CHECK_FORMATS)}.",
                ctx,
                param,
            )
        if path == "-":
            raise click.BadParameter("a report needs a file; --format is for stdout.", ctx, param)
        if os.path.realpath(path) in {os.path.realpath(other) for _, other in pairs}:
            raise click.BadParameter(f"two reports for {path!r}.", ctx, param)
        pairs.append((format, path))
    return pairs


def _limits(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> list[tuple[str, int]]:
    """``--limit NAME=N`` as pairs; which names there are is the engine's to say."""
    pairs: list[tuple[str, int]] = []
    for value in values:
        name, _, number = (part.strip() for part in value.partition("="))
        found = _WHOLE.fullmatch(number.replace(",", ""))
        if not name or found is None:
            raise click.BadParameter(
                f"{value!r} is not of the form NAME=N, as in elements=1000000 or elements=1e6.",
                ctx,
                param,
            )
        pairs.append((name, int(found[1]) * 10 ** int(found[2] or 0)))
    return pairs


_WHOLE = re.compile(r"([0-9]{1,18})(?:e([0-9]|1[0-8]))?", re.ASCII)
_BYTES = re.compile(r"([0-9]{1,15})([KMGT]?)(?:i?B)?", re.ASCII | re.IGNORECASE)


def _bytes(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """``--max-memory``: a number of bytes, as 500M or 2G."""
    if value is None:
        return None
    found = _BYTES.fullmatch(value.strip())
    if found is None:
        raise click.BadParameter(f"{value!r} is no size, as 500M or 2G are.", ctx, param)
    size: int = int(found[1]) * 1024 ** " KMGT".index(found[2].upper() or " ")
    if size < LEAST_MEMORY:
        raise click.BadParameter(
            f"{value!r} is too little to start with; {LEAST_MEMORY >> 20}M is the least.",
            ctx,
            param,
        )
    return size


def _remember(ctx: click.Context, param: click.Parameter, value: str) -> str:
    # The boundary answers in the format that was asked for, also when the model is wrong.
    call = ctx.find_object(Call)
    if call is not None and param.name is not None:
        setattr(call, param.name, value)
    return value


# readable=False: what is wrong with a file is the engine's to say, with its code and hint.
model = click.argument(
    "model",
    type=click.Path(allow_dash=True, readable=False),
    callback=_remember,
)
of = click.option("--of", metavar="NAME", help="Output.  [default: L, else the last name]")
wrt = click.option(
    "--wrt",
    metavar="NAME",
    multiple=True,
    callback=_names,
    help="With respect to NAME: a leaf or any name; may be repeated, or NAME,NAME.  "
    "[default: every leaf]",
)
assignments = click.option(
    "--set",
    "assignments",
    metavar="NAME=EXPR",
    multiple=True,
    callback=_assignments,
    help="Give NAME another value, or a value if it has none; may be repeated.",
)
values = click.option(
    "--values",
    type=click.Path(readable=False),
    metavar="FILE",
    help="Values for names, from a .json or .npz file.",
)
paths = click.option(
    "--paths",
    metavar="K|all|none",
    callback=_path_count,
    default=str(SHOWN),
    show_default=True,
    help="How many paths to show of each gradient, heaviest first; none for the gradients alone.",
)
nodes = click.option(
    "--nodes",
    type=click.Choice(["names", "all"]),
    default="names",
    show_default=True,
    help="Paths through the file's names, or through every operation.",
)
check = click.option(
    "--check/--no-check",
    default=True,
    show_default=True,
    help="Compare with SymPy's derivative.",
)
format = click.option(
    "--format",
    "format",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    callback=_remember,
    is_eager=True,
    help="What to print.",
)
precision = click.option(
    "--precision",
    metavar="DIGITS",
    type=click.IntRange(1, 10_000),
    help="Compute in so many decimal digits, by mpmath.  [default: float64, about 16]",
)
dtype = click.option(
    "--dtype",
    type=click.Choice(["float64", "float32"]),
    default="float64",
    show_default=True,
    help="What numbers and arrays are computed in.",
)
device = click.option(
    "--device",
    type=click.Choice(["cpu", "gpu", "auto"]),
    default="cpu",
    show_default=True,
    help="Where arrays are computed; auto for a GPU if there is one.",
)
full = click.option(
    "--full", is_flag=True, help="All digits, all elements of arrays, all of long formulas."
)
ascii = click.option("--ascii", is_flag=True, help="Use ASCII signs only.")
output = click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(allow_dash=True),
    help="Write to FILE instead of stdout.",
)
page_output = click.option(
    "-o",
    "--output",
    metavar="FILE|DIR",
    type=click.Path(allow_dash=True),
    help="Write to FILE, or the pages of several models to DIR.  [default: stdout]",
)
ops_format = click.option(
    "--format",
    "format",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    callback=_remember,
    is_eager=True,
    help="What to print.",
)

devices_format = click.option(
    "--format",
    "format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    callback=_remember,
    is_eager=True,
    help="What to print.",
)

# ---- of `gradpath derive` and `gradpath tape`

style = click.option(
    "--style",
    type=click.Choice(["paths", "backward"]),
    help="By path, or each adjoint from those before it.  [default: paths; backward for claims]",
)
derive_format = click.option(
    "--format",
    "format",
    type=click.Choice(["text", "latex", "markdown", "mathml", "claims"]),
    default="text",
    show_default=True,
    callback=_remember,
    is_eager=True,
    help="What to print; claims are for gradpath check --claims.",
)
tape_format = click.option(
    "--format",
    "format",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    callback=_remember,
    is_eager=True,
    help="What to print.",
)

# ---- of `gradpath graph`

GRAPH_FORMATS = {
    "svg": (".svg",),
    "png": (".png",),
    "dot": (".dot", ".gv"),
    "mermaid": (".mmd", ".mermaid"),
    "text": (".txt",),
}


def _path(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> list[list[str]]:
    """``--path L,d,c,a`` as names; each path once."""
    found = [[name.strip() for name in value.split(",")] for value in values]
    for names in found:
        if not all(names):
            raise click.BadParameter("an empty name.", ctx, param)
    return [list(names) for names in dict.fromkeys(map(tuple, found))]


backward = click.option(
    "--backward",
    is_flag=True,
    help="Against the computation: local derivatives on the edges, adjoints on the names.",
)
path = click.option(
    "--path",
    metavar="NAME,...",
    multiple=True,
    callback=_path,
    help="Light up a path, from the output on, as in L,d,c,a; may be repeated.",
)
leaf = click.option("--leaf", metavar="NAME", help="Light up the heaviest paths to NAME.")
lit = click.option(
    "--paths",
    type=click.IntRange(1, 100),
    metavar="K",
    default=3,
    show_default=True,
    help="How many of them.",
)
drawn = click.option(
    "--nodes",
    type=click.Choice(["names", "all"]),
    default="names",
    show_default=True,
    help="Draw the file's names, or every operation.",
)
most = click.option(
    "--most",
    metavar="N",
    type=click.IntRange(2, 2000),
    default=80,
    show_default=True,
    help="Draw so many; of a larger graph some are folded into one.",
)
graph_format = click.option(
    "--format",
    "format",
    type=click.Choice(list(GRAPH_FORMATS)),
    help="What to draw.  [default: by FILE's ending, else text]",
)

# ---- of `gradpath check`

files = click.argument("files", metavar="PATH...", nargs=-1, type=click.Path(readable=False))
from_file = click.option(
    "--from-file",
    "lists",
    metavar="LIST|-",
    multiple=True,
    type=click.Path(readable=False, allow_dash=True),
    help="Check the paths in LIST too, one a line or each ended by a NUL; may be repeated.",
)
only = click.option(
    "--only", type=click.Choice(["gradients", "claims"]), help="Check nothing else."
)
claims_file = click.option(
    "--claims",
    metavar="FILE",
    type=click.Path(readable=False),
    help="Verify the claims in FILE too.",
)
points = click.option(
    "--points",
    type=click.IntRange(1, 10_000),
    default=16,
    show_default=True,
    help="At how many random points a claim is tried.",
)
seed = click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=0,
    show_default=True,
    help="Of the random points.",
)
rtol = click.option(
    "--rtol",
    type=click.FloatRange(0, 1, max_open=True),
    help="The relative error a claim may have.  [default: as good as none]",
)
strict = click.option(
    "--strict", is_flag=True, help="What is inexact, undecided or unchecked fails too."
)
fail_fast = click.option("--fail-fast", is_flag=True, help="Stop at the first file that fails.")
quiet = click.option("-q", "--quiet", is_flag=True, help="Text shows only files that fail.")
jobs = click.option(
    "-j",
    "--jobs",
    metavar="N|auto",
    callback=_jobs,
    help="Processes; auto or 0 for one on each core.  [default: 1 for few files, else auto]",
)
timeout = click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(0, 1_000_000, min_open=True),
    help="Give up what takes longer: of many files that one, and the others go on.",
)
max_memory = click.option(
    "--max-memory",
    metavar="SIZE",
    callback=_bytes,
    help="Give up what needs more memory than SIZE, as 500M or 2G.",
)
limits = click.option(
    "--limit",
    "limits",
    metavar="NAME=N",
    multiple=True,
    callback=_limits,
    help="Allow the model more, or less, as elements=1e9; may be repeated.",
)


def bounds(command: Callable[..., Any]) -> Callable[..., Any]:
    """--limit, --max-memory and --timeout, for a command on one model.

    The command gets ``limits``, an `autodiff.limits.Limits`; the other two are seen to here: with
    either of them it runs in a process of its own (`cli.confined`).
    """

    @limits
    @max_memory
    @timeout
    @functools.wraps(command)
    def bounded(
        *args: Any,
        timeout: float | None,
        max_memory: int | None,
        limits: list[tuple[str, int]],
        **options: Any,
    ) -> object:
        from autodiff.limits import LIMITS

        options["limits"] = LIMITS.with_changes(limits)
        if timeout is None and max_memory is None:
            return command(*args, **options)
        from cli.confined import run

        call = click.get_current_context().find_object(Call)
        assert call is not None
        return run(call, lambda: command(*args, **options), timeout, max_memory)

    return bounded


scheduler = click.option(
    "--scheduler", metavar="ADDRESS", help="Have the workers of this Dask cluster do it."
)
cache = click.option(
    "--cache",
    metavar="DIR",
    type=click.Path(),
    help="Keep results in DIR; skip what has not changed since.",
)
reports = click.option(
    "--report",
    "reports",
    metavar="FORMAT=PATH",
    multiple=True,
    callback=_reports,
    help="Write a report to PATH as well, in one of the formats; may be repeated.",
)
check_format = click.option(
    "--format",
    "format",
    type=click.Choice(CHECK_FORMATS),
    default="text",
    show_default=True,
    callback=_remember,
    is_eager=True,
    help="What to print.",
)
