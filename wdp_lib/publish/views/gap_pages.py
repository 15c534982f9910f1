"""What a report shows of gaps between groups: now, since the baseline, in the target year; and which groups are not reported."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.comparison.groups.completeness_tables import (
    GROUP_COMPLETENESS,
    UNIT_COMPLETENESS,
    WANTED_BY,
)
from wdp_lib.comparison.groups.outlook import latest_gaps
from wdp_lib.comparison.groups.tables import GAP_OUTLOOK, GROUP_GAPS
from wdp_lib.comparison.standardisation.tables import AGE_STANDARDISED
from wdp_lib.core.columns import conform
from wdp_lib.core.errors import Text
from wdp_lib.core.words import word
from wdp_lib.plan import Plan
from wdp_lib.publish.text.words import bracketed, number, quantity
from wdp_lib.publish.views.contract_table import contract_table
from wdp_lib.publish.views.report_tables import name_of
from wdp_lib.publish.views.show import Table, Tables

FEWEST_PERSONS = 30  # in each group, of a gap that the finding names as the largest
SURE, UNLIKELY = (
    0.9,
    0.1,
)  # probability of narrowing from which it is said to narrow, and up to which to widen
FULL_COUNT = "full_count"
LACKING = ("other_group_missing", "not_by_sex", "no_data")
FIRST = {
    "sex": Text("女性", "women"),
    "residence": Text("农村", "country"),
    "age_group": Text("低龄组", "younger"),
}
SECOND = {
    "sex": Text("男性", "men"),
    "residence": Text("城镇", "town"),
    "age_group": Text("高龄组", "older"),
}
CAPTION = {
    "sex": Text("男女差距（最新年份，女性减男性）", "Women and men, latest year (women less men)"),
    "residence": Text(
        "城乡差距（最新年份，农村减城镇）", "Country and town, latest year (country less town)"
    ),
    "age_group": Text(
        "年龄差距（最新年份，低龄减高龄）", "Two age groups, latest year (younger less older)"
    ),
    FULL_COUNT: Text("女性占比（全数统计，最新年份）", "Shares of women, full counts, latest year"),
    "outlook": Text("差距展望（{year} 年）", "How far apart in {year}"),
    "lacking": Text(
        "应分性别而缺分性别数据的指标", "Indicators wanted by sex that lack one sex or both"
    ),
    "units": Text(
        "分性别、分年龄数据报送情况（按责任单位）", "Values by sex and by age, by responsible unit"
    ),
    "indicators": Text("分年龄数据报送情况（逐项）", "Values by age, indicator by indicator"),
    "standardised": Text("年龄标准化率", "Rates for the same age mix"),
}
SHORT = {
    "indicator": Text("指标", "indicator"),
    "year": Text("年份", "year"),
    "difference": Text("差距", "difference"),
    "between": Text("95% 区间", "95 % interval"),
    "baseline": Text("基期差距（年份）", "at the baseline (year)"),
    "change": Text("大小变化", "change in size"),
    "p_narrowing": Text("趋于缩小的概率", "probability of narrowing"),
    "reason": Text("说明", "why"),
    "inside": Text("80% 区间", "80 % interval"),
    "unit": Text("责任单位（建议）", "responsible unit (suggested)"),
    "years": Text("涉及年份", "years concerned"),
    "ages": Text("年龄组", "age groups"),
    "standard_year": Text("标准人口年份", "year of the standard"),
}


def between(lower: float, upper: float, unit: str, language: str) -> str:
    """Return an interval whose ends may be negative: ``-6.6 至 -4.7``; a dash where there is none."""
    if pd.isna(lower) or pd.isna(upper):
        return "—"
    return {"zh": " 至 "}.get(language, " to ").join((number(lower, unit), number(upper, unit)))


def _shown(gaps: pd.DataFrame, plan: Plan, language: str) -> pd.DataFrame:
    """The last gaps with values, intervals and baselines in words."""
    units = [plan.indicator(name).unit for name in gaps["indicator"]]
    rows = list(zip(gaps.itertuples(), units, strict=True))
    counted = [plan.indicator(name).data_kind == "count" for name in gaps["indicator"]]
    return gaps.assign(
        # a number of persons has no denominator that could be missing
        reason=gaps["reason"].mask(np.array(counted, dtype=bool) & gaps["reason"].eq("counts_missing"), FULL_COUNT),
        first=[quantity(float(number(row.first_value, unit)), unit, language) for row, unit in rows],
        second=[quantity(float(number(row.second_value, unit)), unit, language) for row, unit in rows],
        between=[between(row.difference_lower, row.difference_upper, unit, language) for row, unit in rows],
        baseline=[
            "" if pd.isna(row.baseline_year) else bracketed(number(row.baseline_difference, unit), str(row.baseline_year), language)
            for row, unit in rows
        ],
    )  # fmt: skip


def gap_tables(gaps: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Tables:
    """Show the last gaps: women and men, country and town, two ages where there are, then the shares of women in bodies.

    Parameters
    ----------
    gaps : pandas.DataFrame
        From `wdp_lib.group_gaps`.
    plan : Plan
        Names and units.
    language : {"zh", "en"}
        Language.

    Returns
    -------
    Tables
        Values of both groups, difference with its interval, that of the baseline, change in size, and the probability by the trend test that it
        narrows; full counts without an interval. The two first are there even when empty.
    """
    last = latest_gaps(gaps)
    full = last["reason"] == FULL_COUNT
    parts = {
        by: last[(last["dimension"] == by) & ~full] for by in ("sex", "residence", "age_group")
    }
    tables = [
        _group_table(part, plan, by, CAPTION[by], language)
        for by, part in parts.items()
        if len(part) or by != "age_group"
    ]
    shares = _group_table(last[full], plan, "sex", CAPTION[FULL_COUNT], language, full=True)
    return Tables((*tables, shares))


def _group_table(
    part: pd.DataFrame, plan: Plan, by: str, caption: Text, language: str, *, full: bool = False
) -> Table:
    cells = {
        "indicator": "indicator",
        "year": "text",
        "first": "text",
        "second": "text",
        "difference": "value",
    }
    cells |= {} if full else {"between": "text"}
    cells |= {"baseline": "text", "change": "value", "p_narrowing": "probability"}
    cells |= {} if full else {"reason": "word:reason"}
    headings = SHORT | {"first": FIRST[by], "second": SECOND[by]}
    shown = _shown(part, plan, language)
    return contract_table(
        shown, GROUP_GAPS, plan, cells, caption=caption, language=language, headings=headings
    )


def gap_outlook_table(outlook: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show how far apart two groups may be in a later year, with interval and the probability of a smaller gap than now.

    Parameters
    ----------
    outlook : pandas.DataFrame
        From `wdp_lib.gap_outlook`.
    """
    table = conform(outlook, GAP_OUTLOOK)
    inside = [
        between(r.lower, r.upper, plan.indicator(r.indicator).unit, language)
        for r in table.itertuples()
    ]
    cells = {
        "indicator": "indicator",
        "dimension": "word:dimension",
        "last_year": "text",
        "difference": "value",
        "median": "value",
        "inside": "text",
        "p_smaller": "probability",
    }
    year = int(table["year"].iloc[0]) if len(table) else ""
    caption = Text(
        *(CAPTION["outlook"].in_language(name).format(year=year) for name in ("zh", "en"))
    )
    headings = SHORT | {"difference": Text("最新差距", "last difference")}
    shown = table.assign(inside=inside)
    return contract_table(
        shown, GAP_OUTLOOK, plan, cells, caption=caption, language=language, headings=headings
    )


