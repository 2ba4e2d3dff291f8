"""What a block of code switches on, for its thread: what may be infinite, what is kept track of.

`infinities` is ``with nonfinite("allow"):``; `sources` notes the line that made each node; `recording` says what a
function that is being recorded for the compiler may not look at; `blocks` is what the three have in common.
Stands on the table and on ``errors/``.
"""

from .infinities import nonfinite as nonfinite
from .infinities import nonfinite_allowed as nonfinite_allowed
