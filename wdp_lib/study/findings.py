"""What the data of a study say: tables, each computed from the others when asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from wdp_lib.assessment import Scheme, assess, class_changes, warnings
from wdp_lib.assessment.baselines import baselines
from wdp_lib.assessment.clearing import clearing_values
from wdp_lib.assessment.doubt import doubts, suspected
from wdp_lib.assessment.milestones import assess_milestones
from wdp_lib.assessment.progress import progress_panel, progress_summary
from wdp_lib.backtesting import BackTest, backtest
from wdp_lib.comparison.areas import area_overview, compare_all_areas, compare_parents, most_unlike
from wdp_lib.comparison.completeness import group_completeness, unit_completeness
from wdp_lib.comparison.groups import gap_outlook, group_gaps
from wdp_lib.comparison.known import Known
from wdp_lib.comparison.missing import data_gaps, data_needs
from wdp_lib.comparison.sampling import (
    SURVEY_RECORD,
    survey_estimates,
    survey_sizes,
    surveys_without_interval,
)
from wdp_lib.comparison.standardisation import age_standardised
from wdp_lib.comparison.sums import largest_contributions, lowest_area, roll_up
from wdp_lib.core.dates import data_year
from wdp_lib.core.errors import Problem
from wdp_lib.data import Dataset, coverage
from wdp_lib.data.record_contracts import RecordContract
from wdp_lib.data.records import Records, read_records
from wdp_lib.effects.better import better_than_expected
from wdp_lib.effects.cases import STARTS
from wdp_lib.effects.measures import measure_effects
from wdp_lib.evaluation.archive import read_round
from wdp_lib.evaluation.summaries import key_indicators
from wdp_lib.forecasting import directions, forecast, terms
from wdp_lib.forecasting.learned.explanation import explain
from wdp_lib.forecasting.paths import forecast_paths
from wdp_lib.plan import Plan, Target
from wdp_lib.publish.views.choose import forecast_targets, problem_frame
from wdp_lib.study.editions import earlier_of, official, official_warnings, records_of
from wdp_lib.study.store import Store, computed, derived, stored


class Findings:
    """What the data say: forecasts, risks, comparisons, effects; `Rounds` adds what follows."""

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
    internal: Any
    results: dict[str, Any]

    # data
    observations = derived("Every good row as known at the cut-off.", lambda s: s.data.observations)
    data_year = derived(
        "The year the study reports on: the one before the cut-off.", lambda s: data_year(s.as_of)
    )
    coverage = stored(
        "What there is for each indicator, and what is missing.",
        lambda s: s.internal.coverage if s.internal else coverage(s.observations, s.plan),
    )
    rejected = computed("Rows that could not be used, with the reasons.", lambda s: s.data.rejected)
    checks = computed("Every problem found in the data.", lambda s: problem_frame(s.data))
    focus_areas = derived(
        "The parts of the area where they are most unlike, and the lowest parts.",
        lambda s: (
            s.area_comparison[s.area_comparison["indicator"] == s.focus],
            s.lowest_area,
        ),
    )
    completeness_tables = derived(
        "Completeness by unit, missing groups, completeness by age, standardised rates.",
        lambda s: (s.unit_completeness, s.group_gaps, s.group_completeness, s.age_standardised),
    )

    # forecasts
    forecasts = stored(
        "Quantile forecasts of every indicator; a hole has a reason.",
        lambda s: forecast(s.observations, s.plan, through=s.through, seed=s.seed),
    )
    paths = stored(
        "Joint futures of the indicators whose target holds in every year.",
        lambda s: forecast_paths(
            s.observations,
            s.plan,
            [indicator.id for indicator in s.plan.indicators if indicator.target.every_year],
            through=s.through,
            seed=s.seed,
        ),
    )
    explanations = stored(
        "What the default forecast of each series rests on.",
        lambda s: explain(s.observations, s.plan, through=s.through),
    )
    terms = stored(
        "Seats of elected bodies, term by term.", lambda s: terms(s.observations, s.plan)
    )
    directions = stored(
        "The direction of each indicator since the baseline.",
        lambda s: directions(s.observations, s.plan),
    )
    backtested = computed(
        "What the forecasts would have said in earlier years, and what came.",
        lambda s: _joined(s.store.frames("backtest", lambda: _tested(s))),
    )

    def __getattr__(self, name: str) -> pd.DataFrame:
        """``backtest_<table>`` is a table of the back-test."""
        if name.startswith("backtest_"):
            return getattr(self.backtested, name.removeprefix("backtest_"))
        raise AttributeError(name)

    # assessment
    risks = stored(
        "State, outlook, class and evidence of every target.",
        lambda s: official(
            assess(
                s.forecasts,
                s.observations,
                s.plan,
                as_of=s.as_of,
                scheme=s.scheme,
                paths=s.paths,
                areas=s.data.areas,
                suspects=s.suspects,
            ),
            s,
        ),
    )
    suspects = computed(
        "Values that targets are judged by and that the checks suspect, not confirmed yet.",
        lambda s: suspected(s.observations, s.data.problems, s.plan),
    )
    doubts = stored(
        "Verdict and forecast with the suspected values and without them.",
        lambda s: doubts(
            s.risks,
            s.suspects,
            s.observations,
            s.plan,
            forecasts=s.forecasts,
            paths=s.paths,
            as_of=s.as_of,
            through=s.through,
            seed=s.seed,
            scheme=s.scheme,
            areas=s.data.areas,
        ),
    )
    milestones = computed(
        "Values that the plan names for earlier years, each judged in its own year.",
        lambda s: assess_milestones(
            s.forecasts,
            s.observations,
            s.plan,
            as_of=s.as_of,
            scheme=s.scheme,
            paths=s.paths,
            areas=s.data.areas,
        ),
    )
    earlier = computed(
        "The archived round named by the study.",
        lambda s: (
            earlier_of(s, read_round(s.earlier_round, home=s.home)) if s.earlier_round else None
        ),
    )
    numbered_risks = derived(
        "Rows of the risk table for targets that are numbers.",
        lambda s: _rows_of(s.risks, s.plan, lambda target: target.is_number),
    )
    direction_risks = derived(
        "Rows with a value for targets that are a direction or a relation.",
        lambda s: _rows_of(s.sourced_risks, s.plan, lambda t: t.line_from and not t.is_number),
    )
    keys = derived("The key indicators and why each is one.", lambda s: key_indicators(s.plan))
    key_risks = derived(
        "Rows of the key indicators.",
        lambda s: s.risks[s.risks["indicator"].isin(s.keys["indicator"])],
    )
    sourced_risks = derived(
        "Rows with a value, whose sources are listed.",
        lambda s: s.risks[s.risks["last_value"].notna()],
    )
    example = derived(
        "The indicator shown as an example: the plan's own, else the first with a forecast.",
        lambda s: (
            s.plan.example
            or [*forecast_targets(s.plan, s.forecasts), *(i.id for i in s.plan.indicators)][0]
        ),
    )
    warnings = stored(
        "Rules of early warning that were triggered, by how much, and what would clear them.",
        lambda s: official_warnings(
            warnings(
                s.risks,
                s.observations,
                s.plan,
                earlier=() if s.earlier is None else (s.earlier.risks,),
                scheme=s.scheme,
                clearing=s.clearing_values,
            ),
            s,
        ),
    )
    clearing_values = computed(
        "Values of the next year that would clear the warnings of targets hard to reach.",
        lambda s: clearing_values(
            s.risks,
            s.observations,
            s.plan,
            as_of=s.as_of,
            through=s.through,
            scheme=s.scheme,
            seed=s.seed,
        ),
    )
    class_changes = computed(
        "Risk classes that changed since the earlier round.",
        lambda s: class_changes(s.risks, s.risks if s.earlier is None else s.earlier.risks),
    )
    progress = stored(
        "What other published methods say of the progress towards each target.",
        lambda s: progress_panel(
            s.observations, s.plan, as_of=s.as_of, risks=s.risks, scheme=s.scheme
        ),
    )
    disagreements = computed(
        "Which side the methods take, indicator by indicator.",
        lambda s: progress_summary(s.progress),
    )

    # groups and areas
    known = computed(
        "The rows that counted at the cut-off, prepared once for all comparisons.",
        lambda s: Known(s.observations, s.plan, s.as_of, s.data.areas),
    )
    group_gaps = stored(
        "Gaps between women and men, country and town, two ages.",
        lambda s: group_gaps(s.known, s.plan, scheme=s.scheme),
    )
    gap_outlook = stored(
        "How far apart two groups may be in the last year.",
        lambda s: gap_outlook(s.observations, s.group_gaps, s.plan, through=s.through, seed=s.seed),
    )
    group_completeness = stored(
        "Whether values by sex and by age come as the plan wants them.",
        lambda s: (
            s.internal.group_completeness
            if s.internal
            else group_completeness(s.known, s.plan, year=s.data_year)
        ),
    )
    baselines = computed(
        "The value at the baseline of each target, its source, and what is odd about it.",
        lambda s: baselines(s.risks, s.observations, s.plan),
    )
    surveys = computed(
        "Estimates of surveys on record, each with its interval.",
        lambda s: survey_estimates(s.records(SURVEY_RECORD).frame, s.plan, as_of=s.as_of),
    )
    data_gaps = stored(
        "What is missing of each indicator and breakdown, what the goals need most first.",
        lambda s: (
            s.internal.data_gaps
            if s.internal
            else data_gaps(s.known, s.plan, year=s.data_year, surveys=s.surveys)
        ),
    )
    data_needs = computed(
        "How many indicators lack data, by what that prevents.",
        lambda s: data_needs(s.data_gaps),
    )
    unit_completeness = computed(
        "The same by responsible unit.", lambda s: unit_completeness(s.group_completeness, s.plan)
    )
    age_standardised = stored(
        "Rates for the same age mix.",
        lambda s: age_standardised(s.known, s.plan),
    )
    area_comparison = stored(
        "The parts of the area side by side, every indicator.",
        lambda s: compare_all_areas(s.known, s.plan, seed=s.seed, scheme=s.scheme),
    )
    area_overview = computed(
        "Which parts stand out, indicator by indicator.",
        lambda s: area_overview(s.area_comparison),
    )
    focus = computed(
        "The indicator in which the parts of the area are most unlike.",
        lambda s: most_unlike(s.area_comparison),
    )
    roll_up = stored(
        "Sums of the parts beside the figure of the whole area.",
        lambda s: roll_up(s.known, s.plan),
    )
    lowest_area = stored(
        "The lowest part of the area for targets that hold in every part.",
        lambda s: lowest_area(s.known, s.plan, year=s.data_year),
    )
    short_of_target = derived(
        "Indicators that have not attained their target.",
        lambda s: list(s.risks.loc[s.risks["state"].isin(["not_attained", "nearly"]), "indicator"]),
    )
    largest_contributions = computed(
        "Which parts lack the most towards the targets that are not attained.",
        lambda s: largest_contributions(s.known, s.plan, s.short_of_target),
    )
    parent_comparison = stored(
        "The area beside the areas it belongs to.",
        lambda s: compare_parents(s.known, s.plan, s.data.areas),
    )

    # effects
    effects = stored(
        "Effects of measures, with the level of each claim.",
        lambda s: measure_effects(
            s.observations,
            s.plan,
            s.records(STARTS).frame,
            as_of=s.as_of,
            areas=s.data.areas,
            seed=s.seed,
        ),
    )
    better_than_expected = stored(
        "Parts of the area that did better than expected of where they started.",
        lambda s: better_than_expected(
            s.observations, s.plan, as_of=s.as_of, areas=s.data.areas, seed=s.seed
        ),
    )

    # records
    def survey_sizes(self, margin: float = 0.05, **settings: Any) -> pd.DataFrame:
        """Return how many people a survey must draw; see `wdp_lib.comparison.sampling`."""
        return survey_sizes(margin, **settings)

    def records(self, contract: RecordContract) -> Records:
        """Return what people wrote down for the data set; an absent file is an empty table."""
        kept = self.results.setdefault("records", {})
        if contract.file not in kept:
            read = read_records(self.data.name, contract, self.plan, home=self.home)
            kept[contract.file] = replace(read, frame=records_of(self, contract, read.frame))
        return kept[contract.file]

    @property
    def record_problems(self) -> list[Problem]:
        """Every problem in the records that the tables asked for so far rest on."""
        kept = self.results.get("records", {})
        found = [problem for records in kept.values() for problem in records.problems]
        if SURVEY_RECORD.file in kept:
            found += surveys_without_interval(self.records(SURVEY_RECORD).frame)
        return found


def _rows_of(risks: pd.DataFrame, plan: Plan, wanted: Callable[[Target], Any]) -> pd.DataFrame:
    return risks[risks["indicator"].isin([i.id for i in plan.indicators if wanted(i.target)])]


def _tested(study: Any) -> Mapping[str, pd.DataFrame]:
    """The back-test as frames; what is no frame becomes one."""
    made = vars(backtest(study.observations, study.plan, seed=study.seed))
    frames = {name: value for name, value in made.items() if isinstance(value, pd.DataFrame)}
    told = {name: value for name, value in made.items() if name not in frames}
    return frames | {"told": pd.DataFrame({"json": [json.dumps(told)]})}


def _joined(frames: Mapping[str, pd.DataFrame]) -> BackTest:
    tables = dict(frames)
    return BackTest(**json.loads(tables.pop("told")["json"].iloc[0]), **tables)
