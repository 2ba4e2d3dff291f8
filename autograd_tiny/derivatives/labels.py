"""The names of what a loop carries: where the first is called ``h``, the others are h1, h2, …, in steps and pictures.

>>> from autograd_tiny import Value
>>> w, h = Value(2.0, "w"), Value(0.5, "h")
>>> after = (w * h).tanh()
>>> label_carry(h, after, 1)
>>> after.label
'h1'
"""

from __future__ import annotations

import re
from typing import Any

from ..core import Value
from .structure import STAYS, field_names, flatten, is_array, is_dataclass, is_structure, parts


def label_carry(init: Any, carry: Any, step: int) -> None:
    """Give each computed Value of a carry that has no label the name that its place has, with the step's number."""
    if isinstance(carry, STAYS):
        return
    if type(carry) is Value:
        _label(init, carry, "", step)
        return
    if is_structure(carry):
        for first, mine, name in zip(flatten(init), flatten(carry), _names(init), strict=True):
            _label(first, mine, name, step)


def _label(first: Any, mine: Any, name: str, step: int) -> None:
    if type(mine) is not Value or mine.label or not mine.parents:
        return
    base = (first.label if type(first) is Value else "") or name
    if base:
        mine.label = f"{re.sub(r'0$', '', base)}{step}"


def _names(x: Any) -> list[str]:
    """For each scalar of a structure the name that a key or field gives it, if one does."""
    if is_array(x):
        return [""] * int(x.size)
    if not is_structure(x):
        return [""]
    if isinstance(x, dict):
        own = [key if isinstance(key, str) else "" for key in x]
    else:
        own = field_names(x) if is_dataclass(x) else list(getattr(x, "_fields", [""] * len(x)))
    found: list[str] = []
    for name, part in zip(own, parts(x), strict=True):
        if isinstance(part, STAYS):
            continue
        inner = _names(part)
        found += [name if len(inner) == 1 and not inner[0] else each for each in inner]
    return found
