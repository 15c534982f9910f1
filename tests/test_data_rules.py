"""Quality rules: each finds its planted error and leaves the clean twin alone."""

import pytest
from data_kit import PLAN, make_dataset, returned, row

from wdp_lib.data import read_dataset

STEADY = {2014: 60.1, 2015: 61.3, 2016: 61.9, 2017: 63.2, 2018: 64.1, 2019: 64.9, 2020: 66.2}
WARNINGS_OF_TIME = {"missing_latest", "missing_year", "late"}


def read(folder, *rows, as_of="2026-06-30", **more):
    return read_dataset(make_dataset(folder, health=returned(*rows), **more), PLAN, as_of=as_of)


def found(dataset, *, time=False):
    return sorted(p.rule for p in dataset.problems if time or p.rule not in WARNINGS_OF_TIME)


def only(dataset):
    problems = [p for p in dataset.problems if p.rule not in WARNINGS_OF_TIME]
    assert len(problems) == 1, [p.rule for p in problems]
    return problems[0]


def series(values, **more):
    return [row(year, value, **more) for year, value in values.items()]


@pytest.mark.parametrize(
    ("indicator", "value", "counts", "rule"),
    [
        ("screening", "-1", ",", "out_of_bounds"),
        ("screening", "100.1", ",", "out_of_bounds"),
        ("screening", "0", ",", None),
        ("screening", "100", ",", None),
        ("enrolment", "104", "104,100", None),
        ("screening", "100", "104,100", "numerator_over_denominator"),
        ("screening", "50", "1,2", None),
        ("screening", "33.3", "1,3", None),
        ("screening", "66.6", "2,3", None),
        ("screening", "33.5", "1,3", "value_not_ratio"),
        ("screening", "0.5", "1,2", "unit_slip"),
        ("screening", "", "1,2", None),
        ("screening", "", "1,", "incomplete_counts"),
        ("screening", "50", "-1,2", "negative_count"),
        ("screening", "50", "1,0", "zero_denominator"),
        ("deaths", "55.6", "1,1800", None),
        ("deaths", "0.556", "1,1800", "unit_slip"),
        ("gap", "-12.5", ",", None),
    ],
)
def test_a_row_is_rejected_only_when_it_cannot_be_true(tmp_path, indicator, value, counts, rule):
    dataset = read(tmp_path, row(2021, value, indicator=indicator, counts=counts))
    assert found(dataset) == ([rule] if rule else [])
    assert dataset.counts["rejected"] == (1 if rule else 0)


def test_a_slip_of_the_unit_says_how_far_off_the_value_is(tmp_path):
    dataset = read(tmp_path, row(2021, "0.5", counts="1,2"))
    assert only(dataset).message("zh") == (
        "health.csv，第 2 行，“value”列：现为 0.5（宫颈癌筛查率，某县，2021 年）；应为50（1 ÷ 2 × 100）。"
        "与分子、分母相差 100 倍，应是单位填错，请改正。"
    )


def test_a_value_is_computed_from_its_counts_when_only_they_are_given(tmp_path):
    observations = read(tmp_path, row(2021, "", counts="1,2")).observations
    assert observations[["value", "origin"]].to_numpy().tolist() == [[50.0, "derived"]]


def test_no_value_and_no_counts_is_missing_and_so_is_a_rate_of_nobody(tmp_path):
    dataset = read(
        tmp_path, row(2021, ""), row(2022, "", counts="0,0"), row(2023, 60, status="final")
    )
    assert dataset.observations["year"].tolist() == [2023]
    assert dataset.counts["missing"] == 2
    assert found(dataset) == []


def test_a_missing_value_needs_neither_status_nor_date_nor_source(tmp_path):
    dataset = read(tmp_path, "screening,county,2021,,,,,,", row(2022, 60))
    assert (dataset.counts["missing"], dataset.counts["rejected"]) == (1, 0)


def test_a_value_needs_status_date_and_source(tmp_path):
    dataset = read(tmp_path, "screening,county,2021,60,,,,,", row(2022, 60))
    assert found(dataset) == ["bad_date"]
    dataset = read(tmp_path, "screening,county,2021,60,,,,2022-02-01,", row(2022, 60))
    assert found(dataset) == ["missing_source", "missing_status"]
    assert dataset.counts["rejected"] == 1


@pytest.mark.parametrize(
    ("year", "as_of", "rule"),
    [
        (2023, "2023-11-30", None),
        (2024, "2023-11-30", "year_after_as_of"),
        (1948, "2023-11-30", "bad_year"),
        (2023, "2024/3/5", "date_not_iso"),
        (2023, "2024年3月5日", "date_not_iso"),
        (2023, "2024-02-30", "bad_date"),
        (2023, "45356", "bad_date"),
        (2023, "3/5/2024", "bad_date"),
    ],
)
def test_years_and_dates_are_sane(tmp_path, year, as_of, rule):
    dataset = read(tmp_path, row(year, 60, as_of=as_of))
    assert found(dataset) == ([rule] if rule else [])


