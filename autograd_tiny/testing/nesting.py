"""Numbers in lists, tuples, dicts and arrays: taken apart with their names, and others put in the same places.

>>> list(places({"w": [1.0, 2.0], "b": 3.0}, "p"))
[("p['w'][0]", 1.0), ("p['w'][1]", 2.0), ("p['b']", 3.0)]
>>> refill({"w": [1.0, 2.0], "b": 3.0}, iter("xyz"))
{'w': ['x', 'y'], 'b': 'z'}
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any


def is_any_array(x: Any) -> bool:
    """Whether ``x`` is a numpy array, one of no dimension included."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(x, numpy.ndarray)


def places(x: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every number in a nested argument or result, with the indices that lead to it after ``name``."""
    if is_any_array(x):
        x = x.tolist()  # of no dimension: the number itself
    if isinstance(x, Mapping):
        for key, part in x.items():
            yield from places(part, f"{name}[{key!r}]")
    elif isinstance(x, (list, tuple)):
        for i, part in enumerate(x):
            yield from places(part, f"{name}[{i}]")
    else:
        yield name, x


def scalars(x: Any) -> list[Any]:
    """The numbers alone."""
    return [part for _, part in places(x)]


def refill(like: Any, supply: Iterator[Any]) -> Any:
    """The structure of ``like`` filled from ``supply`` in order: arrays of floats for floats, else of objects.

    A numpy scalar is given numpy scalars, so that its methods are there.
    """
    numpy = sys.modules.get("numpy")
    if is_any_array(like):
        assert numpy is not None
        filled = [next(supply) for _ in range(like.size)]
        plain = all(isinstance(x, float) for x in filled)
        made = numpy.empty(like.size, dtype=float if plain else object)
        made[:] = filled
        return made.reshape(like.shape)
    if isinstance(like, Mapping):
        parts = {key: refill(part, supply) for key, part in like.items()}
        return parts if type(like) is dict else type(like)(parts)  # type: ignore[call-arg]
    if isinstance(like, (list, tuple)):
        filled = [refill(part, supply) for part in like]
        if isinstance(like, list):
            return filled
        return type(like)(*filled) if hasattr(like, "_fields") else tuple(filled)
    x = next(supply)
    return numpy.float64(x) if numpy is not None and isinstance(like, numpy.generic) and isinstance(x, float) else x
