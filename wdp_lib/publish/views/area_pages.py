"""What a report shows of townships and upper areas: who stands out, what is missing where, sums, and the context above."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from wdp_lib.comparison.areas.overview import FAR
from wdp_lib.comparison.areas.tables import (
    AREA_COMPARISON,
    AREA_OVERVIEW,
    DRILL_DOWN,
    LOWEST_AREA,
    ROLL_UP,
    PARENT_COMPARISON,
)
from wdp_lib.core.columns import conform
from wdp_lib.core.errors import Text
from wdp_lib.core.words import word
from wdp_lib.plan import Plan
from wdp_lib.publish.text.words import span
from wdp_lib.publish.views.contract_table import JOINER, contract_table
from wdp_lib.publish.views.report_tables import name_of
from wdp_lib.publish.views.show import Table, Tables

BEYOND_BY_CHANCE = 0.002  # share of areas outside 99.8 % limits when all are alike
CAPTION = {
    "overview": Text("各项指标的分镇差异（最新年份）", "Townships in every indicator, latest year"),
    "one": Text("{name}：分镇比较（{year} 年）", "{name} by township, {year}"),
    "lowest": Text("逐镇达标的目标：最低的乡镇", "Promises for every township: the lowest one"),
    "parts": Text("对未达目标的差额贡献最大的部分", "Which part adds most to what is missing"),
    "sums": Text(
        "与各乡镇合计不符或不能汇总的数据",
        "Figures that do not agree with the sum of the townships",
    ),
    "upper": Text(
        "与上级地区比较（仅供参照，不作判定依据）",
        "Beside the areas above (context only, never part of a verdict)",
    ),
}
SHORT = {
    "indicator": Text("指标", "indicator"),
    "area": Text("乡镇", "township"),
    "year": Text("年份", "year"),
    "value": Text("数值", "value"),
    "between": Text("95% 区间", "95 % interval"),
    "limits": Text("99.8% 控制限", "99.8 % limits"),
    "drawn_in": Text("收缩值的 95% 区间", "95 % interval of that"),
    "ranks": Text("位次区间", "ranks"),
    "shrunken": Text("收缩值", "drawn in"),
    "common_value": Text("可比各镇合计", "all that can be compared"),
    "n_areas": Text("乡镇数", "townships"),
    "worst_area": Text("最差的乡镇", "worst township"),
    "worst_value": Text("其数值", "its value"),
    "worst_shrunken": Text("其收缩值", "drawn in"),
    "worse_areas": Text("明显较差", "clearly worse"),
    "better_areas": Text("明显较好", "clearly better"),
    "apart_areas": Text("明显不同（无优劣）", "clearly apart (no better side)"),
    "n_below": Text("未达目标线", "below the line"),
    "keeps": Text("达到目标线", "keeps the promise"),
    "side": Text("漏斗图", "funnel"),
    "reason": Text("说明", "why"),
    "part_name": Text("组别或乡镇", "part"),
    "stratum": Text("分组", "group"),
    "upper_name": Text("上级地区", "upper area"),
}  # fmt: skip


def _table(
    frame,
    contract,
    plan: Plan,
    cells: dict[str, str],
    caption: Text,
    language: str,
    **headings: Text,
) -> Table:
    return contract_table(
        frame, contract, plan, cells, caption=caption, language=language, headings=SHORT | headings
    )


def _named(areas: pd.Series, names: Mapping[str, str], language: str) -> list[str]:
    joiner = JOINER.in_language(language)
    return [
        joiner.join(names.get(area, area) for area in cell.split(";") if area) for cell in areas
    ]


def area_overview_table(
    overview: pd.DataFrame, plan: Plan, names: Mapping[str, str], *, language: str = "zh"
) -> Table:
    """Show, indicator by indicator, the worst township with its interval and which are outside the 99.8 % funnel limits.

    Parameters
    ----------
    overview : pandas.DataFrame
        From `wdp_lib.area_overview`.
    names : mapping of str
        Names of the areas.
    """
    shown = conform(overview, AREA_OVERVIEW)
    listed = ("worst_area", "worse_areas", "better_areas", "apart_areas")
    shown = shown.assign(
        between=_spans(shown, "worst_lower", "worst_upper", plan),
        **{name: _named(shown[name], names, language) for name in listed},
    )
    cells = {
        "indicator": "indicator",
        "year": "text",
        "common_value": "value",
        "worst_area": "text",
        "worst_value": "value",
        "between": "text",
        "worst_shrunken": "value",
        "worse_areas": "text",
        "better_areas": "text",
        **({"apart_areas": "text"} if shown["apart_areas"].ne("").any() else {}),
        "n_below": "whole",
        "reason": "word:reason",
    }
    return _table(shown, AREA_OVERVIEW, plan, cells, CAPTION["overview"], language)


def _spans(frame: pd.DataFrame, lower: str, upper: str, plan: Plan) -> list[str]:
    ends = zip(frame["indicator"], frame[lower], frame[upper], strict=True)
    return [span(low, high, plan.indicator(name).unit) for name, low, high in ends]


def area_tables(
    compared: pd.DataFrame, lowest: pd.DataFrame, plan: Plan, indicator: str, names: Mapping[str, str], *, language: str = "zh"
) -> Tables:  # fmt: skip
    """Show the townships in one indicator, and the lowest township of each promise made for every township.

    Parameters
    ----------
    compared, lowest : pandas.DataFrame
        From `wdp_lib.compare_all_areas` and `wdp_lib.lowest_area`.
    indicator : str
        The indicator; ``""`` leaves the first table empty.
    names : mapping of str
        Names of the areas.
    """
    return Tables(
        (
            _one_table(compared, plan, indicator, names, language),
            _lowest_table(lowest, plan, names, language),
        )
    )


def _one_table(
    compared: pd.DataFrame, plan: Plan, indicator: str, names: Mapping[str, str], language: str
) -> Table:
    shown = conform(compared, AREA_COMPARISON)
    shown = shown[shown["indicator"] == indicator]
    year = int(shown["year"].iloc[0]) if len(shown) else ""
    title = {code: name_of(indicator, plan, code) if indicator else "—" for code in ("zh", "en")}
    caption = Text(
        *(CAPTION["one"].in_language(c).format(name=title[c], year=year) for c in ("zh", "en"))
    )
    shown = shown.assign(
        area=_named(shown["area"], names, language),
        between=_spans(shown, "lower", "upper", plan),
        limits=_spans(shown, "limit_998_lower", "limit_998_upper", plan),
        drawn_in=_spans(shown, "shrunken_lower", "shrunken_upper", plan),
        ranks=[
            "" if pd.isna(r.rank) else str(r.rank) if pd.isna(r.rank_lower) else f"{r.rank} ({r.rank_lower}–{r.rank_upper})"
            for r in shown[["rank", "rank_lower", "rank_upper"]].itertuples()
        ],
        side=shown["side"].where(shown["outside"] == FAR, ""),
    )  # fmt: skip
    cells = {
        "area": "text",
        "value": "value",
        "numerator": "whole",
        "denominator": "whole",
        "between": "text",
    }
    cells |= {
        "limits": "text",
        "side": "word:funnel_side",
        "shrunken": "value",
        "drawn_in": "text",
        "ranks": "text",
    }
    cells |= {"keeps": "word:yes_no", "contribution": "whole"}
    return _table(shown, AREA_COMPARISON, plan, cells, caption, language)


def _lowest_table(
    lowest: pd.DataFrame, plan: Plan, names: Mapping[str, str], language: str
) -> Table:
    shown = conform(lowest, LOWEST_AREA)
    shown = shown.assign(area=_named(shown["area"], names, language))
    cells = {
        "indicator": "indicator",
        "year": "text",
        "line": "value",
        "county_value": "value",
        "area": "text",
    }
    cells |= {
        "lowest_value": "value",
        "n_areas": "whole",
        "n_below": "whole",
        "state": "word:state",
    }
    return _table(shown, LOWEST_AREA, plan, cells, CAPTION["lowest"], language)


def contribution_table(
    parts: pd.DataFrame, plan: Plan, names: Mapping[str, str], *, language: str = "zh"
) -> Table:
    """Show which township, sex, part (town or country) and age adds most to what is missing to the line.

    Parameters
    ----------
    parts : pandas.DataFrame
        From `wdp_lib.largest_contributions`.
    names : mapping of str
        Names of the areas.
    """
    shown = conform(parts, DRILL_DOWN)
    shown = shown.assign(
        part_name=[
            names.get(r.part, r.part)
            if r.dimension == "area"
            else r.part
            if r.dimension == "age_group"
            else word(r.dimension, r.part, language)
            for r in shown.itertuples()
        ]
    )
    cells = {
        "indicator": "indicator",
        "year": "text",
        "dimension": "word:dimension",
        "part_name": "text",
    }
    cells |= {
        "value": "value",
        "gap": "value",
        "contribution": "whole",
        "contribution_share": "share",
    }
    return _table(shown, DRILL_DOWN, plan, cells, CAPTION["parts"], language)


def sum_table(sums: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show the figures of the plan's area that do not agree with the sum of the areas below, or could not be added up.

    Parameters
    ----------
    sums : pandas.DataFrame
        From `wdp_lib.roll_up`.
    """
    shown = conform(sums, ROLL_UP)
    shown = shown[shown["reason"] != ""]
    shown = shown.assign(stratum=[_stratum(row, language) for row in shown.itertuples()])
    cells = {
        "indicator": "indicator",
        "stratum": "text",
        "year": "text",
        "n_areas": "whole",
        "n_expected": "whole",
    }
    shown = shown.assign(
        added=_counts(shown["numerator"], shown["denominator"]),
        reported=_counts(shown["reported_numerator"], shown["reported_denominator"]),
    )
    cells |= {
        "value": "value",
        "added": "text",
        "reported_value": "value",
        "reported": "text",
        "reason": "word:reason",
    }
    headings = {
        "value": Text("按乡镇合计", "by the townships"),
        "added": Text("合计分子/分母", "their counts"),
        "reported_value": Text("本级上报", "reported"),
        "reported": Text("上报分子/分母", "reported counts"),
        "n_expected": Text("应有乡镇数", "townships expected"),
    }
    return _table(shown, ROLL_UP, plan, cells, CAPTION["sums"], language, **headings)


