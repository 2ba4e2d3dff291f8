"""Loops that compile: every way of running them gives what the plain Python loop gives, or an error that says why not."""

from __future__ import annotations

import itertools
from collections import namedtuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_tiny as ad
from autograd_tiny import (
    RecordingError,
    Value,
    compile,
    cond,
    grad,
    gradients,
    greater,
    hessian,
    jvp,
    scan,
    switch,
    tanh,
    where,
    while_loop,
)  # fmt: skip

Pair = namedtuple("Pair", "a b")
XS = [0.1, -0.4, 0.7]


def plainly(f, init, xs):
    ys = []
    for x in xs:
        init, y = f(init, x)
        ys.append(y)
    return init, ys


def machines(program):
    return {
        type(runner.machine).__name__
        for bindings in program.last.program.bindings.values()
        for binding in bindings
        for runner in binding.env.values()
        if type(runner).__name__ == "Runner"
    }


def floats(x):
    if isinstance(x, (list, tuple)):
        return [y for part in x for y in floats(part)]
    return [x.data if isinstance(x, Value) else x] if isinstance(x, (Value, float, int)) else []


# Every way against the plain loop

w, u, b = Value(0.5, "w"), Value(-0.3, "u"), Value(0.1, "b")
W = [[Value(0.3 * ((i * j) % 5 - 2)) for j in range(1, 4)] for i in range(1, 4)]
LEAVES = [w, u, b, *itertools.chain(*W)]


def simple(run, h0, xs):
    h, ys = run(lambda h, x: ((w * h + u * x).tanh(), h * x), h0, xs)
    return h + ad.sum(ys)


def tuples(run, h0, xs):
    (a, c), ys = run(lambda s, x: ((s[1] * 0.9 + x * w, (s[0] * u).sin()), s[0]), (h0, 0.3), xs)
    return a * c + ys[-1] * ys[1]


def dicts(run, h0, xs):
    s, ys = run(lambda s, x: ({"p": s["q"] * w + x, "q": tanh(s["p"])}, {"e": s["p"] * b}), {"p": h0, "q": 0.0}, xs)
    return s["p"] + ad.sum([y["e"] * x for y, x in zip(ys, xs, strict=True)])


def swapped(run, h0, xs):
    s, _ = run(lambda s, x: (Pair(s.b, s.a * w + b), None), Pair(h0, xs[0]), xs)
    return s.a * s.b


def recurrent(run, h0, xs):
    h, ys = run(lambda h, x: ([tanh(ad.dot(row, h) + x * b) for row in W], h[0]), [h0, 0.1, 0.2], xs)
    return ad.sum([x * x for x in h]) + ad.sum(ys)


def of_arrays(run, h0, xs):
    h, _ = run(lambda h, x: (np.tanh(np.array(W) @ h + x * b), None), np.array([h0, h0 * 0.5, 0.1], dtype=object), xs)
    return ad.sum(list(h))


def hoisted(run, h0, xs):
    gate = ad.sigmoid(xs[0] * w + h0)
    h, _ = run(lambda h, x: (gate * h + (1.0 - gate) * ad.exp(w * 0.1) * x, None), h0, xs)
    return h * gate


def constants(run, h0, xs):
    h, ys = run(lambda h, x: (h * 0.5 + w, (1.0, x)), h0, xs)
    return h + ad.sum([y[0] * 2.0 + y[1] for y in ys])


def the_same_twice(run, h0, xs):
    (a, c), ys = run(lambda s, x: ((y := s[0] * w + x, y), y), (h0, h0), xs)
    return a + c * ys[0]


def branching(run, h0, xs):
    h, _ = run(lambda h, x: (where(greater(h, x), ad.sqrt(where(greater(h, x), h - x, 1.0)), x * u + h), None), h0, xs)
    return h


def choosing(run, h0, xs):
    two = [lambda h, x: h * w + x, lambda h, x: -h * u + x]
    h, _ = run(lambda h, x: (switch(greater(h, 0.0), two, h, x), None), h0, xs)
    return cond(greater(h, 0.1), lambda h: h * 2.0, lambda h: h * w, h)


def nested(run, h0, xs):
    def outer(h, x):
        k, _ = run(lambda k, z: ((k * w + z * x).tanh(), None), h, [0.1, 0.2] * 10)
        return k, k * x

    h, ys = run(outer, h0, xs)
    return h + ad.sum(ys)


def nested_shortly(run, h0, xs):
    h, _ = run(lambda h, x: (run(lambda k, z: (k * w + z * x, None), h, [0.1, u])[0], None), h0, xs)
    return h


