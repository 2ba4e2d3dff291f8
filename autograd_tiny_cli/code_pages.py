"""Where a terminal or a pipe has no ∂: what is printed in its place, so that no command ends for want of a letter.

Windows' code pages, and ``PYTHONIOENCODING=ascii``, know few of the signs that formulas are written in.

>>> "∂L/∂w₁ = 1 − tanh²(z) → σ".encode("ascii", PLAIN).decode()
'dL/dw1 = 1 - tanh^2(z) -> sigma'
>>> "naïve 名".encode("ascii", PLAIN).decode()
'naive ?'
"""

from __future__ import annotations

import codecs
import sys
import unicodedata

PLAIN = "autograd_tiny.plain"
"""The name of the error handler, for ``encode`` and ``reconfigure``."""

_SIGNS = {
    "∂": "d", "−": "-", "×": "x", "·": "*", "÷": "/", "→": "->", "←": "<-", "▶": ">", "►": ">", "…": "...",
    "–": "-", "—": "-", "σ": "sigma", "∑": "sum", "Σ": "sum", "∏": "prod", "√": "sqrt", "∞": "inf", "≤": "<=",
    "≥": ">=", "≠": "!=", "≈": "~", "π": "pi", "η": "eta", "τ": "tau", "δ": "delta", "Δ": "Delta", "α": "alpha",
    "β": "beta", "γ": "gamma", "μ": "mu", "ε": "eps", "λ": "lambda", "∈": "in", "ᵀ": "^T", "±": "+-", "⊙": "o",
    "°": " deg", "∇": "grad ", "⁻": "^-", "✓": "ok", "✗": "wrong", "ŷ": "y^",
    "\N{COMBINING CIRCUMFLEX ACCENT}": "^", "│": "|", "├": "|", "└": "`", "─": "-", "█": "#", "░": ".", "▒": "+",
    "▓": "#", "•": "*", "‘": "'", "’": "'", "“": '"', "”": '"', "\N{NO-BREAK SPACE}": " ",
    "\N{NARROW NO-BREAK SPACE}": " ",
}  # fmt: skip


def _plain(error: UnicodeError) -> tuple[str | bytes, int]:
    assert isinstance(error, UnicodeEncodeError)
    text = error.object[error.start : error.end]
    return "".join(map(_sign, text)), error.end


def _sign(sign: str) -> str:
    found = _SIGNS.get(sign)
    if found is not None:
        return found
    power = unicodedata.decomposition(sign).startswith("<super>")
    near = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return ("^" if power and near else "") + near or "?"


codecs.register_error(PLAIN, _plain)


def print_plainly() -> None:
    """From here on nothing that is printed fails for its encoding."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=PLAIN)


def in_full(text: str) -> bool:
    """Whether standard output can have it as it is: data are not to be changed on the way."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
