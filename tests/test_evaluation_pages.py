"""Pages of warnings, progress, needs and projects: figures and words are those of the tables."""

import pandas as pd
import pytest

import wdp_lib as wdp
from wdp_lib.core.columns import Column, Contract
from wdp_lib.core.errors import ParameterError, Text
from wdp_lib.publish.views.contract_table import contract_table

SEATS = Contract(
    "seats",
    (
        Column("indicator", "text", Text("指标", "indicator")),
        Column("units", "text", Text("单位", "units")),
        Column("value", "number", Text("数值", "value")),
        Column("p", "number", Text("概率", "probability")),
        Column("fine", "truth", Text("合格", "fine")),
    ),
)


@pytest.fixture(scope="module")
def plan():
    return wdp.load_plan("ruyuan-2021-2030")


@pytest.fixture(scope="module")
def county(plan):
    observations = wdp.read_dataset("ruyuan-demo", plan, as_of="2026-06-30").observations
    forecasts = wdp.forecast(observations, plan, through=2030, seed=1)
    risks = wdp.assess(forecasts, observations, plan, as_of="2026-06-30")
    return observations, risks


def test_a_contract_table_names_what_its_codes_mean_in_either_language(plan):
    frame = pd.DataFrame(
        {
            "indicator": ["rural_tap_water_coverage", "maternal_mortality_ratio"],
            "units": ["water_bureau", ""],
            "value": [98.38, None],
            "p": [0.004, 0.5],
            "fine": [True, False],
        }
    )
    cells = {
        "indicator": "indicator",
        "units": "units",
        "value": "value",
        "p": "probability",
        "fine": "yes_no",
    }
    shown = contract_table(
        frame, SEATS, plan, cells, caption=Text("席位", "Seats"), language="zh"
    ).frame
    assert shown.to_numpy().tolist() == [
        ["农村自来水普及率", "水务局", "98.4", "≤2%", "是"],
        ["孕产妇死亡率", "—", "—", "50%", "否"],
    ]
    english = contract_table(
        frame, SEATS, plan, cells, caption=Text("席位", "Seats"), language="en"
    )
    assert list(english.frame.columns) == ["indicator", "units", "value", "probability", "fine"]


def test_a_contract_table_refuses_a_column_that_the_contract_does_not_have(plan):
    with pytest.raises(ParameterError):
        contract_table(pd.DataFrame(), SEATS, plan, {"vlaue": "value"}, caption=Text("", ""))


def test_the_warning_list_prints_rule_figure_line_and_what_would_clear_it(plan, county):
    observations, risks = county
    warned = wdp.warnings(risks, observations, plan)
    tables = wdp.warning_list(warned, plan).tables
    assert [table.caption for table in tables] == ["预计完成困难", "波动较大", "数据预警"]
    assert sum(len(table.frame) for table in tables) == len(warned)
    row = tables[0].frame.set_index("指标").loc["35—45岁妇女宫颈癌筛查率"]
    risk = risks.set_index("indicator").loc["cervical_cancer_screening_coverage_35_45"]
    assert row["实际/界线"] == f"{100 * (1 - risk['p_meet']):.1f}% / 80%"
    assert "红色预警" in row["预警"] and "下一年须达" in row["解除条件"]


def test_the_facts_of_warnings_count_indicators_not_rules(plan, county):
    observations, risks = county
    warned = wdp.warnings(risks, observations, plan)
    facts = wdp.warning_facts(warned, plan, "zh")
    assert facts["n_warnings"] == len(warned)
    assert (
        facts["n_hard_to_reach"]
        == facts["n_red"] + facts["n_orange"] + facts["n_yellow"] + facts["n_blue"]
    )
    assert facts["red_names"].count("、") + 1 == facts["n_red"]


def test_progress_leaves_out_rates_of_rare_events(plan, county):
    observations, risks = county
    panel = wdp.progress_panel(observations, plan, as_of="2026-06-30", risks=risks)
    shown = wdp.progress_table(panel, plan).frame
    assert "孕产妇死亡率" not in set(shown["指标"]) and "农村自来水普及率" in set(shown["指标"])


def test_needs_name_measures_units_and_a_number_a_year(plan, county):
    observations, risks = county
    needed = wdp.needs(risks, observations, plan)
    shown = wdp.need_table(needed, plan).frame
    assert len(shown) == len(needed)
    row = shown[shown["指标"] == "35—45岁妇女宫颈癌筛查率"].iloc[0]
    # 70 % of 14,500 women are 10,150; 8,125 were screened
    assert (row["分子须增减"], row["平均每年"]) == ("+2,025", "+405")
    assert "M-H05" in row["规划中的策略措施"]
