"""SymPy's word: an independent reference for dL/dx, to 30 digits and more.

SymPy differentiates each statement, and its partials are chained at the exact binary value of
the point. Small models also get a closed form, which is a second route through SymPy and must
give the same number. The only importer of sympy.

    reference  the two questions: what is dL/dx, and what is it just beside x
    identity   whether two sides of a claim are one function; `elements` are arrays of formulas
    normal     whether a formula is 0: normal forms, by cases; `quotients` of polynomials in
               generators, `powers` has what is transcendental
    closed     a small model as one formula, and its derivatives; `printing` sets them
    chain      values forward, adjoints backward, until enough digits are sure
    expand     model -> which formula reads and fills which number; `arrays`, element by element
    sampling   arrays too large to expand: the adjoint equation at some elements of every node;
               `cone` runs a row on `parts`, arrays of which little is computed; `places`, `sums`
    rules      what SymPy is asked to differentiate, each once
    program    a formula and its partials as code; `compiler` makes it
    namespace  SymPy as a number system; `functions` are those it lacks
    raw        mpmath's raw numbers; `branches` has what jumps and bends
    operators  Python's operators on the arrays of `arrays`, `parts` and `elements`
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autodiff.symbolic.expand import DEFAULT, Limits
from autodiff.symbolic.reference import Reference, one_sided, reference

if TYPE_CHECKING:
    from autodiff.syntax import Side
    from autodiff.tape import Tape

__all__ = ["DEFAULT", "Limits", "Reference", "one_sided", "prove", "reference"]


def prove(tape: Tape, lhs: Side, rhs: Side) -> bool:
    """Whether ``lhs == rhs`` is seen to be an identity in the leaves. False may be true."""
    from autodiff.symbolic import identity  # needs NumPy, which a check of numbers does not

    return identity.prover(tape).prove(lhs, rhs)
