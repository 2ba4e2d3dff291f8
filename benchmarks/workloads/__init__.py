"""The workloads, in the order they run."""

from __future__ import annotations

from collections.abc import Sequence

from ..harness import Workload
from .adam_step import ADAM_STEP
from .chain import CHAIN
from .compile_time import COMPILE_TIME
from .compiled_gaps import COMPILED_GAPS
from .compiled_gpt import COMPILED_GPT
from .compiled_graphs import COMPILED_GRAPHS
from .compiled_nets import COMPILED_NETS
from .digits import DIGITS
from .gpt_step import GPT_STEP
from .growth import GROWTH
from .higher_order import HIGHER_ORDER
from .image_training import IMAGE_TRAINING
from .images import IMAGES
from .import_time import IMPORT
from .jobs import JOBS
from .long_loops import LONG_LOOPS
from .memory import MEMORY
from .micrograd_demo import MICROGRAD_DEMO
from .random_graph import RANDOM_GRAPH
from .resident import RESIDENT
from .second_order import SECOND_ORDER

WORKLOADS: Sequence[Workload] = (
    RANDOM_GRAPH,
    GPT_STEP,
    MICROGRAD_DEMO,
    IMAGES,
    IMAGE_TRAINING,
    DIGITS,
    ADAM_STEP,
    MEMORY,
    RESIDENT,
    GROWTH,
    CHAIN,
    IMPORT,
    *COMPILED_NETS,
    *COMPILED_GPT,
    *COMPILED_GAPS,
    *COMPILED_GRAPHS,
    COMPILE_TIME,
    *SECOND_ORDER,
    *HIGHER_ORDER,
    *JOBS,
    *LONG_LOOPS,
)
