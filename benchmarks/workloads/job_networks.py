"""The jobs of machine learning: small networks, a GPT, a transformer block, an LSTM and the like, on scalars.

A ``…_loss`` is the job in our words, on lists of Values; a ``…_data`` draws its weights by name and its inputs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ..peers import array_nets, image_nets, jobs_jax
from .job import JAX, Work, drawn, rng, trained
from .replay import NUMPY, OURS, PYTORCH, weights_of


def demo() -> tuple[Any, ...]:
    from .compiled_nets import hinge

    return hinge()


def wide() -> tuple[Any, ...]:
    import numpy as np

    import nn

    model = nn.MLP(64, [32, 16, 1], seed=3)
    points = np.random.default_rng(5).normal(size=(32, 64))
    sides = np.sign(points[:, 0])
    loss = lambda x, y: (1.0 - y * model(x)).relu()
    return model, loss, (points, sides), array_nets.hinge_net(weights_of(model), points, sides)


def hinge_runs(make: Callable[[], tuple[Any, ...]]) -> dict[str, Callable[[], Work]]:
    def by_hand() -> Work:
        return make()[3], lambda found: [float(found[0]), *in_layers(found[1])]

    def ours() -> Work:
        model, loss, inputs, _ = make()
        return trained(loss, model.parameters(), inputs, True)

    def by_jax() -> Work:
        model, _, inputs, _ = make()
        work, _ = jobs_jax.hinge(weights_of(model), *inputs)
        return work, lambda found: [float(found[0]), *in_layers(found[1])]

    return {NUMPY: by_hand, JAX: by_jax, OURS: ours}


def in_layers(gradients: Sequence[Any]) -> list[float]:
    """Neuron by neuron, weights then bias."""
    import numpy as np

    found: list[float] = []
    for weights, biases in zip(gradients[::2], gradients[1::2], strict=True):
        for row, bias in zip(np.asarray(weights), np.asarray(biases).reshape(-1), strict=True):
            found += [*row.tolist(), float(bias)]
    return found


def images_runs() -> dict[str, Callable[[], Work]]:
    def ours() -> Work:
        from .compiled_nets import image_net

        return trained(*image_net(), True)

    def plain(make: Callable[[Any], Any]) -> Callable[[], Work]:
        return lambda: (make(image_nets.draw()), lambda found: [])

    def by_jax() -> Work:
        import numpy as np

        data = image_nets.draw()
        weights = [data.hidden, np.zeros(image_nets.HIDDEN), data.output.reshape(1, -1), np.zeros(1)]
        return jobs_jax.images(weights, data.images, data.labels)[0], lambda found: []

    return {NUMPY: plain(image_nets.numpy_at_once), PYTORCH: plain(image_nets.torch_at_once), JAX: by_jax,
            OURS: ours}  # fmt: skip


def gpt_runs(word: str) -> dict[str, Callable[[], Work]]:
    from examples.gpt import GPT, tokens_of

    def arrays() -> list[Any]:
        import numpy as np

        return [np.array([[p.data for p in row] for row in matrix]) for matrix in vars(GPT()).values()]

    def ours() -> Work:
        model = GPT()
        return trained(model.loss, model.parameters(), (tokens_of(word),), False)

    flat = lambda found: [float(found[0]), *[x for array in found[1] for x in array.reshape(-1).tolist()]]
    return {
        NUMPY: lambda: (array_nets.gpt(arrays(), tokens_of(word)), flat),
        JAX: lambda: jobs_jax.gpt(arrays(), tokens_of(word)),
        OURS: ours,
    }


def block_loss(w: Any, x: Any) -> Any:
    """A transformer block of 4 heads on 16 positions of 32 numbers: the sum of squares of what comes out."""
    import autograd_tiny as ad

    width, heads = len(x[0]), 4
    size = width // heads
    project = lambda matrix, rows: [[ad.dot(row, r) for row in matrix] for r in rows]
    q, k, v = (project(w[name], x) for name in "qkv")
    seen: list[list[Any]] = [[] for _ in x]
    for h in range(heads):
        part = slice(h * size, (h + 1) * size)
        columns = [*zip(*[row[part] for row in v], strict=True)]
        for i, row in enumerate(q):
            fits = ad.softmax([ad.dot(row[part], other[part]) * size**-0.5 for other in k])
            seen[i] += [ad.dot(fits, column) for column in columns]
    x = [[a + b for a, b in zip(r, s, strict=True)] for r, s in zip(x, project(w["o"], seen), strict=True)]
    up = [[ad.tanh(z) for z in row] for row in project(w["up"], x)]
    out = [a + b for r, s in zip(x, project(w["down"], up), strict=True) for a, b in zip(r, s, strict=True)]
    return ad.dot(out, out)


def block_data() -> tuple[dict[str, Any], tuple[Any, ...]]:
    shapes = {"q": (32, 32), "k": (32, 32), "v": (32, 32), "o": (32, 32), "up": (64, 32), "down": (32, 64)}
    return {name: drawn(*shape, spread=0.2) for name, shape in shapes.items()}, (drawn(16, 32),)


def lstm_start(w: Any) -> tuple[list[float], list[float]]:
    n = len(w["h"][0])
    return [0.0] * n, [0.0] * n


def lstm_step(w: Any) -> Callable[[Any, Any], Any]:
    """A step of an LSTM, as `scan` takes it."""
    import autograd_tiny as ad

    def step(state: Any, x: Any) -> Any:
        h, c = state
        n = len(h)
        z = [ad.dot(a, x) + ad.dot(b, h) + bias for a, b, bias in zip(w["x"], w["h"], w["b"], strict=True)]
        i, f, g, o = (z[k * n : (k + 1) * n] for k in range(4))
        c = [ad.sigmoid(b) * d + ad.sigmoid(a) * ad.tanh(e) for a, b, e, d in zip(i, f, g, c, strict=True)]
        return ([ad.sigmoid(a) * ad.tanh(d) for a, d in zip(o, c, strict=True)], c), None

    return step


def lstm_loss(w: Any, xs: Any) -> Any:
    """The steps written out, of 8 numbers through 16 cells; the sum of squares of the last."""
    import autograd_tiny as ad

    step, state = lstm_step(w), lstm_start(w)
    for x in xs:
        state, _ = step(state, x)
    return ad.dot(state[0], state[0])


def lstm_data(steps: int = 20) -> tuple[dict[str, Any], tuple[Any, ...]]:
    return {"x": drawn(64, 8), "h": drawn(64, 16, spread=0.3), "b": drawn(64)}, (drawn(32, steps, 8),)


def convolution_loss(w: Any, x: Any, digit: Any) -> Any:
    """8 filters of 3 × 3 over 8 × 8 pixels, ReLU, a linear layer, cross-entropy."""
    import autograd_tiny as ad

    maps = []
    for f, bias in zip(w["filters"], w["bias"], strict=True):
        flat = [a for row in f for a in row]
        for i in range(6):
            for j in range(6):
                patch = [p for row in x[i : i + 3] for p in row[j : j + 3]]
                maps.append(ad.relu(ad.dot(flat, patch) + bias))
    return -ad.dot(digit, ad.log_softmax([ad.dot(row, maps) for row in w["out"]]))


def convolution_data() -> tuple[dict[str, Any], tuple[Any, ...]]:
    import numpy as np

    weights = {"filters": drawn(8, 3, 3), "bias": drawn(8), "out": drawn(10, 288, spread=0.1)}
    return weights, (rng().random((64, 8, 8)), np.eye(10)[rng().integers(0, 10, 64)])


def autoencoder_loss(w: Any, x: Any, e: Any) -> Any:
    """64-32-4-32-64, variational: the squared error and the distance of the code from a normal one."""
    import autograd_tiny as ad

    layer = lambda name, x: [ad.dot(row, x) for row in w[name]]
    h = [ad.tanh(z) for z in layer("in", x)]
    mean, log_spread = layer("mean", h), layer("spread", h)
    z = [m + ad.exp(s) * d for m, s, d in zip(mean, log_spread, e, strict=True)]
    back = [ad.sigmoid(v) for v in layer("back", [ad.tanh(u) for u in layer("out", z)])]
    apart = [ad.exp(2.0 * s) + m * m - 1.0 - 2.0 * s for m, s in zip(mean, log_spread, strict=True)]
    return ad.sum([(a - b) ** 2 for a, b in zip(back, x, strict=True)]) + 0.5 * ad.sum(apart)


def autoencoder_data() -> tuple[dict[str, Any], tuple[Any, ...]]:
    shapes = {"in": (32, 64), "mean": (4, 32), "spread": (4, 32), "out": (32, 4), "back": (64, 32)}
    return {name: drawn(*s, spread=0.2) for name, s in shapes.items()}, (rng().random((64, 64)), drawn(64, 4))


def informed_loss(w: Any, x: Any) -> Any:
    """u'' = −π² sin πx at a point, u a net of 1-16-16-1."""
    import autograd_tiny as ad

    def u(x: Any) -> Any:
        h = [ad.tanh(a * x + b) for a, b in zip(w["in"], w["bias"], strict=True)]
        return ad.dot(w["out"], [ad.tanh(ad.dot(row, h)) for row in w["mid"]])

    return (ad.grad(ad.grad(u))(x) + math.pi**2 * ad.sin(math.pi * x)) ** 2


def informed_data() -> tuple[dict[str, Any], tuple[Any, ...]]:
    import numpy as np

    weights = {"in": drawn(16), "bias": drawn(16), "mid": drawn(16, 16), "out": drawn(16)}
    return weights, (np.linspace(0.0, 1.0, 64),)
