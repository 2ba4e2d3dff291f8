"""What a Value promises, one test a promise (DESIGN.md, "What a Value promises")."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest

import autograd_tiny as ad
from autograd_tiny import ComputedValueError, NonFiniteError, Value, nonfinite, track_sources
from autograd_tiny.core import topological_order
from autograd_tiny.table.ops import ROWS, TABLE


def raises(kind: type[BaseException], call: Any) -> str:
    """The text of the error that ``call`` raises."""
    with pytest.raises(kind) as caught:
        call()
    return str(caught.value)


# 1. Construction


@pytest.mark.parametrize("number", [2, 2.0, True, np.float64(2), np.float32(2), np.int64(2), np.bool_(True), -0.0])
def test_takes_real_numbers(number: Any) -> None:
    node = Value(number, "n")
    assert type(node.data) is float
    assert node.data == float(number)
    assert (node.grad, node.label, node.op, node.parents, node.is_leaf) == (0.0, "n", "", (), True)


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        ("2", "write float('2')"),
        (None, "None is what a function without a return gives"),
        (2j, "complex numbers have no ordering"),
        ([1.0], "write [Value(x) for x in ...]"),
        (np.array([1.0]), "write array.item()"),
        (np.array(1.0), "write array.item()"),
        (b"2", "write float(x)"),
        (object(), "write float(x)"),
    ],
)
def test_refuses_what_is_no_number(wrong: Any, advice: str) -> None:
    text = raises(TypeError, lambda: Value(wrong))
    assert text.startswith("Value(data) got ")
    assert "expected a finite real number (int, float or numpy scalar)" in text
    assert advice in text


def test_refuses_a_value_and_says_what_to_write() -> None:
    text = raises(TypeError, lambda: Value(Value(1.0)))  # type: ignore[arg-type]
    assert text == (
        "Value(data) got Value(data=1.0, grad=0.0), a Value: expected a finite real number (int, float or numpy scalar); "
        "it is a Value already: use it as it is, or write Value(v.data) for a new leaf with its number"
    )


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, np.float64("nan"), 10**400])
def test_refuses_what_is_not_finite(number: Any) -> None:
    assert raises(ValueError, lambda: Value(number)).startswith("Value(data) got ")
    leaf = Value(1.0)
    raises(ValueError, lambda: setattr(leaf, "data", number))
    raises(ValueError, lambda: leaf * number)
    assert leaf.data == 1.0


def test_a_label_is_a_str() -> None:
    assert raises(TypeError, lambda: Value(1.0, 3)) == "label got 3, an int: expected a str"  # type: ignore[arg-type]


def test_cannot_be_subclassed() -> None:
    text = raises(TypeError, lambda: type("Mine", (Value,), {}))
    assert "cannot be subclassed" in text or "not an acceptable base type" in text, "the second is CPython's own"


# 2. data, grad, op, parents


def test_data_is_set_on_leaves_only() -> None:
    a, b = Value(2.0, "a"), Value(3.0)
    d = a * b + 1.0
    a.data = 5
    assert a.data == 5.0
    assert raises(ComputedValueError, lambda: setattr(d, "data", 1.0)) == (
        "this Value is computed (add): set the data of a leaf below it instead: 'a', Value(3.0)"
    )
    d.label = "d"
    assert raises(AttributeError, lambda: setattr(d, "data", 1.0)).startswith("'d' is computed (add)")
    assert "is a constant of an expression" in raises(AttributeError, lambda: setattr(d.parents[1], "data", 1.0))


def test_micrograd_names_work() -> None:
    a, b = Value(2.0), Value(3.0)
    assert (a * b)._prev == (a, b)
    assert [x._op for x in (a, a + b, a - b, a * b, a / b, a**b, -a, a.relu(), a.tanh())] == [
        "", "+", "-", "*", "/", "**", "neg", "ReLU", "tanh",
    ]  # fmt: skip
    a.grad = 3
    assert a.grad == 3.0
    assert type(a.grad) is float
    assert repr(Value(1.0, "x")) == "Value(data=1.0, grad=0.0, label='x')"


def test_read_only_attributes() -> None:
    node = Value(1.0) + 1.0
    for name in ("parents", "op", "primitive", "local_derivatives", "source"):
        raises(AttributeError, lambda name=name: setattr(node, name, None))


# 3. Plain numbers and foreign types


def test_a_plain_number_is_a_constant_without_gradient() -> None:
    x = Value(3.0)
    y = 2 * x + 1
    y.backward()
    constants = [n for n in topological_order(y) if n.is_constant]
    assert [c.data for c in constants] == [2.0, 1.0]
    assert all(c.op == "constant" and c.grad == 0.0 and not c.is_leaf for c in constants)
    assert x.grad == 2.0


@pytest.mark.parametrize("operation", ["x + other", "other + x", "x * other", "other - x", "x / other", "x ** other"])
@pytest.mark.parametrize("other", ["a", None, [1.0], {}, object()])
def test_foreign_types_get_a_type_error_from_python(operation: str, other: Any) -> None:
    text = raises(TypeError, lambda: eval(operation, {"x": Value(1.0), "other": other}))
    assert "unsupported operand type" in text or "can only concatenate" in text or "can't multiply" in text


def test_foreign_types_are_asked() -> None:
    class Foreign:
        def __radd__(self, other: Any) -> str:
            return "mine"

    assert Value(1.0) + Foreign() == "mine"  # type: ignore[comparison-overlap]


def test_numpy_scalars_and_arrays_work_on_either_side() -> None:
    v = Value(3.0)
    for made in (np.float64(2) * v, v * np.float64(2), np.float32(2) * v, np.int64(2) * v, v * np.int32(2)):
        assert isinstance(made, Value)
        assert made.data == 6.0
    assert (np.float64(2) ** v).data == 8.0
    assert (np.float64(7) - v).data == 4.0
    array = np.array([1.0, 2.0])
    for many in (array * v, v * array):
        assert many.dtype == object
        assert [x.data for x in many] == [3.0, 6.0]
    W = np.array([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]])
    x = np.array([5.0, 6.0])
    assert [y.data for y in W @ x] == [17.0, 39.0]
    assert [y.op for y in np.tanh(W @ x)] == ["tanh", "tanh"]
    assert np.exp(Value(0.0)).data == 1.0
    assert np.arctan(np.array([Value(1.0)]))[0].op == "atan"


# 4. No silent loss of the gradient


@pytest.mark.parametrize("name", ["tanh", "exp", "log", "sin", "sqrt", "erf"])
def test_math_functions_are_refused_by_name(name: str) -> None:
    text = raises(TypeError, lambda: getattr(math, name)(Value(0.5)))
    assert "would drop its gradient in silence" in text
    assert raises(TypeError, lambda: math.tanh(Value(0.5))) == (
        "float() of Value(data=0.5, grad=0.0) would drop its gradient in silence: "
        "write v.tanh() instead of math.tanh(v), or v.data if the number is all you want"
    )


def test_float_and_int_are_refused() -> None:
    for convert in (float, int):
        assert "or v.data if the number is all you want" in raises(TypeError, lambda c=convert: c(Value(1.0)))
    assert f"{Value(1.23456):.2f}" == "1.23"


# 5. Non-finite results


def test_a_non_finite_result_names_operation_operands_and_domain() -> None:
    p = Value(-1.0, "p")
    assert raises(NonFiniteError, p.log) == (
        "log(-1.0) is not a number: log needs x > 0\n"
        "  x is 'p' = -1.0\n"
        '  use softplus or binary_cross_entropy(from_logits=True), or allow it: with nonfinite("allow")'
    )
    assert raises(NonFiniteError, lambda: Value(1e200, "big") * 1e200) == (
        "mul(1e+200, 1e+200) is infinite: the result is beyond the largest float, 1.8e308\n"
        "  a is 'big' = 1e+200\n"
        '  scale the operands, or allow it: with nonfinite("allow")'
    )


@pytest.mark.parametrize("wrong", [
    lambda x: x / 0.0, lambda x: 1.0 / (x - x), lambda x: (x - x) ** -1.0, lambda x: (-x) ** 0.5, lambda x: (-x).sqrt(),
    lambda x: (x * 1000.0).exp(), lambda x: (x * 2.0).asin(), lambda x: (x - x).log(), lambda x: (x * 800.0).sinh(),
    lambda x: ad.sum([x * 1e308, x * 1e308]), lambda x: ad.dot([x * 1e200], [1e200]),
])  # fmt: skip
def test_every_way_out_of_the_finite_numbers_raises(wrong: Any) -> None:
    raises(NonFiniteError, lambda: wrong(Value(1.0)))
    with nonfinite("allow"):
        assert not math.isfinite(wrong(Value(1.0)).data)


def test_nonfinite_is_restored_after_an_exception_and_nests() -> None:
    with pytest.raises(KeyError), nonfinite("allow"):
        raise KeyError
    raises(NonFiniteError, Value(0.0).log)
    with nonfinite("allow"), nonfinite("raise"):
        raises(NonFiniteError, Value(0.0).log)
    assert raises(ValueError, lambda: nonfinite("maybe").__enter__()) == (
        'nonfinite(\'maybe\'): expected "allow" or "raise"'
    )


# 9. Copies


def test_leaves_copy_and_pickle_computed_nodes_refuse() -> None:
    leaf = Value(2.0, "w")
    leaf.grad = 0.5
    for made in (copy.copy(leaf), copy.deepcopy(leaf), pickle.loads(pickle.dumps(leaf))):
        assert made is not leaf
        assert (made.data, made.label, made.grad, made.is_leaf) == (2.0, "w", 0.5, True)
    twice = copy.deepcopy([leaf, leaf])
    assert twice[0] is twice[1]
    computed = leaf * 2.0
    for refuse in (copy.copy, copy.deepcopy, pickle.dumps):
        text = raises(TypeError, lambda refuse=refuse: refuse(computed))
        assert text.startswith("cannot copy or pickle this Value: it is computed (mul)")


# 10. Sources


def test_with_track_sources_each_node_knows_its_line() -> None:
    with track_sources():
        p = Value(-1.0, "p")
        q = p * 2.0
        r = ad.softmax([p, q])[0]
    assert p.source is not None
    assert q.source is not None
    assert r.source is not None
    assert (q.source.text, q.source.line) == ("q = p * 2.0", p.source.line + 1)
    assert q.source.filename == __file__
    assert r.source.text == "r = ad.softmax([p, q])[0]"
    assert str(q.source) == f"test_value.py:{q.source.line}: q = p * 2.0"
    assert f"x is -2.0, made at test_value.py:{q.source.line}: q = p * 2.0" in raises(NonFiniteError, q.log)
    assert (p * 3.0).source is None


# Comparisons, identity, operands of methods


def test_comparisons_read_the_numbers_and_equality_is_identity() -> None:
    a, b = Value(1.0), Value(2.0)
    assert a < b
    assert a <= 1.0
    assert b < 3.0
    assert b >= a
    assert (a > np.float64(0.5)) is True
    assert max(a, b) is b
    assert sorted([b, a])[0] is a
    assert a != Value(1.0)
    assert a in {a}
    assert not Value(0.0)
    assert "write v.data == 1.0" in raises(TypeError, lambda: a == 1.0)
    raises(TypeError, lambda: a < "x")


def test_methods_check_their_operands() -> None:
    x = Value(1.0)
    assert raises(TypeError, lambda: x.maximum("q")) == (  # type: ignore[arg-type]
        "maximum: xs got 'q', a str: expected a finite real number (int, float or numpy scalar); write float('q')"
    )
    assert raises(TypeError, lambda: ad.where(x, 1.0)) == "where(condition, a, b) takes 3 operands, got 2"  # type: ignore[call-overload]
    assert "unexpected argument 'slop'" in raises(TypeError, lambda: ad.leaky_relu(x, slop=0.1))  # type: ignore[call-overload]
    assert raises(ValueError, lambda: ad.dot([x], [1.0, 2.0])) == (
        "dot got vectors of 1 and 2 elements: expected equal lengths"
    )
    assert raises(ValueError, lambda: ad.maximum([])) == "maximum of nothing: expected at least one element"
    assert "expected a list, tuple or one-dimensional array" in raises(TypeError, lambda: ad.dot([x], 3.0))
    assert raises(ValueError, lambda: ad.log(math.nan)) == (
        "log got nan: expected a finite number; mask or replace it before it enters the graph"
    )
    raises(NonFiniteError, lambda: ad.log(-1.0))
    assert ad.leaky_relu(Value(-1.0), slope=0.5).data == -0.5


def test_dot_with_plain_numbers_has_edges_to_the_weights_only() -> None:
    w = [Value(1.0), Value(2.0)]
    for numbers in ([3.0, 4.0], (3, 4), np.array([3.0, 4.0])):
        for node in (ad.dot(w, numbers), ad.dot(numbers, w)):
            assert node.parents == tuple(w)
            assert node.local_derivatives == (3.0, 4.0)
            assert (node.op, node.data) == ("dot", 11.0)
    both = ad.dot(w, w)
    assert both.parents == (*w, *w)
    assert ad.gradients(both, w) == [2.0, 4.0]
    mixed = ad.dot(w, [w[0], 5.0])
    assert ad.gradients(mixed, w) == [2.0, 5.0]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, np.float64("nan"), np.float32("inf")])
@pytest.mark.parametrize("name", [row.name for row in ROWS if row.variadic or len(row.arguments) > 1])
def test_a_plain_number_that_is_not_finite_is_refused_whatever_the_operation(name: str, bad: float) -> None:
    """Also where the result would be finite: the larger of 2 and nan, 2 / inf."""
    row, f = TABLE[name], getattr(ad, name)
    for place in range(2 if row.variadic else len(row.arguments)):
        given: list[object] = [Value(0.5), 0.25, 0.5][: 2 if row.variadic else len(row.arguments)]
        given[0], given[place] = Value(0.5), bad
        if place == 0:
            given[1] = Value(0.5)
        calls = [lambda g=given: f(*g)]
        if row.variadic:
            calls = [lambda g=given: f(*[[x, Value(1.0)] for x in g]) if len(row.arguments) > 1 else f(g)]
        for call in calls:
            with pytest.raises(ValueError, match="expected a finite number"):
                call()


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_operators_refuse_it_on_either_side(bad: float) -> None:
    v = Value(2.0)
    for expression in (
        lambda: v + bad, lambda: bad + v, lambda: v - bad, lambda: bad - v, lambda: v * bad, lambda: bad * v, lambda: v / bad,
        lambda: bad / v, lambda: v**bad, lambda: bad**v, lambda: v.maximum(bad), lambda: v.leaky_relu(bad),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="expected a finite number"):
            expression()


def test_int_of_a_value_says_what_to_write() -> None:
    x = Value(1.5, "x")
    with pytest.raises(TypeError, match=r"^int\(\) of .* write int\(v\.data\) if the number is all you want$"):
        int(x)
