"""`Optimizer`: what all optimisers have in common, so that each is its rule and its options.

An optimiser is a rule for one parameter: from its number, its gradient and what was kept of its past to the next
of each. The rule is written once, in plain arithmetic over a namespace ``xp`` as the primitives' rules are, and runs
on floats parameter by parameter or, for a large model where numpy is installed, on all of them as arrays. Both give
the same bits.

>>> from autograd_tiny import Value
>>> class SignDescent(Optimizer):
...     def _keeps(self, options):
...         return []
...     def _rule(self, xp, step):
...         return lambda x, g: (x - self.lr * (xp.greater(g, 0.0) - xp.less(g, 0.0)),)
>>> w = Value(1.0)
>>> (w * w).backward(); SignDescent([w], lr=0.25).step(); w.data
0.75
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import isfinite
from typing import Any, ClassVar

from autograd_tiny import NonFiniteError, Value
from autograd_tiny.core import data_of, gradients_of, set_data, set_gradients, zero_gradients
from autograd_tiny.errors import number_words, shorten
from autograd_tiny.table.namespaces import FLOATS, Namespace

from .. import settings

Rule = Callable[..., tuple[Any, ...]]
"""``rule(x, g, *kept) -> (x, *kept)``."""

ARRAYS_FROM = 500
"""As many parameters make arrays worth while: numpy takes 100 ms to import, and a step on 500 floats 0.15 ms."""


class Optimizer:
    """What every optimiser does: hold parameters and options, step by its rule, save and load.

    A subclass lists its ``OPTIONS`` with their checks, says what it keeps of each parameter's past, and gives its rule.
    """

    OPTIONS: ClassVar[dict[str, settings.Check]] = {}

    def __init__(self, parameters: Iterable[Value], lr: float, **options: Any) -> None:
        self.kind = type(self).__name__
        self.parameters = settings.leaves(self.kind, parameters)
        self._lr = settings.learning_rate(f"{self.kind}(lr)", lr)
        vars(self).update(self._checked(f"{self.kind}(%s)", options))
        self.steps = 0
        self._kept: dict[str, Any] = {key: [0.0] * len(self.parameters) for key in self._keeps(options)}

    @property
    def lr(self) -> float:
        """The learning rate; set it at any time, as a schedule does."""
        return self._lr

    @lr.setter
    def lr(self, rate: float) -> None:
        self._lr = settings.later_rate(f"{self.kind}.lr", rate)

    def _checked(self, place: str, options: dict[str, Any]) -> dict[str, Any]:
        """The options, each checked; ``place`` is where the caller wrote them."""
        return {key: check(place % key, options[key]) for key, check in self.OPTIONS.items()}

    def _keeps(self, options: dict[str, Any]) -> list[str]:
        """The names of the numbers kept of each parameter's past, in the order of the rule's arguments."""
        raise NotImplementedError

    def _rule(self, xp: Namespace, step: int) -> Rule:
        """The update of one parameter at this step, counted from 1."""
        raise NotImplementedError

    def zero_grad(self) -> None:
        """Set every gradient to 0."""
        zero_gradients(self.parameters)

    def step(self) -> None:
        """Move every parameter by its gradient.

        All or none: `NonFiniteError` names the parameter whose gradient or next number is not finite and changes
        nothing, and neither does an interruption (Ctrl-C) in the middle.
        """
        numpy = _numpy(len(self.parameters))
        data, gradients = data_of(self.parameters), gradients_of(self.parameters)
        if numpy is None:
            rows = map(self._rule(FLOATS, self.steps + 1), data, gradients, *map(_listed, self._kept.values()))
            columns = list(map(list, zip(*rows, strict=True)))
        else:
            columns = self._arrays(numpy, numpy.frombuffer(data), numpy.frombuffer(gradients))
        self._take(columns, lambda: set_data(self.parameters, columns[0]))

    def step_arrays(self, weights: Any, gradients: Any) -> None:
        """The same step where the parameters are numbers in the array ``weights``, which is changed in place."""
        import numpy

        columns = self._arrays(numpy, weights, gradients)
        if not isfinite(sum(map(_sum, columns))):  # the Values are given the numbers for the error to name
            set_data(self.parameters, weights)
            set_gradients(self.parameters, gradients)
        self._take(columns, lambda: numpy.copyto(weights, columns[0]))

    def _arrays(self, numpy: Any, data: Any, gradients: Any) -> list[Any]:
        """The columns after this step: of the parameters' numbers, and of all that is kept."""
        from autograd_tiny.table.namespaces.arrays import ARRAYS

        with numpy.errstate(all="ignore"):  # what overflows is found in the results, and told with its name
            rule = self._rule(ARRAYS, self.steps + 1)
            return list(rule(data, gradients, *map(numpy.asarray, self._kept.values())))

    def _take(self, columns: list[Any], move: Callable[[], None]) -> None:
        """Make the next columns the present ones, all or none; ``move`` gives the parameters theirs."""
        if not isfinite(sum(map(_sum, columns))):  # so is a sum with one such summand; or it overflowed itself
            self._refuse_nonfinite(columns)
        before = self._kept, self.steps
        try:
            self._kept, self.steps = dict(zip(self._kept, columns[1:], strict=True)), self.steps + 1
            move()
        except BaseException:
            self._kept, self.steps = before
            raise

    def _refuse_nonfinite(self, columns: Sequence[Sequence[float]]) -> None:
        """Raise for the first parameter with a gradient, or else a next number, that is not finite."""
        end = "no parameter was changed"
        for i, parameter in enumerate(self.parameters):
            if not isfinite(parameter.grad):
                what = f"the gradient of {settings.name(self.parameters, i)} is {number_words(parameter.grad)}"
                raise NonFiniteError(f"{self.kind}.step: {what}: {end}; look for the cause in the loss")
        for i, parameter in enumerate(self.parameters):
            for key, column in zip(("number", *self._kept), columns, strict=True):
                if not isfinite(column[i]):
                    what = f"the next {key} of {settings.name(self.parameters, i)} would be {number_words(column[i])}"
                    came = f"{parameter.data!r} with gradient {parameter.grad!r} and lr {self.lr!r}"
                    advice = "lower the learning rate, or clip the gradients"
                    raise NonFiniteError(f"{self.kind}.step: {what}, after {came}: {end}; {advice}")

    def state_dict(self) -> dict[str, Any]:
        """All that the next steps depend on besides the parameters, as numbers and lists that JSON can hold."""
        options = {key: getattr(self, key) for key in self.OPTIONS}
        return {
            "kind": self.kind,
            "lr": self.lr,
            **{key: list(option) if isinstance(option, tuple) else option for key, option in options.items()},
            "steps": self.steps,
            "parameters": len(self.parameters),
            "kept": {key: list(_listed(column)) for key, column in self._kept.items()},
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from what `state_dict` gave, to the last bit. An error changes nothing."""
        place = f"{self.kind}.load_state_dict"
        settings.check_state(place, state, self.kind, list(self.state_dict()))
        options = self._checked(f"{place}(%s)", state)
        rate = settings.later_rate(f"{place}(lr)", state["lr"])
        steps = settings.count(f"{place}(steps)", state["steps"])
        if state["parameters"] != len(self.parameters):
            raise ValueError(
                f"{place} got a state of {state['parameters']!r} parameters: expected {len(self.parameters)}"
            )
        keys = self._keeps(options)
        given = state["kept"]
        if not isinstance(given, dict) or sorted(given) != sorted(keys):
            got = list(given) if isinstance(given, dict) else given
            raise ValueError(f"{place}(kept) got {shorten(got)}: expected lists named {keys}")
        kept = {key: settings.finite_list(f"{place}({key})", given[key], len(self.parameters)) for key in keys}
        vars(self).update(options)
        self._lr, self.steps, self._kept = rate, steps, kept


def _numpy(size: int) -> Any:
    """numpy, if it is installed and there are enough parameters for it; else None."""
    if size < ARRAYS_FROM:
        return None
    try:
        import numpy
    except ImportError:
        return None
    return numpy


def _listed(column: Any) -> list[float]:
    return column if isinstance(column, list) else column.tolist()


def _sum(column: Any) -> float:
    return sum(column) if isinstance(column, list) else column.sum()
