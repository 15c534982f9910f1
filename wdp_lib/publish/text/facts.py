"""The facts that a report's sentences state, computed from the tables: never typed by hand."""

from __future__ import annotations

import pandas as pd

from wdp_lib.assessment import Scheme
from wdp_lib.core.words import word
from wdp_lib.data import Dataset
from wdp_lib.evaluation import WARNED
from wdp_lib.plan import Plan
from wdp_lib.publish.text.words import bracketed, probability
from wdp_lib.publish.views.report_tables import forecast_text, last_text, name_of, target_text

SEPARATOR = {"zh": "、", "en": ", "}


def data_facts(
    dataset: Dataset, coverage: pd.DataFrame, plan: Plan, language: str
) -> dict[str, object]:
    """Return what there is and what is missing: counts of indicators, rows, rejected rows and warnings.

    Parameters
    ----------
    dataset : Dataset
        What was read.
    coverage : pandas.DataFrame
        Result of :func:`wdp_lib.data.coverage`.
    plan : Plan
        The plan.
    language : {"zh", "en"}
        Language of names.
    """
    numbered = [i.id for i in plan.indicators if i.target.is_number]
    with_data = set(coverage.loc[coverage["n"] > 0, "indicator"])
    lacking = [i for i in numbered if i not in with_data]
    observations = dataset.observations
    problems = dataset.problems
    return {
        "n_indicators": len(plan.indicators),
        "n_with_data": len(with_data),
        "n_without_data": len(plan.indicators) - len(with_data),
        "n_numbered": len(numbered),
        "n_numbered_without": len(lacking),
        "numbered_without": _names(lacking, plan, language),
        "n_rows": len(observations),
        "n_used": int(observations["used"].sum()),
        "n_unused": int((~observations["used"]).sum()),
        "n_rejected": len(dataset.rejected),
        "n_warnings": sum(problem.severity == "warn" for problem in problems),
        "first_year": _year(observations, "min"),
        "last_year": _year(observations, "max"),
        "n_long": int((coverage["n"] >= 10).sum()),
        "n_short": int(((coverage["n"] > 0) & (coverage["n"] < 5)).sum()),
    }


def risk_facts(risks: pd.DataFrame, plan: Plan, language: str) -> dict[str, object]:
    """Return how many promises stand where: states, classes, volatility, and the hardest by name.

    Promises whose text is to be confirmed are counted apart (``n_to_confirm``) and enter no other count.
    """
    promised = risks[risks["target_kind"] != "monitor_only"]
    judged = promised[promised["evidence"] == "confirmed"]
    graded = judged[judged["risk"] != "not_graded"]
    hardest = graded.sort_values("p_meet", kind="stable")
    warned = hardest[hardest["risk"].isin(WARNED)]
    counts = {
        f"n_{name}": int((judged["risk"] == name).sum())
        for name in ("red", "orange", "yellow", "blue", "clear")
    }
    states = {
        f"n_{name}": int((judged["state"] == name).sum())
        for name in ("attained", "nearly", "not_attained", "not_assessable")
    }
    return {
        "n_judged": len(judged),
        "n_to_confirm": len(promised) - len(judged),
        "n_graded": len(graded),
        "n_not_graded": len(judged) - len(graded),
        "n_warned": len(warned),
        "n_volatile": int((judged["volatility"] == "volatile").sum()),
        "n_stale": int(judged["stale"].sum()),
        "n_no_data": int((judged["reason"] == "no_data").sum()),
        "hardest": _hardest(warned, plan, language),
        "volatile": _names(
            list(judged.loc[judged["volatility"] == "volatile", "indicator"]), plan, language
        ),
        **counts,
        **states,
    }


def forecast_facts(forecasts: pd.DataFrame, plan: Plan, language: str) -> dict[str, object]:
    """Return how many indicators have a forecast, by evidence grade, and why the others have none."""
    first = forecasts[forecasts["area"] == plan.area].drop_duplicates("indicator")
    made = first[first["reason"] == ""]
    holes = first.loc[first["reason"] != "", "reason"].value_counts()
    listed = [f"{word('reason', code, language)} {count}" for code, count in sorted(holes.items())]
    grades = made["grade"].value_counts()
    return {
        "n_forecast": len(made),
        "n_holes": int(holes.sum()),
        "holes": SEPARATOR[language].join(listed) or "—",
        **{f"n_{grade}": int(grades.get(grade, 0)) for grade in "ABCD"},
    }


def indicator_facts(
    risks: pd.DataFrame, plan: Plan, indicator: str, language: str
) -> dict[str, object]:
    """Return the statement of one promise: last value, target, forecast, probability, sample size."""
    risk = next(risks[risks["indicator"] == indicator].itertuples())
    return {
        "name": name_of(indicator, plan, language),
        "last": last_text(risk, plan, language),
        "target": target_text(risk, plan, language),
        "forecast": forecast_text(risk, plan, language),
        "p_meet": probability(risk.p_meet, language),
        "n": int(risk.n),
        "why": word("reason", risk.reason or risk.state_reason, language) or "—",
    }