def completeness_tables(
    gaps: pd.DataFrame, completeness: pd.DataFrame, units: pd.DataFrame, rates: pd.DataFrame, plan: Plan, *, language: str = "zh"
) -> Tables:  # fmt: skip
    """Show which groups are not reported, how complete values by sex and age are by unit, and rates for the same age mix.

    Parameters
    ----------
    gaps, completeness, units, rates : pandas.DataFrame
        From `wdp_lib.group_gaps`, `group_completeness`, `unit_completeness` and `age_standardised`.
    """
    return Tables(
        (
            _unit_table(units, plan, language),
            _lacking_table(gaps, plan, language),
            _age_table(completeness, plan, language),
            _rate_table(rates, plan, language),
        )
    )


def _unit_table(units: pd.DataFrame, plan: Plan, language: str) -> Table:
    whole = ("indicators", "indicators_given", "wanted", "given")
    cells = {
        "dimension": "word:dimension",
        "unit": "units",
        **dict.fromkeys(whole, "whole"),
        "share": "share",
    }
    totals = {
        "wanted": Text("应报（指标×年）", "due (indicators x years)"),
        "given": Text("已报（指标×年）", "delivered (indicators x years)"),
    }
    settings = {"caption": CAPTION["units"], "language": language, "headings": SHORT | totals}
    return contract_table(
        conform(units, UNIT_COMPLETENESS), UNIT_COMPLETENESS, plan, cells, **settings
    )


