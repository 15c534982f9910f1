"""Pages of warnings, progress, needs and projects: figures and words are those of the tables."""

from dataclasses import replace

import kit
import pandas as pd
import pytest

import wdp_lib as wdp
from wdp_lib.core.errors import ParameterError, Text
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.facts import warning_facts
from wdp_lib.publish.views import SEVERAL, Column, View, show, views
from wdp_lib.publish.views.cells import FIGURES, NUMBERS, PARTS, WORDS
from wdp_lib.publish.views.rows import ROWS

SEATS = View(
    Text("席位", "Seats"),
    tuple(
        Column(name, cell, Text(zh, name))
        for name, cell, zh in (
            ("indicator", "indicator", "指标"),
            ("units", "units", "单位"),
            ("value", "value", "数值"),
            ("p", "probability", "概率"),
            ("fine", "yes_no", "合格"),
        )
    ),
)


@pytest.fixture(scope="module")
def plan():
    return wdp.load_plan("ruyuan-2021-2030")


@pytest.fixture(scope="module")
def county(plan):
    observations = kit.county()[1].observations
    forecasts = wdp.forecast(observations, plan, through=2030, seed=1)
    risks = wdp.assess(forecasts, observations, plan, as_of="2026-06-30")
    return observations, risks


def test_a_view_names_what_codes_mean_and_keeps_the_numbers_beside_the_texts(plan):
    frame = pd.DataFrame(
        {
            "indicator": ["rural_tap_water_coverage", "maternal_mortality_ratio"],
            "units": ["water_bureau", ""],
            "value": [98.38, None],
            "p": [0.004, 0.5],
            "fine": [True, False],
        }
    )
    table = show(frame, SEATS, Context(plan))
    assert table.texts.to_numpy().tolist() == [
        ["农村自来水普及率", "水务局", "98.4", "≤2%", "是"],
        ["孕产妇死亡率", "—", "—", "50%", "否"],
    ]
    assert table.frame["概率"].tolist() == [0.004, 0.5]
    assert table.frame["单位"].tolist() == ["%", "/10万活产"]
    assert table.frame.sort_values("数值")["数值"].iloc[0] == 98.38
    english = show(frame, SEATS, Context(plan, "en"))
    assert list(english.texts) == ["indicator", "units", "value", "p", "fine"]


def test_a_view_that_does_not_exist_is_refused_with_the_closest_one(plan):
    with pytest.raises(ParameterError, match="risks"):
        show(pd.DataFrame(), "riskz", Context(plan))


def test_a_table_that_lacks_a_column_of_its_view_is_refused_by_the_name_of_the_column(plan):
    with pytest.raises(ParameterError, match="description"):
        show(
            pd.DataFrame({"indicator": ["a"], "year": [2020]}),
            replace(views()["breaks"], rows=None),
            Context(plan),
        )


def test_every_column_of_every_view_is_written_in_a_way_that_exists():
    written = {*NUMBERS, *FIGURES, *WORDS, "word"}
    for name, view in views().items():
        for column in view.columns:
            kind, _, argument = column.cell.partition(":")
            assert kind in written, (name, column)
            if kind in FIGURES:
                assert len(argument.split(",")) == len(PARTS[kind]), (name, column)
    assert {part for parts in SEVERAL.values() for part in parts} | set(ROWS) <= set(views())


def test_an_area_below_is_called_by_its_level(plan):
    levels = {"a": "province", "b": "province", "c": "county"}
    nation = Context(plan, "en", levels=levels, parents={"a": plan.area, "b": plan.area, "c": "a"})
    assert (nation.facts["part"], nation.facts["parts"]) == ("province", "provinces")
    used = {name for column in views()["lowest_areas"].columns for name in column.made_of}
    lowest = pd.DataFrame(columns=sorted(used))
    assert (
        show(lowest, "lowest_areas", nation).caption == "Targets for every province: the lowest one"
    )
    assert Context(plan).facts["parts"] == "地区"


def test_a_name_from_data_is_shown_as_it_is_and_never_acts_as_html(plan):
    entry = replace(plan.indicators[0], name=Text("<b>a|b</b>\n# $x$", "b"))
    frame = pd.DataFrame({"indicator": [entry.id], "year": [2020], "description": ["<i>*</i>"]})
    view = replace(views()["breaks"], rows=None)
    table = show(frame, view, Context(replace(plan, indicators=(entry,))))
    assert table.texts.iloc[0].tolist() == ["<b>a|b</b> # $x$", "2020", "<i>*</i>"]
    assert "<b>" not in table._repr_html_() and "<i>" not in table._repr_html_()


def test_the_warning_list_prints_rule_figure_line_and_what_would_clear_it(plan, county):
    observations, risks = county
    warned = wdp.warnings(risks, observations, plan)
    tables = show(warned, "warnings", Context(plan)).tables
    assert [table.caption for table in tables] == ["达标有风险", "波动较大", "数据预警"]
    assert sum(len(table.frame) for table in tables) == len(warned)
    row = tables[0].texts.set_index("指标").loc["35—45岁妇女宫颈癌筛查率"]
    risk = risks.set_index("indicator").loc["cervical_cancer_screening_coverage_35_45"]
    red = 100 * wdp.load_scheme().red
    assert row["实际/界线"] == f"{100 * (1 - risk['p_meet']):.1f}% / {red:.0f}%"
    assert "红色预警" in row["预警"] and "序时进度下一年为" in row["解除条件"]


def test_the_facts_of_warnings_count_indicators_not_rules(plan, county):
    observations, risks = county
    warned = wdp.warnings(risks, observations, plan)
    facts = warning_facts(warned, Context(plan))
    assert facts["n_warnings"] == len(warned)
    assert (
        facts["n_hard_to_reach"] == warned.query("axis == 'hard_to_reach'")["indicator"].nunique()
    )
    assert facts["red_names"].count("、") + 1 == facts["n_red"]


def test_progress_leaves_out_rates_of_rare_events(plan, county):
    observations, risks = county
    panel = wdp.progress_panel(observations, plan, as_of="2026-06-30", risks=risks)
    shown = show(panel, "progress", Context(plan)).frame
    assert "孕产妇死亡率" not in set(shown["指标"]) and "农村自来水普及率" in set(shown["指标"])


def test_needs_name_measures_units_and_a_number_a_year(plan, county):
    observations, risks = county
    needed = wdp.needs(risks, observations, plan)
    shown = show(needed, "needs", Context(plan)).texts
    assert len(shown) == len(needed)
    row = shown[shown["指标"] == "35—45岁妇女宫颈癌筛查率"].iloc[0]
    # 70 % of 14,500 women are 10,150; 8,125 were screened
    assert (row["分子须增减"], row["平均每年"]) == ("+2025", "+405")
    assert "两癌筛查救治" in row["规划中的策略措施"]
