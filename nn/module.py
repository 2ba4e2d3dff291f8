"""`Module`: whatever has parameters, be it a neuron or a network of them.

>>> from autograd_tiny import Value
>>> class Line(Module):
...     def __init__(self):
...         self.slope, self.offset = Value(2.0, "slope"), Value(1.0, "offset")
...     def __call__(self, x):
...         return self.slope * x + self.offset
>>> line = Line()
>>> line, [name for name, _ in line.named_parameters()]
(Line of 2 parameters, ['slope', 'offset'])
>>> line.state_dict()
{'slope': 2.0, 'offset': 1.0}

Attributes are all there is to declare: Values, modules, and lists and dicts of them, are found and named by the
attributes that hold them. A Value that two attributes share is one parameter with two names in the state dict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

from autograd_tiny import Value
from autograd_tiny.core import zero_gradients
from autograd_tiny.errors import article, counted, shorten

from .state import LoadedKeys, fit, flat, is_entry, numbers


class Module:
    """A base for models: finds the leaves among its attributes, in lists, in dicts and in modules within."""

    training: bool = True
    """Whether modules that act differently in training, `Dropout` for one, do so. See `train` and `eval`."""

    def parameters(self) -> list[Value]:
        """Every leaf of this module, once, in the order in which the attributes were set."""
        found: dict[Value, None] = {}
        _collect(vars(self), found, {id(self): self})
        return list(found)

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Every parameter with its name, such as ``layers.0.weight[3][1]``, in the order of `parameters`."""
        names: dict[Value, str] = {}
        for entry_name, entry in self._entries().items():
            for place, leaf in flat(entry, entry_name):
                names.setdefault(leaf, place)
        return [(names.get(p, f"parameters()[{i}]"), p) for i, p in enumerate(self.parameters())]

    def modules(self) -> list[Module]:
        """This module and every one within, each once, outermost first."""
        return [module for _, module in self.named_modules()]

    def named_modules(self) -> list[tuple[str, Module]]:
        """The same with their names: ``""`` for this one, ``layers.0`` for one in a list."""
        found: dict[int, tuple[str, Module]] = {}
        for name, _, thing in _walk(self, "", "", set(), "named_parts"):
            if isinstance(thing, Module):
                found.setdefault(id(thing), (name, thing))
        return list(found.values())

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0, as each training step begins."""
        zero_gradients(self.parameters())

    def train(self, mode: bool = True) -> Self:
        """Set ``training`` here and in every module within; returns the module itself."""
        if not isinstance(mode, bool):
            got = f"{shorten(mode)}, {article(type(mode).__name__)}"
            raise TypeError(f"train(mode) got {got}: expected True or False; it only switches between training and use")
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Set ``training`` to False here and in every module within; returns the module itself."""
        return self.train(False)

    def state_dict(self) -> dict[str, Any]:
        """The numbers of every parameter by name: floats, or nested lists of floats where attributes hold lists."""
        return {name: numbers(entry) for name, entry in self._entries().items()}

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> LoadedKeys:
        """Set every parameter to its number in ``state`` (lists, arrays or tensors), and give the names passed over.

        One ``ValueError`` names all that does not fit: missing and unexpected names, other shapes, what is no finite
        number; the model is then as it was. ``strict=False`` passes over missing and unexpected names.
        """
        found, passed_over = fit(type(self).__name__, self._entries(), state, strict)
        for parameter, number in found.items():
            parameter.data = number
        return passed_over

    def named_parts(self) -> dict[str, Any]:
        """What this module is made of, by name: its attributes. Override it where other names serve better."""
        return vars(self)

    def named_state(self) -> dict[str, Any]:
        """The parts as the state dict names them: those of `named_parts`, unless overridden."""
        return self.named_parts()

    def summary(self) -> str:
        """One line for each module: its name, what it is, how many parameters it has, and their shapes."""
        from .summary import summary

        return summary(self)

    def _title(self) -> str:
        """``LayerNorm(4)``: the module without its size."""
        return repr(self).removesuffix(f", {self._size()}")

    def _size(self) -> str:
        """``13 parameters``."""
        count = len(self.parameters())
        return counted(count, "parameter")

    def __repr__(self) -> str:
        return f"{type(self).__name__} of {self._size()}"

    def _entries(self) -> dict[str, Any]:
        """Name -> a parameter or nested lists of parameters, as in the state dict."""
        found: dict[str, Any] = {}
        for name, _, thing in state_parts(self):
            if not isinstance(thing, Module):
                if name in found:
                    raise ValueError(
                        f"{type(self).__name__} has two things called {name!r} in its state: rename a key or attribute"
                    )
                found[name] = thing
        return found


@contextmanager
def in_eval(model: Module) -> Iterator[None]:
    """A block with every module within in eval mode; each is back in its own mode afterwards."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def state_parts(module: Module) -> Iterator[tuple[str, str, Any]]:
    """(name, name of the module that it belongs to, it) for each module and entry of the state, outermost first."""
    return _walk(module, "", "", set(), "named_state")


def _walk(thing: Any, name: str, owner: str, within: set[int], hook: str) -> Iterator[tuple[str, str, Any]]:
    """The modules and entries in ``thing``; one that holds itself is not entered again."""
    thing = _unwrapped(thing)
    if isinstance(thing, Value):
        if thing.is_leaf:
            yield name, owner, thing
        return
    parts: Iterable[tuple[Any, Any]]
    if isinstance(thing, Module):
        if id(thing) in within:
            return
        yield name, owner, thing
        owner, parts = name, getattr(thing, hook)().items()
    elif isinstance(thing, dict):
        parts = thing.items()
    elif isinstance(thing, (list, tuple)):
        if is_entry(thing):
            yield name, owner, thing
            return
        parts = enumerate(thing)
    else:
        return
    if id(thing) not in within:
        within.add(id(thing))
        for key, part in parts:
            yield from _walk(part, f"{name}.{key}" if name else str(key), owner, within, hook)
        within.remove(id(thing))


def _collect(thing: Any, found: dict[Value, None], seen: dict[int, Any]) -> None:
    """Add the leaves in ``thing`` to ``found``; a module's own `parameters`, if it has one, has the say over it."""
    thing = _unwrapped(thing)
    if isinstance(thing, Value):
        if thing.is_leaf:
            found[thing] = None
    elif isinstance(thing, (Module, dict, list, tuple)):
        if id(thing) in seen:
            return
        seen[id(thing)] = thing  # kept alive, so that its id stays its own
        if isinstance(thing, dict):
            parts: Iterable[Any] = thing.values()
        elif not isinstance(thing, Module):
            parts = thing
        elif type(thing).parameters is Module.parameters:
            parts = vars(thing).values()
        else:
            parts = thing.parameters()
        for part in parts:
            if type(part) is Value:
                if part.is_leaf:
                    found[part] = None
            else:
                _collect(part, found, seen)


def _unwrapped(thing: Any) -> Any:
    """Lists in place of a numpy array of objects, which may be Values."""
    return thing.tolist() if str(getattr(thing, "dtype", "")) == "object" else thing
