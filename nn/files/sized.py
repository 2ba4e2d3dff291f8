"""Layers that are all told by the numbers they were made from: recurrent ones, those of a transformer, convolutions.

>>> from nn import GRU
>>> kind = SIZED[GRU]
>>> told = {"class": "GRU", **kind.describe(GRU(2, 3, seed=0))}
>>> told, kind.size(told), kind.rebuild(told)
({'class': 'GRU', 'inputs': 2, 'hidden': 3}, 63, GRU(2, 3), 63 parameters)
"""

from __future__ import annotations

from typing import Any

from ..attention import Attention, Embedding, LayerNorm
from ..convolution import Conv2d, MaxPool2d
from ..module import Module
from ..recurrent import GRU, LSTM, RNN, Recurrent
from .kinds import Description, Kind, count, flag, positive, whole


def _recurrent(made: type[Recurrent]) -> Kind:
    def size(d: Description) -> int:
        inputs, hidden = whole(d, "inputs"), whole(d, "hidden")
        return made.gates * hidden * (inputs + hidden + 2)

    return Kind(
        lambda _: {"inputs", "hidden", "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"},
        lambda m: {"inputs": m.inputs, "hidden": m.hidden},
        size,
        lambda d: made(whole(d, "inputs"), whole(d, "hidden"), seed=0),
    )


def _conv_size(d: Description) -> int:
    return whole(d, "outputs") * (whole(d, "inputs") * whole(d, "kernel") ** 2 + 1)


def _conv(d: Description) -> Conv2d:
    sizes = [whole(d, key) for key in ("inputs", "outputs", "kernel")]
    return Conv2d(*sizes, stride=whole(d, "stride"), padding=count(d, "padding"), seed=0)


def _attention(d: Description) -> Attention:
    return Attention(whole(d, "size"), whole(d, "heads"), causal=flag(d, "causal"), seed=0)


SIZED: dict[type[Module], Kind] = {
    **{made: _recurrent(made) for made in (RNN, GRU, LSTM)},
    Embedding: Kind(
        lambda _: {"weight"},
        lambda m: {"count": len(m.weight), "size": len(m.weight[0])},
        lambda d: whole(d, "count") * whole(d, "size"),
        lambda d: Embedding(whole(d, "count"), whole(d, "size"), seed=0),
    ),
    LayerNorm: Kind(
        lambda _: {"weight", "bias", "eps"},
        lambda m: {"size": len(m.weight), "eps": m.eps},
        lambda d: 2 * whole(d, "size"),
        lambda d: LayerNorm(whole(d, "size"), eps=positive(d, "eps")),
    ),
    Attention: Kind(
        lambda _: {"heads", "causal", "in_proj_weight", "in_proj_bias", "out_proj_weight", "out_proj_bias"},
        lambda m: {"size": len(m.out_proj_bias), "heads": m.heads, "causal": m.causal},
        lambda d: 4 * whole(d, "size") * (whole(d, "size") + 1),
        _attention,
    ),
    Conv2d: Kind(
        lambda _: {"kernel", "stride", "padding", "weight", "bias"},
        lambda m: _told(m, inputs=len(m.weight[0]), outputs=len(m.weight)),
        _conv_size,
        _conv,
    ),
    MaxPool2d: Kind(
        lambda _: {"kernel", "stride"},
        lambda m: {"kernel": m.kernel, "stride": m.stride},
        lambda d: 0,
        lambda d: MaxPool2d(whole(d, "kernel"), whole(d, "stride")),
    ),
}
"""Class -> how it is described, counted and rebuilt: from a generator of its own, Python's goes on undisturbed."""


def _told(model: Any, **sizes: int) -> dict[str, Any]:
    return {**sizes, "kernel": model.kernel, "stride": model.stride, "padding": model.padding}
