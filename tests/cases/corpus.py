"""A claim about a model, as data: what it says, whether it is true, and what is wrong if not."""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    """One claim about one model; ``diagnosis`` holds the codes that count as right."""

    model: str
    claim: str
    holds: bool
    diagnosis: tuple[str, ...] = ()


class Corpus(list[Case]):
    """Claims about many models."""

    def model(self, text: str, true: str, *false: tuple[str, str]) -> None:
        """Add a model's claims: true ones, a line each; false ones with their codes."""
        text = text.strip("\n")
        self.extend(Case(text, claim.strip(), True) for claim in true.strip().splitlines())
        self.extend(Case(text, claim, False, tuple(codes.split())) for claim, codes in false)
