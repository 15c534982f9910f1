"""What a forecast of trends must keep: intervals as often right as said, and honesty beside the
plainest rule.
"""

import numpy as np
import pandas as pd
import pytest
from kit import observations

import wdp_lib as wdp
from wdp_lib.backtesting.run import backtest_frame
from wdp_lib.publish.context import Context
from wdp_lib.publish.views import show

YEARS = 12


def simulated(drift, count=300, ahead=3):
    """Random walks with a drift: what is known, and what comes."""
    steps = np.random.default_rng(3).normal(drift, 1, (count, YEARS + ahead))
    values = 50 + np.cumsum(steps, axis=1)
    known = pd.DataFrame(values[:, :YEARS], columns=range(2001, 2001 + YEARS)).assign(
        series_id=range(count)
    )
    return known.melt("series_id", var_name="year").astype({"year": int, "series_id": str}), values[
        :, YEARS:
    ]


@pytest.mark.parametrize("drift", [0.0, 0.5])
@pytest.mark.requirement("E6")
def test_intervals_hold_about_as_many_values_as_they_say(drift):
    known, coming = simulated(drift)
    table = wdp.forecast_frame(known, horizon=coming.shape[1])
    bounds = table.pivot_table(index=["series_id", "year"], columns="quantile", values="value")
    for step in range(coming.shape[1]):
        rows = bounds.xs(2001 + YEARS + step, level="year")
        came = coming[rows.index.astype(int), step]
        for low, high, said in ((0.1, 0.9, 0.80), (0.025, 0.975, 0.95)):
            inside = ((rows[low] <= came) & (came <= rows[high])).mean()
            # walks of equal steps are calmer than the real series the widths were learned on: up to
            # 91 of 100 values come within 80 %
            assert said - 0.02 <= inside <= said + 0.11


@pytest.mark.requirement("E6")
def test_a_method_that_does_worse_than_no_change_is_printed_with_a_ratio_above_one():
    rows = [
        (f"s{k}", f"g{k}", 2001 + t, 10.0 + (5 if t == 6 else 0))
        for k in range(12)
        for t in range(10)
    ]
    table = pd.DataFrame(rows, columns=["series_id", "group", "year", "value"])
    test = backtest_frame(table, models=("no_change", "cagr"))
    scores = test.scores[test.scores["horizon"] == 0].set_index("model")
    assert scores.loc["no_change", "mae_ratio"] == pytest.approx(1)
    assert scores.loc["cagr", "mae_ratio"] > 1
    shown = show(test, "models", Context(wdp.load_plan("ruyuan-2021-2030"), "en"))
    said = dict(
        zip(
            shown.texts.iloc[:, 0], shown.texts["error, no change = 1 (95 % interval)"], strict=True
        )
    )
    assert said["compound annual growth rate"].startswith(f"{scores.loc['cagr', 'mae_ratio']:.2f}")
    assert "below 1 is better than no change" in " ".join(shown.notes)


WATCHED = ("domestic_violence_police_reports", "domestic_violence_warning_letters")


@pytest.mark.parametrize("change", [40, -40])
@pytest.mark.parametrize("name", WATCHED)
@pytest.mark.requirement("J20")
def test_a_rise_or_fall_of_police_reports_gives_no_red_and_no_green_mark(name, change):
    plan = wdp.load_plan("ruyuan-2021-2030")
    stratum = plan.indicator(name).stratum
    start = 500 if change < 0 else 50
    lines = [
        f"{name} | {plan.area} | {year} | {start + change * k}"
        for k, year in enumerate(range(2015, 2026))
    ]
    table = observations("indicator | area | year | value\n" + "\n".join(lines)).assign(**stratum)
    forecasts = wdp.forecast(table, plan, through=2030, seed=1)
    risks = wdp.assess(forecasts, table, plan, as_of="2026-06-30")
    row = risks.set_index("indicator").loc[name]
    assert (row["state"], row["state_reason"], row["risk"]) == (
        "not_assessable",
        "monitor_only",
        "not_graded",
    )
    assert np.isnan(row["p_meet"])
    warned = wdp.warnings(risks, table, plan)
    assert name not in set(
        warned.loc[warned["level"].isin(["red", "orange", "yellow", "blue"]), "indicator"]
    )


@pytest.mark.requirement("J18")
def test_the_yearly_report_has_a_chapter_on_the_state_and_the_trends_of_women():
    from wdp_lib.batch import read_run
    from wdp_lib.core.home import find_home

    run = read_run(find_home() / "params" / "ruyuan-annual-2024.yaml")
    assert run.parameters["stage"] == "annual"
    assert {"20-trends", "70-annual-monitoring"} <= set(run.notebooks)
