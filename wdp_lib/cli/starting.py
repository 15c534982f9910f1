"""``wdp new``: a plan or a data set, with a form that a person can fill in, or a notebook."""

from __future__ import annotations

import argparse
import csv
import io
import re
from pathlib import Path

from wdp_lib.cli.actions import DONE, NOTEBOOK_FAILED
from wdp_lib.core.console import say
from wdp_lib.core.errors import ParameterError, Text
from wdp_lib.core.home import find_home
from wdp_lib.core.words import code_name

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
_PLAN = """\
title: {title}            # 规划全称 / full title
area_name: {area}         # 地区名称 / name of the area
first_year: {first}
last_year: {last}
baseline_year: {baseline} # 基期：目标与哪一年相比 / the year that changes are measured against
# 原文出处，写上地址后目标即为已核实 / where the text was published
# source: {{title: 规划全称, publisher: 发布单位, address: 网址}}
"""
_DATA = """\
id: {name}
title: {title}
kind: real
plan: {plan}
licence: ""
source: {title}
files: [{form}]
# 各行都一样的，在这里写一次；表中写了的以表为准。可知日期不详的写 unknown
# what all rows share is said once; a cell that is filled in goes first
all_rows: {{area: {area}, status: 最终数, as_of: unknown, source: {title}}}
# 学年 2021–2022 算哪一年：begins 前一年，ends 后一年 / which year a school year stands for
# school_year: begins
# 收到的文件存入数据库，逐行开具回执（wdp ingest） / keep all that comes in (wdp ingest)
# store: store.sqlite
"""
_RUN = """\
run: {name}
title: {{zh: {title}, en: {title}}}
notebooks: [10-data, 20-trends, 30-risk]
parameters:
  plan: {plan}
  dataset: {name}
  as_of: "{today}"
  language: zh
"""
_TARGETS = (
    "≤ 8",
    "控制在8/10万以下",
    "不低于95%",
    "40%左右",
    "下降1/6",
    "比2020年提高5个百分点",
    "持续提高",
)
_ROWS = 500  # of a form, that have drop-downs
RETURN = ("指标", "年份", "数值", "分子", "分母", "单位", "地区", "来源", "可知日期", "备注")
_LEVELS = (
    ("国", "country"),
    ("省", "province"),
    ("市", "city"),
    ("镇", "township"),
    ("乡", "township"),
)


def _write(path: Path, content: str | bytes) -> None:
    from wdp_lib.core.files import write_atomic  # the help needs no pandas

    write_atomic(path, content)


def new(options: argparse.Namespace) -> int:
    """Carry out ``wdp new``."""
    if not _NAME.fullmatch(options.name):
        zh, en = "名称只用英文字母、数字和 -", "a name has letters, digits and - only"
        raise ParameterError.of(f"{zh}：{options.name}", f"{en}: {options.name}")
    if options.kind in ("notebook", "study"):
        return _notebook(options)
    parts = {"plan": "plans", "data": "observations"}
    folder = find_home() / "data" / parts[options.kind] / options.name
    if folder.exists():
        raise ParameterError.of(f"{folder} 已存在，不覆盖。", f"{folder} exists and is left alone.")
    files = _plan(options) if options.kind == "plan" else _data(options)
    for name, content in files.items():
        _write(folder / name, content)
        say(Text(f"已生成 {folder / name}", f"made {folder / name}"))
    zh = f"填好后：wdp check --plan {options.plan or options.name}"
    en = f"when it is filled in: wdp check --plan {options.plan or options.name}"
    data = f" --data {options.name}" if options.kind == "data" else ""
    say(Text(zh + data, en + data))
    return DONE


def _notebook(options: argparse.Namespace) -> int:
    from wdp_lib.batch import new_notebook, refresh_notebooks
    from wdp_lib.batch.new import STUDY

    plain = options.name.replace("-", " ").replace("_", " ").strip().capitalize()
    title = Text(options.title or plain, options.title_en or plain)
    home, given = find_home(), {"plan": options.plan, "dataset": options.data}
    given["like"] = STUDY if options.kind == "study" else ""
    for path in new_notebook(home, options.name, title=title, **given):
        say(Text(f"已生成 {path}", f"made {path}"))
    outcomes = refresh_notebooks(home, only=[options.name], progress=say)
    zh = f"改写后：wdp notebooks --catalogue {options.name}，译好后 wdp notebooks {options.name}"
    en = f"after changes: wdp notebooks --catalogue {options.name}, translate, then "
    say(Text(zh, f"{en}wdp notebooks {options.name}"))
    return NOTEBOOK_FAILED if any(outcome.failed for outcome in outcomes) else DONE


