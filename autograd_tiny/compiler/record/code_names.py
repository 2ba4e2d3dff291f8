"""The names that code reads: its globals, the attributes it asks for, the modules it imports; with the code inside it.

A text that is a name counts as an attribute, as in ``getattr(settings, "rate")``, and where the code asks for
``globals()`` as a global.

>>> found = names_of((lambda x: math.sin(x) * SCALE).__code__)
>>> sorted(found.globals), sorted(found.attributes)
(['SCALE', 'math'], ['SCALE', 'math', 'sin'])
"""

from __future__ import annotations

import dis
from functools import lru_cache
from types import CodeType
from typing import NamedTuple

GLOBAL = frozenset(("LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL", "DELETE_GLOBAL"))
DYNAMIC = frozenset(("globals", "eval", "exec", "vars", "modules", "import_module", "__import__", "__dict__"))


EQUALITY = frozenset(("CONTAINS_OP", "BUILD_SET", "SET_ADD", "SET_UPDATE", "MAP_ADD", "BUILD_MAP"))
HASHES = frozenset(
    ("set", "frozenset", "dict", "get", "Counter", "setdefault", "fromkeys", "mode", "multimode", "contains", "hash",
     "__hash__")
)  # fmt: skip
"""What looks things up by their hash: that of a Value is not that of its number."""
ASKS = HASHES | frozenset(
    ("index", "count", "remove", "unique", "groupby", "eq", "ne", "countOf", "indexOf", "array_equal", "isin")
)
"""What asks whether two things are equal: two numbers may be, two Values are not."""


class Names(NamedTuple):
    """What code reads, by name; and whether it may ask if two things are equal, or look one up by its hash."""

    globals: frozenset[str]
    attributes: frozenset[str]
    imported: frozenset[str]
    asks_equality: bool = False
    asks_hash: bool = False


@lru_cache(4096)
def names_of(code: CodeType) -> Names:
    """The names in some code; a code object never changes."""
    found, attributes, imported = set(), {*code.co_names}, set()
    asks, looks_up = not ASKS.isdisjoint(attributes), not HASHES.isdisjoint(attributes)
    for instruction in dis.get_instructions(code):
        if instruction.opname in GLOBAL:
            found.add(instruction.argval)
        elif instruction.opname == "IMPORT_NAME":
            imported.add(instruction.argval)
        looks_up |= instruction.opname in EQUALITY
        asks |= instruction.opname in EQUALITY or (
            instruction.opname == "COMPARE_OP"
            and str(instruction.argval).rpartition("(")[2].rstrip(")") in ("==", "!=")
        )
    texts = {x for x in code.co_consts if isinstance(x, str) and x.replace(".", "_").isidentifier()}
    attributes |= texts
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            below = names_of(inner)
            found |= below.globals
            attributes |= below.attributes
            imported |= below.imported
            asks |= below.asks_equality
            looks_up |= below.asks_hash
    if attributes & DYNAMIC:
        found |= texts
        imported |= texts
    return Names(frozenset(found), frozenset(attributes), frozenset(imported), asks, looks_up)
