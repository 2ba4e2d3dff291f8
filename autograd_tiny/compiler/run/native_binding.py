"""A binding whose lines are run by a loop in C, and by Python where no instruction does what a line does.

>>> import numpy as np
>>> from autograd_tiny import Value, compile
>>> w = Value(3.0)
>>> program = compile(lambda x: w * x * x, scalars="never")
>>> _ = program([1.0, 2.0], batch=True)
>>> getattr(program.last.program.bound(2), "not_native", "") == ""
True
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from ..lower.layout import memory_name
from .binding import Binding
from .native import NotNative
from .taking_down import tape as taken_down

if TYPE_CHECKING:
    from ._native import Tape
    from .array_program import ArrayProgram


class Native(Binding):
    """Of numpy's float64, run by a loop in C where every line can be; ``not_native`` says why not, if so.

    Its ``flags`` say of the last run what numpy would have raised.
    """

    native = True

    def __init__(self, program: ArrayProgram, length: int) -> None:
        super().__init__(program, length)
        self.not_native = ""
        self.seeds = np.full(() if self.start is None else self.start.shape, self.seed)
        self.tapes: dict[str, Tape | None] = {}
        self.turned: dict[Any, Any] = {}
        """Copies that the forward tape makes of arguments, with their samples beside each other."""
        self.looked_at: frozenset[int] = frozenset()
        """Arguments of which the forward tape sees whether all numbers are finite."""
        from ._native import finite

        self._finite = finite

    def tape(self, direction: str) -> Tape | None:
        """The tape of a direction, made when it is first run; None if its lines are to be run by Python."""
        if direction not in self.tapes:
            try:
                self.tapes[direction] = taken_down(self, direction)
            except NotNative as error:
                self.tapes[direction], self.not_native = None, str(error)
        return self.tapes[direction]

    def takes(self, inputs: Any) -> bool:
        given = inputs if self.program.batch else (np.asarray(inputs, float),)
        return all(map(self._finite, given))

    def finite(self, numbers: Any) -> bool:
        return self._finite(numbers)

    def _place(self, inputs: Any) -> None:
        """The arguments of a batch, for whoever reads them besides the tapes."""
        for i, argument in enumerate(inputs):
            if argument is not self.given[i]:
                self.given[i] = argument
                self.memory.arguments[memory_name(2 + i)] = argument.reshape(self.length, -1)

    def forward(self, inputs: Any) -> None:
        forward = self.tape("forward")
        self.flags = 0
        if self.program.batch:
            self._place(inputs)
        elif len(self.inputs):
            self.inputs[:] = inputs
        if forward is None:
            with self._by_python():
                self.run_forward()
            return
        if self.program.batch:
            forward.place(inputs)
        self.flags = forward.run()

    def backward(self, without: Sequence[int] = ()) -> None:
        backward = self.tape("backward")
        if backward is None:
            with self._by_python():
                super().backward(without)
            return
        if self.program.batch:
            backward.place(self.given)
        if len(without):
            self.seeds[without] = 0.0
        self.flags |= backward.run()
        if len(without):
            self.seeds[without] = self.seed

    @contextmanager
    def _by_python(self) -> Iterator[None]:
        """A block that runs lines: what in them depends on the arguments is there, and ``flags`` are kept too."""
        self.env.update(self.memory.arguments)
        for name, recipe in self.program.code.late.items():
            self.env[name] = recipe(self.memory)

        def noted(kind: str, flag: int) -> None:
            self.flags |= flag

        with np.errstate(all="call", under="ignore", call=noted):
            yield
