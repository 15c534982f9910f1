"""The figures that sentences state, computed from tables: ``f(tables..., context) -> dict``."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from wdp_lib.assessment import Scheme
from wdp_lib.backtesting import BackTest
from wdp_lib.comparison.areas.overview import FAR
from wdp_lib.comparison.groups.completeness_tables import WANTED_BY
from wdp_lib.comparison.groups.outlook import latest_gaps
from wdp_lib.core.errors import ParameterError, Text
from wdp_lib.data import Dataset, headline
from wdp_lib.effects.tables import LEVELS
from wdp_lib.evaluation import WARNED
from wdp_lib.evaluation.rounds.rounds import FrozenScheme
from wdp_lib.forecasting.counts.rates import (
    events_allowed,
    pooled_rate,
    probability_at_most,
    verifiability,
)
from wdp_lib.plan import Plan
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.choose import rare_with_target
from wdp_lib.publish.text.say import say, sentence, sentences, together
from wdp_lib.publish.text.words import (
    bracketed,
    probability,
    quantity,
    rounded,
    span,
    whole_percent,
)
from wdp_lib.publish.views.cells import ends, forecast_text, last_text, target_text
from wdp_lib.publish.views.rows import FULL_COUNT, GROUPS, LACKING, bands_of, model_name
from wdp_lib.publish.views.show import Prose

STATES = ("attained", "nearly", "not_attained", "not_assessable")
COLOURS = ("red", "orange", "yellow", "blue")
SURE, UNLIKELY = (
    0.9,
    0.1,
)  # probability of narrowing from which it is told, and up to which to widen
FEWEST_PERSONS = 30  # in each group, of a gap that is named as the largest
BEYOND_BY_CHANCE = 0.002  # share of areas outside 99.8 % limits when all are alike
LIKELY = (0.8, 0.95)
RECENT = 3
MOST_NAMED = 12
NONE = "—"


def _counts(values: pd.Series, names: Iterable[str], prefix: str = "n_") -> dict[str, int]:
    counted = values.value_counts()
    return {f"{prefix}{name}": int(counted.get(name, 0)) for name in names}


def _names(indicators: list[str], context: Context) -> str:
    names = context.joined(context.name(i) for i in indicators[:MOST_NAMED])
    if len(indicators) > MOST_NAMED:
        names += context.pick(f"等 {len(indicators)} 项", f" and others, {len(indicators)} in all")
    return names or NONE


def _mean(values: pd.Series) -> str:
    return f"{values.mean():.3f}" if len(values) else NONE


def data_facts(dataset: Dataset, coverage: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return what there is and what is missing: indicators, rows, rejected rows, warnings."""
    plan, observations = context.plan, dataset.observations
    numbered = [i.id for i in plan.indicators if i.target.is_number]
    with_data = set(coverage.loc[coverage["n"] > 0, "indicator"])
    lacking = [i for i in numbered if i not in with_data]
    years = observations["year"].agg(["min", "max"]) if len(observations) else (NONE, NONE)
    return {
        "n_indicators": len(plan.indicators),
        "n_with_data": len(with_data),
        "n_without_data": len(plan.indicators) - len(with_data),
        "n_numbered": len(numbered),
        "n_numbered_without": len(lacking),
        "numbered_without": _names(lacking, context),
        "n_rows": len(observations),
        "n_used": int(observations["used"].sum()),
        "n_unused": int((~observations["used"]).sum()),
        "n_rejected": len(dataset.rejected),
        "n_warnings": sum(problem.severity == "warn" for problem in dataset.problems),
        **dict(zip(("first_year", "last_year"), years, strict=True)),
        "n_long": int((coverage["n"] >= 10).sum()),
        "n_short": int(coverage["n"].between(1, 4).sum()),
    }


