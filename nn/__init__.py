"""A small neural-network package on scalars: a neuron is a dot product, a sum and an activation, three nodes.

>>> import nn
>>> model = nn.MLP(2, [3, 1], seed=0)
>>> model
MLP of [Layer of [3 ReLUNeuron(2)], Layer of [1 LinearNeuron(3)]], 13 parameters
>>> len(model.parameters()), model([1.0, -1.0]).op
(13, 'add')
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from .activations import ELU as ELU
from .activations import GELU as GELU
from .activations import LeakyReLU as LeakyReLU
from .activations import ReLU as ReLU
from .activations import Sigmoid as Sigmoid
from .activations import SiLU as SiLU
from .activations import Softmax as Softmax
from .activations import Softplus as Softplus
from .activations import Tanh as Tanh
from .activations import activation_module as activation_module
from .attention import Attention as Attention
from .attention import Embedding as Embedding
from .attention import LayerNorm as LayerNorm
from .containers import Sequential as Sequential
from .convolution import Conv2d as Conv2d
from .convolution import MaxPool2d as MaxPool2d
from .data import Standardiser as Standardiser
from .data import one_hot as one_hot
from .data import train_test_split as train_test_split
from .diagnostics.health import Health as Health
from .diagnostics.health import HealthCheck as HealthCheck
from .diagnostics.health import health as health
from .dropout import Dropout as Dropout
from .files.saving import load as load
from .files.saving import read_notes as read_notes
from .files.saving import save as save
from .layers import MLP as MLP
from .layers import Layer as Layer
from .layers import Neuron as Neuron
from .losses import LOSSES as LOSSES
from .losses import binary_cross_entropy as binary_cross_entropy
from .losses import binary_cross_entropy_with_logits as binary_cross_entropy_with_logits
from .losses import cross_entropy as cross_entropy
from .losses import half_sum_of_squares as half_sum_of_squares
from .losses import hinge as hinge
from .losses import huber as huber
from .losses import loss_by_name as loss_by_name
from .losses import mean_absolute_error as mean_absolute_error
from .losses import mean_squared_error as mean_squared_error
from .losses.penalties import l1_penalty as l1_penalty
from .losses.penalties import l2_penalty as l2_penalty
from .metrics import accuracy as accuracy
from .metrics import categorical_accuracy as categorical_accuracy
from .metrics import r2_score as r2_score
from .module import Module as Module
from .optim.adaptive import Adam as Adam
from .optim.adaptive import AdamW as AdamW
from .optim.adaptive import RMSProp as RMSProp
from .optim.clipping import clip_gradient_norm as clip_gradient_norm
from .optim.clipping import clip_gradient_value as clip_gradient_value
from .optim.optimizer import Optimizer as Optimizer
from .optim.schedules import CosineSchedule as CosineSchedule
from .optim.schedules import ExponentialSchedule as ExponentialSchedule
from .optim.schedules import LinearSchedule as LinearSchedule
from .optim.schedules import Schedule as Schedule
from .optim.schedules import StepSchedule as StepSchedule
from .optim.schedules import WarmUp as WarmUp
from .optim.sgd import SGD as SGD
from .recurrent import GRU as GRU
from .recurrent import LSTM as LSTM
from .recurrent import RNN as RNN
from .training.checkpoints import CheckpointError as CheckpointError
from .training.chunks import Chunks as Chunks
from .training.chunks import chunked as chunked
from .training.fit import fit as fit
from .training.history import Epoch as Epoch
from .training.history import History as History

if "hypothesis" in sys.modules:  # as in autograd_tiny
    from _autograd_tiny_plugins import register_types as _register_types

    _register_types()

if TYPE_CHECKING:
    from .estimators import MLPClassifier as MLPClassifier
    from .estimators import MLPRegressor as MLPRegressor


def __getattr__(name: str) -> Any:
    """The estimators, once they are asked for: they need scikit-learn, which nothing else here does."""
    if name in ("MLPClassifier", "MLPRegressor"):
        from . import estimators

        return getattr(estimators, name)
    raise AttributeError(f"module 'nn' has no attribute {name!r}")
