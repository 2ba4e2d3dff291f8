"""The words of errors: a thing with its article, a count, a repr that fits a line, the name that was meant.

>>> article("int"), counted(2000, "sum"), number_words(float("inf"))
('an int', '2,000 sums', 'infinite')
"""

from __future__ import annotations

from collections.abc import Iterable
from math import log10
from typing import Any

from .looking import looking


def article(noun: str) -> str:
    """The noun with its article: ``an int``, ``a str``."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def counted(n: int, noun: str) -> str:
    """So many of them, in words: ``1 sum``, ``2,000 sums``."""
    return f"{n:,} {noun}{'s' * (n != 1)}"


def shorten(thing: object, width: int = 60) -> str:
    """``repr(thing)``, cut to fit a line; of what has none (an int of 5,000 digits, say) what it is.

    >>> shorten(10**5000)[:15]
    '<int object at '
    """
    try:
        with looking():  # it is for an error's text
            text = repr(thing)
    except Exception:  # an error about the thing is more use than one about its repr
        text = object.__repr__(thing)
    return text if len(text) <= width else f"{text[: width - 1]}…"


def name_of(f: Any) -> str:
    """What an error calls a function: its name; of what has none, such as a partial, its type's."""
    name: str = getattr(f, "__name__", type(f).__name__)
    return name


def digits_of(number: int) -> str:
    """How many digits an int has, in words; of more than Python would write out, about how many.

    >>> digits_of(12345), digits_of(10**5000)
    ('5 digits', 'about 5,001 digits')
    """
    if abs(number) < 1 << 10_000:
        return counted(len(str(abs(number))), "digit")
    return f"about {int(number.bit_length() * log10(2.0)) + 1:,} digits"


def close_to(name: object, known: Iterable[str], most: int = 1, cutoff: float = 0.6) -> list[str]:
    """The known names that were probably meant by ``name``, the nearest first.

    >>> close_to("wieght", ["bias", "weight", "height"], most=2)
    ['weight', 'height']
    """
    import difflib  # when something has gone wrong already: it is no part of starting up

    return difflib.get_close_matches(str(name), list(known), n=most, cutoff=cutoff)


def did_you_mean(name: object, known: Iterable[str], otherwise: str) -> str:
    """The nearest known name as a question; ``otherwise`` if none is near.

    >>> [did_you_mean(name, ["huber", "mse"], "choose one of huber, mse") for name in ("hube", "x")]
    ["did you mean 'huber'?", 'choose one of huber, mse']
    """
    near = close_to(name, known)
    return f"did you mean {near[0]!r}?" if near else otherwise


def number_words(x: float) -> str:
    """What a non-finite number is called."""
    return "not a number" if x != x else "infinite"
