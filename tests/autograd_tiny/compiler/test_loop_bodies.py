"""What the body of a compiled loop may do and may not, and what a program with a loop says and becomes."""

from __future__ import annotations

import itertools
import random
import time
from typing import Any

import numpy as np
import pytest

import autograd_tiny as ad
from autograd_tiny import (
    NonFiniteError,
    RecordingError,
    Value,
    compile,
    custom_gradient,
    load_program,
    nonfinite,
    scan,
    select,
)  # fmt: skip

from .test_loops import XS, b, floats, plainly, simple, u, w


def _keeping():
    kept = []
    return lambda h, x: (kept.append(h) or h * w, None)


def _counting():
    n = [0]

    def step(h, x):
        n[0] += 1
        return h * n[0], None

    return step


def _ticking():
    ticks = itertools.count(1)
    return lambda h, x: (h * next(ticks), None)


def _writing():
    class Cell:
        h = 1.0

        def __call__(self, c, x):
            self.h = self.h * w + c
            return c * self.h, None

    return Cell()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (lambda h, x: (h * w if h > 0.0 else h, None), "compares"),
        (lambda h, x: (h * h.data, None), "reads the number of"),
        (lambda h, x: (h, f"{h}"), "writes out the number of"),
        (lambda h, x: (setattr(w, "data", 1.0) or h, None), "sets the number of"),
        (_keeping(), "keeps a Value that depends on an input between calls, in kept"),
        (_counting(), "or keeps state"),
        (_writing(), "keeps a Value that depends on an input between calls"),
        (lambda h, x: (h * random.random(), None), "draws at random"),
        (lambda h, x: (h * (time.perf_counter() + 1e9), None), "as a constant|clock|perf_counter"),
        (_ticking(), "takes what is next from ticks"),
        (lambda h, x: (h * 2.0 if isinstance(h, float) else h * w, None), "the body of a scan, gives"),
    ],
)
def test_a_body_that_misbehaves_is_an_error(body, says):
    with pytest.raises(RecordingError, match=says):
        compile(lambda h: scan(body, h, XS)[0])(0.9)


@pytest.mark.parametrize(
    "f",
    [
        lambda h: scan(lambda h, i: (h * XS[i], None), h, range(3))[0],
        lambda h: scan(lambda h, x: (h * w if x == "a" else h + 1.0, None), h, ["a", "b", "a"])[0],
        lambda h: ad.sum(scan(lambda h, x: (h + ad.sum(x), h), h, [[1.0], [1.0, 2.0]])[1]),
        lambda h: scan(lambda c, x: (c * w, (x, None, "k")), h, XS),
        lambda h: scan(lambda c, x: (c, x * h), None, XS),
        lambda h: scan(lambda c, x: (c * w, c), h, []),
        lambda h: scan(custom_gradient(lambda c, x: (c * c, c), backward=lambda g, y, c, x: (g[0] * 2.0 * c, None)), h, [1.0])[0],
        lambda h: custom_gradient(lambda c: c * c, backward=lambda g, y, c: 2.0 * g * c)(scan(lambda c, x: (c * w, None), h, XS)[0]),
        lambda h: scan(compile(lambda c, x: (c * w + x, None)), h, XS)[0],
        lambda h: scan(lambda c, x: (c * select([w, u], 1) + x, None), h, XS)[0],
        lambda h: [scan(lambda c, x, k=k: (c + x * k, None), h, XS)[0] for k in (h * w, h * 2.0)],
        lambda h: scan(lambda c, x: (c.detach() * w + x if isinstance(c, Value) else c * w + x, None), h, XS)[0],
    ],
)  # fmt: skip
def test_what_a_loop_may_be_of(f):
    program = compile(f)
    for h in (0.3, 0.8):
        assert floats(program(h)) == pytest.approx(floats(f(h)), rel=1e-12)


def test_a_number_that_is_not_finite_names_the_step():
    f = lambda h: scan(lambda c, x: (ad.exp(c * x), None), h, [1.0, 2.0, 30.0])[0]
    program = compile(f)
    assert program(-1.0) == pytest.approx(f(-1.0), rel=1e-12)
    for call in (lambda: program(3.0), lambda: compile(f)(3.0), lambda: program([0.0, 3.0], batch=True)):
        with pytest.raises(NonFiniteError) as caught:
            call()
        assert any("in step 2 of <lambda> in a scan" in note for note in caught.value.__notes__)
    with nonfinite("allow"):
        assert program(3.0) == np.inf


