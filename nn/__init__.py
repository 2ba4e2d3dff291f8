"""A small neural-network package on scalars: a neuron is a dot product, a sum and an activation, three nodes.

>>> import nn
>>> model = nn.MLP(2, [3, 1], seed=0)
>>> model
MLP of [Layer of [3 ReLUNeuron(2)], Layer of [1 LinearNeuron(3)]]
>>> len(model.parameters()), model([1.0, -1.0]).op
(13, 'add')
"""

from __future__ import annotations

from .layers import MLP as MLP
from .layers import Layer as Layer
from .layers import Neuron as Neuron
from .losses import accuracy as accuracy
from .losses import binary_cross_entropy as binary_cross_entropy
from .losses import cross_entropy as cross_entropy
from .losses import half_sum_of_squares as half_sum_of_squares
from .losses import hinge as hinge
from .losses import mean_squared_error as mean_squared_error
from .module import Module as Module
from .optim import SGD as SGD
