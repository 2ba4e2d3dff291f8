"""What a recording is held against: the function on numbers, at another point too. A harmless one is never refused."""

from __future__ import annotations

import itertools
import operator
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_tiny as ad
from autograd_tiny import Value, compile, cond, grad, greater, less, scan, switch, where, while_loop

from .test_loops import floats

w = Value(2.0, "w")


def until(x: Any, most: int = 20) -> Any:
    return while_loop(lambda s: less(abs(s), 2.5), lambda s: s * 1.5 + 0.1, x, max_steps=most)


def grown(x: Any, by: float = 1.1) -> Any:
    return scan(lambda c, _: (c * by, None), x, length=20)[0]


RAISES_ELSEWHERE: dict[str, tuple[Callable[[Any], Any], float]] = {
    "a loop that does not end": (lambda x: until(x) * 0.0, 0.5),
    "a loop that does not end, differentiated": (grad(lambda x: ad.floor(until(x))), 0.5),
    "a loop that does not end, at 0": (lambda x: while_loop(lambda s: less(s, 0.3), lambda s: s + 0.1, x, 5), 0.0),
    "a primitive": (lambda x: ad.asin(x) * 0.0, 0.5),
    "an index": (lambda x: switch(ad.floor(x), [lambda: x * 0.0, lambda: x]), 0.5),
}


@pytest.mark.parametrize("name", RAISES_ELSEWHERE)
@pytest.mark.parametrize("scalars", ["auto", "never", "always"])
def test_an_error_at_the_other_point_is_nobodys(name: str, scalars: str) -> None:
    f, x = RAISES_ELSEWHERE[name]
    program = compile(f, scalars=scalars)
    assert floats(program(x)) == pytest.approx(floats(f(x)))
    assert program.fallen_back == 0


AFTER: dict[str, Callable[[Any], Any]] = {
    "interp": lambda y: ad.interp(y, [-1.0, 0.0, 1.0, 9.0], [1.0, 0.0, 2.0, 7.0]),
    "interp between parameters": lambda y: ad.interp(y, [-1.0, 0.0, 1.0, 9.0], [w, 0.0, w * w, 7.0]),
    "cond": lambda y: cond(greater(y, 0.0), lambda: y * 5.0, lambda: y * 3.0 - 1.0),
    "switch": lambda y: switch(greater(y, 0.0), [lambda: y * 5.0, lambda: y * 3.0 - 1.0]),
    "while": lambda y: while_loop(lambda s: less(s, 50.0), lambda s: abs(s) * 1.3, y, max_steps=60),
    "scan": lambda y: scan(lambda c, x: (c * y + x, None), y, [0.1, 0.2])[0],
    "where": lambda y: where(greater(y, 0.0), y * 5.0, y * 3.0 - 1.0),
    "select": lambda y: ad.select([y, w, y * y], ad.floor(ad.tanh(y)) + 1.0),
    "gradient": lambda y: grad(lambda t: ad.interp(t, [-9.0, 0.0, 9.0], [1.0, 0.0, 2.0]) * y)(y),
    "detach": lambda y: y * y.detach(),
    "maximum": lambda y: ad.maximum([y, w, y * 2.0]),
    "softmax": lambda y: ad.softmax([y, y * 2.0, 1.0])[1],
    "std": lambda y: ad.std([y, y * 2.0, 1.0]),
    "round": lambda y: round(y, 2) + y // 0.3 + y % 0.7,
    "power": lambda y: abs(y) ** 1.5 + y**2 + 1.5**y,
    "linalg": lambda y: ad.linalg.solve([[y * y + 3.0, 1.0], [1.0, 2.0]], [y, 1.0])[0],
    "norm": lambda y: ad.norm([y, 0.0, y]),
    "corner": lambda y: ad.norm([y - y, 0.0]) + ad.xlogy(y - y, y * y),
}
LOOPS: dict[str, Callable[[Any], Any]] = {
    "scan": grown,
    "scan of 0": lambda x: grown(x * 0.0) + x,
    "while": lambda x: while_loop(lambda s: less(abs(s), 2.5), lambda s: s * 1.5 + 0.1, x, max_steps=20),
    "cond": lambda x: cond(greater(x, 0.5), grown, lambda x: grown(x, 0.7), x),
    "switch": lambda x: switch(greater(x, 0.5), [grown, lambda x: grown(x, 0.7)], x),
    "both": lambda x: until(grown(x), 60),
}


PAIRS = [
    (loop, after) if (i + j) % 3 == 0 else pytest.param(loop, after, marks=pytest.mark.once)
    for i, loop in enumerate(LOOPS)
    for j, after in enumerate(AFTER)
]
"""All of them on one engine, and of each loop and of what comes after it some on both: they record the same."""


