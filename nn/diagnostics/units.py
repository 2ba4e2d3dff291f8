"""The units of a model, found in the graph that it records: no hooks in the layers and no list of activations.

A unit is an activation with the weighted sum under it. The activation is a node of a row that takes one number and
bends it; the sum is what lies below, down every edge in which the rows are linear. The parameters met on the way
name the unit, so that layers, `Sequential`, a module of your own and Dropout in between all come out alike.

>>> from nn import MLP
>>> model = MLP(2, [3, 1], seed=0)
>>> watch = Watch(model)
>>> for x in ([1.0, 2.0], [-1.0, 0.5]):
...     watch.see([model(x)])
>>> [(str(unit), unit.activation, unit.slopes) for unit in watch.units()]  # doctest: +NORMALIZE_WHITESPACE
[('layers.0, neuron 0', 'relu', (1.0, 0.0)), ('layers.0, neuron 1', 'relu', (0.0, 0.0)),
 ('layers.0, neuron 2', 'relu', (0.0, 0.0))]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, NamedTuple

from autograd_tiny import Value
from autograd_tiny.core import topological_order
from autograd_tiny.table.namespaces import FLOATS
from autograd_tiny.table.ops import TABLE
from autograd_tiny.table.primitive import Primitive

from ..activations import names
from ..layers import Neuron
from ..module import Module, state_parts
from ..state import flat


class Row(NamedTuple):
    """The parameters of one neuron in one entry of the state: a row of a matrix, one bias."""

    entry: str
    neuron: int | None
    layer: str
    is_matrix: bool


@dataclass(frozen=True)
class Unit:
    """One neuron's activation and how steep it was: the local derivative, once for each time that it was computed."""

    layer: str
    neuron: int | None
    """Its number in the layer; None for a module that is a single neuron."""
    activation: str
    slopes: tuple[float, ...]
    steepest: float | None
    """The largest local derivative of an activation that saturates; None for one that does not. See `steepest`."""
    is_output: bool

    def __str__(self) -> str:
        return self.layer if self.neuron is None else f"{self.layer}, neuron {self.neuron}"

    @property
    def is_dead(self) -> bool:
        """Whether the slope was 0 each time: no gradient passes, and nothing below can change that."""
        return not any(self.slopes)

    def flat_share(self, fraction: float) -> float:
        """The share of the times at which the slope was below ``fraction`` of the steepest; 0 without a bound."""
        if not self.steepest:
            return 0.0
        return sum(abs(slope) < fraction * self.steepest for slope in self.slopes) / len(self.slopes)


