"""What a program knows of the derivatives by its inputs: `jacobian`, `hessian` and `vjp`, as its methods.

>>> from autograd_tiny import compile
>>> program = compile(lambda v: v[0] ** 2 * v[1])
>>> program.jacobian([1.0, 2.0]), program.hessian([1.0, 2.0]), program.vjp([1.0, 2.0])[1](1.0)
([4.0, 1.0], [[4.0, 2.0], [2.0, 0.0]], ([4.0, 1.0],))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..derivatives.functional import vjp
from .composing import on_values
from .differentiating import Derivative
from .record.inputs import HasValues
from .run.ready import ReadyCalls
from .weighing import differentiable, has_values, weighted, weights

if TYPE_CHECKING:
    from .program import Program


class Arguments(NamedTuple):
    """What a program is called with."""

    positional: tuple[Any, ...]
    named: dict[str, Any]
    batch: bool


class ByInputs:
    """What `Program` has of this."""

    def jacobian(  # type: ignore[misc]
        self: Program,
        *arguments: Any,
        argnums: int | Sequence[int] = 0,
        batch: bool = False,
        sparse: bool = False,
        **named: Any,
    ) -> Any:
        """The derivative of every output by every number of the arguments ``argnums``, as `jacobian` gives it.

        One compiled call, by forward or reverse mode, whichever is less work; what is 0 for every input is not
        computed. With ``batch`` each entry becomes an array with one number for each sample, so that in arrays samples
        lie along the last axis. With ``sparse`` a `Sparse` with the entries that are not 0 for every input.
        """
        return self._derivative("jacobian", argnums, Arguments(arguments, named, batch), sparse)

    def hessian(  # type: ignore[misc]
        self: Program,
        *arguments: Any,
        argnums: int | Sequence[int] = 0,
        batch: bool = False,
        sparse: bool = False,
        **named: Any,
    ) -> Any:
        """The second derivatives of the only output, as `hessian` gives them; otherwise as `jacobian`."""
        return self._derivative("hessian", argnums, Arguments(arguments, named, batch), sparse)

    def _derivative(self: Program, kind: str, argnums: int | Sequence[int], given: Arguments, sparse: bool) -> Any:  # type: ignore[misc]
        key = (kind, argnums if type(argnums) is int or not isinstance(argnums, Iterable) else tuple(argnums))
        derivative = self._derivatives.get(key)
        if derivative is None:
            with self._lock:
                derivative = self._derivatives.setdefault(key, Derivative(self, *key))
        if not self._is_function():
            derivative.recordings.watches = self._recordings.watches
            if not sparse and (found := derivative.ready(*given, False)) is not None:
                return found[0]
            with self._lock:
                try:
                    return derivative(given.positional, self._read(*given), sparse)
                except HasValues:
                    self._known.settle()
        if sparse:
            raise TypeError(f"{kind}(sparse=True) got Values: expected numbers; leave sparse= out for Values")
        return on_values(derivative.eager, *given, self._shared)

    def vjp(  # type: ignore[misc]
        self: Program, *arguments: Any, batch: bool = False, **named: Any
    ) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
        """The value, and its pullback as `vjp` gives it: from a weight for each output, in the structure of the value,
        to the gradient by each positional argument (None by a text or what else has none).

        In a batch a weight is a number or an array with one for each sample, and the gradients are those of each
        sample, along the last axis. Those by the parameters are ``value_and_grad(…, seed=…)``.
        """
        on_those = lambda *given: on_values(self.function, given, named, batch, self._shared)
        if self._is_function():
            return vjp(on_those, *arguments)
        value = self(*arguments, batch=batch, **named)
        if has_values(value):
            return vjp(on_those, *arguments)
        places = differentiable(arguments)

        def pullback(seed: Any) -> tuple[Any, ...]:
            numbers = weights(seed, value, batch)
            argnums = tuple(1 + i for i in places)
            found = iter(self._weighted().jacobian(numbers, *arguments, argnums=argnums, batch=batch, **named))
            return tuple(next(found) if i in places else None for i in range(len(arguments)))

        return value, pullback

    def _weighted(self: Program) -> Program:  # type: ignore[misc]
        """The program of the weighted sum of all outputs, on the same parameters."""
        with self._lock:
            total = self._total
            if total is None:
                total = self._total = self._beside(weighted(self.function))
                total._shared = frozenset(i + 1 if isinstance(i, int) else i for i in self._shared)
            total.watches = self.watches
            return total

    def _beside(self: Program, function: Callable[..., Any]) -> Program:  # type: ignore[misc]
        """The program of another function, compiled as this one is, on the same parameters."""
        made = type(self)(
            function, scalars=self.scalars, cache_size=self.cache_size, backend=self.backend, dtype=self.dtype,
            threads=self.threads,
        )  # fmt: skip
        made._shared = self._shared
        made._known, made.parameters = self._known, self.parameters
        made._ready = ReadyCalls(made._recordings, made._known)
        return made
