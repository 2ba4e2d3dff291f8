"""An engine like micrograd's with four mistakes in it, of the kind that people make, for docs/testing.md to find.

Ordinary use shows none of them: a perceptron trains on it. Do not copy from here; the mistakes are marked BUG.

>>> x = Value(2.0)
>>> y = x * x + x.tanh()
>>> y.backward()
>>> round(x.grad, 4)                                 # 4 + 1 / cosh²(2) = 4.0707: right, so far
4.0707
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any


class Value:
    """A number that remembers how it was made."""

    def __init__(self, data: float, children: tuple[Value, ...] = ()) -> None:
        self.data = data
        self.grad = 0.0
        self._prev = children
        self._backward: Callable[[], None] = lambda: None

    def __add__(self, other: Any) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))

        def _backward() -> None:
            self.grad = out.grad  # BUG 1: `=` for `+=`: a value used twice keeps the last of its gradients
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other: Any) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other))

        def _backward() -> None:
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    def __truediv__(self, other: Any) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data / other.data, (self, other))

        def _backward() -> None:
            self.grad += out.grad / other.data
            other.grad += self.data / other.data**2 * out.grad  # BUG 2: the sign of d(a/b)/db

        out._backward = _backward
        return out

    def tanh(self) -> Value:
        t = math.tanh(self.data)
        out = Value(t, (self,))

        def _backward() -> None:
            e = math.exp(-2.0 * abs(self.data))  # 1 - t * t would cancel in the tails
            self.grad += 4.0 * e / (1.0 + e) ** 2 * out.grad

        out._backward = _backward
        return out

    def exp(self) -> Value:
        out = Value(math.exp(self.data), (self,))

        def _backward() -> None:
            self.grad += out.data * out.grad

        out._backward = _backward
        return out

    def relu(self) -> Value:
        out = Value(max(0.0, self.data), (self,))

        def _backward() -> None:
            self.grad += out.grad  # BUG 3: right for x > 0 only

        out._backward = _backward
        return out

    def backward(self) -> None:
        order: list[Value] = []
        queue = [self]
        while queue:  # BUG 4: breadth first: a node is visited before the last of its users
            node = queue.pop(0)
            if node not in order:
                order.append(node)
                queue.extend(node._prev)
        self.grad = 1.0
        for node in order:
            node._backward()

    def __neg__(self) -> Value:
        return self * -1.0

    def __sub__(self, other: Any) -> Value:
        return self + (-other)

    def __rsub__(self, other: Any) -> Value:
        return -self + other

    def __radd__(self, other: Any) -> Value:
        return self + other

    def __rmul__(self, other: Any) -> Value:
        return self * other

    def __rtruediv__(self, other: Any) -> Value:
        return Value(other) / self