def one_after_another(run, h0, xs):
    h, ys = run(lambda h, x: ((w * h + x).tanh(), h), h0, xs)
    g, zs = run(lambda g, y: (g * u + y, g), h, ys)
    return g + ad.sum(zs)


def of_what_is_shared(run, h0, xs):
    h, _ = run(lambda h, x: (h * w + b * x, None), 0.4, [0.0, 1.0, 2.0])
    return h * h0 + xs[1]


def paired(run, h0, xs):
    h, _ = run(lambda h, x: (h * w + x[0] * x[1], None), h0, [(x, 0.1 * i) for i, x in enumerate(xs)])
    return h


CASES = [
    nested_shortly,simple, tuples, dicts, swapped, recurrent, of_arrays, hoisted, constants, the_same_twice, branching, choosing,
         nested, one_after_another, of_what_is_shared, paired]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
@pytest.mark.parametrize(
    ("scalars", "checkpoint"),
    [
        ("auto", False),
        ("never", True),
        pytest.param("never", False, marks=pytest.mark.long),
        pytest.param("auto", True, marks=pytest.mark.long),
        pytest.param("always", False, marks=pytest.mark.long),
    ],
)
def test_every_way_gives_what_the_plain_loop_gives(case, scalars, checkpoint):
    run = lambda f, init, xs: scan(f, init, xs, checkpoint=checkpoint)
    program = compile(lambda h0, xs: case(run, h0, xs), scalars=scalars)
    rng = np.random.default_rng(1)
    xs = rng.normal(size=5)
    _agree(program, program.value_and_grad(0.37, xs), case(plainly, 0.37, xs.tolist()), 1)
    H, X = rng.normal(size=4), rng.normal(size=(4, 5))
    every = [case(plainly, h, x) for h, x in zip(H.tolist(), X.tolist(), strict=True)]
    found = program.value_and_grad(H, X, batch=True)
    np.testing.assert_allclose(found[0], [y.data for y in every], rtol=1e-12, atol=1e-13)
    _agree(program, (found[0].mean(), found[1]), ad.sum(every) / 4.0, 4)
    assert program.fallen_back == 0
    if scalars == "never" and case is not nested:
        assert machines(program) == {"ArrayMachine"}


def _agree(program, found, expected, samples):
    value, slopes = found
    mine = dict(zip(program.parameters, slopes, strict=True))
    then = gradients(expected, LEAVES)
    size = max(map(abs, then))
    assert value == pytest.approx(expected.data, rel=1e-12, abs=1e-13)
    assert max(abs(mine.get(leaf, 0.0) - x) for leaf, x in zip(LEAVES, then, strict=True)) <= 1e-12 * max(size, 1.0)


@pytest.mark.skipif(ad.engine == "python", reason="node by node is estimated at thirty times as long there")
@pytest.mark.parametrize(("samples", "expected"), [(64, "ScalarMachine"), (4096, "ArrayMachine")])
def test_a_few_samples_of_a_short_step_that_may_stop_go_node_by_node(samples, expected):
    w = Value(0.5)
    program = compile(lambda x: while_loop(lambda c: greater(c, 0.9), lambda c: c * (1.0 - 0.01 * w), x, 50))
    program(np.linspace(0.5, 1.0, samples), batch=True)
    assert machines(program) == {expected}


@pytest.mark.parametrize("backend", ["numpy", "auto"])
def test_lines_and_loops_in_c_give_the_same(backend):
    program = compile(lambda h0, xs: recurrent(scan, h0, xs), scalars="never", backend=backend)
    _agree(program, program.value_and_grad(0.2, XS), recurrent(plainly, 0.2, XS), 1)


def _kinds(p, q):
    return [p + q, p * q, tanh(p), ad.sin(p) - q, where(greater(p, q), p, q)]


