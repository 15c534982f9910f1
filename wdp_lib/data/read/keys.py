"""Which cell each row speaks of: indicator, area, year and stratum, in the words of the plan."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from wdp_lib.core.errors import Problem, Text
from wdp_lib.core.names import fold
from wdp_lib.data.read.cells import (
    Reader,
    read_age_group,
    read_area,
    read_name,
    read_word,
)
from wdp_lib.data.read.columns import read_words
from wdp_lib.data.read.table import Table, Words
from wdp_lib.plan.model import Indicator, Plan

CELL = ["indicator", "area", "sex", "age_group", "residence", "year"]
_TEXTS = ("name_zh", "name_en", "plan_unit", "data_kind", "frequency")
_NUMBERS = ("lower", "upper", "multiplier")
_STRATA = ("sex", "residence", "age_group")


def _attributes(i: Indicator) -> dict[str, Any]:
    """What the rules need to know of an indicator.

    ``lower, upper`` are infinite where there is no bound, ``multiplier`` is missing where the value
    is no quotient.
    """
    return {
        "name_zh": i.name.zh,
        "name_en": i.name.en,
        "plan_unit": i.unit,
        "data_kind": i.data_kind,
        "frequency": i.frequency,
        "lower": i.lower_bound,
        "upper": i.upper_bound,
        "multiplier": np.nan if i.multiplier is None else float(i.multiplier),
    }


def read_keys(
    table: Table, plan: Plan, areas: pd.DataFrame, read_year: Reader
) -> tuple[Table, list[Problem]]:
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
    values: dict[str, Words] = {}
    problems = []
    for column, reader in readers.items():
        values[column], found = read_words(table, column, reader)
        problems += found
    for language in ("zh", "en"):
        shown = areas[f"name_{language}"].where(areas[f"name_{language}"] != "", areas["area"])
        names = dict(zip(areas["area"], shown, strict=True))
        values[f"area_{language}"] = values["area"].map(names.get)
    return table.with_(**values), problems


def name_indicators(table: Table, plan: Plan) -> tuple[Table, list[Problem]]:
    """Return the rows with the plan's indicator, named by id or by Chinese or English name."""
    entries = [(i.id, i.name.zh, i.name.en) for i in plan.indicators]
    expected = Text("规划指标的名称或标识", "the name or identifier of an indicator of the plan")
    indicator, problems = read_words(table, "indicator", read_name(entries, "indicator", expected))
    return table.with_(
        key=table.words("indicator"),
        indicator=indicator,
        definition_match=Words.all_of("same", len(table)),
    ), problems


def usable_map(mapping: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the rows of the map that lead to an indicator of this plan."""
    of_plan = mapping["indicator"].isin([i.id for i in plan.indicators])
    kept = mapping[of_plan & mapping["definition_match"].isin(["same", "partial"])]
    kept = kept[["key", "sex", "residence", "indicator", "definition_match"]]
    return kept.assign(folded=kept["key"].map(fold)).drop(columns="key")


def map_indicators(table: Table, mapping: pd.DataFrame) -> Table:
    """Return one row for each plan indicator that a row feeds, by the map (`usable_map`)."""
    keys = table.words("indicator")
    by_key: dict[str, list[int]] = {}
    for place, folded in enumerate(mapping["folded"]):
        by_key.setdefault(folded, []).append(place)
    entries = [by_key.get(fold(key), []) for key in keys.words]
    size = np.array([len(one) for one in entries], dtype="int64")[keys.codes]
    rows = np.repeat(np.arange(len(table)), size)
    entry = np.array([place for code in keys.codes for place in entries[code]], dtype="int64")
    joined = table.take(rows)
    fits = np.ones(len(rows), dtype=bool)
    for column in ("sex", "residence"):
        wanted, given = mapping[column].to_numpy(object)[entry], joined[column]
        # a word that could not be understood stays in the result, where its problem rejects the row
        unknown = joined.words(column).isin(None)
        fits &= (wanted == "") | (wanted == np.where(given == "", "all", given)) | unknown
    joined = joined.with_(
        key=joined.words("indicator"),
        **{name: Words.merged(entry, mapping[name]) for name in ("indicator", "definition_match")},
    ).take(fits)
    fed = np.stack([joined["line"], joined.words("indicator").codes], axis=1)
    first = np.unique(fed, axis=0, return_index=True)[1]
    return joined.take(np.sort(first))


def complete_strata(table: Table, plan: Plan) -> Table:
    """Return the rows with the attributes of their indicator, empty strata filled in.

    Where a statistic speaks of women only, or of the share of women, "all" and "female" name the
    same figure; it is kept under the stratum of the plan.
    """
    named = table.words("indicator")
    known = {i.id: i for i in plan.indicators}
    found = [known.get(word) for word in named.words]
    about = [_attributes(one) if one else {} for one in found]
    columns: dict[str, np.ndarray | Words] = {}
    for name in _TEXTS:
        columns[name] = Words.merged(named.codes, [one.get(name) for one in about])
    for name in _NUMBERS:
        columns[name] = np.array([one.get(name, np.nan) for one in about], float)[named.codes]
    for name in _STRATA:
        own = Words.merged(named.codes, [one.stratum[name] if one else None for one in found])
        given = table.words(name)
        columns[f"own_{name}"], columns[name] = own, given.where(~given.isin(""), own)
    only = [one is not None and one.sex_scope in ("female_only", "share_female") for one in found]
    joined = table.with_(**columns)
    sex = joined.words("sex")
    women = np.array(only, dtype=bool)[named.codes] & sex.isin("all", "female")
    return joined.with_(sex=sex.where(~women, joined.words("own_sex")))
