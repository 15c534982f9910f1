"""Where the plan stands: counts and rates by domain, key indicators, the year, the projects."""

from __future__ import annotations

import pandas as pd

from wdp_lib.assessment.scheme import CLASSES, COUNTED, FAILED, GROUPS
from wdp_lib.core.columns import OBSERVATIONS, RISKS, VERDICTS, Contract, conform
from wdp_lib.core.errors import DataError, suggestion
from wdp_lib.core.problems import templates
from wdp_lib.data import headline, on_latest_definition
from wdp_lib.data.record_contracts import record_contract
from wdp_lib.evaluation.verdicts import file_lines
from wdp_lib.plan import Commitment, Indicator, Plan

COMMITMENT_RECORD = record_contract("commitments.csv")

DOMAINS = Contract(
    "domain_summary",
    """
    domain goals attained nearly on_schedule behind hard unproven not_attained case_by_case
    not_assessable quantified directional qualitative indicators monitor_only red orange yellow blue
    clear not_graded volatile failed_goals failed_indicators
    """,
)

KEY_INDICATORS = Contract(
    "key_indicators",
    """
    indicator goals why target_kind target_value units frequency
    """,
)

COMMITMENTS = Contract(
    "project_status",
    """
    commitment project kind indicators goals value goal_value same_number milestones milestones_done
    evidence status status_reason
    """,
)

PROJECTS = Contract(
    "project_summary",
    """
    project commitments done under_way behind not_started missed not_assessable complete
    missed_commitments
    """,
)

RATES = Contract(
    "rates",
    """
    domain attained nearly on_schedule behind hard unproven not_attained case_by_case not_assessable
    judged quantified attained_quantified assessable of_judged of_quantified of_assessable
    with_nearly to_confirm
    """,
)

ANNUAL = Contract(
    "annual_table",
    """
    domain goal indicator year value previous_year previous_value change distance state state_reason
    risk data_status as_of simulated standing numerator denominator last_year last_lower last_upper
    pooled_events pooled_exposure pooled_from
    """,
)


_problem = templates(__file__)
GOAL_KINDS = ("quantified", "directional", "qualitative")


