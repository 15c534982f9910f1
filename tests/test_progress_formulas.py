"""Formulas of progress against results published elsewhere."""

import csv
from pathlib import Path

import numpy as np
import pytest

from wdp_lib.assessment import formulas

CLASSES = {
    "target_achieved": "achieved",
    "substantial_progress": "substantial",
    "moderate_progress": "moderate",
    "limited_progress": "limited",
    "deterioration": "deterioration",
}


def published():
    with (Path(__file__).parent / "vectors" / "opensdg_canada.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        return list(csv.DictReader(file))


def number(text):
    return float(text) if text else None


@pytest.mark.parametrize("row", published(), ids=lambda row: row["id"])
def test_open_sdg_gives_what_statistics_canada_published(row):
    base, target = int(row["base_year"]), number(row["target"])
    found = formulas.open_sdg(
        float(row["base_value"]),
        float(row["current_value"]),
        int(row["current_year"]) - base,
        improving=int(row["direction"]),
        target=target,
        target_years=None if target is None else int(row["target_year"]) - base,
        limit=number(row["limit"]),
    )
    assert found.value == pytest.approx(float(row["progress_value"]), rel=1e-9, abs=1e-12)
    assert found.score == pytest.approx(float(row["score"]), rel=1e-9, abs=1e-9)
    assert found.name == CLASSES[row["status"]]


def test_all_175_published_results_are_compared():
    assert len(published()) == 175


# years are those since the base year; figures as published, see vectors/README.md
VECTORS = """
    first | last  | years | improving | target | target_years | limit | value                 | score               | name
    14.5  | 10.2  | 8     | -1        | 7.25   | 15           |       | 0.9525901792032172    | 2.5185563910306596  | substantial
    90    | 93.2  | 6     | 1         |        |              | 100   | 0.005839995229728112  | 2.815386645395768   | substantial
    93.4  | 92.7  | 4     | 1         |        |              | 100   | -0.0018789507235312808 | -2.7348688404414103 | deterioration
    99.47 | 99.5  | 8     | 1         |        |              | 100   | 3.769483546056662e-05 | -1.6917364186249069 | limited
    0.27  | 0.38  | 8     | 1         | 0.7    | 15           |       | 0.6656054028956886    | 0.4686528323436141  | moderate
    0.9   | 14.7  | 8     | 1         | 10     | 15           |       | 2.3996836108900683    | 5                   | achieved
    98.8  | 98.3  | 9     | 1         | 100    | 15           |       | -0.6999479299633053   | -5                  | deterioration
    48    | 46    | 5     | -1        |        |              |       | 0.008475799035301268  | 0.868949758825317   | moderate
    20    | 12    | 9     | -1        | 8      | 15           |       | 0.93114784            | 2.36539588          | moderate
"""


def rows_of(text):
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


@pytest.mark.parametrize(
    "row", rows_of(VECTORS), ids=lambda row: f"{row['first']}_to_{row['last']}"
)
def test_open_sdg_of_the_worked_examples(row):
    given = {name: number(row[name]) for name in ("target", "target_years", "limit")}
    first, last, years = (float(row[name]) for name in ("first", "last", "years"))
    found = formulas.open_sdg(first, last, years, improving=int(row["improving"]), **given)
    assert (found.value, found.score) == pytest.approx(
        (float(row["value"]), float(row["score"])), rel=1e-7
    )
    assert found.name == row["name"]


def test_the_cuts_shrink_towards_the_natural_limit():
    assert formulas.limit_factor(90, 100) == pytest.approx(0.373622, abs=1e-6)
    assert formulas.limit_factor(100, 100) == 0
    assert formulas.limit_factor(200, 100) == formulas.limit_factor(300, 100) == 1
    assert formulas.open_sdg(100, 100, 5, improving=1, limit=100).score == 5


def test_the_same_numbers_are_on_track_for_one_method_and_not_for_another():
    """Maternal deaths 20 (2015), 12 (2024), target 8 by 2030."""
    chart = formulas.un_chart(20, 12, 9, improving=-1, target=8, years_left=6)
    assert (chart.value, chart.name) == (pytest.approx(0.95528801), "on_track")
    assert formulas.growth_rate(20, 12, 9) == pytest.approx((8.53654393 / 12) ** (1 / 6) - 1)
    assert formulas.open_sdg(20, 12, 9, improving=-1, target=8, target_years=15).name == "moderate"
    assert formulas.escap_index(20, 12, 8, improving=-1) == pytest.approx(20 / 3)
    share = formulas.path_share(20, 12, 8)
    assert (share, share / (9 / 15)) == pytest.approx((2 / 3, 1.1111), abs=1e-4)


@pytest.mark.parametrize(
    ("last", "name"), [(8, "met"), (7, "met"), (19, "fair"), (20, "stagnation"), (25, "stagnation")]
)
def test_the_progress_chart_of_the_united_nations_knows_four_classes(last, name):
    assert formulas.un_chart(20, last, 9, improving=-1, target=8, years_left=6).name == name


@pytest.mark.parametrize(("last", "name"), [(99.1, "met"), (98.9, "on_track")])
def test_the_progress_chart_takes_a_value_within_one_per_cent_of_the_limit_as_met(last, name):
    found = formulas.un_chart(90, last, 5, improving=1, target=100, years_left=5, bounds=(0, 100))
    assert found.name == name


def test_there_is_no_rate_of_growth_from_zero():
    assert np.isnan(formulas.growth_rate(0, 5, 3))
    assert formulas.open_sdg(0, 5, 3, improving=1, target=10, target_years=6) == formulas.NOTHING


def test_recent_years_weigh_more_and_the_line_keeps_the_centre():
    years = [2015, 2018, 2021, 2024]
    values = np.array([3.0, 4.0, 8.0, 5.0])
    slope, level = np.polyfit(np.array(years) - 2030, values, 1, w=np.sqrt([1, 1.25, 5 / 3, 2.5]))
    assert formulas.weighted_line(years, values, 2030) == pytest.approx(level)
    assert level + slope * (np.mean(years) - 2030) == pytest.approx(values.mean())


def test_anticipated_progress_by_the_predictions_of_escap():
    years, values = [2015, 2018, 2024], [60, 66, 75]
    ahead = formulas.go_on_by_logit(years, values, 2030)
    assert ahead == pytest.approx(82.8367, abs=1e-4)
    assert formulas.escap_index(60, ahead, 90, improving=1) == pytest.approx(7.6122, abs=1e-4)
    assert formulas.escap_index(60, 75, 90, improving=1) == 5
    assert formulas.weighted_line(years, values, 2030) == pytest.approx(84.8276, abs=1e-4)


def test_a_steady_growth_goes_on_in_the_weighted_prediction():
    assert formulas.weighted_growth([2020, 2021, 2022], [100, 110, 121], 2023) == pytest.approx(
        133.1
    )


def test_the_rate_of_reduction_by_two_points_and_by_all():
    steady = [100 * (1 - 0.024) ** k for k in range(16)]
    assert formulas.reduction_trend(range(2000, 2016), steady) == pytest.approx(0.024)
    assert formulas.reduction_rate(steady[0], steady[-1], 15) == pytest.approx(0.024)
    assert formulas.reduction_trend([2000, 2005, 2010, 2015], [120, 100, 70, 55]) == pytest.approx(
        0.0525139, abs=1e-7
    )
    assert formulas.reduction_rate(100, 80, 10) == pytest.approx(0.02206723, abs=1e-8)
    assert np.isnan(formulas.reduction_trend([2000, 2001, 2002], [5, 0, 3]))


def test_the_best_pace_is_that_of_the_best_stretch_of_the_window():
    years, values = [2016, 2017, 2018, 2019, 2020], [60, 61, 66, 67, 66]
    assert formulas.best_pace(years, values, 2, improving=1) == 3
    assert formulas.best_pace(years, values, 1, improving=-1) == -1
    assert np.isnan(formulas.best_pace(years, values, 5, improving=1))
