"""The plan's door: which observations make the series of each indicator, and their forecasts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from wdp_lib.core.columns import FORECASTS, KEY, OBSERVATIONS, QUANTILES, conform
from wdp_lib.core.errors import ParameterError, Text
from wdp_lib.core.names import AREA, find_name
from wdp_lib.data import on_latest_definition
from wdp_lib.data.read.words import code_named
from wdp_lib.forecasting.frame import LONGEST_HORIZON, forecast_frame
from wdp_lib.forecasting.models.registry import DEFAULT, FEWEST_POINTS, find_model

if TYPE_CHECKING:
    from wdp_lib.plan import Indicator, Plan

NOT_ANNUAL = ("term", "census")
BEST_MODELLED_GRADE = "C"
WHOLE = 100  # per cent
_OBSERVED = Text("观测表中", "The table of observations")
# what stays where it is once it is there; firms come and go
PLACES = ("村", "社区", "小区", "镇", "乡", "县", "街道", "校", "园", "机构", "医院", "场所")
PLACES += ("公厕", "站", "站点", "中心", "设施")
_KIND_OF_UNIT = {
    "percent": "percent",
    "years": "years",
    "years_of_schooling": "years",
    "ratio": "ratio",
    "hours_per_day": "hours",
    "count": "count",
    "persons": "count",
    "10k_persons": "count",
}


def forecast(
    observations: pd.DataFrame,
    plan: Plan,
    *,
    through: int,
    model: str = DEFAULT,
    quantiles: Sequence[float] = QUANTILES,
    seed: int = 0,
    areas: str | Iterable[str] | None = None,
    strata: str | pd.DataFrame = "headline",
) -> pd.DataFrame:
    """Forecast the indicators of a plan from the year after each one's last value.

    Parameters
    ----------
    observations : pandas.DataFrame
        Under the `OBSERVATIONS` contract; only rows with ``used`` count.
    areas : str or iterable of str, optional
        Areas wanted, of those observed; the plan's own unless given.
    strata : "headline" or pandas.DataFrame
        ``"headline"``: of each indicator the stratum its target speaks of. Or a table with
        ``indicator`` and, where they differ from the headline, ``area, sex, age_group, residence``:
        exactly these series.

    Returns
    -------
    pandas.DataFrame
        Under the `FORECASTS` contract, in the order of the plan (or of ``strata``), years and
        quantiles rising. A series that cannot be forecast has one row without year and value, with
        a reason: no_data, not_annual (elected for a term, or counted in a census), past_target_year
        (the last value is already of ``through`` or later), all_points_before_break,
        too_few_points, stale (more than 60 years old).

    Raises
    ------
    ParameterError
        When the model, a setting, an area, or an indicator of ``strata`` does not exist.
    WdpError
        When ``observations`` is not such a table.

    Notes
    -----
    Points before a break in definition are restated where it has a link factor, else left out.
    Estimates (status ``estimated``) and those of other bodies (origin ``modelled``) are left out
    where the series has a value of its own; a series of such estimates alone is graded C at best.
    """
    model = find_model(model).name
    wanted, usable = usable_series(observations, plan, strata, through, areas)
    if len(usable):
        horizon = int(through - wanted.loc[wanted["reason"] == "", "last_year"].min())
        made = forecast_frame(usable, horizon=horizon, quantiles=quantiles, model=model, seed=seed)
        made = made[made["year"].isna() | (made["year"] <= through)]
    else:
        made = pd.DataFrame(columns=["series_id"])
    return _answer(wanted, made)


def usable_series(
    observations: pd.DataFrame,
    plan: Plan,
    strata: str | pd.DataFrame,
    through: int,
    areas: str | Iterable[str] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return some series and their usable points; settings as for `forecast`.

    ``wanted``: one row a series: the key columns and what the plan says of it, by ``series_id``.
    ``rows``: points of the series that can be forecast, with ``series_id`` and the columns that
    `forecast_frame` takes.
    """
    if isinstance(through, bool) or not isinstance(through, (int, np.integer)):
        raise ParameterError.of(
            f"through 须为年份，现为 {through!r}。", f"through must be a year, not {through!r}."
        )
    table = conform(observations, OBSERVATIONS)
    if areas is not None:
        areas = observed_areas(table, plan, [areas] if isinstance(areas, str) else areas)
    wanted = wanted_series(plan, areas, strata)
    rows = series_history(table, wanted)
    wanted = _facts(wanted, rows, int(through))
    return wanted, rows[rows["series_id"].isin(wanted.index[wanted["reason"] == ""])]


def observed_areas(observations: pd.DataFrame, plan: Plan, areas: Iterable[str]) -> list[str]:
    """Return the areas named, each the plan's own or one that is observed.

    Raises `ParameterError` when there is none of a name; near names are told.
    """
    known = dict.fromkeys([plan.area, *observations["area"].unique()], ())
    return [find_name(area, known, AREA, _OBSERVED) for area in areas]


