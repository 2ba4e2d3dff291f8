"""Questions about the next step of a backward pass, and which mistake an answer comes from.

>>> from autograd_tiny import Value, steps
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> d = a * b; d.label = "d"
>>> p = steps(d * d * 0.5)
>>> asked = question(p.step(3))
>>> print(asked)
d = a × b has the gradient -6. What is a.grad after this step?
>>> asked.right
18.0
>>> print(asked.verdict(-3.0))
-3 is ∂d/∂a alone: the upstream gradient, -6, is forgotten. It is 0 + -6 × -3 = 18.
>>> print(asked.verdict(18.0))
Right: 0 + -6 × -3 = 18.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isclose, isfinite

from .digits import short
from .stepping.records import Contribution, Step

CLOSE = 0.006
"""An answer to three digits is right."""


@dataclass(frozen=True)
class Question:
    """What the gradient of an operand is after a step."""

    step: Step
    sent: Contribution

    @property
    def right(self) -> float:
        """The answer."""
        return self.sent.gradient_after

    def __str__(self) -> str:
        names = self.step.names
        title, asked = names.title(self.step.node), names.symbol(self.sent.parent)
        before = f" It is {short(self.sent.gradient_before)} before." if self.sent.gradient_before else ""
        return f"{title} has the gradient {short(self.step.upstream)}. What is {asked}.grad after this step?{before}"

    @property
    def way(self) -> str:
        """The sum that makes the gradient."""
        sent = self.sent
        product = f"{short(self.step.upstream)} × {short(sent.local_derivative)}"
        return f"{short(sent.gradient_before)} + {product} = {short(self.right)}"

    @property
    def mistakes(self) -> list[tuple[float, str]]:
        """The numbers that the usual mistakes give, and what each is."""
        sent, upstream, names = self.sent, self.step.upstream, self.step.names
        local, before = sent.local_derivative, sent.gradient_before
        derivative = names.derivative(self.step.node, sent.parent)
        no_upstream = f"{derivative} alone: the upstream gradient, {short(upstream)}, is forgotten"
        no_local = f"the upstream gradient alone: the local derivative {derivative}, {short(local)}, is forgotten"
        wrong = [(before + local, no_upstream), (before + upstream, no_local)]
        if before:
            kept = f"what this step sends alone: it is added to the {short(before)} that is there, not put in its place"
            wrong = [(sent.product, kept), *wrong, (local, no_upstream), (upstream, no_local)]
        sign = "right but for the sign of what is sent" if before else "the right size with the wrong sign"
        return [*wrong, (before - sent.product, sign)]

    def verdict(self, answer: float) -> str:
        """Right, or the mistake that gives this number, with the sum as it should be."""
        return verdict(answer, self.right, self.way, self.mistakes)


def verdict(answer: float, right: float, way: str, mistakes: Iterable[tuple[float, str]]) -> str:
    """What is said of an answer: right, or the first mistake that gives this number, and the ``way`` to what is."""
    if close(answer, right):
        return f"Right: {way}."
    said = next((said for wrong, said in mistakes if close(answer, wrong)), None)
    return f"{short(answer)} is not it: {way}." if said is None else f"{short(answer)} is {said}. It is {way}."


def close(answer: float, right: float) -> bool:
    """Whether the answer is right to three digits."""
    return isclose(answer, right, rel_tol=CLOSE) or (right == 0.0 and abs(answer) < 1e-9)


def question(step: Step) -> Question | None:
    """What to ask before the step is shown: of a leaf, if it reaches one; None where nothing is sent."""
    sent = [each for each in step.contributions if not each.parent.is_constant and each.parent is not step.node]
    if not sent or not step.sends or not all(isfinite(each.gradient_after) for each in sent):
        return None
    return Question(step, max(sent, key=lambda each: each.parent.is_leaf))
