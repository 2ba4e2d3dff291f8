"""Programs in the words of other tools, each run in the real thing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_tiny import Value, compile

from .exported import CASES, Case, assert_near

each_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


def test_there_are_enough_of_them() -> None:
    assert len(CASES) > 40


@each_case
def test_numpy(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    text = case.program.to_numpy(path)
    assert path.read_text() == text
    assert "autograd_tiny" not in text.split('"""')[2]
    space: dict[str, Any] = {}
    exec(text, space)
    assert_near(space["value"](*case.columns), case.values)
    values, gradients = space["value_and_grad"](*case.columns)
    assert_near(values, case.values)
    for name, expected in case.blocks().items():
        assert_near(gradients[name], expected)
    assert gradients.keys() == space["PARAMETERS"].keys()


@each_case
def test_torch(case: Case) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    module = case.program.to_torch()
    found = module(*[torch.from_numpy(column) for column in case.columns])
    assert_near(found.detach().numpy(), case.values)
    assert {name for name, _ in module.named_parameters()} == set(case.blocks())
    if found.requires_grad:
        found.mean().backward()
    for name, expected in case.blocks().items():
        slope = getattr(module, name).grad
        assert_near(np.zeros(expected.shape) if slope is None else slope.numpy(), expected)


@pytest.mark.parametrize("case", CASES[:14], ids=[case.name for case in CASES[:14]])
def test_jax(case: Case) -> None:
    jax = pytest.importorskip("jax", reason="JAX is not installed: pip install jax")
    jax.config.update("jax_enable_x64", True)
    f = case.program.to_jax()
    batch = jax.vmap(f, (None, *[0] * len(case.columns)))

    @jax.jit
    def values_and_gradient(parameters: Any, *x: Any) -> Any:
        return batch(parameters, *x), jax.grad(lambda p: batch(p, *x).mean())(parameters)

    values, gradients = values_and_gradient(f.parameters, *case.columns)
    assert_near(values, case.values)
    for name, expected in case.blocks().items():
        assert_near(gradients[name], expected)


@pytest.mark.long
@each_case
def test_jax_on_every_case(case: Case) -> None:
    test_jax(case)


def test_a_numpy_module_imports_numpy_only(tmp_path: Path) -> None:
    case = CASES[0]
    case.program.to_numpy(tmp_path / "program.py")
    code = "import sys, program; print([m for m in ('autograd_tiny', 'nn') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert out == "[]\n"


@pytest.mark.parametrize("way", ["to_numpy", "to_torch", "to_jax"])
def test_what_has_not_been_recorded_says_so(way: str) -> None:
    pytest.importorskip({"to_torch": "torch", "to_jax": "jax"}.get(way, "numpy"), reason="not installed")
    program = compile(lambda x: Value(2.0) * x)
    with pytest.raises(ValueError, match=r"has not been recorded yet, .* call it once, then export it"):
        getattr(program, way)()
