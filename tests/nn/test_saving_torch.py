"""Files between PyTorch and here: the same names, the same numbers, the same outputs, in both directions."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest

import nn
from nn.files.saving import load, save

torch: Any = pytest.importorskip("torch", reason="compared with PyTorch where that is installed")
files: Any = pytest.importorskip("safetensors.torch", reason="model files are safetensors: extra `files`")

ROWS = [[0.5, -1.0, 2.0], [0.0, 0.0, 0.0], [-3.0, 0.25, 7.5]]


def outputs(model: nn.Module) -> list[list[float]]:
    return [[y.data for y in model(x)] for x in ROWS]  # type: ignore[operator]


def test_a_sequential_loads_into_torch(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Layer(3, 5, "linear", seed=0), nn.ReLU(), nn.Layer(5, 2, "linear", seed=1))
    path = save(model, tmp_path / "m.safetensors", notes={"kept": True})
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.ReLU(), torch.nn.Linear(5, 2)).double()
    theirs.load_state_dict(files.load_file(path), strict=True)
    for ours, other in zip(outputs(model), theirs(torch.tensor(ROWS, dtype=torch.float64)).tolist(), strict=True):
        assert ours == pytest.approx(other, rel=1e-12, abs=1e-12)


def test_an_mlp_loads_into_torch(tmp_path: Path) -> None:
    model = nn.MLP(3, [5, 4, 2], "tanh", seed=0)
    path = save(model, tmp_path / "m.safetensors")
    steps = [torch.nn.Linear(3, 5), torch.nn.Linear(5, 4), torch.nn.Linear(4, 2)]
    theirs = torch.nn.Sequential(OrderedDict(layers=torch.nn.ModuleList(steps))).double()
    theirs.load_state_dict(files.load_file(path), strict=True)
    x = torch.tensor(ROWS, dtype=torch.float64)
    for step in steps[:-1]:
        x = torch.tanh(step(x))
    for ours, other in zip(outputs(model), steps[-1](x).tolist(), strict=True):
        assert ours == pytest.approx(other, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
def test_a_file_that_torch_wrote_loads_here(dtype: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.Sigmoid(), torch.nn.Linear(5, 2))
    theirs = theirs.to(getattr(torch, dtype))
    path = tmp_path / "theirs.safetensors"
    files.save_file(theirs.state_dict(), path, metadata={"format": "pt"})
    model = nn.Sequential(nn.Layer(3, 5, "linear"), "sigmoid", nn.Layer(5, 2, "linear"))
    assert load(path, model) is model
    expected = theirs.double()(torch.tensor(ROWS, dtype=torch.float64)).tolist()
    for ours, other in zip(outputs(model), expected, strict=True):
        assert ours == pytest.approx(other, rel=1e-12, abs=1e-12)
