"""Claims: hand derivations, verified and diagnosed.

world          the model at one point: values, and derivatives of anything by anything
sheet          one claim, as a small tape over names and derivatives
points         random points around the file's own, on both sides of what branches
assumptions    what is special about the file's leaves: sums to 1, symmetric, …
trial          whether two sides are equal at a point, with as many digits as that takes
verify         proved, verified, right at the file's point only, or wrong
counterexample a point where a claim fails, that a person can type
diagnosis      why a claim fails: `routes` on the graph, `factors`, `quantities`, `edits` of the
               text and `rewrites` of more of it (by `tokens`), `steps` of a chain
"""

from autodiff.claims.verify import Settings, verify

__all__ = ["Settings", "verify"]
