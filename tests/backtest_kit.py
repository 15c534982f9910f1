"""Series for the tests of back-tests."""

import numpy as np
import pandas as pd
from conftest import drawn

FAST = ("drift", "no_change")


def series(text):
    """One series a line: its name, its group, then its values from 2001 on (``-`` for a missing
    year).
    """
    rows = []
    for line in drawn("name | group | values\n" + text):
        for place, cell in enumerate(line["values"].split()):
            value = np.nan if cell == "-" else float(cell)
            rows.append((line["name"], line["group"], 2001 + place, value))
    return pd.DataFrame(rows, columns=["series_id", "group", "year", "value"])


def walks(count, years=14, groups=None, seed=1):
    """Random walks, each of its own group unless told."""
    steps = np.random.default_rng(seed).normal(size=(count, years)).cumsum(axis=1).round(3) + 50
    named = [f"g{k % (groups or count):03d}" for k in range(count)]
    table = pd.DataFrame(steps, columns=range(2001, 2001 + years)).assign(
        series_id=[f"s{k:03d}" for k in range(count)], group=named
    )
    return table.melt(["series_id", "group"], var_name="year", value_name="value").astype(
        {"year": int}
    )


def whole(table, **where):
    rows = table[table["horizon"] == 0]
    for name, value in where.items():
        rows = rows[rows[name] == value]
    return rows.iloc[0]
