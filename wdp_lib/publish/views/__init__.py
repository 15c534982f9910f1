"""Any table in words: a view is some lines of ``views.csv``, and a function that chooses its rows.

Data: coverage, missing, data_gaps, data_needs, surveys, survey_sizes, rejected, checks, choices,
breaks.
Forecasts: trends, explanations, terms, directions, models, horizons, reliability,
reliability_before, on_track.
Risks: baselines, risks, risks_with_sources, milestones, doubts, sources, problems, warnings,
warning_counts, class_changes, needs, proposals, progress, traces, disagreements.
Evaluation: goals, attainment_rates, domains, key_indicators, projects, commitments, annual,
periods, final_verdicts, hindcast, hindcast_reliability, look_back, warned_and_met,
interval_coverage, verdict_history, next_stage (needed_change, draft_indicators), brief,
scheme_changes.
Groups and areas: group_gaps, gap_outlook, completeness (unit_completeness, groups_missing,
age_completeness, age_standardised), group_completeness, areas (area_comparison, lowest_areas),
area_overview, largest_contributions, roll_up, parent_comparison, effects, all_effects,
better_than_expected.
Supervision: register, unit_scores, self_evaluation_gaps, spot_check_sample, error_rates,
filed_schemes, filed_reports, calendar_now, reminders, responsibilities, deadlines, bodies,
dispatches, comments.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from types import SimpleNamespace

import pandas as pd

from wdp_lib.core.columns import fields
from wdp_lib.core.errors import ParameterError, Text, suggestion
from wdp_lib.core.words import rows_beside
from wdp_lib.publish.context import Context
from wdp_lib.publish.views.cells import FIGURES, NUMBERS, PART_WORDS, PARTS, write
from wdp_lib.publish.views.rows import ROWS
from wdp_lib.publish.views.show import Table, Tables

SEVERAL = {  # several tables under one name, made from as many things
    "areas": ("area_comparison", "lowest_areas"),
    "completeness": ("unit_completeness", "groups_missing", "age_completeness", "age_standardised"),
    "next_stage": ("needed_change", "draft_indicators"),
}
IDENTIFIERS = ("commitment", "indicator", "goal", "project", "domain", "risk", "unit")
NOTHING = {"", "—", "0"}
NO_ROWS = Text("本次没有可列的内容", "nothing to list in this round")
UNIT = Text("单位", "unit")
OF_A_UNIT = {"value", "quantity", "about", "published", "margin", "change", "distance", "target"}
OF_A_UNIT |= set(FIGURES)


@dataclass(frozen=True)
class Column:
    """One column of a view."""

    name: str
    # how it is written: a name of `wdp_lib.publish.views.cells`, with the columns it is made of
    # behind a colon (``"span:lower,upper"``), or ``word:<topic>``
    cell: str
    heading: Text  # words above it; what the field means, where the view does not say
    # ``<prefix>:<column>``: CSS class of the cell, e.g. ``risk:risk`` gives ``risk-red``
    mark: str = ""
    optional: bool = False  # left out where every cell is empty or nought

    @property
    def made_of(self) -> tuple[str, ...]:
        """Columns of the table behind it."""
        kind, _, names = self.cell.partition(":")
        return (self.name, *(names.split(",") if names and kind != "word" else ()))


@dataclass(frozen=True)
class View:
    """A way of showing a table."""

    caption: Text  # may name facts of the context and columns of the first row in braces
    columns: tuple[Column, ...]
    # ``rows(thing, context)`` returns what is shown: a frame, or ``(caption, frame)`` pairs, one a
    # chapter
    rows: Callable[..., pd.DataFrame | list[tuple[str, pd.DataFrame]]] | None = None
    notes: tuple[Text, ...] = ()  # lines below


@cache
def views() -> dict[str, View]:
    """Return every view by name."""
    chapters = groupby(rows_beside(__file__, "views.csv"), lambda line: line["view"])
    return {name: _view(name, list(lines)) for name, lines in chapters}


def _view(name: str, lines: list[dict[str, str]]) -> View:
    columns = tuple(_column(line) for line in lines if line["column"])
    notes = tuple(Text(line["zh"], line["en"]) for line in lines if line["cell"] == "note")
    return View(Text(lines[0]["zh"], lines[0]["en"]), columns, ROWS.get(name), notes)


def _column(line: dict[str, str]) -> Column:
    name, written = line["column"], Text(line["zh"], line["en"])
    heading = written if written.zh else fields()[name].meaning
    return Column(name, line["cell"], heading, line["mark"], line["optional"] == "yes")


def show(thing: object, view: str | View, context: Context) -> Table | Tables:
    """Show a table by a view.

    ``thing``: e.g. a data set for ``"breaks"``, a back-test for ``"models"``, a tuple of tables for
    one of ``SEVERAL``. ``view``: a view, or the name of one of `views`. ``Tables`` where the view
    has chapters. `Table.frame` has the numbers. Raises `ParameterError` when there is no such view.
    """
    if isinstance(view, str):
        if view in SEVERAL:
            parts = zip(thing, SEVERAL[view], strict=True)
            return Tables(tuple(show(part, name, context) for part, name in parts))
        if view not in views():
            advice = suggestion(view, [*views(), *SEVERAL])
            raise ParameterError.of(
                f"没有视图 {view}。{advice.zh}", f"There is no view {view}. {advice.en}"
            )
        view = views()[view]
    found = view.rows(thing, context) if view.rows else thing
    if isinstance(found, pd.DataFrame):
        return _table(found, view, context.text(view.caption), context)
    return Tables(tuple(_table(part, view, caption, context) for caption, part in found))


_IN_BRACKETS = re.compile(r"\s*[（(][^（()）]*\{[^（()）]*[)）]")


def _table(frame: pd.DataFrame, view: View, caption: str, context: Context) -> Table:
    if missing := sorted({n for c in view.columns for n in c.made_of} - set(frame)):
        raise ParameterError.of(
            f"表“{caption}”缺少列 {missing}；现有 {list(frame)}。",
            f"The table “{caption}” lacks the columns {missing}; it has {list(frame)}.",
        )
    records = frame.to_dict("records")
    first = records[0] if records else dict.fromkeys(frame, "")
    facts = {**first, **frame.attrs, **context.facts}
    if not records:  # the year of no row
        caption = _IN_BRACKETS.sub("", caption)
    # the name of a chapter is data, whatever is in it
    caption = caption.format(**facts) if caption == context.text(view.caption) else caption
    caption = " ".join(caption.split()).rstrip("： :")
    caption = caption[:1].upper() + caption[1:]
    notes = tuple(filter(None, (context.text(note).format(**facts) for note in view.notes)))
    if not records:
        return Table(pd.DataFrame({context.text(NO_ROWS): []}), caption, notes)
    rows = [SimpleNamespace(**record) for record in records]
    columns = [(column, [write(column, row, context) for row in rows]) for column in view.columns]
    columns = [(c, texts) for c, texts in columns if not (c.optional and set(texts) <= NOTHING)]
    headings = [context.text(column.heading).format(**facts) for column, _ in columns]
    shown = pd.DataFrame(dict(enumerate(texts for _, texts in columns)))
    shown.columns = headings
    marks = pd.DataFrame(dict(enumerate(_marks(column, frame) for column, _ in columns)))
    numbers, names = _numbers(frame, columns, headings, context)
    marked = marks if marks.ne("").any(axis=None) else None
    made = tuple(column for column, _ in columns)
    named = {"rows": _rows(frame), "made": made, "fields": names}
    return Table(numbers, caption, notes, marked, shown, **named)


def _rows(frame: pd.DataFrame) -> tuple[str, ...]:
    """What identifies each row: the first of its identifiers that does, else its place."""
    names = (name for name in IDENTIFIERS if name in frame and frame[name].is_unique)
    return tuple(map(str, frame[name] if (name := next(names, "")) else range(len(frame))))


def _marks(column: Column, frame: pd.DataFrame) -> list[str]:
    prefix, _, name = column.mark.partition(":")
    return [f"{prefix}-{value}" for value in frame[name]] if prefix else [""] * len(frame)


def _numbers(
    frame, columns, headings: list[str], context: Context
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The table as numbers, a column of several figures as several; and which column each is."""
    found: dict[str, object] = {}
    names: list[str] = []
    units = OF_A_UNIT & {column.cell.partition(":")[0] for column, _ in columns}
    for (column, texts), heading in zip(columns, headings, strict=True):
        kind, _, argument = column.cell.partition(":")
        if kind in FIGURES:
            for part, name in zip(PARTS[kind], argument.split(","), strict=True):
                word = context.text(PART_WORDS.get(part, Text(part, part)))
                title = f"{heading} · {word}" if word else heading
                found[_unique(title, found)] = frame[name].array
                names.append(name)
        else:
            names.append(column.name if kind in NUMBERS else "")
            found[_unique(heading, found)] = frame[column.name].array if kind in NUMBERS else texts
        if kind == "indicator" and units:
            words = [
                context.word("unit", context.unit_of(i)) if i else "" for i in frame[column.name]
            ]
            found[_unique(context.text(UNIT), found)] = words
            names.append("")
    return pd.DataFrame(found), tuple(names)


def _unique(heading: str, taken) -> str:
    return heading if heading not in taken else _unique(heading + " ·", taken)
