"""The tables of a study apart for each indicator, in words, each shown once and then divided."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from wdp_lib.publish import views
from wdp_lib.publish.charts.outlook import outlook_tables
from wdp_lib.publish.views import Column, View
from wdp_lib.site.blocks import Grid, Pages, grids
from wdp_lib.site.history import history

if TYPE_CHECKING:
    from wdp_lib.study import Study

_SERIES = (
    ("year", "year"),
    ("value", "published"),
    ("numerator", "whole"),
    ("denominator", "whole"),
    ("status", "word:status"),
    ("source", "text"),
    ("source_address", "text"),
    ("note", "text"),
)
_PARTS = ("area", "value", "numerator", "denominator", "lower", "side", "keeps", "contribution")
_WARNED = ("colour", "rule", "figure", "clears_when")  # columns of a warning on its own page


class Tables:
    """What a page of an indicator shows of each table.

    ``study``: whose tables they are.
    """

    def __init__(self, study: Study):
        self.study, self.context = study, study.context
        self.book = Pages(study)

    @cached_property
    def tables(self) -> dict[str, tuple]:
        """The forecast and the values of each indicator."""
        study = self.study
        ids = [entry.id for entry in study.plan.indicators]
        return outlook_tables(
            study.forecasts, study.observations, study.context, ids, study.plan.area
        )

    @cached_property
    def needs(self) -> dict[str, pd.DataFrame]:
        """What closing the gap of each indicator would take, where it is known."""
        needs = self.study.needs
        known = needs[needs["change"].notna() & (needs["reason"] == "")]
        return {str(name): rows for name, rows in known.groupby("indicator")}

    @cached_property
    def judged(self) -> dict[str, list[Grid]]:
        """State and outlook of each target."""
        return self._grids(self.study.risks, "risks")

    @cached_property
    def warned(self) -> dict[str, list[Grid]]:
        """The warnings of each indicator, and what would clear them."""
        return self._grids(self.study.warnings, "warnings", *_WARNED)

    @cached_property
    def series(self) -> dict[str, list[Grid]]:
        """The values of each indicator, the latest first, with their sources."""
        columns = tuple(
            Column(name, cell, self.book.both(f"series.{name}")) for name, cell in _SERIES
        )
        rows = pd.concat([series for _, series in self.tables.values()])
        rows = rows.sort_values("year", ascending=False, kind="stable")
        return grids(rows, View(self.book.both("series.caption"), columns), self.context)

    @cached_property
    def gaps(self) -> dict[str, list[Grid]]:
        """The groups of each indicator."""
        gaps = self.study.group_gaps
        known = gaps["first_value"].notna() & gaps["second_value"].notna()
        return self._grids(gaps[known], "group_gaps")

    @cached_property
    def parts(self) -> dict[str, list[Grid]]:
        """The parts of the area side by side."""
        table = self.study.area_comparison
        return self._grids(table[table["value"].notna()], "area_comparison", *_PARTS)

    @cached_property
    def parents(self) -> dict[str, list[Grid]]:
        """The areas above."""
        table = self.study.parent_comparison
        return self._grids(table[table["parent_value"].notna()], "parent_comparison")

    @cached_property
    def history(self) -> dict[str, list[Grid]]:
        """What the archived rounds said before, and this one."""
        return self._grids(history(self.study), "verdict_history")

    def _grids(self, table: pd.DataFrame, view: str, *columns: str) -> dict[str, list[Grid]]:
        """Rows by indicator, without its name; of a view the columns named, else all."""
        whole = views.views()[view]
        chosen = tuple(
            one
            for one in whole.columns
            if one.cell not in ("indicator", "stratum") and (not columns or one.name in columns)
        )
        told = self.study.explained(table)
        return grids(told, replace(whole, columns=chosen), self.context)
