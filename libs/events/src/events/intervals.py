"""How sure a share is that was counted: the interval that every report shows beside it."""

from math import sqrt

Z = 1.959963984540054
"""The 97.5 % quantile of the normal distribution, for an interval of 95 %."""


def compute_wilson_interval(part: float, whole: float) -> tuple[float, float] | None:
    """Return the 95 % interval of `part` of `whole` after Wilson (1927), which holds for small numbers too.

    Returns:
        The lower and the upper end, both from 0 to 1; None of nothing.
    """
    if whole <= 0:
        return None
    share, square = part / whole, Z * Z
    middle = share + square / (2 * whole)
    spread = Z * sqrt(max(share * (1 - share), 0.0) / whole + square / (4 * whole * whole))
    scale = 1 + square / whole
    return max((middle - spread) / scale, 0.0), min((middle + spread) / scale, 1.0)
