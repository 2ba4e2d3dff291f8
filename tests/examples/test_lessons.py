"""The lessons: each claim, checked on the numbers that it is made of."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from math import prod
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import autograd_tiny as ad
from autograd_tiny_cli.lesson import lessons, load

LESSONS = lessons()


def lesson(name: str) -> ModuleType:
    return load(LESSONS[name])


def run(name: str) -> tuple[Any, list[str]]:
    """The numbers of a lesson, and the lines that it printed."""
    said: list[str] = []
    result = lesson(name).main(print=lambda text="": said.append(str(text)))
    return result, "\n".join(said).splitlines()


@pytest.mark.parametrize("name", LESSONS)
def test_every_lesson_reads_well_at_80_columns(name: str) -> None:
    _, lines = run(name)
    assert max(map(len, lines)) <= 80
    assert lines[0].split(":")[0].isupper()
    heads = next(line for line in lines if "WRONG: " in line)
    assert "RIGHT: " in heads
    marked = [line for line in lines if line.startswith("► ") and "marks the first" not in line]
    assert len(marked) == 1
    assert sum("marks the first row" in line for line in lines) == 1
    assert any(line.startswith("Claim: ") for line in lines)


@pytest.mark.parametrize("path", LESSONS.values(), ids=LESSONS)
def test_every_lesson_runs_as_a_script(path: Path, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, encoding="utf-8", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == run(path.stem.replace("_", "-"))[1]


def test_the_mark_stands_at_the_first_difference() -> None:
    table = lesson("accumulate").table
    said: list[str] = []
    assert table(said.append, ["", "a", "b"], [("x", 1.0, 1.0), ("y", 1.0, 2.0), ("z", 0.0, 2.0)]) == 1
    assert [line[0] for line in said[2:5]] == [" ", "►", " "]
    said.clear()
    assert table(said.append, ["", "a", "b"], [("x", 1.0, 1.0)]) is None
    assert not any("►" in line for line in said)


def test_topological_order() -> None:
    result, _ = run("topological-order")
    assert (result.wrong, result.right, result.value, result.first_difference) == (3.0, 9.0, 9.0, 2)


def test_the_two_orders_agree_on_a_tree() -> None:
    module = lesson("topological-order")
    for order in (module.first_met, module.topological):
        a = module.Node("a", [])
        b = module.Node("b", [(a, 3.0)])
        y = module.Node("y", [(b, 2.0)])
        module.backward(y, order(y))
        assert a.grad == 6.0


def test_accumulate() -> None:
    result, _ = run("accumulate")
    assert (result.wrong, result.right, result.value, result.first_difference) == (1.0, 7.0, 7.0, 1)


def test_zero_grad() -> None:
    result, _ = run("zero-grad")
    assert result.first_difference == 1
    assert result.wrong[0] == result.right[0]
    assert max(result.wrong) > 6.0
    distances = [abs(w - 3.0) for w in result.right]
    assert all(later < earlier for earlier, later in pairwise(distances))
    assert sum((a - 3.0) * (b - 3.0) < 0.0 for a, b in pairwise(result.wrong)) >= 3, "it swings past 3 again and again"
    assert max(abs(w - 3.0) for w in result.wrong[-7:]) > 2.9, "and by as much in the end as at first"


def test_second_backward() -> None:
    result, _ = run("second-backward")
    assert result.wrong == [1.0, 3.0, 27.0, 0.0, 1.0, 6.0, 45.0]
    assert result.right == [1.0, 3.0, 27.0, 0.0, 1.0, 3.0, 27.0]
    assert result.first_difference == 5


def test_saturation() -> None:
    result, _ = run("saturation")
    assert result.saturated_costs[0] > result.costs[0], "it has more to learn"
    assert result.saturated_costs[0] - result.saturated_costs[-1] < 0.005
    assert result.costs[-1] < 0.01 * result.costs[0]
    ratios = [b / a for a, b in pairwise(result.sigmoid_gradients)]
    depths = lesson("saturation").DEPTHS
    assert all(ratio <= 0.25 ** (b - a) for ratio, (a, b) in zip(ratios, pairwise(depths), strict=True))
    assert result.sigmoid_gradients[-1] < 1e-12
    assert set(result.relu_gradients) == {1.0}


def test_dying_relu() -> None:
    result, _ = run("dying-relu")
    assert result.first_difference == 1
    assert result.relu_losses[0] == result.leaky_losses[0]
    assert result.relu_gradients[0] != 0.0
    assert set(result.relu_gradients[1:]) == {0.0}
    assert len(set(result.relu_losses[1:])) == 1
    assert result.leaky_losses[1] > result.relu_losses[1], "worse at first, as the lesson says"
    assert result.leaky_losses[-1] < 1e-4
    assert (result.relu_is_dead, result.leaky_is_dead) == (True, False)


def test_symmetry() -> None:
    result, _ = run("symmetry")
    assert all(one == two for one, two in result.wrong_weights), "to the last bit"
    assert all(one != two for one, two in result.right_weights)
    assert result.wrong_weights[0] != result.wrong_weights[-1], "they do learn, both the same"
    assert result.wrong_losses[-1] > 0.15
    assert result.right_losses[-1] < 0.001


def test_learning_rate() -> None:
    result, _ = run("learning-rate")
    assert result.first_difference == 1
    assert all(abs(b) > abs(a) and a * b < 0.0 for a, b in pairwise(result.large))
    assert result.small[-1] > 0.97
    assert 0.0 < result.good[-1] < 0.001
    for rate, path in ((0.001, result.small), (0.3, result.good), (1.1, result.large)):
        assert path[-1] == pytest.approx((1.0 - 2.0 * rate) ** 10, rel=1e-12)


def test_chain_rule() -> None:
    result, _ = run("chain-rule")
    assert result.right == pytest.approx(result.value, rel=1e-14)
    assert result.by_difference == pytest.approx(result.value, rel=1e-8)
    assert result.first_difference == 1
    module = lesson("chain-rule")
    assert result.wrong / (module.W2 * module.W3 * module.X) == pytest.approx(2.0 * module.cost(module.W1) ** 0.5)
    slopes = result.right / result.wrong
    assert 0.0 < slopes < 0.25**3


def test_descent_counts() -> None:
    result, _ = run("descent-counts")
    assert result.iterations == {"batch": 3, "mini-batch": 9, "stochastic": 30}
    assert result.expected == {"batch": 3, "mini-batch": 6, "stochastic": 30}
    assert set(result.epochs.values()) == {3}
    assert result.first_difference == 1


def test_wrong_engines_are_right_where_the_mistake_does_not_matter() -> None:
    number = lesson("accumulate").Number
    a, b = number(2.0), number(5.0)
    (a * b).backward(True, lambda *_: None)
    x, y = ad.Value(2.0), ad.Value(5.0)
    (x * y).backward()
    assert (a.grad, b.grad) == (x.grad, y.grad)
    assert prod((a.grad, b.grad)) == 10.0
