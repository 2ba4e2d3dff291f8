"""What the stepper page tells: a graph's nodes, edges and steps as plain data, ready for JSON.

>>> from autograd_tiny import Value
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> y = a * b; y.label = "y"
>>> told = story(y)
>>> [node["name"] for node in told["nodes"]], told["forward"][0]["words"]
(['a', 'b', 'y'], ['y = a × b = 2 × −3 = −6'])
>>> told["backward"][0]["words"][:3]
['y = a × b: its gradient is 1', '∂y/∂a = b = −3', '⇒ a gets 1 × −3 = −3: 0 → −3']
"""

from __future__ import annotations

from math import isfinite
from typing import Any

from autograd_tiny import Value
from autograd_tiny.core import topological_order
from autograd_tiny.explaining.names import Names
from autograd_tiny.explaining.stepping import Contribution, Step, forward_steps, steps

from ..text import clean, number
from .checks import nudged

SHOWN = 10
"""A step writes out so many contributions; the ledger of a parent and its gradient have them all."""
LONGEST = 60
"""Characters of a formula beside a name."""
DIGITS = 4


def story(root: Value) -> dict[str, Any]:
    """The data of the page for the graph of ``root``."""
    order = topological_order(root)
    place = {node: i for i, node in enumerate(order)}
    backward, forward = steps(root), forward_steps(root)
    names = backward.names
    edges = [(node, i, parent) for node in order for i, parent in enumerate(node.parents)]
    edge_of = {(node, i): k for k, (node, i, _) in enumerate(edges)}

    def edges_of(node: Value) -> list[int]:
        return [edge_of[node, i] for i in range(len(node.parents))]

    passes = [backward.step(n) for n in range(1, len(backward) + 1)] if not root.is_constant else []
    final = {sent.parent: sent.gradient_after for step in passes for sent in step.contributions}
    return {
        "root": place[root],
        "nodes": [_node(node, names, final, node is root) for node in order],
        "edges": [{"from": place[parent], "to": place[node]} for node, _, parent in edges],
        "forward": [
            {"node": place[step.node], "edges": edges_of(step.node), "words": _forward_words(step.text(DIGITS))}
            for step in forward
            if step.node.parents
        ],
        "backward": [
            {
                "node": place[step.node],
                "sent": [
                    _sent(step, sent, place[sent.parent], edge_of.get((step.node, sent.operand)))
                    for sent in step.contributions
                    if not sent.parent.is_constant
                ],
                "words": _backward_words(step, names),
            }
            for step in passes
        ],
        "backwardFrom": 1.0,
        "leaves": [i for i, node in enumerate(order) if node.is_leaf],
        "checks": {place[leaf]: check for leaf, check in nudged(root, order).items()},
    }


def plain(x: float) -> float | str:
    """The number as JSON can hold it: ``"inf"``, ``"-inf"`` and ``"nan"`` are text there."""
    return x if isfinite(x) else str(x)


def _node(node: Value, names: Names, final: dict[Value, float], is_root: bool) -> dict[str, Any]:
    kind = "constant" if node.is_constant else "leaf" if node.is_leaf else "root" if is_root else "interior"
    name = _word(names.name(node).string)
    formula = _word(names.formula(node).string) if node.parents else ""
    before = node.grad if node.is_leaf else 0.0
    return {
        "name": name,
        "full": _word(node.label) or name,
        "formula": formula if formula != name else "",
        "symbol": node.primitive.symbol if node.parents else "",
        "kind": kind,
        "parents": len(node.parents),
        "value": plain(node.data),
        "before": plain(before),
        "final": plain(final.get(node, before)),
        "source": "" if node.source is None else clean(str(node.source)),
    }


def _sent(step: Step, sent: Contribution, parent: int, edge: int | None) -> dict[str, Any]:
    return {
        "parent": parent,
        "edge": edge,
        "earlier": plain(sent.gradient_before),
        "after": plain(sent.gradient_after),
        "short": _product(step, sent),
    }


def _product(step: Step, sent: Contribution) -> str:
    upstream, local, product = (number(x, DIGITS) for x in (step.upstream, sent.local_derivative, sent.product))
    return f"{upstream} × {local} = {product}"


def _change(sent: Contribution) -> str:
    return f"{number(sent.gradient_before, DIGITS)} → {number(sent.gradient_after, DIGITS)}"


def _forward_words(text: str) -> list[str]:
    """The lines of a forward step without "step 1 of 3"."""
    first, *more = text.split("   ", 1)[1].split("\n")
    return [clean(line.strip()).replace("-", "−") for line in [first, *more]]


def _backward_words(step: Step, names: Names) -> list[str]:
    """What is sent to each parent, after the node and its own gradient."""
    lines = [f"{_word(names.title(step.node))}: its gradient is {number(step.upstream, DIGITS)}"]
    if not step.sends:
        return [*lines, "A gradient of 0 sends nothing on, whatever the local derivatives are."]
    for sent in step.contributions[:SHOWN]:
        parent = _word(names.name(sent.parent).string)
        if sent.parent.is_constant:
            lines.append(f"{parent} is a constant: it takes no gradient")
            continue
        local = number(sent.local_derivative, DIGITS)
        formula = _word(sent.formula)
        same = formula.replace("−", "-") == local.replace("−", "-")
        equation = f"{names.derivative(step.node, sent.parent)} = {local if same else f'{formula} = {local}'}"
        lines += [clean(equation), f"⇒ {parent} gets {_product(step, sent)}: {_change(sent)}"]
    if len(step.contributions) > SHOWN:
        lines.append(f"… and {len(step.contributions) - SHOWN:,} more")
    if step.turns_nonfinite:
        lines.append('Here the gradient stops being finite: backward() raises, unless nonfinite("allow") is on.')
    return lines


def _word(text: str) -> str:
    """The text in one line that is not too long."""
    line = " ".join(clean(text).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
