"""A program among Values: then it is its function, so that it can be differentiated and be part of another.

`grad`, `jacobian`, `hessian`, `taylor` and the like call a function on Values, and so does whoever writes
``program(v)`` with a Value v. A function that is being recorded, or run by its own program, gives its graph to that
program. In both cases the answer is what the function gives, as Values.

>>> from autograd_tiny import Value, compile, grad
>>> w = Value(2.0)
>>> square = compile(lambda x: w * x * x)
>>> square(Value(3.0)).op, compile(lambda x: square(x) + x)(3.0), grad(grad(square))(3.0).data
('mul', 21.0, 4.0)
>>> [y.data for y in square([Value(1.0), 3.0], batch=True)]
[2.0, 18.0]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core import Value, leaves_below
from ..derivatives.differentiate import gradients
from ..derivatives.functions import call as apply_row
from ..errors import RecordingError
from ..modes.recording import users_line, within_program
from ..table.ops import TABLE
from .record.samples import Samples, is_samples, sample_of
from .record.structures import is_record, leaves, refilled, stays

Function = Callable[..., Any]


def on_values(
    function: Function, arguments: tuple[Any, ...], named: dict[str, Any], batch: bool,
    shared: frozenset[int | str] = frozenset(),
) -> Any:  # fmt: skip
    """What ``function`` gives for Values and numbers; of a batch in arrays of Values, one for each sample."""
    if not batch:
        return function(*arguments, **named)
    places = enumerate(zip((*range(len(arguments)), *named), (*arguments, *named.values()), strict=True))
    given = [x if name in shared else _samples(x, i) for i, (name, x) in places]
    kept = [name in shared for name in (*range(len(arguments)), *named)]
    lengths = {_length(x) for x, same in zip(given, kept, strict=True) if is_samples(x) and not same}
    if len(lengths) != 1:
        raise ValueError(
            f"batch=True: the arguments have {' and '.join(map(str, sorted(lengths))) or 'no'} samples: expected as "
            "many in each, along its first axis"
        )
    results = []
    for i in range(lengths.pop()):
        sample = [x if same else sample_of(x, i) for x, same in zip(given, kept, strict=True)]
        count = len(arguments)
        results.append(function(*sample[:count], **dict(zip(named, sample[count:], strict=True))))
    columns = [_column(column) for column in zip(*map(leaves, results), strict=True)]
    return refilled(results[0], iter(columns), _array)


def value_and_gradients(
    function: Function, parameters: Sequence[Value], arguments: tuple[Any, ...], named: dict[str, Any]
) -> tuple[Any, list[Any]]:
    """The value, a Value, and its derivatives by the parameters as graphs; new parameters come after those known."""
    value = function(*arguments, **named)
    return value, _by_parameters(value, value, parameters, leaves([*arguments, named]))


def values_and_gradients(
    function: Function, parameters: Sequence[Value], arguments: tuple[Any, ...], named: dict[str, Any],
    shared: frozenset[int | str],
) -> tuple[Any, list[Any]]:  # fmt: skip
    """The same for a batch: an array of Values, one for each sample, and the derivatives of their mean."""
    values = on_values(function, arguments, named, True, shared)
    one = isinstance(values, np.ndarray) and values.ndim == 1
    mean = apply_row(TABLE["sum"], (values.tolist(),), {}) / len(values) if one else values
    return values, _by_parameters(mean, values, parameters, leaves([*arguments, named]))


def _by_parameters(root: Any, value: Any, parameters: Sequence[Value], arguments: Sequence[Any]) -> list[Any]:
    if not isinstance(root, Value):
        raise TypeError(
            f"value_and_grad on Values got {value!r} from the function: expected one Value; sum what it gives, or take "
            "vjp(program, …), which takes a weight for each output"
        )
    given = set(leaves_below([x for x in arguments if isinstance(x, Value)]))
    wanted = [*parameters, *(x for x in leaves_below([root]) if x not in given and x not in {*parameters})]
    return list(gradients(root, wanted, create_graph=True))


def no_leaves(name: str) -> TypeError:
    """The error for derivatives by the parameters of a function that has none."""
    return TypeError(
        f"{name}.value_and_grad gives derivatives by the leaves that the function reaches, as the weights of a model, "
        f"and it reaches none. For derivatives by its arguments write compile(value_and_grad({name})) or "
        f"compile({name}).jacobian(…)"
    )


def only_numbers(name: str, asked: str) -> Exception:
    """The error for numbers that are asked for where Values are wanted."""
    problem = (
        f"{name}.{asked} gives numbers, which the function around it, that is differentiated or compiled at the "
        f"moment, would not depend on: write {name}(…) or {name}.value_and_grad(…), which give Values there"
    )
    return RecordingError(f"{users_line()}\n  {problem}") if within_program() else TypeError(problem)


def _samples(x: Any, place: int) -> Any:
    """An argument with its samples along the first axis, of numbers or Values; what no sample has stays."""
    if stays(x):
        return x
    if isinstance(x, dict) or is_record(x):
        return Samples(x, place, objects=True)
    array = x if isinstance(x, np.ndarray) else np.asarray(x, dtype=object)
    if array.ndim == 0 or not len(array):
        raise TypeError(f"batch=True: argument {place} is {x!r}: expected samples along its first axis")
    return array


def _length(x: Any) -> int:
    return x.length or 0 if isinstance(x, Samples) else len(x)


def _column(numbers: Sequence[Any]) -> Any:
    made = np.empty(len(numbers), object)
    made[:] = numbers
    return made


def _array(like: Any, columns: list[Any]) -> Any:
    """An array of samples in the place of each element: the samples lie along the last axis, as in numbers."""
    return np.stack(columns).reshape(*like.shape, -1) if columns else np.empty((*like.shape, 0), object)
