"""Predicted probabilities of a finished plan against what came true."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from wdp_lib.core.columns import RISKS, conform
from wdp_lib.core.errors import DataError, Problem, Text
from wdp_lib.core.home import find_home
from wdp_lib.plan import Plan

OUTCOME_COLUMNS = (
    "indicator",
    "outcome_year",
    "outcome_value",
    "verdict_published",
    "basis",
    "source",
    "source_address",
)
_EXPECTED = {
    "missing_column": Text("此列", "this column"),
    "unknown_indicator": Text("本计划的指标", "an indicator of the plan"),
}


def published_outcomes(plan: str, home: Path | str | None = None) -> pd.DataFrame | None:
    """Return the published outcomes of a plan, ``data/plans/<plan>/outcomes.csv``, if there are."""
    path = (Path(home) if home else find_home()) / "data" / "plans" / plan / "outcomes.csv"
    return pd.read_csv(path, dtype={"indicator": "str"}) if path.is_file() else None


def load_outcomes(plan: str, home: Path | str | None = None) -> pd.DataFrame:
    """Read the published outcomes of a finished plan, ``data/plans/<plan>/outcomes.csv``.

    Raises
    ------
    DataError
        When the plan has no such file.
    """
    outcomes = published_outcomes(plan, home)
    if outcomes is None:
        raise DataError(
            Text(f"计划 {plan} 没有公布结果表", f"The plan {plan} has no table of outcomes")
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

    Parameters
    ----------
    edges : tuple of float
        Edges of the bands; the last band holds its upper edge.

    Returns
    -------
    pandas.DataFrame
        One row a band: ``lower, upper, n, met, mean_probability``; also bands without a case.
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
    known, nothing = {i.id for i in plan.indicators}, Text("没有此列", "no such column")
    wrong = [
        ("missing_column", 1, name, nothing) for name in OUTCOME_COLUMNS if name not in outcomes
    ]
    if not wrong:
        wrong = [
            ("unknown_indicator", line, "indicator", name)
            for line, name in enumerate(outcomes["indicator"], 2)
            if name not in known
        ]
    if wrong:
        file, fix = (
            f"data/plans/{plan.id}/outcomes.csv",
            Text("请改正该文件。", "Correct the file."),
        )
        raise DataError(
            Text("公布结果表不能使用", "The table of outcomes cannot be used"),
            [
                Problem(code, file, line, column, found, _EXPECTED[code], fix)
                for code, line, column, found in wrong
            ],
        )