def risk_facts(risks: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return how many targets stand where, and the hardest by name.

    Targets whose text is to be confirmed are counted apart (``n_to_confirm``) and enter no
    other count.
    """
    promised = risks[risks["target_kind"] != "monitor_only"]
    judged = promised[promised["evidence"] == "confirmed"]
    graded = judged[judged["risk"] != "not_graded"].sort_values("p_meet", kind="stable")
    warned, volatile = graded[graded["risk"].isin(WARNED)], judged["volatility"] == "volatile"
    said = context.pick("达标概率 {}", "probability {}")
    hardest = [
        bracketed(
            context.name(row.indicator),
            said.format(probability(row.p_meet, context.language)),
            context.language,
        )
        for row in warned.head(3).itertuples()
    ]
    return {
        "n_judged": len(judged),
        "n_to_confirm": len(promised) - len(judged),
        "n_graded": len(graded),
        "n_not_graded": len(judged) - len(graded),
        "n_warned": len(warned),
        "n_volatile": int(volatile.sum()),
        "n_stale": int(judged["stale"].sum()),
        "n_no_data": int((judged["reason"] == "no_data").sum()),
        "hardest": context.joined(hardest) or NONE,
        "volatile": _names(list(judged.loc[volatile, "indicator"]), context),
        **_counts(judged["risk"], (*COLOURS, "clear")),
        **_counts(judged["state"], STATES),
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
        **_counts(first.loc[made, "grade"], "ABCD"),
    }


def method_facts(forecasts: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return the models used, each with the number of series it forecast."""
    made = forecasts[forecasts["value"].notna()].drop_duplicates(
        ["indicator", "area", "sex", "residence", "age_group"]
    )
    unit = context.pick("项", "indicators")
    said = [
        f"{context.word('model', name)} {count} {unit}"
        for name, count in sorted(made["model"].value_counts().items())
    ]
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
        "why": context.word("reason", risk.reason or risk.state_reason) or NONE,
    }


def verdict_facts(verdicts: pd.DataFrame, context: Context | None = None) -> dict[str, object]:
    """Return how many goals have which verdict, and of which kind they are.

    Goals with a target still to be confirmed are counted apart (``goals_to_confirm``) and
    enter no count of verdicts.
    """
    confirmed = verdicts[verdicts["evidence"] == "confirmed"]
    qualitative = confirmed.loc[confirmed["kind"] == "qualitative", "verdict"]
    open_ = int((qualitative == "not_assessable").sum())
    return {
        "n_goals": len(verdicts),
        "goals_to_confirm": len(verdicts) - len(confirmed),
        "goals_met_so_far": int((confirmed["verdict_reason"] == "met_so_far").sum()),
        "goals_qualitative_open": open_,
        "goals_qualitative_rated": len(qualitative) - open_,
        **_counts(confirmed["verdict"], STATES, "goals_"),
        **_counts(verdicts["kind"], ("quantified", "directional", "qualitative"), "goals_"),
    }


def rate_facts(rates: pd.DataFrame, context: Context | None = None) -> dict[str, object]:
    """Return the attainment rates of the whole plan as texts with numerator and denominator."""
    whole = rates[rates["domain"] == ""].iloc[0]

    def share(part: str, total: str) -> str:
        value = f"{100 * whole[part] / whole[total]:.1f}%" if whole[total] else NONE
        return f"{whole[part]}/{whole[total]} = {value}"

    return {
        "rate_judged": share("attained", "judged"),
        "rate_quantified": share("attained_quantified", "quantified"),
        "rate_assessable": share("attained", "assessable"),
        "n_left_out": int(whole["to_confirm"]),
    }


def scheme_facts(scheme: Scheme, context: Context) -> dict[str, object]:
    """Return the thresholds of the scheme as texts in per cent and numbers."""
    shares = (*COLOURS, "rare_confidence", "direction_confidence", "probability_floor")
    shares += ("probability_cap", "nearly_share")
    whole = ("stale_after_years", "direction_points", "volatility_points", "baseline_reach")
    return {
        "scheme": context.text(scheme.title),
        **{name: f"{100 * getattr(scheme, name):.0f}%" for name in shares},
        **{name: getattr(scheme, name) for name in whole},
    }


