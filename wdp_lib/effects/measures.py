"""The door to effects: every design for every start, with the level of its claim."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.comparison.known import better_side
from wdp_lib.core.columns import Contract, conform
from wdp_lib.core.errors import DataError, Problem, Text
from wdp_lib.effects.cases import NEAR, STARTS, Case, cases
from wdp_lib.effects.designs import (
    GUARDS,
    NAN,
    Estimate,
    Guards,
    bend_before,
    counterfactual_forecasts,
    interrupted_counts,
    interrupted_series,
    placebo_in_time,
    refused,
    with_placebo,
)
from wdp_lib.effects.designs_of_areas import (
    difference_in_differences,
    dose_response,
    synthetic_control,
    trend_before,
)
from wdp_lib.plan import Plan

EFFECTS = Contract(
    "effects",
    """
    measure indicator areas start_year design estimate lower upper unit p_value p_adjusted p_method
    n_before n_after n_treated n_controls placebo placebo_p dose_slope dose_p concurrent level
    reason cautions words simulated
    """,
)
LEVELS = ("L0", "L1", "L2", "L3", "L4")
# the highest level that a claim by each design can have
HIGHEST = {
    "description": 0,
    "counterfactual": 1,
    "interrupted": 2,
    "interrupted_counts": 2,
    "differences": 3,
    "synthetic": 4,
}
COMPARED = ("differences", "synthetic")
RATE_RATIO = "rate_ratio"
NEAREST = 0.5  # per cent; how near to 0 and 100 a percentage may come on the logit scale
_SHOWN = ("", "beyond_usual", "consistent", "estimated", "estimated")
_NOT_SHOWN = ("", "within_usual", "not_consistent", "not_shown", "not_shown")
_NO_CLAIM = {"level": "L0", "words": "cannot_tell"}
_Answers = dict[str, tuple[Estimate, float]]  # of each design, with the p-value of its placebo


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
    """Estimate what measures changed in their indicators, and say how much may be claimed.

    Parameters
    ----------
    starts : pandas.DataFrame
        Columns of the record ``measure_starts.csv`` (`STARTS`).
    areas : pandas.DataFrame, optional
        ``area, level``: only areas of one level are compared. Without it all but the plan's own are
        of one level.
    guards : Guards
        Smallest numbers, thresholds, the lag at which an effect is expected.

    Returns
    -------
    pandas.DataFrame
        Contract ``EFFECTS``: one row a measure, start year, linked indicator and design, in the
        order of the plan. A design that refuses has no estimate, but a reason: too_few_before,
        too_few_after, too_few_areas, too_few_events, poor_fit, no_data. An estimate that may not be
        claimed keeps its numbers and has a reason: concurrent_measures, break_near_start,
        placebo_failed, same_elsewhere (the series moved, but no difference from the areas without
        the measure is shown), depends_on_scale (a difference of percentages that is none on the
        logit scale). A measure without linked indicators has no row.

    Raises
    ------
    ParameterError
        When a measure is not in the plan.
    DataError
        When an end lies before its start.
    """
    starts = conform(starts, STARTS.table)
    _check(starts, plan)
    every = list(cases(observations, plan, starts, areas, guards.lag_years, as_of=as_of))
    rows = []
    for case, forecast in zip(every, _by_forecast(every, guards, seed), strict=True):
        answers = _answers(case, forecast, guards, seed)
        own = [_row(case, d, *answers[d], guards, seed) for d in HIGHEST if d in answers]
        _withdraw(own, case, guards, seed)
        rows += own
    table = pd.DataFrame(rows, columns=[*EFFECTS.names])
    table["p_adjusted"] = table.groupby("design")["p_value"].transform(_holm)
    alone = (table["p_value"] <= guards.significance) & (table["p_adjusted"] > guards.significance)
    noted = table["cautions"].where(table["cautions"] == "", table["cautions"] + ";") + "many_tests"
    return conform(table.assign(cautions=table["cautions"].where(~alone, noted)), EFFECTS)


def _check(starts: pd.DataFrame, plan: Plan) -> None:
    for measure in starts["measure"].unique():
        plan.measure(measure)
    expected = Text("不早于开始年份的年份", "a year not before the start")
    advice = Text("请改正其中一个年份。", "Correct one of the two years.")
    place = "end_before_start", STARTS.file, None, "end_year"
    problems = [
        Problem(
            *place, f"{row.measure}, {row.area}: {row.start_year}–{row.end_year}", expected, advice
        )
        for row in starts[(starts["end_year"] < starts["start_year"]).fillna(False)].itertuples()
    ]
    if problems:
        raise DataError.of("措施实施记录有误", "The record of starts is wrong", problems)


def _by_forecast(every: list[Case], guards: Guards, seed: int) -> list[tuple[Estimate, float]]:
    asked = []
    for case in every:
        years = case.series["year"].to_numpy(int)
        earlier = years[years < case.first]
        before = case.series.iloc[: len(earlier)]
        asked.append([(case.series, case.first), *((before, int(year)) for year in earlier[1:])])
    made = iter(
        counterfactual_forecasts([one for part in asked for one in part], guards=guards, seed=seed)
    )
    answers = [[next(made) for _ in part] for part in asked]
    return [
        (own, NAN if own.reason else placebo_in_time(earlier, guards)) for own, *earlier in answers
    ]


def _answers(case: Case, forecast: tuple[Estimate, float], guards: Guards, seed: int) -> _Answers:
    if case.series.empty:
        none = (Estimate(reason="no_data"), NAN)
        return {design: none for design in HIGHEST if design != "interrupted_counts"}
    years, values = (case.series[name].to_numpy(float) for name in ("year", "value"))
    after = years >= case.first
    seen = refused(after, 1, 1)  # what was seen, without a word on why
    if not seen.reason:
        change = float(values[after].mean() - values[~after][-1])
        seen = Estimate(change, n_before=seen.n_before, n_after=seen.n_after)
    return {
        "description": (seen, NAN),
        "counterfactual": forecast,
        **_interrupted(case, years, values, guards),
        **_compared(case, guards, seed),
    }


def _interrupted(case: Case, years: np.ndarray, values: np.ndarray, guards: Guards) -> _Answers:
    counts = case.series.reindex(columns=["numerator", "denominator"]).to_numpy(float).T
    if case.indicator.data_kind == "rare_rate" and (counts[0] >= 0).all() and (counts[1] > 0).all():

        def of_counts(kept: np.ndarray, start: int) -> Estimate:
            return interrupted_counts(years[kept], *counts[:, kept], start, guards=guards)

        return {"interrupted_counts": with_placebo(of_counts, years, case.first, guards)}

    if case.indicator.data_kind == "count" and values.mean() < guards.step_counted:
        return {"interrupted": (refused(years >= case.first, 0, 0, reason="too_few_events"), NAN)}

    def of_values(kept: np.ndarray, start: int) -> Estimate:
        return interrupted_series(years[kept], values[kept], start, guards=guards)

    made, placebo_p = with_placebo(of_values, years, case.first, guards)
    # few series are long enough for earlier starts; that the line was straight before is the next
    # best check
    if np.isnan(placebo_p) and not made.reason:
        placebo_p = bend_before(years, values, case.first)
    return {"interrupted": (made, placebo_p)}


def _compared(case: Case, guards: Guards, seed: int) -> _Answers:
    treated = case.treated
    if not treated.any() or treated.all():
        none = Estimate(n_treated=len(case.areas), reason="too_few_areas")
        return dict.fromkeys(COMPARED, (none, NAN))
    years, values = case.grid.columns.to_numpy(int), case.grid.to_numpy(float)
    given = {"guards": guards, "seed": seed}
    across = difference_in_differences(years, values, treated, case.first, **given)
    apart = NAN if across.reason else trend_before(years, values, treated, case.first, **given)
    mean, donors = values[treated].mean(axis=0), values[~treated]

    def synthetic(kept: np.ndarray, start: int) -> Estimate:
        return synthetic_control(years[kept], mean[kept], donors[:, kept], start, guards=guards)

    return {
        "differences": (across, apart),
        "synthetic": with_placebo(synthetic, years, case.first, guards),
    }


def _row(
    case: Case, design: str, made: Estimate, placebo_p: float, guards: Guards, seed: int
) -> dict:
    concurrent = case.concurrent_here if design in COMPARED else case.concurrent
    level, reason, cautions = claim(
        design,
        made,
        concurrent=bool(concurrent),
        broken=case.broken,
        disturbed=any(abs(case.start - year) <= NEAR for year in guards.disturbed_years),
        placebo_p=placebo_p,
        guards=guards,
    )
    ratio = design == "interrupted_counts"
    better = better_side(case.indicator)
    with_dose = design == "differences" and not made.reason
    slope, dose_p = _dose(case, guards, seed) if with_dose else (NAN, NAN)
    placebo = "failed" if placebo_p <= guards.significance else "passed"
    placebo = "not_possible" if np.isnan(placebo_p) else placebo
    return {
        **vars(made),
        **{"measure": case.measure, "indicator": case.indicator.id, "areas": ";".join(case.areas)},
        **{"start_year": case.start, "design": design, "n_treated": len(case.areas)},
        **{"unit": RATE_RATIO if ratio else case.indicator.unit, "simulated": case.simulated},
        "placebo": "" if design == "description" or made.reason else placebo,
        **{"placebo_p": placebo_p, "dose_slope": slope, "dose_p": dose_p},
        **{"concurrent": ";".join(concurrent), "level": level, "reason": reason},
        "cautions": ";".join(cautions),
        "words": words(level, reason, made, better=better, no_effect=float(ratio), guards=guards),
    }


def claim(
    design: str,
    made: Estimate,
    *,
    concurrent: bool,
    broken: bool,
    disturbed: bool,
    placebo_p: float = NAN,
    guards: Guards = GUARDS,
) -> tuple[str, str, list[str]]:
    """Return level, reason and cautions of one estimate; a refused one has L0 and its own reason.

    ``concurrent``: another measure on the same indicator began at the same time: the two cannot be
    told apart. ``broken``: the definition of the indicator changed within one year of the start.
    ``disturbed``: the start lies within one year of a year in which everything changed; costs one
    level where there are no areas to compare with, since these saw the same year. ``placebo_p``:
    naN where no placebo was possible.
    """
    blocks = {
        "concurrent_measures": concurrent,
        "break_near_start": broken,
        "placebo_failed": placebo_p <= guards.significance,
    }
    reason = made.reason or next((code for code, holds in blocks.items() if holds), "")
    level, cautions = HIGHEST[design], []
    if disturbed and design not in COMPARED:
        cautions.append("disturbed_year")
        level = max(level - 1, 0)
    if design == "synthetic" and not made.reason and np.isnan(made.lower):
        cautions.append("too_few_donors_for_interval")
    return f"L{0 if reason else level}", reason, cautions


def words(
    level: str,
    reason: str,
    made: Estimate,
    *,
    better: int,
    no_effect: float = 0.0,
    guards: Guards = GUARDS,
) -> str:
    """Return the code of the sentence that may be written of a `claim`.

    ``better`` is the side on which values are better (1, -1, 0: neither); ``no_effect`` the
    estimate that means none (1 for a ratio).
    """
    if reason:
        return "cannot_tell"
    if level == "L0":
        return "same_period"
    if not made.p_value <= guards.significance:
        return _NOT_SHOWN[int(level[1:])]
    return "opposite" if better * (made.estimate - no_effect) < 0 else _SHOWN[int(level[1:])]


def _withdraw(rows: list[dict], case: Case, guards: Guards, seed: int) -> None:
    for row in rows:
        if row["design"] == "differences" and _hangs_on_scale(row, case, guards, seed):
            row.update(_NO_CLAIM, reason="depends_on_scale")
    compared = [row for row in rows if row["design"] in COMPARED and _could_show(row, guards)]
    if compared and not any(_shows(row, guards) for row in compared):
        for row in rows:
            if row["design"] not in COMPARED and _shows(row, guards):
                row.update(_NO_CLAIM, reason="same_elsewhere")


def _could_show(row: dict, guards: Guards) -> bool:
    """Whether a comparison could have shown an effect; ranks among few areas cannot."""
    finest = 1 / (row["n_controls"] + 1) if row["design"] == "synthetic" else 0.0
    return row["reason"] in ("", "depends_on_scale") and guards.significance >= finest


def _shows(row: dict, guards: Guards) -> bool:
    return not row["reason"] and row["p_value"] <= guards.significance


def _hangs_on_scale(row: dict, case: Case, guards: Guards, seed: int) -> bool:
    """Whether a difference of percentages vanishes on the logit scale (near 100 %)."""
    if case.indicator.unit != "percent" or not _shows(row, guards):
        return False
    share = np.clip(case.grid.to_numpy(float), NEAREST, 100 - NEAREST) / 100
    logits, years = np.log(share / (1 - share)), case.grid.columns.to_numpy(int)
    made = difference_in_differences(
        years, logits, case.treated, case.first, guards=guards, seed=seed
    )
    return made.p_value > guards.significance


def _dose(case: Case, guards: Guards, seed: int) -> tuple[float, float]:
    own = case.grid[case.treated]
    after = own.columns.to_numpy(int) >= case.first
    change = own.loc[:, after].mean(axis=1) - own.loc[:, ~after].mean(axis=1)
    doses = case.doses.reindex(own.index).to_numpy(float)
    return dose_response(change.to_numpy(float), doses, guards=guards, seed=seed)


def _holm(p_values: pd.Series) -> pd.Series:
    known = p_values.dropna().sort_values()
    steps = (known * np.arange(len(known), 0, -1)).cummax().clip(upper=1.0)
    return steps.reindex(p_values.index)