def _counts(numerators: pd.Series, denominators: pd.Series) -> list[str]:
    pairs = zip(numerators, denominators, strict=True)
    return ["/".join(f"{x:.0f}" for x in pair if pd.notna(x)) for pair in pairs]


def _stratum(row, language: str) -> str:
    said = [
        word(name, getattr(row, name), language)
        for name in ("sex", "residence")
        if getattr(row, name) != "all"
    ]
    said += [row.age_group] if row.age_group != "all" else []
    return JOINER.in_language(language).join(said) or word("sex", "all", language)


def upper_table(
    upper: pd.DataFrame, plan: Plan, names: Mapping[str, str], *, language: str = "zh"
) -> Table:
    """Show the plan's area beside the areas above it, each row marked as context.

    Parameters
    ----------
    upper : pandas.DataFrame
        From `wdp_lib.compare_parents`.
    names : mapping of str
        Names of the areas.
    """
    shown = conform(upper, PARENT_COMPARISON)
    shown = shown.assign(upper_name=_named(shown["parent_area"], names, language))
    cells = {
        "indicator": "indicator",
        "upper_name": "text",
        "level": "word:level",
        "year": "text",
        "value": "value",
    }
    cells |= {
        "parent_value": "value",
        "difference": "value",
        "side": "word:upper_side",
        "use": "word:use",
    }
    cells |= {"reason": "word:reason"}
    side = Text("与上级相比", "compared")
    return _table(shown, PARENT_COMPARISON, plan, cells, CAPTION["upper"], language, side=side)


