"""The parameter file of a run: read, and every mistake in it told at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from wdp_lib.batch.problems import listed, problem
from wdp_lib.core.errors import LANGUAGES, ParameterError, Problem, Text
from wdp_lib.core.settings import read_yaml

NEEDED = ("plan", "dataset", "as_of")
SET_BY_BATCH = "report_folder"
_NEEDED_KEYS = ("run", "title", "notebooks", "parameters")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FAILED = Text("参数文件有误，没有开始运行", "The parameter file is wrong; nothing was run")


@dataclass(frozen=True)
class Run:
    """One run: which notebooks, with which parameters.

    Parameters
    ----------
    run : str
        Identifier; names the report folder.
    notebooks : tuple of str
        Names without ending, in the order in which they run.
    notebook_parameters : mapping of str to mapping
        Given to one notebook only, on top of ``parameters``.
    matrix : mapping of str to list or mapping
        Axis → its values (the parameter of that name), or names of values → what each sets.
    axes : mapping of str to str
        Axis → the value of this run, of a run that was expanded.
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
        return self.lines.get(keys)


def read_run(path: Path | str) -> Run:
    """Read a parameter file.

    Raises
    ------
    ParameterError
        With every problem: no such file, not YAML, a key twice, unknown or missing keys, a bad
        identifier, no notebooks.
    """
    path = Path(path)
    if not path.is_file():
        there = sorted(entry.name for entry in path.parent.glob("*.yaml")) or None
        problems = [problem("no_file", str(path), name=path.name, known=there)]
        raise ParameterError(_FAILED, problems)
    read = read_yaml(path)
    problems = [read.problem] if read.problem else []
    if problems := problems or list(run_problems(read.content, path.name, read.lines)):
        raise ParameterError(_FAILED, problems)
    return as_run(read.content, path.name, read.lines)


def as_run(content: Mapping[str, Any], file: str, lines: Mapping[tuple, int]) -> Run:
    """Return the run that faultless content of a parameter file describes."""
    given = dict(content)
    for name in given.keys() & {"title", "purpose"}:
        texts = given[name] if isinstance(given[name], Mapping) else {"zh": given[name]}
        given[name] = Text(texts["zh"], texts.get("en", texts["zh"]))
    return Run(**given | {"notebooks": tuple(content["notebooks"])}, file=file, lines=lines)


def override(run: Run, given: Mapping[str, str]) -> Run:
    """Return the run with parameters replaced by those typed on the command line.

    What looks like a whole number, a number or ``true``/``false`` is one; in quotes it is text.
    """
    values = {name: _typed(text) for name, text in given.items()}
    stated = {("parameters", name) for name in values}
    lines = {keys: line for keys, line in run.lines.items() if keys not in stated}
    return replace(run, parameters={**run.parameters, **values}, lines=lines)


def is_id(value: Any) -> bool:
    """Whether a value may name a run or a notebook: it can never lead out of a folder."""
    return isinstance(value, str) and bool(_ID.fullmatch(value))


def _typed(text: str) -> Any:
    text = text.strip()
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"[+-]?\d+", text):
        return int(text)
    if re.fullmatch(r"[+-]?(\d+\.\d*|\.\d+)([eE][+-]?\d+)?", text):
        return float(text)
    quoted = len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if quoted else text


def run_problems(
    content: Mapping[str, Any], file: str, lines: Mapping[tuple, int]
) -> Iterator[Problem]:
    """Yield what is wrong with the content of a parameter file."""
    for key in content:
        if key not in _SHAPES:
            line, name = lines.get((key,)), str(key)
            words = {"known": list(_SHAPES), "listed": listed(_SHAPES)}
            yield problem("unknown_key", file, line, name, name=name, **words)
    for key in _NEEDED_KEYS:
        if key not in content:
            yield problem("missing_key", file, column=key, name=key)
    wrong = [key for key in _SHAPES if key in content and not _SHAPES[key][0](content[key])]
    for key in wrong:
        words = {"found": repr(content[key]), "expected": _SHAPES[key][1]}
        yield problem("wrong_value", file, lines.get((key,)), key, **words)
    names = content.get("notebooks", [])
    for name in [] if wrong else content.get("notebook_parameters", {}):
        if name not in names:
            line = lines.get(("notebook_parameters", name))
            yield problem("unknown_notebook", file, line, name, known=names, name=name)


def _is_text(value: Any) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    languages = isinstance(value, dict) and {"zh"} <= set(value) <= set(LANGUAGES)
    return languages and all(isinstance(text, str) for text in value.values())


def _is_names(value: Any) -> bool:
    names = isinstance(value, list) and value and all(map(is_id, value))
    return bool(names) and len(set(value)) == len(value)


def _is_settings(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(name, str) for name in value)


def _is_settings_each(value: Any) -> bool:
    return _is_settings(value) and all(map(_is_settings, value.values()))


def _is_matrix(value: Any) -> bool:
    return _is_settings(value) and bool(value) and all(map(_is_axis, value.values()))


def _is_axis(given: Any) -> bool:
    """Values of one parameter, none twice, or named sets of parameters."""
    if not isinstance(given, list):
        return bool(given) and _is_settings_each(given)
    scalars = all(isinstance(value, (str, int, float)) for value in given)
    return bool(given) and scalars and len(set(map(str, given))) == len(given)


_WORDS = Text("文字，或 zh（和 en）两项", "a text, or texts zh (and en)")
_SHAPES: dict[str, tuple[Callable[[Any], bool], Text]] = {
    "run": (
        is_id,
        Text("小写字母、数字和连字符组成的标识", "lower-case letters, digits and hyphens"),
    ),
    "title": (_is_text, _WORDS),
    "purpose": (_is_text, _WORDS),
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
        Text("参数名与值的列表，或名称与各自的参数", "lists of values, or names with parameters"),
    ),
}
