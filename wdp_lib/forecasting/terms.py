"""Shares of bodies that are elected for a term.

Seats counted, seats needed, and no yearly trend.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.core.columns import OBSERVATIONS, conform
from wdp_lib.data import headline
from wdp_lib.plan import Indicator, Plan, Range

TERM = "term"
TERM_YEARS = 5
COLUMNS = (
    *(
        "indicator",
        "area",
        "n_terms",
        "first_term",
        "last_term",
        "numerator",
        "denominator",
        "share",
    ),
    *("previous_share", "change_in_seats", "line", "seats_needed", "seats_most", "seats_short"),
    *("one_seat", "held_until", "reason"),
)


def terms(observations: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Count the seats of every indicator of a plan that only an election moves.

    A body is counted in full: its share has no sampling interval, no yearly trend is drawn through
    it, and its value holds until the next election (five years after the last one).

    Parameters
    ----------
    observations : pandas.DataFrame
        Under the contract ``OBSERVATIONS``; used rows that are no estimates count.
    plan : Plan
        Whose indicators of frequency ``term`` are wanted.

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
        _row(i, by_indicator.get(i.id, rows.iloc[:0]), by_indicator, plan)
        for i in plan.indicators
        if _elected(i)
    ]
    table = pd.DataFrame(made, columns=list(COLUMNS))
    whole = [
        c
        for c in COLUMNS
        if c.endswith("_term") or c.startswith("seats") or c in ("change_in_seats", "held_until")
    ]
    return table.astype(
        dict.fromkeys(whole, "Int64") | {"n_terms": "Int64", "one_seat": "bool", "reason": "str"}
    )


def _elected(indicator: Indicator) -> bool:
    return indicator.frequency == TERM


def share_of(rows: pd.DataFrame) -> np.ndarray:
    """Return the shares in per cent, from the counts where they are known.

    A rounded share must not decide a seat.
    """
    exact = 100 * rows["numerator"] / rows["denominator"].where(rows["denominator"] > 0)
    return exact.fillna(rows["value"]).round(9).to_numpy("float64")


def seats_inside(allowed: Range, seats: int) -> tuple[int, int] | None:
    """Return the fewest and the most of so many seats that meet a target in per cent.

    Or ``None``: no number does.
    """
    kept = np.flatnonzero(allowed.contains(np.round(100 * np.arange(seats + 1) / seats, 9)))
    return (int(kept[0]), int(kept[-1])) if kept.size else None


def term_in_force(rows: pd.DataFrame, year: int) -> pd.Series | None:
    """Return the row of the term that was in force in a year.

    The last one elected until then, or ``None``.
    """
    before = rows[rows["year"] <= year]
    return None if before.empty else before.loc[before["year"].idxmax()]


def _row(
    indicator: Indicator, rows: pd.DataFrame, others: dict[str, pd.DataFrame], plan: Plan
) -> dict[str, object]:
    base = {"indicator": indicator.id, "area": plan.area, "n_terms": len(rows), "one_seat": False}
    if rows.empty:
        return {**base, "reason": "no_data"}
    shares, last = share_of(rows), rows.iloc[-1]
    seats = last["denominator"]
    seen = {
        **base,
        "first_term": rows["year"].iloc[0],
        "last_term": last["year"],
        "numerator": last["numerator"],
        "denominator": seats,
        "share": shares[-1],
        "previous_share": shares[-2] if len(rows) > 1 else np.nan,
        "change_in_seats": _change(shares, seats),
        "one_seat": bool(seats == 1),
        "held_until": int(last["year"]) + TERM_YEARS,
    }
    allowed, reason = _allowed(indicator, rows, others, plan)
    if not reason and not seats > 0:
        reason = "no_counts"
    if allowed is None or reason:
        return {**seen, "reason": reason}
    return {**seen, **_needed(allowed, last), "reason": "one_seat" if seats == 1 else ""}


def _change(shares: np.ndarray, seats: float) -> object:
    """Seats won since the term before, at today's number of seats."""
    known = len(shares) > 1 and seats > 0
    return int(np.round((shares[-1] - shares[-2]) / 100 * seats)) if known else pd.NA


def _allowed(
    indicator: Indicator, rows: pd.DataFrame, others: dict[str, pd.DataFrame], plan: Plan
) -> tuple[Range | None, str]:
    target = indicator.target
    first = term_in_force(rows, plan.baseline_year)
    baseline = None if first is None else float(share_of(first.to_frame().T.infer_objects())[0])
    reference = others.get(target.reference)
    known = None if reference is None else reference[reference["year"] <= rows["year"].max()]
    value = None if known is None or known.empty else float(known["value"].iloc[-1])
    return target.range(baseline=baseline, reference=value), target.missing(
        baseline=baseline, reference=value
    )


def _needed(allowed: Range, last: pd.Series) -> dict[str, object]:
    line = allowed.lower if np.isfinite(allowed.lower) else allowed.upper
    inside = seats_inside(allowed, int(last["denominator"]))
    if inside is None:
        return {"line": line}
    least, most = inside
    short = max(0, least - int(last["numerator"])) if pd.notna(last["numerator"]) else pd.NA
    return {"line": line, "seats_needed": least, "seats_most": most, "seats_short": short}
