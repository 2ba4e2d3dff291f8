"""`Health`: what is wrong with a model, layer by layer, as data, as a table and in sentences that say what to do.

>>> from nn.diagnostics.units import Unit
>>> stuck = Unit("layers.0", 1, "sigmoid", slopes=(0.001, 0.002), steepest=0.25, is_output=False)
>>> found = Health("MLP", 2, (LayerHealth("layers.0", (stuck,), parameters=3, gradient_norm=None),))
>>> found.healthy, [str(unit) for unit in found.saturated]
(False, ['layers.0, neuron 1'])
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite

from .units import Unit

FLAT = 0.05
"""Below this fraction of the steepest slope an activation is flat: for a sigmoid |z| > 4.4, an output within 0.013 of
0 or 1; for tanh |z| > 2.2. Such a unit learns at a twentieth of its speed or slower."""

MOST = 0.9
"""A unit that is flat on at least this share of the samples is saturated. One that is flat on fewer may be a switch
that does its work, and it learns from the rest."""

RATIO = 100.0
"""The gradient vanishes in a layer where its norm is this many times smaller than in the last layer, and explodes where
it is this many times larger. A factor of 100 between the first and last of four hidden layers, 0.003 and 0.285, is
M. Nielsen's example of a vanishing gradient (Neural Networks and Deep Learning, 2015, chapter 5)."""

LARGE = 100.0
"""The gradient explodes, too, where its norm is this many times that of the layer's parameters (or than 1, if that is
larger): a step with rate 0.01 would then move them by all that they are. A step of a thousandth is a usual one
(Stanford's CS231n, notes on "Learning", under "Ratio of weights:updates")."""

SHOWN = 6
"""So many neurons are named in a sentence."""

WIDTH = 80
LEGEND = "(gradient: its norm over the layer; to last: as a multiple of the last layer's)"


@dataclass(frozen=True)
class LayerHealth:
    """One layer: its units, if it has an activation, and its gradient, if there was a loss."""

    name: str
    units: tuple[Unit, ...]
    parameters: int
    gradient_norm: float | None
    """√Σ g² over the layer's parameters; None without a loss."""
    weight_norm: float = 0.0
    """√Σ w² over them."""

    @property
    def norm_or_inf(self) -> float:
        """The gradient's norm to compare by, where nan is as large as can be."""
        norm = self.gradient_norm or 0.0
        return norm if isfinite(norm) else inf

    @property
    def activation(self) -> str:
        """The activations of its units; ``linear`` if it has none."""
        return ", ".join(dict.fromkeys(unit.activation for unit in self.units)) or "linear"

    @property
    def mean_slope(self) -> float | None:
        """The mean local derivative of the activation over units and samples."""
        slopes = [slope for unit in self.units for slope in unit.slopes]
        return sum(slopes) / len(slopes) if slopes else None


