"""A researcher's questions: by the names people use, plain tables and charts in a line each."""

import pytest

import wdp_lib as wdp
from wdp_lib.core.errors import ParameterError

ROUND = {"as_of": "2026-06-30", "through": 2030, "seed": 20260630}


@pytest.fixture(scope="module")
def county():
    return wdp.open_study("ruyuan-2021-2030", "ruyuan-demo", **ROUND)


@pytest.fixture(scope="module")
def china():
    return wdp.open_study("china-2021-2030", "china", **ROUND)


# names


@pytest.mark.parametrize("noun", ["indicator", "domain", "unit", "goal", "measure", "project"])
def test_everything_in_a_plan_is_found_by_identifier_and_by_either_name(county, noun):
    find = getattr(county.plan, noun)
    entry = getattr(county.plan, f"{noun}s")[0]
    name = entry.title if noun in ("goal", "measure") else entry.name
    for named in (entry.id, name.zh, name.en, f" {name.en.upper()} "):
        assert find(named) is entry


def test_a_misspelt_name_is_an_error_that_offers_the_near_one(county):
    with pytest.raises(ParameterError) as error:
        county.plan.indicator("孕产妇死亡律")
    assert error.value.render("zh") == "计划中没有指标“孕产妇死亡律”。是否要写 孕产妇死亡率？"
    with pytest.raises(ParameterError, match="maternal_mortality_ratio"):
        county.plan.indicator("maternal")


def test_a_name_that_two_things_have_asks_for_the_identifier(tiny_plan):
    with pytest.raises(ParameterError, match="life_expectancy, maternal_mortality_ratio"):
        tiny_plan.indicator("Indicator")


def test_an_area_is_named_as_people_do_and_a_misspelt_one_is_never_silently_no_data(china):
    assert wdp.open_study("china-2021-2030", "china", area="北京市", **ROUND).plan.area == "beijing"
    with pytest.raises(ParameterError, match="beijing"):
        wdp.open_study("china-2021-2030", "china", area="beijng", **ROUND)
    with pytest.raises(ParameterError, match="beijing"):
        wdp.forecast(china.observations, china.plan, through=2030, areas=["beijng"])


# exploring

MMR, MEDICAL = "孕产妇死亡率", "婚前医学检查率"


def test_no_indicator_asked_for_none_in_the_answer(china):
    asked = (china.series, china.pivot, china.gaps, china.forecast, china.backtest)
    assert all(ask([]).empty for ask in asked)
    assert china.compare(["全国", "北京市"], on=[]).empty


@pytest.mark.parametrize("wrong", [{"areas": "北金市"}, {"by": "seks"}, {"sex": "妇"}])
def test_every_word_of_a_question_must_be_known(china, wrong):
    for ask in (china.series, china.plot, china.forecast):
        with pytest.raises(ParameterError):
            ask(MMR, **wrong)


def test_a_series_has_each_value_that_counts_once_with_its_words(china):
    rows = china.series(MMR, areas=["全国", "北京市"])
    assert not rows.duplicated(["area", "year"]).any()
    last = rows.groupby("area_name", sort=False).last()
    assert list(last["value"]) == [14.3, 8.17] and list(last["year"]) == [2024, 2017]
    assert set(rows["name"]) == {MMR} and set(rows["unit"]) == {"/10万活产"}


def test_a_breakdown_gives_each_group_and_a_named_group_alone_the_same_values(county):
    rows = county.series(MEDICAL, areas="乳城镇", by="性别")
    assert list(rows["sex"].unique()) == ["all", "female", "male"]
    women = county.series("premarital_medical_examination_rate", areas="rucheng", sex="女")
    assert list(women["value"]) == list(rows.loc[rows["sex"] == "female", "value"])


def test_a_wide_table_has_a_column_for_what_tells_the_series_apart(county):
    wide = county.pivot(MEDICAL, by="sex")
    assert list(wide.columns) == ["合计", "女", "男"] and wide.index.name == "year"
    two = county.pivot([MEDICAL, MMR], areas=["乳城镇", "桂头镇"])
    assert (MEDICAL, "桂头镇") in two.columns


