"""What is the matter with a network: dead and saturated units, vanishing and exploding gradients."""

from __future__ import annotations

from .findings import Health as Health
from .findings import LayerHealth as LayerHealth
from .health import HealthCheck as HealthCheck
from .health import health as health
