"""What `to_torch` gives is a module like any other: it is copied, pickled, saved, moved and converted."""

from __future__ import annotations

import copy
import io
import pickle
from typing import Any

import numpy as np
import pytest

import autograd_tiny as ad
import nn
from autograd_tiny import Value, compile

torch: Any = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")

X = np.array([[1.0, 2.0], [-0.5, 0.25]])


@pytest.fixture
def program() -> Any:
    model = nn.MLP(2, [4, 1], "tanh", seed=0)
    found = compile(lambda x: model(x) + ad.where(ad.greater(x[0], 0.0), x[1], 0.5) * 3.0)
    found([1.0, 2.0])
    return found


def saved(module: Any) -> Any:
    file = io.BytesIO()
    torch.save(module, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


@pytest.mark.parametrize("way", [copy.deepcopy, copy.copy, lambda m: pickle.loads(pickle.dumps(m)), saved])
def test_a_module_travels(way: Any, program: Any) -> None:
    module = program.to_torch().float()
    module.eval()
    module.W1.requires_grad_(False)
    x = torch.tensor(X, dtype=torch.float32)
    again = way(module)
    assert torch.equal(again(x), module(x))
    assert again(x).dtype == torch.float32
    assert not again.training
    assert [(n, p.requires_grad) for n, p in again.named_parameters()] == [
        (n, p.requires_grad) for n, p in module.named_parameters()
    ]
    if way is not copy.copy:
        with torch.no_grad():
            again.W1 += 1.0
        assert not torch.equal(again(x), module(x))


def test_state_dicts(program: Any) -> None:
    module, other = program.to_torch(), program.to_torch()
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.zero_()
    file = io.BytesIO()
    torch.save(module.state_dict(), file)
    file.seek(0)
    other.load_state_dict(torch.load(file))
    assert torch.equal(other(X), module(X))
    np.testing.assert_allclose(module(X).detach().numpy(), program(X, batch=True), rtol=1e-12)


def test_single_precision_another_device_and_functional_call(program: Any) -> None:
    module = program.to_torch()
    single = copy.deepcopy(module).float()(torch.tensor(X, dtype=torch.float32))
    np.testing.assert_allclose(single.detach().numpy(), program(X, batch=True), rtol=1e-5)
    assert copy.deepcopy(module).to("meta")(torch.ones(3, 2, device="meta")).shape == (3,)
    called = torch.func.functional_call(module, dict(module.named_parameters()), (torch.tensor(X),))
    assert torch.equal(called, module(X))


def test_a_module_trains_the_same_after_a_pickle(program: Any) -> None:
    found = []
    for module in (program.to_torch(), pickle.loads(pickle.dumps(program.to_torch()))):
        optimizer = torch.optim.Adam(module.parameters(), lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            (module(X) ** 2).mean().backward()
            optimizer.step()
        found.append(module(X).tolist())
    assert found[0] == found[1]


def test_samples_of_another_shape_are_refused_by_name(program: Any) -> None:
    module = program.to_torch()
    assert str(module).endswith("(x [2])")
    for wrong in ([1.0, 2.0], [[1.0, 2.0, 3.0]], 1.0):
        with pytest.raises(ValueError, match=r"got x of shape .*: expected samples of shape \(2,\) along a first axis"):
            module(wrong)
    with pytest.raises(TypeError, match="takes x; got 2 arguments"):
        module(X, X)


def test_a_primitive_that_is_not_there_is_named(program: Any) -> None:
    found = compile(lambda x: Value(2.0) * x.softplus())
    found(1.0)
    text = pickle.dumps(found.to_torch(), protocol=0).replace(b"softplus", b"hardplus")
    with pytest.raises(ValueError, match="where a primitive 'hardplus' was registered: register it here too"):
        pickle.loads(text)
