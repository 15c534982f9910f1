"""The door to the effects of measures: every design for every start, with the level of its claim."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from wdp_lib.core.columns import conform
from wdp_lib.core.errors import DataError, Problem, Text
from wdp_lib.effects.cases import NEAR, Case, cases, material
from wdp_lib.effects.claims import COMPARED, claim, words
from wdp_lib.effects.counterfactual import counterfactual_forecast
from wdp_lib.effects.differences import difference_in_differences, dose_response, trend_before
from wdp_lib.effects.estimate import GUARDS, NAN, Estimate, Guards, placebo_in_time, refusal
from wdp_lib.effects.interrupted import bend_before, interrupted_counts, interrupted_series
from wdp_lib.effects.synthetic import synthetic_control
from wdp_lib.effects.tables import DESIGNS, EFFECTS, STARTS
from wdp_lib.plan import Plan

RATE_RATIO = "rate_ratio"
NEAREST = 0.5  # per cent; how near to 0 and 100 a percentage may come on the logit scale
_NO_CLAIM = {"level": "L0", "words": "cannot_tell"}


def measure_effects(
    observations: pd.DataFrame,
    plan: Plan,
    starts: pd.DataFrame,
    *,
    as_of: str,
    areas: pd.DataFrame | None = None,
    guards: Guards = GUARDS,
    seed: int = 0,
) -> pd.DataFrame:
    """Estimate what measures changed in the indicators that the plan links to them, and say how much may be claimed.

    Parameters
    ----------
    observations : pandas.DataFrame
        Under the contract ``OBSERVATIONS``; used rows known on ``as_of`` count, each indicator in its own stratum.
    plan : Plan
        Which measures serve which indicators.
    starts : pandas.DataFrame
        Columns of the record ``measure_starts.csv`` (`STARTS`).
    as_of : str
        Day of the run, ``YYYY-MM-DD``.
    areas : pandas.DataFrame, optional
        ``area, level``: only areas of one level are compared. Without it all but the plan's own are of one level.
    guards : Guards
        Smallest numbers, thresholds, the lag at which an effect is expected.
    seed : int
        Of forecast paths and drawn assignments.

    Returns
    -------
    pandas.DataFrame
        Under the contract ``EFFECTS``: one row a measure, start year, linked indicator and design, in the order of the plan.
        A design that refuses has no estimate, but a reason: too_few_before, too_few_after, too_few_areas,
        too_few_events, poor_fit, no_data. An estimate that may not be claimed keeps its numbers and has a reason:
        concurrent_measures, break_near_start, placebo_failed, same_elsewhere (the series moved, but no difference
        from the areas without the measure is shown), depends_on_scale (a difference of percentages that is none on the logit scale). A measure without linked indicators has no row.

    Raises
    ------
    ParameterError
        When a measure is not in the plan.
    DataError
        When an end lies before its start.
    """
    starts = _checked(conform(starts, STARTS.table), plan)
    linked = sorted(
        {i for measure in set(starts["measure"]) for i in plan.measure(measure).indicators}
    )
    of = material(observations, plan, starts, linked, as_of, areas)
    rows = [row for case in cases(of, guards) for row in _withdrawn(case, guards, seed)]
    if not rows:
        return conform(pd.DataFrame(columns=EFFECTS.names), EFFECTS)
    return conform(_adjusted(pd.DataFrame(rows), guards), EFFECTS)


def _checked(starts: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    for measure in starts["measure"].unique():
        plan.measure(measure)
    wrong = starts[(starts["end_year"] < starts["start_year"]).fillna(False)]
    problems = [
        Problem(
            "end_before_start",
            STARTS.file,
            None,
            "end_year",
            f"{row.measure}, {row.area}: {row.start_year}–{row.end_year}",
            Text("不早于开始年份的年份", "a year not before the start"),
            Text("请改正其中一个年份。", "Correct one of the two years."),
        )
        for row in wrong.itertuples()
    ]
    if problems:
        raise DataError(Text("措施实施记录有误", "The record of starts is wrong"), problems)
    return starts


def _rows(case: Case, guards: Guards, seed: int) -> list[dict]:
    if case.series.empty:
        none = Estimate(reason="no_data")
        return [
            _row(case, design, none, NAN, guards, seed)
            for design in DESIGNS
            if design != "interrupted_counts"
        ]
    found = {
        "description": (_description(case), NAN),
        "counterfactual": _in_time(
            case,
            lambda s, start: counterfactual_forecast(s, start, guards=guards, seed=seed),
            guards,
        ),
        **_interrupted(case, guards),
        **_compared(case, guards, seed),
    }
    return [
        _row(case, design, *found[design], guards, seed) for design in DESIGNS if design in found
    ]


def _description(case: Case) -> Estimate:
    """Mean since the start less the last value before it: what was seen, without a word on why."""
    years, values = _arrays(case.series)
    after = years >= case.first
    counts = {"n_before": int((~after).sum()), "n_after": int(after.sum())}
    reason = refusal(after, 1, 1)
    if reason:
        return Estimate(reason=reason, **counts)
    return Estimate(float(values[after].mean() - values[~after][-1]), **counts)


def _arrays(series: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    rows = series.sort_values("year")
    return rows["year"].to_numpy(float), rows["value"].to_numpy(float)


def _in_time(
    case: Case, design: Callable[[pd.DataFrame, int], Estimate], guards: Guards
) -> tuple[Estimate, float]:
    """Return the estimate of one series and the p-value of its placebo: the same design at starts that are made up."""
    series = case.series
    made = design(series, case.first)
    if made.reason:
        return made, NAN
    before = series[series["year"] < case.first]
    return made, placebo_in_time(
        [design(before, int(year)) for year in sorted(before["year"])[1:]], guards
    )


def _interrupted(case: Case, guards: Guards) -> dict[str, tuple[Estimate, float]]:
    if _has_counts(case):
        return {
            "interrupted_counts": _in_time(case, lambda s, start: _counts(s, start, guards), guards)
        }
    made, placebo_p = _in_time(
        case, lambda s, start: interrupted_series(*_arrays(s), start, guards=guards), guards
    )
    # few series are long enough for earlier starts; that the line was straight before is the next best check
    if np.isnan(placebo_p) and not made.reason:
        placebo_p = bend_before(*_arrays(case.series), case.first)
    return {"interrupted": (made, placebo_p)}


def _has_counts(case: Case) -> bool:
    series = case.series
    if case.indicator.data_kind != "rare_rate" or not {"numerator", "denominator"} <= set(
        series.columns
    ):
        return False
    return bool(series["numerator"].notna().all() and (series["denominator"] > 0).all())


def _counts(series: pd.DataFrame, start: int, guards: Guards) -> Estimate:
    rows = series.sort_values("year")
    columns = [rows[name].to_numpy(float) for name in ("year", "numerator", "denominator")]
    return interrupted_counts(*columns, start, guards=guards)


def _compared(case: Case, guards: Guards, seed: int) -> dict[str, tuple[Estimate, float]]:
    treated = case.treated if len(case.grid) else np.empty(0, dtype=bool)
    if not treated.any() or treated.all():
        none = Estimate(n_treated=len(case.areas), reason="too_few_areas")
        return dict.fromkeys(COMPARED, (none, NAN))
    years, values = case.grid.columns.to_numpy(int), case.grid.to_numpy(float)
    across = difference_in_differences(years, values, treated, case.first, guards=guards, seed=seed)
    earlier = (
        NAN
        if across.reason
        else trend_before(years, values, treated, case.first, guards=guards, seed=seed)
    )
    return {
        "differences": (across, earlier),
        "synthetic": _synthetic(years, values, treated, case, guards),
    }


def _synthetic(
    years: np.ndarray, values: np.ndarray, treated: np.ndarray, case: Case, guards: Guards
) -> tuple[Estimate, float]:
    mean, donors = values[treated].mean(axis=0), values[~treated]
    made = synthetic_control(years, mean, donors, case.first, guards=guards)
    if made.reason:
        return made, NAN
    before = years < case.first
    earlier = [
        synthetic_control(years[before], mean[before], donors[:, before], int(year), guards=guards)
        for year in years[before][1:]
    ]
    return made, placebo_in_time(earlier, guards)


def _row(
    case: Case, design: str, made: Estimate, placebo_p: float, guards: Guards, seed: int
) -> dict:
    concurrent = case.concurrent_here if design in COMPARED else case.concurrent
    disturbed = any(abs(case.start - year) <= NEAR for year in guards.disturbed_years)
    facts = {
        "concurrent": bool(concurrent),
        "broken": case.broken,
        "disturbed": disturbed,
        "placebo_p": placebo_p,
    }
    level, reason, cautions = claim(design, made, **facts, guards=guards)
    ratio = design == "interrupted_counts"
    numbers = {name: value for name, value in vars(made).items() if name != "reason"}
    slope, dose_p = (
        _dose(case, guards, seed) if design == "differences" and not made.reason else (NAN, NAN)
    )
    return {
        **{"measure": case.measure, "indicator": case.indicator.id, "areas": ";".join(case.areas)},
        **{"start_year": case.start, "design": design, **numbers, "n_treated": len(case.areas)},
        **{"unit": RATE_RATIO if ratio else case.indicator.unit, "simulated": case.simulated},
        **{"placebo": _verdict(design, made, placebo_p, guards), "placebo_p": placebo_p},
        **{"dose_slope": slope, "dose_p": dose_p, "concurrent": ";".join(concurrent)},
        **{"level": level, "reason": reason, "cautions": ";".join(cautions)},
        "words": words(
            level, reason, made, better=case.better, no_effect=float(ratio), guards=guards
        ),
    }


def _withdrawn(case: Case, guards: Guards, seed: int) -> list[dict]:
    """Return the rows of a case without the claims that its other rows contradict."""
    rows = _rows(case, guards, seed)
    for row in rows:
        if (
            row["design"] == "differences"
            and not row["reason"]
            and _hangs_on_scale(case, row["p_value"], guards, seed)
        ):
            row.update(_NO_CLAIM, reason="depends_on_scale")
    compared = [row for row in rows if row["design"] in COMPARED and _could_show(row, guards)]
    if compared and not any(_shows(row, guards) for row in compared):
        for row in rows:
            if row["design"] not in COMPARED and _shows(row, guards):
                row.update(_NO_CLAIM, reason="same_elsewhere")
    return rows


def _could_show(row: dict, guards: Guards) -> bool:
    """Whether a comparison was made that could have shown an effect; ranks among few areas cannot."""
    made = row["reason"] in ("", "depends_on_scale")
    return made and (
        row["design"] != "synthetic" or guards.significance * (row["n_controls"] + 1) >= 1
    )


def _shows(row: dict, guards: Guards) -> bool:
    return not row["reason"] and row["p_value"] <= guards.significance


def _hangs_on_scale(case: Case, p_value: float, guards: Guards, seed: int) -> bool:
    """Whether a difference of percentages vanishes on the logit scale: areas near 100 % have little left to gain."""
    if case.indicator.unit != "percent" or p_value > guards.significance:
        return False
    share = np.clip(case.grid.to_numpy(float), NEAREST, 100 - NEAREST) / 100
    years = case.grid.columns.to_numpy(int)
    logit = np.log(share / (1 - share))
    made = difference_in_differences(
        years, logit, case.treated, case.first, guards=guards, seed=seed
    )
    return made.p_value > guards.significance


def _verdict(design: str, made: Estimate, placebo_p: float, guards: Guards) -> str:
    if design == "description" or made.reason:
        return ""
    if np.isnan(placebo_p):
        return "not_possible"
    return "failed" if placebo_p <= guards.significance else "passed"


def _dose(case: Case, guards: Guards, seed: int) -> tuple[float, float]:
    own = case.grid[case.treated]
    after = own.columns.to_numpy(int) >= case.first
    change = own.loc[:, after].mean(axis=1) - own.loc[:, ~after].mean(axis=1)
    return dose_response(
        change.to_numpy(float),
        case.doses.reindex(own.index).to_numpy(float),
        guards=guards,
        seed=seed,
    )


def _adjusted(rows: pd.DataFrame, guards: Guards) -> pd.DataFrame:
    """Add Holm's p-values within each design, and say where an effect is shown only if its test stood alone."""
    rows = rows.assign(p_adjusted=rows.groupby("design")["p_value"].transform(_holm))
    alone = (rows["p_value"] <= guards.significance) & (rows["p_adjusted"] > guards.significance)
    noted = rows["cautions"].where(rows["cautions"] == "", rows["cautions"] + ";") + "many_tests"
    return rows.assign(cautions=rows["cautions"].where(~alone, noted))


def _holm(p_values: pd.Series) -> pd.Series:
    known = p_values.dropna().sort_values()
    steps = (known * np.arange(len(known), 0, -1)).cummax().clip(upper=1.0)
    return steps.reindex(p_values.index)
