"""micrograd's Value with its costs taken out and nothing else changed: the baseline for a graph of Python objects.

A node keeps its operands and its local derivatives, two tuples made in the forward pass, where micrograd keeps a
closure and a set: no closure, no cycle, so a graph is freed as its root goes. The class has ``__slots__``. And
there are ``exp`` and ``log``, as a GPT needs.

>>> a, b = Value(2.0), Value(-3.0)
>>> (a * b + a).relu().data, (a / b - a**2).data
(0, -4.666666666666667)
"""

from __future__ import annotations

import math

Number = int | float


class Value:
    """A number, the Values it was computed from, and its derivative with respect to each of them."""

    __slots__ = ("data", "grad", "local_derivatives", "parents")

    def __init__(
        self, data: Number, parents: tuple[Value, ...] = (), local_derivatives: tuple[Number, ...] = ()
    ) -> None:
        self.data = data
        self.grad: Number = 0
        self.parents = parents
        self.local_derivatives = local_derivatives

    def __add__(self, other: Value | Number) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1, 1))

    def __mul__(self, other: Value | Number) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, exponent: Number) -> Value:
        return Value(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def exp(self) -> Value:
        power = math.exp(self.data)
        return Value(power, (self,), (power,))

    def log(self) -> Value:
        return Value(math.log(self.data), (self,), (1 / self.data,))

    def relu(self) -> Value:
        return Value(self.data if self.data > 0 else 0, (self,), (1 if self.data > 0 else 0,))

    def __neg__(self) -> Value:
        return self * -1

    def __radd__(self, other: Number) -> Value:
        return self + other

    def __sub__(self, other: Value | Number) -> Value:
        return self + (-other)

    def __rsub__(self, other: Number) -> Value:
        return other + (-self)

    def __rmul__(self, other: Number) -> Value:
        return self * other

    def __truediv__(self, other: Value | Number) -> Value:
        return self * other**-1

    def __rtruediv__(self, other: Number) -> Value:
        return other * self**-1

    def backward(self) -> None:
        """Add to the gradient of every node below this one its derivative of this one."""
        parents_first: list[Value] = []
        self._visit(set(), parents_first)
        self.grad = 1
        for node in reversed(parents_first):
            grad = node.grad
            for parent, local_derivative in zip(node.parents, node.local_derivatives):  # noqa: B905  strict costs time
                parent.grad += local_derivative * grad

    def _visit(self, visited: set[Value], parents_first: list[Value]) -> None:
        """Put this node behind its parents. Recursive: on CPython 3.11 half the time of a loop with its own stack.

        A function within `backward` would be as quick, but it refers to itself, and the cycle would keep the whole
        graph until the collector comes by.
        """
        if self not in visited:
            visited.add(self)
            for parent in self.parents:
                parent._visit(visited, parents_first)
            parents_first.append(self)
