"""What each column of a table becomes: numbers, categories or dates; what stands for an empty cell.

>>> from pathlib import Path
>>> from .tables import Row, Table
>>> rows = [Row(2 + i, cells) for i, cells in enumerate([["1.5", "red"], ["", "blue"], ["2.5", "red"], ["3", "blue"]])]
>>> table = Table(Path("data.csv"), ["size", "colour"], rows)
>>> columns = [kind_of(table, name) for name in table.names]
>>> good, bad = readings(table, columns)
>>> fitted = [column.fitted([row.cells[i] for row in good]) for i, column in enumerate(columns)]
>>> print("\\n".join(f"{column.name}: {column.told}" for column in fitted))
size: a number, empty in 1 row: 2.5 instead, and a mark
colour: 2 categories: blue, red
>>> [encoded(fitted, row.cells) for row in good[:2]]
[[1.5, 0.0, 0.0, 1.0], [2.5, 1.0, 1.0, 0.0]]
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from statistics import median
from typing import Any, NamedTuple

from autograd_tiny.errors import counted, shorten

from . import dates
from .tables import Bad, Table, listed, number

AROUND = str.maketrans("", "", "%‰$€£¥, '")
"""What people write around the digits of a number, and between them."""
CATEGORIES = 50
"""A column of text with more different ones, or with less than two rows for each, says nothing of other rows."""
EMPTY = {"", "na", "n/a", "#n/a", "nan", "<na>", "null", "none", "nil", "?", "-", "--"}
"""What stands in a cell, in small letters, where there is nothing."""
KINDS = ("number", "category", "date")

Cell = float | str | None
"""A number, or a date's days; a category; None where there is nothing."""


class Reading(NamedTuple):
    """One row as read, with the text that stands in the column to be predicted, if there is one."""

    line: int
    cells: list[Cell]
    target: str


@dataclass(frozen=True)
class Column:
    """How one column is read and given to the network. `fitted` takes from the training rows what is left open."""

    name: str
    kind: str = "number"
    comma: bool = False
    """Numbers were written with a decimal comma; each file is looked at anew, and where commas separate its cells, a
    quoted one is what it was."""
    form: str = ""
    """Of dates."""
    clock: bool = False
    """The dates have a time of day."""
    categories: tuple[str, ...] = ()
    fill: float | None = None
    """What stands for an empty cell; without it a row with one is bad."""
    empty: int = 0
    """In so many training rows the cell was empty: then a number of its own says whether it is."""

    def read(self, cell: str, comma: bool = False) -> Cell:
        """What a cell of a file holds, whose numbers may have a decimal comma; ``ValueError`` with the reason where it
        holds none such.
        """
        if cell.casefold() in EMPTY:
            return None
        if self.kind == "category":
            return cell
        if self.kind == "date":
            when = dates.moment(cell, self.form)
            if when is None:
                raise ValueError(f"column {self.name!r} is {shorten(cell, 30)}, not a date as {self.form}")
            return dates.days_of(when)
        found = number(cell, comma)
        if found is None:
            raise ValueError(not_a_number(self.name, cell))
        return found

    def fitted(self, cells: Sequence[Cell]) -> Column:
        """The column with the categories, or what stands for an empty cell, of the training rows."""
        there, empty = [cell for cell in cells if cell is not None], sum(cell is None for cell in cells)
        if self.kind == "category":
            return replace(self, categories=tuple(sorted({str(cell) for cell in there})), empty=empty)
        return replace(self, fill=median(map(float, there)) if there else 0.0, empty=empty)

    @property
    def width(self) -> int:
        """How many numbers the network is given for it."""
        return len(self.numbers("" if self.kind == "category" else 0.0))

    def numbers(self, cell: Cell) -> list[float]:
        """What the network is given for a cell."""
        mark = [float(cell is None)] if self.empty else []
        if self.kind == "category":
            return [float(cell == known) for known in self.categories] + mark
        x = self.fill if cell is None else cell
        assert isinstance(x, float)
        return (dates.features(x, self.clock) if self.kind == "date" else [x]) + mark

    @property
    def told(self) -> str:
        """What is done to it, in words."""
        if self.kind == "category":
            noun = "category" if len(self.categories) == 1 else "categories"
            known = f"{len(self.categories)} {noun}: {listed(self.categories)}"
            return known + (f"; empty in {counted(self.empty, 'row')}, as one more" if self.empty else "")
        if self.kind == "date":
            clock = ", time of day" if self.clock else ""
            what = f"a date as {self.form}: days, time of year, weekday{clock}"
            fill = "" if self.fill is None else str(dates.moment_of(self.fill))
        else:
            what, fill = "a number" + (" with a decimal comma" if self.comma else ""), f"{self.fill or 0.0:g}"
        if not self.empty:
            return what
        return f"{what}, empty in {counted(self.empty, 'row')}: {fill.removesuffix(' 00:00:00')} instead, and a mark"

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to tell but that it is a number."""
        return self.told == "a number"

    def to_dict(self) -> dict[str, Any]:
        """As JSON data, for a model's notes; what is as in most columns left out."""
        usual = {field.name: field.default for field in fields(self)}
        return {name: x for name, x in asdict(self).items() if x != usual[name]}

    @classmethod
    def from_dict(cls, given: Any) -> Column:
        """What `to_dict` gave; ``TypeError`` or ``ValueError`` for anything else."""
        if isinstance(given, str):  # as files of 0.1 before there were other kinds
            return cls(given)
        known: dict[str, Any] = {
            "name": str,
            "kind": str,
            "comma": bool,
            "form": str,
            "clock": bool,
            "categories": list,
            "fill": (int, float),
            "empty": int,
        }
        if not isinstance(given, dict) or "name" not in given or not set(given) <= set(known):
            raise TypeError(f"a column is {shorten(given)}")
        wrong = [name for name, x in given.items() if not isinstance(x, known[name])]
        categories = given.get("categories", [])
        if wrong or given.get("kind", "number") not in KINDS or not all(isinstance(x, str) for x in categories):
            raise TypeError(f"a column is {shorten(given)}")
        fill = given.get("fill")
        if fill is not None and not math.isfinite(fill):
            raise ValueError(f"a column is {shorten(given)}")
        return cls(**{**given, "categories": tuple(categories), "fill": None if fill is None else float(fill)})


