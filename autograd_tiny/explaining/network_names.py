"""The names that textbooks give the values of a network, from the names of its parameters: w¹₂₁, b¹₂, z¹₂, a¹₂, ŷ.

The raised number is the layer, left out where there is one; the lowered ones count the neuron, then its input, from 1.
``layers.0.weight[1][0]`` is w¹₂₁. A neuron's weighted sum with its bias is z, its activation a, the last layer's output
ŷ. Where the network runs on several samples (or moments) each has its number: z¹₂⁽³⁾. Its inputs, if they are Values
without a name, are x₁, x₂; a number or Value that ŷ is subtracted from is y.

>>> from autograd_tiny import Value, dot
>>> w, b, x = [Value(0.5), Value(-1.0)], Value(0.1), [Value(1.0), Value(2.0)]
>>> a = (dot(w, x) + b).tanh()
>>> known = {w[0]: "weight[0]", w[1]: "weight[1]", b: "bias"}
>>> found = network_names([w[0], w[1], *x, a.parents[0].parents[0], b, a.parents[0], a], known)
>>> [found[node] for node in (*w, b, *x, a.parents[0], a)]
['w₁', 'w₂', 'b', 'x₁', 'x₂', 'z', 'ŷ']
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..core import Value

PARAMETER = re.compile(r"(?P<place>.*?)(?P<kind>weight|bias)(?:\[(?P<first>\d+)\])?(?:\[(?P<second>\d+)\])?")
_LAYER = re.compile(r"(?P<model>.*?)(?:layers\.)?\d+\.")
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

ACTIVATIONS = ("tanh", "sigmoid", "relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "identity")


def lowered(*counts: int, apart: bool = False) -> str:
    """``₂₁``; ``apart`` puts commas between, where counts have two digits."""
    return ("," if apart else "").join(str(count).translate(_LOWERED) for count in counts)


def raised(count: int) -> str:
    """``⁽³⁾``, the number of a sample."""
    return f"⁽{str(count).translate(_RAISED)}⁾"


@dataclass
class Neuron:
    """One neuron as its parameters' names tell it: where it is, its weights by input, its bias."""

    model: str
    layer: str
    at: tuple[int, ...]
    """Its number in the layer, from 1; nothing for a neuron alone."""
    weights: dict[Value, int] = field(default_factory=dict)
    bias: Value | None = None
    last: bool = False
    first: bool = False
    alone: bool = False
    """Whether its layer has no other."""
    wide: bool = False
    """Whether the layer has more than nine neurons or inputs."""


def neurons(parameters: Mapping[Value, str]) -> list[Neuron]:
    """The neurons of all layers, in the order of the parameters."""
    found: dict[tuple[str, int], Neuron] = {}
    places: dict[str, list[str]] = {}
    for node, name in parameters.items():
        match = PARAMETER.fullmatch(name)
        if match is None:
            continue
        place, kind = match["place"], match["kind"]
        depth = sum(match[group] is not None for group in ("first", "second"))
        within = _LAYER.fullmatch(place)
        if depth != (2 if kind == "weight" else 1) and not (within is None and depth == (1 if kind == "weight" else 0)):
            continue
        single = depth != (2 if kind == "weight" else 1)
        model = within["model"] if within else place
        if place not in places.setdefault(model, []):
            places[model].append(place)
        number = 0 if single else int(match["first"])
        neuron = found.setdefault((place, number), Neuron(model, place, () if single else (number + 1,)))
        if kind == "bias":
            neuron.bias = node
        else:
            neuron.weights[node] = int(match["first"] if single else match["second"]) + 1
    sizes = Counter(place for place, _ in found)
    for (place, _), neuron in found.items():
        neuron.wide = max(sizes[place], *neuron.weights.values(), 0) > 9
    for (place, _), neuron in found.items():
        layers = sorted(places[neuron.model], key=lambda each: [int(part) for part in re.findall(r"\d+", each)])
        neuron.first, neuron.last, neuron.alone = place == layers[0], place == layers[-1], sizes[place] == 1
        neuron.layer = str(layers.index(place) + 1).translate(_RAISED) if len(layers) > 1 else ""
    return list(found.values())


