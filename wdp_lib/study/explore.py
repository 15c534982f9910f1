"""Explore a study: which series move, are they alike, what do forecasts say of them.

Plain tables and matplotlib axes. Indicators, areas, groups are named as people do; a misspelt name
is an error. No indicator asked for, none in the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from wdp_lib.backtesting import backtest
from wdp_lib.comparison.areas import side_of
from wdp_lib.comparison.groups import group_gaps
from wdp_lib.comparison.known import COUNTED, is_proportion, worst_side
from wdp_lib.comparison.measures import group_interval
from wdp_lib.comparison.tables import DIMENSIONS, GROUP_GAPS
from wdp_lib.core.columns import KEY, Contract
from wdp_lib.core.errors import Text
from wdp_lib.core.names import find_area, find_name
from wdp_lib.data import on_latest_definition
from wdp_lib.data.read.words import code_named, synonyms
from wdp_lib.forecasting import forecast
from wdp_lib.forecasting.models.registry import DEFAULT, find_model
from wdp_lib.plan import Indicator, Plan
from wdp_lib.publish.charts.lines import plot_lines
from wdp_lib.publish.charts.outlook import plot_outlook
from wdp_lib.publish.views.show import Table
from wdp_lib.study.scenario import WhatIf, what_if
from wdp_lib.study.widgets import Explorer, explorer
from wdp_lib.study.worded import in_words

if TYPE_CHECKING:
    from wdp_lib.study.study import Study

Names = str | Iterable[str]
SERIES = Contract(
    "series",
    """
    indicator area sex age_group residence year value lower upper numerator denominator unit name
    area_name status source series_break simulated
    """,
)
COMPARED = Contract(
    "compared",
    """
    indicator name unit area area_name year value difference side first_year first_value
    change_per_year meets_target reason simulated
    """,
)
TESTED = Contract(
    "tested",
    """
    indicator area sex age_group residence kind history model horizon n mae bias wis wis_ratio
    inside_50 inside_80 inside_95
    """,
)
CELL = [*KEY, "model", "horizon"]
LENGTHS = [0, 6, 9, 14, np.inf]
PER = {"kind": ("类型", "kind"), "history": ("长度", "length"), "area": ("地区", "place")}
_PER = Text("分法", "breakdown")
_GROUP, _HERE = Text("分组", "group"), Text("此处", "This")


class Explore:
    """Verbs for questions beside the round.

    All take ``indicators`` (a name, or several in a list or joined by ``;``), ``areas`` (likewise;
    the plan's own unless given), ``by`` (``sex``, ``residence`` or ``age_group``: each group of it;
    else the stratum of the target).
    """

    def series(
        self: Any, indicators: Names, *, areas: Names | None = None, by: str = "", **group: str
    ) -> pd.DataFrame:
        """Return the values that count of some series, e.g. for a chart of your own.

        Parameters
        ----------
        **group : str
            ``sex="女"``, ``residence=…``, ``age_group=…`` instead of that of the target.

        Returns
        -------
        pandas.DataFrame
            A row a value, in the order asked for, with unit and names in words; no row where there
            is no value. ``series_break`` is filled in the first year of another definition.
            ``lower, upper``: 95 % interval of a proportion or rate with counts (Wilson's, exact),
            as if those counted were a sample; other figures have none.
        """
        rows = self.observations[self.observations["used"] & self.observations["value"].notna()]
        rows = rows.merge(_keys(self, indicators, areas, by, group), on=list(KEY))
        rows = rows.sort_values(["place", "year"], kind="stable", ignore_index=True)
        return _in_words(self, _with_intervals(rows, self.plan)).reindex(columns=SERIES.names)

    def pivot(
        self: Any, indicators: Names, *, areas: Names | None = None, by: str = "", **group: str
    ) -> pd.DataFrame:
        """Return the same values as a wide table: a row a year, a column a series, named in words.

        Only what tells the series apart is in the names of the columns.
        """
        rows = self.series(indicators, areas=areas, by=by, **group)
        for name in ("sex", "residence"):
            rows[name] = [self.context.word(name, code) for code in rows[name]]
        facts = ["name", "area_name", *DIMENSIONS]
        apart = [fact for fact in facts if rows[fact].nunique() > 1] or facts[:1]
        order = rows[apart].drop_duplicates().apply(tuple, axis=1)
        wide = rows.pivot(index="year", columns=apart, values="value")
        return wide[[one if len(apart) > 1 else one[0] for one in order]]

    def plot(
        self: Any,
        indicator: str,
        *,
        areas: Names | None = None,
        by: str = "",
        model: str = DEFAULT,
        intervals: bool = False,
        **group: str,
    ) -> Any:
        """Draw one indicator: of one area with its forecast, else a line an area and group.

        With ``intervals`` each value of a line has its 95 % interval, where there are counts.
        Return the matplotlib axes.
        """
        entry, places = self.plan.indicator(indicator), _areas(self, areas)
        model = find_model(model).name
        if len(places) == 1 and not by and not group:
            ready = places == [self.plan.area] and model == DEFAULT
            made = self.forecasts if ready else self.forecast(entry.id, areas=areas, model=model)
            beside = {"area": places[0], "surveys": self.surveys}
            return plot_outlook(made, self.observations, self.context, entry.id, **beside)
        rows = self.series(entry.id, areas=areas, by=by, **group)
        return plot_lines(rows, self.context, entry, intervals=intervals)

    def explore(
        self: Any,
        indicator: str,
        *,
        areas: Names | None = None,
        by: str = "",
        model: str = DEFAULT,
        widgets: bool | None = None,
    ) -> Explorer:
        """Draw one indicator as `plot` does; in JupyterLab, choose anew by hand.

        Parameters
        ----------
        widgets : bool, optional
            Whether there are fields to choose by; unless given, in a notebook that somebody has
            open: a batch, and what is stored in a notebook, has the chart alone.
        """
        chosen = {"indicator": self.plan.indicator(indicator).id, "areas": _areas(self, areas)}
        chosen |= {"by": _dimension(by) if by else "", "model": find_model(model).name}
        return explorer(self, chosen, widgets)

    def compare(self: Any, areas: Names, *, on: Names) -> pd.DataFrame:
        """Compare areas in their last common year, and by their mean yearly change.

        Parameters
        ----------
        areas : str or iterable of str
            The first is what the others are compared with.
        on : str or iterable of str
            Indicators.

        Returns
        -------
        pandas.DataFrame
            A row an indicator and area. ``difference``: to the first area; ``side``: ``better``,
            ``worse``, ``equal`` than it, ``low``, ``high`` where no side is better. Change since
            the first common year from the baseline on. ``reason``: ``no_shared_year``.
        """
        places, parts = _areas(self, areas), []
        rows = self.series(on, areas=places)
        counted = self.observations.merge(rows[[*KEY, "year"]].drop_duplicates())
        counted = on_latest_definition(counted[counted["used"]])
        for entry in _indicators(self, on):
            values = counted[counted["indicator"] == entry.id]
            values = values.pivot(index="year", columns="area", values="value")
            parts += _compared(self, entry, values.reindex(columns=places).dropna(), places)
        table = _in_words(self, pd.DataFrame(parts, columns=COMPARED.names))
        table["simulated"] = self.data.metadata.simulated
        return table.astype({"year": "Int64", "first_year": "Int64"})

    def gaps(
        self: Any, indicators: Names, *, by: str = "sex", areas: Names | None = None
    ) -> pd.DataFrame:
        """Return the difference of two groups year by year; columns as in `wdp_lib.group_gaps`."""
        wanted, by = _indicators(self, indicators), _dimension(by)
        rows = self.observations[self.observations["indicator"].isin([i.id for i in wanted])]
        parts = [pd.DataFrame(columns=GROUP_GAPS.names)] if not wanted else []
        for area in _areas(self, areas) if wanted else ():
            plan = replace(self.plan, indicators=tuple(wanted), area=area)
            parts.append(group_gaps(rows, plan, as_of=self.as_of, scheme=self.scheme))
        table = pd.concat(parts, ignore_index=True)
        return table[table["dimension"] == by].reset_index(drop=True)

    def forecast(
        self: Any,
        indicators: Names,
        *,
        areas: Names | None = None,
        by: str = "",
        model: str = DEFAULT,
        through: int | None = None,
        **group: str,
    ) -> pd.DataFrame:
        """Return forecasts of some series by a model of choice; see `wdp_lib.forecast`."""
        keys = _keys(self, indicators, areas, by, group)[list(KEY)]
        through = through or self.through
        return forecast(
            self.observations, self.plan, strata=keys, through=through, model=model, seed=self.seed
        )

    def backtest(
        self: Any,
        indicators: Names,
        *,
        models: Sequence[str] = (DEFAULT, "no_change"),
        areas: Names | None = None,
        by: str = "",
        per: str = "",
        **settings: Any,
    ) -> pd.DataFrame:
        """Return how models would have done in earlier years, by indicator and years ahead.

        Parameters
        ----------
        models : sequence of str
            Names of models, own ones among them (`wdp_lib.register_model`).
        per : {"", "kind", "history", "area"}
            Instead of a row a series: one a kind of value, a length of the history shown (years
            with a value), or a place.
        **settings
            ``shortest, horizons, origins, sample`` of `wdp_lib.backtest`.

        Returns
        -------
        pandas.DataFrame
            ``n`` cases; ``mae``, ``bias`` (mean of value less median) in the unit of the indicator;
            ``wis`` in its usual yearly changes, ``wis_ratio`` to that of no change (below 1 is
            better); shares of values inside the intervals. Cases of one series overlap: the fewer
            there are, the less a difference means. No row where no earlier year can be tested.
            Over several indicators ``mae`` and ``bias`` are left out, as their units differ.
        """
        per = find_name(per, PER, _PER, _HERE) if per else ""
        keys = _keys(self, indicators, areas, by, {})[list(KEY)]
        if keys.empty:
            return pd.DataFrame(columns=TESTED.names)
        settings = {"models": list(models), "seed": self.seed, **settings}
        cases = backtest(self.observations, self.plan, strata=keys, **settings).cases
        parts = cases["series_id"].str.split("/")
        cases = cases.assign(
            **{name: parts.str[place] for place, name in enumerate(KEY)},
            bias=cases["value"] - cases["median"],
            mae=(cases["value"] - cases["median"]).abs(),
            history=pd.cut(cases["n"], LENGTHS, labels=["≤6", "7–9", "10–14", "≥15"]).astype(str),
            n=1,
        )
        named = ["mae", "bias", "wis", "reference_wis", "inside_50", "inside_80", "inside_95"]
        cases[named] = cases[named].astype(float)
        how: dict[str, str] = {"n": "sum"} | dict.fromkeys(named, "mean")
        cell = [per, *CELL[len(KEY) :]] if per else CELL
        table = cases.groupby(cell, sort=False).agg(how).reset_index()
        table["wis_ratio"] = table["wis"] / table["reference_wis"]
        if per and cases["indicator"].nunique() > 1:
            table[["mae", "bias"]] = np.nan
        return table.reindex(columns=TESTED.names)

    def table(self: Any, rows: pd.DataFrame, caption: str = "") -> Table:
        """Return a table of these verbs as people read it: names, words, few digits."""
        return in_words(rows, self.context, caption)

    def what_if(self: Any, indicator: str, **assumed: Any) -> WhatIf:
        """Judge one target under an assumption, beside what is known; never part of a verdict.

        Parameters
        ----------
        **assumed
            What is assumed, one or several: ``value=`` of ``year=`` (the year after the last one
            known; ``numerator=``, ``denominator=`` where it is forecast from counts), ``target=``,
            ``target_year=``, ``effect=`` (change of each year's value from ``starts=`` on),
            ``exposure=`` (births or persons of each year to come).

        Returns
        -------
        WhatIf
            ``assumption`` in words, ``table`` (probability and class of both cases), ``path``,
            ``warnings`` (what would clear them), ``plot()``.

        Raises
        ------
        ParameterError
            When nothing is assumed, or the assumption does not fit the indicator.
        """
        return what_if(self, indicator, **assumed)


def _indicators(study: Study, named: Names) -> list[Indicator]:
    return list(dict.fromkeys(study.plan.indicator(name) for name in _each(named)))


def _areas(study: Study, named: Names | None) -> list[str]:
    if named is None or (isinstance(named, str) and not named):
        return [study.plan.area]
    own = {study.plan.area: (study.plan.area_name.zh, study.plan.area_name.en)}
    return list(dict.fromkeys(find_area(one, study.data.areas, **own) for one in _each(named)))


def _each(named: Names) -> Iterable[str]:
    return filter(None, named.split(";")) if isinstance(named, str) else named


def _dimension(by: str) -> str:
    return find_name(by, {one: synonyms("heading")[one] for one in DIMENSIONS}, _GROUP, _HERE)


def _keys(
    study: Study, indicators: Names, areas: Names | None, by: str, group: dict[str, str]
) -> pd.DataFrame:
    """The series asked for, one row each, numbered; of a dimension every group with a value."""
    by = _dimension(by) if by else ""
    group = {_dimension(name): code_named(_dimension(name), code) for name, code in group.items()}
    pairs = product(_indicators(study, indicators), _areas(study, areas))
    rows = [{"indicator": i.id, "area": area} | i.stratum | group for i, area in pairs]
    keys = pd.DataFrame(rows, columns=list(KEY)).astype("str")
    if by:
        seen = study.observations.loc[study.observations["used"], list(KEY)].drop_duplicates()
        rest = [name for name in KEY if name != by]
        keys = keys.merge(seen, on=rest, how="left", suffixes=("_own", "")).astype("str")
        keys[by] = keys[by].where(keys[by].ne("nan") & keys[by].notna(), keys[f"{by}_own"])
    return keys[list(KEY)].reset_index(names="place")


def _with_intervals(rows: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    known = [plan.indicator(name) for name in rows["indicator"]]
    counted = np.array([i.data_kind in COUNTED for i in known], dtype=bool)
    scale = np.array([i.multiplier or np.nan for i in known], dtype=float)
    trials = np.array([is_proportion(i) for i in known], dtype=bool)
    events, exposure = (
        rows[name].astype(float).where(counted) for name in ("numerator", "denominator")
    )
    events = events.where(~trials | (events <= exposure))  # a gross ratio passes 100 %
    lower, upper = group_interval(events, exposure, trials=trials)
    return rows.assign(lower=lower * scale, upper=upper * scale)


def _in_words(study: Study, rows: pd.DataFrame) -> pd.DataFrame:
    units = {i.id: i.unit for i in study.plan.indicators}
    names = {i.id: study.context.text(i.name) for i in study.plan.indicators}
    return rows.assign(
        unit=[study.context.word("unit", units[i]) for i in rows["indicator"]],
        name=rows["indicator"].map(names),
        area_name=[study.context.area(area) for area in rows["area"]],
    )


def _compared(study: Study, entry: Indicator, values: pd.DataFrame, areas: list[str]) -> list[dict]:
    """One row an area; values by year and area, of the years that all have."""
    if values.empty:
        return [{"indicator": entry.id, "area": a, "reason": "no_shared_year"} for a in areas]
    since = values[values.index >= study.plan.baseline_year]
    first, last = (since if len(since) else values).iloc[0], values.iloc[-1]
    years = last.name - first.name
    difference = (last - last[areas[0]]).round(9)
    inside = entry.target.range() if entry.target.is_number else None
    return [
        {
            "indicator": entry.id,
            "area": area,
            "year": last.name,
            "value": last[area],
            "difference": difference[area],
            "side": str(side_of(np.array(difference[area]), worst_side(entry))),
            "first_year": first.name,
            "first_value": first[area],
            "change_per_year": (last[area] - first[area]) / years if years else np.nan,
            "meets_target": {True: "yes", False: "no"}[inside.contains(last[area])]
            if inside
            else "",
            "reason": "",
        }
        for area in areas
    ]
