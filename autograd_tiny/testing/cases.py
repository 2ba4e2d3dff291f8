"""What is checked: a function with its arguments taken apart into single numbers, each with a name.

>>> case = Case(lambda x, w: x * w[0] + w[1], (2.0, [3.0, 4.0]))
>>> case.point, case.names, case.value(case.point)
([2.0, 3.0, 4.0], ['x', 'w[0]', 'w[1]'], 10.0)

One that gives several numbers is as many cases, one for each entry of its Jacobian's rows:

>>> [(c.of, c.value(c.point)) for c in Case(lambda x: {"a": x, "b": 2 * x}, (1.5,), foreign=True).split()]
[("['a']", 1.5), ("['b']", 3.0)]
"""

from __future__ import annotations

import copy
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from decimal import Decimal
from fractions import Fraction
from math import isfinite, nan
from typing import Any

from ..core import Value, constant
from ..core.operands import is_number
from ..errors import article, name_of, shorten
from .nesting import places, refill, scalars
from .programs import Expression, argument_names

KEPT = 20_000
"""How many results are remembered: each entry of a Jacobian asks for the same ones."""


class Case:
    """``f`` at ``args``, as a function of the numbers in the arguments ``wrt``.

    ``wrt`` has positions and names of keyword arguments; if None, all positional arguments that hold numbers, and
    all named ones if there is no other. ``of`` is the place of the one result that is meant, "" if there is one only.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: Sequence[Any],
        wrt: int | str | Sequence[int | str] | None = None,
        foreign: bool = False,
        named: Mapping[str, Any] | None = None,
    ) -> None:
        self.f, self.foreign = f, foreign
        self.args, self.named = tuple(args), dict(named or {})
        self.given: dict[int | str, Any] = {**dict(enumerate(self.args))}
        self.given.update(self.named)
        self.chosen = self._choose(wrt)
        self.point: list[float] = []
        self.names: list[str] = []
        called = _parameter_names(f, len(self.args))
        for key in self.chosen:
            for name, x in places(self.given[key], called[key] if isinstance(key, int) else key):
                self.point.append(_number(x, name))
                self.names.append(name)
        if not self.point:
            raise ValueError("there is nothing to differentiate: expected at least one argument that is a number")
        self.of, self.which = "", -1
        self.known: dict[tuple[float, ...], list[Any]] = {}
        self.known_digits: dict[Any, tuple[Any, str, float]] = {}
        """What all results are in more digits than floats have, and what was seen on the way: see `oracles.exact`."""

    def _choose(self, wrt: int | str | Sequence[int | str] | None) -> list[int | str]:
        if wrt is None:
            numbers = [i for i, x in enumerate(self.args) if _holds_numbers(x)]
            return list(numbers) or [name for name, x in self.named.items() if _holds_numbers(x)]
        found: list[int | str] = []
        for key in [wrt] if isinstance(wrt, (int, str)) else list(wrt):
            if isinstance(key, str) and key in self.named:
                found.append(key)
            elif isinstance(key, int) and -len(self.args) <= key < len(self.args):
                found.append(key % len(self.args))
            else:
                names = f", and {', '.join(self.named)} by name" if self.named else ""
                raise ValueError(f"wrt has {shorten(key)}: there are {len(self.args)} arguments, counted from 0{names}")
        return [key for key in self.given if key in found]

    def split(self) -> list[Case]:
        """A case for each number that ``f`` gives; they share what is known of ``f``."""
        out = self.call(self._start())
        found = list(places(out))
        if not found:
            raise TypeError(f"{self.title} gave nothing: expected a number, or several in a list, dict or array")
        if len(found) == 1 or isinstance(out, Value):
            return [self]
        made = []
        for k, (place, _) in enumerate(found):
            one = copy.copy(self)
            one.of, one.which = place, k
            made.append(one)
        return made

    def _start(self) -> list[Any]:
        return list(self.point) if self.foreign or isinstance(self.f, Expression) else [Value(x) for x in self.point]

    def call(self, xs: Sequence[Any], f: Callable[..., Any] | None = None) -> Any:
        """``f`` with ``xs`` for the chosen numbers, whatever they are; the other arguments as they came.

        What ``f`` raises comes through with the point noted on it.
        """
        supply = iter(xs)
        given = {key: refill(x, supply) if key in self.chosen else x for key, x in self.given.items()}
        args = [given[i] for i in range(len(self.args))]
        try:
            return (f or self.f)(*args, **{name: given[name] for name in self.named})
        except Exception as error:
            if not getattr(error, "__notes__", None):
                error.add_note(f"raised by {self.title} at {self.place(xs)}")
            raise

    def one(self, out: Any) -> Any:
        """The one number that is meant of what ``f`` gave, whatever kind of number it is."""
        if isinstance(out, Value) or is_number(out):
            return out
        return self._pick(scalars(out))

    def _pick(self, found: list[Any]) -> Any:
        """The one that is meant of all the numbers that ``f`` gave."""
        if self.which < 0 and len(found) == 1:
            return found[0]
        if 0 <= self.which < len(found):
            return found[self.which]
        raise ValueError(
            f"{self.title} gave {len(found)} numbers, and another count at the point: expected as many everywhere"
        )

    def record(self, leaves: Sequence[Value]) -> Value:
        """The root of what ``f`` records on these leaves."""
        root = self.one(self.call(leaves))
        if isinstance(root, Value):
            return root
        if is_number(root):
            return constant(root)
        raise TypeError(
            f"{self.title} gave {shorten(root)}, {article(type(root).__name__)}: expected a Value or a number, "
            "or several in a list, dict or array"
        )

    def value(self, xs: Sequence[float]) -> float:
        """The number ``f`` gives for plain numbers (ours: for Values that hold them)."""
        if self.foreign or isinstance(self.f, Expression):
            out = self._pick(self._remembered(xs))
            return _number(getattr(out, "data", out) if not is_number(out) else out, f"the result of {self.title}")
        return self.record([Value(x) for x in xs]).data

    def _remembered(self, xs: Sequence[float]) -> list[Any]:
        key = tuple(xs)
        if key not in self.known:
            if len(self.known) > KEPT:
                self.known.clear()
            self.known[key] = scalars(self.call(xs))
        return self.known[key]

    def quiet_value(self, xs: Sequence[float]) -> float:
        """The same at a point that nobody asked about: nan where ``f`` raises; numpy's warnings are not ours to give.

        What it raises there is not the user's to see: beyond the end of a table an IndexError, off an ``assert`` its
        AssertionError.
        """
        numpy = sys.modules.get("numpy")
        try:
            with numpy.errstate(all="ignore") if numpy is not None else nullcontext():
                return self.value(xs)
        except Exception:  # whatever the user's function says where it is not defined
            return nan

    def check_repeats(self) -> None:
        """``ValueError`` if ``f`` does not give the same numbers at the same point: nothing can be said of it then."""
        if isinstance(self.f, Expression):
            return
        start = self._start()
        first = self._numbers(start)
        for _ in range(3):
            again = self._numbers(start)
            for a, b in zip(first, again, strict=False):
                if is_number(a) and is_number(b) and a != b and (a == a or b == b):
                    raise ValueError(
                        f"{self.title} gives different numbers at the same point: {float(a)!r} and {float(b)!r} at "
                        f"{self.place(self.point)}. Expected a function of its arguments: seed what is random in it "
                        "each time that it is called, or draw it beforehand and pass it as an argument"
                    )

    def _numbers(self, xs: list[Any]) -> list[Any]:
        return [x.data if isinstance(x, Value) else x for x in scalars(self.call(xs))]

    def place(self, xs: Sequence[Any]) -> str:
        """``x = 0.5, y = 2.0``, the first few of them."""
        shown = [f"{name} = {getattr(x, 'data', x)!s}" for name, x in zip(self.names, xs, strict=False)]
        return ", ".join(shown[:6]) + (f" and {len(shown) - 6} more" if len(shown) > 6 else "")

    @property
    def title(self) -> str:
        """What to call the function."""
        if isinstance(self.f, Expression):
            return repr(self.f)
        name = name_of(self.f)
        return name if name != "<lambda>" else _source_of(self.f)


def _holds_numbers(x: Any) -> bool:
    parts = scalars(x)
    return bool(parts) and all((is_number(p) and not isinstance(p, bool)) or isinstance(p, Value) for p in parts)


def _number(x: Any, what: str) -> float:
    x = x.data if isinstance(x, Value) else x
    if isinstance(x, (Fraction, Decimal)) or hasattr(x, "_mpf_"):
        x = float(x)
    if not is_number(x):
        raise TypeError(
            f"{what} is {shorten(x)}, {article(type(x).__name__)}: "
            "expected a number, or several in a list, dict or array"
        )
    if not isfinite(x):
        raise ArithmeticError(f"{what} is {float(x)!r}: expected a finite number")
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
