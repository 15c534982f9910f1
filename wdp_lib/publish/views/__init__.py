"""Any table in words: a view is some lines of ``views.csv``, and a function that chooses its rows.

Data: coverage, missing, rejected, checks, choices, breaks.
Forecasts: trends, explanations, terms, directions, models, horizons, reliability, on_track.
Risks: risks, risks_with_sources, sources, problems, warnings, warning_counts, class_changes,
needs, proposals, progress, traces, disagreements.
Evaluation: goals, attainment_rates, domains, key_indicators, projects, commitments, annual,
periods, final_verdicts, hindcast, hindcast_reliability, look_back, warned_and_met,
interval_coverage, verdict_history, next_stage (needed_change, draft_indicators), brief,
scheme_changes.
Groups and areas: group_gaps, gap_outlook, completeness (unit_completeness, groups_missing,
age_completeness, age_standardised), group_completeness, areas (area_comparison, lowest_areas),
area_overview, largest_contributions, roll_up, parent_comparison, effects, all_effects,
better_than_expected.
Supervision: register, unit_scores, self_evaluation_gaps, spot_check_sample, error_rates,
filed_schemes, filed_reports, responsibilities, deadlines, bodies, dispatches, comments.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from wdp_lib.core.errors import ParameterError, Text, suggestion
from wdp_lib.publish.context import Context
from wdp_lib.publish.views import backtest_rows as _backtest_rows  # noqa: F401, registers its rows
from wdp_lib.publish.views import rows as _rows
from wdp_lib.publish.views.cells import FIGURES, NUMBERS, PART_WORDS, PARTS, write
from wdp_lib.publish.views.show import Table, Tables
from wdp_lib.publish.views.view import Column, View

SEVERAL = {  # several tables under one name, made from as many things
    "areas": ("area_comparison", "lowest_areas"),
    "completeness": ("unit_completeness", "groups_missing", "age_completeness", "age_standardised"),
    "next_stage": ("needed_change", "draft_indicators"),
}
NO_ROWS = Text("（无）", "(none)")


@cache
def views() -> dict[str, View]:
    """Return every view by name."""
    with (Path(__file__).parent / "views.csv").open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    found: dict[str, list[dict[str, str]]] = {}
    for line in lines:
        found.setdefault(line["view"], []).append(line)
    return {name: _view(name, parts) for name, parts in found.items()}


def _view(name: str, lines: list[dict[str, str]]) -> View:
    texts = [(line, Text(line["zh"], line["en"])) for line in lines]
    columns = tuple(
        Column(line["column"], line["cell"], text, line["mark"], line["optional"] == "yes")
        for line, text in texts
        if line["column"]
    )
    notes = tuple(text for line, text in texts if line["cell"] == "note")
    return View(texts[0][1], columns, _rows.ROWS.get(name), notes)


def show(thing: object, view: str | View, context: Context) -> Table | Tables:
    """Show a table by a view.

    Parameters
    ----------
    thing : pandas.DataFrame or what the rows of the view are made from
        E.g. a data set for ``"breaks"``, a back-test for ``"models"``, a tuple of tables for
        one of ``SEVERAL``.
    view : str or View
        A view, or the name of one of `views`.

    Returns
    -------
    Table or Tables
        ``Tables`` where the view has chapters. `Table.frame` has the numbers.

    Raises
    ------
    ParameterError
        When there is no such view.
    """
    if isinstance(view, str):
        if view in SEVERAL:
            parts = zip(thing, SEVERAL[view], strict=True)
            return Tables(tuple(show(part, name, context) for part, name in parts))
        if view not in views():
            advice = suggestion(view, [*views(), *SEVERAL])
            raise ParameterError(
                Text(f"没有视图 {view}。{advice.zh}", f"There is no view {view}. {advice.en}")
            )
        view = views()[view]
    found = view.rows(thing, context) if view.rows else thing
    if isinstance(found, pd.DataFrame):
        return _table(found, view, context.text(view.caption), context)
    return Tables(tuple(_table(part, view, caption, context) for caption, part in found))


def _table(frame: pd.DataFrame, view: View, caption: str, context: Context) -> Table:
    used = {name for column in view.columns for name in column.made_of}
    if missing := sorted(used - set(frame)):
        raise ParameterError(
            Text(
                f"表“{caption}”缺少列 {missing}；现有 {list(frame)}。",
                f"The table “{caption}” lacks the columns {missing}; it has {list(frame)}.",
            )
        )
    records = frame.to_dict("records")
    first = records[0] if records else dict.fromkeys(frame, "")
    facts = {**first, **frame.attrs, **context.facts}
    caption = " ".join(caption.format(**facts).split()).rstrip("： :")
    caption = caption[:1].upper() + caption[1:]
    notes = tuple(context.text(note).format(**facts) for note in view.notes)
    notes = tuple(note for note in notes if note)
    if not records:
        return Table(pd.DataFrame({context.text(NO_ROWS): []}), caption, notes)
    rows = [SimpleNamespace(**record) for record in records]
    columns = [(column, [write(column, row, context) for row in rows]) for column in view.columns]
    columns = [(c, texts) for c, texts in columns if not (c.optional and set(texts) <= {"", "—"})]
    headings = [context.text(column.heading).format(**facts) for column, _ in columns]
    shown = pd.DataFrame(dict(enumerate(texts for _, texts in columns)))
    marks = pd.DataFrame(dict(enumerate(_marks(column, rows) for column, _ in columns)))
    shown.columns = headings
    numbers = _numbers(frame, columns, headings, context)
    return Table(numbers, caption, notes, marks if marks.ne("").any(axis=None) else None, shown)


def _marks(column: Column, rows: list[SimpleNamespace]) -> list[str]:
    prefix, _, name = column.mark.partition(":")
    return [f"{prefix}-{getattr(row, name)}" if prefix else "" for row in rows]


def _numbers(frame, columns, headings: list[str], context: Context) -> pd.DataFrame:
    """The table as numbers: a column of several figures becomes several."""
    found: dict[str, object] = {}
    used = {column.cell.partition(":")[0] for column, _ in columns}
    units = used & ({"value", "quantity", "about", "published", "margin", "target"} | set(FIGURES))
    for (column, texts), heading in zip(columns, headings, strict=True):
        kind, _, argument = column.cell.partition(":")
        if kind in NUMBERS:
            found[_unique(heading, found)] = frame[column.name].array
        elif kind in FIGURES:
            for part, name in zip(PARTS[kind], argument.split(","), strict=True):
                word = context.text(PART_WORDS.get(part, Text(part, part)))
                title = f"{heading} · {word}" if word else heading
                found[_unique(title, found)] = frame[name].array
        else:
            found[_unique(heading, found)] = texts
        if kind == "indicator" and units:
            names = frame[column.name]
            words = [context.word("unit", context.unit_of(n)) if n else "" for n in names]
            found[_unique(context.pick("单位", "unit"), found)] = words
    return pd.DataFrame(found)


def _unique(heading: str, taken) -> str:
    return heading if heading not in taken else _unique(heading + " ·", taken)