def test_areas_are_compared_in_the_last_year_that_all_have(china):
    both = china.compare(["北京市", "全国"], on=MMR).set_index("area")
    assert set(both["year"]) == {2017} and set(both["first_year"]) == {2013}
    assert both.loc["china", "difference"] == 11.43 and both.loc["china", "side"] == "worse"
    assert both.loc["china", "change_per_year"] == pytest.approx((19.6 - 23.2) / 4)
    none = china.compare(["全国", "北京市"], on="产前检查率")
    assert set(none["reason"]) == {"no_common_year"}


def test_a_gap_by_sex_is_that_of_the_comparison_of_groups(county):
    whole = county.group_gaps
    whole = whole[whole["indicator"].eq("premarital_medical_examination_rate")]
    mine = county.gaps(MEDICAL)
    assert list(mine["difference"]) == list(whole[whole["dimension"] == "sex"]["difference"])
    assert set(county.gaps(MEDICAL, areas="乳城镇")["area"]) == {"rucheng"}


def test_a_forecast_of_another_area_or_model_is_that_of_the_library(county):
    made = county.forecast(MEDICAL, areas="桂头镇", model="ets")
    whole = wdp.forecast(
        county.observations, county.plan, through=2030, model="ets", areas="guitou"
    )
    whole = whole[whole["indicator"] == "premarital_medical_examination_rate"]
    assert list(made["value"]) == list(whole["value"]) and set(made["model"]) == {"ets"}


def test_a_back_test_says_of_each_model_how_far_off_it_was(county):
    tested = county.backtest(MEDICAL, models=["learned", "no_change"]).set_index("model")
    assert (tested.loc["no_change", "wis_ratio"] == 1).all()
    value = county.series(MEDICAL).set_index("year")["value"]
    ahead = tested.loc["no_change"].set_index("horizon")
    origins = range(2019, 2025)  # from the fifth year on
    off = [abs(value[year + 1] - value[year]) for year in origins]
    assert ahead.loc[1, "mae"] == pytest.approx(sum(off) / 6) and ahead.loc[1, "n"] == 6


def lines_of(axes):
    return [line.get_label() for line in axes.get_lines() if not line.get_label().startswith("_")]


def said_beside(axes):
    return [text.get_text() for text in axes.texts]


def test_two_places_or_two_groups_are_lines_of_one_chart(county, china):
    assert lines_of(china.plot(MMR, areas=["全国", "北京市"])) == ["全国", "北京市", "目标"]
    assert lines_of(county.plot(MEDICAL, by="sex")) == ["合计", "女", "男", "目标"]
    assert "乳城镇 · 女" in lines_of(county.plot(MEDICAL, areas=["乳城镇", "桂头镇"], by="sex"))


def test_the_outlook_of_another_area_is_drawn_with_its_own_forecast(county):
    axes = county.plot(MEDICAL, areas="乳城镇")
    assert "预测中位数" in lines_of(axes) and said_beside(axes)[-1].startswith("乳城镇 · n = 11")
    alone = wdp.plot_outlook(
        county.forecasts, county.observations, county.context, MEDICAL, area="rucheng"
    )
    assert "预测中位数" not in lines_of(alone) and said_beside(alone)[-1] == "乳城镇"


def test_charts_of_ones_own_show_chinese_once_a_study_is_open(recwarn):
    import matplotlib.pyplot as plt
    import seaborn as sns

    with plt.rc_context():
        plt.rcdefaults()
        county = wdp.open_study("ruyuan-2021-2030", "ruyuan-demo", **ROUND)
        rows = county.series(MEDICAL, by="sex")
        for theme in ({}, {"font": "Noto Sans SC"}, {}):
            axes = sns.lineplot(rows, x="year", y="value", hue="sex")
            axes.set_title(MEDICAL)
            axes.figure.canvas.draw()
            plt.close(axes.figure)
            sns.set_theme(**theme)
    assert not [w for w in recwarn if "Glyph" in str(w.message)]
