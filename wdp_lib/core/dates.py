"""Days: the cut-off, the year of data a round speaks of, and when a value of a year is due."""

from __future__ import annotations

from datetime import date

from wdp_lib.core.errors import ParameterError

END_OF_TIME = "9999-12-31"  # the day by which everything is known
DUE = "06-30"  # of the following year: the day a value is due where the data set says no other


def cut_off(as_of: str | date) -> str:
    """Return the day as ``YYYY-MM-DD``, or raise ``ParameterError`` when it is none."""
    try:
        return date.fromisoformat(str(as_of)).isoformat()
    except ValueError:
        raise ParameterError.of(
            f"截止日期 as_of 为 {as_of!r}，应写成年-月-日，例如 2026-06-30。",
            f"as_of is {as_of!r}; write a date as year-month-day, e.g. 2026-06-30.",
        ) from None


def data_year(as_of: str | date) -> int:
    """Return the year of data that a round with this cut-off speaks of: the year before it."""
    return int(cut_off(as_of)[:4]) - 1


def due_day(year: int, due: str = DUE) -> str:
    """Return the day by which the value of a year is due."""
    return f"{year + 1}-{due}"


def last_due_year(as_of: str | date, due: str = DUE) -> int:
    """Return the last year whose values are due on a day."""
    day = cut_off(as_of)
    return int(day[:4]) - (1 if day[5:] >= due else 2)


def is_day_of_year(text: str) -> bool:
    """Return whether the text is a day that every year has, as ``MM-DD``."""
    try:
        return date.fromisoformat(f"2001-{text}").isoformat() == f"2001-{text}"
    except ValueError:
        return False
