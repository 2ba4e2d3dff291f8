"""Why a gradient has its value, path by path: `explain`."""

from .ledger import Contribution as Contribution
from .ledger import Edge as Edge
from .ledger import Ledger as Ledger
from .ledger import Path as Path
from .ledger import explain as explain
