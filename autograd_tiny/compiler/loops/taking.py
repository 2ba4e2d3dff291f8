"""Who takes the loops of a function that is being recorded: the body is recorded once, and the loop becomes one node.

The body runs on numbers of its own, an input for each number of the carry and of x. Whatever it does that a recorded
function may not (look at a number, keep one, change what it reads) gets the errors that such a function gets. Where the
function is held against itself (``record/verifying``) the body is too: in the first step, on plain numbers.

A loop whose steps are no repetition of one (their xs have different structures, or are indices) is written out.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import isclose, nan
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
from ...modes.recording import INPUT, derived_apart, differs, paused
from ..record.verifying import TOLERANCE, agree
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
        self.met: list[Loop | None] = []
        """As many as there were, in order; None for one that just ran."""
        self.found: list[tuple[list[float], list[float]]] = []
        """Of each its operands, and the numbers that it gave."""
        self.plainly = False
        """Whether any of them was run step by step when the function was held against itself."""
        self.depth = 0
        """In how many bodies."""
        self.integers: set[Value] = set()
        """Numbers of the first step that were given as integers: if one is an index, the steps are written out."""
        self.scalars, self.checks = scalars, checks

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
            _hold(f"{name_of(f)}, the body of a scan,", again, outputs, scalars(init), streams[0])
            _hold_kinds(f"{name_of(f)}, the body of a scan,", again, scalars(init), streams)
        step = Step.of(outputs, [*carry, *x], len(carry), len(x), derived)
        loop = Loop(f"scan of {name_of(f)}", step, len(xs), False, bool(checkpoint), self.scalars, pulled_back)
        operands = [*scalars(init), *(x for stream in streams for x in stream)]
        if self._still([*operands, *step.shared]):
            with taken_by(None):
                return loops.scan(f, init, xs)

        def run() -> list[Any]:
            streams = [refill(x, _constants(scalars(x))) for x in xs]
            last, ys = loops.scan(f, refill(init, _constants(scalars(init))), streams)
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
            _hold(f"{name_of(body)}, the body of a while_loop,", lambda c, _: stepping(c), outputs, scalars(init), [])
        step = Step.of(outputs, carry, len(carry), 0, derived)
        if self._still([*scalars(init), *step.shared]):
            with taken_by(None):
                return loops.while_loop(condition, body, init, most)
        loop = Loop(f"while_loop of {name_of(body)}", step, most, True, False, self.scalars, pulled_back)

        def run() -> list[Any]:
            return scalars(loops.while_loop(condition, body, refill(init, _constants(scalars(init))), most))

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
            self._meets(None, [], [])
            if self.checks is not None:
                self.checks.plainly = True
        return still

    def _meets(self, loop: Loop | None, given: list[float], numbers: list[float]) -> None:
        self.met.append(loop)
        self.found.append((given, numbers))

    def _leaves(self, numbers: list[Any]) -> list[Value]:
        """An input for each number of a first step."""
        with looking():
            found = [make_node(INPUT, _number(x), (), ()) for x in numbers]
        self.integers.update(leaf for leaf, x in zip(found, numbers, strict=True) if isinstance(x, int))
        return found

    def _nodes(self, loop: Loop, operands: list[Any], run: Callable[[], list[Any]]) -> list[Value]:
        """The node of a loop, and of each number that it gives."""
        if not loop.step.differentiable:
            raise Unroll
        parents = [*map(_as_value, operands), *loop.step.shared]
        with looking():  # the numbers of this sample are in the nodes, as in all others; a program has its own
            given, numbers = [*data_of(parents)], None
        if self.checks is not None and len(self.met) < len(self.checks.met):
            other, before = self.checks.met[len(self.met)], self.checks.found[len(self.met)]
            with looking():
                if other is not None:
                    _same_constants(loop, other)
                    if given == before[0] and loop.step.key == other.step.key:
                        numbers = before[1]
        with looking():
            numbers = numbers or loop.numbers(given)
            if numbers is None:
                with paused(), taken_by(None):
                    numbers = [_number(x) for x in run()]
        self._meets(loop, given, numbers)
        row = loop_row(loop, loop.name.partition(" ")[0], len(parents))
        node = make_node(row, 0.0, tuple(parents), (nan,) * len(parents))
        return [make_node(OUTPUT, x, (node, constant(float(j))), (nan, nan)) for j, x in enumerate(numbers)]


def _constants(numbers: list[Any]) -> list[Value]:
    with looking():
        return [constant(_number(x)) for x in numbers]


def _number(x: Any) -> float:
    return data_of([x])[0] if isinstance(x, Value) else float(x)


def _as_value(x: Any) -> Value:
    return x if isinstance(x, Value) else constant(x)


def _hold(name: str, step: Callable[..., Any], outputs: list[Value], carry: list[Any], stream: list[Any]) -> None:
    """Raise `RecordingError` unless a step on plain numbers gives what was recorded of it."""
    with looking():
        then = [*data_of(outputs)]
        plain = [_plain(carry), _plain(stream)]
    for numbers in (plain, [_constants(mine) for mine in plain]):
        try:
            with looking(), paused(), taken_by(None):  # what it looks at is compared with what was recorded, below
                now = [_number(x) for x in scalars(step(*numbers))]
        except RecordingError:
            raise
        except (AttributeError, TypeError):
            continue
        for x, y in zip(then, now, strict=True):
            if not agree(x, y, TOLERANCE, 1e-12):
                raise _differs(name, y, x)
        return


def _hold_kinds(name: str, step: Callable[..., Any], carry: list[Any], streams: list[list[Any]]) -> None:
    """Raise `RecordingError` if a step that gets an integer, where the first gets a float, does another thing by it."""
    first = [*map(type, streams[0])]
    other = next((stream for stream in streams if int in map(type, stream) and [*map(type, stream)] != first), None)
    if other is None:
        return
    with looking():
        ways = [_plain(other), [_number(x) for x in other]]
        try:
            with paused(), taken_by(None):
                one, two = ([_number(x) for x in scalars(step(_plain(carry), way))] for way in ways)
        except RecordingError:
            raise
        except (AttributeError, TypeError, ArithmeticError, ValueError):
            return
    for x, y in zip(one, two, strict=True):
        if not agree(x, y, TOLERANCE, 1e-12):
            raise _differs(name, x, y)


def _plain(numbers: list[Any]) -> list[Any]:
    """The numbers as Python's own: an integer is one."""
    return [int(x) if isinstance(x, int) else _number(x) for x in numbers]


