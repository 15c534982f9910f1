"""What a report shows of single series: why a forecast is what it is, seats of elected bodies, directions."""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.errors import Text
from wdp_lib.core.words import word
from wdp_lib.data import headline
from wdp_lib.plan import Plan
from wdp_lib.publish.text.choose import rare_with_target
from wdp_lib.publish.text.count_facts import verifiability_facts
from wdp_lib.publish.text.words import number, probability
from wdp_lib.publish.views.report_tables import heading, name_of
from wdp_lib.publish.views.show import Prose, Table

WORDS = {
    "why": Text("预测依据（{year} 年）", "What the forecasts rest on ({year})"),
    "trend": Text("趋势会持续", "a trend goes on"),
    "reversion": Text("回到平均", "returns to its mean"),
    "neither": Text("原地起伏", "moves on from where it is"),
    "noise": Text("年变动中一时起伏所占", "share of a change that is gone a year later"),
    "step": Text("通常年变动", "usual yearly change"),
    "drift": Text("认定的趋势（每年）", "trend believed (a year)"),
    "prior_median": Text("校正前中位数", "median before correction"),
    "median": Text("校正后中位数", "median after"),
    "prior_width": Text("校正前 80% 区间宽度", "width of the 80 % interval before"),
    "width": Text("校正后宽度", "width after"),
    "terms": Text("按届变动的指标：席位", "Elected bodies: seats"),
    "last_term": Text("最近一届（年份）", "latest term (year)"),
    "seats": Text("女性/总数", "women/seats"),
    "change": Text("比上届（席）", "seats since last term"),
    "needed": Text("达标所需（席）", "seats needed"),
    "short": Text("还差（席）", "seats short"),
    "until": Text("预计改选", "next election"),
    "directions": Text("变化方向（{since} 年以来）", "Directions (since {since})"),
    "class": Text("方向", "direction"),
    "slope": Text("每年变化（中位斜率）", "change a year (median slope)"),
    "improving": Text("改善的概率", "probability of improving"),
    "n": Text("点数", "points"),
    "years": Text("数据年份", "years of data"),
}


def _word(name: str, language: str, **values: object) -> str:
    return WORDS[name].in_language(language).format(**values)


def explanation_table(explained: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show for each series how much trend, noise and return to the mean is believed, and what the correction changed.

    Parameters
    ----------
    explained : pandas.DataFrame
        From `wdp_lib.explain`.
    """
    rows = []
    for row in explained.itertuples():
        unit = plan.indicator(row.indicator).unit
        shares = {
            _word(k, language): f"{100 * getattr(row, k):.0f}%"
            for k in ("trend", "reversion", "neither", "noise")
        }
        sizes = ("step", "drift", "prior_median", "median", "prior_width", "width")
        shown = {_word(k, language): number(getattr(row, k), unit) for k in sizes}
        rows.append(
            {
                heading("indicator", language): name_of(row.indicator, plan, language),
                **shares,
                **shown,
            }
        )
    year = "" if explained.empty else int(explained["year"].iloc[0])
    return Table(pd.DataFrame(rows), _word("why", language, year=year))


def term_table(seats: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show the seats of every elected body: women now and in the term before, seats needed and short.

    Parameters
    ----------
    seats : pandas.DataFrame
        From `wdp_lib.terms`.
    """
    rows = []
    for row in seats[seats["reason"] != "no_data"].itertuples():
        counted = pd.notna(row.numerator)
        rows.append(
            {
                heading("indicator", language): name_of(row.indicator, plan, language),
                _word("last_term", language): str(row.last_term),
                _word("seats", language): f"{row.numerator:.0f}/{row.denominator:.0f}"
                if counted
                else "—",
                _word("change", language): "—"
                if pd.isna(row.change_in_seats)
                else f"{row.change_in_seats:+d}",
                _word("needed", language): "—"
                if pd.isna(row.seats_needed)
                else str(row.seats_needed),
                _word("short", language): "—" if pd.isna(row.seats_short) else str(row.seats_short),
                _word("until", language): str(row.held_until),
                heading("why", language): word("reason", row.reason, language),
            }
        )
    return Table(pd.DataFrame(rows), _word("terms", language))


def direction_table(found: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show the direction of every indicator without a number as target, in five classes, with slope, probability and points.

    Rates of rare events are left out: one case more or less is no direction.

    Parameters
    ----------
    found : pandas.DataFrame
        From `wdp_lib.directions`.
    """
    rows = []
    for row in found[found["reason"].isin(["", "too_few_points"]) & (found["n"] > 0)].itertuples():
        entry = plan.indicator(row.indicator)
        if entry.target.is_number or entry.data_kind == "rare_rate":
            continue
        unit = "percentage_points" if entry.unit == "percent" else entry.unit
        slope = "—" if pd.isna(row.slope) else f"{row.slope:+.3g}"
        rows.append(
            {
                heading("indicator", language): name_of(row.indicator, plan, language),
                _word("class", language): word(
                    "direction_class", row.direction_class or row.reason, language
                ),
                _word("slope", language): slope
                if slope == "—"
                else f"{slope} {word('unit', unit, language)}",
                _word("improving", language): probability(row.p_improving, language),
                _word("n", language): str(row.n),
                _word("years", language): f"{row.first_year}–{row.last_year}",
            }
        )
    return Table(pd.DataFrame(rows), _word("directions", language, since=plan.baseline_year))


def verifiability_prose(observations: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Prose:
    """Return one item for each target of a rare event that has counts: what a county of this size can show of it."""
    names = rare_with_target(headline(observations, plan), plan)
    said = [verifiability_facts(observations, plan, name, language)["sentence"] for name in names]
    none = Text(
        "（没有这类指标，或没有分子、分母。）",
        "(There is no such indicator, or no counts are known.)",
    )
    return Prose("\n".join(f"- {sentence}" for sentence in said) or none.in_language(language))
