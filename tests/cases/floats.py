"""Numbers at which functions overflow, have poles or lose digits: for every number system."""

from __future__ import annotations

import numpy as np

NASTY = np.array(
    [
        *(0.0, -0.0, 1e-300, -1e-300, 1e-20, 0.5, -0.5, 1.0, -1.0, 1 - 2**-53, 2.5, -2.5),
        *(20.0, 710.0, -745.0, 1e8, 1e155, -1e300, np.inf, -np.inf, np.nan),
    ]
)
