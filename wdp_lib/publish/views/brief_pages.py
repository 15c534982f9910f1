"""Briefs for leaders and departments: one page a domain, in plain words, with the figures of the round's tables."""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.columns import RISKS, VERDICTS, conform
from wdp_lib.core.errors import Text
from wdp_lib.core.words import word
from wdp_lib.evaluation.verdicts.domains import domain_summary
from wdp_lib.evaluation.verdicts.problems import rank_problems
from wdp_lib.plan import Plan
from wdp_lib.publish.text.words import probability
from wdp_lib.publish.views.report_tables import last_text, name_of, target_text
from wdp_lib.publish.views.show import Prose

MOST = 6
TITLE = Text("### {domain}：工作简报", "### {domain}: brief")
HEAD = Text(
    "**总体情况。** 共 {goals} 项目标：已达标 {attained} 项，基本达标 {nearly} 项，未达标 {not_attained} 项，"
    "无法判定 {not_assessable} 项。{indicators} 项指标中，红色预警 {red} 项，橙色 {orange} 项，黄色 {yellow} 项。",
    "**Where it stands.** {goals} goals: {attained} attained, {nearly} nearly, {not_attained} not attained, "
    "{not_assessable} not assessable. Of {indicators} indicators {red} are red, {orange} orange, {yellow} yellow.",
)
FAILED = Text("**未达标的目标。** {names}。", "**Goals not attained.** {names}.")
PROBLEMS = Text(
    "**需要关注（{shown}/{count}，按轻重排列）。**",
    "**What needs attention ({shown} of {count}, most pressing first).**",
)
PROBLEM = Text(
    "{number}. {name}：最新 {last}，目标 {target}；{problem}{chance}。责任单位（建议）：{units}。",
    "{number}. {name}: last {last}, target {target}; {problem}{chance}. Responsible (suggested): {units}.",
)
CHANCE = Text("，达标概率 {p}", ", probability of keeping it {p}")
NO_PROBLEM = Text(
    "**需要关注。** 本领域没有列入问题清单的指标。",
    "**What needs attention.** No indicator of this domain is on the list.",
)
KEPT = Text("**已经做到。** {names}。", "**What is attained.** {names}.")
MEASURES = Text(
    "**规划中的相关策略措施。** {names}。", "**Measures of the plan that bear on it.** {names}."
)
GAPS = Text(
    "**数据情况。** 有数值目标而缺少可用数据的指标 {count} 项：{names}；缺数不等于没有问题。",
    "**Data.** {count} indicators with a number as target lack usable data: {names}. That is no sign that all is well.",
)
SIMULATED = Text(
    "（本简报由模拟数据生成，不得作为工作依据。）",
    "(Made from simulated data; no basis for decisions.)",
)


def domain_brief(
    domain: str,
    verdicts: pd.DataFrame,
    risks: pd.DataFrame,
    plan: Plan,
    *,
    language: str = "zh",
    most: int = MOST,
) -> Prose:
    """Return the brief of one domain: about a page, for readers who do not read tables.

    Parameters
    ----------
    domain : str
        Identifier of the domain.
    verdicts, risks : pandas.DataFrame
        The tables of the round (contracts ``VERDICTS``, ``RISKS``); every figure of the brief stands in them or is a count of their rows.
    plan : Plan
        Names, promises, measures.
    language : {"zh", "en"}
        Language.
    most : int
        Most problems and most attained promises that are named; how many there are is said.

    Returns
    -------
    Prose
        Markdown. Failed goals are always all named.

    Raises
    ------
    ParameterError
        When the plan has no such domain.
    """
    name = plan.domain(domain).name.in_language(language)
    table = conform(risks, RISKS)
    own = table[
        [plan.goal(plan.indicator(i).goals[0]).domain == domain for i in table["indicator"]]
    ]
    summary = (
        domain_summary(conform(verdicts, VERDICTS), table, plan).set_index("domain").loc[domain]
    )
    problems = rank_problems(own, plan)
    parts = [
        TITLE.in_language(language).format(domain=name),
        HEAD.in_language(language).format(**summary),
    ]
    parts += _named(
        FAILED,
        [_goal(goal, plan, language) for goal in summary["failed_goals"].split(";") if goal],
        language,
    )
    parts += _problems(problems, plan, language, most)
    parts += _named(KEPT, _kept(own, plan, language, most), language)
    parts += _named(MEASURES, _measures(problems.head(most), plan, language), language)
    parts += _without_data(problems, plan, language)
    parts += [SIMULATED.in_language(language)] if own["simulated"].any() else []
    return Prose("\n\n".join(parts))


