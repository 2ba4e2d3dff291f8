"""Functions of the kinds that people write beside formulas, with derivatives that are known to 80 digits.

Branches and tables, solvers that iterate, single precision, rounding, waves, steep slopes, huge and tiny scales, poles
near by, many arguments, several results. Around them stand formulas that `known` draws.

>>> import random
>>> wild(random.Random(1), "pole").kind
'pole'
"""

from __future__ import annotations

import bisect
import math
import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from tests.autograd_tiny.testing.known import Hidden, Known, draw, mp

Family = Callable[[random.Random], Known]


def made(kind: str, source: str, f: Callable[..., Any], point: Any, gradient: Any, taken: Any = None) -> Known:
    return Known(source, tuple(point), tuple(map(mp.mpf, gradient)), f, kind, "wild", taken)


def inner(rng: random.Random, *kinds: str) -> Known:
    """A formula to build on, of moderate size."""
    while True:
        found = draw(rng, rng.choice(kinds or ("plain", "math", "numpy", "mixed")))
        if all(abs(s) < 100 for s in found.gradient) and abs(found.f(*found.args)) < 100:
            return found


def covered(rng: random.Random, f: Callable[..., Any], part: float = 0.5) -> Callable[..., Any]:
    """Behind a cast, as often as that."""
    return Hidden(f) if rng.random() < part else f


def branch(rng: random.Random) -> Known:
    """One of two formulas, by what ``math`` says of an argument."""
    a, at = inner(rng), rng.uniform(-1.0, 1.0)
    while abs(math.sin(3.0 * a.point[0]) - at) < 0.01:
        at = rng.uniform(-1.0, 1.0)
    f, way = a.f, rng.random() < 0.5
    taken = (math.sin(3.0 * a.point[0]) > at) == way

    def branched(*xs: Any) -> Any:
        return f(*xs) if (math.sin(3.0 * xs[0]) > at) == way else 0.25 * math.exp(0.1 * xs[0])

    slopes = a.gradient
    if not taken:
        slopes = (mp.mpf(0.25) * mp.mpf(0.1) * mp.exp(mp.mpf(0.1) * a.point[0]), *(mp.mpf(0) for _ in a.gradient[1:]))
    return made("branch", f"{a.source} if sin(3x) > {at} else …", covered(rng, branched, 0.3), a.point, slopes)


def table(rng: random.Random) -> Known:
    """Linear between the knots of a table, looked up by bisection or by numpy."""
    knots = [0.25 * k for k in range(-16, 17)]
    heights = [rng.uniform(-2.0, 2.0) for _ in knots]
    k, part = rng.randrange(len(knots) - 1), rng.uniform(0.1, 0.9)
    x, w = knots[k] + 0.25 * part, rng.uniform(0.3, 2.0)

    def looked_up(x: Any, w: Any) -> Any:
        k = bisect.bisect_right(knots, x) - 1
        return w * (heights[k] + (heights[k + 1] - heights[k]) * (x - knots[k]) / (knots[k + 1] - knots[k]))

    def nearest(x: Any, w: Any) -> Any:
        return w * heights[math.floor(x * 4.0) + 16]

    slope = (mp.mpf(heights[k + 1]) - mp.mpf(heights[k])) / mp.mpf(0.25)
    value = heights[k] + slope * (mp.mpf(x) - knots[k])
    way = rng.choice(("bisect", "interp", "nearest"))
    if way == "nearest":
        return made("table", "nearest", covered(rng, nearest), (x, w), (0, heights[k]))
    f = looked_up if way == "bisect" else lambda x, w: w * np.interp(x, knots, heights)
    return made("table", way, covered(rng, f), (x, w), (w * slope, value))


def solver(rng: random.Random) -> Known:
    """The root t of t³ + t = x, or of Kepler's t − e sin t = x, by an iteration that ends at a tolerance."""
    kepler, e = rng.random() < 0.5, rng.uniform(0.1, 0.6)
    x = rng.uniform(0.3, 3.0)
    tolerance, turns = rng.choice((1e-9, 1e-10, 1e-12, 1e-14)), rng.choice((8, 30, 60))
    way = rng.choice(("newton to a tolerance", "newton, relative", "newton", "bisection", "long bisection", "heron"))

    def residual(t: Any, x: Any) -> Any:
        return t - e * math.sin(t) - x if kepler else t**3 + t - x

    def slope(t: Any) -> Any:
        return 1.0 - e * math.cos(t) if kepler else 3.0 * t * t + 1.0

    def to_tolerance(x: Any) -> Any:
        t = x
        for _ in range(100):
            step = residual(t, x) / slope(t)
            t = t - step
            if abs(step) < (tolerance if "relative" not in way else tolerance * abs(t)):
                return t
        return t

    def counted(x: Any) -> Any:
        t = x
        for _ in range(turns):
            t = t - residual(t, x) / slope(t)
        return t

    def bisected(x: Any) -> Any:
        low, high = 0.0, 8.0
        for _ in range(50 if way == "bisection" else 240):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if residual(middle, x) < 0 else (low, middle)
        return low + 0.0 * x

    def heron(x: Any) -> Any:
        t = 1.0 + 0.0 * x
        while abs(t * t - x) > tolerance:
            t = 0.5 * (t + x / t)
        return t

    if way == "heron":
        return made("solver", f"{way}, {tolerance}", covered(rng, heron, 0.3), (x,), (1 / (2 * mp.sqrt(mp.mpf(x))),))
    f = {"newton": counted, "bisection": bisected, "long bisection": bisected}.get(way, to_tolerance)
    ek = mp.mpf(e)
    root = mp.findroot(lambda t: t - ek * mp.sin(t) - x if kepler else t**3 + t - x, counted(x))
    right = 1 / (1 - ek * mp.cos(root)) if kepler else 1 / (3 * root**2 + 1)
    return made("solver", f"{way}, {tolerance}, {turns}, kepler={kepler}, {e}", covered(rng, f, 0.3), (x,), (right,))


