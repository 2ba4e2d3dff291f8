"""Saving and loading: what goes through a file and back, and what a file says about itself."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd_tiny import Value
from autograd_tiny.derivatives.structure import flatten
from autograd_tiny.files import atomic
from autograd_tiny.files.atomic import write_atomically
from nn.files import descriptions
from nn.files.saving import KEY, load, load_with_notes, read_notes, save
from nn.files.tensors import pack, unpack

pytest.importorskip("safetensors", reason="model files are safetensors: extra `files`")

ACTIVATIONS = ["relu", "tanh", "sigmoid", "linear", "gelu", nn.LeakyReLU(0.2), nn.ReLU(), None]
MODELS: dict[str, Any] = {
    "neuron": lambda: nn.Neuron(3, "tanh", seed=0),
    "layer": lambda: nn.Layer(2, 3, "sigmoid", seed=0),
    "mlp": lambda: nn.MLP(2, [3, 1], seed=0),
    "mlp of one neuron each": lambda: nn.MLP(1, [1, 1], ["softplus", "linear"], seed=0),
    "learnt slopes": lambda: nn.Layer(2, 3, nn.LeakyReLU(Value(0.3)), seed=0),
    "sequential": lambda: nn.Sequential(
        nn.Layer(2, 3, None, seed=0), "tanh", nn.Dropout(0.25, seed=1), nn.LeakyReLU(Value(0.1)),
        nn.Sequential(nn.Layer(3, 2, "gelu", seed=2), "linear"), nn.Softmax(),
    ),
    "no parameters": lambda: nn.Sequential("relu"),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_a_model_comes_back_as_it_was(name: str, tmp_path: Path) -> None:
    model = MODELS[name]()
    path = tmp_path / "model.safetensors"
    assert save(model, path, notes={"name": name}) == path
    for again in (load(path), load(path, MODELS[name]())):
        assert repr(again) == repr(model)
        assert again.state_dict() == model.state_dict()
        assert again is not model
    again = load(path)
    x: Any = [0.3, -1.2, 0.7] if name == "neuron" else [0.3] if "one" in name else [0.3, -1.2]
    out, expected = again.eval()(x), model.eval()(x)
    numbers = [[getattr(y, "data", y) for y in (ys if isinstance(ys, list) else [ys])] for ys in (out, expected)]
    assert numbers[0] == numbers[1]
    assert read_notes(path) == {"name": name}


XS = [[0.3, -1.2], [0.7, 0.1], [0.2, 0.9]]
SIZED: list[tuple[nn.Module, Any]] = [
    *((kind(2, 3, seed=1), XS) for kind in (nn.RNN, nn.GRU, nn.LSTM)),
    (nn.Embedding(5, 2, seed=1), [4, 0, 4]),
    (nn.LayerNorm(2, eps=1e-3), XS[0]),
    (nn.Attention(2, heads=2, causal=True, seed=1), XS),
    (nn.GRU(2, 3, 2, bias=False, bidirectional=True, seed=1), XS),
    (nn.LayerNorm(2, 0.5, bias=False), [1.0, 2.0]),
    (nn.Conv2d(1, 2, 2, stride=2, padding=1, seed=1), [XS]),
    (nn.MaxPool2d(2, 1), [XS]),
    (nn.Sequential(nn.Embedding(5, 2, seed=0), nn.Attention(2, seed=0), nn.MaxPool2d(1)), [1, 2, 3]),
]


@pytest.mark.parametrize(("model", "x"), SIZED[:-1], ids=lambda x: type(x).__name__)
def test_layers_of_sequences_and_images_come_back(model: Any, x: Any, tmp_path: Path) -> None:
    before = random.getstate()
    again = load(save(model, tmp_path / "m.safetensors"))
    assert random.getstate() == before
    assert repr(again) == repr(model)
    assert type(again) is type(model)
    numbers = [[getattr(y, "data", y) for y in flatten(m(x))] for m in (again, model)]
    assert numbers[0] == numbers[1]
    assert descriptions.size(descriptions.describe(model)) == len(model.parameters())


def test_such_layers_come_back_inside_others(tmp_path: Path) -> None:
    model, _ = SIZED[-1]
    assert repr(load(save(model, tmp_path / "m.safetensors"))) == repr(model)


@given(st.integers(1, 4), st.lists(st.integers(1, 4), min_size=1, max_size=3), st.data())
def test_every_mlp_comes_back(inputs: int, outputs: list[int], data: st.DataObject) -> None:
    chosen = [data.draw(st.sampled_from(ACTIVATIONS)) for _ in outputs]
    model = nn.MLP(inputs, outputs, chosen, seed=0)
    described = json.loads(json.dumps(descriptions.describe(model)))
    again = descriptions.rebuild(described)
    assert repr(again) == repr(model)
    assert descriptions.size(described) == len(model.parameters()) == len(again.parameters())
    again.load_state_dict(model.state_dict())
    assert again.state_dict() == model.state_dict()


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=4, max_size=4))
def test_numbers_come_back_to_the_last_bit(tmp_path_factory: pytest.TempPathFactory, weights: list[float]) -> None:
    path = tmp_path_factory.mktemp("bits") / "m"
    layer = nn.Layer(1, 2)
    for parameter, weight in zip(layer.parameters(), weights, strict=True):
        parameter.data = weight
    save(layer, path)
    assert [p.data.hex() for p in load(path).parameters()] == [p.data.hex() for p in layer.parameters()]


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
                    | st.text(), lambda part: st.lists(part) | st.dictionaries(st.text(), part), max_leaves=8))  # fmt: skip
def test_notes_come_back(tmp_path_factory: pytest.TempPathFactory, notes: Any) -> None:
    path = tmp_path_factory.mktemp("notes") / "m"
    save(nn.Neuron(1), path, notes)
    assert read_notes(path) == notes


@pytest.mark.parametrize("notes", [{1: 2}, {"a": {(1, 2): 3}}, float("nan"), [float("inf")], {"v": object()}, {1, 2}])
def test_notes_that_would_not_come_back_are_refused(notes: Any, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"^save\(notes\) got .*: expected JSON data \("):
        save(nn.Neuron(1), tmp_path / "m", notes)
    assert not list(tmp_path.iterdir())


def test_models_of_your_own_load_into_a_model_only(tmp_path: Path) -> None:
    class Mine(nn.Module):
        def __init__(self) -> None:
            self.layer, self.scale = nn.Layer(2, 2, seed=0), Value(3.0)

    slope = nn.LeakyReLU(Value(0.1))
    shared = nn.Layer(2, 2, seed=0)
    with_own = nn.Layer(2, 2, seed=0)
    with_own.extra = Value(2.0)  # type: ignore[attr-defined]
    mixed = nn.Layer(2, 2, seed=0)
    mixed.neurons[1] = nn.Neuron(2, "tanh", seed=0)
    namesake = type("MLP", (nn.MLP,), {})(2, [1])
    heard: dict[str, nn.Module] = {
        "MLP of [Layer of [1 LinearNeuron(2)]], 3 parameters is of a class of your own, MLP": namesake,
        "Mine of 7 parameters is of a class of your own, Mine": Mine(),
        "its parts share parameters, or some are computed": nn.Sequential(shared, "tanh", shared),
        "its parts share parameters, or some are computed;": nn.MLP(2, [2, 1], [slope, slope], seed=0),
        "Layer of [2 ReLUNeuron(2)] has an attribute of your own, 'extra'": with_own,
        "the neurons of Layer of [2 ReLUNeuron(2)] have activations of their own": mixed,
        "the activation 'mine' is a function of your own": nn.Neuron(1, mine, seed=0),
        "the activation 'mine' is a function of your own;": nn.Sequential(shared, mine),
    }
    path = tmp_path / "m"
    for reason, model in heard.items():
        save(model, path, "notes")
        with pytest.raises(ValueError, match=r"write nn\.load\(path, model\)$") as caught:
            load(path)
        assert str(caught.value).startswith(f"cannot load {str(path)!r}: its model cannot be rebuilt, since {reason}")
        before = model.state_dict()
        for parameter in model.parameters():
            parameter.data = 0.0
        assert load_with_notes(path, model) == (model, "notes")
        assert model.state_dict() == before


def mine(x: Any) -> Any:
    return x * 2.0


def test_what_cannot_be_saved(tmp_path: Path) -> None:
    class Ragged(nn.Module):
        def __init__(self) -> None:
            self.rows = [[Value(1.0)], [Value(1.0), Value(2.0)]]

    with pytest.raises(ValueError, match="cannot save 'rows': it is lists of unequal lengths"):
        save(Ragged(), tmp_path / "m")
    with pytest.raises(TypeError, match=r"save\(model\) got 3, an int: expected a Module"):
        save(3, tmp_path / "m")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"load\(model\) got 3, an int: expected a Module"):
        load(tmp_path / "m", 3)  # type: ignore[type-var]
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*; make it first"):
        save(nn.Neuron(1), tmp_path / "no" / "m")
    with pytest.raises(IsADirectoryError, match="it is a folder; give the name of a file in it"):
        save(nn.Neuron(1), tmp_path)
    assert not list(tmp_path.iterdir())


def test_part_of_a_model_loads_where_that_is_asked_for(tmp_path: Path) -> None:
    path = save(nn.MLP(2, [3, 1], seed=0), tmp_path / "m")
    bigger = nn.MLP(2, [3, 1, 1], seed=1)
    with pytest.raises(ValueError, match=r"missing: layers\.2\.weight; layers\.2\.bias"):
        load(path, bigger)
    assert load(path, bigger, strict=False).layers[0].state_dict() == load(path).layers[0].state_dict()


def test_the_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m"
    write_atomically(path, b"old")
    path.chmod(0o640)
    link = tmp_path / "link"
    link.symlink_to(path)
    write_atomically(link, b"new")
    assert (link.is_symlink(), path.read_bytes(), path.stat().st_mode & 0o777) == (True, b"new", 0o640)

    def killed(*_: Any) -> None:
        assert path.read_bytes() == b"new"
        raise KeyboardInterrupt

    for step in ("fsync", "replace", "chmod"):
        with monkeypatch.context() as patch:
            patch.setattr(atomic.os, step, killed)
            with pytest.raises(KeyboardInterrupt):
                write_atomically(path, b"newer")
        assert (path.read_bytes(), sorted(found.name for found in tmp_path.iterdir())) == (b"new", ["link", "m"])


def test_a_new_file_has_the_permissions_that_any_new_file_has(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    write_atomically(tmp_path / "ours", b"")
    write_atomically(tmp_path / ("long" * 60), b"")
    modes = {found.stat().st_mode for found in tmp_path.iterdir()}
    assert len(modes) == 1
    assert os.listdir(tmp_path)


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (save(nn.MLP(2, [3, 1], seed=0), tmp_path / name, {"a": 1}).read_bytes() for name in "ab")
    assert first == second


def test_a_file_of_another_program_has_no_notes(tmp_path: Path) -> None:
    model = nn.Neuron(2, seed=0)
    (tmp_path / "m").write_bytes(pack(model.state_dict(), {"format": "pt"}))
    for read in (load, read_notes):
        with pytest.raises(ValueError, match="it has weights and no description of the model, since another program"):
            read(tmp_path / "m")
    assert load_with_notes(tmp_path / "m", model) == (model, None)
    assert KEY not in unpack(tmp_path / "m")[1]
