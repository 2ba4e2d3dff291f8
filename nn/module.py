"""`Module`: whatever has parameters, be it a neuron or a network of them.

>>> from autograd_tiny import Value
>>> class Line(Module):
...     def __init__(self):
...         self.slope, self.offset = Value(2.0, "slope"), Value(1.0, "offset")
...     def __call__(self, x):
...         return self.slope * x + self.offset
>>> [p.label for p in Line().parameters()]
['slope', 'offset']
"""

from __future__ import annotations

from typing import Any

from autograd_tiny import Value


class Module:
    """A base for models: finds the leaves among its attributes, in lists and in modules within."""

    def parameters(self) -> list[Value]:
        """Every leaf of this module, once, in the order in which the attributes were set."""
        found: dict[Value, None] = {}
        _collect(vars(self), found)
        return list(found)

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0, as each training step begins."""
        for parameter in self.parameters():
            parameter.grad = 0.0


def _collect(thing: Any, found: dict[Value, None]) -> None:
    if isinstance(thing, Value):
        if thing.is_leaf:
            found[thing] = None
    elif isinstance(thing, Module):
        for parameter in thing.parameters():
            found[parameter] = None
    elif isinstance(thing, dict):
        for part in thing.values():
            _collect(part, found)
    elif isinstance(thing, (list, tuple)):
        for part in thing:
            _collect(part, found)
