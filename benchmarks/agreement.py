"""Whether contenders computed the same: the numbers that their samples carry as facts, compared with a peer's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .harness import Outcomes

LIMIT = 1e-9
"""Relative. micrograd's ``1 - t*t`` loses digits where tanh saturates; sizes up to 4 cost it about 3 of 16."""


def relative_difference(a: float, b: float) -> float:
    """|a − b| over the larger of the two; 0 only if they are equal, infinite if either is NaN."""
    if a == b:
        return 0.0
    difference = abs(a - b) / max(abs(a), abs(b))
    return difference if difference == difference else float("inf")


def largest_difference(own: Iterable[list[float]], peers: Iterable[list[float]]) -> float:
    """The largest relative difference, number by number and round by round."""
    return max(
        relative_difference(a, b)
        for mine, theirs in zip(own, peers, strict=True)
        for a, b in zip(mine, theirs, strict=True)
    )


def agreement(outcomes: Outcomes, fact: str, peer: str, limits: Mapping[str, float] | None = None) -> list[str]:
    """For each contender a sentence: how far its numbers of that name are from the peer's, over all rounds.

    ``limits`` are for contenders that cannot be held to `LIMIT`.
    """
    notes = []
    references = [sample.facts[fact] for sample in outcomes[peer].samples]
    for name, outcome in outcomes.items():
        found = [sample.facts[fact] for sample in outcome.samples]
        if name == peer or len(found) != len(references) or not found:
            continue
        worst = largest_difference(found, references)
        zeros = found[0].count(0.0)
        limit = (limits or {}).get(name, LIMIT)
        verdict = "reached" if worst <= limit and zeros < len(found[0]) else "NOT reached"
        notes.append(
            f"The {len(found[0]):,} {fact} of {name} and {peer} ({zeros:,} of them zero) differ by at most "
            f"{worst:.1e} relative; asked for {limit:g}: {verdict}."
        )
    return notes