def verdict_facts(verdicts: pd.DataFrame) -> dict[str, object]:
    """Return how many goals have which verdict, and of which kind they are.

    Goals with a target still to be confirmed are counted apart (``goals_to_confirm``) and enter no count of verdicts.
    """
    confirmed = verdicts[verdicts["evidence"] == "confirmed"]
    counts = {
        f"goals_{name}": int((confirmed["verdict"] == name).sum())
        for name in confirmed["verdict"].unique()
    }
    states = {
        f"goals_{name}": 0 for name in ("attained", "nearly", "not_attained", "not_assessable")
    }
    kinds = {
        f"goals_{name}": int((verdicts["kind"] == name).sum())
        for name in ("quantified", "directional", "qualitative")
    }
    so_far = int((confirmed["verdict_reason"] == "met_so_far").sum())
    apart = len(verdicts) - len(confirmed)
    qualitative = confirmed[confirmed["kind"] == "qualitative"]
    open_ = int((qualitative["verdict"] == "not_assessable").sum())
    return {
        "n_goals": len(verdicts),
        "goals_to_confirm": apart,
        "goals_met_so_far": so_far,
        "goals_qualitative_open": open_,
        "goals_qualitative_rated": len(qualitative) - open_,
        **states,
        **counts,
        **kinds,
    }


def rate_facts(rates: pd.DataFrame) -> dict[str, object]:
    """Return the attainment rates of the whole plan as texts with numerator and denominator."""
    whole = rates[rates["domain"] == ""].iloc[0]

    def share(part: str, total: str) -> str:
        value = f"{100 * whole[part] / whole[total]:.1f}%" if whole[total] else "—"
        return f"{whole[part]}/{whole[total]} = {value}"

    return {
        "rate_judged": share("attained", "judged"),
        "rate_quantified": share("attained_quantified", "quantified"),
        "rate_assessable": share("attained", "assessable"),
        "n_left_out": int(whole["to_confirm"]),
    }


def hindcast_facts(comparison: pd.DataFrame, plan: Plan, language: str) -> dict[str, object]:
    """Return how predicted probabilities compare with outcomes: cases, hits, Brier score and that of always saying one half."""
    scored = comparison[comparison["brier"].notna()]
    inside = comparison["within_80"].dropna()
    likely = scored[scored["p_meet"] >= 0.8]
    return {
        "n_promises": len(comparison),
        "n_scored": len(scored),
        "n_unscored": len(comparison) - len(scored),
        "brier": f"{scored['brier'].mean():.3f}" if len(scored) else "—",
        "n_met": int((scored["outcome"] == "met").sum()),
        "brier_yes": f"{(scored['outcome'] != 'met').mean():.3f}" if len(scored) else "—",
        "mean_p": f"{100 * scored['p_meet'].mean():.0f}%" if len(scored) else "—",
        "missed": _names(
            list(comparison.loc[comparison["outcome"] == "not_met", "indicator"]), plan, language
        ),
        "n_likely": len(likely),
        "n_likely_met": int((likely["outcome"] == "met").sum()),
        "n_interval": len(inside),
        "n_inside": int(inside.sum()),
    }


def scheme_facts(scheme: Scheme, language: str) -> dict[str, object]:
    """Return the thresholds of the scheme as texts in per cent and numbers."""
    shares = (
        "red",
        "orange",
        "yellow",
        "blue",
        "rare_confidence",
        "direction_confidence",
        "probability_floor",
    )
    facts = {
        name: f"{100 * getattr(scheme, name):.0f}%"
        for name in (*shares, "probability_cap", "nearly_share")
    }
    whole = ("stale_after_years", "direction_points", "volatility_points", "baseline_reach")
    return {
        "scheme": scheme.title.in_language(language),
        **facts,
        **{name: getattr(scheme, name) for name in whole},
    }


def _names(indicators: list[str], plan: Plan, language: str, most: int = 12) -> str:
    if not indicators:
        return "—"
    more = {"zh": f"等 {len(indicators)} 项", "en": f" and others, {len(indicators)} in all"}[
        language
    ]
    names = SEPARATOR[language].join(name_of(i, plan, language) for i in indicators[:most])
    return names + (more if len(indicators) > most else "")


def _hardest(rows: pd.DataFrame, plan: Plan, language: str, most: int = 3) -> str:
    chance = {"zh": "达标概率 {}"}.get(language, "probability {}")
    said = [
        bracketed(
            name_of(r.indicator, plan, language),
            chance.format(probability(r.p_meet, language)),
            language,
        )
        for r in rows.head(most).itertuples()
    ]
    return SEPARATOR[language].join(said) or "—"


def _year(observations: pd.DataFrame, which: str) -> object:
    return "—" if observations.empty else int(getattr(observations["year"], which)())