@given(st.integers(1, 12), st.integers(1, 3), st.integers(0, 3), st.sampled_from(["auto", "never"]), st.randoms())
def test_drawn_steps(steps, carried, streamed, scalars, rng):
    """Bodies drawn at random: sums, products and smooth functions of what is carried, streamed and closed over."""
    leaves = [Value(rng.uniform(-0.7, 0.7)) for _ in range(3)]
    plan = [(rng.randrange(5), rng.random(), rng.random()) for _ in range(rng.randrange(2, 9))]
    gives, checkpoint = rng.randrange(3), rng.random() < 0.3

    def body(carry, x):
        pool = [*carry, *x, *leaves, 0.25]
        for kind, i, j in plan:
            pool.append(_kinds(pool[int(i * len(pool))], pool[int(j * len(pool))])[kind])
        return [tanh(y) for y in pool[-carried:]], pool[-gives - 1 : -1] if gives else None

    def of(run):
        def f(init, *streams):
            xs = [list(row) for row in zip(*streams, strict=True)] if streams else [[]] * steps
            carry, ys = run(body, list(init), xs)
            return ad.sum([*carry, *(y for row in ys if row for y in row)]) * leaves[0]

        return f

    program = compile(of(lambda f, i, xs: scan(f, i, xs, checkpoint=checkpoint)), scalars=scalars)
    numbers = lambda n: [rng.uniform(-1.0, 1.0) for _ in range(n)]
    batch = [numbers(carried) for _ in range(3)], *[[numbers(steps) for _ in range(3)] for _ in range(streamed)]
    every = [of(plainly)(*sample) for sample in zip(*batch, strict=True)]
    values, slopes = program.value_and_grad(*map(np.array, batch), batch=True)
    np.testing.assert_allclose(values, [y.data for y in every], rtol=1e-12, atol=1e-12)
    expected = gradients(ad.sum(every) / 3.0, leaves)
    mine = dict(zip(program.parameters, slopes, strict=True))
    for leaf, slope in zip(leaves, expected, strict=True):
        assert mine.get(leaf, 0.0) == pytest.approx(slope, rel=1e-10, abs=1e-11)
    one = program.value_and_grad(*[x[0] for x in batch])
    assert one[0] == pytest.approx(every[0].data, rel=1e-12, abs=1e-12)


# While loops and choices


@pytest.mark.parametrize("scalars", ["auto", "never"])
def test_a_while_loop_makes_as_many_steps_as_each_sample_needs(scalars):
    def root(a, x):
        end = while_loop(lambda x: greater(abs(x * x - a * w), 1e-12), lambda x: (x + a * w / x) * 0.5, x, max_steps=60)
        return end**3

    program = compile(root, scalars=scalars)
    A, X = np.linspace(0.5, 20.0, 9), np.linspace(0.1, 9.0, 9)
    every = [root(float(a), float(x)) for a, x in zip(A, X, strict=True)]
    values, (slope,) = program.value_and_grad(A, X, batch=True)
    np.testing.assert_allclose(values, [y.data for y in every], rtol=1e-12)
    assert slope == pytest.approx(gradients(ad.sum(every) / 9.0, w), rel=1e-12)
    assert program(3.0, 1.0) == pytest.approx(root(3.0, 1.0).data, rel=1e-13)
    assert program(2.0, 1.0) == root(2.0, 1.0) == 1.0  # no step at all
    assert program.fallen_back == 0


def test_a_while_loop_that_does_not_end_is_an_error_as_it_is_eagerly():
    program = compile(lambda a: while_loop(lambda x: greater(x, 0.0), lambda x: x - a * w, 3.0, max_steps=7))
    assert program(1.0) == 0.0
    with pytest.raises(RuntimeError, match="still holds after max_steps=7 steps"):
        program(0.5)
    with pytest.raises(RuntimeError) as caught:
        program([1.0, 0.5], batch=True)
    assert "on sample 1 of the batch" in caught.value.__notes__


def test_a_condition_that_looks_at_a_number_says_what_to_write():
    with pytest.raises(RecordingError) as caught:
        compile(lambda a: while_loop(lambda x: x > a, lambda x: x - 1.0, 3.0, max_steps=7))(1.0)
    assert any("write greater(a, b) for a > b" in note for note in caught.value.__notes__)


def test_a_switch_on_an_input_is_one_program_for_all():
    program = compile(lambda h, i: switch(i, [lambda h: h * w, ad.log, lambda h: h + w], h))
    assert [program(0.5, i) for i in range(3)] == [0.25, np.log(0.5), 1.0]
    assert program.cache_info().currsize == 1
    np.testing.assert_allclose(program([0.5, -1.0], [0, 2], batch=True), [0.25, -0.5])
    with pytest.raises(IndexError, match="switch among 3 branches by 3"):
        program(0.5, 3)
    with pytest.raises(IndexError, match="from 0 to 2"):
        compile(lambda h, i: switch(i, [lambda h: h * w, ad.log, lambda h: h + w], h))(0.5, 3)


def test_branches_of_other_structures_are_refused_where_either_may_run():
    with pytest.raises(TypeError, match="of another structure than"):
        compile(lambda h: cond(greater(h, 0.0), lambda h: [h], lambda h: h, h))(1.0)


