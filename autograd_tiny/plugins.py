"""Primitives of one's own: one row, registered, is a method, a function and a rule like any built-in.

>>> from autograd_tiny import Value, grad
>>> from autograd_tiny.primitive import function
>>> cube = register(function("cube", lambda xp, x: x * x * x, lambda xp, x, y: 3.0 * xp.square(x)))
>>> cube(2.0), Value(2.0).cube().data, grad(grad(cube))(2.0)
(8.0, 8.0, 12.0)
>>> unregister("cube")
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import functions
from .core import Value, equip, unequip
from .ops import ROWS, TABLE
from .primitive import Primitive


def register(row: Primitive) -> Callable[..., Any]:
    """Add ``row`` to the table and give its function; ``ValueError`` if the name is taken or no name at all."""
    if row.name in TABLE or hasattr(Value, row.name):
        raise ValueError(f"register: the name {row.name!r} is taken; choose another, or unregister({row.name!r}) first")
    if not row.name.isidentifier():
        raise ValueError(f"register: {row.name!r} cannot be a method's name; choose an identifier")
    if len(row.partials) != len(row.arguments):
        raise ValueError(
            f"register: {row.name} has {len(row.arguments)} arguments and {len(row.partials)} partials: one for each"
        )
    TABLE[row.name] = row
    equip(row)
    made = functions.make(row)
    setattr(functions, row.name, made)
    return made


def unregister(name: str) -> None:
    """Take a plug-in out again; built-in primitives stay."""
    row = TABLE.get(name)
    if row is None or row in ROWS:
        raise ValueError(f"unregister: {name!r} is no registered plug-in")
    del TABLE[name]
    delattr(functions, name)
    unequip(row)
