"""Every option and argument, defined once."""

from __future__ import annotations

from typing import Literal

import click

from cli.boundary import Call

FORMATS = ("text", "json", "csv", "markdown")
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
    pairs = []
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
full = click.option(
    "--full", is_flag=True, help="All digits, all elements of arrays, all of long formulas."
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
