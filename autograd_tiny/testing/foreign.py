"""`gradient_with`: the gradient function of another engine, from its Value class, to hand to `assert_gradients`.

>>> from autograd_tiny import Value                       # stands for your own class
>>> from autograd_tiny.testing import assert_gradients
>>> def f(x, y):
...     return x * y + x
>>> assert_gradients(f, 2.0, 3.0, gradient=gradient_with(Value, f))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..core.operands import is_number
from ..errors import shorten
from .nesting import refill, scalars
from .programs import Expression


class EngineGradient:
    """A gradient function: leaves of ``make``, ``f`` on them, ``backward()`` on the result, each leaf's ``grad``.

    Because it knows the engine it can differentiate any other function there too (`on`), which is how a message
    finds the operation that is wrong.
    """

    def __init__(self, make: Callable[[float], Any], f: Callable[..., Any]) -> None:
        self.make, self.f = make, f

    def __call__(self, *args: Any, **named: Any) -> Any:
        """A float for one number, else a list; of a function that gives several results such a one for each."""
        count = len(scalars(self._run(args, named)[1]))
        rows = [self._row(args, named, k) for k in range(count)]
        found = [row[0] if len(row) == 1 else row for row in rows]
        return found[0] if count == 1 else found

    def _run(self, args: Any, named: Any) -> tuple[list[Any], Any]:
        """Fresh leaves for the numbers in ``args``, and what ``f`` makes of them."""
        leaves = [self.make(float(x)) for x in scalars(list(args))]
        return leaves, self.f(*refill(list(args), iter(leaves)), **named)

    def _row(self, args: Any, named: Any, k: int) -> list[float]:
        """The gradient of the ``k``-th result."""
        leaves, out = self._run(args, named)
        root = scalars(out)[k]
        if isinstance(self.f, Expression) and is_number(root):  # the constant branch of a maximum: nothing to sweep
            return [0.0] * len(leaves)
        if not hasattr(root, "backward"):
            raise TypeError(f"f gave {shorten(root)}: expected a value of the engine, with backward()")
        root.backward()
        return [float(leaf.grad) for leaf in leaves]

    def on(self, f: Callable[..., Any]) -> EngineGradient:
        """The same engine's gradient of another function."""
        return EngineGradient(self.make, f)


def gradient_with(make: Callable[[float], Any], f: Callable[..., Any], strict: bool = False) -> EngineGradient:
    """The gradient of ``f`` in another engine: ``make`` is its Value class, with ``grad`` and ``backward()``.

    An operation of an `Expression` that the engine has not is made of others, with a `ComposedWarning`; where
    ``strict``, it is a ``TypeError``.
    """
    return EngineGradient(make, replace(f, strict=True) if strict and isinstance(f, Expression) else f)
