"""Where modules were before the folders: by these names documents, programs and pickles go on finding them.

>>> import autograd_tiny.ops
>>> from autograd_tiny.table import ops
>>> autograd_tiny.ops is ops
True

A name of old is the module of now, not a copy. Type checkers see the new names only.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from importlib.abc import Loader

MOVED = {
    "_engine": "core._engine",
    "_operations": "core._operations",
    "backward": "core.backward",
    "codegen": "table.codegen",
    "differentiate": "derivatives.differentiate",
    "functional": "derivatives.functional",
    "functions": "derivatives.functions",
    "ledger": "explaining.ledger",
    "namespaces": "table.namespaces",
    "naming": "explaining.naming",
    "operands": "core.operands",
    "ops": "table.ops",
    "plugins": "derivatives.plugins",
    "primitive": "table.primitive",
    "recording": "modes.recording",
    "replay": "core.replay",
    "sources": "modes.sources",
    "stepping": "explaining.stepping",
    "structure": "derivatives.structure",
    "value": "core.value",
}
"""The name in `autograd_tiny` of old -> of now. Pickles name `value`, `_engine`, `functions`; documents the
rest."""


class OldNames:
    """Gives the module of now where one of old is asked for, and of its submodules theirs."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package, _, rest = fullname.partition(".")
        if package != __package__ or rest.partition(".")[0] not in MOVED:
            return None
        return ModuleSpec(fullname, cast("Loader", self))  # importlib.abc takes longer to import than we do

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        _, old, *rest = spec.name.split(".")
        try:
            module = import_module(".".join((str(__package__), MOVED[old], *rest)))
        except ModuleNotFoundError as error:
            error.name = spec.name if error.name and error.name.endswith(MOVED[old]) else error.name
            raise
        spec.loader_state = module.__spec__  # the import system is about to put this spec into its place
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing: it has run."""
        assert module.__spec__ is not None
        module.__spec__ = module.__spec__.loader_state


def install() -> None:
    """Ask us first: a module left by an older build must not be taken for its namesake of now."""
    if not any(isinstance(finder, OldNames) for finder in sys.meta_path):
        sys.meta_path.insert(0, OldNames())