def _lacking_table(gaps: pd.DataFrame, plan: Plan, language: str) -> Table:
    lacking = conform(gaps, GROUP_GAPS)
    lacking = lacking[
        lacking["reason"].isin(list(LACKING)) & lacking["dimension"].isin(["sex", ""])
    ]
    years = lacking.groupby("indicator")["year"].agg(
        lambda y: ", ".join(str(int(x)) for x in y.dropna())
    )
    shown = lacking.drop_duplicates("indicator", keep="last")
    shown = shown.assign(years=shown["indicator"].map(years))
    cells = {"indicator": "indicator", "reason": "word:reason", "years": "text"}
    settings = {"caption": CAPTION["lacking"], "language": language, "headings": SHORT}
    return contract_table(shown, GROUP_GAPS, plan, cells, **settings)


def _age_table(completeness: pd.DataFrame, plan: Plan, language: str) -> Table:
    shown = conform(completeness, GROUP_COMPLETENESS)
    shown = shown[shown["dimension"] == "age_group"]
    cells = {
        "indicator": "indicator",
        "unit": "units",
        "wanted": "whole",
        "given": "whole",
        "reason": "word:reason",
    }
    settings = {"caption": CAPTION["indicators"], "language": language, "headings": SHORT}
    return contract_table(shown, GROUP_COMPLETENESS, plan, cells, **settings)


def _rate_table(rates: pd.DataFrame, plan: Plan, language: str) -> Table:
    """Only the rates that could be standardised, the last year of each."""
    shown = conform(rates, AGE_STANDARDISED)
    shown = shown[shown["rate"].notna()]
    shown = shown[shown["year"] == shown.groupby("indicator")["year"].transform("max")]
    shown = shown.assign(
        between=[
            between(r.lower, r.upper, plan.indicator(r.indicator).unit, language)
            for r in shown.itertuples()
        ]
    )
    cells = {
        "indicator": "indicator",
        "area": "text",
        "sex": "word:sex",
        "residence": "word:residence",
        "year": "text",
    }
    cells |= {
        "ages": "text",
        "crude": "value",
        "rate": "value",
        "between": "text",
        "standard_year": "text",
    }
    settings = {"caption": CAPTION["standardised"], "language": language, "headings": SHORT}
    return contract_table(shown, AGE_STANDARDISED, plan, cells, **settings)


