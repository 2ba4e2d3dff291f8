"""Which module each node of a graph belongs to, told from the parameters alone: no hooks, no names to keep.

A node that reads a module's parameters is that module's; so is the activation that a neuron applies to its sum,
and whatever else stands between a module and the next. What mixes several modules belongs to the innermost one
around them all. The loss, which comes after the last parameter, belongs to none.

>>> import nn
>>> from autograd_tiny.core import topological_order
>>> model = nn.MLP(2, [2, 1], seed=0)
>>> loss = (model([1.0, 2.0]) - 3.0) ** 2
>>> tree = ModuleTree(model)
>>> places = tree.places(topological_order(loss))
>>> hidden = loss.parents[0].parents[0].parents[0].parents[1]
>>> places[hidden], places[loss.parents[0].parents[0]], places.get(loss)
('layers.1.neurons.0', 'layers.1.neurons.0', None)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd_tiny import Value
from autograd_tiny.errors import article, shorten
from nn import Module, Neuron
from nn.activations import ActivationModule, name_of


class ModuleTree:
    """The modules of one model, or of several, by name, each with the module around it.

    Of one model the names are those of ``named_modules()``, the model's own being ``""``; those of several begin
    with the key in the dict, or the place in the list.
    """

    def __init__(self, models: Any, caller: str = "draw_graph") -> None:
        self.modules: dict[str, Module] = {}
        self.around: dict[str, str | None] = {}
        self.parameters: dict[str, list[Value]] = {}
        for prefix, model in _models(models, caller):
            for name, module in model.named_modules():
                full = ".".join(part for part in (prefix, name) if part) if prefix is not None else name
                self.around[full] = self._nearest(full, top=full == (prefix or ""))
                self.modules[full] = module
                self.parameters[full] = module.parameters()
        self.order = {name: i for i, name in enumerate(self.modules)}
        self.within: dict[str, list[str]] = {name: [] for name in self.modules}
        for name, outer in self.around.items():
            if outer is not None:
                self.within[outer].append(name)
        self._names: dict[str, dict[Value, str]] = {}
        self._chains: dict[str, tuple[str, ...]] = {}

    def _nearest(self, name: str, top: bool) -> str | None:
        """The module around one of this name: the longest beginning that is a module's name."""
        if top:
            return None
        while "." in name:
            name = name.rpartition(".")[0]
            if name in self.modules:
                return name
        return ""

    def chain(self, name: str) -> tuple[str, ...]:
        """The modules around one, outermost first, and itself."""
        if name not in self._chains:
            outer = self.around[name]
            self._chains[name] = (name,) if outer is None else (*self.chain(outer), name)
        return self._chains[name]

    def common(self, first: str | None, second: str | None) -> str | None:
        """The innermost module around both (or one of the two itself); None if there is none."""
        if first is None or second is None or first == second:
            return first if first == second else None
        shared = [a for a, b in zip(self.chain(first), self.chain(second), strict=False) if a == b]
        return shared[-1] if shared else None

    def depth(self, name: str) -> int:
        """0 for a model, 1 for a module in it, and so on."""
        return len(self.chain(name)) - 1

    def title(self, name: str) -> str:
        """What a module is called in the frame of the one around it: ``neurons.0 · Neuron``."""
        kind, outer = type(self.modules[name]).__name__, self.around[name]
        own = name.removeprefix(f"{outer}.") if outer else name
        return f"{own} · {kind}" if own else kind

    def parameter_name(self, parameter: Value, place: str) -> str:
        """What a module calls its parameter: ``weight[0]``; empty if it is not one."""
        if place not in self._names:
            self._names[place] = {leaf: name for name, leaf in self.modules[place].named_parameters()}
        return self._names[place].get(parameter, "")

    def named_parameters(self) -> dict[Value, str]:
        """Parameter -> its name in its model, after the model's own where there are several."""
        found: dict[Value, str] = {}
        for place, outer in self.around.items():
            if outer is None:
                for name, parameter in self.modules[place].named_parameters():
                    found.setdefault(parameter, f"{place}.{name}" if place else name)
        return found

    def owners(self) -> dict[Value, str]:
        """Parameter -> the innermost module that holds it, or is around all that share it."""
        holders: dict[Value, list[str]] = {}
        for name, parameters in self.parameters.items():
            for parameter in parameters:
                holders.setdefault(parameter, []).append(name)
        found: dict[Value, str] = {}
        for parameter, names in holders.items():
            outer = {self.around[name] for name in names}
            innermost = [name for name in names if name not in outer]
            owner: str | None = innermost[0]
            for name in innermost[1:]:
                owner = self.common(owner, name)
            if owner is not None:
                found[parameter] = owner
        return found

    def places(self, order: list[Value]) -> dict[Value, str]:
        """Node -> the name of its module, for the nodes of a graph (parents first) that belong to one."""
        owners = self.owners()
        places = {node: owners[node] for node in order if node in owners}
        for node in order:
            if node.parents:
                place = self._own_activation(node, places) or self._by_parameters(node, owners)
                if place is not None:
                    places[node] = place
        self._between(order, places)
        self._constants(order, places)
        return places

    def _by_parameters(self, node: Value, owners: dict[Value, str]) -> str | None:
        found = {owners[parent] for parent in node.parents if parent in owners}
        place: str | None = None
        for i, name in enumerate(sorted(found)):
            place = name if i == 0 else self.common(place, name)
        return place

    def _own_activation(self, node: Value, places: dict[Value, str]) -> str | None:
        """The neuron whose activation this is."""
        place = places.get(node.parents[0])
        neuron = self.modules.get(place) if place is not None else None
        is_sum = isinstance(neuron, Neuron) and neuron.b in node.parents[0].parents
        return place if is_sum and node.op == name_of(neuron.activation) else None  # type: ignore[union-attr]

    def _between(self, order: list[Value], places: dict[Value, str]) -> None:
        """Place the nodes without parameters between modules: in an activation module that stands between them,
        else in the innermost module around all that they come from. What no module comes after is the loss.
        """
        above, below = self._reach(order, places)
        for node in order:
            if node in places or not node.parents or node not in above:
                continue
            before, after = above[node], below.get(node)
            place = self._activation_module(node, before, after)
            if place is None and self.common(before, after) is not None:
                place = before
            if place is not None:
                places[node] = place

    def _reach(self, order: list[Value], places: dict[Value, str]) -> tuple[dict[Value, str], dict[Value, str]]:
        """For each node the innermost module around the nearest placed nodes before it, and around those after."""
        above: dict[Value, str] = {}
        below: dict[Value, str] = {}
        lost: set[Value] = set()
        for node in order:
            for parent in node.parents:
                _gather(self, above, lost, node, places.get(parent, above.get(parent)))
        lost.clear()
        for node in reversed(order):
            for parent in node.parents:
                _gather(self, below, lost, parent, places.get(node, below.get(node)))
        return above, below

    def _activation_module(self, node: Value, before: str, after: str | None) -> str | None:
        """The module such as ``Tanh()`` that comes next after ``before`` and does this node's operation."""
        for inner in reversed(self.chain(before)):
            outer = self.around[inner]
            if outer is None or (after is not None and inner in self.chain(after)):
                return None
            siblings = self.within[outer]
            following = siblings[siblings.index(inner) + 1 :]
            if following and isinstance(module := self.modules[following[0]], ActivationModule):
                return following[0] if module.name == node.op else None
        return None

    def _constants(self, order: list[Value], places: dict[Value, str]) -> None:
        """A number that only one module uses stands in it."""
        users: dict[Value, set[str | None]] = {}
        for node in order:
            for parent in node.parents:
                if parent.is_constant:
                    users.setdefault(parent, set()).add(places.get(node))
        for constant, found in users.items():
            if len(found) == 1 and (place := next(iter(found))) is not None:
                places[constant] = place


def _gather(tree: ModuleTree, found: dict[Value, str], lost: set[Value], node: Value, place: str | None) -> None:
    """Widen ``found[node]`` to be around ``place`` too; a node between unrelated models is ``lost``."""
    if place is None or node in lost:
        return
    common = tree.common(found.get(node, place), place)
    if common is None:
        lost.add(node)
        found.pop(node, None)
    else:
        found[node] = common


def _models(models: Any, caller: str) -> list[tuple[str | None, Module]]:
    """(prefix, model) for one module, a list or a dict of them."""
    if isinstance(models, Module):
        return [(None, models)]
    parts: list[tuple[str | None, Any]] = []
    if isinstance(models, Mapping):
        parts = [(str(key), model) for key, model in models.items()]
    elif isinstance(models, (list, tuple)):
        parts = [(str(i), model) for i, model in enumerate(models)]
    if not parts or not all(isinstance(model, Module) for _, model in parts):
        raise TypeError(
            f"{caller}(model) got {shorten(models)}, {article(type(models).__name__)}: expected an nn.Module, "
            "or a list or dict of them"
        )
    return parts
