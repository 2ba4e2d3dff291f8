"""`compile` as its users meet it: calls, batches, gradients, structures, training in an array, what it shows."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import autograd_tiny
import nn
from autograd_tiny import Value, compile, dot, engine, gradients, select, softmax
from autograd_tiny.compiler.pipeline import ByLength
from autograd_tiny.compiler.record.calls import Call

RNG = np.random.default_rng(0)
POINTS = RNG.standard_normal((7, 2))
SIDES = np.array([1, -1, 1, 1, -1, -1, 1])


def model_and_loss() -> tuple[nn.MLP, Any]:
    model = nn.MLP(2, [4, 1], "tanh", seed=1)
    return model, lambda x, y: (1.0 - y * model(x)).relu()


def test_a_call_gives_the_number_and_a_batch_an_array() -> None:
    _, loss = model_and_loss()
    program = compile(loss)
    expected = [loss(x, int(y)).data for x, y in zip(POINTS, SIDES, strict=True)]
    one = program(POINTS[0], int(SIDES[0]))
    assert isinstance(one, float)
    assert one == pytest.approx(expected[0], rel=1e-12)
    assert program(list(POINTS[0]), 1.0) == pytest.approx(expected[0], rel=1e-12)
    many = program(POINTS, SIDES, batch=True)
    np.testing.assert_allclose(many, expected, rtol=1e-12)
    np.testing.assert_allclose(program(POINTS.tolist(), SIDES.tolist(), batch=True), expected, rtol=1e-12)


def test_backward_adds_what_eager_backward_adds() -> None:
    model, loss = model_and_loss()
    program = compile(loss, scalars="never")
    (sum([loss(x, int(y)) for x, y in zip(POINTS, SIDES, strict=True)], Value(0.0)) / 7.0).backward()
    eager = [p.grad for p in model.parameters()]
    for _ in range(2):
        values = program.backward(POINTS, SIDES, batch=True)
    assert values.shape == (7,)
    np.testing.assert_allclose([p.grad for p in model.parameters()], np.multiply(eager, 3.0), rtol=1e-10, atol=1e-15)
    assert np.count_nonzero(eager) > 8


def test_gradients_are_in_the_order_of_the_parameters() -> None:
    model, loss = model_and_loss()
    given = compile(loss, parameters=model.parameters(), scalars="never")
    met = compile(loss, scalars="never")
    _, ordered = given.value_and_grad(POINTS, SIDES, batch=True)
    _, found = met.value_and_grad(POINTS, SIDES, batch=True)
    assert given.parameters == model.parameters()
    assert set(met.parameters) == set(model.parameters())
    by_leaf = dict(zip(met.parameters, found, strict=True))
    np.testing.assert_allclose([by_leaf[p] for p in model.parameters()], ordered, rtol=1e-12)


@pytest.mark.parametrize("scalars", ["never", "always"])
def test_scalars_and_arrays_give_the_same(scalars: str) -> None:
    model, loss = model_and_loss()
    program = compile(loss, scalars=scalars, parameters=model.parameters())
    values, found = program.value_and_grad(POINTS, SIDES, batch=True)
    expected, wanted = compile(loss, parameters=model.parameters()).value_and_grad(POINTS, SIDES, batch=True)
    np.testing.assert_allclose(values, expected, rtol=1e-12)
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-14)
    assert (program.last.program is None) == (scalars == "always")  # type: ignore[union-attr]


def test_decorator_with_and_without_settings() -> None:
    w = Value(3.0)

    @compile
    def plain(x: Any) -> Any:
        """Doubles."""
        return w * x

    @compile(scalars="never", cache_size=2)
    def set_up(x: Any) -> Any:
        return w * x

    assert plain(2.0) == set_up(2.0) == 6.0
    assert plain.__doc__ == "Doubles."
    assert repr(set_up) == "<compiled set_up, 1 recordings, 1 parameters>"


def test_structures_are_recorded_once_each_and_the_oldest_is_dropped() -> None:
    w = Value(0.5)
    runs = []
    note = runs.append

    def total(xs: Any, power: int = 2, *, mode: str = "plain") -> Any:
        note(len(xs))
        return dot([w] * len(xs), list(xs)) * (2.0 if mode == "double" else 1.0)

    program = compile(total, cache_size=2, scalars="never")
    assert program([1.0, 2.0]) == 1.5
    assert program([3.0, 4.0]) == 3.5
    assert program((3.0, 4.0)) == 3.5
    assert program.cache_info() == (1, 2, 2, 2)
    assert program([1.0, 2.0], mode="double") == 3.0
    assert program.cache_info() == (1, 3, 2, 2)
    # Each is recorded and held against the function, and for its == once more where all its inputs are equal.
    assert runs == [2, 2, 2, 2] * 3
    program.cache_clear()
    assert program.cache_info() == (0, 0, 2, 0)


def test_integers_are_indices_and_numbers() -> None:
    rows = [Value(float(k + 1), f"row {k}") for k in range(4)]
    program = compile(lambda i, x: rows[i] * x + i, scalars="never")
    assert program(2, 10.0) == 32.0
    assert program(1, 10.0) == 21.0
    assert program.cache_info().currsize == 2
    values, gradient = program.value_and_grad([1, 0, 1], [1.0, 2.0, 4.0], batch=True)
    np.testing.assert_allclose(values, [3.0, 2.0, 9.0])
    by_leaf = dict(zip(program.parameters, gradient, strict=True))
    assert by_leaf[rows[1]] == pytest.approx(5 / 3)
    assert by_leaf[rows[0]] == pytest.approx(2 / 3)
    assert by_leaf[rows[2]] == 0.0


def test_select_is_recorded_once_for_all_indices() -> None:
    table = [[Value(k + j / 10) for j in range(3)] for k in range(5)]
    program = compile(
        lambda i, j: dot(select(table, i), [1.0, 10.0, 100.0]) * select(softmax(table[0]), j), scalars="never"
    )
    eager = lambda i, j: (dot(table[i], [1.0, 10.0, 100.0]) * softmax(table[0])[j]).data
    for i, j in [(0, 0), (3, 2), (4, 1)]:
        assert program(i, j) == pytest.approx(eager(i, j), rel=1e-12)
    np.testing.assert_allclose(program([4, 0, 4], [0, 1, 2], batch=True), [eager(4, 0), eager(0, 1), eager(4, 2)])
    assert program.cache_info().currsize == 2
    with pytest.raises(IndexError):
        program(5, 0)


def test_many_outputs_keep_their_structure() -> None:
    w = Value(2.0)
    program = compile(lambda x: {"no": 1} and [w * x, (w + x, 7.0)], scalars="never")
    assert program(3.0) == [6.0, (5.0, 7.0)]
    first, (second, third) = program([3.0, 4.0], batch=True)
    np.testing.assert_array_equal(first, [6.0, 8.0])
    np.testing.assert_array_equal(second, [5.0, 6.0])
    np.testing.assert_array_equal(third, [7.0, 7.0])
    with pytest.raises(TypeError, match="gives several numbers: a gradient needs one"):
        program.value_and_grad(3.0)


def test_second_derivatives_by_compiling_gradients() -> None:
    w = Value(0.7)

    def slope(x: Any) -> Any:
        return gradients((w * x).tanh() * w, w, create_graph=True)

    program = compile(slope, scalars="never")
    value, (found,) = program.value_and_grad(1.3)
    first = gradients((w * 1.3).tanh() * w, w, create_graph=True)
    assert value == pytest.approx(first.data, rel=1e-12)
    assert found == pytest.approx(gradients(first, w), rel=1e-10)


def test_the_number_read_at_each_call_is_the_leaf_s_own() -> None:
    w = Value(2.0)
    program = compile(lambda x: w * x * x, scalars="never")
    assert program(3.0) == 18.0
    w.data = 5.0
    assert program(3.0) == 45.0


def test_hold_trains_in_an_array_and_writes_back() -> None:
    model, loss = model_and_loss()
    program = compile(loss, parameters=model.parameters(), scalars="never")
    before = [p.data for p in model.parameters()]
    with program.hold() as weights:
        for _ in range(20):
            values, gradient = program.flat_value_and_grad(POINTS, SIDES, batch=True)
            weights -= 0.1 * gradient
            assert [p.data for p in model.parameters()] == before
        program.write_back()
        assert [p.data for p in model.parameters()] == weights.tolist()
    after = [p.data for p in model.parameters()]
    assert after == weights.tolist() != before
    assert values.mean() < program(POINTS, SIDES, batch=True).mean() + 1.0
    twin, eager = model_and_loss()
    for _ in range(20):
        for p in twin.parameters():
            p.grad = 0.0
        (sum([eager(x, int(y)) for x, y in zip(POINTS, SIDES, strict=True)], Value(0.0)) / 7.0).backward()
        for p in twin.parameters():
            p.data -= 0.1 * p.grad
    np.testing.assert_allclose(after, [p.data for p in twin.parameters()], rtol=1e-9, atol=1e-12)


def test_hold_writes_back_after_an_error_and_refuses_a_second() -> None:
    w = Value(1.0)
    program = compile(lambda x: w * x)
    program(1.0)
    with pytest.raises(KeyError), program.hold() as weights:
        weights[0] = 4.0
        with pytest.raises(RuntimeError, match=r"hold\(\) inside hold\(\)"), program.hold():
            pass
        raise KeyError
    assert w.data == 4.0
    with pytest.raises(RuntimeError, match="there is no array to write back"):
        program.write_back()


def test_a_parameter_that_turns_up_while_the_others_are_held_is_refused() -> None:
    v, w = Value(1.0), Value(2.0)
    program = compile(lambda xs: w * xs[0] if len(xs) == 1 else v * xs[0])
    program([1.0])
    with program.hold(), pytest.raises(RuntimeError, match="parameters="):
        program([1.0, 2.0])


def test_listing_and_explanation() -> None:
    model = nn.MLP(2, [16, 16, 1], "relu", seed=1)

    @compile(names=dict(model.named_parameters()))
    def loss(x: Any, y: Any) -> Any:
        return (1.0 - y * model(x)).relu()

    assert str(loss) == "loss: not recorded yet; call it once"
    loss(POINTS, SIDES, batch=True)
    text = str(loss)
    assert "W1  16×2   from layers.0.weight" in text
    assert "t1 = W1 · x" in text
    assert "∂W2 += ∂t4 · t3ᵀ" in text
    story = loss.explain()
    assert "1. 101 scalar operations on 337 parameters, 3 inputs and 1 constant." in story
    assert "t4 = W2 · t3  16 dot products of 16 terms, each row of W2 with the same vector" in story


def test_a_narrow_graph_stays_scalar_and_says_so() -> None:
    w = Value(0.5)

    def chain(x: Any) -> Any:
        for _ in range(500):
            x = (x * w).tanh()
        return x

    program = compile(chain)
    value, gradient = program.value_and_grad(1.0)
    x = chain(1.0)
    assert (value, gradient) == (x.data, [gradients(x, w)])
    assert "is replayed scalar by scalar" in program.explain()
    assert "runs as scalars" in str(program)


def test_compile_is_there_without_numpy_and_called_by_its_name() -> None:
    code = "import sys, autograd_tiny; import autograd_tiny.compiler; assert callable(autograd_tiny.compile); print('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
    assert autograd_tiny.compile is compile


def test_without_numpy_the_error_says_what_to_install() -> None:
    code = "import sys; sys.modules['numpy'] = None; import autograd_tiny\ntry: autograd_tiny.compile(abs)\nexcept ImportError as e: print(e)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert out == "compile needs numpy, which is not installed: pip install 'autograd-tiny[compile]'\n"


def test_a_small_batch_is_replayed_and_a_large_one_runs_arrays() -> None:
    model, loss = model_and_loss()
    program = compile(loss, parameters=model.parameters())
    forced = compile(loss, parameters=model.parameters(), scalars="never")
    made = program._recordings.find(Call.read((POINTS, SIDES), {}, batch=True)).made
    assert isinstance(made, ByLength)
    assert made.least > 1
    ran = []
    for length in (1, made.least - 1, made.least, made.least + 3):
        points = np.resize(POINTS, (length, *np.shape(POINTS)[1:]))
        sides = np.resize(SIDES, length)
        values, found = program.value_and_grad(points, sides, batch=True)
        expected, wanted = forced.value_and_grad(points, sides, batch=True)
        np.testing.assert_allclose(values, expected, rtol=1e-12)
        np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-14)
        ran.append(made.bound(length) is made.scalars)
        with program.hold() as weights:
            weights *= 0.9
            held = program.value_and_grad(points, sides, batch=True)
        np.testing.assert_array_equal(program(points, sides, batch=True), held[0])
    assert ran == [True, True, False, False]
    assert f"Batches of fewer than {made.least} are replayed as scalars." in program.explain()


@pytest.mark.parametrize("scalars", ["auto", "never", "always"])
@pytest.mark.parametrize("wrong", [-1, -1.0, 5, 1.5, math.nextafter(2.0, 3.0), 1e300, 2**62])
def test_select_says_the_same_whatever_came_before(scalars: str, wrong: float) -> None:
    rows = [Value(float(k)) for k in range(5)]
    text = rf"^select from 5 rows by {re.escape(f'{wrong:g}')}: expected a whole number from 0 to 4(\non sample 1 of the batch)?$"

    def chosen(i: Any) -> Any:
        return select(rows, i) * 2.0

    for alone in (wrong, Value(wrong)):
        with pytest.raises(IndexError, match=text):
            select(rows, alone)
    for before in ([], [1], [1.0], [0, 2.0]):
        single, batch = compile(chosen, scalars=scalars), compile(chosen, scalars=scalars)
        for i in before:
            assert single(i) == 2.0 * i
            assert batch([i, 3], batch=True).tolist() == [2.0 * i, 6.0]
        with pytest.raises(IndexError, match=text):
            single(wrong)
        with pytest.raises(IndexError, match=text):
            batch([2, wrong], batch=True)


def test_select_takes_whole_numbers_of_any_kind() -> None:
    rows = [[Value(1.0)], [Value(2.0)]]
    for index in (1, 1.0, True, np.int64(1), np.float32(1.0), Value(1.0)):
        assert select(rows, index)[0].data == 2.0
    for wrong in (math.nan, math.inf, 10**400, 10**5000):
        with pytest.raises(IndexError, match=r"^select from 2 rows by .*: expected a whole number from 0 to 1$"):
            select(rows, wrong)
    with pytest.raises(IndexError, match=r"^select from nothing: expected at least one row$"):
        select([], 0)
    for index in ("1", None, 1j):
        with pytest.raises(TypeError, match=r"^select: index got .*: expected a finite real number"):
            select(rows, index)


@pytest.mark.once  # the plain engine replays so slowly that it chooses arrays at once
def test_scalars_chosen_for_a_few_samples_are_thought_about_anew_for_many() -> None:
    """A chain of different operations: too little side by side for arrays, but for the samples of a large batch."""
    w = Value(0.3, "w")

    def chain(x: Any) -> Any:
        for i in range(400):
            x = (x * w + 0.01 * i).tanh() if i % 2 else (x - w).exp() * 0.1
        return x

    program = compile(chain, backend="numpy")
    rng = np.random.default_rng(5)
    few, many = rng.normal(size=3), rng.normal(size=5_000)
    program(few, batch=True)
    alone = compile(chain, scalars="always")
    assert program.last is not None
    assert engine != "compiled" or not program.uses_arrays
    found = program.value_and_grad(many, batch=True)
    assert engine != "compiled" or program.last.estimate.samples >= 5_000
    wanted = alone.value_and_grad(many, batch=True)
    np.testing.assert_allclose(found[0], wanted[0], rtol=1e-12)
    np.testing.assert_allclose(found[1], wanted[1], rtol=1e-10)
    misses = program.cache_info().misses
    program.value_and_grad(many, batch=True)
    program(few, batch=True)
    assert program.cache_info().misses == misses