def single(rng: random.Random) -> Known:
    """A formula whose result, or one part of it, goes through single precision."""
    a = inner(rng, "math", "plain")
    f = a.f
    whole = lambda *xs: float(np.float32(f(*xs)))
    added = lambda *xs: f(*xs) + 0.5 * np.float32(f(*xs))
    return made("single", a.source, *rng.choice(((whole, a.point, a.gradient),
                (added, a.point, [mp.mpf(1.5) * s for s in a.gradient]))))  # fmt: skip


def rounded(rng: random.Random) -> Known:
    """A formula rounded to a number of decimals, or by text."""
    a, digits = inner(rng, "math", "plain"), rng.randrange(7, 13)
    f = a.f
    by = rng.choice((lambda *xs: round(float(f(*xs)), digits), lambda *xs: float(f"{float(f(*xs)):.{digits}f}"),
                     lambda *xs: round(f(*xs) * 2.0**30) / 2.0**30))  # fmt: skip
    return made("rounded", f"{a.source} to {digits}", by, a.point, a.gradient)


def waves(rng: random.Random) -> Known:
    """A formula with waves on it that are a hundred of its last places high at least: below that they are rounding."""
    a = inner(rng, "math", "plain")
    f, x = a.f, a.point[0]
    height = 10.0 ** rng.uniform(-13.5, -4.0)
    period = height * 10.0 ** rng.uniform(0.0, 3.0)
    if height < 100.0 * 2.0**-52 * max(1.0, abs(f(*a.point)), abs(x)):
        return waves(rng)
    wavy = lambda *xs: f(*xs) + height * math.sin(xs[0] / period)
    more = mp.mpf(height) / mp.mpf(period) * mp.cos(mp.mpf(x) / mp.mpf(period))
    slopes = (a.gradient[0] + more, *a.gradient[1:])
    return made("waves", f"{a.source} + {height} sin(x / {period})", covered(rng, wavy, 0.8), a.point, slopes)


def steep(rng: random.Random) -> Known:
    """Slopes of up to 1e8: tanh, a wave, a power, an exponential."""
    k, x = 10.0 ** rng.uniform(1.0, 8.0), rng.uniform(0.3, 2.0)
    c = x + rng.uniform(-2.0, 2.0) / k
    n, b = rng.randrange(20, 200), rng.uniform(20.0, 300.0)
    kk, u = mp.mpf(k), mp.mpf(k) * (mp.mpf(x) - mp.mpf(c))
    f, right = rng.choice((
        (lambda x: math.tanh(k * (x - c)), kk * mp.sech(u) ** 2),
        (lambda x: math.sin(k * x), kk * mp.cos(kk * x)),
        (lambda x: x**n, n * mp.mpf(x) ** (n - 1)),
        (lambda x: math.exp(b * x), mp.mpf(b) * mp.exp(mp.mpf(b) * x)),
        (lambda x: 1.0 / (1.0 + math.exp(-k * (x - c))), kk * mp.exp(-u) / (1 + mp.exp(-u)) ** 2),
    ))  # fmt: skip
    return made("steep", f"k = {k}, c = {c}, n = {n}, b = {b}", covered(rng, f), (x,), (right,))


def scale(rng: random.Random) -> Known:
    """A formula in other units: huge or tiny arguments, huge or tiny values."""
    a, most = inner(rng), rng.choice((12, 60, 140))
    while any(0 < abs(s) < mp.mpf(10) ** -60 for s in a.gradient):  # a 0 that is known to 80 digits
        a = inner(rng)
    down = [2.0 ** round(3.3 * rng.uniform(-most, most)) for _ in a.point]
    out = 2.0 ** round(3.3 * rng.uniform(-most, most))
    f = a.f

    def scaled(*xs: Any) -> Any:
        return out * f(*(x * d for x, d in zip(xs, down, strict=True)))

    slopes = [mp.mpf(out) * mp.mpf(d) * s for d, s in zip(down, a.gradient, strict=True)]
    return made("scale", f"{a.source} with {down}, {out}", covered(rng, scaled),
                [x / d for x, d in zip(a.point, down, strict=True)], slopes)  # fmt: skip


