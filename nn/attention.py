"""`Embedding`, `LayerNorm`, `Attention`: the parts of a transformer, on lists of vectors of scalars.

PyTorch's names and shapes; `Attention` is its ``MultiheadAttention`` for one sequence.

>>> embed, norm, attend = Embedding(10, 4, seed=0), LayerNorm(4), Attention(4, heads=2, seed=0)
>>> sentence = [norm(x) for x in embed([3, 1, 4])]
>>> len(attend(sentence)), len(attend(sentence)[0]), [*attend.state_dict()]
(3, 4, ['in_proj_weight', 'in_proj_bias', 'out_proj.weight', 'out_proj.bias'])
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
    """(x − mean) / √(variance + eps), then a weight and a bias for each number, unless those are not wanted."""

    def __init__(self, size: int, eps: float = 1e-5, elementwise_affine: bool = True, bias: bool = True) -> None:
        settings.whole("LayerNorm(size)", size)
        settings.not_negative("LayerNorm(eps)", eps)
        affine = settings.flag("LayerNorm(elementwise_affine)", elementwise_affine)
        self.size, self.eps = size, eps
        self.weight = [Value(1.0) for _ in range(size)] if affine else None
        self.bias = [Value(0.0) for _ in range(size)] if settings.flag("LayerNorm(bias)", bias) and affine else None

    def __call__(self, x: Vector) -> list[Any]:
        _check(self, "x", [x], self.size)
        middle, width = mean(x), sqrt(var(x) + self.eps)
        found = [(a - middle) / width for a in x]
        if self.weight is not None:
            found = [a * w for a, w in zip(found, self.weight, strict=True)]
        return found if self.bias is None else [a + b for a, b in zip(found, self.bias, strict=True)]

    def __repr__(self) -> str:
        return f"LayerNorm({self.size}), {self._size()}"


class Attention(Module):
    """Each position looks at all, or with ``causal`` at itself and those before it, with ``heads`` heads.

    ``attention(xs)`` is self-attention; ``attention(query, key, value)`` takes what is looked for, where, and what is
    found there from three sequences, value being key if it is not given. ``mask`` has a row for each position of the
    query, True where it is not to look, as PyTorch's ``attn_mask``.

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

        self.heads, self.causal = heads, settings.flag("Attention(causal)", causal)
        self.in_proj_weight, self.in_proj_bias = drawn(3 * size, bound), [Value(0.0) for _ in range(3 * size)]
        self.out_proj: dict[str, Any] = {"weight": drawn(size, size**-0.5), "bias": [Value(0.0) for _ in range(size)]}

    def __call__(
        self,
        query: Sequence[Vector],
        key: Sequence[Vector] | None = None,
        value: Sequence[Vector] | None = None,
        mask: Any = None,
    ) -> list[list[Any]]:
        size, width = self.size, self.size // self.heads
        key = query if key is None else key
        value = key if value is None else value
        for name, xs in (("query", query), ("key", key), ("value", value)):
            _check(self, name, xs, size)
        if len(key) != len(value):
            raise ValueError(f"{self._title()} got {len(key)} keys and {len(value)} values: expected as many")
        seen = self._seen(len(query), len(key), mask)
        q, k, v = self._projected(query, key, value)
        found: list[list[Any]] = [[] for _ in query]
        for start in range(0, size, width):
            asking, keys, values = ([x[start : start + width] for x in xs] for xs in (q, k, v))
            for i, asked in enumerate(asking):
                weights = softmax([dot(asked, keys[j]) / width**0.5 for j in seen[i]])
                found[i] += [dot(weights, column) for column in zip(*(values[j] for j in seen[i]), strict=True)]
        return [_linear(self.out_proj["weight"], self.out_proj["bias"], y) for y in found]

    @property
    def size(self) -> int:
        """Numbers of a position."""
        return len(self.in_proj_bias) // 3

    def _projected(self, *sequences: Sequence[Vector]) -> list[list[list[Any]]]:
        """Queries, keys and values, as vectors of the full size; of one sequence by one product."""
        cuts = [slice(i * self.size, (i + 1) * self.size) for i in range(3)]
        if all(xs is sequences[0] for xs in sequences):
            whole = [_linear(self.in_proj_weight, self.in_proj_bias, x) for x in sequences[0]]
            return [[x[cut] for x in whole] for cut in cuts]
        return [
            [_linear(self.in_proj_weight[cut], self.in_proj_bias[cut], x) for x in xs]
            for cut, xs in zip(cuts, sequences, strict=True)
        ]

    def _seen(self, asking: int, asked: int, mask: Any) -> list[list[int]]:
        """For each position of the query the places that it looks at."""
        rows = mask.tolist() if hasattr(mask, "tolist") else mask
        if rows is None:
            rows = [[False] * asked] * asking
        if len(rows) != asking or any(len(row) != asked for row in rows):
            raise ValueError(f"{self._title()} got a mask of another shape: expected {asking} rows of {asked}")
        if any(not isinstance(hidden, bool) for row in rows for hidden in row):
            raise TypeError(f"{self._title()} got a mask with other than True and False: True hides")
        seen = [
            [j for j, hidden in enumerate(row) if not hidden and not (self.causal and j > i)]
            for i, row in enumerate(rows)
        ]
        if not all(seen):
            raise ValueError(f"{self._title()}: position {seen.index([])} of the query has nothing to look at")
        return seen

    def __repr__(self) -> str:
        return f"Attention({self.size}, heads={self.heads}), {self._size()}"


def _check(layer: Module, name: str, xs: Any, size: int) -> None:
    """``TypeError`` or ``ValueError`` unless all of ``xs`` are vectors of ``size``."""
    for x in xs:
        if not hasattr(x, "__len__"):
            raise TypeError(f"{layer._title()} got {shorten(x)} in {name}: expected vectors of {size} numbers")
        if len(x) != size:
            raise ValueError(f"{layer._title()} got a vector of {len(x)} numbers in {name}: expected {size}")


def _linear(weight: list[list[Value]], bias: list[Value], x: Vector) -> list[Any]:
    return [dot(row, x) + b for row, b in zip(weight, bias, strict=True)]