def test_a_date_in_the_form_of_excel_is_explained(tmp_path):
    assert "2024-03-05" in read(tmp_path, row(2023, 60, as_of="45356")).problems[-1].advice.zh


@pytest.mark.parametrize(
    ("unit", "value", "rule"),
    [
        ("per_100k_live_births", "55", None),
        ("1/10万", "55", None),
        ("‰", "0.55", "unit_mismatch"),
        ("", "0.55‰", "unit_mismatch"),
    ],
)
def test_a_unit_other_than_the_plans_rejects_the_row(tmp_path, unit, value, rule):
    text = returned(
        f"{row(2021, value, indicator='deaths')},{unit}", columns=returned().strip() + ",unit"
    )
    dataset = read_dataset(make_dataset(tmp_path, health=text), PLAN, as_of="2026-06-30")
    assert found(dataset) == ([rule] if rule else [])


def test_ten_thousands_of_persons_become_persons(tmp_path):
    text = returned(
        f"{row(2021, '1.25', indicator='insured')},万人", columns=returned().strip() + ",单位"
    )
    dataset = read_dataset(make_dataset(tmp_path, health=text), PLAN, as_of="2026-06-30")
    assert dataset.observations["value"].tolist() == [12500]
    assert found(dataset) == ["unit_converted"]


def test_sex_and_residence_may_be_chinese_and_default_to_the_indicators_own(tmp_path):
    columns = "指标,地区,年份,性别,城乡,数值,状态,可知日期,来源"
    rows = [
        f"毛入学率,某县,2021,{sex},{home},90,最终,2022-02-01,x"
        for sex, home in (("女", "农村"), ("男", "城镇"), ("", "合计"))
    ]
    dataset = read_dataset(
        make_dataset(tmp_path, e=returned(*rows, columns=columns)), PLAN, as_of="2026-06-30"
    )
    strata = dataset.observations[["sex", "residence"]].to_numpy().tolist()
    assert strata == [["female", "rural"], ["male", "urban"], ["all", "all"]]


def test_an_unknown_word_for_sex_is_rejected(tmp_path):
    text = returned(
        "screening,county,2021,母,60,final,2022-02-01,x",
        columns="indicator,area,year,sex,value,status,as_of,source",
    )
    dataset = read_dataset(make_dataset(tmp_path, e=text), PLAN, as_of="2026-06-30")
    assert found(dataset) == ["unknown_sex"]


def test_of_an_indicator_of_women_all_and_female_are_the_same_figure(tmp_path):
    columns = "indicator,area,year,sex,value,status,as_of,source"
    rows = (
        "screening,county,2021,female,60,final,2022-02-01,x",
        "screening,county,2021,all,60,final,2022-02-01,x",
    )
    dataset = read_dataset(
        make_dataset(tmp_path, e=returned(*rows, columns=columns)), PLAN, as_of="2026-06-30"
    )
    assert dataset.observations["used"].tolist() == [True, False]
    assert found(dataset) == ["duplicate"]


def test_a_jump_is_a_warning_and_the_value_stays_in_use(tmp_path):
    clean, planted = (
        read(tmp_path / "a", *series(STEADY | {2021: 67})),
        read(tmp_path / "b", *series(STEADY | {2021: 85})),
    )
    assert found(clean) == []
    assert found(planted) == ["jump"]
    assert planted.observations["used"].all()


def test_the_return_to_the_level_before_a_jump_is_no_second_jump(tmp_path):
    dataset = read(tmp_path, *series(STEADY | {2021: 85, 2022: 68.5}))
    assert [p.row for p in dataset.problems if p.rule == "jump"] == [9]


def test_a_jump_needs_five_changes_before_it(tmp_path):
    short = {year: value for year, value in STEADY.items() if year >= 2016}
    assert found(read(tmp_path, *series(short | {2021: 85}))) == []


def test_two_swapped_digits_are_pointed_out(tmp_path):
    dataset = read(tmp_path, *series(STEADY | {2021: 76.1}))
    assert "是否把 67.1 错写成 76.1？" in only(dataset).advice.zh


def test_a_jump_that_chance_explains_is_none(tmp_path):
    deaths = [0, 0, 1, 0, 0, 0, 0, 2]
    rows = [
        row(2014 + n, round(d / 1800 * 1e5, 2), indicator="deaths", counts=f"{d},1800")
        for n, d in enumerate(deaths)
    ]
    assert found(read(tmp_path / "a", *rows)) == []
    rows[-1] = row(2021, 1111.11, indicator="deaths", counts="20,1800")
    assert found(read(tmp_path / "b", *rows)) == ["jump"]


def test_a_change_across_a_break_is_no_jump(tmp_path):
    breaks = "indicator,area,year,kind,description_zh,description_en,link_factor\nscreening,county,2021,x,新口径,New,\n"
    dataset = read(tmp_path, *series(STEADY | {2021: 85}), breaks=breaks)
    assert found(dataset) == []
    assert dataset.observations["series_break"].tolist() == [""] * 7 + ["新口径"]


