"""Recurrent layers, attention and convolution: PyTorch's formulas in numpy, gradients by hand or differences, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_tiny as ad
import nn
from autograd_tiny import Value, compile, gradients

XS = [[1.0, 0.5], [0.0, -1.0], [0.5, 0.25], [-0.3, 0.9]]


def numbers(x: Any) -> Any:
    return np.vectorize(lambda y: y.data if isinstance(y, Value) else float(y))(np.array(x, object))


def state(module: Any) -> dict[str, Any]:
    return {name: np.array(x) for name, x in module.state_dict().items()}


def sigmoid(x: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-x))


def rnn(s: Any, x: Any, h: Any) -> Any:
    return np.tanh(s["weight_ih_l0"] @ x + s["bias_ih_l0"] + s["weight_hh_l0"] @ h + s["bias_hh_l0"])


def gru(s: Any, x: Any, h: Any) -> Any:
    a, b = s["weight_ih_l0"] @ x + s["bias_ih_l0"], s["weight_hh_l0"] @ h + s["bias_hh_l0"]
    (ar, az, an), (br, bz, bn) = np.split(a, 3), np.split(b, 3)
    z = sigmoid(az + bz)
    return (1 - z) * np.tanh(an + sigmoid(ar + br) * bn) + z * h


@pytest.mark.parametrize(("kind", "step"), [(nn.RNN, rnn), (nn.GRU, gru)])
def test_recurrent_layers(kind: Any, step: Any) -> None:
    layer, h = kind(2, 3, seed=1), np.zeros(3)
    s, outputs = state(layer), layer(XS)[0]
    for x, found in zip(XS, outputs, strict=True):
        h = step(s, np.array(x), h)
        np.testing.assert_allclose(numbers(found), h, rtol=1e-13)
    again = layer(XS[2:], layer(XS[:2])[1])[0]
    np.testing.assert_array_equal(numbers(again), numbers(outputs[2:]))


def test_lstm() -> None:
    layer, h, c = nn.LSTM(2, 3, seed=1), np.zeros(3), np.zeros(3)
    s, (outputs, last) = state(layer), layer(XS)
    for x, found in zip(XS, outputs, strict=True):
        both = s["weight_ih_l0"] @ x + s["bias_ih_l0"] + s["weight_hh_l0"] @ h + s["bias_hh_l0"]
        i, f, g, o = np.split(both, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        np.testing.assert_allclose(numbers(found), h, rtol=1e-13)
    np.testing.assert_allclose(numbers(last[1]), c, rtol=1e-13)


def test_layer_norm_and_embedding() -> None:
    norm, x = nn.LayerNorm(3), np.array([1.0, 2.0, 4.0])
    np.testing.assert_allclose(numbers(norm(x)), (x - x.mean()) / np.sqrt(x.var() + 1e-5), rtol=1e-14)
    assert [y.data for y in norm([2.0, 2.0, 2.0])] == [0.0, 0.0, 0.0]
    table = nn.Embedding(4, 2, seed=0)
    assert table(2) is table.weight[2] and table([0, 3])[1] is table.weight[3]
    with pytest.raises(IndexError, match="Embedding of 4 got the token 4"):
        table(4)
    program = compile(lambda token: ad.sum(table(token)))
    for token in (0, 2, 3):
        assert program(token) == pytest.approx(sum(y.data for y in table.weight[token]))


@pytest.mark.parametrize("causal", [False, True])
def test_attention(causal: bool) -> None:
    layer = nn.Attention(4, heads=2, causal=causal, seed=3)
    s, x = state(layer), np.random.default_rng(0).normal(size=(3, 4))
    q, k, v = np.split(x @ s["in_proj_weight"].T + s["in_proj_bias"], 3, axis=1)
    found = []
    for cut in (slice(0, 2), slice(2, 4)):
        scores = q[:, cut] @ k[:, cut].T / np.sqrt(2.0)
        scores = np.where(np.tril(np.ones((3, 3))) > 0, scores, -np.inf) if causal else scores
        weights = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        found.append(weights @ v[:, cut])
    want = np.hstack(found) @ s["out_proj.weight"].T + s["out_proj.bias"]
    np.testing.assert_allclose(numbers(layer(x.tolist())), want, rtol=1e-12)
    with pytest.raises(ValueError, match="heads that divide the size"):
        nn.Attention(4, heads=3)


def test_attention_to_another_sequence_and_with_a_mask() -> None:
    layer = nn.Attention(4, heads=2, seed=3)
    rng = np.random.default_rng(0)
    asking, asked = rng.normal(size=(2, 4)).tolist(), rng.normal(size=(3, 4)).tolist()
    seen = numbers(layer(asking, asked))
    hidden = [[True, False, False], [False, True, True]]
    masked = numbers(layer(asking, asked, mask=hidden))
    np.testing.assert_allclose(masked[0], numbers(layer(asking, asked[1:]))[0], rtol=1e-13)
    np.testing.assert_allclose(masked[1], numbers(layer(asking, asked[:1]))[1], rtol=1e-13)
    np.testing.assert_allclose(numbers(layer(asking, asked, asked)), seen)
    np.testing.assert_allclose(numbers(layer(asking, asked, mask=np.array(hidden))), masked)
    causal = np.triu(np.ones((3, 3)), 1) > 0
    plain = nn.Attention(4, heads=2, causal=True, seed=3)
    np.testing.assert_allclose(numbers(layer(asked, mask=causal)), numbers(plain(asked)), rtol=1e-13)
    program = compile(lambda a, b: layer(a, b))
    np.testing.assert_allclose(program(asking, asked), seen, rtol=1e-12)
    for call, says in (
        (lambda: layer(asking, asked, asked[1:]), "3 keys and 2 values"),
        (lambda: layer(asking, [[1.0]]), r"Attention\(4, heads=2\) got a vector of 1 numbers in key: expected 4"),
        (lambda: layer(asking, asked, mask=[[True]]), "expected 2 rows of 3"),
        (lambda: layer(asking, asked, mask=[[True] * 3] * 2), "position 0 of the query has nothing to look at"),
    ):
        with pytest.raises(ValueError, match=says):
            call()
    with pytest.raises(TypeError, match="other than True and False"):
        layer(asking, asked, mask=[[0.0] * 3] * 2)


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
@pytest.mark.parametrize("length", [4, 120])
def test_layers_of_cells_in_both_directions(kind: Any, length: int) -> None:
    """Two layers of two directions are four layers of one cell, put together by hand."""
    whole = kind(2, 3, num_layers=2, bidirectional=True, seed=1)
    xs = np.random.default_rng(2).normal(size=(length, 2)).tolist()
    state_dict, below, lasts = whole.state_dict(), xs, []
    for layer in (0, 1):
        sides = []
        for end in ("", "_reverse"):
            cell = kind(len(below[0]), 3, seed=0)
            names = {f"{part}_l0": f"{part}_l{layer}{end}" for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
            cell.load_state_dict({name: state_dict[long] for name, long in names.items()})
            found, last = cell(below[::-1] if end else below)
            sides.append(found[::-1] if end else found)
            lasts.append(last)
        below = [[*a, *b] for a, b in zip(*sides, strict=True)]
    outputs, state = whole(xs)
    np.testing.assert_array_equal(numbers(outputs), numbers(below))
    expected = [[h for h, _ in lasts], [c for _, c in lasts]] if kind is nn.LSTM else lasts
    np.testing.assert_array_equal(numbers(state), numbers(expected))
    if length < 10:
        program = compile(lambda xs: whole(xs)[0])
        np.testing.assert_allclose(program(xs), numbers(outputs), rtol=1e-12)
        np.testing.assert_array_equal(numbers(whole(xs, whole(xs)[1])[0]), numbers(whole(xs, state)[0]))


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_without_biases_and_states_that_do_not_fit(kind: Any) -> None:
    bare = kind(2, 3, bias=False, seed=1)
    assert [*bare.state_dict()] == ["weight_ih_l0", "weight_hh_l0"]
    other = kind(2, 3, seed=2)
    other.load_state_dict(
        {**bare.state_dict(), "bias_ih_l0": [0.0] * 3 * bare.gates, "bias_hh_l0": [0.0] * 3 * bare.gates}
    )
    np.testing.assert_array_equal(numbers(bare(XS)[0]), numbers(other(XS)[0]))
    with pytest.raises(ValueError, match=r"\(2, 3\) got a state of 2 numbers: expected"):
        bare(XS, [0.0, 0.0])
    with pytest.raises(TypeError, match=r"got 1\.0 in a sequence: expected vectors of 2"):
        bare([1.0, 2.0])


def test_layer_norm_without_its_parameters() -> None:
    assert nn.LayerNorm(3, elementwise_affine=False).parameters() == []
    assert [*nn.LayerNorm(3, bias=False).state_dict()] == ["weight"]
    x = [1.0, 2.0, 4.0]
    np.testing.assert_array_equal(numbers(nn.LayerNorm(3, bias=False)(x)), numbers(nn.LayerNorm(3)(x)))
    np.testing.assert_array_equal(numbers(nn.LayerNorm(3, elementwise_affine=False)(x)), numbers(nn.LayerNorm(3)(x)))
    with pytest.raises(ValueError, match=r"LayerNorm\(3\) got a vector of 2 numbers in x: expected 3"):
        nn.LayerNorm(3)([1.0, 2.0])
    with pytest.raises(ValueError, match=r"LayerNorm\(eps\) got -1"):
        nn.LayerNorm(3, eps=-1)


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 0), (1, 1), (2, 1)])
def test_convolution(stride: int, padding: int) -> None:
    signal = pytest.importorskip("scipy.signal")
    layer, x = (
        nn.Conv2d(2, 3, 3, stride=stride, padding=padding, seed=2),
        np.random.default_rng(1).normal(size=(2, 5, 6)),
    )
    s, wide = state(layer), np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    want = [sum(signal.correlate2d(c, w, mode="valid") for c, w in zip(wide, kernel, strict=True)) + b
            for kernel, b in zip(s["weight"], s["bias"], strict=True)]  # fmt: skip
    np.testing.assert_allclose(
        numbers(layer(x.tolist())), np.array(want)[:, ::stride, ::stride], rtol=1e-12, atol=1e-13
    )


def test_pooling_and_what_does_not_fit() -> None:
    image = [[[1.0, 5.0, 2.0, 0.0], [3.0, 4.0, 1.0, 7.0]]]
    assert nn.MaxPool2d(2)(image) == [[[5.0, 7.0]]]
    with pytest.raises(ValueError, match="a window of 3 × 3 got an image of 2 × 4"):
        nn.Conv2d(1, 1, 3)(image)
    with pytest.raises(ValueError, match="Conv2d of 2 channels got 1"):
        nn.Conv2d(2, 1, 2)(image)
    assert len(nn.Conv2d(1, 1, 2, bias=False, seed=0).parameters()) == 4
    layer = nn.Conv2d(1, 1, 2, seed=0)
    two = nn.Conv2d(2, 1, 2, seed=0)
    for ragged in (lambda: layer([[[1.0, 2.0], [1.0, 2.0, 3.0]]]), lambda: nn.MaxPool2d(2)([[[1.0, 2.0, 3.0], [4.0]]]),
                   lambda: two([[[1.0, 2.0]] * 2, [[1.0, 2.0, 3.0]] * 2])):  # fmt: skip
        with pytest.raises(ValueError, match="channels or rows of unequal lengths"):
            ragged()
    with pytest.raises(TypeError, match="expected channels, each a list of rows"):
        layer([[1.0, 2.0]])
    for wrong in ({"padding": -1}, {"padding": 0.5}, {"stride": 0}):
        with pytest.raises((TypeError, ValueError), match="Conv2d"):
            nn.Conv2d(1, 1, 2, **wrong)
    with pytest.raises(ValueError, match=r"MaxPool2d\(stride\) got 0"):
        nn.MaxPool2d(2, stride=0)
    with pytest.raises(ValueError, match=r"RNN\(2, 3\) got an element of 1 numbers"):
        nn.RNN(2, 3)([[1.0]])


@pytest.mark.parametrize(
    "make",
    [lambda: nn.RNN(2, 3, seed=0), lambda: nn.GRU(2, 3, seed=0), lambda: nn.LSTM(2, 3, seed=0)],
    ids=["RNN", "GRU", "LSTM"],
)
def test_trained_and_compiled(make: Any) -> None:
    layer = make()
    loss = lambda xs: ad.square(ad.sum(layer(xs)[0][-1]) - 0.5)
    program = compile(loss, parameters=layer.parameters())
    value, slopes = program.value_and_grad(XS)
    root = loss(XS)
    assert value == pytest.approx(root.data, rel=1e-12)
    np.testing.assert_allclose(slopes, gradients(root, layer.parameters()), rtol=1e-10, atol=1e-13)
    optimizer, before = nn.SGD(layer.parameters(), lr=0.1), root.data
    for _ in range(20):
        optimizer.zero_grad()
        program.backward(XS)
        optimizer.step()
    assert loss(XS).data < 0.5 * before


def test_fit_trains_an_embedding() -> None:
    """`fit` gives every sample as floats."""

    class Last(nn.Module):
        def __call__(self, xs: Any) -> Any:
            return xs[-1]

    embedding = nn.Embedding(5, 3, seed=0)
    model = nn.Sequential(embedding, Last(), nn.Layer(3, 1, "linear", seed=1))
    before = [x.data for row in embedding.weight for x in row]
    history = nn.fit(model, [[0, 1], [2, 3], [4, 0], [1, 1]], [0.0, 1.0, 2.0, 3.0], epochs=20, verbose=0, seed=0)
    assert history.loss[-1] < history.loss[0]
    assert [x.data for row in embedding.weight for x in row] != before
    assert embedding(2.0) is embedding(2)
    for wrong in (1.5, "a", None):
        with pytest.raises(TypeError, match="expected a token, a whole number, or a list"):
            embedding(wrong)