@pytest.mark.parametrize(("loop", "after"), PAIRS)
def test_whatever_comes_after_a_loop(loop: str, after: str) -> None:
    f = lambda x: AFTER[after](LOOPS[loop](x))
    for x in (1.0, 0.3, -0.4):
        y = f(Value(x))
        assert floats(compile(f)(x)) == pytest.approx(floats(y), rel=1e-12)
        assert floats(compile(f).jacobian(x)) == pytest.approx(floats(grad(f)(Value(x))), rel=1e-9)


@pytest.mark.parametrize("point", [1.0, -1.0])
@pytest.mark.parametrize("nested", [False, True])
def test_a_loop_in_an_arm_is_held_against_the_same_loop(point: float, nested: bool) -> None:
    arms = [lambda x: grown(x, 1.1), lambda x: grown(x, 2.2), lambda x: grown(until(x, 90), 3.3)]
    if nested:
        arms = [lambda x, arm=arm: scan(lambda c, _: (arm(c), None), x, length=2)[0] for arm in arms]
    f = lambda x: cond(greater(x, 0.0), arms[0], lambda x: cond(greater(x, -0.5), arms[1], arms[2], x), x)
    for x in (point, point * 0.3):
        assert compile(f)(x) == pytest.approx(f(x), rel=1e-12)


def test_a_loop_in_an_arm_that_misbehaves_is_refused() -> None:
    of_type = lambda x: grown(x, 2.2 if isinstance(x, float) else 1.7)
    f = lambda x: cond(greater(x, 0.0), grown, of_type, x) * 0.0
    with pytest.raises(ad.RecordingError, match=r"2\.2"):
        compile(f)(-1.0)


ONLY_RECORDED: dict[str, Callable[[Any, Any], Any]] = {
    "KeyError": lambda n, x: {3: 2.0, 5: 3.0}[n] * x * w,
    "TypeError.*>>": lambda n, x: (n >> 1) * x * w,
    "TypeError.*&": lambda n, x: (n & 1) * x * w,
    "AttributeError.*bit_length": lambda n, x: n.bit_length() * x * w,
    "ValueError.*no number": lambda n, x: _number(n) * x * w,
    "compares": lambda n, x: _caught(n) * x * w,
}


def _number(n: Any) -> Any:
    if not isinstance(n, int):
        raise ValueError("no number")
    return n


def _caught(n: Any) -> Any:
    try:
        return 1.0 if n > 2 else 2.0
    except TypeError:
        raise ValueError("something else") from None


@pytest.mark.parametrize("says", ONLY_RECORDED)
@pytest.mark.parametrize("batch", [False, True])
def test_an_error_that_only_the_recording_raises_says_so(says: str, batch: bool) -> None:
    program = compile(ONLY_RECORDED[says])
    with pytest.raises(ad.RecordingError, match=says) as caught:
        program(*([3, 5], [1.0, 2.0]) if batch else (3, 1.0), batch=batch)
    assert caught.value.__cause__ is not None
    assert says == "compares" or "operator.index" in str(caught.value)


def test_with_an_index_it_is_right() -> None:
    f = lambda n, x: {3: 2.0, 5: 3.0}[operator.index(n)] * (operator.index(n) >> 1) * x * w
    program = compile(f)
    assert [program(n, 1.5) for n in (3, 5, 3)] == [f(n, 1.5).data for n in (3, 5, 3)]
    assert program([3, 5], [1.0, 2.0], batch=True).tolist() == [f(3, 1.0).data, f(5, 2.0).data]


def test_an_error_of_both_is_the_functions_own() -> None:
    with pytest.raises(KeyError, match="7"):
        compile(lambda x: {1: w}[7] * x)(1.0)


ASKS: dict[str, Callable[[Any], Any]] = {
    "index": lambda xs: xs.index(xs[1]) * w + xs[0],
    "count": lambda xs: xs.count(xs[0]) * w,
    "a set": lambda xs: w * len(set(xs)),
    "a set comprehension": lambda xs: w * len({x * 1.0 for x in xs}),
    "keys": lambda xs: w * len({x: i for i, x in enumerate(xs)}),
    "fromkeys": lambda xs: w * len(dict.fromkeys(xs)),
    "in": lambda xs: w * (xs[0] in xs[1:]) + xs[1],
    "==": lambda xs: w * (xs[0] == xs[1]) + xs[1],
    "!=": lambda xs: w * (xs[0] != xs[1]) + xs[1],
    "Counter": lambda xs: w * len(Counter(xs)),
    "groupby": lambda xs: w * len([*itertools.groupby(xs)]),
    "through a helper": lambda xs: w * _kinds(xs),
}


def _kinds(xs: Any) -> int:
    return len(set(xs))


@pytest.mark.parametrize("name", ASKS)
@pytest.mark.parametrize("numbers", [[1.0, 2.0], [1, 2], (1.0, 2.0, 3.0)], ids=repr)
def test_who_asks_if_inputs_are_equal_is_refused(name: str, numbers: Any) -> None:
    with pytest.raises(ad.RecordingError, match="or if two of them are equal"):
        compile(ASKS[name])(numbers)


