"""Shares of bodies that are elected for a term: seats counted, seats needed, no yearly trend."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.core.columns import OBSERVATIONS, conform
from wdp_lib.data import headline
from wdp_lib.plan import Indicator, Plan, Range

TERM = "term"
TERM_YEARS = 5
NAMES = """
    indicator area n_terms first_term last_term numerator denominator share previous_share
    change_in_seats line seats_needed seats_most seats_short one_seat held_until reason
"""
COLUMNS = tuple(NAMES.split())
WHOLE = ("n_terms", "first_term", "last_term", "change_in_seats", "held_until")
WHOLE += ("seats_needed", "seats_most", "seats_short")


def terms(observations: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Count the seats of every indicator of a plan that only an election moves.

    A body is counted in full: its share has no sampling interval, no yearly trend is drawn through
    it, and its value holds until the next election (five years after the last one).

    Parameters
    ----------
    observations : pandas.DataFrame
        Under the contract ``OBSERVATIONS``; used rows that are no estimates count.

    Returns
    -------
    pandas.DataFrame
        One row an indicator, in the plan's order: ``n_terms`` seen, ``first_term, last_term``
        (years elected), women and seats of the last one, ``share`` and ``previous_share`` (per
        cent, from the counts), ``change_in_seats`` against the term before (at the same number of
        seats), ``line`` (per cent that the target draws), ``seats_needed`` and ``seats_most``
        (fewest and most women that keep it), ``seats_short`` (0: kept), ``one_seat`` (a body of one
        seat), ``held_until``, and a ``reason`` where no seats can be named: no_data, no_counts,
        one_seat, no_baseline, no_reference, monitor_only.
    """
    rows = headline(conform(observations, OBSERVATIONS), plan)
    rows = rows[rows["value"].notna() & (rows["status"] != "estimated")]
    by_indicator = dict(list(rows.groupby("indicator", sort=False)))
    made = [
        _row(indicator, by_indicator, rows.iloc[:0], plan)
        for indicator in plan.indicators
        if indicator.frequency == TERM
    ]
    table = pd.DataFrame(made, columns=list(COLUMNS))
    return table.astype(dict.fromkeys(WHOLE, "Int64") | {"one_seat": "bool", "reason": "str"})


def share_of(rows: pd.DataFrame) -> np.ndarray:
    """Return shares in per cent, from the counts if known: rounding must not decide a seat."""
    exact = 100 * rows["numerator"] / rows["denominator"].where(rows["denominator"] > 0)
    return exact.fillna(rows["value"]).round(9).to_numpy("float64")


def seats_inside(allowed: Range, seats: int) -> tuple[int, int] | None:
    """Return the fewest and the most of so many seats that meet a target in per cent, if any."""
    kept = np.flatnonzero(allowed.contains(np.round(100 * np.arange(seats + 1) / seats, 9)))
    return (int(kept[0]), int(kept[-1])) if kept.size else None


def _row(
    indicator: Indicator, others: dict[str, pd.DataFrame], none: pd.DataFrame, plan: Plan
) -> dict[str, object]:
    rows = others.get(indicator.id, none)
    base = {"indicator": indicator.id, "area": plan.area, "n_terms": len(rows), "one_seat": False}
    if rows.empty:
        return {**base, "reason": "no_data"}
    shares, last = share_of(rows), rows.iloc[-1]
    seats, before = last["denominator"], shares[-2] if len(rows) > 1 else np.nan
    won = (shares[-1] - before) / 100 * seats if seats > 0 else np.nan
    seen = {
        **base,
        "first_term": rows["year"].iloc[0],
        "last_term": last["year"],
        "numerator": last["numerator"],
        "denominator": seats,
        "share": shares[-1],
        "previous_share": before,
        "change_in_seats": int(np.round(won)) if np.isfinite(won) else pd.NA,
        "one_seat": bool(seats == 1),
        "held_until": int(last["year"]) + TERM_YEARS,
    }
    known = _known(indicator, rows, shares, others, plan)
    reason = indicator.target.missing(**known) or ("" if seats > 0 else "no_counts")
    allowed = indicator.target.range(**known)
    if allowed is None or reason:
        return {**seen, "reason": reason}
    return {**seen, **_needed(allowed, last), "reason": "one_seat" if seats == 1 else ""}


def _known(
    indicator: Indicator,
    rows: pd.DataFrame,
    shares: np.ndarray,
    others: dict[str, pd.DataFrame],
    plan: Plan,
) -> dict[str, float | None]:
    """Share of the term in force in the baseline year, and latest value of the reference."""
    years = rows["year"].to_numpy()
    in_force = np.where(years <= plan.baseline_year, years, 0).argmax()
    baseline = float(shares[in_force]) if years[in_force] <= plan.baseline_year else None
    reference = others.get(indicator.target.reference)
    if reference is not None:
        reference = reference[reference["year"] <= years.max()]["value"]
    none = reference is None or reference.empty
    return {"baseline": baseline, "reference": None if none else float(reference.iloc[-1])}


def _needed(allowed: Range, last: pd.Series) -> dict[str, object]:
    line = allowed.lower if np.isfinite(allowed.lower) else allowed.upper
    inside = seats_inside(allowed, int(last["denominator"]))
    if inside is None:
        return {"line": line}
    least, most = inside
    short = max(0, least - int(last["numerator"])) if pd.notna(last["numerator"]) else pd.NA
    return {"line": line, "seats_needed": least, "seats_most": most, "seats_short": short}
