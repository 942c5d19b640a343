"""SymPy's word: an independent reference for dL/dx, to 30 digits and more.

SymPy differentiates each statement (`namespace`, `program`); its partials are chained at the
exact binary value of the point by mpmath (`expand`, `chain`). Small models also get a closed
form (`closed`), which is a second route through SymPy and must give the same number. The only
importer of sympy.
"""

from autodiff.symbolic.expand import DEFAULT, Limits
from autodiff.symbolic.reference import Reference, one_sided, reference

__all__ = ["DEFAULT", "Limits", "Reference", "one_sided", "reference"]
