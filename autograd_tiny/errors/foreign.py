"""What numpy's own errors leave out: which function of ours does what numpy does for floats only.

numpy's linear algebra refuses an array of objects before anything of ours is asked. Where a function that is being
differentiated or compiled meets that, because it made the array itself, the error gets a note.

>>> import numpy as np
>>> try:
...     with notes_for_numpy():
...         np.linalg.inv(np.array([[Ellipsis]]))
... except TypeError as error:
...     print(error.__notes__[0])
numpy's inv takes no Values: write autograd_tiny.linalg.inv, or keep the array that the function was given
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

OURS = {
    **{name: f"linalg.{name}" for name in ("solve", "inv", "det", "slogdet", "cholesky")},
    **{name: name for name in ("interp", "logaddexp")},
    **{name: f"special.{name}" for name in ("erf", "erfc", "erfinv", "expit", "log_expit", "logit", "gammaln", "psi",
                                            "ndtr", "xlogy", "entr", "cbrt", "exp2", "expm1", "log1p")},
}  # fmt: skip
"""numpy's and scipy's functions that take floats only -> where ours are."""

REASON = "takes no Values"
WHOSE = ("numpy's", "scipy's")
REFUSED = re.compile(r"dtype\('O'\)|ufunc '(\w+)' not supported for the input types")


@contextmanager
def notes_for_numpy() -> Iterator[None]:
    """In this block an error of numpy about an array of objects says what to write instead."""
    try:
        yield
    except TypeError as error:
        refused = REFUSED.search(str(error))
        name = (refused and refused[1]) or _numpys_function(error.__traceback__)
        if refused and name in OURS and not is_noted(error):
            error.add_note(
                f"{WHOSE[OURS[name].startswith('special')]} {name} {REASON}: write autograd_tiny.{OURS[name]}, or keep "
                "the array that the function was given"
            )
        raise


def is_noted(error: BaseException) -> bool:
    """Whether an error has such a note."""
    return any(REASON in note for note in getattr(error, "__notes__", ()))


def _numpys_function(traceback: TracebackType | None) -> str:
    """The name of the first function of numpy on the way to an error."""
    while traceback is not None:
        if traceback.tb_frame.f_globals.get("__name__", "").partition(".")[0] == "numpy":
            return traceback.tb_frame.f_code.co_name
        traceback = traceback.tb_next
    return ""
