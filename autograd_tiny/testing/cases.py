"""What is checked: a function with its arguments taken apart into single numbers, each with a name.

>>> case = Case(lambda x, w: x * w[0] + w[1], (2.0, [3.0, 4.0]))
>>> case.point, case.names, case.value(case.point)
([2.0, 3.0, 4.0], ['x', 'w[0]', 'w[1]'], 10.0)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from math import isfinite
from typing import Any

from ..core import Value, constant
from ..errors import article, shorten
from ..operands import is_number
from ..structure import flatten, rebuild
from .programs import Expression, argument_names


class Case:
    """``f`` at ``args``, as a function of the numbers in the arguments ``wrt`` (all that hold numbers, if None)."""

    def __init__(
        self, f: Callable[..., Any], args: Sequence[Any], wrt: int | Sequence[int] | None = None, foreign: bool = False
    ) -> None:
        self.f, self.args, self.foreign = f, tuple(args), foreign
        self.chosen = self._choose(wrt)
        self.point: list[float] = []
        self.names: list[str] = []
        called = _parameter_names(f, len(self.args))
        for i in self.chosen:
            for place, x in _places(self.args[i]):
                self.point.append(_number(x, f"{called[i]}{place}"))
                self.names.append(f"{called[i]}{place}")
        if not self.point:
            raise ValueError("there is nothing to differentiate: expected at least one argument that is a number")

    def _choose(self, wrt: int | Sequence[int] | None) -> list[int]:
        if wrt is None:
            return [i for i, x in enumerate(self.args) if _holds_numbers(x)]
        chosen = [wrt] if isinstance(wrt, int) else list(wrt)
        for i in chosen:
            if not isinstance(i, int) or not -len(self.args) <= i < len(self.args):
                raise ValueError(f"wrt has {shorten(i)}: there are {len(self.args)} arguments, counted from 0")
        return sorted({i % len(self.args) for i in chosen})

    def call(self, xs: Sequence[Any]) -> Any:
        """``f`` with ``xs`` for the chosen numbers, whatever they are; the other arguments as they came."""
        supply = iter(xs)
        args = list(self.args)
        for i in self.chosen:
            args[i] = rebuild(args[i], supply)
        return self.f(*args)

    def record(self, leaves: Sequence[Value]) -> Value:
        """The root of what ``f`` records on these leaves."""
        root = self.call(leaves)
        if isinstance(root, Value):
            return root
        if is_number(root):
            return constant(root)
        raise TypeError(
            f"{self.title} gave {shorten(root)}, {article(type(root).__name__)}: expected one Value or number; "
            "check one output at a time, or their sum"
        )

    def value(self, xs: Sequence[float]) -> float:
        """The number ``f`` gives for plain numbers (ours: for Values that hold them)."""
        if self.foreign or isinstance(self.f, Expression):
            out = self.call(xs)
            return _number(getattr(out, "data", out), f"the result of {self.title}")
        return self.record([Value(x) for x in xs]).data

    def quiet_value(self, xs: Sequence[float]) -> float:
        """The same, nan where ``f`` is not defined."""
        try:
            return self.value(xs)
        except (ArithmeticError, ValueError):
            return float("nan")

    @property
    def title(self) -> str:
        """What to call the function."""
        if isinstance(self.f, Expression):
            return repr(self.f)
        name: str = getattr(self.f, "__name__", type(self.f).__name__)
        return name if name != "<lambda>" else _source_of(self.f)


def _holds_numbers(x: Any) -> bool:
    parts = flatten(x)
    return bool(parts) and all((is_number(p) and not isinstance(p, bool)) or isinstance(p, Value) for p in parts)


def _places(x: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every number in a nested argument with the indices that lead to it."""
    if hasattr(x, "tolist"):
        x = x.tolist()
    if isinstance(x, (list, tuple)):
        for i, part in enumerate(x):
            yield from _places(part, f"{place}[{i}]")
    else:
        yield place, x


def _number(x: Any, what: str) -> float:
    x = x.data if isinstance(x, Value) else x
    if not is_number(x):
        raise TypeError(f"{what} is {shorten(x)}, {article(type(x).__name__)}: expected a number")
    if not isfinite(x):
        raise ArithmeticError(f"{what} is {x!r}: expected a finite number")
    return float(x)


def _parameter_names(f: Callable[..., Any], count: int) -> list[str]:
    """The names ``f`` gives its arguments, or numbers where it takes ``*args`` or says nothing."""
    if isinstance(f, Expression):
        return argument_names(count)
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    plain = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [plain[i] if i < len(plain) else f"argument {i}" for i in range(count)]


def _source_of(f: Any) -> str:
    """Where a lambda stands, since it has no name."""
    code = getattr(f, "__code__", None)
    return f"the lambda at {code.co_filename.rsplit('/', 1)[-1]}:{code.co_firstlineno}" if code else repr(f)
