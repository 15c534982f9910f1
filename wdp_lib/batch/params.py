"""The parameter file of a run: read, and every mistake in it told at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from wdp_lib.core import settings
from wdp_lib.core.errors import LANGUAGES, ParameterError, Problem, Text, suggestion

KEYS = ("run", "title", "purpose", "notebooks", "parameters", "notebook_parameters", "matrix")
NEEDED = ("plan", "dataset", "as_of")
SET_BY_BATCH = "report_folder"
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FAILED = Text("参数文件有误，没有开始运行", "The parameter file is wrong; nothing was run")


@dataclass(frozen=True)
class Run:
    """One run: which notebooks, with which parameters.

    Parameters
    ----------
    run : str
        Identifier; names the report folder.
    title, purpose : Text
        What the report is called and what it is for; the purpose may be empty.
    notebooks : tuple of str
        Names in the folder ``notebooks``, without ending, in the order in which they run.
    parameters : mapping
        Given to every notebook.
    notebook_parameters : mapping of str to mapping
        Given to one notebook only, on top of ``parameters``.
    matrix : mapping of str to list or mapping
        Axis → its values (the parameter of that name), or names of values → the parameters each sets.
    axes : mapping of str to str
        Axis → the value of this run, of a run that was expanded.
    file : str
        Name of the parameter file as told to the user.
    lines : mapping of tuple to int
        Line of each key in the file, by path of keys.
    """

    run: str
    title: Text
    notebooks: tuple[str, ...]
    parameters: Mapping[str, Any]
    purpose: Text = Text("", "")
    notebook_parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    matrix: Mapping[str, Any] = field(default_factory=dict)
    axes: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    lines: Mapping[tuple, int] = field(default_factory=dict)

    @property
    def language(self) -> str:
        """Language of the report, Chinese unless the parameters say otherwise."""
        return self.parameters.get("language", "zh")

    def parameters_of(self, notebook: str) -> dict[str, Any]:
        """Return what one notebook is given by the parameter file."""
        return {**self.parameters, **self.notebook_parameters.get(notebook, {})}

    def line(self, *keys: Any) -> int | None:
        """Return the line of a key in the file, or ``None`` when it was not written there."""
        return self.lines.get(tuple(keys))


def read_run(path: Path | str) -> Run:
    """Read a parameter file.

    Raises
    ------
    ParameterError
        With every problem: no such file, not YAML, a key twice, unknown or missing keys, a bad identifier, no
        notebooks.
    """
    path = Path(path)
    content, lines = _parse(path)
    name = path.name
    problems = [*_key_problems(name, content, lines), *_value_problems(name, content, lines)]
    if problems:
        raise ParameterError(_FAILED, problems)
    purpose = content.get("purpose", {"zh": "", "en": ""})
    return Run(
        run=content["run"],
        title=_text(content["title"]),
        purpose=_text(purpose),
        notebooks=tuple(content["notebooks"]),
        parameters=content["parameters"],
        notebook_parameters=content.get("notebook_parameters", {}),
        matrix=content.get("matrix", {}),
        file=name,
        lines=lines,
    )


def override(run: Run, given: Mapping[str, str]) -> Run:
    """Return the run with parameters replaced by those given on the command line.

    Parameters
    ----------
    run : Run
        The run as read.
    given : mapping of str to str
        Name and value as typed: a whole number, a number, ``true``/``false``, or text; a value in quotes is text.
    """
    values = {name: _typed(text) for name, text in given.items()}
    lines = {
        keys: line
        for keys, line in run.lines.items()
        if not (keys[0] == "parameters" and keys[-1] in values)
    }
    return replace(run, parameters={**run.parameters, **values}, lines=lines)


def read_yaml(path: Path) -> Any:
    """Read a YAML 1.2 file into plain Python values.

    Raises
    ------
    ParameterError
        When it is not YAML or holds a key twice.
    """
    return _parse(path)[0]


def _typed(text: str) -> Any:
    text = text.strip()
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"[+-]?\d+", text):
        return int(text)
    if re.fullmatch(r"[+-]?(\d+\.\d*|\.\d+)([eE][+-]?\d+)?", text):
        return float(text)
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text


def _parse(path: Path) -> tuple[Any, dict[tuple, int]]:
    if not path.is_file():
        raise ParameterError(_FAILED, [_no_file(path)])
    read = settings.read_yaml(path)
    if read.problem:
        raise ParameterError(_FAILED, [read.problem])
    return read.content, read.lines


def _key_problems(name: str, content: Any, lines: Mapping[tuple, int]) -> list[Problem]:
    problems = []
    for key in content:
        if key not in KEYS:
            expected = Text("、".join(KEYS) + " 之一", "one of " + ", ".join(KEYS))
            advice = suggestion(str(key), list(KEYS))
            problems.append(
                Problem(
                    "unknown_key", name, lines.get((key,)), str(key), str(key), expected, advice
                )
            )
    for key in ("run", "title", "notebooks", "parameters"):
        if key not in content:
            problems.append(_missing(name, key))
    return problems


def _value_problems(name: str, content: Any, lines: Mapping[tuple, int]) -> list[Problem]:
    wanted = {
        "run": (
            _is_id,
            Text("小写字母、数字和连字符组成的标识", "lower-case letters, digits and hyphens"),
        ),
        "title": (_is_text, Text("文字，或 zh（和 en）两项", "a text, or texts zh (and en)")),
        "purpose": (_is_text, Text("文字，或 zh（和 en）两项", "a text, or texts zh (and en)")),
        "notebooks": (
            _is_names,
            Text("至少一个笔记本名，不重复", "at least one notebook, none twice"),
        ),
        "parameters": (_is_settings, Text("参数名与值", "names and values of parameters")),
        "notebook_parameters": (
            _is_settings_each,
            Text("笔记本名及其参数", "notebooks and their parameters"),
        ),
        "matrix": (
            _is_matrix,
            Text(
                "参数名与值的列表，或名称与各自的参数", "lists of values, or names with parameters"
            ),
        ),
    }
    problems = [
        _wrong(name, lines.get((key,)), key, content[key], expected)
        for key, (is_right, expected) in wanted.items()
        if key in content and not is_right(content[key])
    ]
    own = content.get("notebook_parameters", {})
    names = content.get("notebooks", [])
    if not problems:
        for notebook in own:
            if notebook not in names:
                expected = Text("本次运行的笔记本", "a notebook of this run")
                line = lines.get(("notebook_parameters", notebook))
                advice = suggestion(notebook, list(names))
                problems.append(
                    Problem("unknown_notebook", name, line, notebook, notebook, expected, advice)
                )
    return problems


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and bool(_ID.fullmatch(value))


def _is_text(value: Any) -> bool:
    """A text in both languages, or in Chinese alone, or just a text: then it stands for both."""
    if isinstance(value, str):
        return bool(value.strip())
    return (
        isinstance(value, dict)
        and {"zh"} <= set(value) <= set(LANGUAGES)
        and all(map(_filled, value.values()))
    )


def _filled(value: Any) -> bool:
    return isinstance(value, str)


def _text(value: str | Mapping[str, str]) -> Text:
    return (
        Text(value, value)
        if isinstance(value, str)
        else Text(value["zh"], value.get("en", value["zh"]))
    )


def _is_names(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(_is_id(name) for name in value)
        and len(set(value)) == len(value)
    )


def _is_settings(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(name, str) for name in value)


def _is_settings_each(value: Any) -> bool:
    return _is_settings(value) and all(_is_settings(own) for own in value.values())


def _is_matrix(value: Any) -> bool:
    """Axes with values of one parameter, none twice, or with named sets of parameters."""
    if not (_is_settings(value) and value):
        return False
    lists = [given for given in value.values() if isinstance(given, list)]
    named = [given for given in value.values() if not isinstance(given, list)]
    plain = all(given and len({str(v) for v in given}) == len(given) for given in lists)
    scalars = all(isinstance(v, (str, int, float)) for given in lists for v in given)
    return plain and scalars and all(given and _is_settings_each(given) for given in named)


def _wrong(name: str, line: int | None, key: str, found: Any, expected: Text) -> Problem:
    return Problem(
        "wrong_value", name, line, key, repr(found), expected, Text("请改正。", "Correct it.")
    )


def _missing(name: str, key: str) -> Problem:
    return Problem(
        "missing_key",
        name,
        None,
        key,
        Text("没有此项", "no such key"),
        Text("此项", "this key"),
        Text(f"请补上 {key}。", f"Add {key}."),
    )


def _no_file(path: Path) -> Problem:
    there = (
        sorted(entry.name for entry in path.parent.glob("*.yaml")) if path.parent.is_dir() else []
    )
    return Problem(
        "no_file",
        str(path),
        None,
        None,
        Text("没有此文件", "no such file"),
        Text("参数文件", "a parameter file"),
        suggestion(path.name, there) if there else Text("请检查路径。", "Check the path."),
    )
