"""Runs what the documentation shows, so that a page cannot say what the program does not.

A page is a Markdown file: README.md, CHANGELOG.md and docs/*.md. Its blocks run from top to
bottom in a folder of the page's own, which holds a copy of samples/:

    ```grad       a model. Where its first line is a comment with a file name, `# two.grad`, it
                  is written to that file, for the commands below it. A model that no command
                  of the page names must load and have a gradient.
    ```json NAME  a data file: any block whose info string has a second word is written to the
                  file of that name.
    ```console    `$ command` lines, each followed by exactly what it prints on stdout and
                  stderr. `gradpath …` runs in this process, anything else (a pipe) in bash. A
                  command that fails is followed by `$ echo $?`.
    ```python     statements that must run; with `>>>` prompts, what they print is compared.
                  The blocks of a page share their names.
    ```sh         set-up, for a reader to run; not run here.

    | 255 | … | `lexer.MAX_NAME` |  the row of a table that ends with a constant of the engine
                  starts with its value.

    <!-- output of COMMAND -->  what stands between these two comments is what COMMAND prints.
    <!-- end of output -->

`render` writes the page anew with what the commands print now. The test compares the two, but
for the last digits, which depend on the machine's mathematical library (see `settled`);

    python tests/docs/pages.py --update [PAGE …]

replaces the page instead. Read it again afterwards: the text around may no longer be true.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import traceback
import warnings
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

_FENCE = re.compile(r"^(?P<fence>```+)(?P<info>[^`\n]*)\n(?P<body>.*?)^(?P=fence)$", re.M | re.S)
_OUTPUT = re.compile(r"(<!-- output of (.+?) -->\n)(.*?)(^<!-- end of output -->)", re.M | re.S)
_LIMIT = re.compile(r"^\| [\d,]+ \|(.*\| `([a-z.]+)\.([A-Z_]+(?:\.[a-z_]+)?)` \|)$", re.M)
_FILE_COMMENT = re.compile(r"# ([\w.-]+\.grad)\n")
_LONG = re.compile(r"-?\d\.?\d{11,}(?:e[-+]\d+)?|-?\d+\.\d{11,}(?:e[-+]\d+)?")
_TINY = re.compile(r"-?\d(?:\.\d+)?e-(?:1[4-9]|[2-9]\d)\b")
_ULPS = re.compile(r"to (?:the last digit|[\d,]+ ulps?)")
_MACHINE = re.compile(r"NumPy [\d.]+, cores \d+")
_TOOK = re.compile(r"(?<=   )\d+\.\d s$", re.M)  # the last line of `gradpath check`
_PLAIN = re.compile(r"gradpath(?: [^|&;<>$`]*)?")  # a call without help from the shell


def documents() -> list[Path]:
    """Every page, the README first."""
    top = [ROOT / "README.md", ROOT / "CHANGELOG.md"]
    return [page for page in top if page.exists()] + sorted((ROOT / "docs").glob("*.md"))


def render(text: str, folder: Path) -> str:
    """The page with every output as it is now. Raises AssertionError where a block is broken."""
    shutil.copytree(ROOT / "samples", folder / "samples")
    page = _Page(text, folder)
    with contextlib.chdir(folder), _environment(folder):
        text = _FENCE.sub(page.block, text)
        return _LIMIT.sub(limit, _OUTPUT.sub(page.generated, text))


def limit(found: re.Match[str]) -> str:
    """A row of a table of limits, with the limit as it is now."""
    value = attrgetter(found[3])(import_module(f"autodiff.{found[2]}"))
    return f"| {value:,} |{found[1]}"


def settled(text: str) -> str:
    """``text`` without what another machine's mathematical library may give otherwise.

    Numbers of many digits keep eleven, errors near rounding become 0, ulps are not counted, and
    how long it took is not compared; nor are the cores of a machine, and NumPy's version.
    """
    text = _MACHINE.sub("NumPy N, cores N", text)
    text = _TOOK.sub("N s", _ULPS.sub("to N ulps", _TINY.sub("0", text)))
    return _LONG.sub(lambda found: f"{float(found[0]):.10e}", text)


class _Page:
    def __init__(self, text: str, folder: Path) -> None:
        self.text = text
        self.folder = folder
        self.names: dict[str, Any] = {"__name__": "__main__"}

    def block(self, found: re.Match[str]) -> str:
        """One fenced block, its body replaced by what it gives now."""
        language, _, name = found["info"].strip().partition(" ")
        body = found["body"]
        if name:
            (self.folder / name).write_text(body, encoding="utf-8")
        elif language == "grad":
            self.model(body)
        elif language == "console":
            body = self.console(body)
        elif language == "python":
            body = self.python(body)
        else:
            assert language in {"sh", "text", ""}, f"no convention for ```{found['info']}"
        return f"{found['fence']}{found['info']}\n{body}{found['fence']}"

    def model(self, body: str) -> None:
        named = _FILE_COMMENT.match(body)
        if named:
            (self.folder / named[1]).write_text(body, encoding="utf-8")
        if named is None or not re.search(rf"^\$ .*{re.escape(named[1])}", self.text, re.M):
            import autodiff

            autodiff.loads(body).gradient(check=False)

    def console(self, body: str) -> str:
        lines, code = [], 0
        for line in body.splitlines():
            if not line.startswith("$ "):
                continue  # what the page says it prints
            if line == "$ echo $?":
                continue  # written below, where it belongs
            output, code = run(line[2:], self.folder)
            assert "this is a bug in gradpath" not in output, f"{line}\n{output}"
            lines += [line, *output.splitlines()]
            if code:
                lines += ["$ echo $?", str(code)]
        return "".join(f"{line}\n" for line in lines)

    def python(self, body: str) -> str:
        if ">>>" not in body:
            self.execute(body, "exec")
            return body
        import doctest

        lines = []
        for example in doctest.DocTestParser().get_examples(body):
            first, *rest = example.source.splitlines()
            lines += [f">>> {first}", *(f"... {line}".rstrip() for line in rest)]
            lines += self.example(example.source).splitlines()
        return "".join(f"{line}\n" for line in lines)

    def example(self, source: str) -> str:
        """What one statement prints at the prompt; of an error of ours its last line."""
        from autodiff import GradpathError

        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            try:
                self.execute(source, "single")
            except GradpathError as error:
                last = traceback.format_exception_only(error)[-1]
                out.write(f"Traceback (most recent call last):\n  ...\n{last}")
        return out.getvalue()

    def execute(self, source: str, mode: str) -> None:
        exec(compile(source, "<page>", mode), self.names)  # noqa: S102  # text of our own pages

    def generated(self, found: re.Match[str]) -> str:
        output, code = run(found[2], self.folder)
        assert code == 0, f"{found[2]} exits with {code}: {output}"
        return f"{found[1]}\n{output.strip()}\n\n{found[4]}"


def run(command: str, folder: Path) -> tuple[str, int]:
    """What a command prints, stdout and stderr as a terminal would mix them, and its exit code."""
    if not _PLAIN.fullmatch(command):
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        return done.stdout, done.returncode
    from click.testing import CliRunner

    from cli.main import gradpath

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as `cli.main.main` does
        result = CliRunner().invoke(gradpath, shlex.split(command)[1:], prog_name="gradpath")
    return result.output, result.exit_code


@contextlib.contextmanager
def _environment(folder: Path) -> Any:
    """``gradpath`` and ``python`` on the path of bash, both of this checkout."""
    commands = folder / ".bin"
    commands.mkdir()
    for name, call in (("gradpath", "-m cli "), ("python", "")):
        script = commands / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {call}"$@"\n')
        script.chmod(0o755)
    saved = dict(os.environ)
    os.environ["PATH"] = f"{commands}{os.pathsep}{os.environ['PATH']}"
    os.environ["PYTHONPATH"] = str(ROOT)
    os.environ["PYTHONIOENCODING"] = "utf-8"
    ours = ("GRADPATH_DEBUG", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "PYTHONWARNINGS")
    for name in (*ours, "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        os.environ.pop(name, None)
    cupy = sys.modules.pop("cupy", None)
    sys.modules["cupy"] = None  # type: ignore[assignment]  # pages show a machine without a GPU
    try:
        yield
    finally:
        del sys.modules["cupy"]
        if cupy is not None:
            sys.modules["cupy"] = cupy
        os.environ.clear()
        os.environ.update(saved)


def main(arguments: list[str]) -> int:
    """``[--update] [PAGE …]``: says which pages are stale, or brings them up to date."""
    update = "--update" in arguments
    chosen = [Path(a).resolve() for a in arguments if a != "--update"] or documents()
    stale, failed = False, False
    for page in chosen:
        text = page.read_text(encoding="utf-8")
        try:
            with tempfile.TemporaryDirectory() as folder:
                new = render(text, Path(folder))
        except Exception as error:
            failed = True
            sys.stderr.write(f"broken {page.relative_to(ROOT)}: {error}\n")
            continue
        if settled(new) != settled(text):
            stale = True
            name = page.relative_to(ROOT)
            sys.stderr.write(f"{'updated' if update else 'stale'} {name}\n")
            if update:
                page.write_text(new, encoding="utf-8")
    return 1 if failed or (stale and not update) else 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main(sys.argv[1:]))
