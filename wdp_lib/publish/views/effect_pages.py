"""What a report shows of the effects of measures: one row a measure and indicator, in words that go no further than the design."""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.columns import conform
from wdp_lib.core.errors import Text
from wdp_lib.core.words import word
from wdp_lib.effects.tables import BETTER, EFFECTS, LEVELS
from wdp_lib.plan import Plan
from wdp_lib.publish.text.words import number
from wdp_lib.publish.views.contract_table import contract_table
from wdp_lib.publish.views.report_tables import heading, name_of
from wdp_lib.publish.views.show import Table

WORDS = {
    "caption": Text(
        "策略措施与指标变化（按论断级别）",
        "Measures and what became of their indicators (by level of claim)",
    ),
    "all": Text("全部估计（含不能判断的）", "All estimates, also those that tell nothing"),
    "measure": Text("策略措施", "measure"),
    "start": Text("开始年份", "began"),
    "estimate": Text("估计（95% 区间）", "estimate (95 % interval)"),
    "points": Text("前/后年数", "years before/since"),
    "claim": Text("可以说的话", "what may be said"),
    "cautions": Text("注意事项", "cautions"),
}


def effect_table(effects: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show, for each measure and indicator, the estimate of the highest level that tells something.

    Parameters
    ----------
    effects : pandas.DataFrame
        From `wdp_lib.measure_effects`; rows without an estimate are left out here and stand in `all_effects_table`.
    """
    effects = conform(effects, EFFECTS)
    able = effects[effects["reason"] == ""].assign(height=effects["level"].map(LEVELS.index))
    best = (
        able.sort_values("height", kind="stable")
        .drop_duplicates(["measure", "start_year", "indicator"], keep="last")
        .sort_index()
    )
    rows = [_row(row, plan, language) for row in best.itertuples()]
    return Table(pd.DataFrame(rows), WORDS["caption"].in_language(language))


def _row(row, plan: Plan, language: str) -> dict[str, str]:
    join = {"zh": "；"}.get(language, "; ").join
    return {
        WORDS["measure"].in_language(
            language
        ): f"{row.measure} {plan.measure(row.measure).title.in_language(language)}",
        heading("indicator", language): name_of(row.indicator, plan, language),
        WORDS["start"].in_language(language): str(row.start_year),
        word_of("design", language): word("design", row.design, language),
        WORDS["estimate"].in_language(language): _estimate(row, plan),
        WORDS["points"].in_language(language): f"{row.n_before}/{row.n_after}",
        word_of("level", language): word("claim_level", row.level, language),
        WORDS["claim"].in_language(language): word("effect_words", row.words, language),
        WORDS["cautions"].in_language(language): join(
            word("caution", c, language) for c in row.cautions.split(";") if c
        )
        or "—",
    }


def word_of(column: str, language: str) -> str:
    """Return the heading of a column of the effects."""
    return next(c.meaning for c in EFFECTS.columns if c.name == column).in_language(language)


def _estimate(row, plan: Plan) -> str:
    if pd.isna(row.estimate):
        return "—"
    unit = "ratio" if row.unit == "rate_ratio" else plan.indicator(row.indicator).unit
    between = (
        ""
        if pd.isna(row.lower) or pd.isna(row.upper)
        else f"（{number(row.lower, unit)}, {number(row.upper, unit)}）"
    )
    return (
        f"{row.estimate:+.{2 if unit == 'ratio' else 1}f}{between}"
        if unit != "ratio"
        else f"{number(row.estimate, unit)}{between}"
    )


def all_effects_table(effects: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Count the estimates by design, level and reason: also what could not be told is shown."""
    counted = (
        conform(effects, EFFECTS)
        .groupby(["design", "level", "reason"], sort=False)
        .size()
        .reset_index(name="n")
    )
    rows = [
        {
            word_of("design", language): word("design", row.design, language),
            word_of("level", language): word("claim_level", row.level, language),
            heading("why", language): word("reason", row.reason, language) or "—",
            heading("cases", language): str(row.n),
        }
        for row in counted.sort_values(["design", "level", "reason"]).itertuples()
    ]
    return Table(pd.DataFrame(rows), WORDS["all"].in_language(language))


def better_table(
    better: pd.DataFrame, plan: Plan, names: dict[str, str], *, language: str = "zh"
) -> Table:
    """Show how far each area is above what its early values let expect; only those beyond chance are listed as such.

    Parameters
    ----------
    better : pandas.DataFrame
        From `wdp_lib.better_than_expected`.
    names : dict of str
        Names of the areas.
    """
    shown = conform(better, BETTER)
    shown = shown.assign(area=shown["area"].map(names).fillna(shown["area"]))
    cells = {
        "area": "text",
        "n_indicators": "whole",
        "score": "number",
        "p_adjusted": "probability",
        "listed": "yes_no",
        "reason": "word:reason",
    }
    caption = Text("发展好于预期的乡镇", "Townships that did better than expected")
    return contract_table(shown, BETTER, plan, cells, caption=caption, language=language)


def effect_facts(effects: pd.DataFrame, better: pd.DataFrame) -> dict[str, object]:
    """Return how many measures were looked at, how many rows tell something, and at which levels."""
    able = effects[effects["reason"] == ""]
    levels = {f"n_{level}": int((able["level"] == level).sum()) for level in LEVELS}
    shown = able[able["words"].isin(("beyond_usual", "consistent", "estimated", "opposite"))]
    return {
        **levels,
        "n_measures": effects["measure"].nunique(),
        "n_rows": len(effects),
        "n_told": len(able),
        "n_refused": len(effects) - len(able),
        "n_shown": len(shown),
        "n_adjusted": int(
            (~shown["cautions"].str.split(";").map(lambda told: "many_tests" in told)).sum()
        ),
        "n_better": int(better["listed"].sum()),
    }
