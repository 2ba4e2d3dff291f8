"""`BackwardPass`: the reverse sweep over a graph, one reversible step at a time, with `steps` to open it.

Where it stands is a number n, of steps done. At 0 nothing has happened: every ``.grad`` is as it was found. From
1 on every ``.grad`` is what the sweep has computed so far: an interior node's starts at 0 (the root's at 1), a
leaf's at what was there, and each contribution is added in the order in which `backward` adds it. At ``len`` they
are bit for bit what ``root.backward()`` would have left.

>>> from autograd_tiny import Value
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> p = steps((a * b).tanh())
>>> for step in p:
...     print(step.index, step.node.op, a.grad)
1 tanh 0.0
2 mul -7.37296422159981e-05
>>> p.goto(0); a.grad
0.0
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ... import errors
from ...core import Value, gradient_numbers, topological_order
from ...modes.infinities import nonfinite_allowed
from ..digits import short
from .cursor import Cursor
from .gradients import Gradients, GradientsChanged
from .records import Contribution, Formulas, Step
from .tape import Tape
from .until import QUANTITIES

FORMS = ("textbook", "computed")
LEAVE = ("restore", "complete", "keep")


class BackwardPass(Cursor[Step]):
    """The backward pass from a root: an iterator of `Step` records that can go back.

    The local derivatives are those recorded when the nodes were computed, as in `backward`: a leaf whose data is
    set meanwhile changes nothing. If a gradient is set by something else while the pass is under way (another
    ``backward``, ``zero_grad``), the next move that would write over it raises `GradientsChanged` and changes
    nothing; at 0 gradients may be set freely.
    """

    quantities = QUANTITIES

    def __init__(self, root: Value, leave: str = "restore") -> None:
        if not isinstance(root, Value):
            raise TypeError(f"steps(root) got {errors.shorten(root)}: expected the Value to differentiate")
        if leave not in LEAVE:
            raise ValueError(f'steps(leave={leave!r}): expected "restore", "complete" or "keep"')
        super().__init__(topological_order(root))
        self.leave = leave
        self.watched: list[Value] = []
        self._tape = Tape(self.order)
        self._gradients = Gradients(self._tape, self.names)

    # The steps

    def __len__(self) -> int:
        return len(self._tape.senders)

    def step(self, n: int, from_zero: bool = False) -> Step:
        """The record of step ``n``, counted from 1, without going there; ``from_zero`` of a pass that found no
        gradients.
        """
        self._checked("step", n, 1)
        tape, node = self._tape, self.node_of(n)
        formulas = Formulas(node, self.names)
        start, upstream = tape.starts[n - 1], tape.upstreams[n - 1]
        sent = []
        edges = zip(node.parents, node.local_derivatives, strict=True) if node.parents else [(node, 1.0)]
        for i, (parent, local) in enumerate(edges):
            takes = not parent.is_constant
            before, after = (
                x[start + i] if from_zero and takes else self._gradients.total(tape.slots[start + i], x[start + i])
                for x in (tape.before, tape.after)
            )
            product = upstream * local if takes and tape.sends[start + i] else 0.0
            sent.append(Contribution(parent, i, local, product, before, after, formulas))
        return Step(n, len(self), node, upstream, tuple(sent), self.names)

    def node_of(self, n: int) -> Value:
        """The node of step ``n``."""
        return self.order[self._tape.senders[n - 1]]

    def _known(self) -> Collection[Value]:
        return self._tape.slot_of

    def _touches(self, n: int, nodes: Collection[Value]) -> bool:
        return self.node_of(n) in nodes or (self._tape.sends_any(n) and super()._touches(n, nodes))

    def follow(self, new: Mapping[Value, Value]) -> None:
        super().follow(new)
        self.watched = [new.get(node, node) for node in self.watched]
        self._tape = Tape(self.order)
        self._gradients = Gradients(self._tape, self.names)

    # Gradients along the way

    def watch(self, *nodes: Value | str) -> None:
        """Show the gradients of these nodes (or of those with these labels) with every step of the pass."""
        for wanted in [self._condition(node) for node in nodes]:
            if not wanted.nodes:
                raise ValueError(f"watch() got {wanted.name!r}: expected a node or its label")
            self.watched += [node for node in self.order if node in wanted.nodes and node not in self.watched]

    def unwatch(self, *nodes: Value) -> None:
        """Watch these no longer; without an argument, none."""
        self.watched = [node for node in self.watched if nodes and node not in nodes]

    def history(self, node: Value) -> list[tuple[int, float]]:
        """The gradient of a node through the whole pass: each step that adds to it, with the ``.grad`` it leaves."""
        self._condition(node)
        tape, slot, found = self._tape, self._tape.slot_of[node], []
        for n in range(1, len(self) + 1):
            for row in range(tape.starts[n - 1], tape.starts[n]):
                if tape.sends[row] and tape.slots[row] == slot != tape.constants:
                    found.append((n, self._gradients.total(slot, tape.after[row])))
        return found

    def _shift(self, n: int) -> None:
        self._gradients.move(n)
        self._position = n

    # The end

    def run(self) -> Step | None:
        """Go on to the next breakpoint, and give its step; without one to the end, and give None.

        Raises `NonFiniteError`, and stays, where there is no breakpoint and ``root.backward()`` would raise it.
        """
        return super().run()

    def _finish(self) -> None:
        self._require_finite()
        super()._finish()

    def _require_finite(self) -> None:
        if not self._tape.finite:
            gradient_numbers(self.root, [node for node in self.order if node.is_leaf])  # raises as backward does

    def __enter__(self) -> BackwardPass:
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if self.leave == "keep":
            return
        try:
            if self.leave == "complete" and error is None:
                try:
                    self._finish()
                except errors.NonFiniteError:
                    self.reset()
                    raise
            elif self._position < len(self) or not (self._tape.finite or nonfinite_allowed()):
                self.reset()
        except GradientsChanged as changed:
            if error is None:
                raise
            error.add_note(f"the gradients were not put back as they were before the pass: {changed}")

    # How it reads

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any] | None:
        """In a notebook the page that steps, which stands where this stands; see `visualize.show_stepper`."""
        from visualize.notebook import in_cell

        return in_cell(self)

    def __str__(self) -> str:
        lines = [f"backward pass from {self.names.name(self.root)}: {self._position} of {len(self)} steps done"]
        current = self.current
        if current is not None:
            lines.append(str(current))
        if self.watched:
            gradients = [f"{self.names.name(node)}.grad = {short(node.grad)}" for node in self.watched]
            lines.append("watched: " + ", ".join(gradients))
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<BackwardPass from {self.names.name(self.root)}: {self._position} of {len(self)} steps done>"


def steps(root: Value, leave: str = "restore", *, forms: str = "textbook") -> BackwardPass:
    """The backward pass from ``root``, one reversible step at a time: see `BackwardPass`. Opening it changes nothing.

    In ``with steps(root) as p:`` the argument ``leave`` says what happens to a pass that is left part-way, by
    reaching the end of the block or by an exception: ``"restore"`` puts every gradient back as it was found,
    ``"complete"`` does the remaining steps (after an exception: restores), ``"keep"`` leaves them. A pass that has
    reached its end is a finished `backward`, and its gradients stay. The default restores, since leaves add up:
    half a backward pass that stays behind in silence would falsify the next.

    Local derivatives are written as textbooks do, ``1 − tanh²(z)`` and ``a × (1 − a)``, where that is the same
    function; ``forms="computed"`` shows the form that is computed, which keeps its digits.

    Where ``root.backward()`` would raise `NonFiniteError`, a pass can be stepped all the way, to see how it comes
    about; `BackwardPass.run` and ``"complete"`` raise the error.
    """
    if forms not in FORMS:
        raise ValueError(f'steps(forms={forms!r}): expected "textbook" or "computed"')
    opened = BackwardPass(root, leave)
    opened.names.computed = forms == "computed"
    return opened
