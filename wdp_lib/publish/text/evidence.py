"""The figures that sentences state of groups, areas, measures, back-tests and rare events."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.backtesting import BackTest
from wdp_lib.comparison.areas import FAR
from wdp_lib.comparison.groups import latest_gaps
from wdp_lib.comparison.tables import WANTED_BY
from wdp_lib.data import headline
from wdp_lib.effects.measures import LEVELS
from wdp_lib.forecasting.counts.rates import (
    events_allowed,
    pooled_rate,
    probability_at_most,
    verifiability,
)
from wdp_lib.plan import Plan
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.facts import counts
from wdp_lib.publish.text.say import say, sentence, sentences, together
from wdp_lib.publish.text.words import (
    NONE,
    bracketed,
    probability,
    quantity,
    ratio,
    rounded,
    span,
    whole_percent,
)
from wdp_lib.publish.views.cells import ends
from wdp_lib.publish.views.choose import bands_of
from wdp_lib.publish.views.rows import FULL_COUNT, GROUPS, LACKING
from wdp_lib.publish.views.show import Prose

SURE, UNLIKELY = 0.9, 0.1  # probabilities from which narrowing is told, up to which widening
MOST_FALSE = 0.1  # share of what is shown that may be so by chance alone
FEWEST_PERSONS = 30  # in each group, of a gap that is named as the largest
BEYOND_BY_CHANCE = 0.002  # share of areas outside 99.8 % limits when all are alike
SHOWN = ("beyond_usual", "consistent", "estimated", "opposite")
RULES = {"error_rule": "growth_ratio", "error_no": "always_no"}
RECENT = 3  # years whose mean exposure is that of a year to come


def gap_facts(gaps: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return how many gaps there are, how many narrow and widen, and the largest."""
    last = latest_gaps(gaps)
    chance, full = last["p_narrowing"], last["reason"] == FULL_COUNT
    two_sided = 2 * np.minimum(chance, 1 - chance)
    lacking = gaps[gaps["reason"].isin(LACKING) & gaps["dimension"].isin(["sex", ""])]
    return {
        "n_gaps": len(last),
        "n_shares": int(full.sum()),
        **{
            name: int(((last["dimension"] == by) & ~full).sum())
            for name, by in (("n_sex", "sex"), ("n_residence", "residence"), ("n_age", "age_group"))
        },
        # how many would be told either way were no gap changing, and how many stay told
        "n_tested": int(chance.notna().sum()),
        "n_by_chance": round(2 * UNLIKELY * int(chance.notna().sum())),
        "n_shown": discoveries(two_sided.dropna().to_numpy(float)),
        "n_narrowing": int((chance >= SURE).sum()),
        "n_widening": int((chance <= UNLIKELY).sum()),
        "n_unclear": int(((chance > UNLIKELY) & (chance < SURE)).sum()),
        "n_untested": int(chance.isna().sum()),
        "n_lacking": int(lacking["indicator"].nunique()),
        "largest_sex": _largest(last, "sex", context),
        "largest_residence": _largest(last, "residence", context),
    }


def discoveries(chances: np.ndarray) -> int:
    """Return how many tests stay told so that at most ``MOST_FALSE`` of them are so by chance.

    By Benjamini and Hochberg (1995); `scipy.stats`, which counts the same, takes a second to load.
    """
    adjusted = np.sort(chances) * (len(chances) / np.arange(1, len(chances) + 1))
    return int(np.flatnonzero(adjusted <= MOST_FALSE).max(initial=-1)) + 1


def _largest(last: pd.DataFrame, by: str, context: Context) -> str:
    """Name the gap, in per cent and of the plan's own years, that is surely the largest.

    It is the one whose interval is farthest from zero, so that a wide interval of a few
    cases does not win.
    """
    units = {i.id: i.unit for i in context.plan.indicators}
    enough = last[["first_denominator", "second_denominator"]].min(axis=1) >= FEWEST_PERSONS
    enough &= last["difference_lower"] * last["difference_upper"] > 0
    enough &= (last["dimension"] == by) & (last["indicator"].map(units) == "percent")
    part = last[enough & (last["year"] >= context.plan.first_year)]
    if part.empty:
        return ""
    nearest = part[["difference_lower", "difference_upper"]].abs()
    row = part.loc[nearest.min(axis=1).idxmax()]
    low, high = sorted(nearest.loc[row.name])
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


def outlook_facts(outlook: pd.DataFrame) -> dict[str, object]:
    """Return how many gaps are looked ahead to, and how many will be smaller or larger.

    Larger: with 90 % probability above the last one and, as the 80 % interval leaves out
    zero, a gap at all. A gap that is now about zero would otherwise count as widening
    whatever comes.
    """
    smaller = outlook["p_smaller"] >= SURE
    larger = (outlook["p_smaller"] <= UNLIKELY) & (outlook["lower"] * outlook["upper"] > 0)
    told = {"n_smaller": int(smaller.sum()), "n_larger": int(larger.sum())}
    return {"n_outlook": len(outlook), **told, "n_open": int((~smaller & ~larger).sum())}


