"""Layers that are all told by the numbers they were made from: recurrent ones, those of a transformer, convolutions.

>>> from nn import GRU
>>> kind = SIZED[GRU]
>>> told = {"class": "GRU", **kind.describe(GRU(2, 3, seed=0))}
>>> told["hidden"], kind.size(told), kind.rebuild(told)
(3, 63, GRU(2, 3), 63 parameters)
"""

from __future__ import annotations

from typing import Any

from ..attention import Attention, Embedding, LayerNorm
from ..convolution import Conv2d, MaxPool2d
from ..module import Module
from ..recurrent import GRU, LSTM, RNN, Recurrent
from .kinds import Description, Kind, count, flag, not_negative, whole


def _recurrent(made: type[Recurrent]) -> Kind:
    def size(d: Description) -> int:
        inputs, hidden, layers = whole(d, "inputs"), whole(d, "hidden"), whole(d, "num_layers")
        directions, biases = 1 + flag(d, "bidirectional"), 2 * flag(d, "bias")
        columns = inputs + hidden + biases + (layers - 1) * (hidden * (directions + 1) + biases)
        return made.gates * hidden * directions * columns

    def rebuild(d: Description) -> Recurrent:
        sizes = [whole(d, key) for key in ("inputs", "hidden", "num_layers")]
        return made(*sizes, bias=flag(d, "bias"), bidirectional=flag(d, "bidirectional"), seed=0)

    told = ("inputs", "hidden", "num_layers", "bias", "bidirectional")
    return Kind(
        lambda m: {*told, *m.state_dict()},
        lambda m: {key: getattr(m, key) for key in told},
        size,
        rebuild,
    )


def _conv_size(d: Description) -> int:
    return whole(d, "outputs") * (whole(d, "inputs") * whole(d, "kernel") ** 2 + flag(d, "bias"))


def _conv(d: Description) -> Conv2d:
    sizes = [whole(d, key) for key in ("inputs", "outputs", "kernel")]
    return Conv2d(*sizes, stride=whole(d, "stride"), padding=count(d, "padding"), bias=flag(d, "bias"), seed=0)


def _attention(d: Description) -> Attention:
    return Attention(whole(d, "size"), whole(d, "heads"), causal=flag(d, "causal"), seed=0)


def _since(kind: Kind, **before: Any) -> Kind:
    """It with settings that descriptions written earlier have not, and what they were then."""
    return kind._replace(size=lambda d: kind.size({**before, **d}), rebuild=lambda d: kind.rebuild({**before, **d}))


SIZED: dict[type[Module], Kind] = {
    **{made: _since(_recurrent(made), num_layers=1, bias=True, bidirectional=False) for made in (RNN, GRU, LSTM)},
    Embedding: Kind(
        lambda _: {"weight"},
        lambda m: {"count": len(m.weight), "size": len(m.weight[0])},
        lambda d: whole(d, "count") * whole(d, "size"),
        lambda d: Embedding(whole(d, "count"), whole(d, "size"), seed=0),
    ),
    LayerNorm: _since(
        Kind(
            lambda _: {"weight", "bias", "size", "eps"},
            lambda m: {"size": m.size, "eps": m.eps, "weight": m.weight is not None, "bias": m.bias is not None},
            lambda d: (flag(d, "weight") + flag(d, "bias")) * whole(d, "size"),
            lambda d: LayerNorm(whole(d, "size"), not_negative(d, "eps"), flag(d, "weight"), flag(d, "bias")),
        ),
        weight=True,
        bias=True,
    ),
    Attention: Kind(
        lambda _: {"heads", "causal", "in_proj_weight", "in_proj_bias", "out_proj"},
        lambda m: {"size": m.size, "heads": m.heads, "causal": m.causal},
        lambda d: 4 * whole(d, "size") * (whole(d, "size") + 1),
        _attention,
    ),
    Conv2d: _since(
        Kind(
            lambda _: {"kernel", "stride", "padding", "weight", "bias"},
            lambda m: _told(m, inputs=len(m.weight[0]), outputs=len(m.weight)),
            _conv_size,
            _conv,
        ),
        bias=True,
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
    return {**sizes, "kernel": model.kernel, "stride": model.stride, "padding": model.padding, "bias": bool(model.bias)}