def gap_facts(gaps: pd.DataFrame, plan: Plan, language: str) -> dict[str, object]:
    """Return how many gaps there are, how many narrow and widen by the trend test, and which are the largest.

    The largest is told among those in per cent, of the plan's own years, with 30 or more in each group: the one whose interval is farthest
    from zero, so that a wide interval of a few cases does not win.
    """
    last = latest_gaps(gaps)
    chance, full = last["p_narrowing"], last["reason"] == FULL_COUNT
    lacking = gaps[gaps["reason"].isin(list(LACKING)) & gaps["dimension"].isin(["sex", ""])]
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
        "largest_sex": _largest(last, plan, "sex", language),
        "largest_residence": _largest(last, plan, "residence", language),
    }


def _largest(last: pd.DataFrame, plan: Plan, by: str, language: str) -> str:
    units = {i.id: i.unit for i in plan.indicators}
    part = last[(last["dimension"] == by) & last["indicator"].map(units).eq("percent")]
    enough = part[["first_denominator", "second_denominator"]].min(axis=1) >= FEWEST_PERSONS
    apart = part["difference_lower"] * part["difference_upper"] > 0
    part = part[(part["year"] >= plan.first_year) & enough & apart]
    if part.empty:
        return {"zh": "无"}.get(language, "none")
    row = part.loc[part[["difference_lower", "difference_upper"]].abs().min(axis=1).idxmax()]
    size = quantity(
        float(number(abs(row["difference"]), "percentage_points")), "percentage_points", language
    )
    low, high = FIRST[by].in_language(language), SECOND[by].in_language(language)
    ends = sorted(
        abs(row[f"difference_{end}"]) for end in ("lower", "upper")
    )  # the way is told in words
    inside = between(*ends, "percentage_points", language)
    name = name_of(row["indicator"], plan, language)
    if language == "en":
        way = "above" if row["difference"] > 0 else "below"
        return f"{name} ({low} {size} {way} {high}, 95 % interval {inside}, {row['year']})"
    way = "高" if row["difference"] > 0 else "低"
    return f"{name}（{row['year']} 年{low}比{high}{way} {size}，95% 区间 {inside}）"


def outlook_facts(outlook: pd.DataFrame) -> dict[str, object]:
    """Return how many gaps are looked ahead to, and how many will be smaller, larger, or cannot be told.

    Larger: with 90 % probability above the last one and, as the 80 % interval leaves out zero, a gap at all. A gap that is now about zero would
    otherwise count as widening whatever comes.
    """
    table = conform(outlook, GAP_OUTLOOK)
    smaller = table["p_smaller"] >= SURE
    larger = (table["p_smaller"] <= UNLIKELY) & (table["lower"] * table["upper"] > 0)
    counts = {"n_smaller": int(smaller.sum()), "n_larger": int(larger.sum())}
    return {"n_outlook": len(table), **counts, "n_open": int((~smaller & ~larger).sum())}


def completeness_facts(
    completeness: pd.DataFrame, rates: pd.DataFrame, language: str
) -> dict[str, object]:
    """Return how many indicators are wanted by sex and by age, how many come so, and how many rates could be standardised."""
    table, rates = conform(completeness, GROUP_COMPLETENESS), conform(rates, AGE_STANDARDISED)
    facts: dict[str, object] = {}
    for by, name in zip(WANTED_BY, ("sex", "age"), strict=True):
        part = table[table["dimension"] == by]
        wanted = int(part["wanted"].sum())
        facts[f"n_{name}_wanted"] = len(part)
        facts[f"n_{name}_given"] = int((part["given"] > 0).sum())
        facts[f"share_{name}"] = f"{100 * part['given'].sum() / max(wanted, 1):.0f}%"
    facts["n_standardised"] = int(rates.loc[rates["rate"].notna(), "indicator"].nunique())
    facts["n_not_standardised"] = int(rates["indicator"].nunique()) - int(facts["n_standardised"])
    codes = sorted(set(rates.loc[rates["rate"].isna(), "reason"]))
    facts["why_not"] = {"zh": "、"}.get(language, ", ").join(
        word("reason", code, language) for code in codes
    ) or "—"
    return facts