def completeness_facts(
    completeness: pd.DataFrame, rates: pd.DataFrame, context: Context
) -> dict[str, object]:
    """Return how many indicators are wanted by sex and by age, how many come so."""
    facts: dict[str, object] = {}
    for by, name in zip(WANTED_BY, ("sex", "age"), strict=True):
        part = completeness[completeness["dimension"] == by]
        share = 100 * part["given"].sum() / max(int(part["wanted"].sum()), 1)
        facts |= {f"n_{name}_wanted": len(part), f"share_{name}": f"{share:.0f}%"}
        facts[f"n_{name}_given"] = int((part["given"] > 0).sum())
    made = rates["rate"].notna()
    n_made, codes = rates.loc[made, "indicator"].nunique(), set(rates.loc[~made, "reason"])
    return facts | {
        "n_standardised": n_made,
        "n_not_standardised": rates["indicator"].nunique() - n_made,
        "why_not": context.joined(context.word("reason", code) for code in sorted(codes)) or NONE,
    }


def area_facts(
    compared: pd.DataFrame, sums: pd.DataFrame, context: Context, indicator: str
) -> dict[str, object]:
    """Return how many comparisons were made, how many areas are outside.

    ``most_named`` is the area that is clearly worse in most indicators; ``focus`` names the
    indicator.
    """
    judged = int(compared["limit_998_lower"].notna().sum())
    far = compared[compared["outside"] == FAR]
    worse = far[far["side"] == "worse"]
    often = worse["area"].value_counts()
    most = sorted(often[often == often.max()].index)
    uncounted = sums.loc[sums["reason"] == "counts_missing", "indicator"].unique()
    return {
        "n_indicators": int(compared["indicator"].nunique()),
        "n_compared": judged,
        "n_chance": f"{BEYOND_BY_CHANCE * judged:.1f}",
        "n_far": len(far),
        "n_worse": len(worse),
        "n_worse_indicators": int(worse["indicator"].nunique()),
        "most_named": context.joined(map(context.area, most)),
        "most_often": int(often.max()) if len(often) else 0,
        "focus": context.name(indicator) if indicator else context.none,
        "n_sums": len(sums),
        "n_sums_differ": int((~sums["reason"].isin(["", "counts_missing"])).sum()),
        "n_uncounted": len(uncounted),
        "uncounted": context.joined(map(context.name, uncounted)),
    }


