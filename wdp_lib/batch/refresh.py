"""The notebooks with the outputs of the example run, as they are committed, and in English."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from wdp_lib.batch.check import Task, notebook_parameters
from wdp_lib.batch.execute import Outcome, execute
from wdp_lib.batch.params import problem
from wdp_lib.batch.translate import (
    catalogue_path,
    catalogue_text,
    copy_to_explore,
    localised,
    read_catalogue,
    untranslated,
    updated_catalogue,
)
from wdp_lib.batch.warm.client import private_folder
from wdp_lib.core.errors import LANGUAGES, ParameterError, Text, suggestion
from wdp_lib.core.files import write_atomic

_OTHERS = LANGUAGES[1:]
_WRONG = Text("笔记本有误，没有开始运行", "The notebooks are wrong; nothing was run")


def refresh_notebooks(
    home: Path, *, only: Sequence[str] = (), progress: Callable[[Text], None] | None = None
) -> list[Outcome]:
    """Run each notebook with its own default parameters and store its outputs in it.

    A notebook that fails keeps the outputs it had. Nothing is written to any report. A copy to
    explore in English goes to ``notebooks/en``. Raises `ParameterError` when a notebook of ``only``
    does not exist, or one has parameters papermill does not see.
    """
    import nbformat

    sources = _notebook_files(home, only)
    read = {path: notebook_parameters(path) for path in sources}
    if problems := [one for _, found in read.values() for one in found]:
        raise ParameterError(_WRONG, problems)
    logs, outcomes = home / "reports" / ".notebooks", []
    logs.mkdir(parents=True, exist_ok=True)
    with private_folder() as studies:
        for path in sources:
            log = logs / f"{path.stem}.log"
            task = Task(path.stem, path, {}, read[path][0].get("language", LANGUAGES[0]))
            outcome = execute(task, home=home, log=log, studies=Path(studies))
            outcomes.append(outcome)
            if not outcome.failed:
                write_atomic(path, nbformat.writes(outcome.node) + "\n")
            for language in _OTHERS:
                copy = nbformat.writes(copy_to_explore(path, language)) + "\n"
                write_atomic(path.parent / language / path.name, copy)
            if progress:
                progress(_told(outcome, log))
    return outcomes


def refresh_catalogues(home: Path, *, only: Sequence[str] = ()) -> dict[str, list[str]]:
    """Write new and changed cells into the translation catalogues; return what is to be translated.

    Notebook → ids of its cells without a translation that holds.
    """
    left = {}
    for path in _notebook_files(home, only):
        node, left[path.stem] = localised(path, LANGUAGES[0]), []
        for language in _OTHERS:
            file = catalogue_path(path, language)
            made = updated_catalogue(node, read_catalogue(file))
            write_atomic(file, catalogue_text(made, language))
            left[path.stem] += untranslated(node, made)
    return left


def _notebook_files(home: Path, only: Sequence[str] = ()) -> list[Path]:
    sources = {path.stem: path for path in sorted((home / "notebooks").glob("*.ipynb"))}
    problems = [
        problem("no_notebook", "notebooks", name=name, near=suggestion(name, list(sources)))
        for name in only
        if name not in sources
    ]
    if problems:
        raise ParameterError(_WRONG, problems)
    return [sources[name] for name in only or sources]


def _told(outcome: Outcome, log: Path) -> Text:
    name, seconds = outcome.task.notebook, outcome.seconds
    if not outcome.failed:
        return Text(f"{name} 完成，用时 {seconds:.1f} 秒", f"{name} done in {seconds:.1f} s")
    cell = outcome.cell or "?"
    return Text(
        f"{name} 失败（第 {cell} 个单元格）：{outcome.error}；未改动，日志 {log}",
        f"{name} failed (cell {cell}): {outcome.error}; left as it was, log {log}",
    )
