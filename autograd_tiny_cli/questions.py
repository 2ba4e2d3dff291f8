"""The questions of a lesson asked at the terminal, one after the other.

>>> from autograd_tiny.explaining.questions import read
>>> asked = read('[[question]]\\nexpression = "y = x*x"\\nnumbers = { x = 3 }\\ngradient = "x"')
>>> quiz(asked, lambda prompt: "3", print)
1/1  y = x*x at x = 3. What is ∂y/∂x?
     3 is what this step sends alone: it is added to the 3 that is there, not put in its place. It is 3 + 1 × 3 = 6.
0 of 1 right
0
"""

from __future__ import annotations

from collections.abc import Callable

from autograd_tiny.explaining.digits import short
from autograd_tiny.explaining.questions import Asked
from autograd_tiny.explaining.quiz import close


def quiz(asked: list[Asked], answer: Callable[[str], str], say: Callable[[str], None]) -> int:
    """Ask all; how many answers were right. An empty line, or the end of the input, is shown the answer."""
    right = 0
    for i, question in enumerate(asked, start=1):
        say(f"{i}/{len(asked)}  {question.text}")
        number = _answered(answer)
        if number is None:
            say(f"     It is {short(question.right)}.")
        else:
            right += close(number, question.right)
            say(f"     {question.verdict(number)}")
        if question.why:
            say(f"     {question.why}")
    say(f"{right} of {len(asked)} right")
    return right


def _answered(answer: Callable[[str], str]) -> float | None:
    """The number that is typed; what is none is asked for again."""
    prompt = "     your answer: "
    while True:
        try:
            typed = answer(prompt).strip().replace("−", "-")
        except EOFError:
            return None
        if not typed:
            return None
        try:
            return float(typed)
        except ValueError:
            prompt = "     a number, or an empty line to be shown: "
