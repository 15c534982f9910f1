"""Predicted probabilities of a finished plan against what came true."""

from __future__ import annotations

from pathlib import Path

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


def load_outcomes(plan: str, home: Path | str | None = None) -> pd.DataFrame:
    """Read the published outcomes of a finished plan, ``data/plans/<plan>/outcomes.csv``.

    Raises
    ------
    DataError
        When the plan has no such file.
    """
    path = Path(home or find_home()) / "data" / "plans" / plan / "outcomes.csv"
    if not path.is_file():
        raise DataError(
            Text(f"计划 {plan} 没有公布结果表", f"The plan {plan} has no table of outcomes")
        )
    return pd.read_csv(path, dtype={"indicator": "str"}, keep_default_na=True)


def published_outcomes(plan: str, home: Path | str | None = None) -> pd.DataFrame | None:
    """Return the published outcomes of a plan that has ended, or ``None`` where none are on record."""
    path = (Path(home) if home else find_home()) / "data" / "plans" / plan / "outcomes.csv"
    return load_outcomes(plan, home) if path.is_file() else None


def compare_outcomes(risks: pd.DataFrame, outcomes: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Set the probability given before against the outcome published after.

    Parameters
    ----------
    risks : pandas.DataFrame
        Risk table made with an early cut-off (contract ``RISKS``).
    outcomes : pandas.DataFrame
        Published outcomes (``data/plans/<plan>/outcomes.csv``): indicator, outcome_year, outcome_value,
        verdict_published (met, not_met, unknown), basis, source, source_address.
    plan : Plan
        The finished plan; whether the outcome keeps the promise is computed from the value, exactly.

    Returns
    -------
    pandas.DataFrame
        One row for each promise with a number, and each other with a published verdict, in the plan's order: the prediction, ``outcome`` (``met``, ``not_met`` or ``unknown``),
        ``outcome_in_target_year``, ``within_80`` (did the value fall into the 80 % interval), ``brier`` (squared error of the
        probability). Without an outcome, or without a prediction that was fresh enough to be graded, the scores are missing.

    Raises
    ------
    DataError
        When the outcomes lack a column or name an indicator that the plan does not have.
    """
    check_outcomes(outcomes, plan)
    table = conform(risks, RISKS)
    merged = table.merge(
        outcomes[list(OUTCOME_COLUMNS)], on="indicator", how="left", suffixes=("", "_outcome")
    )
    merged["outcome"] = [_outcome(row, plan) for row in merged.itertuples()]
    numbered = (
        merged["indicator"].map({i.id: i.target.is_number for i in plan.indicators}).astype(bool)
    )
    merged = merged[numbered | (merged["outcome"] != "unknown")].copy()
    merged["outcome_in_target_year"] = merged["outcome_year"] == merged["target_year"]
    known = (
        merged["outcome_value"].notna()
        & merged["forecast_median"].notna()
        & merged["outcome_in_target_year"]
    )
    between = merged["outcome_value"].between(merged["forecast_lower"], merged["forecast_upper"])
    merged["within_80"] = between.astype("boolean").where(known)
    hit = merged["outcome"].map({"met": 1.0, "not_met": 0.0})
    # a stale forecast was not given as one at the time
    merged["brier"] = ((merged["p_meet"] - hit) ** 2).where(~merged["stale"])
    return merged.reset_index(drop=True)


def reliability(
    comparison: pd.DataFrame, edges: tuple[float, ...] = (0, 0.2, 0.4, 0.6, 0.8, 1)
) -> pd.DataFrame:
    """Count, for bands of predicted probability, how many promises came true.

    Parameters
    ----------
    comparison : pandas.DataFrame
        Result of :func:`compare_outcomes`.
    edges : tuple of float
        Edges of the bands.

    Returns
    -------
    pandas.DataFrame
        One row a band: ``lower, upper, n, met, mean_probability``; bands without a case have ``n`` 0.
    """
    scored = comparison[comparison["brier"].notna()]
    rows = []
    for lower, upper in zip(edges[:-1], edges[1:], strict=True):
        last = upper == edges[-1]
        band = scored[(scored["p_meet"] >= lower) & ((scored["p_meet"] < upper) | last)]
        met = int((band["outcome"] == "met").sum())
        rows.append(
            {
                "lower": lower,
                "upper": upper,
                "n": len(band),
                "met": met,
                "mean_probability": band["p_meet"].mean(),
            }
        )
    return pd.DataFrame(rows)


def _outcome(row, plan: Plan) -> str:
    """Judge by the published value where there is one; a published verdict without a value is taken as it stands."""
    promise = plan.indicator(row.indicator).target.range()
    if pd.notna(row.outcome_value) and promise is not None and row.verdict_published != "unknown":
        return "met" if bool(promise.contains(float(row.outcome_value))) else "not_met"
    return row.verdict_published if row.verdict_published in ("met", "not_met") else "unknown"


def check_outcomes(outcomes: pd.DataFrame, plan: Plan) -> None:
    """Raise `DataError` when published outcomes lack a column or name an indicator that the plan does not have."""
    file = f"data/plans/{plan.id}/outcomes.csv"
    fix = Text("请改正该文件。", "Correct the file.")
    missing = [c for c in OUTCOME_COLUMNS if c not in outcomes.columns]
    problems = [
        Problem(
            "missing_column",
            file,
            1,
            c,
            Text("没有此列", "no such column"),
            Text("此列", "this column"),
            fix,
        )
        for c in missing
    ]
    known = {i.id for i in plan.indicators}
    if not missing:
        problems += [
            Problem(
                "unknown_indicator",
                file,
                n,
                "indicator",
                name,
                Text("本计划的指标", "an indicator of the plan"),
                fix,
            )
            for n, name in enumerate(outcomes["indicator"], 2)
            if name not in known
        ]
    if problems:
        raise DataError(
            Text("公布结果表不能使用", "The table of outcomes cannot be used"), problems
        )
