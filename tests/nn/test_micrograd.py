"""micrograd's users change one import: its tests, its demo and microgpt's use of Value, with the numbers that they give."""

from __future__ import annotations

import random
from typing import Any

import pytest

from autograd_tiny import Value
from nn import MLP, Layer, Neuron


def test_micrograds_sanity_check() -> None:
    x = Value(-4.0)
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    y = h + q + q * x
    y.backward()
    assert (y.data, x.grad) == (-20.0, 46.0)  # what PyTorch gives


def test_micrograds_more_ops() -> None:
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    assert g.data == pytest.approx(24.70408163265306, rel=1e-15)
    assert a.grad == pytest.approx(138.8338192419825, rel=1e-15)
    assert b.grad == pytest.approx(645.5772594752186, rel=1e-15)


def demo(model: Any, make: Any, points: list[list[float]], sides: list[int], steps: int) -> list[float]:
    """The training loop of micrograd's demo notebook, as it stands there."""
    losses_seen = []
    for k in range(steps):
        inputs = [list(map(make, row)) for row in points]
        scores = list(map(model, inputs))
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(sides, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        alpha = 1e-4
        reg_loss = alpha * sum(p * p for p in model.parameters())
        total_loss = data_loss + reg_loss
        model.zero_grad()
        total_loss.backward()
        learning_rate = 1.0 - 0.9 * k / 100
        for p in model.parameters():
            p.data -= learning_rate * p.grad
        losses_seen.append(total_loss.data)
    return losses_seen


def ring(points: int = 20) -> tuple[list[list[float]], list[int]]:
    rng = random.Random(3)
    xs = [[rng.uniform(-1, 1), rng.uniform(-1, 1)] for _ in range(points)]
    return xs, [1 if x * x + y * y < 0.5 else -1 for x, y in xs]


def test_the_demo_gives_micrograds_numbers() -> None:
    """Reference: micrograd 0.1.0 with random.seed(1337), printed by the test below this one."""
    random.seed(1337)
    model = MLP(2, [16, 16, 1])
    assert len(model.parameters()) == 337
    losses = demo(model, Value, *ring(), steps=4)
    assert losses == pytest.approx(REFERENCE, rel=1e-12)


REFERENCE = [0.6549995655317897, 1.4091571272225742, 0.5707030508933095, 0.44243513822926456]


def test_the_reference_is_micrograds() -> None:
    engine = pytest.importorskip("micrograd.engine", reason="micrograd is installed by make bench only")
    from micrograd.nn import MLP as Theirs

    random.seed(1337)
    assert demo(Theirs(2, [16, 16, 1]), engine.Value, *ring(), steps=4) == pytest.approx(REFERENCE, rel=1e-12)


def test_micrograds_call_forms() -> None:
    model = MLP(2, [16, 16, 1])
    assert [len(layer.neurons) for layer in model.layers] == [16, 16, 1]
    neuron = model.layers[0].neurons[0]
    assert (len(neuron.w), neuron.b.data) == (2, 0.0)
    assert isinstance(model([1.0, 2.0]), Value)
    assert isinstance(Layer(2, 3)([1.0, 2.0]), list)
    assert Neuron(2, nonlin=False)([Value(1.0), Value(2.0)]).op == "add"
    assert repr(Neuron(2)) == "ReLUNeuron(2)"


def test_microgpts_use_of_value() -> None:
    """Linear, softmax, RMSNorm, ReLU and the loss as microgpt writes them; checked by central differences."""

    def linear(x: Any, w: Any) -> Any:
        return [sum(wi * xi for wi, xi in zip(wo, x, strict=True)) for wo in w]

    def softmax(logits: Any) -> Any:
        max_val = max(val.data for val in logits)
        exps = [(val - max_val).exp() for val in logits]
        total = sum(exps)
        return [e / total for e in exps]

    def rmsnorm(x: Any) -> Any:
        ms = sum(xi * xi for xi in x) / len(x)
        scale = (ms + 1e-5) ** -0.5
        return [xi * scale for xi in x]

    rng = random.Random(0)
    numbers = [rng.gauss(0, 0.5) for _ in range(4 + 12)]

    def loss(values: list[Any]) -> Any:
        x, w = values[:4], [values[4 + 4 * i : 8 + 4 * i] for i in range(3)]
        hidden = [xi.relu() for xi in linear(rmsnorm(x), w)]
        probs = softmax([a + b for a, b in zip(hidden, linear(x, w), strict=True)])
        return -probs[1].log()

    leaves = [Value(x) for x in numbers]
    loss(leaves).backward()
    step = 1e-6
    for i, leaf in enumerate(leaves):
        up, down = ([Value(x + (j == i) * h) for j, x in enumerate(numbers)] for h in (step, -step))
        assert leaf.grad == pytest.approx((loss(up).data - loss(down).data) / (2 * step), rel=1e-6, abs=1e-9)
