"""What a round makes of the findings: verdicts, needs, looking back and ahead, supervision."""

from __future__ import annotations

from wdp_lib.core.errors import Problem
from wdp_lib.evaluation.archive import verdict_history
from wdp_lib.evaluation.next_stage import brief, next_stage
from wdp_lib.evaluation.outcomes import (
    compare_outcomes,
    final_verdicts,
    interval_coverage,
    load_outcomes,
    look_back,
    published_outcomes,
    reliability,
    warned_and_met,
)
from wdp_lib.evaluation.periods import PERIOD_RECORD, reconcile_periods
from wdp_lib.evaluation.problems import PROPOSALS, carry_proposals, needs, rank_problems
from wdp_lib.evaluation.summaries import (
    COMMITMENT_RECORD,
    annual_table,
    attainment_rates,
    domain_summary,
    project_status,
    project_summary,
)
from wdp_lib.evaluation.verdicts import RUBRICS, evaluate
from wdp_lib.study.findings import Findings
from wdp_lib.study.store import computed, derived, stored
from wdp_lib.study.yearbook import yearbook
from wdp_lib.supervision.bodies import (
    comment_file,
    dispatched,
    filed_reports,
    filed_schemes,
    group_roles,
    responsibility_matrix,
    second_leads,
)
from wdp_lib.supervision.calendar import delivery_calendar, reminders
from wdp_lib.supervision.checks import (
    claims_without_evidence,
    draw_spot_checks,
    error_rate,
    self_evaluation_gaps,
)
from wdp_lib.supervision.letters import supervision_letters
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

    verdicts = computed(
        "The verdict on each goal.",
        lambda s: evaluate(
            s.risks, s.plan, stage=s.stage, rubrics=s.records(RUBRICS).frame, as_of=s.as_of
        ),
    )
    attainment_rates = computed(
        "Shares of targets attained, with numerator and denominators.",
        lambda s: attainment_rates(s.risks, s.plan),
    )
    domain_summary = computed(
        "Where the plan stands by domain.", lambda s: domain_summary(s.verdicts, s.risks, s.plan)
    )
    problems = computed(
        "Targets that need attention, the most pressing first.",
        lambda s: rank_problems(s.risks, s.plan, s.observations),
    )
    needs = computed(
        "What it would take to attain the targets that are in danger.",
        lambda s: needs(s.risks, s.observations, s.plan, areas=s.data.areas),
    )
    project_status = computed(
        "Every commitment of the plan's projects.",
        lambda s: project_status(s.records(COMMITMENT_RECORD).frame, s.risks, s.plan),
    )
    project_summary = computed(
        "The projects of the plan.", lambda s: project_summary(s.project_status, s.plan)
    )
    proposals = computed(
        "Proposals on record beside what is needed.",
        lambda s: carry_proposals(s.records(PROPOSALS).frame, s.needs),
    )
    annual_table = computed(
        "Each goal in each year, also those without data.",
        lambda s: annual_table(s.observations, s.risks, s.plan, year=s.year),
    )
    periods = computed(
        "Values within the year beside the value of the year.",
        lambda s: reconcile_periods(
            s.records(PERIOD_RECORD).frame, s.observations, s.plan, as_of=s.as_of
        ),
    )
    outcomes = computed(
        "Officially published outcomes of a plan that has ended.",
        lambda s: published_outcomes(s.plan.id, home=s.home),
    )
    final_verdicts = computed(
        "The final verdict on each target beside what was published.",
        lambda s: final_verdicts(s.risks, s.plan, s.outcomes),
    )
    hindcast = computed(
        "Forecast probabilities of a finished plan beside what came true.",
        lambda s: compare_outcomes(s.risks, load_outcomes(s.plan.id, home=s.home), s.plan),
    )
    hindcast_reliability = computed(
        "Forecast probabilities by tenth beside how often they came true.",
        lambda s: reliability(s.hindcast),
    )
    look_back = computed(
        "What the earlier round said beside what happened; ``None`` without an earlier round.",
        lambda s: (
            s.earlier
            and look_back(
                s.earlier.forecasts, s.earlier.risks, s.observations, s.plan, final=s.risks
            )
        ),
    )
    warned_and_met = computed(
        "Warnings of the earlier round beside what was attained.",
        lambda s: warned_and_met(s.look_back),
    )
    interval_coverage = computed(
        "How often values fell within the intervals of the earlier round.",
        lambda s: interval_coverage(s.earlier.forecasts, s.observations),
    )
    verdict_history = computed(
        "Verdicts of the rounds so far.", lambda s: verdict_history(s.plan, [s.earlier])
    )
    next_stage = computed(
        "What this round hands to the next.",
        lambda s: next_stage(s.risks, register_items(s.open_items), s.plan),
    )
    needed_change = derived(
        "Change needed each year to attain the targets in danger.", lambda s: s.next_stage.needed
    )
    draft_indicators = derived(
        "Draft of indicators for the next plan.", lambda s: s.next_stage.draft
    )
    next_tables = derived(
        "Change needed and the draft of indicators.",
        lambda s: (s.next_stage.needed, s.next_stage.draft),
    )
    risks_a_year_ago = stored(
        "The risks as they would have been on the same day of the year before.",
        lambda s: s.on(s.year_ago).risks,
    )
    brief = computed(
        "What changed since the same day of the year before.",
        lambda s: brief(
            s.risks_a_year_ago,
            s.risks,
            register_items(s.register),
            s.plan,
            since=s.year_ago,
            until=s.as_of,
        ),
    )
    year_ago = derived("The cut-off one year earlier.", lambda s: f"{s.data_year}{s.as_of[4:]}")

    yearbook = computed("Figures of the yearbook, five years, with where each stands.", yearbook)

    # supervision
    register = computed(
        "The warning register carried into this round.",
        lambda s: update_register(
            s.records(OPENED).frame,
            s.warnings,
            s.plan,
            round=str(s.data_year),
            as_of=s.as_of,
            answers=s.records(ANSWERS).frame,
            risks=s.risks,
        ),
    )
    open_items = derived(
        "Items of the register that are not closed.", lambda s: open_items(s.register)
    )
    letters = computed(
        "Letters to the units with open warnings.",
        lambda s: supervision_letters(
            s.register, s.plan, risks=s.risks, as_of=s.as_of, needs=s.needs
        ),
    )
    unit_scores = computed(
        "Marks of each responsible unit: attainment, timeliness, data quality.",
        lambda s: (
            s.internal.unit_scores
            if s.internal
            else unit_scores(s.risks, s.data, s.register, s.plan, as_of=s.as_of)
        ),
    )
    self_evaluation_gaps = computed(
        "Where units judge themselves otherwise than the figures do.",
        lambda s: self_evaluation_gaps(s.records(SELF_EVALUATION).frame, s.verdicts),
    )
    spot_check_sample = computed(
        "Values drawn for a check against their source.",
        lambda s: draw_spot_checks(s.risks, s.observations, s.plan, size=20, seed=s.seed),
    )
    error_rates = computed(
        "Error rates that the spot checks on record show.",
        lambda s: error_rate(s.records(SPOT_CHECK_RECORD).frame),
    )
    filed_schemes = computed(
        "Schemes of implementation filed by the units.",
        lambda s: filed_schemes(s.records(SCHEMES).frame, s.plan, as_of=s.as_of),
    )
    filed_reports = computed(
        "Yearly reports filed by the units.",
        lambda s: filed_reports(
            s.records(UNIT_REPORTS).frame,
            s.plan,
            year=s.data_year,
            due=f"{s.as_of[:4]}-03-31",
            as_of=s.as_of,
        ),
    )
    calendar = computed(
        "Where each unit stands with each yearly value, up to the year being collected.",
        lambda s: (
            s.internal.calendar
            if s.internal
            else delivery_calendar(s.observations, s.plan, as_of=s.as_of, due=s.data.metadata.due)
        ),
    )
    calendar_now = derived(
        "The calendar of the year being collected.",
        lambda s: s.calendar[s.calendar["year"] == s.data_year],
    )
    reminders = computed(
        "Units to be reminded of what is not there yet.",
        lambda s: reminders(s.calendar, as_of=s.as_of),
    )
    responsibilities = computed(
        "Who leads and who supports each goal.",
        lambda s: responsibility_matrix(s.records(RESPONSIBILITY_RECORD).frame, s.plan),
    )
    bodies = computed(
        "Bodies of monitoring and evaluation and what each is for.",
        lambda s: group_roles(s.records(GROUP_RECORD).frame, s.plan),
    )
    dispatches = computed(
        "Who was sent which report.",
        lambda s: dispatched(s.records(DISPATCH_RECORD).frame, as_of=s.as_of),
    )
    comments = computed(
        "What units remarked, and the answers.",
        lambda s: comment_file(s.records(COMMENT_RECORD).frame, as_of=s.as_of),
    )

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
