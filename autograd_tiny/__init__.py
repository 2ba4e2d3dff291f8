"""Scalar reverse-mode automatic differentiation: numbers that remember where they came from.

>>> from autograd_tiny import Value
>>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
>>> L = (a * b + c).tanh()
>>> L.backward()
>>> a.grad, b.grad, c.grad
(-0.00402285204907769, 0.0026819013660517935, 0.0013409506830258967)
"""

from __future__ import annotations

from .compiler import compile as compile
from .compiler import select as select
from .core import Value as Value
from .core import engine as engine
from .debugging import debug as debug
from .differentiate import gradients as gradients
from .errors import AutogradError as AutogradError
from .errors import ComputedValueError as ComputedValueError
from .errors import NonFiniteError as NonFiniteError
from .errors import RecordingError as RecordingError
from .errors import StaleGraphError as StaleGraphError
from .functional import grad as grad
from .functional import hessian as hessian
from .functional import hvp as hvp
from .functional import jacobian as jacobian
from .functional import jvp as jvp
from .functional import value_and_grad as value_and_grad
from .functional import vjp as vjp
from .functions import *  # noqa: F403  one function a row of the table: exp, tanh, dot, maximum, …
from .ledger import Ledger as Ledger
from .ledger import explain as explain
from .modes import nonfinite as nonfinite
from .naming import name_locals as name_locals
from .nonfinite_search import find_nonfinite as find_nonfinite
from .plugins import register as register
from .plugins import unregister as unregister
from .sources import track_sources as track_sources
from .stepping import BackwardPass as BackwardPass
from .stepping import Step as Step
from .stepping import forward_steps as forward_steps
from .stepping import steps as steps

__version__ = "0.1.0"