def _plan(options: argparse.Namespace) -> dict[str, bytes | str]:
    from wdp_lib.plan.schema import UNITS
    from wdp_lib.plan.targets import COLUMNS

    years = re.search(r"(20\d\d)\D+(20\d\d)", f"{options.title} {options.name}")
    first, last = (int(year) for year in years.groups()) if years else (2021, 2030)
    area = options.area or options.name
    head = _PLAN.format(
        title=_quoted(options.title or options.name),
        **{"area": _quoted(area), "first": first, "last": last, "baseline": first - 1},
    )
    units = list(dict.fromkeys(code_name("unit", unit).zh for unit in UNITS))
    lists = {"单位": units, "目标值": list(_TARGETS)}
    return {"plan.yaml": head, **_form("targets", COLUMNS, lists, options.csv)}


def _data(options: argparse.Namespace) -> dict[str, bytes | str]:
    from datetime import date

    from wdp_lib.plan import load_plan

    if not options.plan:
        raise ParameterError.of("请用 --plan 给出计划。", "Give the plan with --plan.")
    plan = load_plan(options.plan)
    name, title = plan.area_name.zh, options.title or options.name
    form = "returns.csv" if options.csv else "returns.xlsx"
    level = next((level for end, level in _LEVELS if name.endswith(end)), "county")
    areas = [["area", "name_zh", "name_en", "level", "parent"]]
    areas.append([plan.area, name, plan.area_name.en, level, ""])
    years = [str(year) for year in range(plan.baseline_year - 5, plan.last_year + 1)]
    lists = {
        "指标": [i.name.zh for i in plan.indicators],
        "年份": years,
        "单位": list(dict.fromkeys(code_name("unit", i.unit).zh for i in plan.indicators)),
    }
    given = {"name": options.name, "title": _quoted(title), "plan": options.plan}
    run = find_home() / "params" / f"{options.name}.yaml"
    if not run.exists():
        _write(run, _RUN.format(**given, today=date.today().isoformat()))
        say(Text(f"已生成 {run}", f"made {run}"))
    return {
        "dataset.yaml": _DATA.format(**given, form=form, area=_quoted(name)),
        "areas.csv": _csv(areas),
        **_form("returns", RETURN, lists, options.csv),
    }


def _quoted(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)


def _csv(rows: list[list[str]]) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue().encode("utf-8-sig")


def _form(
    name: str,
    columns: tuple[str, ...],
    lists: dict[str, list[str]],
    as_csv: bool,
) -> dict[str, bytes | str]:
    """An empty table; as a workbook the words of each list are a drop-down that allows others."""
    if as_csv:
        return {f"{name}.csv": _csv([list(columns)])}
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    from wdp_lib.core.office import choose_from, put, saved

    book = Workbook()
    sheet, words = book.active, book.create_sheet("清单")
    sheet.title = "填报"
    sheet.freeze_panes = "A2"
    for place, heading in enumerate(columns, 1):
        letter = get_column_letter(place)
        put(sheet, 1, place, heading).font = Font(bold=True)
        sheet.column_dimensions[letter].width = 28 if heading in ("目标", "指标", "目标值") else 14
        if heading in lists:
            choose_from(sheet, words, f"{letter}2:{letter}{_ROWS}", lists[heading])
    return {f"{name}.xlsx": saved(book, "wdp", name)}


def add_to_dataset(folder: Path, name: str) -> None:
    """List a file in `dataset.yaml` of a folder, in its line of files.

    Raises `ParameterError` when the files are not listed in one line.
    """
    path = folder / "dataset.yaml"
    text = path.read_text(encoding="utf-8")
    found = re.search(r"^files: *\[(.*)\] *$", text, re.MULTILINE)
    if not found:
        zh, en = f"请在 {path} 的 files 中加上 {name}", f"add {name} to the files of {path}"
        raise ParameterError.of(zh, en)
    listed = [one.strip() for one in found[1].split(",") if one.strip()]
    if name not in listed:
        line = f"files: [{', '.join([*listed, name])}]"
        _write(path, text[: found.start()] + line + text[found.end() :])
