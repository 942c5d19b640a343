"""Draws the pictures of the documentation, so that none shows what the program does not draw.

A picture is a file of docs/pictures/, and made by the call of `gradpath graph` that a comment above
it in a page gives:

    <!-- docs/pictures/NAME.svg: gradpath graph samples/MODEL.grad … -->

The test compares each with what the call draws now;

    python tests/docs/pictures.py --update

draws them all anew. Look at them afterwards.
"""

from __future__ import annotations

import contextlib
import re
import shlex
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "pictures"

_CALL = re.compile(r"<!-- docs/pictures/([\w-]+\.svg): gradpath (graph [^\n]*?) -->")


def calls() -> dict[str, str]:
    """Per picture the arguments that draw it, from all pages."""
    found: dict[str, str] = {}
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for name, call in _CALL.findall(page.read_text(encoding="utf-8")):
            assert found.setdefault(name, call) == call, f"two calls for {name}"
    return found


def draw(call: str) -> str:
    """What the call writes as SVG."""
    from click.testing import CliRunner

    from cli.main import gradpath

    with contextlib.chdir(ROOT):
        arguments = [*shlex.split(call), "--format", "svg"]
        result = CliRunner().invoke(gradpath, arguments, prog_name="gradpath")
    assert result.exit_code == 0, result.output
    return result.stdout


def main(arguments: list[str]) -> int:
    """``[--update]``: says which pictures are stale, or draws them."""
    stale = False
    for name, call in calls().items():
        file, new = FOLDER / name, draw(call)
        if not file.exists() or file.read_text(encoding="utf-8") != new:
            stale = True
            sys.stderr.write(f"{'drawn' if '--update' in arguments else 'stale'} {name}\n")
            if "--update" in arguments:
                FOLDER.mkdir(exist_ok=True)
                file.write_text(new, encoding="utf-8")
    return 1 if stale and "--update" not in arguments else 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main(sys.argv[1:]))
