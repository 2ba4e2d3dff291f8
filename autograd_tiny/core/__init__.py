"""The engine that runs: compiled where it was built, plain Python elsewhere or on request.

``AUTOGRAD_TINY_ENGINE=python`` (or ``compiled``) decides; without it the compiled engine is taken if it is there.
Everything above this module imports `Value` from here and runs on either.

>>> Value(2.0).tanh().op, engine in ("compiled", "python")
('tanh', True)
"""

from __future__ import annotations

import os
import sys

from ..errors import EngineNotBuilt

_asked = os.environ.get("AUTOGRAD_TINY_ENGINE", "")
if _asked not in ("", "python", "compiled"):
    raise ImportError(f'AUTOGRAD_TINY_ENGINE is {_asked!r}: expected "python" or "compiled", or leave it unset')

engine = "python"
"""Which engine runs: "compiled" or "python"."""

if _asked != "python":
    try:
        from ._engine import Repeat as Repeat
        from ._engine import Replay as Replay
        from ._engine import Value as Value
        from ._engine import apply as apply
        from ._engine import begin_push as begin_push
        from ._engine import constant as constant
        from ._engine import curvature_numbers as curvature_numbers
        from ._engine import data_of as data_of
        from ._engine import end_push as end_push
        from ._engine import equip as equip
        from ._engine import gradient_graphs as gradient_graphs
        from ._engine import gradient_numbers as gradient_numbers
        from ._engine import gradients_of as gradients_of
        from ._engine import leaves_below as leaves_below
        from ._engine import make_node as make_node
        from ._engine import primitives_of as primitives_of
        from ._engine import push_graphs as push_graphs
        from ._engine import push_numbers as push_numbers
        from ._engine import pushed as pushed
        from ._engine import set_constant as set_constant
        from ._engine import set_data as set_data
        from ._engine import set_gradients as set_gradients
        from ._engine import tape as tape
        from ._engine import topological_order as topological_order
        from ._engine import unequip as unequip
        from ._engine import variadic as variadic
        from ._engine import zero_gradients as zero_gradients

        engine = "compiled"
    except ModuleNotFoundError as error:
        if error.name != f"{__package__}._engine":
            raise
        if _asked:
            raise EngineNotBuilt from error

if engine == "python":
    from .backward import begin_push as begin_push
    from .backward import curvature_numbers as curvature_numbers
    from .backward import end_push as end_push
    from .backward import gradient_graphs as gradient_graphs
    from .backward import gradient_numbers as gradient_numbers
    from .backward import leaves_below as leaves_below
    from .backward import push_graphs as push_graphs
    from .backward import push_numbers as push_numbers
    from .backward import pushed as pushed
    from .backward import topological_order as topological_order
    from .columns import data_of as data_of
    from .columns import gradients_of as gradients_of
    from .columns import primitives_of as primitives_of
    from .columns import set_data as set_data
    from .columns import set_gradients as set_gradients
    from .columns import zero_gradients as zero_gradients
    from .repeats import Repeat as Repeat
    from .replay import Replay as Replay
    from .tapes import tape as tape
    from .value import Value as Value
    from .value import apply as apply
    from .value import constant as constant
    from .value import equip as equip
    from .value import make_node as make_node
    from .value import set_constant as set_constant
    from .value import unequip as unequip
    from .value import variadic as variadic

    if sys.platform == "emscripten":
        from .freeing import free_by_list

        free_by_list(Value)
