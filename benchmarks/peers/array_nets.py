"""The compiler's networks by hand in numpy, forward and backward: what its array programs are measured against.

Idiomatic: whole matrices, every derivative by hand, results in fresh arrays. float64 throughout. Each function takes
the weights (and data) and returns the pass to time, which gives the loss and the gradients in the order of the weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Pass = Callable[[], tuple[float, list[Any]]]


def hinge_net(weights: Sequence[Any], points: Any, sides: Any) -> Pass:
    """2-16-16-1, ReLU, mean hinge loss; ``weights`` are w1, b1, w2, b2, w3, b3, neurons by inputs."""
    import numpy as np

    def run() -> tuple[float, list[Any]]:
        w1, b1, w2, b2, w3, b3 = weights
        z1 = points @ w1.T + b1
        a1 = np.maximum(z1, 0.0)
        z2 = a1 @ w2.T + b2
        a2 = np.maximum(z2, 0.0)
        scores = a2 @ w3[0] + b3
        margins = 1.0 - sides * scores
        loss = np.maximum(margins, 0.0).mean()
        ds = np.where(margins > 0.0, -sides, 0.0) / len(points)
        dz2 = np.outer(ds, w3[0]) * (z2 > 0.0)
        dz1 = (dz2 @ w2) * (z1 > 0.0)
        return loss, [dz1.T @ points, dz1.sum(0), dz2.T @ a1, dz2.sum(0), (ds @ a2)[None], ds.sum()[None]]

    return run


def sigmoid_net(weights: Sequence[Any], images: Any, targets: Any) -> Pass:
    """64-32-10, sigmoid, squared error summed over the outputs, mean over the batch; ``weights`` are w1, b1, w2, b2."""
    import numpy as np

    def run() -> tuple[float, list[Any]]:
        w1, b1, w2, b2 = weights
        a = 1.0 / (1.0 + np.exp(-(images @ w1.T + b1)))
        o = 1.0 / (1.0 + np.exp(-(a @ w2.T + b2)))
        errors = o - targets
        loss = (errors * errors).sum(1).mean()
        dz2 = (2.0 / len(images)) * errors * o * (1.0 - o)
        dz1 = (dz2 @ w2) * a * (1.0 - a)
        return loss, [dz1.T @ images, dz1.sum(0), dz2.T @ a, dz2.sum(0)]

    return run


def gpt(weights: Sequence[Any], tokens: Sequence[int], heads: int = 4) -> Pass:
    """`examples.gpt` on one word; ``weights`` in the order of its attributes: letters, places, …, read_out."""
    import numpy as np

    seen, wanted = np.array(tokens[:-1]), np.array(tokens[1:])
    n, rows = len(seen), np.arange(len(seen))
    hidden_from = np.triu(np.full((n, n), -np.inf), 1)

    def norm(x: Any) -> tuple[Any, Any]:
        scale = ((x * x).mean(1, keepdims=True) + 1e-5) ** -0.5
        return x * scale, scale

    def norm_back(d: Any, x: Any, scale: Any) -> Any:
        return d * scale - x * (scale**3 * (d * x).mean(1, keepdims=True))

    def split(x: Any) -> Any:
        return x.reshape(n, heads, -1).transpose(1, 0, 2)

    def join(x: Any) -> Any:
        return x.transpose(1, 0, 2).reshape(n, -1)

    def run() -> tuple[float, list[Any]]:
        letters, places, query, key, value, blend, widen, narrow, read_out = weights
        x0 = letters[seen] + places[:n]
        y0, s0 = norm(x0)
        q, k, v = split(y0 @ query.T), split(y0 @ key.T), split(y0 @ value.T)
        size = q.shape[2] ** -0.5
        fits = q @ k.transpose(0, 2, 1) * size + hidden_from
        e = np.exp(fits - fits.max(2, keepdims=True))
        p = e / e.sum(2, keepdims=True)
        found = join(p @ v)
        x1 = x0 + found @ blend.T
        y1, s1 = norm(x1)
        h = np.maximum(y1 @ widen.T, 0.0)
        x2 = x1 + h @ narrow.T
        y2, s2 = norm(x2)
        scores = y2 @ read_out.T
        e2 = np.exp(scores - scores.max(1, keepdims=True))
        chances = e2 / e2.sum(1, keepdims=True)
        loss = -np.log(chances[rows, wanted]).mean()

        d = chances.copy()
        d[rows, wanted] -= 1.0
        d /= n
        d_read_out = d.T @ y2
        dx2 = norm_back(d @ read_out, x2, s2)
        d_narrow = dx2.T @ h
        dh = (dx2 @ narrow) * (h > 0.0)
        d_widen = dh.T @ y1
        dx1 = dx2 + norm_back(dh @ widen, x1, s1)
        d_blend = dx1.T @ found
        do = split(dx1 @ blend)
        dv, dp = p.transpose(0, 2, 1) @ do, do @ v.transpose(0, 2, 1)
        df = p * (dp - (dp * p).sum(2, keepdims=True)) * size
        dq, dk, dv = join(df @ k), join(df.transpose(0, 2, 1) @ q), join(dv)
        dy0 = dq @ query + dk @ key + dv @ value
        dx0 = dx1 + norm_back(dy0, x0, s0)
        d_letters, d_places = np.zeros_like(letters), np.zeros_like(places)
        np.add.at(d_letters, seen, dx0)
        d_places[:n] = dx0
        return loss, [d_letters, d_places, dq.T @ y0, dk.T @ y0, dv.T @ y0, d_blend, d_widen, d_narrow, d_read_out]

    return run