@pytest.mark.parametrize(
    "f",
    [
        lambda xs: xs[["a", "b"].index("b")] * w,
        lambda xs: xs[0] * xs[1] * w * len({"a", "b"}),
        lambda xs: xs[0] * w if len(xs) == 2 else w,
        lambda xs: w / (xs[0] - xs[1]) * ("a" in "ab"),
        lambda xs: ad.sum([x * w for x in {"a": xs[0], "b": xs[1]}.values()]),
        lambda xs: where(ad.equal(xs[0], xs[1]), w, w * xs[0]) * len({1, 2}),
        lambda xs: grown(xs[0]) * xs[1] * (len({1, 2}) == 2),
    ],
)
@pytest.mark.parametrize("numbers", [[1.0, 2.0], [2, 1]], ids=repr)
def test_who_asks_if_other_things_are_equal_is_not(f: Callable[[Any], Any], numbers: Any) -> None:
    assert floats(compile(f)(numbers)) == pytest.approx(floats(f(numbers)))


def test_of_an_index_the_equal_ones_are_asked_nothing() -> None:
    f = lambda i, j, x: [w, x, w * x][i] * x + [w, x * 3.0][j] * ([1, 2].index(1) + 1)
    for i, j in itertools.product(range(3), range(2)):
        assert compile(f)(i, j, 1.5) == pytest.approx(floats(f(i, j, 1.5))[0])


def test_numbers_that_add_up_to_next_to_nothing_do_so_in_any_order() -> None:
    drawn = np.random.default_rng(0).normal(size=2000) * 1e3
    data = [*(drawn - drawn.mean()).tolist()]
    for f in (
        lambda d, x: np.mean(np.array(d)) * x * w,
        lambda d, x: scan(lambda c, _: (c + np.sum(np.array(d)), None), x, length=20)[0] * w,
    ):
        assert compile(f)(data, 1.0) == pytest.approx(floats(f(data, 1.0))[0], abs=1e-9)


@pytest.mark.parametrize("ends", ["on Values", "at 0"])
def test_ctrl_c_in_a_loop_that_ends_only_where_it_was_recorded_says_what_ran(ends: str) -> None:
    def stopped_by_hand(x: Any) -> Any:
        unending = isinstance(x, float) if ends == "on Values" else isinstance(x, float) and x != 0.0
        if unending:
            raise KeyboardInterrupt  # as the loop is stopped by Ctrl-C
        return w * x

    with pytest.raises(KeyboardInterrupt) as caught:
        compile(stopped_by_hand)(0.0)
    (note,) = caught.value.__notes__
    assert note.startswith("compile was") and "a loop that does not end there needs a bound" in note
    assert compile(lambda x: w * x)(2.0) == 2.0 * w.data


TABLE = {1.0: 3.0, 2.0: 5.0}
LOOKS_UP: dict[str, Callable[[Any], Any]] = {
    "in a set": lambda x: w if x in {1.0, 2.0} else -w,
    "in a frozen set": lambda x: w if x not in frozenset((1.0, 2.0)) else -w,
    "in a dict": lambda x: w if x in TABLE else -w,
    "get": lambda x: w * TABLE.get(x, 0.0),
    "in a computed set": lambda x: w if 3.0 + x * 2.0 in {5.0} else -w,
    "a set of one number": lambda x: w * len({x, 1.0}),
    "Counter": lambda x: w * len(Counter([x, 1.0])),
    "setdefault": lambda x: w * dict(TABLE).setdefault(x, 7.0),
    "in keys": lambda x: w if x in TABLE.keys() else -w,  # noqa: SIM118
    "a hash": lambda x: w * (hash(x) % 7),
    "its hash": lambda x: w * (x.__hash__() % 7),
}


@pytest.mark.parametrize("name", LOOKS_UP)
@pytest.mark.parametrize("x", [0.5, 3, 1.0], ids=repr)
def test_who_looks_an_input_up_is_refused_though_nothing_is_found(name: str, x: Any) -> None:
    with pytest.raises(ad.RecordingError, match=r"looks a number up in a set or a dict|when it is run on numbers"):
        compile(LOOKS_UP[name])(x)


def test_keys_that_are_no_inputs_and_indices_are_none_of_its_concern() -> None:
    rows = {0: w, 1: 2.0 * w.data}
    for f in (
        lambda x: {"a": x * w, "b": x},
        lambda x: x * w * len({1.0, 2.0}) * TABLE[1.0],
        lambda x: ad.sum([x * value for value in dict.fromkeys([w, w])]),
    ):
        assert floats(compile(f)(3.0)) == floats(f(3.0))
    assert compile(lambda i: rows[operator.index(i)] * 1.0)(1) == 4.0
    assert compile(lambda i: w * {0: 1.0, 1: 7.0}.get(operator.index(i), 0.0))(1) == 14.0
