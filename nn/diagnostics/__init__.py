"""What is the matter with a network: dead and saturated units, vanishing and exploding gradients.

`units` finds the units in the graph, `health` measures them, `findings` says what is wrong and what to do. Stands on
``losses/`` and ``training/``.
"""

from __future__ import annotations

from .findings import Health as Health
from .findings import LayerHealth as LayerHealth
from .health import HealthCheck as HealthCheck
from .health import health as health
