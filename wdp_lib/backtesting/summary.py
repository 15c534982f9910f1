"""From single cases to figures: indicators count equally, and intervals come from drawing indicators anew."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from wdp_lib.backtesting.tables import ALL_HORIZONS, ON_TRACK, PIT, RELIABILITY, SCORES, TARGETS
from wdp_lib.core.columns import QUANTILES, conform
from wdp_lib.forecasting.counts.rates import binomial_wilson

DRAWS = 1000
FEWEST_CASES, FEWEST_GROUPS, FEWEST_DRAWN = 20, 5, 10
BANDS = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)
_MEANS = ("wis", "crps", "error", "inside_50", "inside_80", "inside_95", "width_80", "width_95")


def equal_means(cases: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return the mean of each column for every indicator: over its cases of one horizon, then over its horizons.

    Returns
    -------
    pandas.DataFrame
        One row a ``group``; its mean over the rows gives every indicator the same say.
    """
    by_horizon = cases.groupby(["group", "horizon"])[columns].mean()
    return by_horizon.groupby(level="group").mean()


def resampled(groups: np.ndarray, seed: int) -> np.ndarray:
    """Return sums of rows drawn with replacement as often as there are rows, shape (draws, columns).

    Parameters
    ----------
    groups : numpy.ndarray, shape (groups, columns)
        One row an indicator; a row with NaN counts as nothing, in all its columns.
    seed : int
        The same seed draws the same indicators, so that models are compared on equal draws.
    """
    return _draws(len(groups), seed) @ np.where(
        np.isfinite(groups).all(axis=1, keepdims=True), groups, 0.0
    )


@lru_cache(maxsize=32)
def _draws(count: int, seed: int) -> np.ndarray:
    """How often each of ``count`` rows was drawn, shape (draws, count)."""
    draws = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=DRAWS)
    return draws.astype("float64")


def ratio_interval(top: pd.Series, bottom: pd.Series, seed: int) -> tuple[float, float, float]:
    """Return the ratio of two sums over indicators, and its 95 % interval over draws of indicators.

    Fewer than 10 indicators are too few to draw from: no interval (NaN).
    """
    pair = np.column_stack([top, bottom]).astype("float64")
    known = pair[np.isfinite(pair).all(axis=1)]
    if not len(known) or known[:, 1].sum() == 0:
        return np.nan, np.nan, np.nan
    value = known[:, 0].sum() / known[:, 1].sum()
    if len(known) < FEWEST_DRAWN:
        return value, np.nan, np.nan
    sums = resampled(pair, seed)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = sums[:, 0] / sums[:, 1]
    low, high = np.quantile(ratios[np.isfinite(ratios)], [0.025, 0.975])
    return value, float(low), float(high)


def _by_horizon(cases: pd.DataFrame, name: str):
    """Yield name, horizon and cases: of every horizon, and of all of them together (0) first."""
    for key, part in cases.groupby(name, sort=False):
        yield key, ALL_HORIZONS, part
        for horizon, rows in part.groupby("horizon"):
            yield key, horizon, rows


def _counts(cases: pd.DataFrame) -> dict[str, object]:
    few = len(cases) < FEWEST_CASES or cases["group"].nunique() < FEWEST_GROUPS
    counts = {
        "n_cases": len(cases),
        "n_series": cases["series_id"].nunique(),
        "n_groups": cases["group"].nunique(),
    }
    return {**counts, "reason": "too_few_cases" if few else ""}


def _table(rows: list[dict], contract) -> pd.DataFrame:
    """Return rows under the contract; columns that a row of too few cases does not have are missing."""
    return conform(pd.DataFrame(rows).reindex(columns=contract.names), contract)


