"""Column contracts of every table that crosses a door between two parts of the library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import pandas as pd

from wdp_lib.core.errors import Problem, Text, WdpError
from wdp_lib.core.words import rows_beside

KEY = ("indicator", "area", "sex", "age_group", "residence")
QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)


@dataclass(frozen=True)
class Column:
    """One column of a table, as `fields.csv` describes it."""

    name: str
    # {"text", "number", "integer", "truth"}: what its cells hold; numbers may be missing, text is
    # ``""`` instead
    kind: str
    meaning: Text
    allowed: tuple[str, ...] = ()  # the only values a text column may hold; empty = any
    # ``share`` (0-1), ``year``, ``date`` (ISO), ``count``, ``indicator`` (that of the row's
    # indicator), or empty
    unit: str = ""


@dataclass(frozen=True)
class Contract:
    """The columns a table must have, in order."""

    # name of the table, in messages and in `fields.csv`, where ``table.column`` goes before
    # ``column``
    name: str
    # names of its columns with spaces between, described in `fields.csv`; or the columns themselves
    listed: str | tuple[Column, ...]

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Its columns, in order."""
        if not isinstance(self.listed, str):
            return self.listed
        known = fields()
        return tuple(known.get(f"{self.name}.{n}") or known[n] for n in self.listed.split())

    @property
    def names(self) -> list[str]:
        """Names of the columns, in order."""
        return [column.name for column in self.columns]


@cache
def fields() -> dict[str, Column]:
    """Return every column described in `fields.csv`.

    By ``column`` or, for one table only, ``table.column``.
    """
    return {
        row["name"]: Column(
            row["name"].rpartition(".")[2],
            row["kind"],
            Text(row["meaning_zh"], row["meaning_en"]),
            tuple(row["allowed"].split("|")) if row["allowed"] else (),
            row["unit"],
        )
        for row in rows_beside(__file__, "fields.csv")
    }


OBSERVATIONS = Contract(
    "observations",
    """
    indicator area sex age_group residence year value numerator denominator status origin as_of
    source source_address definition_match series_break link_factor used unused_reason note file row
    simulated
    """,
)

FORECASTS = Contract(
    "forecasts",
    """
    indicator area sex age_group residence year quantile value quantity model n first_year last_year
    grade reason simulated
    """,
)

RISKS = Contract(
    "risks",
    """
    indicator area sex age_group residence target_kind target_lower target_upper target_year
    evidence baseline_year baseline_value last_year last_value numerator denominator last_lower
    last_upper interval_method margin state state_reason dips forecast_lower forecast_median
    forecast_upper p_meet risk volatility volatility_reason n grade model quantity reason stale
    definition_match source source_address simulated standing standing_by schedule_gap
    pooled_events pooled_exposure pooled_from later_year later_value p_not_short doubt
    """,
)

VERDICTS = Contract(
    "verdicts",
    """
    goal domain kind n_indicators n_judged n_attained n_nearly n_not_attained n_not_assessable
    verdict verdict_reason outlook hardest_indicator p_hardest evidence simulated n_evidence
    coverage all_verdict all_hardest p_all_hardest
    """,
)

_DTYPES = {"text": "str", "number": "float64", "integer": "Int64", "truth": "bool"}


_TEXT = pd.Series([""], dtype="object").astype("str").dtype  # what a text column is after a cast


def conform(frame: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """Return the table with exactly the contract's columns, in its order and types.

    ``frame``: any table that holds at least the contract's columns. ``contract``: what the table
    must be. Returns a new table with a fresh index; further columns are left out. Raises `WdpError`
    when a column is missing, or a text column holds a value that is not allowed.
    """
    problems = [_missing(contract, name) for name in contract.names if name not in frame.columns]
    if problems:
        raise WdpError.of(
            f"{contract.name} 表缺少列", f"The table {contract.name} lacks columns", problems
        )
    if _conforms(frame, contract):
        result = frame.copy(deep=False)
    else:
        cast = {c.name: _cast(frame[c.name], c) for c in contract.columns}
        result = pd.DataFrame(cast).reset_index(drop=True)
    problems = [p for c in contract.columns if c.allowed for p in _forbidden(result, contract, c)]
    if problems:
        raise WdpError.of(
            f"{contract.name} 表的取值不合规定", f"Values not allowed in {contract.name}", problems
        )
    return result


def numbered(table: pd.DataFrame, by: Sequence[str]) -> np.ndarray:
    """Return a number for each row, the same for rows that are equal in some columns."""
    if not len(table):
        return np.zeros(0, dtype="int64")
    columns = [table[name] for name in by]
    changed = np.zeros(len(table), dtype=bool)
    for column in columns:
        values = column.to_numpy()
        changed[1:] |= values[1:] != values[:-1]
    changed[0] = True
    codes = np.zeros(np.count_nonzero(changed), dtype="int64")
    for column in columns:  # rows of one kind mostly stand together: looked at once
        own, known = pd.factorize(column[changed])
        codes = codes * len(known) + own
    return codes[np.cumsum(changed) - 1]


def _conforms(frame: pd.DataFrame, contract: Contract) -> bool:
    """Whether a table is exactly what the contract asks, so that no column needs a cast."""
    if list(frame.columns) != contract.names or not frame.index.equals(pd.RangeIndex(len(frame))):
        return False
    kinds = zip(frame.dtypes, contract.columns, strict=True)
    right = all(dtype == (_TEXT if c.kind == "text" else _DTYPES[c.kind]) for dtype, c in kinds)
    return right and not any(frame[c.name].hasnans for c in contract.columns if c.kind == "text")


def _cast(series: pd.Series, column: Column) -> pd.Series:
    dtype = _DTYPES[column.kind]
    if column.kind == "text":
        if series.dtype not in (_TEXT, "object"):
            series = series.astype("object")
        series = series.astype("str")
        return series.fillna("") if series.hasnans else series
    return series if series.dtype == dtype else series.astype(dtype)


def _missing(contract: Contract, name: str) -> Problem:
    return Problem(
        "missing_column",
        contract.name,
        None,
        name,
        Text("没有此列", "no such column"),
        Text("此列", "this column"),
        Text("请提供由 wdp_lib 读入或生成的表。", "Pass a table that wdp_lib read or made."),
    )


def _forbidden(frame: pd.DataFrame, contract: Contract, column: Column) -> list[Problem]:
    bad = sorted(set(frame[column.name].unique()) - set(column.allowed))
    allowed = ", ".join(repr(value) for value in column.allowed)
    return [
        Problem(
            "not_allowed",
            contract.name,
            None,
            column.name,
            repr(value),
            Text(f"{allowed} 之一", f"one of {allowed}"),
            Text("请改正该值。", "Correct the value."),
        )
        for value in bad
    ]
