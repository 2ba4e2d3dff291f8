"""A primitive on arrays that hold Values: element by element, broadcast as numpy does, or along an axis.

Arrays of plain numbers have a way of their own, a namespace; here each element is an operation, and so a node.

>>> import numpy as np
>>> from autograd_tiny import Value, exp, maximum, sum
>>> x = np.array([[Value(0.0), Value(1.0)], [Value(2.0), Value(3.0)]])
>>> exp(x).shape, maximum(x, 1.5)[1, 0].data, sum(x).data, [total.data for total in sum(x, axis=0)]
((2, 2), 2.0, 6.0, [2.0, 4.0])
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from ..core import Value
from ..errors import article, shorten
from .structure import flatten, is_array


def concerns(operands: Sequence[Any]) -> bool:
    """Whether an array with Values in it is among the operands, or one of numbers beside a Value."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not any(isinstance(x, numpy.ndarray) for x in operands):
        return False
    arrays = [x for x in operands if is_array(x)]
    return bool(arrays) and (any(x.dtype == object for x in arrays) or any(type(x) is Value for x in operands))


def each(f: Callable[..., Any], operands: Sequence[Any]) -> Any:
    """``f`` of the elements of the operands, broadcast; an array of floats if it gave nothing but floats."""
    import numpy as np

    given = [_as_objects(x) for x in operands]
    shape = np.broadcast_shapes(*(x.shape for x in given))
    columns = [np.broadcast_to(x, shape).reshape(-1).tolist() for x in given]
    return _filled([f(*xs) for xs in zip(*columns, strict=True)]).reshape(shape)


def _as_objects(x: Any) -> Any:
    import numpy as np

    if is_array(x):
        return x
    made = np.empty((), object)  # np.asarray would look into a structure
    made[()] = x
    return made


def nested(xs: Any) -> bool:
    """Whether a list holds lists: rows, which are to be an array."""
    return isinstance(xs, (list, tuple)) and len(xs) > 0 and isinstance(xs[0], (list, tuple))


def as_array(xs: Any, name: str) -> Any:
    """An array as it is; the rows of a list as one, of objects where Values are in it."""
    if is_array(xs):
        return xs
    import numpy as np

    scalars = flatten(xs)
    made = np.empty(len(scalars), float if all(isinstance(x, float) for x in scalars) else object)
    made[:] = scalars
    lengths = _lengths(xs)
    if not all(_lengths(row) == lengths[1:] for row in xs) or made.size != np.prod(lengths):
        raise ValueError(f"{name} got rows of several lengths, {shorten(xs)}: expected as many numbers in each")
    return made.reshape(lengths)


def _lengths(xs: Any) -> tuple[int, ...]:
    return (len(xs), *_lengths(xs[0])) if isinstance(xs, (list, tuple)) and xs else ()


def along(f: Callable[[list[Any]], Any], xs: Any, axis: Any, keepdims: bool = False) -> Any:
    """``f`` of all elements of an array, or of those along some axes: an array of the others' shape.

    With ``keepdims`` these axes stay, with one element each.
    """
    import numpy as np

    axes = tuple(range(xs.ndim)) if axis is None else _axes(axis, xs.ndim)
    others = [i for i in range(xs.ndim) if i not in axes]
    rows = xs.transpose(*others, *axes).reshape(*(xs.shape[i] for i in others), -1)
    if len(others) == 0:
        found = f(rows.tolist())
        return _filled([found]).reshape((1,) * xs.ndim) if keepdims else found
    made = _filled([f(row.tolist()) for row in rows.reshape(-1, rows.shape[-1])]).reshape(rows.shape[:-1])
    return np.expand_dims(made, axes) if keepdims else made


def along_kept(f: Callable[[list[Any]], list[Any]], xs: Any, axis: Any) -> Any:
    """``f`` of all elements of an array, or of those along one axis, where it gives as many as it takes: as ``xs``."""
    import numpy as np

    if axis is None:
        return _filled(f(xs.reshape(-1).tolist())).reshape(xs.shape)
    [place] = _axes(axis, xs.ndim) if not isinstance(axis, tuple) else _refuse_axis(axis, xs.ndim)
    rows = np.moveaxis(xs, place, -1)
    found = [x for row in rows.reshape(-1, rows.shape[-1]) for x in f(row.tolist())]
    return np.moveaxis(_filled(found).reshape(rows.shape), -1, place)


def _filled(found: list[Any]) -> Any:
    import numpy as np

    made = np.empty(len(found), float if found and all(isinstance(x, float) for x in found) else object)
    made[:] = found
    return made


def _axes(axis: Any, dimensions: int) -> tuple[int, ...]:
    """One axis or several, counted from the front."""
    import numpy as np

    given = axis if isinstance(axis, tuple) else (axis,)
    for i in given:
        if isinstance(i, bool) or not isinstance(i, (int, np.integer)) or not -dimensions <= i < dimensions:
            _refuse_axis(axis, dimensions)
    found = tuple(int(i) % dimensions for i in given)
    return found if len({*found}) == len(found) else _refuse_axis(axis, dimensions)


def _refuse_axis(axis: Any, dimensions: int) -> NoReturn:
    raise ValueError(
        f"axis={shorten(axis)}, {article(type(axis).__name__)}: expected None for all elements, or a whole number "
        f"from {-dimensions} to {dimensions - 1} for an array of {dimensions} dimensions"
    )
