"""Figures to reach: what a contender's quantity must be, by itself or next to another contender's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """A figure ``contender`` must reach next to ``peer``: ``reached(compare(its own quantity, the peer's))``.

    ``compare`` is applied round by round; the median of its results is what counts, and ``shown`` is its format.
    A figure that needs no peer has the contender itself for one. No ``compare``: no figure, it is enough to get
    through.
    """

    contender: str
    quantity: str
    peer: str
    text: str
    shown: str = ""
    compare: Callable[[float, float], float] | None = None
    reached: Callable[[float], bool] = bool


def times_less(contender: str, quantity: str, factor: float, peer: str) -> Goal:
    """The goal to need at most 1/``factor`` of the peer's quantity."""
    return Goal(
        contender,
        quantity,
        peer,
        f"at least {factor:g}× less than {peer}",
        "{:.3g}×",
        lambda own, theirs: theirs / own,
        lambda ratio: ratio >= factor,
    )


def times_more(contender: str, quantity: str, factor: float, peer: str) -> Goal:
    """The goal to need at most ``factor`` times the peer's quantity."""
    return Goal(
        contender,
        quantity,
        peer,
        f"at most {factor:g}× {peer}",
        "{:.3g}×",
        lambda own, theirs: own / theirs,
        lambda ratio: ratio <= factor,
    )


def at_most_more(contender: str, quantity: str, limit: float, unit: str, peer: str) -> Goal:
    """The goal to need less than ``limit`` above the peer's quantity."""
    return Goal(
        contender,
        quantity,
        peer,
        f"less than {limit:g} {unit} more than {peer}",
        f"{{:.1f}} {unit}",
        lambda own, theirs: own - theirs,
        lambda difference: difference < limit,
    )


def at_most(contender: str, quantity: str, limit: float, shown: str, slack: float = 0.0) -> Goal:
    """The goal to need at most ``limit``, in the quantity's own unit; ``slack`` is allowed for what is not ours."""
    text = f"at most {shown.format(limit)}" + (f" + {slack:.1%}" if slack else "")
    return Goal(
        contender, quantity, contender, text, shown, lambda own, _: own, lambda own: own <= limit * (1.0 + slack)
    )


def finishes(contender: str, quantity: str) -> Goal:
    """The goal to get through at all."""
    return Goal(contender, quantity, contender, "finishes")
