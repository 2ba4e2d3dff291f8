"""State dicts: what loads, what does not and why, and the way to PyTorch and back."""

from __future__ import annotations

import math
from typing import Any

import pytest

import nn
from nn.state import LoadedKeys

GOOD: dict[str, Any] = {"weight": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "bias": [7.0, 8.0, 9.0]}
FIRST = "Layer.load_state_dict: the state does not fit, and the model is left as it was\n  "
LAST = "\n  state_dict() shows the names expected; strict=False passes over missing and unexpected ones"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"bias": None}, "misshaped: bias is a number, expected 3"),
        ({"bais": [0.0]}, "unexpected: bais" + LAST),
        ({"bias": [1.0, 2.0]}, "misshaped: bias is 2, expected 3"),
        ({"bias": 1.0}, "misshaped: bias is a number, expected 3"),
        ({"bias": []}, "misshaped: bias is 0, expected 3"),
        ({"weight": [[1.0, 2.0, 3.0]] * 2}, "misshaped: weight is 2 × 3, expected 3 × 2 (transpose it: a row holds the weights of one output)"),
        ({"weight": [[1.0, 2.0], [3.0], [4.0, 5.0]]}, "misshaped: weight is lists of unequal lengths, expected 3 × 2"),
        ({"bias": [1.0, math.nan, -math.inf]}, "not a finite number: bias[1] is nan; bias[2] is -inf"),
        ({"bias": [1.0, "2", None]}, "not a finite number: bias[1] is '2', a str; bias[2] is None, a NoneType"),
    ],
)  # fmt: skip
def test_a_state_that_does_not_fit_changes_nothing(change: dict[str, Any], text: str) -> None:
    layer = nn.Layer(2, 3, seed=0)
    before = layer.state_dict()
    with pytest.raises(ValueError, match=r"^Layer\.load_state_dict") as caught:
        layer.load_state_dict({**GOOD, **change})
    assert str(caught.value) == FIRST + text
    assert layer.state_dict() == before


def test_one_error_names_every_kind_of_mistake() -> None:
    model = nn.MLP(2, [3, 1], seed=0)
    state = {"layers.0.weight": [[0.0] * 3] * 2, "layers.0.bais": [0.0] * 3, "layers.1.weight": [[math.inf, 0.0, 0.0]]}
    with pytest.raises(ValueError, match="does not fit") as caught:
        model.load_state_dict(state)
    assert str(caught.value).splitlines() == [
        "MLP.load_state_dict: the state does not fit, and the model is left as it was",
        "  missing: layers.0.bias; layers.1.bias",
        "  unexpected: layers.0.bais (did you mean layers.0.bias?)",
        "  misshaped: layers.0.weight is 2 × 3, expected 3 × 2 (transpose it: a row holds the weights of one output)",
        "  not a finite number: layers.1.weight[0][0] is inf",
        "  state_dict() shows the names expected; strict=False passes over missing and unexpected ones",
    ]
    with pytest.raises(
        TypeError, match=r"^MLP\.load_state_dict got \[1\], a list: expected a dict from names to numbers"
    ):
        model.load_state_dict([1])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"bias\[7\] is nan and 2 more$"):
        nn.Layer(1, 10).load_state_dict({"weight": [[0.0]] * 10, "bias": [math.nan] * 10})


def test_not_strict_gives_what_it_passed_over() -> None:
    layer = nn.Layer(2, 3, seed=0)
    weight = layer.state_dict()["weight"]
    assert layer.load_state_dict({"bias": [1, 2, 3], "more": 0}, strict=False) == LoadedKeys(["weight"], ["more"])
    assert layer.state_dict() == {"weight": weight, "bias": [1.0, 2.0, 3.0]}
    with pytest.raises(ValueError, match="misshaped: bias is 2, expected 3"):
        layer.load_state_dict({"bias": [1.0, 2.0]}, strict=False)


def test_weights_go_to_torch_and_come_back() -> None:
    torch = pytest.importorskip("torch", reason="the weights go to PyTorch where it is installed")
    model = nn.MLP(3, [4, 2], seed=0)
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2)).double()
    renamed = {"layers.0": "0", "layers.1": "2"}
    state = {
        f"{renamed[name.rpartition('.')[0]]}.{name.rpartition('.')[2]}": x for name, x in model.state_dict().items()
    }
    theirs.load_state_dict({name: torch.tensor(x, dtype=torch.double) for name, x in state.items()})
    x = [0.3, -1.2, 0.7]
    assert [y.data for y in model(x)] == pytest.approx(theirs(torch.tensor(x, dtype=torch.double)).tolist(), rel=1e-14)
    back = nn.MLP(3, [4, 2], seed=1)
    back.load_state_dict(
        {f"layers.{int(name[0]) // 2}{name[1:]}": tensor for name, tensor in theirs.state_dict().items()}
    )
    assert back.state_dict() == model.state_dict()
