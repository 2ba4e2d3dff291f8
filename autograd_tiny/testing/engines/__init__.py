"""`check_engine`: a whole engine in one call, every operation and what goes on between them.

>>> class Number:
...     def __init__(self, data, edges=()):
...         self.data, self.grad, self.edges = data, 0.0, edges
...     def __mul__(self, other):
...         return Number(self.data * other.data, [(self, other.data), (other, self.data)])
...     def backward(self, upstream=1.0):
...         self.grad += upstream
...         for parent, slope in self.edges:
...             parent.backward(upstream * slope)
>>> report = check_engine(Number, show=False)
>>> report.wrong, report["mul"].status, report["tanh"].status
([], 'right', 'absent')
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from typing import Any

from ...errors import article, shorten
from .adapter import Adapter as Adapter
from .behaviours import behaviours, seed
from .operations import operations
from .table import RIGHT
from .table import EngineError as EngineError
from .table import EngineReport as EngineReport
from .table import Row as Row


def check_engine(
    engine: Callable[[float], Any] | Adapter, functions: Any = None, tolerance: float | None = None, show: bool = True
) -> EngineReport:
    """A table of what is right, wrong, absent and composed of others in an engine, printed unless ``show`` is False.

    ``engine`` is a class of values in the manner of micrograd's (``Value(2.0)``, ``data``, ``grad``, ``backward()``),
    or an `Adapter`, which says how another kind is used. ``functions``, a module or dict, has operations that are no
    methods. A wrong operation has its smallest failing case, the derivative that is off and what it should be.
    ``tolerance`` is relative, and what a rule may lose to rounding: 1e-8 where the engine keeps its numbers in double
    precision, which is found out, else 1e-6, and 1e-3 has to be said where single precision loses that too.

    Nothing is raised for what is wrong: `EngineReport.raise_if_wrong` does that. Raises ``TypeError`` for what is no
    engine.
    """
    adapter = engine if isinstance(engine, Adapter) else _adapter(engine, functions)
    adapter.value(adapter.operand())  # says at once if it cannot be read
    report = EngineReport(adapter.name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # numpy's, of an engine at the edge of a domain
        first, scale = seed(adapter)
        if tolerance is None:
            tolerance = DOUBLE if _keeps_doubles(adapter) else SINGLE
        report.rows += operations(adapter, tolerance, scale)
        sums, products = (report[name].status == RIGHT for name in ("add", "mul"))
        report.rows.append(first)
        report.rows += behaviours(adapter, scale, tolerance, sums, products)
    if show:
        sys.stdout.write(f"{report}\n")
    return report


DOUBLE, SINGLE = 1e-8, 1e-6


def _keeps_doubles(adapter: Adapter) -> bool:
    """Whether a third comes out of the engine as it went in, and its square as that of a double."""
    third = 1.0 / 3.0
    try:
        if adapter.nodes and adapter.value(adapter.leaf(third)) != third:
            return False
        return abs(adapter.slopes(lambda x: x * x, [third])[0] - third * third) < 1e-15
    except Exception:  # it has no products, or none that are right: then only the number itself can be asked
        return adapter.nodes


def _adapter(engine: Any, functions: Any) -> Adapter:
    if not callable(engine):
        raise TypeError(
            f"check_engine got {shorten(engine)}, {article(type(engine).__name__)}: expected a class of values, "
            "such as micrograd's, or an Adapter"
        )
    leaf = engine(2.0)
    missing = [name for name in ("grad", "backward") if not hasattr(leaf, name)]
    if missing:
        raise TypeError(
            f"check_engine({getattr(engine, '__name__', engine)}): its values have no {' and no '.join(missing)}: "
            "say how it is used: check_engine(Adapter(make, backward=…, grad=…)), or Adapter(gradient=…)"
        )
    return Adapter(engine, functions=functions)
