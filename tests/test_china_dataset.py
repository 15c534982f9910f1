"""The published figures of China: nothing lost, everything sourced, every conflict decided once."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from ruamel.yaml import YAML

HOME = Path(__file__).resolve().parents[1]
FOLDER = HOME / "data" / "observations" / "china"
CELL = ["indicator", "area", "sex", "residence", "year"]
CHOICE = ["key", "area", "sex", "residence", "year"]
UNITS = {
    "percent",
    "percentage_points",
    "per_100k_live_births",
    "per_1000_live_births",
    "years",
    "ratio",
    "count",
    "10k_persons",
}


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / name, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def metadata() -> dict:
    return YAML(typ="safe").load((FOLDER / "dataset.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def rows(metadata) -> pd.DataFrame:
    frame = pd.concat(
        [read(name).assign(file=name) for name in metadata["files"]], ignore_index=True
    )
    return frame.assign(number=frame["value"].astype(float))


@pytest.fixture(scope="module")
def choices() -> pd.DataFrame:
    return read("choices.csv")


@pytest.fixture(scope="module")
def key_map() -> pd.DataFrame:
    return read("indicator_map.csv")


@pytest.fixture(scope="module")
def plan_indicators() -> pd.DataFrame:
    files = sorted((HOME / "data" / "plans").glob("*/indicators.csv"))
    plans = [
        pd.read_csv(f, dtype=str, keep_default_na=False).assign(plan=f.parent.name) for f in files
    ]
    return pd.concat(plans, ignore_index=True)


def used_values(rows: pd.DataFrame, choices: pd.DataFrame) -> pd.Series:
    """Value of each cell: the chosen one where there is a choice, else the only one."""
    chosen = choices.rename(columns={"key": "indicator"}).set_index(CELL)["use_value"].astype(float)
    only = rows.groupby(CELL)["number"].first()
    return chosen.reindex(only.index).fillna(only)


def test_all_1083_published_rows_came_over(rows, metadata):
    by_origin = {"reported": 750, "derived": 148, "inferred": 70, "modelled": 115}
    assert len(rows) == metadata["rows"] == 1083
    assert rows["origin"].value_counts().to_dict() == by_origin


def test_two_keys_were_split_and_no_cell_was_lost(rows):
    assert rows["indicator"].nunique() == 116 + 2
    assert len(rows.drop_duplicates(CELL)) == 794
    split = rows[rows["indicator"] == "rural_tap_water_improvement"]
    assert sorted(split["year"]) == ["2000", "2013"]


def test_every_row_has_a_source_and_a_row_without_address_says_so(rows):
    assert (rows["source"] != "").all()
    bare = rows[rows["source_address"] == ""]
    assert len(bare) == 26
    assert bare["note"].str.contains("来源未给出网址").all()
    assert (bare["confidence"] == "low").all()
    assert rows.loc[rows["source_address"] != "", "source_address"].str.match(r"https?://").all()


def test_no_source_speaks_twice_of_the_same_cell_with_the_same_title(rows):
    twice = rows[rows.duplicated([*CELL, "source", "source_address"], keep=False)]
    assert twice.empty, twice[[*CELL, "source"]]


def test_units_are_words_of_the_project_and_one_for_each_key(rows):
    keys = read("keys.csv")
    assert set(rows["unit"]) == UNITS
    assert (
        dict(zip(keys["key"], keys["unit"], strict=True))
        == rows.groupby("indicator")["unit"].first().to_dict()
    )
    assert (rows.groupby("indicator")["unit"].nunique() == 1).all()


def test_shares_lie_between_0_and_100_except_gross_rates(rows):
    percents = rows[rows["unit"] == "percent"]
    assert percents["number"].between(0, 100).all()


def test_a_value_agrees_with_its_counts(rows):
    counted = rows[rows["numerator"] != ""]
    share = 100 * counted["numerator"].astype(float) / counted["denominator"].astype(float)
    assert len(counted) == 4
    assert (share - counted["number"]).abs().max() < 0.05


def test_hundreds_of_millions_of_persons_became_ten_thousands(rows):
    insured = rows[(rows["indicator"] == "f_num_basic_medical") & (rows["year"] == "2024")].iloc[0]
    assert (insured["value"], insured["unit"]) == ("65100", "10k_persons")
    assert "6.51亿" in insured["note"]


def test_every_area_is_listed_and_has_its_parent(rows):
    areas = read("areas.csv").set_index("area")
    assert set(rows["area"]) <= set(areas.index)
    assert set(areas["parent"]) - {""} <= set(areas.index)
    assert areas.index[areas["parent"] == ""].tolist() == ["china"]


def test_a_stated_date_is_at_most_the_end_of_the_next_year(rows):
    last_day = (rows["year"].astype(int) + 1).astype(str) + "-12-31"
    revised = rows["note"] == "2022年公布的修订数"
    assert revised.sum() == 1
    assert (rows["as_of"] <= last_day)[~revised].all()
    assert (rows["as_of"].str[:4] >= rows["year"]).all()
    assert (rows["as_of"] == last_day)[rows["as_of_basis"] == "assumed"].all()
    assert rows["as_of_basis"].value_counts().to_dict() == {"assumed": 904, "stated": 179}


def test_every_cell_with_two_values_has_exactly_one_choice_and_no_other_cell_has(rows, choices):
    several = rows.groupby(CELL)["number"].nunique()
    conflicts = {tuple(map(str, cell)) for cell in several.index[several > 1]}
    chosen = [tuple(cell) for cell in choices[CHOICE].to_numpy()]
    assert len(chosen) == len(set(chosen)) == 45
    assert set(chosen) == conflicts


def test_the_chosen_value_was_published_and_the_reason_is_given_in_both_languages(rows, choices):
    published = set(zip(*(rows[column] for column in [*CELL, "value"]), strict=True))
    missing = [
        cell
        for cell in choices[[*CHOICE, "use_value"]].itertuples(index=False)
        if tuple(cell) not in published
    ]
    assert missing == []
    assert (choices["reason_zh"].str.len() > 5).all()
    assert (choices["reason_en"].str.len() > 5).all()


@pytest.mark.parametrize(
    ("key", "sex", "residence", "year", "value"),
    [
        ("maternal_mortality", "female", "all", "2010", 30.0),
        ("maternal_mortality", "female", "all", "2017", 19.6),
        ("maternal_mortality", "female", "all", "2020", 16.9),
        ("maternal_mortality", "female", "all", "2024", 14.3),
        ("maternal_mortality", "female", "rural", "2020", 18.5),
        ("maternal_mortality", "female", "urban", "2020", 14.1),
        ("life_expectancy", "female", "all", "2020", 80.88),
        ("f_share_villcom_members", "all", "all", "2020", 24.2),
        ("f_share_cpc_members", "all", "all", "2021", 29.4),
        ("f_share_grad_students", "all", "all", "2017", 48.42),
        ("f_num_urban_unit_emp", "female", "all", "2020", 6779.4),
        ("compulsory_retention", "all", "all", "2020", 95.2),
        ("premarital_exam_rate", "all", "all", "2024", 77.1),
        ("hiv_mtct_rate", "all", "all", "2024", 1.2),
        ("maternity_ins_num", "all", "all", "2021", 23752),
        ("rural_tap_water", "all", "rural", "2025", 96),
    ],
)
def test_a_known_published_value_is_the_one_used(rows, choices, key, sex, residence, year, value):
    assert used_values(rows, choices)[(key, "china", sex, residence, year)] == value


def test_the_gap_between_village_and_town_can_be_computed_and_grew_from_2010_to_2020(rows, choices):
    used = used_values(rows, choices)
    gap = {
        year: used[("maternal_mortality", "china", "female", "rural", year)]
        - used[("maternal_mortality", "china", "female", "urban", year)]
        for year in ("2010", "2020")
    }
    assert gap == pytest.approx({"2010": 0.4, "2020": 4.4})


def test_every_mapped_key_has_rows_and_every_indicator_is_in_a_plan(rows, key_map, plan_indicators):
    assert set(key_map["key"]) <= set(rows["indicator"])
    assert set(key_map["indicator"]) <= set(plan_indicators["indicator"])
    assert set(key_map["definition_match"]) == {"same", "partial", "different"}
    assert not key_map.duplicated(["key", "sex", "residence", "indicator"]).any()


def test_a_match_that_is_not_the_same_says_why_in_both_languages(key_map):
    differing = key_map[key_map["definition_match"] != "same"]
    assert (differing["remark_zh"] != "").all()
    assert (differing["remark_en"] != "").all()


def test_model_estimates_never_stand_for_a_domestic_series(rows, key_map):
    modelled = set(rows.loc[rows["origin"] == "modelled", "indicator"])
    assert "same" not in set(key_map.loc[key_map["key"].isin(modelled), "definition_match"])


def test_a_mapped_stratum_was_published(rows, key_map):
    for row in key_map.itertuples():
        found = rows[rows["indicator"] == row.key]
        found = found[(row.sex == "") | (found["sex"] == row.sex)]
        assert not found[(row.residence == "") | (found["residence"] == row.residence)].empty, row


def test_a_mapped_unit_is_that_of_the_plan_or_a_multiple(rows, key_map, plan_indicators):
    units = rows.groupby("indicator")["unit"].first()
    for row in key_map[key_map["definition_match"] != "different"].itertuples():
        wanted = set(plan_indicators.loc[plan_indicators["indicator"] == row.indicator, "unit"])
        # 10 000 persons where a plan counts single ones
        allowed = (
            {"10k_persons", "count", "persons"}
            if units[row.key] == "10k_persons"
            else {units[row.key]}
        )
        assert wanted <= allowed, row


def test_a_published_stratum_reaches_the_stratum_the_promise_speaks_of(
    rows, key_map, plan_indicators
):
    for row in key_map[key_map["definition_match"] != "different"].itertuples():
        strata = rows[rows["indicator"] == row.key]
        wanted = plan_indicators[plan_indicators["indicator"] == row.indicator].iloc[0]
        assert row.sex or wanted["sex"] in set(strata["sex"]), row
        assert row.residence or wanted["residence"] in set(strata["residence"]), row


def test_no_cell_of_an_indicator_is_fed_by_two_keys(rows, key_map):
    fed = key_map[key_map["definition_match"] != "different"].merge(
        rows.drop_duplicates(CELL), left_on="key", right_on="indicator", suffixes=("_map", "")
    )
    fed = fed[((fed["sex_map"] == "") | (fed["sex_map"] == fed["sex"]))]
    fed = fed[((fed["residence_map"] == "") | (fed["residence_map"] == fed["residence"]))]
    assert not fed.duplicated(["indicator_map", "area", "residence", "year"]).any()


def test_every_break_is_described_and_lies_within_or_before_its_series(rows):
    breaks = read("breaks.csv")
    last = rows.groupby(["indicator", "area"])["year"].max()
    assert not breaks.duplicated(["indicator", "area", "year"]).any()
    assert set(breaks["kind"]) == {"scope", "definition", "revision", "regime", "naming"}
    assert (breaks[["description_zh", "description_en"]] != "").all(axis=None)
    for row in breaks.itertuples():
        assert row.year <= last[(row.indicator, row.area)], row
    assert set(breaks["link_factor"]) == {"", "1"}


def test_the_documented_breaks_are_marked():
    marked = set(read("breaks.csv")[["indicator", "year"]].itertuples(index=False, name=None))
    assert {
        ("f_share_grad_students", "2017"),
        ("f_share_employment", "2015"),
        ("premarital_exam_rate", "2003"),
        ("premarital_exam_rate", "2009"),
        ("maternity_ins_num", "2019"),
    } <= marked
    assert "maternal_system_mgmt_rate" not in {key for key, _ in marked}


def test_the_coverage_table_in_the_docs_is_that_of_the_rows(rows, key_map):
    text = (HOME / "docs" / "data-china.md").read_text(encoding="utf-8")
    table = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `")]
    printed = {
        (c[0].strip(" `"), c[1].strip(" `"), c[4].strip()): tuple(x.strip() for x in c[5:9])
        for c in table
    }
    national, expected = rows[rows["area"] == "china"], {}
    for row in key_map[key_map["definition_match"] != "different"].itertuples():
        found = national[
            (national["indicator"] == row.key) & ((row.sex == "") | (national["sex"] == row.sex))
        ]
        for residence, part in found[
            (row.residence == "") | (found["residence"] == row.residence)
        ].groupby("residence"):
            years = part["year"]
            figures = (years.nunique(), years.min(), years.max(), part["source_address"].nunique())
            expected[(row.indicator, row.key, residence)] = tuple(str(figure) for figure in figures)
    assert printed == expected


@pytest.mark.parametrize("plan", ["china-2011-2020", "china-2021-2030"])
def test_the_reader_takes_every_row_of_a_national_plan_and_uses_the_chosen_values(
    rows, choices, key_map, plan
):
    from wdp_lib.data.dataset import read_dataset
    from wdp_lib.plan import load_plan

    dataset = read_dataset("china", load_plan(plan, home=HOME), as_of="2026-12-31", home=HOME)
    assert dataset.rejected.empty
    used = dataset.observations[
        dataset.observations["used"] & dataset.observations["row"].notna()
    ]  # without derived gaps
    # file and line say which published row counted, whatever stratum the plan gave it
    published = rows.assign(row=rows.groupby("file").cumcount() + 2)
    counted = used.merge(
        published[["file", "row", *CELL, "number"]], on=["file", "row"], suffixes=("", "_published")
    )
    cells = counted[
        [
            "indicator_published",
            "area_published",
            "sex_published",
            "residence_published",
            "year_published",
        ]
    ]
    expected = used_values(rows, choices).reindex(pd.MultiIndex.from_frame(cells, names=CELL))
    assert len(counted) == len(used) > 100
    assert (counted["value"].to_numpy() == expected.to_numpy()).all()
    assert (counted["number"].to_numpy() == expected.to_numpy()).all()
