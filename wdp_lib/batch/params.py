"""The parameter file of a run, and the runs it stands for; every mistake in it told at once."""

from __future__ import annotations

import re
from collections import ChainMap, Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from wdp_lib.core.errors import LANGUAGES, ParameterError, Problem, Text, suggestion
from wdp_lib.core.problems import templates
from wdp_lib.core.settings import read_yaml
from wdp_lib.core.words import code_name

NEEDED = ("plan", "dataset", "as_of")
SET_BY_BATCH = "report_folder"
EDITION = "edition"
MOST_RUNS, LONGEST_NAME = 20_000, 150  # of one file; a name becomes that of a folder
WRONG = Text("参数有误，没有开始运行", "The parameters are wrong; nothing was run")
_NEEDED_KEYS = ("run", "title", "notebooks", "parameters")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FAILED = Text("参数文件有误，没有开始运行", "The parameter file is wrong; nothing was run")

problem = templates(__file__)


@dataclass(frozen=True)
class Run:
    """One run: which notebooks, with which parameters."""

    run: str  # identifier; names the report folder
    title: Text
    notebooks: tuple[str, ...]  # names without ending, in the order in which they run
    parameters: Mapping[str, Any]
    purpose: Text = Text("", "")
    # given to one notebook only, on top of ``parameters``
    notebook_parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    # axis → its values (the parameter of that name), or names of values → what each sets
    matrix: Mapping[str, Any] = field(default_factory=dict)
    # axis → the value of this run, of a run that was expanded
    axes: Mapping[str, str] = field(default_factory=dict)
    file: Path = Path()  # the parameter file
    # line of each key in the file, by path of keys
    lines: Mapping[tuple, int] = field(default_factory=dict)

    @property
    def language(self) -> str:
        """Language of the report, Chinese unless the parameters say otherwise."""
        return self.parameters.get("language", "zh")

    def parameters_of(self, notebook: str) -> dict[str, Any]:
        """Return what one notebook is given by the parameter file."""
        return {**self.parameters, **self.notebook_parameters.get(notebook, {})}

    def problem(self, code: str, keys: Sequence[Any], column: str, **fill: Any) -> Problem:
        """Return a problem of this run's file, at the line of a key if it was written there."""
        return problem(code, self.file.name, self.lines.get(tuple(keys)), column, **fill)


def read_run(path: Path | str) -> Run:
    """Read a parameter file.

    Raises `ParameterError` with every problem: no such file, not YAML, a key twice, unknown or
    missing keys, a bad identifier, no notebooks.
    """
    path = Path(path)
    if not path.is_file():
        near = suggestion(path.name, sorted(entry.name for entry in path.parent.glob("*.yaml")))
        raise ParameterError(_FAILED, [problem("no_file", str(path), near=near)])
    read = read_yaml(path)
    problems = [read.problem] if read.problem else []
    if problems := problems or list(run_problems(read.content, path.name, read.lines)):
        raise ParameterError(_FAILED, problems)
    return as_run(read.content, path, read.lines)


def as_run(content: Mapping[str, Any], file: Path, lines: Mapping[tuple, int]) -> Run:
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
    values = {name: _typed(text.strip()) for name, text in given.items()}
    stated = {("parameters", name) for name in values}
    lines = {keys: line for keys, line in run.lines.items() if keys not in stated}
    return replace(run, parameters={**run.parameters, **values}, lines=lines)


def _typed(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"[+-]?\d+", text):
        return int(text)
    if re.fullmatch(r"[+-]?(\d+\.\d*|\.\d+)([eE][+-]?\d+)?", text):
        return float(text)
    quoted = len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if quoted else text


def plan_runs(
    files: Sequence[Path | str],
    *,
    overrides: Mapping[str, str] | None = None,
    selected: Mapping[str, Sequence[str]] | None = None,
    language: str | None = None,
    edition: str | None = None,
) -> list[Run]:
    """Return the runs that parameter files stand for, in order.

    ``files``: one with a ``matrix`` stands for a run for each combination of its values.
    ``overrides``: parameters as typed on the command line, in place of the files'. ``selected``:
    axis of the matrix → the values wanted; files without that axis are left out. ``language``
    ({"zh", "en"}, optional): language of the runs whose file has no axis of languages. ``edition``:
    ``public`` or a responsible unit: the runs, named after it besides, in that edition. Raises
    `ParameterError` when a file is wrong, an override names an axis, a selected value does not
    exist, or two runs have one name.
    """
    overrides, selected = dict(overrides or {}), selected or {}
    if edition and not re.search("[a-z0-9]", edition.lower()):
        zh = f"版本 {edition!r} 用作文件夹名，请用责任单位的标识。"
        en = f"The edition {edition!r} names a folder: give the unit's identifier."
        raise ParameterError.of(zh, en)
    planned: list[Run] = []
    problems: list[Problem] = []
    for run in map(read_run, files):
        if edition:
            run = replace(run, matrix={**run.matrix, EDITION: [edition]})
        count = prod(len(values) for values in run.matrix.values())
        if count > MOST_RUNS:
            words = {"count": f"{count:,}", "most": f"{MOST_RUNS:,}"}
            problems.append(run.problem("too_many_runs", ["matrix"], "matrix", **words))
            continue
        axes = {name for axis in run.matrix for _, own in _values(run, axis) for name in own}
        for name in axes & overrides.keys():
            problems.append(run.problem("matrix_parameter", ["matrix"], name, name=name))
        spoken = {"language": language} if language and "language" not in axes else {}
        planned += [override(one, overrides | spoken) for one in expand(run)]
    for axis, values in selected.items():
        known = sorted({run.axes[axis] for run in planned if axis in run.axes})
        problems += [
            problem(
                "unknown_value", "matrix", None, axis, name=value, near=suggestion(value, known)
            )
            for value in values
            if value not in known
        ]
    wanted = selected.items()
    chosen = [run for run in planned if all(run.axes.get(axis) in of for axis, of in wanted)]
    for run in chosen:
        if len(run.run) > LONGEST_NAME:
            words = {"name": run.run[:30], "count": len(run.run), "most": LONGEST_NAME}
            problems.append(run.problem("long_name", ["run"], "run", **words))
    for name, times in Counter(run.run for run in chosen).items():
        if times > 1:
            (file,) = [run.file.name for run in chosen if run.run == name][-1:]
            problems.append(problem("run_twice", file, None, "run", name=name))
    if problems:
        raise ParameterError(WRONG, problems)
    return chosen


