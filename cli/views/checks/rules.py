"""The rules of a check in words, for reports that list them: what each means, and what to do."""

from __future__ import annotations

from typing import NamedTuple


class Rule(NamedTuple):
    """``short`` is a heading, ``full`` says what was found, ``help`` what to do about it."""

    short: str
    full: str
    help: str


RULES = {
    "gradient-differs": Rule(
        "A gradient differs from SymPy's derivative",
        "The reverse sweep and SymPy's derivative, evaluated to 30 digits at the file's point, "
        "are further apart than rounding explains.",
        "One of the two is wrong, which is rarely the model: please report the file as a bug.",
    ),
    "gradient-undefined": Rule(
        "A gradient is undefined",
        "The derivative is infinite or not a number at the file's point.",
        "Choose another point, or a formula that stays finite there.",
    ),
    "gradient-inexact": Rule(
        "A gradient has lost digits to rounding",
        "The rule is right: with more digits it agrees with SymPy. At the file's point 64-bit "
        "floats cancel so far that the number printed is inexact.",
        "Rearrange the formula so that large terms do not cancel, or accept the loss.",
    ),
    "gradient-unchecked": Rule(
        "A gradient was not checked",
        "There was no second opinion to compare the gradient with; the message says why.",
        "Make the model smaller, or split it, so that SymPy can differentiate it.",
    ),
    "claim-fails": Rule(
        "A claim is false",
        "The two sides of a hand derivation differ at the file's point or near it.",
        "See the diagnosis and the counterexample in the message, and correct the derivation.",
    ),
    "claim-point-only": Rule(
        "A claim holds at the file's point only",
        "The two sides are equal at the file's values and differ at others: no identity.",
        "Look for a term that vanishes, or a factor that is 1, at just these values.",
    ),
    "claim-undecided": Rule(
        "A claim could be neither proved nor refuted",
        "The two sides could not be compared; the message says why.",
        "Split the claim into smaller steps, or allow it more time.",
    ),
    "error-timeout": Rule(
        "A file was given up",
        "The file was not checked within the time allowed for it.",
        "Allow it more time with --timeout, or split the model.",
    ),
    "error-bug": Rule(
        "gradpath itself failed",
        "The check of a file ended with an error that is none of the model's.",
        "Please report the file as a bug in gradpath.",
    ),
}


def rule(name: str) -> Rule:
    """The words for a rule; an error of the model has the same ones whatever its code."""
    known = RULES.get(name)
    if known is not None:
        return known
    kind, _, code = name.partition("-")
    if kind == "error":
        return Rule(
            f"The model has an error: {code}",
            f"The file is not a model that can be checked. The kind of error is '{code}'.",
            "Correct the line that is marked; what each code means is told in docs/language.md.",
        )
    return Rule(f"{kind}: {code}", f"The {kind} is '{code}'.", "See docs/verdicts.md.")
