"""Gaps between two groups: how large, how sure, whether they narrow, and how they may go on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from wdp_lib.assessment.scheme import Scheme, load_scheme
from wdp_lib.assessment.series import Rows, grouped, pick
from wdp_lib.comparison.known import COUNTED, Known, is_proportion, stacked
from wdp_lib.comparison.measures import (
    difference_interval,
    group_interval,
    parity_index,
    probability_narrower,
    ratio_interval,
)
from wdp_lib.comparison.tables import DIMENSIONS, GAP_OUTLOOK, GROUP_GAPS
from wdp_lib.core.columns import conform
from wdp_lib.data.read.derived_gaps import GROUPS
from wdp_lib.forecasting.counts.series import law_of
from wdp_lib.forecasting.frame import panel_of
from wdp_lib.forecasting.gap_paths import shared_shocks
from wdp_lib.forecasting.models.registry import DEFAULT, MODELS
from wdp_lib.forecasting.observations import usable_series
from wdp_lib.forecasting.paths import joint_paths
from wdp_lib.forecasting.trends.trend import FEWEST_POINTS, trend_probability
from wdp_lib.plan import Indicator, Plan

TWO_SIDED_95 = 1.959964
STATUS = ("", "final", "provisional", "estimated")  # the worse comes later
LEVELS = (0.1, 0.5, 0.9)
FEWEST_PEOPLE = 5  # in each group, of a share or rate that is compared
_OF_GROUP = {
    **dict.fromkeys(("value", "numerator", "denominator"), np.nan),
    **dict.fromkeys(("status", "series_break"), ""),
    "simulated": False,
}


def group_gaps(
    observations: pd.DataFrame | Known,
    plan: Plan,
    *,
    as_of: str | None = None,
    scheme: Scheme | None = None,
) -> pd.DataFrame:
    """Compare the two groups of each indicator reported by sex, residence, or two ages.

    Parameters
    ----------
    as_of : str, optional
        Cut-off date ``YYYY-MM-DD``: later rows are left aside, and a value revised later counts as
        it stood.
    scheme : Scheme, optional
        How far from the baseline year another may stand in for it; the default scheme unless given.

    Returns
    -------
    pandas.DataFrame
        Contract ``GROUP_GAPS``, in the plan's order, then dimension and year. Female less male,
        rural less urban, the younger less the older group. A share of women is compared with the
        share of men that its own counts give. An indicator that the plan wants by both sexes has a
        row with a ``reason`` for each year in which one sex or both are missing, and one row
        without a year when it has no value at all: a figure of women alone is never a gap.
        Indicators that are gaps themselves, those that know no groups, and plain numbers of persons
        or cases, of which the larger group has more, have no row. Groups of fewer than five are not
        compared (``few_people``), nor rates with too few events in all years (``case_by_case``).
        Without counts there is no interval (``counts_missing``); shares of a body are full counts.

    Raises
    ------
    ParameterError
        When ``as_of`` is no date.
    """
    known, scheme = Known.of(observations, plan, as_of), scheme or load_scheme()
    table = stacked([pair for i in plan.indicators for pair in _pairs(i, known)], GROUP_GAPS)
    if len(table):
        table = _compared(table.assign(area=plan.area), scheme.rare_events)
        table = _changed(table, plan.baseline_year, scheme.baseline_reach)
    return conform(table, GROUP_GAPS)


def _pairs(indicator: Indicator, known: Known) -> Iterator[Rows]:
    """Yield the two groups of each dimension side by side."""
    facts = {
        **indicator.stratum,
        "indicator": indicator.id,
        "trials": is_proportion(indicator),
        "counted": indicator.data_kind in COUNTED,
        "scale": indicator.multiplier or 1.0,
    }
    found = []
    if indicator.data_kind == "share" and indicator.sex_scope == "share_female":
        found = [_share_pair(known.own(indicator))]
    elif indicator.data_kind not in ("share", "gap", "count"):
        found = [_pair(indicator, known.own(indicator, but=by), by) for by in DIMENSIONS]
        if not any(found) and indicator.sex_scope == "both_by_sex":
            nothing = pick(known.stratum(indicator), slice(0, 0))
            hole = _sides((nothing, nothing), np.array([np.nan]), ("", ""))
            found = [{**hole, "dimension": "sex", "sex": "all", "reason": "no_data"}]
    yield from ({**facts, **pair} for pair in found if pair)


def _pair(indicator: Indicator, rows: Rows, by: str) -> Rows:
    """Both groups of one dimension, one row a year; a missing group is missing, with a reason."""
    wanted = by == "sex" and indicator.sex_scope == "both_by_sex"
    present = sorted(set(rows[by]))
    ages = tuple(age for age in present if age != "all")
    groups = GROUPS.get(by) or (ages if len(ages) == 2 else ())
    if not len(present) or not wanted and (not groups or not set(groups) <= set(present)):
        return {}
    sides = tuple(pick(rows, rows[by] == group) for group in groups)
    years = np.unique(rows["year"] if wanted else np.concatenate([s["year"] for s in sides]))
    pair = _sides(sides, years, groups)
    missing = np.isnan(pair["first_value"]).astype(int) + np.isnan(pair["second_value"])
    holes = np.select([missing == 2, missing == 1], ["not_by_sex", "other_group_missing"], "")
    return {**pair, "dimension": by, by: "all", "reason": holes}


def _sides(sides: tuple[Rows, Rows], years: np.ndarray, groups: tuple[str, str]) -> Rows:
    pair: Rows = {"year": years}
    for name, side, group in zip(("first", "second"), sides, groups, strict=True):
        pair[name] = group
        place = np.searchsorted(side["year"], years)
        place[~np.isin(years, side["year"])] = len(side["year"])  # beyond the end: nothing
        for figure, nothing in _OF_GROUP.items():
            pair[f"{name}_{figure}"] = np.append(side[figure], nothing)[place]
    return pair


def _share_pair(rows: Rows) -> Rows:
    """Women and men of one body: both counts come from the share itself."""
    if not len(rows["year"]):
        return {}
    women, everyone = rows["numerator"], rows["denominator"]
    counted = np.isfinite(women) & (everyone > 0)
    share = np.where(counted, women / np.where(counted, everyone, 1.0), np.nan) * 100
    shared = {name: rows[name] for name in _OF_GROUP}
    pair = {"year": rows["year"], "first": "female", "second": "male", "dimension": "sex"}
    for name, count, part in (("first", women, share), ("second", everyone - women, 100 - share)):
        side = shared | {"value": part, "numerator": count}
        pair |= {f"{name}_{figure}": column for figure, column in side.items()}
    return pair | {"reason": np.where(counted, "full_count", "counts_missing")}


def _compared(table: pd.DataFrame, rare_events: int) -> pd.DataFrame:
    """Add difference, ratio and parity with their intervals."""
    people = table[["first_denominator", "second_denominator"]].min(axis=1)
    few_people = (people < FEWEST_PEOPLE) & table["trials"] & table["reason"].eq("")
    events = table["first_numerator"] + table["second_numerator"]
    pooled = events.groupby([table["indicator"], table["dimension"]]).transform("sum")
    rate = table["counted"].astype(bool) & ~table["trials"].astype(bool) & events.notna()
    few_events = rate & (pooled < rare_events) & table["reason"].eq("")
    few = few_people | few_events
    first, second = (
        table[f"{group}_value"].mask(few).to_numpy(float) for group in ("first", "second")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where((second > 0) & (first >= 0), first / second, np.nan)
    intervals = {name: np.where(few, np.nan, ends) for name, ends in _intervals(table).items()}
    complete = table["reason"].eq("") & np.isfinite(first - second)
    known = np.isfinite(intervals["difference_lower"])
    both_zero = complete & (first == 0) & (second == 0)
    worst = np.maximum(*(table[f"{g}_status"].map(STATUS.index) for g in ("first", "second")))
    method = np.where(table["trials"], "newcombe", "square_and_add")
    return table.assign(
        difference=first - second,
        ratio=ratio,
        parity=parity_index(ratio),
        **intervals,
        method=np.where(known, method, ""),
        reason=np.select(
            [few_people, few_events, both_zero, complete & ~known],
            ["few_people", "case_by_case", "both_zero", "counts_missing"],
            table["reason"],
        ),
        status=np.array(STATUS)[worst],
        simulated=table["first_simulated"] | table["second_simulated"],
    )


def _intervals(table: pd.DataFrame) -> Rows:
    trials, scale = table["trials"].to_numpy(bool), table["scale"].to_numpy(float)
    counts = [
        table[f"{group}_{count}"].to_numpy(float)
        for group in ("first", "second")
        for count in ("numerator", "denominator")
    ]
    impossible = trials & ((counts[0] > counts[1]) | (counts[2] > counts[3]))
    counts = np.where(impossible | ~table["counted"].to_numpy(bool), np.nan, counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = counts[0] / counts[1], counts[2] / counts[3]
    one, other = (group_interval(*counts[k : k + 2], trials=trials) for k in (0, 2))
    difference = difference_interval(first, second, one, other)
    ratio = ratio_interval(first, second, one, other)
    return {
        "difference_lower": difference[0] * scale,
        "difference_upper": difference[1] * scale,
        "ratio_lower": ratio[0],
        "ratio_upper": ratio[1],
    }


def _changed(table: pd.DataFrame, baseline_year: int, reach: int) -> pd.DataFrame:
    """Compare each year with the baseline: how sure a change is, and whether the gap narrows."""
    year, known = table["year"].astype(float), table["difference"].notna()
    broken = table["first_series_break"] + table["second_series_break"] != ""
    unbroken = year >= year.where(broken).groupby(table["block"]).transform("max").fillna(-np.inf)
    table["sd"] = (table["difference_upper"] - table["difference_lower"]) / (2 * TWO_SIDED_95)
    # the year nearest to the baseline (the earlier of two) of the same definition
    table["apart"] = (year - baseline_year).abs()
    near = table[known & unbroken & (table["apart"] <= reach)]
    base = near.sort_values(["block", "apart"], kind="stable").drop_duplicates("block")
    base = base.set_index("block")[["year", "difference", "sd"]].astype(float)
    base = base.reindex(table["block"]).set_axis(table.index)
    later, since = known & (year > base["year"]), known & (year >= base["year"])
    counted = since & (table["status"] != "estimated")
    narrower = probability_narrower(
        table["difference"], table["sd"], base["difference"], base["sd"]
    )
    change = table["difference"].abs() - base["difference"].abs()
    lacks = known & base["year"].isna() & table["reason"].eq("")
    return table.assign(
        baseline_year=base["year"].where(later),
        baseline_difference=base["difference"].where(later),
        p_narrowed=pd.Series(narrower, table.index).where(later),
        p_narrowing=_narrowing(table[since], counted[since]).reindex(table.index),
        n=counted.groupby(table["block"]).cumsum().where(later),
        change=change.where(later).round(9),
        reason=table["reason"].mask(lacks, "no_baseline"),
    )


def _narrowing(table: pd.DataFrame, counted: pd.Series) -> pd.Series:
    """By the test that also judges the goal, on the sizes from the baseline up to each year."""
    found = {}
    table = table.assign(place=table.index, counted=counted, size=table["difference"].abs())
    for part in grouped(table, ["block"], ["place", "year", "size", "counted"]).values():
        for end in range(1, len(part["year"])):
            seen = np.flatnonzero(part["counted"][: end + 1])
            if len(seen) >= FEWEST_POINTS:
                found[part["place"][end]] = trend_probability(
                    part["year"][seen], part["size"][seen], direction=-1
                )
    return pd.Series(found, dtype="float64")


def latest_gaps(gaps: pd.DataFrame) -> pd.DataFrame:
    """Return the last row with both groups of each indicator and dimension.

    Indicators that never had both groups in one year have no row.
    """
    gaps = conform(gaps, GROUP_GAPS)
    known = gaps[gaps["difference"].notna()]
    last = known.groupby(["indicator", "dimension"])["year"].transform("max")
    return known[known["year"] == last].reset_index(drop=True)


def gap_outlook(
    observations: pd.DataFrame,
    gaps: pd.DataFrame,
    plan: Plan,
    *,
    through: int,
    draws: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Say how far apart two groups may be in the year ``through``, and how likely less than now.

    ``gaps`` comes from `wdp_lib.group_gaps`, of the same observations.

    Returns
    -------
    pandas.DataFrame
        Contract ``GAP_OUTLOOK``: one row an indicator and dimension (sex, residence) whose two
        series can both be forecast jointly; the size of the gap counts, whatever its sign. No row
        where they cannot, for plain numbers of persons or cases, and for shares of a body, whose
        second group is only the rest of the first.

    Raises
    ------
    WdpError
        When a table does not obey its contract.
    """
    now = latest_gaps(gaps)
    kinds = now["indicator"].map({i.id: i.data_kind for i in plan.indicators})
    now = now[now["dimension"].isin(list(GROUPS)) & ~kinds.isin(["share", "count"])]
    now = now[now["year"] < through]
    strata = [
        {**plan.indicator(row.indicator).stratum, "indicator": row.indicator, row.dimension: group}
        for row in now.itertuples()
        for group in (row.first, row.second)
    ]
    rows = []
    if strata:
        rows = _ahead(observations, plan, now, pd.DataFrame(strata), through, draws, seed)
    return conform(pd.DataFrame(rows, columns=GAP_OUTLOOK.names), GAP_OUTLOOK)