def expand(run: Run) -> list[Run]:
    """Return one run for each combination of the values of its matrix; without one, the run itself.

    Each is named after the file's run and its values; an axis with named values sets several
    parameters at once.
    """
    if not run.matrix:
        return [run]
    axes = [[(axis, *value) for value in _values(run, axis)] for axis in run.matrix]
    return [_combined(run, combination) for combination in product(*axes)]


def _values(run: Run, axis: str) -> list[tuple[str, dict[str, Any]]]:
    given = run.matrix[axis]
    if isinstance(given, Mapping):
        return [(str(name), dict(parameters)) for name, parameters in given.items()]
    return [(str(value), {axis: value}) for value in given]


def _combined(run: Run, combination: Sequence[tuple[str, str, dict[str, Any]]]) -> Run:
    parameters = {**run.parameters, **ChainMap(*(own for _, _, own in combination[::-1]))}
    slugs = [re.sub(r"[^a-z0-9]+", "-", v.lower()).strip("-") or "x" for _, v, _ in combination]
    told = [code_name(axis, value) for axis, value, _ in combination if axis != "language"]
    title = run.title
    if told:
        zh, en = "，".join(one.zh for one in told), ", ".join(one.en for one in told)
        title = Text(f"{title.zh}（{zh}）", f"{title.en} ({en})")
    name, axes = "-".join([run.run, *slugs]), {axis: value for axis, value, _ in combination}
    return replace(run, run=name, title=title, parameters=parameters, matrix={}, axes=axes)


def run_problems(
    content: Mapping[str, Any], file: str, lines: Mapping[tuple, int]
) -> Iterator[Problem]:
    """Yield what is wrong with the content of a parameter file."""
    for key in [str(key) for key in content if key not in _SHAPES]:
        words = {"listed": listed(_SHAPES), "near": suggestion(key, list(_SHAPES))}
        yield problem("unknown_key", file, lines.get((key,)), key, name=key, **words)
    for key in _NEEDED_KEYS:
        if key not in content:
            yield problem("missing_key", file, None, key, name=key)
    wrong = [key for key in _SHAPES if key in content and not _SHAPES[key][0](content[key])]
    for key in wrong:
        words = {"found": repr(content[key]), "expected": _SHAPES[key][1]}
        yield problem("wrong_value", file, lines.get((key,)), key, **words)
    names = content.get("notebooks", [])
    for name in [] if wrong else content.get("notebook_parameters", {}):
        if name not in names:
            line = lines.get(("notebook_parameters", name))
            near = suggestion(name, names)
            yield problem("unknown_notebook", file, line, name, name=name, near=near)


def listed(words: Iterable[str]) -> Text:
    """Return words in a row, as each language joins them."""
    return Text("、".join(words), ", ".join(words))


def is_id(value: Any) -> bool:
    """Whether a value may name a run or a notebook: it can never lead out of a folder."""
    return isinstance(value, str) and bool(_ID.fullmatch(value))


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


_NAME = Text("小写字母、数字和连字符组成的标识", "lower-case letters, digits and hyphens")
_WORDS = Text("文字，或 zh（和 en）两项", "a text, or texts zh (and en)")
_NAMES = Text("至少一个笔记本名，不重复", "at least one notebook, none twice")
_SETTINGS = Text("参数名与值", "names and values of parameters")
_OF_NOTEBOOKS = Text("笔记本名及其参数", "notebooks and their parameters")
_AXES = Text("参数名与值的列表，或名称与各自的参数", "lists of values, or names with parameters")
_SHAPES: dict[str, tuple[Callable[[Any], bool], Text]] = {
    "run": (is_id, _NAME),
    "title": (_is_text, _WORDS),
    "purpose": (_is_text, _WORDS),
    "notebooks": (_is_names, _NAMES),
    "parameters": (_is_settings, _SETTINGS),
    "notebook_parameters": (_is_settings_each, _OF_NOTEBOOKS),
    "matrix": (_is_matrix, _AXES),
}
