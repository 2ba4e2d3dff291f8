"""A recording held against the function itself, whichever way the function takes its derivatives within.

Recorded, a Jacobian or Hessian within is one graph, where the rules allow; run on numbers it is node by node, and both
give the same by other numbers on the way. So where one comparison fails and there was such a derivative, the other is
made.
"""

from __future__ import annotations

from typing import Any

from ...errors import RecordingError
from ...modes.recording import derivatives
from . import verifying


def verify(*given: Any, **named: Any) -> None:
    """`verifying.verify`, node by node, and if need be by graphs; the error is that of the first."""
    with derivatives(graphs=False) as ways:
        try:
            return verifying.verify(*given, **named)
        except RecordingError as error:
            if not ways.met:
                raise
            first = error
    with derivatives(graphs=True):
        try:
            return verifying.verify(*given, **named)
        except RecordingError:
            raise first from None
