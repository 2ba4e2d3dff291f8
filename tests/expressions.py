"""Random differentiable expressions for our own properties: trees over the table of primitives.

A function with a restricted interval gets its argument squeezed into it by a sigmoid, so that every draw is
inside every domain and away from every kink, and nothing has to be filtered out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from autograd_tiny import functions
from autograd_tiny.ops import ROWS
from autograd_tiny.primitive import Primitive

SMOOTH = [row for row in ROWS if not row.edges or row.domain or row.name in ("pow",)]
FUNCTIONS = [row for row in SMOOTH if not row.variadic and row.name not in ("add", "sub", "mul", "neg", "identity")]
POINTS = st.floats(-2.0, 2.0).map(lambda x: round(x, 3))


@dataclass(frozen=True)
class Expression:
    """A function of ``point``'s length, on floats, Values, arrays and mpmath numbers alike."""

    tree: Any
    point: tuple[float, ...]

    def __call__(self, *xs: Any) -> Any:
        return _evaluate(self.tree, xs)

    def __repr__(self) -> str:
        return f"{_show(self.tree)} at {self.point}"


def _evaluate(tree: Any, xs: tuple[Any, ...]) -> Any:
    head, *rest = tree
    if head == "x":
        return xs[rest[0]]
    if head == "number":
        return rest[0]
    operands = [_evaluate(part, xs) for part in rest]
    if head == "+":
        return operands[0] + operands[1]
    if head == "-":
        return operands[0] - operands[1]
    if head == "*":
        return operands[0] * operands[1]
    row: Primitive = head
    if row.variadic:
        half = len(operands) // 2
        return getattr(functions, row.name)(*([operands[:half], operands[half:]] if row.name == "dot" else [operands]))
    squeezed = [
        low + (high - low) * functions.sigmoid(operand)
        for operand, (low, high) in zip(operands, row.samples, strict=True)
    ]
    return getattr(functions, row.name)(*squeezed)


def _show(tree: Any) -> str:
    head, *rest = tree
    if head in ("x", "number"):
        return f"x{rest[0]}" if head == "x" else str(rest[0])
    parts = [_show(part) for part in rest]
    return f"({parts[0]} {head} {parts[1]})" if isinstance(head, str) else f"{head.name}({', '.join(parts)})"


@st.composite
def expressions(draw: st.DrawFn, variables: int = 2, max_leaves: int = 8) -> Expression:
    """An expression of ``variables`` variables and a point to take it at."""
    leaf = st.one_of(
        st.integers(0, variables - 1).map(lambda i: ("x", i)), st.floats(-2, 2).map(lambda x: ("number", round(x, 2)))
    )

    def grow(below: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        arithmetic = st.tuples(st.sampled_from("+-*"), below, below)
        function = st.sampled_from(FUNCTIONS).flatmap(
            lambda row: st.tuples(st.just(row), *[below] * len(row.arguments))
        )
        many = st.tuples(st.sampled_from([row for row in SMOOTH if row.variadic]), below, below, below, below)
        return st.one_of(arithmetic, function, many)

    tree = draw(st.recursive(leaf, grow, max_leaves=max_leaves))
    tree = ("+", tree, ("*", ("x", 0), ("number", 0.5)))  # so that it depends on something
    return Expression(tree, tuple(draw(POINTS) for _ in range(variables)))
