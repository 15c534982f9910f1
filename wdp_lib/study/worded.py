"""Any table of a study as people read it: columns and codes in words, few digits."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.comparison.tables import DIMENSIONS, GROUP_GAPS
from wdp_lib.core.columns import Contract, fields
from wdp_lib.core.words import code_name, vocabulary
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.methods import methods_of
from wdp_lib.publish.views.show import Table

TOPICS = {
    **{name: name for name in ("sex", "residence", "status", "state", "reason", "model", "case")},
    **{name: name for name in ("clears_when", "dimension", "side", "level")},
    **{"risk": "risk_short", "rule": "warning_rule", "meets_target": "yes_no"},
}
PLACES = Contract("places", "area level")
NAMED = {"indicator": "name", "area": "area_name"}  # what is left out where its name stands
DIGITS = 4


def in_words(rows: pd.DataFrame, context: Context, caption: str = "") -> Table:
    """Return a table in words; what is the same in every row, or empty, is left out.

    Of an identifier its name is shown, of a stratum the groups it tells apart.
    """
    if rows.empty:
        caption = caption or context.pick("没有可以显示的行", "no rows to show")
    rows = rows.reset_index(drop=rows.index.name is None)
    if isinstance(rows.columns, pd.MultiIndex):
        rows = rows.set_axis([" · ".join(filter(None, map(str, c))) for c in rows], axis=1)
    labels = {name: meaning(name, tuple(rows.columns), context) for name in rows}
    for name, named in NAMED.items():
        if name in rows:
            of = context.name if name == "indicator" else context.area
            names = [of(one) for one in rows[name]]
            rows = rows.drop(columns=named, errors="ignore").assign(**{name: names})
            labels[name] = context.text(fields()[named].meaning)
    told = [name for name in (*DIMENSIONS, "indicator") if name in rows]
    same = [name for name in told if rows[name].nunique() == 1]
    bare = [name for name in rows if rows[name].replace("", np.nan).isna().all()]
    rows = rows.drop(columns=[*same, *bare, "simulated"], errors="ignore")
    shown = pd.DataFrame({name: _texts(rows[name], name, context) for name in rows})
    frame, shown = (table.rename(columns=labels) for table in (rows, shown))
    return Table(frame, caption, shown=shown, about={"methods": list(methods_of("observations"))})


def meaning(name: str, beside: tuple[str, ...], context: Context) -> str:
    """Return what a column is called: as in the contract that has all columns, else in any."""
    described = [f"{c.name}.{name}" for c in _contracts() if set(beside) <= set(c.names)]
    found = [fields()[one] for one in (*described, name) if one in fields()]
    return context.text(found[0].meaning) if found else name


def _contracts() -> tuple[Contract, ...]:
    from wdp_lib.study.explore import COMPARED, SERIES, TESTED

    return SERIES, COMPARED, TESTED, GROUP_GAPS, PLACES


def _texts(column: pd.Series, name: str, context: Context) -> list[str]:
    if name in ("first", "second"):  # a group of a gap
        known = {one: topic for topic, one in vocabulary() if topic in DIMENSIONS}
        return [context.text(code_name(known.get(one, ""), one)) for one in column]
    if name in TOPICS:
        return [context.text(code_name(TOPICS[name], one)) if one else "" for one in column]
    return [_text(one, name) for one in column]


def _text(one: object, name: str) -> str:
    if pd.isna(one):
        return ""
    unit = fields()[name].unit if name in fields() else ""
    if isinstance(one, float):
        return f"{one:.0f}" if unit == "year" else f"{one:.{DIGITS}g}"
    return str(one)
