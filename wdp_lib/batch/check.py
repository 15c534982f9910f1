"""Before the first cell runs: plan, data set and notebooks exist, and each notebook knows what it is given."""

from __future__ import annotations

import ast
import logging
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from wdp_lib.batch.params import NEEDED, SET_BY_BATCH, Run
from wdp_lib.core.errors import LANGUAGES, ParameterError, Problem, Text, suggestion
from wdp_lib.evaluation.verdicts.goals import STAGES

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_KINDS = {
    "str": Text("文字（加引号）", "text (in quotes)"),
    "int": Text("整数", "a whole number"),
    "float": Text("数", "a number"),
    "bool": Text("true 或 false", "true or false"),
    "list": Text("列表", "a list"),
    "dict": Text("名值对照", "names and values"),
}
_ISO_DATE = Text('带引号的日期，如 "2026-06-30"', 'a date in quotes, such as "2026-06-30"')


def check_run(run: Run, home: Path) -> None:
    """Refuse a run that cannot work.

    Raises
    ------
    ParameterError
        With every problem of the run and of all its notebooks.
    """
    problems = [*_run_problems(run), *_folder_problems(run, home)]
    for notebook in run.notebooks:
        problems += check_parameters(run, home / "notebooks" / f"{notebook}.ipynb")
    if problems:
        raise ParameterError(
            Text("参数有误，没有开始运行", "The parameters are wrong; nothing was run"), problems
        )


def check_parameters(run: Run, notebook_path: Path) -> list[Problem]:
    """Return what is wrong with the run's parameters in the eyes of one notebook.

    Parameters
    ----------
    run : Run
        The run.
    notebook_path : pathlib.Path
        The notebook, not executed.

    Returns
    -------
    list of Problem
        No such notebook; no parameters cell; a line papermill does not see; unknown and mistyped parameters.
    """
    if not notebook_path.is_file():
        return [_no_notebook(run, notebook_path)]
    known, problems = notebook_parameters(notebook_path)
    if problems:
        return problems
    name = notebook_path.name
    given = {
        key: value
        for key, value in run.parameters_of(notebook_path.stem).items()
        if key != SET_BY_BATCH
    }
    for key, value in given.items():
        line = run.line("notebook_parameters", notebook_path.stem, key) or run.line(
            "parameters", key
        )
        if key not in known:
            problems.append(_unknown(run.file, line, name, key, list(known)))
        elif expected := _expected(known[key], value):
            problems.append(_mistyped(run.file, line, name, key, value, expected))
    if SET_BY_BATCH not in known:
        problems.append(_no_report_folder(name))
    return problems


def notebook_parameters(notebook_path: Path) -> tuple[dict[str, Any], list[Problem]]:
    """Return the parameters of a notebook with their default values, and what keeps them from being read."""
    import nbformat
    import papermill

    name = notebook_path.name
    try:
        node = nbformat.read(str(notebook_path), as_version=4)
    except (nbformat.ValidationError, ValueError, KeyError, TypeError, AttributeError) as error:
        return {}, [_corrupt(name, str(error))]
    cells = [cell for cell in node.cells if "parameters" in cell.metadata.get("tags", [])]
    if not cells:
        return {}, [_no_cell(name)]
    node.metadata.setdefault("kernelspec", {"name": "python3"})
    node.metadata.setdefault("language_info", {"name": "python"})
    inspected = _quietly(papermill.inspect_notebook, node)
    known, problems = {}, []
    for key, source in _assignments(cells[0].source).items():
        try:
            known[key] = ast.literal_eval(inspected[key]["default"])
        except (KeyError, ValueError, SyntaxError):
            problems.append(_unseen(name, key, source))
    return known, problems


def _quietly(inspect: Callable[[Any], dict], node: Any) -> dict:
    """The parameters papermill sees, without its log lines: what it does not see is told as a problem."""
    logger = logging.getLogger("papermill")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        return inspect(node)
    finally:
        logger.setLevel(level)


def _assignments(source: str) -> dict[str, str]:
    """Names a parameters cell assigns to, with their lines; a cell that is not Python has none."""
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        return {"": source.splitlines()[0]}
    found = {}
    for statement in statements:
        targets = (
            statement.targets
            if isinstance(statement, ast.Assign)
            else [getattr(statement, "target", None)]
        )
        for target in targets:
            name = target.id if isinstance(target, ast.Name) else ""
            found[name] = "\n".join(
                source.splitlines()[statement.lineno - 1 : statement.end_lineno]
            )
    return found


def _expected(default: Any, given: Any) -> Text | None:
    """What should have been given, or ``None`` when the value fits."""
    if isinstance(default, str) and _DATE.fullmatch(default):
        return None if isinstance(given, str) and _is_date(given) else _ISO_DATE
    if isinstance(given, date):
        return _ISO_DATE
    if default is None:
        return None
    fits = type(given) is type(default) or (type(default) is float and type(given) is int)
    return None if fits else _KINDS.get(type(default).__name__, Text("合适的值", "a fitting value"))


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text)) and date.fromisoformat(text) is not None
    except ValueError:
        return False


