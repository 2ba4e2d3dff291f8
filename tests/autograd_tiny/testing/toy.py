"""Engines in the manner of micrograd, written anew for these tests, right ones and each with one planted fault.

`engine("tanh: 1 - t")` is the class with that fault; `engine("")` has none. Three styles: a class of values with
closures, a tape outside of the numbers, and one on arrays.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

FAULTS: dict[str, tuple[str, ...]] = {
    "mul: sign of b": ("mul",),
    "mul: ignores what comes in": ("mul", "x * 3", "2 * x"),
    "mul: = for +=": ("mul", "x * 3", "2 * x"),
    "add: = for +=": ("add", "x + 3", "2 + x"),
    "pow: n x**n": ("x ** 3",),
    "div: sign of b": ("div", "2 / x"),
    "rsub: turned round": ("2 - x",),
    "rtruediv: turned round": ("2 / x",),
    "exp: of the argument": ("exp",),
    "log: of the result": ("log",),
    "tanh: 1 - t": ("tanh",),
    "relu: passes below zero": ("ReLU",),
    "sigmoid: s": ("sigmoid",),
    "sigmoid: value": ("sigmoid",),
    "tanh: passes on nothing of what comes in": ("tanh",),
    "exp: = for +=": ("exp",),
    "backward: breadth first": ("order of traversal",),
    "backward: no order at all": ("order of traversal",),
    "backward: seed of 2": ("seed of 1",),
    "backward: leaves start anew": ("accumulation over two graphs",),
    "backward: keeps what is between": ("second backward",),
    "iadd: in place": ("in-place operators",),
}
"""What is planted, and the rows (as the engine calls them) that must say so."""


def engine(fault: str) -> type:
    """A class of values with one fault."""

    class Toy:
        def __init__(self, data: float, below: tuple[Toy, ...] = (), op: str = "") -> None:
            self.data, self.grad, self._prev, self._op = data, 0.0, below, op
            self._backward: Callable[[], None] = lambda: None

        def _made(self, value: float, op: str, *others: Toy) -> Toy:
            return Toy(value, (self, *others), op)

        def _sends(self, out: Toy, pairs: Any, name: str) -> Toy:
            def _backward() -> None:
                for operand, slope in pairs():
                    came = (
                        1.0
                        if fault in (f"{name}: ignores what comes in", f"{name}: passes on nothing of what comes in")
                        else out.grad
                    )
                    if fault == f"{name}: = for +=":
                        operand.grad = slope * came
                    else:
                        operand.grad += slope * came

            out._backward = _backward
            return out

        def __add__(self, other: Any) -> Toy:
            other = other if isinstance(other, Toy) else Toy(other)
            return self._sends(
                self._made(self.data + other.data, "+", other), lambda: ((self, 1.0), (other, 1.0)), "add"
            )

        def __mul__(self, other: Any) -> Toy:
            other = other if isinstance(other, Toy) else Toy(other)
            sign = -1.0 if fault == "mul: sign of b" else 1.0
            return self._sends(self._made(self.data * other.data, "*", other),
                               lambda: ((self, other.data), (other, sign * self.data)), "mul")  # fmt: skip

        def __pow__(self, n: float) -> Toy:
            if not isinstance(n, (int, float)):
                raise TypeError("powers of numbers only")
            less = n if fault == "pow: n x**n" else n - 1
            return self._sends(self._made(self.data**n, f"**{n}"), lambda: ((self, n * self.data**less),), "pow")

        def __truediv__(self, other: Any) -> Toy:
            other = other if isinstance(other, Toy) else Toy(other)
            sign = 1.0 if fault == "div: sign of b" else -1.0
            return self._sends(self._made(self.data / other.data, "/", other),
                               lambda: ((self, 1 / other.data), (other, sign * self.data / other.data**2)), "div")  # fmt: skip

        def exp(self) -> Toy:
            y = math.exp(self.data)
            return self._sends(self._made(y, "exp"),
                               lambda: ((self, self.data if fault == "exp: of the argument" else y),), "exp")  # fmt: skip

        def log(self) -> Toy:
            y = math.log(self.data)
            return self._sends(self._made(y, "log"),
                               lambda: ((self, 1 / (y + 3) if fault == "log: of the result" else 1 / self.data),), "log")  # fmt: skip

        def tanh(self) -> Toy:
            t = math.tanh(self.data)
            return self._sends(self._made(t, "tanh"),
                               lambda: ((self, 1 - t if fault == "tanh: 1 - t" else 1 - t * t),), "tanh")  # fmt: skip

        def ReLU(self) -> Toy:
            passes = self.data > 0 or fault == "relu: passes below zero"
            return self._sends(self._made(max(0.0, self.data), "ReLU"), lambda: ((self, float(passes)),), "relu")

        def sigmoid(self) -> Toy:
            s = 1 / (1 + math.exp(-self.data)) + (0.01 if fault == "sigmoid: value" else 0.0)
            return self._sends(self._made(s, "sigmoid"),
                               lambda: ((self, s if fault == "sigmoid: s" else s * (1 - s)),), "sigmoid")  # fmt: skip

        def __neg__(self) -> Toy:
            return self * -1.0

        def __sub__(self, other: Any) -> Toy:
            return self + (-other)

        def __radd__(self, other: Any) -> Toy:
            return self + other

        def __rmul__(self, other: Any) -> Toy:
            return self * other

        def __rsub__(self, other: Any) -> Toy:
            return self - other if fault == "rsub: turned round" else Toy(other) - self

        def __rtruediv__(self, other: Any) -> Toy:
            return self / other if fault == "rtruediv: turned round" else Toy(other) / self

        if fault == "iadd: in place":

            def __iadd__(self, other: Any) -> Any:
                self.data += other
                return self

        def backward(self) -> None:
            order: list[Toy] = []
            seen: set[int] = set()
            if fault in ("backward: breadth first", "backward: no order at all"):
                queue = [self]
                while queue:
                    node = queue.pop(0 if "breadth" in fault else -1)
                    if id(node) not in seen:
                        seen.add(id(node))
                        order.append(node)
                        queue.extend(node._prev)
            else:
                stack = [(self, False)]
                while stack:
                    node, done = stack.pop()
                    if done:
                        order.append(node)
                    elif id(node) not in seen:
                        seen.add(id(node))
                        stack.append((node, True))
                        stack.extend((below, False) for below in node._prev)
                order.reverse()
            for node in order:
                if (node._prev and fault != "backward: keeps what is between") or (
                    fault == "backward: leaves start anew"
                ):
                    node.grad = 0.0
            self.grad = 2.0 if fault == "backward: seed of 2" else 1.0
            for node in order:
                node._backward()

    Toy.__name__ = Toy.__qualname__ = "Toy"
    return Toy


class Taped:
    """A number on a tape that somebody else holds."""

    tape: list[tuple[int, int, float]]

    def __init__(self, data: float, tape: list[Any], place: int) -> None:
        self.data, self.tape, self.place = data, tape, place

    def _with(self, value: float, *pairs: tuple[Any, float]) -> Taped:
        self.tape.append([(x.place, slope) for x, slope in pairs if isinstance(x, Taped)])
        return type(self)(value, self.tape, len(self.tape) - 1)

    def __add__(self, other: Any) -> Taped:
        return self._with(self.data + float(getattr(other, "data", other)), (self, 1.0), (other, 1.0))

    def __mul__(self, other: Any) -> Taped:
        b = float(getattr(other, "data", other))
        return self._with(self.data * b, (self, b), (other, self.data))

    __radd__, __rmul__ = __add__, __mul__


def taped_gradient(f: Callable[..., Any], xs: list[float], kind: type[Taped] = Taped) -> list[float]:
    """The derivatives of ``f``, by a tape that is there for one call."""
    tape: list[Any] = []
    leaves = []
    for x in xs:
        tape.append([])
        leaves.append(kind(x, tape, len(tape) - 1))
    out = f(*leaves)
    grads = [0.0] * len(tape)
    grads[out.place] = 1.0
    for k in range(len(tape) - 1, -1, -1):
        for place, slope in tape[k]:
            grads[place] += grads[k] * slope
    return [grads[leaf.place] for leaf in leaves]


def taped_sin(x: Taped) -> Taped:
    return x._with(math.sin(x.data), (x, math.cos(x.data)))


def taped_cos(x: Taped) -> Taped:
    """A wrong one: the sign."""
    return x._with(math.cos(x.data), (x, math.sin(x.data)))


class Array:
    """A numpy array with a gradient, as in an engine of tensors."""

    def __init__(self, data: Any, below: tuple[tuple[Array, Callable[[Any], Any]], ...] = ()) -> None:
        self.data, self.below, self.grad = np.asarray(data, dtype=float), below, None

    def __add__(self, other: Any) -> Array:
        other = other if isinstance(other, Array) else Array(other)
        return Array(self.data + other.data, ((self, lambda g: g), (other, lambda g: g)))

    def __mul__(self, other: Any) -> Array:
        other = other if isinstance(other, Array) else Array(other)
        return Array(self.data * other.data, ((self, lambda g: g * other.data), (other, lambda g: g * self.data)))

    __radd__, __rmul__ = __add__, __mul__

    def sum(self) -> Array:
        return Array(self.data.sum(), ((self, lambda g: g * np.ones_like(self.data)),))

    def exp(self) -> Array:
        return Array(np.exp(self.data), ((self, lambda g: g * np.exp(self.data)),))

    def backward(self) -> None:
        order: list[Array] = []

        def visit(node: Array) -> None:
            if node not in order:
                for below, _ in node.below:
                    visit(below)
                order.append(node)

        visit(self)
        for node in order:
            if node.below:
                node.grad = None
        self.grad = np.ones_like(self.data)
        for node in reversed(order):
            for below, pull in node.below:
                sent = pull(node.grad)
                below.grad = sent if below.grad is None else below.grad + sent
