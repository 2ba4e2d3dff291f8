"""Broken files: each gets an error that names it and says what is wrong, and the model stays as it was."""

from __future__ import annotations

import json
import pickle
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn.files.saving import KEY, load, read_notes, save

numpy = pytest.importorskip("numpy", reason="model files are read with numpy: extra `files`")
safetensors = pytest.importorskip("safetensors.numpy", reason="model files are safetensors: extra `files`")


def refused(path: Path, model: nn.Module | None = None) -> str:
    """The error that loading the file gives, into ``model`` and without one; both must leave all as it was."""
    model = model or nn.Layer(2, 3, seed=0)
    before = model.state_dict()
    with pytest.raises((ValueError, OSError)) as caught:
        load(path, model)
    assert model.state_dict() == before
    assert repr(str(path)) in str(caught.value)
    return str(caught.value).replace(repr(str(path)), "FILE")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "m"
    return save(nn.Layer(2, 3, seed=0), path, {"columns": ["a", "b"]}).read_bytes()


def test_cut_short_anywhere(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "m"
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        text = refused(path)
        assert ("is empty" if length == 0 else "it is cut short: ") in text, text
        for read in (load, read_notes):
            with pytest.raises(ValueError, match="cannot read"):
                read(path)
    path.write_bytes(whole + b"\0")
    assert "it is damaged (" in refused(path)


@given(st.data())
def test_a_changed_byte_never_gives_another_error(whole: bytes, tmp_path_factory: Any, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("changed") / "m"
    changed = bytearray(whole)
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=3)):
        changed[place] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(changed))
    model = nn.Layer(2, 3, seed=1)
    before = model.state_dict()
    try:
        load(path, model)
    except ValueError as error:
        assert repr(str(path)) in str(error)
        assert model.state_dict() == before
    try:
        load(path)
    except ValueError as error:
        assert repr(str(path)) in str(error)


