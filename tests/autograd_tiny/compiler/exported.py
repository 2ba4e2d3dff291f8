"""What the tests of the exports share: programs of many kinds, each with a batch and what the program itself gives."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import numpy as np

import autograd_tiny as ad
import nn
from autograd_tiny import NonFiniteError, Value, compile, dot
from autograd_tiny.compiler.exports.straight import straight
from autograd_tiny.compiler.program import Program

from .programs import Network, Tangle


@dataclass
class Case:
    """A program that has been called with this batch."""

    name: str
    program: Program
    columns: list[Any]
    values: Any
    gradient: Any

    def blocks(self) -> dict[str, Any]:
        """The gradient of the mean, block by block as the exports name them."""
        place = {id(leaf): i for i, leaf in enumerate(self.program.parameters)}
        return {
            tensor.name: np.array([self.gradient[place[id(leaf)]] for leaf in tensor.values]).reshape(tensor.shape)
            for tensor in straight(self.program).parameters
        }


def assert_near(found: Any, expected: Any, digits: float = 1e-12) -> None:
    """Within ``digits`` of the largest."""
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max(initial=0.0) <= digits * max(1.0, np.abs(expected).max(initial=0.0))


def _mixed(x: Any) -> Any:
    h = [ad.tanh(dot(W[:3], x[i : i + 3]) + W[3]) for i in range(3)]
    a = ad.logsumexp(h) + ad.maximum([h[0], x[1], W[4]]) + ad.gelu(h[2]) * W[5]
    a = a + ad.where(ad.greater(h[1], 0.2), W[6], x[0] * W[7]) + ad.sum([W[8] * x[4], W[9], h[1]]) ** 2
    return a + ad.erf(W[10] * h[0]) + ad.sigmoid(W[11]) + x[2] ** 2


W = [Value(0.1 * i + 0.3, f"w{i}") for i in range(12)]
MODEL = nn.MLP(2, [16, 16, 1], seed=0)
CLASSIFIER = nn.MLP(3, [8, 3], seed=1)


def _written() -> list[tuple[str, Any, list[Any]]]:
    rng = np.random.default_rng(0)
    return [
        ("mixed", _mixed, [rng.normal(size=(7, 5))]),
        ("net", lambda x, t: (MODEL(x) - t) ** 2, [rng.normal(size=(7, 2)), rng.normal(size=7)]),
        ("classes", lambda x: ad.logsumexp(CLASSIFIER(x)) - CLASSIFIER(x)[1], [rng.normal(size=(6, 3))]),
        ("softmax", lambda x: ad.softmax(CLASSIFIER(x))[2], [rng.normal(size=(6, 3))]),
        ("matrix", lambda m: dot(m[0], W[:3]) * dot(m[1], W[3:6]), [rng.normal(size=(5, 2, 3))]),
        ("constants", lambda x: dot(W[:3], [1.0, -2.0, 0.5]) * x + (x * 2.0 + W[3]) * 3.0, [rng.normal(size=4)]),
        ("no sample in it", lambda x: W[0] * W[1] + W[2], [rng.normal(size=4)]),
        ("no parameter", lambda x: ad.sin(x) * 2.0, [rng.normal(size=4)]),
        ("powers", lambda x: (x * x + 0.5) ** W[0] + W[1] ** 3 + 2.0**x, [rng.normal(size=4)]),
        ("a parameter alone", lambda x: W[3], [rng.normal(size=4)]),
        ("a mode", lambda x, mode, t: W[0] * x + t if mode == "add" else x, [rng.normal(size=4), "add", np.arange(4.0)]),
        ("one of a vector", lambda x: [ad.tanh(a * W[0] + b) for a, b in zip(x, W[1:4], strict=True)][1],
         [rng.normal(size=(4, 3))]),
        ("stopped", lambda x: W[0] * x * ad.stop_gradient(W[1] * x) + ad.stop_gradient(x) * W[2], [rng.normal(size=4)]),
        ("stopped vectors", lambda x: dot(ad.stop_gradient([w * x[0] for w in W[:3]]), W[:3]) + dot(W[3:5], x),
         [rng.normal(size=(4, 2))]),
        ("a slope inside", _slope, [rng.normal(size=4)]),
        ("all is stopped", lambda x: ad.stop_gradient(W[0] * x), [rng.normal(size=4)]),
    ]  # fmt: skip


def _slope(x: Any) -> Any:
    y = (W[1] * x).tanh()
    return y * ad.gradients(W[0] * y**3, y) + y * ad.gradients(W[0] * y**3, y, create_graph=True)


def _drawn(count: int) -> list[tuple[str, Any, list[Any]]]:
    found: list[tuple[str, Any, list[Any]]] = []
    draw = random.Random(7)
    for i in range(count):
        operations = [tuple(draw.randrange(256) for _ in range(6)) for _ in range(draw.randrange(3, 16))]
        inputs = draw.randrange(1, 5)
        columns = [np.array([draw.uniform(-2, 2) for _ in range(4)]) for _ in range(inputs)]
        if i % 2:
            f: Any = Tangle(operations, [Value(draw.uniform(-2, 2)), Value(draw.uniform(-2, 2))], inputs)
        else:
            f = Network(operations, inputs, [draw.uniform(-2, 2) for _ in range(5)])
        found.append((f"drawn {i}", lambda *x, f=f: f(*x), columns))
    return found


def cases(drawn: int = 28) -> list[Case]:
    """Programs written by hand, and drawn ones."""
    found = []
    for name, f, columns in [*_written(), *_drawn(drawn)]:
        program = compile(f, parameters=[])  # some have none
        try:
            program.value_and_grad(*columns, batch=True)
            values, gradient = program.value_and_grad(*columns, batch=True)
        except NonFiniteError:
            continue
        columns = [column for column in columns if isinstance(column, np.ndarray)]
        found.append(Case(name, program, columns, values, gradient))
    return found
