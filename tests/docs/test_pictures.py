"""Every picture of the documentation is what the program draws now; see pictures.py."""

from __future__ import annotations

import pictures
import pytest


@pytest.mark.parametrize(("name", "call"), pictures.calls().items())
def test_picture_is_what_the_program_draws(name: str, call: str) -> None:
    shown = (pictures.FOLDER / name).read_text(encoding="utf-8")
    assert pictures.draw(call) == shown, f"{name} is stale: python tests/docs/pictures.py --update"


def test_every_picture_has_a_call_and_a_place() -> None:
    assert {file.name for file in pictures.FOLDER.iterdir()} == set(pictures.calls())
    pages = [pictures.ROOT / "README.md", *(pictures.ROOT / "docs").glob("*.md")]
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    for name in pictures.calls():
        assert f"pictures/{name})" in text