class LeftOut(ValueError):
    """Why a network is not given a column."""


def kind_of(table: Table, name: str, category: bool = False, form: str | None = None) -> Column:
    """How a column is to be read, as most of its cells are; `LeftOut` for one that says nothing of other rows."""
    cells = table.column(name)
    filled = [cell for cell in cells if cell.casefold() not in EMPTY]
    if cells and not filled:
        raise LeftOut("no cell is filled")
    if not category:
        comma = has_comma(table, name)
        numbers = sum(number(cell, comma) is not None for cell in filled)
        if 2 * numbers > len(filled):
            return Column(name, comma=comma)
        try:
            found = dates.form_of(filled, form)
        except dates.Ambiguous as error:
            raise ValueError(
                f"{str(table.path)!r}: the dates in column {name!r}, such as {filled[0]!r}, are {error}: write "
                "--date-format with the one that is meant"
            ) from None
        if found is not None:
            when = [dates.moment(cell, found) for cell in filled]
            clock = any(day is not None and (day.hour, day.minute, day.second) != (0, 0, 0) for day in when)
            return Column(name, "date", form=found, clock=clock)
    different = len(set(filled))
    if different == 1 and len(filled) == len(table.rows) > 1:
        raise LeftOut(f"{shorten(filled[0], 30)} in every row")
    if not category and (different > CATEGORIES or 2 * different > len(filled)):
        found = f"{different} different texts in {counted(len(filled), 'row')}"
        if all(number(cell.translate(AROUND)) is not None for cell in filled):
            found += f", such as {shorten(filled[0], 30)}: for numbers write digits and a decimal point alone"
        raise LeftOut(found)
    return Column(name, "category")


def has_comma(table: Table, name: str, known: bool = False) -> bool:
    """Whether numbers are written with a decimal comma there: where commas separate no cells, unless it is ``known`` of
    the column, and no point is seen.
    """
    if table.delimiter == "," and not known:
        return False
    cells = [cell for cell in table.column(name) if "," in cell or "." in cell]
    with_comma = sum(number(cell, comma=True) is not None for cell in cells if "." not in cell)
    return with_comma > 0 and not any(number(cell) is not None for cell in cells)


def readings(
    table: Table, columns: Sequence[Column], target: str | None = None, quantity: bool = False, fitted: bool = False
) -> tuple[list[Reading], list[Bad]]:
    """The rows whose ``columns`` can be read, and the others. The ``target`` must be filled, and if it is a
    ``quantity``, be a number, which is given with a point. Once columns are ``fitted``, an empty cell needs something
    to stand for it.
    """
    commas = [has_comma(table, column.name, column.comma) for column in columns]
    places = [(column, table.names.index(column.name), comma) for column, comma in zip(columns, commas, strict=True)]
    goal = None if target is None else table.names.index(target)
    comma = target is not None and has_comma(table, target)
    good, bad = [], []
    for line, cells in table.rows:
        if len(cells) != len(table.names):
            bad.append(Bad(line, f"{len(cells)} cells, and the header names {len(table.names)} columns"))
            continue
        read: list[Cell] = []
        reasons = []
        for column, i, with_comma in places:
            try:
                read.append(column.read(cells[i], with_comma))
            except ValueError as error:
                reasons.append(str(error))
            else:
                if fitted and read[-1] is None and column.kind != "category" and column.fill is None:
                    reasons.append(f"column {column.name!r} is empty")
        answer = "" if goal is None else cells[goal]
        if quantity and comma:
            answer = answer.replace(",", ".", 1)
        if goal is not None and (not answer or (quantity and number(answer) is None)):
            reasons.append(not_a_number(str(target), cells[goal]))
        if reasons:
            bad.append(Bad(line, "; ".join(reasons)))
        else:
            good.append(Reading(line, read, answer))
    return good, bad


def encoded(columns: Sequence[Column], cells: Sequence[Cell]) -> list[float]:
    """What the network is given for a row."""
    return [x for column, cell in zip(columns, cells, strict=True) for x in column.numbers(cell)]


def not_a_number(name: str, cell: str) -> str:
    """What is wrong with a cell that should hold a number."""
    if not cell:
        return f"column {name!r} is empty"
    hint = " (write a decimal point)" if number(cell, comma=True) is not None else ""
    try:
        finite = math.isfinite(float(cell))
    except ValueError:
        finite = True
    return f"column {name!r} is {shorten(cell, 30)}, not a {'' if finite else 'finite '}number{hint}"


def table_of(columns: Sequence[Column], left_out: dict[str, str]) -> list[str]:
    """What was done to each column, a line each; those that are numbers and nothing else in one."""
    plain = [column.name for column in columns if column.is_plain]
    told = [(listed(plain), "numbers" if len(plain) > 1 else "a number")] if plain else []
    told += [(column.name, column.told) for column in columns if not column.is_plain]
    told += [(name, f"left out: {reason}") for name, reason in left_out.items()]
    width = max((len(name) for name, _ in told if len(name) <= 24), default=0)
    return [f"  {name:{width}}  {what}" for name, what in told]
