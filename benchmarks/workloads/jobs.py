"""Jobs of machine learning, finance and engineering, next to numpy by hand, jax.jit, CasADi and PyTorch.

Each job is written on scalars, compiled, and called with its inputs as arrays; the peers do the same work in their own
way, on one thread, in float64. Compiling is not in the figures, and stands in the notes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from time import perf_counter
from typing import Any

from ..engines import COMPILED, TORCH
from ..goals import times_more
from ..harness import ONE_THREAD, Contender, Outcomes, Package, Sample, Workload
from ..peers import array_nets, image_nets, jobs_casadi, jobs_jax, scalar_jobs
from .replay import NUMPY, OURS, PASS, PYTORCH, time_passes, weights_of

JAX, CASADI, BUFFERS = "jax.jit", "CasADi", "CasADi, buffers"
PACKAGES = {NUMPY: Package("numpy", "numpy"), JAX: Package("jax", "jax"), CASADI: Package("casadi", "casadi"),
            BUFFERS: Package("casadi", "casadi"),
            PYTORCH: TORCH.package}  # fmt: skip
NEAR = 1e-6
"""Of sums whose terms nearly cancel; relative to each number."""

Work = tuple[Callable[[], Any], Callable[[Any], list[float]]]


@cache
def rng() -> Any:
    import numpy as np

    return np.random.default_rng(17)


def drawn(*shape: int, spread: float = 0.5) -> Any:
    return spread * rng().standard_normal(shape)


def timed(make: Callable[[], Work]) -> Sample:
    """A contender's work: what it takes, and its numbers."""
    start = perf_counter()
    work, listed = make()
    found = listed(work())
    return time_passes(work, numbers=found[:2000], seconds=perf_counter() - start)


def values(arrays: Any) -> Any:
    """Arrays as lists of Values, and dicts of them."""
    from autograd_tiny import Value

    if isinstance(arrays, dict):
        return {name: values(array) for name, array in arrays.items()}
    return Value(float(arrays)) if arrays.ndim == 0 else [values(row) for row in arrays]


def leaves(tree: Any) -> list[Any]:
    if isinstance(tree, dict):
        return [leaf for name in sorted(tree) for leaf in leaves(tree[name])]
    return [leaf for part in tree for leaf in leaves(part)] if isinstance(tree, list) else [tree]


def trained(loss: Callable[..., Any], parameters: list[Any], inputs: tuple[Any, ...], batch: bool) -> Work:
    """A loss with its gradient, by the program, with the parameters in an array as in training."""
    import autograd_tiny as ad

    program = ad.compile(loss, parameters=parameters)
    program.flat_value_and_grad(*inputs, batch=batch)
    holding = program.hold()
    holding.__enter__()

    def work() -> Any:
        return program.flat_value_and_grad(*inputs, batch=batch), holding

    def listed(found: Any) -> list[float]:
        (value, gradient), _ = found
        return [float(value.mean()) if batch else float(value), *gradient.tolist()]

    return work, listed


def derived(kind: str, function: Callable[..., Any], at: Any, batch: bool) -> Work:
    """A program's Jacobian or Hessian."""
    import numpy as np

    import autograd_tiny as ad

    derivative = getattr(ad.compile(function), kind)
    turn = lambda found: np.moveaxis(np.array(found, float), -1, 0) if batch else np.array(found, float)
    return lambda: derivative(at, batch=batch), lambda found: turn(found).ravel()[:2000].tolist()


# Networks


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
    from .compiled_nets import _set

    def ours() -> Work:
        import nn

        data = image_nets.draw()
        model = nn.MLP(image_nets.PIXELS, [image_nets.HIDDEN, 1], ["relu", "sigmoid"])
        for neuron, weights in zip(model.layers[0].neurons, data.hidden.tolist(), strict=True):
            _set(neuron.w, weights)
        _set(model.layers[1].neurons[0].w, data.output.tolist())

        def loss(x: Any, t: Any) -> Any:
            p = model(x)
            return -(t * p.log() + (1.0 - t) * (1.0 - p).log())

        return trained(loss, model.parameters(), (data.images, data.labels), True)

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


