"""Random functions to compile: scalar tangles over the whole table, and networks of vectors as people write them.

A drawn program is a list of small integers; `Tangle` and `Network` read them as operations on what has been computed so
far, so that Hypothesis can shrink them. Operands are squeezed into the interval where the table samples the primitive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from autograd_tiny import Value, dot, functions, logsumexp, maximum, sigmoid, softmax, sum, tanh
from autograd_tiny.core import constant
from autograd_tiny.table.ops import ROWS

DRAWN = st.lists(st.tuples(*[st.integers(0, 255)] * 6), min_size=1, max_size=30)
NUMBERS = st.integers(-200, 200).map(lambda i: i / 100 + 0.00137)


@dataclass
class Tangle:
    """A function of ``inputs`` numbers: one scalar operation after another, on any earlier results."""

    operations: Sequence[tuple[int, ...]]
    parameters: list[Value]
    inputs: int
    used: set[str] = field(default_factory=set)

    def __call__(self, *x: Any) -> Value:
        pool: list[Any] = [*self.parameters, *(v if isinstance(v, Value) else constant(v) for v in x)]
        for kind, *picks in self.operations:
            operands = [pool[-1 - pick % len(pool)] for pick in picks]
            row = ROWS[kind % len(ROWS)]
            if kind % 7 == 0:
                made = operands[0] * (picks[1] / 100 - 1.0) + operands[2] * operands[3] + operands[4]
            elif row.variadic:
                k = 1 + picks[0] % 5
                count = len(row.arguments)
                vectors = [[operands[(i + j * 2) % 5] for i in range(k)] for j in range(count)]
                if picks[1] % 4 == 0 and k > 1:
                    vectors[-1][0] = 0.25 + picks[2] / 100
                made = getattr(functions, row.name)(*vectors)
            else:
                wanted = operands[: len(row.arguments)]
                if picks[4] % 5 == 0 and len(wanted) > 1:
                    low, high = row.samples[-1]
                    wanted[-1] = low + (high - low) * (picks[3] / 255)
                squeezed = [
                    low + (high - low) * sigmoid(v) if isinstance(v, Value) and row.domain else v
                    for v, (low, high) in zip(wanted, row.samples, strict=True)
                ]
                if not any(isinstance(v, Value) for v in squeezed):
                    continue
                made = getattr(functions, row.name)(*squeezed)
            self.used.add(row.name)
            pool.append(tanh(made) if kind % 3 else made * 0.37)
        used = pool[-min(len(pool), 12) :]
        return sum([v for v in used if isinstance(v, Value)] + [self.parameters[0] * 0.5])


@dataclass
class Network:
    """A function of ``inputs`` numbers made of vectors: linear maps, slices, softmaxes, as loops over scalars."""

    operations: Sequence[tuple[int, ...]]
    inputs: int
    numbers: Sequence[float]
    parameters: list[Value] = field(default_factory=list)
    weights: dict[int, Any] = field(default_factory=dict)

    def matrix(self, key: int, rows: int, columns: int) -> list[list[Value]]:
        """The weights of operation ``key``, made when it first runs."""
        if key not in self.weights:
            made = []
            for _ in range(rows * columns):
                number = self.numbers[(len(self.parameters) * 7 + key) % len(self.numbers)]
                made.append(Value(number + 0.001 * len(self.parameters)))
                self.parameters.append(made[-1])
            self.weights[key] = [made[i * columns : (i + 1) * columns] for i in range(rows)]
        return self.weights[key]  # type: ignore[no-any-return]

    def __call__(self, *x: Any) -> Value:
        pool: list[list[Any]] = [[v if isinstance(v, Value) else constant(v) for v in x]]
        for key, (kind, a, b, c, d, _) in enumerate(self.operations):
            v, w = pool[-1 - a % len(pool)], pool[-1 - b % len(pool)]
            n = min(len(v), len(w))
            size = 1 + c % 5
            made: list[Any]
            match kind % 14:
                case 0:
                    made = [
                        dot(row, v) + bias
                        for row, (bias,) in zip(
                            self.matrix(key, size, len(v)), self.matrix(100 + key, size, 1), strict=True
                        )
                    ]
                case 1:  # as micrograd writes it
                    made = [
                        _add_up([wi * xi for wi, xi in zip(row, v, strict=True)])
                        for row in self.matrix(key, size, len(v))
                    ]
                case 2:
                    made = [
                        (_add_up([xi * wi for wi, xi in zip(row, v, strict=True)]) + row[0]).relu()
                        for row in self.matrix(key, size, len(v))
                    ]
                case 3:
                    made = [tanh(xi * 1.5) for xi in v]
                case 4:
                    made = [p + q for p, q in zip(v[:n], w[:n], strict=True)]
                case 5:
                    made = [p * q for p, q in zip(v[:n], reversed(w[:n]), strict=True)]
                case 6:
                    made = list(softmax(v)) if all(isinstance(p, Value) for p in v) else [tanh(p * 2.0) for p in v]
                case 7:
                    made = [*v[: 1 + c % len(v)], *w[d % len(w) :]]
                case 8:  # causal: the first t of v with the first t of w
                    made = [_add_up([p * q for p, q in zip(v[: t + 1], w[: t + 1], strict=True)]) for t in range(n)]
                case 9:
                    scale = (_add_up([p * p for p in v]) / len(v) + 0.3) ** -0.5
                    made = [p * scale for p in v]
                case 10:
                    made = [maximum([p, *w]) for p in v[:3]] + [logsumexp([*v, *w])]
                case 11:  # a shuffled linear map
                    order = sorted(range(len(v)), key=lambda i: (i * 7 + c) % 11)
                    made = [
                        sum([row[i] * v[(i + j) % len(v)] for i in order])
                        for j, row in enumerate(self.matrix(key, size, len(v)))
                    ]
                case 12:  # running maxima and sums
                    made = [maximum(v[: t + 1]) for t in range(len(v))] + [
                        sum([*w[: t + 1], 0.5]) for t in range(len(w))
                    ]
                case _:
                    made = [p - 0.25 * q for p in v[:3] for q in w[:2]]
            pool.append([p if i % 2 else tanh(p) for i, p in enumerate(made[:12])] if kind % 4 == 0 else made[:12])
        return _add_up([p * 0.1 * (i + 1) for i, p in enumerate([*pool[-1], *pool[len(pool) // 2]])]) + tanh(
            self.matrix(999, 1, 1)[0][0]
        )


def _add_up(terms: list[Any]) -> Any:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total
