"""The page of gaps: the counts of its text are those of its tables, and its charts show the tables' values."""

from dataclasses import replace

import pandas as pd
import pytest
from kit import observations
from test_gaps import both_by_sex, yearly

import wdp_lib as wdp
from wdp_lib.publish.views.gap_pages import between
from wdp_lib.publish.views.show import draw

SHOWN = (
    "breast_cancer_screening_coverage",
    "premarital_medical_examination_rate",
    "girls_regular_high_school_share",
    "women_new_employment",
    "share_female_senior_professionals",
    "women_basic_medical_insurance_coverage",
    "personal_safety_protection_order_issuance_rate",
    "female_graduate_employment_rate",
)


@pytest.fixture(scope="module")
def county():
    plan = wdp.load_plan("ruyuan-2021-2030")
    data = wdp.read_dataset("ruyuan-demo", plan, as_of="2026-06-30")
    return replace(plan, indicators=tuple(i for i in plan.indicators if i.id in SHOWN)), data


@pytest.fixture(scope="module")
def gaps(county):
    return wdp.group_gaps(county[1].observations, county[0])


@pytest.fixture(scope="module")
def compared(county):
    return wdp.compare_all_areas(county[1].observations, county[0])


def names_of(data):
    return dict(zip(data.areas["area"], data.areas["name_zh"], strict=True))


def test_B6_the_counts_of_the_finding_are_those_of_its_tables(county, gaps):
    plan, _ = county
    facts = wdp.gap_facts(gaps, plan, "zh")
    sex, residence, shares = wdp.gap_tables(gaps, plan).tables
    sizes = len(sex.frame), len(residence.frame), len(shares.frame)
    assert sizes == (facts["n_sex"], facts["n_residence"], facts["n_shares"])
    assert facts["n_gaps"] == sum(sizes)
    shown = pd.concat([t.frame["趋于缩小的概率"] for t in (sex, residence, shares)])
    assert (shown == "—").sum() == facts["n_untested"]
    told = facts["n_narrowing"] + facts["n_widening"] + facts["n_unclear"] + facts["n_untested"]
    assert told == facts["n_gaps"]


def test_B6_a_gap_of_a_handful_of_cases_is_never_called_the_largest(county, gaps):
    facts = wdp.gap_facts(gaps, county[0], "zh")
    widest = (
        wdp.latest_gaps(gaps).query("dimension == 'sex'").set_index("indicator")["difference"].abs()
    )
    assert (
        widest["personal_safety_protection_order_issuance_rate"] == 100
    )  # one order of a man refused
    assert facts["largest_sex"].startswith("女生接受普通高中教育的比例（2025 年女性比男性高 8.7")
    english = wdp.gap_facts(gaps, county[0], "en")["largest_residence"]
    assert (
        "(country 11.1 percentage points below town, 95 % interval 10.2 to 12.0, 2025)" in english
    )


def test_B6_a_number_of_persons_lacks_no_denominator(county, gaps):
    rows = wdp.gap_tables(gaps, county[0]).tables[0].frame.set_index("指标")
    assert rows.loc["新增妇女就业人数", ["女性", "男性", "差距", "95% 区间"]].tolist() == [
        "1283人",
        "1500人",
        "-217",
        "—",
    ]
    assert rows.loc["新增妇女就业人数", "说明"] == "全数统计，无抽样误差"
    assert rows.loc["婚前医学检查率", "95% 区间"] == "-1.3 至 4.6"


def test_B6_a_gap_about_zero_that_may_be_anything_is_not_said_to_widen(tiny_plan):
    outlook = pd.DataFrame(
        {
            "indicator": "screening_coverage", "dimension": "sex", "year": 2030, "last_year": 2025, "median": 0.0,
            "difference": [0.1, 2.0, -9.0], "lower": [-5.0, 4.0, -6.0], "upper": [5.0, 9.0, 1.0],
            "p_smaller": [0.02, 0.05, 0.95], "correlation": 0.9, "simulated": False,
        }
    )  # fmt: skip
    assert wdp.outlook_facts(outlook) == {
        "n_outlook": 3,
        "n_smaller": 1,
        "n_larger": 1,
        "n_open": 1,
    }
    table = wdp.gap_outlook_table(outlook, both_by_sex(tiny_plan), language="en").frame
    assert table["80 % interval"].tolist() == ["-5.0 to 5.0", "4.0 to 9.0", "-6.0 to 1.0"]


def test_an_interval_with_a_missing_end_is_a_dash():
    assert (between(-6.6, -4.7, "percent", "zh"), between(1.0, float("nan"), "percent", "en")) == (
        "-6.6 至 -4.7",
        "—",
    )


def test_B6_the_chart_of_gaps_says_its_values_as_text_and_that_they_are_simulated(county, gaps):
    said = draw(wdp.plot_gaps(gaps, county[0])).description
    assert "模拟数据" in said
    women, men = (
        next(line for line in said.splitlines() if line.startswith(f"{word}: ")) for word in "女男"
    )
    assert (
        women.split(", ")[1] == "58.7 1" and men.split(", ")[1] == "50 1"
    )  # second from top: upper secondary school
    assert "农村: 34.25 0" in said and "城镇: 45.33 0" in said


