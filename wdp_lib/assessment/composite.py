"""A composite score a domain and one for the plan: for communication only, with its range and every red indicator beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from wdp_lib.assessment.composite_scores import (
    PASS,
    distance_to_target,
    efficacy,
    split_normal,
    weighted_mean,
)
from wdp_lib.assessment.composite_tables import COMPOSITE, TIMES
from wdp_lib.core.columns import RISKS, conform
from wdp_lib.core.errors import ParameterError, Text
from wdp_lib.plan import Indicator, Plan

MARGIN, MARGINS = (
    0.10,
    (0.05, 0.10, 0.20),
)  # how far below the baseline the score is 0, as a share of the target
COVERED = 2 / 3  # share of indicators, and of domains, that must have a score
RANGE = (0.05, 0.95)
INTERVALS = {  # lower, centre, upper of a value and the normal quantile of the upper end
    "now": ("last_lower", "last_value", "last_upper", 1.959964),
    "target_year": ("forecast_lower", "forecast_median", "forecast_upper", 1.281552),
}


@dataclass(frozen=True)
class Methods:
    """The ways of scoring, one a draw, the same for all domains.

    Parameters
    ----------
    margin : numpy.ndarray, shape (draws,)
        Margin below the baseline at which the score is 0.
    curved, geometric : numpy.ndarray of bool, shape (draws,)
        Efficacy function instead of the straight line; geometric instead of arithmetic mean.
    """

    margin: np.ndarray
    curved: np.ndarray
    geometric: np.ndarray


@dataclass(frozen=True)
class Scores:
    """Scores of one domain, or of the plan: the central one, that of the baseline, and the draws of both, shape (draws,)."""

    centre: float
    geometric: float
    start: float
    drawn: np.ndarray
    drawn_start: np.ndarray


CENTRAL = Methods(np.array([MARGIN]), np.array([False]), np.array([False]))


def composite(
    risks: pd.DataFrame, plan: Plan, *, seed: int, draws: int = 2000, fewest: int = 3
) -> pd.DataFrame:
    """Score each domain and the plan by the distance to the targets, with a range over methods and uncertainty.

    For communication only: no verdict uses it, and the indicators graded red are named beside it.

    Parameters
    ----------
    risks : pandas.DataFrame
        Risk table (contract ``RISKS``).
    plan : Plan
        The plan, for domains and targets.
    seed : int
        Seed of the draws.
    draws : int
        Number of draws, at least 100.
    fewest : int
        A domain with fewer scored indicators, or with less than two thirds of its indicators scored, has no score.

    Returns
    -------
    pandas.DataFrame
        Contract ``COMPOSITE``: for now and for the target year one row a domain and a last one, with an empty domain, for the plan. Without a
        score the ``reason`` is no_target (no confirmed number among the targets) or too_few_indicators. Only targets with a confirmed number
        on a level are scored; promises of a direction have no distance, and values that cannot be judged no score.

    Raises
    ------
    ParameterError
        When ``draws`` or ``fewest`` is too small.
    WdpError
        When ``risks`` does not obey its contract.

    Notes
    -----
    Score of an indicator: ``100 (1 - d / d0)``, kept in 0-100; ``d`` is what it is short of its promise, ``d0`` what it was short of it at the
    baseline plus a tenth of the target. A domain is the mean of its indicators, the plan the mean of its domains. Each draw varies, as the OECD/JRC handbook
    advises: the weights (Dirichlet, all equally likely), the margin (5, 10, 20 %), the normaliser (line or efficacy function), the mean
    (arithmetic or geometric), one indicator left out where enough remain, and the values within their sampling or forecast interval, each on its own.
    """
    _check(draws, fewest)
    table = conform(risks, RISKS).set_index("indicator", drop=False)
    rows = []
    for time in TIMES:
        rng = np.random.default_rng(seed)
        methods = Methods(
            rng.choice(MARGINS, draws), rng.random(draws) < 0.5, rng.random(draws) < 0.5
        )
        rows += _of_time(table, plan, time, methods, rng, fewest)
    result = pd.DataFrame(rows).assign(
        draws=draws, seed=seed, simulated=bool(table["simulated"].any())
    )
    return conform(result, COMPOSITE)


def _check(draws: int, fewest: int) -> None:
    for name, found, least in (("draws", draws, 100), ("fewest", fewest, 1)):
        if isinstance(found, bool) or not isinstance(found, (int, np.integer)) or found < least:
            raise ParameterError(
                Text(
                    f"{name} 须为不小于 {least} 的整数，现为 {found!r}。",
                    f"{name} must be a whole number of at least {least}, not {found!r}.",
                )
            )


def _of_time(
    table: pd.DataFrame,
    plan: Plan,
    time: str,
    methods: Methods,
    rng: np.random.Generator,
    fewest: int,
) -> list[dict]:
    scores: dict[str, Scores] = {}
    rows = []
    for domain in plan.domains:
        mine = [
            i
            for i in plan.indicators
            if plan.goal(i.goals[0]).domain == domain.id and i.id in table.index
        ]
        able = [i for i in mine if _able(i, table.loc[i.id])]
        scored = [i for i in able if _known(i, table.loc[i.id], time)]
        row = {"domain": domain.id, "time": time, **_beside(table, mine, able, scored)}
        row["reason"] = _refused(len(scored), len(able), fewest)
        if not row["reason"]:
            scores[domain.id] = _score(
                table.loc[[i.id for i in scored]], scored, time, methods, rng, fewest
            )
        rows.append({**row, **_columns(scores.get(domain.id))})
    ranks = _ranks(scores)
    rows = [{**row, **ranks.get(row["domain"], NO_RANK)} for row in rows]
    return [*rows, _whole(rows, scores, time, methods, rng)]


def _able(indicator: Indicator, risk: pd.Series) -> bool:
    target = indicator.target
    return target.is_number and target.statistic == "level" and risk["evidence"] == "confirmed"


def _known(indicator: Indicator, risk: pd.Series, time: str) -> bool:
    """Whether value and baseline are there and may be judged; a target and a baseline of 0 leave no scale."""
    judged = risk["state"] != "not_assessable" and not risk["stale"]
    usable = judged if time == "now" else risk["risk"] != "not_graded"
    known = pd.notna(risk[INTERVALS[time][1]]) and pd.notna(risk["baseline_value"])
    return bool(usable and known and _size(indicator, risk) > 0)


def _size(indicator: Indicator, risk: pd.Series) -> float:
    return abs(indicator.target.value) or abs(risk["baseline_value"])


def _beside(table: pd.DataFrame, mine: list, able: list, scored: list) -> dict:
    """What stands beside a score so that it hides nothing: how many, which not, and which are red."""
    red = [i.id for i in mine if table.loc[i.id, "risk"] == "red"]
    names = {i.id for i in scored}
    return {
        "n_indicators": len(able),
        "n_scored": len(scored),
        "not_scored": ";".join(i.id for i in able if i.id not in names),
        "n_red": len(red),
        "red": ";".join(red),
    }


def _refused(scored: int, able: int, fewest: int) -> str:
    if not able:
        return "no_target"
    return "too_few_indicators" if scored < fewest or scored < COVERED * able else ""


def _score(
    risks: pd.DataFrame,
    indicators: list,
    time: str,
    methods: Methods,
    rng: np.random.Generator,
    fewest: int,
) -> Scores:
    lower, centre, upper, edge = INTERVALS[time]
    draws, k = len(methods.margin), len(indicators)
    drawn = split_normal(
        rng.standard_normal((draws, k)), risks[lower], risks[centre], risks[upper], edge
    )
    bounds = np.array([(i.lower_bound, i.upper_bound) for i in indicators])
    drawn = np.clip(drawn, bounds[:, 0], bounds[:, 1])
    start = _short(indicators, risks["baseline_value"].to_numpy(float)[None, :])
    size = np.array([_size(i, risks.loc[i.id]) for i in indicators])
    weights = rng.dirichlet(np.ones(k), draws)
    if k > fewest:
        weights[np.arange(draws), rng.integers(k, size=draws)] = 0.0
    now = _points(_short(indicators, risks[centre].to_numpy(float)[None, :]), start, size, CENTRAL)
    before = _points(start, start, size, CENTRAL)
    equal = np.ones(k)
    return Scores(
        centre=float(weighted_mean(now, equal)[0]),
        geometric=float(weighted_mean(now, equal, geometric=True)[0]),
        start=float(weighted_mean(before, equal)[0]),
        drawn=weighted_mean(
            _points(_short(indicators, drawn), start, size, methods),
            weights,
            geometric=methods.geometric,
        ),
        drawn_start=weighted_mean(
            _points(start, start, size, methods), weights, geometric=methods.geometric
        ),
    )


def _short(indicators: list, values: np.ndarray) -> np.ndarray:
    """What each value is short of its promise, shape (draws, k), 0 where it is kept."""
    return np.column_stack(
        [
            np.maximum(-i.target.range().margin(values[:, place]), 0.0)
            for place, i in enumerate(indicators)
        ]
    )


def _points(short: np.ndarray, start: np.ndarray, size: np.ndarray, methods: Methods) -> np.ndarray:
    """Scores 0-100, shape (draws, k)."""
    worst = start + methods.margin[:, None] * size
    share = distance_to_target(short, worst=worst, target=0.0)
    curved = (efficacy(share, not_allowed=0.0, satisfactory=1.0) - PASS) / (100 - PASS)
    return 100 * np.where(methods.curved[:, None], curved, share)


def _columns(scores: Scores | None) -> dict:
    if scores is None:
        return dict.fromkeys(
            ("score", "lower", "upper", "geometric", "change", "change_holds"), np.nan
        )
    change = scores.centre - scores.start
    lower, upper = np.quantile(scores.drawn, RANGE)
    return {
        "score": scores.centre,
        "lower": lower,
        "upper": upper,
        "geometric": scores.geometric,
        "change": change,
        "change_holds": float(
            (np.sign(scores.drawn - scores.drawn_start) == np.sign(change)).mean()
        ),
    }


NO_RANK = {"rank": pd.NA, "rank_holds": np.nan}


def _ranks(scores: dict[str, Scores]) -> dict[str, dict]:
    """Rank of each domain, 1 = highest score, and how often the draws give the same; nothing to rank below two domains."""
    if len(scores) < 2:
        return {}
    centre = pd.Series({name: one.centre for name, one in scores.items()}).rank(
        ascending=False, method="min"
    )
    drawn = pd.DataFrame({name: one.drawn for name, one in scores.items()}).rank(
        axis=1, ascending=False, method="min"
    )
    holds = (drawn == centre).mean()
    return {name: {"rank": int(centre[name]), "rank_holds": float(holds[name])} for name in scores}


def _whole(
    rows: list[dict],
    scores: dict[str, Scores],
    time: str,
    methods: Methods,
    rng: np.random.Generator,
) -> dict:
    """The row of the plan: the mean of its domains, refused where too many of them have none."""
    beside = {
        name: sum(row[name] for row in rows) for name in ("n_indicators", "n_scored", "n_red")
    }
    beside |= {
        name: ";".join(row[name] for row in rows if row[name]) for name in ("not_scored", "red")
    }
    able = sum(row["n_indicators"] > 0 for row in rows)
    reason = _refused(len(scores), able, 1)
    made = None if reason else _mean(list(scores.values()), methods, rng)
    return {"domain": "", "time": time, **beside, "reason": reason, **_columns(made), **NO_RANK}


def _mean(scores: list[Scores], methods: Methods, rng: np.random.Generator) -> Scores:
    equal, weights = np.ones(len(scores)), rng.dirichlet(np.ones(len(scores)), len(methods.margin))
    drawn, start = (
        np.column_stack([getattr(one, name) for one in scores]) for name in ("drawn", "drawn_start")
    )
    centre, before = ([getattr(one, name) for one in scores] for name in ("centre", "start"))
    return Scores(
        centre=float(weighted_mean(centre, equal)),
        geometric=float(weighted_mean([one.geometric for one in scores], equal, geometric=True)),
        start=float(weighted_mean(before, equal)),
        drawn=weighted_mean(drawn, weights, geometric=methods.geometric),
        drawn_start=weighted_mean(start, weights, geometric=methods.geometric),
    )
