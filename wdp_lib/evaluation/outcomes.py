"""Verdicts and forecasts beside what was published, and beside what came."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from wdp_lib.assessment.scheme import CLASSES
from wdp_lib.core.columns import FORECASTS, KEY, OBSERVATIONS, RISKS, Contract, conform
from wdp_lib.core.errors import DataError
from wdp_lib.core.home import find_home
from wdp_lib.core.problems import templates
from wdp_lib.data import current
from wdp_lib.evaluation.problems import WARNED as WARNED_CLASSES
from wdp_lib.plan import Plan

FINALS = Contract(
    "final_verdicts",
    """
    indicator target_kind target_lower target_upper baseline_year baseline_value last_year
    last_value state state_reason direction direction_by outcome_year outcome_value official
    official_basis agreement difference simulated standing later_year later_value
    """,
)

LOOK_BACK = Contract(
    "look_back",
    """
    indicator target_kind risk warned p_meet forecast_lower forecast_median forecast_upper observed
    within_80 outcome outcome_reason brier simulated
    """,
)

INTERVALS = Contract("interval_coverage", "years_ahead n within_80 within_95")

WARNED = Contract("warned_and_met", "risk warned met not_met unknown brier")


OUTCOME_COLUMNS = (
    "indicator",
    "outcome_year",
    "outcome_value",
    "verdict_published",
    "basis",
    "source",
    "source_address",
)
_problem = templates(__file__)


def published_outcomes(plan: str, home: Path | str | None = None) -> pd.DataFrame | None:
    """Return the published outcomes of a plan, ``data/plans/<plan>/outcomes.csv``, if there are."""
    path = (Path(home) if home else find_home()) / "data" / "plans" / plan / "outcomes.csv"
    return pd.read_csv(path, dtype={"indicator": "str"}) if path.is_file() else None


def load_outcomes(plan: str, home: Path | str | None = None) -> pd.DataFrame:
    """Read the published outcomes of a finished plan, ``data/plans/<plan>/outcomes.csv``.

    Raises `DataError` when the plan has no such file.
    """
    outcomes = published_outcomes(plan, home)
    if outcomes is None:
        raise DataError.of(
            f"计划 {plan} 没有公布结果表", f"The plan {plan} has no table of outcomes"
        )
    return outcomes


def compare_outcomes(risks: pd.DataFrame, outcomes: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Set the probability given before against the outcome published after.

    Parameters
    ----------
    outcomes : pandas.DataFrame
        Published outcomes, with ``OUTCOME_COLUMNS``; the verdict is met, not_met or unknown.

    Returns
    -------
    pandas.DataFrame
        One row for each target with a number, and each other with a published verdict, in the
        plan's order: the prediction, ``outcome`` (``met``, ``not_met`` or ``unknown``),
        ``outcome_in_target_year``, ``within_80`` (did the value fall into the 80 % interval),
        ``brier`` (squared error of the probability). Without an outcome, or without a prediction
        that was fresh enough to be graded, the scores are missing.

    Raises
    ------
    DataError
        When the outcomes lack a column or name an indicator that the plan does not have.
    """
    check_outcomes(outcomes, plan)
    merged = conform(risks, RISKS).merge(
        outcomes[list(OUTCOME_COLUMNS)], on="indicator", how="left", suffixes=("", "_outcome")
    )
    merged["outcome"] = [_outcome(row, plan) for row in merged.itertuples()]
    numbered = merged["indicator"].isin([i.id for i in plan.indicators if i.target.is_number])
    merged = merged[numbered | (merged["outcome"] != "unknown")].reset_index(drop=True)
    value, in_year = merged["outcome_value"], merged["outcome_year"] == merged["target_year"]
    known = value.notna() & merged["forecast_median"].notna() & in_year
    between = value.between(merged["forecast_lower"], merged["forecast_upper"])
    hit = merged["outcome"].map({"met": 1.0, "not_met": 0.0})
    return merged.assign(
        outcome_in_target_year=in_year,
        within_80=between.astype("boolean").where(known),
        # a stale forecast was not given as one at the time
        brier=((merged["p_meet"] - hit) ** 2).where(~merged["stale"]),
    )


def reliability(
    comparison: pd.DataFrame, edges: tuple[float, ...] = (0, 0.2, 0.4, 0.6, 0.8, 1)
) -> pd.DataFrame:
    """Count, for bands of predicted probability, how many targets were attained.

    ``edges``: edges of the bands; the last band holds its upper edge. Returns one row a band:
    ``lower, upper, n, met, mean_probability``; also bands without a case.
    """
    scored = comparison[comparison["brier"].notna()]
    n = len(edges) - 1
    band = np.clip(np.searchsorted(edges, scored["p_meet"], side="right") - 1, 0, n - 1)
    facts = scored.assign(met=(scored["outcome"] == "met").astype(int)).groupby(band)
    table = facts.agg(n=("met", "size"), met=("met", "sum"), mean_probability=("p_meet", "mean"))
    table = table.reindex(range(n)).fillna({"n": 0, "met": 0}).astype({"n": int, "met": int})
    table.insert(0, "lower", edges[:-1])
    table.insert(1, "upper", edges[1:])
    return table


