"""What the stepper page is told: a graph's nodes, with the names and formulas that do not change, ready for JSON.

The numbers, but for those of the leaves, are the page's own work: it runs the rules of the table. Formulas come with
places for the numbers (see `templates`).

>>> from autograd_tiny import Value
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> y = a * b; y.label = "y"
>>> told = story(y)
>>> [node["name"] for node in told["nodes"]], told["nodes"][2]["title"], told["nodes"][2]["locals"]
(['a', 'b', 'y'], 'y = a × b', ['b', 'a'])
>>> [row.name for row in rows(y)], told["nodes"][2]["rule"]
(['mul'], 0)
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from autograd_tiny import Value
from autograd_tiny.core import topological_order
from autograd_tiny.core.masks import zeros_of
from autograd_tiny.explaining.blackboard import TEXT, write_row
from autograd_tiny.explaining.names import Names
from autograd_tiny.explaining.stepping import steps
from autograd_tiny.explaining.textbook import derived
from autograd_tiny.table.namespaces import Text
from autograd_tiny.table.primitive import Primitive

from ..modules import ModuleTree
from ..text import clean
from .folding import folded
from .inputs import Input, Known, full, operands
from .templates import template

SHOWN = 10
"""A step writes out so many contributions; the ledger of a parent and its gradient have them all."""
LONGEST = 60
"""Characters of a formula beside a name."""

Operand = Value | Input


def rows(root: Value) -> list[Primitive]:
    """The rows of the operations of the graph, each once, in the order in which nodes number them."""
    return list(dict.fromkeys(full(node) for node in topological_order(root) if node.parents))


Calls = dict[Primitive, list[tuple[list[float], float, list[float]]]]
"""Of a row each call: its operands, its value and its slopes."""


def calls(root: Value) -> Calls:
    """What functions of the user's own, which run in Python only, gave in the graph."""
    found: Calls = {}
    for node in topological_order(root):
        if node.primitive.numerical:
            call = [parent.data for parent in node.parents], node.data, list(node.local_derivatives)
            found.setdefault(node.primitive, []).append(call)
    return found


def order_of(root: Value) -> dict[Operand, int]:
    """The number of each box."""
    return _arranged(root)[0]


def _arranged(root: Value) -> tuple[dict[Operand, int], dict[Value, list[Operand]], Known]:
    """The number of each box, the operands of each node, and the vectors of plain numbers."""
    known: Known = {}
    order: dict[Operand, int] = {}
    below: dict[Value, list[Operand]] = {}
    for node in topological_order(root):
        if node.parents:
            below[node] = operands(node, known)
            for operand in below[node]:
                order.setdefault(operand, len(order))
        order.setdefault(node, len(order))
    return order, below, known


def story(
    root: Value, model: Any = None, names: Names | None = None, among: Sequence[Primitive] | None = None
) -> dict[str, Any]:
    """The data of the page for the graph of ``root``; its rules have their numbers ``among`` those of the page."""
    order, below, known = _arranged(root)
    number = {row: i for i, row in enumerate(among or rows(root))}
    teller = Teller(root, order, below, len(known), names or names_of(root, model))
    nodes = [teller.node(node, number) if isinstance(node, Value) else teller.input(node) for node in order]
    told = {"root": order[root], "shown": SHOWN, "nodes": nodes}
    if model is not None:
        told["fold"] = folded(list(order), nodes, ModuleTree(model, "write_stepper"))
    return told


def names_of(root: Value, model: Any) -> Names:
    """What the nodes are called: by the caller's variables, and by the names of the model's parameters."""
    names = steps(root).names
    if model is None:
        return names
    parameters = ModuleTree(model, "write_stepper").named_parameters()
    return Names(names.order, {**names.given, **parameters}, networks=True)


def plain(x: float) -> float | str:
    """The number as JSON can hold it: ``"inf"``, ``"-inf"`` and ``"nan"`` are text there."""
    return x if isfinite(x) else str(x)


class Teller:
    """What a page is told of each node of one graph."""

    def __init__(
        self, root: Value, order: dict[Operand, int], below: dict[Value, list[Operand]], vectors: int, names: Names
    ) -> None:
        self.root, self.order, self.below, self.vectors, self.names = root, order, below, vectors, names

    def name(self, operand: Operand) -> Text:
        if isinstance(operand, Value):
            return self.names.name(operand)
        return TEXT.name(self.input_name(operand))

    def input_name(self, operand: Input) -> str:
        """``x₁``, with the vector's number where there are several."""
        return operand.name(self.vectors > 1)

    def input(self, operand: Input) -> dict[str, Any]:
        """A box for a plain number that fills in."""
        name = self.input_name(operand)
        return {"name": name, "full": name, "sym": name, "title": name, "kind": "input", "parents": [],
                "value": plain(operand.data)}  # fmt: skip

    def node(self, node: Value, number: dict[Primitive, int]) -> dict[str, Any]:
        """A box for a node of the graph."""
        kind = (
            "constant" if node.is_constant else "leaf" if node.is_leaf else "root" if node is self.root else "interior"
        )
        name = _word(self.name(node).string)
        told: dict[str, Any] = {
            "name": name,
            "full": _word(node.label) or name,
            "sym": _word(self.names.symbol(node)),
            "title": name,
            "kind": kind,
            "parents": [],
            "source": "" if node.source is None else clean(str(node.source)),
        }
        if not node.parents:
            return {**told, "value": plain(node.data)}
        row, below = full(node), self.below[node]
        texts = [self.name(operand) for operand in below]
        formula = _word(write_row(row, TEXT, texts).string)
        constants = [operand.data if isinstance(operand, Value) and operand.is_constant else None for operand in below]
        return {
            **told,
            "title": name if formula == name else f"{name} = {formula}",
            "formula": formula if formula != name else "",
            "symbol": "" if "·" in name else row.symbol,
            "parents": [self.order[operand] for operand in below],
            "rule": number[row],
            "numbers": clean(template(row, constants)),
            "locals": self._locals(row, texts, self.name(node), computed=True),
            **({"books": self._locals(row, texts, self.name(node), computed=False)} if row.books else {}),
            "masks": list(zeros_of(row)),
            "domain": IN_PYTHON.format(row.name) if row.numerical else _needs(row),
        }

    def _locals(self, row: Primitive, texts: list[Text], out: Text, computed: bool) -> list[str]:
        """The formulas of the first local derivatives."""
        operands = row.operands(texts)
        found = derived(row, TEXT, operands, out, computed)
        if row.variadic:
            found = [local for vector in found for local in vector]
        return [_word(str(TEXT.as_text(local))) for local in found[:SHOWN]]


IN_PYTHON = "{} runs in Python, and the page knows only what it gave there: put the numbers back (reset)"


def _needs(row: Primitive) -> str:
    return f"{row.name} needs {row.domain}" if row.domain else ""


def _word(text: str) -> str:
    """The text in one line that is not too long."""
    line = " ".join(clean(text).split()).replace("\ue000", "\ufffd").replace("\ue001", "\ufffd")
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
