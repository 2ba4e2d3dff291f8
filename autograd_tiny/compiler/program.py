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
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..core import Value, gradients_of, set_gradients
from ..errors import name_of, shorten
from ..modes.recording import within_program
from .answering import Answer as Answer
from .answering import Answering
from .by_inputs import ByInputs
from .composing import no_leaves, on_values, only_numbers
from .differentiating import Derivative
from .exports.ways import Exports
from .libraries.arrays import arrays_named
from .parameters import Parameters, check_leaves
from .record.calls import Call, places_of
from .record.inputs import HasValues
from .recordings import Recordings
from .results import Gradient
from .run.native import chosen, why_not
from .run.ready import ReadyCalls
from .trace import Trace
from .weighing import weights

if TYPE_CHECKING:
    from .show.listing import Listing
    from .show.passes import Pass


class CacheInfo(NamedTuple):
    """How often a recording was found, made, how many are kept at most, and how many there are."""

    hits: int
    misses: int
    maxsize: int
    currsize: int


class Program(Exports, ByInputs, Answering):
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
        self._asked = {"scalars": scalars, "cache_size": cache_size, "backend": backend, "dtype": dtype}
        self.not_native = why_not(backend, dtype)
        """Why its arrays do not run natively; nothing if they do. See `explain`."""
        backend = chosen(backend, dtype)
        arrays = arrays_named(backend, dtype)
        self.function, self.scalars, self.cache_size = function, scalars, cache_size
        self.backend, self.dtype = backend, dtype
        self.__name__ = name_of(function)
        self.__doc__ = getattr(function, "__doc__", None)
        self.names: dict[Value, str] = {value: name for name, value in (names or {}).items()}
        self._known = Parameters(self.__name__, parameters if parameters is not None else self.names or None)
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

        On Values, and in a function that is compiled itself, it gives Values: it is its function there. So it is in
        one that `grad` and the like run, if it reaches what they differentiate by.
        """
        if within_program():
            return on_values(self.function, arguments, named, batch, self._shared)
        found = self._ready(arguments, named, batch, False)
        try:
            call = None if found is not None else self._read(arguments, named, batch)
        except HasValues:
            self._known.settle()
            return on_values(self.function, arguments, named, batch, self._shared)
        if self._is_function():
            return on_values(self.function, arguments, named, batch, self._shared)
        return found[0] if call is None else self._shaped(self._run(arguments, call, False))

    def value_and_grad(
        self, *arguments: Any, batch: bool = False, seed: Any = None, **named: Any
    ) -> tuple[Any, Gradient]:
        """The value, and its derivative by each of ``parameters``; of a batch, the values and those of their mean.

        Of several outputs those of their sum with the weights ``seed``, one for each in the structure of the value.
        ``TypeError`` if the function reaches no leaf, for derivatives by its arguments are those of
        ``compile(value_and_grad(f))``. The derivatives read as a list, and are one to whoever compares, indexes, adds
        or prints them; what they are kept in is an array, ``numpy.asarray(…)``, and ``list(…)`` is a list of one's own.
        """
        if self._is_function():
            return self._graphs(arguments, named, batch, seed)
        values, gradient = self._flat(arguments, named, batch, seed)
        return values, Gradient(gradient)

    def flat_value_and_grad(
        self, *arguments: Any, batch: bool = False, seed: Any = None, **named: Any
    ) -> tuple[Any, Any]:
        """The same with the gradient as an array, one number for each of ``parameters``."""
        if self._is_function():
            raise only_numbers(self.__name__, "flat_value_and_grad")
        return self._flat(arguments, named, batch, seed)

    def _flat(self, arguments: tuple[Any, ...], named: dict[str, Any], batch: bool, seed: Any) -> tuple[Any, Any]:
        """The same, where the program is not its function."""
        if seed is not None:
            values = self(*arguments, batch=batch, **named)
            numbers = weights(seed, values, batch)
            return values, self._weighted()._flat((numbers, *arguments), named, batch, None)[1]
        found = self._ready(arguments, named, batch, True)
        if found is None:
            answer = self._run(arguments, self._read(arguments, named, batch), True)
            found = self._shaped(answer), answer.gradient
        if not self.parameters and not self._known.said:
            raise no_leaves(self.__name__)
        return found  # type: ignore[no-any-return]

    def backward(self, *arguments: Any, batch: bool = False, **named: Any) -> Any:
        """Add the derivatives into the parameters' ``.grad``, as ``backward()`` of the graph would; gives the value."""
        if self._is_function():
            raise only_numbers(self.__name__, "backward")
        found = self._ready(arguments, named, batch, True)
        answer = None if found is not None else self._run(arguments, self._read(arguments, named, batch), True)
        with self._lock:
            slopes = found[1] if answer is None else answer.gradient
            parameters = self.parameters[: len(slopes)]
            if answer is not None and answer.trace is not None:
                parameters, slopes = answer.trace.parameters, slopes[answer.trace.places(self._known.index)]
            set_gradients(parameters, np.frombuffer(gradients_of(parameters)) + slopes)
            return found[0] if answer is None else self._shaped(answer)

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
            return passes(self, self._read(arguments, named, batch))

    # Within

    def _read(self, arguments: tuple[Any, ...], named: dict[str, Any], batch: bool) -> Call:
        return Call.read(arguments, named, batch, self._shared)
