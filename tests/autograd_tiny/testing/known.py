"""Random functions whose derivatives are known by another way than any that the kit has.

Each is written out as a line of Python over ``math``, numpy or both, with casts and cancellation of the kinds that
people write. Its derivatives come from dual numbers over mpmath at 80 digits, by rules that stand here: no row of the
table, no difference quotient.

>>> import random
>>> known = draw(random.Random(1), "plain")
>>> known.source.startswith("lambda ")
True
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

CONTEXT = mpmath.MPContext()
CONTEXT.dps = 80
mp = CONTEXT


@dataclass(frozen=True)
class Dual:
    """A number of 80 digits with its derivatives by each argument."""

    value: Any
    slopes: tuple[Any, ...]

    def through(self, value: Any, slope: Any) -> Dual:
        return Dual(value, tuple(slope * s for s in self.slopes))

    def with_other(self, other: Dual, value: Any, mine: Any, others: Any) -> Dual:
        return Dual(value, tuple(mine * a + others * b for a, b in zip(self.slopes, other.slopes, strict=True)))


Rule = Callable[[Dual], Dual]

UNARY: dict[str, tuple[str, Callable[[Any], bool], Callable[[Any], tuple[Any, Any]]]] = {
    "exp": ("{m}.exp({u})", lambda u: u < 4, lambda u: (mp.exp(u), mp.exp(u))),
    "sin": ("{m}.sin({u})", lambda u: True, lambda u: (mp.sin(u), mp.cos(u))),
    "cos": ("{m}.cos({u})", lambda u: True, lambda u: (mp.cos(u), -mp.sin(u))),
    "tanh": ("{m}.tanh({u})", lambda u: True, lambda u: (mp.tanh(u), mp.sech(u) ** 2)),
    "log": ("{m}.log({u})", lambda u: u > 0.05, lambda u: (mp.log(u), 1 / u)),
    "sqrt": ("{m}.sqrt({u})", lambda u: u > 0.05, lambda u: (mp.sqrt(u), 1 / (2 * mp.sqrt(u)))),
    "square": ("({u})**2", lambda u: True, lambda u: (u * u, 2 * u)),
    "sigmoid": ("1/(1+{m}.exp(-({u})))", lambda u: u > -30, lambda u: (1 / (1 + mp.exp(-u)), mp.exp(-u) / (1 + mp.exp(-u)) ** 2)),
    "erf": ("math.erf({u})", lambda u: True, lambda u: (mp.erf(u), 2 / mp.sqrt(mp.pi) * mp.exp(-u * u))),
    "atan": ("math.atan({u})", lambda u: True, lambda u: (mp.atan(u), 1 / (1 + u * u))),
    "inverse": ("1/({u})", lambda u: abs(u) > 0.1, lambda u: (1 / u, -1 / u**2)),
    "scaled": ("0.3*({u})+0.7", lambda u: True, lambda u: (mp.mpf(0.3) * u + mp.mpf(0.7), mp.mpf(0.3))),
    "abs": ("abs({u})", lambda u: abs(u) > 0.05, lambda u: (abs(u), mp.sign(u))),
    "relu": ("max(0.0, {u})", lambda u: abs(u) > 0.05, lambda u: (max(u, mp.mpf(0)), mp.mpf(1 if u > 0 else 0))),
}  # fmt: skip
"""The source, where it may be used, value and slope."""

CANCELLING: dict[str, tuple[str, Callable[[Any], bool], Callable[[Any], tuple[Any, Any]]]] = {
    "1 - cos": ("1-{m}.cos({u})", lambda u: True, lambda u: (1 - mp.cos(u), mp.sin(u))),
    "1 - tanh": ("1-{m}.tanh({u})", lambda u: True, lambda u: (1 - mp.tanh(u), -mp.sech(u) ** 2)),
    "1 + erf": ("1+math.erf(-({u}))", lambda u: True, lambda u: (mp.erfc(u), -2 / mp.sqrt(mp.pi) * mp.exp(-u * u))),
    "softplus": ("{m}.log(1+{m}.exp(-({u})))", lambda u: u > -30, lambda u: (mp.log1p(mp.exp(-u)), -1 / (1 + mp.exp(u)))),
    "exp - 1": ("{m}.exp({u})-1", lambda u: u < 4, lambda u: (mp.expm1(u), mp.exp(u))),
    "sqrt - 1": ("{m}.sqrt(1+({u})**2)-1", lambda u: True, lambda u: (mp.sqrt(1 + u * u) - 1, u / mp.sqrt(1 + u * u))),
    "shifted": ("(({u})+1e6)-1e6", lambda u: True, lambda u: (u, mp.mpf(1))),
}  # fmt: skip

BINARY: dict[str, tuple[str, Callable[[Any, Any], bool], Callable[[Any, Any], tuple[Any, Any, Any]]]] = {
    "add": ("({u})+({v})", lambda u, v: True, lambda u, v: (u + v, 1, 1)),
    "sub": ("({u})-({v})", lambda u, v: True, lambda u, v: (u - v, 1, -1)),
    "mul": ("({u})*({v})", lambda u, v: True, lambda u, v: (u * v, v, u)),
    "div": ("({u})/({v})", lambda u, v: abs(v) > 0.1, lambda u, v: (u / v, 1 / v, -u / v**2)),
    "hypot": ("math.hypot({u}, {v})", lambda u, v: abs(u) + abs(v) > 0.1,
              lambda u, v: (mp.hypot(u, v), u / mp.hypot(u, v), v / mp.hypot(u, v))),
}  # fmt: skip

KINDS = ("plain", "math", "numpy", "mixed", "cast", "one cast", "hidden", "cancelling", "hidden cancelling", "array")
POINTS: dict[str, Callable[[random.Random], float]] = {
    "scaled": lambda rng: rng.choice((-1, 1)) * rng.uniform(0.1, 3.0),
    "wide": lambda rng: rng.uniform(-10.0, 10.0),
    "small": lambda rng: rng.choice((-1, 1)) * 10.0 ** rng.uniform(-6.0, 0.0),
    "round": lambda rng: float(rng.choice((-3, -2, -1, -0.5, 0.5, 1, 2, 3, 5, 10))),
}


@dataclass(frozen=True)
class Known:
    """A function, a point, and the gradient there."""

    source: str
    point: tuple[float, ...]
    gradient: tuple[Any, ...]
    f: Callable[..., Any]
    kind: str
    points: str
    taken: tuple[Any, ...] | None = None

    @property
    def args(self) -> tuple[Any, ...]:
        """The point as the function takes it."""
        if self.taken is not None:
            return self.taken
        return (np.array(self.point),) if self.kind == "array" else self.point


class Hidden:
    """A function whose inside no copy of a function's code can reach: it makes floats of what it is given."""

    def __init__(self, f: Callable[..., Any]) -> None:
        self.f = [f]

    def __call__(self, *xs: Any) -> float:
        return float(self.f[-1](*map(float, xs)))


