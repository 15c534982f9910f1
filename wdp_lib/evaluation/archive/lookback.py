"""What an earlier round forecast and warned of, from the archive, against what happened."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.assessment.scheme import CLASSES
from wdp_lib.core.columns import FORECASTS, KEY, OBSERVATIONS, RISKS, conform
from wdp_lib.data import current
from wdp_lib.evaluation.rounds.tables import INTERVALS, LOOK_BACK, WARNED
from wdp_lib.evaluation.verdicts.finals import OUTCOME_OF_STATE
from wdp_lib.evaluation.verdicts.problems import WARNED as WARNED_CLASSES
from wdp_lib.plan import Plan

_LEVELS = {80: (0.1, 0.9), 95: (0.025, 0.975)}


def look_back(
    forecasts: pd.DataFrame,
    risks: pd.DataFrame,
    observations: pd.DataFrame,
    plan: Plan,
    *,
    final: pd.DataFrame,
) -> pd.DataFrame:
    """Set what an earlier round said of each target against the final verdict.

    Parameters
    ----------
    final : pandas.DataFrame
        Risk table of the final round (contract ``RISKS``): its states are the outcomes. Nearly
        attained is not attained.

    Returns
    -------
    pandas.DataFrame
        One row for each target of the plan, in its order (contract ``LOOK_BACK``). The interval is
        checked only where the forecast was of the value itself; the squared error has no value
        without a probability or an outcome.
    """
    then = conform(risks, RISKS)
    then = then[then["target_kind"] != "monitor_only"].reset_index(drop=True)
    now = conform(final, RISKS).set_index("indicator").reindex(then["indicator"]).reset_index()
    outcome = now["state"].map(OUTCOME_OF_STATE).fillna("unknown")
    met = forecast_outcomes(forecasts, observations)
    years = {i.id: i.target.year for i in plan.indicators}
    met = met[met["year"] == met["indicator"].map(years)].set_index("indicator")
    hit = outcome.map({"met": 1.0, "not_met": 0.0})
    then = then.assign(
        outcome=outcome,
        outcome_reason=now["state_reason"].fillna("").where(outcome == "unknown", ""),
        observed=then["indicator"].map(met["observed"]),
        within_80=then["indicator"].map(met["within_80"].astype("float64")),
        warned=then["risk"].isin(WARNED_CLASSES),
        # a probability without a class was never given as one
        brier=((then["p_meet"] - hit) ** 2).where(then["risk"] != "not_graded"),
    )
    return conform(then, LOOK_BACK)


def forecast_outcomes(forecasts: pd.DataFrame, observations: pd.DataFrame) -> pd.DataFrame:
    """Return each archived forecast of a value beside the value that came.

    One row a series and year with both: the key, year, observed, years_ahead (of the last year then
    used), ``within_80, within_95``. Forecasts of an underlying rate have no such rows: no single
    year shows it.
    """
    known = conform(forecasts, FORECASTS)
    known = known[known["value"].notna() & (known["quantity"] == "observed_value")]
    keys = [*KEY, "year", "last_year"]
    wide = known.pivot_table(index=keys, columns="quantile", values="value").reset_index()
    seen = current(conform(observations, OBSERVATIONS))[[*KEY, "year", "value"]]
    table = wide.merge(seen.rename(columns={"value": "observed"}), on=[*KEY, "year"], how="inner")
    ends = {q: table.get(q, np.nan) for pair in _LEVELS.values() for q in pair}
    within = {
        f"within_{level}": table["observed"].between(ends[low], ends[high])
        for level, (low, high) in _LEVELS.items()
    }
    return table[[*KEY, "year", "observed"]].assign(
        years_ahead=table["year"] - table["last_year"], **within
    )


def interval_coverage(forecasts: pd.DataFrame, observations: pd.DataFrame) -> pd.DataFrame:
    """Count how often the intervals that were forecast held the value that came.

    Returns
    -------
    pandas.DataFrame
        One row a number of years ahead and a last one for all, with an empty ``years_ahead``
        (contract ``INTERVALS``).
    """
    met = forecast_outcomes(forecasts, observations).assign(n=1)
    counted = met.groupby("years_ahead")[["n", "within_80", "within_95"]].sum().reset_index()
    total = counted.sum().to_frame().T.assign(years_ahead=None)
    return conform(pd.concat([counted, total]).astype({"years_ahead": "Int64"}), INTERVALS)


def warned_and_met(table: pd.DataFrame) -> pd.DataFrame:
    """Count, for each class then given, how many targets were attained.

    Returns
    -------
    pandas.DataFrame
        One row a class, the most difficult first, and a last one for all, with an empty class
        (contract ``WARNED``).
    """
    table = conform(table, LOOK_BACK)
    both = pd.concat([table, table.assign(risk="")])
    classes = [*CLASSES, ""]
    counts = pd.crosstab(both["risk"], both["outcome"])
    counts = counts.reindex(index=classes, columns=["met", "not_met", "unknown"], fill_value=0)
    counts["brier"] = both.groupby("risk")["brier"].mean()
    counts["warned"] = counts.index.isin(WARNED_CLASSES)
    return conform(counts.rename_axis("risk").reset_index(), WARNED)