def hindcast_facts(comparison: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return how predicted probabilities compare with outcomes: cases, hits, Brier score."""
    scored, inside = comparison[comparison["brier"].notna()], comparison["within_80"].dropna()
    likely = scored[scored["p_meet"] >= 0.8]
    missed = comparison.loc[comparison["outcome"] == "not_met", "indicator"]
    return {
        "n_targets": len(comparison),
        "n_scored": len(scored),
        "n_unscored": len(comparison) - len(scored),
        "brier": _mean(scored["brier"]),
        "n_met": int((scored["outcome"] == "met").sum()),
        "brier_yes": _mean(scored["outcome"] != "met"),
        "mean_p": f"{100 * scored['p_meet'].mean():.0f}%" if len(scored) else NONE,
        "missed": _names(list(missed), context),
        "n_likely": len(likely),
        "n_likely_met": int((likely["outcome"] == "met").sum()),
        "n_interval": len(inside),
        "n_inside": int(inside.sum()),
    }


def gap_facts(gaps: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return how many gaps there are, how many narrow and widen.

    The largest is told among those in per cent, of the plan's own years, with 30 or more in
    each group: the one whose interval is farthest
    from zero, so that a wide interval of a few cases does not win.
    """
    last = latest_gaps(gaps)
    chance, full = last["p_narrowing"], last["reason"] == FULL_COUNT
    lacking = gaps[gaps["reason"].isin(LACKING) & gaps["dimension"].isin(["sex", ""])]
    return {
        "n_gaps": len(last),
        "n_sex": int(((last["dimension"] == "sex") & ~full).sum()),
        "n_shares": int(full.sum()),
        "n_residence": int((last["dimension"] == "residence").sum()),
        "n_narrowing": int((chance >= SURE).sum()),
        "n_widening": int((chance <= UNLIKELY).sum()),
        "n_unclear": int(((chance > UNLIKELY) & (chance < SURE)).sum()),
        "n_untested": int(chance.isna().sum()),
        "n_lacking": int(lacking["indicator"].nunique()),
        "largest_sex": _largest(last, "sex", context),
        "largest_residence": _largest(last, "residence", context),
    }


def _largest(last: pd.DataFrame, by: str, context: Context) -> str:
    part = last[last["dimension"] == by]
    part = part[part["indicator"].map({i.id: i.unit for i in context.plan.indicators}) == "percent"]
    enough = part[["first_denominator", "second_denominator"]].min(axis=1) >= FEWEST_PERSONS
    apart = part["difference_lower"] * part["difference_upper"] > 0
    part = part[(part["year"] >= context.plan.first_year) & enough & apart]
    if part.empty:
        return context.pick("无", "none")
    row = part.loc[part[["difference_lower", "difference_upper"]].abs().min(axis=1).idxmax()]
    low, high = sorted(abs(row[f"difference_{end}"]) for end in ("lower", "upper"))
    higher = row["difference"] > 0
    return sentence(
        "gap.largest",
        context,
        name=context.name(row["indicator"]),
        year=row["year"],
        first=context.text(GROUPS[by][0]),
        second=context.text(GROUPS[by][1]),
        side=context.pick("高" if higher else "低", "above" if higher else "below"),
        size=rounded(abs(row["difference"]), "percentage_points", context.language),
        inside=ends(low, high, "percentage_points", context.language),
    )


def outlook_facts(outlook: pd.DataFrame, context: Context | None = None) -> dict[str, object]:
    """Return how many gaps are looked ahead to, and how many will be smaller or larger.

    Larger: with 90 % probability above the last one and, as the 80 % interval leaves out
    zero, a gap at all. A gap that is now about zero would
    otherwise count as widening whatever comes.
    """
    smaller = outlook["p_smaller"] >= SURE
    larger = (outlook["p_smaller"] <= UNLIKELY) & (outlook["lower"] * outlook["upper"] > 0)
    counts = {"n_smaller": int(smaller.sum()), "n_larger": int(larger.sum())}
    return {"n_outlook": len(outlook), **counts, "n_open": int((~smaller & ~larger).sum())}


def completeness_facts(
    completeness: pd.DataFrame, rates: pd.DataFrame, context: Context
) -> dict[str, object]:
    """Return how many indicators are wanted by sex and by age, how many come so."""
    facts: dict[str, object] = {}
    for by, name in zip(WANTED_BY, ("sex", "age"), strict=True):
        part = completeness[completeness["dimension"] == by]
        facts[f"n_{name}_wanted"] = len(part)
        facts[f"n_{name}_given"] = int((part["given"] > 0).sum())
        share = 100 * part["given"].sum() / max(int(part["wanted"].sum()), 1)
        facts[f"share_{name}"] = f"{share:.0f}%"
    made = rates["rate"].notna()
    codes = sorted(set(rates.loc[~made, "reason"]))
    n_made = rates.loc[made, "indicator"].nunique()
    return facts | {
        "n_standardised": n_made,
        "n_not_standardised": rates["indicator"].nunique() - n_made,
        "why_not": context.joined(context.word("reason", code) for code in codes) or NONE,
    }


def area_facts(
    compared: pd.DataFrame, sums: pd.DataFrame, context: Context, indicator: str
) -> dict[str, object]:
    """Return how many comparisons were made, how many areas are outside.

    ``most_named`` is the area that is clearly worse in most indicators; ``focus`` names the
    indicator.
    """
    judged, far = (
        compared[compared["limit_998_lower"].notna()],
        compared[compared["outside"] == FAR],
    )
    worse = far[far["side"] == "worse"]
    often = worse["area"].value_counts()
    most = sorted(often[often == often.max()].index)
    none = context.pick("无", "none")
    return {
        "n_indicators": int(compared["indicator"].nunique()),
        "n_compared": len(judged),
        "n_chance": f"{BEYOND_BY_CHANCE * len(judged):.1f}",
        "n_far": len(far),
        "n_worse": len(worse),
        "n_worse_indicators": int(worse["indicator"].nunique()),
        "most_named": context.joined(context.area(a) for a in most) or none,
        "most_often": int(often.max()) if len(often) else 0,
        "focus": context.name(indicator) if indicator else none,
        "n_sums": len(sums),
        "n_sums_differ": int((sums["reason"] != "").sum()),
    }


def parent_facts(parents: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return how many comparisons with the areas above there are, and a sentence that says so."""
    key, n = (
        "parents.none" if parents.empty else "parents.some",
        int(parents["value"].notna().sum()),
    )
    return {"n_upper": len(parents), "upper_line": sentence(key, context, n=n)}


def effect_facts(
    effects: pd.DataFrame, better: pd.DataFrame, context: Context | None = None
) -> dict[str, object]:
    """Return how many measures were looked at, how many rows tell something."""
    able = effects[effects["reason"] == ""]
    shown = able[able["words"].isin(("beyond_usual", "consistent", "estimated", "opposite"))]
    many = shown["cautions"].str.split(";").map(lambda told: "many_tests" in told)
    return {
        **_counts(able["level"], LEVELS),
        "n_measures": effects["measure"].nunique(),
        "n_rows": len(effects),
        "n_told": len(able),
        "n_refused": len(effects) - len(able),
        "n_shown": len(shown),
        "n_adjusted": int((~many.astype(bool)).sum()),
        "n_better": int(better["listed"].sum()),
    }


def annual_facts(table: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return what the year brought: indicators with a value, due and missing."""
    rows = table[table["indicator"] != ""].drop_duplicates("indicator")
    better = {i.id: i.target.improving for i in context.plan.indicators}
    moved = rows["change"] * rows["indicator"].map(better).fillna(0)
    return {
        "n_year": int(rows["value"].notna().sum()),
        "n_missing_year": int((rows["data_status"] == "missing").sum()),
        "n_not_due": int((rows["data_status"] == "not_due").sum()),
        "n_better": int((moved > 0).sum()),
        "n_worse": int((moved < 0).sum()),
        "n_goals_without": int(table.loc[table["indicator"] == "", "goal"].nunique()),
    }


def project_facts(
    projects: pd.DataFrame, status: pd.DataFrame, context: Context | None = None
) -> dict[str, object]:
    """Return how many commitments of the projects stand where."""
    states = ("done", "under_way", "not_started", "missed", "not_assessable")
    return {
        **_counts(status["status"], states),
        "n_commitments": len(status),
        "n_projects": len(projects),
        "n_complete": int(projects["complete"].sum()),
        "n_other_number": int((~status["same_number"]).sum()),
    }


def frozen_facts(frozen: FrozenScheme, context: Context | None = None) -> dict[str, object]:
    """Return the fingerprint a report prints, so that a later change of a threshold shows."""
    return {"scheme_fingerprint": frozen.sha256[:16], "n_settings": len(frozen.settings)}


def look_back_facts(table: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return how the earlier round did: targets with an outcome, warned and missed."""
    known = table[table["outcome"] != "unknown"]
    missed, warned = known["outcome"] == "not_met", known["warned"]
    scored, inside = table["brier"].dropna(), table["within_80"].dropna()
    mean = float(table.loc[scored.index, "p_meet"].mean()) if len(scored) else float("nan")
    return {
        "n_known": len(known),
        "n_unknown": len(table) - len(known),
        "n_missed": int(missed.sum()),
        "n_missed_warned": int((missed & warned).sum()),
        "n_warned": int(warned.sum()),
        "n_met_warned": int((~missed & warned).sum()),
        "n_scored": len(scored),
        "brier": _mean(scored),
        "inside": f"{int(inside.sum())}/{len(inside)}" if len(inside) else NONE,
        "mean_p": probability(mean, context.language),
    }


def final_facts(finals: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return the counts of final verdicts."""
    compared = finals.loc[finals["agreement"] != "not_compared", "agreement"]
    agree = int((compared == "agrees").sum())
    counts = {"n_compared": len(compared), "n_agree": agree, "n_differ": len(compared) - agree}
    return {
        **_counts(finals["state"], STATES),
        "n_targets": len(finals),
        "n_no_target_year": int((finals["state_reason"] == "no_target_year_value").sum()),
        "published_line": sentence("finals.compared", context, **counts) if len(compared) else "",
    }


def register_facts(register: pd.DataFrame, context: Context | None = None) -> dict[str, object]:
    """Return how many items of the register stand where."""
    states = ("open", "overdue", "answered", "cleared", "closed")
    open_ = int((register["state"] != "closed").sum())
    return {
        "n_items": len(register),
        **_counts(register["state"], states),
        "n_not_closed": open_,
    }


def warning_facts(warned: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return how many indicators are warned of, by kind and by colour."""
    kinds = warned.drop_duplicates(["axis", "indicator"])["axis"]
    hard = warned[warned["axis"] == "hard_to_reach"].drop_duplicates(["level", "indicator"])
    red = hard.loc[hard["level"] == "red", "indicator"]
    return {
        **_counts(kinds, ("hard_to_reach", "volatile", "data")),
        **_counts(hard["level"], COLOURS),
        "n_warnings": len(warned),
        "n_warned_indicators": int(warned["indicator"].nunique()),
        "red_names": context.joined(map(context.name, red)) or context.pick("无", "none"),
    }


# --- back-test ---


def backtest_facts(test: BackTest, context: Context) -> dict[str, object]:
    """Return what a report says of a back-test; a dash where there are too few cases.

    ``backtest_line`` is a whole sentence, which says so when there is not enough data.
    """
    own = test.scores[(test.scores["model"] == test.model) & (test.scores["horizon"] == 0)]
    score = next(own.itertuples(), None)
    chances = test.targets[(test.targets["model"] == test.model) & (test.targets["horizon"] == 0)]
    chance = next((row for row in chances.itertuples() if not row.reason), None)
    known = score is not None and not test.reason
    facts = {
        "model_name": model_name(test.model, context),
        "n_cases": int(score.n_cases) if score else 0,
        "n_series": int(score.n_series) if score else 0,
        "n_tested": int(score.n_groups) if score else 0,
        "n_left_out": int(test.left_out["n_series"].sum()),
        "left_out": _left_out(test, context),
        "wis_ratio": _ratio(score, "wis_ratio") if known else NONE,
        "mae_ratio": _ratio(score, "mae_ratio") if known else NONE,
        "coverage_80": whole_percent(score.coverage_80) if known else NONE,
        "coverage_95": whole_percent(score.coverage_95) if known else NONE,
        "brier": f"{chance.brier:.3f}" if chance else NONE,
        "brier_climatology": f"{chance.brier_climatology:.3f}" if chance else NONE,
        **_likely(test, context),
        **_rule_facts(test),
        "caveat": sentence("backtest.simulated", context) if test.simulated else "",
    }
    key = "backtest.line" if known and facts["n_likely"] else "backtest.not_enough"
    return facts | {"backtest_line": sentence(key, context, **facts).strip()}


def _ratio(row, name: str) -> str:
    value, low, high = (getattr(row, name + end) for end in ("", "_lower", "_upper"))
    if pd.isna(value):
        return NONE
    return f"{value:.2f}" + ("" if pd.isna(low) else f" [{low:.2f}–{high:.2f}]")


def _left_out(test: BackTest, context: Context) -> str:
    def named(reason: str) -> str:
        own = f"backtest.{reason}"
        return sentence(own, context) if own in sentences() else context.word("reason", reason)

    left = zip(test.left_out["reason"], test.left_out["n_series"], strict=True)
    said = [bracketed(named(reason), str(n), context.language) for reason, n in left]
    return context.joined(said) or NONE


def _likely(test: BackTest, context: Context) -> dict[str, object]:
    bands = bands_of(test, context)
    bands = bands[(bands["lower"] == LIKELY[0]) & (bands["upper"] == LIKELY[1]) & (bands["n"] > 0)]
    if bands.empty or test.reason:
        unclear = sentence("backtest.unclear", context)
        return {"n_likely": 0, "n_likely_met": 0, "likely_share": NONE, "likely_verdict": unclear}
    band, verdict = bands.iloc[0], "fits"
    if pd.isna(band["share_equal_lower"]):
        verdict = "unclear"
    elif band["mean_probability"] < band["share_equal_lower"]:
        verdict = "cautious"
    elif band["mean_probability"] > band["share_equal_upper"]:
        verdict = "bold"
    return {
        "n_likely": int(band["n"]),
        "n_likely_met": int(band["met"]),
        "likely_share": whole_percent(band["share"]),
        "likely_verdict": sentence(f"backtest.{verdict}", context),
    }


def _rule_facts(test: BackTest) -> dict[str, str]:
    rules = test.on_track[test.on_track["horizon"] == 0].set_index("rule")
    names = {"rule": "growth_ratio", "no": "always_no", "model": test.model}
    missing = float("nan")
    facts = {f"error_{k}": whole_percent(rules["error"].get(v, missing)) for k, v in names.items()}
    return facts | {
        "rule_called_met": whole_percent(rules["called_met"].get("growth_ratio", missing))
    }


# --- rare events ---


def verifiability_facts(
    observations: pd.DataFrame, context: Context, indicator: str
) -> dict[str, object]:
    """Return what an area of this size can show of a target for a rare event.

    Returns
    -------
    dict
        Texts: ``name, target, among`` (what is counted), ``exposure`` (a year, mean of the
        latest three), ``chance`` (of an event in a year at a true rate
        equal to the target), ``needed`` and ``years`` (exposure without an event that shows
        the target, one-sided 95 %),
        ``first_year, last_year, events, total, rate, interval`` (the shortest run of years
        with ten events, else all),
        ``p_within`` (Jeffreys prior), ``met, possible`` (events allowed), and the whole
        ``sentence``.

    Raises
    ------
    ParameterError
        When the target is no upper number above zero, or there are no counts.
    """
    entry, language = context.plan.indicator(indicator), context.language
    target, unit = entry.target.value, entry.unit
    rows = headline(observations, context.plan)
    rows = rows[(rows["indicator"] == indicator) & (rows["status"] != "estimated")]
    rows = rows[(rows["denominator"] > 0) & rows["numerator"].notna()]
    if entry.target.improving >= 0 or not target or entry.multiplier is None or rows.empty:
        name = context.name(indicator)
        raise ParameterError(
            Text(
                f"{name}没有上限目标或没有分子、分母。",
                f"{name} has no upper target, or no counts are known.",
            )
        )
    scale = {"multiplier": entry.multiplier}
    each = float(rows["denominator"].tail(RECENT).mean())
    shown = verifiability(target, each, trials=entry.multiplier <= 100, **scale)
    pooled = pooled_rate(rows["year"], rows["numerator"], rows["denominator"], **scale)
    within = probability_at_most(target, pooled.events, pooled.exposure, **scale)
    met, possible = events_allowed(target, pooled.exposure, **scale)
    facts = {
        "name": context.name(indicator),
        "target": quantity(target, unit, language),
        "n_recent": min(RECENT, len(rows)),
        "among": context.text(entry.denominator),
        "exposure": f"{each:,.0f}",
        "chance": probability(shown.chance_of_event, language),
        "needed": f"{shown.exposure_one_sided:,}",
        "years": f"{shown.years_one_sided:.0f}",
        "first_year": pooled.first_year,
        "last_year": pooled.last_year,
        "events": f"{pooled.events:.0f}",
        "total": f"{pooled.exposure:,.0f}",
        "rate": rounded(pooled.rate, unit, language),
        "interval": span(pooled.lower, pooled.upper, unit),
        "p_within": probability(float(within), language),
        "met": met,
        "possible": possible,
    }
    return facts | {"sentence": sentence("verifiability", context, **facts)}


def verifiability_prose(observations: pd.DataFrame, context: Context) -> Prose:
    """Return one item for each target of a rare event that has counts."""
    names = rare_with_target(headline(observations, context.plan), context.plan)
    said = [
        say("verifiability", context, **verifiability_facts(observations, context, name))
        for name in names
    ]
    return together(said, "\n", "- ") if said else say("verifiability.none", context)


def scope_text(
    scope: Plan, context: Context, *, domain: str, project: str, goals: str, area: str
) -> str:
    """Return in words what special supervision looks at."""
    parts = [context.text(scope.domain(domain).name)] if domain else []
    parts += [context.text(scope.project(project).name)] if project else []
    parts += [context.joined(goals.split(";"))] if goals else []
    parts += [context.text(scope.area_name)] if area else []
    counts = {"n_goals": len(scope.goals), "n_indicators": len(scope.indicators)}
    counted = sentence("scope.counted", context, **counts)
    return bracketed(context.pick("，", ", ").join(parts), counted, context.language)