def learned(
    make: Callable[[], tuple[dict[str, Any], tuple[Any, ...]]], loss: Callable[..., Any],
    peer: Callable[..., jobs_jax.Ready], batch: bool = True,
) -> dict[str, Callable[[], Work]]:  # fmt: skip
    """A job on weights by name: jax's answer comes sorted by name too."""

    def ours() -> Work:
        arrays, inputs = make()
        weights = values(arrays)
        return trained(lambda *xs: loss(weights, *xs), leaves(weights), inputs, batch)

    def by_jax() -> Work:
        arrays, inputs = make()
        return peer(arrays, *inputs)

    return {JAX: by_jax, OURS: ours}


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


def lstm_loss(w: Any, xs: Any) -> Any:
    """20 steps of 8 numbers through 16 cells; the sum of squares of the last."""
    import autograd_tiny as ad

    n = len(w["h"][0])
    h: list[Any] = [0.0] * n
    c: list[Any] = [0.0] * n
    for x in xs:
        z = [ad.dot(a, x) + ad.dot(b, h) + bias for a, b, bias in zip(w["x"], w["h"], w["b"], strict=True)]
        i, f, g, o = (z[k * n : (k + 1) * n] for k in range(4))
        c = [ad.sigmoid(b) * d + ad.sigmoid(a) * ad.tanh(e) for a, b, e, d in zip(i, f, g, c, strict=True)]
        h = [ad.sigmoid(a) * ad.tanh(d) for a, d in zip(o, c, strict=True)]
    return ad.dot(h, h)


def lstm_data() -> tuple[dict[str, Any], tuple[Any, ...]]:
    return {"x": drawn(64, 8), "h": drawn(64, 16, spread=0.3), "b": drawn(64)}, (drawn(32, 20, 8),)


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


# Finance and engineering


def books(count: int) -> Any:
    import numpy as np

    draw = np.random.default_rng(3)
    low, high = [80.0, 80.0, 0.0, 0.1, 0.2], [120.0, 120.0, 0.05, 0.5, 2.0]
    return draw.uniform(low, high, (count, 5))


def hessians_runs(count: int) -> dict[str, Callable[[], Work]]:
    def ours() -> Work:
        from examples.jobs.option_greeks import call

        names = ("spot", "strike", "rate", "sigma", "years")
        f = lambda p: call(dict(zip(names, p, strict=True)))
        return derived("hessian", f, books(count), True)

    return {JAX: lambda: jobs_jax.black_scholes(books(count)), OURS: ours}


def asian_runs() -> dict[str, Callable[[], Work]]:
    import numpy as np

    shocks = np.random.default_rng(4).standard_normal((100_000, 12))

    def ours() -> Work:
        from autograd_tiny import Value
        from examples.jobs.monte_carlo import payoff

        spot, sigma = Value(100.0), Value(0.25)
        return trained(lambda shocks: payoff(spot, sigma, shocks), [spot, sigma], (shocks,), True)

    return {JAX: lambda: jobs_jax.asian(np.array([100.0, 0.25]), shocks), OURS: ours}


def scalar_runs(name: str, mode: str, at: Any) -> dict[str, Callable[[], Work]]:
    def ours() -> Work:
        import autograd_tiny as ad

        f = getattr(scalar_jobs, name)
        if mode == "jacobian":
            return derived("jacobian", lambda p: f(ad, p), list(at), False)
        parameters = [ad.Value(x) for x in at]
        return trained(lambda: f(ad, parameters), parameters, (), False)

    return {
        CASADI: lambda: jobs_casadi.casadi(name, mode, list(at), buffers=False),
        BUFFERS: lambda: jobs_casadi.casadi(name, mode, list(at), buffers=True),
        OURS: ours,
    }


def notes(outcomes: Outcomes) -> list[str]:
    """How far the peers' numbers are from ours, and what compiling took, the first call included."""
    found = {name: o.samples[0].facts for name, o in outcomes.items() if o.samples}
    lines = [f"{name}: {facts['seconds'] * 1e3:,.0f} ms to compile and measure." for name, facts in found.items()]
    ours = found.pop(OURS, None)
    for name, facts in found.items():
        if ours is not None and facts["numbers"]:
            mine = ours["numbers"][: len(facts["numbers"])]
            scale = max(map(abs, mine)) or 1.0
            worst = max(abs(a - b) for a, b in zip(mine, facts["numbers"], strict=True)) / scale
            word = "" if worst <= NEAR else ": NOT the same work"
            lines.append(f"{name}: largest difference from ours {worst:.1g} of the largest number{word}.")
    return lines


