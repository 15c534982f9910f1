"""What is missing, in the order of what the goals need; how many to ask; what surveys estimated."""

from dataclasses import replace

import pandas as pd
import pytest
from data_kit import COLUMNS, PLAN, make_dataset, returned, row

from wdp_lib.assessment.baselines import baselines
from wdp_lib.comparison.known import Known
from wdp_lib.comparison.missing import data_gaps, data_needs
from wdp_lib.comparison.sampling import (
    SURVEY_RECORD,
    sample_size,
    survey_estimates,
    surveys_without_interval,
)
from wdp_lib.core.columns import FORECASTS, OBSERVATIONS, RISKS, conform
from wdp_lib.core.errors import ParameterError
from wdp_lib.data import read_dataset
from wdp_lib.plan.target import Target
from wdp_lib.publish.charts.outlook import plot_outlook
from wdp_lib.publish.context import context_of

LINE = Target("at_least", value=70, year=2030)
WANTED = {
    "screening": {"target": LINE, "disaggregations": ("residence", "township")},
    "enrolment": {"target": Target("rise"), "sex_scope": "both_by_sex"},
    "deaths": {"target": replace(LINE, kind="at_most", value=8)},
    "delegates": {"target": LINE},
    "insured": {},
}
NEEDING = replace(
    PLAN,
    indicators=tuple(replace(i, **WANTED[i.id]) for i in PLAN.indicators if i.id in WANTED),
)
YEARS = range(2021, 2025)


def rows():
    """Screening: 2022 is missing, one township in 2024; enrolment: no men in 2023, no 2024."""
    found = [row(year, 60 + year - 2020) for year in YEARS if year != 2022]
    found += [row(2024, 50, area="东镇")]
    found += [row(2026 - n, 27.5, indicator="delegates") for n in (4,)]
    text = [line + "," for line in found]
    for year in (2021, 2022, 2023):
        text += [
            f"{row(year, 90, indicator='enrolment')},合计",
            f"{row(year, 91, indicator='enrolment')},女",
        ]
        text += [f"{row(year, 89, indicator='enrolment')},男"] if year != 2023 else []
    return returned(*text, columns=COLUMNS + ",sex")


def gaps(folder, surveys=None):
    dataset = read_dataset(make_dataset(folder, health=rows()), NEEDING, as_of="2025-12-31")
    known = Known(dataset.observations, NEEDING, None, dataset.areas)
    return data_gaps(known, NEEDING, year=2024, surveys=surveys)


@pytest.mark.requirement("C8")
def test_the_gaps_are_the_planted_ones_and_what_the_goals_need_comes_first(tmp_path):
    table = gaps(tmp_path)
    found = table[["indicator", "dimension", "need", "years"]].to_numpy().tolist()
    assert found == [
        ["deaths", "own", "not_judged", "○○○○"],
        ["enrolment", "own", "latest", "●●●○"],
        ["screening", "residence", "groups", "○○○○"],
        ["screening", "area", "groups", "○○○◐"],
        ["enrolment", "sex", "groups", "●●◐○"],
        ["screening", "own", "between", "●○●●"],
        ["insured", "own", "not_judged", "○○○○"],  # monitored only: it comes last
    ]
    assert table["rank"].tolist() == list(range(1, 8))


def test_each_indicator_counts_once_in_what_the_gaps_prevent(tmp_path):
    assert data_needs(gaps(tmp_path))[["need", "indicators", "numbered"]].to_numpy().tolist() == [
        ["not_judged", 1, 1],
        ["latest", 1, 0],
        ["groups", 1, 1],
    ]


@pytest.mark.requirement("C8")
@pytest.mark.parametrize(
    ("settings", "size"),
    [
        # Israel (1992), Determining Sample Size, Univ. of Florida PEOD-6: 385 farmers; 323 of 2,000
        ({}, 385),
        ({"population": 2000}, 323),
        # WHO STEPS sample size calculator: 384.16 x 1.5 / 0.8 = 720.3
        ({"design_effect": 1.5, "response": 0.8}, 721),
        ({"share": 0.2}, 246),
        ({"population": 50, "response": 0.5}, 50),
    ],
)
def test_the_sample_of_published_cases_is_reproduced(settings, size):
    assert sample_size(0.05, **settings) == size


