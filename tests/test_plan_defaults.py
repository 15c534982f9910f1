"""A plan says names, goals and targets; the rest is derived and told."""

import openpyxl
import pytest

from wdp_lib.assessment.milestones import milestones_of
from wdp_lib.core.errors import PlanError, Text
from wdp_lib.plan import load_plan, read_plan
from wdp_lib.plan.wording import Wording, read_milestones, read_wording

YAML = "title: 某县妇女发展规划\nfirst_year: 2021\nlast_year: 2030\n"
FORM = """\
领域,目标,指标,单位,目标值,阶段目标,责任单位,备注
健康,降低死亡,孕产妇死亡率,/10万,控制在8/10万以下,2025年10/10万,卫健局,
,,婴儿死亡率,‰,下降1/6,,卫健局,
,提高筛查,宫颈癌筛查率,%,比2020年提高5个百分点,,,
教育,提高入学,学前教育毛入园率,%,2030年达到95%以上,2025年85%；2027年90%,教育局;民政局,说明
,,女教师比例,%,40%左右,,,
家庭,家庭和睦,,,,,,
环境,安全饮水,女性噪声投诉率,件/户,低于3件/户,,,
"""


def folder(tmp_path, **files):
    home = tmp_path / "county"
    home.mkdir(exist_ok=True)
    for name, text in files.items():
        suffix = "yaml" if name == "plan" else "csv"
        (home / f"{name}.{suffix}").write_text(text, encoding="utf-8")
    return home


def test_one_goal_with_the_obvious_columns_is_a_plan_with_a_short_list_of_hints(tmp_path):
    home = folder(
        tmp_path,
        plan="id: county\ntitle: {zh: 儿童纲要}\narea: china\nfirst_year: 2011\nlast_year: 2020\n",
        domains="domain,name_zh\nhealth,儿童与健康\n",
        goals="goal,domain,title_zh\nH01,health,婴儿死亡率控制在10‰以下\n",
        indicators="indicator,goals,name_zh,unit,direction,target_kind,target_value\n"
        "imr,H01,婴儿死亡率,‰,lower_better,at_most,10\n",
    )
    plan, hints = read_plan(home)
    indicator = plan.indicator("imr")
    assert (indicator.unit, indicator.multiplier) == ("per_1000_live_births", 1000)
    assert (indicator.lower_bound, indicator.data_kind) == (0, "rare_rate")
    assert indicator.target.range().upper == 10
    assert (indicator.target.year, indicator.target.evidence) == (2020, "to_confirm")
    assert indicator.clause == plan.goal("H01").clause == "儿童与健康，主要目标1"
    assert plan.goal("H01").kind == "quantified"
    assert plan.domain("health").code == "A"
    assert (plan.baseline_year, plan.baseline_origin) == (2010, "suggested")
    assert plan.title == Text("儿童纲要", "儿童纲要")
    assert len(hints) <= 10 and {hint.severity for hint in hints} == {"warn"}


def test_a_plan_on_one_sheet_has_ids_units_directions_and_clauses_made_for_it(tmp_path):
    plan, _ = read_plan(folder(tmp_path, plan=YAML, targets=FORM))
    rows = {
        i.name.zh: (i.id, i.unit, i.direction, i.target.kind, i.target.value, i.sex_scope)
        for i in plan.indicators
    }
    assert rows == {
        "孕产妇死亡率": (
            "a01_1",
            "per_100k_live_births",
            "lower_better",
            "at_most",
            8,
            "female_only",
        ),
        "婴儿死亡率": (
            *("a01_2", "per_1000_live_births", "lower_better", "fall_by_share"),
            *(pytest.approx(1 / 6), "none"),
        ),
        "宫颈癌筛查率": ("a02_1", "percent", "higher_better", "rise_by", 5, "female_only"),
        "学前教育毛入园率": ("b01_1", "percent", "higher_better", "at_least", 95, "none"),
        "女教师比例": ("b01_2", "percent", "target_value", "around", 40, "share_female"),
        "女性噪声投诉率": ("d01_1", "件/户", "lower_better", "less_than", 3, "female_only"),
    }
    gross = plan.indicator("学前教育毛入园率")
    assert gross.target.milestones == ((2025, 85), (2027, 90))
    named = {i.id: milestones_of(i) for i in plan.indicators if milestones_of(i)}
    assert named == {"a01_1": {2025: 10}, "b01_1": {2025: 85, 2027: 90}}
    assert gross.upper_bound == float("inf")
    assert plan.indicator("女教师比例").target.tolerance_origin == "suggested"
    assert [unit.id for unit in plan.units] == ["卫健局", "教育局", "民政局"]
    assert [goal.kind for goal in plan.goals] == ["quantified"] * 3 + ["qualitative", "quantified"]


