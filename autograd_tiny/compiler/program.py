"""`Program`: a compiled function, which records itself anew for each structure of its inputs.

For training, `Program.hold` keeps the parameters in one array, so that a step touches no Value:

    with program.hold() as weights:                      # one number for each of program.parameters
        for X, y in batches:
            loss, gradient = program.flat_value_and_grad(X, y, batch=True)
            weights -= 0.1 * gradient                    # in place
    # the Values have their numbers again, after an error too
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import isfinite
from threading import RLock
from typing import Any, NamedTuple

import numpy as np

from ..core import Value, constant, data_of, gradient_numbers, gradients_of, set_data, set_gradients
from ..errors import shorten
from ..operands import is_number
from ..recording import Recorder, being_recorded, paused, recording
from ..structure import flatten as leaves_of
from ..structure import rebuild
from .cost import Estimate
from .inputs import batched, describe, flat, rebuilt
from .pipeline import Library
from .run import ArrayProgram, Binding

add = np.add.reduce


class CacheInfo(NamedTuple):
    """How often a recording was found, made, how many are kept at most, and how many there are."""

    hits: int
    misses: int
    maxsize: int
    currsize: int


class Call(NamedTuple):
    """One call: the structure, the numbers of each argument (with samples along the first axis), the arguments."""

    structure: Any
    numbers: list[Any]
    arguments: tuple[Any, ...]
    named: dict[str, Any]
    length: int | None


class Trace:
    """One recording: the array program that it became (None: it runs as scalars), its parameters, its outputs."""

    def __init__(self, program: ArrayProgram | None, parameters: list[Value], like: Any, estimate: Estimate) -> None:
        self.program, self.parameters, self.like, self.estimate = program, parameters, like, estimate
        self.master: Any = None
        self.back: Any = None
        self.careful = False

    def places(self, index: dict[Value, int]) -> Any:
        """Where its parameters are among all: a slice if they lie in a row."""
        if self.master is None:
            found = np.array([index[parameter] for parameter in self.parameters], np.int64)
            row = len(found) > 0 and np.array_equal(found, np.arange(found[0], found[0] + len(found)))
            self.master = slice(int(found[0]), int(found[0]) + len(found)) if row else found
        return self.master

    def whole(self, gradient: Any, index: dict[Value, int]) -> Any:
        """The gradient for all parameters, given that for its own with a 0 behind, for those that it does not use."""
        if self.back is None or len(self.back) != len(index):
            self.back = np.full(len(index), len(self.parameters))
            self.back[self.places(index)] = np.arange(len(self.parameters))
        return gradient.take(self.back)


class Program:
    """A function compiled to array instructions: call it as the function itself. Made by `autograd_tiny.compile`."""

    def __init__(self, function: Callable[..., Any], *, names: Mapping[str, Value] | None = None,
                 parameters: Sequence[Value] | None = None, scalars: str = "auto",
                 cache_size: int = 128) -> None:  # fmt: skip
        if not callable(function):
            raise TypeError(f"compile got {shorten(function)}: expected a function")
        if scalars not in ("auto", "never", "always"):
            raise ValueError(f'compile(scalars={scalars!r}): expected "auto", "never" or "always"')
        if not isinstance(cache_size, int) or cache_size < 1:
            raise ValueError(f"compile(cache_size={cache_size!r}): expected a whole number from 1 on")
        self.function, self.scalars, self.cache_size = function, scalars, cache_size
        self.__name__ = getattr(function, "__name__", type(function).__name__)
        self.__doc__ = getattr(function, "__doc__", None)
        self.names: dict[Value, str] = {value: name for name, value in (names or {}).items()}
        self.parameters: list[Value] = []
        """Every leaf met so far; those given beforehand come first. It only ever grows."""
        self._index: dict[Value, int] = {}
        self._meet(parameters if parameters is not None else self.names)
        self._library = Library()
        self._traces: OrderedDict[Any, Trace] = OrderedDict()
        self._static: dict[Any, tuple[int, ...]] = {}
        self._hits = self._misses = 0
        self._lock = RLock()
        self._held: Any = None
        self.last: Trace | None = None

    # Calls

    def __call__(self, *arguments: Any, batch: bool = False, **named: Any) -> Any:
        """What the function gives: a float for each Value; with ``batch``, an array with one number for each sample."""
        if being_recorded():
            return self.function(*arguments, **named)
        with self._lock:
            call = self._call(arguments, named, batch)
            found = self._run(call, False)
            return found[0]

    def value_and_grad(self, *arguments: Any, batch: bool = False, **named: Any) -> tuple[Any, list[float]]:
        """The value, and its derivative by each of ``parameters``; of a batch, the values and those of their mean."""
        with self._lock:
            values, gradient = self.flat_value_and_grad(*arguments, batch=batch, **named)
            return values, gradient.tolist()

    def flat_value_and_grad(self, *arguments: Any, batch: bool = False, **named: Any) -> tuple[Any, Any]:
        """The same with the gradient as an array, one number for each of ``parameters``."""
        with self._lock:
            found, trace, gradient = self._run(self._call(arguments, named, batch), True)
            return found, trace.whole(gradient, self._index)

    def backward(self, *arguments: Any, batch: bool = False, **named: Any) -> Any:
        """Add the derivatives into the parameters' ``.grad``, as ``backward()`` of the graph would; gives the value."""
        with self._lock:
            found, trace, gradient = self._run(self._call(arguments, named, batch), True)
            before = np.frombuffer(gradients_of(trace.parameters))
            set_gradients(trace.parameters, before + gradient[:-1])
            return found

    # Parameters in one array

    @contextmanager
    def hold(self) -> Iterator[Any]:
        """Keep the parameters in an array while the block runs: change it in place, and calls see the change.

        One number for each of ``parameters``, in order. The Values keep their old numbers until `write_back`, which
        the end of the block calls too, however it ends. All parameters must be known: give ``parameters=`` to
        `compile`, or call the program once before.
        """
        with self._lock:
            if self._held is not None:
                raise RuntimeError("hold() inside hold(): the parameters of this program are in an array already")
            held = np.empty(len(self.parameters))
            held[:] = data_of(self.parameters)
            self._held = held
        try:
            yield held
        finally:
            with self._lock:
                try:
                    self.write_back()
                finally:
                    self._held = None

    def write_back(self) -> None:
        """Give the Values the numbers of the array that `hold` gave."""
        if self._held is None:
            raise RuntimeError("write_back() outside `with program.hold()`: there is no array to write back")
        set_data(self.parameters, self._held)

    # The cache

    def cache_info(self) -> CacheInfo:
        """As of `functools.lru_cache`: hits, misses, maxsize, currsize."""
        return CacheInfo(self._hits, self._misses, self.cache_size, len(self._traces))

    def cache_clear(self) -> None:
        """Forget all recordings; parameters stay."""
        with self._lock:
            self._traces.clear()
            self._static.clear()
            self._library = Library()
            self._hits = self._misses = 0

    @property
    def uses_arrays(self) -> bool:
        """Whether the last call ran array instructions, and not the function as it is."""
        return self.last is not None and self.last.program is not None

    def __repr__(self) -> str:
        return f"<compiled {self.__name__}, {len(self._traces)} recordings, {len(self.parameters)} parameters>"

    def __str__(self) -> str:
        from .printing import listing

        return listing(self)

    def explain(self) -> str:
        """How the last recording became array instructions, pass by pass, in words."""
        from .printing import explanation

        return explanation(self)

    # Within

    def _meet(self, parameters: Any) -> None:
        new = [parameter for parameter in dict.fromkeys(parameters) if parameter not in self._index]
        if new and getattr(self, "_held", None) is not None:
            raise RuntimeError(
                f"{self.__name__} used a parameter that it had not used before, {shorten(new[0])}, while its "
                "parameters are held in an array: give all of them to compile(…, parameters=…)"
            )
        for parameter in new:
            self._index[parameter] = len(self.parameters)
            self.parameters.append(parameter)

    def _call(self, arguments: tuple[Any, ...], named: dict[str, Any], batch: bool) -> Call:
        given = [*arguments, *named.values()]
        numbers, structures = [], []
        length: int | None = None
        if not batch:
            for x in given:
                found: list[Any] = []
                structures.append(describe(x, found))
                numbers.append(flat(found))
        else:
            kept = []
            for i, x in enumerate(given):
                if x is None or isinstance(x, (str, bool)):
                    structures.append(("is", type(x), x))
                    numbers.append(np.empty((0, 0)))
                    kept.append(x)
                    continue
                array = batched(x, i)
                if length is not None and len(array) != length:
                    raise ValueError(f"batch=True: argument {i} has {len(array)} samples, those before it {length}")
                length = len(array)
                if length == 0:
                    raise ValueError(f"batch=True: argument {i} has no samples")
                structures.append(("array", array.shape[1:], array.dtype.kind in "iu"))
                if array.dtype != np.float64 or not array.flags.c_contiguous:
                    kept.append(array)
                    array = np.ascontiguousarray(array, np.float64)
                else:
                    kept.append(array)
                numbers.append(array)
            if length is None:
                raise ValueError("batch=True: there is no argument with samples along its first axis")
            numbers = [a if len(a) else np.empty((length, 0)) for a in numbers]
            arguments, named = tuple(kept[: len(arguments)]), dict(zip(named, kept[len(arguments) :], strict=True))
        return Call((batch, len(arguments), tuple(named), *structures), numbers, arguments, named, length)

    def _sample(self, call: Call, i: int) -> tuple[list[Any], list[Any]]:
        """The arguments of sample i, and the numbers of each."""
        given = [*call.arguments, *call.named.values()]
        if call.length is None:
            return given, call.numbers
        chosen = [x[i] if isinstance(x, np.ndarray) else x for x in given]
        return chosen, [a[i] for a in call.numbers]

    def _record(self, call: Call, i: int) -> tuple[Any, list[list[Value]], Recorder]:
        """Run the function on recorded inputs; what it gave, its inputs, and which of them were indices."""
        given, numbers = self._sample(call, i)
        recorder = Recorder({})
        inputs: list[list[Value]] = []
        rebuilt_arguments = []
        for x, row in zip(given, numbers, strict=True):
            mine: list[Value] = []

            def make(number: float, integer: bool, mine: list[Value] = mine) -> Value:
                leaf = Value(number)
                mine.append(leaf)
                if integer:
                    recorder.integers[leaf] = int(number)
                return leaf

            rebuilt_arguments.append(rebuilt(x, iter(np.asarray(row).reshape(-1).tolist()), make))
            inputs.append(mine)
        count = len(call.arguments)
        with recording(recorder):
            out = self.function(
                *rebuilt_arguments[:count], **dict(zip(call.named, rebuilt_arguments[count:], strict=True))
            )
        return out, inputs, recorder

    def _trace(self, call: Call, i: int = 0) -> Trace:
        """The recording for sample i of a call, an old one if there is one."""
        static = self._static.get(call.structure)
        if static is not None:
            key = (call.structure, self._indices(call, static, i))
            trace = self._traces.get(key)
            if trace is not None:
                self._hits += 1
                self._traces.move_to_end(key)
                return trace
        self._misses += 1
        out, inputs, recorder = self._record(call, i)
        every = [leaf for mine in inputs for leaf in mine]
        place = {leaf: j for j, leaf in enumerate(every)}
        used = tuple(sorted(place[leaf] for leaf in recorder.indices))
        if static is not None and set(used) - set(static):
            used = tuple(sorted({*used, *static}))
        self._static[call.structure] = used
        outputs = [self._output(x) for x in leaves_of(out)]
        trace = self._translated(outputs, inputs, call, out)
        self._meet(trace.parameters)
        self._traces[(call.structure, self._indices(call, used, i))] = trace
        while len(self._traces) > self.cache_size:
            self._traces.popitem(last=False)
        return trace

    def _translated(self, outputs: list[Value], inputs: list[list[Value]], call: Call, out: Any) -> Trace:
        program, parameters, estimate = self._library.translate(outputs, inputs, call.length is not None, self.scalars)
        like = rebuild(out, iter([0.0] * len(outputs))) if isinstance(out, (list, tuple, np.ndarray)) else 0.0
        return Trace(program, parameters, like, estimate)

    def _indices(self, call: Call, static: tuple[int, ...], i: int) -> tuple[float, ...]:
        if not static:
            return ()
        rows = call.numbers if call.length is None else [a[i].reshape(-1) for a in call.numbers]
        row = np.concatenate(rows)
        return tuple(row[list(static)].tolist())

    def _output(self, x: Any) -> Value:
        if isinstance(x, Value):
            return x
        if is_number(x):
            return constant(x)
        raise TypeError(f"{self.__name__} gave {shorten(x)}: expected a Value, or a list or tuple of them")

    def _run(self, call: Call, gradient: bool) -> tuple[Any, Trace, Any]:
        trace = self._trace(call)
        static = self._static[call.structure]
        if static and call.length is not None:
            groups: dict[Any, list[int]] = {}
            for i in range(call.length):
                groups.setdefault(self._indices(call, static, i), []).append(i)
            if len(groups) > 1:
                return self._run_groups(call, list(groups.values()), gradient)
        self.last = trace
        if gradient and (isinstance(trace.like, (list, tuple, np.ndarray))):
            raise TypeError(
                f"{self.__name__} gives several numbers: a gradient needs one; sum them, or compile one function each"
            )
        if trace.program is None:
            return self._run_scalars(call, trace, gradient)
        binding = trace.program.bound(call.length or 1)
        if self._held is None:
            binding.parameters[:] = data_of(trace.parameters)
        else:
            places = trace.places(self._index)
            if isinstance(places, slice):
                binding.parameters[:] = self._held[places]
            else:
                self._held.take(places, None, binding.parameters, "clip")
        if not self._run_arrays(binding, call, gradient, trace):
            return self._run_scalars(call, trace, gradient)
        values = binding.root_values()
        if call.length is not None:
            values = [np.full(call.length, v) if isinstance(v, float) else v for v in values]
        return self._shaped(trace, values), trace, binding.gradients_and_zero if gradient else None

    def _shaped(self, trace: Trace, values: list[Any]) -> Any:
        if not isinstance(trace.like, (list, tuple, np.ndarray)):
            return values[0]
        if isinstance(trace.like, np.ndarray):
            made = np.empty(len(values), object)
            made[:] = values
            return np.array(values).reshape(*trace.like.shape, *np.shape(values[0]))
        return rebuild(trace.like, iter(values))

    def _run_arrays(self, binding: Binding, call: Call, gradient: bool, trace: Trace) -> bool:
        """Run the instructions; False if a number on the way was not finite, and the scalars have to say why."""
        inputs = call.numbers if call.length is not None else (
            np.concatenate(call.numbers) if len(call.numbers) > 1 else call.numbers[0] if call.numbers else ()
        )  # fmt: skip
        how: Any = "ignore" if trace.careful else "raise"
        try:
            with np.errstate(over=how, divide=how, invalid=how, under="ignore"):
                binding.forward(inputs)
                if gradient:
                    binding.backward()
        except FloatingPointError:
            # A branch that was not taken may do it too: then it is all of memory that has to be looked at.
            trace.careful = True
            return False
        if trace.careful and not binding.all_finite():
            return False
        # A sum is finite only if all its terms are; one that is not may have overflowed by itself.
        if gradient and not isfinite(add(binding.gradients)) and not np.isfinite(binding.gradients).all():
            return False
        return all(
            isfinite(v) if isinstance(v, float) else isfinite(add(v)) or bool(np.isfinite(v).all())
            for v in binding.root_values()
        )

    def _run_scalars(self, call: Call, trace: Trace, gradient: bool) -> tuple[Any, Trace, Any]:
        """The function as it is, sample by sample; errors are those of the function."""
        with self._values_up_to_date():
            every, totals = [], np.zeros(len(trace.parameters) + 1)
            for i in range(call.length or 1):
                given, numbers = self._sample(call, i)
                plain = [
                    rebuilt(x, iter(np.asarray(row).reshape(-1).tolist()), lambda n, integer: int(n) if integer else n)
                    for x, row in zip(given, numbers, strict=True)
                ]
                count = len(call.arguments)
                with paused():
                    out = self.function(*plain[:count], **dict(zip(call.named, plain[count:], strict=True)))
                outputs = [self._output(x) for x in leaves_of(out)]
                every.append([x.data for x in outputs])
                if gradient:
                    totals[:-1] += gradient_numbers(outputs[0], trace.parameters)
        if call.length is None:
            return self._shaped(trace, every[0]), trace, totals if gradient else None
        columns = [np.array(column) for column in zip(*every, strict=True)]
        return self._shaped(trace, columns), trace, totals / call.length if gradient else None

    def _run_groups(self, call: Call, groups: list[list[int]], gradient: bool) -> tuple[Any, Trace, Any]:
        """A batch whose samples index different things: the samples of each kind together."""
        assert call.length is not None
        values: list[Any] | None = None
        whole = np.zeros(0)
        for group in groups:
            numbers = [np.ascontiguousarray(a[group]) for a in call.numbers]
            given = tuple(_cut(x, group) for x in call.arguments)
            named = {name: _cut(x, group) for name, x in call.named.items()}
            part = Call(call.structure, numbers, given, named, len(group))
            found, trace, grads = self._run(part, gradient)
            found = leaves_of_arrays(found)
            values = values or [np.empty(call.length) for _ in found]
            for column, numbers_found in zip(values, found, strict=True):
                column[group] = numbers_found
            if gradient:
                whole = np.concatenate([whole, np.zeros(len(self.parameters) + 1 - len(whole))])
                whole[:-1] += trace.whole(grads, self._index) * (len(group) / call.length)
        all_of_them = Trace(None, list(self.parameters), trace.like, trace.estimate)
        return self._shaped(trace, values or []), all_of_them, whole if gradient else None

    @contextmanager
    def _values_up_to_date(self) -> Iterator[None]:
        if self._held is not None:
            set_data(self.parameters, self._held)
        yield


def _cut(x: Any, group: list[int]) -> Any:
    """The samples of a group, if it is samples."""
    return x[group] if isinstance(x, np.ndarray) else x


def leaves_of_arrays(nested: Any) -> list[Any]:
    """The arrays of a nested list or tuple."""
    if isinstance(nested, (list, tuple)):
        return [x for part in nested for x in leaves_of_arrays(part)]
    return [nested]
