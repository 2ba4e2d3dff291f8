"""Why a gradient has its value, path by path: `explain`.

`ledger` has the sums, `paths` the largest of the paths, by `size`; `text` and `latex` write it down.
"""

from .ledger import Contribution as Contribution
from .ledger import Edge as Edge
from .ledger import Ledger as Ledger
from .ledger import Path as Path
from .ledger import explain as explain