def test_the_sheet_may_be_a_workbook_but_there_is_only_one(tmp_path):
    home = folder(tmp_path, plan=YAML)
    book = openpyxl.Workbook()
    book.active.append(["某县规划指标表"])
    for line in FORM.splitlines():
        book.active.append(line.split(","))
    book.save(home / "targets.xlsx")
    assert len(load_plan(home).indicators) == 6
    folder(tmp_path, targets=FORM)
    with pytest.raises(PlanError, match="两个|both|都有"):
        load_plan(home)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("控制在8/10万以下", "8/10万", "words_of_target"),
        ("控制在8/10万以下", "不高于全省平均水平", "words_of_target"),
        ("婴儿死亡率", "孕产妇死亡率", "duplicate"),
        ("比2020年提高5个百分点", "比2015年提高5个百分点", "other_base_year"),
        ("2025年85%", "85%", "milestones"),
        ("2025年85%", "2035年85%", "milestones"),
        ("达到95%以上", "达到950%以上", None),
        ("40%左右", "400%左右", "target_out_of_bounds"),
        ("责任单位", "责任部门", "unknown_column"),
    ],
)
def test_what_the_words_leave_open_is_a_problem_not_a_guess(tmp_path, old, new, rule):
    home = folder(tmp_path, plan=YAML, targets=FORM.replace(old, new))
    if rule is None:
        assert load_plan(home)
        return
    with pytest.raises(PlanError) as error:
        load_plan(home)
    assert rule in {problem.rule for problem in error.value.problems}
    assert {problem.file for problem in error.value.problems} == {"targets.csv"}


def test_words_that_need_the_plan_become_its_numbers(tmp_path):
    form = """\
        goal,indicator,unit,target
        Fewer deaths,Maternal mortality,per 100k,年均下降5%
        ,Women elected,%,不少于三分之一
        ,Schooling,%,每年提高0.5个百分点
        ,Balance,%,45—55%
        ,Beds,%,2025年93%，2030年95%
    """
    plan = load_plan(folder(tmp_path, plan=YAML, targets=form.replace("        ", "")))
    targets = {i.name.en: i.target for i in plan.indicators}
    assert targets["Maternal mortality"].value == pytest.approx(1 - 0.95**10, rel=1e-5)
    assert targets["Women elected"].value == pytest.approx(100 / 3, rel=1e-5)
    assert (targets["Schooling"].kind, targets["Schooling"].value) == ("rise_by", 5)
    assert targets["Balance"].range().contains(45) and not targets["Balance"].range().contains(44)
    assert targets["Balance"].tolerance_origin == "stated"
    assert targets["Beds"].milestones == ((2025, 93),)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("控制在8/10万以下", Wording("at_most", "8", "/10万")),
        ("不高于 12人/10万", Wording("at_most", "12", "人/10万")),
        ("达到1.5/万以上", Wording("at_least", "1.5", "/万")),
        ("降至5‰以下", Wording("at_most", "5", "‰")),
        ("下降到 7‰", Wording("at_most", "7", "‰")),
        ("不低于95％", Wording("at_least", "95", "%")),
        ("到2030年，提高到80%", Wording("at_least", "80", "%", 2030)),
        ("达到百分之九十五以上", Wording("at_least", "95", "%")),
        ("保持在99%以上", Wording("hold", "99", "%")),
        ("低于6‰", Wording("less_than", "6", "‰")),
        ("比2020年提高5个百分点", Wording("rise_by", "5", "%", None, 2020)),
        ("比2015年下降百分之二十", Wording("fall_by_share", "0.2", "", None, 2015)),
        ("下降1/6", Wording("fall_by_share", "1/6")),
        ("下降六分之一", Wording("fall_by_share", "1/6")),
        ("翻一番", Wording("rise_by_share", "1")),
        ("持续提高", Wording("rise")),
        ("逐步缩小", Wording("narrow_gap")),
        ("全覆盖", Wording("full_coverage", "100", "%")),
        ("95%", Wording("", "95", "%")),
        ("4.5‰以下且逐步下降", Wording("at_most", "4.5", "‰")),
        ("由2020年的80%提高到90%", Wording("at_least", "90", "%")),
        ("提高5个百分点，达到95%", Wording("at_least", "95", "%")),
        ("95%以上，其中农村达到90%", Wording("")),
        ("18岁以下儿童伤害死亡率下降1/6", Wording("")),
        ("1:1.2", Wording("")),
        ("每年不少于2次", Wording("at_least", "2", every_year=True)),
        ("年均下降5%", Wording("fall_by_share", "0.05", yearly=True)),
        ("保持在45%至55%之间", Wording("around", "50", "%", tolerance="5")),
        ("2025年93%，2030年95%", Wording("at_least", "95", "%", 2030, milestones="2025:93")),
        ("2025年10‰；2030年8‰", Wording("at_most", "8", "‰", 2030, milestones="2025:10")),
        ("到2025年下降10%，到2030年下降20%", Wording("", year=2030)),
        ("at least 70%", Wording("at_least", "70", "%")),
        ("", Wording("monitor_only")),
    ],
)
def test_a_target_is_read_in_the_words_of_the_plan(words, said):
    assert read_wording(words) == said


def test_milestones_are_years_and_numbers():
    assert read_milestones("2025年85%以上；2027年：90%") == [(2025, "85"), (2027, "90")]
    assert read_milestones("2025:85;2027:90") == [(2025, "85"), (2027, "90")]
