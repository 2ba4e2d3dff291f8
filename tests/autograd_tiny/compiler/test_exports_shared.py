"""Programs whose samples share an argument, in the words of other tools: there too it has no axis of samples."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from autograd_tiny import Value, compile, dot, exp, sum
from autograd_tiny.compiler.program import Program

from .exported import Case, assert_near

W = [Value(0.5, "a"), Value(-1.5, "b")]


def priced(x: Any, rate: Any, curve: Any, t: Any) -> Any:
    return W[0] * x[0] * exp(-rate) + dot(curve, [x[1], rate * W[1], t]) + sum([c * c for c in curve]) * t


def shared_case() -> Case:
    rng = np.random.default_rng(0)
    columns = [rng.normal(size=(5, 2)), 0.3, rng.normal(size=3), rng.normal(size=5)]
    program = compile(priced, shared=["rate", "curve"])
    values, gradient = program.value_and_grad(*columns, batch=True)
    return Case("priced", program, columns, values, gradient)


CASE = shared_case()


def test_numpy() -> None:
    space: dict[str, Any] = {}
    text = CASE.program.to_numpy()
    exec(text, space)
    assert re.search(r"but rate and curve, the same for all", text)
    assert_near(space["value"](*CASE.columns), CASE.values)
    values, gradients = space["value_and_grad"](*CASE.columns)
    assert_near(values, CASE.values)
    for name, expected in CASE.blocks().items():
        assert_near(gradients[name], expected)


def test_torch() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    module = CASE.program.to_torch()
    found = module(*[torch.as_tensor(x, dtype=torch.float64) for x in CASE.columns])
    assert_near(found.detach().numpy(), CASE.values)
    found.mean().backward()
    for name, expected in CASE.blocks().items():
        assert_near(getattr(module, name).grad.numpy(), expected)
    with pytest.raises(ValueError, match=r"got curve of shape \(2,\): expected shape \(3,\), the same for all samples"):
        module(CASE.columns[0], 0.3, [1.0, 2.0], CASE.columns[3])
    with pytest.raises(ValueError, match=r"got 5 and 1 samples: expected as many in each argument"):
        module(CASE.columns[0], 0.3, CASE.columns[2], [1.0])


def test_jax() -> None:
    jax = pytest.importorskip("jax", reason="JAX is not installed: pip install jax")
    jax.config.update("jax_enable_x64", True)
    f = CASE.program.to_jax()
    assert_near(jax.vmap(f, (None, 0, None, None, 0))(f.parameters, *CASE.columns), CASE.values)


def test_onnx() -> None:
    pytest.importorskip("onnx", reason="onnx is not installed: pip install onnx")
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: pip install onnxruntime")
    model = CASE.program.to_onnx()
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    assert [x.shape for x in session.get_inputs()] == [["n", 2], [], [3], ["n"]]
    given = zip([x.name for x in session.get_inputs()], map(np.asarray, CASE.columns), strict=True)
    (found,) = session.run(None, dict(given))
    assert_near(found, CASE.values)


@pytest.mark.parametrize("shared", [["x"], ["t"], ["x", "t"]])
def test_one_number_or_all_arguments(shared: list[str]) -> None:
    """Where all are shared there are no samples to share them, and the exports have them in each."""
    program: Program = compile(lambda x, t: [W[0] * x, t * x], shared=shared)
    program(2.0, 3.0)
    space: dict[str, Any] = {}
    exec(program.to_numpy(), space)
    columns = [2.0 if name in shared and len(shared) == 1 else [2.0, 4.0] for name in ("x", "t")]
    expected = [program(*sample) for sample in zip(*np.broadcast_arrays(*columns), strict=True)]
    assert_near(space["value"](*columns), expected)
