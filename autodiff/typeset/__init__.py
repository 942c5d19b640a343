"""Formulas as text -> the same formulas set as mathematics: MathML for pages, LaTeX for papers.

Formulas are written once, as text (``(1 − tanh(d)²)·w4``): by `backends.formula`, by
`symbolic.printing`, or by the author of a model. This package reads that text and sets it. What
it cannot read stays as it is, as text; it never raises, and never lets text act as markup.

>>> latex("(1 − tanh(d)²)·w4/√(x)")
'\\\\frac{(1 - \\\\tanh(d)^{2}) \\\\cdot w_{4}}{\\\\sqrt{x}}'
>>> mathml("w1·a")
'<math><msub><mi>w</mi><mn>1</mn></msub><mo>·</mo><mi>a</mi></math>'
"""

from autodiff.typeset.latex import latex, preamble
from autodiff.typeset.mathml import mathml
from autodiff.typeset.names import clashing

__all__ = ["clashing", "latex", "mathml", "preamble"]
