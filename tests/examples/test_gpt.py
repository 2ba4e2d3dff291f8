"""The GPT on Values: its size, its words, its gradients against central differences, and that it learns."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest

from autograd_tiny import Value
from benchmarks.peers.plain_value import Value as PlainValue
from examples.gpt import CONTEXT, GPT, LETTERS, TOKENS, Adam, Past, main, read_words, softmax, train_step


def test_the_words_come_from_unicode() -> None:
    words = read_words()
    assert len(words) == 881  # on every version of Python: Unicode's names never change
    assert words == sorted(set(words))
    assert {"dolphin", "rainbow", "snowboarder"} < set(words)
    assert all(3 <= len(word) < CONTEXT and set(word) <= set(LETTERS) for word in words)


def count_operations(root: Value) -> int:
    """The nodes below ``root``, itself included, that are computed: neither leaves nor plain numbers."""
    seen, stack = {root}, [root]
    while stack:
        for parent in stack.pop().parents:
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return sum(1 for node in seen if node.parents)


def test_the_size_of_the_model_and_of_its_graph() -> None:
    model = GPT(Value)
    assert len(model.parameters()) == len(set(model.parameters())) == 4192
    assert count_operations(model.loss("rainbow")) == 60_177


def test_an_untrained_model_knows_next_to_nothing() -> None:
    chances = softmax(GPT(Value).next_scores(0, Past()))
    assert sum(chance.data for chance in chances) == pytest.approx(1.0, rel=1e-12)
    assert all(0.2 / TOKENS < chance.data < 5.0 / TOKENS for chance in chances)


def test_gradients_agree_with_central_differences() -> None:
    model = GPT(Value, seed=1)
    model.loss("ox").backward()
    matrices = {name: matrix for name, matrix in vars(model).items() if name not in ("letters", "places")}
    assert len(matrices) == 7
    chosen = [matrix[3][5] for matrix in matrices.values()] + [model.letters[LETTERS.index("x")][2], model.places[1][2]]
    step = 1e-5
    for leaf in chosen:
        middle, losses = leaf.data, []
        for leaf.data in (middle + step, middle - step):
            losses.append(model.loss("ox").data)
        leaf.data = middle
        assert leaf.grad != 0.0
        assert leaf.grad == pytest.approx((losses[0] - losses[1]) / (2.0 * step), rel=1e-5)


def test_attention_looks_back_and_never_ahead() -> None:
    model = GPT(Value, seed=1)

    def scores(first: str) -> list[float]:
        past = Past()
        model.next_scores(LETTERS.index(first), past)
        return [score.data for score in model.next_scores(LETTERS.index("o"), past)]

    assert scores("f") != scores("c")
    before = [score.data for score in model.next_scores(LETTERS.index("f"), Past())]
    model.places[1][0].data += 1.0  # the second place is of no concern to the first
    assert [score.data for score in model.next_scores(LETTERS.index("f"), Past())] == before


def losses(make: Any, steps: int) -> list[float]:
    model = GPT(make, seed=2)
    optimizer = Adam(model.parameters())
    return [train_step(model, optimizer, ("ox", "cow")[step % 2]) for step in range(steps)]


def test_it_learns_two_short_words() -> None:
    seen = losses(Value, 12)
    assert sum(seen[-2:]) < 0.5 * sum(seen[:2])


def test_another_value_class_gives_the_same_losses() -> None:
    assert losses(PlainValue, 3) == pytest.approx(losses(Value, 3), rel=1e-12)


def test_adams_first_step_is_the_rate_whatever_the_gradient() -> None:
    parameter = Value(1.0)
    parameter.grad = 1e-3
    Adam([parameter], rate=0.25).step()
    assert parameter.data == pytest.approx(0.75, rel=1e-3)  # its 1e-8 is there for gradients of 0
    assert parameter.grad == 0.0


def test_invented_words_are_of_letters_and_repeatable() -> None:
    model = GPT(Value, seed=3)
    word = model.invent(Random(5))
    assert word == model.invent(Random(5))
    assert len(word) <= CONTEXT
    assert set(word) <= set(LETTERS)


@pytest.mark.parametrize("word", ["", "a" * CONTEXT])
def test_a_word_of_no_use_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"of {len(word)} letters: expected 1 to 15")):
        GPT(Value).loss(word)


def test_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--steps", "2", "--seed", "7"])
    first, losses, made_up = capsys.readouterr().out.splitlines()
    assert first == "881 words, 4,192 parameters"
    assert re.fullmatch(r"step 2: mean loss 3\.\d{3} \(\d+\.\d s\)", losses)
    assert made_up.startswith("made up: ")