def job(
    name: str, title: str, runs: Callable[[], Mapping[str, Callable[[], Work]]], names: Sequence[str],
    limits: Mapping[str, float], rounds: int = 2,
) -> Workload:  # fmt: skip
    """A workload; ``runs`` is called in the child only, where everything is imported."""
    environment = {**COMPILED.environment, **ONE_THREAD, "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"}

    def contender(key: str) -> Contender:
        return Contender(key, lambda: timed(runs()[key]), PACKAGES.get(key, COMPILED.package), environment)

    return Workload(
        name=name,
        title=title,
        contenders=[*map(contender, names), contender(OURS)],
        quantities={PASS: "{:,.1f} µs"},
        peer=names[0],
        goals=[times_more(OURS, PASS, limit, peer) for peer, limit in limits.items()],
        rounds=rounds,
        notes=notes,
    )


def with_jax(name: str, title: str, runs: Callable[[], Any], limit: float = 1.0) -> Workload:
    return job(name, title, runs, [JAX], {JAX: limit})


def with_casadi(name: str, title: str, function: str, mode: str, at: Any) -> Workload:
    return job(name, title, lambda: scalar_runs(function, mode, at), [CASADI, BUFFERS], {CASADI: 0.8})


LAYERS = {NUMPY: 0.35, JAX: 0.35}
JOBS: Sequence[Workload] = (
    job("job-demo", "micrograd's demo net, 100 samples", lambda: hinge_runs(demo), [NUMPY, JAX], LAYERS),
    job("job-wide", "64-32-16-1, 32 samples", lambda: hinge_runs(wide), [NUMPY, JAX], LAYERS),
    job("job-gpt-4", "The GPT, a word of 4 letters", lambda: gpt_runs("cats"), [NUMPY, JAX], {NUMPY: 0.35}),
    job("job-gpt-15", "The GPT, a word of 15 letters", lambda: gpt_runs("abcdefghijklmno"), [NUMPY, JAX],
        {NUMPY: 0.35}),
    job("job-images", "4096-8-1, 209 samples", images_runs, [NUMPY, PYTORCH, JAX],
        dict.fromkeys((NUMPY, PYTORCH, JAX), 1.0)),
    with_jax("job-block", "A transformer block, 16 positions of 32", lambda: learned(
        block_data, block_loss, jobs_jax.block, batch=False)),
    with_jax("job-lstm", "An LSTM of 20 steps, 32 samples", lambda: learned(lstm_data, lstm_loss, jobs_jax.lstm)),
    with_jax("job-convolution", "A convolution on digits, 64 samples", lambda: learned(
        convolution_data, convolution_loss, jobs_jax.convolution)),
    with_jax("job-autoencoder", "A variational autoencoder, 64 samples", lambda: learned(
        autoencoder_data, autoencoder_loss, jobs_jax.autoencoder)),
    with_jax("job-informed", "A physics-informed net, 64 points", lambda: learned(
        informed_data, informed_loss, jobs_jax.informed)),
    with_jax("job-hessians-1000", "1,000 Black-Scholes Hessians", lambda: hessians_runs(1_000)),
    with_jax("job-hessians-100000", "100,000 Black-Scholes Hessians", lambda: hessians_runs(100_000)),
    with_jax("job-asian", "An Asian option, 100,000 paths, with Greeks", asian_runs, 0.6),
    with_casadi("job-kalman", "A Kalman filter's likelihood, 100 observations, with gradient", "log_likelihood",
                "gradient", [0.3, 0.1]),
    with_casadi("job-fit", "Lotka and Volterra, 200 Runge-Kutta steps: gradient", "misfit", "gradient",
                scalar_jobs.FIT),
    with_casadi("job-fit-jacobian", "The same: the Jacobian, 40 × 6", "populations", "jacobian", scalar_jobs.FIT),
    with_casadi("job-curve", "A curve of 30 swap rates: the Jacobian", "zero_rates", "jacobian", scalar_jobs.QUOTES),
    with_casadi("job-arm", "An arm of six joints: the Jacobian", "hand", "jacobian", scalar_jobs.ANGLES),
)  # fmt: skip