def _run_problems(run: Run) -> list[Problem]:
    problems = []
    for key in NEEDED:
        if key not in run.parameters:
            advice = Text(f"请在 parameters 中写明 {key}。", f"State {key} under parameters.")
            problems.append(
                Problem(
                    "missing_parameter",
                    run.file,
                    None,
                    key,
                    Text("没有写", "not stated"),
                    _KINDS["str"],
                    advice,
                )
            )
    for keys in (("parameters",), *(("notebook_parameters", name) for name in run.notebooks)):
        given = run.parameters if len(keys) == 1 else run.notebook_parameters.get(keys[1], {})
        if SET_BY_BATCH in given:
            problems.append(_reserved(run, run.line(*keys, SET_BY_BATCH)))
    if run.language not in LANGUAGES:
        expected = Text("zh 或 en", "zh or en")
        line = run.line("parameters", "language")
        advice = Text("请改为 zh 或 en。", "Write zh or en.")
        problems.append(
            Problem("not_allowed", run.file, line, "language", repr(run.language), expected, advice)
        )
    stage = run.parameters.get("stage", STAGES[0])
    if isinstance(stage, str) and stage not in STAGES:
        expected, line = (
            Text("、".join(STAGES) + " 之一", "one of " + ", ".join(STAGES)),
            run.line("parameters", "stage"),
        )
        problems.append(
            Problem(
                "not_allowed",
                run.file,
                line,
                "stage",
                stage,
                expected,
                suggestion(stage, list(STAGES)),
            )
        )
    return problems


def _folder_problems(run: Run, home: Path) -> list[Problem]:
    problems = []
    for key, folder, file in (
        ("plan", "plans", "plan.yaml"),
        ("dataset", "observations", "dataset.yaml"),
    ):
        name = run.parameters.get(key)
        there = known_folders(home, folder, file)
        if isinstance(name, str) and name not in there:
            expected = Text(f"data/{folder} 中的一个文件夹", f"a folder of data/{folder}")
            line = run.line("parameters", key)
            problems.append(
                Problem(
                    "unknown_name", run.file, line, key, name, expected, suggestion(name, there)
                )
            )
    return problems


def known_folders(home: Path, folder: str, file: str) -> list[str]:
    """Return the names of the plans or data sets there are: the folders of ``data/<folder>`` that hold ``file``."""
    return sorted(path.parent.name for path in (home / "data" / folder).glob(f"*/{file}"))


def _unknown(file: str, line: int | None, notebook: str, key: str, known: list[str]) -> Problem:
    open_to_user = [name for name in known if name != SET_BY_BATCH]
    listed = ", ".join(open_to_user)
    return Problem(
        "unknown_parameter",
        file,
        line,
        key,
        Text(f"{notebook} 没有的参数 {key}", f"{key}, which is no parameter of {notebook}"),
        Text(f"{listed} 之一", f"one of {listed}"),
        suggestion(key, open_to_user),
    )


def _mistyped(
    file: str, line: int | None, notebook: str, key: str, value: Any, expected: Text
) -> Problem:
    shown = value.isoformat() if isinstance(value, date) else repr(value)
    return Problem(
        "mistyped_parameter",
        file,
        line,
        key,
        shown,
        Text(f"{expected.zh}（{notebook}）", f"{expected.en} ({notebook})"),
        Text("请改正该值。", "Correct the value."),
    )


def _reserved(run: Run, line: int | None) -> Problem:
    return Problem(
        "reserved_parameter",
        run.file,
        line,
        SET_BY_BATCH,
        SET_BY_BATCH,
        Text("由程序设定的参数不写", "nothing: the run sets it"),
        Text(
            "请删去此行；报告位置用 --out 指定。",
            "Delete the line; use --out to choose the place of the report.",
        ),
    )


def _no_notebook(run: Run, path: Path) -> Problem:
    there = sorted(entry.stem for entry in path.parent.glob("*.ipynb"))
    number = run.notebooks.index(path.stem) if path.stem in run.notebooks else None
    return Problem(
        "no_notebook",
        run.file,
        run.line("notebooks", number),
        "notebooks",
        path.stem,
        Text("notebooks 文件夹中的笔记本", "a notebook of the folder notebooks"),
        suggestion(path.stem, there),
    )


def _corrupt(name: str, told: str) -> Problem:
    return Problem(
        "corrupt_notebook",
        name,
        None,
        None,
        Text("不能读取的内容", f"content that cannot be read ({told[:80]})"),
        Text("Jupyter 笔记本（JSON）", "a Jupyter notebook (JSON)"),
        Text("请恢复原文件。", "Restore the file."),
    )


def _no_cell(name: str) -> Problem:
    return Problem(
        "no_parameters_cell",
        name,
        None,
        None,
        Text("没有标记为 parameters 的单元格", "no cell tagged parameters"),
        Text("一个参数单元格", "one such cell"),
        Text("请给写参数的单元格加上 parameters 标记。", "Tag the cell with the parameters."),
    )


def _no_report_folder(name: str) -> Problem:
    return Problem(
        "no_report_folder",
        name,
        None,
        SET_BY_BATCH,
        Text("没有此参数", "no such parameter"),
        Text(f'{SET_BY_BATCH} = ""', f'{SET_BY_BATCH} = ""'),
        Text("请在参数单元格中加上它。", "Add it to the parameters cell."),
    )


def _unseen(name: str, key: str, source: str) -> Problem:
    return Problem(
        "unseen_parameter",
        name,
        None,
        key or None,
        source.strip(),
        Text("一行一个“名 = 值”，值为字面量", "one `name = literal` a line"),
        Text(
            "papermill 认不出这样的参数：注释里不能有等号，类型写在注释里，如 x = None  # type: Optional[int]。",
            "papermill does not see such a parameter: a comment may hold no equals sign, "
            "and a type goes into it: x = None  # type: Optional[int].",
        ),
    )
