"""Back-tests: what the forecasts would have said in earlier years, and what came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from wdp_lib.backtesting import summary
from wdp_lib.backtesting.cases import between_cases, score_cases, target_cases
from wdp_lib.backtesting.tables import LEFT_OUT, BackTest
from wdp_lib.backtesting.windows import Windows, clean_series, predict, rolling_windows
from wdp_lib.core.columns import KEY, OBSERVATIONS, conform
from wdp_lib.core.errors import ParameterError
from wdp_lib.forecasting.models.registry import DEFAULT, find_model
from wdp_lib.forecasting.observations import NOT_ANNUAL, series_history, wanted_series

if TYPE_CHECKING:
    from wdp_lib.plan import Plan

TESTED = (DEFAULT, "no_change", "drift", "cagr", "ets")
REFERENCE = "no_change"
HORIZONS = (1, 2, 3, 4, 5, 6)
_LOWER_IS_BETTER = ("lower_better", "narrow_gap")


def backtest(
    observations: pd.DataFrame,
    plan: Plan,
    *,
    models: Sequence[str] = TESTED,
    shortest: int = 5,
    horizons: Sequence[int] = HORIZONS,
    origins: str | Sequence[int] = "rolling",
    strata: str | pd.DataFrame = "headline",
    sample: int = 80,
    seed: int = 0,
) -> BackTest:
    """Test the forecasts of a plan's indicators on their own past.

    Parameters
    ----------
    observations : pandas.DataFrame
        Under the `OBSERVATIONS` contract; only rows with ``used`` count.
    models, shortest, horizons, origins, sample, seed
        As for `backtest_frame`.
    strata : "headline", "all" or pandas.DataFrame
        The stratum each target speaks of, in the plan's area; or every area, sex, age group and
        residence as well; or exactly the series of a table, as for `wdp_lib.forecast`.

    Returns
    -------
    BackTest
        Indicators that are not annual are left out, with the reason not_annual.

    Notes
    -----
    The test uses the values known by now, in the latest definition: a revision made later is part
    of the history shown, so this is not a test on the data as they stood in each year.
    """
    rows = conform(observations, OBSERVATIONS)
    wanted = wanted_series(plan, None, _strata(rows, plan, strata))
    rows = series_history(rows, wanted)
    annual = ~rows["frequency"].isin(NOT_ANNUAL)
    aside = rows[~annual]["series_id"].nunique()
    direction = {i.id: "down" if i.direction in _LOWER_IS_BETTER else "up" for i in plan.indicators}
    rows = rows[annual]
    rows = rows.assign(
        group=rows["indicator"],
        direction=rows["indicator"].map(direction),
        series_id=rows["series_id"].map(wanted[list(KEY)].agg("/".join, axis=1)),
    )
    return backtest_frame(
        rows,
        models=models,
        shortest=shortest,
        horizons=horizons,
        origins=origins,
        sample=sample,
        seed=seed,
        simulated=bool(rows["simulated"].any()),
        aside={"not_annual": aside},
    )


def _strata(rows: pd.DataFrame, plan: Plan, strata: str | pd.DataFrame) -> str | pd.DataFrame:
    if isinstance(strata, pd.DataFrame):
        return strata
    if strata not in ("headline", "all"):
        raise ParameterError.of(
            f"strata 须为 headline 或 all，现为 {strata!r}。",
            f"strata must be 'headline' or 'all', not {strata!r}.",
        )
    if strata == "headline":
        return strata
    known = {indicator.id for indicator in plan.indicators}
    return rows.loc[rows["used"] & rows["indicator"].isin(known), list(KEY)].drop_duplicates()


def backtest_frame(
    frame: pd.DataFrame,
    *,
    models: Sequence[str] = TESTED,
    shortest: int = 5,
    longest: int | None = None,
    horizons: Sequence[int] = HORIZONS,
    origins: str | Sequence[int] = "rolling",
    sample: int = 80,
    seed: int = 0,
    simulated: bool = False,
    aside: dict[str, int] | None = None,
) -> BackTest:
    """Test forecasts of any table of short annual series on its own past.

    From every year of a series that has enough years before it (an origin), the years after it are
    forecast with the years up to it alone, and compared with what came.

    Parameters
    ----------
    frame : pandas.DataFrame
        As for `forecast_frame`. Optional: ``group`` (the indicator; groups count equally, whatever
        number of series each has; every series is its own unless given), ``direction`` (``up`` or
        ``down`` is better; up unless given).
    models : sequence of str
        Names of models, the one that reports use first. No change is always reckoned, to compare
        with.
    shortest, longest : int
        Points of a history: at least, and the latest at most (all unless given).
    origins : "rolling" or sequence of int
        Every possible year, or only these.
    sample : int
        Histories that a model that is fitted by a search (``ets``) is given, drawn at random.
    seed : int
        Seed of models, samples and intervals.
    simulated : bool
        Whether the values are simulated; only passed on.
    aside : dict of str to int, optional
        Reasons and numbers of series left out before; only passed on.

    Returns
    -------
    BackTest
        With reason ``not_enough_data`` where there are fewer than 20 cases or 5 indicators: then
        figures are missing. A window of which a model speaks only of an underlying rate, which
        nobody will observe, is left out for all.

    Raises
    ------
    DataError, ParameterError
        When the table or a setting is not as it must be.

    Notes
    -----
    Errors and widths are in usual yearly changes of the history (mean ``|change| / sqrt(years)``,
    at least half a reporting unit). Targets are made up: 1, 3 and 6 usual changes on either side of
    the last value. Intervals of figures come from 1,000 draws of indicators. Cases of one series
    overlap: their number overstates what is known.
    """
    models = [find_model(name).name for name in models]
    rows, refused = clean_series(frame)
    windows = rolling_windows(
        rows, shortest=shortest, longest=longest, horizons=horizons, origins=origins
    )
    predicted, latent = {}, np.zeros(len(windows), dtype=bool)
    for name in dict.fromkeys([*models, REFERENCE]):
        predicted[name], hidden = predict(windows, name, seed=seed, sample=sample)
        latent |= hidden
    for values in predicted.values():
        values[latent] = np.nan
    series = windows.info["series_id"]
    tested, seen = set(series), set(series[~latent])
    reasons = Counter(aside or {}) + Counter(refused["reason"])
    reasons["too_few_points"] += len(set(rows["series_id"]) - tested)
    reasons["underlying_rate"] = len(tested - seen)
    chosen = {name: predicted[name] for name in models}
    tables = _tables(windows, chosen, predicted[REFERENCE], seed)
    whole = tables["scores"].query("model == @models[0] and horizon == 0")["reason"]
    left = [(reason, n) for reason, n in sorted(reasons.items()) if n]
    return BackTest(
        **tables,
        left_out=conform(pd.DataFrame(left, columns=LEFT_OUT.names), LEFT_OUT),
        model=models[0],
        sampled={
            name: int(np.isfinite(values).any(axis=(1, 2)).sum())
            for name, values in chosen.items()
            if find_model(name).fitted and len(values) > sample
        },
        simulated=simulated,
        reason="" if (whole == "").any() else "not_enough_data",
    )


def _tables(
    windows: Windows, predicted: dict[str, np.ndarray], reference: np.ndarray, seed: int
) -> dict[str, pd.DataFrame]:
    cases, asked = score_cases(windows, predicted, reference), target_cases(windows, predicted)
    between = [between_cases(windows, name, values) for name, values in predicted.items()]
    return {
        "cases": cases,
        "scores": summary.scores(cases, seed),
        "pit": summary.pit(pd.concat(between)),
        "target_cases": asked,
        "targets": summary.targets(asked, seed),
        "reliability": summary.reliability(asked, seed),
        "on_track": summary.on_track(asked, next(iter(predicted)), seed),
    }
