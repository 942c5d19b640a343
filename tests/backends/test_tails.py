"""Far out in the tails: mpmath's numbers to all digits, at once."""

from __future__ import annotations

import mpmath
import pytest

from autodiff.backends import mp


@pytest.mark.parametrize("digits", [15, 50, 110])
@pytest.mark.parametrize("exponent", [11, 12, 13, 14, 40, 300, 5000])
def test_the_normal_quantile_of_a_small_p(digits: int, exponent: int) -> None:
    with mpmath.workdps(digits):
        p = mp.asarray("0.7") * mpmath.mpf(10) ** -exponent
        found = mp.ndtri(p)
        # Φ(x) = p, where an error of x is one of p, φ/Φ ≈ |x| times as large.
        with mpmath.extraprec(60):
            area = mpmath.erfc(-found / mpmath.sqrt(2)) / 2
            error = abs(mpmath.log(area) - mpmath.log(p)) / found**2
        assert error < mpmath.eps
