"""Freeing a deep graph without recursion, for the Python of a browser, whose stack is small.

Python frees a node, with it the last hold on its parent, with it the parent's parent, and notices in time where the
stack ends; in a browser the stack of the page ends before that, at some five thousand nodes. So there a node takes its
graph down itself, over a list.

>>> from autograd_tiny.core.value import Value
>>> free_by_list(Value)
>>> y = Value(0.5)
>>> for _ in range(20_000):
...     y = y + 1.0
>>> del y
>>> del Value.__del__
"""

from __future__ import annotations

from sys import getrefcount
from typing import Any

from .value import MANY, Value


def _count_alone() -> int:
    """What `getrefcount` says of a thing that one variable holds: it differs between Pythons."""
    node: Any = object()
    return getrefcount(node)


ALONE = _count_alone()


def free(self: Value) -> None:
    """Let go of the parents, and of what it is a derivative of; of each that nobody else holds, of its own likewise."""
    waiting: list[Any] = []
    node: Any = self
    while True:
        left, right, origin = node._left, node._right, getattr(node, "_origin", None)
        node._left = node._right = None
        waiting.extend(left if right is MANY else (left, right))
        if origin is not None:
            node._origin = None
            waiting.extend((origin.node, origin.root))
        del left, right, origin  # a tuple holds them too
        while True:
            if not waiting:
                return
            node = waiting.pop()
            if node is not None and getrefcount(node) == ALONE:
                break


def free_by_list(cls: type[Value]) -> None:
    """Have the nodes of this class freed so from now on."""
    cls.__del__ = free  # type: ignore[attr-defined]
