"""The tables of a study: each is computed from the others when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from wdp_lib.assessment import Scheme, assess, class_changes, warnings
from wdp_lib.assessment.progress.panel import progress_panel, progress_summary
from wdp_lib.backtesting import BackTest, backtest
from wdp_lib.comparison.areas.overview import (
    area_overview,
    compare_all_areas,
    largest_contributions,
    most_unlike,
)
from wdp_lib.comparison.areas.parents import compare_upper
from wdp_lib.comparison.areas.sums import lowest_area, roll_up
from wdp_lib.comparison.groups.completeness import group_completeness, unit_completeness
from wdp_lib.comparison.groups.gaps import group_gaps
from wdp_lib.comparison.groups.outlook import gap_outlook
from wdp_lib.comparison.standardisation.plan_rates import age_standardised
from wdp_lib.data import Dataset, coverage
from wdp_lib.data.records import RecordContract, Records, read_records
from wdp_lib.effects import better_than_expected, measure_effects
from wdp_lib.effects.tables import STARTS
from wdp_lib.evaluation import (
    COMMITMENT_RECORD,
    PROPOSALS,
    RUBRICS,
    ArchivedRound,
    NextStage,
    annual_table,
    attainment_rates,
    brief,
    carry_proposals,
    compare_outcomes,
    domain_summary,
    evaluate,
    final_verdicts,
    interval_coverage,
    key_indicators,
    load_outcomes,
    look_back,
    needs,
    next_stage,
    project_status,
    project_summary,
    rank_problems,
    read_round,
    reliability,
    verdict_history,
    warned_and_met,
)
from wdp_lib.evaluation.archive.hindcast import published_outcomes
from wdp_lib.evaluation.rounds.period_tables import PERIOD_RECORD
from wdp_lib.evaluation.rounds.periods import reconcile_periods
from wdp_lib.forecasting import directions, forecast, terms
from wdp_lib.forecasting.learned.explanation import explain
from wdp_lib.forecasting.paths import forecast_paths
from wdp_lib.plan import Plan, Target
from wdp_lib.publish import problem_frame
from wdp_lib.publish.text.choose import promised
from wdp_lib.study.computed import computed, stored
from wdp_lib.study.store import Store
from wdp_lib.supervision import (
    draw_spot_checks,
    error_rate,
    filed_reports,
    filed_schemes,
    open_items,
    register_items,
    responsibility_matrix,
    self_evaluation_gaps,
    supervision_letters,
    unit_scores,
    update_register,
)
from wdp_lib.supervision.organisation import comment_file, dispatched, group_roles
from wdp_lib.supervision.organisation_records import COMMENT_RECORD, DISPATCH_RECORD, GROUP_RECORD
from wdp_lib.supervision.record_contracts import (
    ANSWERS,
    OPENED,
    RESPONSIBILITY_RECORD,
    SCHEMES,
    SELF_EVALUATION,
    SPOT_CHECK_RECORD,
    UNIT_REPORTS,
)


class Tables:
    """What a study knows, as tables; `Study` adds where it comes from and how it is shown."""

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
        return int(self.as_of[:4]) - 1

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

        def tested() -> Mapping[str, pd.DataFrame]:
            return vars(backtest(self.observations, self.plan, seed=self.seed))

        return BackTest(**self.store.frames("backtest", tested))

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
            self.forecasts, self.observations, self.plan, as_of=self.as_of, paths=self.paths
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
        """The indicator shown as an example: named by the plan, else the first number with a forecast."""
        named = getattr(self.plan, "example", "")
        made = promised(self.plan, self.forecasts, [domain.id for domain in self.plan.domains])
        return named or (made or [entry.id for entry in self.plan.indicators])[0]

    @stored
    def warnings(self) -> pd.DataFrame:
        """Rules of early warning that were triggered, by how much, and what would clear them."""
        before = () if self.earlier is None else (self.earlier.risks,)
        return warnings(self.risks, self.observations, self.plan, earlier=before)

    @computed
    def class_changes(self) -> pd.DataFrame:
        """Risk classes that changed since the earlier round."""
        return class_changes(self.risks, self.risks if self.earlier is None else self.earlier.risks)

    @stored
    def progress(self) -> pd.DataFrame:
        """What other published methods say of the progress towards each target."""
        return progress_panel(self.observations, self.plan, as_of=self.as_of, risks=self.risks)

    @computed
    def disagreements(self) -> pd.DataFrame:
        """Which side the methods take, indicator by indicator."""
        return progress_summary(self.progress)

    # groups and areas

    @stored
    def group_gaps(self) -> pd.DataFrame:
        """Gaps between women and men, country and town, two ages."""
        return group_gaps(self.observations, self.plan, as_of=self.as_of)

    @stored
    def gap_outlook(self) -> pd.DataFrame:
        """How far apart two groups may be in the last year."""
        return gap_outlook(
            self.observations, self.group_gaps, self.plan, through=self.through, seed=self.seed
        )

    @stored
    def group_completeness(self) -> pd.DataFrame:
        """Whether values by sex and by age come as the plan wants them."""
        return group_completeness(
            self.observations, self.plan, year=self.data_year, as_of=self.as_of
        )

    @computed
    def unit_completeness(self) -> pd.DataFrame:
        """The same by responsible unit."""
        return unit_completeness(self.group_completeness, self.plan)

    @stored
    def age_standardised(self) -> pd.DataFrame:
        """Rates for the same age mix."""
        return age_standardised(self.observations, self.plan, as_of=self.as_of)

    @stored
    def area_comparison(self) -> pd.DataFrame:
        """The parts of the area side by side, every indicator."""
        return compare_all_areas(self.observations, self.plan, as_of=self.as_of, seed=self.seed)

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
        return roll_up(self.observations, self.plan, as_of=self.as_of)

    @stored
    def lowest_area(self) -> pd.DataFrame:
        """The lowest part of the area for targets that hold in every part."""
        return lowest_area(self.observations, self.plan, year=self.data_year, as_of=self.as_of)

    @computed
    def largest_contributions(self) -> pd.DataFrame:
        """Which parts lack the most towards the targets that are not attained."""
        return largest_contributions(
            self.observations, self.plan, self.short_of_target, as_of=self.as_of
        )

    @property
    def short_of_target(self) -> list[str]:
        """Indicators that have not attained their target."""
        short = self.risks["state"].isin(["not_attained", "nearly"])
        return list(self.risks.loc[short, "indicator"])

    @stored
    def parent_comparison(self) -> pd.DataFrame:
        """The area beside the areas it belongs to."""
        return compare_upper(self.observations, self.plan, self.data.areas, as_of=self.as_of)

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

    # evaluation

    @computed
    def verdicts(self) -> pd.DataFrame:
        """The verdict on each goal."""
        rubrics = self.records(RUBRICS).frame
        return evaluate(self.risks, self.plan, stage=self.stage, rubrics=rubrics, as_of=self.as_of)

    @computed
    def attainment_rates(self) -> pd.DataFrame:
        """Shares of targets attained, with numerator and denominators."""
        return attainment_rates(self.risks, self.plan)

    @computed
    def domain_summary(self) -> pd.DataFrame:
        """Where the plan stands by domain."""
        return domain_summary(self.verdicts, self.risks, self.plan)

    @computed
    def problems(self) -> pd.DataFrame:
        """Targets that need attention, the most pressing first."""
        return rank_problems(self.risks, self.plan, self.observations)

    @computed
    def needs(self) -> pd.DataFrame:
        """What it would take to attain the targets that are in danger."""
        return needs(self.risks, self.observations, self.plan)

    @computed
    def project_status(self) -> pd.DataFrame:
        """Every commitment of the plan's projects."""
        return project_status(self.plan, self.records(COMMITMENT_RECORD).frame, self.risks)

    @computed
    def project_summary(self) -> pd.DataFrame:
        """The projects of the plan."""
        return project_summary(self.project_status, self.plan)

    @computed
    def proposals(self) -> pd.DataFrame:
        """Proposals on record beside what is needed."""
        return carry_proposals(self.records(PROPOSALS).frame, self.needs)

    @computed
    def annual_table(self) -> pd.DataFrame:
        """Each goal in each year, also those without data."""
        return annual_table(self.observations, self.risks, self.plan, self.year)

    @computed
    def periods(self) -> pd.DataFrame:
        """Values within the year beside the value of the year."""
        rows = self.records(PERIOD_RECORD).frame
        return reconcile_periods(rows, self.observations, self.plan, as_of=self.as_of)

    @computed
    def outcomes(self) -> pd.DataFrame | None:
        """Officially published outcomes of a plan that has ended."""
        return published_outcomes(self.plan.id, home=self.home)

    @computed
    def final_verdicts(self) -> pd.DataFrame:
        """The final verdict on each target beside what was published."""
        return final_verdicts(self.risks, self.plan, self.outcomes)

    @computed
    def hindcast(self) -> pd.DataFrame:
        """Forecast probabilities of a finished plan beside what came true."""
        return compare_outcomes(self.risks, load_outcomes(self.plan.id, home=self.home), self.plan)

    @computed
    def hindcast_reliability(self) -> pd.DataFrame:
        """Forecast probabilities by tenth beside how often they came true."""
        return reliability(self.hindcast)

    @computed
    def look_back(self) -> pd.DataFrame | None:
        """What the earlier round said beside what happened; ``None`` without an earlier round."""
        then = self.earlier
        if then is None:
            return None
        return look_back(then.forecasts, then.risks, self.observations, self.plan, final=self.risks)

    @computed
    def warned_and_met(self) -> pd.DataFrame:
        """Warnings of the earlier round beside what was attained."""
        return warned_and_met(self.look_back)

    @computed
    def interval_coverage(self) -> pd.DataFrame:
        """How often values fell within the intervals of the earlier round."""
        return interval_coverage(self.earlier.forecasts, self.observations)

    @computed
    def verdict_history(self) -> pd.DataFrame:
        """Verdicts of the rounds so far."""
        return verdict_history(self.plan, [self.earlier])

    @computed
    def next_stage(self) -> NextStage:
        """What this round hands to the next."""
        return next_stage(self.risks, register_items(self.open_items), self.plan)

    @property
    def needed_change(self) -> pd.DataFrame:
        """Change needed each year to attain the targets in danger."""
        return self.next_stage.needed

    @property
    def draft_indicators(self) -> pd.DataFrame:
        """Draft of indicators for the next plan."""
        return self.next_stage.draft

    @computed
    def brief(self) -> pd.DataFrame:
        """What changed since the same day of the year before."""
        before = self.on(self.year_ago)
        items = register_items(self.register)
        return brief(
            before.risks, self.risks, items, self.plan, since=before.as_of, until=self.as_of
        )

    @property
    def year_ago(self) -> str:
        """The cut-off one year earlier."""
        return f"{self.data_year}{self.as_of[4:]}"

    # supervision

    @computed
    def _register(self) -> tuple[pd.DataFrame, list[Any]]:
        opened, answers = self.records(OPENED), self.records(ANSWERS)
        return update_register(
            opened.frame,
            self.warnings,
            self.plan,
            round=str(self.data_year),
            as_of=self.as_of,
            answers=answers.frame,
        )

    @property
    def register(self) -> pd.DataFrame:
        """The warning register carried into this round."""
        return self._register[0]

    @property
    def open_items(self) -> pd.DataFrame:
        """Items of the register that are not closed."""
        return open_items(self.register)

    @computed
    def letters(self) -> list[Any]:
        """Letters to the units with open warnings."""
        return supervision_letters(self.register, self.plan)

    @computed
    def unit_scores(self) -> pd.DataFrame:
        """Marks of each responsible unit: attainment, timeliness, data quality."""
        return unit_scores(self.risks, self.data, self.register, self.plan, as_of=self.as_of)

    @computed
    def _claims(self) -> tuple[pd.DataFrame, list[Any]]:
        return self_evaluation_gaps(self.records(SELF_EVALUATION).frame, self.verdicts)

    @property
    def self_evaluation_gaps(self) -> pd.DataFrame:
        """Where units judge themselves otherwise than the figures do."""
        return self._claims[0]

    @computed
    def spot_check_sample(self) -> pd.DataFrame:
        """Values drawn for a check against their source."""
        return draw_spot_checks(self.risks, self.observations, self.plan, size=20, seed=self.seed)

    @computed
    def error_rates(self) -> pd.DataFrame:
        """Error rates that the spot checks on record show."""
        return error_rate(self.records(SPOT_CHECK_RECORD).frame)

    @computed
    def filed_schemes(self) -> pd.DataFrame:
        """Schemes of implementation filed by the units."""
        return filed_schemes(self.records(SCHEMES).frame, self.plan, as_of=self.as_of)

    @computed
    def filed_reports(self) -> pd.DataFrame:
        """Yearly reports filed by the units."""
        return filed_reports(
            self.records(UNIT_REPORTS).frame,
            self.plan,
            year=self.data_year,
            due=f"{self.as_of[:4]}-03-31",
            as_of=self.as_of,
        )

    @computed
    def _responsibilities(self) -> tuple[pd.DataFrame, list[Any]]:
        return responsibility_matrix(self.plan, self.records(RESPONSIBILITY_RECORD).frame)

    @property
    def responsibilities(self) -> pd.DataFrame:
        """Who leads and who supports each goal."""
        return self._responsibilities[0]

    @computed
    def bodies(self) -> pd.DataFrame:
        """Bodies of monitoring and evaluation and what each is for."""
        return group_roles(self.records(GROUP_RECORD).frame, self.plan)

    @computed
    def dispatches(self) -> pd.DataFrame:
        """Who was sent which report."""
        return dispatched(self.records(DISPATCH_RECORD).frame, as_of=self.as_of)

    @computed
    def comments(self) -> pd.DataFrame:
        """What units remarked, and the answers."""
        return comment_file(self.records(COMMENT_RECORD).frame, as_of=self.as_of)

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
        found = [
            problem
            for records in self.results.get("records", {}).values()
            for problem in records.problems
        ]
        for name in ("_register", "_claims", "_responsibilities"):
            found += self.results[name][1] if name in self.results else []
        return found