@pytest.mark.parametrize("wrong", [{"share": 1.5}, {"design_effect": 0.5}, {"population": 0}])
def test_a_sample_of_impossible_settings_is_refused(wrong):
    with pytest.raises(ParameterError, match="设计效应"):
        sample_size(0.05, **wrong)


def surveys(**changed):
    given = {
        "indicator": "deaths",
        "area": "county",
        "year": 2023,
        "value": 20.0,
        "low": 12.0,
        "high": 31.0,
    }
    given |= {"date": "2024-02-01", "source": "专项调查"} | changed
    return pd.DataFrame([given]).reindex(columns=SURVEY_RECORD.table.names)


@pytest.mark.requirement("C8")
def test_an_estimate_without_an_interval_that_holds_it_is_refused_with_its_line():
    for wrong in ({"low": None, "high": None}, {"low": 22.0}, {"low": 20.0, "high": 20.0}):
        assert survey_estimates(surveys(**wrong), NEEDING, as_of="2025-12-31").empty
        (problem,) = surveys_without_interval(surveys(**wrong))
        assert (problem.file, problem.row) == ("surveys.csv", 2)
    by_error = surveys(low=None, high=None, standard_error=5.0)
    made = survey_estimates(by_error, NEEDING, as_of="2025-12-31")
    assert made[["low", "high"]].to_numpy().round(1).tolist() == [[10.2, 29.8]]
    assert survey_estimates(surveys(), NEEDING, as_of="2024-01-31").empty  # not known yet


@pytest.mark.requirement("C8")
def test_an_estimate_enters_the_chart_with_its_interval_and_is_never_exact(tmp_path):
    made = survey_estimates(surveys(), NEEDING, as_of="2025-12-31")
    assert "deaths" in set(gaps(tmp_path, made)["indicator"])  # still open: estimates alone
    first = gaps(tmp_path, made).iloc[0]
    assert (first["need"], first["years"]) == ("estimates", "○○◐○")
    dataset = read_dataset(tmp_path / "data/observations/demo", NEEDING, as_of="2025-12-31")
    assert "deaths" not in set(dataset.observations["indicator"])
    context = context_of(NEEDING, dataset, language="zh", as_of="2025-12-31", stage="annual")
    nothing = pd.DataFrame(columns=FORECASTS.names).astype({"simulated": bool})
    axes = plot_outlook(nothing, dataset.observations, context, "deaths", surveys=made)
    drawn = {line.get_label(): line.get_xydata().tolist()[:2] for line in axes.get_lines()}
    assert drawn["调查估计的 95% 区间"] == [[2023, 12], [2023, 31]]
    assert drawn["调查估计值（不作判定依据）"][0] == [2023, 20]


@pytest.mark.requirement("C13")
def test_what_is_to_be_held_but_was_below_the_line_at_the_baseline_raises_a_notice():
    held = Target("hold", value=95, year=2030, every_year=True)
    plan = replace(
        PLAN,
        indicators=tuple(
            replace(i, target=held if i.id in ("screening", "enrolment") else LINE)
            for i in PLAN.indicators
            if i.id in ("screening", "enrolment", "delegates")
        ),
    )
    risks = pd.DataFrame(columns=RISKS.names, index=range(3)).assign(
        indicator=["screening", "enrolment", "delegates"],
        baseline_year=2020,
        baseline_value=[94.0, 96.0, None],
        **{c.name: c.allowed[0] for c in RISKS.columns if c.allowed},
        **{c.name: False for c in RISKS.columns if c.kind == "truth"},
    )
    nothing = conform(pd.DataFrame(columns=OBSERVATIONS.names), OBSERVATIONS)
    table = baselines(risks, nothing, plan)
    assert table[["indicator", "notice"]].to_numpy().tolist() == [
        ["screening", "below_line"],
        ["delegates", "missing"],
        ["enrolment", ""],
    ]
