"""What an earlier round forecast and warned of, against what happened: from the archive, never from a new fit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.core.columns import FORECASTS, KEY, OBSERVATIONS, RISKS, conform
from wdp_lib.data import current
from wdp_lib.evaluation.rounds.tables import INTERVALS, LOOK_BACK, WARNED
from wdp_lib.evaluation.verdicts.finals import OUTCOME_OF_STATE
from wdp_lib.evaluation.verdicts.goals import RISK_ORDER
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
    """Set what an earlier round said of each promise against the final verdict.

    Parameters
    ----------
    forecasts, risks : pandas.DataFrame
        Tables of the earlier round as archived (contracts ``FORECASTS``, ``RISKS``); nothing is forecast anew.
    observations : pandas.DataFrame
        Observations known at the final round (contract ``OBSERVATIONS``).
    plan : Plan
        The promises.
    final : pandas.DataFrame
        Risk table of the final round (contract ``RISKS``): its states are the outcomes. Nearly attained is not kept.

    Returns
    -------
    pandas.DataFrame
        One row for each promise of the plan, in its order (contract ``LOOK_BACK``). The interval is checked only where the forecast was
        of the value itself; the squared error has no value without a probability or an outcome.
    """
    then = conform(risks, RISKS)
    then = then[then["target_kind"] != "monitor_only"].copy()
    now = conform(final, RISKS).set_index("indicator")
    then["outcome"] = then["indicator"].map(now["state"]).map(OUTCOME_OF_STATE).fillna("unknown")
    reasons = then["indicator"].map(now["state_reason"]).fillna("")
    then["outcome_reason"] = reasons.where(then["outcome"] == "unknown", "")
    met = forecast_outcomes(forecasts, observations)
    years = {i.id: i.target.year for i in plan.indicators}
    met = met[met["year"] == met["indicator"].map(years)].set_index("indicator")
    then["observed"] = then["indicator"].map(met["observed"])
    then["within_80"] = then["indicator"].map(met["within_80"].astype("float64"))
    then["warned"] = then["risk"].isin(WARNED_CLASSES)
    hit = then["outcome"].map({"met": 1.0, "not_met": 0.0})
    # a probability without a class was never given as one
    then["brier"] = ((then["p_meet"] - hit) ** 2).where(then["risk"] != "not_graded")
    return conform(then, LOOK_BACK)


def forecast_outcomes(forecasts: pd.DataFrame, observations: pd.DataFrame) -> pd.DataFrame:
    """Return each forecast of a value beside the value that came.

    Parameters
    ----------
    forecasts : pandas.DataFrame
        Archived forecasts (contract ``FORECASTS``).
    observations : pandas.DataFrame
        Observations known now (contract ``OBSERVATIONS``).

    Returns
    -------
    pandas.DataFrame
        One row a series and year with both: the key, year, years_ahead (of the last year then used), ``lower_80, upper_80,
        lower_95, upper_95, median, observed, within_80, within_95``. Forecasts of an underlying rate have no such rows: no
        single year shows it.
    """
    known = conform(forecasts, FORECASTS)
    known = known[known["value"].notna() & (known["quantity"] == "observed_value")]
    keys = [*KEY, "year", "last_year"]
    wide = known.pivot_table(index=keys, columns="quantile", values="value").reset_index()
    seen = current(conform(observations, OBSERVATIONS))[[*KEY, "year", "value"]]
    table = wide.merge(seen.rename(columns={"value": "observed"}), on=[*KEY, "year"], how="inner")
    result = table[[*KEY, "year", "observed"]].assign(
        years_ahead=table["year"] - table["last_year"]
    )
    result["median"] = table.get(0.5, np.nan)
    for level, (low, high) in _LEVELS.items():
        result[f"lower_{level}"], result[f"upper_{level}"] = (
            table.get(low, np.nan),
            table.get(high, np.nan),
        )
        result[f"within_{level}"] = table["observed"].between(
            result[f"lower_{level}"], result[f"upper_{level}"]
        )
    return result.reset_index(drop=True)


def interval_coverage(forecasts: pd.DataFrame, observations: pd.DataFrame) -> pd.DataFrame:
    """Count how often the intervals that were forecast held the value that came, by years ahead and in all.

    Parameters
    ----------
    forecasts, observations : pandas.DataFrame
        As for `forecast_outcomes`.

    Returns
    -------
    pandas.DataFrame
        One row a number of years ahead and a last one for all, with an empty ``years_ahead`` (contract ``INTERVALS``).
    """
    met = forecast_outcomes(forecasts, observations)
    rows = [{"years_ahead": ahead, **_inside(group)} for ahead, group in met.groupby("years_ahead")]
    return conform(pd.DataFrame([*rows, {"years_ahead": None, **_inside(met)}]), INTERVALS)


def _inside(met: pd.DataFrame) -> dict[str, int]:
    return {"n": len(met), **{name: int(met[name].sum()) for name in ("within_80", "within_95")}}


def warned_and_met(table: pd.DataFrame) -> pd.DataFrame:
    """Count, for each class then given, how many promises were kept.

    Parameters
    ----------
    table : pandas.DataFrame
        Result of `look_back`.

    Returns
    -------
    pandas.DataFrame
        One row a class, the most difficult first, and a last one for all, with an empty class (contract ``WARNED``).
    """
    table = conform(table, LOOK_BACK)
    rows = [_outcomes(table[table["risk"] == name], name) for name in RISK_ORDER]
    return conform(pd.DataFrame([*rows, _outcomes(table, "")]), WARNED)


def _outcomes(rows: pd.DataFrame, name: str) -> dict:
    count = rows["outcome"].value_counts()
    return {
        "risk": name,
        "warned": name in WARNED_CLASSES,
        **{outcome: int(count.get(outcome, 0)) for outcome in ("met", "not_met", "unknown")},
        "brier": rows["brier"].mean(),
    }
