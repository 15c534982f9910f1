"""A researcher's questions: by the names people use, plain tables and charts in a line each."""

import ast
import re
import time
from datetime import date
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from documents_kit import opened
from explore_kit import COVERAGE, MEDICAL, MMR, lines_of, said_beside

import wdp_lib as wdp
from wdp_lib.core.errors import ParameterError, WdpError
from wdp_lib.core.words import vocabulary
from wdp_lib.forecasting import MODELS
from wdp_lib.study.widgets import panel

HOME = Path(__file__).parents[1]
ROUND = {"as_of": "2026-06-30", "through": 2030, "seed": 20260630}


@pytest.fixture(scope="module")
def county():
    return opened("county")


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


def test_the_part_of_a_unit_is_what_it_leads(county):
    part = county.select(unit="卫健局")
    led = [one.id for one in county.plan.indicators if "health_bureau" in one.lead_units]
    assert [one.id for one in part.plan.indicators] == led and part.scope.startswith("卫健局（")
    both = county.select(unit="教育局", domain="妇女与教育").plan.indicators
    assert both and all("education_bureau" in one.lead_units for one in both)


# exploring


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


def test_a_value_with_counts_has_its_interval_and_a_share_of_seats_has_none(county):
    rows = county.series(MEDICAL, by="sex")
    assert (rows["lower"] < rows["value"]).all() and (rows["value"] < rows["upper"]).all()
    row = county.series(MMR).query("year == 2025").iloc[0]
    assert (row["numerator"], row["denominator"]) == (1, 1827)  # Garwood of 1: 0.0253 to 5.572
    assert row[["lower", "upper"]].tolist() == pytest.approx([1.386, 304.96], rel=1e-3)
    seats = next(i.id for i in county.plan.indicators if i.data_kind == "share")
    assert county.series(seats)[["lower", "upper"]].isna().all(axis=None)
    drawn = [len(county.plot(MEDICAL, by="sex", intervals=on).collections) for on in (False, True)]
    assert drawn[1] == drawn[0] + 3  # a bar a year, of each line


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
    assert set(none["reason"]) == {"no_shared_year"}


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


def test_skill_is_told_by_kind_of_value_length_of_history_and_place(county):
    asked = {"models": ["drift", "no_change"], "areas": ["乳城镇", "桂头镇"]}
    whole = county.backtest([MEDICAL, COVERAGE], **asked)
    for per, known in (
        ("类型", {"percent"}),
        ("长度", {"≤6", "7–9", "10–14"}),
        ("place", {"rucheng", "guitou"}),
    ):
        tested = county.backtest([MEDICAL, COVERAGE], per=per, **asked).dropna(axis=1, how="all")
        (column,) = {"kind", "history", "area"} & set(tested)
        assert set(tested[column]) == known and tested["n"].sum() == whole["n"].sum()
        assert (
            "mae" not in tested and (tested.query("model == 'no_change'")["wis_ratio"] == 1).all()
        )


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


