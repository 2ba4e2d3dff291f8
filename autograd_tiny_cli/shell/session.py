"""`Session`: a root, its backward and its forward pass, and which of the two the commands move in.

>>> from autograd_tiny import Value
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> session = Session(a * b)
>>> session.node("a") is a, session.received(a), session.complete(a)
(True, False, False)
"""

from __future__ import annotations

from functools import cached_property

from autograd_tiny import BackwardPass, Value, forward_steps, steps
from autograd_tiny.errors import shorten
from autograd_tiny.explaining.names import Names
from autograd_tiny.explaining.stepping import ForwardPass
from autograd_tiny.parsing.notation import nearest


class Session:
    """What a shell is about; the answers to what each node is called and how far its gradient has come."""

    def __init__(self, root: Value) -> None:
        self.found = root
        """The root that was given; after `set` the passes are about a like of it."""
        self.numbers: dict[Value, float] = {}
        """Of each leaf that was set, the number that was found."""
        self.backward: BackwardPass = steps(root, leave="keep")
        self.forward: ForwardPass = forward_steps(root)
        self.going_forward = False
        self.had_gradients = [node for node in self.order if node.is_leaf and node.grad != 0.0]

    @property
    def root(self) -> Value:
        return self.backward.root

    @property
    def names(self) -> Names:
        return self.backward.names

    @property
    def order(self) -> list[Value]:
        return self.backward.order

    def set(self, leaf: Value, number: float) -> None:
        """What if the leaf had this number: both passes go on from where they are."""
        before, old = leaf.data, self.order
        self.backward.set(leaf, number)
        self.numbers.setdefault(leaf, before)
        self.forward.follow({node: new for node, new in zip(old, self.order, strict=True) if node is not new})
        for name in ("known", "step_of", "consumers"):
            self.__dict__.pop(name, None)

    def put_back(self) -> None:
        """Give each leaf the number that was found, and open the passes of the root that was given."""
        if self.numbers:
            self.backward.reset()
            for leaf, number in self.numbers.items():
                leaf.data = number
            self.numbers = {}
            self.backward = steps(self.found, leave="keep")

    @property
    def moving(self) -> BackwardPass | ForwardPass:
        """The pass that the commands move in."""
        return self.forward if self.going_forward else self.backward

    @property
    def current(self) -> Value | None:
        """The node of the step done last."""
        return self.moving.node_of(self.moving.position) if self.moving.position else None

    @property
    def prompt(self) -> str:
        moving = self.moving
        return f"{'forward ' if self.going_forward else ''}{moving.position}/{len(moving)}> "

    def node(self, name: str) -> Value:
        """The node of a name; ``ValueError`` with the nearest."""
        labelled = [node for node in self.order if node.label == name]
        found = labelled or self.names.find(name)
        if found:
            return found[-1]
        meant = nearest(name, self.known)
        hint = f"did you mean {meant}?" if meant else f"there are {', '.join(self.known[:8])}"
        raise ValueError(f"nothing here is called {shorten(name)}: {hint}")

    @cached_property
    def known(self) -> list[str]:
        """What can be asked for by name: what has a label, variable or number first, then the formulas."""
        some = [node for node in self.order if not node.is_constant][-2000:]
        return sorted((self.names(node) for node in some), key=lambda name: not name.isidentifier())

    @cached_property
    def step_of(self) -> dict[Value, int]:
        """The backward step of each operation."""
        return {self.backward.node_of(n): n for n in range(1, len(self.backward) + 1)}

    @cached_property
    def consumers(self) -> dict[Value, list[Value]]:
        """For each node the operations that have it as an operand, in the order of the backward steps."""
        found: dict[Value, list[Value]] = {node: [] for node in self.order}
        for node in reversed(self.order):
            for parent in dict.fromkeys(node.parents):
                found[parent].append(node)
        return found

    def computed(self, node: Value) -> bool:
        """Whether the forward pass, if that is what moves, has come to the node."""
        number = self.names.numbers[node]
        return not self.going_forward or not node.parents or number <= self.forward.position

    def received(self, node: Value) -> bool:
        """Whether the backward pass has sent the node anything yet."""
        if node is self.root:
            return self.backward.position > 0
        return any(self.step_of[user] <= self.backward.position for user in self.consumers[node])

    def complete(self, node: Value) -> bool:
        """Whether the backward pass has nothing more to send to the node."""
        if node is self.root:
            return self.backward.position > 0
        return all(self.step_of[user] <= self.backward.position for user in self.consumers[node])