def domain_briefs(
    verdicts: pd.DataFrame, risks: pd.DataFrame, plan: Plan, *, language: str = "zh"
) -> Prose:
    """Return the briefs of all domains, one below the other; see `domain_brief`."""
    briefs = [
        domain_brief(domain.id, verdicts, risks, plan, language=language).text
        for domain in plan.domains
    ]
    return Prose("\n\n---\n\n".join(briefs))


def _named(sentence: Text, names: list[str], language: str) -> list[str]:
    joined = {"zh": "；"}.get(language, "; ").join(names)
    return [sentence.in_language(language).format(names=joined)] if names else []


def _goal(goal: str, plan: Plan, language: str) -> str:
    return f"{goal} {plan.goal(goal).title.in_language(language)}"


def _problems(problems: pd.DataFrame, plan: Plan, language: str, most: int) -> list[str]:
    if problems.empty:
        return [NO_PROBLEM.in_language(language)]
    shown = problems.head(most)
    lines = [
        _problem(number, row, plan, language) for number, row in enumerate(shown.itertuples(), 1)
    ]
    head = PROBLEMS.in_language(language).format(shown=len(shown), count=len(problems))
    return [head, "\n".join(lines)]


def _problem(number: int, row, plan: Plan, language: str) -> str:
    units = [plan.unit(unit).name.in_language(language) for unit in row.units.split(";") if unit]
    chance = (
        ""
        if pd.isna(row.p_meet)
        else CHANCE.in_language(language).format(p=probability(row.p_meet, language))
    )
    return PROBLEM.in_language(language).format(
        number=number,
        name=name_of(row.indicator, plan, language),
        last=last_text(row, plan, language),
        target=target_text(row, plan, language),
        problem=word("problem", row.problem, language),
        chance=chance,
        units={"zh": "、"}.get(language, ", ").join(units) or "—",
    )


def _kept(own: pd.DataFrame, plan: Plan, language: str, most: int) -> list[str]:
    kept = [row for row in own.itertuples() if row.state == "attained"]
    names = [
        f"{name_of(row.indicator, plan, language)} {last_text(row, plan, language)}"
        for row in kept[:most]
    ]
    rest = Text(f"另有 {len(kept) - most} 项", f"and {len(kept) - most} more")
    return names + ([rest.in_language(language)] if len(kept) > most else [])


def _measures(problems: pd.DataFrame, plan: Plan, language: str) -> list[str]:
    ids = dict.fromkeys(name for cell in problems["measures"] for name in cell.split(";") if name)
    titles = {measure.id: measure.title.in_language(language) for measure in plan.measures}
    return [f"{name} {titles[name]}" for name in ids]


def _without_data(problems: pd.DataFrame, plan: Plan, language: str) -> list[str]:
    rows = problems[problems["problem"] == "no_usable_data"]
    if rows.empty:
        return []
    names = {"zh": "、"}.get(language, ", ").join(
        name_of(name, plan, language) for name in rows["indicator"][:3]
    )
    if len(rows) > 3:
        names += {"zh": "等"}.get(language, " and others")
    return [GAPS.in_language(language).format(names=names, count=len(rows))]
