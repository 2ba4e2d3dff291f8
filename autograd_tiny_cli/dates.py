"""Dates in the cells of a table: the form in which a column writes them, and the numbers that a network is given.

>>> form_of(["24.12.2023", "01.02.2024"])
'%d.%m.%Y'
>>> moment("24.12.2023", "%d.%m.%Y")
datetime.datetime(2023, 12, 24, 0, 0)
>>> [round(x, 2) for x in features(days_of(moment("2024-01-01", ISO)), clock=False)]   # a Monday
[8766.0, 0.0, 1.0, 0.0, 1.0]
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

ISO = "ISO"
DAYS = ("%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y")
CLOCKS = ("", " %H:%M", " %H:%M:%S")
FORMS = (ISO, *(day + clock for day in DAYS for clock in CLOCKS))
EPOCH = datetime(2000, 1, 1)
YEAR, WEEK = 365.2425, 7.0
MONDAY = 2.0
"""The epoch was a Saturday: so many days later the week begins."""
LOOKED_AT = 200
"""By so many cells it is decided whether a column has dates at all."""


class Ambiguous(ValueError):
    """A column's dates can be read with the day first and with the month first."""


def form_of(cells: Sequence[str], asked: str | None = None) -> str | None:
    """The form that more than half of the cells have, None if there is none; `Ambiguous` if two read all that one does.

    A form that was ``asked`` for is the only one that is tried besides ISO 8601.
    """
    forms = FORMS if asked is None else (ISO, asked)
    first = cells[:LOOKED_AT]
    near = {form: fit for form in forms if 2 * (fit := _fitting(first, form)) > len(first)}
    if len(near) > 1:
        near = {form: _fitting(cells, form) for form in near}
        near = {form: fit for form, fit in near.items() if fit == max(near.values())}
    if len(near) > 1:
        raise Ambiguous(" or ".join(repr(form) for form in near))
    return next(iter(near), None)


def moment(cell: str, form: str) -> datetime | None:
    """When that is, in universal time where the cell has a zone; None if the cell has not that form."""
    if not any(map(str.isdigit, cell)):
        return None
    try:
        found = datetime.fromisoformat(cell) if form == ISO else datetime.strptime(cell, form)
    except ValueError:
        return None
    return found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)


def days_of(when: datetime) -> float:
    """Days since the first of January 2000."""
    return (when - EPOCH) / timedelta(days=1)


def moment_of(days: float) -> datetime:
    """The second in which so many days since the first of January 2000 have passed."""
    return EPOCH + timedelta(seconds=round(days * 86_400.0))


def features(days: float, clock: bool) -> list[float]:
    """The days, and the time of the year and of the week, as places on a circle; with ``clock`` that of the day too."""
    circles = [(days, YEAR), (math.floor(days) - MONDAY, WEEK), *([(days, 1.0)] if clock else [])]
    found = [days]
    for x, period in circles:
        angle = 2.0 * math.pi * (x % period) / period
        found += [math.sin(angle), math.cos(angle)]
    return found


def _fitting(cells: Sequence[str], form: str) -> int:
    return sum(moment(cell, form) is not None for cell in cells)
