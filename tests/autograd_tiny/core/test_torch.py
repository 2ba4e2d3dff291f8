"""PyTorch as one more oracle, where it is installed."""

from __future__ import annotations

import math
from typing import Any

import pytest

from autograd_tiny import functions, grad

torch = pytest.importorskip("torch", reason="PyTorch is not installed; mpmath is the oracle that always runs")

NAMES = ["exp", "log1p", "expm1", "sin", "cos", "tan", "atan", "sinh", "cosh", "tanh", "sigmoid", "relu", "abs", "erf",
         "square", "erfc"]  # fmt: skip
IN_NN = {"softplus": "softplus", "elu": "elu", "gelu": "gelu", "silu": "silu", "leaky_relu": "leaky_relu"}


@pytest.mark.parametrize("name", [*NAMES, *IN_NN])
@pytest.mark.parametrize("x", [-0.9, -0.3, 0.0, 0.4, 1.2])
def test_value_and_two_derivatives_are_torchs(name: str, x: float) -> None:
    theirs: Any = getattr(torch.nn.functional, IN_NN[name]) if name in IN_NN else getattr(torch, name)
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    y = theirs(t)
    (first,) = torch.autograd.grad(y, t, create_graph=True)
    ours = getattr(functions, name)
    assert ours(x) == pytest.approx(y.item(), rel=1e-14, abs=1e-15)
    assert grad(ours)(x) == pytest.approx(first.item(), rel=1e-13, abs=1e-15)
    if first.requires_grad and name not in ("relu", "abs", "leaky_relu", "elu"):
        (second,) = torch.autograd.grad(first, t)
        assert grad(grad(ours))(x) == pytest.approx(second.item(), rel=1e-11, abs=1e-14)


@pytest.mark.parametrize(
    ("base", "exponent"), [(2.0, 3.0), (0.5, -1.5), (0.0, 2.0), (0.0, 1.0), (0.0, 0.0), (-2.0, 3.0)]
)
def test_powers_are_torchs_edges_included(base: float, exponent: float) -> None:
    a = torch.tensor(base, dtype=torch.float64, requires_grad=True)
    b = torch.tensor(exponent, dtype=torch.float64, requires_grad=True)
    theirs = torch.autograd.grad(a**b, (a, b))
    assert grad(lambda x: x**exponent)(base) == pytest.approx(theirs[0].item())
    if base >= 0:
        assert grad(lambda y: base**y)(exponent) == pytest.approx(theirs[1].item(), nan_ok=True)
    else:
        assert math.isnan(theirs[1].item())
