"""What a store remembers: its submissions, and everything that was ever said of a figure."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from wdp_lib.core.names import find_area
from wdp_lib.data.read.stored import COUNTS, is_there, last_submission, reading, schema
from wdp_lib.store.keep import Store

SUBMISSIONS = ("number", "received", "unit", "document", *COUNTS, "head")
STATEMENTS = (
    *("indicator", "area", "year", "sex", "age_group", "residence", "value", "numerator"),
    *("denominator", "known", "submission", "received", "unit", "document", "sheet", "cell"),
    *("state", "replaced_by"),
)


def submissions(store: Store) -> pd.DataFrame:
    """Return the submissions in their order: who, when, document, counts, fingerprint."""
    from sqlalchemy import select

    sent = schema().submission
    chosen = select(*(sent.c[name] for name in SUBMISSIONS)).order_by(sent.c.number)
    return _table(store, chosen, SUBMISSIONS)


def statements(store: Store, indicator: str, area: str = "") -> pd.DataFrame:
    """Return all that was ever said of an indicator in an area, by year and day.

    ``indicator, area``: by identifier or name; the plan's area by default. Returns a row a
    statement: keys as understood, ``value, numerator, denominator`` as written, the day from which
    it was ``known``, submission, unit, document, sheet, cell, state, and the later submission of
    the same day that replaced it. Rows that could not be read have no indicator and are not among
    them: receipts hold those.
    """
    indicator = store.rules.plan.indicator(indicator).id
    area = find_area(area, store.rules.tables.areas) if area else store.rules.plan.area
    return _table(store, _statements(), STATEMENTS, {"named": indicator, "place": area})


@cache
def _statements() -> Any:
    from sqlalchemy import and_, bindparam, select

    t = schema()
    rows, sent, gone = t.observation, t.submission, t.replaced
    known = {name: rows.c[f"of_{name}"] for name in STATEMENTS[:6]} | {"known": rows.c.of_day}
    of = {"submission": sent.c.number, "replaced_by": gone.c.by}
    of |= {name: sent.c[name] for name in ("received", "unit", "document")}
    columns = [(known | of).get(name, rows.c.get(name)) for name in STATEMENTS]
    replaced = and_(gone.c.submission == rows.c.submission, gone.c.row == rows.c.row)
    return (
        select(*columns)
        .join_from(rows, sent, rows.c.submission == sent.c.number)
        .outerjoin(gone, replaced)
        .where(rows.c.of_area == bindparam("place"), rows.c.of_indicator == bindparam("named"))
        .order_by(rows.c.of_year, rows.c.of_day, sent.c.number, rows.c.row)
    )


def _table(
    store: Store, chosen: Any, columns: tuple[str, ...], given: dict[str, str] | None = None
) -> pd.DataFrame:
    found: list[Any] = []
    if is_there(store.address):
        with reading(store.address) as connection:
            if last_submission(connection)[0]:
                found = connection.execute(chosen, given or {}).all()
    cells = np.empty((len(found), len(columns)), dtype=object)
    for place, row in enumerate(found):
        cells[place] = row
    return pd.DataFrame(cells, columns=list(columns), dtype=object)
