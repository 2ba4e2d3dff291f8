"""The compiled engine, for type checkers: what it offers is what the plain one does."""

from collections.abc import Sequence
from typing import Any

from .backward import backward as backward
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

class Reader:
    def __init__(self, values: Sequence[Value], numbers: Any) -> None: ...
    def __call__(self) -> None: ...

class Again:
    def __init__(self, replay: Replay, parameters: Any, sample: Any, found: Any) -> None: ...
    def __call__(self, gradient: bool) -> bool: ...
