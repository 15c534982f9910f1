"""A small plan and a small data set, drawn as tables, for the tests of reading."""

import io
from pathlib import Path

import openpyxl

from wdp_lib.core.errors import Text
from wdp_lib.data import read_dataset
from wdp_lib.plan.model import Indicator, Plan, Source
from wdp_lib.plan.target import Target

AREAS = """\
area,name_zh,name_en,level,parent
county,某县,A county,county,
east,东镇,East,township,county
west,西镇,West,township,county
"""
YAML = """\
id: demo
title: {{zh: 示例, en: Demo}}
kind: {kind}
mark: {{zh: 模拟数据, en: Simulated data}}
licence: CC0-1.0
source: {{zh: 示例, en: Demo}}
files: [{files}]
"""
COLUMNS = "indicator,area,year,value,numerator,denominator,status,as_of,source"
WATCHED = Target("monitor_only")


def _indicator(id, zh, en, unit, **more):
    return Indicator(id, ("G",), "一", Text(zh, en), unit, WATCHED, "monitor_only", **more)


PERCENT = {"lower_bound": 0, "upper_bound": 100, "multiplier": 100}
PLAN = Plan(
    "tiny",
    Text("小规划", "Tiny plan"),
    "county",
    Text("某县", "A county"),
    2021,
    2030,
    2020,
    "suggested",
    Source("小规划"),
    indicators=(
        _indicator(
            "screening",
            "宫颈癌筛查率",
            "Cervical screening",
            "percent",
            **PERCENT,
            sex_scope="female_only",
        ),
        _indicator(
            "enrolment", "毛入学率", "Gross enrolment", "percent", **{**PERCENT, "upper_bound": 200}
        ),
        _indicator(
            "deaths",
            "孕产妇死亡率",
            "Maternal mortality",
            "per_100k_live_births",
            lower_bound=0,
            multiplier=100000,
            data_kind="rare_rate",
        ),
        _indicator(
            "gap",
            "收入差距",
            "Income gap",
            "percentage_points",
            lower_bound=-100,
            upper_bound=100,
            data_kind="gap",
        ),
        _indicator(
            "delegates", "女代表比例", "Share of delegates", "percent", **PERCENT, frequency="term"
        ),
        _indicator(
            "insured", "参保人数", "Insured women", "persons", lower_bound=0, data_kind="count"
        ),
    ),
)


def make_dataset(folder: Path, *, kind="simulated", name="demo", areas=AREAS, **files) -> Path:
    """Write a data set; ``files`` are its returns (and tables beside them) by name without ``.csv``, text or bytes."""
    home = folder / "data" / "observations" / name
    home.mkdir(parents=True, exist_ok=True)
    beside = ("breaks", "choices", "indicator_map")
    listed = ", ".join(f"{file}.csv" for file in files if file not in beside)
    (home / "dataset.yaml").write_text(YAML.format(kind=kind, files=listed), encoding="utf-8")
    (home / "areas.csv").write_text(areas, encoding="utf-8")
    for file, content in files.items():
        data = content if isinstance(content, bytes) else content.encode("utf-8")
        (home / f"{file}.csv").write_bytes(data)
    return home


def returned(*rows: str, columns: str = COLUMNS) -> str:
    """A return with these rows."""
    return "\n".join((columns, *rows)) + "\n"


def row(
    year,
    value,
    *,
    indicator="screening",
    area="county",
    counts=",",
    status="final",
    as_of=None,
    source="报表",
):
    """One row of a return in the order of `COLUMNS`; known in February after its year unless said otherwise."""
    return f"{indicator},{area},{year},{value},{counts},{status},{as_of or f'{int(year) + 1}-02-15'},{source}"


GOOD = row(2021, 60.5)


def read(folder, **files):
    return read_dataset(make_dataset(folder, **files), PLAN, as_of="2026-06-30")


def only(problems, rule):
    found = [problem for problem in problems if problem.rule == rule]
    assert len(found) == 1, [problem.message("en") for problem in problems]
    return found[0]


def values(dataset):
    used = dataset.observations[dataset.observations["used"]]
    return dict(zip(used["year"], used["value"], strict=True))


def workbook(*sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet in sheets:
        book.create_sheet(sheet).append(["指标", "地区", "年份", "数值"])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()