def wanted_series(
    plan: Plan, areas: str | Iterable[str] | None, strata: str | pd.DataFrame
) -> pd.DataFrame:
    """Return KEY columns of the series wanted and what the plan says of each, in their order."""
    places = [plan.area] if areas is None else [areas] if isinstance(areas, str) else list(areas)
    if isinstance(strata, pd.DataFrame):
        if len(strata) and "indicator" not in strata.columns:
            raise ParameterError.of(
                "strata 表缺少 indicator 列。", "The table strata lacks the column indicator."
            )
        places = [""] if "area" in strata.columns else places
        given = [{"area": place, **row} for row in strata.to_dict("records") for place in places]
    elif strata == "headline":
        given = [
            {"area": place, "indicator": indicator.id}
            for place in places
            for indicator in plan.indicators
        ]
    else:
        raise ParameterError.of(
            f"strata 须为 headline 或一张表，现为 {strata!r}。",
            f"strata must be 'headline' or a table, not {strata!r}.",
        )
    columns = [*KEY, "kind", "lower", "upper", "multiplier", "frequency"]
    table = pd.DataFrame([_series(plan, row) for row in given], columns=columns)
    return table.drop_duplicates(list(KEY)).reset_index(drop=True)


def _series(plan: Plan, row: dict) -> dict:
    indicator = plan.indicator(row["indicator"])
    return {
        **indicator.stratum,
        **{name: row[name] for name in KEY if name in row},
        **{name: code_named(name, row[name]) for name in ("sex", "residence") if name in row},
        "indicator": indicator.id,
        "kind": _kind(indicator),
        "lower": indicator.lower_bound,
        "upper": indicator.upper_bound,
        "multiplier": np.nan if indicator.multiplier is None else indicator.multiplier,
        "frequency": indicator.frequency,
    }


def _kind(indicator: Indicator) -> str:
    if indicator.data_kind in ("rare_rate", "gap"):
        return "rare_rate" if indicator.data_kind == "rare_rate" else ""
    # a direction is judged by its trend; pooling the years would hide it
    few_cases = (
        indicator.data_kind == "proportion"
        and indicator.small_numbers == "yes"
        and indicator.target.is_number
    )
    if few_cases and indicator.unit == "percent":
        return "rare_percent"
    if indicator.unit == "percent" and indicator.upper_bound > WHOLE:
        return "ratio"  # a gross rate: of real ones it is the kind that they were learned as
    if indicator.unit == "percent" and counts_places(indicator):
        return "facility"
    return "rate" if indicator.unit.startswith("per_") else _KIND_OF_UNIT.get(indicator.unit, "")


def counts_places(indicator: Indicator) -> bool:
    """Whether a proportion counts villages, schools, sites: what is counted is the last word."""
    counted = re.sub(r"（.*?）|\(.*?\)", "", indicator.denominator.zh).strip()
    counted = counted.removesuffix("数").removesuffix("总")
    return (
        indicator.data_kind == "proportion" and "企业" not in counted and counted.endswith(PLACES)
    )


def series_history(observations: pd.DataFrame, wanted: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that count for the series wanted, in the latest definition.

    ``n_all`` says how many there were in any definition.
    """
    rows = observations[observations["used"] & observations["value"].notna()]
    rows = rows.merge(wanted.reset_index(names="series_id"), on=list(KEY), how="inner")
    rows = rows.assign(weak=(rows["origin"] == "modelled") | (rows["status"] == "estimated"))
    own = (~rows["weak"]).groupby(rows["series_id"]).transform("any")
    rows = rows[~(rows["weak"] & own)]
    rows = rows.assign(n_all=rows.groupby("series_id")["year"].transform("size"))
    return on_latest_definition(rows)


def _facts(wanted: pd.DataFrame, rows: pd.DataFrame, through: int) -> pd.DataFrame:
    """Return the series wanted with facts of their points, and why not (empty = usable)."""
    after = rows.groupby("series_id")
    facts = wanted.assign(
        n=after.size().reindex(wanted.index, fill_value=0),
        n_all=after["n_all"].first().reindex(wanted.index, fill_value=0),
        first_year=after["year"].min().reindex(wanted.index),
        last_year=after["year"].max().reindex(wanted.index),
        simulated=after["simulated"].any().reindex(wanted.index, fill_value=False),
        modelled=after["weak"].any().reindex(wanted.index, fill_value=False),
    )
    few, broken = facts["n"] < FEWEST_POINTS, facts["n_all"] > facts["n"]
    tests = {
        "no_data": facts["n_all"] == 0,
        "not_annual": facts["frequency"].isin(NOT_ANNUAL),
        "past_target_year": facts["last_year"] >= through,
        "stale": facts["last_year"] < through - LONGEST_HORIZON,
        "all_points_before_break": few & broken,
        "too_few_points": few,
    }
    cases = [test.fillna(False).to_numpy(bool) for test in tests.values()]
    return facts.assign(reason=np.select(cases, list(tests), ""))


def _answer(wanted: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    """Return forecasts and holes under the contract, in the order of the series wanted."""
    said = wanted[[*KEY, "simulated", "modelled"]]
    good = made.merge(said, left_on="series_id", right_index=True, how="left")
    if len(good):
        # "D" > "C" > "B" > "A": the later letter is the weaker grade.
        weak = good["modelled"] & good["grade"].isin(["A", "B"])
        good["grade"] = good["grade"].where(~weak, BEST_MODELLED_GRADE)
    holes = wanted[wanted["reason"] != ""].assign(
        year=pd.NA, quantile=np.nan, value=np.nan, quantity="", model="", grade="none"
    )
    parts = [part for part in (good, holes.reset_index(names="series_id")) if len(part)]
    if not parts:
        return conform(pd.DataFrame(columns=FORECASTS.names), FORECASTS)
    table = pd.concat(
        [part[["series_id", *FORECASTS.names]].astype({"year": "Int64"}) for part in parts]
    )
    return conform(table.sort_values(["series_id", "year", "quantile"], kind="stable"), FORECASTS)
