"""A small plan with two towns, and what a sheet of given cells is understood to say."""

import pandas as pd

from tests.data_kit import PLAN
from wdp_lib.data.tables import Grid, Meanings, lay_out

AREAS = pd.DataFrame(
    [("county", "某县", "A county"), ("east", "东镇", "East"), ("west", "西镇", "West")],
    columns=["area", "name_zh", "name_en"],
)
MEANINGS = Meanings(PLAN, AREAS)


def laid(rows, sheet="", meanings=MEANINGS, merged=()):
    width = max(map(len, rows))
    cells = [
        [str(c) if c is not None else "" for c in row] + [""] * (width - len(row)) for row in rows
    ]
    return lay_out(Grid("t.csv", sheet, cells, set(merged)), meanings, PLAN.area)


def figures(one, *columns):
    columns = columns or ("indicator", "area", "year", "value")
    return sorted(one.table[list(columns)].itertuples(index=False, name=None))
