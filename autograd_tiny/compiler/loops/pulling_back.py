"""The derivative of a loop in a function that is being recorded, as a loop itself: all steps forward, and back.

`grad` in a compiled function wants the adjoints of what a loop was given, from those of what it gave. That is one node
too, which takes the loop's operands and these adjoints. What it has not is a derivative of its own: where one is
wanted, the steps are written out (`Unroll`).

>>> from autograd_tiny import compile, grad, scan
>>> end = lambda x: scan(lambda h, _: ((h * x).tanh(), None), 1.0, length=100)[0]
>>> program = compile(lambda v: [grad(end)(v[0])])
>>> round(program([1.5])[0], 12) == round(grad(end)(1.5), 12)
True
>>> [row.name for row in program.last.program.graph.rows if row.text == row.name == "pullback"]
['pullback']
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from math import nan
from typing import Any

import numpy as np

from ...core import Value, constant, data_of, make_node
from ...derivatives.loop_rows import OUTPUT, loop_row
from ...errors.looking import looking
from ...modes.looping import Unroll
from ..libraries.arrays import Arrays
from ..lower.instructions import LoopCall
from .running import Bound, Loop, is_batched, of_operands


class Pullback:
    """From the adjoints of the loop's ``outputs`` to those of its operands ``wanted``."""

    stops = differentiable = False

    def __init__(self, loop: Loop, outputs: list[int], wanted: list[int]) -> None:
        self.loop, self.outputs, self.wanted = loop, np.array(outputs), np.array(wanted)
        self.name, self.steps = f"pullback of the {loop.name}", loop.steps
        self.sizes = (*loop.sizes, len(outputs))

    def runner(self, instruction: LoopCall, length: int | None, arrays: Arrays) -> PullbackRunner:
        """Who runs it at that place of a program, for so many samples."""
        return PullbackRunner(self, instruction, of_operands(instruction, self.sizes, is_batched), length or 1, arrays)

    def numbers(self, operands: list[float]) -> list[float]:
        """The adjoints for these operands."""
        batched = [np.zeros(size, bool) for size in self.sizes]
        run = PullbackRunner(self, None, batched, 1, None)
        cuts = np.split(np.array(operands, float)[:, None], np.cumsum(self.sizes)[:-1])
        for section, numbers in zip(run.sections, cuts, strict=True):
            section[...] = numbers
        return run.adjoints()[:, 0].tolist()  # type: ignore[no-any-return]

    def written_out(self) -> int:
        """How many operations all of its steps are."""
        return 3 * self.loop.written_out()

    def story(self) -> str:
        """What it is, in words."""
        return f"pullback of the {self.loop.story()}"

    @staticmethod
    def pulled_back(*given: Any) -> Any:
        """A second derivative: that of the steps themselves."""
        raise Unroll


def pulled_back(
    loop: Loop, node: Value, adjoints: Mapping[int, Any], needed: Set[Value]
) -> Iterator[tuple[int, Value]]:
    """What the adjoints of a loop's outputs become at its parents that are ``needed``, each by its number."""
    outputs = sorted(adjoints)
    wanted = [i for i, parent in enumerate(node.parents) if parent in needed]
    back = Pullback(loop, outputs, wanted)
    given = [x if isinstance(x, Value) else constant(x) for x in (adjoints[j] for j in outputs)]
    parents = (*node.parents, *given)
    with looking():  # the numbers of this sample are in the nodes, as in all others; a program has its own
        numbers = back.numbers([*data_of(parents)])
    made = make_node(loop_row(back, "pullback", len(parents)), 0.0, parents, (nan,) * len(parents))
    for k, i in enumerate(wanted):
        yield i, make_node(OUTPUT, numbers[k], (made, constant(float(k))), (nan, nan))


class PullbackRunner(Bound):
    """A pullback at its place in a program, for one size of batch: each sample has adjoints of its own."""

    def __init__(
        self, back: Pullback, instruction: LoopCall | None, batched: list[Any], samples: int, arrays: Arrays | None
    ) -> None:
        self.back, self.instruction = back, instruction
        sizes = back.loop.sizes
        wanted = np.zeros(sum(sizes), bool)
        wanted[back.wanted] = True
        learns = np.split(wanted, np.cumsum(sizes)[:-1])
        # Of what samples share each has an adjoint of its own too, and so it is a number of each.
        each = [(own | mine) & (samples > 1) for own, mine in zip(batched, learns, strict=False)]
        super().__init__(back.loop, each, learns, back.outputs, samples, arrays)
        self.up = np.zeros((len(back.outputs), samples))
        self.sections.append(self.up)

    def adjoints(self) -> Any:
        """Those of the operands wanted × samples, from the numbers in all sections."""
        columns = self.columns
        failed = self.machine.forward(columns, None, self.d_ys, True).copy()
        failed |= self.pull_back(self.up)
        full = [
            np.broadcast_to(x, (len(x), self.samples)) for x in (columns.d_carry, columns.d_stream, columns.d_shared)
        ]
        found = np.concatenate(full)[self.back.wanted]
        found[:, failed] = np.nan
        return found

    def __call__(self, *arrays: Any) -> None:
        """From the operands, part by part, to those adjoints that are read."""
        assert self.instruction is not None
        *operands, out = map(np.asarray, arrays)
        self.load(self.instruction, operands)
        found = self.adjoints()[self.instruction.outputs]
        out[...] = found if out.ndim == 2 else found[:, 0]

    def backward(self, *arrays: Any) -> None:
        """There is none: see `Pullback.pulled_back`."""
        raise Unroll
