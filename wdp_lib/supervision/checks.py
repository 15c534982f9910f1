"""Checks: of a return before it is sent (自查), of claims (自评), and on the spot (抽查)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from wdp_lib.assessment.scheme import MET
from wdp_lib.core.columns import OBSERVATIONS, RISKS, VERDICTS, conform
from wdp_lib.core.errors import ParameterError, Problem
from wdp_lib.core.problems import templates
from wdp_lib.data import current
from wdp_lib.data.dataset import check_return
from wdp_lib.data.read.corrections import COLUMNS
from wdp_lib.evaluation.verdicts import file_lines
from wdp_lib.forecasting.counts.rates import binomial_exact
from wdp_lib.plan import Plan
from wdp_lib.supervision.tables import (
    DISAGREEMENTS,
    ERROR_RATE,
    FINDINGS,
    SELF_EVALUATION,
    SPOT_CHECK_RECORD,
    SPOT_CHECKS,
)

WEIGHTS = {"red": 4.0, "orange": 3.0, "yellow": 2.0, "not_graded": 2.0, "blue": 1.0, "clear": 1.0}
_RANK = {"not_attained": 0, "hard": 0, "worsened": 0, "behind": 0, "not_started": 0}
_RANK |= {"on_schedule": 0, "under_way": 1, "nearly": 1, **dict.fromkeys(MET, 2)}
_problem = templates(__file__)
_DIFFERENCES = ("over_claim", "under_claim", "not_comparable")


def self_check(
    path: Path | str, plan: Plan, *, dataset: str | Path, as_of: str, home: Path | str | None = None
) -> pd.DataFrame:
    """Check one return before it is sent, by the very rules that are applied to it on receipt.

    Corrections are not applied; conflicts with returns of other units show only when all are read.
    ``dataset`` is the one it will belong to: its areas, breaks and settings.

    Returns
    -------
    pandas.DataFrame
        One row a finding (contract ``FINDINGS``), by row; empty when nothing is to be put right.

    Raises
    ------
    DataError
        When there is no such data set, or the file cannot be read at all.
    """
    problems = check_return(path, dataset, plan, as_of=as_of, home=home).problems
    return findings_of(problems, Path(path).name)


def findings_of(problems: Iterable[Problem], file: str) -> pd.DataFrame:
    """Return the problems of one file (contract ``FINDINGS``), in the order they were found."""
    rows = [
        vars(p) | {"message_zh": p.message("zh"), "message_en": p.message("en")}
        for p in problems
        if p.file == file
    ]
    return conform(pd.DataFrame(rows, columns=FINDINGS.names), FINDINGS)


def self_evaluation_gaps(claims: pd.DataFrame, verdicts: pd.DataFrame) -> pd.DataFrame:
    """List where a unit's own verdict, `self_evaluation.csv`, differs from the computed one.

    Returns one row a disagreement (contract ``DISAGREEMENTS``), over-claims first; a claim about a
    measure, or about a goal that cannot be assessed, is not comparable.
    """
    table = conform(claims, SELF_EVALUATION.table)
    computed = conform(verdicts, VERDICTS).set_index("goal")["verdict"]
    table["computed"] = table["goal"].map(computed).where(table["measure"] == "").fillna("")
    claimed, known = table["claimed"].map(_RANK), table["computed"].map(_RANK)
    comparable = claimed.notna() & known.notna()
    cases = [table["claimed"] == table["computed"], ~comparable, claimed > known]
    table["difference"] = np.select(cases, ["", "not_comparable", "over_claim"], "under_claim")
    gaps = table[table["difference"] != ""].sort_values(
        "difference", key=lambda column: column.map(_DIFFERENCES.index), kind="stable"
    )
    return conform(gaps, DISAGREEMENTS)


def claims_without_evidence(claims: pd.DataFrame) -> list[Problem]:
    """Return a problem for each claim of attainment in the record that names no evidence."""
    table = conform(claims, SELF_EVALUATION.table).assign(line=file_lines(claims))
    bare = table["claimed"].isin(["attained", "nearly"]) & (table["evidence"].str.strip() == "")
    code = "self_evaluation_without_evidence"
    return [
        _problem(code, SELF_EVALUATION.file, row.line, "evidence", goal=row.goal)
        for row in table[bare].itertuples()
    ]


def draw_spot_checks(
    risks: pd.DataFrame, observations: pd.DataFrame, plan: Plan, *, size: int, seed: int
) -> pd.DataFrame:
    """Draw the values to be checked on the spot.

    Drawn from the latest value that each unit returned of each indicator and area (the plan's and
    its parts), by systematic sampling in random order: exactly ``size`` values, each with a
    probability proportional to the weight of its risk class (``WEIGHTS``), at most 1. Formula:
    Tillé, Sampling Algorithms (2006), sections 2.8 and 7.2.

    Parameters
    ----------
    observations : pandas.DataFrame
        The values returned (contract ``OBSERVATIONS``); values that were derived are left out.
    plan : Plan
        Units and strata of the indicators; indicators without a responsible unit are left out.

    Returns
    -------
    pandas.DataFrame
        One row a value drawn (contract ``SPOT_CHECKS``), by unit, indicator and area.

    Raises
    ------
    ParameterError
        When ``size`` is not positive.
    """
    if size < 1:
        raise ParameterError.of(
            f"抽查数应不小于 1，现为 {size}", f"size must be at least 1, not {size}"
        )
    frame = _population(conform(risks, RISKS), conform(observations, OBSERVATIONS), plan)
    probability = inclusion_probabilities(frame["risk"].map(WEIGHTS).to_numpy(float), size)
    drawn = _systematic(probability, np.random.default_rng(seed))
    sample = frame.assign(probability=probability, seed=seed)[drawn].reset_index(drop=True)
    sample["check"] = [f"{seed}-{number:03d}" for number in range(1, len(sample) + 1)]
    return conform(sample, SPOT_CHECKS)


def _population(risks: pd.DataFrame, observations: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    own = pd.DataFrame(
        [
            (i.id, i.lead_units[0], i.sex, i.age_group, i.residence)
            for i in plan.indicators
            if i.lead_units
        ],
        columns=["indicator", "unit", "sex", "age_group", "residence"],
    )
    rows = current(observations)
    rows = rows[(rows["origin"] == "reported") & (rows["file"] != "")].merge(own, how="inner")
    latest = rows.sort_values("year", kind="stable").drop_duplicates(
        ["indicator", "area"], keep="last"
    )
    classes = risks.drop_duplicates("indicator").set_index("indicator")["risk"]
    latest = latest.assign(risk=latest["indicator"].map(classes).fillna("not_graded"))
    latest = latest.rename(columns={"file": "return", "value": "reported"})
    return latest.sort_values(["unit", "indicator", "area"], kind="stable").reset_index(drop=True)


def inclusion_probabilities(weights: np.ndarray, size: int) -> np.ndarray:
    """Return probabilities proportional to weights (n,), at most 1, that add up to ``size``."""
    weights = np.asarray(weights, float)
    probability = np.zeros(len(weights))
    certain = np.zeros(len(weights), bool)
    while True:
        left = size - certain.sum()
        if left <= 0 or certain.all():
            break
        probability[~certain] = left * weights[~certain] / weights[~certain].sum()
        over = ~certain & (probability >= 1)
        if not over.any():
            break
        certain |= over
    return np.where(certain, 1.0, probability)


def _systematic(probability: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return which are drawn: steps of 1 from a random start along the sums, in random order."""
    order = rng.permutation(len(probability))
    sums = np.round(
        np.concatenate([[0.0], np.cumsum(probability[order])]), 9
    )  # so that the last sum is whole
    ticks = np.floor(sums - rng.random())
    drawn = np.zeros(len(probability), bool)
    drawn[order] = np.diff(ticks) > 0
    return drawn


