"""Forms go out, are filled in and come back whole; what is changed in them is told."""

import io
import shutil

import openpyxl
import pandas as pd
import pytest

from wdp_lib.cli.command import main
from wdp_lib.data import read_dataset
from wdp_lib.data.dataset import check_return
from wdp_lib.data.read.returns import read_return
from wdp_lib.documents.forms import OPEN
from wdp_lib.plan import load_plan
from wdp_lib.store import ingest, open_store

FILES = {
    "data/plans/small/plan.yaml": "title: 某县妇女发展规划（2021—2030年）\nfirst_year: 2021\nlast_year: 2030\n"
    "area: county\narea_name: 某县\n",
    "data/plans/small/goals.csv": "goal,domain,title_zh\nH01,健康,筛查\n",
    "data/plans/small/units.csv": "unit,name_zh,name_en\nhealth,卫健局,Health\nschools,教育局,Education\n",
    "data/plans/small/indicators.csv": "indicator,goals,name_zh,unit,wording_zh,sex,sex_scope,numerator_zh,denominator_zh,"
    "multiplier,disaggregations,data_kind,lead_units,lower_bound,upper_bound\n"
    "screening,H01,筛查率,percent,不低于70%,female,female_only,受检人数,应检人数,100,residence;township,proportion,"
    "health;schools,0,100\n"
    "insured,H01,参保人数,persons,,all,both_by_sex,,,,sex,count,health,0,\n"
    "enrolment,H01,毛入学率,percent,,all,none,在校生,学龄人口,100,,proportion,schools,0,200\n",
    "data/observations/demo/dataset.yaml": "id: demo\ntitle: 示例\nkind: real\nplan: small\nsource: 示例\n"
    "files: [old.csv]\n",
    "data/observations/demo/areas.csv": "area,name_zh,name_en,level,parent\ncounty,某县,A county,county,\n"
    "east,东镇,East,township,county\nwest,西镇,West,township,county\n",
    "data/observations/demo/old.csv": "indicator,area,year,sex,value,numerator,denominator,status,as_of,source\n"
    "screening,county,2024,female,60,600,1000,final,2025-03-01,年报\n"
    "insured,county,2024,all,1200,,,final,2025-03-01,年报\n",
}
ASK = ["forms", "--dataset", "demo", "--year", "2025", "--out"]
GIVEN = {"状态": "初步数", "可知日期": "2026-03-31", "来源": "=年报", "备注": "已核对"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A project, and its forms for 2025, made once."""
    home = tmp_path_factory.mktemp("made")
    for name, text in FILES.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WDP_HOME", str(home))
        patch.setenv("WDP_LANGUAGE", "zh")
        assert main([*ASK, str(home / "out")]) == 0
    return home


@pytest.fixture
def home(made, tmp_path, monkeypatch):
    home = shutil.copytree(made, tmp_path / "home")
    monkeypatch.setenv("WDP_HOME", str(home))
    monkeypatch.setenv("WDP_LANGUAGE", "zh")
    return home


@pytest.fixture
def form(home):
    return home / "out" / "health-2025.xlsx"


def headings(sheet):
    return {cell.value: cell.column for cell in sheet[1]}


def filled(path, **changed):
    """Fill every row that is asked: 500 + n of 1000, or 500 + n persons; return what was written."""
    book = openpyxl.load_workbook(path)
    sheet = book.active
    columns = headings(sheet)
    for row in range(2, sheet.max_row + 1):
        if sheet.cell(row, columns["指标"]).value:
            counted = sheet.cell(row, columns["指标"]).value == "参保人数"
            cells = {"数值": 500 + row if counted else round((500 + row) / 10, 1)}
            cells |= {} if counted else {"分子": 500 + row, "分母": 1000}
            for heading, value in (cells | GIVEN | changed).items():
                sheet.cell(row, columns[heading]).value = value
                sheet.cell(row, columns[heading]).data_type = (
                    "n" if isinstance(value, int | float) else "s"
                )
    book.save(path)
    table = pd.DataFrame(sheet.values)
    return table.iloc[1:].set_axis(table.iloc[0].tolist(), axis=1).dropna(subset=["指标"])


def test_each_unit_gets_its_own_form_and_an_indicator_stands_in_one(form):
    listed = {p.name: set() for p in form.parent.iterdir()}
    for path in form.parent.iterdir():
        table = pd.DataFrame(openpyxl.load_workbook(path).active.values)
        listed[path.name] = set(table[0].dropna()) - {"指标"}
    assert listed == {"health-2025.xlsx": {"筛查率", "参保人数"}, "schools-2025.xlsx": {"毛入学率"}}


def test_it_asks_by_every_breakdown_of_the_plan_with_last_year_beside(form):
    sheet = openpyxl.load_workbook(form).active
    rows = [[c.value for c in row[:8]] for row in sheet.iter_rows(min_row=2) if row[0].value]
    assert rows == [
        ["筛查率", "某县", 2025, "女", "合计", "合计", 60, None],
        ["筛查率", "某县", 2025, "女", "合计", "城镇", None, None],
        ["筛查率", "某县", 2025, "女", "合计", "农村", None, None],
        ["筛查率", "东镇", 2025, "女", "合计", "合计", None, None],
        ["筛查率", "西镇", 2025, "女", "合计", "合计", None, None],
        ["参保人数", "某县", 2025, "合计", "合计", "合计", 1200, None],
        ["参保人数", "某县", 2025, "女", "合计", "合计", None, None],
        ["参保人数", "某县", 2025, "男", "合计", "合计", None, None],
    ]


def test_only_entries_are_open_limits_are_set_and_nothing_is_a_formula(form):
    book = openpyxl.load_workbook(form)
    sheet = book.active
    columns = {place: name for name, place in headings(sheet).items()}
    is_open = {columns[c.column] for c in sheet[2] if not c.protection.locked}
    assert is_open == {"数值", "分子", "分母", "状态", "可知日期", "来源", "备注"} and len(
        is_open
    ) == len(OPEN)
    assert sheet.protection.sheet and sheet.protection.password is None
    rules = {(r.type, r.formula1, r.formula2) for r in sheet.data_validations.dataValidation}
    assert ("decimal", "0", "100") in rules and {kind for kind, *_ in rules} >= {"list", "date"}
    assert len(sheet.conditional_formatting) == 2  # numerator above denominator, value off
    cells = [cell for one in book for row in one.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_the_guide_says_of_each_indicator_how_it_is_defined_computed_and_counted(form):
    guide = openpyxl.load_workbook(form)["填报说明"]
    table = [[cell.value for cell in row] for row in guide.iter_rows()]
    top = next(n for n, row in enumerate(table) if row[0] == "指标")
    told = dict(zip(table[top], table[top + 1], strict=True))
    assert told["计算方法"] == "分子 ÷ 分母 × 100" and told["计算单位"] == "%"
    assert (told["分子"], told["分母"], told["数据来源"]) == ("受检人数", "应检人数", "卫健局")
    assert {"定义", "填报范围", "频率", "说明"} <= told.keys()
    assert "请于 2026-06-30 前报送" in table[1][0]


@pytest.mark.requirement("C2")
def test_a_filled_form_comes_back_whole_without_a_file_of_names(home, form):
    wanted = filled(form)
    dataset = check_return(form, "demo", load_plan("small"), as_of="2026-06-30")
    counts = {k: n for k, n in dataset.counts.items() if n}
    assert counts == {"read": 8, "used": 8}
    mine = dataset.observations[dataset.observations["file"] == form.name].sort_values("row")
    for column, heading in (("value", "数值"), ("numerator", "分子"), ("denominator", "分母")):
        assert mine[column].tolist() == pytest.approx(
            wanted[heading].astype(float).tolist(), nan_ok=True
        )
    said = mine[["status", "as_of", "source", "note"]].drop_duplicates().to_numpy().tolist()
    assert said == [["provisional", "2026-03-31", "=年报", "已核对"]]


@pytest.mark.requirement("C2")
def test_import_lays_a_filled_form_long_and_the_data_set_reads_the_same(home, form):
    wanted = filled(form)
    data = home / "data/observations/demo"
    assert main(["import", str(form), "--plan", "small", "--data", "demo", "--add"]) == 0
    laid = read_dataset(data, load_plan("small"), as_of="2026-06-30")
    now = laid.observations[laid.observations["year"] == 2025]
    assert now["value"].tolist() == pytest.approx(wanted["数值"].astype(float).tolist())
    assert now["source_address"].iloc[0] == "health-2025.xlsx 填报!H2"
    assert not [p for p in laid.problems if p.keeps_out]


def test_as_a_file_of_the_data_set_it_is_read_as_it_stands(home, form):
    filled(form)
    data = home / "data/observations/demo"
    form.rename(data / form.name)
    head = (data / "dataset.yaml").read_text("utf-8")
    (data / "dataset.yaml").write_text(
        head.replace("[old.csv]", f"[old.csv, {form.name}]"), "utf-8"
    )
    assert read_dataset(data, load_plan("small"), as_of="2026-06-30").counts["used"] == 10


@pytest.mark.requirement("C2")
def test_a_filled_form_goes_into_the_store_and_a_renamed_column_is_refused(home, form):
    data = home / "data/observations/demo/dataset.yaml"
    data.write_text(data.read_text("utf-8") + "store: kept.sqlite\n", encoding="utf-8")
    assert main([*ASK, str(home / "first")]) == 0  # before anything is in the store
    store = open_store("demo", load_plan("small"))
    filled(form)
    told = {"unit": "health", "received": "2026-04-01"}
    first = ingest(store, form, **told)
    assert first.counts == {
        "submitted": 8,
        "accepted": 8,
        "corrected": 0,
        "questioned": 0,
        "refused": 0,
    }
    book = openpyxl.load_workbook(form)
    book.active.cell(1, headings(book.active)["分子"]).value = "分子个数"
    book.save(form)
    assert ingest(store, form, **told).counts["accepted"] == 0


@pytest.mark.requirement("C2")
@pytest.mark.parametrize(
    ("heading", "changed", "told"),
    [
        ("数值", "本年数", "缺少“数值”（value）列"),
        ("分子", "分子个数", "“分子个数”是否就是这一列？请改为“分子”。"),
        ("城乡", "住地", "缺少“城乡”（residence）列"),
    ],
)
def test_a_renamed_column_is_refused_by_its_name(home, form, capsys, heading, changed, told):
    filled(form)
    book = openpyxl.load_workbook(form)
    book.active.cell(1, headings(book.active)[heading]).value = changed
    book.save(form)
    assert main(["check", str(form), "--dataset", "demo"]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.requirement("C5")
def test_registered_sources_are_offered_and_told_as_the_source_of_data(home):
    register = (
        "source,unit,form,method\n妇幼健康年报,health,卫健统1表,report\n*抽样调查,health,,survey\n"
    )
    (home / "data/observations/demo/sources.csv").write_text(register, encoding="utf-8")
    assert main([*ASK, str(home / "o")]) == 0
    book = openpyxl.load_workbook(home / "o" / "health-2025.xlsx")
    assert book.active.cell(2, headings(book.active)["来源"]).value == "妇幼健康年报"
    guide = {cell.value for row in book["填报说明"].iter_rows() for cell in row}
    assert "卫健统1表；*抽样调查" in guide
    listed = {cell.value for row in book["清单"].iter_rows() for cell in row}
    assert "妇幼健康年报" in listed and "*抽样调查" not in listed


def test_rows_left_empty_are_missing_and_a_day_left_empty_is_the_day_of_receipt(home, form):
    filled(form, 可知日期=None)
    plan = load_plan("small")
    found = check_return(form, "demo", plan, as_of="2026-06-30", received="2026-04-02")
    mine = found.observations[found.observations["file"] == form.name]
    assert set(mine["as_of"]) == {"2026-04-02"}
    filled(form, 数值=None, 分子=None, 分母=None)
    assert check_return(form, "demo", plan, as_of="2026-06-30").counts["missing"] == 8


def test_the_same_form_has_the_same_bytes_and_a_filled_one_is_not_overwritten(home, form, capsys):
    assert main([*ASK, str(home / "again")]) == 0
    assert (home / "again" / form.name).read_bytes() == form.read_bytes()
    filled(form)
    before = form.read_bytes()
    assert main([*ASK, str(form.parent)]) == 2
    assert "不覆盖" in capsys.readouterr().err and form.read_bytes() == before


def test_an_english_form_comes_back_too(home):
    assert main([*ASK, str(home / "en"), "--language", "en"]) == 0
    read = read_return(home / "en" / "health-2025.xlsx")
    assert read.readable and not read.problems and read.rows["sex"].tolist()[0] == "female"


def test_the_day_due_is_a_setting_of_the_data_set(home):
    path = home / "data/observations/demo/dataset.yaml"
    head = path.read_text("utf-8")
    path.write_text(head + 'due: "03-31"\n', encoding="utf-8")
    assert main([*ASK, str(home / "o")]) == 0
    book = openpyxl.load_workbook(io.BytesIO((home / "o/health-2025.xlsx").read_bytes()))
    assert "2026-03-31" in book["填报说明"]["A2"].value
    path.write_text(head + 'due: "02-31"\n', encoding="utf-8")
    assert main([*ASK, str(home / "p")]) == 2
