"""Many short annual series side by side: what every forecasting model is given."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd

LIMITS = {
    "percent": (0.0, 100.0),
    "rate": (0.0, np.inf),
    "rare_rate": (0.0, np.inf),
    "rare_percent": (0.0, 100.0),
    "facility": (0.0, 100.0),
    "ratio": (0.0, np.inf),
    "count": (0.0, np.inf),
    "years": (0.0, np.inf),
    "hours": (0.0, np.inf),
    "": (-np.inf, np.inf),
}

MOST_DECIMALS = 6


@dataclass(frozen=True)
class Panel:
    """Series on a grid of years that ends, for each of them, with its own last observed year.

    ``values, events, exposure`` are of shape (series, years), NaN where not known; all others of
    shape (series,).
    """

    names: np.ndarray
    values: np.ndarray
    last_year: np.ndarray  # of column -1
    kind: np.ndarray  # a key of LIMITS
    lower: np.ndarray  # natural limits; infinite where there is none
    upper: np.ndarray
    events: np.ndarray
    exposure: np.ndarray
    multiplier: np.ndarray  # value = multiplier * events / exposure; NaN where not known

    def __len__(self) -> int:
        return len(self.names)

    @property
    def n(self) -> np.ndarray:
        """Number of observed years of each series."""
        return np.isfinite(self.values).sum(axis=1)

    @property
    def first_year(self) -> np.ndarray:
        """First observed year of each series."""
        width = self.values.shape[1]
        return self.last_year - (width - 1) + np.isfinite(self.values).argmax(axis=1)

    def take(self, rows: np.ndarray) -> Panel:
        """Return the panel of the series ``rows`` (positions or a mask)."""
        return Panel(*(getattr(self, field.name)[rows] for field in fields(self)))

    def recent(self, years: int, least: int) -> Panel:
        """Return the panel with the latest ``years`` of each series, at least ``least`` points."""
        seen = np.isfinite(self.values)
        age = np.arange(self.values.shape[1])[::-1]
        from_end = seen[:, ::-1].cumsum(axis=1)[:, ::-1]
        values = np.where((age < years) | (from_end <= least), self.values, np.nan)
        kept = np.isfinite(values).any(axis=0).argmax()
        counts = {name: getattr(self, name)[:, kept:] for name in ("events", "exposure")}
        return replace(self, values=values[:, kept:], **counts)

    def unbroken(self) -> Panel:
        """Return the panel with only the years of each series after its last missing one."""
        seen = np.isfinite(self.values)
        kept = np.logical_and.accumulate(seen[:, ::-1], axis=1)[:, ::-1]
        return replace(self, values=np.where(kept, self.values, np.nan))

    def history(self, row: int) -> tuple[np.ndarray, np.ndarray]:
        """Return years and values of one series, observed years only."""
        years = self.last_year[row] - np.arange(self.values.shape[1])[::-1]
        seen = np.isfinite(self.values[row])
        return years[seen], self.values[row, seen]


def build_panel(frame: pd.DataFrame) -> Panel:
    """Return the panel of a clean long table (`clean_frame`), sorted by series and year.

    A natural limit that the history itself breaks is not one, and is left out (a gross enrolment
    rate lies above 100 %).
    """
    row, names = pd.factorize(frame["series_id"], sort=False)
    latest = frame.drop_duplicates("series_id", keep="last").set_index("series_id").loc[names]
    last_year = latest["year"].to_numpy("int64")
    age = last_year[row] - frame["year"].to_numpy("int64")
    width = int(age.max()) + 1 if len(age) else 1

    def grid(column: str) -> np.ndarray:
        cells = np.full((len(names), width), np.nan)
        cells[row, width - 1 - age] = frame[column].to_numpy("float64")
        return cells

    values = grid("value")
    lower, upper = latest["lower"].to_numpy("float64"), latest["upper"].to_numpy("float64")
    return Panel(
        names=np.asarray(names, dtype=object),
        values=values,
        last_year=last_year,
        kind=latest["kind"].to_numpy(dtype=object),
        lower=np.where(np.nanmin(values, axis=1, initial=np.inf) < lower, -np.inf, lower),
        upper=np.where(np.nanmax(values, axis=1, initial=-np.inf) > upper, np.inf, upper),
        events=grid("numerator"),
        exposure=grid("denominator"),
        multiplier=latest["multiplier"].to_numpy("float64"),
    )


def yearly_changes(panel: Panel) -> tuple[np.ndarray, np.ndarray]:
    """Return the changes between neighbouring observed years and the years they took."""
    changes, spans = np.full(panel.values.shape, np.nan), np.full(panel.values.shape, np.nan)
    before, age = np.full(len(panel), np.nan), np.zeros(len(panel))
    for column in range(panel.values.shape[1]):
        now = panel.values[:, column]
        seen = np.isfinite(now)
        age += 1
        both = seen & np.isfinite(before)
        changes[both, column] = now[both] - before[both]
        spans[both, column] = age[both]
        before, age = np.where(seen, now, before), np.where(seen, 0, age)
    return changes, spans


def reporting_unit(values: np.ndarray) -> np.ndarray:
    """Return the smallest decimal step that each series (rows) uses: 1, 0.1, … 0.000001."""
    values = np.nan_to_num(values)
    unit = np.full(len(values), 10.0**-MOST_DECIMALS)
    for decimals in range(MOST_DECIMALS - 1, -1, -1):
        whole = np.abs(values - np.round(values, decimals)) < 10.0 ** -(MOST_DECIMALS + 1)
        unit = np.where(whole.all(axis=1), 10.0**-decimals, unit)
    return unit
