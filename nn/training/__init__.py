"""`fit` and what it is made of: the plan of a run, the run, its history, its checkpoints."""

from __future__ import annotations

from .checkpoints import CheckpointError as CheckpointError
from .fit import fit as fit
from .history import Epoch as Epoch
from .history import History as History
