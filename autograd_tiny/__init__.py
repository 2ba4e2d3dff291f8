"""Scalar reverse-mode automatic differentiation: numbers that remember where they came from.

>>> from autograd_tiny import Value
>>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
>>> L = (a * b + c).tanh()
>>> L.backward()
>>> a.grad, b.grad, c.grad
(-0.004022828817180206, 0.002681885878120137, 0.0013409429390600686)
"""

from __future__ import annotations

from .backward import gradients as gradients
from .errors import AutogradError as AutogradError
from .errors import ComputedValueError as ComputedValueError
from .errors import NonFiniteError as NonFiniteError
from .errors import StaleGraphError as StaleGraphError
from .functions import *  # noqa: F403  one function a row of the table: exp, tanh, dot, maximum, …
from .modes import nonfinite as nonfinite
from .sources import track_sources as track_sources
from .value import Value as Value

__version__ = "0.1.0"
engine = "python"
"""Which engine runs: "compiled" or "python"."""
