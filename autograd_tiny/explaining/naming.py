"""Names from the caller's variables: what a REPL user has typed already need not be typed again as a label.

>>> from autograd_tiny import Value
>>> a, w = Value(2.0), [Value(0.5), Value(-1.0)]
>>> y = a * w[0] + w[1]
>>> name_locals()
['a', 'w[0]', 'w[1]', 'y']
>>> w[1].label, y.label
('w[1]', 'y')
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..core import Value
from ..derivatives.structure import is_array
from ..modes.sources import calling_frame

_REPL_NAMES = re.compile(r"_+\d*|_i+\d*|__.*__|_[iod]h")
"""What Python's and IPython's prompts bind on their own: the last results and inputs, and the lists of both."""


def name_locals(overwrite: bool = False) -> list[str]:
    """Label the Values among the caller's local variables with their names; the names that were given, in order.

    At a prompt or in a module these are its globals, in a function its parameters and variables. Elements of
    lists, tuples, dicts and object arrays are ``w[0]``, ``p['bias']``, ``W[0, 1]``, and the parameters of a model
    have their names in it, ``layers.0.weight[3][1]``, after the model's own name if there are several. A Value that
    has a label keeps it unless ``overwrite``; one with two names gets that which was bound first.
    """
    named: list[str] = []
    for node, name in caller_names().items():
        if overwrite or not node.label:
            node.label = name
            named.append(name)
    return named


def caller_names() -> dict[Value, str]:
    """The variable name of each Value that the code outside our packages can reach, without labelling any."""
    frame = calling_frame()
    return names_in(frame.f_locals)


def names_in(namespace: Mapping[str, Any]) -> dict[Value, str]:
    """The first name in ``namespace`` of each Value in it, or in a container in it.

    >>> names_in({"x": (x := Value(1.0)), "also_x": x, "_": Value(2.0)}) == {x: 'x'}
    True
    """
    outputs = namespace.get("_oh")  # IPython's list of results has a second name, Out
    things = {
        name: thing
        for name, thing in list(namespace.items())
        if name.isidentifier() and not _REPL_NAMES.fullmatch(name) and (outputs is None or thing is not outputs)
    }
    found: dict[Value, str] = {}
    for name, thing in things.items():
        for node, called in _named(thing, name):
            found.setdefault(node, called)
    models = {id(thing): (name, thing) for name, thing in reversed(things.items()) if _is_model(thing)}
    for name, model in reversed(models.values()):
        for called, node in model.named_parameters():
            if isinstance(node, Value):
                found.setdefault(node, called if len(models) == 1 else f"{name}.{called}")
    return found


def _is_model(thing: Any) -> bool:
    """Whether it names its parameters, as modules of `nn` do."""
    return not isinstance(thing, type) and callable(getattr(type(thing), "named_parameters", None))


def _named(thing: Any, name: str) -> Iterator[tuple[Value, str]]:
    """The Values in a variable of the user's, each with the expression that fetches it."""
    stack: list[tuple[Any, str]] = [(thing, name)]
    opened: set[int] = set()  # a list may hold itself
    while stack:
        thing, name = stack.pop()
        if isinstance(thing, Value):
            yield thing, name
        elif is_array(thing):
            if thing.dtype == object:
                places = [(index, element) for index, element in _elements(thing)]
                stack += [(element, f"{name}[{', '.join(map(str, index))}]") for index, element in reversed(places)]
        elif type(thing) in (list, tuple, dict) and id(thing) not in opened:
            opened.add(id(thing))
            items = list(thing.items() if isinstance(thing, dict) else enumerate(thing))
            stack += [(element, f"{name}[{key!r}]") for key, element in reversed(items)]


def _elements(array: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
    from numpy import ndenumerate  # there is an array, so numpy is there

    return iter(ndenumerate(array))
