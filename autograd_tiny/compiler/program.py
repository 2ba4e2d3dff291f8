"""`Program`: a compiled function, which records itself anew for each structure of its inputs.

For training, `Program.hold` keeps the parameters in one array, so that a step touches no Value:

    with program.hold() as weights:                      # one number for each of program.parameters
        for X, y in batches:
            loss, gradient = program.flat_value_and_grad(X, y, batch=True)
            weights -= 0.1 * gradient                    # in place
    # the Values have their numbers again, after an error too

>>> w = Value(3.0)
>>> program = Program(lambda x: (w * x - 1.0) ** 2)
>>> program.value_and_grad(1.0)
(4.0, [4.0])
>>> with program.hold() as weights:
...     weights -= 0.5 * program.flat_value_and_grad(1.0)[1]
...     w.data
3.0
>>> w.data, program.cache_info()
(1.0, CacheInfo(hits=1, misses=1, maxsize=128, currsize=1))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..core import Value, gradients_of, set_gradients
from ..errors import shorten
from ..modes.recording import within_program
from .by_inputs import ByInputs
from .composing import on_values, value_and_gradients
from .differentiating import Derivative
from .dividing import run_in_blocks
from .exports.ways import Exports
from .falling_back import run_function
from .libraries.arrays import arrays_named
from .parameters import Parameters, check_leaves
from .record.calls import Call, places_of
from .record.inputs import HasValues
from .record.structures import is_structure, leaves
from .recordings import NothingToRecord, Recordings
from .results import Gradient, Rebuild
from .run.binding import Binding
from .run.native import chosen, why_not
from .run.ready import ReadyCalls
from .running import Found, run_arrays, run_arrays_in_part, run_scalars
from .trace import Trace
from .weighing import weighted, weights

if TYPE_CHECKING:
    from .show.listing import Listing
    from .show.passes import Pass


class CacheInfo(NamedTuple):
    """How often a recording was found, made, how many are kept at most, and how many there are."""

    hits: int
    misses: int
    maxsize: int
    currsize: int


class Answer(NamedTuple):
    """The numbers of each output, in which structure they go, the derivative by each parameter, and the recording that
    ran: none, if the function itself did.
    """

    values: Any
    like: Any
    gradient: Any
    trace: Trace | None


class Program(Exports, ByInputs):
    """A function compiled to array instructions: call it as the function itself. Made by `autograd_tiny.compile`."""

    def __init__(self, function: Callable[..., Any], *, names: Mapping[str, Value] | None = None,
                 parameters: Sequence[Value] | None = None, scalars: str = "auto",
                 cache_size: int = 128, backend: str = "auto", dtype: str = "float64",
                 shared: str | Sequence[str] = (), threads: int = 1) -> None:  # fmt: skip
        if not callable(function):
            raise TypeError(f"compile got {shorten(function)}: expected a function")
        self._shared = places_of(function, shared)
        if scalars not in ("auto", "never", "always"):
            raise ValueError(f'compile(scalars={scalars!r}): expected "auto", "never" or "always"')
        if not isinstance(cache_size, int) or cache_size < 1:
            raise ValueError(f"compile(cache_size={cache_size!r}): expected a whole number from 1 on")
        check_leaves(parameters, names)
        self.threads = threads
        self.not_native = why_not(backend, dtype)
        """Why its arrays do not run natively; nothing if they do. See `explain`."""
        backend = chosen(backend, dtype)
        arrays = arrays_named(backend, dtype)
        self.function, self.scalars, self.cache_size = function, scalars, cache_size
        self.backend, self.dtype = backend, dtype
        self.__name__ = getattr(function, "__name__", type(function).__name__)
        self.__doc__ = getattr(function, "__doc__", None)
        self.names: dict[Value, str] = {value: name for name, value in (names or {}).items()}
        self._known = Parameters(self.__name__, parameters if parameters is not None else self.names)
        self.parameters: list[Value] = self._known.leaves
        """Every leaf met so far; those given beforehand come first. It only ever grows."""
        self._recordings = Recordings(function, self.__name__, cache_size, scalars, arrays)
        self._derivatives: dict[Any, Derivative] = {}
        self._total: Program | None = None
        self._lock = RLock()
        self._ready = ReadyCalls(self._recordings, self._known)
        self.fallen_back = 0
        """How many samples the function itself was run on, since a number of theirs or on their way was not finite."""

    @property
    def watches(self) -> bool:
        """Whether each call asks if what the function reads has changed. Who changes nothing, as `nn.fit` within an
        epoch, may turn it off for a while.
        """
        return self._recordings.watches

    @watches.setter
    def watches(self, on: bool) -> None:
        self._recordings.watches = on

    @property
    def threads(self) -> int:
        """Among how many threads the samples of a long batch are divided; the numbers are the same for any."""
        return self._threads

    @threads.setter
    def threads(self, count: int) -> None:
        if not isinstance(count, int) or isinstance(count, bool) or count < 1:
            raise ValueError(f"compile(threads={count!r}): expected a whole number from 1 on")
        self._threads = count

    @property
    def last(self) -> Trace | None:
        """The recording that the last call ran."""
        return self._ready.last

    # Calls

    def __call__(self, *arguments: Any, batch: bool = False, **named: Any) -> Any:
        """What the function gives: a float for each Value; with ``batch``, an array with one number for each sample.

        On Values, and in a function that is compiled itself, it gives Values: it is its function there.
        """
        if within_program():
            return on_values(self.function, arguments, named, batch, self._shared)
        found = self._ready(arguments, named, batch, False)
        if found is not None:
            return found[0]
        try:
            call = self._read(arguments, named, batch)
        except HasValues:
            self._known.settle()
            return on_values(self.function, arguments, named, batch, self._shared)
        return self._shaped(self._run(arguments, call, False))

    def value_and_grad(
        self, *arguments: Any, batch: bool = False, seed: Any = None, **named: Any
    ) -> tuple[Any, Gradient]:
        """The value, and its derivative by each of ``parameters``; of a batch, the values and those of their mean.

        Of several outputs those of their sum with the weights ``seed``, one for each in the structure of the value.
        The derivatives read as a list, and are one to whoever compares, indexes, adds or prints them; what they are
        kept in is an array, ``numpy.asarray(…)``, and ``list(…)`` is a list of one's own.
        """
        if within_program() and not batch:
            f, given = (
                (self.function, arguments) if seed is None else (weighted(self.function), (leaves(seed), *arguments))
            )
            value, slopes = value_and_gradients(f, self.parameters, given, named)
            return value if seed is None else self.function(*arguments, **named), slopes  # type: ignore[return-value]
        values, gradient = self.flat_value_and_grad(*arguments, batch=batch, seed=seed, **named)
        return values, Gradient(gradient)

    def flat_value_and_grad(
        self, *arguments: Any, batch: bool = False, seed: Any = None, **named: Any
    ) -> tuple[Any, Any]:
        """The same with the gradient as an array, one number for each of ``parameters``."""
        if seed is not None:
            values = self(*arguments, batch=batch, **named)
            numbers = weights(seed, values, batch)
            return values, self._weighted().flat_value_and_grad(numbers, *arguments, batch=batch, **named)[1]
        found = self._ready(arguments, named, batch, True)
        if found is None:
            answer = self._run(arguments, self._read(arguments, named, batch), True)
            found = self._shaped(answer), answer.gradient
        return found  # type: ignore[no-any-return]

    def backward(self, *arguments: Any, batch: bool = False, **named: Any) -> Any:
        """Add the derivatives into the parameters' ``.grad``, as ``backward()`` of the graph would; gives the value."""
        answer = self._run(arguments, self._read(arguments, named, batch), True)
        with self._lock:
            parameters, slopes = self.parameters[: len(answer.gradient)], answer.gradient
            if answer.trace is not None:
                parameters, slopes = answer.trace.parameters, slopes[answer.trace.places(self._known.index)]
            set_gradients(parameters, np.frombuffer(gradients_of(parameters)) + slopes)
            return self._shaped(answer)

    # Parameters in one array

    @contextmanager
    def hold(self) -> Iterator[Any]:
        """Keep the parameters in an array while the block runs: change it in place, and calls see the change.

        One number for each of ``parameters``, in order. The Values keep their old numbers until `write_back`, which
        the end of the block calls too, however it ends. They are float64 whatever the program computes with, so that
        small steps are not lost. All parameters must be known: give ``parameters=`` to
        `compile`, or call the program once before.
        """
        with self._lock:
            held = self._known.take()
        try:
            yield held
        finally:
            with self._lock:
                self._known.give_back()

    def write_back(self) -> None:
        """Give the Values the numbers of the array that `hold` gave."""
        self._known.write_back()

    # The cache

    def cache_info(self) -> CacheInfo:
        """As of `functools.lru_cache`: hits, misses, maxsize, currsize."""
        found = self._recordings
        return CacheInfo(found.hits + self._ready.hits, found.misses, found.cache_size, len(found.traces))

    def cache_clear(self) -> None:
        """Forget all recordings; parameters stay."""
        with self._lock:
            self._recordings.clear()
            self._ready.hits = 0
            self._derivatives.clear()
            self._total = None

    @property
    def uses_arrays(self) -> bool:
        """Whether the last recording became array instructions, and is not replayed as scalars node by node."""
        return self.last is not None and self.last.program is not None

    def __repr__(self) -> str:
        return (
            f"<compiled {self.__name__}, {len(self._recordings.traces)} recordings, {len(self.parameters)} parameters>"
        )

    def __str__(self) -> str:
        from .show.printing import program_text

        return program_text(self)

    def listing(self) -> Listing:
        """The last recording as data: its matrices and their Values, its instructions forward and in reverse.

        `print(program)` and `visualize.draw_program` show what is in it. ``ValueError`` if nothing has been recorded,
        or if it runs as scalars.
        """
        from .show.listing import listing

        return listing(self)

    def explain(self) -> str:
        """How the last recording became array instructions, pass by pass, in words."""
        from .show.printing import explanation

        return explanation(self)

    def passes(self, *arguments: Any, batch: bool = False, **named: Any) -> list[Pass]:
        """Each pass of the compiler on the function recorded with these inputs: its name, the text before and after.

        ``print(*program.passes(x), sep="\\n\\n")`` shows them all. The function is compiled as with
        ``scalars="never"``, and nothing is kept.
        """
        from .show.passes import passes

        with self._lock:
            return passes(self, Call.read(arguments, named, batch))

    # Within

    def _read(self, arguments: tuple[Any, ...], named: dict[str, Any], batch: bool) -> Call:
        return Call.read(arguments, named, batch, self._shared)

    def _run(self, given: tuple[Any, ...], call: Call, gradient: bool) -> Answer:
        """Look at a call, and run it; ``given`` are its arguments as they came."""
        with self._lock:
            try:
                trace = self._recordings.find(call)
            except NothingToRecord:
                return self._mended(call, gradient, None, None)
            if not trace.met:
                self._known.meet(trace.parameters)
                trace.met = True
            static = self._recordings.static[call.structure]
            if static and call.length is not None:
                groups: dict[Any, list[int]] = {}
                for i in range(call.length):
                    groups.setdefault(call.at(static, i), []).append(i)
                if len(groups) > 1:
                    return self._run_groups(call, list(groups.values()), gradient)
            self._ready.last = trace
            self._one_number(trace.like, gradient)
            arrays, size = trace.divided(call.length)
            made = trace.made.take(call.length or 1) if arrays is None else None
        if arrays is not None:
            read = partial(self._known.read, trace, shared=call.shared)
            found = run_in_blocks(trace, arrays, call, gradient, size, self.threads, read, self._lock, self._ready)
            with self._lock:
                if found is None or found.failed:
                    return self._mended(call, gradient, trace, found)
                return Answer(
                    found.values, trace.like, self._whole_of(trace, found.gradient) if gradient else None, trace
                )
        assert made is not None
        kept = False
        try:
            self._known.read(trace, made.parameters, call.shared)
            if isinstance(made, Binding):
                found = run_arrays(trace, made, call, gradient) or run_arrays_in_part(trace, made, call, gradient)
            else:
                found = run_scalars(trace, made, call, gradient)
            with self._lock:
                if found is None or found.failed:
                    return self._mended(call, gradient, trace, found)
                answer = Answer(
                    found.values, trace.like, self._whole_of(trace, found.gradient) if gradient else None, trace
                )
                kept = self._ready.add((*given, *call.named.values()), call, trace, made, gradient)
                return answer
        finally:
            made.in_use = kept

    def _mended(self, call: Call, gradient: bool, trace: Trace | None, found: Found | None) -> Answer:
        """The samples that the program could not answer for, by the function itself, put among the others."""
        self._known.settle()
        samples = range(call.length or 1) if found is None else found.failed
        sampled = run_function(self.function, call, samples, gradient, self._recordings.checked)
        self.fallen_back += len(samples)
        self._one_number(sampled.like, gradient)
        self._known.meet(sampled.slopes)
        if call.length is None:
            values = np.array(sampled.numbers[0], float)
        else:
            values = np.empty((len(sampled.numbers[0]), call.length)) if found is None else found.values
            for column, numbers in zip(values, zip(*sampled.numbers, strict=True), strict=True):
                column[samples] = numbers
        whole = np.zeros(len(self.parameters))
        if found is not None and gradient:
            assert trace is not None
            whole += self._whole_of(trace, found.gradient)
        for leaf, slope in sampled.slopes.items():
            whole[self._known.index[leaf]] += slope / (call.length or 1)
        return Answer(values, sampled.like, whole, None)

    def _run_groups(self, call: Call, groups: list[list[int]], gradient: bool) -> Answer:
        """A batch whose samples index different things: the samples of each kind together."""
        answer = Answer(None, None, np.zeros(0), None)
        for group in groups:
            part = self._run((), call.part(group), gradient)
            values = np.empty((len(part.values), call.length or 0)) if answer.values is None else answer.values
            values[:, group] = part.values
            whole = np.concatenate([answer.gradient, np.zeros(len(self.parameters) - len(answer.gradient))])
            if gradient:
                whole += part.gradient * (len(group) / (call.length or 1))
            answer = Answer(values, part.like, whole, None)
        return answer

    def _whole_of(self, trace: Trace, gradient: Any) -> Any:
        """The gradient for all parameters."""
        return trace.whole(gradient, self._known.index)

    def _shaped(self, answer: Answer) -> Any:
        """The numbers in the structure that the function gave."""
        rebuild = Rebuild(answer.like) if answer.trace is None else answer.trace.rebuild
        return rebuild(answer.values)

    def _one_number(self, like: Any, gradient: bool) -> None:
        if gradient and is_structure(like):
            raise TypeError(
                f"{self.__name__} gives {'several numbers' if leaves(like) else 'no number'}: a gradient needs one; "
                "give each a weight, value_and_grad(…, seed=[1.0, 0.0]) or vjp(…), take jacobian for all of them, or "
                "sum them"
            )
