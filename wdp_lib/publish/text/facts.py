"""The figures that sentences state of targets, goals and rounds: ``f(tables..., context)``."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from wdp_lib.assessment import Scheme
from wdp_lib.assessment.risks import class_probability
from wdp_lib.assessment.scheme import CLASSES, FAILED, GRADES, STANDINGS
from wdp_lib.data import Dataset
from wdp_lib.evaluation.problems import WARNED
from wdp_lib.evaluation.rounds import FrozenScheme
from wdp_lib.evaluation.verdicts import NOT_SEEN
from wdp_lib.plan import Plan
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.say import sentence
from wdp_lib.publish.text.words import NONE, bracketed, probability, rate_text
from wdp_lib.publish.views.cells import last_text, target_text
from wdp_lib.publish.views.why import forecast_text

KINDS = ("quantified", "directional", "qualitative")
AXES = ("hard_to_reach", "volatile", "data")
MOST_NAMED = 12
UNKNOWN = ("case_by_case", "not_assessable")  # said last
ORDER = (*(name for name in STANDINGS[::-1] if name not in UNKNOWN), *UNKNOWN)
LAGGING = (*FAILED, "behind")
# what a verdict that could not be given waits for, by its reason; any other: not testable
REST = {
    **dict.fromkeys(("qualitative_goal", "rubric_refused"), "to_rate"),
    "no_indicator": "no_requirement",
    **dict.fromkeys(NOT_SEEN, "no_data"),
    **dict.fromkeys(("estimates_only", "stale"), "no_data"),
    "met_so_far": "met_so_far",
}
REST_ORDER = ("to_rate", "no_requirement", "no_data", "not_testable", "met_so_far")
# settings of a scheme that are shares, and those that are numbers
SHARES = (*GRADES, "rare_confidence", "direction_confidence", "probability_floor")
SHARES += ("probability_cap", "nearly_share")
NUMBERS = ("stale_after_years", "direction_points", "volatility_points", "baseline_reach")


def tally(values: pd.Series, topic: str, context: Context, order: Iterable[str] = ()) -> str:
    """Return how often each code is among the values, in words, e.g. ``达标 4 项、未达标 1 项``.

    Every headline counts by this: what does not occur is not said, and nothing that occurs is left
    out, so that the parts add up to the number of values. ``topic``: the codes' topic in the
    vocabulary. ``order``: codes that come first; the others follow, the most frequent first.
    """
    counted = values.value_counts()
    codes = [code for code in order if code in counted]
    codes += [code for code in counted.index if code not in codes]
    unit = context.pick(" 项", "")
    said = [f"{context.word(topic, code)} {counted[code]}{unit}" for code in codes]
    return context.joined(said, clauses=any("，" in one or ", " in one for one in said))


def counts(values: pd.Series, names: Iterable[str], prefix: str = "n_") -> dict[str, int]:
    """Return how often each name is among the values."""
    counted = values.value_counts()
    return {f"{prefix}{name}": int(counted.get(name, 0)) for name in names}


def _names(indicators: pd.Series, context: Context) -> str:
    names = context.joined(map(context.name, indicators.head(MOST_NAMED)))
    if len(indicators) > MOST_NAMED:
        names += context.pick(f"等 {len(indicators)} 项", f" and others, {len(indicators)} in all")
    return names


def _mean(values: pd.Series) -> str:
    return f"{values.mean():.3f}" if len(values) else NONE


def data_facts(dataset: Dataset, coverage: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return what there is and what is missing: indicators, rows, rejected rows, warnings."""
    observations, n = dataset.observations, coverage["n"]
    numbered = {i.id for i in context.plan.indicators if i.target.is_number}
    years = observations["year"].agg(["min", "max"]) if len(observations) else (NONE, NONE)
    return {
        "n_indicators": len(coverage),
        "n_with_data": int((n > 0).sum()),
        "n_without_data": int((n == 0).sum()),
        "n_numbered": len(numbered),
        "n_numbered_without": int((coverage["indicator"].isin(numbered) & (n == 0)).sum()),
        "n_used": int(observations["used"].sum()),
        "n_unused": int((~observations["used"]).sum()),
        "n_rejected": len(dataset.rejected),
        "n_warnings": sum(problem.severity == "warn" for problem in dataset.problems),
        **dict(zip(("first_year", "last_year"), years, strict=True)),
        "n_long": int((n >= 10).sum()),
        "n_short": int(n.between(1, 4).sum()),
    }


