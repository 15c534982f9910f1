"""The notebooks with the outputs of the example run, as they are committed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from wdp_lib.batch.check import notebook_parameters
from wdp_lib.batch.execute import Outcome, Task, execute
from wdp_lib.core.errors import ParameterError, Problem, Text, suggestion
from wdp_lib.core.files import write_atomic


def refresh_notebooks(
    home: Path, *, only: Sequence[str] = (), progress: Callable[[Text], None] | None = None
) -> list[Outcome]:
    """Run each notebook with its own default parameters and store its outputs in it.

    A notebook that fails keeps the outputs it had. Nothing is written to any report.

    Parameters
    ----------
    home : pathlib.Path
        The project folder.
    only : sequence of str, optional
        Names of notebooks, without ending; empty = all.
    progress : callable, optional
        Is told, in both languages, what happens.

    Raises
    ------
    ParameterError
        When a named notebook does not exist, or one has parameters papermill does not see.
    """
    import nbformat

    sources = {path.stem: path for path in sorted((home / "notebooks").glob("*.ipynb"))}
    languages = _languages(sources, only)
    logs = home / "reports" / ".notebooks"
    logs.mkdir(parents=True, exist_ok=True)
    outcomes = []
    for name, language in languages.items():
        outcome = execute(
            Task(name, sources[name], {}, language), home=home, log=logs / f"{name}.log"
        )
        outcomes.append(outcome)
        if not outcome.failed:
            write_atomic(sources[name], nbformat.writes(outcome.node) + "\n")
        if progress:
            progress(_told(outcome, logs / f"{name}.log"))
    return outcomes


def _languages(sources: dict[str, Path], only: Sequence[str]) -> dict[str, str]:
    """The notebooks to run, with the language each has by default."""
    problems, languages = (
        [_unknown(name, list(sources)) for name in only if name not in sources],
        {},
    )
    for name in sources if not only else [name for name in only if name in sources]:
        known, found = notebook_parameters(sources[name])
        problems += found
        languages[name] = known.get("language", "zh")
    if problems:
        raise ParameterError(
            Text("笔记本有误，没有开始运行", "The notebooks are wrong; nothing was run"), problems
        )
    return languages


def _unknown(name: str, known: list[str]) -> Problem:
    expected = Text("notebooks 文件夹中的笔记本", "a notebook of the folder notebooks")
    return Problem(
        "unknown_notebook", "notebooks", None, None, name, expected, suggestion(name, known)
    )


def _told(outcome: Outcome, log: Path) -> Text:
    name, seconds = outcome.task.notebook, outcome.seconds
    if outcome.failed:
        cell = outcome.cell or "?"
        return Text(
            f"{name} 失败（第 {cell} 个单元格）：{outcome.error}；未改动，日志 {log}",
            f"{name} failed (cell {cell}): {outcome.error}; left as it was, log {log}",
        )
    return Text(f"{name} 完成，用时 {seconds:.1f} 秒", f"{name} done in {seconds:.1f} s")
