"""How far a share that was counted can be trusted. Pure."""

from __future__ import annotations

import math

Z95 = 1.959963984540054


def wilson(successes: int, n: int, z: float = Z95) -> tuple[float, float]:
    """The interval of Wilson 1927, "Probable inference, the law of succession, and statistical inference"."""
    if n == 0:
        return 0.0, 1.0
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    # At the ends the bound is exact; rounding must not push it off.
    return (0.0 if successes == 0 else centre - half), (1.0 if successes == n else centre + half)