def parent_facts(parents: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return a sentence that says how many comparisons with the areas above there are."""
    key = "parents.none" if parents.empty else "parents.some"
    return {"upper_line": sentence(key, context, n=int(parents["value"].notna().sum()))}


def effect_facts(
    effects: pd.DataFrame, better: pd.DataFrame, context: Context
) -> dict[str, object]:
    """Return how many measures were looked at, how many rows tell something, and which."""
    able = effects[effects["reason"] == ""]
    shown = able[able["words"].isin(SHOWN)]
    pairs = shown[["measure", "indicator"]].drop_duplicates().to_numpy()
    told = {
        "n_shown": len(shown),
        "n_adjusted": sum("many_tests" not in one.split(";") for one in shown["cautions"]),
        "shown": context.joined(
            (
                f"{context.text(context.plan.measure(measure).title)} → {context.name(indicator)}"
                for measure, indicator in pairs
            ),
            clauses=True,
        ),
    }
    key = "effects.shown" if len(shown) else "effects.not_shown"
    return {
        **counts(able["level"], LEVELS),
        "n_measures": effects["measure"].nunique(),
        "n_rows": len(effects),
        "n_told": len(able),
        "n_refused": len(effects) - len(able),
        **told,
        "shown_line": sentence(key, context, **told),
        "n_better": int(better["listed"].sum()),
        "better": context.joined(map(context.area, better.loc[better["listed"], "area"])),
    }


# --- back-tests ---


def backtest_facts(test: BackTest, context: Context) -> dict[str, object]:
    """Return what a report says of a back-test; a dash where there are too few cases.

    ``backtest_line`` is a whole sentence, which says so when there is not enough data.
    """
    score, chance = (
        next(table[(table["model"] == test.model) & (table["horizon"] == 0)].itertuples(), None)
        for table in (test.scores, test.targets)
    )
    chance = None if chance is None or chance.reason else chance
    known = score is not None and not test.reason
    rules = test.on_track[test.on_track["horizon"] == 0].set_index("rule")
    facts = {
        "n_cases": int(score.n_cases) if score else 0,
        "n_tested": int(score.n_groups) if score else 0,
        "n_left_out": int(test.left_out["n_series"].sum()),
        "left_out": _left_out(test, context),
        **{name: _ratio(score, name) if known else NONE for name in ("wis_ratio", "mae_ratio")},
        "coverage_80": whole_percent(score.coverage_80) if known else NONE,
        "brier": f"{chance.brier:.3f}" if chance else NONE,
        "brier_climatology": f"{chance.brier_climatology:.3f}" if chance else NONE,
        **_bands(test, context),
        **{
            name: whole_percent(rules["error"].get(rule))
            for name, rule in (RULES | {"error_model": test.model}).items()
        },
        "rule_called_met": whole_percent(rules["called_met"].get("growth_ratio")),
        "caveat": sentence("backtest.simulated", context) if test.simulated else "",
    }
    key = "backtest.line" if known and facts["n_bands"] else "backtest.not_enough"
    return facts | {"backtest_line": sentence(key, context, **facts).strip()}


def _ratio(row, name: str) -> str:
    return ratio(*(getattr(row, name + end) for end in ("", "_lower", "_upper")))


def _left_out(test: BackTest, context: Context) -> str:
    said = []
    for reason, n in zip(test.left_out["reason"], test.left_out["n_series"], strict=True):
        own = f"backtest.{reason}"
        named = sentence(own, context) if own in sentences() else context.word("reason", reason)
        said.append(bracketed(named, str(n), context.language))
    return context.joined(said) or NONE


def _bands(test: BackTest, context: Context) -> dict[str, object]:
    """Return every band of probabilities with what came true, none picked out."""
    bands = bands_of(test)
    bands = bands[(bands["n"] > 0) & (not test.reason)]
    said = [
        sentence(
            "backtest.band",
            context,
            lower=f"{100 * band.lower:.0f}",
            upper=f"{100 * band.upper:.0f}",
            n=int(band.n),
            met=int(band.met),
            share=whole_percent(band.share),
            verdict=sentence(f"backtest.{_verdict(band)}", context),
        )
        for band in bands.itertuples()
    ]
    return {"n_bands": len(said), "bands": context.joined(said, clauses=True)}


def _verdict(band) -> str:
    if pd.isna(band.share_equal_lower):
        return "unclear"
    if band.mean_probability < band.share_equal_lower:
        return "cautious"
    return "bold" if band.mean_probability > band.share_equal_upper else "fits"


# --- rare events: what an area of its size can show ---


def _rare_with_target(observations: pd.DataFrame, plan: Plan) -> dict[str, pd.DataFrame]:
    rows = headline(observations, plan)
    rows = rows[rows["numerator"].notna() & (rows["denominator"] > 0)]
    counted = dict(list(rows[rows["status"] != "estimated"].groupby("indicator")))
    rare = [i for i in plan.indicators if i.data_kind == "rare_rate" and i.multiplier]
    rare = [i.id for i in rare if i.target.improving < 0 and i.target.value]
    return {name: counted[name] for name in rare if name in counted}


def _shown_by(indicator: str, rows: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return what an area of this size can show of a target for a rare event, as texts.

    ``exposure`` is a year's (mean of the latest three), ``chance`` of an event in a year at a true
    rate equal to the target; ``needed`` and ``years``: exposure without an event that shows the
    target (one-sided 95 %); ``events`` to ``interval``: of the shortest run of years with ten
    events, else all; ``p_within``: Jeffreys prior; ``met, possible``: events allowed.
    """
    entry, language = context.plan.indicator(indicator), context.language
    target, unit, scale = entry.target.value, entry.unit, {"multiplier": entry.multiplier}
    each = float(rows["denominator"].tail(RECENT).mean())
    shown = verifiability(target, each, trials=entry.multiplier <= 100, **scale)
    pooled = pooled_rate(rows["year"], rows["numerator"], rows["denominator"], **scale)
    within = probability_at_most(target, pooled.events, pooled.exposure, **scale)
    met, possible = events_allowed(target, pooled.exposure, **scale)
    return {
        "name": context.name(indicator),
        "target": quantity(target, unit, language),
        "n_recent": min(RECENT, len(rows)),
        "among": context.text(entry.denominator),
        "exposure": f"{each:.0f}",
        "chance": whole_percent(shown.chance_of_event),
        "needed": f"{shown.exposure}",
        "years": f"{shown.years:.0f}",
        "first_year": pooled.first_year,
        "last_year": pooled.last_year,
        "events": f"{pooled.events:.0f}",
        "total": f"{pooled.exposure:.0f}",
        "rate": rounded(pooled.rate, unit, language),
        "interval": span(pooled.lower, pooled.upper, unit),
        "p_within": probability(float(within), language),
        "met": met,
        "possible": possible,
    }


def verifiability_prose(observations: pd.DataFrame, context: Context) -> Prose:
    """Return one item for each target of a rare event that has counts."""
    counted = _rare_with_target(observations, context.plan)
    facts = [_shown_by(name, rows, context) for name, rows in counted.items()]
    said = [say("verifiability", context, **one) for one in facts]
    return together(said, "\n", "- ") if said else say("verifiability.none", context)
