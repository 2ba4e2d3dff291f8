"""One run of a function on fresh variables: what every transformation of functions differentiates.

>>> recording = Recording(lambda v: v[0] * v[1], [0], [[3.0, 4.0]], {})
>>> recording.value(), recording.gradients(recording.scalar("this"))
(12.0, [[4.0, 3.0]])
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from .. import errors
from ..core import Value, begin_push, constant, end_push, leaves_below, pushed, set_constant, topological_order
from ..core.operands import finite_float, is_number
from ..errors import name_of
from ..errors.foreign import notes_for_numpy
from ..modes.recording import being_recorded, differs, note_derived
from ..table.ops import TABLE
from .differentiate import gradients
from .functions import call
from .local_graphs import own
from .structure import aligned, flatten, rebuild, undimensioned

RUNNING: list[Recording] = []
"""Those whose function runs at the moment: a program that reaches their variables is to give Values. In any thread, as
a function may have others work for it; one that differentiates for itself reaches none of another's. Copy it to go
through it: others begin and end meanwhile.
"""


class Recording:
    """One run of ``f`` on fresh variables in place of the arguments ``argnums``, of which some may be the same."""

    def __init__(
        self,
        f: Callable[..., Any],
        argnums: Sequence[int],
        args: Sequence[Any],
        named: dict[str, Any],
        has_aux: bool = False,
        tangents: Any = None,
    ) -> None:
        places = [place_of(f, args, i) for i in argnums]
        self.arguments = [args[i] for i in places]
        scalars = {i: flatten(args[i]) for i in places}
        fresh = {i: [_fresh(x, f) for x in given] for i, given in scalars.items()}
        self.variables = [variable for i in places for variable in fresh[i]]
        self.own = [variable for variable in self.variables if variable.is_leaf]
        replaced = {i: rebuild(args[i], iter(variables), _array_of_values) for i, variables in fresh.items()}
        self.numbers = not any(isinstance(x, Value) for given in scalars.values() for x in given)
        """Whether the arguments are."""
        self.seeds = [] if tangents is None else matching(self.variables, tangents, "tangents", self.arguments)
        RUNNING.append(self)
        try:
            with notes_for_numpy(), _pushing(self.variables if self.numbers else [], self.seeds) as pushed_of:
                self.out = f(*[replaced.get(i, argument) for i, argument in enumerate(args)], **named)
        finally:
            RUNNING.remove(self)
        self.aux: Any = None
        if has_aux:
            if not isinstance(self.out, tuple) or len(self.out) != 2:
                raise TypeError(
                    f"has_aux=True: {name_of(f)} gave {errors.shorten(self.out)}: expected a pair, the number to "
                    "differentiate and what else is wanted"
                )
            self.out, self.aux = self.out
        self.outputs = [_output(y, f) for y in flatten(self.out)]
        self.pushed = pushed_of(self.outputs)
        """The derivatives of the outputs as the variables move by ``tangents``; None where they are not known yet."""
        note_derived(self.outputs)

    @cached_property
    def graph(self) -> bool:
        """Whether answers are Values: where all is numbers they are numbers; other leaves below, they depend on."""
        if not self.numbers or self.meets_others or any(map(differs, self.outputs)):  # as the output of a loop may
            return True
        return not {*self.variables}.issuperset(leaves_below(self.outputs))

    @cached_property
    def meets_others(self) -> bool:
        """Whether the outputs depend on a variable of a transformation around this one that stands for a Value.

        Such a variable may have no leaf below: what it stands for may be a constant.
        """
        aliases = {x for other in RUNNING if other is not self for x in other.variables if not x.is_leaf}
        return bool(aliases) and not aliases.isdisjoint(topological_order(*self.outputs))

    def close(self, over: bool = True) -> None:
        """Make numbers of the variables when all is asked: in a derivative's graph they are nobody's leaves."""
        set_constant(self.own, over)

    def shaped(self, answers: Sequence[Any]) -> list[Any]:
        """``answers``, one for each variable, in the structure of the arguments."""
        supply = iter(answers)
        return [rebuild(argument, supply) for argument in self.arguments]

    def value(self) -> Any:
        """What ``f`` gave, as numbers or as Values."""
        found = own(self.outputs, self.variables) if self.graph else [y.data for y in self.outputs]
        return rebuild(self.out, iter(found))

    def beside(self) -> Any:
        """What ``f`` gave beside, its Values as numbers where all is numbers."""
        if self.graph:
            return self.aux
        return rebuild(self.aux, iter([x.data if isinstance(x, Value) else x for x in flatten(self.aux)]))

    def gradients(self, root: Value) -> list[Any]:
        return self.shaped(gradients(root, self.variables, create_graph=self.graph))

    def scalar(self, asked: str) -> Value:
        if isinstance(self.out, (list, tuple)) or len(self.outputs) != 1:
            raise TypeError(
                f"{asked} needs a function that gives one number; it gave {errors.shorten(self.out)}: "
                "sum what it gives, or ask for jacobian"
            )
        return self.outputs[0]


@contextmanager
def _pushing(variables: Sequence[Value], seeds: Sequence[Any]) -> Iterator[Callable[[Sequence[Value]], Any]]:
    """In this block nodes get their tangents as they are made, where all is numbers; it gives the function that asks
    for those of the outputs.
    """
    plain = bool(variables and seeds) and not any(isinstance(seed, Value) for seed in seeds)
    if begin_push is None or not plain or being_recorded():
        yield lambda outputs: None
        return
    mark = begin_push(variables, seeds)
    try:
        yield lambda outputs: pushed(outputs, mark)
    finally:
        end_push()


def _array_of_values(array: Any) -> Any:
    from .value_arrays import ValueArray  # numpy is there: this is one of its arrays

    return array.view(ValueArray)


def numbers_of(argnums: Any) -> list[int]:
    """``argnums`` as a list: one number of an argument, or several."""
    if isinstance(argnums, Iterable) and not isinstance(argnums, (str, bytes)) and getattr(argnums, "ndim", None) != 0:
        return [_number(i, "whole numbers, one for each argument") for i in argnums]
    return [_number(argnums, "the number of an argument, or a tuple of such")]


def _number(i: Any, expected: str) -> int:
    problem = (
        f"argnums got {errors.shorten(i)}, {errors.article(type(i).__name__)}: expected {expected}; "
        "the first argument is 0, the last is -1"
    )
    if isinstance(i, (bool, Value)):
        raise TypeError(problem)
    try:
        return operator.index(i)
    except TypeError:
        raise TypeError(problem) from None


def place_of(f: Callable[..., Any], args: Sequence[Any], i: int) -> int:
    """Where the argument ``i``, which may be counted from the end, is among ``args``."""
    if not -len(args) <= i < len(args):
        raise TypeError(f"argnums has {i}, but {name_of(f)} was called with {len(args)} positional arguments")
    return i % len(args)


def _fresh(x: Any, f: Callable[..., Any]) -> Value:
    """A variable of this recording only. A Value gets an alias: what ``f`` reads of it otherwise is not varied."""
    if isinstance(x, Value):
        return call(TABLE["identity"], (x,), {})  # type: ignore[no-any-return]
    x = undimensioned(x)
    return Value(x) if is_number(x) else _refuse(x, f"an argument of {name_of(f)}")


def _output(y: Any, f: Callable[..., Any]) -> Value:
    if isinstance(y, Value):
        return y
    return constant(y) if is_number(y) else _refuse(y, f"the result of {name_of(f)}")


def _refuse(x: Any, place: str) -> Value:
    raise errors.InvalidNumber(place, x)


def matching(against: Sequence[Any], given: Any, name: str, like: Any) -> list[Any]:
    """The numbers of ``given``, one for each of ``against``, in the order that they have in ``like``."""
    flat = flatten(aligned(like, given, name))
    if len(flat) != len(against):
        raise ValueError(f"{name} has {len(flat)} numbers: expected {len(against)}, one for each that they go with")
    return [x if isinstance(x, Value) else finite_float(undimensioned(x), name) for x in flat]
