"""How often the check is wrong about a gradient that is known: rejects a right one, or accepts a wrong one.

One call checks all the entries of a gradient, of which about half have been made wrong.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from autograd_tiny.testing import check_gradients
from autograd_tiny.testing.verdicts import AGREED, DISAGREED, INCONCLUSIVE, NOT_DIFFERENTIABLE
from tests.autograd_tiny.testing.known import KINDS, Known, draw, mp
from tests.autograd_tiny.testing.wild import FAMILIES, wild

LEAST = mp.mpf(10) ** -70
"""What is known here has 80 digits: where all cancels, the last ten are not to be believed."""


@dataclass
class Count:
    """Of so many functions and derivatives what was said of them; each mistake as text."""

    functions: int = 0
    verdicts: Counter[tuple[str, bool, str]] = field(default_factory=Counter)
    """By kind of point, whether the gradient was right, and verdict."""
    rejected: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    unbounded: list[str] = field(default_factory=list)
    """Oracles whose error was larger than they said."""

    def share(self, points: str, verdict: str = INCONCLUSIVE) -> float:
        """The part of all derivatives at such points that got this verdict."""
        at = {key: n for key, n in self.verdicts.items() if key[0] == points}
        return sum(n for key, n in at.items() if key[2] == verdict) / max(1, sum(at.values()))

    def __str__(self) -> str:
        lines = [f"{self.functions} functions, {sum(self.verdicts.values())} derivatives"]
        lines += [
            f"  {points}: {100 * self.share(points):.2f} % inconclusive"
            for points in sorted({k[0] for k in self.verdicts})
        ]
        lines += [f"  right ones rejected: {len(self.rejected)}", f"  wrong ones accepted: {len(self.accepted)}",
                  f"  bounds that are none: {len(self.unbounded)}"]  # fmt: skip
        return "\n".join(lines)


def wrong(rng: random.Random, right: float, others: list[float]) -> float:
    """A mistake of a kind that is made."""
    kind = rng.randrange(6)
    if kind == 0:
        return 0.0
    if kind == 1:
        return -right
    if kind == 2:
        return rng.choice(others)
    return right * (1.0 + rng.choice((-1, 1)) * 10.0 ** rng.uniform(-8.0, 0.0)) if right else rng.uniform(-1, 1)


def count(functions: int, seed: int, cancelling_only: bool = False) -> Count:
    """The count over so many random functions and points, always the same for one seed."""
    rng, found = random.Random(seed), Count()
    kinds = [kind for kind in KINDS if "cancelling" in kind or not cancelling_only]
    for _ in range(functions):
        kind = rng.choice(kinds)
        known = draw(rng, kind, rng.choice(("scaled", "scaled", "wide", "small", "round")))
        take(found, known, rng)
    return found


def count_wild(functions: int, seed: int, kinds: Sequence[str] = tuple(FAMILIES)) -> Count:
    """The same over functions that are no formulas."""
    rng, found = random.Random(seed), Count()
    for _ in range(functions):
        take(found, wild(rng, rng.choice(kinds)), rng)
    return found


def take(found: Count, known: Known, rng: random.Random) -> None:
    """Check one function and enter what was said."""
    right = [float(g) for g in known.gradient]
    given = [g if rng.random() < 0.5 else wrong(rng, g, right) for g in right]
    report = check_gradients(known.f, *known.args, gradient=lambda *_: given)
    found.functions += 1
    for i, c in enumerate(report.comparisons[: len(right)]):
        exact: Any = known.gradient[i]
        is_right = given[i] == right[i]
        found.verdicts[known.points if known.points != "wild" else known.kind, is_right, c.verdict] += 1
        said = f"{known.kind}: {known.source} at {known.point}, by {c.names[0]}: given {given[i]!r}, is {mp.nstr(exact, 17)}; {c}"
        if is_right and c.verdict in (DISAGREED, NOT_DIFFERENTIABLE):
            found.rejected.append(said)
        off = abs(mp.mpf(given[i]) - exact)
        if c.verdict == AGREED and off > c.within * (1 + mp.mpf(10) ** -12) + LEAST:
            found.accepted.append(said)
        if (
            c.verdict == AGREED
            and c.digits
            and off > mp.mpf(10) ** -c.digits * abs(exact) * (1 + mp.mpf(10) ** -6) + LEAST
        ):
            found.accepted.append(said)
        if (
            isfinite(c.oracle.error)
            and abs(mp.mpf(c.oracle.value) - exact) > c.oracle.error + 2.0**-52 * abs(exact) + LEAST
        ):
            found.unbounded.append(said)
