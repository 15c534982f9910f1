"""Forms: one workbook a responsible unit, asking for the values of a year.

The sheet to fill in is a long table in the form of a return, so that it comes back without a file
of names; what is asked stands in grey, locked cells, and nothing in the workbook is a formula.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from wdp_lib.core.columns import conform
from wdp_lib.core.dates import DUE, due_day
from wdp_lib.core.errors import ParameterError, Text
from wdp_lib.core.files import write_atomic
from wdp_lib.core.office import choose_from, put, saved
from wdp_lib.core.problems import show
from wdp_lib.core.words import code_name, synonyms
from wdp_lib.data.check.senders import unit_of_source
from wdp_lib.data.read.returns import RETURN
from wdp_lib.data.read.words import PRINTED
from wdp_lib.documents.content import templates
from wdp_lib.plan import Indicator, Plan
from wdp_lib.supervision.tables import ASKED

OPEN = ("value", "numerator", "denominator", "status", "as_of", "source", "note")
SPARE = 20  # empty rows at the end
_WIDE = {"indicator": 34, "area": 16, "source": 24, "note": 20, "as_of": 13, "unit": 12}
_GUIDE = ("name", "definition", "calculation", "unit_of_value", "origin", "numerator")
_GUIDE += ("denominator", "groups", "frequency", "note")
_STEPS = ("entry", "counts", "red", "source", "rows", "check")
_LONGEST_PROMPT = 250  # of 255 that a spreadsheet shows
_GREY, _RED = "EDEDED", "F8CBAD"
_NO_MARK = Text("", "")


def write_forms(
    asked: pd.DataFrame,
    plan: Plan,
    areas: pd.DataFrame,
    folder: Path,
    *,
    sources: pd.DataFrame | None = None,
    due: str = DUE,
    mark: Text = _NO_MARK,
    language: str = "zh",
) -> list[Path]:
    """Write a form for every unit that is asked for anything, ``<unit>-<year>.xlsx``.

    ``asked``: what is asked (contract ``ASKED``, `wdp_lib.supervision.calendar.asked_of_units`).
    ``areas``: their names. ``sources``: the register of sources (``source, unit, form, method``),
    whose sources are offered. ``due``: day of the following year (``MM-DD``) by which the form is
    to be back. ``mark``: words that mark simulated data. Returns the files, in the plan's order of
    units; the same content gives the same bytes. Raises `ParameterError` when one of the files is
    there already; then nothing is written.
    """
    asked = conform(asked, ASKED)
    made = {}
    for unit in plan.units:
        rows = asked[asked["unit"] == unit.id].reset_index(drop=True)
        if len(rows):
            form = _Form(rows, plan, areas, sources, due, mark, language)
            made[folder / f"{unit.id}-{form.year}.xlsx"] = form.workbook()
    there = [path.name for path in made if path.exists()]
    if there:
        listed = ", ".join(there)
        zh, en = (
            "已存在，不覆盖；请换一个文件夹。",
            "exist and are not overwritten: name another folder.",
        )
        raise ParameterError.of(f"{listed} {zh}", f"{listed} {en}")
    for path, data in made.items():
        write_atomic(path, data)
    return list(made)


class _Form:
    def __init__(self, rows, plan, areas, sources, due, mark, language):
        self.rows, self.plan, self.language = rows, plan, language
        self.year = int(rows["year"].iloc[0])
        self.unit = plan.unit(rows["unit"].iloc[0])
        self.due, self.mark = due_day(self.year, due), mark.in_language(language)
        none = pd.DataFrame(columns=["source", "unit", "form", "method"])
        sources = none if sources is None else sources
        self.sources = sources[sources["unit"] == self.unit.id]
        self.indicators = {i: plan.indicator(i) for i in rows["indicator"].unique()}
        names = [i.name.in_language(language) for i in plan.indicators]
        self.named = {
            i: one.name.in_language(language)
            if names.count(one.name.in_language(language)) == 1
            else i
            for i, one in self.indicators.items()
        }
        own = areas[f"name_{language}"].where(areas[f"name_{language}"] != "", areas["area"])
        shared = own.duplicated(keep=False)
        self.areas = dict(zip(areas["area"], own.where(~shared, areas["area"]), strict=True))

    def say(self, key: str, **fill: object) -> str:
        return templates()[f"form.{key}"].in_language(self.language).format(**fill)

    def word(self, topic: str, code: str) -> str:
        return code_name(topic, code).in_language(self.language)

    def headings(self) -> dict[str, str]:
        if self.language != "zh":
            return {column: column for column in PRINTED}
        printed = {column: words[0] for column, words in synonyms("printed").items()}
        return {column: printed.get(column) or RETURN.names[column] for column in PRINTED}

    def workbook(self) -> bytes:
        from openpyxl import Workbook

        book = Workbook()
        book.active.title = self.say("sheet")
        guide, lists = book.create_sheet(self.say("guide")), book.create_sheet(self.say("lists"))
        self._entries(book.active)
        self._choices(book.active, lists)
        self._guide(guide)
        lists.sheet_state = "hidden"
        return saved(book, self.unit.name.in_language(self.language), self.say("sheet"))

    def _entries(self, sheet: Any) -> None:
        """The rows asked for, with what is known of the year before; empty rows below."""
        from openpyxl.utils import get_column_letter

        for style in _styles():
            sheet.parent.add_named_style(style)
        for place, (column, heading) in enumerate(self.headings().items(), 1):
            put(sheet, 1, place, heading).style = "heading"
            sheet.column_dimensions[get_column_letter(place)].width = _WIDE.get(column, 10)
        for line, row in enumerate(self._printed(), 2):
            for place, column in enumerate(PRINTED, 1):
                cell = put(sheet, line, place, row.get(column, math.nan))
                kind = "day" if column == "as_of" else "entry"
                cell.style = kind if column in OPEN or not row else "asked"
        sheet.freeze_panes = "B2"
        sheet.protection.sheet = True
        sheet.protection.formatColumns = sheet.protection.formatRows = False
        sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.print_title_rows = "1:1"
        sheet.oddHeader.center.text = self.mark

    def _printed(self) -> Iterator[dict[str, Any]]:
        source = self.say("source", unit=self.unit.name.in_language(self.language), year=self.year)
        if len(self.sources) and unit_of_source(self.sources)(source) is None:
            named = [one for one in self.sources["source"] if "*" not in one]
            source = named[0] if len(named) == 1 else ""
        for row in self.rows.to_dict("records"):
            yield {
                **row,
                "indicator": self.named[row["indicator"]],
                "area": self.areas.get(row["area"], row["area"]),
                "sex": self.word("sex", row["sex"]),
                "residence": self.word("residence", row["residence"]),
                "age_group": self.word("sex", "all")
                if row["age_group"] == "all"
                else row["age_group"],
                "unit": self.word("unit", self.indicators[row["indicator"]].unit),
                "status": self.word("status", "final"),
                "source": source,
            }
        yield from ({} for _ in range(SPARE))

    def _choices(self, sheet: Any, lists: Any) -> None:
        """Drop-downs, limits and marks, whole columns first and then indicator by indicator."""
        last = len(self.rows) + 1
        spare = (last + 1, last + SPARE)
        words = {
            "status": [self.word("status", one) for one in ("final", "provisional", "estimated")],
            "source": [one for one in self.sources["source"] if "*" not in one],
            "indicator": list(self.named.values()),
            "area": [self.areas.get(a, a) for a in self.rows["area"].unique()],
            "year": [str(self.year)],
            "sex": [self.word("sex", one) for one in ("all", "female", "male")],
            "residence": [self.word("residence", one) for one in ("all", "urban", "rural")],
        }
        for column, listed in words.items():
            lines = (2, spare[1]) if column in OPEN else spare
            if listed:
                strict = column not in ("source", "year")
                told = self.say("of_list") if strict else ""
                choose_from(sheet, lists, self._range(column, *lines), listed, told)
        self._limit(
            sheet,
            "date",
            "as_of",
            (2, spare[1]),
            f"DATE({self.year},1,1)",
            "",
            self.say("a_date", year=self.year + 1),
        )
        for code, rows in self.rows.groupby("indicator", sort=False):
            lines = (int(rows.index[0]) + 2, int(rows.index[-1]) + 2)
            self._limits(sheet, self.indicators[str(code)], lines)

    def _range(self, column: str, first: int, last: int) -> str:
        letter = _letter(column)
        return f"{letter}{first}:{letter}{last}"

    def _limits(self, sheet: Any, indicator: Indicator, lines: tuple[int, int]) -> None:
        lower, upper = (show(x) if x is not None else "" for x in indicator.limits)
        told = self.say("out_of_bounds", lower=lower or "…", upper=upper or "…")
        asks = "：".join(filter(None, (self.calculation(indicator), self.definition(indicator))))
        self._limit(sheet, "decimal", "value", lines, lower, upper, told, asks)
        low = "" if indicator.data_kind == "gap" else "0"
        for column in ("numerator", "denominator"):
            text = getattr(indicator, column).in_language(self.language)
            self._limit(sheet, "decimal", column, lines, low, "", self.say("not_negative"), text)
        self._red(sheet, indicator, lines)

    def _limit(self, sheet, kind, column, lines, lower, upper, told, asks="") -> None:
        from openpyxl.worksheet.datavalidation import DataValidation

        if not (lower or upper or asks):
            return
        limits = {"type": kind, "operator": "between", "formula1": lower, "formula2": upper}
        if lower and not upper:
            limits = {"type": kind, "operator": "greaterThanOrEqual", "formula1": lower}
        elif upper and not lower:
            limits = {"type": kind, "operator": "lessThanOrEqual", "formula1": upper}
        elif not (lower or upper):
            limits = {"type": None}
        rule = DataValidation(**limits, allow_blank=True, showErrorMessage=bool(lower or upper))
        rule.error = told[:_LONGEST_PROMPT]
        if asks:
            rule.showInputMessage, rule.prompt = True, asks[:_LONGEST_PROMPT]
        rule.add(self._range(column, *lines))
        sheet.add_data_validation(rule)

    def _red(self, sheet: Any, indicator: Indicator, lines: tuple[int, int]) -> None:
        """What turns a cell red: the rules within a row that need no more than the row."""
        from openpyxl.formatting.rule import FormulaRule
        from openpyxl.styles import PatternFill

        times, first = indicator.multiplier, lines[0]
        value, part, whole = (
            f"${_letter(c)}{first}" for c in ("value", "numerator", "denominator")
        )
        red = PatternFill("solid", bgColor=_RED)
        both = f"ISNUMBER({part}),ISNUMBER({whole})"
        if times is None or indicator.data_kind in ("gap", "index", "count"):
            return
        if indicator.upper_bound <= times:
            rule = FormulaRule(formula=[f"AND({both},{part}>{whole})"], fill=red)
            sheet.conditional_formatting.add(self._range("numerator", *lines), rule)
        off = f"ABS({value}-{part}/{whole}*{show(times)})>{show(indicator.reporting_unit)}"
        rule = FormulaRule(formula=[f"AND({both},ISNUMBER({value}),{whole}>0,{off})"], fill=red)
        sheet.conditional_formatting.add(self._range("value", *lines), rule)

    def definition(self, indicator: Indicator) -> str:
        """Numerator over denominator in words, else the words of the plan."""
        parts = (indicator.numerator, indicator.denominator)
        said = [part.in_language(self.language) for part in parts]
        text = " ÷ ".join(filter(None, said)) or indicator.target.wording.in_language(self.language)
        return text + (self.say("suggested") if indicator.definition_origin == "suggested" else "")

    def calculation(self, indicator: Indicator) -> str:
        """How the value follows from the counts."""
        if indicator.data_kind == "gap":
            return self.say("difference")
        if not indicator.multiplier or not indicator.denominator.zh:
            return self.say("direct")
        times = show(indicator.multiplier)
        return self.say("quotient" if times == "1" else "quotient_times", multiplier=times)

    def _guide(self, sheet: Any) -> None:
        """How to fill it in, and of every indicator what is asked."""
        from openpyxl.styles import Alignment, Font
        from openpyxl.utils import get_column_letter

        title = self.say("title", plan=self.plan.title.in_language(self.language), year=self.year)
        put(sheet, 1, 1, title).font = Font(bold=True, size=14)
        unit = self.unit.name.in_language(self.language)
        lines = [self.say("unit", unit=unit, due=self.due), self.mark]
        lines += [self.say(f"step.{step}") for step in _STEPS]
        for row, text in enumerate(filter(None, lines), 2):
            put(sheet, row, 1, text)
        top = len(lines) + 3
        for place, name in enumerate(_GUIDE, 1):
            put(sheet, top, place, self.say(name)).font = Font(bold=True)
            width = 40 if name in ("definition", "note") else 22
            sheet.column_dimensions[get_column_letter(place)].width = width
        for row, indicator in enumerate(self.indicators.values(), top + 1):
            told = self._told(indicator)
            for place, name in enumerate(_GUIDE, 1):
                cell = put(sheet, row, place, told[name])
                cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.protection.sheet = True

    def _told(self, indicator: Indicator) -> dict[str, str]:
        rows = self.rows[self.rows["indicator"] == indicator.id]
        groups = [
            self.word(c, x) for c in ("sex", "residence") for x in rows[c].unique() if x != "all"
        ]
        groups += [x for x in rows["age_group"].unique() if x != "all"]
        groups += [self.areas.get(x, x) for x in rows["area"].unique()]
        origin = self.sources["form"].where(self.sources["form"] != "", self.sources["source"])
        unit = self.unit.name.in_language(self.language)
        return {
            "name": self.named[indicator.id],
            "definition": self.definition(indicator),
            "calculation": self.calculation(indicator),
            "unit_of_value": self.word("unit", indicator.unit),
            "origin": "；".join(dict.fromkeys(origin)) or unit,
            "numerator": indicator.numerator.in_language(self.language),
            "denominator": indicator.denominator.in_language(self.language),
            "groups": "、".join(groups) if self.language == "zh" else ", ".join(groups),
            "frequency": self.word("frequency", indicator.frequency),
            "note": indicator.note.in_language(self.language),
        }


def _letter(column: str) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(PRINTED.index(column) + 1)


def _styles() -> Iterator[Any]:
    """Named styles: of headings and what is asked, locked; of entries and days, open."""
    from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side

    edge = Side(style="thin", color="BFBFBF")
    border = Border(left=edge, right=edge, top=edge, bottom=edge)
    grey, wrapped = PatternFill("solid", _GREY), Alignment(wrap_text=True, vertical="center")
    for name in ("heading", "asked", "entry", "day"):
        style = NamedStyle(
            name, border=border, alignment=wrapped, font=Font(bold=name == "heading")
        )
        if name in ("heading", "asked"):
            style.fill = grey
        else:
            style.protection = Protection(locked=False)
        if name == "day":
            style.number_format = "yyyy-mm-dd"
        yield style