def area_facts(
    compared: pd.DataFrame,
    sums: pd.DataFrame,
    names: Mapping[str, str],
    plan: Plan,
    indicator: str,
    language: str,
) -> dict[str, object]:
    """Return how many comparisons were made, how many townships are outside, how many chance alone would put there, and sums.

    ``most_named`` is the township that is clearly worse in most indicators.
    """
    table = conform(compared, AREA_COMPARISON)
    judged, far = table[table["limit_998_lower"].notna()], table[table["outside"] == FAR]
    worse = far[far["side"] == "worse"]
    often = worse["area"].value_counts()
    most = sorted(often[often == often.max()].index) if len(often) else []
    none = {"zh": "无"}.get(language, "none")
    wrong = conform(sums, ROLL_UP)
    return {
        "n_indicators": int(table["indicator"].nunique()),
        "n_compared": len(judged),
        "n_chance": f"{BEYOND_BY_CHANCE * len(judged):.1f}",
        "n_far": len(far),
        "n_worse": len(worse),
        "n_worse_indicators": int(worse["indicator"].nunique()),
        "most_named": JOINER.in_language(language).join(names.get(a, a) for a in most) or none,
        "most_often": int(often.max()) if len(often) else 0,
        "focus": name_of(indicator, plan, language) if indicator else none,
        "n_sums": len(wrong),
        "n_sums_differ": int((wrong["reason"] != "").sum()),
    }


def upper_facts(upper: pd.DataFrame, language: str) -> dict[str, object]:
    """Return how many comparisons with upper areas there are, and a sentence when there is none."""
    table = conform(upper, PARENT_COMPARISON)
    none = Text(
        "本数据集没有上级地区的数据，不作比较。",
        "The data set has no values of areas above: nothing to compare.",
    )
    counted = Text(
        "数据集有 {n} 项可与上级地区并列。", "{n} values can be set beside those of areas above."
    )
    said = none if table.empty else counted
    return {
        "n_upper": len(table),
        "upper_line": said.in_language(language).format(n=int(table["value"].notna().sum())),
    }