def risk_facts(risks: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return how many targets stand where, and the hardest by name.

    Targets whose text is to be confirmed are among them, counted and named; none of them is called
    the hardest.
    """
    targets = risks[risks["target_kind"] != "monitor_only"]
    sure = targets["evidence"] == "confirmed"
    graded = targets["risk"] != "not_graded"
    why = targets["reason"].where(targets["reason"] != "", targets["state_reason"])[~graded]
    why_open = targets["state_reason"].mask(targets["stale"], "stale")
    open_reasons = why_open[targets["standing"] == "not_assessable"]
    warned = targets["risk"].isin(WARNED)
    order = targets.assign(p=class_probability(targets))[warned & sure]
    order = order.sort_values("p", kind="stable").head(3)
    said = context.pick("达标概率 {}", "probability {}")
    hardest = [
        bracketed(
            context.name(name), said.format(probability(p, context.language)), context.language
        )
        for name, p in zip(order["indicator"], order["p"], strict=True)
    ]
    volatile = targets.loc[targets["volatility"] == "volatile", "indicator"]
    return {
        "n_targets": len(targets),
        "standing_parts": tally(targets["standing"], "standing", context, ORDER),
        **{f"targets_{name}": value for name, value in _rest(open_reasons, context).items()},
        "n_to_confirm": int((~sure).sum()),
        "to_confirm": _names(targets.loc[~sure, "indicator"], context),
        "n_doubtful": int((targets["doubt"] != "").sum()),
        "doubtful": _names(targets.loc[targets["doubt"] != "", "indicator"], context),
        "n_graded": int(graded.sum()),
        "graded_parts": tally(targets["risk"][graded], "risk_short", context, CLASSES),
        "n_not_graded": len(why),
        "not_graded_parts": tally(why.replace("", "no_forecast"), "reason", context),
        "n_warned": int(warned.sum()),
        "hardest": context.joined(hardest),
        "n_volatile": len(volatile),
        "volatile": _names(volatile, context),
    }


def milestone_facts(milestones: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return where the milestones that the plan names stand, those missed by name."""
    missed = milestones.loc[milestones["standing"] == "not_attained", "indicator"]
    return {
        "n_milestones": len(milestones),
        "milestones_parts": tally(milestones["standing"], "standing", context, ORDER),
        "milestones_missed": _names(missed, context),
    }


def missing_facts(gaps: pd.DataFrame, surveys: pd.DataFrame) -> dict[str, object]:
    """Return how many indicators lack data, and what that prevents."""
    first = gaps[gaps["judged"]].drop_duplicates("indicator")
    open_ = first["need"].isin(["not_judged", "estimates"])
    return {
        "n_short": len(first),
        "n_not_judged": int(open_.sum()),
        "n_numbered": int((open_ & first["numbered"]).sum()),
        "n_surveys": int((first["availability"] == "survey_needed").sum()),
        "n_groups": int((gaps["dimension"] != "own").sum()),
        "n_estimates": len(surveys),
    }


def forecast_facts(forecasts: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return how many indicators have a forecast, by evidence grade."""
    first = forecasts[forecasts["area"] == context.plan.area].drop_duplicates("indicator")
    made = first["reason"] == ""
    holes = first.loc[~made, "reason"].value_counts()
    listed = [f"{context.word('reason', code)} {count}" for code, count in sorted(holes.items())]
    return {
        "n_forecast": int(made.sum()),
        "n_holes": int(holes.sum()),
        "holes": context.joined(listed) or NONE,
        **counts(first.loc[made, "grade"], "ABCD"),
    }


def method_facts(forecasts: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return the models used, each with the number of series it forecast."""
    made = forecasts[forecasts["value"].notna()].drop_duplicates(
        ["indicator", "area", "sex", "residence", "age_group"]
    )
    unit = context.pick("项", "indicators")
    models = sorted(made["model"].value_counts().items())
    said = [f"{context.word('model', name)} {count} {unit}" for name, count in models]
    return {"forecast_method": context.joined(said, clauses=True) or NONE}


def indicator_facts(risks: pd.DataFrame, context: Context, indicator: str) -> dict[str, object]:
    """Return the statement of one target: last value, target, forecast, probability, points."""
    risk = next(risks[risks["indicator"] == indicator].itertuples())
    return {
        "name": context.name(indicator),
        "last": last_text(risk, context),
        "target": target_text(risk, context),
        "forecast": forecast_text(risk, context),
        "p_meet": probability(risk.p_meet, context.language),
        "n": int(risk.n),
        "why": context.word("reason", risk.reason or risk.state_reason),
    }


def verdict_facts(verdicts: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return how many goals stand where, and of which kind they are.

    Goals with a target still to be confirmed are among them, counted and named.
    """
    qualitative = verdicts.loc[verdicts["kind"] == "qualitative", "verdict"]
    unsure = verdicts.loc[verdicts["evidence"] != "confirmed", "goal"]
    return {
        "n_goals": len(verdicts),
        "goals_parts": tally(verdicts["verdict"], "standing", context, ORDER),
        "goals_kinds": tally(verdicts["kind"], "goal_kind", context, KINDS),
        "goals_to_confirm": len(unsure),
        "goals_unsure": context.joined(
            context.text(context.plan.goal(goal).title) for goal in unsure
        ),
        **_rest(verdicts["verdict_reason"][verdicts["verdict"] == "not_assessable"], context),
        **_beside(verdicts, context),
        "goals_qualitative_rated": int((qualitative != "not_assessable").sum()),
    }


def _rest(reasons: pd.Series, context: Context) -> dict[str, object]:
    kinds = reasons.map(REST).fillna("not_testable")
    return {"n_rest": len(kinds), "rest_parts": tally(kinds, "rest", context, REST_ORDER)}


def _beside(verdicts: pd.DataFrame, context: Context) -> dict[str, object]:
    """Name the goals that do not lag by their own targets but do with those of strategies."""
    lags = verdicts["all_verdict"].isin(LAGGING) & ~verdicts["verdict"].isin(LAGGING)
    told = verdicts[lags]
    return {
        "goals_beside": len(told),
        "goals_beside_names": context.joined(
            bracketed(
                context.text(context.plan.goal(goal).title),
                context.word("standing", said),
                context.language,
            )
            for goal, said in zip(told["goal"], told["all_verdict"], strict=True)
        ),
    }


def rate_facts(rates: pd.DataFrame) -> dict[str, object]:
    """Return the attainment rates of the whole plan as texts with numerator and denominator."""
    whole = rates[rates["domain"] == ""].iloc[0]

    def share(part: str, total: str) -> str:
        return rate_text(whole[part], whole[total])

    return {
        "rate_judged": share("attained", "judged"),
        "rate_quantified": share("attained_quantified", "quantified"),
        "rate_assessable": share("attained", "assessable"),
        "n_left_out": int(whole["to_confirm"]),
    }


def scheme_facts(scheme: Scheme, context: Context) -> dict[str, object]:
    """Return the thresholds of the scheme as texts in per cent and numbers."""
    shares = {name: f"{100 * getattr(scheme, name):.0f}%" for name in SHARES}
    return {
        "scheme": context.text(scheme.title),
        **shares,
        **{name: getattr(scheme, name) for name in NUMBERS},
    }


def hindcast_facts(comparison: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return how predicted probabilities compare with outcomes: cases, hits, Brier score."""
    scored, inside = comparison[comparison["brier"].notna()], comparison["within_80"].dropna()
    met = scored["outcome"] == "met"
    likely = scored["p_meet"] >= 0.8
    return {
        "n_targets": len(comparison),
        "n_scored": len(scored),
        "n_unscored": len(comparison) - len(scored),
        "brier": _mean(scored["brier"]),
        "n_met": int(met.sum()),
        "brier_yes": _mean(~met),
        "mean_p": f"{100 * scored['p_meet'].mean():.0f}%" if len(scored) else NONE,
        "missed": _names(comparison.loc[comparison["outcome"] == "not_met", "indicator"], context),
        "n_likely": int(likely.sum()),
        "n_likely_met": int((likely & met).sum()),
        "n_interval": len(inside),
        "n_inside": int(inside.sum()),
    }


def annual_facts(table: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return what the year brought: indicators with a value, due and missing."""
    rows = table[table["indicator"] != ""].drop_duplicates("indicator")
    better = {i.id: i.target.improving for i in context.plan.indicators}
    moved = rows["change"] * rows["indicator"].map(better).fillna(0)
    return {
        "n_year": len(rows),
        "year_parts": tally(rows["data_status"], "data_status", context),
        "n_better": int((moved > 0).sum()),
        "n_worse": int((moved < 0).sum()),
        "n_goals_without": int(table.loc[table["indicator"] == "", "goal"].nunique()),
    }


def project_facts(
    projects: pd.DataFrame, status: pd.DataFrame, context: Context
) -> dict[str, object]:
    """Return how many commitments of the projects stand where."""
    return {
        "n_commitments": len(status),
        "commitments_parts": tally(status["status"], "commitment_status", context),
        "n_projects": len(projects),
        "n_complete": int(projects["complete"].sum()),
        "n_other_number": int((~status["same_number"]).sum()),
    }


def frozen_facts(frozen: FrozenScheme) -> dict[str, object]:
    """Return the fingerprint a report prints, so that a later change of a threshold shows."""
    return {"scheme_fingerprint": frozen.sha256[:16], "n_settings": len(frozen.settings)}


def look_back_facts(table: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return how the earlier round did: targets with an outcome, warned and missed."""
    known = table[table["outcome"] != "unknown"]
    missed, warned = known["outcome"] == "not_met", known["warned"]
    scored, inside = table[table["brier"].notna()], table["within_80"].dropna()
    return {
        "n_known": len(known),
        "n_unknown": len(table) - len(known),
        "n_missed": int(missed.sum()),
        "n_missed_warned": int((missed & warned).sum()),
        "n_warned": int(warned.sum()),
        "n_met_warned": int((~missed & warned).sum()),
        "n_scored": len(scored),
        "brier": _mean(scored["brier"]),
        "inside": f"{int(inside.sum())}/{len(inside)}" if len(inside) else NONE,
        "mean_p": probability(scored["p_meet"].mean(), context.language),
    }


def final_facts(finals: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return the counts of final verdicts."""
    compared = finals.loc[finals["agreement"] != "not_compared", "agreement"]
    told = {"n_compared": len(compared), "parts": tally(compared, "agreement", context)}
    return {
        "n_finals": len(finals),
        "finals_parts": tally(finals["standing"], "standing", context, ORDER),
        "n_no_target_year": int((finals["state_reason"] == "no_target_year_value").sum()),
        "published_line": sentence("finals.compared", context, **told) if len(compared) else "",
    }


def register_facts(register: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return how many items of the register stand where."""
    return {
        "n_items": len(register),
        "items_parts": tally(register["state"], "register_state", context),
    }


def warning_facts(warned: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return how many indicators are warned of, by kind and by their highest colour."""
    hard = warned[warned["axis"] == "hard_to_reach"]
    hard = hard.assign(place=hard["level"].map(GRADES.index)).sort_values("place", kind="stable")
    hard = hard.drop_duplicates("indicator")
    kinds = warned.drop_duplicates(["axis", "indicator"])["axis"]
    red = hard.sort_index().loc[hard["level"] == "red", "indicator"]
    return {
        **counts(kinds, AXES),
        "hard_to_reach_parts": tally(hard["level"], "risk_short", context, GRADES),
        "n_warnings": len(warned),
        "n_warned_indicators": int(warned["indicator"].nunique()),
        "n_red": len(red),
        "red_names": context.joined(map(context.name, red)),
    }


def scope_text(scope: Plan, context: Context, **chosen: str) -> str:
    """Return in words what is looked at: ``domain``, ``project``, ``goals``, ``unit``, ``area``."""
    nouns = {"domain": scope.domain, "project": scope.project, "unit": scope.unit}
    parts = [context.text(find(chosen[n]).name) for n, find in nouns.items() if chosen.get(n)]
    parts += [context.joined(chosen["goals"].split(";"))] if chosen.get("goals") else []
    parts += [context.text(scope.area_name)] if chosen.get("area") else []
    sizes = {"n_goals": len(scope.goals), "n_indicators": len(scope.indicators)}
    counted = sentence("scope.counted", context, **sizes)
    return bracketed(context.pick("，", ", ").join(parts), counted, context.language)
