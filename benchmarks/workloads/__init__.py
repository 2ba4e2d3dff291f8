"""The workloads, in the order they run."""

from __future__ import annotations

from collections.abc import Sequence

from ..harness import Workload
from .chain import CHAIN
from .import_time import IMPORT
from .memory import MEMORY
from .random_graph import RANDOM_GRAPH

WORKLOADS: Sequence[Workload] = (RANDOM_GRAPH, MEMORY, IMPORT, CHAIN)
