"""Which cell each row speaks of: indicator, area, year and stratum, in the words of the plan."""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.errors import Problem, Text
from wdp_lib.core.names import fold
from wdp_lib.data.read.cells import (
    Reader,
    read_age_group,
    read_area,
    read_column,
    read_name,
    read_word,
)
from wdp_lib.plan.model import Plan

CELL = ["indicator", "area", "sex", "age_group", "residence", "year"]


def indicator_attributes(plan: Plan) -> pd.DataFrame:
    """Return what the rules need to know of each indicator, indexed by its id.

    Returns
    -------
    pandas.DataFrame
        ``name_zh, name_en, plan_unit, lower, upper`` (infinite where there is no bound),
        ``multiplier`` (missing where the value is no quotient), ``data_kind, frequency, sex_scope``
        and the stratum ``own_sex, own_residence, own_age_group``.
    """
    rows = [
        {
            "indicator": i.id,
            "name_zh": i.name.zh,
            "name_en": i.name.en,
            "plan_unit": i.unit,
            "lower": i.lower_bound,
            "upper": i.upper_bound,
            "multiplier": float("nan") if i.multiplier is None else float(i.multiplier),
            "data_kind": i.data_kind,
            "frequency": i.frequency,
            "sex_scope": i.sex_scope,
            "own_sex": i.sex,
            "own_residence": i.residence,
            "own_age_group": i.age_group,
        }
        for i in plan.indicators
    ]
    return pd.DataFrame(rows).set_index("indicator")


def read_keys(
    table: pd.DataFrame, plan: Plan, areas: pd.DataFrame, read_year: Reader
) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the rows with area, year, stratum, status and origin understood, and the problems.

    The column ``status`` may be empty here: a row without value needs none. Empty strata stay
    ``""`` until the indicator is known.
    """
    readers = {
        "area": read_area(areas),
        "year": read_year,
        "sex": read_word("sex", ""),
        "residence": read_word("residence", ""),
        "age_group": read_age_group({i.age_group for i in plan.indicators}),
        "status": read_word("status", ""),
        "origin": read_word("origin", "reported"),
    }
    values, problems = {}, []
    for column, reader in readers.items():
        values[column], found = read_column(table, column, reader)
        problems += found
    for language in ("zh", "en"):
        shown = areas[f"name_{language}"].where(areas[f"name_{language}"] != "", areas["area"])
        values[f"area_{language}"] = values["area"].map(
            dict(zip(areas["area"], shown, strict=True))
        )
    return table.assign(**values), problems


def name_indicators(table: pd.DataFrame, plan: Plan) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the rows with the plan's indicator, named by id or by Chinese or English name."""
    entries = [(i.id, i.name.zh, i.name.en) for i in plan.indicators]
    expected = Text("规划指标的名称或标识", "the name or identifier of an indicator of the plan")
    indicator, problems = read_column(table, "indicator", read_name(entries, "indicator", expected))
    return table.assign(
        key=table["indicator"], indicator=indicator, definition_match="same"
    ), problems


def usable_map(mapping: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the rows of the map that lead to an indicator of this plan."""
    of_plan = mapping["indicator"].isin([i.id for i in plan.indicators])
    kept = mapping[of_plan & mapping["definition_match"].isin(["same", "partial"])]
    columns = {"sex": "map_sex", "residence": "map_residence"}
    kept = kept[["key", "sex", "residence", "indicator", "definition_match"]].rename(
        columns=columns
    )
    return kept.assign(folded=kept["key"].map(fold)).drop(columns="key")


def map_indicators(table: pd.DataFrame, mapping: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each plan indicator that a row feeds, by the map (`usable_map`)."""
    keyed = table.rename(columns={"indicator": "key"})
    joined = keyed.assign(folded=keyed["key"].map(fold)).merge(mapping, on="folded", how="inner")
    fits = pd.Series(True, index=joined.index)
    for column in ("sex", "residence"):
        wanted, given = joined[f"map_{column}"], joined[column].replace("", "all")
        # a word that could not be understood stays in the result, where its problem rejects the row
        fits &= (wanted == "") | (wanted == given) | joined[column].isna()
    joined = joined[fits].drop(columns=["folded", "map_sex", "map_residence"])
    return joined.drop_duplicates(["line", "indicator"], ignore_index=True)


def complete_strata(table: pd.DataFrame, attributes: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the attributes of their indicator, empty strata filled in.

    Where a statistic speaks of women only, or of the share of women, "all" and "female" name the
    same figure; it is kept under the stratum of the plan.
    """
    joined = table.join(attributes, on="indicator")
    for column in ("sex", "residence", "age_group"):
        joined[column] = joined[column].where(joined[column] != "", joined[f"own_{column}"])
    women = joined["sex_scope"].isin(["female_only", "share_female"]) & joined["sex"].isin(
        ["all", "female"]
    )
    joined["sex"] = joined["sex"].where(~women, joined["own_sex"])
    return joined
