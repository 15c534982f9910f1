"""Write the scored hindcast of the finished outline, `docs/hindcast-2011-2020.md`, from the run."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from wdp_lib.assessment import assess
from wdp_lib.core.files import write_atomic
from wdp_lib.data import load_observations
from wdp_lib.evaluation.outcomes import compare_outcomes, load_outcomes, reliability
from wdp_lib.forecasting import forecast
from wdp_lib.forecasting.paths import forecast_paths
from wdp_lib.plan import Plan, load_plan

PLAN, DATASET, AS_OF, SEED = "china-2011-2020", "china", "2015-12-31", 20260630
DOCUMENT = Path(__file__).parent / "hindcast-2011-2020.md"
_HEAD = """# Hindcast of the outline 2011–2020

Standing at {as_of} with only what was known then, each target of the outline was forecast
to 2020 and graded; then the published outcome was
looked up. This page is made from that run (`python docs/make_hindcast.py`),
and a test keeps it in step. The same run as a
report: `wdp run params/china-hindcast-2015.yaml`.

Of {n} targets with a number or a published outcome, {known} have an outcome;
{scored} of them had been given a
probability and are scored. Mean squared
error of the probability (Brier score): {brier}; saying 0.5 each time would have scored 0.25.
{checked} forecasts can be compared with a value
of the target year; {inside} of these values lie within the 80 % interval.
{few}
A dash means that there was nothing to say: no forecast, no class, or no outcome. `stated`: a report
says that the target was met or missed;
`compared`: the published value was compared with the target. Where the outcome is of an earlier
year the value is not scored against the interval.
"""
_FEW = """
So few cases cannot show whether probabilities near 0 and 1 are right; the back-test
over many series (model card) does that.
"""


def hindcast(home: Path | str | None = None) -> pd.DataFrame:
    """Return the hindcast of 2011–2020 against the published outcomes, forecast anew."""
    plan = load_plan(PLAN, home)
    observations = load_observations(DATASET, plan, as_of=AS_OF, home=home)
    forecasts = forecast(observations, plan, through=plan.last_year, seed=SEED)
    held = [i.id for i in plan.indicators if i.target.every_year and i.target.statistic == "level"]
    paths = forecast_paths(observations, plan, held, through=plan.last_year, seed=SEED)
    risks = assess(forecasts, observations, plan, as_of=AS_OF, paths=paths)
    return compare_outcomes(risks, load_outcomes(PLAN, home), plan)


def hindcast_document(comparison: pd.DataFrame, plan: Plan) -> str:
    """Return the page: what was scored, every target with its outcome, bands of probability.

    Parameters
    ----------
    comparison : pandas.DataFrame
        Result of `compare_outcomes`.
    plan : Plan
        Names of the indicators.
    """
    lines = [
        _summary(comparison),
        "## Each target",
        "",
        *_targets(comparison, plan),
        "",
        "## Bands of probability",
        "",
    ]
    return "\n".join([*lines, *_bands(reliability(comparison))]) + "\n"


def _summary(comparison: pd.DataFrame) -> str:
    scored, checked = comparison["brier"].dropna(), comparison["within_80"].dropna()
    return _HEAD.format(
        as_of=AS_OF,
        n=len(comparison),
        known=int((comparison["outcome"] != "unknown").sum()),
        scored=len(scored),
        brier=_number(scored.mean(), 3),
        checked=len(checked),
        inside=int(checked.sum()),
        few=_FEW if len(scored) < 30 else "",
    )


def _targets(comparison: pd.DataFrame, plan: Plan) -> list[str]:
    lines = [
        "| target | last value then | forecast 2020 (80 %) | class | probability | outcome | basis "
        "| in 80 % | squared error |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in comparison.itertuples():
        last = "–" if pd.isna(row.last_year) else f"{row.last_value:g} ({row.last_year})"
        ends = f" ({_number(row.forecast_lower, 1)} to {_number(row.forecast_upper, 1)})"
        cells = (
            plan.indicator(row.indicator).name.en,
            last,
            "–" if pd.isna(row.forecast_median) else _number(row.forecast_median, 1) + ends,
            "–" if row.risk == "not_graded" else row.risk,
            _number(row.p_meet, 2),
            _outcome(row),
            row.basis if isinstance(row.basis, str) else "–",
            "–" if pd.isna(row.within_80) else ("yes" if row.within_80 else "no"),
            _number(row.brier, 3),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _outcome(row) -> str:
    if row.outcome == "unknown":
        return "–"
    word = {"met": "met", "not_met": "not met"}[row.outcome]
    return (
        word
        if pd.isna(row.outcome_value)
        else f"{word}: {row.outcome_value:g} ({int(row.outcome_year)})"
    )


def _bands(bands: pd.DataFrame) -> list[str]:
    lines = [
        "| probability given | targets | of these met | mean probability |",
        "|---|---|---|---|",
    ]
    for row in bands.itertuples():
        band = f"{row.lower:g} to {row.upper:g}"
        lines.append(f"| {band} | {row.n} | {row.met} | {_number(row.mean_probability, 2)} |")
    return lines


def _number(value: float, digits: int) -> str:
    return "–" if pd.isna(value) else f"{value:.{digits}f}"


if __name__ == "__main__":
    write_atomic(DOCUMENT, hindcast_document(hindcast(), load_plan(PLAN)))