def error_rate(findings: pd.DataFrame) -> pd.DataFrame:
    """Estimate the share of wrong values among all values that could have been drawn.

    The rate is the Hájek estimate (each value counts 1 / probability). Its interval is the exact
    binomial one for the effective sample size (Korn and Graubard, Survey Methodology 24 (1998)
    193-201), so that it has an upper end even when no error was found.

    Parameters
    ----------
    findings : pandas.DataFrame
        The record `spot_checks.csv`; rows without ``found_value`` are not checked yet and do not
        count.

    Returns
    -------
    pandas.DataFrame
        One row (contract ``ERROR_RATE``); rate and interval are missing when nothing was checked.
    """
    table = conform(findings, SPOT_CHECK_RECORD.table)
    checked = table[table["found_value"].notna()]
    wrong, weight = _wrong(checked), 1 / checked["probability"]
    row = {"drawn": len(table), "checked": len(checked), "wrong": int(wrong.sum())}
    if checked.empty:
        return conform(pd.DataFrame([row]).reindex(columns=ERROR_RATE.names), ERROR_RATE)
    rate = float(weight[wrong].sum() / weight.sum())
    effective = float(weight.sum() ** 2 / (weight**2).sum())
    lower, upper = (float(np.ravel(end)[0]) for end in binomial_exact(rate * effective, effective))
    population = float((1 / table["probability"]).sum())
    row |= {"population": population, "rate": rate, "effective": effective}
    return conform(pd.DataFrame([row | {"lower": lower, "upper": upper}]), ERROR_RATE)


def _wrong(checked: pd.DataFrame) -> np.ndarray:
    return ~np.isclose(checked["reported"], checked["found_value"], rtol=1e-9, atol=1e-9)


def proposed_corrections(findings: pd.DataFrame) -> pd.DataFrame:
    """Return the values found wrong as rows of `data/corrections/<dataset>.csv`, for review."""
    table = conform(findings, SPOT_CHECK_RECORD.table)
    checked = table[table["found_value"].notna()]
    wrong = checked[_wrong(checked)].rename(
        columns={"return": "file", "checked_by": "confirmed_by"}
    )
    was, use = (wrong[name].map("{:.10g}".format) for name in ("reported", "found_value"))
    result = wrong.assign(was=was, use=use, year=wrong["year"].astype("str"))
    return result.reindex(columns=list(COLUMNS)).astype(object).reset_index(drop=True)
