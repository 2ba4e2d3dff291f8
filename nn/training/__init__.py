"""`fit` and what it is made of: the plan of a run, the run, its history, its checkpoints.

`fit` makes a `plan` of what was asked, and `run` follows it, over `batches`, `eager` or `compiled`, or over `chunks` of
data by `engines`; `callbacks`, `stopping` and `divergence` may end it, `progress` and `history` say how it went,
`checkpoints` keep it for `resuming`. Stands on ``losses/``, ``optim/`` and ``files/``.
"""

from __future__ import annotations

from .checkpoints import CheckpointError as CheckpointError
from .fit import fit as fit
from .history import Epoch as Epoch
from .history import History as History
