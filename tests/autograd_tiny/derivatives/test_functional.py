"""Derivatives of functions: against the oracles of the kit, against each other, nested."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import autograd_tiny as ad
from autograd_tiny import Value, grad, gradients, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd_tiny.derivatives import functional, recorded
from autograd_tiny.testing import Expression, assert_gradients, expression, expressions, scalars


def logsumexp_of_equal_numbers(x: Any, y: Any) -> Any:
    return ad.logsumexp([x, 1.0, y, 0.44]) + x


def a_tail_of_the_error_function(x: Any) -> Any:
    """-1 to 30 digits: of its second derivative 60 digits leave one."""
    return ad.erf(ad.dot([ad.expm1(x), ad.square(x)], [ad.acos(x * 0.93 - 1.05), ad.logsumexp([x])]) - 13.0)


@given(expressions(max_leaves=6, order=2, variables=(1, 2)))
@example(expression(logsumexp_of_equal_numbers, 0.0, 1.0))
@example(
    expression(
        lambda x: ad.erf(ad.dot([ad.expm1(x), ad.square(x)], [ad.acos(x * 0.93 - 1.05), ad.logsumexp([x])]) - 13.0),
        1.125,
    )
)
def test_value_gradient_and_hessian_are_those_that_the_oracles_agree_with(e: Expression) -> None:
    """`assert_gradients` asks `gradients`; what the functional interface makes of it has to be the same numbers."""
    assert_gradients(e, *e.point, order=2)
    leaves = [Value(x) for x in e.point]
    root = e(*leaves)
    slopes = gradients(root, leaves, create_graph=True)
    assert value_and_grad(e, argnums=tuple(range(len(leaves))))(*e.point) == (root.data, tuple(s.data for s in slopes))
    graphs = np.array([gradients(slope, leaves) for slope in slopes])
    H = hessian(lambda v: e(*v))(list(e.point))  # by other sweeps, so not to the last bit
    np.testing.assert_allclose(H, graphs, rtol=1e-9, atol=1e-9 * (1 + abs(graphs).max()))


@given(expressions(order=2, max_leaves=8, variables=2), st.tuples(scalars(), scalars()))
def test_forward_and_reverse_mode_agree(e: Expression, tangents: tuple[float, ...]) -> None:
    value, pushed = jvp(e, e.point, tangents)
    again, pullback = vjp(e, *e.point)
    assert value == again
    pulled = pullback(1.0)
    size = sum(abs(t * g) for t, g in zip(tangents, pulled, strict=True))
    assert abs(pushed - sum(t * g for t, g in zip(tangents, pulled, strict=True))) <= 1e-12 * (1.0 + size)
    product = hvp(lambda v: e(*v), (list(e.point),), (list(tangents),))
    H = np.array(hessian(lambda v: e(*v))(list(e.point)))
    np.testing.assert_allclose(product, H @ np.array(tangents), rtol=1e-9, atol=1e-9 * (1 + abs(H).max()))


def test_any_order_by_nesting() -> None:
    f: Any = ad.sin
    for expected in (np.cos(0.7), -np.sin(0.7), -np.cos(0.7), np.sin(0.7), np.cos(0.7)):
        f = grad(f)
        assert f(0.7) == pytest.approx(expected, rel=1e-14)
    assert grad(grad(grad(lambda x: x**5)))(2.0) == 240.0
    assert jacobian(grad(lambda v: v[0] ** 3 * v[1]))([2.0, 3.0]) == [[36.0, 12.0], [12.0, 0.0]]


def test_no_perturbation_confusion() -> None:
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(x))(3.0) == 6.0
    assert grad(lambda x: grad(lambda y: x * y)(2.0))(3.0) == 1.0
    assert grad(lambda x: grad(lambda y: y * y)(x))(3.0) == 2.0
    assert grad(lambda x: jvp(lambda y: x * y * y, (x,), (1.0,))[1])(3.0) == 12.0
    assert jvp(lambda x: grad(lambda y: x * y * y)(x), (3.0,), (1.0,))[1] == 12.0
    assert jvp(lambda x: jvp(lambda y: y * x, (2.0,), (1.0,))[1], (5.0,), (1.0,)) == (5.0, 1.0)


@pytest.mark.parametrize(
    "inner",
    [
        lambda q: grad(lambda r: q * r)(1.0),
        lambda q: jvp(lambda r: q * r, (1.0,), (1.0,))[1],
        lambda q: vjp(lambda r: q * r, 1.0)[1](1.0)[0],
        lambda q: jacobian(lambda r: [q * r])(1.0)[0],
        lambda q: hessian(lambda r: 0.5 * q * r * r)(1.0),
        lambda q: hvp(lambda r: 0.5 * q * r * r, (1.0,), (1.0,)),
    ],
)
def test_a_value_without_a_leaf_below_is_varied_too(inner: Any) -> None:
    """The slope of a straight line is a constant; a derivative at that point is one all the same."""
    slope = grad(lambda x: 2.0 * x)(Value(1.0))
    for point in (slope, slope * 1.0):
        assert grad(inner)(point).data == 1.0
        assert jacobian(inner)(point).data == 1.0
        assert jvp(inner, (point,), (1.0,))[1].data == 1.0
        assert vjp(inner, point)[1](1.0)[0].data == 1.0
        assert hessian(lambda q: inner(q) * q)(point).data == 2.0


def test_a_pullback_is_a_function_of_its_cotangents() -> None:
    """Of numbers too: to differentiate a pullback by them is how forward mode is had from reverse mode."""
    f = lambda t: [0.5 * t * t, ad.sin(t)]
    weighted = lambda w: vjp(f, 1.3)[1]([w, 2.0 * w])[0]
    assert grad(weighted)(0.7) == pytest.approx(1.3 + 2.0 * np.cos(1.3), rel=1e-14)
    assert ad.compile(grad(weighted))(0.7) == pytest.approx(1.3 + 2.0 * np.cos(1.3), rel=1e-14)
    w = Value(0.7)
    assert gradients(vjp(f, 1.3)[1]([w, 0.0])[0], w) == 1.3
    assert vjp(f, 1.3)[1]([1.0, 0.0]) == (1.3,)


def test_structures_in_and_out() -> None:
    def f(p: Any, q: Any, *, scale: float = 1.0) -> Any:
        return scale * (p[0] * p[1][0] + q)

    assert grad(f)([2.0, (3.0,)], 4.0, scale=10.0) == [30.0, (20.0,)]
    assert grad(f, argnums=(0, 1))([2.0, (3.0,)], 4.0) == ([3.0, (2.0,)], 1.0)
    assert grad(f, argnums=-1)([2.0, (3.0,)], 4.0) == 1.0
    assert jacobian(lambda x: [x, [x * x]])(3.0) == [1.0, [6.0]]
    assert jvp(lambda v: (v[0] * v[1], 7.0), ([2.0, 3.0],), ([1.0, 1.0],)) == ((6.0, 7.0), (5.0, 0.0))
    slope = grad(lambda v: v @ v)(np.array([1.0, 2.0]))
    assert slope.dtype == float
    assert slope.tolist() == [2.0, 4.0]
    assert grad(lambda x: 3.0)(1.0) == 0.0


def test_on_values_the_answer_is_a_graph() -> None:
    w = Value(3.0, "w")
    slope = grad(lambda x: x**3)(w)
    assert isinstance(slope, Value)
    assert gradients(slope, w) == 18.0
    assert grad(lambda x: x * w)(2.0).data == 3.0


def test_errors_say_what_came() -> None:
    with pytest.raises(TypeError, match="grad needs a function that gives one number; it gave"):
        grad(lambda x: [x, x])(1.0)
    with pytest.raises(TypeError, match=r"an argument of <lambda> got '1', a str"):
        grad(lambda x: x)("1")
    with pytest.raises(TypeError, match=r"the result of <lambda> got None, a NoneType"):
        grad(lambda x: None)(1.0)
    with pytest.raises(TypeError, match="argnums has 1, but <lambda> was called with 1 positional arguments"):
        grad(lambda x: x, argnums=1)(1.0)
    with pytest.raises(ValueError, match="tangents has 1 numbers: expected 2"):
        jvp(lambda x, y: x, (1.0, 2.0), (1.0,))
    with pytest.raises(ZeroDivisionError):
        grad(lambda x: 1 // 0)(1.0)
    assert grad(lambda x: x * x)(3.0) == 6.0, "the depth is restored after an exception"
    assert isinstance(grad(lambda x: x * x)(3.0), float)


def product(x: Any, y: Any) -> Any:
    return x * y


def test_an_argument_that_is_named_twice_gives_its_gradient_twice() -> None:
    assert grad(product, argnums=(0, 0))(2.0, 3.0) == (3.0, 3.0)
    assert value_and_grad(product, argnums=(0, 1, -2))(2.0, 3.0) == (6.0, (3.0, 2.0, 3.0))
    assert grad(product, argnums=())(2.0, 3.0) == ()
    assert grad(product, argnums=np.int64(1))(2.0, 3.0) == 2.0  # type: ignore[arg-type]
    first, second = grad(lambda v: v[0] * v[1], argnums=(0, -1))([Value(2.0), Value(3.0)])
    assert [x.data for x in first] == [x.data for x in second] == [3.0, 2.0]
    assert len({*first, *second}) == 4, "each a node of its own"
    v = Value(2.0)
    assert [slope.data for slope in grad(lambda x, y: x * y * y, argnums=(0, 1))(v, v)] == [4.0, 8.0]
    assert gradients(v * v, [v, v]) == [4.0, 4.0]


@pytest.mark.parametrize("transform", [grad, value_and_grad, jacobian, hessian])
@pytest.mark.parametrize("wrong", [True, 0.0, "0", None, Value(0.0), (True,), (0.5,), ("0",)])
def test_argnums_are_whole_numbers(transform: Any, wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"^argnums got .*: expected .*; the first argument is 0, the last is -1$"):
        transform(product, argnums=wrong)


def test_errors_about_argnums_say_what_came() -> None:
    with pytest.raises(TypeError, match=r"^argnums got True, a bool: expected the number of an argument, or a tuple"):
        grad(product, argnums=True)
    with pytest.raises(TypeError, match=r"^argnums got 0.5, a float: expected whole numbers, one for each argument"):
        grad(product, argnums=(0.5,))  # type: ignore[arg-type]
    for wrong in (2, -3):
        for transform in (grad, value_and_grad, jacobian, hessian):
            with pytest.raises(TypeError, match=f"argnums has {wrong}, but .* was called with 2 positional arguments"):
                transform(product, argnums=wrong)(2.0, 3.0)


def test_an_answer_is_a_node_of_its_own() -> None:
    """Whoever labels it, or sets its number, means the answer and not a leaf that happens to have its number."""
    a, b, seed = Value(2.0), Value(3.0), Value(5.0)
    e = a.exp()
    answers = [
        *gradients(a * b, [a, b], create_graph=True),
        gradients(e, a, create_graph=True),
        *gradients(a * b, [a, a], create_graph=True),
        *gradients((a + b) * seed, [a, b], create_graph=True),
        *grad(product, argnums=(0, 1))(a, b),
        *value_and_grad(lambda x: x)(a),
        *jvp(lambda x: [x, x, x * 1.0], (a,), (seed,))[1],
        *vjp(product, a, b)[1](seed),
        *jacobian(lambda v: [v[0] * v[1]])([a, b])[0],
        *hessian(lambda v: v[0] * v[0] * v[1] * 0.5)([a, b])[0],
    ]
    assert len({*answers, a, b, e, seed}) == len(answers) + 4
    slope = gradients(a * b, a, create_graph=True)
    assert (slope.data, slope.op, gradients(slope * slope, b)) == (3.0, "identity", 6.0)
    slope.label = "slope"
    assert b.label == ""
    inside = jvp(lambda x: gradients(x * b, x, create_graph=True) * x, (2.0,), (1.0,))
    assert [y.data for y in inside] == [6.0, 3.0]


def test_several_argnums_of_second_derivatives() -> None:
    f = lambda x, v: x * v[0] ** 2 * v[1]
    assert jacobian(lambda x, y: [x * y, x], argnums=(0, 1))(2.0, 3.0) == [(3.0, 2.0), (1.0, 0.0)]
    assert jacobian(f, argnums=(1,))(2.0, [1.0, 3.0]) == ([12.0, 2.0],)
    blocks = hessian(f, argnums=(0, 1))(2.0, [1.0, 3.0])
    assert blocks == ((0.0, [6.0, 1.0]), [(6.0, [12.0, 4.0]), (1.0, [4.0, 0.0])])


ARRAYS = np.array([[3.0, 1.0], [1.0, 2.0]]), np.array([1.0, -2.0])


@pytest.mark.parametrize("run", [lambda f: f, ad.compile])
def test_several_arrays_give_blocks(run: Any) -> None:
    """Not an array of tuples, nor, where two arguments are of one shape, an array in which the argument is an axis."""
    a, b = ARRAYS
    product = lambda a, b: a @ b
    by_a, by_b = run(jacobian(product, argnums=(0, 1)))(a, b)
    np.testing.assert_allclose(by_a, np.einsum("ij,k->ijk", np.eye(2), b))
    np.testing.assert_allclose(by_b, a)
    square = lambda a, b: np.sum((a @ b) ** 2)
    (aa, ab), (ba, bb) = run(hessian(square, argnums=(0, 1)))(a, b)
    np.testing.assert_allclose(aa, 2.0 * np.einsum("ik,j,l->ijkl", np.eye(2), b, b))
    np.testing.assert_allclose(bb, 2.0 * a.T @ a)
    np.testing.assert_allclose(ab, 2.0 * (np.einsum("ik,j->ijk", a, b) + np.einsum("i,jk->ijk", a @ b, np.eye(2))))
    np.testing.assert_allclose(ba, ab.transpose(2, 0, 1))
    same = run(hessian(lambda u, v: np.sum(u) * np.sum(v * v), argnums=(0, 1)))(b, b)
    np.testing.assert_allclose(same[0][1], 2.0 * np.tile(b, (2, 1)))
    np.testing.assert_allclose(same[1][1], 2.0 * np.sum(b) * np.eye(2))
    named = run(hessian(lambda d: np.sum((d["a"] @ d["b"]) ** 2)))({"a": a, "b": b})
    np.testing.assert_allclose(named["a"]["b"], ab)
    named = run(jacobian(lambda d: {"y": d["a"] @ d["b"], "n": d["b"][0]}))({"a": a, "b": b})
    np.testing.assert_allclose(named["y"]["a"], by_a)
    np.testing.assert_allclose(named["n"]["b"], [1.0, 0.0])


def test_a_programs_own_jacobian_and_hessian_of_several_arrays_are_blocks_too() -> None:
    a, b = ARRAYS
    product, square = ad.compile(lambda a, b: a @ b), ad.compile(lambda a, b: np.sum((a @ b) ** 2))
    for found, right in (
        (product.jacobian(a, b, argnums=(0, 1)), jacobian(lambda a, b: a @ b, argnums=(0, 1))(a, b)),
        (square.hessian(a, b, argnums=(0, 1))[1], hessian(lambda a, b: np.sum((a @ b) ** 2), argnums=(0, 1))(a, b)[1]),
    ):
        for mine, block in zip(found, right, strict=True):
            np.testing.assert_allclose(mine, block)
    batch = product.jacobian(np.array([a, 2.0 * a]), np.array([b, b]), argnums=(0, 1), batch=True)
    np.testing.assert_allclose(batch[1][..., 1], 2.0 * a)


@dataclasses.dataclass(frozen=True)
class Option:
    strike: float
    kind: str


def test_dicts_dataclasses_and_texts() -> None:
    f = lambda p: p["a"] * p["o"].strike if p["o"].kind == "call" else p["a"]
    point = {"a": 2.0, "o": Option(3.0, "call"), "flag": True}
    assert grad(f)(point) == {"a": 3.0, "o": Option(2.0, "call"), "flag": True}
    assert value_and_grad(f)(point)[0] == 6.0
    assert jvp(f, (point,), ({"a": 1.0, "o": Option(10.0, "call"), "flag": True},)) == (6.0, 23.0)
    assert jacobian(lambda x: {"square": x * x, "name": "x"})(3.0) == {"square": 6.0, "name": "x"}


def test_what_else_a_function_gives() -> None:
    f = lambda x: (x * x, {"half": x / 2.0, "steps": 3})
    assert value_and_grad(f, has_aux=True)(3.0) == ((9.0, {"half": 1.5, "steps": 3}), 6.0)
    assert grad(f, has_aux=True)(3.0) == (6.0, {"half": 1.5, "steps": 3})
    w = Value(2.0)
    slope, half = grad(lambda x: (w * x * x, w * x), has_aux=True)(3.0)
    assert (gradients(slope, w), gradients(half, w)) == (6.0, 3.0)
    with pytest.raises(TypeError, match=r"has_aux=True: <lambda> gave .*: expected a pair"):
        grad(lambda x: x, has_aux=True)(1.0)


def test_something_beside_from_every_transformation() -> None:
    f = lambda v: (v[0] ** 2 * v[1], {"seen": v[0], "name": "f"})
    beside = {"seen": 1.0, "name": "f"}
    assert jacobian(lambda v: ([v[0], v[0] * v[1]], v[1]), has_aux=True)([1.0, 2.0]) == ([[1.0, 0.0], [2.0, 1.0]], 2.0)
    for way in (hessian, lambda f, has_aux: ad.compile(hessian(f, has_aux=has_aux))):
        assert way(f, has_aux=True)([1.0, 2.0]) == ([[4.0, 2.0], [2.0, 0.0]], beside)
    assert hessian(f, (0,), has_aux=True)([1.0, 2.0])[1] == beside
    assert jvp(f, ([1.0, 2.0],), ([1.0, 0.0],), has_aux=True) == (2.0, 4.0, beside)
    value, pullback, aux = vjp(f, [1.0, 2.0], has_aux=True)
    assert (value, pullback(1.0), aux) == (2.0, ([4.0, 1.0],), beside)
    with pytest.raises(TypeError, match="expected a pair"):
        jacobian(lambda v: v[0], has_aux=True)([1.0])


def test_keys_go_together_whatever_their_order() -> None:
    f = lambda p: p["a"] ** 2 + 10.0 * p["b"][0] ** 2
    point, along = {"a": 1.0, "b": [2.0]}, {"b": [1.0], "a": 0.0}
    assert jvp(f, (point,), (along,)) == (41.0, 40.0)
    assert hvp(f, (point,), (along,)) == {"a": 0.0, "b": [20.0]}
    _, pullback = vjp(lambda x: {"one": x, "ten": 10.0 * x}, 1.0)
    assert pullback({"ten": 1.0, "one": 0.0}) == (10.0,)
    mixed = ad.custom_gradient(f, backward=lambda g, y, p: {"b": [g * 20.0 * p["b"][0]], "a": g * 2.0 * p["a"]})
    assert grad(mixed)(point) == {"a": 2.0, "b": [40.0]}
    with pytest.raises(ValueError, match=r"tangents has the keys \['a', 'c'\]: expected \['a', 'b'\]"):
        jvp(f, (point,), ({"a": 1.0, "c": [1.0]},))


def test_arrays_beside_other_structures_and_odd_arrays() -> None:
    total = lambda q: q["w"][0] ** 2 * q["b"] + q["w"][1] * q["b"] ** 2
    point = {"w": np.array([1.0, 2.0]), "b": 3.0}
    found = hessian(total)(point)
    np.testing.assert_allclose(found["w"]["w"], [[6.0, 0.0], [0.0, 0.0]])
    np.testing.assert_allclose(found["b"]["w"], [2.0, 6.0])
    assert (found["w"]["b"].tolist(), found["b"]["b"]) == ([2.0, 6.0], 4.0)
    uneven = hessian(lambda v: v[0][0] ** 2 * v[1])([np.array([1.0, 2.0]), 3.0])
    np.testing.assert_allclose(uneven[0][0][0], [6.0, 0.0])
    square = lambda x: np.sum(x * x) if np.ndim(x) else x * x
    assert grad(square)(np.array(3.0)) == 6.0
    assert jvp(square, (np.array(3.0),), (np.array(1.0),)) == (9.0, 6.0)
    assert grad(square)(np.array([True, False])).tolist() == [2.0, 0.0]


@given(data=st.data())
def test_jvp_in_numbers_is_the_gradient_along_the_tangents_and_makes_no_node(data: st.DataObject) -> None:
    numbers = st.floats(-2, 2)
    at, along = (
        data.draw(st.lists(numbers, min_size=3, max_size=3)),
        data.draw(st.lists(numbers, min_size=3, max_size=3)),
    )
    f = lambda v: [ad.tanh(v[0] * v[1]) + ad.dot(v, [1.0, 2.0, 3.0]), ad.maximum(v) * v[2], 2.0]
    value, pushed = jvp(f, (at,), (along,))
    assert value == [y.data if isinstance(y, Value) else y for y in f([Value(x) for x in at])]
    for row, slope in zip(jacobian(f)(at), pushed, strict=True):
        terms = [a * b for a, b in zip(row, along, strict=True)]
        # Within one derivative terms of about 1 may cancel: how far is in neither sum.
        assert abs(sum(terms) - slope) <= 1e-14 * (sum(map(abs, along)) + sum(map(abs, terms)))


def test_a_tall_jacobian_takes_forward_sweeps_and_a_wide_one_reverse(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    for module, name in ((functional, "push_numbers"), (recorded, "gradients")):
        plain = getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda *args, name=name, plain=plain, **named: asked.append(name) or plain(*args, **named)
        )
    tall = lambda v: [ad.sin(v[0] * i) * v[1] for i in range(5)]
    right = [[np.cos(2.0 * i) * i * 3.0, np.sin(2.0 * i)] for i in range(5)]
    np.testing.assert_allclose(jacobian(tall)([2.0, 3.0]), right, rtol=1e-12)
    assert asked == ["push_numbers"] * 2
    asked.clear()
    assert jacobian(lambda v: [v[0] * v[1] * v[2], v[0]])([2.0, 3.0, 4.0]) == [[12.0, 8.0, 6.0], [1.0, 0.0, 0.0]]
    assert len(asked) == 2 and "push_numbers" not in asked


def test_a_tall_jacobian_of_other_leaves_is_a_graph_and_at_a_pole_it_raises() -> None:
    w = Value(2.0)
    rows = jacobian(lambda x: [w * x, x * x, x])(3.0)
    assert isinstance(rows[0], Value) and gradients(rows[0], w) == 1.0
    with pytest.raises(ad.NonFiniteError, match="backward through sqrt"):
        jacobian(lambda x: [ad.sqrt(x), x, x])(0.0)


def test_an_array_without_numbers_keeps_its_shape() -> None:
    empty = np.zeros((0, 3))
    assert grad(lambda a: np.sum(a[:, 0]))(empty).shape == (0, 3)
    found = grad(lambda a, w: np.sum(a @ w) + w[0], (0, 1))(empty, np.ones(3))
    assert found[0].shape == (0, 3) and found[1].tolist() == [1.0, 0.0, 0.0]
    assert [x.shape for x in jvp(lambda a: a * 2.0, (empty,), (empty,))] == [(0, 3), (0, 3)]
    value, pullback = vjp(lambda a: np.sum(a), empty)
    assert value == 0.0 and pullback(1.0)[0].shape == (0, 3)
