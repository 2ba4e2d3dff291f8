"""Nodes in words: what a node is called, its formula, and the formula of each local derivative.

>>> from autograd_tiny import Value
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> d = a * b
>>> name_of(d), local_formula(d, 0)
('a × b', 'b')
>>> print("\\n".join(chain_rule(d.tanh(), a)))
∂tanh(a × b)/∂a = ∂tanh(a × b)/∂(a × b) · ∂(a × b)/∂a
  = [1 / cosh²(a × b)] · [b]
  = 2.458e-05 × -3 = -7.373e-05
"""

from __future__ import annotations

from typing import Any

from .core import Value
from .namespaces import TEXT, Text
from .namespaces.text import Writer

DEPTH = 3
"""An unlabelled node is called by its formula, down to this many operations; what lies below is dots."""


def text_of(node: Value, xp: Writer = TEXT, depth: int = DEPTH) -> Text:
    """The node as a formula: its label, its number if it has no parents, else its operation on its parents."""
    if node.label:
        return xp.name(node.label)
    if node.is_constant or node.is_leaf:
        return xp.number(node.data)
    if depth == 0:
        return xp.name("…")
    return xp.write(node.primitive, *operand_texts(node, xp, depth - 1))


def operand_texts(node: Value, xp: Writer = TEXT, depth: int = DEPTH) -> list[Any]:
    """The operands as formulas, in the form in which the row's rules take them."""
    return node.primitive.operands([text_of(parent, xp, depth) for parent in node.parents])


def name_of(node: Value) -> str:
    """What to call a node in a sentence: its label, or its formula."""
    return str(text_of(node))


def local_formula(node: Value, i: int, xp: Writer = TEXT) -> str:
    """The formula of d(node)/d(parent i), in the names of the operands."""
    row, operands = node.primitive, operand_texts(node, xp, DEPTH - 1)
    out = xp.name(node.label or f"{text_of(node, xp)}")
    if row.variadic:
        derived = [x for partial in row.partials for x in partial(xp, *operands, out)]
        return str(xp.as_text(derived[i]))
    return str(xp.as_text(row.partials[i](xp, *operands, out)))


def short(x: float, digits: int = 4) -> str:
    """A number to read, not to compute with: ``digits`` significant digits."""
    return f"{x:.{digits}g}"


def path_between(root: Value, leaf: Value) -> list[tuple[Value, int]]:
    """The edges of the leftmost path from ``root`` down to ``leaf``, each as node and parent index; [] if none."""
    came_by: dict[Value, tuple[Value, int]] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        if node is leaf:
            break
        for i, parent in reversed(list(enumerate(node.parents))):
            if parent not in came_by and parent is not root:
                came_by[parent] = (node, i)
                stack.append(parent)
    path: list[tuple[Value, int]] = []
    node = leaf
    while node is not root:
        if node not in came_by:
            return []
        path.append(came_by[node])
        node = came_by[node][0]
    return path[::-1]


def chain_rule(root: Value, leaf: Value) -> list[str]:
    """Three lines that work out one path's share of d(root)/d(leaf): in symbols, in formulas, in numbers."""
    path = path_between(root, leaf)
    steps = [(name_of(node), name_of(node.parents[i])) for node, i in path]
    numbers = [node.local_derivatives[i] for node, i in path]
    product = 1.0
    for number in numbers:
        product *= number

    def partial(y: str, x: str) -> str:
        return f"∂{_grouped(y)}/∂{_grouped(x)}"

    return [
        f"{partial(name_of(root), name_of(leaf))} = " + " · ".join(partial(y, x) for y, x in steps),
        "  = " + " · ".join(f"[{local_formula(node, i)}]" for node, i in path),
        "  = " + " × ".join(short(number) for number in numbers) + f" = {short(product)}",
    ]


def _grouped(name: str) -> str:
    return f"({name})" if (" " in name and not name.endswith(")")) or "·" in name else name