class Drawing:
    """One function in the making."""

    def __init__(self, rng: random.Random, kind: str, names: Sequence[str], point: Sequence[float]) -> None:
        self.rng, self.kind, self.names = rng, kind, names
        n = len(point)
        self.leaves = [
            (name, Dual(mp.mpf(x), tuple(mp.mpf(int(i == k)) for k in range(n))))
            for i, (name, x) in enumerate(zip(names, point, strict=True))
        ]

    def module(self) -> str:
        if self.kind in ("numpy", "array"):
            return "np"
        if self.kind == "mixed":
            return self.rng.choice(("np", "math"))
        return "math"

    def part(self, depth: int) -> tuple[str, Dual]:
        rng = self.rng
        if depth == 0:
            return rng.choice(self.leaves)
        if rng.random() < 0.5:
            (a, p), (b, q) = self.part(depth - 1), self.part(rng.randrange(depth))
            names = [name for name in BINARY if self.kind not in ("plain", "numpy", "array") or name != "hypot"]
            source, fits, rule = BINARY[rng.choice(names)]
            if fits(p.value, q.value):
                value, mine, others = rule(p.value, q.value)
                return source.format(u=a, v=b), p.with_other(q, value, mine, others)
            return a, p
        a, p = self.part(depth - 1)
        rows = UNARY
        if "cancelling" in self.kind and rng.random() < 0.4:
            rows = CANCELLING
        elif self.kind == "plain":
            rows = {name: UNARY[name] for name in ("square", "inverse", "scaled", "abs", "relu")}
        elif self.kind in ("numpy", "array"):
            rows = {name: row for name, row in UNARY.items() if not row[0].startswith("math.")}
        source, fits, rule = rows[rng.choice(list(rows))]
        if not fits(p.value):
            return a, p
        if self.kind == "one cast" and rng.random() < 0.3:
            a = f"float({a})"
        value, slope = rule(p.value)
        return source.format(m=self.module(), u=a), p.through(value, slope)


def draw(rng: random.Random, kind: str, points: str = "scaled") -> Known:
    """A function of one to three arguments that uses each of them at least where it can."""
    while True:
        n = rng.choice((1, 2, 2, 3))
        point = tuple(POINTS[points](rng) for _ in range(n))
        names = [f"v[{i}]" for i in range(n)] if kind == "array" else list("xyz"[:n])
        drawing = Drawing(rng, kind, names, point)
        source, out = drawing.part(rng.choice((2, 3, 3, 4)))
        if kind == "one cast" and "float(" not in source:
            source = f"({source})+0.01*math.sin(float({names[0]}))"
            x = mp.mpf(point[0])
            slopes = list(out.slopes)
            slopes[0] += mp.mpf(0.01) * mp.cos(x)
            out = Dual(out.value + mp.mpf(0.01) * mp.sin(x), tuple(slopes))
        if not abs(out.value) < 1e4 or not all(abs(s) < 1e6 for s in out.slopes):
            continue
        arguments = "v" if kind == "array" else ", ".join(names)
        body = source
        if kind == "cast":
            body = f"(lambda {arguments}: {source})({', '.join(f'float({name})' for name in names)})"
        written = f"lambda {arguments}: {body}"
        f = eval(written, {"math": math, "np": np})
        if "hidden" in kind:
            f = Hidden(f)
        try:
            args = (np.array(point),) if kind == "array" else point
            if not math.isfinite(float(f(*args))):
                continue
        except (ArithmeticError, ValueError):
            continue
        return Known(written, point, out.slopes, f, kind, points)