def network_names(order: Sequence[Value], parameters: Mapping[Value, str]) -> dict[Value, str]:
    """The name of each node of a topological ``order`` that a network's neurons make, or are made of."""
    known = neurons({node: name for node, name in parameters.items() if "weight" in name or "bias" in name})
    if not known:
        return {}
    users: dict[Value, list[Value]] = {}
    for node in order:
        for parent in dict.fromkeys(node.parents):
            users.setdefault(parent, []).append(node)
    several = len({neuron.model for neuron in known}) > 1
    named: dict[Value, str] = {}
    for neuron in known:
        _name_neuron(neuron, users, named, neuron.model if several else "")
    return named


def _name_neuron(neuron: Neuron, users: Mapping[Value, list[Value]], named: dict[Value, str], model: str) -> None:
    layer, at = f"{neuron.layer}", neuron.at
    for weight, i in neuron.weights.items():
        named[weight] = f"{model}w{layer}{lowered(*at, i, apart=neuron.wide)}"
    if neuron.bias is None:
        return
    named[neuron.bias] = f"{model}b{layer}{lowered(*at)}"
    sums = [node for node in users.get(neuron.bias, ()) if node.op == "add"]
    for k, start in enumerate(sums, start=1):
        sample = raised(k) if len(sums) > 1 else ""
        z = _weighted_sum(start, neuron, users)
        for part in z.parents:
            if part.op in ("dot", "sum") and not part.label:
                behind = "x" if neuron.first else f"a{_before(layer)}"
                named.setdefault(part, f"{model}w{layer}{lowered(*at)}·{behind}{sample}")
                if neuron.first:
                    _name_inputs(part, neuron, named, sample)
        after = [node for node in users.get(z, ()) if node.op in ACTIVATIONS]
        only = "" if neuron.last and neuron.alone else lowered(*at)
        output = f"{model}ŷ{only}{sample}"
        activation = after[0] if len(after) == 1 and not (neuron.last and after[0].op == "softplus") else None
        if activation is None:
            named[z] = output if neuron.last else f"{model}z{layer}{lowered(*at)}{sample}"
            continue
        named[z] = f"{model}z{layer}{lowered(*at)}{sample}"
        named[activation] = output if neuron.last else f"{model}a{layer}{lowered(*at)}{sample}"
    if neuron.last:
        _name_targets(users, named, model)


def _before(layer: str) -> str:
    """The raised number of the layer before."""
    return str(int(layer.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))) - 1).translate(_RAISED) if layer else ""


def _weighted_sum(start: Value, neuron: Neuron, users: Mapping[Value, list[Value]]) -> Value:
    """z: where products of the weights are added to the bias one by one, as micrograd does, the last of the sums."""
    while True:
        above = users.get(start, [])
        if len(above) != 1 or above[0].op != "add":
            return start
        other = [parent for parent in above[0].parents if parent is not start]
        if not other or other[0].op != "mul" or not any(parent in neuron.weights for parent in other[0].parents):
            return start
        start = above[0]


def _name_inputs(part: Value, neuron: Neuron, named: dict[Value, str], sample: str) -> None:
    """x₁, x₂, … for leaves without a name that stand beside the weights of the first layer."""
    others = [parent for parent in part.parents if parent not in neuron.weights]
    for i, node in enumerate(others, start=1):
        if node.is_leaf:
            named.setdefault(node, f"x{lowered(i)}{sample}")


def _name_targets(users: Mapping[Value, list[Value]], named: dict[Value, str], model: str) -> None:
    """y for the leaf that an output is compared with by a difference."""
    outputs = [node for node, name in named.items() if name.startswith(f"{model}ŷ")]
    for output in outputs:
        for node in users.get(output, ()):
            if node.op == "sub":
                for other in node.parents:
                    if other is not output and other.is_leaf:
                        named.setdefault(other, named[output].replace("ŷ", "y"))
