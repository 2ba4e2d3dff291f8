"""Models in files: `save`, `load` and `read_notes`. One safetensors file holds the weights and what they belong to.

>>> import tempfile
>>> from nn import MLP
>>> model = MLP(2, [3, 1], seed=0)
>>> with tempfile.TemporaryDirectory() as folder:
...     path = save(model, Path(folder, "model.safetensors"), notes={"columns": ["height", "width"]})
...     again, notes = load(path), read_notes(path)
>>> again
MLP of [Layer of [3 ReLUNeuron(2)], Layer of [1 LinearNeuron(3)]], 13 parameters
>>> again([1.0, 2.0]).data == model([1.0, 2.0]).data, notes
(True, {'columns': ['height', 'width']})

The weights stand under the state dict's names, which are those of PyTorch's Linear layers: there, read the file with
``safetensors.torch.load_file``. The header holds the description (`nn.files.descriptions`) and your notes, so that the
parts cannot be separated or mixed up. Loading runs nothing that stands in a file.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NoReturn, TypeVar, overload

from autograd_tiny.errors import article, shorten
from autograd_tiny.files.atomic import write_atomically

from ..module import Module
from .descriptions import NotDescribed, describe, rebuild, size
from .tensors import called, pack, unpack

KEY = "autograd_tiny"
"""Of the header's text that is ours."""

VERSION = 1
"""Of the layout of that text."""

M = TypeVar("M", bound=Module)
Path_ = str | os.PathLike[str]


def save(model: Module, path: Path_, notes: Any = None) -> Path:
    """The path of the file in which the model now is. ``notes`` is any JSON data that is to stay with it.

    The file is written whole or not at all. Not kept: how far a seeded `Dropout` has drawn, and whether the model
    was in training.
    """
    if not isinstance(model, Module):
        raise TypeError(f"save(model) got {shorten(model)}, {article(type(model).__name__)}: expected a Module")
    text: dict[str, Any] = {"version": VERSION, "model": None, "notes": notes}
    try:
        text["model"] = describe(model)
    except NotDescribed as why:
        text["not described"] = str(why)
    try:
        written = json.dumps(text, allow_nan=False)
        if json.loads(written)["notes"] != _plain(notes):
            raise TypeError("their keys are not all strings")
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(f"save(notes) got {shorten(notes)}: expected JSON data ({error})") from None
    write_atomically(path, pack(model.state_dict(), {KEY: written}))
    return Path(path)


@overload
def load(path: Path_) -> Any: ...
@overload
def load(path: Path_, model: M, strict: bool = True) -> M: ...
def load(path: Path_, model: Module | None = None, strict: bool = True) -> Any:
    """The model in the file, in training mode: ``model`` with the file's weights, or one built as described there.

    Give ``model`` where it is of a class of your own, or another program wrote the file. ``OSError`` or
    ``ValueError`` if the file cannot be read, is damaged or does not fit; ``model`` is then as it was.
    ``strict=False`` passes over names that the model or the file lacks.
    """
    return load_with_notes(path, model, strict)[0]


def read_notes(path: Path_) -> Any:
    """The notes that the model in the file was saved with, None if there were none."""
    return _text(path, unpack(path)[1])["notes"]


def load_with_notes(path: Path_, model: Module | None = None, strict: bool = True) -> tuple[Any, Any]:
    """The model as from `load` and the notes, from one reading of the file; no notes if another program wrote it."""
    if model is not None and not isinstance(model, Module):
        raise TypeError(f"load(model) got {shorten(model)}, {article(type(model).__name__)}: expected a Module")
    arrays, texts = unpack(path)
    if model is not None:
        loaded, notes = model, _text(path, texts)["notes"] if KEY in texts else None
    else:
        text = _text(path, texts)
        loaded, notes = _built(path, text, sum(array.size for array in arrays.values())), text["notes"]
    try:
        loaded.load_state_dict(_renamed(arrays, loaded), strict)
    except ValueError as error:
        raise ValueError(f"cannot load {called(path)}: {error}") from None
    return loaded, notes


def _renamed(arrays: dict[str, Any], model: Module) -> dict[str, Any]:
    """What has another name now, under that, where it is the one that the model has."""
    earlier = [name for name in arrays if name.endswith(("out_proj_weight", "out_proj_bias"))]  # of `Attention`
    if not earlier:
        return arrays
    now = {name: name.replace("out_proj_", "out_proj.") for name in earlier}
    known = model.state_dict()
    return {now[name] if name in now and now[name] in known else name: array for name, array in arrays.items()}


def _built(path: Path_, text: dict[str, Any], numbers: int) -> Module:
    """A new model as the file describes it, if the file has as many numbers as that takes."""
    if text["model"] is None:
        raise _refused(path, f"its model cannot be rebuilt, since {text.get('not described')}; "
                      "build the model yourself and write nn.load(path, model)")  # fmt: skip
    try:
        needed = size(text["model"])
        if needed == numbers:
            return rebuild(text["model"])
        what = f"it describes a model of {needed:,} numbers and holds {numbers:,}"
    except (TypeError, ValueError, RecursionError) as error:
        what = f"{error}"
    raise _refused(path, what)


def _text(path: Path_, texts: dict[str, str]) -> dict[str, Any]:
    """What `save` wrote beside the weights."""
    if KEY not in texts:
        raise _refused(path, "it has weights and no description of the model, since another program wrote it; "
                      "build the model yourself and write nn.load(path, model)")  # fmt: skip
    try:
        text = json.loads(texts[KEY], parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        text = None
    if not isinstance(text, dict) or not {"version", "model", "notes"} <= set(text):
        raise _refused(path, "the description of the model in its header is damaged")
    if text["version"] != VERSION:
        newer = f"it is of version {shorten(text['version'])} and this program reads {VERSION}"
        raise _refused(path, f"{newer}; update autograd-tiny")
    return text


def _refused(path: Path_, what: str) -> ValueError:
    return ValueError(f"cannot load {called(path)}: {what}")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _plain(notes: Any) -> Any:
    """The notes as JSON gives them back, for tuples come back as lists."""
    if isinstance(notes, dict):
        return {key: _plain(part) for key, part in notes.items()}
    return [_plain(part) for part in notes] if isinstance(notes, (list, tuple)) else notes
