"""What was written and imported before the tree had floors: names, pickles and files of then go on working.

`tests/old/` was written by the last version with the flat tree, on either engine.
"""

from __future__ import annotations

import ast
import base64
import json
import pickle
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import autograd_tiny
import nn
from autograd_tiny import Value, _old_names
from tests.needs import program

OLD = Path(__file__).parent / "old"
KEPT: dict[str, Any] = json.loads((OLD / f"{autograd_tiny.engine}.json").read_text())

NAMES = {
    "autograd_tiny": "AutogradError BackwardPass ComputedValueError Ledger NonFiniteError RecordingError StaleGraphError "
                     "Step Value compile debug engine explain find_nonfinite forward_steps grad gradients hessian hvp "
                     "jacobian jvp name_locals nonfinite register select softmax steps track_sources unregister "
                     "value_and_grad vjp where tanh",
    "autograd_tiny.ops": "ROWS TABLE",
    "autograd_tiny.primitive": "Primitive function infix Edge",
    "autograd_tiny.namespaces": "FLOATS LATEX TEXT Namespace",
    "autograd_tiny.namespaces.arrays": "ARRAYS",
    "autograd_tiny.value": "Value",
    "autograd_tiny.backward": "backward _sweep",
    "autograd_tiny.core": "Value topological_order gradients_of data_of set_data",
    "autograd_tiny.codegen.rules": "fixed header",
    "autograd_tiny.functions": "exp VALUES",
    "autograd_tiny.functional": "grad hessian",
    "autograd_tiny.errors": "AutogradError NonFiniteError",
    "autograd_tiny.ledger": "explain Ledger",
    "autograd_tiny.stepping": "steps BackwardPass",
    "autograd_tiny.parsing": "parse",
    "autograd_tiny.testing": "assert_gradients check_gradients check_primitive check_engine expressions graphs "
                             "custom_primitive NotDifferentiable Inconclusive gradient_with",
    "autograd_tiny.compiler": "compile select",
    "autograd_tiny.compiler.program": "Program",
}  # fmt: skip
"""What README.md, the docs, the examples and the notebooks imported, and the names beside it."""


@pytest.mark.parametrize(("module", "name"), [(m, name) for m, names in NAMES.items() for name in names.split()])
def test_a_name_is_found_where_it_was(module: str, name: str) -> None:
    assert hasattr(import_module(module), name)


@pytest.mark.parametrize("old", sorted({*_old_names.MOVED} - {"_engine"}))
def test_a_module_of_old_is_the_module_of_now(old: str) -> None:
    now = import_module(f"autograd_tiny.{_old_names.MOVED[old]}")
    assert import_module(f"autograd_tiny.{old}") is now
    assert getattr(autograd_tiny, old) is now
    assert now.__spec__ is not None
    assert now.__spec__.name == f"autograd_tiny.{_old_names.MOVED[old]}"


def test_what_never_was_is_not_found() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'autograd_tiny\.op'"):
        import_module("autograd_tiny.op")
    with pytest.raises(ModuleNotFoundError, match=r"ops"):
        import_module("autograd_tiny.ops.nothing")
    with pytest.raises(AttributeError, match="no attribute 'tahn'"):
        autograd_tiny.tahn


def test_pickles_of_then() -> None:
    a, b = pickle.loads(base64.b64decode(KEPT["leaf"]))
    assert (type(a), a.data, a.label, b.data) == (Value, 2.5, "v", -0.5)
    model = pickle.loads(base64.b64decode(KEPT["model"]))
    assert model([0.5, -1.0]).data == KEPT["answer"]
    error = pickle.loads(base64.b64decode(KEPT["error"]))
    assert isinstance(error, autograd_tiny.NonFiniteError)


@pytest.mark.parametrize("engine", ["python", "compiled"])
def test_files_of_then(engine: str, tmp_path: Path) -> None:
    kept = json.loads((OLD / f"{engine}.json").read_text())
    (tmp_path / "m.safetensors").write_bytes(base64.b64decode(kept["safetensors"]))
    model = nn.load(tmp_path / "m.safetensors")
    assert model([0.5, -1.0]).data == pytest.approx(kept["answer"], rel=1e-12)
    (tmp_path / "c.json").write_bytes(base64.b64decode(kept["checkpoint"]))
    model = nn.MLP(1, [2, 1], seed=1)
    nn.fit(model, [[0.0], [1.0], [2.0]], [0.0, 1.0, 4.0], epochs=4, seed=5, checkpoint=tmp_path / "c.json", resume=True)
    assert [p.data for p in model.parameters()] == pytest.approx(kept["after 4 epochs"], rel=1e-9)


def test_the_command_is_the_modules_too() -> None:
    done = subprocess.run([sys.executable, "-m", "autograd_tiny", "--version"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert autograd_tiny.__version__ in done.stdout


def test_type_checkers_read_what_is_taken_when_it_is_asked_for() -> None:
    tree = ast.parse(Path(str(autograd_tiny.__file__)).read_text())
    [checked] = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    read = {
        alias.name: "." * node.level + str(node.module)
        for node in checked.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert read == autograd_tiny._PLACES
    assert {*autograd_tiny._PLACES} <= {*dir(autograd_tiny)} & {*autograd_tiny.__all__}


def test_importing_the_package_leaves_the_explaining_for_later() -> None:
    code = "import sys, autograd_tiny; print([m for m in sys.modules if 'explaining' in m or 'functional' in m])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def test_history_follows() -> None:
    git = program("git")
    root = Path(__file__).parent.parent
    if git is None or not (root / ".git").exists():
        pytest.skip("no git repository here")
    shallow = subprocess.run([git, "rev-parse", "--is-shallow-repository"], cwd=root, capture_output=True, text=True)
    if shallow.stdout != "false\n":
        pytest.skip("a clone without its history")
    log = [git, "log", "--follow", "--format=%h", "--name-only", "--", "autograd_tiny/core/value.py"]
    assert "autograd_tiny/value.py" in subprocess.run(log, cwd=root, capture_output=True, text=True).stdout


@pytest.mark.parametrize("file", sorted((OLD / "layers").iterdir()), ids=lambda file: file.stem)
def test_layers_saved_before_they_had_more_settings(file: Path) -> None:
    """Those were written before recurrent layers had ``num_layers``, LayerNorm no parameters, `Attention` PyTorch's names."""
    model = nn.load(file)
    assert [p.data for p in model.parameters()] == nn.read_notes(file)["numbers"]
    again = nn.load(file, model)
    assert again is model and type(model).__name__ == file.stem
