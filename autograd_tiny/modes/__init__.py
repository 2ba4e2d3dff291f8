"""What a block of code switches on, for its thread: what may be infinite, what is kept track of.

`infinities` is ``with nonfinite("allow"):``; `sources` notes the line that made each node; `recording` says what a
function that is being recorded for the compiler may not look at, and `recorders` who records; `looping` tells loops who
takes them meanwhile; `blocks` is what all have in common.
Stands on the table and on ``errors/``.
"""

from .infinities import nonfinite as nonfinite
from .infinities import nonfinite_allowed as nonfinite_allowed
