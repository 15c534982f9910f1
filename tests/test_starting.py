"""From nothing to a plan and a data set: what `wdp new` makes is filled in, checked, and read."""

import openpyxl
import pytest

from wdp_lib.cli.command import main
from wdp_lib.core.settings import read_yaml
from wdp_lib.data import read_dataset
from wdp_lib.plan import load_plan

ROWS = [
    ["健康", "降低死亡", "婴儿死亡率", "‰", "控制在10‰以下"],
    [None, "减少伤害", "18岁以下儿童伤害死亡率", "/10万", "下降1/6"],
]
SHEET = [
    ["儿童健康指标完成情况表（2019—2020年）"],
    ["填报单位：卫健局", "填报时间：2021年6月18日"],
    ["指标名称", "计量单位", "2019年", "2020年"],
    ["婴儿死亡率", "‰", "5.6‰", "约5.4‰"],
    ["18岁以下儿童伤害死亡率", "/10万", "22.41/10万①", "…"],
]


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "data" / "plans").mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setenv("WDP_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fill(path, rows, sheet=None):
    book = openpyxl.load_workbook(path) if path.exists() else openpyxl.Workbook()
    for row in rows:
        (book[sheet] if sheet else book.active).append(row)
    book.save(path)


def test_a_new_plan_and_its_data_are_filled_in_checked_and_read(project, capsys):
    assert main(["new", "plan", "children-2011-2020", "--title", "儿童纲要", "--area", "某县"]) == 0
    folder = project / "data" / "plans" / "children-2011-2020"
    form = openpyxl.load_workbook(folder / "targets.xlsx")["填报"]
    assert [cell.value for cell in form[1]][:5] == ["领域", "目标", "指标", "单位", "目标值"]
    assert len(form.data_validations.dataValidation) == 2
    fill(folder / "targets.xlsx", ROWS, "填报")
    assert main(["check", "--plan", "children-2011-2020"]) == 0
    plan = load_plan("children-2011-2020", project)
    assert (plan.first_year, plan.baseline_year, plan.area_name.zh) == (2011, 2010, "某县")
    assert [i.target.kind for i in plan.indicators] == ["at_most", "fall_by_share"]

    assert main(["new", "data", "children", "--plan", "children-2011-2020"]) == 0
    run = read_yaml(project / "params" / "children.yaml").content
    assert (run["run"], run["parameters"]["plan"]) == ("children", "children-2011-2020")
    fill(project / "附件2.xlsx", SHEET)
    command = ["import", "附件2.xlsx", "--plan", "children-2011-2020", "--data", "children"]
    capsys.readouterr()
    assert main([*command, "--preview"]) == 2
    assert "D4" in capsys.readouterr().err  # 约5.4‰ will be asked
    assert main([*command, "--add"]) == 2
    dataset = read_dataset("children", plan, as_of="2026-06-30", home=project)
    assert dataset.metadata.files == ("returns.xlsx", "附件2.csv")
    assert {k: v for k, v in dataset.counts.items() if v} == {
        **{"read": 4, "used": 2, "questioned": 1, "missing": 1},
    }
    used = dataset.observations[["value", "as_of", "status", "source", "source_address"]]
    assert used.values.tolist() == [
        [5.6, "2021-06-18", "final", "卫健局", "附件2.xlsx Sheet!C4"],
        [22.41, "2021-06-18", "final", "卫健局", "附件2.xlsx Sheet!C5"],
    ]


def test_what_a_check_derives_may_be_said_in_words_on_the_form(project, capsys):
    assert main(["new", "plan", "school-2021-2030", "--csv"]) == 0
    path = project / "data" / "plans" / "school-2021-2030" / "targets.csv"
    lines = [
        "目标,指标,单位,目标值,性别口径,数据类型",
        "普及,毛入学率,%,不低于95%,分性别统计,比例（%）",
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    capsys.readouterr()
    assert main(["check", "--plan", "school-2021-2030"]) == 0
    told = capsys.readouterr().out
    assert "“核实情况”列" in told and "sex_scope" not in told and "性别口径" not in told
    (indicator,) = load_plan("school-2021-2030").indicators
    assert (indicator.sex_scope, indicator.data_kind) == ("both_by_sex", "proportion")


def test_the_forms_may_be_csv(project):
    assert main(["new", "plan", "short", "--csv"]) == 0
    path = project / "data" / "plans" / "short" / "targets.csv"
    line = "健康,降低死亡,婴儿死亡率,‰,控制在10‰以下,,,\n"
    path.write_text(path.read_text(encoding="utf-8-sig") + line, encoding="utf-8")
    assert main(["new", "data", "short-data", "--plan", "short", "--csv"]) == 0
    path = project / "data" / "observations" / "short-data" / "returns.csv"
    text = path.read_text(encoding="utf-8-sig") + "婴儿死亡率,2022,5.6,,,‰,,,,\n"
    path.write_text(text, encoding="utf-8")
    dataset = read_dataset(
        "short-data", load_plan("short", project), as_of="2026-06-30", home=project
    )
    assert dataset.observations[["value", "as_of"]].values.tolist() == [[5.6, "2022-12-31"]]


def test_nothing_that_stands_is_overwritten_and_a_name_is_a_name(project, capsys):
    assert main(["new", "plan", "once"]) == 0
    assert main(["new", "plan", "once"]) == 2
    assert main(["new", "plan", "../up"]) == 2
    assert main(["new", "data", "alone"]) == 2
    assert "Traceback" not in capsys.readouterr().err
