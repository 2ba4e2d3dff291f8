"""A function made of a description: it applies the recorded rows to its arguments, so all that a program does with a
function it can do with this one: compile, batch, differentiate, export again.

>>> from autograd_tiny import Value, compile
>>> w = Value(3.0, "w")
>>> program = compile(lambda x: (w * x).tanh())
>>> value = program(0.1)
>>> compile(Recorded(describe(program)))(0.1) == value
True
"""

from __future__ import annotations

import operator
from inspect import Parameter, Signature
from keyword import iskeyword
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core import Value, apply
from ...derivatives.composed import stop_gradient
from ...modes.recording import DETACHED, note_derived
from . import structures
from .describing import describe
from .description import Description

if TYPE_CHECKING:
    from os import PathLike

    from ..program import Program


class Recorded:
    """The recorded function. ``parameters`` are its leaves, new ones with the numbers that stand in the description."""

    def __init__(self, description: Description) -> None:
        self.description = description
        self.parameters = [Value(float(x), name) for x, name in zip(description.values, description.names, strict=True)]
        self.__name__ = description.name
        names = [name for name, _ in description.inputs]
        if all(name.isidentifier() and not iskeyword(name) for name in names):
            self.__signature__ = Signature([Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in names])
        self.counts = [structures.count(spec) for _, spec in description.inputs]

    @property
    def options(self) -> dict[str, Any]:
        """What `compile` has to know to make the same of it: its leaves, and the arguments that samples share. Where it
        has no leaves, they are not said to be wanted none: who asks for derivatives by them is to hear of it.
        """
        return {"parameters": self.parameters or None, "shared": self.description.shared}

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """What the function gave, as Values."""
        return structures.filled(self.description.result, iter(self._run(self._inputs(arguments, named))))

    def _inputs(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
        told = self.description
        taken = dict(zip((name for name, _ in told.inputs), arguments, strict=False))
        twice = [name for name in named if name in taken]
        if len(arguments) > len(told.inputs) or twice or {*taken, *named} != {name for name, _ in told.inputs}:
            raise TypeError(
                f"{told.name} takes {', '.join(name for name, _ in told.inputs) or 'no arguments'}; got "
                f"{len(arguments)} by position{', and ' + ', '.join(named) if named else ''}"
            )
        taken |= named
        numbers = [n for name, spec in told.inputs for n in structures.numbers_in(spec, taken[name], name)]
        for i, recorded in told.fixed.items():
            found = numbers[i]
            index = operator.index(found) if isinstance(found, (Value, int)) else found
            if index != recorded:
                raise ValueError(
                    f"{told.name} was exported for the index {recorded:g}, which its function read to look something "
                    f"up, and cannot know what belongs to {index}: export one program for each, or write "
                    "select(rows, i) in the function"
                )
        return numbers

    def _run(self, inputs: list[Any]) -> list[Value]:
        told = self.description
        rows = told.graph_rows()
        kinds, starts, operands = told.kinds.tolist(), told.starts.tolist(), told.operands.tolist()
        found: list[Any] = []
        for i, (kind, number) in enumerate(zip(kinds, told.numbers.tolist(), strict=True)):
            if kind == 0:
                found.append(number)
            elif kind == 1:
                found.append(self.parameters[int(number)])
            elif kind == 2:
                found.append(inputs[int(number)])
            else:
                row = rows[kind - 3]
                given = [found[j] for j in operands[starts[i] : starts[i + 1]]]
                if row.variadic:
                    length = len(given) // len(row.arguments)
                    given = [given[j : j + length] for j in range(0, len(given), length)]
                found.append(stop_gradient(*given) if row is DETACHED else apply(row, tuple(given)))
        read = {*operands, *told.roots.tolist()}
        note_derived(x for i, x in enumerate(found) if i not in read and isinstance(x, Value) and x.parents)
        return [found[root] for root in told.roots.tolist()]


def read_program(path: str | PathLike[str]) -> Recorded:
    """The function in a file that `save_program` wrote; ``ValueError`` if it is none or is damaged."""
    where = Path(path)
    try:
        return Recorded(Description.from_text(where.read_bytes()))
    except ValueError as error:
        raise ValueError(f"cannot load {where}: {error}") from None


def save_program(program: Program, path: str | PathLike[str]) -> Path:
    """Write the description of a program, whole or not at all; the path."""
    from ...files.atomic import write_atomically  # only who writes files needs what it imports

    write_atomically(path, describe(program).text().encode())
    return Path(path)