@pytest.mark.parametrize(("value", "rules"), [("0.67", ["unit_slip"]), ("67", [])])
def test_a_share_among_percentages_is_a_slip_of_the_unit(tmp_path, value, rules):
    dataset = read(tmp_path, *series(STEADY | {2021: value}))
    assert found(dataset) == rules
    assert not rules or "是否应为 67？" in only(dataset).advice.zh


@pytest.mark.parametrize(
    ("values", "indicator", "rules"),
    [
        ([61.37, 61.37, 61.37], "screening", ["copied"]),
        ([61.37, 61.37, 61.38], "screening", []),
        ([100, 100, 100], "screening", []),
        ([0, 0, 0], "deaths", []),
        ([27.5, 27.5, 27.5], "delegates", []),
        ([12, 12, 12], "insured", []),
        ([1200, 1200, 1200], "insured", ["copied"]),
    ],
)
def test_the_same_value_three_years_running_is_questioned(tmp_path, values, indicator, rules):
    rows = [row(2021 + n, value, indicator=indicator) for n, value in enumerate(values)]
    assert found(read(tmp_path, *rows)) == rules


def test_the_same_value_with_other_counts_was_not_copied(tmp_path):
    rows = [row(2021 + n, 50, counts=f"{500 + n},{1000 + 2 * n}") for n in range(3)]
    assert found(read(tmp_path, *rows)) == []


def test_townships_must_add_up_to_the_county_when_all_are_there(tmp_path):
    east, west = (
        row(2021, 50, area="东镇", counts="100,200"),
        row(2021, 75, area="西镇", counts="300,400"),
    )
    right, wrong = row(2021, 66.67, counts="400,600"), row(2021, 68.33, counts="410,600")
    assert found(read(tmp_path / "a", east, west, right)) == []
    assert found(read(tmp_path / "b", east, wrong)) == []
    planted = read(tmp_path / "c", east, west, wrong)
    assert found(planted) == ["parts_not_total"]
    assert only(planted).message("en") == (
        "health.csv, row 4, column numerator: found 410 (Cervical screening, A county, 2021); "
        "expected 400, the sum of the areas below. Check the total and its parts."
    )


def test_women_and_men_must_add_up(tmp_path):
    columns = "indicator,area,year,sex,value,numerator,denominator,status,as_of,source"
    rows = [
        f"enrolment,county,2021,{sex},{value},{counts},final,2022-02-01,x"
        for sex, value, counts in (
            ("女", 90, "90,100"),
            ("男", 80, "80,100"),
            ("合计", 85, "170,200"),
        )
    ]
    clean = read_dataset(
        make_dataset(tmp_path / "a", e=returned(*rows, columns=columns)), PLAN, as_of="2026-06-30"
    )
    rows[2] = "enrolment,county,2021,合计,84,168,200,final,2022-02-01,x"
    planted = read_dataset(
        make_dataset(tmp_path / "b", e=returned(*rows, columns=columns)), PLAN, as_of="2026-06-30"
    )
    assert (found(clean), found(planted)) == ([], ["parts_not_total"])


@pytest.mark.parametrize(("as_of", "rules"), [("2024-06-30", []), ("2024-07-01", ["late"])])
@pytest.mark.requirement("C4")
def test_a_return_after_30_june_of_the_next_year_is_late(tmp_path, as_of, rules):
    assert found(read(tmp_path, row(2023, 60, as_of=as_of), as_of="2024-07-01"), time=True) == rules


def test_a_revision_is_not_late(tmp_path):
    dataset = read(tmp_path, row(2023, 60), row(2023, 61, as_of="2024-09-01"), as_of="2025-01-01")
    assert found(dataset, time=True) == ["revision"]


def test_a_year_between_without_value_and_a_series_that_stops_are_listed(tmp_path):
    dataset = read(tmp_path, row(2020, 60), row(2022, 60), row(2023, 61), as_of="2026-06-30")
    messages = {p.rule: p.found.zh for p in dataset.problems}
    assert messages["missing_year"] == "没有 2021 年的数（宫颈癌筛查率，某县）"
    assert messages["missing_latest"] == "没有 2024, 2025 年的数（宫颈癌筛查率，某县）"
    assert (
        found(read(tmp_path / "b", row(2023, 60), row(2024, 60), as_of="2026-06-29"), time=True)
        == []
    )


def test_a_later_value_replaces_an_earlier_one_and_both_are_kept(tmp_path):
    dataset = read(
        tmp_path, row(2023, 60, status="provisional"), row(2023, 61.5, as_of="2024-09-01")
    )
    assert dataset.observations[["value", "used", "unused_reason"]].to_numpy().tolist() == [
        [60.0, False, "revision"],
        [61.5, True, ""],
    ]
    assert found(dataset) == ["revision"]
