"""The figures that sentences state of groups, areas and measures."""

from __future__ import annotations

import pandas as pd

from wdp_lib.comparison.areas import FAR
from wdp_lib.comparison.groups import latest_gaps
from wdp_lib.comparison.tables import WANTED_BY
from wdp_lib.effects.measures import LEVELS
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.facts import counts
from wdp_lib.publish.text.say import sentence
from wdp_lib.publish.text.words import NONE, rounded
from wdp_lib.publish.views.cells import ends
from wdp_lib.publish.views.rows import FULL_COUNT, GROUPS, LACKING

SURE, UNLIKELY = 0.9, 0.1  # probabilities from which narrowing is told, up to which widening
FEWEST_PERSONS = 30  # in each group, of a gap that is named as the largest
BEYOND_BY_CHANCE = 0.002  # share of areas outside 99.8 % limits when all are alike
SHOWN = ("beyond_usual", "consistent", "estimated", "opposite")


def gap_facts(gaps: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return how many gaps there are, how many narrow and widen, and the largest."""
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
        return context.pick("无", "none")
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
        facts[f"n_{name}_wanted"] = len(part)
        facts[f"n_{name}_given"] = int((part["given"] > 0).sum())
        share = 100 * part["given"].sum() / max(int(part["wanted"].sum()), 1)
        facts[f"share_{name}"] = f"{share:.0f}%"
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
    none = context.pick("无", "none")
    return {
        "n_indicators": int(compared["indicator"].nunique()),
        "n_compared": judged,
        "n_chance": f"{BEYOND_BY_CHANCE * judged:.1f}",
        "n_far": len(far),
        "n_worse": len(worse),
        "n_worse_indicators": int(worse["indicator"].nunique()),
        "most_named": context.joined(map(context.area, most)) or none,
        "most_often": int(often.max()) if len(often) else 0,
        "focus": context.name(indicator) if indicator else none,
        "n_sums": len(sums),
        "n_sums_differ": int((sums["reason"] != "").sum()),
    }


def parent_facts(parents: pd.DataFrame, context: Context) -> dict[str, object]:
    """Return a sentence that says how many comparisons with the areas above there are."""
    key = "parents.none" if parents.empty else "parents.some"
    return {"upper_line": sentence(key, context, n=int(parents["value"].notna().sum()))}


def effect_facts(effects: pd.DataFrame, better: pd.DataFrame) -> dict[str, object]:
    """Return how many measures were looked at, how many rows tell something."""
    able = effects[effects["reason"] == ""]
    shown = able[able["words"].isin(SHOWN)]
    alone = [told for told in shown["cautions"] if "many_tests" not in told.split(";")]
    return {
        **counts(able["level"], LEVELS),
        "n_measures": effects["measure"].nunique(),
        "n_rows": len(effects),
        "n_told": len(able),
        "n_refused": len(effects) - len(able),
        "n_shown": len(shown),
        "n_adjusted": len(alone),
        "n_better": int(better["listed"].sum()),
    }
