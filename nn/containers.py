"""`Sequential`: modules and functions in a row, each given what the one before gives.

>>> from nn import Layer
>>> model = Sequential(Layer(2, 3, None, seed=0), "tanh", Layer(3, 1, None, seed=1))
>>> model
Sequential of [Layer of [3 LinearNeuron(2)], Tanh(), Layer of [1 LinearNeuron(3)]], 13 parameters
>>> list(model.state_dict()), model([1.0, -1.0]).op              # PyTorch's names
(['0.weight', '0.bias', '2.weight', '2.bias'], 'add')
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from autograd_tiny import Value
from autograd_tiny.errors import article, shorten

from .activations import activation, activation_module, name_of, table_name
from .layers import MLP, Layer, Neuron
from .module import Module

Step = Callable[[Any], Any]


class Sequential(Module):
    """The steps in order. A step is a module, an activation (by name, or the table's function: for each number
    of a list) or any other function (of all that the step before gives).

    A single number on its way into a layer counts as a list of one, as it does within an `MLP`.
    """

    def __init__(self, *steps: str | Step) -> None:
        if not steps:
            raise ValueError("Sequential got nothing: expected at least one module or function")
        self.steps = [_step(given) for given in steps]

    def __call__(self, x: Any) -> Any:
        """What the last step gives for ``x``."""
        for step in self.steps:
            if isinstance(x, Value) and isinstance(step, (Layer, MLP, Neuron)):
                x = [x]
            x = step(x)
        return x

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __getitem__(self, i: int | slice) -> Any:
        """A step, or for a slice a Sequential of the same steps, which share their parameters."""
        return Sequential(*self.steps[i]) if isinstance(i, slice) else self.steps[i]

    def named_parts(self) -> dict[str, Any]:
        """The steps by number, as in PyTorch: ``0.weight``; then any other attributes."""
        others = {name: part for name, part in vars(self).items() if name != "steps"}
        return {**{str(i): step for i, step in enumerate(self.steps)}, **others}

    def __repr__(self) -> str:
        shown = [repr(step) if isinstance(step, Module) else name_of(step) for step in self.steps]
        return f"Sequential of [{', '.join(shown)}], {self._size()}"


def _step(given: Any) -> Step:
    """A step of a kind that pickles and shows its name; ``TypeError`` for what cannot be called."""
    if isinstance(given, type):
        raise TypeError(f"Sequential got the class {given.__name__}: expected an instance; write {given.__name__}()")
    name = table_name(given)
    if name is not None:
        return activation_module(name)()
    if isinstance(given, str):
        return activation(given)
    if callable(given):
        return given  # type: ignore[no-any-return]
    hint = "; write Sequential(*steps) for a list of them" if isinstance(given, (list, tuple)) else ""
    raise TypeError(
        f"Sequential got {shorten(given)}, {article(type(given).__name__)}: "
        f"expected modules, functions or names of activations{hint}"
    )
