"""The table that `check_engine` gives: a line for each operation and each behaviour, and what is wrong with it.

>>> rows = [Row("tanh", RIGHT), Row("relu", WRONG, "its local derivative …")]
>>> print(EngineReport("Toy", rows))
Toy: 1 wrong, 1 right
  wrong     relu  its local derivative …
  right     tanh
"""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import wrap

RIGHT, WRONG, ABSENT, COMPOSED, LIMITED = "right", "wrong", "absent", "composed", "limited"

SAID = {
    WRONG: "wrong", LIMITED: "limited", COMPOSED: "composed of others", ABSENT: "absent or not tested", RIGHT: "right"
}  # fmt: skip
"""The statuses, the most urgent first, and what the heading calls them."""


@dataclass(frozen=True)
class Row:
    """What was found about one operation or behaviour.

    ``status`` is right, wrong, absent (the engine has it not, or it could not be tested), composed (it can be made of
    the engine's other operations, and nothing of its own was tested), or limited (it ends in an error of its own, or
    does what may surprise).
    """

    name: str
    status: str
    note: str = ""
    found: float | None = None
    expected: float | None = None
    """The derivative that is off, and what it should be."""
    at: tuple[float, ...] = ()
    """The smallest failing case."""


class EngineError(AssertionError):
    """An engine has something wrong; the message is the table's part about it."""


@dataclass
class EngineReport:
    """Everything `check_engine` found, in the order in which it was tried."""

    engine: str
    rows: list[Row] = field(default_factory=list)

    def __getitem__(self, name: str) -> Row:
        """The row of an operation or behaviour; ``KeyError`` for one that was not asked about."""
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(f"no row {name!r}: there are {', '.join(row.name for row in self.rows)}")

    def named(self, status: str) -> list[str]:
        """The names with one status."""
        return [row.name for row in self.rows if row.status == status]

    @property
    def wrong(self) -> list[str]:
        """What is wrong, by name."""
        return self.named(WRONG)

    @property
    def right(self) -> list[str]:
        """What is right, by name."""
        return self.named(RIGHT)

    @property
    def absent(self) -> list[str]:
        """What the engine has not, or what could not be tested, by name."""
        return self.named(ABSENT)

    @property
    def composed(self) -> list[str]:
        """What can only be made of others, by name: nothing of its own was tested."""
        return self.named(COMPOSED)

    @property
    def limited(self) -> list[str]:
        """What ends in an error of the engine's own, or may surprise, by name."""
        return self.named(LIMITED)

    def raise_if_wrong(self) -> None:
        """`EngineError` with the wrong rows, if there are any."""
        if self.wrong:
            raise EngineError("\n".join(self._lines([WRONG])))

    def _lines(self, statuses: list[str]) -> list[str]:
        counted = [f"{len(self.named(s))} {SAID[s]}" for s in SAID if self.named(s)]
        lines = [f"{self.engine}: {', '.join(counted)}"]
        told = [row for status in statuses for row in self.rows if row.status == status]
        width = max((len(row.name) for row in told if row.note), default=0)
        for status in statuses:
            rows = [row for row in told if row.status == status]
            lines += [f"  {status:<9} {row.name:<{width}}  {row.note}" for row in rows if row.note]
            plain = [row.name for row in rows if not row.note]
            joined = " · ".join(name.replace(" ", "\u00a0") for name in plain)
            lines += [
                f"  {status:<9} {line}".replace("\u00a0", " ") for line in wrap(joined, 90, break_on_hyphens=False)
            ]
        return lines

    def __str__(self) -> str:
        return "\n".join(self._lines(list(SAID)))
