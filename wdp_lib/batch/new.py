"""A new notebook, in both languages: of a question, or a copy of the one for special studies."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from wdp_lib.batch.check import notebook_parameters
from wdp_lib.batch.translate import (
    catalogue_path,
    catalogue_text,
    read_catalogue,
    updated_catalogue,
)
from wdp_lib.core.errors import LANGUAGES, ParameterError, Text
from wdp_lib.core.files import write_atomic

MODEL = "00-explore"  # whose plan and data are taken where none are named
STUDY = "special-study"  # what `wdp new study` copies
# every notebook begins with these two cells; a test holds them to it
PARAMETERS = """\
plan = {plan}  # 计划：data/plans 下的文件夹 | a folder of data/plans
dataset = {dataset}  # 数据集：data/observations 下的文件夹 | a folder of data/observations
as_of = {as_of}  # 截止日期，只用当时可知的数据 | cut-off: only what was known then
through = {through}  # 预测至哪一年 | last year forecast
stage = {stage}  # 阶段 | round: annual, midterm, final, hindcast
language = "zh"  # 语言 | zh or en
seed = {seed}  # 随机种子 | seed of every random draw
area = ""  # 按本规划判断的地区，空为规划所在地区 | area judged by the plan; empty: its own
edition = "internal"  # 版本：内部、public 公开或责任单位 | internal, public or a unit
report_folder = ""  # 表格写到何处，空为不写 | where tables are written; empty: nowhere
"""
OPEN = """\
import wdp_lib as wdp

study = wdp.open_study(
    plan,
    dataset,
    area=area,
    as_of=as_of,
    through=through,
    stage=stage,
    language=language,
    seed=seed,
    edition=edition,
    report_folder=report_folder,
)
"""
_SERIES = """\
chosen = study.example
study.table(study.series(chosen)[["year", "value", "unit", "status", "source"]])
"""
_CHECK = 'wdp.require(len(study.risks), "the plan has no target", "规划中没有目标")'
# prose is a Text, code a str
_CELLS: tuple[Text | str, ...] = (
    Text(
        "# {title}\n\n在这里写：本页回答什么问题，用什么数据，供报告的哪一部分使用。",
        "# {title}\n\nWrite here: what this page answers, from which data, for which part of the "
        "report.",
    ),
    PARAMETERS,
    OPEN,
    Text(
        "## 数据\n\n规划的示例指标，逐年的数和来源。把 `chosen` 换成要研究的指标。",
        "## Data\n\nThe example indicator of the plan, with its sources. Set `chosen` to yours.",
    ),
    _SERIES,
    Text("## 走势与预测", "## Trend and forecast"),
    'study.chart("outlook", chosen)',
    Text("## 能否达标", "## Will it be met?"),
    'study.show("risks", study.risks.query("indicator == @chosen"))',
    _CHECK,
)


def new_notebook(
    home: Path, name: str, *, title: Text, plan: str = "", dataset: str = "", like: str = ""
) -> tuple[Path, Path]:
    """Write a notebook that runs in a batch, and its translation; return both files.

    ``like``: the notebook it is a copy of, with another title, plan and data. Raises
    `ParameterError` when there is one of that name, or no other to take plan and data from.
    """
    path = home / "notebooks" / f"{name}.ipynb"
    files = (path, catalogue_path(path, LANGUAGES[1]))
    if there := [str(one) for one in files if one.exists()]:
        raise ParameterError.of(
            f"{there[0]} 已存在，不覆盖。", f"{there[0]} exists and is left alone."
        )
    given = _given(home, plan, dataset)
    node, english = _copied(home, like, given, title) if like else _notebook(given, title)
    catalogue = updated_catalogue(node, read_catalogue(files[1]))
    for message in catalogue:
        message.string = english.get(message.context, "")
    import nbformat

    write_atomic(files[0], nbformat.writes(node) + "\n")
    write_atomic(files[1], catalogue_text(catalogue, LANGUAGES[1]))
    return files


def _given(home: Path, plan: str, dataset: str) -> dict[str, Any]:
    """Parameters as those of the notebook to explore with, but for what is named."""
    from datetime import date

    from wdp_lib.data import read_dataset
    from wdp_lib.plan import load_plan

    model = home / "notebooks" / f"{MODEL}.ipynb"
    given = notebook_parameters(model)[0] if model.is_file() else {}
    wanted = {"plan": plan or given.get("plan", ""), "dataset": dataset or given.get("dataset", "")}
    if not all(wanted.values()):
        raise ParameterError.of("请给出 --plan 和 --data。", "Give --plan and --data.")
    if all(given.get(one) == named for one, named in wanted.items()):
        return given
    loaded = load_plan(wanted["plan"], home=home)
    read_dataset(wanted["dataset"], loaded, as_of=date.today().isoformat(), home=home)
    today = date.today().isoformat()
    fresh = {"as_of": today, "through": loaded.last_year, "stage": "midterm"}
    return wanted | fresh | {"seed": int(today.replace("-", ""))}


def _notebook(given: dict[str, Any], title: Text) -> tuple[Any, dict[str, str]]:
    """The notebook in Chinese, and what its prose says in English, by cell."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    words = {name: _literal(one) for name, one in given.items()}
    cells, english = [], {}
    for number, cell in enumerate(_CELLS):
        own = {"id": f"new-{number:02d}"}
        if isinstance(cell, Text):
            cells.append(new_markdown_cell(cell.zh.replace("{title}", title.zh), **own))
            english[own["id"]] = cell.en.replace("{title}", title.en)
        elif cell is PARAMETERS:
            tag = {"tags": ["parameters"]}
            cells.append(new_code_cell(cell.format(**words).strip(), metadata=tag, **own))
        else:
            cells.append(new_code_cell(cell.strip(), **own))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel}), english


def _copied(home: Path, like: str, given: dict[str, Any], title: Text) -> tuple[Any, dict]:
    """A notebook without its results, under another title, and what its prose says in English."""
    import nbformat

    model = home / "notebooks" / f"{like}.ipynb"
    if not model.is_file():
        raise ParameterError.of(f"没有样板 {model}。", f"There is no {model} to copy.")
    node = nbformat.read(str(model), as_version=4)
    known = read_catalogue(catalogue_path(model, LANGUAGES[1]))
    english = {one.context: one.string for one in known if one.id}
    first, of_plan = node.cells[0], notebook_parameters(model)[0]["plan"]
    if given["plan"] != of_plan:
        given = given | {"indicator": ""}  # names an indicator of another plan
    english[first.id] = _headed(english.get(first.id, ""), title.en)
    first.source = _headed(first.source, title.zh)
    for cell in node.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if "parameters" in cell.metadata.get("tags", []):
            for name, one in given.items():
                value = f"{name} = {_literal(one)}".replace("\\", r"\\")
                cell.source = re.sub(rf"(?m)^{name} = .*?(?=  #|$)", value, cell.source)
    return node, english


def _headed(text: str, title: str) -> str:
    return re.sub(r"\A# .*", lambda _: f"# {title}", text)


def _literal(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)
