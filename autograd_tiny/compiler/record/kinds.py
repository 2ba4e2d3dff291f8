"""What the walk over what a function reaches asks of a thing's type: how far to go into it.

>>> [Kind.of(x).apart for x in (2.0, [1.0], lambda: 1.0)], Kind.of(iter([1.0])).moves
([False, False, False], True)
>>> is_plain((1, "a")), is_plain((1, [2]))
(True, False)
"""

from __future__ import annotations

from types import FunctionType, ModuleType
from typing import Any, NamedTuple

from .chance import SOURCE_KINDS, moves
from .held import holds_attributes, readers
from .ownership import is_ours, is_users_type

ATOMS = frozenset((int, float, complex, str, bytes, bool, type(None), range, slice))


class Kind(NamedTuple):
    """What is asked of a thing's type, once for each."""

    ours: bool
    moves: bool
    may_be_source: bool
    readable: bool
    apart: bool

    @classmethod
    def of(cls, x: Any) -> Kind:
        kind = type(x)
        code = isinstance(x, (type, FunctionType, ModuleType))
        users = any(map(is_users_type, kind.__mro__))
        ours = is_ours(kind) and not kind.__module__.startswith("autograd_tiny.")
        return cls(
            ours=ours and not users and not isinstance(x, (list, tuple, dict)),
            moves=moves(x),
            may_be_source=kind in SOURCE_KINDS or kind.__name__.endswith("function_or_method"),
            readable=not isinstance(x, ModuleType) and bool(readers(x)),
            apart=not code and (users or ours or holds_attributes(x)),
        )


def is_plain(x: Any) -> bool:
    """Whether it is the same for good, and so is what it holds: a number, a text, a tuple of such."""
    kind = type(x)
    return kind in ATOMS or (kind is tuple and ATOMS.issuperset(map(type, x)))