class Watch:
    """Collects the units of ``model`` from the graphs of its outputs, one sample after the other."""

    def __init__(self, model: Module) -> None:
        self.rows = rows(model)
        self._bends = {name for name in names() if name in TABLE and not _is_linear(TABLE[name], 0)}
        self._linear: dict[str, tuple[bool, ...]] = {}
        self._order: dict[str, int] = {}
        self._slopes: dict[tuple[frozenset[Row], str], list[float]] = {}
        self._steepest: dict[tuple[str, tuple[float, ...]], float | None] = {}
        self._bounds: dict[tuple[frozenset[Row], str], float | None] = {}
        self._outputs: set[tuple[frozenset[Row], str]] = set()

    def see(self, outputs: Sequence[Value]) -> None:
        """Add what the graph of one sample's outputs shows."""
        row_of, nothing = self.rows.get, frozenset[Row]()
        below: dict[Value, frozenset[Row]] = {}
        for place, node in enumerate(topological_order(*outputs)):
            parents = node.parents
            if not parents:
                continue
            direct = set(map(row_of, parents)) - {None}  # of thousands of weights in one go
            for row in direct:
                self._order.setdefault(row.layer, place)  # type: ignore[union-attr]
            if node.op in self._bends:
                found = below.get(parents[0], nothing) | self._row(parents[0])
                if found:
                    self._add((found, node.op), node, node in outputs)
                continue
            linear = self._edges(node)
            if all(linear):
                below[node] = nothing.union(direct, *filter(None, map(below.get, parents)))  # type: ignore[arg-type]
            else:
                kept = [parent for parent, is_linear in zip(parents, linear, strict=True) if is_linear]
                below[node] = nothing.union(*(below.get(parent, nothing) | self._row(parent) for parent in kept))

    def _row(self, leaf: Value) -> frozenset[Row]:
        row = self.rows.get(leaf)
        return frozenset() if row is None else frozenset([row])

    def _edges(self, node: Value) -> list[bool]:
        """For each parent of ``node`` whether it is linear in it; one answer will do where it is so in all."""
        row = TABLE.get(node.op)
        if row is None:
            return [False] * len(node.parents)
        if row.name not in self._linear:
            self._linear[row.name] = tuple(_is_linear(row, i) for i in range(len(row.arguments)))
        linear = self._linear[row.name]
        if all(linear):
            return [True]
        if not row.variadic:
            return list(linear)
        length = len(node.parents) // len(node.primitive.arguments)  # `dot` with plain numbers has one vector, not two
        return [linear[i // length] for i in range(len(node.parents))]

    def _add(self, key: tuple[frozenset[Row], str], node: Value, is_output: bool) -> None:
        self._slopes.setdefault(key, []).append(node.local_derivatives[0])
        settings = tuple(parent.data for parent in node.parents[1:])
        if (node.op, settings) not in self._steepest:
            self._steepest[node.op, settings] = steepest(node.primitive, settings)
        self._bounds[key] = self._steepest[node.op, settings]
        if is_output:
            self._outputs.add(key)

    def layers(self) -> list[str]:
        """The names of the layers, from the input on; those that took no part come last."""
        every = dict.fromkeys(row.layer for row in self.rows.values())
        return sorted(every, key=lambda layer: self._order.get(layer, len(self._order) + 10**9))

    def units(self) -> list[Unit]:
        """The units seen so far, layer by layer from the input on.

        Of the rows below an activation, the one that fewest activations share names the unit: its own weights, not
        those of a linear layer below or a factor for all. If that leaves several: a matrix's, nearest to the output.
        """
        users = Counter(row for found, _ in self._slopes for row in found)
        order = {layer: i for i, layer in enumerate(self.layers())}
        named: dict[tuple[str, int | None, str], list[tuple[frozenset[Row], str]]] = {}
        for key in self._slopes:
            own = min(key[0], key=lambda row: (users[row], not row.is_matrix, -order[row.layer], row.entry))
            named.setdefault((own.layer, own.neuron, key[1]), []).append(key)
        units = [
            Unit(layer, neuron, activation, tuple(slope for key in keys for slope in self._slopes[key]),
                 self._bounds[keys[0]], any(key in self._outputs for key in keys))
            for (layer, neuron, activation), keys in named.items()
        ]  # fmt: skip
        return sorted(units, key=lambda unit: (order[unit.layer], -1 if unit.neuron is None else unit.neuron))


def rows(model: Module) -> dict[Value, Row]:
    """Each parameter with the row that it stands in.

    In an entry of the state that is a matrix the first index counts the neurons, and in a list beside a matrix
    (biases) too; a list on its own is the weights of one neuron. A layer is the module that holds the entry, or the
    entry itself where one module holds several matrices.
    """
    parts = list(state_parts(model))
    modules = {name: thing for name, _, thing in parts if isinstance(thing, Module)}
    entries = [(name, owner, thing) for name, owner, thing in parts if not isinstance(thing, Module)]
    matrices = Counter(owner for _, owner, thing in entries if _depth(thing) > 1)
    lists = Counter(owner for _, owner, thing in entries if _depth(thing) == 1)
    found: dict[Value, Row] = {}
    for name, owner, thing in entries:
        layer, single = owner or type(model).__name__, None
        if matrices[owner] > 1:
            layer = name
        head, _, last = owner.rpartition(".")
        if isinstance(modules[owner], Neuron) and head and last.isdigit():
            layer, single = head, int(last)  # a list of neurons is a layer
        by_index = _depth(thing) > 1 or (_depth(thing) == 1 and (matrices[owner] > 0 or lists[owner] > 1))
        for i, part in enumerate(thing) if by_index else [(single, thing)]:
            for _, leaf in flat(part, name):
                found.setdefault(leaf, Row(name, i, layer, _depth(thing) > 1))
    return found


def _depth(entry: Any) -> int:
    return 1 + _depth(entry[0]) if isinstance(entry, (list, tuple)) else 0


def _is_linear(row: Primitive, i: int) -> bool:
    """Whether the derivative to operand ``i`` is the same wherever that operand is, and not 0: asked of the row's rule
    on either side of 0.
    """
    slopes = []
    for probe in (-0.5, 0.75):
        operands: list[Any] = [[0.25, 0.25] if row.variadic else 0.25 for _ in row.arguments]
        operands[i] = [probe, 0.25] if row.variadic else probe
        try:
            slope = row.partials[i](FLOATS, *operands, row.forward(FLOATS, *operands))
        except (ArithmeticError, ValueError):  # outside its domain: a bend
            return False
        slopes.append(list(slope) if row.variadic else slope)
    return slopes[0] == slopes[1] and slopes[0] != 0.0


def steepest(row: Primitive, settings: Sequence[float] = ()) -> float | None:
    """The largest local derivative of an activation in size; None for one that does not saturate.

    None if it grows without bound (exp): the largest on a grid over ±20 must not be above the largest over ±10, by
    more than 0.1 %. None too if it is 0 already at ±1 (relu): that is a switch, and one that is off on most samples
    is as it should be, so long as it is not dead.

    >>> steepest(TABLE["sigmoid"]), steepest(TABLE["tanh"]), steepest(TABLE["exp"]), steepest(TABLE["relu"])
    (0.25, 1.0, None, None)
    """

    def slope(x: float) -> float:
        return float(abs(row.partials[0](FLOATS, x, *settings, row.forward(FLOATS, x, *settings))))

    def largest(bound: int) -> float:
        return max(slope(k / 20) for k in range(-20 * bound, 20 * bound + 1))

    try:
        near, far = largest(10), largest(20)
        is_switch = 0.0 in (slope(-1.0), slope(1.0))
    except (ArithmeticError, ValueError):  # it leaves its domain
        return None
    return far if isfinite(far) and far <= 1.001 * near and not is_switch else None
