"""`Embedding`, `LayerNorm`, `Attention`: the parts of a transformer, on lists of vectors of scalars.

PyTorch's names and shapes; `Attention` is its ``MultiheadAttention`` for one sequence.

>>> embed, norm, attend = Embedding(10, 4, seed=0), LayerNorm(4), Attention(4, heads=2, seed=0)
>>> sentence = [norm(x) for x in embed([3, 1, 4])]
>>> len(attend(sentence)), len(attend(sentence)[0]), [*attend.state_dict()]
(3, 4, ['in_proj_weight', 'in_proj_bias', 'out_proj_weight', 'out_proj_bias'])
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import Any

from autograd_tiny import Value, dot, select, softmax, sqrt, var
from autograd_tiny.derivatives.composed import mean
from autograd_tiny.errors import shorten

from . import settings
from .initialization import Generator, generator
from .module import Module

Vector = Sequence[Any]


class Embedding(Module):
    """A table of ``count`` vectors of ``size``: a token, or a list of them, gives its vectors. Weights N(0, 1)."""

    def __init__(self, count: int, size: int, *, seed: int | Generator | None = None) -> None:
        settings.whole("Embedding(count)", count)
        settings.whole("Embedding(size)", size)
        rng = generator(seed)
        self.weight = [[Value(rng.gauss(0.0, 1.0)) for _ in range(size)] for _ in range(count)]

    def __call__(self, tokens: Any) -> Any:
        if isinstance(tokens, (list, tuple)) or hasattr(tokens, "tolist"):
            return [self(token) for token in (tokens.tolist() if hasattr(tokens, "tolist") else tokens)]
        if isinstance(tokens, Value):  # an input of a function that is being compiled
            return [select([row[j] for row in self.weight], tokens) for j in range(len(self.weight[0]))]
        if isinstance(tokens, float) and tokens.is_integer():  # `fit` gives every sample as floats
            tokens = int(tokens)
        try:
            place = index(tokens)
        except TypeError:
            raise TypeError(f"Embedding got {shorten(tokens)}: expected a token, a whole number, or a list") from None
        if not 0 <= place < len(self.weight):
            raise IndexError(
                f"Embedding of {len(self.weight)} got the token {place}: expected 0 to {len(self.weight) - 1}"
            )
        return self.weight[place]

    def __repr__(self) -> str:
        return f"Embedding({len(self.weight)}, {len(self.weight[0])}), {self._size()}"


class LayerNorm(Module):
    """(x − mean) / √(variance + eps), then a weight and a bias for each number."""

    def __init__(self, size: int, eps: float = 1e-5) -> None:
        settings.whole("LayerNorm(size)", size)
        self.eps = eps
        self.weight, self.bias = [Value(1.0) for _ in range(size)], [Value(0.0) for _ in range(size)]

    def __call__(self, x: Vector) -> list[Any]:
        middle, width = mean(x), sqrt(var(x) + self.eps)
        return [(a - middle) / width * w + b for a, w, b in zip(x, self.weight, self.bias, strict=True)]

    def __repr__(self) -> str:
        return f"LayerNorm({len(self.weight)}), {self._size()}"


class Attention(Module):
    """Each position looks at all, or with ``causal`` at itself and those before it, with ``heads`` heads.

    Source: A. Vaswani and others, Attention Is All You Need (2017).
    """

    def __init__(self, size: int, heads: int = 1, *, causal: bool = False, seed: int | Generator | None = None) -> None:
        settings.whole("Attention(size)", size)
        settings.whole("Attention(heads)", heads)
        if size % heads:
            raise ValueError(f"Attention({size}, heads={heads}): expected heads that divide the size")
        rng, bound = generator(seed), (6.0 / (4 * size)) ** 0.5

        def drawn(rows: int, bound: float) -> list[list[Value]]:
            return [[Value(rng.uniform(-bound, bound)) for _ in range(size)] for _ in range(rows)]

        self.heads, self.causal = heads, causal
        self.in_proj_weight, self.in_proj_bias = drawn(3 * size, bound), [Value(0.0) for _ in range(3 * size)]
        self.out_proj_weight, self.out_proj_bias = drawn(size, size**-0.5), [Value(0.0) for _ in range(size)]

    def __call__(self, xs: Sequence[Vector]) -> list[list[Any]]:
        size, width = len(self.out_proj_bias), len(self.out_proj_bias) // self.heads
        projected = [_linear(self.in_proj_weight, self.in_proj_bias, x) for x in xs]
        found: list[list[Any]] = [[] for _ in xs]
        for start in range(0, size, width):
            q, k, v = ([p[i * size + start : i * size + start + width] for p in projected] for i in range(3))
            for i, asked in enumerate(q):
                seen = i + 1 if self.causal else len(xs)
                weights = softmax([dot(asked, key) / width**0.5 for key in k[:seen]])
                found[i] += [dot(weights, column) for column in zip(*v[:seen], strict=True)]
        return [_linear(self.out_proj_weight, self.out_proj_bias, y) for y in found]

    def __repr__(self) -> str:
        return f"Attention({len(self.out_proj_bias)}, heads={self.heads}), {self._size()}"


def _linear(weight: list[list[Value]], bias: list[Value], x: Vector) -> list[Any]:
    return [dot(row, x) + b for row, b in zip(weight, bias, strict=True)]
