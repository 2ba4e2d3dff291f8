"""Who takes the loops of a function that is being recorded: the body is recorded once, and the loop becomes one node.

The body runs on numbers of its own, an input for each number of the carry and of x. Whatever it does that a recorded
function may not (look at a number, keep one, change what it reads) gets the errors that such a function gets. Where the
function is held against itself (``record/verifying``) the body is too: in the first step, on plain numbers.

A loop whose steps are no repetition of one (their xs have different structures, or are indices) is written out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import nan
from typing import Any

from ...core import Value, constant, data_of, make_node
from ...core.operands import is_number
from ...derivatives import loops
from ...derivatives.functions import VALUES
from ...derivatives.loop_rows import OUTPUT, loop_row
from ...derivatives.loops import refill, scalars, stepped
from ...derivatives.structure import outline
from ...errors import RecordingError, name_of
from ...errors.looking import looking
from ...modes.looping import Unroll, taken_by
from ...modes.recording import INPUT, derived_apart, differs, note_varying, paused
from .holding import Met, constants_of, hold, hold_kinds, number, place_among
from .pulling_back import pulled_back
from .running import Loop
from .step import Step

CONDITION = "the condition of a while_loop in a compiled function is a Value: write greater(a, b) for a > b"
COMPARISONS = frozenset(("greater", "less", "greater_equal", "less_equal", "equal", "not_equal"))
SHORT = 16
"""A loop of so few steps in the body of another is written out: then that runs as one piece."""


class Loops:
    """What a recording meets of loops. ``checks`` are those of the recording that it is held against."""

    def __init__(self, scalars: str = "auto", checks: Loops | None = None) -> None:
        self.met: list[Met] = []
        self.held = 0
        """How many of those in ``checks`` have been gone past."""
        self.plainly = False
        """Whether any of them was run step by step, here or when the function was held against itself."""
        self.depth = 0
        """In how many bodies."""
        self.integers: set[Value] = set()
        """Numbers of the first step that were given as integers: if one is an index, the steps are written out."""
        self.scalars, self.checks = scalars, checks

    @property
    def taken(self) -> bool:
        """Whether any loop was: all others just ran, and are in the graph step by step."""
        return any(each.loop is not None for each in self.met)

    def scan(self, f: Callable[..., Any], init: Any, xs: list[Any], checkpoint: bool) -> tuple[Any, list[Any]]:
        """`derivatives.loops.scan`, of one step or more."""
        if not _alike(xs) or (self.depth and len(xs) <= SHORT):
            with taken_by(None):
                return loops.scan(f, init, xs)
        shape = outline(init)
        streams = [scalars(x) for x in xs]
        carry, x = self._leaves(scalars(init)), self._leaves(streams[0])
        with self._within(f"in step 0 of {name_of(f)} in a scan, counted from 0 to {len(xs) - 1}") as derived:
            last, y = stepped(f, refill(init, carry), refill(xs[0], x), shape)
        outputs = [*map(_as_value, scalars(last)), *map(_as_value, scalars(y))]
        if self.checks is not None:
            again = lambda c, x: stepped(f, refill(init, c), refill(xs[0], x), shape)
            hold(f"{name_of(f)}, the body of a scan,", again, outputs, scalars(init), streams[0])
            hold_kinds(f"{name_of(f)}, the body of a scan,", again, scalars(init), streams)
        step = Step.of(outputs, [*carry, *x], len(carry), len(x), derived)
        loop = Loop(f"scan of {name_of(f)}", step, len(xs), False, bool(checkpoint), self.scalars, pulled_back)
        operands = [*scalars(init), *(x for stream in streams for x in stream)]
        if self._still([*operands, *step.shared]):
            with taken_by(None):
                return loops.scan(f, init, xs)

        def run() -> list[Any]:
            streams = [refill(x, constants_of(scalars(x))) for x in xs]
            last, ys = loops.scan(f, refill(init, constants_of(scalars(init))), streams)
            return [*scalars(last), *scalars(ys)]

        found = self._nodes(loop, operands, run)
        ys = [y] * len(xs)
        if loop.given:
            rest, g = found[len(carry) :], loop.given
            ys = [refill(y, rest[t * g : (t + 1) * g]) for t in range(len(xs))]
        return refill(init, found[: len(carry)]), ys

    def while_loop(self, condition: Callable[..., Any], body: Callable[..., Any], init: Any, most: int) -> Any:
        """`derivatives.loops.while_loop`."""
        shape = outline(init)
        carry = self._leaves(scalars(init))

        def stepping(numbers: list[Any]) -> list[Any]:
            state = refill(init, numbers)
            try:
                goes_on = condition(state)
            except RecordingError as error:
                error.add_note(CONDITION)
                raise
            if not isinstance(goes_on, Value):
                goes_on = float(loops.is_true(goes_on, condition))
            elif goes_on.op not in COMPARISONS:
                goes_on = VALUES.not_equal(goes_on, 0.0)
            return [*scalars(loops.checked_carry("while_loop", body, body(state), shape)), goes_on]

        with self._within(f"in step 0 of {name_of(body)} in a while_loop, counted from 0") as derived:
            outputs = [*map(_as_value, stepping(carry))]
        if self.checks is not None:
            hold(f"{name_of(body)}, the body of a while_loop,", lambda c, _: stepping(c), outputs, scalars(init), [])
        step = Step.of(outputs, carry, len(carry), 0, derived)
        if self._still([*scalars(init), *step.shared]):
            with taken_by(None):
                return loops.while_loop(condition, body, init, most)
        loop = Loop(f"while_loop of {name_of(body)}", step, most, True, False, self.scalars, pulled_back)

        def run() -> list[Any]:
            return scalars(loops.while_loop(condition, body, refill(init, constants_of(scalars(init))), most))

        return refill(init, self._nodes(loop, scalars(init), run))

    @contextmanager
    def _within(self, place: str) -> Iterator[list[Value]]:
        """In this block a body is recorded; an error in it says in which step it came. What it differentiated."""
        self.depth += 1
        try:
            with derived_apart() as derived:
                yield derived
        except Exception as error:
            error.add_note(place)
            raise
        finally:
            self.depth -= 1

    def _still(self, operands: list[Any]) -> bool:
        """Whether there are Values among them, of which each is the same for all samples: a loop of these just runs,
        since their gradients are numbers, which a loop's node has not.
        """
        values = [x for x in operands if isinstance(x, Value) and not x.is_constant]
        still = bool(values) and not any(map(differs, values))
        if still:
            self.met.append(Met(None, [], [], False))
            (self.checks or self).plainly = True
        return still

    def _leaves(self, numbers: list[Any]) -> list[Value]:
        """An input for each number of a first step."""
        with looking():
            found = [make_node(INPUT, number(x), (), ()) for x in numbers]
        self.integers.update(leaf for leaf, x in zip(found, numbers, strict=True) if isinstance(x, int))
        return found

    def _nodes(self, loop: Loop, operands: list[Any], run: Callable[[], list[Any]]) -> list[Value]:
        """The node of a loop, and of each number that it gives."""
        if not loop.step.differentiable:
            raise Unroll
        parents = [*map(_as_value, operands), *loop.step.shared]
        with looking():  # the numbers of this sample are in the nodes, as in all others; a program has its own
            given, numbers = [*data_of(parents)], None
            then = self._recorded(loop)
            if then is not None and then.loop and given == then.given and loop.step.key == then.loop.step.key:
                numbers = [*then.numbers]
            numbers = numbers or loop.numbers(given)
            if numbers is None:
                with paused(), taken_by(None):
                    numbers = [number(x) for x in run()]
        row = loop_row(loop, loop.name.partition(" ")[0], len(parents))
        node = make_node(row, 0.0, tuple(parents), (nan,) * len(parents))
        if then is not None and then.varies:
            note_varying(node)
        self.met.append(Met(loop, given, numbers, differs(node)))
        return [make_node(OUTPUT, x, (node, constant(float(j))), (nan, nan)) for j, x in enumerate(numbers)]

    def _recorded(self, loop: Loop) -> Met | None:
        """The loop of the recording that this one is held against."""
        if self.checks is None:
            return None
        place = place_among(loop, self.checks.met, self.held)
        if place is None:
            return None
        self.held = place + 1
        return self.checks.met[place]


def _as_value(x: Any) -> Value:
    return x if isinstance(x, Value) else constant(x)


def _alike(xs: list[Any]) -> bool:
    """Whether all are of one structure, of numbers."""
    kinds = {*map(type, xs)}
    if kinds <= {float, int, Value} or kinds == {type(None)}:
        return True
    return len({outline(x) for x in xs}) == 1 and all(
        isinstance(x, Value) or is_number(x) for each in xs for x in scalars(each)
    )