def _outcome(row, plan: Plan) -> str:
    """Judge by the published value if there is one; else a published verdict stands as it is."""
    target = plan.indicator(row.indicator).target.range()
    if pd.notna(row.outcome_value) and target is not None and row.verdict_published != "unknown":
        return "met" if bool(target.contains(float(row.outcome_value))) else "not_met"
    return row.verdict_published if row.verdict_published in ("met", "not_met") else "unknown"


def check_outcomes(outcomes: pd.DataFrame, plan: Plan) -> None:
    """Raise `DataError` when outcomes lack a column or name an indicator unknown to the plan."""
    known, file = {i.id for i in plan.indicators}, f"data/plans/{plan.id}/outcomes.csv"
    absent = [name for name in OUTCOME_COLUMNS if name not in outcomes]
    wrong = [_problem("missing_column.outcomes", file, 1, name) for name in absent]
    if not absent:
        wrong = [
            _problem("unknown_indicator", file, line, "indicator", found=name)
            for line, name in enumerate(outcomes["indicator"], 2)
            if name not in known
        ]
    if wrong:
        title = "公布结果表不能使用", "The table of outcomes cannot be used"
        raise DataError.of(*title, wrong)


OUTCOME_OF_STATE = {"attained": "met", "nearly": "not_met", "not_attained": "not_met"}
_OF_DIRECTION = {"kept": "met", "reversed": "not_met", "unchanged": "not_met"}
_UNTESTED = {  # a direction that no test shows, by the side of the baseline
    **{"improved_not_shown": "kept", "no_change_shown": "unchanged"},
    "worse_not_shown": "reversed",
}
_PUBLISHED = {"verdict_published": "official", "basis": "official_basis"}


def final_verdicts(
    risks: pd.DataFrame, plan: Plan, outcomes: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the final verdict on each target and, where it was published, the official one.

    The state is that of the risk table: a target without a value for its target year is not
    assessable, whatever an earlier year says. A target of a direction has a verdict of its own
    besides: the one that the trend (of an elected body, the elections) shows; where the points are
    too few or too unsteady for a test, the value of the target year is compared with the baseline,
    and ``direction_by`` says ``two_points``. For a direction it is this verdict that is set beside
    the official one.

    Returns
    -------
    pandas.DataFrame
        One row for each target, in the plan's order (contract ``FINALS``); indicators that are only
        monitored have none. ``difference`` says why a verdict differs from the official one:
        ``official_on_earlier_year`` (the official verdict rests on a year before the target year),
        ``outcome_not_in_data`` (the published value is not among the observations),
        ``values_differ`` or ``rule_differs``.

    Raises
    ------
    DataError
        When the outcomes lack a column or name an indicator that the plan does not have.
    """
    table = conform(risks, RISKS)
    table = table[table["target_kind"] != "monitor_only"].reset_index(drop=True)
    table[["direction", "direction_by"]] = [
        _direction(row, plan) for row in table.to_dict("records")
    ]
    published = ["outcome_year", "outcome_value", *_PUBLISHED]
    if outcomes is None:
        table = table.assign(**dict.fromkeys(published, np.nan))
    else:
        check_outcomes(outcomes, plan)
        table = table.merge(outcomes[["indicator", *published]], on="indicator", how="left")
    texts = {"official": "unknown", "official_basis": ""}
    table = table.rename(columns=_PUBLISHED).astype(dict.fromkeys(texts, object)).fillna(texts)
    table[["agreement", "difference"]] = [_agreement(row) for row in table.to_dict("records")]
    return conform(table, FINALS)


def _direction(row: dict, plan: Plan) -> tuple[str, str]:
    indicator = plan.indicator(row["indicator"])
    target = indicator.target
    if target.line_from != "baseline":
        return "", ""
    if row["state"] in ("attained", "not_attained"):
        by = "election" if indicator.frequency == "term" else "trend"
        by = "two_points" if row["state_reason"] == "exact_points" else by
        if row["state"] == "attained":
            return "kept", by
        same = by == "election" and row["last_value"] == row["baseline_value"]
        return ("unchanged" if same else "reversed"), by
    if row["state_reason"] not in _UNTESTED or target.statistic == "slope":
        return "not_known", ""
    return _UNTESTED[row["state_reason"]], "two_points"


def _agreement(row: dict) -> tuple[str, str]:
    official = row["official"]
    if official not in ("met", "not_met"):
        return "not_compared", ""
    known = _OF_DIRECTION if row["direction"] else OUTCOME_OF_STATE
    own = known.get(row["direction"] or row["state"])
    if own == official:
        return "agrees", ""
    if own is None:
        earlier = row["outcome_year"] < row["target_year"]
        return "differs", "official_on_earlier_year" if earlier else "outcome_not_in_data"
    same = np.isclose(row["outcome_value"], row["last_value"])
    return "differs", "rule_differs" if same else "values_differ"


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

    Returns one row a number of years ahead and a last one for all, with an empty ``years_ahead``
    (contract ``INTERVALS``).
    """
    met = forecast_outcomes(forecasts, observations).assign(n=1)
    counted = met.groupby("years_ahead")[["n", "within_80", "within_95"]].sum().reset_index()
    total = counted.sum().to_frame().T.assign(years_ahead=None)
    return conform(pd.concat([counted, total]).astype({"years_ahead": "Int64"}), INTERVALS)


def warned_and_met(table: pd.DataFrame) -> pd.DataFrame:
    """Count, for each class then given, how many targets were attained.

    Returns one row a class, the most difficult first, and a last one for all, with an empty class
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
