"""An indicator in sentences: value, change, target, groups, outlook, all from the tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from wdp_lib.assessment.case import COUNTED
from wdp_lib.comparison.groups import latest_gaps
from wdp_lib.core.words import word
from wdp_lib.documents.content import Book
from wdp_lib.documents.keys import keyed
from wdp_lib.evaluation.problems import WARNED
from wdp_lib.publish.text.words import NONE, published, quantity, rounded
from wdp_lib.publish.views.cells import chance_text, target_text
from wdp_lib.publish.views.rows import GROUPS

if TYPE_CHECKING:
    from wdp_lib.study import Study

PANELS = 4  # of the figure of a domain
_COUNTED = ("count", "persons", "10k_persons", "yuan_per_month", "yuan_per_year", "yuan_per_case")
_PER = {"per_1000": ("个千分点", "per 1 000"), "per_100k": ("/10万", "per 100 000")}
_JUDGED_BY_TREND = ("rise", "fall", "slower_growth", "narrow_gap", "relative", "monitor_only")


class Narrator:
    """Says of each indicator of a study what its tables say.

    ``book``: whose templates and language it uses.
    """

    def __init__(self, book: Book):
        self.book, self.study = book, book.study
        results = self.study.results
        if "rows told" not in results:  # once for all documents
            results["rows told"] = _rows_told(self.study)
        self.risks, self.years, self.gaps, self.parents, self.broken, self.told = results[
            "rows told"
        ]

    def amount(self, value: float, indicator: str) -> str:
        """Return a value with its unit as running text has it."""
        entry = self.study.plan.indicator(indicator)
        text = quantity(value, entry.unit, self.study.language)
        said = word("unit", entry.unit, "zh").startswith("每")  # the name says it
        if said or (entry.unit == "count" and self.study.language == "en"):
            return published(value, entry.unit)
        return text.partition("（")[0]

    def line(self, value: float, indicator: str) -> str:
        """Return a line to be reached as the plan would write it: 95 %, not 95.0 %."""
        text = self.amount(round(value, 2), indicator)
        return re.sub(r"(\.\d*?)0+(?!\d)", lambda m: m[1].rstrip("."), text)

    def change(self, value: float, before: float, indicator: str) -> str:
        """Return in words how a value differs from an earlier one, in the unit of differences."""
        entry, context = self.study.plan.indicator(indicator), self.book.context
        difference = round(value - before, 6)
        size = published(abs(difference), entry.unit)
        if float(size) == 0:
            return context.pick("持平", "unchanged")
        if entry.unit in _COUNTED:
            words = ("增加", "up") if difference > 0 else ("减少", "down")
        elif difference > 0:
            words = ("上升" if entry.target.improving < 0 else "提高", "up")
        else:
            words = ("下降", "down")
        size = self.distance(abs(difference), indicator)
        return context.pick(f"{words[0]}{size}", f"{words[1]} {size}")

    def distance(self, size: float, indicator: str) -> str:
        """A difference in the unit of differences: percentage points, not per cent."""
        unit, context = self.study.plan.indicator(indicator).unit, self.book.context
        if unit == "percent":
            points = published(size, unit)
            return context.pick(f"{points}个百分点", f"{points} percentage points")
        for start, words in _PER.items():
            if unit.startswith(start) and not word("unit", unit, "zh").startswith("每"):
                return f"{published(size, unit)}{context.pick(words[0], ' ' + words[1])}"
        return self.amount(size, indicator)

    def told_of(self, goal: str) -> list[str]:
        """Return the indicators of a goal that are told in sentences: those with a value."""
        entries = [
            i for i in self.study.plan.indicators if i.goals[0] == goal and i.id in self.told
        ]
        return [i.id for i in entries if pd.notna(self.risks[i.id].last_value)]

    def indicator(self, name: str, after: int = 0) -> str:
        """Return the sentences of one indicator, made once for all documents.

        ``after``: the year that the sentence before spoke of: it is not said again.
        """
        made = self.study.results.setdefault(f"sentences {self.study.language}", {})
        if (name, after) not in made:
            made[name, after] = self._indicator(name, after)
        return made[name, after]

    def _indicator(self, name: str, after: int) -> str:
        row, entry = self.risks[name], self.study.plan.indicator(name)
        year = int(row.last_year)
        facts: dict[str, object] = {"name": self.book.context.name(name)}
        facts["year"] = "" if year == after else self._key(year, name, "last_year")
        facts["value"] = self._key(self.amount(row.last_value, name), name, "last_value")
        if row.standing == "case_by_case":
            return self.book.words("rare", **facts, **self._pooled(row, entry))
        facts |= self._changes(row) | self._target(row, entry)
        facts["groups"] = self._groups(name, year)
        parts = [self.book.words("value", **facts), self._parent(name)]
        return self.book.context.pick("", " ").join(part for part in parts if part)

    @staticmethod
    def _key(text: object, indicator: str, column: str, table: str = "risks") -> str:
        return keyed(text, table, indicator, column)

    def _changes(self, row: Any) -> dict[str, object]:
        name, year, context = row.indicator, int(row.last_year), self.book.context
        facts: dict[str, object] = {"since_last": "", "since_baseline": "", "broken": ""}
        before = self.years.get(name)
        broken = int(self.broken.get(name, 0))  # the latest year of a new definition
        if before is not None and int(before.year) == year and pd.notna(before.previous_value):
            earlier = int(before.previous_year)
            if not (broken and earlier < broken <= year):
                last = earlier == year - 1
                said = self._key(earlier, name, "previous_year", "annual_table")
                when = context.pick("比上年" if last else f"比{said}年", f"on {said}")
                facts["since_last"] = self._since(
                    row.last_value, before.previous_value, name, when, "change_on_previous"
                )
        if pd.isna(row.baseline_value) or int(row.baseline_year) >= year:
            return facts
        baseline = int(row.baseline_year)
        if broken and baseline < broken <= year:
            told = self._key(baseline, name, "baseline_year")
            return facts | {
                "broken": self._key(broken, name, "year", "breaks"),
                "baseline_year": told,
            }
        if (
            before is not None
            and pd.notna(before.previous_year)
            and baseline == int(before.previous_year)
        ):
            return facts
        told = self._key(baseline, name, "baseline_year")
        when = context.pick(f"比{told}年", f"on {told}")
        facts["since_baseline"] = self._since(
            row.last_value, row.baseline_value, name, when, "change_on_baseline"
        ) + self._pooled_baseline(row)
        same = context.pick("持平", "unchanged ")
        if same in facts["since_last"] and same in facts["since_baseline"]:
            since = facts["since_last"].removesuffix("持平").removeprefix(same)
            facts["since_last"] = ""
            facts["since_baseline"] = context.pick(
                f"{since}和{told}年均持平", f"unchanged {since} and {when}"
            )
        return facts

    def _pooled_baseline(self, row) -> str:
        """What a direction is held against where one year had too few cases to be its baseline."""
        entry = self.study.plan.indicator(row.indicator)
        side = "target_upper" if pd.isna(row.target_lower) else "target_lower"
        line, counted = getattr(row, side), entry.data_kind in COUNTED
        if entry.target.line_from != "baseline" or not counted or line == row.baseline_value:
            return ""
        told = self._key(rounded(line, entry.unit, self.study.language), entry.id, side)
        return self.book.context.pick(
            f"（基期连同前后年份为{told}）", f" (the baseline with the years around it: {told})"
        )

    def _since(self, value: float, before: float, name: str, when: str, column: str) -> str:
        said = self.change(value, before, name)
        if said in ("持平", "unchanged"):
            return self.book.context.pick(f"与{when[1:]}持平", f"unchanged {when}")
        said = self._key(said, name, column, "changes")
        return self.book.context.pick(when + said, f"{said} {when}")

    def _target(self, row: Any, entry) -> dict[str, object]:
        context, short = self.book.context, ""
        numeric = entry.target.kind not in _JUDGED_BY_TREND
        if numeric and pd.notna(row.margin) and row.margin < 0:
            short = self.distance(-row.margin, row.indicator)
        known = row.state in ("attained", "nearly") and row.standing != "to_consolidate"
        final = known or self.study.stage == "final" or row.reason == "held_constant"
        chance = "" if final else chance_text(row, context)
        standing, name = row.standing, row.indicator
        return {
            "target": self._key(target_text(row, context), name, "target") if numeric else "",
            "short": self._key(short, name, "margin"),
            "standing": "" if standing == "not_assessable" else context.word("standing", standing),
            "open": "" if standing != "not_assessable" else self._why(row),
            "chance": ""
            if chance == NONE or standing == "not_assessable"
            else self._key(chance, name, "p_meet"),
            "target_year": int(row.target_year) if pd.notna(row.target_year) else "",
        }

    def _why(self, row: Any) -> str:
        code = row.state_reason or row.reason
        return self.book.context.word("reason", code) if code else self.book.context.none

    def _pooled(self, row: Any, entry) -> dict[str, object]:
        context, name = self.book.context, row.indicator
        facts = {
            "target": self._key(target_text(row, context), name, "target")
            if entry.target.is_number
            else "",
            "until": self._key(int(row.last_year), name, "last_year"),
            "numerator": context.text(entry.numerator),
            "denominator": context.text(entry.denominator),
        }
        columns = {"from": "pooled_from", "events": "pooled_events", "exposure": "pooled_exposure"}
        known = pd.notna(row.pooled_events)
        return facts | {
            fact: self._key(f"{getattr(row, column):.0f}", name, column) if known else ""
            for fact, column in columns.items()
        }

    def _groups(self, name: str, year: int) -> str:
        """What women and men, town and country have in the year of the value."""
        said = []
        for row in self.gaps.get(name, ()):
            first, second = map(self.book.context.text, GROUPS[row.dimension][:2])
            if row.year != year or pd.isna(row.first_value) or pd.isna(row.second_value):
                continue
            values = (
                self._key(self.amount(v, name), f"{name}.{row.dimension}", column, "group_gaps")
                for v, column in (
                    (row.first_value, "first_value"),
                    (row.second_value, "second_value"),
                )
            )
            shown = dict(zip(("first_value", "second_value"), values, strict=True))
            said.append(self.book.words("groups", first=first, second=second, **shown))
        return self.book.context.joined(said, clauses=True)

    def _parent(self, name: str) -> str:
        """What the area above has in the same year."""
        told = [
            self.book.words(
                "parent",
                parent=self.book.context.area(row.parent_area),
                value=self._key(
                    self.amount(row.parent_value, name), name, "parent_value", "parent_comparison"
                ),
                year=self._key(int(row.year), name, "year", "parent_comparison"),
            )
            for row in self.parents.get(name, ())
        ]
        return self.book.context.pick("", " ").join(told)


def _rows_told(study: Study) -> tuple[Any, ...]:
    """Rows of tables by indicator, its last new definition, and the indicators that are told."""
    years, gaps = study.annual_table.drop_duplicates("indicator"), latest_gaps(study.group_gaps)
    known = gaps["reason"].isin(["", "counts_missing"])
    parents, breaks = study.parent_comparison, study.data.breaks
    breaks = breaks[breaks["area"].isin(["", study.plan.area])]
    risks = {row.indicator: row for row in study.risks.itertuples()}
    keys = set(study.keys["indicator"])
    told = [i.id for i in study.plan.indicators if i.id in keys or i.origin == "goal"]
    return (
        risks,
        {row.indicator: row for row in years[years["value"].notna()].itertuples()},
        _by_indicator(gaps[gaps["dimension"].isin(["sex", "residence"]) & known]),
        _by_indicator(parents[parents["parent_value"].notna() & (parents["reason"] == "")]),
        breaks.groupby("indicator")["year"].max().to_dict(),
        {*told, *(name for name, row in risks.items() if row.risk in WARNED)},
    )


def _by_indicator(table: pd.DataFrame) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in table.itertuples():
        found.setdefault(str(row.indicator), []).append(row)
    return found
