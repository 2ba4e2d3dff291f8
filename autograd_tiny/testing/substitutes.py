"""Operations on the numbers of another engine: its own where it has them, else made of those that it has.

What is made of others tests those, and nothing of the engine's own. So it says so, once for each operation of an
engine, with a `ComposedWarning`, or is an error where the caller is strict.
"""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from ..core.operands import is_number
from ..table.namespaces import FLOATS
from ..table.namespaces.base import Namespace
from ..table.ops import TABLE
from ..table.primitive import Primitive
from ..table.special import SPECIAL


class ComposedWarning(UserWarning):
    """An engine has no such operation: it was made of others, so that nothing of the engine's own was tested."""


OTHER_NAMES = {
    "sigmoid": ("logistic", "expit"), "log": ("ln",), "neg": ("negative", "negate"), "div": ("divide", "truediv"),
    "mul": ("multiply", "times"), "sub": ("subtract", "minus"), "add": ("plus",), "pow": ("power",),
    "asin": ("arcsin",),
    "acos": ("arccos",), "atan": ("arctan",), "maximum": ("max",), "minimum": ("min",), "square": ("sqr",),
    "silu": ("swish",), "reciprocal": ("inverse",),
}  # fmt: skip
"""What else an operation is called."""


def folded(name: str) -> str:
    """A name without what people write differently: ``ReLU`` and ``re_lu`` are ``relu``."""
    return name.replace("_", "").lower()


def own_name(x: Any, row: Primitive) -> str:
    """The name of the method by which ``x`` has the operation; "" if it has none."""
    wanted = [row.name, *row.aliases, *OTHER_NAMES.get(row.name, ())]
    found = next((name for name in wanted if callable(getattr(x, name, None))), "")
    if found:
        return found
    spelt = {folded(name) for name in wanted}
    return next(
        (name for name in dir(type(x)) if name[0] != "_" and folded(name) in spelt and callable(getattr(x, name))), ""
    )


def has_operator(x: Any, row: Primitive) -> bool:
    """Whether Python's operator for the row is defined on ``x``."""
    return bool(row.dunder) and hasattr(type(x), f"__{row.dunder}__")


class Substitutes(Namespace):
    """The numbers of another engine: their operators and methods, and what our rules can make of those."""

    def __init__(self, made: tuple[str, ...], used: set[str]) -> None:
        self.made, self.used = made, used

    def __getattr__(self, name: str) -> Callable[..., Any]:
        row = TABLE.get(name)
        if name in SPECIAL and name in self.made:  # its rule is a call of the formula
            return partial(SPECIAL[name], self)
        if row is None or name in self.made:  # a rule that calls what it is to define: it is not to be had
            raise AttributeError(f"no operation {name!r}")
        return lambda *operands: self._with(row, list(operands))

    def _with(self, row: Primitive, operands: list[Any]) -> Any:
        if any(not is_number(x) for x in operands):
            self.used.add(row.name)
        return apply_foreign(row, operands, True, self.made, self.used)

    def div(self, a: Any, b: Any) -> Any:
        self.used.add("div")
        return a / b

    def where(self, condition: Any, a: Any, b: Any) -> Any:
        self.used.add("a choice in Python")
        return a if plain(condition) else b


def _comparing(name: str) -> Callable[[Any, Any, Any], Any]:
    compare = getattr(FLOATS, name)
    return lambda self, a, b: compare(plain(a), plain(b))


for _name in ("greater", "less", "greater_equal", "less_equal", "equal", "not_equal"):
    setattr(Substitutes, _name, _comparing(_name))


def plain(x: Any) -> Any:
    """The number that ``x`` holds."""
    return getattr(x, "data", x)


def apply_foreign(
    row: Primitive, operands: list[Any], quiet: bool = False, made: tuple[str, ...] = (), used: set[str] | None = None
) -> Any:
    """``row`` on another engine's numbers, by operator, method, or out of others.

    Of others only ``quiet``-ly, with the names of those in ``used``, or with a `ComposedWarning`. ``TypeError`` for
    what cannot be made.
    """
    if row.dunder and (row.dunder != "abs" or hasattr(operands[0], "__abs__")):
        return getattr(operator, row.dunder)(*operands)
    if all(is_number(x) for x in operands):
        return row.forward(FLOATS, *row.operands(operands))
    first = next(x for x in operands if not is_number(x))
    engine, own = type(first).__name__, "" if row.variadic else own_name(first, row)
    if own and operands[0] is first:
        return getattr(first, own)(*operands[1:])
    if own and not row.variadic:  # a number in front has no method, but may be made one of the engine's
        return getattr(first * 0.0 + operands[0], own)(*operands[1:])
    of: set[str] = set() if used is None else used
    try:
        out = row.forward(Substitutes((*made, row.name), of), *row.operands(operands))
    except (AttributeError, TypeError) as error:
        raise TypeError(
            f"{engine} has no {row.name}, and it cannot be made of what {engine} has ({error}); "
            "leave it out: expressions(primitives=[...])"
        ) from error
    if not quiet and not own:  # with a number in front the method that it has cannot be called
        warnings.warn(
            f"{engine} has no {row.name}: it was made of {', '.join(sorted(of)) or 'plain numbers'}, and nothing of "
            f"{engine}'s own was tested. Leave it out of primitives, or pass strict=True to make this an error",
            ComposedWarning,
            stacklevel=2,
        )
    return out


def apply_strictly(row: Primitive, operands: list[Any]) -> Any:
    """The same, where nothing may be made of others: ``TypeError``."""
    x = next((x for x in operands if not is_number(x)), None)
    if x is not None and not has_operator(x, row) and (row.variadic or not own_name(x, row)):
        engine = type(x).__name__
        raise TypeError(
            f"{engine} has no {row.name}, and strict=True does not let it be made of others: "
            "leave it out: expressions(primitives=[...])"
        )
    return apply_foreign(row, operands)


def walk(x: Any) -> Iterator[Any]:
    """The nodes below ``x`` in the way of micrograd and its clones, ``x`` first; only ``x`` where there is no way."""
    seen: set[int] = set()
    stack = [x]
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        for name in ("_prev", "prev", "parents", "children", "_children", "_parents"):
            below = getattr(node, name, None)
            if isinstance(below, (set, tuple, list, frozenset)):
                stack.extend(part for part in below if type(part) is type(x))
                break
