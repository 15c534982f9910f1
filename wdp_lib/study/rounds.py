"""What a round makes of the findings: verdicts, needs, looking back and ahead, supervision."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from wdp_lib.core.errors import Problem
from wdp_lib.evaluation import (
    COMMITMENT_RECORD,
    PROPOSALS,
    RUBRICS,
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
    load_outcomes,
    look_back,
    needs,
    next_stage,
    project_status,
    project_summary,
    rank_problems,
    reliability,
    verdict_history,
    warned_and_met,
)
from wdp_lib.evaluation.outcomes import published_outcomes
from wdp_lib.evaluation.periods import PERIOD_RECORD, reconcile_periods
from wdp_lib.study.computed import computed
from wdp_lib.study.findings import Findings
from wdp_lib.supervision.bodies import (
    comment_file,
    dispatched,
    filed_reports,
    filed_schemes,
    group_roles,
    responsibility_matrix,
    second_leads,
)
from wdp_lib.supervision.checks import (
    claims_without_evidence,
    draw_spot_checks,
    error_rate,
    self_evaluation_gaps,
)
from wdp_lib.supervision.letters import Letter, supervision_letters
from wdp_lib.supervision.register import (
    open_items,
    refused_answers,
    register_items,
    update_register,
)
from wdp_lib.supervision.scores import unit_scores
from wdp_lib.supervision.tables import (
    ANSWERS,
    COMMENT_RECORD,
    DISPATCH_RECORD,
    GROUP_RECORD,
    OPENED,
    RESPONSIBILITY_RECORD,
    SCHEMES,
    SELF_EVALUATION,
    SPOT_CHECK_RECORD,
    UNIT_REPORTS,
)


class Rounds(Findings):
    """What follows from the findings for the goals of the plan and for the units."""

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
        return needs(self.risks, self.observations, self.plan, areas=self.data.areas)

    @computed
    def project_status(self) -> pd.DataFrame:
        """Every commitment of the plan's projects."""
        return project_status(self.records(COMMITMENT_RECORD).frame, self.risks, self.plan)

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
        return annual_table(self.observations, self.risks, self.plan, year=self.year)

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

    @property
    def next_tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Change needed and the draft of indicators."""
        return self.next_stage.needed, self.next_stage.draft

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
    def register(self) -> pd.DataFrame:
        """The warning register carried into this round."""
        return update_register(
            self.records(OPENED).frame,
            self.warnings,
            self.plan,
            round=str(self.data_year),
            as_of=self.as_of,
            answers=self.records(ANSWERS).frame,
        )

    @property
    def open_items(self) -> pd.DataFrame:
        """Items of the register that are not closed."""
        return open_items(self.register)

    @computed
    def letters(self) -> Sequence[Letter]:
        """Letters to the units with open warnings."""
        return supervision_letters(self.register, self.plan)

    @computed
    def unit_scores(self) -> pd.DataFrame:
        """Marks of each responsible unit: attainment, timeliness, data quality."""
        return unit_scores(self.risks, self.data, self.register, self.plan, as_of=self.as_of)

    @computed
    def self_evaluation_gaps(self) -> pd.DataFrame:
        """Where units judge themselves otherwise than the figures do."""
        return self_evaluation_gaps(self.records(SELF_EVALUATION).frame, self.verdicts)

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
    def responsibilities(self) -> pd.DataFrame:
        """Who leads and who supports each goal."""
        return responsibility_matrix(self.records(RESPONSIBILITY_RECORD).frame, self.plan)

    @property
    def record_problems(self) -> list[Problem]:
        """Every problem in the records that the tables asked for so far rest on."""
        found = super().record_problems
        if "register" in self.results:
            answers, now = self.records(ANSWERS).frame, str(self.data_year)
            found += refused_answers(answers, self.register, round=now, as_of=self.as_of)
        if "self_evaluation_gaps" in self.results:
            found += claims_without_evidence(self.records(SELF_EVALUATION).frame)
        if "responsibilities" in self.results:
            found += second_leads(self.records(RESPONSIBILITY_RECORD).frame)
        return found

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
