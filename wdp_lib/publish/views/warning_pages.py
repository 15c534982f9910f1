"""What a report shows of early warning: the list with rules and figures, what changed, who has to act."""

from __future__ import annotations

import pandas as pd

from wdp_lib.assessment.warning.tables import CHANGES, WARNINGS
from wdp_lib.core.columns import conform
from wdp_lib.core.errors import Text
from wdp_lib.core.words import word
from wdp_lib.plan import Plan
from wdp_lib.publish.text.words import bracketed, near_probability, number, quantity
from wdp_lib.publish.views.contract_table import contract_table
from wdp_lib.publish.views.report_tables import build, name_of
from wdp_lib.publish.views.show import Table, Tables

AXES = ("hard_to_reach", "volatile", "data")
OF_PROBABILITY = ("probability_of_missing",)
OF_YEARS = ("no_data", "stale", "estimates_only", "provisional")
COUNTED = Text("各类预警（条）", "Warnings by kind and colour")


def warning_list(warned: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Tables:
    """Show every rule that fired, one table a kind of warning: colour in words, rule, by how much, and what would clear it.

    Parameters
    ----------
    warned : pandas.DataFrame
        From `wdp_lib.warnings`.
    """
    warned = conform(warned, WARNINGS)
    return Tables(
        tuple(_axis_table(warned[warned["axis"] == axis], axis, plan, language) for axis in AXES)
    )


def _axis_table(rows: pd.DataFrame, axis: str, plan: Plan, language: str) -> Table:
    shown, marks = [], []
    for row in rows.itertuples():
        shown.append(
            {
                "indicator": name_of(row.indicator, plan, language),
                "risk": row.level_en if language == "en" else row.level_zh,
                "rule": word("warning_rule", row.rule, language),
                "by": f"{_figure(row.figure, row, plan, language)} / {_figure(row.threshold, row, plan, language)}",
                "clears": _clears(row, plan, language),
                "last": _last(row, plan, language),
                "grade": row.grade if row.grade != "none" else "—",
                "units": {"zh": "、"}.get(language, ", ").join(
                    plan.unit(unit).name.in_language(language)
                    for unit in row.units.split(";")
                    if unit
                ),
            }
        )
        marks.append({"risk": f"risk-{row.level}"})
    return build(shown, word("axis", axis, language), language, marks=marks)


def _figure(value: float, row, plan: Plan, language: str) -> str:
    if pd.isna(value):
        return "—"
    if row.rule in OF_PROBABILITY:
        return near_probability(value, language)
    if row.rule in OF_YEARS or row.rule == "status_flips":
        return f"{value:.0f}"
    return number(value, plan.indicator(row.indicator).unit)


def _clears(row, plan: Plan, language: str) -> str:
    said = word("clears_when", row.clears_when, language)
    at = _figure(row.clears_at, row, plan, language)
    said = said if at == "—" else bracketed(said, at, language)
    if pd.isna(row.needed_next):
        return said
    next_value = quantity(
        float(number(row.needed_next, plan.indicator(row.indicator).unit)),
        plan.indicator(row.indicator).unit,
        language,
    )
    return said + {"zh": f"；下一年须达 {next_value}"}.get(language, f"; next year {next_value}")


def _last(row, plan: Plan, language: str) -> str:
    if pd.isna(row.last_value):
        return "—"
    return bracketed(
        quantity(row.last_value, plan.indicator(row.indicator).unit, language),
        str(row.last_year),
        language,
    )


def warning_counts(warned: pd.DataFrame, *, language: str = "zh") -> Table:
    """Count warnings by kind and rule, with the indicators concerned."""
    rows = [
        {
            "axis": word("axis", axis, language),
            "rule": word("warning_rule", rule, language),
            "level": part["level_en" if language == "en" else "level_zh"].iloc[0]
            if part["level"].nunique() == 1
            else "—",
            "cases": str(len(part)),
        }
        for (axis, rule), part in warned.groupby(["axis", "rule"], sort=False)
    ]
    return build(rows, COUNTED.in_language(language), language)


def change_table(changes: pd.DataFrame, plan: Plan, *, language: str = "zh") -> Table:
    """Show which promises changed their class or state since the last run.

    Parameters
    ----------
    changes : pandas.DataFrame
        From `wdp_lib.class_changes`.
    """
    cells = {
        "indicator": "indicator",
        "change": "word:class_change",
        "risk_before": "word:risk_short",
        "risk": "word:risk_short",
        "p_before": "probability",
        "p_meet": "probability",
        "state_before": "word:state",
        "state": "word:state",
        "last_year": "text",
    }
    caption = Text("自上次以来的变化", "Changes since the last run")
    return contract_table(
        conform(changes, CHANGES), CHANGES, plan, cells, caption=caption, language=language
    )


def warning_facts(warned: pd.DataFrame, plan: Plan, language: str) -> dict[str, object]:
    """Return how many indicators are warned of, by kind and by colour, and the names of those red."""
    hard = warned[warned["axis"] == "hard_to_reach"]
    by_axis = {
        f"n_{axis}": int(warned.loc[warned["axis"] == axis, "indicator"].nunique()) for axis in AXES
    }
    by_level = {
        f"n_{level}": int(hard.loc[hard["level"] == level, "indicator"].nunique())
        for level in ("red", "orange", "yellow", "blue")
    }
    red = [
        name_of(i, plan, language) for i in hard.loc[hard["level"] == "red", "indicator"].unique()
    ]
    joined = {"zh": "、"}.get(language, ", ").join(red)
    none = {"zh": "无"}.get(language, "none")
    return {
        **by_axis,
        **by_level,
        "n_warnings": len(warned),
        "n_warned_indicators": int(warned["indicator"].nunique()),
        "red_names": joined or none,
    }
