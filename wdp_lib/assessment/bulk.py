"""Many areas at once: every series of a long table against its target, without a plan and in pieces."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from wdp_lib.assessment.scheme import Scheme, load_scheme
from wdp_lib.core.columns import Contract, conform
from wdp_lib.forecasting.attainment import attainment_probability
from wdp_lib.forecasting.models.registry import DEFAULT

SCREENING = Contract(
    "screening",
    """
    series_id operator value year last_year last_value probability risk reason
    """,
)
PIECE = 20_000  # series at a time: memory stays the same for one county and for all of them


def screen(
    frame: pd.DataFrame,
    targets: pd.DataFrame,
    *,
    scheme: Scheme | None = None,
    model: str = DEFAULT,
    seed: int = 0,
) -> pd.DataFrame:
    """Return for each target where its series stands, how probable it is that the target is met, and the class of risk.

    For thousands of areas: one probability a target, by the same forecasts and thresholds as `wdp_lib.assess`, but
    without what needs a plan (baselines, promises over several years, areas within areas).

    Parameters
    ----------
    frame : pandas.DataFrame
        Series, as for `wdp_lib.forecast_frame`.
    targets : pandas.DataFrame
        As for `wdp_lib.attainment_probability`.
    scheme : Scheme, optional
        Thresholds; the default scheme unless given.
    model, seed
        As for `wdp_lib.forecast_frame`.

    Returns
    -------
    pandas.DataFrame
        Contract `SCREENING`: ``series_id, operator, value, year, last_year, last_value, probability, risk, reason``, a row
        a target, in their order; ``risk`` is not_graded where there is no probability or the year is past.

    Raises
    ------
    DataError, ParameterError
        As `wdp_lib.attainment_probability`.
    """
    scheme = scheme or load_scheme()
    parts = [
        attainment_probability(rows, wanted, model=model, seed=seed).set_index(wanted.index)
        for rows, wanted in pieces(frame, targets)
    ]
    found = pd.concat(parts).loc[targets.index] if parts else attainment_probability(frame, targets)
    known = (
        frame.dropna(subset=["value"])
        .sort_values("year", kind="stable")
        .drop_duplicates("series_id", keep="last")
    )
    latest = found[["series_id"]].merge(
        known[["series_id", "year", "value"]], how="left", on="series_id"
    )
    table = found.assign(
        last_year=latest["year"].to_numpy(),
        last_value=latest["value"].to_numpy(),
        risk=_classes(found["probability"].to_numpy(), found["reason"].to_numpy(object), scheme),
    )
    return conform(table.reset_index(drop=True), SCREENING)


def pieces(
    frame: pd.DataFrame, targets: pd.DataFrame
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Yield series with their targets, a piece at a time; one series stands in one piece."""
    code, names = pd.factorize(
        pd.concat([targets["series_id"], frame["series_id"]], ignore_index=True)
    )
    of_target, of_row = code[: len(targets)] // PIECE, code[len(targets) :] // PIECE
    for piece in range(-(-len(names) // PIECE)):
        wanted = targets[of_target == piece]
        if len(wanted):
            yield frame[of_row == piece], wanted


def _classes(probability: np.ndarray, reason: np.ndarray, scheme: Scheme) -> list[str]:
    graded = np.isfinite(probability) & (reason == "")
    return [
        scheme.risk_class(p) if use else "not_graded"
        for p, use in zip(probability, graded, strict=True)
    ]