def test_samples_that_fail_do_not_disturb_the_others():
    f = lambda h: scan(lambda c, x: (ad.exp(c) * w * x, None), h, [2.0, 2.0, 2.0])[0]
    H = np.array([0.5, 1.5, -2.0, 3.0])
    for scalars in ("auto", "never"):
        program = compile(f, scalars=scalars)
        assert program(0.1) == pytest.approx(f(0.1).data)
        with pytest.raises(NonFiniteError) as caught:
            program.value_and_grad(H, batch=True)
        assert "on sample 3 of the batch" in caught.value.__notes__
        with nonfinite("allow"):
            values = program(H, batch=True)
            np.testing.assert_allclose(values, [f(h).data for h in H.tolist()], rtol=1e-12)
        assert program.fallen_back == 1


# What a program with a loop says and becomes


def test_the_program_does_not_grow_with_the_steps():
    sizes = set()
    for steps in (3, 1_000):
        program = compile(lambda h, steps=steps: scan(lambda c, _: ((c * w + b).tanh(), None), h, length=steps)[0])
        program(0.5)
        sizes.add(
            (
                len(program.last.program.instructions),
                program.last.program.count_lines(),
                program.last.program.graph.size,
            )
        )
    assert len(sizes) == 1


def test_what_it_says_of_a_loop():
    program = compile(lambda h: scan(lambda c, _: ((c * w).tanh(), None), h, length=100, checkpoint=True)[0])
    program.value_and_grad(0.5)
    assert "t1 = scan of <lambda>(h, b1)  1  loop of 100 steps" in str(program)
    assert "∂b1 += ∂t1 back through the steps" in str(program)
    told = program.explain()
    assert "The loop t1 is a scan of <lambda>: 100 steps of 2 operations each, recorded once" in told
    assert "it keeps 10 numbers of a sample, the carries and runs the steps between them twice" in told
    assert "for 1 sample its steps run node by node" in told
    assert "LoopCall scan" in "\n".join(map(str, program.passes(0.5)))


def test_a_program_that_leaves_has_its_steps_written_out(tmp_path):
    program = compile(lambda h, xs: simple(scan, h, xs))
    value, slopes = program.value_and_grad(0.5, XS)
    again = load_program(program.export(tmp_path / "p.json"))
    assert again.value_and_grad(0.5, XS)[0] == pytest.approx(value, rel=1e-12)
    assert again.value_and_grad(0.5, XS)[1] == pytest.approx(slopes, rel=1e-12)
    space = {}
    exec(program.to_numpy(), space)
    assert space["value"](np.array([0.5]), np.array([XS]))[0] == pytest.approx(value, rel=1e-12)
    assert "tanh" in program.to_c().source
    long = compile(lambda h: scan(lambda c, _: ((c * w + b).tanh(), None), h, length=200_000)[0])
    long(0.5)
    with pytest.raises(ValueError, match=r"whose 200,000 steps would be written out as 600,000 operations"):
        long.to_c()


def test_parameters_held_in_an_array_are_those_of_the_loop():
    program = compile(lambda h, xs: simple(scan, h, xs))
    program(0.5, XS)
    then = [leaf.data for leaf in program.parameters]
    with program.hold() as held:
        held *= 2.0
        found = program(0.5, XS)
    try:
        assert found == pytest.approx(simple(plainly, 0.5, XS).data, rel=1e-12)
    finally:
        for leaf, number in zip(program.parameters, then, strict=True):
            leaf.data = number


def by_kind(c: Any, t: Any) -> Any:
    return c * 0.5 + (1.0 if isinstance(t, int) else -1.0), None


@pytest.mark.parametrize("xs", [[0, 1, 2], [0.5, 1, 2], [(0.5, 1.0), (1.5, 2)]], ids=str)
def test_a_body_that_asks_for_the_kind_of_a_number_is_an_error(xs: list[Any]) -> None:
    body = by_kind if not isinstance(xs[0], tuple) else lambda c, t: by_kind(c, t[1])
    with pytest.raises(RecordingError, match="asks for the type"):
        compile(lambda x: scan(body, x, xs)[0])(1.0)


@pytest.mark.parametrize("scalars", ["always", "never"])
@pytest.mark.parametrize("first", [Value(1.0), w, 1.0], ids=["just runs", "by a parameter", "by an input"])
def test_gradients_are_compared_where_there_are_loops(scalars: str, first: Any) -> None:
    one, same = Value(2.0, "one"), Value(2.0, "same")

    def f(x: Any) -> Any:
        mine = one if isinstance(x, Value) else same
        init = Value(1.0) if first is not w and isinstance(first, Value) else first * x
        return scan(lambda c, _: (c * 0.5, None), init, length=3)[0] + x * mine

    with pytest.raises(RecordingError, match=r"gives 0\.0 as its derivative by 'one'"):
        compile(f, scalars=scalars)(3.0)


