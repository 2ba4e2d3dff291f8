"""`summary`: a model as a table in words, one line for each module that has parameters or does something.

>>> import nn
>>> print(nn.MLP(2, [3, 1], seed=0).summary())
MLP: 13 parameters
  layers.0  Layer of [3 ReLUNeuron(2)]    9  weight 3 × 2, bias 3
  layers.1  Layer of [1 LinearNeuron(3)]  4  weight 1 × 3, bias 1
"""

from __future__ import annotations

from autograd_tiny import Value
from autograd_tiny.errors import counted

from .module import Module, state_parts
from .state import flat, shape


def summary(model: Module) -> str:
    """The model's name and number of parameters, then a line for each module: name, repr, parameters, shapes.

    A parameter that two modules share is counted where it comes first, so that the counts add up.
    """
    modules: dict[str, Module] = {}
    shapes: dict[str, list[str]] = {}
    counts: dict[str, int] = {}
    seen: set[Value] = set()
    for name, owner, thing in state_parts(model):
        if isinstance(thing, Module):
            modules[name], shapes[name], counts[name] = thing, [], 0
        else:
            shapes[owner].append(f"{name.removeprefix(owner).lstrip('.')} {shape(thing)}")
            leaves = {leaf for _, leaf in flat(thing, name)} - seen
            counts[owner] += len(leaves)
            seen |= leaves
    shown = [
        name for name in modules
        if shapes[name] or (name and not any(other.startswith(f"{name}.") for other in modules))
    ]  # fmt: skip
    total = len(model.parameters())
    rows = [
        (name or "itself", _what(modules[name], name), f"{counts[name]:,}", ", ".join(shapes[name])) for name in shown
    ]
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(3)]
    lines = [f"{type(model).__name__}: {counted(total, 'parameter')}"]
    for name, what, count, sizes in rows:
        lines.append(f"  {name:<{widths[0]}}  {what:<{widths[1]}}  {count:>{widths[2]}}  {sizes}".rstrip())
    return "\n".join(lines)


def _what(module: Module, name: str) -> str:
    return repr(module) if name else type(module).__name__