def test_fields_choose_anew_and_tell_a_misspelt_name(county, monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    batch = county.explore(MEDICAL, areas="乳城镇", by="性别")
    assert set(batch._repr_mimebundle_()[0]) == {"image/png", "text/plain"}
    monkeypatch.setenv("JPY_SESSION_NAME", "notebooks/00-explore.ipynb")  # somebody looks
    looked = county.explore(MEDICAL)
    shown = looked._repr_mimebundle_()
    assert shown["text/plain"] == repr(looked) and len(shown) == 2
    choices, told, pages = panel(looked).children
    fields = {one.description: one for side in choices.children for one in side.children}
    assert list(fields) == ["指标", "分组", "截止日期", "地区", "预测方法"]
    chart, table, sources = pages.children
    assert "2025" in table.value and "模拟：卫健局 2025年年报" in sources.value
    fields["截止日期"].value = date(2024, 6, 30)
    assert "<td>2025</td>" not in table.value and "<td>2023</td>" in table.value
    fields["分组"].value = "sex"
    assert "男" in table.value and "男" in chart.value
    fields["指标"].value = "孕产妇死亡律"
    assert "是否要写 孕产妇死亡率" in told.value
    fields["指标"].value = MMR
    assert told.value == "" and f'alt="{county.data.metadata.mark.zh}' in chart.value


def test_a_table_is_read_in_words_without_what_every_row_shares(county):
    shown = county.table(county.compare(["乳源瑶族自治县", "乳城镇"], on=MEDICAL), "比较").texts
    assert list(shown["地区"]) == ["乳源瑶族自治县", "乳城镇"] and "指标" not in shown
    assert list(shown["与第一个地区相比"]) == ["相同", "较好"]
    english = county.in_language("en")
    assert "female" in set(english.table(english.series(MEDICAL, by="sex")).texts["sex"])
    assert "没有可以显示的行" in repr(county.table(county.series([])))


# the ten questions of docs/researcher.md


def test_the_ten_questions_are_answered_by_their_code_in_under_a_minute_each(monkeypatch):
    monkeypatch.chdir(HOME)
    page = (HOME / "docs" / "researcher.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 12
    here, charts = {}, plt.get_fignums()
    try:
        for block in blocks:
            before = time.process_time()
            exec(compile(block, "researcher.md", "exec"), here)  # noqa: S102, the page is what is tested
            assert time.process_time() - before < 60, block
    finally:
        MODELS.pop("last_five", None)
        vocabulary().pop(("model", "last_five"), None)
        for number in set(plt.get_fignums()) - set(charts):
            plt.close(number)
    assert list(here["two"]["value"]) == [19.6, 8.17]
    assert len(here["gap"]) == 11 and len(here["names"]) == 30
    assert len(here["broken"]) < 10
    assert 0.5 < here["chance"].iloc[0] < 1
    assert set(here["beside"]["model"]) == {"learned", "last_five"}
    assert here["what"].table["p_meet"].is_monotonic_increasing
    assert here["fewer"]["p_year"].is_monotonic_increasing
    assert here["rows"]["area"].nunique() == len(here["towns"])
    assert len(here["missing"]) > 0


def test_charts_of_the_library_are_drawn_from_the_tables_of_a_study_by_names(county):
    rows, context = county.observations, county.context
    drawn = [
        wdp.plot_small_multiples(county.forecasts, rows, context, [MEDICAL, MMR]),
        wdp.plot_probabilities(county.risks, context, most=5).figure,
        wdp.plot_coverage(county.coverage, rows, context).figure,
    ]
    assert all(figure.get_axes() or figure.artists for figure in drawn)
    for figure in drawn:
        plt.close(figure)


def test_a_result_that_is_not_fit_stops_and_a_study_names_its_data(county):
    assert isinstance(county, wdp.Study) and isinstance(county.data, wdp.Dataset)
    wdp.require(len(county.risks), "there are risks", "有风险表")
    with pytest.raises(WdpError, match="没有|no "):
        wdp.require(county.risks.empty, "no risks", "没有风险")


def test_every_public_name_has_an_example_that_runs():
    names, used = [name for task in wdp.TASKS.values() for name in task], set()
    for path in HOME.glob("tests/test_*.py"):
        tree = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        imports = [node for node in tree if isinstance(node, ast.ImportFrom)]
        ours = [node for node in imports if (node.module or "").startswith("wdp_lib")]
        known = {one.asname or one.name: one.name for node in ours for one in node.names}
        used |= {known[one.id] for one in tree if isinstance(one, ast.Name) and one.id in known}
        used |= {
            one.attr
            for one in tree
            if isinstance(one, ast.Attribute) and getattr(one.value, "id", "") in ("wdp", "wdp_lib")
        }
    assert len(names) <= 80 and [name for name in names if name not in used] == []
