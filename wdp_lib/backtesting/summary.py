"""From single cases to figures: indicators count equally, intervals come from drawing them anew."""

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


@lru_cache(maxsize=256)
def _draws(count: int, seed: int) -> np.ndarray:
    """How often each of ``count`` rows was drawn, (draws, count); the same for every model."""
    draws = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=DRAWS)
    return draws.astype("float64")


def ratio_interval(top: pd.Series, bottom: pd.Series, seed: int) -> tuple[float, float, float]:
    """Return the ratio of two sums over indicators and its 95 % interval over draws of these.

    Fewer than 10 indicators are too few to draw from: no interval (NaN).
    """
    pair = np.column_stack([top, bottom]).astype("float64")
    known = pair[np.isfinite(pair).all(axis=1)]
    if not len(known) or known[:, 1].sum() == 0:
        return np.nan, np.nan, np.nan
    value = known[:, 0].sum() / known[:, 1].sum()
    if len(known) < FEWEST_DRAWN:
        return value, np.nan, np.nan
    # a row with NaN counts as nothing, in both columns
    sums = _draws(len(pair), seed) @ np.where(np.isfinite(pair).all(axis=1)[:, None], pair, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = sums[:, 0] / sums[:, 1]
    low, high = np.quantile(ratios[np.isfinite(ratios)], [0.025, 0.975])
    return value, float(low), float(high)


def _table(rows: list[dict], contract) -> pd.DataFrame:
    return conform(pd.DataFrame(rows).reindex(columns=contract.names), contract)


def _both(cases: pd.DataFrame, name: str) -> tuple[pd.DataFrame, list[str]]:
    """Cases by horizon and, as horizon 0, all together; and the names in order of appearance."""
    return pd.concat([cases.assign(horizon=ALL_HORIZONS), cases]), list(cases[name].unique())


def _summarised(cases: pd.DataFrame, name: str, columns: list[str], contract, figures):
    """Counts by name and horizon, and ``figures(means)`` with equal say for indicators.

    The mean of an indicator is over its cases of one horizon, then over its horizons; fewer than 20
    cases or 5 indicators give no figures, with a reason.
    """
    both, names = _both(cases, name)
    by_cell = both.groupby([name, "horizon"])
    counts = by_cell[["series_id", "group"]].nunique().assign(n_cases=by_cell.size())
    by_horizon = cases.groupby([name, "horizon", "group"])[columns].mean()
    whole = by_horizon.groupby(level=[name, "group"]).mean()
    rows = []
    for key in names:
        for horizon, count in counts.loc[key].iterrows():
            few = count["n_cases"] < FEWEST_CASES or count["group"] < FEWEST_GROUPS
            row = {name: key, "horizon": horizon, "reason": "too_few_cases" if few else ""}
            row |= {"n_cases": count["n_cases"], "n_series": count["series_id"]}
            row["n_groups"] = count["group"]
            if not few:
                means = whole.loc[key] if horizon == ALL_HORIZONS else by_horizon.loc[key, horizon]
                row |= figures(means)
            rows.append(row)
    return _table(rows, contract)


def scores(cases: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return `SCORES` of `CASES`."""
    columns = [*_MEANS, "reference_wis", "reference_error"]
    return _summarised(cases, "model", columns, SCORES, lambda means: _score(means, seed))


def _score(groups: pd.DataFrame, seed: int) -> dict[str, float]:
    mean = groups.mean()
    row = {name: mean[name] for name in ("wis", "crps", "width_80", "width_95")}
    row |= {"mae": mean["error"], "coverage_50": mean["inside_50"]}
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
    """Return `PIT` of the shares between quantiles (`between_cases`)."""
    edges, rows = [0.0, *QUANTILES, 1.0], []
    for model, part in between.groupby("model", sort=False):
        shares = part.drop(columns="model").groupby("group").mean().mean()
        for k, (a, b) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
            row = {"model": model, "lower": a, "upper": b, "expected": b - a, "share": shares[k]}
            rows.append(row | {"n_cases": len(part)})
    return _table(rows, PIT)


def targets(asked: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return `TARGETS`: Brier score against always saying what the other indicators achieved."""
    asked = asked.assign(
        brier=(asked["probability"] - asked["met"]) ** 2,
        brier_climatology=(asked["climatology"] - asked["met"]) ** 2,
    )

    def figures(groups: pd.DataFrame) -> dict[str, float]:
        ratio, low, high = ratio_interval(groups["brier"], groups["brier_climatology"], seed)
        return {**groups.mean(), **_with_interval("skill", 1 - ratio, 1 - high, 1 - low)}

    columns = ["met", "brier", "brier_climatology"]
    return _summarised(asked, "model", columns, TARGETS, figures)


def reliability(asked: pd.DataFrame, seed: int, edges: tuple[float, ...] = BANDS) -> pd.DataFrame:
    """Return `RELIABILITY`: each target case stands in one band, with its lower edge."""
    if asked.empty:
        return _table([], RELIABILITY)
    both, models = _both(asked, "model")
    band = np.minimum(np.digitize(both["probability"], edges) - 1, len(edges) - 2)
    both = both.assign(band=band)
    cell = ["model", "horizon", "band"]
    by_band = both.groupby(cell)
    found = by_band[["series_id", "group"]].nunique().add_prefix("n_")
    found = found.rename(columns={"n_series_id": "n_series", "n_group": "n_groups"})
    found = found.assign(
        n=by_band.size(), met=by_band["met"].sum(), mean_probability=by_band["probability"].mean()
    )
    found["share"] = found["met"] / found["n"]
    found["share_lower"], found["share_upper"] = binomial_wilson(found["met"], found["n"])
    by_group = both.groupby([*cell, "group"])["met"].mean()
    equal = {
        key: _with_interval("share_equal", *ratio_interval(part, part * 0 + 1.0, seed))
        for key, part in by_group.groupby(level=cell)
    }
    found = found.join(pd.DataFrame.from_dict(equal, orient="index").rename_axis(cell))
    every = [
        (model, horizon, place)
        for model in models
        for horizon in found.loc[model].index.unique("horizon")
        for place in range(len(edges) - 1)
    ]
    found = found.reindex(pd.MultiIndex.from_tuples(every, names=cell)).reset_index()
    whole = ["n", "met", "n_series", "n_groups"]
    found[whole] = found[whole].fillna(0)
    place = found["band"].to_numpy()
    found = found.assign(lower=np.array(edges)[place], upper=np.array(edges)[place + 1])
    return conform(found[list(RELIABILITY.names)], RELIABILITY)


def on_track(asked: pd.DataFrame, model: str, seed: int) -> pd.DataFrame:
    """Return `ON_TRACK`: yes-or-no calls by the official rule, by "no", by the model (from 50 %).

    Only cases count of which the official rule says something.
    """
    cases = asked[(asked["model"] == model) & asked["official"].notna()]
    calls = {
        "growth_ratio": cases["official"],
        "always_no": cases["official"] * 0,
        model: (cases["probability"] >= 0.5) * 1.0,
    }
    said = pd.concat([cases.assign(rule=rule, call=call) for rule, call in calls.items()])
    said = said.assign(wrong=(said["call"] != said["met"]) * 1.0, right=said["call"] * said["met"])

    def figures(groups: pd.DataFrame) -> dict[str, float]:
        called = groups["call"].mean()
        row = {"called": called}
        row["called_met"] = groups["right"].mean() / called if called else np.nan
        wrong = ratio_interval(groups["wrong"], groups["wrong"] * 0 + 1.0, seed)
        return row | _with_interval("error", *wrong)

    return _summarised(said, "rule", ["call", "right", "wrong"], ON_TRACK, figures)
