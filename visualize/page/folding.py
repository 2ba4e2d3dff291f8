"""A page's graph folded by layer: one box for each, and the values outside as they are.

>>> import nn
>>> from autograd_tiny.core import topological_order
>>> model = nn.MLP(2, [3, 1], "tanh", seed=0)
>>> loss = (model([0.5, -1.0]) - 1.0) ** 2
>>> order = topological_order(loss)
>>> told = [{"name": "", "kind": "", "parents": [order.index(parent) for parent in node.parents]} for node in order]
>>> found = folded(order, told, ModuleTree(model))
>>> [(group["name"], len(group["members"])) for group in found["groups"] if len(group["members"]) > 1]
[('layers.0', 18), ('layers.1', 6)]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_tiny import Value

from ..modules import ModuleTree
from .inputs import Input


def folded(order: Sequence[Value | Input], told: Sequence[dict[str, Any]], tree: ModuleTree) -> dict[str, Any]:
    """The groups, each with its members' numbers, and of each node its group; edges go from group to group."""
    values = [node for node in order if isinstance(node, Value)]
    places = tree.places(values)
    key: dict[int, Any] = {}
    for i, node in enumerate(order):
        if isinstance(node, Input):
            key[i] = ("inputs", node.vector)
        elif node in places:
            chain = tree.chain(places[node])
            key[i] = ("module", chain[min(1, len(chain) - 1)])
        else:
            key[i] = ("node", i)
    members: dict[Any, list[int]] = {}
    for i in range(len(order)):
        members.setdefault(key[i], []).append(i)

    def first_operation(name: Any) -> float:
        """Groups in the order of their first operations; what computes nothing before all."""
        return min((i for i in members[name] if told[i]["parents"]), default=-1)

    names = sorted(members, key=first_operation)
    number = {name: g for g, name in enumerate(names)}
    of = [number[key[i]] for i in range(len(order))]
    groups = [_group(name, members[name], told, tree) for name in names]
    for g, group in enumerate(groups):
        found = dict.fromkeys(of[parent] for i in group["members"] for parent in told[i]["parents"])
        group["parents"] = [parent for parent in found if parent < g]  # a layer that is used again is not drawn twice
    return {"groups": groups, "of": of}


def _group(name: Any, members: list[int], told: Sequence[dict[str, Any]], tree: ModuleTree) -> dict[str, Any]:
    kind, what = name
    if kind == "node":
        return {**told[members[0]], "members": members}
    if kind == "inputs":
        return {"name": "x", "full": "inputs", "kind": "input", "members": members, "shown": members}
    count = sum(told[i]["kind"] == "leaf" for i in members)
    inside = {i for i in members if told[i]["parents"]}
    used = {parent for i in inside for parent in told[i]["parents"]}
    return {
        "name": what or type(tree.modules[what]).__name__,
        "full": f"{tree.title(what)}, {count} parameters",
        "kind": "layer",
        "members": members,
        "shown": [i for i in members if i in inside and i not in used][:64],
    }