@given(st.binary(max_size=200))
def test_any_bytes(tmp_path_factory: Any, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "m"
    for start in (b"", len(content).to_bytes(8, "little")):
        path.write_bytes(start + content)
        assert refused(path).startswith("cannot read FILE: ")


FOREIGN = {
    b"": "the file is empty",
    b"{}": "this is no safetensors file: it looks like JSON",
    b'{"weight": [[1.0]]}': "this is no safetensors file: it looks like JSON",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR": "this is no safetensors file: it looks like a PNG picture",
    pickle.dumps({"weight": 1.0}): "this is no safetensors file: it looks like a pickle, which could run anything",
    b"PK\x03\x04\0\0\0\0\0\0": "this is no safetensors file: it looks like a zip archive, as torch.save writes",
    b"height,width\n1,2\n": "this is no safetensors file: it looks like text",
    (10**10).to_bytes(8, "little") + b"{}": "its first 8 bytes announce a header of 10,000,000,000 bytes",
    (10**8).to_bytes(8, "little") + b"{}": "it is cut short: it announces a header of 100000000 bytes and has 2 after",
    (2).to_bytes(8, "little") + b"[]": "its header is not that of a safetensors file",
    (4).to_bytes(8, "little") + b"null": "its header is not that of a safetensors file",
    (9).to_bytes(8, "little") + b'{"a": {}}': "its header is not that of a safetensors file",
    (90_000).to_bytes(8, "little") + b"[" * 90_000: "its header is not that of a safetensors file",
}


@pytest.mark.parametrize(("content", "text"), FOREIGN.items(), ids=range(len(FOREIGN)))
def test_foreign_files(content: bytes, text: str, tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_bytes(content)
    assert text in refused(path)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    assert refused(tmp_path / "no") == "FILE: there is no such file"
    assert refused(tmp_path) == "FILE is a folder or a device: expected a .safetensors file"


def header(entries: dict[str, Any], numbers: bytes = b"") -> bytes:
    text = json.dumps(entries).encode()
    return len(text).to_bytes(8, "little") + text + numbers


@pytest.mark.parametrize(
    "entries",
    [
        {"weight": {"dtype": "F64", "shape": [10**12, 10**12], "data_offsets": [0, 16]}},
        {"weight": {"dtype": "F64", "shape": [10**12, 0], "data_offsets": [0, 0]}},
        {"weight": {"dtype": "F64", "shape": [1] * 1000, "data_offsets": [0, 8]}},
        {"weight": {"dtype": "F64", "shape": [-1], "data_offsets": [0, 8]}},
        {"weight": {"dtype": "F64", "shape": [2], "data_offsets": [-16, 0]}},
        {"weight": {"dtype": "F64", "shape": [1], "data_offsets": [8, 16]}},
        {"weight": {"dtype": "F64", "shape": [1.5], "data_offsets": [0, 8]}},
        {"weight": {"dtype": "F64", "shape": [1], "data_offsets": [0, 10**30]}},
        {"weight": {"dtype": "I64", "shape": [2], "data_offsets": [0, 16]}},
        {"weight": {"dtype": ["F64"], "shape": [2], "data_offsets": [0, 16]}},
        {"weight": {"dtype": "F64", "shape": "22", "data_offsets": [0, 16]}},
        {"__metadata__": {KEY: 3}, "weight": {"dtype": "F64", "shape": [2], "data_offsets": [0, 16]}},
        {"__metadata__": [1], "weight": {"dtype": "F64", "shape": [2], "data_offsets": [0, 16]}},
    ],
)
def test_headers_that_lie(entries: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "m"
    empty = entries.get("weight", {}).get("data_offsets") == [0, 0]
    path.write_bytes(header(entries, b"" if empty else bytes(16)))
    tracemalloc.start()
    try:
        text = refused(path)
        assert "holds nothing" in text if empty else text
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def described(tmp_path: Path, model: Any, version: Any = 1, **also: Any) -> Path:
    """A file with one number and this description."""
    path = tmp_path / "m"
    text = json.dumps({"version": version, "model": model, "notes": None, **also})
    path.write_bytes(safetensors.save({"x": numpy.zeros(1)}, {KEY: text}))
    return path


NEURON = {"class": "Neuron", "inputs": 1, "activation": "relu"}


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ({"class": "Layer", "inputs": 10**12, "outputs": 10**12, "activation": "relu"}, "it describes a model of 1,000,000,000,001,000,000,000,000 numbers and holds 1"),
        ({"class": "Neuron", "inputs": 10**12, "activation": "relu"}, "it describes a model of 1,000,000,000,001 numbers and holds 1"),
        ({**NEURON, "inputs": -3}, "Neuron(inputs) got -3: expected at least 1"),
        ({**NEURON, "inputs": 2.5}, "Neuron(inputs) got 2.5, a float: expected a whole number"),
        ({"class": "Neuron"}, "has a Neuron without 'inputs'"),
        ({"class": "Module"}, "has {'class': 'Module'} where Neuron, Layer, MLP, Sequential, Dropout, Softmax, Activation, RNN, "),
        ({"class": "os.system"}, "where Neuron, Layer"),
        ({"class": ["Neuron"]}, "where Neuron, Layer"),
        ("import os", "has 'import os' where Neuron, Layer"),
        ({"class": "MLP", "layers": []}, "has layers []: expected a list of them"),
        ({"class": "MLP", "layers": 7}, "has layers 7: expected a list of them"),
        ({"class": "MLP", "layers": [{"class": "Activation", "name": "leaky_relu", "settings": {"slope": 1}, "learnt": ["slope"]}]}, "MLP with LeakyReLU(slope=1): expected layers"),
        ({"class": "Sequential", "steps": [{"class": "Dropout", "p": 7.0}]}, "it describes a model of 0 numbers"),
        ({"class": "Activation", "name": "eval", "settings": {"x": 1}, "learnt": ["x"]}, "eval"),
        ({"class": "Activation", "name": 5, "settings": {"x": 1}, "learnt": ["x"]}, "5"),
        ({"class": "Activation", "name": "relu", "settings": {"x": 1}, "learnt": ["x"]}, "ReLU(x=Value(data=1.0, grad=0.0)): expected nothing"),
        ({"class": "Activation", "name": "leaky_relu", "settings": {"slope": "1"}, "learnt": ["slope"]}, "got '1', a str"),
        ({"class": "Activation", "name": "leaky_relu", "settings": 3, "learnt": ["slope"]}, "settings 3"),
        ({"class": "Activation", "name": "leaky_relu", "settings": {}, "learnt": [["slope"]]}, ""),
        ({"class": "Activation", "name": "leaky_relu", "settings": {"slope": 1}, "learnt": ["slope"]}, "unexpected: x"),
    ],
)  # fmt: skip
def test_descriptions_that_lie(model: Any, text: str, tmp_path: Path) -> None:
    path = described(tmp_path, model)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"^cannot load ") as caught:
            load(path)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
    assert repr(str(path)) in str(caught.value)
    assert text in str(caught.value)