def _alike(xs: list[Any]) -> bool:
    """Whether all are of one structure, of numbers."""
    kinds = {*map(type, xs)}
    if kinds <= {float, int, Value} or kinds == {type(None)}:
        return True
    return len({outline(x) for x in xs}) == 1 and all(
        isinstance(x, Value) or is_number(x) for each in xs for x in scalars(each)
    )


def _same_constants(loop: Loop, other: Loop) -> None:
    """A number that was another when the step was recorded first is none that the step is made of.

    Of what was closed over, and computed of that, it was the number of a Value.
    """
    then = sorted(other.step.constants | {*data_of(other.step.shared)})
    for x in loop.step.constants - {*then}:
        i = bisect_left(then, x)
        if not any(isclose(x, y, rel_tol=1e-13) for y in then[max(i - 1, 0) : i + 1]):
            raise _differs(loop.name, f"{x!r} as a constant", "none such")


def _differs(name: str, now: Any, then: Any) -> RecordingError:
    return RecordingError(
        f"{name} gives {now} when it is run on numbers, and gave {then} when it was recorded on Values with these "
        "numbers: it asks for the type of what it gets, draws at random, reads a clock, or keeps state. Draw outside "
        "and give what was drawn as xs; write where(condition, a, b) for a branch"
    )
