"""Tools that differentiate by themselves take the table's derivatives: their own, of a formula in which kinks cancel, are
wrong there. The slope of sigmoid at 0, where a weight begins, was 0 in PyTorch, and softplus's -1/2 in JAX.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

import pytest

import autograd_tiny as ad
from autograd_tiny import NonFiniteError, Value, compile, grad
from autograd_tiny.core import apply
from autograd_tiny.table.ops import ROWS
from autograd_tiny.table.primitive import Primitive

pytestmark = pytest.mark.once

CANCELLING: list[tuple[Callable[..., Any], tuple[float, ...]]] = [
    (ad.sigmoid, (0.0,)),
    (ad.softplus, (0.0,)),
    (ad.log_sigmoid, (0.0,)),
    (ad.logaddexp, (0.0, 0.0)),
    (ad.abs, (0.0,)),
    (lambda x: x.sech_squared(), (1e8,)),
    (ad.hypot, (0.0, 0.0)),
    (ad.xlogy, (0.0, 2.0)),
    (lambda a, b: ad.norm([a, b]), (1e300, 5.0)),
    (lambda a, b: ad.maximum([a, b]), (2.0, 2.0)),
    (lambda a, b: a % b, (18.0, -18.0)),
    (lambda a, b: a**b, (0.0, 0.0)),
]


def called(row: Primitive) -> Callable[..., Any]:
    """The row on numbers one by one."""

    def f(*numbers: Any) -> Any:
        width = len(numbers) // len(row.arguments)
        parts = [numbers[i : i + width] for i in range(0, len(numbers), width)]
        return apply(row, tuple(parts) if row.variadic else numbers)

    return f


def slopes(f: Callable[..., Any], at: tuple[float, ...]) -> list[float] | None:
    """Ours; None where there is none."""
    try:
        return [float(slope) for slope in grad(f, argnums=tuple(range(len(at))))(*at)]
    except NonFiniteError:
        return None


def compiled(f: Callable[..., Any], at: tuple[float, ...]) -> Any:
    program = compile(lambda xs: f(*xs) + 0.0 * WEIGHT)
    program(at)
    return program


WEIGHT = Value(1.0)


def by_torch(program: Any, at: tuple[float, ...]) -> list[float]:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    x = torch.tensor([at], dtype=torch.float64, requires_grad=True)
    y = program.to_torch()(x).sum() + 0.0 * x.sum()  # flat rows have no slope of their own
    [found] = torch.autograd.grad(y, x)
    return list(found[0].tolist())


def by_jax(program: Any, at: tuple[float, ...]) -> list[float]:
    jax = pytest.importorskip("jax", reason="JAX is not installed: pip install jax")
    jax.config.update("jax_enable_x64", True)
    f = program.to_jax()
    return list(jax.grad(lambda x: f(f.parameters, x))(jax.numpy.array(at)).tolist())


def forward_by_jax(program: Any, at: tuple[float, ...]) -> list[float]:
    jax = pytest.importorskip("jax", reason="JAX is not installed: pip install jax")
    jax.config.update("jax_enable_x64", True)
    f = program.to_jax()
    return list(jax.jacfwd(lambda x: f(f.parameters, x))(jax.numpy.array(at)).tolist())


@pytest.mark.parametrize("by", [by_torch, by_jax, forward_by_jax])
@pytest.mark.parametrize(("f", "at"), CANCELLING)
def test_where_kinks_cancel_the_slopes_are_ours(f: Any, at: tuple[float, ...], by: Any) -> None:
    assert by(compiled(f, at), at) == pytest.approx(slopes(f, at), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_at_its_edges_every_row_has_our_slopes_in_torch(row: Primitive) -> None:
    f = called(row)
    for edge in row.edges:
        expected = slopes(f, edge.at) if isfinite(edge.value) else None
        if expected is not None:
            assert by_torch(compiled(f, edge.at), edge.at) == pytest.approx(expected, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("f", [ad.sigmoid, ad.softplus, ad.gelu, ad.sinc])
def test_higher_derivatives_are_ours_too(f: Any) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    jax = pytest.importorskip("jax", reason="JAX is not installed: pip install jax")
    jax.config.update("jax_enable_x64", True)
    program = compile(lambda x: f(x))
    program(0.0)
    expected = [grad(f)(0.0), grad(grad(f))(0.0), grad(grad(grad(f)))(0.0)]
    function = program.to_jax()
    derived: Any = lambda x: function(function.parameters, x)
    x = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    y, found = program.to_torch()(x).sum(), []
    for known in expected:
        derived = jax.grad(derived)
        [slope] = torch.autograd.grad(y, x, create_graph=True)
        y = slope.sum()
        found.append(y.item())
        assert float(derived(0.0)) == pytest.approx(known, abs=1e-14)
    assert found == pytest.approx(expected, abs=1e-14)


@pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")  # torch's own, of itself
def test_torch_derives_batches_and_by_functions() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    w = [Value(0.1 * i - 0.2, f"w{i}") for i in range(6)]
    program = compile(
        lambda x: (
            ad.logsumexp([w[0] * x[0], w[1] * x[1], w[2]])
            + ad.sigmoid(ad.dot(w[3:5], x))
            + ad.maximum([w[5] * x[0], x[1]])
            + ad.norm(x) * w[5]
        )
    )
    program([0.3, -0.7])
    module = program.to_torch()
    x = torch.tensor([[0.3, -0.7], [1.5, 0.2], [-0.4, 2.0]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(module, (x,))
    assert torch.autograd.gradgradcheck(module, (x,))
    one = lambda x: module(x[None])[0]
    each = torch.func.vmap(torch.func.grad(one))(x.detach())
    [together] = torch.autograd.grad(module(x).sum(), x)
    torch.testing.assert_close(each, together)
    torch.testing.assert_close(torch.func.jacfwd(one)(x[0].detach()), together[0])
    assert torch.func.hessian(one)(x[0].detach()).shape == (2, 2)
