"""The page a notebook writes on: its prose in one language, its charts and tables, and where they are kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from wdp_lib.core.errors import LANGUAGES, ParameterError, Problem, Text, suggestion
from wdp_lib.core.files import write_table
from wdp_lib.core.home import find_home, report_path
from wdp_lib.core.words import word
from wdp_lib.data import Dataset
from wdp_lib.data.record_contracts import RecordContract
from wdp_lib.data.records import Records, read_records
from wdp_lib.plan import Plan
from wdp_lib.publish.charts.outlook import plot_small_multiples
from wdp_lib.publish.views.show import Figure, Prose, draw
from wdp_lib.supervision import update_register
from wdp_lib.supervision.record_contracts import ANSWERS, OPENED


@dataclass(frozen=True)
class Page:
    """One notebook's page.

    Parameters
    ----------
    notebook : str
        Name of the notebook without ending; its prose stands in ``notebooks/texts/<notebook>.<language>.md``.
    plan : Plan
        The plan the page speaks of.
    dataset : Dataset
        The data it is made from.
    language : {"zh", "en"}
        Language of everything shown.
    as_of, stage : str
        Cut-off date and round.
    folder : Path or None
        Where tables are written; ``None``: nothing is written.
    paragraphs : dict of str
        The prose by key.
    """

    notebook: str
    plan: Plan
    dataset: Dataset
    language: str
    as_of: str
    stage: str
    folder: Path | None
    paragraphs: dict[str, str]

    def say(self, key: str, **facts: object) -> Prose:
        """Return a paragraph with its facts filled in.

        Parameters
        ----------
        key : str
            Key of the paragraph in the text file.
        **facts : object
            Values for the placeholders; title, area, cut-off and stage of the page are always there.

        Raises
        ------
        ParameterError
            When there is no such paragraph, or a placeholder has no fact.
        """
        if key not in self.paragraphs:
            advice = suggestion(key, list(self.paragraphs))
            raise ParameterError(
                Text(
                    f"文本中没有段落 {key}。{advice.zh}",
                    f"The texts have no paragraph {key}. {advice.en}",
                )
            )
        try:
            return Prose(self.paragraphs[key].format_map({**self._facts, **facts}))
        except KeyError as missing:
            name = missing.args[0]
            raise ParameterError(
                Text(f"段落 {key} 缺少内容 {name}。", f"The paragraph {key} lacks the fact {name}.")
            ) from None

    @property
    def _facts(self) -> dict[str, object]:
        return {
            "plan_title": self.plan.title.in_language(self.language),
            "area": self.plan.area_name.in_language(self.language),
            "dataset_title": self.dataset.metadata.title.in_language(self.language),
            "as_of": self.as_of,
            "data_year": int(self.as_of[:4]) - 1,
            "stage": word("stage", self.stage, self.language),
            "last_plan_year": self.plan.last_year,
        }

    def chart(self, axes) -> Figure:
        """Return the figure of ``axes`` as picture and text."""
        return draw(axes)

    def panels(self, forecasts: pd.DataFrame, indicators: list[str]) -> Figure | Prose:
        """Return small multiples of some indicators, or the paragraph ``none`` when there is not one."""
        if not indicators:
            return self.say("none")
        observations = self.dataset.observations
        return draw(
            plot_small_multiples(
                forecasts, observations, self.plan, indicators, language=self.language
            )
        )

    def area_names(self) -> dict[str, str]:
        """Return the names of the areas of the data set, by identifier."""
        areas = self.dataset.areas
        return dict(
            zip(
                areas["area"], areas["name_en" if self.language == "en" else "name_zh"], strict=True
            )
        )

    def records(self, contract: RecordContract) -> Records:
        """Return what people wrote down for the data set of the page; an absent file is an empty table."""
        return read_records(self.dataset.name, contract, self.plan)

    def register(self, warned: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
        """Return the warning register carried into the round of the page (named by its data year), and every problem of its records.

        Parameters
        ----------
        warned : pandas.DataFrame
            From `wdp_lib.warnings`.
        """
        opened, answers = self.records(OPENED), self.records(ANSWERS)
        year = str(int(self.as_of[:4]) - 1)
        register, refused = update_register(
            opened.frame, warned, self.plan, round=year, as_of=self.as_of, answers=answers.frame
        )
        return register, [*opened.problems, *answers.problems, *refused]

    def keep(self, frame: pd.DataFrame, name: str) -> None:
        """Write a table as ``tables/<name>.csv`` into the report folder, if there is one."""
        if self.folder is not None:
            write_table(self._marked(frame), self.folder / "tables" / f"{name}.csv")

    def keep_rejected(self) -> None:
        """Write the rows that could not be used, with the reasons, as ``rejected.csv`` into the report folder."""
        if self.folder is not None:
            write_table(self._marked(self.dataset.rejected), self.folder / "rejected.csv")

    def _marked(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Add a last column ``mark`` that says so on every row where the data are simulated."""
        mark = self.dataset.metadata.mark
        return (
            frame.assign(mark=f"{mark.zh} {mark.en}") if self.dataset.metadata.simulated else frame
        )


def open_page(
    notebook: str,
    plan: Plan,
    dataset: Dataset,
    *,
    language: str,
    as_of: str,
    stage: str,
    report_folder: str = "",
    home: Path | str | None = None,
) -> Page:
    """Open the page of a notebook and set how tables are displayed.

    Parameters
    ----------
    notebook : str
        Name of the notebook without ending.
    plan, dataset : Plan, Dataset
        What the page speaks of.
    language : {"zh", "en"}
        Language of everything shown.
    as_of, stage : str
        Cut-off date and round.
    report_folder : str
        Folder for the tables, relative to the project; ``""``: nothing is written.
    home : path, optional
        The project's folder.

    Raises
    ------
    ParameterError
        When the language is not known or the notebook has no texts in it.
    """
    if language not in LANGUAGES:
        raise ParameterError(
            Text(
                f"语言 {language!r} 不支持，请用 zh 或 en。",
                f"Language {language!r} is not known; use zh or en.",
            )
        )
    home = Path(home or find_home())
    folder = report_path(report_folder, home)
    paragraphs = read_texts(home / "notebooks" / "texts" / f"{notebook}.{language}.md")
    return Page(notebook, plan, dataset, language, as_of, stage, folder, paragraphs)


def read_texts(path: Path) -> dict[str, str]:
    """Return the paragraphs of a text file: each begins with a line ``<!-- key -->``.

    Raises
    ------
    ParameterError
        When the file does not exist.
    """
    if not path.is_file():
        raise ParameterError(
            Text(f"没有文本文件 {path.name}。", f"There is no text file {path.name}.")
        )
    parts = re.split(
        r"^<!-- (\S+) -->[ \t]*\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    return {key: text.strip() for key, text in zip(parts[1::2], parts[2::2], strict=True)}
