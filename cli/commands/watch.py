"""`gradpath watch`: `gradpath grad`, again each time a file is saved, with what has changed."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any

import click

from cli import options, terminal, views
from cli.boundary import USAGE, as_text

if TYPE_CHECKING:
    from autodiff.report import Report

_LOADED = re.compile(r"""\bload\(\s*["']([^"'\n]+)["']""")


@click.command()
@options.model
@options.of
@options.wrt
@options.assignments
@options.values
@options.paths
@options.nodes
@options.check
@options.claims_file
@options.dtype
@options.device
@options.full
@options.ascii
def watch(**asked: Any) -> int:
    """Print what `gradpath grad MODEL` prints, again whenever a file is saved.

    Files are the model, the data it loads, --values and --claims. After the first time, what has
    changed stands below: values, gradients, verdicts and claims. Errors are printed, and waited
    out. Ctrl-C ends it.
    """
    if asked["model"] == "-":
        raise click.UsageError("standard input cannot be watched")
    from cli.watching import Files

    files, rounds = Files(), _Rounds(**asked)
    while True:
        files.remember(rounds.paths)
        rounds.run()
        if not rounds.begun:
            return USAGE
        files.add(rounds.paths)  # what it turned out to load
        sys.stdout.flush()
        rounds.announce(files.changed())


class _Rounds:
    """Computes and prints, again and again; remembers the last report.

    paths : the files that the result depends on, as far as they are known
    begun : whether the model has ever been read; else its name is wrong
    """

    def __init__(
        self,
        model: str,
        assignments: list[tuple[str, str]],
        values: str | None,
        claims: str | None,
        device: str,
        full: bool,
        ascii: bool,
        **request: Any,
    ) -> None:
        self.source: dict[str, Any] = {
            "set": assignments,
            "values": values,
            "claims": claims,
            "device": device,
        }
        self.model, self.request, self.full = model, request, full
        self.ascii = ascii or terminal.ascii_only(sys.stdout)
        self.given = [path for path in (model, values, claims) if path is not None]
        self.paths = set(self.given)
        self.last: Report | None = None
        self.begun = False

    def run(self) -> None:
        """One round. What is wrong with the model or its files is printed as `grad` prints it."""
        import autodiff

        self.paths = set(self.given)
        try:
            program = autodiff.load(self.model, witness=self.witness, **self.source)
            report = program.gradient(ascii=self.ascii, full=self.full, **self.request)
        except (autodiff.ModelErrors, autodiff.UsageError) as error:
            sys.stdout.flush()
            click.echo(as_text(error), err=True)
            return
        views.show(report, "text", ascii=self.ascii, full=self.full)
        if self.last is not None:
            from cli.views import changes

            sys.stderr.flush()
            found = changes.lines(self.last, report, ascii=self.ascii)
            terminal.write("\n" + "\n".join(found))
        self.last = report

    def witness(self, name: str, content: bytes) -> None:
        """A file that is read. What the model loads is known before it is found to be missing."""
        if name in self.given:
            if name == self.model:
                self.begun = True
                loaded = _LOADED.findall(content.decode("utf-8", "replace"))
                self.paths.update(map(self.beside, loaded))
            return
        self.paths.add(self.beside(name))

    def beside(self, name: str) -> str:
        return os.path.join(os.path.dirname(self.model), name)

    def announce(self, changed: list[str]) -> None:
        """Which files were saved, above what follows."""
        from cli.views import words

        names = ", ".join(sorted(map(os.path.basename, changed)))
        signs = words.ASCII if self.ascii else words.UNICODE
        terminal.write(f"\n--- {words.safe(names, signs)} ---\n\n")