def pole(rng: random.Random) -> Known:
    """A pole, or the edge of a domain, at 1e-1 to 1e-13 from the point."""
    x = rng.uniform(0.3, 2.0)
    c = x - 10.0 ** rng.uniform(-13.0, -1.0) * rng.choice((1, -1))
    w = rng.uniform(0.5, 2.0)
    d = mp.mpf(x) - mp.mpf(c)
    way = rng.choice(("1/(x-c)", "1/(x-c)²", "log|x-c|", "sqrt|x-c|", "tan"))
    if way == "tan":
        f = lambda x, w: w * math.tan(0.5 * math.pi + (x - c))
        u = mp.mpf(0.5 * math.pi) + d
        return made("pole", f"{way}, c = {c}", covered(rng, f), (x, w), (w * mp.sec(u) ** 2, mp.tan(u)))
    f, value, slope = {
        "1/(x-c)": (lambda x, w: w / (x - c), 1 / d, -1 / d**2),
        "1/(x-c)²": (lambda x, w: w / (x - c) ** 2, 1 / d**2, -2 / d**3),
        "log|x-c|": (lambda x, w: w * math.log(abs(x - c)), mp.log(abs(d)), 1 / d),
        "sqrt|x-c|": (lambda x, w: w * math.sqrt(abs(x - c)), mp.sqrt(abs(d)), mp.sign(d) / (2 * mp.sqrt(abs(d)))),
    }[way]
    return made("pole", f"{way}, c = {c}", covered(rng, f), (x, w), (w * slope, value))


def many(rng: random.Random) -> Known:
    """A list of up to forty numbers: the log of a sum of exponentials, a variance, a norm, a product."""
    n = rng.randrange(5, 40)
    v = [rng.uniform(-2.0, 2.0) for _ in range(n)]
    vs, zero = [mp.mpf(x) for x in v], mp.mpf(0)
    mean, square = sum(vs, zero) / n, sum((x * x for x in vs), zero)
    whole = sum((mp.exp(x) for x in vs), zero)
    way = rng.choice(("logsumexp", "variance", "norm", "numpy norm", "product"))
    f, slopes = {
        "logsumexp": (lambda v: (lambda m: m + math.log(sum(math.exp(x - m) for x in v)))(max(v)),
                      [mp.exp(x) / whole for x in vs]),
        "variance": (lambda v: sum(x * x for x in v) / len(v) - (sum(v) / len(v)) ** 2,
                     [2 * (x - mean) / n for x in vs]),
        "norm": (lambda v: math.sqrt(sum(x**2 for x in v)), [x / mp.sqrt(square) for x in vs]),
        "numpy norm": (lambda v: np.sqrt(np.sum(np.square(v))), [x / mp.sqrt(square) for x in vs]),
        "product": (lambda v: math.prod(1.0 + 0.1 * x for x in v),
                    [mp.mpf(0.1) * math.prod((1 + mp.mpf(0.1) * y for j, y in enumerate(vs) if j != i), start=mp.mpf(1))
                     for i in range(n)]),
    }[way]  # fmt: skip
    taken = np.array(v) if "numpy" in way else v
    f = covered_list(f) if rng.random() < 0.4 else f
    return made("many", f"{way} of {n}", f, v, slopes, (taken,))


def covered_list(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda v: float(f([float(x) for x in v]))


def several(rng: random.Random) -> Known:
    """A tuple, a list, a dict or an array of results of one point."""
    parts = [inner(rng)]
    while len(parts) < rng.randrange(2, 4):
        other = inner(rng)
        if len(other.point) == len(parts[0].point) and other.kind == parts[0].kind:
            shift = [x - y for x, y in zip(other.point, parts[0].point, strict=True)]
            if all(
                Fraction(y) + Fraction(s) == Fraction(x)
                for x, s, y in zip(other.point, shift, parts[0].point, strict=True)
            ):
                parts.append(shifted(other, shift, parts[0].point))
    fs = [part.f for part in parts]
    pack = rng.choice((tuple, list, lambda ys: dict(enumerate(ys)), lambda ys: np.array(ys, dtype=object),
                       lambda ys: np.array(list(map(float, ys)))))  # fmt: skip
    f = lambda *xs: pack([g(*xs) for g in fs])
    return made("several", " and ".join(p.source for p in parts), f, parts[0].point,
                [s for part in parts for s in part.gradient])  # fmt: skip


def shifted(known: Known, shift: list[float], point: tuple[float, ...]) -> Known:
    """The same formula of ``x + shift``, so that it has its point elsewhere; exact where the sum is."""
    f = known.f
    g = lambda *xs: f(*(x + s for x, s in zip(xs, shift, strict=True)))
    return replace(known, f=g, point=point, source=f"({known.source}) of x + {shift}")


FAMILIES: dict[str, Family] = {
    f.__name__: f for f in (branch, table, solver, single, rounded, waves, steep, scale, pole, many, several)
}


def wild(rng: random.Random, kind: str) -> Known:
    """A function of that family, finite at its point, with slopes that floats hold."""
    while True:
        known = FAMILIES[kind](rng)
        if all(s == 0 or mp.mpf(10) ** -290 < abs(s) < mp.mpf(10) ** 290 for s in known.gradient):
            return known