def test_an_arm_that_only_a_later_step_cannot_compute_is_left_out_where_steps_are_written_out():
    twice = ad.custom_gradient(lambda x: 2.0 * x, backward=lambda g, y, x: 2.0 * g)  # which no loop stands beside
    body = lambda h, _: (cond(greater(h, 1.5), lambda: h + 1.0, lambda: h + 1.0 + 0.0 / (h - 2.0)), None)
    f = lambda x: twice(scan(body, x, length=5)[0])
    program = compile(f)
    assert [program(0.0), program(0.0), program(0.25)] == [f(0.0), f(0.0), f(0.25)] == [10.0, 10.0, 10.5]


# Derivatives of any order inside


def test_a_derivative_inside_a_compiled_function_is_that_of_all_steps():
    end = lambda h, v: scan(lambda c, x: ((c * v + x).tanh(), None), h, XS)[0]
    for f in (
        lambda h: grad(lambda h: end(h, w))(h),
        lambda h: hessian(lambda v: end(v[0], v[1]))([h, w])[0][1],
        lambda h: jvp(lambda h: end(h, w), (h,), (1.0,))[1],
        lambda h: gradients(end(h, w), w, create_graph=True),
        lambda h: scan(lambda c, x: (grad(lambda z: (z * w + x).tanh())(c), None), h, XS)[0],
        lambda h: ad.taylor(lambda h: end(h, w), h, 2)[2],
        lambda h: grad(lambda h: while_loop(lambda x: greater(x, 0.1), lambda x: x * x, h, max_steps=20) * w)(h),
    ):
        program = compile(f)
        for h in (0.3, 0.8):
            value, slopes = program.value_and_grad(h)
            expected = f(h)
            assert value == pytest.approx(expected.data, rel=1e-12)
            assert slopes == pytest.approx([gradients(expected, w)], rel=1e-12)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
@pytest.mark.parametrize("scalars", ["auto", pytest.param("never", marks=pytest.mark.long)])
def test_a_gradient_by_inputs_inside_is_a_loop_too(case, scalars):
    both = lambda run: lambda h, xs: ad.value_and_grad(lambda h, xs: case(run, h, xs), (0, 1))(h, xs)
    program, rng = compile(both(scan), scalars=scalars), np.random.default_rng(2)
    H, X = rng.normal(size=3), rng.normal(size=(3, 5))
    found = program(H, X, batch=True)
    for i in range(3):
        expected = floats(both(plainly)(Value(H[i]), [Value(x) for x in X[i]]))
        assert [found[0][i], found[1][0][i], *(x[i] for x in found[1][1])] == pytest.approx(
            expected, rel=1e-12, abs=1e-13
        )
        assert floats(program(H[i], X[i].tolist())) == pytest.approx(expected, rel=1e-12, abs=1e-13)
    rows = {row.name for row in program.last.program.graph.rows}
    assert {"scan", "pullback"} <= rows or case is of_what_is_shared
    assert program.fallen_back == 0


def test_a_gradient_inside_that_has_a_gradient_itself_is_written_out():
    end = lambda h: scan(lambda c, x: ((c * w + x).tanh(), None), h, [0.1] * 20)[0]
    program = compile(lambda h: grad(end)(h))
    value, slopes = program.value_and_grad(0.3)
    assert value == pytest.approx(grad(end)(0.3).data, rel=1e-12)
    assert slopes == pytest.approx([gradients(grad(end)(Value(0.3)), w)], rel=1e-12)
    assert "mul" in "\n".join(map(str, compile(lambda h: grad(end)(h)).passes(0.3)))
    within = lambda run: lambda h: run(lambda c, x: (grad(end)(c) * x, None), h, XS)[0]
    assert compile(within(scan))(0.3) == pytest.approx(within(plainly)(Value(0.3)).data, rel=1e-12)


def test_a_gradient_of_what_is_the_same_for_all_samples():
    end = lambda v: scan(lambda c, x: (tanh(c * v + x), None), 0.3, XS)[0]
    down = lambda v: while_loop(lambda x: greater(x, 0.1), lambda x: x * x, v, max_steps=20)
    for f in (
        lambda x: x * grad(end)(2.0),
        lambda x: x * grad(down)(0.7),
        lambda x: grad(end)(x),
        lambda x: x * end(2.0),
    ):
        assert floats(compile(f)(3.0)) == pytest.approx(floats(f(3.0)), rel=1e-12)
    made = Value(0.5)
    assert compile(lambda x: x * gradients(end(made), made))(3.0) == pytest.approx(3.0 * grad(end)(0.5), rel=1e-12)
