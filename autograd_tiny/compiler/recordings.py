"""The recordings of a function, by the structure of its inputs and the integers that it used as indices.

>>> from autograd_tiny import Value
>>> rows = [Value(1.0), Value(2.0)]
>>> found = Recordings(lambda i, x: rows[i] * x, "f", 128, "never")
>>> traces = [found.find(Call.read((i, 5.0), {}, batch=False)) for i in (0, 1, 0)]
>>> traces[0] is traces[2], found.hits, found.misses
(True, 1, 2)
>>> traces[1].parameters == [rows[1]]
True
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from ..core import Value, constant, make_node
from ..core.operands import finite_float, is_number
from ..derivatives import plugins
from ..errors import NonFiniteError, RecordingError, shorten
from ..errors.foreign import notes_for_numpy
from ..modes.looping import Unroll, taken_by
from ..modes.recording import INPUT, Recorder, paused, recording
from .libraries.arrays import FLOAT64, Arrays
from .loops.taking import Loops
from .pipeline import Library
from .record.calls import Call
from .record.either_way import verify
from .record.refusing import asks, changes, check_arguments, is_of_ours, only_recorded
from .record.samples import Shared
from .record.structures import is_structure, outline, refilled
from .record.structures import leaves as leaves_of
from .record.surroundings import Surroundings
from .record.verifying import check_kept
from .run.scalars import ScalarProgram
from .trace import Trace as Trace

T = TypeVar("T")


@contextmanager
def _recorded_again(scalars: str, loops: Loops | None) -> Iterator[Loops]:
    """A block in which the function runs once more with its loops taken, and held against ``loops`` if there are some;
    gives those that it meets.
    """
    with recording(Recorder({})), taken_by(met := Loops(scalars, loops)):
        yield met


OUTGROWN = 4
"""A batch so many times larger than the one that scalars were chosen for is thought about anew."""


TRIED = 8
"""Samples of a batch that are tried, if one after the other is not finite on its way."""


class NothingToRecord(Exception):
    """No sample of a call is finite, inside the function too: there is no program yet, and none can be made of it."""


class Recordings:
    """The traces of one function, the latest used ``cache_size`` of them."""

    def __init__(self, function: Callable[..., Any], name: str, cache_size: int, scalars: str,
                 arrays: Arrays = FLOAT64) -> None:  # fmt: skip
        self.function, self.name, self.cache_size, self.scalars = function, name, cache_size, scalars
        self.library = Library(arrays)
        self.traces: OrderedDict[Any, Trace] = OrderedDict()
        self.static: dict[Any, tuple[int, ...]] = {}
        """For each structure, which of the inputs are indices: a trace is for their numbers only."""
        self.hits = self.misses = 0
        self.version = 0
        """Another one as soon as a trace is forgotten."""
        self.removals = plugins.removals
        self.around: Surroundings | None = None
        """What the function read besides its inputs when the traces were recorded."""
        self.watches = True
        self.unrolls = False
        """Whether loops are recorded step by step, as something in the function needs all of their steps."""

    def clear(self) -> None:
        self._forget()
        self.hits = self.misses = 0

    def _forget(self) -> None:
        self.version += 1
        self.traces.clear()
        self.static.clear()
        self.library = Library(self.library.arrays)
        self.around = None
        self.removals = plugins.removals

    def find(self, call: Call) -> Trace:
        """The recording for the first sample of a call, an old one if there is one.

        A new one is made of a sample that is finite; raises `NothingToRecord` if there is none.
        """
        if self.removals != plugins.removals:
            self._forget()
        if self.watches and self.around is not None and not self.around.same():
            self._forget()
        i = 0
        static = self.static.get(call.structure)
        if static is not None:
            key = (call.structure, call.at(static, i) if static else ())
            trace = self.traces.get(key)
            if trace is not None and not self._outgrown(trace, call):
                self.hits += 1
                self.traces.move_to_end(key)
                return trace
        trace = self._traced_somewhere(call)
        if trace.key in self.traces:
            self.version += 1
        self.traces[trace.key] = trace
        while len(self.traces) > self.cache_size:
            self.traces.popitem(last=False)
            self.version += 1
        return trace

    def _traced_somewhere(self, call: Call) -> Trace:
        """A recording of the first of some samples that can be recorded: of the others the arm of a `cond` that they do
        not take is not finite, or the function raises too.
        """
        finite = call.finite(TRIED)
        self.misses += bool(finite)
        for i in finite:
            try:
                return self.unrolling(partial(self._traced, call, i))
            except NonFiniteError:
                pass
        raise NothingToRecord

    def unrolling(self, made: Callable[[], T]) -> T:
        """What is ``made`` of a recording; if that needs all steps of a loop, made anew of one that has them, as are
        all from then on.
        """
        try:
            return made()
        except Unroll:
            self.unrolls = True
            return made()

    def _traced(self, call: Call, i: int) -> Trace:
        """A new recording of a sample, held against the function."""
        static = self.static.get(call.structure)
        before = self._surroundings(call)
        before.mark()
        out, inputs, recorder = self._attempted(call, i, before)
        self.around = self._verified(call, i, out, recorder, before)
        shared = [leaf for leaves in recorder.shared.values() for leaf in leaves]
        place = {leaf: j for j, leaf in enumerate([*(leaf for mine in inputs for leaf in mine), *shared])}
        used = tuple(sorted(place[leaf] for leaf in recorder.indices))
        if static is not None and set(used) - set(static):
            used = tuple(sorted({*used, *static}))
        self.static[call.structure] = used
        trace = self._translated(out, inputs, call, recorder)
        trace.sample, trace.indices, trace.fixed = call.single(i), used, call.fixed()
        trace.key = (call.structure, call.at(used, i))
        return trace

    def _attempted(self, call: Call, i: int, before: Surroundings) -> tuple[Any, list[list[Value]], Recorder]:
        """`record`. Where that meets what is not finite the function answers by itself, so it runs once more: one
        that draws at random or counts would be a step further by then, and is refused.
        """
        try:
            return self.record(call, i)
        except NonFiniteError:
            moved = before.moved()
            if moved is not None:
                raise asks(self.name, moved) from None
            if before.same():
                raise
        settled = Surroundings(self.function, before.others.values())  # what it keeps for good it has by now
        try:
            return self.record(call, i)
        except NonFiniteError:
            place = settled.changed()
            if place is not None:
                raise changes(self.name, place) from None
            raise

    def _surroundings(self, call: Call) -> Surroundings:
        """What the function reads now, besides the numbers, and by way of what it was given that is none."""
        given = {id(x): x for x in call.fixed()}
        if self.around is not None and given.keys() <= self.around.others.keys():
            return self.around
        given |= {id(x): x for trace in self.traces.values() for x in trace.fixed}
        return Surroundings(self.function, given.values())

    def _verified(self, call: Call, i: int, out: Any, recorder: Recorder, before: Surroundings) -> Surroundings:
        """The surroundings after a recording that is what the function does; `RecordingError` for one that is not."""
        name, around = self.name, before
        for leaked in recorder.leaked.keys() & {value for value, _ in around.values}:
            raise recorder.leaked[leaked]
        moved = before.moved()
        if moved is not None:
            raise asks(name, moved)
        if not before.same():  # it keeps something: for good if it does so once, as a network that makes its weights
            around = Surroundings(self.function, before.others.values())
            check_kept(name, around.values, {value for value, _ in before.values})
        self.outputs(out)
        made = [*recorder.made, *(leaf for leaves in recorder.shared.values() for leaf in leaves)]
        loops = recorder.loops if recorder.loops is not None and recorder.loops.taken else None
        again = (lambda _: paused()) if loops is None else partial(_recorded_again, loops.scalars)
        indices = [leaf in recorder.indices for leaf in recorder.integers]
        verify(name, self.function, call, i, out, made, around, recorder.derived, again, loops, indices)
        place = around.changed()
        if place is not None:
            raise changes(name, place)
        return around

    def outputs(self, out: Any) -> list[Value]:
        """What the function gave, as Values."""
        return [self._output(x) for x in leaves_of(out)]

    def record(self, call: Call, i: int, unrolls: bool = False) -> tuple[Any, list[list[Value]], Recorder]:
        """What the function gives when it is run on recorded inputs, these inputs, and what was noted meanwhile.

        Loops are one node each, unless it ``unrolls`` them; raises `Unroll` where it has to (see `unrolling`).
        """
        found = self._record(call, i, unrolls)
        if found[2].made:
            # Leaves that it made may stay: a network that makes its weights when it first runs. They are there now.
            found = self._record(call, i, unrolls)
        return found

    def _record(self, call: Call, i: int, unrolls: bool) -> tuple[Any, list[list[Value]], Recorder]:
        """Run the function on recorded inputs; what it gave, its inputs, and which of them were indices."""
        recorder = Recorder({})
        recorder.loops = None if unrolls or self.unrolls else Loops(self.scalars)
        inputs: list[list[Value]] = [[] for _ in call.numbers]
        given_first = (*call.arguments, *call.named.values())
        shared = {j for j, x in enumerate(given_first) if call.length is not None and isinstance(x, Shared)}

        def make(argument: int, number: float, integer: bool) -> Value:
            if argument in shared:
                leaf = Value(number)
                recorder.shared.setdefault(argument, []).append(leaf)
            else:
                leaf = make_node(INPUT, finite_float(number, "Value(data)"), (), ())
                inputs[argument].append(leaf)
            if integer:
                recorder.integers[leaf] = int(number)
            return leaf

        def recorded(*arguments: Any, **named: Any) -> Any:
            given = [arguments, named]
            before = outline(given)
            try:
                with notes_for_numpy(), recording(recorder), taken_by(recorder.loops):
                    out = self.function(*arguments, **named)
            except (RecordingError, NonFiniteError):
                raise
            except Exception as error:
                if is_of_ours(error) or self._raises_too(call, i):
                    raise
                raise (recorder.refused or only_recorded(self.name, error)) from error
            if recorder.refused is not None:  # the function caught it, and went on by what it had learnt
                raise recorder.refused
            check_arguments(self.name, before, outline(given))
            return out

        return call.applied(recorded, i, make), inputs, recorder

    def _raises_too(self, call: Call, i: int) -> bool:
        """Whether the function raises on the numbers themselves."""
        try:
            with paused():
                call.given_to(self.function, i)
        except Exception:
            return True
        return False

    def _outgrown(self, trace: Trace, call: Call) -> bool:
        """Whether scalars were chosen for a batch far smaller than this one."""
        if self.scalars != "auto" or not isinstance(trace.made, ScalarProgram) or call.length is None:
            return False
        return call.length > OUTGROWN * trace.estimate.samples

    def _translated(self, out: Any, inputs: list[list[Value]], call: Call, recorder: Recorder) -> Trace:
        outputs, fixed = self.outputs(out), [*recorder.made]
        made, parameters, estimate = self.library.translate(
            outputs, inputs, call.length is not None, self.scalars, fixed, call.length or 1, recorder.derived
        )
        like = refilled(out, iter([0.0] * len(outputs))) if is_structure(out) else 0.0
        return Trace(made, parameters, like, estimate, [leaf for leaves in recorder.shared.values() for leaf in leaves])

    def _output(self, x: Any) -> Value:
        return x if isinstance(x, Value) else constant(self.checked(x))

    def checked(self, x: Any) -> Any:
        """What the function gave, if it is a Value or a number."""
        if isinstance(x, Value) or is_number(x):
            return x
        raise TypeError(f"{self.name} gave {shorten(x)}: expected a Value, or a list or tuple of them")
