"""Optimisers, clipping and schedules, under PyTorch's names and with PyTorch's numbers.

`optimizer` is what all have in common; `sgd` and `adaptive` are the rules, `schedules` change their rate, `clipping`
bounds the gradients before a step.
"""

from __future__ import annotations

from .adaptive import Adam as Adam
from .adaptive import AdamW as AdamW
from .adaptive import RMSProp as RMSProp
from .clipping import clip_gradient_norm as clip_gradient_norm
from .clipping import clip_gradient_value as clip_gradient_value
from .optimizer import Optimizer as Optimizer
from .schedules import CosineSchedule as CosineSchedule
from .schedules import ExponentialSchedule as ExponentialSchedule
from .schedules import LinearSchedule as LinearSchedule
from .schedules import Schedule as Schedule
from .schedules import StepSchedule as StepSchedule
from .schedules import WarmUp as WarmUp
from .sgd import SGD as SGD