def domain_summary(verdicts: pd.DataFrame, risks: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Count goals by where they stand and indicators by class, domain by domain.

    The counts of goals add up. Nothing is averaged, and each goal and indicator that failed or is
    hard to reach is named, so that no domain hides one. An indicator that serves several goals is
    counted once, under its first.

    Returns
    -------
    pandas.DataFrame
        One row a domain and a last one, with an empty domain, for the whole plan (`DOMAINS`).
    """
    goals, indicators = conform(verdicts, VERDICTS), conform(risks, RISKS)
    first = {i.id: plan.goal(i.goals[0]).domain for i in plan.indicators}
    of_domain = indicators["indicator"].map(first)
    rows = [
        _row(d.id, goals[goals["domain"] == d.id], indicators[of_domain == d.id])
        for d in plan.domains
    ]
    return conform(pd.DataFrame([*rows, _row("", goals, indicators)]), DOMAINS)


def _row(domain: str, goals: pd.DataFrame, indicators: pd.DataFrame) -> dict:
    judged = indicators[indicators["target_kind"] != "monitor_only"]
    counted = (
        (goals["verdict"].map(GROUPS), COUNTED),
        (goals["kind"], GOAL_KINDS),
        (judged["risk"], CLASSES),
        (judged["volatility"], ("volatile",)),
    )
    failed = judged.loc[judged["standing"].isin(FAILED), "indicator"]
    return {
        **{"domain": domain, "goals": len(goals), "indicators": len(indicators)},
        **{name: int((column == name).sum()) for column, names in counted for name in names},
        "monitor_only": len(indicators) - len(judged),
        "failed_goals": ";".join(goals.loc[goals["verdict"].isin(FAILED), "goal"]),
        "failed_indicators": ";".join(failed),
    }


def attainment_rates(risks: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Count targets by where they stand, by domain and for the whole plan.

    Published rates do not add up because the denominator is not said; here the numerator and three
    denominators (all with a target, all with a number, all with usable data) stand side by side,
    and the nearly attained are added apart (``with_nearly``, of those with data). Targets whose
    text is not yet confirmed are counted apart and enter none of the others. An indicator that
    serves several goals is counted once, under its first.

    Returns
    -------
    pandas.DataFrame
        One row a domain and a last one, with an empty domain, for the whole plan. A rate with
        denominator zero is missing.
    """
    first_goal = {i.id: plan.goal(i.goals[0]).domain for i in plan.indicators}
    numbered = [i.id for i in plan.indicators if i.target.is_number]
    judged = risks[risks["target_kind"] != "monitor_only"]
    sure, number = judged["evidence"] == "confirmed", judged["indicator"].isin(numbered)
    group = judged["standing"].map(GROUPS)
    counted = pd.DataFrame({name: sure & (group == name) for name in COUNTED})
    counted = counted.assign(
        judged=sure,
        quantified=sure & number,
        attained_quantified=counted["attained"] & number,
        assessable=sure & ~counted["not_assessable"],
        to_confirm=~sure,
    ).astype(int)
    table = counted.groupby(judged["indicator"].map(first_goal)).sum()
    table = table.reindex([domain.id for domain in plan.domains], fill_value=0)
    table.loc[""] = counted.sum()
    for name, part in (("judged", ""), ("quantified", "_quantified"), ("assessable", "")):
        whole = table[name].where(table[name] > 0)
        table[f"of_{name}"] = table[f"attained{part}"] / whole
    table["with_nearly"] = (table["attained"] + table["nearly"]) / whole
    return conform(table.rename_axis("domain").reset_index(), RATES)


def key_indicators(plan: Plan) -> pd.DataFrame:
    """List the indicators of key-indicator monitoring (重点指标监测) in the plan's order.

    These are targets of a number, of full coverage, or relative to another indicator (contract
    ``KEY_INDICATORS``).
    """
    rows = [
        {
            **{"indicator": indicator.id, "goals": ";".join(indicator.goals), "why": why},
            "target_kind": indicator.target.kind,
            "target_value": indicator.target.value,
            "units": ";".join(indicator.lead_units),
            "frequency": indicator.frequency,
        }
        for indicator in plan.indicators
        if (why := _why(indicator))
    ]
    return conform(pd.DataFrame(rows, columns=KEY_INDICATORS.names), KEY_INDICATORS)


def _why(indicator: Indicator) -> str:
    target = indicator.target
    if target.line_from == "reference":
        return "relative"
    if not target.is_number:
        return ""
    return "coverage" if target.kind in ("full_coverage", "every_area") else "number"


_COUNTS = ["numerator", "denominator", "pooled_events", "pooled_exposure", "pooled_from"]
_OF_RISK = ["state", "state_reason", "standing", "risk", "simulated", "last_year", "margin"]
_OF_RISK += [*_COUNTS, "last_lower", "last_upper"]


def annual_table(
    observations: pd.DataFrame, risks: pd.DataFrame, plan: Plan, *, year: int
) -> pd.DataFrame:
    """Return what is known of each indicator for one year of the plan.

    Returns
    -------
    pandas.DataFrame
        One row a goal and indicator, in the plan's order (contract ``ANNUAL``); a goal without
        indicators has one row. Without a value for the year, ``data_status`` says ``missing``, or
        ``not_due`` for what is not returned yearly. The distance to the target is given where the
        value of the year is the last one; no change is given across a break in the definition.
    """
    own = headline(conform(observations, OBSERVATIONS), plan)
    own = on_latest_definition(own[own["year"] <= year]).sort_values("year", kind="stable")
    now, before = (
        rows.drop_duplicates("indicator", keep=keep).set_index("indicator")
        for rows, keep in ((own[own["year"] == year], "first"), (own[own["year"] < year], "last"))
    )
    rows = [
        (goal.domain, goal.id, name)
        for goal in plan.goals
        for name in [i.id for i in plan.indicators_of(goal.id)] or [""]
    ]
    table = pd.DataFrame(rows, columns=["domain", "goal", "indicator"]).assign(year=year)
    table = table.join(conform(risks, RISKS).set_index("indicator")[_OF_RISK], on="indicator")
    table = table.join(now[["value", "status", "as_of"]], on="indicator")
    table = table.join(before[["year", "value"]].add_prefix("previous_"), on="indicator")
    yearly = table["indicator"].map({i.id: i.frequency == "annual" for i in plan.indicators})
    absent = yearly.map({True: "missing", False: "not_due"})
    is_last = table["status"].notna() & (table["last_year"] == year)
    return conform(
        table.assign(
            change=table["value"] - table["previous_value"],
            distance=table["margin"].where(is_last),
            data_status=table["status"].fillna(absent),
            simulated=table["simulated"].eq(True),
        ),
        ANNUAL,
    )


FIGURES = ("number", "coverage_word", "direction")  # kinds of commitment the indicators judge
STATUSES = ("done", "under_way", "behind", "not_started", "missed", "not_assessable")
LAGGING = ("behind", "missed")  # of a commitment: named in the summary


def project_status(
    commitments_record: pd.DataFrame | None, risks: pd.DataFrame, plan: Plan
) -> pd.DataFrame:
    """Say of every commitment of every project how it stands.

    A number, a full coverage or a direction stands as its indicators stand: it is missed when the
    year of one is over and was missed, and behind while one lags. An activity is done when every
    recorded milestone is done with evidence; a commitment to so many systems or platforms when so
    many milestones are.

    Parameters
    ----------
    commitments_record : pandas.DataFrame or None
        What was recorded of milestones (`COMMITMENT_RECORD`); the latest date of each counts.

    Returns
    -------
    pandas.DataFrame
        One row a commitment, in the plan's order (contract ``COMMITMENTS``); none is left out.

    Raises
    ------
    DataError
        When the record names a commitment that the plan does not have; every such row is listed.
    """
    given = commitments_record
    if given is None:
        given = pd.DataFrame(columns=COMMITMENT_RECORD.table.names)
    record = conform(given, COMMITMENT_RECORD.table).sort_values("date", kind="stable")
    _check(record.assign(line=file_lines(given)).sort_index(), plan)
    record = record.drop_duplicates(["commitment", "milestone"], keep="last").sort_index()
    record["proven"] = (record["status"] == "done") & (record["evidence"].str.strip() != "")
    table = conform(risks, RISKS).set_index("indicator")[["state", "standing"]]
    rows = [
        _commitment(c, record[record["commitment"] == c.id], table, plan) for c in plan.commitments
    ]
    return conform(pd.DataFrame(rows, columns=COMMITMENTS.names), COMMITMENTS)


def _check(record: pd.DataFrame, plan: Plan) -> None:
    known = [c.id for c in plan.commitments]
    unknown = record[~record["commitment"].isin(known)]
    problems = [
        _problem(
            "unknown_commitment",
            COMMITMENT_RECORD.file,
            row.line,
            "commitment",
            found=row.commitment,
            advice=suggestion(row.commitment, known),
        )
        for row in unknown.itertuples()
    ]
    if problems:
        raise DataError.of("承诺进展记录有误", "The record of commitments is not valid", problems)


def _commitment(
    commitment: Commitment, record: pd.DataFrame, risks: pd.DataFrame, plan: Plan
) -> dict:
    by_figures = commitment.kind in FIGURES
    targets = [plan.indicator(name).target for name in commitment.indicators]
    values = [target.value for target in targets if target.is_number]
    # the number of the target that the commitment restates: that of its first indicator with one
    restated = values[0] if by_figures and commitment.value is not None and values else None
    if by_figures and commitment.indicators:
        status, reason = _by_figures(risks.loc[list(commitment.indicators)])
    else:
        status, reason = _by_milestones(commitment, record)
    return {
        **{"commitment": commitment.id, "project": commitment.project, "kind": commitment.kind},
        "indicators": ";".join(commitment.indicators),
        "goals": ";".join(commitment.goals),
        "value": commitment.value,
        "goal_value": restated,
        "same_number": restated is None or restated == commitment.value,
        "milestones": len(record),
        "milestones_done": int(record["proven"].sum()),
        "evidence": ";".join(dict.fromkeys(text for text in record["evidence"] if text.strip())),
        **{"status": status, "status_reason": reason},
    }


def _by_milestones(commitment: Commitment, record: pd.DataFrame) -> tuple[str, str]:
    if record.empty:
        return "not_assessable", "nothing_recorded"
    counted = commitment.kind == "number_word" and commitment.value
    if record["proven"].sum() >= (int(commitment.value) if counted else len(record)):
        return "done", ""
    if (record["status"] == "not_started").all():
        return "not_started", ""
    unproven = ((record["status"] == "done") & ~record["proven"]).any()
    return "under_way", "milestone_without_evidence" if unproven else ""


def _by_figures(risks: pd.DataFrame) -> tuple[str, str]:
    states, standings = risks["state"], risks["standing"]
    unknown, open_yet = states == "not_assessable", standings == "on_schedule"
    if (standings == "not_attained").any():
        return "missed", "one_failed"
    if ((states == "not_attained") & ~open_yet).any():
        return "behind", "worst_target"
    if open_yet.any():
        return "under_way", "worst_target"
    if unknown.any():
        return "not_assessable", "incomplete_evidence" if unknown.all() else "met_so_far"
    return ("under_way", "one_nearly") if (states == "nearly").any() else ("done", "")


def project_summary(status: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Count the commitments of each project; it is complete when every one of them is done.

    Returns one row a project, in the plan's order (contract ``PROJECTS``).
    """
    table = conform(status, COMMITMENTS)
    projects = [project.id for project in plan.projects]
    counts = pd.crosstab(table["project"], table["status"])
    counts = counts.reindex(index=projects, columns=list(STATUSES), fill_value=0)
    missed = table[table["status"].isin(LAGGING)].groupby("project")["commitment"].agg(";".join)
    counts["commitments"] = counts.sum(axis=1)
    counts = counts.assign(
        complete=(counts["commitments"] > 0) & (counts["done"] == counts["commitments"]),
        missed_commitments=missed.reindex(projects),
    )
    return conform(counts.rename_axis("project").reset_index(), PROJECTS)
