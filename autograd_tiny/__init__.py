"""Scalar reverse-mode automatic differentiation: numbers that remember where they came from.

>>> from autograd_tiny import Value
>>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
>>> L = (a * b + c).tanh()
>>> L.backward()
>>> a.grad, b.grad, c.grad
(-0.00402285204907769, 0.0026819013660517935, 0.0013409506830258967)

A tour: `table/ops.py` has one row for each operation, `core/value.py` the node that an operation leaves, and
`core/backward.py` the walk back over them; read these three first. All else is an interpreter of the table: each
folder's ``__init__`` says what lives there, and CONTRIBUTING.md draws the house.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from . import _old_names
from .compiler import compile as compile
from .compiler import load_program as load_program
from .compiler import select as select
from .core import Value as Value
from .core import engine as engine
from .derivatives.functions import *  # noqa: F403  one function a row of the table: exp, tanh, dot, maximum, …
from .errors import AutogradError as AutogradError
from .errors import ComputedValueError as ComputedValueError
from .errors import NonFiniteError as NonFiniteError
from .errors import RecordingError as RecordingError
from .errors import StaleGraphError as StaleGraphError
from .modes.infinities import nonfinite as nonfinite
from .modes.sources import track_sources as track_sources

if TYPE_CHECKING:
    from autograd_tiny_cli.debugging import debug as debug

    from .derivatives import linalg as linalg
    from .derivatives import special as special
    from .derivatives.composed import cumsum as cumsum
    from .derivatives.composed import interp as interp
    from .derivatives.composed import log_softmax as log_softmax
    from .derivatives.composed import mean as mean
    from .derivatives.composed import prod as prod
    from .derivatives.composed import std as std
    from .derivatives.composed import stop_gradient as stop_gradient
    from .derivatives.composed import var as var
    from .derivatives.custom import custom_gradient as custom_gradient
    from .derivatives.differentiate import gradients as gradients
    from .derivatives.functional import grad as grad
    from .derivatives.functional import hessian as hessian
    from .derivatives.functional import hvp as hvp
    from .derivatives.functional import jacobian as jacobian
    from .derivatives.functional import jvp as jvp
    from .derivatives.functional import value_and_grad as value_and_grad
    from .derivatives.functional import vjp as vjp
    from .derivatives.implicit import implicit as implicit
    from .derivatives.loops import cond as cond
    from .derivatives.loops import scan as scan
    from .derivatives.loops import switch as switch
    from .derivatives.loops import while_loop as while_loop
    from .derivatives.plugins import register as register
    from .derivatives.plugins import unregister as unregister
    from .derivatives.taylor import taylor as taylor
    from .explaining.ledger import Ledger as Ledger
    from .explaining.ledger import explain as explain
    from .explaining.naming import name_locals as name_locals
    from .explaining.nonfinite_search import find_nonfinite as find_nonfinite
    from .explaining.stepping import BackwardPass as BackwardPass
    from .explaining.stepping import Step as Step
    from .explaining.stepping import forward_steps as forward_steps
    from .explaining.stepping import steps as steps

__version__ = "0.1.0"

_WHEN_ASKED_FOR = {
    ".derivatives": "linalg special",  # modules
    ".derivatives.composed": "cumsum interp log_softmax mean prod std stop_gradient var",
    ".derivatives.custom": "custom_gradient",
    ".derivatives.differentiate": "gradients",
    ".derivatives.functional": "grad hessian hvp jacobian jvp value_and_grad vjp",
    ".derivatives.implicit": "implicit",
    ".derivatives.loops": "cond scan switch while_loop",
    ".derivatives.plugins": "register unregister",
    ".derivatives.taylor": "taylor",
    ".explaining.ledger": "Ledger explain",
    ".explaining.naming": "name_locals",
    ".explaining.nonfinite_search": "find_nonfinite",
    ".explaining.stepping": "BackwardPass Step forward_steps steps",
    "autograd_tiny_cli.debugging": "debug",  # above all that this package holds
}
"""Module -> the names that are taken from it when they are first asked for: importing the package is quick. Type
checkers read the same in the imports above."""
_PLACES = {name: module for module, names in _WHEN_ASKED_FOR.items() for name in names.split()}

_OURS = {name for name, thing in globals().items() if getattr(thing, "__module__", "").startswith(__name__)}
__all__ = sorted({"engine", *_OURS, *_PLACES} - {"round"})
"""Without `round`, which Python's own calls: that has a number of decimals, and gives an int of a number."""

_old_names.install()

if "hypothesis" in sys.modules:  # it has looked for types already, when there was nothing to import for their sake
    from _autograd_tiny_plugins import register_types as _register_types

    _register_types()


def __getattr__(name: str) -> Any:
    """A name that is taken when it is first asked for; and modules by the names they had."""
    from importlib import import_module

    if name in _PLACES:
        if _PLACES[name] == ".derivatives":
            import_module(f".derivatives.{name}", __name__)
        globals()[name] = found = getattr(import_module(_PLACES[name], __name__), name)
        return found
    if name in _old_names.MOVED:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
