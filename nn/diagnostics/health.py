"""`health`: dead and saturated units, and gradients that vanish or explode on their way down, as data and in words.

>>> import nn
>>> model = nn.MLP(2, [4, 1], seed=0)
>>> for neuron in model.layers[0].neurons[:2]:
...     neuron.b.data = -100.0
>>> print(health(model, [[1.0, 2.0], [-1.0, 0.5], [0.5, -1.0]]))
health of MLP on 3 samples
layer     activation  units  dead  saturated  mean slope
layers.0  relu            4     2          0        0.17
layers.1  linear
What to do:
- layers.0: 2 of 4 ReLUs are dead (neurons 0, 1), with slope 0 on every sample:
  lower the learning rate, use leaky_relu, or start from He initialisation
  (init="he").

The graph of each output is all that is looked at (see `units`), with the model in eval mode and no ``.grad`` touched.
"""

from __future__ import annotations

from collections.abc import Callable
from math import hypot
from typing import Any

from autograd_tiny import Value, gradients, nonfinite
from autograd_tiny.derivatives.structure import flatten
from autograd_tiny.errors import article, shorten

from ..losses import Loss, loss_by_name
from ..module import Module, in_eval
from ..settings import whole
from ..training.history import Epoch
from .findings import Health as Health
from .findings import LayerHealth as LayerHealth
from .units import Watch


def health(model: Module, X: Any, y: Any = None, loss: str | Loss | None = None) -> Health:
    """The health of ``model`` over the samples ``X``: its units, and with targets and a loss its gradients too.

    ``loss`` is a name or a function of all predictions and targets, as for `fit`; the gradient is that of the loss
    over all of ``X``, so a few hundred samples are enough. The model is run in eval mode (Dropout passes all) and is
    left as it was: mode, parameters and every ``.grad``. Numbers that are not finite are no error here but a finding.
    """
    if not isinstance(model, Module):
        raise TypeError(f"health(model) got {shorten(model)}, {article(type(model).__name__)}: expected an nn.Module")
    if (y is None) != (loss is None):
        given, missing = ("y", "loss") if loss is None else ("loss", "y")
        raise ValueError(f"health got {given} and no {missing}: expected both, for the gradients, or neither")
    if not hasattr(X, "__len__"):
        raise TypeError(f"health(X) got {shorten(X)}, {article(type(X).__name__)}: expected a list or array of samples")
    if len(X) == 0:
        raise ValueError("health(X) got no samples: expected at least one")
    watch, measure = Watch(model), None if loss is None else loss_by_name(loss)
    predictions = []
    forward: Any = model
    with in_eval(model), nonfinite("allow"):
        for x in X:
            prediction = forward(x)
            watch.see([output for output in flatten(prediction) if isinstance(output, Value)])
            if measure:
                predictions.append(prediction)
        parameters = model.parameters()
        total = measure(predictions, y) if measure else None
        slopes = dict(zip(parameters, gradients(total, parameters), strict=True)) if total is not None else {}
    units = watch.units()
    layers = []
    for name in watch.layers():
        members = [p for p in parameters if p in watch.rows and watch.rows[p].layer == name]
        norm = hypot(*(slopes[p] for p in members)) if measure else None
        weight_norm = hypot(*(p.data for p in members))
        own = tuple(unit for unit in units if unit.layer == name)
        layers.append(LayerHealth(name, own, len(members), norm, weight_norm))
    return Health(type(model).__name__, len(X), tuple(layers), None if total is None else total.data)


class HealthCheck:
    """`health` as a callback of `fit`: after the first epoch and then every so many, on the same few samples.

    ``found`` maps the epoch to its `Health`. ``report`` is called with a sentence when something new is wrong; leave
    it out to look at ``found`` afterwards.

    >>> import nn
    >>> model = nn.MLP(1, [2, 1], seed=0)
    >>> check = HealthCheck(model, [[1.0], [2.0]], every=10, report=print)
    >>> for neuron in model.layers[0].neurons:
    ...     neuron.b.data = -9.0
    >>> check(nn.Epoch(1, 1, 0.5))
    epoch 1: layers.0: 2 of 2 ReLUs are dead (neurons 0, 1), with slope 0 on every sample: lower the learning rate, use
    leaky_relu, or start from He initialisation (init="he").
    """

    def __init__(self, model: Module, X: Any, y: Any = None, loss: str | Loss | None = None, *,
                 every: int = 10, report: Callable[[str], Any] | None = None) -> None:  # fmt: skip
        self.model, self.X, self.y, self.loss = model, X, y, loss
        self.every = whole("HealthCheck(every)", every)
        self.report = report
        self.found: dict[int, Health] = {}

    def __call__(self, epoch: Epoch) -> None:
        """Look at the model, if it is time to."""
        if (epoch.epoch - 1) % self.every:
            return
        before = set(list(self.found.values())[-1].advice()) if self.found else set()
        self.found[epoch.epoch] = found = health(self.model, self.X, self.y, self.loss)
        for sentence in found.advice():
            if self.report and sentence not in before:
                self.report(f"epoch {epoch.epoch}: {sentence}")
