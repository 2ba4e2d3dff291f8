"""What is asked of an engine, in one place: leaves, a backward pass, the numbers in them, and its operations.

micrograd and its clones need nothing said. `Adapter` says it for others:

>>> from autograd_tiny import Value
>>> engine = Adapter(Value)
>>> engine.slopes(lambda x, y: x * y, [2.0, 3.0])
(6.0, [3.0, 2.0])

An engine whose tape is outside of its numbers gives the gradient of a function:

>>> from autograd_tiny import grad
>>> taped = Adapter(gradient=lambda f, xs: grad(f, argnums=tuple(range(len(xs))))(*xs), name="taped")
>>> taped.slopes(lambda x: x * x, [3.0])
(9.0, [6.0])
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...core.operands import is_number
from ...errors import shorten
from ...table.primitive import Primitive
from ..substitutes import OTHER_NAMES, folded, has_operator, own_name


def number(x: Any) -> float:
    """The number in whatever an engine keeps its numbers in: a float, an array of one element, a box with ``data``.

    A gradient of ``None``, of what the pass did not reach, is 0.
    """
    for _ in range(4):
        if x is None:
            return 0.0
        if is_number(x):
            return float(x)
        if hasattr(x, "item") and (math.prod(x.shape) if hasattr(x, "shape") else getattr(x, "size", 1)) == 1:
            x = x.item()
        elif isinstance(x, (list, tuple)) and len(x) == 1:
            x = x[0]
        elif hasattr(x, "data"):
            x = x.data
        else:
            break
    if is_number(x):
        return float(x)
    raise TypeError(
        f"expected a number or something that holds one, got {shorten(x)}: say how to read it: Adapter(data=…)"
    )


@dataclass(frozen=True)
class Adapter:
    """An engine, as `check_engine` uses it.

    ``make(x)`` gives a leaf; ``backward(root)`` runs the pass (default: ``root.backward()``); ``data`` and ``grad``
    read the number and the gradient out of a node (default: ``node.data``, ``node.grad``); ``set_data(leaf, x)``
    changes a leaf. ``functions`` is a module or dict of operations that are no methods. For an engine whose tape is
    outside of its numbers, ``gradient(f, xs)`` gives the derivatives of ``f`` at the floats ``xs`` by itself, as
    numbers, and ``make`` may be left out.
    """

    make: Callable[[float], Any] | None = None
    backward: Callable[[Any], Any] | None = None
    data: Callable[[Any], Any] | None = None
    grad: Callable[[Any], Any] | None = None
    set_data: Callable[[Any, float], Any] | None = None
    functions: Any = None
    gradient: Callable[[Callable[..., Any], list[float]], Any] | None = None
    name: str = ""
    called: dict[str, str] = field(default_factory=dict)
    """Under which name each operation was found."""

    def __post_init__(self) -> None:
        if self.make is None and self.gradient is None:
            raise TypeError("Adapter() got neither make nor gradient: expected a class of values, or gradient(f, xs)")
        if not self.name:
            kind = self.make if self.make is not None else self.gradient
            name = getattr(kind, "__name__", type(kind).__name__)
            object.__setattr__(self, "name", name if name != "<lambda>" else "engine")

    @property
    def nodes(self) -> bool:
        """Whether there are leaves and roots to be had, and not only gradients of functions."""
        return self.make is not None

    def leaf(self, x: float) -> Any:
        """A fresh leaf."""
        assert self.make is not None
        return self.make(x)

    def operand(self) -> Any:
        """A number of the engine's own: a leaf, or what ``gradient`` calls a function with."""
        if self.make is not None:
            return self.make(1.0)
        assert self.gradient is not None
        seen: list[Any] = []
        try:
            self.gradient(lambda *operands: seen.extend(operands) or operands[0], [1.0])
        except Exception:  # an engine that has no pass over a leaf alone; it has shown its number all the same
            if not seen:
                raise
        if not seen:
            raise TypeError(
                f"{self.name}: gradient(f, xs) did not call f: expected the derivatives of f at the floats xs"
            )
        return seen[0]

    def run_backward(self, root: Any) -> None:
        """The backward pass from a root."""
        if self.backward is not None:
            self.backward(root)
        else:
            root.backward()

    def value(self, node: Any) -> float:
        """The number that a node holds."""
        return number(self.data(node) if self.data is not None else node)

    def slope(self, leaf: Any) -> float:
        """The gradient that a leaf has."""
        return number(self.grad(leaf) if self.grad is not None else leaf.grad)

    def change(self, leaf: Any, x: float) -> None:
        """Another number in a leaf, in the form in which it keeps them."""
        if self.set_data is not None:
            self.set_data(leaf, x)
        elif is_number(leaf.data):
            leaf.data = x
        else:
            leaf.data = leaf.data * 0.0 + x

    def reset(self, leaf: Any) -> None:
        """The gradient of a leaf back to 0, in the form in which it keeps them."""
        grad = leaf.grad
        leaf.grad = 0.0 if grad is None or is_number(grad) else grad * 0.0

    def slopes(self, f: Callable[..., Any], xs: Sequence[float]) -> tuple[float, list[float]]:
        """The value of ``f`` and its derivatives, by one pass over a fresh graph."""
        if not self.nodes:
            seen: list[float] = []

            def watched(*operands: Any) -> Any:
                out = f(*operands)
                seen.append(self.value(out))
                return out

            assert self.gradient is not None
            given = self.gradient(watched, list(xs))
            found = given if isinstance(given, (list, tuple)) else [given] if len(xs) == 1 else list(given)
            return seen[-1], [number(x) for x in found]
        leaves = [self.leaf(float(x)) for x in xs]
        root = f(*leaves)
        self.run_backward(root)
        return self.value(root), [self.slope(leaf) for leaf in leaves]

    def own(self, row: Primitive) -> Callable[..., Any] | None:
        """The engine's own operation on its numbers; None if it has none. Nothing is made of others."""
        method = self._method(row)
        if method is not None:
            return method
        name = self._function_name(row)
        if not name:
            return None
        self.called[row.name] = name
        f = self.functions[name] if isinstance(self.functions, Mapping) else getattr(self.functions, name)
        if row.variadic:
            return lambda *operands: f(list(operands))
        return f  # type: ignore[no-any-return]

    def _method(self, row: Primitive) -> Callable[..., Any] | None:
        if not self.nodes and self._function_name(row):
            return None
        probe = self.operand()
        if has_operator(probe, row):
            self.called[row.name] = f"__{row.dunder}__"
            return OPERATORS[row.dunder]
        name = own_name(probe, row)
        if not name:
            return None
        self.called[row.name] = name
        return lambda x, *more: getattr(x, name)(*more)

    def _function_names(self) -> list[str]:
        if self.functions is None:
            return []
        names = self.functions if isinstance(self.functions, Mapping) else dir(self.functions)
        return [name for name in names if name[0] != "_"]

    def _function_name(self, row: Primitive) -> str:
        spelt = {folded(name) for name in (row.name, *row.aliases, *OTHER_NAMES.get(row.name, ()))}
        return next((name for name in self._function_names() if folded(name) in spelt), "")


OPERATORS: dict[str, Callable[..., Any]] = {
    name: getattr(operator, name) for name in ("add", "sub", "mul", "truediv", "neg", "pow", "abs", "mod", "floordiv")
}
"""Python's own, by which an operator of the engine is called."""
