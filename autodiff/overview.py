"""Everything about one output of a model that a page shows, found by one analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from autodiff.backends.javascript import Unwritable
from autodiff.derivation import derive
from autodiff.script import write

if TYPE_CHECKING:
    from autodiff.analysis import Analysis
    from autodiff.derivation import Derivation
    from autodiff.picture import Picture
    from autodiff.report import ClaimResult
    from autodiff.script import Written


class Overview(NamedTuple):
    """One output, seen whole.

    derivation : the report with its paths and claims, and how it comes about
    values     : of every name of the derivation
    picture    : the graph
    text       : of the model file
    script     : what computes the model again in a page, or None
    reason     : why there is none
    """

    derivation: Derivation
    values: dict[str, Any]
    picture: Picture
    text: str
    script: Written | None
    reason: str = ""


def overview(analysis: Analysis, picture: Picture, claims: tuple[ClaimResult, ...]) -> Overview:
    """Run the analysis, and collect what it found beside the picture and the claims."""
    derivation = derive(analysis, analysis.report())
    derivation = derivation._replace(report=derivation.report.with_claims(claims))
    tape = analysis.tape
    script, reason = None, ""
    try:
        script = write(tape, analysis.of)
    except Unwritable as error:
        reason = str(error)
    index = tape.model.index
    values = {a.name: tape.values[tape.vertex[index[a.name]]] for a in derivation.adjoints}
    return Overview(derivation, values, picture, tape.model.sources[0].text, script, reason)