def _ahead(
    observations: pd.DataFrame,
    plan: Plan,
    now: pd.DataFrame,
    strata: pd.DataFrame,
    through: int,
    draws: int,
    seed: int,
) -> list[dict]:
    """One row a pair of strata, two rows each, with a joint forecast."""
    wanted, series = usable_series(observations, plan, strata, through)
    if not len(series):
        return []
    panel = panel_of(series)
    panel = panel.take(law_of(panel) == "").recent(MODELS[DEFAULT].memory, 3)
    place = {name: row for row, name in enumerate(panel.names)}
    keys = ["indicator", "sex", "age_group", "residence"]
    ids = strata[keys].merge(wanted.rename_axis("series").reset_index(), on=keys, how="left")
    places = np.array([place.get(name, -1) for name in ids["series"]]).reshape(-1, 2)
    now, places = now[(places >= 0).all(axis=1)], places[(places >= 0).all(axis=1)]
    horizons = through - panel.last_year[places].min(axis=1)
    latest, rows = now.to_dict("records"), {}
    for horizon in np.unique(horizons):
        chosen = np.flatnonzero(horizons == horizon)
        pairs = [panel.take(pair) for pair in places[chosen]]
        rhos = [shared_shocks(p) if p.last_year[0] == p.last_year[1] else 0.0 for p in pairs]
        paths = joint_paths(
            panel.take(places[chosen].ravel()),
            int(horizon),
            draws=draws,
            seed=seed,
            correlation=[np.array([[1.0, rho], [rho, 1.0]]) for rho in rhos],
        )
        for k, pair, rho in zip(chosen, pairs, rhos, strict=True):
            one, other = (
                path[:, through - year - 1]
                for path, year in zip(paths[:2], pair.last_year, strict=True)
            )
            paths, gap, seen = paths[2:], one - other, latest[k]
            rows[k] = seen | {
                "year": through,
                "last_year": seen["year"],
                **dict(zip(("lower", "median", "upper"), np.quantile(gap, LEVELS), strict=True)),
                "p_smaller": float((np.abs(gap) < abs(seen["difference"])).mean()),
                "correlation": rho,
            }
    return [rows[k] for k in sorted(rows)]
