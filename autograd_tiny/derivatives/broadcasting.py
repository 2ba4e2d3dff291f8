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
from typing import Any

from ..core import Value
from ..errors import article, shorten
from .structure import is_array


def concerns(operands: Sequence[Any]) -> bool:
    """Whether an array with Values in it is among the operands, or one of numbers beside a Value."""
    if "numpy" not in sys.modules:
        return False
    arrays = [x for x in operands if is_array(x)]
    return bool(arrays) and (any(x.dtype == object for x in arrays) or any(type(x) is Value for x in operands))


def each(f: Callable[..., Any], operands: Sequence[Any]) -> Any:
    """``f`` of the elements of the operands, broadcast; an array of floats if it gave nothing but floats."""
    import numpy as np

    given = [_as_objects(x) for x in operands]
    shape = np.broadcast_shapes(*(x.shape for x in given))
    columns = [np.broadcast_to(x, shape).reshape(-1).tolist() for x in given]
    found = [f(*xs) for xs in zip(*columns, strict=True)]
    made = np.empty(len(found), float if found and all(isinstance(x, float) for x in found) else object)
    made[:] = found
    return made.reshape(shape)


def _as_objects(x: Any) -> Any:
    import numpy as np

    if is_array(x):
        return x
    made = np.empty((), object)  # np.asarray would look into a structure
    made[()] = x
    return made


def along(f: Callable[[list[Any]], Any], xs: Any, axis: Any) -> Any:
    """``f`` of all elements of an array, or of those along one axis: an array of the others' shape."""
    import numpy as np

    if axis is None:
        return f(xs.reshape(-1).tolist())
    if isinstance(axis, bool) or not isinstance(axis, (int, np.integer)) or not -xs.ndim <= axis < xs.ndim:
        raise ValueError(
            f"axis={shorten(axis)}, {article(type(axis).__name__)}: expected None for all elements, or a whole number "
            f"from {-xs.ndim} to {xs.ndim - 1} for an array of {xs.ndim} dimensions"
        )
    rows = np.moveaxis(xs, axis, -1)
    found = [f(row.tolist()) for row in rows.reshape(-1, rows.shape[-1])]
    if rows.ndim == 1:
        return found[0]
    made = np.empty(len(found), float if found and all(isinstance(x, float) for x in found) else object)
    made[:] = found
    return made.reshape(rows.shape[:-1])