@dataclass(frozen=True)
class Health:
    """What `health` found. ``str`` of it is a table with a verdict."""

    model: str
    samples: int
    layers: tuple[LayerHealth, ...]
    """From the input on."""
    loss: float | None = None
    """Over all samples, if there was one."""

    @property
    def units(self) -> list[Unit]:
        """Every unit, layer by layer."""
        return [unit for layer in self.layers for unit in layer.units]

    @property
    def dead(self) -> list[Unit]:
        """The units whose activation had slope 0 on every sample."""
        return [unit for unit in self.units if unit.is_dead]

    @property
    def saturated(self) -> list[Unit]:
        """The units whose activation was flat (below `FLAT` of its steepest) on most samples (`MOST`), and not dead.

        Those of the output are not among them: an output that is sure of itself is flat and may be right.
        """
        return [
            unit for unit in self.units
            if not unit.is_dead and not unit.is_output and unit.flat_share(FLAT) >= MOST
        ]  # fmt: skip

    @property
    def vanishing(self) -> list[str]:
        """The layers whose gradient is less than 1 / `RATIO` of the last layer's, but not 0 for want of any."""
        return [name for name, ratio in self.ratios().items() if ratio < 1.0 / RATIO]

    @property
    def exploding(self) -> list[str]:
        """The layers whose gradient is more than `RATIO` times the last layer's, or `LARGE`, or not finite."""
        ratios = self.ratios()
        return [
            layer.name for layer in self.layers
            if not (layer.gradient_norm or 0.0) <= LARGE * max(1.0, layer.weight_norm)  # not <=: nan is one of them
            or ratios.get(layer.name, 0.0) > RATIO
        ]  # fmt: skip

    @property
    def healthy(self) -> bool:
        """Whether there is nothing to do."""
        return not self.advice()

    def ratios(self) -> dict[str, float]:
        """Each layer's gradient norm over that of the last layer that has one; {} without a loss or a finite norm."""
        norms = {layer.name: layer.gradient_norm for layer in self.layers if layer.gradient_norm is not None}
        last = next((norm for norm in reversed(norms.values()) if norm), 0.0)
        if not last or not all(map(isfinite, norms.values())):
            return {}
        return {name: norm / last for name, norm in norms.items()}

    def advice(self) -> list[str]:
        """A sentence for each thing that is wrong: where, what, and what to do; [] if nothing is."""
        said = []
        for layer in self.layers:
            for found, say in ((self.dead, _dead), (self.saturated, _saturated)):
                units = [unit for unit in layer.units if unit in found]
                if units:
                    said.append(f"{_place(layer.name)}: {say(units, len(layer.units))}.")
        if self.vanishing:
            ratios = self.ratios()
            least = min(self.vanishing, key=lambda name: ratios[name])
            size = (
                f"in {_place(least)} it is {ratios[least]:.2g} of the last layer's"
                if ratios[least]
                else f"none in {_place(least)}"
            )
            said.append(
                f"{self._range(self.vanishing)}: the gradient vanishes ({size}): "
                'use relu with He initialisation (init="he"), scale the inputs, or take fewer layers.'
            )
        if self.exploding:
            most = max((layer for layer in self.layers if layer.name in self.exploding), key=lambda la: la.norm_or_inf)
            finite = isfinite(most.norm_or_inf)
            size = f"its norm in {_place(most.name)} is {most.gradient_norm:.2g}" if finite else "it is not finite"
            more = "" if finite else ", or take the loss from logits (bce_with_logits, cross_entropy)"
            said.append(
                f"{self._range(self.exploding)}: the gradient explodes ({size}): scale inputs and targets, "
                f"start from smaller weights, clip it (clip_norm of nn.fit), or lower the learning rate{more}."
            )
        if self.loss and not any(layer.gradient_norm for layer in self.layers):
            said.append(
                f"The gradient is 0 in every layer, though the loss is {self.loss:.3g}: nothing passes the "
                "activations, or the loss cannot fall from here."
            )
        return said

    def _range(self, found: Sequence[str]) -> str:
        """The names of layers; of several one after the other the first and the last."""
        names = [layer.name for layer in self.layers]
        first = names.index(found[0])
        if len(found) > 2 and names[first : first + len(found)] == list(found):
            return f"{_place(found[0])} to {_place(found[-1])}"
        return ", ".join(map(_place, found))

    def __str__(self) -> str:
        loss = "" if self.loss is None else f", loss {self.loss:.4g}"
        lines = [f"health of {self.model} on {self.samples} sample{'s' * (self.samples != 1)}{loss}", *self._table()]
        advice = self.advice()
        if not advice:
            gradient = " and the gradient arrives in every layer" if self.ratios() else ""
            verdict = f"Verdict: healthy. No unit is dead or saturated{gradient}."
            return "\n".join([*lines, *textwrap.wrap(verdict, WIDTH)])
        lines.append("What to do:")
        for sentence in advice:
            lines += textwrap.wrap(sentence, WIDTH, initial_indent="- ", subsequent_indent="  ")
        return "\n".join(lines)

    def _table(self) -> list[str]:
        heads = ["layer", "activation", "units", "dead", "saturated", "mean slope"]
        with_gradient = any(layer.gradient_norm is not None for layer in self.layers)
        ratios = self.ratios()
        rows = [heads + ["gradient", "to last"] * with_gradient]
        for layer in self.layers:
            counts = [str(sum(u in found for u in layer.units)) for found in (layer.units, self.dead, self.saturated)]
            row = [layer.name, layer.activation, *(counts if layer.units else [""] * 3)]
            row.append("" if layer.mean_slope is None else f"{layer.mean_slope:.2g}")
            if with_gradient:
                row += [f"{layer.gradient_norm:.3g}", f"{ratios[layer.name]:.2g}" if ratios else ""]
            rows.append(row)
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        sides = "<<" + ">" * len(widths)
        table = [
            "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(row, sides, widths, strict=False)).rstrip()
            for row in rows
        ]
        return [*table, LEGEND] if with_gradient else table


def _place(name: str) -> str:
    """A layer's name in a sentence: those in a `Sequential` are called 0, 1, 2."""
    return f"layer {name}" if name.isdigit() else name


def _dead(units: Sequence[Unit], of: int) -> str:
    if {unit.activation for unit in units} == {"relu"}:
        cure = 'lower the learning rate, use leaky_relu, or start from He initialisation (init="he")'
        return f"{_counted(units, of, 'ReLU')} dead{_neurons(units)}, with slope 0 on every sample: {cure}"
    cure = "scale the inputs, start from smaller weights, or lower the learning rate"
    return f"{_counted(units, of, 'unit')} dead{_neurons(units)}, with slope 0 on every sample: {cure}"


def _saturated(units: Sequence[Unit], of: int) -> str:
    cure = 'scale the inputs, start from smaller weights (init="xavier"), or use relu'
    return f"{_counted(units, of, 'unit')} saturated{_neurons(units)}, nearly flat on most samples: {cure}"


def _counted(units: Sequence[Unit], of: int, what: str) -> str:
    if of == 1:
        return f"the {what} is"
    return f"{len(units)} of {of} {what}s {'is' if len(units) == 1 else 'are'}"


def _neurons(units: Sequence[Unit]) -> str:
    """Which ones, if they have numbers."""
    numbers = [str(unit.neuron) for unit in units if unit.neuron is not None]
    if not numbers:
        return ""
    more = f" and {len(numbers) - SHOWN} more" if len(numbers) > SHOWN else ""
    return f" (neuron{'s' * (len(numbers) > 1)} {', '.join(numbers[:SHOWN])}{more})"
