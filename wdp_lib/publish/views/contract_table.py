"""Any table of the library in words: headings from its contract, cells by what they hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pandas as pd

from wdp_lib.core.columns import Contract
from wdp_lib.core.errors import ParameterError, Text, suggestion
from wdp_lib.core.words import word
from wdp_lib.plan import Plan
from wdp_lib.publish.text.words import number, probability, quantity
from wdp_lib.publish.views.report_tables import NO_ROWS, name_of
from wdp_lib.publish.views.show import Table

WHOLE = Text("合计", "whole plan")
YES, NO = Text("是", "yes"), Text("否", "no")
JOINER = Text("、", ", ")
PLAIN = ("text", "whole", "number", "yes_no", "probability", "share", "value", "quantity")
NAMED = ("indicator", "indicators", "goal", "goals", "domain", "units", "measures", "project")


def contract_table(
    frame: pd.DataFrame,
    contract: Contract,
    plan: Plan,
    cells: Mapping[str, str],
    *,
    caption: Text,
    language: str = "zh",
    headings: Mapping[str, Text] | None = None,
    notes: tuple[str, ...] = (),
) -> Table:
    """Show some columns of a table that obeys a contract.

    Parameters
    ----------
    frame : pandas.DataFrame
        Under ``contract``.
    contract : Contract
        Whose meanings are the headings.
    plan : Plan
        Names of indicators, goals, units.
    cells : mapping of str
        Columns shown, in order, each with what it holds: ``text``, ``whole``, ``number`` (three figures), ``value`` (with the decimals of
        the row's indicator), ``quantity`` (with its unit, too), ``probability``, ``share`` (0-1 as per cent), ``yes_no``, ``indicator``, ``indicators``, ``goal``, ``goals``, ``domain``, ``units``,
        ``measures``, ``project`` (``s``: joined by ;), or ``word:<topic>``: codes of the vocabulary, joined by ; or not.
    caption : Text
        Title.
    language : {"zh", "en"}
        Language.
    headings : mapping of Text, optional
        Headings shorter than the meaning in the contract.
    notes : tuple of str
        Lines below.

    Raises
    ------
    ParameterError
        When there is no such column, or no such kind of cell.
    """
    meanings = {column.name: _short(column.meaning) for column in contract.columns} | dict(
        headings or {}
    )
    for column, kind in cells.items():
        if column not in meanings or not (
            kind in PLAIN or kind in NAMED or kind.startswith("word:")
        ):
            advice = suggestion(column, list(meanings))
            raise ParameterError(
                Text(
                    f"表中没有 {column}（{kind}）。{advice.zh}",
                    f"No column {column} ({kind}). {advice.en}",
                )
            )
    title = caption.in_language(language)
    if frame.empty:
        return Table(pd.DataFrame({NO_ROWS.in_language(language): []}), title, notes)
    shown = {
        meanings[column].in_language(language): [
            _cell(kind, getattr(row, column), row, plan, language) for row in frame.itertuples()
        ]
        for column, kind in cells.items()
    }
    return Table(pd.DataFrame(shown), title, notes)


def _short(meaning: Text) -> Text:
    """Return a meaning without the rules of its notation (joined by ;, 0-1, empty = ...), which a heading does not need."""
    zh = re.sub(r"（0–1）|（年-月-日）", "", re.split("；|，以分号分隔|代码", meaning.zh)[0])
    en = re.sub(
        r", 0-1| \\(ISO\\)",
        "",
        re.split(";|, joined|, separated|: empty", meaning.en)[0].replace(
            "code of the reason", "reason"
        ),
    )
    return Text(zh.removesuffix("标识"), en.removeprefix("identifier of the "))


def _cell(kind: str, value: object, row, plan: Plan, language: str) -> str:
    if (
        value is None
        or value is pd.NA
        or (isinstance(value, float) and pd.isna(value))
        or value == ""
    ):
        return WHOLE.in_language(language) if kind == "domain" else "—"
    if kind.startswith("word:"):
        return _joined(
            value, lambda code: word(kind.removeprefix("word:"), code, language), language
        )
    if kind == "quantity":
        return quantity(float(value), plan.indicator(row.indicator).unit, language)
    if kind == "value":
        return number(float(value), plan.indicator(row.indicator).unit)
    return _SHOWN[kind](value, plan, language)


def _joined(value: object, name: Callable[[str], str], language: str) -> str:
    return JOINER.in_language(language).join(name(part) for part in str(value).split(";") if part)


def _goal(name: str, plan: Plan, language: str) -> str:
    return f"{name} {plan.goal(name).title.in_language(language)}"


_SHOWN: dict[str, Callable[[object, Plan, str], str]] = {
    "text": lambda v, plan, language: str(v),
    "whole": lambda v, plan, language: f"{float(v):,.0f}",
    "number": lambda v, plan, language: f"{float(v):.3g}",
    "probability": lambda v, plan, language: probability(float(v), language),
    "share": lambda v, plan, language: f"{100 * float(v):.1f}%",
    "yes_no": lambda v, plan, language: (YES if v else NO).in_language(language),
    "indicator": lambda v, plan, language: name_of(v, plan, language),
    "indicators": lambda v, plan, language: _joined(
        v, lambda name: name_of(name, plan, language), language
    ),
    "goal": lambda v, plan, language: _goal(v, plan, language),
    "goals": lambda v, plan, language: _joined(v, str, language),
    "domain": lambda v, plan, language: plan.domain(v).name.in_language(language),
    "units": lambda v, plan, language: _joined(
        v, lambda name: plan.unit(name).name.in_language(language), language
    ),
    "measures": lambda v, plan, language: _joined(v, str, language),
    "project": lambda v, plan, language: next(
        p for p in plan.projects if p.id == v
    ).name.in_language(language),
}
