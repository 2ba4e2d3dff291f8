"""`name_locals`: labels from the names that a REPL user has typed already."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_tiny import Value, name_locals
from autograd_tiny.explaining.naming import names_in


def test_in_a_function() -> None:
    a, b = Value(1.0), Value(2.0)
    y = a * b
    assert name_locals() == ["a", "b", "y"]
    assert (a.label, b.label, y.label) == ("a", "b", "y")
    assert name_locals() == []


def test_parameters_and_variables_from_outside() -> None:
    outer = Value(1.0)

    def inner(x: Value) -> list[str]:
        y = x + outer
        return [*name_locals(), y.label]

    assert sorted(inner(Value(2.0))) == ["outer", "x", "y", "y"]


def test_at_a_prompt() -> None:
    session: dict[str, Any] = {"Value": Value, "name_locals": name_locals}
    exec("a = Value(1.0); _ = a * 2; __ = _; _1 = _; _private = Value(3.0)\nnamed = name_locals()", session)
    assert session["named"] == ["a", "_private"]
    assert session["_"].label == ""


def test_ipythons_results_are_not_names() -> None:
    v, w = Value(1.0), Value(2.0)
    results = {1: v}
    namespace = {"_oh": results, "Out": results, "_i1": "v", "_dh": [], "_1": v, "w": w, "_ii": v}
    assert names_in(namespace) == {w: "w"}


def test_a_label_stays_unless_it_is_to_be_overwritten() -> None:
    kept, fresh = Value(1.0, "mine"), Value(2.0)
    assert name_locals() == ["fresh"]
    assert kept.label == "mine"
    assert name_locals(overwrite=True) == ["kept", "fresh"]
    assert kept.label == "kept"
    assert fresh.label == "fresh"


def test_of_two_names_the_first_bound() -> None:
    first = Value(1.0)
    second = first
    assert name_locals() == ["first"]
    assert second.label == "first"


def test_containers() -> None:
    w = [Value(1.0), 2.0, (Value(3.0), Value(4.0))]
    p = {"bias": Value(5.0), 7: [Value(6.0)]}
    m = np.array([[Value(7.0), 1.0], [Value(8.0), Value(9.0)]], dtype=object)
    numbers = np.zeros(3)
    assert m.size == 4
    assert name_locals() == [
        "w[0]", "w[2][0]", "w[2][1]", "p['bias']", "p[7][0]", "m[0, 0]", "m[1, 0]", "m[1, 1]",
    ]  # fmt: skip
    assert w[2][1].label == "w[2][1]"  # type: ignore[index]
    assert p[7][0].label == "p[7][0]"  # type: ignore[index]
    assert numbers.sum() == 0.0


def test_a_list_that_holds_itself() -> None:
    loop: list[Any] = [Value(1.0)]
    loop.append(loop)
    assert name_locals() == ["loop[0]"]


def test_a_variable_before_an_element() -> None:
    x = Value(1.0)
    xs = [x, Value(2.0)]
    assert name_locals() == ["x", "xs[1]"]
    assert xs[0].label == "x"


def test_constants_too() -> None:
    y = Value(1.0).detach()
    assert name_locals() == ["y"]
    assert y.label == "y"


def test_the_parameters_of_a_model_have_their_names_in_it() -> None:
    import nn

    model = nn.MLP(2, [2, 1], seed=0)
    assert names_in({"model": model})[model.layers[0].neurons[1].w[0]] == "layers.0.weight[1][0]"
    other = nn.Neuron(1, seed=0)
    names = names_in({"model": model, "other": other, "same": model, "kind": nn.MLP, "w": model.layers[1].neurons[0].b})
    assert names[model.layers[0].neurons[1].b] == "model.layers.0.bias[1]"
    assert names[other.w[0]] == "other.weight[0]"
    assert names[model.layers[1].neurons[0].b] == "w", "a variable of its own comes first"
