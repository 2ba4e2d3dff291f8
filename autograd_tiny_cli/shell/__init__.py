"""The interactive stepper: `Session` is where it stands, `commands` what can be typed, `screen` what is shown.

It opens from the command line (``autograd-tiny step``) and from Python (`autograd_tiny.debug`).
"""

from __future__ import annotations

from .loop import open_shell as open_shell
from .session import Session as Session