@pytest.mark.parametrize("scalars", ["always", "never"])
def test_a_body_that_takes_another_parameter_by_a_type_is_an_error(scalars: str) -> None:
    one, same = Value(2.0, "one"), Value(2.0, "same")
    mine = lambda x: one if isinstance(x, Value) else same
    by_outer = lambda x: scan(lambda c, _: (c * mine(x), None), x, length=3)[0]
    by_carry = lambda x: scan(lambda c, _: (c * mine(c), None), x, length=3)[0]
    until = lambda x: ad.while_loop(lambda c: ad.less(c, 50.0), lambda c: c * mine(c), x, 9)
    for f in (by_outer, by_carry, until):
        with pytest.raises(RecordingError, match="as its derivative by 'one'"):
            compile(f, scalars=scalars)(3.0)


def test_steps_over_what_is_no_number_are_written_out() -> None:
    class Layer:
        def __init__(self, weight: float) -> None:
            self.weight = Value(weight)

        def __call__(self, x: Any) -> Any:
            return self.weight * x

    layers = [Layer(2.0), Layer(3.0)]
    f = lambda x: scan(lambda c, layer: (layer(c), None), x, layers)[0]
    program = compile(f)
    assert [program(1.0), program(2.0)] == [6.0, 12.0]
    layers[1].weight.data = 5.0
    assert program(1.0) == 10.0
    assert compile(lambda x: scan(lambda c, n: (c * n, n), x, [1, 0.5, 2])[0])(3.0) == 3.0


@pytest.mark.parametrize("scalars", ["always", "never"])
def test_a_condition_may_be_any_number_that_ends_at_zero(scalars: str) -> None:
    w = Value(2.0)
    f = lambda x: ad.while_loop(lambda s: s[1], lambda s: (s[0] * w, s[1] - 1.0), (x, 3.0), 5)[0]
    assert compile(f, scalars=scalars)(1.5) == f(1.5).data == 12.0


@pytest.mark.parametrize("scalars", ["always", "never"])
def test_an_arm_that_is_not_taken_may_have_no_answer_whichever_call_is_first(scalars: str) -> None:
    w = Value(2.0)
    f = lambda x: ad.cond(ad.greater(x, 0.0), lambda a: ad.log(a) * w, lambda a: a * w, x)
    for points in ((-4.0, 1.0, -4.0), (1.0, -4.0)):
        program = compile(f, scalars=scalars)
        for x in points:
            assert program(x) == f(Value(x)).data
            assert program.value_and_grad(x)[1] == ad.gradients(f(Value(x)), [w])
    with pytest.raises(ad.NonFiniteError):
        compile(lambda x: ad.log(x) * w, scalars=scalars)(-1.0)


BESIDE: dict[str, Any] = {
    "a term": lambda x: ad.scan(lambda s, _: (s * 1.5, None), x + 1.0, length=20)[0] + 1000.0,
    "a factor": lambda x: 1000.0 * ad.scan(lambda s, _: (s - 0.01 * s * (1.0 - s), None), x * 0.5, length=100)[0],
    "the first carry": lambda x: ad.scan(lambda s, _: (s * (1.0 + x / 12.0) - 500.0, None), 20000.0, length=24)[0],
    "beside a while_loop": lambda x: (
        ad.while_loop(lambda s: ad.less(s, 9.0), lambda s: s * 1.5, x + 1.0, max_steps=20) + 2000.0
    ),
    "a loop in a loop": lambda x: (
        ad.scan(
            lambda s, _: (ad.scan(lambda t, _: (t * 1.01 + 7.0, None), s + 2.0, length=20)[0], None), x + 1.0, length=30
        )[0]
        + 3e3
    ),
}


@pytest.mark.parametrize("f", BESIDE.values(), ids=[*BESIDE])
def test_large_constants_beside_a_loop_are_constants(f: Any) -> None:
    """They are compared to the last bit, on a run in which the loop is written out: its own constants are in that."""
    program = compile(f)
    for x in (0.05, 0.3):
        assert program(x) == pytest.approx(f(x), rel=1e-12)


def test_a_clock_beside_a_loop_is_none() -> None:
    for f in (
        lambda x: ad.scan(lambda s, _: (s * time.time(), None), x + 1.0, length=20)[0] * 1e4,
        lambda x: ad.scan(lambda s, _: (s * 1.5, None), x + 1.0, length=20)[0] + time.time(),
    ):
        with pytest.raises(RecordingError):
            compile(f)(0.5)


def test_another_parameter_by_a_type_is_seen_beside_a_large_constant() -> None:
    """The run that compares constants leaves the comparison of gradients as it was."""
    one, other = Value(2.0), Value(2.0)
    f = lambda x: (
        ad.scan(lambda s, _: (s * (one if isinstance(x, Value) else other), None), x + 1.0, length=20)[0] + 1e3
    )
    with pytest.raises(RecordingError):
        compile(f)(0.5)
