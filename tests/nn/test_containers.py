"""`Sequential`, activations as modules, `Dropout`: what they compute, keep, pickle and refuse."""

from __future__ import annotations

import copy
import pickle
import random
from typing import Any

import numpy as np
import pytest

import autograd_tiny
import nn
from autograd_tiny import Value, register, unregister
from autograd_tiny.table.primitive import function
from nn.activations import (
    ELU,
    GELU,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
    activation_module,
    name_of,
    names,
)
from nn.containers import Sequential
from nn.dropout import Dropout


def identity_of_all(xs: Any) -> Any:
    return xs


def model() -> Sequential:
    return Sequential(
        nn.Layer(2, 3, None, seed=0), "tanh", identity_of_all, Dropout(0.5, seed=1), nn.MLP(3, [2], seed=0)
    )


def test_sequential_is_its_steps_in_a_row() -> None:
    x = [0.5, -1.0]
    steps = model().eval()
    named = nn.MLP(2, [3, 2], "tanh", seed=0)
    named.load_state_dict({f"layers.{i}.{kind}": steps.state_dict()[f"{place}.{kind}"]
                           for i, place in enumerate(["0", "4.layers.0"]) for kind in ("weight", "bias")})  # fmt: skip
    assert [y.data for y in steps(x)] == [y.data for y in named(x)]
    assert [y.data for y in steps(np.array(x))] == [y.data for y in named(x)]
    for tanh in (autograd_tiny.tanh, Value.tanh, Tanh()):
        assert repr(Sequential(tanh)) == "Sequential of [Tanh()], 0 parameters"
    assert Sequential("linear")([1.0]) == [1.0]
    assert (len(steps), repr(steps[3]), list(steps[:1].state_dict())) == (5, "Dropout(p=0.5)", ["0.weight", "0.bias"])
    assert Sequential(nn.Layer(2, 1, seed=0), nn.Layer(1, 1, seed=0))(x).op == "relu", "a single output feeds a layer"


def test_sequential_says_what_it_is() -> None:
    steps = model()
    assert repr(steps) == (
        "Sequential of [Layer of [3 LinearNeuron(2)], Tanh(), identity_of_all, Dropout(p=0.5), "
        "MLP of [Layer of [2 LinearNeuron(3)]], 8 parameters], 17 parameters"
    )
    assert [name for name, _ in steps.named_modules() if "neurons" not in name] == [
        "",
        "0",
        "1",
        "3",
        "4",
        "4.layers.0",
    ]
    assert steps.summary().splitlines() == [
        "Sequential: 17 parameters",
        "  0           Layer of [3 LinearNeuron(2)]  9  weight 3 × 2, bias 3",
        "  1           Tanh()                        0",
        "  3           Dropout(p=0.5)                0",
        "  4.layers.0  Layer of [2 LinearNeuron(3)]  8  weight 2 × 3, bias 2",
    ]


def test_torchs_state_loads_under_its_own_names() -> None:
    torch = pytest.importorskip("torch", reason="compared with PyTorch where it is installed")
    theirs = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1)).double()
    ours = Sequential(nn.Layer(2, 3, None), ReLU(), nn.Layer(3, 1, None))
    ours.load_state_dict(theirs.state_dict())
    x = [0.3, -1.2]
    assert ours(x).data == pytest.approx(theirs(torch.tensor(x, dtype=torch.double)).item(), rel=1e-14)


def test_models_pickle_and_copy_with_their_generators() -> None:
    steps = model()
    steps([1.0, 2.0])
    twins = [pickle.loads(pickle.dumps(steps)), copy.deepcopy(steps)]
    assert b"lambda" not in pickle.dumps(steps)
    first = [y.data for y in steps([1.0, 2.0])]
    for twin in twins:
        assert [y.data for y in twin([1.0, 2.0])] == first
        assert twin.state_dict() == steps.state_dict()


@pytest.mark.parametrize("name", names())
def test_every_activation_is_a_module_too(name: str) -> None:
    module, x = activation_module(name)(), 1.5 if name == "acosh" else 0.5
    f = autograd_tiny.derivatives.functions.identity if name == "linear" else getattr(autograd_tiny, name)
    assert module(x) == f(x)
    assert [y.data for y in module([Value(0.75 * x), Value(x)])] == [f(0.75 * x), f(x)]
    assert [[y.data for y in row] for row in module(np.array([[Value(x)]]))] == [[f(x)]]
    assert pickle.loads(pickle.dumps(module))(x) == module(x)
    assert nn.Neuron(1, module, init=x)([1.0]).data == pytest.approx(f(x))