@given(st.recursive(st.none() | st.integers() | st.text(max_size=3) | st.sampled_from(["Neuron", "relu", "Layer"]),
                    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(["class", "inputs",
                    "outputs", "activation", "layers", "steps", "name", "settings", "learnt", "p"]), part), max_leaves=12))  # fmt: skip
def test_any_description(tmp_path_factory: Any, model: Any) -> None:
    with pytest.raises(ValueError, match=r"^cannot load "):
        load(described(tmp_path_factory.mktemp("any"), model))


def test_texts_that_are_damaged(tmp_path: Path) -> None:
    path = tmp_path / "m"
    for text in ("", "{", "[]", "null", "3", "{}", '{"version": NaN, "model": null, "notes": null}', "[" * 100_000):
        path.write_bytes(safetensors.save({"x": numpy.zeros(1)}, {KEY: text}))
        with pytest.raises(ValueError, match="the description of the model in its header is damaged"):
            load(path)
    with pytest.raises(ValueError, match="it is of version 2 and this program reads 1; update autograd-tiny"):
        load(described(tmp_path, NEURON, version=2))


def test_weights_that_do_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "m"
    save(nn.Layer(3, 2, seed=0), path)
    text = refused(path, nn.Layer(2, 3, seed=0)).splitlines()
    assert text[0] == "cannot load FILE: Layer.load_state_dict: the state does not fit, and the model is left as it was"
    assert (
        text[1]
        == "  misshaped: weight is 2 × 3, expected 3 × 2 (transpose it: a row holds the weights of one output); bias is 2, expected 3"
    )
    good = {"weight": numpy.zeros((3, 2)), "bias": numpy.zeros(3)}
    for change, words in (
        ({"bias": numpy.array([0.0, numpy.nan, -numpy.inf])}, "bias[1] is nan; bias[2] is -inf"),
        ({"bias": numpy.array([0.0, numpy.inf, 0.0], dtype="f2")}, "bias[1] is inf"),
        ({"bias": numpy.zeros(3, dtype="i8")}, "'bias' is of type 'I64': expected one of F64, F32, F16, BF16"),
        ({"bais": numpy.zeros(3)}, "unexpected: bais"),
    ):
        path.write_bytes(safetensors.save({**good, **change}))
        assert words in refused(path)
    path.write_bytes(safetensors.save({"weight": good["weight"]}))
    assert "missing: bias" in refused(path)


def test_narrower_numbers_are_read(tmp_path: Path) -> None:
    path, weights = tmp_path / "m", numpy.array([[0.5, -1.25]])
    for dtype in ("f8", "f4", "f2"):
        path.write_bytes(safetensors.save({"weight": weights.astype(dtype), "bias": numpy.ones(1, dtype)}))
        assert load(path, nn.Layer(2, 1)).state_dict() == {"weight": [[0.5, -1.25]], "bias": [1.0]}
    upper = (weights.astype("<f4").view("<u4") >> 16).astype("<u2").tobytes() + b"\x80\x3f"
    entries = {"weight": {"dtype": "BF16", "shape": [1, 2], "data_offsets": [0, 4]},
               "bias": {"dtype": "BF16", "shape": [1], "data_offsets": [4, 6]}}  # fmt: skip
    path.write_bytes(header(entries, upper))
    assert load(path, nn.Layer(2, 1)).state_dict() == {"weight": [[0.5, -1.25]], "bias": [1.0]}
