"""What the data of a study say: tables, each computed from the others when asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from wdp_lib.assessment import Scheme, assess, class_changes, warnings
from wdp_lib.assessment.progress import progress_panel, progress_summary
from wdp_lib.backtesting import BackTest, backtest
from wdp_lib.comparison.areas import area_overview, compare_all_areas, compare_parents, most_unlike
from wdp_lib.comparison.completeness import group_completeness, unit_completeness
from wdp_lib.comparison.groups import gap_outlook, group_gaps
from wdp_lib.comparison.known import Known
from wdp_lib.comparison.standardisation import age_standardised
from wdp_lib.comparison.sums import largest_contributions, lowest_area, roll_up
from wdp_lib.core.dates import data_year
from wdp_lib.data import Dataset, coverage
from wdp_lib.data.record_contracts import RecordContract
from wdp_lib.data.records import Records, read_records
from wdp_lib.effects.better import better_than_expected
from wdp_lib.effects.cases import STARTS
from wdp_lib.effects.measures import measure_effects
from wdp_lib.evaluation import (
    ArchivedRound,
    key_indicators,
    read_round,
)
from wdp_lib.forecasting import directions, forecast, terms
from wdp_lib.forecasting.learned.explanation import explain
from wdp_lib.forecasting.paths import forecast_paths
from wdp_lib.plan import Plan, Target
from wdp_lib.publish.text.choose import forecast_targets
from wdp_lib.publish.views.rows import problem_frame
from wdp_lib.study.computed import computed, stored
from wdp_lib.study.store import Store


class Findings:
    """What the data say: forecasts, risks, comparisons, effects.

    `Rounds` adds what follows for the plan.
    """

    plan: Plan
    data: Dataset
    scheme: Scheme
    store: Store
    as_of: str
    stage: str
    through: int
    seed: int
    earlier_round: str
    home: Path
    year: int

    # data

    @property
    def observations(self) -> pd.DataFrame:
        """Every good row as known at the cut-off."""
        return self.data.observations

    @property
    def data_year(self) -> int:
        """The year the study reports on: the one before the cut-off."""
        return data_year(self.as_of)

    @stored
    def coverage(self) -> pd.DataFrame:
        """What there is for each indicator, and what is missing."""
        return coverage(self.observations, self.plan)

    @computed
    def rejected(self) -> pd.DataFrame:
        """Rows that could not be used, with the reasons."""
        return self.data.rejected

    @computed
    def checks(self) -> pd.DataFrame:
        """Every problem found in the data."""
        return problem_frame(self.data)

    @property
    def focus_areas(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The parts of the area where they are most unlike, and the lowest parts."""
        compared = self.area_comparison
        return compared[compared["indicator"] == self.focus], self.lowest_area

    @property
    def completeness_tables(self) -> tuple[pd.DataFrame, ...]:
        """Completeness by unit, missing groups, completeness by age, standardised rates."""
        by_group = self.group_completeness
        return self.unit_completeness, self.group_gaps, by_group, self.age_standardised

    # forecasts

    @stored
    def forecasts(self) -> pd.DataFrame:
        """Quantile forecasts of every indicator; a hole has a reason."""
        return forecast(self.observations, self.plan, through=self.through, seed=self.seed)

    @stored
    def paths(self) -> pd.DataFrame:
        """Joint futures of the indicators whose target holds in every year."""
        held = [indicator.id for indicator in self.plan.indicators if indicator.target.every_year]
        return forecast_paths(
            self.observations, self.plan, held, through=self.through, seed=self.seed
        )

    @stored
    def explanations(self) -> pd.DataFrame:
        """What the default forecast of each series rests on."""
        return explain(self.observations, self.plan, through=self.through)

    @stored
    def terms(self) -> pd.DataFrame:
        """Seats of elected bodies, term by term."""
        return terms(self.observations, self.plan)

    @stored
    def directions(self) -> pd.DataFrame:
        """The direction of each indicator since the baseline."""
        return directions(self.observations, self.plan)

    @computed
    def backtest(self) -> BackTest:
        """What the forecasts would have said in earlier years, and what came."""

        def tested() -> dict[str, pd.DataFrame]:
            made = vars(backtest(self.observations, self.plan, seed=self.seed))
            frames = {
                name: value for name, value in made.items() if isinstance(value, pd.DataFrame)
            }
            told = {name: value for name, value in made.items() if name not in frames}
            return frames | {"told": pd.DataFrame({"json": [json.dumps(told)]})}

        frames = dict(self.store.frames("backtest", tested))
        return BackTest(**json.loads(frames.pop("told")["json"].iloc[0]), **frames)

    def __getattr__(self, name: str) -> pd.DataFrame:
        """``backtest_<table>`` is a table of the back-test."""
        if name.startswith("backtest_"):
            return getattr(self.backtest, name.removeprefix("backtest_"))
        raise AttributeError(name)

    # assessment

    @stored
    def risks(self) -> pd.DataFrame:
        """State, outlook, class and evidence of every target."""
        return assess(
            self.forecasts,
            self.observations,
            self.plan,
            as_of=self.as_of,
            scheme=self.scheme,
            paths=self.paths,
            areas=self.data.areas,
        )

    @computed
    def earlier(self) -> ArchivedRound | None:
        """The archived round named by the study."""
        return read_round(self.earlier_round, home=self.home) if self.earlier_round else None

    @property
    def numbered_risks(self) -> pd.DataFrame:
        """Rows of the risk table for targets that are numbers."""
        return self._risks_where(lambda target: target.is_number)

    @property
    def direction_risks(self) -> pd.DataFrame:
        """Rows with a value for targets that are a direction or a relation."""
        rows = self._risks_where(lambda target: target.line_from and not target.is_number)
        return rows[rows["last_value"].notna()]

    @property
    def keys(self) -> pd.DataFrame:
        """The key indicators and why each is one."""
        return key_indicators(self.plan)

    @property
    def key_risks(self) -> pd.DataFrame:
        """Rows of the key indicators."""
        return self.risks[self.risks["indicator"].isin(key_indicators(self.plan)["indicator"])]

    @property
    def sourced_risks(self) -> pd.DataFrame:
        """Rows with a value, whose sources are listed."""
        return self.risks[self.risks["last_value"].notna()]

    def _risks_where(self, wanted: Callable[[Target], Any]) -> pd.DataFrame:
        chosen = {entry.id for entry in self.plan.indicators if wanted(entry.target)}
        return self.risks[self.risks["indicator"].isin(chosen)]

    @property
    def example(self) -> str:
        """The indicator shown as an example: the plan's own, else the first with a forecast."""
        made = forecast_targets(self.plan, self.forecasts)
        return self.plan.example or (made or [entry.id for entry in self.plan.indicators])[0]

    @stored
    def warnings(self) -> pd.DataFrame:
        """Rules of early warning that were triggered, by how much, and what would clear them."""
        before = () if self.earlier is None else (self.earlier.risks,)
        return warnings(
            self.risks, self.observations, self.plan, earlier=before, scheme=self.scheme
        )

    @computed
    def class_changes(self) -> pd.DataFrame:
        """Risk classes that changed since the earlier round."""
        return class_changes(self.risks, self.risks if self.earlier is None else self.earlier.risks)

    @stored
    def progress(self) -> pd.DataFrame:
        """What other published methods say of the progress towards each target."""
        return progress_panel(
            self.observations, self.plan, as_of=self.as_of, risks=self.risks, scheme=self.scheme
        )

    @computed
    def disagreements(self) -> pd.DataFrame:
        """Which side the methods take, indicator by indicator."""
        return progress_summary(self.progress)

    # groups and areas

    @computed
    def known(self) -> Known:
        """The rows that counted at the cut-off, prepared once for all comparisons."""
        return Known(self.observations, self.plan, self.as_of, self.data.areas)

    @stored
    def group_gaps(self) -> pd.DataFrame:
        """Gaps between women and men, country and town, two ages."""
        return group_gaps(self.known, self.plan, as_of=self.as_of, scheme=self.scheme)

    @stored
    def gap_outlook(self) -> pd.DataFrame:
        """How far apart two groups may be in the last year."""
        return gap_outlook(
            self.observations, self.group_gaps, self.plan, through=self.through, seed=self.seed
        )

    @stored
    def group_completeness(self) -> pd.DataFrame:
        """Whether values by sex and by age come as the plan wants them."""
        return group_completeness(self.known, self.plan, year=self.data_year, as_of=self.as_of)

    @computed
    def unit_completeness(self) -> pd.DataFrame:
        """The same by responsible unit."""
        return unit_completeness(self.group_completeness, self.plan)

    @stored
    def age_standardised(self) -> pd.DataFrame:
        """Rates for the same age mix."""
        return age_standardised(self.known, self.plan, as_of=self.as_of)

    @stored
    def area_comparison(self) -> pd.DataFrame:
        """The parts of the area side by side, every indicator."""
        return compare_all_areas(
            self.known,
            self.plan,
            areas=self.data.areas,
            as_of=self.as_of,
            seed=self.seed,
            scheme=self.scheme,
        )

    @computed
    def area_overview(self) -> pd.DataFrame:
        """Which parts stand out, indicator by indicator."""
        return area_overview(self.area_comparison)

    @computed
    def focus(self) -> str:
        """The indicator in which the parts of the area are most unlike."""
        return most_unlike(self.area_comparison)

    @stored
    def roll_up(self) -> pd.DataFrame:
        """Sums of the parts beside the figure of the whole area."""
        return roll_up(self.known, self.plan, areas=self.data.areas, as_of=self.as_of)

    @stored
    def lowest_area(self) -> pd.DataFrame:
        """The lowest part of the area for targets that hold in every part."""
        return lowest_area(
            self.known,
            self.plan,
            year=self.data_year,
            areas=self.data.areas,
            as_of=self.as_of,
        )

    @computed
    def largest_contributions(self) -> pd.DataFrame:
        """Which parts lack the most towards the targets that are not attained."""
        return largest_contributions(
            self.known,
            self.plan,
            self.short_of_target,
            areas=self.data.areas,
            as_of=self.as_of,
        )

    @property
    def short_of_target(self) -> list[str]:
        """Indicators that have not attained their target."""
        short = self.risks["state"].isin(["not_attained", "nearly"])
        return list(self.risks.loc[short, "indicator"])

    @stored
    def parent_comparison(self) -> pd.DataFrame:
        """The area beside the areas it belongs to."""
        return compare_parents(self.known, self.plan, self.data.areas, as_of=self.as_of)

    # effects

    @stored
    def effects(self) -> pd.DataFrame:
        """Effects of measures, with the level of each claim."""
        return measure_effects(
            self.observations,
            self.plan,
            self.records(STARTS).frame,
            as_of=self.as_of,
            areas=self.data.areas,
            seed=self.seed,
        )

    @stored
    def better_than_expected(self) -> pd.DataFrame:
        """Parts of the area that did better than expected of where they started."""
        return better_than_expected(
            self.observations, self.plan, as_of=self.as_of, areas=self.data.areas, seed=self.seed
        )

    # records

    def records(self, contract: RecordContract) -> Records:
        """Return what people wrote down for the data set; an absent file is an empty table."""
        kept = self.results.setdefault("records", {})
        if contract.file not in kept:
            kept[contract.file] = read_records(self.data.name, contract, self.plan, home=self.home)
        return kept[contract.file]

    @property
    def record_problems(self) -> list[Any]:
        """Every problem in the records that the tables asked for so far rest on."""
        kept = self.results.get("records", {}).values()
        return [problem for records in kept for problem in records.problems]
