"""The GPT on Values: its size, its words, its gradients against central differences, and that it learns."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest

from autograd_tiny import Value, compile
from benchmarks.peers.plain_value import Value as PlainValue
from examples.gpt import (
    CONTEXT,
    GPT,
    LETTERS,
    TOKENS,
    Adam,
    Past,
    largest,
    main,
    new_words,
    read_words,
    softmax,
    tokens_of,
    train_step,
)


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
    assert count_operations(model.loss(tokens_of("rainbow"))) == 60_177


def test_an_untrained_model_knows_next_to_nothing() -> None:
    chances = softmax(GPT(Value).next_scores(0, Past()))
    assert sum(chance.data for chance in chances) == pytest.approx(1.0, rel=1e-12)
    assert all(0.2 / TOKENS < chance.data < 5.0 / TOKENS for chance in chances)


def test_gradients_agree_with_central_differences() -> None:
    model = GPT(Value, seed=1)
    model.loss(tokens_of("ox")).backward()
    matrices = {name: matrix for name, matrix in vars(model).items() if name not in ("letters", "places")}
    assert len(matrices) == 7
    chosen = [matrix[3][5] for matrix in matrices.values()] + [model.letters[LETTERS.index("x")][2], model.places[1][2]]
    step = 1e-5
    for leaf in chosen:
        middle, losses = leaf.data, []
        for leaf.data in (middle + step, middle - step):
            losses.append(model.loss(tokens_of("ox")).data)
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


def losses(make: Any, steps: int, compiled: bool = False) -> list[float]:
    model = GPT(make, seed=2)
    optimizer = Adam(model.parameters())
    program = compile(model.loss, parameters=optimizer.parameters) if compiled else None
    return [train_step(model, optimizer, ("ox", "cow", "ax")[step % 3], program) for step in range(steps)]


def test_it_learns_three_short_words() -> None:
    seen = losses(Value, 60, compiled=True)
    assert sum(seen[:3]) > 3 * 3.0  # guessing among 27 tokens costs log 27 = 3.3 a letter
    assert sum(seen[-3:]) < 3 * 0.5  # which of the three it will be cannot be known: log 3 a word, 0.3 a letter


def test_the_program_gives_the_losses_of_the_graph() -> None:
    assert losses(Value, 6, compiled=True) == pytest.approx(losses(Value, 6), rel=1e-9)


def test_the_program_gives_the_gradients_of_the_graph() -> None:
    pytest.importorskip("numpy")
    eager, compiled = GPT(Value, seed=4), GPT(Value, seed=4)
    program = compile(compiled.loss, parameters=compiled.parameters())
    for word in ("fox", "pig"):  # the second is a replay
        eager.loss(tokens_of(word)).backward()
        program.backward(tokens_of(word))
    expected = [leaf.grad for leaf in eager.parameters()]
    bound = 1e-12 * max(map(abs, expected))
    assert [leaf.grad for leaf in compiled.parameters()] == pytest.approx(expected, rel=1e-9, abs=bound)
    assert sum(slope != 0.0 for slope in expected) > 3000
    assert program.uses_arrays
    assert program.cache_info()[:2] == (1, 1)  # one recording for both


def test_another_value_class_gives_the_same_losses() -> None:
    assert losses(PlainValue, 3) == pytest.approx(losses(Value, 3), rel=1e-12)


def test_the_largest_score_has_no_gradient() -> None:
    for make in (Value, PlainValue):
        scores = [make(1.0), make(3.0), make(2.0)]
        (largest(scores) * scores[0]).backward()
        assert [score.grad for score in scores] == [3.0, 0.0, 0.0]


def test_new_words_are_new() -> None:
    model = GPT(Value, seed=3)
    made = new_words(model, [], Random(5), count=2)
    assert len(made) == len(set(made)) == 2
    assert all(2 < len(word) <= CONTEXT for word in made)
    again = new_words(model, made[:1], Random(5), count=2)
    assert again[:1] == made[1:]
    assert made[0] not in again


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
    with pytest.raises(ValueError, match=re.escape(f"has {len(word)} letters: expected 1 to 15")):
        tokens_of(word)


@pytest.mark.once
@pytest.mark.parametrize("way", [[], ["--eager"]])
def test_main(way: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    main(["--steps", "2", "--seed", "7", *way])
    first, losses, made_up = capsys.readouterr().out.splitlines()
    assert first == "881 words, 4,192 parameters"
    assert re.fullmatch(r"step 2: mean loss 3\.\d{3} \(\d+\.\d s\)", losses)
    assert re.fullmatch(r"made up: [a-z]+(, [a-z]+){9}", made_up)
