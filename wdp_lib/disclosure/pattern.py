"""Which figures a public edition hides, and what anybody can prove of them."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from wdp_lib.core.columns import Contract, conform
from wdp_lib.core.errors import WdpError
from wdp_lib.disclosure.cells import Counts, counts_of
from wdp_lib.disclosure.sums import EXACT, protect, provable
from wdp_lib.plan import Plan

AUDIT = Contract(
    "disclosure_audit",
    "counted area sex age_group residence year few least greatest range_width protected",
)


def hidden_figures(
    observations: pd.DataFrame,
    plan: Plan,
    areas: pd.DataFrame,
    *,
    threshold: int,
    width: float,
    own: Collection[str] = (),
) -> pd.DataFrame:
    """Return which figures of each row must not be shown, so that nothing shown gives them away.

    No sum leads from one year to another, so that a later edition hides the same of earlier years.

    ``areas``: ``area, parent``. ``threshold``: the least count that may be shown, besides none.
    ``width``: how wide the range must stay that anybody can prove of a hidden count, even who knows
    which counts are below the threshold. ``own``: indicators whose figures the reader has in full,
    and could compute with: what is hidden is safe from that, too. By the index of the observations:
    ``value, numerator, denominator``, true where hidden. Raises `WdpError` when a count
    cannot be protected: nothing may be published then.
    """
    counts = counts_of(observations, plan, areas, threshold=threshold)
    hidden = pattern(counts, width)
    known = np.zeros(len(hidden), dtype=bool)
    known[np.setdiff1d(counts.rows[observations["indicator"].isin(own)], -1)] = True
    hidden |= known.any() and pattern(counts, width, known=known, also=hidden)
    return _of_rows(counts, hidden, observations, plan)


def pattern(
    counts: Counts,
    width: float,
    *,
    known: np.ndarray | None = None,
    also: np.ndarray | None = None,
) -> np.ndarray:
    """Return which cells are hidden: those of few people, and what must be hidden besides.

    ``known``: cells that the reader has anyway, but for whom all those of ``also`` are hidden. What
    nothing can keep from such a reader keeps the range that it has then.
    """
    cells, sums = counts.cells, counts.sums
    more = np.zeros(len(sums.values) - len(cells), dtype=bool)
    few = np.append(cells["few"].to_numpy(bool) if also is None else also, more)
    if known is not None:
        every = np.append(known, more)
        sums, few = sums.knowing(every), few & ~every
    # births and populations stay, unless nothing else helps
    kept = cells["below"] & ~cells.groupby("counted")["few"].transform("any")
    above = np.append(~kept.to_numpy(bool), more)
    cost = np.append(counts.cost, np.zeros(len(more)))
    settings = {"width": width, "may_hide": above, "leave": known is not None}
    try:
        hidden = protect(sums, few, cost=cost, **settings)
    except ArithmeticError as error:
        zh, en = "有小数量无法保护，不能公开", "A small count cannot be protected: nothing goes out"
        raise WdpError.of(f"{zh}（{error}）。", f"{en} ({error}).") from error
    return hidden[: len(cells)]


def audit(counts: Counts, hidden: np.ndarray, width: float) -> pd.DataFrame:
    """Return what anybody can prove of each hidden count, from all that is shown.

    Contract ``AUDIT``: a row a hidden count, with the least and the greatest value it can have.
    """
    every = np.append(hidden, np.zeros(len(counts.sums.values) - len(hidden), dtype=bool))
    low, high = (ends[: len(hidden)] for ends in provable(counts.sums, every))
    table = counts.cells.assign(least=low, greatest=high, range_width=high - low)[hidden]
    return conform(table.assign(protected=table["range_width"] >= width - EXACT), AUDIT)


def _of_rows(
    counts: Counts, hidden: np.ndarray, observations: pd.DataFrame, plan: Plan
) -> pd.DataFrame:
    closed = np.append(hidden, False)  # no cell: -1
    found = pd.DataFrame({part: closed[counts.rows[part]] for part in ("numerator", "denominator")})
    found = found.set_axis(observations.index)
    found.insert(0, "value", found.any(axis=1))
    touched = observations.loc[found["value"], ["indicator", "year"]].drop_duplicates()
    of_others = {i.id: i.target.reference for i in plan.indicators if i.data_kind == "gap"}
    gaps = observations[["indicator", "year"]].assign(
        indicator=observations["indicator"].map(of_others)
    )
    found["value"] |= pd.MultiIndex.from_frame(gaps).isin(pd.MultiIndex.from_frame(touched))
    return found
