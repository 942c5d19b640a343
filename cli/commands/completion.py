"""`gradpath completion`: how to have the shell complete commands, options and files."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_GRADPATH_COMPLETE"  # click's own convention for a program of this name

INSTRUCTIONS = """\
bash   add to ~/.bashrc:
         eval "$(gradpath completion bash)"
zsh    add to ~/.zshrc, after compinit:
         eval "$(gradpath completion zsh)"
fish   run once:
         gradpath completion fish > ~/.config/fish/completions/gradpath.fish

Then start a new shell."""


@click.command()
@click.argument("shell", type=click.Choice(SHELLS), required=False)
@click.pass_context
def completion(ctx: click.Context, shell: str | None) -> None:
    """Print the completion script of SHELL; without SHELL, how to install it."""
    if shell is None:
        click.echo(INSTRUCTIONS)
        return
    script = get_completion_class(shell)
    assert script is not None, shell
    click.echo(script(ctx.find_root().command, {}, "gradpath", VARIABLE).source())
