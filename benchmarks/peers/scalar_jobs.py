"""Jobs of finance and engineering as anyone would write them on numbers: `autograd_tiny`, CasADi and jax run the text.

Each takes ``m``, where exp, log, sin, cos, sqrt come from, and numbers of whichever library.
"""

from __future__ import annotations

import math
from random import Random
from typing import Any

SERIES = [math.sin(0.3 * i) + 0.3 * Random(i).gauss(0.0, 1.0) for i in range(100)]
QUOTES = [0.02 + 0.0008 * i - 0.00001 * i * i for i in range(30)]
FIT = [1.1, 0.4, 0.4, 0.1, 10.0, 5.0]
STEPS, STEP, EACH = 200, 0.05, 10
ANGLES = [0.3, -0.4, 0.7, 0.2, -0.5, 0.1]


def log_likelihood(m: Any, p: Any) -> Any:
    """A local level through a Kalman filter of 100 observations; p are both variances (J. Durbin, S. Koopman)."""
    level, spread, total = 0.0, 1.0, 0.0
    for y in SERIES:
        spread = spread + p[1]
        miss, expected = y - level, spread + p[0]
        total = total - 0.5 * (m.log(2.0 * math.pi * expected) + miss * miss / expected)
        gain = spread / expected
        level, spread = level + gain * miss, (1.0 - gain) * spread
    return total


def populations(m: Any, p: Any) -> list[Any]:
    """Predators and prey at each tenth of 200 Runge-Kutta steps, 40 numbers; p are four rates and where they start."""
    a, b, c, d = p[0], p[1], p[2], p[3]

    def slope(x: Any, y: Any) -> tuple[Any, Any]:
        both = x * y
        return a * x - b * both, d * both - c * y

    x, y, found = p[4], p[5], []
    for i in range(STEPS):
        x1, y1 = slope(x, y)
        x2, y2 = slope(x + STEP / 2 * x1, y + STEP / 2 * y1)
        x3, y3 = slope(x + STEP / 2 * x2, y + STEP / 2 * y2)
        x4, y4 = slope(x + STEP * x3, y + STEP * y3)
        x, y = x + STEP / 6 * (x1 + 2 * x2 + 2 * x3 + x4), y + STEP / 6 * (y1 + 2 * y2 + 2 * y3 + y4)
        if i % EACH == EACH - 1:
            found += [x, y]
    return found


def misfit(m: Any, p: Any) -> Any:
    """The squared distance of the populations from what was counted."""
    total: Any = 0.0
    for i, u in enumerate(populations(m, p)):
        miss = u - (4.0 + i % 7)
        total = total + miss * miss
    return total


def zero_rates(m: Any, quotes: Any) -> list[Any]:
    """The zero rates of 30 years from par swap rates, one after the other."""
    annuity, found = 0.0, []
    for i in range(len(QUOTES)):
        discount = (1.0 - quotes[i] * annuity) / (1.0 + quotes[i])
        annuity = annuity + discount
        found.append(-m.log(discount) / (i + 1.0))
    return found


def hand(m: Any, q: Any) -> list[Any]:
    """Where the hand of an arm of six joints is, which turn about z and y in turn."""
    x, y, z = 0.0, 0.0, 0.0
    for i in reversed(range(6)):
        s, c = m.sin(q[i]), m.cos(q[i])
        z = z + 0.3 + 0.05 * i
        x, y, z = (c * x - s * y, s * x + c * y, z) if i % 2 == 0 else (c * x + s * z, y, c * z - s * x)
    return [x, y, z]
