"""Across a break in definition a series is restated where the old and the new figure are linked, else cut."""

import numpy as np
from kit import observations

from wdp_lib.data import on_latest_definition

SERIES = """
    indicator | year | value | numerator | denominator | series_break | link_factor
    a         | 2018 | 10    | 1         | 10          |              |
    a         | 2019 | 20    | 2         | 10          | {first}      | {factor}
    a         | 2020 | 30    | 3         | 10          |              |
    a         | 2021 | 40    | 4         | 10          | {second}     | {factor2}
    b         | 2020 | 7     |           |             |              |
"""


def restated(first="", factor="", second="", factor2=""):
    rows = observations(SERIES.format(first=first, factor=factor, second=second, factor2=factor2))
    return on_latest_definition(rows)


def values(rows, name="a"):
    return dict(
        zip(
            rows.loc[rows["indicator"] == name, "year"],
            rows.loc[rows["indicator"] == name, "value"],
            strict=True,
        )
    )


def test_without_a_break_nothing_changes():
    assert values(restated()) == {2018: 10, 2019: 20, 2020: 30, 2021: 40}


def test_rows_before_a_break_without_a_link_are_left_out():
    assert values(restated(first="新口径")) == {2019: 20, 2020: 30, 2021: 40}


def test_rows_before_a_linked_break_are_multiplied_and_lose_their_counts():
    rows = restated(first="新口径", factor="1.5")
    assert values(rows) == {2018: 15, 2019: 20, 2020: 30, 2021: 40}
    assert np.isnan(rows.loc[rows["year"] == 2018, "numerator"].iloc[0])
    assert rows.loc[rows["year"] == 2019, "numerator"].iloc[0] == 2


def test_two_links_multiply_and_an_unlinked_break_cuts_what_lies_before_it():
    assert values(restated("一", "2", "二", "3")) == {2018: 60, 2019: 60, 2020: 90, 2021: 40}
    assert values(restated("一", "2", "二")) == {2021: 40}
    assert values(restated("一", "", "二", "3")) == {2019: 60, 2020: 90, 2021: 40}


def test_another_series_is_not_touched():
    assert values(restated("一", "2", "二", "3"), "b") == {2020: 7}