def test_their_names_and_settings() -> None:
    made = [ReLU(), LeakyReLU(0.2), ELU(alpha=2.0), GELU(), SiLU(), Sigmoid(), Tanh(), Softplus(), Softmax()]
    assert repr(made) == (
        "[ReLU(), LeakyReLU(slope=0.2), ELU(alpha=2), GELU(), SiLU(), Sigmoid(), Tanh(), Softplus(), Softmax()]"
    )
    assert repr(nn.Layer(2, 3, ReLU())) == "Layer of [3 ReLUNeuron(2)]"
    assert (LeakyReLU(0.2)(-1.0), LeakyReLU()(-1.0), name_of(LeakyReLU())) == (-0.2, -0.01, "leaky_relu")
    layer = nn.Layer(2, 3, LeakyReLU(Value(0.25)), seed=0)
    assert list(layer.state_dict()) == ["weight", "bias", "activation.slope"], "a setting that is learnt, once"
    assert [len(layer.parameters()), len(nn.Layer(2, 3).parameters())] == [10, 9]


def test_a_row_of_ones_own_is_a_module() -> None:
    import nn.activations

    register(function("cube", lambda xp, x: x * x * x, lambda xp, x, y: 3.0 * xp.square(x)))
    try:
        cube = nn.activations.Cube()
        assert (repr(cube), cube([2.0]), pickle.loads(pickle.dumps(cube))(3.0)) == ("Cube()", [8.0], 27.0)
        assert repr(Sequential("cube")) == "Sequential of [Cube()], 0 parameters"
    finally:
        unregister("cube")
    with pytest.raises(AttributeError, match=r"^nn\.activations has no 'Cube'"):
        _ = nn.activations.Cube


def test_softmax_adds_up_to_one() -> None:
    probabilities = Sequential(nn.Layer(2, 3, None, seed=0), Softmax())([1.0, 2.0])
    assert sum(p.data for p in probabilities) == pytest.approx(1.0, rel=1e-15)


def test_dropout_keeps_the_mean_in_training_and_everything_in_use() -> None:
    dropout = Dropout(0.25, seed=0)
    ones = dropout([1.0] * 40_000)
    assert set(ones) == {0.0, 1.0 / 0.75}
    assert sum(ones) / len(ones) == pytest.approx(1.0, abs=5 * (1 / 3 / 40_000) ** 0.5), "variance is p / (1 - p)"
    x = Value(3.0)
    y = Dropout(0.5, seed=2)(x)
    y.backward()
    assert (y.data, x.grad) in ((6.0, 2.0), (0.0, 0.0))
    values = [x, Value(1.0)]
    assert dropout.eval()(values) is values
    assert Dropout(0.0)(values) is values
    assert Dropout(1.0)([2.0, 3.0]) == [0.0, 0.0]


def test_dropout_is_seeded() -> None:
    ones = [1.0] * 50
    assert Dropout(0.5, seed=3)(ones) == Dropout(0.5, seed=random.Random(3))(ones) != Dropout(0.5, seed=4)(ones)
    random.seed(3)
    assert Dropout(0.5)(ones) == Dropout(0.5, seed=3)(ones), "without a seed, Python's random"


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda: Sequential(), ValueError, "Sequential got nothing: expected at least one module or function"),
        (lambda: Sequential(ReLU), TypeError, "Sequential got the class ReLU: expected an instance; write ReLU()"),
        (lambda: Sequential([1]), TypeError, "Sequential got [1], a list: expected modules, functions or names of activations; write Sequential(*steps) for a list of them"),  # type: ignore[arg-type]
        (lambda: Sequential("rleu"), ValueError, "unknown activation 'rleu': did you mean 'relu'?"),
        (lambda: nn.Neuron(2, ReLU), TypeError, "activation got the class ReLU: expected an instance; write ReLU()"),
        (lambda: nn.Neuron(2, "softmax"), ValueError, "softmax takes all outputs of a layer at once: write nn.Sequential(layer, nn.Softmax())"),
        (lambda: Softmax()(Value(1.0)), TypeError, "Softmax got a single Value: expected a list of them; the softmax of one number is always 1"),
        (lambda: ReLU(3), TypeError, "ReLU(3): expected nothing between the brackets"),
        (lambda: LeakyReLU(0.1, slope=0.2), TypeError, "LeakyReLU(0.1, slope=0.2): expected at most slope, each once between the brackets"),
        (lambda: Dropout(1.5), ValueError, "Dropout(p) got 1.5: expected a probability, from 0 to 1"),
        (lambda: Dropout(0.5, seed="x"), TypeError, "seed got 'x', a str: expected a whole number, a random.Random or None"),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_bad_input_gets_one_clear_error(call: Any, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value) == text