def scores(cases: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return `SCORES` of `CASES`; fewer than 20 cases or 5 indicators give no figures, with a reason."""
    rows = []
    for model, horizon, part in _by_horizon(cases, "model"):
        row = {"model": model, "horizon": horizon, **_counts(part)}
        rows.append(row if row["reason"] else {**row, **_score(part, seed)})
    return _table(rows, SCORES)


def _score(part: pd.DataFrame, seed: int) -> dict[str, float]:
    groups = equal_means(part, [*_MEANS, "reference_wis", "reference_error"])
    mean = groups.mean()
    row = {
        "mae": mean["error"],
        **{name: mean[name] for name in ("wis", "crps", "width_80", "width_95")},
    }
    row["coverage_50"] = mean["inside_50"]
    ones = pd.Series(1.0, groups.index)
    pairs = {
        "wis_ratio": (groups["wis"], groups["reference_wis"]),
        "mae_ratio": (groups["error"], groups["reference_error"]),
        "coverage_80": (groups["inside_80"], ones),
        "coverage_95": (groups["inside_95"], ones),
    }
    for name, pair in pairs.items():
        row |= _with_interval(name, *ratio_interval(*pair, seed))
    return row


def _with_interval(name: str, value: float, lower: float, upper: float) -> dict[str, float]:
    return {name: value, f"{name}_lower": lower, f"{name}_upper": upper}


def pit(between: pd.DataFrame) -> pd.DataFrame:
    """Return `PIT` of the shares between quantiles (`between_cases`), indicators counting equally."""
    edges, rows = [0.0, *QUANTILES, 1.0], []
    for model, part in between.groupby("model", sort=False):
        shares = part.drop(columns="model").groupby("group").mean().mean()
        rows += [
            {
                "model": model,
                "lower": a,
                "upper": b,
                "expected": b - a,
                "share": shares[k],
                "n_cases": len(part),
            }
            for k, (a, b) in enumerate(zip(edges[:-1], edges[1:], strict=True))
        ]
    return _table(rows, PIT)


def targets(asked: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return `TARGETS` of `TARGET_CASES`: Brier score against always saying what the other indicators achieved."""
    rows = []
    asked = asked.assign(
        brier=(asked["probability"] - asked["met"]) ** 2,
        other=(asked["climatology"] - asked["met"]) ** 2,
    )
    for model, horizon, part in _by_horizon(asked, "model"):
        row = {"model": model, "horizon": horizon, **_counts(part)}
        if not row["reason"]:
            groups = equal_means(part, ["met", "brier", "other"])
            ratio, low, high = ratio_interval(groups["brier"], groups["other"], seed)
            means = {"met": groups["met"].mean(), "brier": groups["brier"].mean()}
            row |= (
                means
                | {"brier_climatology": groups["other"].mean()}
                | _with_interval("skill", 1 - ratio, 1 - high, 1 - low)
            )
        rows.append(row)
    return _table(rows, TARGETS)


def reliability(asked: pd.DataFrame, seed: int, edges: tuple[float, ...] = BANDS) -> pd.DataFrame:
    """Return `RELIABILITY` of `TARGET_CASES`: each case stands in one band; a band holds its lower edge, not its upper."""
    rows = []
    for model, horizon, part in _by_horizon(asked, "model"):
        band = np.minimum(np.digitize(part["probability"], edges) - 1, len(edges) - 2)
        for place, (lower, upper) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
            head = {"model": model, "horizon": horizon, "lower": lower, "upper": upper}
            rows.append(head | _band(part[band == place], seed))
    return _table(rows, RELIABILITY)


def _band(cases: pd.DataFrame, seed: int) -> dict[str, object]:
    n, met = len(cases), int(cases["met"].sum())
    row = {
        "n": n,
        "met": met,
        "n_series": cases["series_id"].nunique(),
        "n_groups": cases["group"].nunique(),
    }
    if not n:
        return row
    lower, upper = binomial_wilson(met, n)
    row |= {"mean_probability": cases["probability"].mean(), "share": met / n}
    row |= {"share_lower": float(lower), "share_upper": float(upper)}
    groups = cases.groupby("group")["met"].mean()
    return row | _with_interval("share_equal", *ratio_interval(groups, groups * 0 + 1.0, seed))


def on_track(asked: pd.DataFrame, model: str, seed: int) -> pd.DataFrame:
    """Return `ON_TRACK`: yes-or-no calls of targets still to be reached, by the official rule, by "no", by the model.

    Parameters
    ----------
    asked : pandas.DataFrame
        `TARGET_CASES`; only cases count of which the official rule says something.
    model : str
        Whose probability of at least 50 % is a "yes".
    seed : int
        Seed of the intervals.
    """
    cases = asked[(asked["model"] == model) & asked["official"].notna()]
    calls = {
        "growth_ratio": cases["official"],
        "always_no": cases["official"] * 0,
        model: (cases["probability"] >= 0.5) * 1.0,
    }
    said = pd.concat([cases.assign(rule=rule, call=call) for rule, call in calls.items()])
    rows = []
    for rule, horizon, part in _by_horizon(said, "rule"):
        row = {"rule": rule, "horizon": horizon, **_counts(part)}
        rows.append(row if row["reason"] else {**row, **_calls(part, seed)})
    return _table(rows, ON_TRACK)


def _calls(part: pd.DataFrame, seed: int) -> dict[str, float]:
    part = part.assign(wrong=(part["call"] != part["met"]) * 1.0, right=part["call"] * part["met"])
    groups = equal_means(part, ["call", "right", "wrong"])
    called = groups["call"].mean()
    row = {"called": called, "called_met": groups["right"].mean() / called if called else np.nan}
    return row | _with_interval(
        "error", *ratio_interval(groups["wrong"], groups["wrong"] * 0 + 1.0, seed)
    )