def test_B6_without_any_group_the_page_says_so_and_draws_nothing(tiny_plan):
    none = wdp.group_gaps(observations(yearly([60], [70])).iloc[:0], tiny_plan)
    assert "无可比较的分组数据" in draw(wdp.plot_gaps(none, tiny_plan)).description
    facts = wdp.gap_facts(none, tiny_plan, "zh")
    assert (facts["n_gaps"], facts["largest_sex"]) == (0, "无")
    assert [len(t.frame) for t in wdp.gap_tables(none, tiny_plan).tables] == [0, 0, 0]


def test_G8_the_funnel_names_its_townships_and_the_facts_count_those_outside(county, compared):
    plan, data = county
    names, sums = names_of(data), wdp.roll_up(data.observations, plan)
    focus = wdp.most_unlike(compared)
    facts = wdp.area_facts(compared, sums, names, plan, focus, "zh")
    table = wdp.area_overview_table(wdp.area_overview(compared), plan, names).frame
    assert len(table) == facts["n_indicators"]
    listed = [n for cell in table["明显较差"] if cell != "—" for n in cell.split("、")]
    assert (focus, facts["n_worse"], listed) == (
        "premarital_medical_examination_rate",
        1,
        ["大桥镇"],
    )
    assert (facts["most_named"], facts["focus"]) == ("大桥镇", "婚前医学检查率")
    assert facts["n_chance"] == f"{0.002 * facts['n_compared']:.1f}"
    said = draw(wdp.plot_funnel(compared, plan, focus, names)).description
    assert "大桥镇" in said and "乡镇: 54 85.19" in said and "99.8% 控制限: " in said
    assert "无可比较的分镇数据" in draw(wdp.plot_funnel(compared, plan, "", names)).description


def test_G8_the_table_of_one_indicator_stands_worst_first_with_the_lowest_township(
    county, compared
):
    plan, data = county
    lowest = wdp.lowest_area(data.observations, plan, year=2025)
    focus = "premarital_medical_examination_rate"
    one, promised = wdp.area_tables(compared, lowest, plan, focus, names_of(data)).tables
    assert one.frame.iloc[0][["乡镇", "数值", "位次区间"]].tolist() == ["大桥镇", "77.0", "1 (1–3)"]
    assert one.caption == "婚前医学检查率：分镇比较（2025 年）"
    assert promised.frame.empty  # none of the indicators chosen here is promised for every township


def test_D6_parts_are_named_in_words(county):
    plan, data = county
    parts = wdp.largest_contributions(data.observations, plan, ["breast_cancer_screening_coverage"])
    shown = wdp.contribution_table(parts, plan, names_of(data)).frame
    assert shown[["分组", "组别或乡镇"]].to_numpy().tolist() == [["乡镇", "洛阳镇"]]


def test_the_sums_that_differ_are_shown_with_both_counts(tiny_plan):
    text = """
        indicator          | area   | year | value | numerator | denominator
        screening_coverage | county | 2025 | 60    | 121       | 200
        screening_coverage | east   | 2025 | 66    | 66        | 100
        screening_coverage | west   | 2025 | 54    | 54        | 100
    """
    plan = both_by_sex(tiny_plan)
    row = wdp.sum_table(wdp.roll_up(observations(text), plan), plan).frame.iloc[0]
    assert row[["合计分子/分母", "上报分子/分母", "说明"]].tolist() == [
        "120/200",
        "121/200",
        "与各乡镇合计不符",
    ]


def test_E8_upper_areas_are_shown_as_context_and_their_absence_is_said(county):
    plan, data = county
    none = wdp.compare_parents(data.observations, plan, data.areas)
    assert "没有上级地区的数据" in wdp.upper_facts(none, "zh")["upper_line"]
    assert wdp.upper_table(none, plan, {}).frame.empty
    own = data.observations.query(
        "area == 'ruyuan' and indicator == 'premarital_medical_examination_rate'"
    )
    above = own.assign(area="shaoguan", value=own["value"] - 5)
    areas = pd.DataFrame(
        {"area": ["shaoguan", "ruyuan"], "level": ["city", "county"], "parent": ["", "shaoguan"]}
    )
    found = wdp.compare_parents(pd.concat([data.observations, above]), plan, areas)
    row = wdp.upper_table(found, plan, {"shaoguan": "韶关市"}).frame.iloc[0]
    assert row[["上级地区", "与上级相比", "用途"]].tolist() == ["韶关市", "好于上级", "仅供参照"]


def test_B7_the_text_counts_what_the_tables_of_completeness_show(county, gaps):
    plan, data = county
    complete = wdp.group_completeness(data.observations, plan, year=2025)
    rates = wdp.age_standardised(data.observations, plan)
    facts = wdp.completeness_facts(complete, rates, "zh")
    units = wdp.unit_completeness(complete, plan)
    by_unit, lacking, by_age, standardised = wdp.completeness_tables(
        gaps, complete, units, rates, plan
    ).tables
    of_sex = by_unit.frame[by_unit.frame["分组"] == "性别"]
    assert of_sex["应分组的指标数"].astype(int).sum() == facts["n_sex_wanted"]
    assert of_sex["有分组数据的指标数"].astype(int).sum() == facts["n_sex_given"]
    assert len(by_age.frame) == facts["n_age_wanted"]
    assert lacking.frame[["指标", "涉及年份"]].to_numpy().tolist() == [
        ["女大学毕业生就业率", "2021"]
    ]
    assert (facts["n_standardised"], facts["share_age"], facts["why_not"]) == (
        0,
        "0%",
        "无分年龄数据",
    )
    assert standardised.frame.empty
