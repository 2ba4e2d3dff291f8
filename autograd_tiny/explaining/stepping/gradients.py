"""The ``.grad`` of every node while a backward pass is under way: what was found, what the sweep has added.

A leaf's gradient is what was there plus its adjoint so far, added once as `backward` does it: adding each
contribution to the old number in turn would round differently.

>>> from autograd_tiny import Value, steps
>>> a = Value(2.0, "a"); a.grad = 0.1
>>> p = steps(a * a * a); p.goto(2).contributions[1].gradient_after
12.1
>>> a.grad = 0.0; p.back()
Traceback (most recent call last):
autograd_tiny.explaining.stepping.gradients.GradientsChanged: a.grad is 0.0, but step 2 of this pass left it at 12.1:
something else has set it since (another backward, zero_grad). Nothing was changed; set it back, or open a new pass:
steps(root)
"""

from __future__ import annotations

from array import array
from collections.abc import Collection
from math import isnan

from ... import errors
from ...core import Value, gradients_of, set_gradients
from ..names import Names
from .tape import Tape


class GradientsChanged(errors.AutogradError, RuntimeError):
    """Something else has set a gradient that a backward pass was about to change."""


class Gradients:
    """The gradients of the nodes of a tape, at a ``position`` in it."""

    def __init__(self, tape: Tape, names: Names) -> None:
        self.order, self._tape, self._names = tape.order, tape, names
        self.position = 0
        self._leaves = [i for i, node in enumerate(self.order) if node.is_leaf]
        self._takes = [i for i, node in enumerate(self.order) if not node.is_constant]
        self._takers = [self.order[slot] for slot in self._takes]
        self._ran = b""
        self._found = self._bases = self._adjoints = array("d")

    def total(self, slot: int, adjoint: float) -> float:
        """The ``.grad`` of a node whose adjoint is ``adjoint``."""
        if slot == self._tape.constants:
            return 0.0
        node = self.order[slot]
        return (self._bases[slot] if self.position else node.grad) + adjoint if node.is_leaf else adjoint

    def move(self, there: int) -> None:
        """Give every node the gradient that it has after step ``there``; at 0, the one that was found."""
        here = self.position
        if there == here:
            return
        slots: Collection[int] = self._takes
        if here == 0:
            self._take_note()
        else:
            if there:
                slots = self._tape.touched(here, there, self._takes)
            self._require_unchanged(slots)
        try:
            self._leave_at(there, here, slots)
            self.position = there
        except BaseException:  # Ctrl-C: half a move would leave gradients of no step at all
            self._leave_at(here, 0, self._takes)
            raise

    def _take_note(self) -> None:
        """Keep the gradients as they are before anything is done."""
        self._found = gradients_of(self.order)
        self._ran = bytes([node.backward_ran for node in self.order])
        self._bases = array("d", bytes(8 * len(self.order)))  # an adjoint, a sum begun at 0.0, is never -0.0
        for slot in self._leaves:
            self._bases[slot] = self._found[slot]
        self._adjoints = self._tape.fresh()

    def _nodes(self, slots: Collection[int]) -> list[Value]:
        order = self.order
        return self._takers if slots is self._takes else [order[slot] for slot in slots]

    def _expected(self, slots: Collection[int]) -> array[float]:
        """The ``.grad`` of each slot, from its adjoint."""
        adjoints, bases = self._adjoints, self._bases
        return array("d", [bases[slot] + adjoints[slot] for slot in slots])

    def _leave_at(self, there: int, here: int, slots: Collection[int]) -> None:
        if there:
            self._tape.replay(self._adjoints, here, there)
            set_gradients(self._nodes(slots), self._expected(slots))
            return
        order, found, ran = self.order, self._found, self._ran
        had = [slot for slot in self._takes if ran[slot]]
        set_gradients([order[slot] for slot in had], array("d", [found[slot] for slot in had]))
        for slot in self._takes:
            if not ran[slot]:
                del order[slot].grad

    def _require_unchanged(self, slots: Collection[int]) -> None:
        """Raise `GradientsChanged` if one of the nodes has not the gradient that this pass has left in it."""
        nodes, expected = self._nodes(slots), self._expected(slots)
        gradients = gradients_of(nodes)
        if gradients == expected:
            return
        for node, gradient, left in zip(nodes, gradients, expected, strict=True):
            if gradient != left and not (isnan(gradient) and isnan(left)):
                raise GradientsChanged(
                    f"{self._names.name(node)}.grad is {gradient!r}, but step {self.position} of this pass "
                    f"left it at {left!r}: something else has set it since (another backward, zero_grad). Nothing "
                    "was changed; set it back, or open a new pass: steps(root)"
                )
